//! The catalogue: pages, bookmarks, page labels, layers, viewer preferences, title. What else it holds is said.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::copy::Copier;
use super::destination::{Aim, Places, say, say_events};
use super::form::Form;
use super::object::{Dict, Object as Made, Value};
use super::schema::{Kind, Rule};
use super::{page, structure};
use crate::policy::Grade;
use crate::words::{ReasonCode, What};
use crate::work::Stop;

/// Bookmarks of one document.
const BOOKMARKS: usize = 20_000;

/// Copies everything that the catalogue reaches; gives the new trailer.
pub(super) fn copy(copier: &mut Copier<'_, '_, '_>) -> Result<Dict, Stop> {
    let trailer = copier.source.trailer.clone();
    let Some(catalog) = copier.dict(&trailer, b"Root").cloned() else {
        return Err(Stop::refused(ReasonCode::Damaged));
    };
    say_active(&catalog, copier);
    let pages = page::list(&catalog, copier)?;
    let mut places = Places::default();
    places.pages = pages.iter().filter_map(|page| Some((page.id?, page.number))).collect();
    places.read(&catalog, copier)?;
    copier.form = Form::read(&catalog, copier);
    let tree = copier.objects.reserve();
    for (index, page) in pages.iter().enumerate() {
        page::copy(page, index, tree, &places, copier)?;
    }
    let mut node = Dict::default();
    node.set("Type", Value::name("Pages"));
    node.set("Kids", Value::Array(pages.iter().map(|page| Value::Ref(page.number)).collect()));
    node.set("Count", Value::int(pages.len()));
    copier.objects.put(tree, Made::Value(Value::Dict(node)));
    let mut out = Dict::default();
    out.set("Type", Value::name("Catalog"));
    out.set("Pages", Value::Ref(tree));
    view(&catalog, &mut out, copier)?;
    if let Some(outlines) = bookmarks(&catalog, &places, copier)? {
        out.set("Outlines", outlines);
    }
    if let Some(labels) = labels(&catalog, copier)? {
        out.set("PageLabels", labels);
    }
    layers(&catalog, &mut out, copier)?;
    structure::copy(&catalog, &pages, &mut out, copier)?;
    std::mem::take(&mut copier.japanese).write(&mut copier.objects, &mut copier.work.budget)?;
    let mut new = Dict::default();
    let root = copier.objects.add(Made::Value(Value::Dict(out)));
    new.set("Root", root);
    if let Some(info) = copier.dict(&trailer, b"Info").cloned() {
        let title = copier.keys(&info, &[("Title", Rule::Plain)])?;
        if info.len() > title.0.len() {
            copier.draft.findings.noted(What::Metadata, "Info");
        }
        if matches!(title.get("Title"), Some(Value::Text(text)) if !text.is_empty()) {
            let info = copier.objects.add(Made::Value(Value::Dict(title)));
            new.set("Info", info);
        }
    }
    Ok(new)
}

/// Says what the catalogue would start, hold or carry.
fn say_active(catalog: &Dictionary, copier: &mut Copier<'_, '_, '_>) {
    say_events(catalog, "catalog", copier);
    match copier.get(catalog, b"OpenAction").cloned() {
        Some(Object::Dictionary(action)) if copier.name(&action, b"S") == Some(b"GoTo") && !action.has(b"Next") => {
            copier.draft.findings.noted(What::Action, "OpenAction");
        }
        Some(Object::Dictionary(action)) => say(&action, "OpenAction", copier),
        Some(_) => copier.draft.findings.noted(What::Action, "OpenAction"),
        None => {}
    }
    if let Some(names) = copier.dict(catalog, b"Names").cloned() {
        if names.has(b"JavaScript") {
            copier.draft.findings.removed(What::JavaScript, "Names");
        }
        if names.has(b"EmbeddedFiles") {
            copier.draft.findings.lost(What::EmbeddedFile, "Names");
        }
    }
    if catalog.has(b"AF") || catalog.has(b"Collection") {
        copier.draft.findings.lost(What::EmbeddedFile, "catalog");
    }
    if copier.dict(catalog, b"AcroForm").is_some_and(|form| form.has(b"XFA")) {
        copier.draft.findings.removed(What::Xfa, "AcroForm");
    }
    if catalog.has(b"Metadata") {
        copier.draft.findings.noted(What::Metadata, "XMP");
    }
}

/// How the document is shown: layout, language, reading direction.
fn view(catalog: &Dictionary, out: &mut Dict, copier: &mut Copier<'_, '_, '_>) -> Result<(), Stop> {
    copier.copy_keys(catalog, &[("Lang", Rule::Plain), ("PageLayout", Rule::Plain)], out)?;
    if let Some(mode @ (b"UseNone" | b"UseOutlines" | b"UseThumbs" | b"UseOC")) = copier.name(catalog, b"PageMode") {
        out.set("PageMode", Value::Name(mode.to_vec()));
    }
    if let Some(preferences) = copier.dict(catalog, b"ViewerPreferences").cloned() {
        let keys = ["DisplayDocTitle", "FitWindow", "CenterWindow", "Direction", "PrintScaling", "Duplex"];
        let preferences = copier.keys(&preferences, &keys.map(|key| (key, Rule::Plain)))?;
        out.set("ViewerPreferences", Value::Dict(preferences));
    }
    Ok(())
}

/// A bookmark with those under it.
struct Bookmark {
    dict: Dict,
    open: bool,
    under: Vec<Bookmark>,
}

fn bookmarks(catalog: &Dictionary, places: &Places, copier: &mut Copier<'_, '_, '_>) -> Result<Option<Value>, Stop> {
    let Some(root) = copier.dict(catalog, b"Outlines").cloned() else { return Ok(None) };
    let mut seen = HashSet::new();
    let items = level(&root, places, 0, &mut seen, copier)?;
    if items.is_empty() {
        return Ok(None);
    }
    let number = copier.objects.reserve();
    let mut dict = Dict::default();
    dict.set("Type", Value::name("Outlines"));
    let shown = write_level(&items, number, &mut dict, copier);
    dict.set("Count", Value::int(shown));
    copier.objects.put(number, Made::Value(Value::Dict(dict)));
    Ok(Some(Value::Ref(number)))
}

fn level(
    parent: &Dictionary,
    places: &Places,
    depth: usize,
    seen: &mut HashSet<ObjectId>,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Vec<Bookmark>, Stop> {
    copier.work.budget.nesting(depth)?;
    let mut items = Vec::new();
    let mut next = parent.get(b"First").ok().cloned();
    while let Some(Object::Reference(id)) = next {
        if !seen.insert(id) || seen.len() > BOOKMARKS {
            break;
        }
        let reference = Object::Reference(id);
        let Object::Dictionary(item) = copier.resolve(&reference) else { break };
        let item = item.clone();
        copier.work.budget.step(1)?;
        let mut dict = copier.keys(&item, &[("Title", Rule::Plain), ("C", Rule::Plain), ("F", Rule::Plain)])?;
        match places.aim(&item, "outline", copier)? {
            Aim::Place(place) => dict.set("Dest", place),
            Aim::Action(action) if copier.work.policy.pdf.grade == Grade::Editable => {
                dict.set("A", Value::Dict(action));
            }
            Aim::Action(_) | Aim::Nothing => {}
        }
        let under = level(&item, places, depth + 1, seen, copier)?;
        if dict.get("Title").is_some() {
            items.push(Bookmark { dict, open: copier.int(&item, b"Count").is_some_and(|n| n > 0), under });
        }
        next = item.get(b"Next").ok().cloned();
    }
    Ok(items)
}

/// Writes the bookmarks of one level; gives how many are shown.
fn write_level(items: &[Bookmark], parent: usize, above: &mut Dict, copier: &mut Copier<'_, '_, '_>) -> usize {
    let numbers: Vec<usize> = items.iter().map(|_| copier.objects.reserve()).collect();
    if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
        above.set("First", Value::Ref(*first));
        above.set("Last", Value::Ref(*last));
    }
    let mut shown = items.len();
    for (at, (item, number)) in items.iter().zip(&numbers).enumerate() {
        let mut dict = item.dict.clone();
        dict.set("Parent", Value::Ref(parent));
        if let Some(before) = at.checked_sub(1).and_then(|at| numbers.get(at)) {
            dict.set("Prev", Value::Ref(*before));
        }
        if let Some(after) = numbers.get(at + 1) {
            dict.set("Next", Value::Ref(*after));
        }
        if !item.under.is_empty() {
            let under = write_level(&item.under, *number, &mut dict, copier);
            let sign = if item.open { "" } else { "-" };
            dict.set("Count", Value::Number(format!("{sign}{under}")));
            if item.open {
                shown += under;
            }
        }
        copier.objects.put(*number, Made::Value(Value::Dict(dict)));
    }
    shown
}

/// Page labels, as one flat number tree.
fn labels(catalog: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Option<Value>, Stop> {
    let Some(root) = copier.dict(catalog, b"PageLabels").cloned() else { return Ok(None) };
    let mut nodes = vec![root];
    let mut numbers = Vec::new();
    while let Some(node) = nodes.pop() {
        copier.work.budget.step(1)?;
        for kid in copier.array(&node, b"Kids").unwrap_or_default().to_vec().iter().rev() {
            if let (Object::Dictionary(dict), true) = (copier.resolve(kid), nodes.len() < 1_000) {
                nodes.push(dict.clone());
            }
        }
        for pair in copier.array(&node, b"Nums").unwrap_or_default().to_vec().as_chunks::<2>().0 {
            let Object::Dictionary(label) = copier.resolve(&pair[1]) else { continue };
            let label = label.clone();
            let keys = [("S", Rule::Plain), ("P", Rule::Plain), ("St", Rule::Plain)];
            let (number, label) = (copier.plain(&pair[0])?, copier.keys(&label, &keys)?);
            if let Some(number @ Value::Number(_)) = number {
                numbers.extend([number, Value::Dict(label)]);
            }
        }
    }
    let mut dict = Dict::default();
    dict.set("Nums", Value::Array(numbers));
    Ok(Some(Value::Dict(dict)))
}

/// Layers, and which of them are shown.
fn layers(catalog: &Dictionary, out: &mut Dict, copier: &mut Copier<'_, '_, '_>) -> Result<(), Stop> {
    let Some(properties) = copier.dict(catalog, b"OCProperties").cloned() else { return Ok(()) };
    let mut new = copier.keys(&properties, &[("OCGs", Rule::List(Kind::Properties))])?;
    if let Some(shown) = copier.dict(&properties, b"D").cloned() {
        let groups = Rule::List(Kind::Properties);
        let keys = [("Name", Rule::Plain), ("BaseState", Rule::Plain), ("ON", groups), ("OFF", groups)];
        let mut dict = copier.keys(&shown, &keys)?;
        if let Some(order) = copier.array(&shown, b"Order").map(<[Object]>::to_vec) {
            let order = order_of(&order, 0, copier)?;
            dict.set("Order", Value::Array(order));
        }
        new.set("D", Value::Dict(dict));
    }
    out.set("OCProperties", Value::Dict(new));
    Ok(())
}

fn order_of(items: &[Object], depth: usize, copier: &mut Copier<'_, '_, '_>) -> Result<Vec<Value>, Stop> {
    copier.work.budget.nesting(depth)?;
    let mut out = Vec::new();
    for item in items {
        match copier.resolve(item) {
            Object::Array(inner) => {
                let inner = inner.clone();
                out.push(Value::Array(order_of(&inner, depth + 1, copier)?));
            }
            Object::String(text, _) => out.push(Value::Text(text.clone())),
            _ => out.extend(copier.kind(item, Kind::Properties)?),
        }
    }
    Ok(out)
}
