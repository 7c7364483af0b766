//! The allow-list of rebuilt web pages as data: `html.txt` (an element and its attributes on each line; `*` for every
//! element), and the style properties that only move and colour what is there. Readers and verifier share nothing else.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What the value of an attribute may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text (shown, never interpreted).
    Text,
    /// Names: letters, digits, `-`, `_`, `.`, `:`, spaces between them.
    Names,
    /// A number of at most six digits, perhaps with a sign or a percent sign.
    Number,
    /// A colour name, or `#` and hexadecimal digits.
    Colour,
    /// Style declarations.
    Style,
    /// The target of a link.
    Link,
    /// A picture inside the page.
    Picture,
}

/// The elements and attributes of a rebuilt page.
#[derive(Debug)]
pub(crate) struct Html {
    elements: HashMap<&'static str, Vec<&'static str>>,
    common: Vec<&'static str>,
}

impl Html {
    /// The element's name, when it is allowed.
    pub(crate) fn element(&self, name: &str) -> Option<&'static str> {
        self.elements.get_key_value(name).map(|(name, _)| *name)
    }

    /// The attribute's name, when the element may have it.
    pub(crate) fn attribute(&self, element: &str, name: &str) -> Option<&'static str> {
        let own = self.elements.get(element)?;
        own.iter().chain(&self.common).copied().find(|known| *known == name)
    }
}

/// What the value of this attribute may be.
pub(crate) fn kind(attribute: &str) -> Kind {
    match attribute {
        "title" | "summary" | "abbr" | "alt" => Kind::Text,
        "href" => Kind::Link,
        "src" => Kind::Picture,
        "style" => Kind::Style,
        "color" | "bgcolor" | "bordercolor" | "text" | "link" => Kind::Colour,
        "border" | "cellpadding" | "cellspacing" | "colspan" | "columnspan" | "height" | "hspace" | "rowspan"
        | "size" | "span" | "start" | "value" | "vspace" | "width" => Kind::Number,
        _ => Kind::Names,
    }
}

/// Elements without content and end tag.
pub(crate) const VOID: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// Elements of formulas (MathML's presentation): what they show is text and its place. They stand in `math` only.
pub(crate) const FORMULA: &[&str] = &[
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "none",
];

/// Style properties that stay. None of them hides, moves out of sight, fetches or runs.
pub(crate) const PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "caption-side",
    "clear",
    "color",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-break",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "min-height",
    "min-width",
    "orphans",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "page-break-after",
    "page-break-before",
    "page-break-inside",
    "break-after",
    "break-before",
    "break-inside",
    "ruby-align",
    "ruby-position",
    "table-layout",
    "text-align",
    "text-align-last",
    "text-combine-upright",
    "text-decoration",
    "text-emphasis",
    "text-indent",
    "text-justify",
    "text-orientation",
    "text-underline-position",
    "vertical-align",
    "white-space",
    "widows",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
    "writing-mode",
];

/// Functions that a style value may call (none with transparency).
pub(crate) const FUNCTIONS: &[&str] = &["rgb", "hsl"];

/// The grammar of rebuilt pages.
pub(crate) static HTML: LazyLock<Html> = LazyLock::new(|| {
    let mut html = Html { elements: HashMap::new(), common: Vec::new() };
    for line in include_str!("html.txt").lines() {
        let mut words = line.split(' ');
        match words.next() {
            Some("*") => html.common = words.collect(),
            Some(name) if !name.is_empty() => {
                html.elements.insert(name, words.collect());
            }
            _ => {}
        }
    }
    html
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_fetches_or_asks_is_not_in_the_grammar() {
        for element in [
            "script",
            "style",
            "link",
            "meta",
            "base",
            "iframe",
            "frame",
            "object",
            "embed",
            "applet",
            "form",
            "input",
            "button",
            "textarea",
            "select",
            "svg",
            "maction",
            "mglyph",
            "annotation-xml",
            "template",
            "video",
            "audio",
            "noscript",
            "xmp",
            "title",
        ] {
            assert_eq!(HTML.element(element), None, "{element}");
        }
        assert!(
            FORMULA.iter().all(|element| HTML.element(element).is_some() && HTML.attribute(element, "href").is_none())
        );
        for attribute in ["onclick", "background", "srcset", "action", "formaction", "target", "ping", "longdesc"] {
            for element in ["a", "img", "body", "td", "div"] {
                assert_eq!(HTML.attribute(element, attribute), None, "{element} {attribute}");
            }
        }
        for property in ["display", "visibility", "opacity", "position", "background", "content", "behavior", "filter"]
        {
            assert!(!PROPERTIES.contains(&property), "{property}");
        }
    }
}
