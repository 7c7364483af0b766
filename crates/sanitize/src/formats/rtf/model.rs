//! The model of an RTF document, and how it is written: words and destinations of the grammar, text, pictures. Nothing else
//! can be put into it.

use std::fmt::Write;

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A word that formats.
    Word(&'static str, Option<i32>),
    /// `~`, `-` or `_`: a space, hyphen or break of its own kind.
    Symbol(char),
    /// Text; characters below 32 stand in the texts of list levels only.
    Text(String),
    /// A group.
    Group(Vec<Node>),
    /// A group that says what it is.
    Destination(Destination),
    /// A picture: its words, and the new file.
    Picture(Vec<Node>, Vec<u8>),
}

/// `{\*\name12 …}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    pub(super) name: &'static str,
    pub(super) starred: bool,
    pub(super) parameter: Option<i32>,
    pub(super) nodes: Vec<Node>,
}

/// The document's bytes: ASCII only.
pub(super) fn write(nodes: &[Node]) -> Vec<u8> {
    let mut out = String::from("{\\rtf1 ");
    nodes.iter().for_each(|node| write_node(node, &mut out));
    out.push('}');
    out.into_bytes()
}

fn word(name: &str, parameter: Option<i32>, out: &mut String) {
    out.push('\\');
    out.push_str(name);
    if let Some(parameter) = parameter {
        let _ = write!(out, "{parameter}");
    }
    out.push(' ');
}

fn write_node(node: &Node, out: &mut String) {
    match node {
        Node::Word(name, parameter) => word(name, *parameter, out),
        Node::Symbol(c) => {
            out.push('\\');
            out.push(*c);
        }
        Node::Text(text) => text.chars().for_each(|c| write_char(c, out)),
        Node::Group(nodes) => {
            out.push('{');
            nodes.iter().for_each(|node| write_node(node, out));
            out.push('}');
        }
        Node::Destination(Destination { name, starred, parameter, nodes }) => {
            out.push_str(if *starred { "{\\*" } else { "{" });
            word(name, *parameter, out);
            nodes.iter().for_each(|node| write_node(node, out));
            out.push('}');
        }
        Node::Picture(words, bytes) => {
            out.push_str("{\\pict ");
            words.iter().for_each(|node| write_node(node, out));
            bytes.iter().for_each(|byte| {
                let _ = write!(out, "{byte:02x}");
            });
            out.push('}');
        }
    }
}

fn write_char(c: char, out: &mut String) {
    match c {
        '\\' | '{' | '}' => {
            out.push('\\');
            out.push(c);
        }
        ' '..='~' => out.push(c),
        '\0'..='\u{1f}' => {
            let _ = write!(out, "\\'{:02x}", u32::from(c));
        }
        c => {
            // Each unit of UTF-16 as a signed number, and one character for programs that know no Unicode.
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{}?", i32::from(unit.cast_signed()));
            }
        }
    }
}
