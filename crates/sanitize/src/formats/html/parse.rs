//! From tags to the tree. The tokens are those of the WHATWG standard; the tree is built by fewer rules, each linear,
//! because what is written afterwards says itself where each element begins and ends.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::attributes;
use super::css::{self, Look, Sheet};
use super::implied::{BLOCKS, ended_by};
use super::model::{Element, Node, Page, Picture, Source};
use crate::budget::Budget;
use crate::formats::text::is_text;
use crate::grammar::html::{FORMULA, HTML, VOID};
use crate::names::is_bidi;
use crate::policy::Policy;
use crate::report::Findings;
use crate::words::What;
use crate::work::{Stop, Work};

/// Elements in elements; what is deeper is put into the deepest. (Browsers do the same, at 512.)
const DEPTH: usize = 200;

/// Dropped together with everything in them, and how it is said. Before their end, an HTML tag of a page's body ends them.
const DROPPED: &[(&str, What)] = &[
    ("script", What::Script),
    ("iframe", What::Frame),
    ("frameset", What::Frame),
    ("noframes", What::Frame),
    ("svg", What::Picture),
    // What a formula was written from, or says to programs, beside what it shows.
    ("annotation", What::Metadata),
    ("annotation-xml", What::Metadata),
    ("mphantom", What::HiddenText),
    ("template", What::HiddenText),
    ("datalist", What::FormField),
    ("noembed", What::RichMedia),
    ("xml", What::Metadata),
];

/// Dropped alone; what is in them stays.
const UNWRAPPED: &[(&str, What)] = &[
    ("form", What::HtmlForm),
    ("object", What::RichMedia),
    ("embed", What::RichMedia),
    ("applet", What::RichMedia),
    ("video", What::Media),
    ("audio", What::Media),
    ("bgsound", What::Media),
    ("frame", What::Frame),
    ("portal", What::Frame),
];

/// Reads a page. What is dropped goes into `findings`.
pub(in crate::formats) fn parse(html: &str, work: &mut Work<'_>, findings: &mut Findings) -> Result<Page, Stop> {
    work.budget.decode(html.len().saturating_mul(2))?;
    work.budget.step(html.len() as u64 / 4)?;
    let html = html.replace("\r\n", "\n").replace('\r', "\n");
    let mut builder = Builder::new(work.policy, findings);
    builder.tokens(&html, true, &mut work.budget)?;
    Ok(builder.finish())
}

struct Builder<'a> {
    policy: &'a Policy,
    findings: &'a mut Findings,
    page: Page,
    sheet: Sheet,
    stack: Vec<Element>,
    /// Elements beyond [`DEPTH`], by name.
    beyond: Vec<&'static str>,
    /// The element that is being dropped with all that is in it, and how often it is open.
    dropping: Option<(&'static str, u32)>,
    /// Title and texts of the picture of vectors that is being dropped, and whether one of them is open.
    drawn: (String, bool),
    /// Raw text of `style`, `title` and `noscript` is collected here.
    raw: Option<(&'static str, String)>,
    /// What stood in a `noscript`, not read yet.
    noscript: Option<String>,
    /// A line end right after `<pre>` is no text.
    fresh_pre: bool,
}

impl<'a> Builder<'a> {
    fn new(policy: &'a Policy, findings: &'a mut Findings) -> Self {
        let root = element("body", Vec::new());
        let (page, sheet) = (Page::default(), Sheet::default());
        Self {
            policy,
            findings,
            page,
            sheet,
            stack: vec![root],
            beyond: Vec::new(),
            dropping: None,
            drawn: (String::new(), false),
            raw: None,
            noscript: None,
            fresh_pre: false,
        }
    }

    /// Reads tags and texts. What stands in `noscript` is read after it, as a page without scripts is shown.
    fn tokens(&mut self, html: &str, outer: bool, budget: &mut Budget) -> Result<(), Stop> {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(outer);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            budget.step(1)?;
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => self.start(&tag),
                Token::EndTag(tag) => self.end(&String::from_utf8_lossy(&tag.name)),
                Token::String(text) => self.text(&String::from_utf8_lossy(&text)),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
            if let Some(inside) = self.noscript.take().filter(|_| outer) {
                self.tokens(&inside, false, budget)?;
            }
        }
        if outer && matches!(self.raw, Some(("noscript", _))) {
            self.end("noscript");
            let inside = self.noscript.take().unwrap_or_default();
            self.tokens(&inside, false, budget)?;
        }
        Ok(())
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let name = name.as_str();
        if self.raw.is_some() {
            return;
        }
        self.fresh_pre = false;
        if let Some((dropped, open)) = &mut self.dropping {
            if name == *dropped {
                *open = open.saturating_add(1);
            }
            // In a browser, the tags of a page's body end a picture of vectors.
            let ends = *dropped == "svg" && (BLOCKS.contains(&name) || matches!(name, "br" | "body"));
            if !ends {
                self.drawn.1 |= *dropped == "svg" && matches!(name, "title" | "text");
                return;
            }
            self.stop_dropping();
        }
        self.active_attributes(tag);
        if let Some((dropped, what)) = DROPPED.iter().find(|(dropped, _)| *dropped == name) {
            self.say(*what, dropped);
            // (The tokenizer gives raw text elements up to their end tag, so that every one of these has one or the page ends.)
            let foreign = matches!(name, "svg" | "annotation" | "annotation-xml" | "mphantom");
            self.dropping = (!tag.self_closing || !foreign).then_some((*dropped, 1));
            return;
        }
        if let Some((_, what)) = UNWRAPPED.iter().find(|(unwrapped, _)| *unwrapped == name) {
            self.findings.removed(*what, name);
            return;
        }
        match name {
            "style" => self.raw = Some(("style", String::new())),
            "title" => self.raw = Some(("title", String::new())),
            "noscript" => self.raw = Some(("noscript", String::new())),
            "html" => {
                self.page.lang =
                    attributes::get(tag, "lang").filter(|lang| attributes::is_names(lang)).unwrap_or_default()
            }
            "body" => self.body(tag),
            "meta" => self.meta(tag),
            "link" => self.link(tag),
            "base" => self.findings.noted(What::Metadata, "base"),
            "img" | "image" => self.picture(tag),
            "input" => self.input(tag),
            "textarea" | "select" | "keygen" => self.findings.lost(What::FormField, name),
            "button" => {
                self.findings.lost(What::FormField, name);
                self.open("span", tag);
            }
            "option" | "optgroup" => self.text(" "),
            _ => self.open(name, tag),
        }
    }

    /// Event handlers, pictures behind the page, and what else an attribute could run or fetch.
    fn active_attributes(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        for (attribute, value) in &tag.attributes {
            let attribute = String::from_utf8_lossy(attribute);
            if attribute.starts_with("on") && attribute.len() > 2 {
                self.findings.removed(What::Script, format!("{name} {attribute}"));
            } else if attribute == "background" && !value.is_empty() {
                self.findings.removed(What::RemoteImage, attributes::shown(&String::from_utf8_lossy(value)));
            }
        }
    }

    fn say(&mut self, what: What, place: &str) {
        match what {
            What::Picture | What::UnknownElement | What::FormField => self.findings.lost(what, place),
            What::Metadata => self.findings.noted(what, place),
            _ => self.findings.removed(what, place),
        }
    }

    fn body(&mut self, tag: &StartTag<()>) {
        let (kept, look) = self.attributes("body", tag);
        if let Some(root) = self.stack.first_mut() {
            root.look = root.look.under(look);
            if root.attributes.is_empty() {
                root.attributes = kept;
            }
        }
    }

    fn meta(&mut self, tag: &StartTag<()>) {
        let refresh =
            attributes::get(tag, "http-equiv").is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"));
        if refresh {
            self.findings.removed(What::Action, "meta refresh");
        } else if attributes::get(tag, "name").is_some() {
            self.findings.noted(What::Metadata, "meta");
        }
    }

    fn link(&mut self, tag: &StartTag<()>) {
        let rel = attributes::get(tag, "rel").unwrap_or_default().to_ascii_lowercase();
        let target = attributes::shown(&attributes::get(tag, "href").unwrap_or_default());
        if rel.contains("stylesheet") {
            self.findings.removed(What::StyleImport, target);
        } else if rel.contains("pre") || rel.contains("import") || rel.contains("manifest") {
            self.findings.removed(What::ExternalLink, target);
        } else {
            self.findings.noted(What::Metadata, "link");
        }
    }

    fn input(&mut self, tag: &StartTag<()>) {
        let kind = attributes::get(tag, "type").unwrap_or_default().to_ascii_lowercase();
        if kind == "hidden" {
            self.findings.removed(What::FormField, "input hidden");
            return;
        }
        self.findings.lost(What::FormField, "input");
        let value = attributes::get(tag, "value").unwrap_or_default();
        let checked = tag.attributes.keys().any(|name| name.as_slice() == b"checked");
        let shown = match kind.as_str() {
            "checkbox" => if checked { "☑" } else { "☐" }.to_owned(),
            "radio" => if checked { "◉" } else { "○" }.to_owned(),
            "password" => String::new(),
            _ if value.is_empty() => String::new(),
            _ => format!("［{value}］"),
        };
        self.text(&shown);
    }

    fn picture(&mut self, tag: &StartTag<()>) {
        let (mut kept, look) = self.attributes("img", tag);
        let number = |name: &str| attributes::get(tag, name).and_then(|value| value.trim().parse::<u32>().ok());
        let dot = [number("width"), number("height")].iter().flatten().any(|pixels| *pixels <= 2);
        let alt = attributes::get(tag, "alt").map(|alt| attributes::text(&alt)).unwrap_or_default();
        kept.retain(|(name, _)| *name != "alt");
        let hidden = look.display_none == Some(true) || look.invisible == Some(true) || look.away;
        let source = attributes::get(tag, "src").unwrap_or_default();
        let source = match attributes::picture(&source) {
            Source::Gone => {
                let shown = attributes::shown(&source);
                match attributes::is_remote(&source) {
                    true if dot || hidden => self.findings.removed(What::TrackingPixel, shown),
                    true => self.findings.removed(What::RemoteImage, shown),
                    false if source.is_empty() => {}
                    false => self.findings.lost(What::Picture, shown),
                }
                Source::Gone
            }
            inside => inside,
        };
        let unseen = hidden || dot && matches!(source, Source::Gone);
        if !unseen {
            self.push(Node::Picture(Picture { alt, attributes: kept, source }));
        }
    }

    fn attributes(&mut self, element: &'static str, tag: &StartTag<()>) -> (Vec<(&'static str, String)>, Look) {
        let read = attributes::read(element, tag, self.policy);
        for target in read.unsafe_links {
            self.findings.removed(What::UnsafeLink, attributes::shown(&target));
        }
        if read.fetches {
            self.findings.removed(What::RemoteImage, "style");
        }
        (read.kept, read.look)
    }

    fn open(&mut self, name: &str, tag: &StartTag<()>) {
        let name = match name {
            "details" | "summary" | "dir" | "listing" | "plaintext" | "xmp" | "dialog" => "div",
            other => other,
        };
        let Some(known) = HTML.element(name) else { return };
        let formula = FORMULA.contains(&known);
        let math = self.stack.iter().rposition(|open| open.tag == "math");
        match math {
            None if formula && known != "math" => return,
            // In a browser, the blocks of a page's body end a formula.
            Some(at) if BLOCKS.contains(&known) => self.close_to(at),
            _ => {}
        }
        if self.beyond.is_empty() {
            self.close_implied(known);
        }
        let void = VOID.contains(&known);
        if !void && (!self.beyond.is_empty() || self.stack.len() > DEPTH) {
            self.beyond.push(known);
            return;
        }
        let (kept, look) = self.attributes(known, tag);
        let mut element = element(known, kept);
        element.look = look;
        self.fresh_pre = known == "pre";
        if void || formula && tag.self_closing {
            self.push(Node::Element(element));
        } else {
            self.stack.push(element);
        }
    }

    /// Ends what the beginning of `name` ends.
    fn close_implied(&mut self, name: &str) {
        let Some((ended, barriers)) = ended_by(name) else { return };
        // Again, until none is left: what one of them stood in may be another.
        while let Some(at) =
            self.stack.iter().rposition(|open| ended.contains(&open.tag) || barriers.contains(&open.tag))
        {
            if at == 0 || !self.stack.get(at).is_some_and(|open| ended.contains(&open.tag)) {
                return;
            }
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((dropped, open)) = &mut self.dropping {
            if name == *dropped {
                *open -= 1;
                if *open == 0 {
                    self.stop_dropping();
                }
            } else if matches!(name, "title" | "text") && self.drawn.1 {
                self.drawn.0.push(' ');
                self.drawn.1 = false;
            }
            return;
        }
        if self.raw.as_ref().is_some_and(|(tag, _)| *tag != name) {
            return;
        }
        if let Some((tag, text)) = self.raw.take() {
            match tag {
                "style" => css::sheet(&text, &mut self.sheet),
                "noscript" => self.noscript = Some(text),
                _ if self.page.title.is_empty() => self.page.title = attributes::text(&text),
                _ => {}
            }
            return;
        }
        let name = match name {
            "details" | "summary" | "dir" | "listing" | "plaintext" | "xmp" | "dialog" => "div",
            "option" => return self.text(" "),
            "button" => {
                self.text(" ");
                "span"
            }
            other => other,
        };
        if let Some(at) = self.beyond.iter().rev().take(DEPTH).position(|open| *open == name) {
            self.beyond.truncate(self.beyond.len() - 1 - at);
            return;
        }
        if !self.beyond.is_empty() {
            return;
        }
        let table_part =
            matches!(name, "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th" | "caption" | "colgroup");
        let barrier =
            |tag: &str| if table_part { tag == "table" } else { matches!(tag, "td" | "th" | "caption" | "table") };
        for at in (1..self.stack.len()).rev() {
            let Some(open) = self.stack.get(at) else { return };
            if open.tag == name {
                return self.close_to(at);
            }
            if barrier(open.tag) {
                return;
            }
        }
    }

    /// Ends the element at this place of the stack and all in it.
    fn close_to(&mut self, at: usize) {
        while self.stack.len() > at.max(1) {
            let Some(done) = self.stack.pop() else { return };
            self.push(Node::Element(done));
        }
    }

    fn push(&mut self, node: Node) {
        self.fresh_pre &= matches!(node, Node::Element(_));
        if let Some(open) = self.stack.last_mut() {
            open.children.push(node);
        }
    }

    /// Ends what is dropped. A picture of vectors leaves the words that are in it as its description.
    fn stop_dropping(&mut self) {
        self.dropping = None;
        let alt = attributes::text(&std::mem::take(&mut self.drawn).0);
        if !alt.is_empty() {
            self.push(Node::Picture(Picture { alt, attributes: Vec::new(), source: Source::Gone }));
        }
    }

    fn text(&mut self, text: &str) {
        if self.dropping.is_some() {
            if self.drawn.1 {
                self.drawn.0.push_str(text);
            }
            return;
        }
        if let Some((_, raw)) = &mut self.raw {
            raw.push_str(text);
            return;
        }
        let text = if std::mem::take(&mut self.fresh_pre) { text.strip_prefix('\n').unwrap_or(text) } else { text };
        let text: String = text.chars().filter(|c| is_text(*c) && *c != '\r' && !is_bidi(*c)).collect();
        let Some(open) = self.stack.last_mut() else { return };
        if text.is_empty() {
            return;
        }
        match open.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => open.children.push(Node::Text(text)),
        }
    }

    fn finish(mut self) -> Page {
        if let Some(("style", text)) = self.raw.take() {
            css::sheet(&text, &mut self.sheet);
        }
        self.stop_dropping();
        self.close_to(1);
        if self.sheet.fetches {
            self.findings.removed(What::StyleImport, "style");
        }
        if let Some(root) = self.stack.pop() {
            let root = super::hidden::leave_out(root, &self.sheet, self.findings);
            self.page.attributes = root.attributes;
            self.page.children = root.children;
        }
        self.page.rules = self.sheet.rules;
        self.page
    }
}

fn element(tag: &'static str, attributes: Vec<(&'static str, String)>) -> Element {
    Element { tag, attributes, children: Vec::new(), look: Look::default() }
}
