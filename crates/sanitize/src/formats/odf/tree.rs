//! The model of an OpenDocument part: elements and attributes of the grammar, and text. Nothing else can be put into it.

use std::collections::BTreeMap;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::left_out;
use crate::budget::Budget;
use crate::formats::xml::{self, Item, Xml, bad};
use crate::grammar::odf::{ODF, Rule};
use crate::report::Findings;
use crate::words::What;
use crate::work::Stop;

/// An allowed element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name with the prefix of the grammar.
    pub(super) name: &'static str,
    /// Its attributes.
    pub(super) attributes: Vec<(&'static str, String)>,
    /// What is in it.
    pub(super) children: Vec<Node>,
}

/// An element or text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

/// What becomes of an element.
pub(super) enum Fate {
    /// It stays, as it is now.
    Keep(Element),
    /// Its children take its place.
    Unwrap(Element),
    /// It goes.
    Drop,
}

impl Element {
    /// An element of the grammar; attributes that it may not have are left out.
    pub(super) fn new(name: &str, attributes: &[(&str, &str)], children: Vec<Node>) -> Option<Self> {
        let rule = ODF.element(name)?;
        let attributes =
            attributes.iter().filter_map(|(name, value)| Some((rule.attribute(name)?, (*value).to_owned())));
        Some(Self { name: rule.name, attributes: attributes.collect(), children })
    }

    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Takes an attribute away.
    pub(super) fn remove(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|(known, _)| *known == name)?;
        Some(self.attributes.remove(at).1)
    }

    /// Gives an attribute a value.
    pub(super) fn set(&mut self, name: &str, value: String) {
        if let Some((_, old)) = self.attributes.iter_mut().find(|(known, _)| *known == name) {
            *old = value;
        } else if let Some(name) = ODF.element(self.name).and_then(|rule| rule.attribute(name)) {
            self.attributes.push((name, value));
        }
    }

    /// The child elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| if let Node::Element(element) = node { Some(element) } else { None })
    }

    /// Looks at this element and all inside, in document order.
    pub(super) fn visit(&self, look: &mut dyn FnMut(&Self)) {
        look(self);
        self.elements().for_each(|child| child.visit(look));
    }

    /// Decides about every element inside, innermost first.
    pub(super) fn rewrite(&mut self, decide: &mut dyn FnMut(Self) -> Fate) {
        for node in std::mem::take(&mut self.children) {
            match node {
                Node::Text(text) => push_text(&mut self.children, &text),
                Node::Element(mut element) => {
                    element.rewrite(decide);
                    match decide(element) {
                        Fate::Keep(element) => self.children.push(Node::Element(element)),
                        Fate::Unwrap(element) => {
                            for child in element.children {
                                match child {
                                    Node::Text(text) => push_text(&mut self.children, &text),
                                    child => self.children.push(child),
                                }
                            }
                        }
                        Fate::Drop => {}
                    }
                }
            }
        }
        tidy_text(self);
    }
}

/// Encodings of a part.
const ENCODINGS: &[&str] = &["utf-8", "utf8", "us-ascii"];

/// Reads an XML part. What the grammar does not know is left out, and said when it held something.
pub(super) fn parse(bytes: &[u8], part: &str, budget: &mut Budget, findings: &mut Findings) -> Result<Element, Stop> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|_| bad())?;
    let xml = Xml::new(text, ENCODINGS);
    let mut parser = Parser { xml, budget, findings, part, paragraphs: 0, controls: BTreeMap::new() };
    let mut roots = Vec::new();
    parser.children(&mut roots, true)?;
    let mut elements = roots.into_iter().filter_map(|node| if let Node::Element(e) = node { Some(e) } else { None });
    match (elements.next(), elements.next()) {
        (Some(root), None) => Ok(root),
        _ => Err(bad()),
    }
}

pub(super) struct Parser<'a> {
    xml: Xml<'a>,
    budget: &'a mut Budget,
    pub(super) findings: &'a mut Findings,
    pub(super) part: &'a str,
    /// Open paragraphs: in one, an unknown element leaves its text.
    paragraphs: usize,
    /// What form controls show, by their id.
    pub(super) controls: BTreeMap<String, String>,
}

impl Parser<'_> {
    /// Reads up to the end of the open element (or of the part).
    fn children(&mut self, into: &mut Vec<Node>, top: bool) -> Result<(), Stop> {
        loop {
            match self.xml.next(self.budget)? {
                Item::Start(start) => {
                    self.element(&start, into)?;
                    self.xml.close();
                }
                Item::End => return if top { Err(bad()) } else { Ok(()) },
                Item::Eof => return if top { Ok(()) } else { Err(bad()) },
                Item::Text(text) => push_text(into, &text),
            }
        }
    }

    fn prefix(&self, written: &str) -> Option<&'static str> {
        if written == "xml" { Some("xml") } else { ODF.prefix(self.xml.uri(written)?) }
    }

    /// The name with the grammar's prefix; `?:local` in a namespace that it does not know.
    fn name(&self, written: &str, attribute: bool) -> String {
        match written.split_once(':') {
            Some((prefix, local)) => format!("{}:{local}", self.prefix(prefix).unwrap_or("?")),
            None if attribute => format!(":{written}"),
            None => format!("{}:{written}", self.prefix("").unwrap_or("?")),
        }
    }

    /// Reads an open element to its end, into the model or past it.
    fn element(&mut self, start: &BytesStart<'_>, into: &mut Vec<Node>) -> Result<(), Stop> {
        let name = self.name(start.name().as_ref(), false);
        let Some(rule) = ODF.element(&name) else {
            let attributes = self.all_attributes(start)?;
            let mut inside = Vec::new();
            self.children(&mut inside, false)?;
            let paragraph = self.paragraphs > 0;
            return left_out::leave_out(self, &name, &attributes, inside, paragraph, into);
        };
        let mut element = Element { name: rule.name, attributes: self.attributes(rule, start)?, children: Vec::new() };
        let paragraph = usize::from(matches!(rule.name, "text:p" | "text:h"));
        self.paragraphs += paragraph;
        self.children(&mut element.children, false)?;
        self.paragraphs -= paragraph;
        tidy_text(&mut element);
        into.push(Node::Element(element));
        Ok(())
    }

    /// Every attribute, for an element that is left out.
    fn all_attributes(&self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Stop> {
        let mut out = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| bad())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| bad())?;
            out.push((self.name(attribute.key.as_ref(), true), value.into_owned()));
        }
        Ok(out)
    }

    fn attributes(&self, rule: &Rule, start: &BytesStart<'_>) -> Result<Vec<(&'static str, String)>, Stop> {
        let mut out: Vec<(&'static str, String)> = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| bad())?;
            let Some(name) = rule.attribute(&self.name(attribute.key.as_ref(), true)) else { continue };
            let value = xml::value(&attribute)?;
            let value = if QNAMES.contains(&name) { self.qualified(&value) } else { value.into_owned() };
            match out.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => out.push((name, value)),
            }
        }
        Ok(out)
    }

    /// A value that begins with a prefix, with the grammar's prefix for the same namespace; `?` for an unknown one.
    fn qualified(&self, value: &str) -> String {
        let Some((prefix, rest)) = value.split_once(':') else { return value.to_owned() };
        let is_prefix = !prefix.is_empty() && prefix.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        let declared = self.xml.uri(prefix).is_some();
        match self.prefix(prefix) {
            Some(known) if is_prefix => format!("{known}:{rest}"),
            None if is_prefix && (declared || rest.starts_with('=')) => format!("?:{rest}"),
            _ => value.to_owned(),
        }
    }
}

/// Attributes whose value begins with a prefix of the file's own choice.
const QNAMES: &[&str] = &[
    "chart:class",
    "config:name",
    "script:event-name",
    "table:formula",
    "text:formula",
    "table:condition",
    "text:condition",
    "style:condition",
    "table:expression",
];

/// Adds text, joined to the text before it.
pub(super) fn push_text(into: &mut Vec<Node>, text: &str) {
    match into.last_mut() {
        Some(Node::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => into.push(Node::Text(text.to_owned())),
    }
}

/// Text stands only where the grammar has it.
fn tidy_text(element: &mut Element) {
    if !ODF.element(element.name).is_some_and(|rule| rule.text) {
        element.children.retain(|node| matches!(node, Node::Element(_)));
    }
}

/// Says what an unknown element held, when nothing better is known about it.
pub(super) fn held_text(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(element) => held_text(&element.children),
    })
}

impl Parser<'_> {
    /// Something dangerous is left out here.
    pub(super) fn removed(&mut self, what: What) {
        self.findings.removed(what, self.part);
    }

    /// Something that a reader would miss is left out here.
    pub(super) fn lost(&mut self, what: What) {
        self.findings.lost(what, self.part);
    }
}
