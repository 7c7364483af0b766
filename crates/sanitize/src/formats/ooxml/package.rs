//! The package around the parts (ECMA-376 part 2): a strict zip, relationships, content types.

use std::collections::BTreeMap;

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};

use crate::budget::Budget;
use crate::formats::zip::read::{self, Archive};
use crate::words::ReasonCode;
use crate::work::Stop;

/// A relationship as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relationship {
    /// Its id, unique in its source.
    pub(crate) id: String,
    /// The last component of its type (`image`, `vbaProject`).
    pub(crate) kind: String,
    /// Where it points: a full part path in lower case, or for an external one the target as it is written.
    pub(crate) target: String,
    /// Points out of the package.
    pub(crate) external: bool,
}

/// An opened package.
#[derive(Debug)]
pub(crate) struct Package<'a> {
    archive: Archive<'a>,
    by_path: BTreeMap<String, usize>,
}

fn bad() -> Stop {
    Stop::refused(ReasonCode::BadXml)
}

impl<'a> Package<'a> {
    /// Opens a package. Protected members, folders aside, and names that differ only in case refuse it.
    pub(crate) fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, Stop> {
        let archive = read::open(bytes, budget)?;
        let mut by_path = BTreeMap::new();
        for (at, entry) in archive.entries.iter().enumerate().filter(|(_, entry)| !entry.is_folder()) {
            if entry.encrypted {
                return Err(Stop::refused(ReasonCode::UnsupportedFeature));
            }
            let path = String::from_utf8_lossy(entry.raw_name).replace('\\', "/").to_lowercase();
            if by_path.insert(path, at).is_some() {
                return Err(Stop::refused(ReasonCode::DuplicateEntry));
            }
        }
        Ok(Self { archive, by_path })
    }

    /// The parts' paths, in lower case.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.by_path.keys().map(String::as_str)
    }

    /// Whether there is such a part.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }

    /// The content of a part.
    pub(crate) fn part(&self, path: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Stop> {
        let entry = self.by_path.get(path).and_then(|at| self.archive.entries.get(*at));
        entry.map(|entry| read::inflate(entry, entry.packed, entry.method, budget)).transpose()
    }

    /// The relationships of a part; of the package itself when `source` is empty.
    pub(crate) fn relationships(&self, source: &str, budget: &mut Budget) -> Result<Vec<Relationship>, Stop> {
        let (folder, file) = source.rsplit_once('/').unwrap_or(("", source));
        let slash = if folder.is_empty() { "" } else { "/" };
        let Some(bytes) = self.part(&format!("{folder}{slash}_rels/{file}.rels"), budget)? else {
            return Ok(Vec::new());
        };
        let mut out: Vec<Relationship> = Vec::new();
        for attributes in elements(&bytes, "Relationship", budget)? {
            let get = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            let (Some(id), Some(kind), Some(target)) = (get("Id"), get("Type"), get("Target")) else {
                return Err(bad());
            };
            if out.iter().any(|known| known.id == id) || !is_id(&id) {
                return Err(Stop::refused(ReasonCode::BrokenContainer));
            }
            budget.step(out.len() as u64)?;
            let external = get("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
            let target = if external { target } else { resolve(folder, &target) };
            out.push(Relationship { id, kind: last(&kind).to_owned(), target, external });
        }
        Ok(out)
    }
}

/// An id of XML (`NCName`, in ASCII).
fn is_id(id: &str) -> bool {
    let first = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    first && id.len() <= 200 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn last(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or(uri)
}

/// A target relative to a folder, as a path from the root in lower case; what climbs out stays at the root.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.split(['#', '?']).next().unwrap_or(target).replace('\\', "/").to_lowercase();
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// The attributes of every element of this local name (relationships and content types are that flat).
pub(crate) fn elements(bytes: &[u8], wanted: &str, budget: &mut Budget) -> Result<Vec<Vec<(String, String)>>, Stop> {
    let text = std::str::from_utf8(bytes).map_err(|_| bad())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut out = Vec::new();
    loop {
        budget.step(1)?;
        match reader.read_event().map_err(|_| bad())? {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == wanted => {
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|_| bad())?;
                    budget.attributes(attributes.len())?;
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| bad())?.into_owned();
                    attributes.push((attribute.key.as_ref().to_owned(), value));
                }
                out.push(attributes);
            }
            Event::DocType(_) => return Err(Stop::refused(ReasonCode::DtdNotAllowed)),
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

/// The main type of a package, from its content types; `None` when it is no Office Open XML package.
pub(crate) fn main_content_type(bytes: &[u8]) -> Option<String> {
    let mut budget = Budget::default();
    let package = Package::open(bytes, &mut budget).ok()?;
    let types = package.part("[content_types].xml", &mut budget).ok()??;
    let root = package.relationships("", &mut budget).ok()?;
    let main = root.iter().find(|relationship| relationship.kind == "officeDocument" && !relationship.external)?;
    let overrides = elements(&types, "Override", &mut budget).ok()?;
    let get = |attributes: &[(String, String)], name: &str| {
        attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    };
    let named = overrides.iter().find(|attributes| {
        get(attributes, "PartName").is_some_and(|name| name.trim_start_matches('/').to_lowercase() == main.target)
    });
    if let Some(attributes) = named {
        return get(attributes, "ContentType");
    }
    let defaults = elements(&types, "Default", &mut budget).ok()?;
    let extension = main.target.rsplit('.').next()?;
    let default = defaults.iter().find(|a| get(a, "Extension").is_some_and(|e| e.to_lowercase() == extension));
    default.and_then(|attributes| get(attributes, "ContentType"))
}
