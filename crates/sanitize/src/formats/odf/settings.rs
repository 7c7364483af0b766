//! Settings of the view and of layout, from the published list; and the title.

use super::serialise::{self, DECLARATION};
use super::tree::{self, Element, Fate, Node};
use crate::budget::Budget;
use crate::formats::ooxml;
use crate::grammar::odf::SETTINGS;
use crate::report::Findings;
use crate::work::Stop;

/// Types whose values are words and numbers.
const PLAIN: &[&str] = &["boolean", "int", "short", "long", "double", "string"];

/// The settings part with what may stay; `None` when nothing does.
pub(super) fn rebuild(bytes: &[u8], part: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Stop> {
    let mut root = tree::parse(bytes, part, budget, &mut Findings::default())?;
    if root.name != "office:document-settings" {
        return Ok(None);
    }
    root.rewrite(&mut |element| match element.name {
        "config:config-item" if stays(&element) => Fate::Keep(element),
        "config:config-item" => Fate::Drop,
        "config:config-item-set"
            if !matches!(element.get("config:name"), Some("ooo:view-settings" | "ooo:configuration-settings")) =>
        {
            Fate::Drop
        }
        "config:config-item-map-indexed"
        | "config:config-item-map-named"
        | "config:config-item-map-entry"
        | "config:config-item-set"
        | "office:settings"
            if element.elements().next().is_none() =>
        {
            Fate::Drop
        }
        _ => Fate::Keep(element),
    });
    Ok(root.elements().next().is_some().then(|| serialise::write(&root)))
}

fn stays(item: &Element) -> bool {
    let named = item.get("config:name").is_some_and(|name| SETTINGS.contains(name));
    let plain = item.get("config:type").is_some_and(|kind| PLAIN.contains(&kind));
    named && plain && item.children.iter().all(|node| matches!(node, Node::Text(text) if is_plain(text)))
}

/// A word or a number, and no address of anything.
fn is_plain(text: &str) -> bool {
    text.chars().count() <= 100 && !text.contains(['/', '\\', ':'])
}

/// The properties of a document of this version: a title and nothing else.
pub(super) fn meta(bytes: &[u8], version: &str) -> Option<Vec<u8>> {
    let title = ooxml::title(bytes)?;
    let mut out = format!(
        "{DECLARATION}<office:document-meta xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" office:version=\"{version}\"><office:meta><dc:title>"
    );
    ooxml::escape(&title, false, &mut out);
    out.push_str("</dc:title></office:meta></office:document-meta>");
    Some(out.into_bytes())
}
