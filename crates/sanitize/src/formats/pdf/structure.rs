//! The structure of a tagged document: which text is a heading, a paragraph, a cell, in which order it is read, and what a
//! picture shows. It is read from the top and written anew with standard types only; people who listen need it.

use std::collections::{BTreeMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};

use super::copy::Copier;
use super::object::{Dict, Object as Made, Value};
use super::page::Page;
use super::schema::Rule;
use crate::words::What;
use crate::work::Stop;

/// Elements of one document.
const ELEMENTS: usize = 200_000;
/// Elements in elements.
const DEPTH: usize = 100;
/// Marked pieces of content of one page.
const PIECES: usize = 100_000;

/// The standard structure types (ISO 32000-1, 14.8.4).
const TYPES: &str = "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI \
Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT \
WP Figure Formula Form";

/// What is read of one element and written when all under it are known.
struct Reader<'r> {
    roles: Dictionary,
    pages: BTreeMap<ObjectId, (usize, usize)>,
    seen: HashSet<ObjectId>,
    /// For each page by its place: piece and element.
    parents: BTreeMap<usize, BTreeMap<usize, usize>>,
    elements: usize,
    /// Something had no place in what is written.
    cut: bool,
    types: HashSet<&'r [u8]>,
}

/// Copies the structure into the catalogue, and gives the pages their places in it.
pub(super) fn copy(
    catalog: &Dictionary,
    pages: &[Page],
    out: &mut Dict,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<(), Stop> {
    let Some(root) = copier.dict(catalog, b"StructTreeRoot").cloned() else { return Ok(()) };
    let places = pages.iter().enumerate().filter_map(|(at, page)| Some((page.id?, (at, page.number))));
    let mut reader = Reader {
        roles: copier.dict(&root, b"RoleMap").cloned().unwrap_or_default(),
        pages: places.collect(),
        seen: HashSet::new(),
        parents: BTreeMap::new(),
        elements: 0,
        cut: false,
        types: TYPES.split_ascii_whitespace().map(str::as_bytes).collect(),
    };
    let number = copier.objects.reserve();
    let kids = reader.kids(&root, number, None, 0, copier)?;
    if reader.cut {
        copier.draft.findings.noted(What::StructureTags, "");
    }
    if kids.is_empty() {
        return Ok(());
    }
    let mut tree = Vec::new();
    for (at, pieces) in &reader.parents {
        let last = pieces.keys().next_back().copied().unwrap_or(0);
        let of = |piece| pieces.get(&piece).map_or(Value::Null, |element| Value::Ref(*element));
        let list = copier.objects.add(Made::Value(Value::Array((0..=last).map(of).collect())));
        tree.extend([Value::int(*at), list]);
        if let Some(page) = pages.get(*at) {
            copier.objects.set(page.number, "StructParents", Value::int(*at));
        }
    }
    let mut parents = Dict::default();
    parents.set("Nums", Value::Array(tree));
    let parents = copier.objects.add(Made::Value(Value::Dict(parents)));
    let mut dict = Dict::default();
    dict.set("Type", Value::name("StructTreeRoot"));
    dict.set("K", Value::Array(kids));
    dict.set("ParentTree", parents);
    dict.set("ParentTreeNextKey", Value::int(pages.len()));
    copier.objects.put(number, Made::Value(Value::Dict(dict)));
    out.set("StructTreeRoot", Value::Ref(number));
    let mut marks = Dict::default();
    marks.set("Marked", Value::Bool(true));
    out.set("MarkInfo", Value::Dict(marks));
    Ok(())
}

impl Reader<'_> {
    /// What is under an element: pieces of content, and elements.
    fn kids(
        &mut self,
        above: &Dictionary,
        parent: usize,
        page: Option<(usize, usize)>,
        depth: usize,
        copier: &mut Copier<'_, '_, '_>,
    ) -> Result<Vec<Value>, Stop> {
        let items = match copier.get(above, b"K") {
            Some(Object::Array(items)) => items.clone(),
            // The reference itself, by which it is known whether it was met before.
            Some(_) => above.get(b"K").ok().cloned().into_iter().collect(),
            None => Vec::new(),
        };
        let mut out = Vec::new();
        for item in items {
            copier.work.budget.step(1)?;
            match copier.resolve(&item).clone() {
                Object::Integer(piece) => out.extend(self.piece(piece, page, page, parent)),
                Object::Dictionary(dict) => match copier.name(&dict, b"Type") {
                    Some(b"MCR") if !dict.has(b"Stm") => {
                        let other = dict.get(b"Pg").ok().and_then(|p| p.as_reference().ok());
                        let on = other.and_then(|id| self.pages.get(&id).copied()).or(page);
                        let piece = copier.int(&dict, b"MCID").unwrap_or(-1);
                        out.extend(self.piece(piece, on, page, parent));
                    }
                    // Content of forms, and annotations: their text stays where it is drawn.
                    Some(b"MCR" | b"OBJR") => self.cut = true,
                    _ => {
                        let met = item.as_reference().is_ok_and(|id| !self.seen.insert(id));
                        self.elements += 1;
                        if met || depth >= DEPTH || self.elements > ELEMENTS {
                            self.cut = true;
                        } else {
                            out.push(self.element(&dict, parent, page, depth, copier)?);
                        }
                    }
                },
                _ => {}
            }
        }
        Ok(out)
    }

    /// A piece of content of a page: its number when it is the element's own page, else with its page.
    fn piece(
        &mut self,
        piece: i64,
        on: Option<(usize, usize)>,
        own: Option<(usize, usize)>,
        element: usize,
    ) -> Option<Value> {
        let piece = usize::try_from(piece).ok().filter(|piece| *piece < PIECES)?;
        let (at, number) = on?;
        self.parents.entry(at).or_default().insert(piece, element);
        if on == own {
            return Some(Value::int(piece));
        }
        let mut dict = Dict::default();
        dict.set("Type", Value::name("MCR"));
        dict.set("Pg", Value::Ref(number));
        dict.set("MCID", Value::int(piece));
        Some(Value::Dict(dict))
    }

    fn element(
        &mut self,
        dict: &Dictionary,
        parent: usize,
        above: Option<(usize, usize)>,
        depth: usize,
        copier: &mut Copier<'_, '_, '_>,
    ) -> Result<Value, Stop> {
        let number = copier.objects.reserve();
        let own = dict.get(b"Pg").ok().and_then(|p| p.as_reference().ok());
        let page = own.and_then(|id| self.pages.get(&id).copied()).or(above);
        let mut out = Dict::default();
        out.set("Type", Value::name("StructElem"));
        out.set("S", Value::Name(self.kind(dict, copier)));
        out.set("P", Value::Ref(parent));
        if let Some((_, number)) = page {
            out.set("Pg", Value::Ref(number));
        }
        for key in ["T", "Lang", "Alt", "E", "ActualText"] {
            if let Some(text @ Value::Text(_)) =
                dict.get(key.as_bytes()).ok().map(|o| copier.plain(o)).transpose()?.flatten()
            {
                out.set(key, text);
            }
        }
        let attributes = attributes(dict, copier)?;
        if !attributes.is_empty() {
            out.set("A", Value::Array(attributes));
        }
        let kids = self.kids(dict, number, page, depth + 1, copier)?;
        if !kids.is_empty() {
            out.set("K", Value::Array(kids));
        }
        copier.objects.put(number, Made::Value(Value::Dict(out)));
        Ok(Value::Ref(number))
    }

    /// The standard type behind the name of an element.
    fn kind(&self, dict: &Dictionary, copier: &Copier<'_, '_, '_>) -> Vec<u8> {
        let mut name = copier.name(dict, b"S").unwrap_or_default().to_vec();
        for _ in 0..8 {
            if self.types.contains(name.as_slice()) {
                return name;
            }
            match copier.name(&self.roles, &name) {
                Some(next) => name = next.to_vec(),
                None => break,
            }
        }
        b"NonStruct".to_vec()
    }
}

/// The attributes that tell how a table or list is read.
fn attributes(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Vec<Value>, Stop> {
    let all: Vec<Object> = match copier.get(dict, b"A") {
        Some(Object::Array(items)) => items.iter().map(|item| copier.resolve(item).clone()).take(8).collect(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let mut out = Vec::new();
    for object in all {
        let Object::Dictionary(dict) = object else { continue };
        let keys: &[&str] = match copier.name(&dict, b"O") {
            Some(b"Table") => &["O", "RowSpan", "ColSpan", "Scope", "Summary"],
            Some(b"List") => &["O", "ListNumbering"],
            _ => continue,
        };
        let keys: Vec<(&str, Rule)> = keys.iter().map(|key| (*key, Rule::Plain)).collect();
        let kept = copier.keys(&dict, &keys)?;
        if kept.0.len() > 1 {
            out.push(Value::Dict(kept));
        }
    }
    Ok(out)
}
