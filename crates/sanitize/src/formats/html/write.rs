//! From the tree to a page that has nothing in it but the tree.

use std::fmt::Write;

use super::model::{Element, Node, Page, Picture, Source};
use crate::grammar::html::VOID;

/// A page in the making and the charset it is written in.
struct Writer {
    charset: &'static encoding_rs::Encoding,
    out: String,
}

/// Writes a page.
pub(super) fn page(page: &Page, charset: &'static encoding_rs::Encoding) -> Vec<u8> {
    Writer { charset, out: String::new() }.page(page)
}

impl Writer {
    fn page(mut self, page: &Page) -> Vec<u8> {
        let lang = if page.lang.is_empty() { String::new() } else { format!(" lang=\"{}\"", page.lang) };
        let _ = write!(self.out, "<!DOCTYPE html>\n<html{lang}>\n<head>\n<meta charset=\"{}\">\n", self.charset.name());
        if !page.title.is_empty() {
            let title = self.escaped(&page.title);
            let _ = writeln!(self.out, "<title>{title}</title>");
        }
        let rules: Vec<_> = page.rules.iter().filter(|rule| self.holds(rule)).map(String::as_str).collect();
        if !rules.is_empty() {
            let _ = writeln!(self.out, "<style>\n{}\n</style>", rules.join("\n"));
        }
        self.out.push_str("</head>\n<body");
        self.attributes(&page.attributes);
        self.out.push('>');
        self.nodes(&page.children);
        self.out.push_str("</body>\n</html>\n");
        self.charset.encode(&self.out).0.into_owned()
    }

    /// Whether the charset has all characters of a text that can hold no references.
    fn holds(&self, text: &str) -> bool {
        let (bytes, _, lost) = self.charset.encode(text);
        !lost && self.charset.decode_without_bom_handling(&bytes).0 == text
    }

    fn escaped(&self, text: &str) -> String {
        let utf8 = self.charset == encoding_rs::UTF_8;
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                // Japanese charsets write these as other characters.
                '\u{a5}' | '\u{203e}' | '\u{2212}' if !utf8 => {
                    let _ = write!(out, "&#{};", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out
    }

    fn attributes(&mut self, attributes: &[(&'static str, String)]) {
        for (name, value) in attributes {
            let value = self.escaped(value);
            let _ = write!(self.out, " {name}=\"{value}\"");
        }
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(&self.escaped(text)),
                Node::Element(element) => self.element(element),
                Node::Picture(picture) => self.picture(picture),
            }
        }
    }

    fn element(&mut self, element: &Element) {
        let _ = write!(self.out, "<{}", element.tag);
        self.attributes(&element.attributes);
        self.out.push('>');
        if VOID.contains(&element.tag) {
            return;
        }
        if element.tag == "pre" {
            self.out.push('\n');
        }
        self.nodes(&element.children);
        let _ = write!(self.out, "</{}>", element.tag);
    }

    fn picture(&mut self, picture: &Picture) {
        let alt = self.escaped(&picture.alt);
        if let Source::Ready(address) = &picture.source {
            let _ = write!(self.out, "<img src=\"{address}\" alt=\"{alt}\"");
            self.attributes(&picture.attributes);
            self.out.push('>');
        } else if !alt.is_empty() {
            let _ = write!(self.out, "［画像：{alt}］");
        }
    }
}
