//! The model of an XML part: elements and attributes of the grammar, and text. Nothing else can be put into it.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use crate::budget::Budget;
use crate::formats::xml::{self, Item, Xml, bad};
use crate::grammar::{A, NONE, Name, OOXML, R, V, W, X};
use crate::report::Findings;
use crate::words::What;
use crate::work::Stop;

/// An allowed element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name.
    pub(crate) name: Name,
    /// Its attributes.
    pub(crate) attributes: Vec<(Name, String)>,
    /// What is in it.
    pub(crate) children: Vec<Node>,
}

/// An element or text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

/// What becomes of an element.
pub(crate) enum Fate {
    /// It stays, as it is now.
    Keep(Element),
    /// Its children take its place.
    Unwrap(Element),
    /// It goes.
    Drop,
}

impl Element {
    /// An element of the grammar without attributes; `None` when the grammar does not know it.
    pub(crate) fn new(space: u8, local: &str, children: Vec<Node>) -> Option<Self> {
        Some(Self { name: OOXML.element(space, local)?, attributes: Vec::new(), children })
    }

    /// Whether this is its name.
    pub(crate) fn is(&self, space: u8, local: &str) -> bool {
        self.name.space == space && self.name.local == local
    }

    /// The value of an attribute.
    pub(crate) fn get(&self, space: u8, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| name.space == space && name.local == local);
        found.map(|(_, value)| value.as_str())
    }

    /// Takes an attribute away.
    pub(crate) fn remove(&mut self, space: u8, local: &str) -> Option<String> {
        let at = self.attributes.iter().position(|(name, _)| name.space == space && name.local == local)?;
        Some(self.attributes.remove(at).1)
    }

    /// The child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| if let Node::Element(element) = node { Some(element) } else { None })
    }

    /// All text inside.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.visit(&mut |element| {
            for node in &element.children {
                if let Node::Text(text) = node {
                    out.push_str(text);
                }
            }
        });
        out
    }

    /// Whether an element of this name is inside.
    pub(crate) fn has(&self, space: u8, local: &str) -> bool {
        let mut found = false;
        self.visit(&mut |element| found |= element.is(space, local));
        found
    }

    /// Looks at this element and all inside, in document order.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&Self)) {
        look(self);
        self.elements().for_each(|child| child.visit(look));
    }

    /// Decides about every element inside, innermost first.
    pub(crate) fn rewrite(&mut self, decide: &mut dyn FnMut(Self) -> Fate) {
        for node in std::mem::take(&mut self.children) {
            match node {
                Node::Text(text) => self.children.push(Node::Text(text)),
                Node::Element(mut element) => {
                    element.rewrite(decide);
                    match decide(element) {
                        Fate::Keep(element) => self.children.push(Node::Element(element)),
                        // Text has no place among the elements that now stand around it.
                        Fate::Unwrap(element) => {
                            self.children
                                .extend(element.children.into_iter().filter(|node| matches!(node, Node::Element(_))));
                        }
                        Fate::Drop => {}
                    }
                }
            }
        }
    }
}

/// Namespaces that are understood without a fallback, inside `mc:AlternateContent`.
const UNDERSTOOD: &[&str] = &["wps", "wpg", "wpc", "a14"];
/// Namespace of markup compatibility.
pub(super) const MC: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";

/// The long lists of a workbook and what they are lists of: a sheet of a million cells is read row by row.
const LISTS: &[(&str, &str)] = &[("sheetData", "row"), ("sst", "si")];

/// What the element is a list of, when it is one of the long lists.
pub(super) fn item_of(name: Name) -> Option<&'static str> {
    LISTS.iter().find(|(list, _)| name.space == X && name.local == *list).map(|(_, item)| *item)
}

/// Takes each item of a long list as soon as it is read, so that there is never more than one of them.
pub(super) type Take<'a> = &'a mut dyn FnMut(Element, &mut Findings);

/// Reads an XML part. What the grammar does not know is left out, and said when it held something.
pub(crate) fn parse(
    bytes: &[u8],
    part: &str,
    vml: bool,
    budget: &mut Budget,
    findings: &mut Findings,
) -> Result<Element, Stop> {
    parse_with(bytes, part, vml, None, budget, findings)
}

/// Reads an XML part; the items of its long list do not come into the tree.
pub(super) fn parse_list(
    bytes: &[u8],
    part: &str,
    take: Take<'_>,
    budget: &mut Budget,
    findings: &mut Findings,
) -> Result<Element, Stop> {
    parse_with(bytes, part, false, Some(take), budget, findings)
}

fn parse_with(
    bytes: &[u8],
    part: &str,
    vml: bool,
    take: Option<Take<'_>>,
    budget: &mut Budget,
    findings: &mut Findings,
) -> Result<Element, Stop> {
    let text = decode(bytes)?;
    // Excel writes the line breaks of its text boxes in VML as HTML does.
    let breaks = vml && text.contains("<br>") && !text.contains("</br>");
    let text = if breaks { Cow::Owned(text.replace("<br>", "<br/>")) } else { text };
    let xml = Xml::new(&text, ENCODINGS);
    let mut parser = Parser { xml, budget, findings, part, vml, take, item: None };
    let mut roots = Vec::new();
    parser.children(&mut roots, true)?;
    let mut elements = roots.into_iter().filter_map(|n| if let Node::Element(e) = n { Some(e) } else { None });
    if vml {
        // The root of a VML part is in no namespace; a group of the grammar stands for it here.
        return Element::new(V, "group", elements.map(Node::Element).collect()).ok_or_else(bad);
    }
    match (elements.next(), elements.next()) {
        (Some(root), None) => Ok(root),
        _ => Err(bad()),
    }
}

/// Encodings of a part (ECMA-376-2, 8.1.4).
const ENCODINGS: &[&str] = &["utf-8", "utf-16", "utf8", "us-ascii"];

/// UTF-8, or UTF-16 by its BOM (ECMA-376-2, 8.1.4).
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Stop> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).map(Cow::Borrowed).map_err(|_| bad()),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            let encoding = if bytes.starts_with(&[0xff]) { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
            let (text, damaged) = encoding.decode_with_bom_removal(bytes);
            if damaged { Err(bad()) } else { Ok(text) }
        }
        _ => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| bad()),
    }
}

struct Parser<'a, 't> {
    xml: Xml<'a>,
    budget: &'a mut Budget,
    findings: &'a mut Findings,
    part: &'a str,
    vml: bool,
    /// What takes the items of long lists.
    take: Option<Take<'t>>,
    /// What the open element is a list of.
    item: Option<&'static str>,
}

impl Parser<'_, '_> {
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

    fn uri(&self, prefix: &str) -> &str {
        self.xml.uri(prefix).unwrap_or_default()
    }

    /// Reads an open element to its end, into the model or past it.
    fn element(&mut self, start: &BytesStart<'_>, into: &mut Vec<Node>) -> Result<(), Stop> {
        let name = start.name();
        let (prefix, local) = split(name.as_ref());
        let uri = self.uri(prefix);
        if uri == MC && local == "AlternateContent" {
            return self.alternate(into);
        }
        if self.vml && self.xml.depth == 1 && uri.is_empty() && local == "xml" {
            return self.children(into, false);
        }
        let space = OOXML.space(uri);
        if space == Some(W) && matches!(local, "smartTag" | "customXml") {
            return self.children(into, false);
        }
        let Some(name) = space.and_then(|space| OOXML.element(space, local)) else {
            return self.leave_out(space, local, into);
        };
        let mut attributes = self.attributes(name, start)?;
        // A large sheet is a million small elements: room for more in each is most of its memory.
        attributes.shrink_to_fit();
        let mut element = Element { name, attributes, children: Vec::new() };
        let list = self.take.as_ref().and_then(|_| item_of(name));
        let around = std::mem::replace(&mut self.item, list);
        self.children(&mut element.children, false)?;
        self.item = around;
        element.children.shrink_to_fit();
        tidy_text(&mut element, list.is_some());
        match &mut self.take {
            Some(take) if name.space == X && around == Some(name.local) => take(element, self.findings),
            _ => into.push(Node::Element(element)),
        }
        Ok(())
    }

    fn attributes(&self, element: Name, start: &BytesStart<'_>) -> Result<Vec<(Name, String)>, Stop> {
        let mut out: Vec<(Name, String)> = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| bad())?;
            let (prefix, local) = split(attribute.key.as_ref());
            if prefix == "xmlns" || (prefix.is_empty() && local == "xmlns") {
                continue;
            }
            let space = if prefix.is_empty() { Some(NONE) } else { OOXML.space(self.uri(prefix)) };
            // A linked picture becomes an embedded one: its relationship then becomes a placeholder.
            let linked = element.space == A && element.local == "blip" && space == Some(R) && local == "link";
            let local = if linked { "embed" } else { local };
            let Some(name) = space.and_then(|space| OOXML.attribute(element, space, local)) else { continue };
            let value = xml::value(&attribute)?;
            match out.iter_mut().find(|(known, _)| *known == name) {
                Some(_) if linked => {}
                Some((_, known)) => *known = value.into_owned(),
                None => out.push((name, value.into_owned())),
            }
        }
        Ok(out)
    }

    /// The first choice whose namespaces are understood, else the fallback.
    fn alternate(&mut self, into: &mut Vec<Node>) -> Result<(), Stop> {
        let mut chosen = false;
        loop {
            match self.xml.next(self.budget)? {
                Item::Start(start) => {
                    let name = start.name();
                    let (prefix, local) = split(name.as_ref());
                    let ours = self.uri(prefix) == MC;
                    let wanted = match local {
                        "Choice" => self.understands(&start)?,
                        "Fallback" => true,
                        _ => false,
                    };
                    if ours && wanted && !chosen {
                        chosen = true;
                        self.children(into, false)?;
                    } else {
                        // What is in a branch that nobody sees is not said.
                        let said = std::mem::take(self.findings);
                        self.aside()?;
                        *self.findings = said;
                    }
                    self.xml.close();
                }
                Item::End => return Ok(()),
                Item::Eof => return Err(bad()),
                Item::Text(_) => {}
            }
        }
    }

    fn understands(&self, start: &BytesStart<'_>) -> Result<bool, Stop> {
        let requires = start.try_get_attribute("Requires").map_err(|_| bad())?;
        let requires = requires
            .map(|a| a.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned))
            .transpose()
            .map_err(|_| bad())?;
        let Some(requires) = requires else { return Ok(false) };
        let known = |prefix: &str| OOXML.space(self.uri(prefix)).is_some_and(|s| UNDERSTOOD.contains(&OOXML.prefix(s)));
        Ok(requires.split_whitespace().all(known))
    }

    /// What is in an open element that has no place in the model.
    fn aside(&mut self) -> Result<Vec<Node>, Stop> {
        let around = self.item.take();
        let mut inside = Vec::new();
        self.children(&mut inside, false)?;
        self.item = around;
        Ok(inside)
    }

    /// Reads past an element that is not in the grammar, and says what it was.
    fn leave_out(&mut self, space: Option<u8>, local: &str, into: &mut Vec<Node>) -> Result<(), Stop> {
        let (local, part) = (local.to_owned(), self.part);
        let inside = self.aside()?;
        let holds_text = inside.iter().any(|node| match node {
            Node::Text(text) => !text.trim().is_empty(),
            Node::Element(element) => !element.text().trim().is_empty(),
        });
        match (space, local.as_str()) {
            (Some(W), "altChunk") => into.extend(notice("［取り込み文書は除去されました］")),
            (Some(W), "entryMacro" | "exitMacro") => self.findings.removed(What::Macro, part),
            // What these name is said where their relationship is dropped; the text in them is no content.
            (Some(W), "mailMerge" | "docVars" | "fldData" | "docPart" | "control") => {}
            (Some(crate::grammar::X), "customSheetViews" | "customWorkbookViews" | "smartTags") => {}
            (Some(crate::grammar::XVML), _) => {}
            // The text of boxes in VML is HTML, which is not carried.
            (Some(_), _) if holds_text => self.findings.lost(What::UnknownElement, part),
            (None, _) if holds_text && self.vml => self.findings.lost(What::UnknownElement, part),
            _ => {}
        }
        Ok(())
    }
}

/// A paragraph of text, in the place of what is gone.
fn notice(text: &str) -> Option<Node> {
    let text = Element::new(W, "t", vec![Node::Text(text.to_owned())])?;
    let run = Element::new(W, "r", vec![Node::Element(text)])?;
    Element::new(W, "p", vec![Node::Element(run)]).map(Node::Element)
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

fn push_text(into: &mut Vec<Node>, text: &str) {
    match into.last_mut() {
        Some(Node::Text(last)) => last.push_str(text),
        _ => into.push(Node::Text(text.to_owned())),
    }
}

/// Text stands in leaves only, and in no long list; white space stands only where it is content.
fn tidy_text(element: &mut Element, list: bool) {
    let content = matches!(element.name.local, "t" | "v" | "delText" | "instrText" | "delInstrText");
    let mixed = list || element.children.iter().any(|node| matches!(node, Node::Element(_)));
    element.children.retain(|node| match node {
        Node::Element(_) => true,
        Node::Text(text) => !mixed && (content || !text.trim().is_empty()),
    });
}
