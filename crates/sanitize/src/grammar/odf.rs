//! Which elements, attributes and settings a rebuilt OpenDocument part may hold.
//!
//! `odf.txt` was derived from the schema of OpenDocument 1.2 and from what LibreOffice adds to it, without everything that
//! runs, fetches, embeds or identifies. A line `@ PREFIX URI [OLD-URI]` names a namespace; every other line is an element
//! and its attributes (`:name` is in no namespace), with `*` in front of elements that may hold text. Readers and verifier
//! share the data and nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What an element may have.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its name with the prefix of the grammar.
    pub(crate) name: &'static str,
    /// It may hold text.
    pub(crate) text: bool,
    attributes: Vec<&'static str>,
}

impl Rule {
    /// The attribute's name, when the element may have it.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes.iter().copied().find(|known| *known == name)
    }
}

/// The whole grammar.
#[derive(Debug)]
pub(crate) struct Odf {
    /// Prefix and URI of each namespace, as they are written.
    pub(crate) spaces: Vec<(&'static str, &'static str)>,
    by_uri: HashMap<&'static str, &'static str>,
    elements: HashMap<&'static str, Rule>,
}

impl Odf {
    /// The prefix that this namespace is written with.
    pub(crate) fn prefix(&self, uri: &str) -> Option<&'static str> {
        self.by_uri.get(uri).copied()
    }

    /// The rule of an element (`text:p`), when it is allowed.
    pub(crate) fn element(&self, name: &str) -> Option<&Rule> {
        self.elements.get(name)
    }
}

/// The grammar of OpenDocument parts.
pub(crate) static ODF: LazyLock<Odf> = LazyLock::new(|| read(include_str!("odf.txt")));

/// Settings that shape what is shown; others name printers, data sources, users or links.
pub(crate) static SETTINGS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("odf-settings.txt").lines().collect());

/// Media types, with the child of `office:body` that belongs to them, and the type word for a package of its own.
pub(crate) const KINDS: &[(&str, &str, &str)] = &[
    ("application/vnd.oasis.opendocument.text", "office:text", "odt"),
    ("application/vnd.oasis.opendocument.text-template", "office:text", "ott"),
    ("application/vnd.oasis.opendocument.spreadsheet", "office:spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.spreadsheet-template", "office:spreadsheet", "ots"),
    ("application/vnd.oasis.opendocument.presentation", "office:presentation", "odp"),
    ("application/vnd.oasis.opendocument.presentation-template", "office:presentation", "otp"),
    ("application/vnd.oasis.opendocument.graphics", "office:drawing", "odg"),
    ("application/vnd.oasis.opendocument.graphics-template", "office:drawing", "otg"),
    ("application/vnd.oasis.opendocument.chart", "office:chart", ""),
    ("application/vnd.oasis.opendocument.formula", "math:math", ""),
];

fn read(text: &'static str) -> Odf {
    let mut odf = Odf { spaces: Vec::new(), by_uri: HashMap::new(), elements: HashMap::new() };
    for line in text.lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let Some(first) = words.next() else { continue };
        if first == "@" {
            let (Some(prefix), Some(uri)) = (words.next(), words.next()) else { continue };
            odf.spaces.push((prefix, uri));
            odf.by_uri.extend(std::iter::once(uri).chain(words).map(|uri| (uri, prefix)));
        } else {
            let name = first.trim_start_matches('*');
            let rule = Rule { name, text: first.starts_with('*'), attributes: words.collect() };
            odf.elements.insert(name, rule);
        }
    }
    odf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_fetches_or_embeds_is_not_in_the_grammar() {
        for name in [
            "office:scripts",
            "script:event-listener",
            "office:forms",
            "office:dde-source",
            "office:binary-data",
            "table:table-source",
            "table:cell-range-source",
            "table:dde-link",
            "table:error-macro",
            "text:section-source",
            "text:dde-connection",
            "text:execute-macro",
            "text:script",
            "draw:object-ole",
            "draw:plugin",
            "draw:applet",
            "draw:floating-frame",
            "draw:control",
            "anim:audio",
            "anim:command",
            "presentation:sound",
            "svg:font-face-src",
            "math:maction",
        ] {
            assert!(ODF.element(name).is_none(), "{name}");
        }
        let with_link = ODF.elements.values().filter(|rule| rule.attribute("xlink:href").is_some());
        let mut names: Vec<_> = with_link.map(|rule| rule.name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "chart:chart",
                "draw:a",
                "draw:area-circle",
                "draw:area-polygon",
                "draw:area-rectangle",
                "draw:fill-image",
                "draw:image",
                "draw:object",
                "presentation:event-listener",
                "style:background-image",
                "text:a",
                "text:list-level-style-image"
            ]
        );
        for name in ["LinkUpdateMode", "PrinterName", "PrinterSetup", "CurrentDatabaseDataSource", "UpdateFromTemplate"]
        {
            assert!(!SETTINGS.contains(name), "{name}");
        }
    }

    #[test]
    fn what_layout_rests_on_is_in_the_grammar() {
        for (element, attribute) in [
            ("text:p", "text:style-name"),
            ("table:table-cell", "table:number-columns-spanned"),
            ("style:text-properties", "style:font-name-asian"),
            ("style:paragraph-properties", "fo:text-indent"),
            ("style:page-layout-properties", "style:writing-mode"),
            ("calcext:condition", "calcext:value"),
            ("text:ruby", "text:style-name"),
        ] {
            assert!(
                ODF.element(element).is_some_and(|rule| rule.attribute(attribute).is_some()),
                "{element}/{attribute}"
            );
        }
        assert!(ODF.element("text:p").is_some_and(|rule| rule.text));
    }
}
