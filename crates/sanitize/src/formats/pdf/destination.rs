//! Destinations and actions: what a link or bookmark may lead to.

use std::collections::{BTreeMap, HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};

use super::copy::Copier;
use super::name_of;
use super::object::{Dict, Value};
use crate::words::What;
use crate::work::Stop;

/// Named destinations of one document.
const NAMES: usize = 50_000;

/// Where pages and named destinations are.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Old pages to their new objects.
    pub(super) pages: HashMap<ObjectId, usize>,
    names: BTreeMap<Vec<u8>, Object>,
}

/// What a link does.
#[derive(Debug)]
pub(super) enum Aim {
    /// Goes to a place in the document.
    Place(Value),
    /// Opens an address that the policy allows, or turns a page.
    Action(Dict),
    /// Nothing that may stay.
    Nothing,
}

impl Places {
    /// Reads the named destinations.
    pub(super) fn read(&mut self, catalog: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<(), Stop> {
        if let Some(old) = copier.dict(catalog, b"Dests").cloned() {
            self.names.extend(old.iter().take(NAMES).map(|(name, target)| (name.clone(), target.clone())));
        }
        let tree = copier.dict(catalog, b"Names").and_then(|names| copier.dict(names, b"Dests")).cloned();
        if let Some(tree) = tree {
            let mut seen = HashSet::new();
            self.tree(&tree, &mut seen, 0, copier)?;
        }
        Ok(())
    }

    fn tree(
        &mut self,
        node: &Dictionary,
        seen: &mut HashSet<ObjectId>,
        depth: usize,
        copier: &mut Copier<'_, '_, '_>,
    ) -> Result<(), Stop> {
        copier.work.budget.nesting(depth)?;
        for pair in copier.array(node, b"Names").unwrap_or_default().to_vec().as_chunks::<2>().0 {
            copier.work.budget.step(1)?;
            if let (Object::String(name, _), true) = (copier.resolve(&pair[0]), self.names.len() < NAMES) {
                self.names.insert(name.clone(), pair[1].clone());
            }
        }
        for kid in copier.array(node, b"Kids").unwrap_or_default().to_vec() {
            let Object::Reference(id) = kid else { continue };
            if let (true, Object::Dictionary(dict)) = (seen.insert(id), copier.resolve(&kid)) {
                let dict = dict.clone();
                self.tree(&dict, seen, depth + 1, copier)?;
            }
        }
        Ok(())
    }

    /// An explicit destination on a page of this document.
    pub(super) fn place(&self, object: &Object, copier: &mut Copier<'_, '_, '_>) -> Result<Option<Value>, Stop> {
        let mut object = copier.resolve(object).clone();
        for _ in 0..4 {
            let next = match &object {
                Object::Name(name) | Object::String(name, _) => self.names.get(name).cloned(),
                Object::Dictionary(dict) => dict.get(b"D").ok().cloned(),
                Object::Array(items) => return self.explicit(items, copier),
                _ => None,
            };
            let Some(next) = next else { return Ok(None) };
            object = copier.resolve(&next).clone();
        }
        Ok(None)
    }

    fn explicit(&self, items: &[Object], copier: &mut Copier<'_, '_, '_>) -> Result<Option<Value>, Stop> {
        let Some(Object::Reference(page)) = items.first() else { return Ok(None) };
        let (Some(page), Some(kind)) = (self.pages.get(page), items.get(1).map(|k| copier.resolve(k))) else {
            return Ok(None);
        };
        let known: &[&[u8]] = &[b"XYZ", b"Fit", b"FitH", b"FitV", b"FitR", b"FitB", b"FitBH", b"FitBV"];
        let Some(kind) = name_of(kind).filter(|kind| known.contains(kind)).map(<[u8]>::to_vec) else { return Ok(None) };
        let mut out = vec![Value::Ref(*page), Value::Name(kind)];
        for item in items.get(2..).unwrap_or_default().iter().take(4) {
            let number = copier.plain(item)?.filter(|value| matches!(value, Value::Number(_)));
            out.push(number.unwrap_or(Value::Null));
        }
        Ok(Some(Value::Array(out)))
    }

    /// What the `A` and `Dest` of a link or bookmark may do; what they may not is said.
    pub(super) fn aim(&self, dict: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>) -> Result<Aim, Stop> {
        if let Ok(target) = dict.get(b"Dest") {
            let target = target.clone();
            return Ok(self.place(&target, copier)?.map_or(Aim::Nothing, Aim::Place));
        }
        let Some(action) = copier.dict(dict, b"A").cloned() else { return Ok(Aim::Nothing) };
        match copier.name(&action, b"S") {
            Some(b"GoTo") => {
                follow_ups(&action, at, copier);
                match action.get(b"D").ok().cloned() {
                    Some(target) => Ok(self.place(&target, copier)?.map_or(Aim::Nothing, Aim::Place)),
                    None => Ok(Aim::Nothing),
                }
            }
            Some(b"URI") => {
                follow_ups(&action, at, copier);
                Ok(address(&action, at, copier))
            }
            Some(b"Named") => {
                let target = copier.name(&action, b"N").map(<[u8]>::to_vec).unwrap_or_default();
                let known: &[&[u8]] = &[b"NextPage", b"PrevPage", b"FirstPage", b"LastPage"];
                if !known.contains(&target.as_slice()) {
                    copier.draft.findings.removed(What::Action, at);
                    return Ok(Aim::Nothing);
                }
                follow_ups(&action, at, copier);
                let mut out = Dict::default();
                out.set("S", Value::name("Named"));
                out.set("N", Value::Name(target));
                Ok(Aim::Action(out))
            }
            _ => {
                say(&action, at, copier);
                Ok(Aim::Nothing)
            }
        }
    }
}

fn address(action: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>) -> Aim {
    let target = match copier.get(action, b"URI") {
        Some(Object::String(text, _)) => String::from_utf8_lossy(text).trim().to_owned(),
        _ => String::new(),
    };
    let plain = if target.is_ascii() { target } else { escaped(&target) };
    if !copier.work.policy.allows_link(&plain) {
        copier.draft.findings.removed(What::UnsafeLink, if plain.is_empty() { at.to_owned() } else { plain });
        return Aim::Nothing;
    }
    copier.draft.findings.noted(What::Hyperlink, plain.clone());
    let mut out = Dict::default();
    out.set("S", Value::name("URI"));
    out.set("URI", Value::Text(plain.into_bytes()));
    Aim::Action(out)
}

/// An address is ASCII; other characters are percent-encoded.
fn escaped(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Says the actions that would follow.
fn follow_ups(action: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>) {
    if action.has(b"Next") {
        copier.draft.findings.removed(What::Action, at);
    }
}

/// Says an action that does not stay.
pub(super) fn say(action: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>) {
    let what = match copier.name(action, b"S") {
        Some(b"JavaScript") => What::JavaScript,
        Some(b"Launch") => What::LaunchAction,
        Some(b"SubmitForm") => What::SubmitForm,
        Some(b"GoToR" | b"GoToE" | b"URI") => What::ExternalLink,
        Some(b"Rendition" | b"Movie" | b"Sound" | b"RichMediaExecute" | b"GoTo3DView") => What::Media,
        _ => What::Action,
    };
    copier.draft.findings.removed(what, at);
    follow_ups(action, at, copier);
}

/// Says the actions that events would trigger.
pub(super) fn say_events(dict: &Dictionary, at: &str, copier: &mut Copier<'_, '_, '_>) {
    let Some(events) = copier.dict(dict, b"AA").cloned() else { return };
    for (_, action) in events.iter().take(64) {
        if let Object::Dictionary(action) = copier.resolve(action) {
            let action = action.clone();
            say(&action, at, copier);
        }
    }
}
