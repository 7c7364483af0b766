//! Writes a tree as XML, one way only.

use super::tree::{Element, MC, Node};
use crate::grammar::{NONE, Name, OOXML, R, XML};

/// Writes a part: one XML declaration, every namespace on the root, names with the grammar's prefixes.
pub(super) fn write(root: &Element) -> Vec<u8> {
    let mut used = [false; 256];
    root.visit(&mut |element| {
        used_mark(&mut used, element.name.space);
        element.attributes.iter().for_each(|(name, _)| used_mark(&mut used, name.space));
    });
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    write_element(root, Some(&used), &mut out);
    out.into_bytes()
}

/// Writes a VML part: `xml` around the shapes.
pub(super) fn write_vml(root: &Element) -> Vec<u8> {
    let mut used = [false; 256];
    root.visit(&mut |element| {
        used_mark(&mut used, element.name.space);
        element.attributes.iter().for_each(|(name, _)| used_mark(&mut used, name.space));
    });
    let mut out = String::from("<xml");
    declarations(&used, &mut out);
    out.push('>');
    for child in root.elements() {
        write_element(child, None, &mut out);
    }
    out.push_str("</xml>");
    out.into_bytes()
}

fn used_mark(used: &mut [bool; 256], space: u8) {
    if let Some(mark) = used.get_mut(usize::from(space)) {
        *mark = true;
    }
}

/// Namespaces that an older reader must be told to skip.
const IGNORABLE: &[&str] = &["w14", "wp14", "x14ac"];

fn declarations(used: &[bool; 256], out: &mut String) {
    let mut ignorable = Vec::new();
    for (at, space) in OOXML.spaces.iter().enumerate().filter(|(at, _)| used.get(*at) == Some(&true)) {
        let prefix = written_prefix(u8::try_from(at).unwrap_or(NONE));
        let colon = if prefix.is_empty() { "" } else { ":" };
        out.push_str(&format!(" xmlns{colon}{prefix}=\"{}\"", space.uri));
        if IGNORABLE.contains(&prefix) {
            ignorable.push(prefix);
        }
    }
    if used.get(usize::from(R)) == Some(&true) {
        out.push_str(&format!(" xmlns:r=\"{}\"", crate::grammar::R_URI));
    }
    if !ignorable.is_empty() {
        out.push_str(&format!(" xmlns:mc=\"{MC}\" mc:Ignorable=\"{}\"", ignorable.join(" ")));
    }
}

/// Worksheet elements are written without a prefix, as every program writes them.
fn written_prefix(space: u8) -> &'static str {
    match OOXML.prefix(space) {
        "x" => "",
        "xvml" => "x",
        prefix => prefix,
    }
}

fn write_name(name: Name, out: &mut String) {
    let prefix = match name.space {
        XML => "xml",
        space => written_prefix(space),
    };
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(name.local);
}

fn write_element(element: &Element, declare: Option<&[bool; 256]>, out: &mut String) {
    out.push('<');
    write_name(element.name, out);
    if let Some(used) = declare {
        declarations(used, out);
    }
    for (name, value) in &element.attributes {
        out.push(' ');
        write_name(*name, out);
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
            Node::Element(child) => write_element(child, None, out),
        }
    }
    out.push_str("</");
    write_name(element.name, out);
    out.push('>');
}

/// Escapes text, and in attributes also what a parser would turn into a space.
pub(crate) fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}
