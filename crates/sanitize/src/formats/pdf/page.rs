//! The page tree: its pages in order, each with what it inherits, its content rewritten.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::copy::Copier;
use super::destination::{Places, say_events};
use super::object::{Dict, Value, packed};
use super::schema::{Kind, Rule};
use super::{annotation, lex};
use crate::words::ReasonCode;
use crate::work::Stop;

/// Pages of one document.
const PAGES: usize = 20_000;

/// Keys that a page takes from the nodes above it.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// A page with what it inherits.
#[derive(Debug)]
pub(super) struct Page {
    /// Its object in the old document.
    pub(super) id: Option<ObjectId>,
    /// Its object in the new one.
    pub(super) number: usize,
    dict: Dictionary,
}

/// All pages, in order.
pub(super) fn list(catalog: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Vec<Page>, Stop> {
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    if let Ok(root) = catalog.get(b"Pages") {
        node(&root.clone(), &Dictionary::new(), 0, &mut seen, &mut pages, copier)?;
    }
    if pages.is_empty() { Err(Stop::refused(ReasonCode::Damaged)) } else { Ok(pages) }
}

fn node(
    object: &Object,
    above: &Dictionary,
    depth: usize,
    seen: &mut HashSet<ObjectId>,
    pages: &mut Vec<Page>,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<(), Stop> {
    copier.work.budget.step(1)?;
    copier.work.budget.nesting(depth)?;
    let id = object.as_reference().ok();
    let Object::Dictionary(dict) = copier.resolve(object) else { return Ok(()) };
    let kids = copier.array(dict, b"Kids").map(<[Object]>::to_vec);
    if id.is_some_and(|id| !seen.insert(id)) && kids.is_some() {
        return Ok(());
    }
    let mut dict = dict.clone();
    for key in INHERITED {
        if let (false, Ok(value)) = (dict.has(key), above.get(key)) {
            dict.set(key, value.clone());
        }
    }
    let Some(kids) = kids else {
        if pages.len() >= PAGES {
            return Err(Stop::refused(ReasonCode::LimitMembers));
        }
        pages.push(Page { id, number: copier.objects.reserve(), dict });
        return Ok(());
    };
    for kid in kids {
        node(&kid, &dict, depth + 1, seen, pages, copier)?;
    }
    Ok(())
}

/// Writes a page.
pub(super) fn copy(
    page: &Page,
    index: usize,
    parent: usize,
    places: &Places,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<(), Stop> {
    let at = format!("page {}", index + 1);
    let dict = &page.dict;
    say_events(dict, &at, copier);
    let mut out = Dict::default();
    out.set("Type", Value::name("Page"));
    out.set("Parent", Value::Ref(parent));
    let boxes = ["MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox", "Rotate", "UserUnit", "Tabs"];
    copier.copy_keys(dict, &boxes.map(|key| (key, Rule::Plain)), &mut out)?;
    if !matches!(out.get("MediaBox"), Some(Value::Array(items)) if items.len() == 4) {
        out.set("MediaBox", Value::Array(["0", "0", "612", "792"].map(|n| Value::Number(n.to_owned())).to_vec()));
    }
    copier.copy_keys(dict, &[("Group", Rule::Of(Kind::Group))], &mut out)?;
    let data = contents(dict, copier)?;
    let resources = copier.dict(dict, b"Resources").cloned();
    let source = dict.get(b"Resources").ok().cloned();
    let mut content = copier.with_resources(&data, resources, source, &mut out)?;
    let annotations = annotation::read(dict, &at, places, copier)?;
    if !annotations.drawn.is_empty() {
        content = draw(content, annotations.drawn, &mut out, copier);
    }
    let content = copier.objects.add(packed(Dict::default(), &content));
    out.set("Contents", content);
    if !annotations.kept.is_empty() {
        out.set("Annots", Value::Array(annotations.kept));
    }
    copier.objects.put(page.number, super::object::Object::Value(Value::Dict(out)));
    Ok(())
}

/// The content streams of a page, one after the other.
fn contents(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Vec<u8>, Stop> {
    let streams = match copier.get(dict, b"Contents") {
        Some(Object::Array(items)) => items.iter().map(|item| copier.resolve(item).clone()).collect(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let mut data = Vec::new();
    for object in streams {
        let Object::Stream(stream) = object else { continue };
        let Some(part) = copier.decode(&stream)? else { return Err(Stop::refused(ReasonCode::Damaged)) };
        data.extend(part);
        data.push(b'\n');
    }
    Ok(data)
}

/// Adds what annotations looked like to the content of a page.
fn draw(content: Vec<u8>, drawn: Vec<(Value, [f64; 6])>, out: &mut Dict, copier: &Copier<'_, '_, '_>) -> Vec<u8> {
    let mut content = [b"q\n".to_vec(), content, b"Q\n".to_vec()].concat();
    let mut forms = Vec::new();
    for (at, (form, matrix)) in drawn.into_iter().enumerate() {
        let numbers = matrix.map(|n| lex::number(format!("{n:.5}").as_bytes()).unwrap_or_else(|| "0".to_owned()));
        content.extend(format!("q\n{} cm\n/SekimoriField{at} Do\nQ\n", numbers.join(" ")).into_bytes());
        forms.push((format!("SekimoriField{at}").into_bytes(), form));
    }
    let resources = copier.add_pictures(out.get("Resources").cloned(), forms);
    out.set("Resources", resources);
    content
}
