//! Writes a tree as XML, one way only.

use super::tree::{Element, Node};
use crate::formats::ooxml::escape;
use crate::grammar::odf::ODF;

/// The declaration that every part begins with.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Writes a part: every namespace on the root (values of attributes begin with prefixes too), the grammar's prefixes.
pub(super) fn write(root: &Element) -> Vec<u8> {
    let mut out = String::from(DECLARATION);
    element(root, true, &mut out);
    out.into_bytes()
}

fn element(element: &Element, root: bool, out: &mut String) {
    out.push('<');
    out.push_str(element.name);
    if root {
        for (prefix, uri) in ODF.spaces.iter().filter(|(prefix, _)| *prefix != "xml") {
            out.push_str(&format!(" xmlns:{prefix}=\"{uri}\""));
        }
    }
    for (name, value) in &element.attributes {
        out.push(' ');
        out.push_str(name.trim_start_matches(':'));
        out.push_str("=\"");
        escape(value, true, out);
        out.push('"');
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for node in &element.children {
        match node {
            Node::Text(text) => escape(text, false, out),
            Node::Element(child) => self::element(child, false, out),
        }
    }
    out.push_str("</");
    out.push_str(element.name);
    out.push('>');
}
