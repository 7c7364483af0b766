//! The package that is written: content types, relationships and parts, in one fixed order.

use std::collections::{BTreeMap, BTreeSet};

use super::serialise;
use crate::formats::zip::write::{Packed, Writer};
use crate::words::ReasonCode;
use crate::work::Stop;

const BASE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

/// What a relationship id of a part leads to in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Its id.
    pub(super) id: String,
    /// Last component of its type.
    pub(super) kind: String,
    /// A part's path, or a URL.
    pub(super) target: String,
    /// It is a URL.
    pub(super) external: bool,
    /// It stays although no attribute names it.
    pub(super) implicit: bool,
}

/// A finished part.
pub(super) struct Done {
    /// Its path.
    pub(super) path: String,
    /// Its content type; empty for the main part.
    pub(super) content_type: String,
    /// Its content.
    pub(super) content: Packed,
    /// Its relationships.
    pub(super) links: Vec<Link>,
}

/// Leaves out what nothing leads to any more (a shape went, and with it its picture), closes the gaps in the numbers, and
/// puts the parts in order: the main part, then by path. A second pass then finds nothing to change.
pub(super) fn settle(mut done: Vec<Done>) -> Vec<Done> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<usize> = done.iter().position(|part| part.content_type.is_empty()).into_iter().collect();
    let by_path: BTreeMap<String, usize> = done.iter().enumerate().map(|(at, part)| (part.path.clone(), at)).collect();
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            let links = done.get(at).map_or(&[][..], |part| part.links.as_slice());
            open.extend(
                links.iter().filter(|link| !link.external).filter_map(|link| by_path.get(&link.target).copied()),
            );
        }
    }
    let mut at = 0;
    done.retain(|_| {
        at += 1;
        reached.contains(&(at - 1))
    });
    let mut numbered: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for (stem, number, _) in done.iter().filter_map(|part| split_number(&part.path)) {
        numbered.entry(stem).or_default().insert(number);
    }
    let renamed: BTreeMap<String, String> = done
        .iter()
        .filter_map(|part| {
            let (stem, number, rest) = split_number(&part.path)?;
            let place = numbered.get(stem)?.iter().position(|known| *known == number)? + 1;
            Some((part.path.clone(), format!("{stem}{place}{rest}")))
        })
        .collect();
    let rename = |path: &mut String| {
        if let Some(new) = renamed.get(path) {
            path.clone_from(new);
        }
    };
    for part in &mut done {
        rename(&mut part.path);
        part.links.iter_mut().filter(|link| !link.external).for_each(|link| rename(&mut link.target));
    }
    done.sort_by(|a, b| (!a.content_type.is_empty(), &a.path).cmp(&(!b.content_type.is_empty(), &b.path)));
    done
}

/// `word/media/image12.png` → `word/media/image`, 12, `.png`.
fn split_number(path: &str) -> Option<(&str, u32, &str)> {
    let dot = path.rfind('.')?;
    let stem = path.get(..dot)?.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = path.get(stem.len()..dot)?.parse().ok()?;
    Some((stem, number, path.get(dot..)?))
}

/// The new package: content types, relationships, parts, in a fixed order.
pub(super) fn write_package(done: &[Done], main_type: &str, title: Option<&str>) -> Result<Vec<u8>, Stop> {
    let main = done.first().ok_or(Stop::Refused(ReasonCode::Damaged))?;
    let mut writer = Writer::default();
    writer.add("[Content_Types].xml", content_types(done, main_type, title.is_some()).as_bytes())?;
    let mut root = vec![Link {
        id: "rId1".to_owned(),
        kind: "officeDocument".to_owned(),
        target: main.path.clone(),
        external: false,
        implicit: true,
    }];
    if title.is_some() {
        root.push(Link {
            id: "rId2".to_owned(),
            kind: "core-properties".to_owned(),
            target: "docProps/core.xml".to_owned(),
            external: false,
            implicit: true,
        });
    }
    writer.add("_rels/.rels", relationships(&root).as_bytes())?;
    if let Some(title) = title {
        writer.add("docProps/core.xml", core(title).as_bytes())?;
    }
    for part in done {
        writer.add_packed(&part.path, &part.content)?;
        if !part.links.is_empty() {
            let (folder, file) = part.path.rsplit_once('/').unwrap_or(("", &part.path));
            writer.add(&format!("{folder}/_rels/{file}.rels"), relationships(&part.links).as_bytes())?;
        }
    }
    writer.finish()
}

fn content_types(done: &[Done], main_type: &str, core: bool) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    );
    let mut defaults = BTreeMap::new();
    let by_extension = |part: &&Done| part.content_type.starts_with("image/") || part.path.ends_with(".vml");
    for part in done.iter().filter(by_extension) {
        defaults.insert(part.path.rsplit('.').next().unwrap_or_default(), part.content_type.as_str());
    }
    for (extension, content_type) in defaults {
        out.push_str(&format!("<Default Extension=\"{extension}\" ContentType=\"{content_type}\"/>"));
    }
    for part in done.iter().filter(|part| !by_extension(part)) {
        let main = format!("application/{main_type}");
        let content_type = if part.content_type.is_empty() { &main } else { &part.content_type };
        out.push_str(&format!("<Override PartName=\"/{}\" ContentType=\"{content_type}\"/>", part.path));
    }
    if core {
        out.push_str("<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>");
    }
    out.push_str("</Types>");
    out
}

fn relationships(links: &[Link]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    );
    for link in links {
        let base = match link.kind.as_str() {
            "diagramDrawing" => "http://schemas.microsoft.com/office/2007/relationships/",
            "core-properties" => "http://schemas.openxmlformats.org/package/2006/relationships/metadata/",
            _ => BASE,
        };
        out.push_str(&format!("<Relationship Id=\"{}\" Type=\"{base}{}\" Target=\"", link.id, link.kind));
        if link.external {
            serialise::escape(&link.target, true, &mut out);
            out.push_str("\" TargetMode=\"External\"/>");
        } else {
            out.push_str(&format!("/{}\"/>", link.target));
        }
    }
    out.push_str("</Relationships>");
    out
}

fn core(title: &str) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>",
    );
    serialise::escape(title, false, &mut out);
    out.push_str("</dc:title></cp:coreProperties>");
    out
}
