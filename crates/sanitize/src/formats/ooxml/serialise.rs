//! Writes a tree as XML, one way only.

use super::tree::{self, Element, MC, Node};
use crate::grammar::{NONE, Name, OOXML, R, XML};

/// Writes a part: one XML declaration, every namespace on the root, names with the grammar's prefixes.
pub(super) fn write(root: &Element) -> Vec<u8> {
    let [whole, ..] = write_list(root, Items::default());
    whole
}

/// The items of a part's long list, written one by one.
pub(super) struct Items {
    xml: String,
    used: [bool; 256],
}

impl Default for Items {
    fn default() -> Self {
        Self { xml: String::new(), used: [false; 256] }
    }
}

impl Items {
    /// Writes the next item.
    pub(super) fn add(&mut self, item: &Element) {
        mark_used(item, &mut self.used);
        write_element(item, None, &mut self.xml);
    }
}

/// Writes a part: what comes before the items of its long list, the items, what comes after them.
pub(super) fn write_list(root: &Element, items: Items) -> [Vec<u8>; 3] {
    let Items { xml, mut used } = items;
    mark_used(root, &mut used);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    let mut place = None;
    if xml.is_empty() {
        write_element(root, Some(&used), &mut out);
    } else {
        write_around(root, Some(&used), &mut place, &mut out);
    }
    // Without a list that stays, its items go too.
    let Some(place) = place else { return [out.into_bytes(), Vec::new(), Vec::new()] };
    let tail = out.split_off(place);
    [out.into_bytes(), xml.into_bytes(), tail.into_bytes()]
}

/// Writes an element that may hold the long list; gives the place of the items in the first one.
fn write_around(element: &Element, declare: Option<&[bool; 256]>, place: &mut Option<usize>, out: &mut String) {
    let here = place.is_none() && tree::item_of(element.name).is_some();
    if place.is_some() || (element.children.is_empty() && !here) {
        return write_element(element, declare, out);
    }
    begin(element, declare, out);
    out.push('>');
    if here {
        *place = Some(out.len());
    }
    for node in &element.children {
        match node {
            Node::Text(text) => escape(text, false, out),
            Node::Element(child) => write_around(child, None, place, out),
        }
    }
    end(element, out);
}

fn mark_used(root: &Element, used: &mut [bool; 256]) {
    root.visit(&mut |element| {
        used_mark(used, element.name.space);
        element.attributes.iter().for_each(|(name, _)| used_mark(used, name.space));
    });
}

/// Writes a VML part: `xml` around the shapes.
pub(super) fn write_vml(root: &Element) -> Vec<u8> {
    let mut used = [false; 256];
    mark_used(root, &mut used);
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

fn begin(element: &Element, declare: Option<&[bool; 256]>, out: &mut String) {
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
}

fn end(element: &Element, out: &mut String) {
    out.push_str("</");
    write_name(element.name, out);
    out.push('>');
}

fn write_element(element: &Element, declare: Option<&[bool; 256]>, out: &mut String) {
    begin(element, declare, out);
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
    end(element, out);
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
