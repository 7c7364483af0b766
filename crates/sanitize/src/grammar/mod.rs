//! Published allow-lists as data (see `docs/sanitising-grammar.md`): which elements and attributes a rebuilt Office Open
//! XML part may hold, and which worksheet functions a formula may call.
//!
//! `ooxml.txt` was derived from the schemas of ECMA-376 and of Microsoft's open specifications, without everything that
//! runs, fetches, embeds or identifies. A line `= PREFIX URI [STRICT-URI]` opens a namespace; every other line is an
//! element and its attributes (`:name` is in no namespace). Readers and verifier share the data and nothing else.

pub(crate) mod html;
pub(crate) mod media;
pub(crate) mod odf;
pub(crate) mod rtf;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The namespaces, in the order of the file.
pub(crate) const W: u8 = 0;
pub(crate) const A: u8 = 2;
pub(crate) const V: u8 = 11;
pub(crate) const O: u8 = 12;
pub(crate) const XVML: u8 = 14;
pub(crate) const C: u8 = 15;
pub(crate) const DGM: u8 = 18;
pub(crate) const DSP: u8 = 19;
pub(crate) const X: u8 = 20;
pub(crate) const X14: u8 = 21;
pub(crate) const XM: u8 = 23;
pub(crate) const XDR: u8 = 24;
pub(crate) const P: u8 = 25;
/// Attributes of relationships (`r:id`).
pub(crate) const R: u8 = 253;
/// `xml:space`.
pub(crate) const XML: u8 = 254;
/// Attributes in no namespace.
pub(crate) const NONE: u8 = 255;

/// Namespace of relationship attributes.
pub(crate) const R_URI: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const R_STRICT: &str = "http://purl.oclc.org/ooxml/officeDocument/relationships";

/// A name of the grammar. There is no way to make one that is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    /// Index of the namespace.
    pub(crate) space: u8,
    /// Local name.
    pub(crate) local: &'static str,
}

/// A namespace and its elements.
#[derive(Debug)]
pub(crate) struct Space {
    /// The prefix that is written.
    pub(crate) prefix: &'static str,
    /// The URI that is written.
    pub(crate) uri: &'static str,
    elements: HashMap<&'static str, Vec<Name>>,
}

/// The whole grammar.
#[derive(Debug)]
pub(crate) struct Ooxml {
    /// The namespaces.
    pub(crate) spaces: Vec<Space>,
    by_uri: HashMap<&'static str, u8>,
}

impl Ooxml {
    /// The namespace with this URI, transitional or strict.
    pub(crate) fn space(&self, uri: &str) -> Option<u8> {
        self.by_uri.get(uri).copied()
    }

    /// The element's name, when it is allowed.
    pub(crate) fn element(&self, space: u8, local: &str) -> Option<Name> {
        let (local, _) = self.spaces.get(usize::from(space))?.elements.get_key_value(local)?;
        Some(Name { space, local })
    }

    /// The attribute's name, when the element may have it.
    pub(crate) fn attribute(&self, element: Name, space: u8, local: &str) -> Option<Name> {
        let allowed = self.spaces.get(usize::from(element.space))?.elements.get(element.local)?;
        allowed.iter().copied().find(|name| name.space == space && name.local == local)
    }

    /// The prefix that a name is written with; empty for none.
    pub(crate) fn prefix(&self, space: u8) -> &'static str {
        match space {
            NONE => "",
            R => "r",
            XML => "xml",
            _ => self.spaces.get(usize::from(space)).map_or("", |space| space.prefix),
        }
    }
}

/// The grammar of Office Open XML parts.
pub(crate) static OOXML: LazyLock<Ooxml> = LazyLock::new(|| read(include_str!("ooxml.txt")));

/// Worksheet functions that a formula may call: they compute, and neither fetch nor run anything.
pub(crate) static FUNCTIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("functions.txt").lines().collect());

fn read(text: &'static str) -> Ooxml {
    let heads = text.lines().filter_map(|line| line.strip_prefix("= "));
    let prefixes: Vec<&str> = heads.filter_map(|head| head.split(' ').next()).collect();
    let index = |prefix: &str| match prefix {
        "" => Some(NONE),
        "r" => Some(R),
        "xml" => Some(XML),
        _ => prefixes.iter().position(|known| *known == prefix).and_then(|at| u8::try_from(at).ok()),
    };
    let mut ooxml = Ooxml { spaces: Vec::new(), by_uri: HashMap::from([(R_URI, R), (R_STRICT, R)]) };
    ooxml.by_uri.insert("http://www.w3.org/XML/1998/namespace", XML);
    for line in text.lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let Some(first) = words.next() else { continue };
        if first == "=" {
            let (Some(prefix), Some(uri)) = (words.next(), words.next()) else { continue };
            let at = u8::try_from(ooxml.spaces.len()).unwrap_or(NONE);
            for uri in std::iter::once(uri).chain(words) {
                ooxml.by_uri.insert(uri, at);
            }
            ooxml.spaces.push(Space { prefix, uri, elements: HashMap::new() });
        } else if let Some(space) = ooxml.spaces.last_mut() {
            let name = |word: &'static str| {
                let (prefix, local) = word.split_once(':')?;
                Some(Name { space: index(prefix)?, local })
            };
            space.elements.insert(first, words.filter_map(name).collect());
        }
    }
    ooxml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_places_in_the_file() {
        let named = [
            (W, "w"),
            (A, "a"),
            (V, "v"),
            (O, "o"),
            (XVML, "xvml"),
            (C, "c"),
            (DGM, "dgm"),
            (DSP, "dsp"),
            (X, "x"),
            (X14, "x14"),
            (XM, "xm"),
            (XDR, "xdr"),
            (P, "p"),
        ];
        for (space, prefix) in named {
            assert_eq!(OOXML.prefix(space), prefix);
        }
    }

    #[test]
    fn what_runs_fetches_or_embeds_is_not_in_the_grammar() {
        for (space, local) in [
            (W, "altChunk"),
            (W, "control"),
            (W, "subDoc"),
            (W, "attachedTemplate"),
            (W, "mailMerge"),
            (W, "dataBinding"),
            (X, "oleObjects"),
            (X, "controls"),
            (X, "externalReferences"),
            (X, "connections"),
            (X, "webPublishItems"),
            (X, "ddeLink"),
            (P, "controls"),
            (P, "cmd"),
            (P, "sndAc"),
            (A, "videoFile"),
            (A, "wavAudioFile"),
        ] {
            assert_eq!(OOXML.element(space, local), None, "{local}");
        }
        let shape = OOXML.element(V, "shape").unwrap();
        assert_eq!(OOXML.attribute(shape, NONE, "href"), None);
        let blip = OOXML.element(A, "blip").unwrap();
        assert_eq!(OOXML.attribute(blip, R, "link"), None);
        assert!(OOXML.attribute(blip, R, "embed").is_some());
        for name in ["WEBSERVICE", "CALL", "REGISTER.ID", "RTD", "IMAGE", "HYPERLINK"] {
            assert!(!FUNCTIONS.contains(name), "{name}");
        }
    }

    #[test]
    fn what_layout_rests_on_is_in_the_grammar() {
        for (space, element, attribute_space, attribute) in [
            (W, "ind", W, "left"),
            (W, "ind", W, "firstLineChars"),
            (W, "textDirection", W, "val"),
            (W, "docGrid", W, "linePitch"),
            (X, "conditionalFormatting", NONE, "sqref"),
            (X, "dataValidation", NONE, "sqref"),
            (X, "mergeCell", NONE, "ref"),
            (X, "row", NONE, "spans"),
            (X, "rPh", NONE, "sb"),
            (P, "sldId", R, "id"),
            (A, "tcPr", NONE, "anchor"),
        ] {
            let name = OOXML.element(space, element).unwrap();
            assert!(OOXML.attribute(name, attribute_space, attribute).is_some(), "{element}/@{attribute}");
        }
    }
}
