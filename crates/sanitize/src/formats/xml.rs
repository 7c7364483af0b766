//! XML as the parts of Office packages are read: no DTD, no entity but the predefined ones, namespaces, limits.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::budget::Budget;
use crate::words::ReasonCode;
use crate::work::Stop;

/// What is read next.
pub(super) enum Item<'a> {
    /// An element begins; [`Xml::close`] is due after its end.
    Start(BytesStart<'a>),
    /// The innermost element ends.
    End,
    /// Text, or a piece of it.
    Text(Cow<'a, str>),
    /// The part ends.
    Eof,
}

/// A part that is being read.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    /// Encodings that the declaration may name: any other would make two readers see two texts.
    encodings: &'static [&'static str],
    /// Depth, prefix and URI of the declarations in force, innermost last.
    scopes: Vec<(usize, String, String)>,
    /// Open elements.
    pub(super) depth: usize,
}

/// What is not well-formed is refused.
pub(super) fn bad() -> Stop {
    Stop::refused(ReasonCode::BadXml)
}

impl<'a> Xml<'a> {
    /// From the start of a text.
    pub(super) fn new(text: &'a str, encodings: &'static [&'static str]) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        reader.config_mut().expand_empty_elements = true;
        Self { reader, encodings, scopes: Vec::new(), depth: 0 }
    }

    /// The next element, text or end.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Result<Item<'a>, Stop> {
        loop {
            budget.step(1)?;
            return Ok(match self.reader.read_event().map_err(|_| bad())? {
                Event::Start(start) => {
                    self.open(&start, budget)?;
                    Item::Start(start)
                }
                Event::End(_) => Item::End,
                Event::Eof => Item::Eof,
                Event::Text(text) => Item::Text(checked(text.xml10_content())?),
                Event::CData(text) => Item::Text(checked(text.xml10_content())?),
                Event::GeneralRef(reference) => {
                    let c = match reference.resolve_char_ref().map_err(|_| bad())? {
                        Some(c) => c.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&reference).ok_or_else(bad)?.to_owned(),
                    };
                    Item::Text(checked(Cow::Owned(c))?)
                }
                Event::DocType(_) => return Err(Stop::refused(ReasonCode::DtdNotAllowed)),
                Event::Decl(declaration) => {
                    let encoding = declaration.encoding().transpose().map_err(|_| bad())?;
                    let known = |encoding: &str| self.encodings.contains(&encoding.to_ascii_lowercase().as_str());
                    if !encoding.is_none_or(|encoding| known(&encoding)) {
                        return Err(bad());
                    }
                    continue;
                }
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) => continue,
            });
        }
    }

    /// Notes the namespaces that an element declares.
    fn open(&mut self, start: &BytesStart<'_>, budget: &Budget) -> Result<(), Stop> {
        self.depth += 1;
        budget.nesting(self.depth)?;
        let mut count = 0;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| bad())?;
            count += 1;
            budget.attributes(count)?;
            let key = attribute.key.as_ref();
            let prefix = if key == "xmlns" { Some("") } else { key.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix {
                let uri = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| bad())?.into_owned();
                self.scopes.push((self.depth, prefix.to_owned(), uri));
            }
        }
        Ok(())
    }

    /// Forgets the namespaces of the element that ended.
    pub(super) fn close(&mut self) {
        let depth = self.depth;
        while self.scopes.last().is_some_and(|(at, ..)| *at >= depth) {
            self.scopes.pop();
        }
        self.depth -= 1;
    }

    /// The namespace that a prefix stands for here.
    pub(super) fn uri(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace");
        }
        self.scopes.iter().rev().find(|(_, known, _)| known == prefix).map(|(.., uri)| uri.as_str())
    }
}

/// The value of an attribute, of characters that XML may hold.
pub(super) fn value<'v>(attribute: &'v quick_xml::events::attributes::Attribute<'v>) -> Result<Cow<'v, str>, Stop> {
    checked(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| bad())?)
}

fn checked(text: Cow<'_, str>) -> Result<Cow<'_, str>, Stop> {
    if text.chars().all(is_xml_char) { Ok(text) } else { Err(bad()) }
}

/// XML 1.0, production 2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
