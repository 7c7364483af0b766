//! From the tree to text that reads well: paragraphs, headings, lists, tables, quotations, the real target after each link.

use std::collections::BTreeMap;

use super::links;
use super::model::{Element, Node, Page, Picture, Source};
use super::table;
use crate::work::{Stop, Work};

/// Stands around targets while the text is made; controls are in no text, so that nothing else can be taken for it.
const TARGET: char = '\u{1}';
/// Indents in indents; deeper ones are not indented further.
const INDENTS: u32 = 20;

/// A page as text.
pub(in crate::formats) struct Readable {
    /// The text, lines ended by line feeds.
    pub(in crate::formats) text: String,
    /// What it says, line by line, targets apart.
    pub(in crate::formats) pieces: Vec<String>,
}

/// What the text refers to and what is to be said of it.
#[derive(Debug, Default)]
pub(in crate::formats) struct Inside {
    /// Names of the mail's other parts by their content id.
    pub(in crate::formats) names: BTreeMap<String, String>,
    /// Pictures of the page itself.
    pub(in crate::formats) pictures: Vec<Vec<u8>>,
    /// Targets of links.
    pub(in crate::formats) links: Vec<String>,
    /// Targets of links whose text names another address.
    pub(in crate::formats) mismatches: Vec<String>,
}

/// Writes a page as text.
pub(in crate::formats) fn readable(page: &Page, inside: &mut Inside, work: &mut Work<'_>) -> Result<Readable, Stop> {
    let mut renderer = Renderer { inside, work, indents: 0 };
    let lines = renderer.lines(&page.children)?;
    let marked = lines.join("\n");
    let pieces = marked.split(['\n', TARGET]).map(str::to_owned).filter(|piece| !piece.trim().is_empty()).collect();
    let mut text = marked.replace(TARGET, "");
    text.push('\n');
    Ok(Readable { text, pieces })
}

/// Lines in the making.
#[derive(Default)]
pub(super) struct Flow {
    lines: Vec<String>,
    line: String,
    /// White space that is written before the next character, and whether a line end was in it.
    space: Option<bool>,
    /// A blank line is due.
    blank: bool,
    pre: bool,
}

impl Flow {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if self.pre => self.end_line(),
                ' ' | '\t' | '\n' if !self.pre => self.space = Some(self.space.unwrap_or(false) || c == '\n'),
                c => self.character(if c == '\u{a0}' { ' ' } else { c }),
            }
        }
    }

    fn character(&mut self, c: char) {
        if self.line.is_empty() {
            self.start_line();
        } else if let Some(line_end) = self.space.take() {
            // A line end between two wide characters is how the page's source was wrapped.
            let wrapped =
                line_end && width_of(c) == 2 && self.line.chars().next_back().is_some_and(|c| width_of(c) == 2);
            if !wrapped {
                self.line.push(' ');
            }
        }
        self.line.push(c);
        self.space = None;
    }

    fn start_line(&mut self) {
        if std::mem::take(&mut self.blank) && !self.lines.is_empty() {
            self.lines.push(String::new());
        }
    }

    /// Ends the line, also an empty one.
    fn end_line(&mut self) {
        self.start_line();
        self.lines.push(std::mem::take(&mut self.line).trim_end().to_owned());
        self.space = None;
    }

    /// What follows begins a line.
    fn fresh_line(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.space = None;
    }

    /// What follows begins a paragraph.
    fn paragraph(&mut self) {
        self.fresh_line();
        self.blank = true;
    }

    /// Whole lines, after `first` on the first and `others` on the others.
    pub(super) fn block(&mut self, lines: &[String], first: &str, others: &str) {
        self.fresh_line();
        for (at, line) in lines.iter().enumerate() {
            self.line = if at == 0 { first } else { others }.to_owned() + line;
            self.end_line();
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.fresh_line();
        let blank = |line: &String| line.trim().is_empty();
        let start = self.lines.iter().position(|line| !blank(line)).unwrap_or(self.lines.len());
        let end = self.lines.iter().rposition(|line| !blank(line)).map_or(start, |at| at + 1);
        self.lines.get(start..end).unwrap_or_default().to_vec()
    }
}

pub(super) struct Renderer<'a, 'w> {
    inside: &'a mut Inside,
    work: &'a mut Work<'w>,
    indents: u32,
}

impl Renderer<'_, '_> {
    /// The nodes as lines of their own.
    pub(super) fn lines(&mut self, nodes: &[Node]) -> Result<Vec<String>, Stop> {
        let mut flow = Flow::default();
        self.nodes(nodes, &mut flow)?;
        let lines = flow.finish();
        let bytes: usize = lines.iter().map(String::len).sum();
        self.work.budget.step(bytes as u64 / 8 + lines.len() as u64)?;
        self.work.budget.decode(bytes / 4)?;
        Ok(lines)
    }

    fn nodes(&mut self, nodes: &[Node], flow: &mut Flow) -> Result<(), Stop> {
        for node in nodes {
            match node {
                Node::Text(text) => flow.text(text),
                Node::Picture(picture) => self.picture(picture, flow),
                Node::Element(element) => self.element(element, flow)?,
            }
        }
        Ok(())
    }

    fn element(&mut self, element: &Element, flow: &mut Flow) -> Result<(), Stop> {
        let children = &element.children;
        match element.tag {
            "br" => flow.end_line(),
            "wbr" | "rp" | "col" | "colgroup" => {}
            "hr" => flow.block(&["－".repeat(20)], "", ""),
            "h1" | "h2" => self.heading(children, "■ ", flow)?,
            "h3" | "h4" | "h5" | "h6" => self.heading(children, "◆ ", flow)?,
            "ul" | "ol" => self.list(element, flow)?,
            "dd" => self.indented(children, ("    ", "    "), flow)?,
            "blockquote" => {
                flow.paragraph();
                self.indented(children, ("> ", "> "), flow)?;
                flow.paragraph();
            }
            "table" => {
                flow.paragraph();
                table::table(self, element, flow)?;
                flow.paragraph();
            }
            "pre" => {
                flow.paragraph();
                flow.pre = true;
                self.nodes(children, flow)?;
                flow.pre = false;
                flow.paragraph();
            }
            "a" => self.link(element, flow)?,
            "q" => self.wrapped(children, ("「", "」"), flow)?,
            "rt" => self.wrapped(children, ("（", "）"), flow)?,
            "del" | "s" | "strike" => self.wrapped(children, ("［取消線：", "］"), flow)?,
            "sup" => self.raised(element, "⁰¹²³⁴⁵⁶⁷⁸⁹", flow)?,
            "sub" => self.raised(element, "₀₁₂₃₄₅₆₇₈₉", flow)?,
            "mfrac" => self.formula(children, &["/"], flow)?,
            "msup" => self.formula(children, &["^"], flow)?,
            "msub" => self.formula(children, &["_"], flow)?,
            "msubsup" | "munderover" => self.formula(children, &["_", "^"], flow)?,
            "msqrt" => self.wrapped(children, ("√(", ")"), flow)?,
            "p" if is_tight(element) => {
                flow.fresh_line();
                self.nodes(children, flow)?;
                flow.fresh_line();
            }
            "p" | "dl" | "figure" | "fieldset" => {
                flow.paragraph();
                self.nodes(children, flow)?;
                flow.paragraph();
            }
            "address" | "article" | "aside" | "caption" | "center" | "div" | "dt" | "figcaption" | "footer"
            | "header" | "hgroup" | "legend" | "li" | "main" | "nav" | "section" | "tbody" | "td" | "tfoot" | "th"
            | "thead" | "tr" => {
                flow.fresh_line();
                self.nodes(children, flow)?;
                flow.fresh_line();
            }
            _ => self.nodes(children, flow)?,
        }
        Ok(())
    }

    fn heading(&mut self, children: &[Node], mark: &str, flow: &mut Flow) -> Result<(), Stop> {
        let lines = self.lines(children)?;
        if !lines.is_empty() {
            flow.paragraph();
            flow.block(&lines, mark, "  ");
            flow.paragraph();
        }
        Ok(())
    }

    fn indented(&mut self, children: &[Node], (first, others): (&str, &str), flow: &mut Flow) -> Result<(), Stop> {
        self.indents += 1;
        let lines = self.lines(children)?;
        let deep = self.indents > INDENTS;
        self.indents -= 1;
        let (first, others) = if deep { ("", "") } else { (first, others) };
        flow.block(&lines, first, others);
        Ok(())
    }

    fn list(&mut self, list: &Element, flow: &mut Flow) -> Result<(), Stop> {
        if self.indents == 0 {
            flow.paragraph();
        }
        let start = list.attribute("start").and_then(|start| start.parse::<i64>().ok()).unwrap_or(1);
        let mut number = start;
        for child in &list.children {
            match child {
                Node::Element(item) if item.tag == "li" => {
                    number = item.attribute("value").and_then(|value| value.parse().ok()).unwrap_or(number);
                    let mark = if list.tag == "ol" { format!("{number}. ") } else { "・".to_owned() };
                    number = number.saturating_add(1);
                    let others = " ".repeat(width(&mark));
                    self.indented(&item.children, (&mark, &others), flow)?;
                }
                other => self.indented(std::slice::from_ref(other), ("  ", "  "), flow)?,
            }
        }
        if self.indents == 0 {
            flow.paragraph();
        }
        Ok(())
    }

    fn wrapped(&mut self, children: &[Node], (before, after): (&str, &str), flow: &mut Flow) -> Result<(), Stop> {
        flow.text(before);
        self.nodes(children, flow)?;
        flow.text(after);
        Ok(())
    }

    /// The parts of a formula with a mark before each but the first; a part of several elements stands in parentheses.
    fn formula(&mut self, children: &[Node], marks: &[&str], flow: &mut Flow) -> Result<(), Stop> {
        let parts = children.iter().filter_map(|child| match child {
            Node::Element(part) => Some(part),
            _ => None,
        });
        for (at, part) in parts.enumerate() {
            flow.text(at.checked_sub(1).and_then(|before| marks.get(before)).copied().unwrap_or_default());
            let several = part.children.iter().filter(|child| matches!(child, Node::Element(_))).count() > 1;
            let around = if several { ("(", ")") } else { ("", "") };
            flow.text(around.0);
            self.element(part, flow)?;
            flow.text(around.1);
        }
        Ok(())
    }

    fn raised(&mut self, element: &Element, digits: &str, flow: &mut Flow) -> Result<(), Stop> {
        let text = links::text_of(element);
        let raised: Option<String> =
            text.trim().chars().map(|c| digits.chars().nth(c.to_digit(10)? as usize)).collect();
        match raised {
            Some(raised) => flow.text(&raised),
            None => self.nodes(&element.children, flow)?,
        }
        Ok(())
    }

    fn link(&mut self, element: &Element, flow: &mut Flow) -> Result<(), Stop> {
        let before = (flow.lines.len(), flow.line.len());
        self.nodes(&element.children, flow)?;
        let Some(target) = element.attribute("href").filter(|target| !target.starts_with('#')) else { return Ok(()) };
        let text = links::text_of(element);
        if before == (flow.lines.len(), flow.line.len()) {
            return Ok(()); // nothing to click on
        }
        self.inside.links.push(target.to_owned());
        if links::same(&text, target) {
            return Ok(());
        }
        if links::differs(&text, target) {
            self.inside.mismatches.push(target.to_owned());
            flow.text("【注意：表示と異なるリンク先】");
        }
        flow.text(" ");
        for c in format!("<{TARGET}{target}{TARGET}>").chars() {
            flow.character(c);
        }
        Ok(())
    }

    fn picture(&mut self, picture: &Picture, flow: &mut Flow) {
        let name = match &picture.source {
            Source::Data(bytes) => {
                self.inside.pictures.push(bytes.clone());
                Some(format!("画像{}", self.inside.pictures.len()))
            }
            Source::Part(id) => self.inside.names.get(id).cloned(),
            Source::Ready(_) | Source::Gone => None,
        };
        let shown = match (picture.alt.as_str(), name) {
            ("", None) => return,
            ("", Some(name)) => name,
            (alt, None) => alt.to_owned(),
            (alt, Some(name)) if name.starts_with(alt) => name,
            (alt, Some(name)) => format!("{alt}、{name}"),
        };
        flow.text(&format!("［画像：{shown}］"));
    }
}

/// A paragraph without space around it: Word and Outlook make one of every line.
fn is_tight(element: &Element) -> bool {
    let class = element.attribute("class").unwrap_or_default();
    let style = element.attribute("style").unwrap_or_default();
    class.contains("Mso")
        || style.split(';').any(|part| part.starts_with("margin:0") || part.starts_with("margin-bottom:0"))
}

/// Columns that a text takes where a Japanese character takes two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> usize {
    match c {
        TARGET | '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => 0,
        '\0'..='\u{2ff}' | '\u{ff61}'..='\u{ff9f}' => 1,
        _ => 2,
    }
}
