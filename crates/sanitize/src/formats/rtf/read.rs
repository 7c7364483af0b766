//! Reads a document into the model.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::lex::{Lexer, Token};
use super::model::{Destination, Node};
use super::{destination, text};
use crate::grammar::rtf::RTF;
use crate::policy::{Hidden, KeepOrDrop};
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Stop, Work};

pub(super) fn damaged() -> Stop {
    Stop::refused(ReasonCode::Damaged)
}

/// What a group inherits from the one around it.
#[derive(Clone, Copy)]
pub(super) struct State {
    /// Bytes of fallback after each `\u`.
    pub(super) skip: usize,
    pub(super) font: i32,
    /// Within a tracked deletion.
    pub(super) deleted: bool,
    /// Within the texts of list levels, where bytes below 32 are numbers of levels.
    pub(super) level: bool,
    /// Within the font table.
    pub(super) fonts: bool,
}

pub(super) struct Reader<'a, 'b, 'c> {
    pub(super) lexer: Lexer<'a>,
    pub(super) work: &'b mut Work<'c>,
    pub(super) draft: &'b mut Draft,
    depth: usize,
    document: &'static Encoding,
    charsets: BTreeMap<i32, i32>,
    default_font: i32,
}

/// Reads the whole document: one group from the first byte to the last.
pub(super) fn read(bytes: &[u8], work: &mut Work<'_>, draft: &mut Draft) -> Result<Vec<Node>, Stop> {
    let lexer = Lexer { bytes, at: 0 };
    let document = text::of_code_page(1252);
    let charsets = BTreeMap::new();
    let mut reader = Reader { lexer, work, draft, depth: 0, document, charsets, default_font: 0 };
    if reader.lexer.next()? != Some(Token::Open) || !matches!(reader.lexer.next()?, Some(Token::Word("rtf", _))) {
        return Err(damaged());
    }
    let state = State { skip: 1, font: -1, deleted: false, level: false, fonts: false };
    let nodes = reader.group(state)?;
    let rest = bytes.get(reader.lexer.at..).unwrap_or_default();
    if rest.iter().any(|byte| !matches!(byte, b'\r' | b'\n' | b' ' | 0)) {
        reader.draft.findings.removed_bytes(What::TrailingData, "", rest);
    }
    Ok(header(nodes))
}

/// The character set first, always the same: text is written as Unicode with one byte of fallback.
fn header(nodes: Vec<Node>) -> Vec<Node> {
    let fixed = [("ansi", None), ("ansicpg", Some(932)), ("uc", Some(1))]
        .map(|(name, parameter)| RTF.word(name).map(|name| Node::Word(name, parameter)));
    let set = |node: &Node| matches!(node, Node::Word("ansi" | "mac" | "pc" | "pca" | "ansicpg" | "uc", _));
    fixed.into_iter().flatten().chain(nodes.into_iter().filter(|node| !set(node))).collect()
}

/// Whether there is anything to read.
pub(super) fn holds_content(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Picture(..) => true,
        Node::Group(nodes) => holds_content(nodes),
        Node::Destination(Destination { name, nodes, .. }) => {
            !matches!(*name, "fonttbl" | "colortbl" | "stylesheet" | "info" | "listtable" | "revtbl")
                && holds_content(nodes)
        }
        Node::Word(..) | Node::Symbol(_) => false,
    })
}

impl Reader<'_, '_, '_> {
    /// Reads up to the end of the open group.
    pub(super) fn group(&mut self, mut state: State) -> Result<Vec<Node>, Stop> {
        self.depth += 1;
        self.work.budget.nesting(self.depth)?;
        let (mut nodes, mut bytes, mut skip) = (Vec::new(), Vec::new(), 0_usize);
        loop {
            self.work.budget.step(1)?;
            let token = self.lexer.next()?.ok_or_else(damaged)?;
            let skipped = skip > 0 && matches!(token, Token::Byte(_) | Token::Char(_));
            if skipped {
                skip -= 1;
                continue;
            }
            match token {
                Token::Byte(byte) if state.level && byte < 32 => {
                    self.flush(&mut bytes, &mut nodes, state);
                    push_text(&mut nodes, &char::from(byte).to_string());
                    continue;
                }
                Token::Byte(byte) | Token::Char(byte) => {
                    bytes.push(byte);
                    if matches!(token, Token::Char(_)) && self.leads(byte, state) {
                        bytes.extend(self.lexer.trail());
                    }
                    continue;
                }
                _ => self.flush(&mut bytes, &mut nodes, state),
            }
            skip = 0;
            match token {
                Token::Close => break,
                Token::Open => {
                    let child = self.open(state)?;
                    nodes.extend(child);
                }
                Token::Word("u", Some(unit)) => {
                    let unit = u16::try_from(unit.rem_euclid(0x1_0000)).unwrap_or(0xfffd);
                    self.unit(unit, &mut nodes, state);
                    skip = state.skip;
                }
                Token::Word("uc", Some(count)) => state.skip = usize::try_from(count).unwrap_or(1).min(16),
                Token::Word(word, parameter) => self.word(word, parameter, &mut state, &mut nodes),
                Token::Symbol(symbol) => {
                    if let b'~' | b'-' | b'_' = symbol {
                        nodes.push(Node::Symbol(char::from(symbol)));
                    }
                }
                Token::Byte(_) | Token::Char(_) | Token::Binary(_) => {}
            }
        }
        self.depth -= 1;
        join_surrogates(&mut nodes);
        Ok(nodes)
    }

    /// Whether a byte that stands for itself begins a character of CP932, whose second byte may be a backslash or a brace.
    fn leads(&self, byte: u8, state: State) -> bool {
        matches!(byte, 0x81..=0x9f | 0xe0..=0xfc)
            && self.encoding(state).unwrap_or(self.document) == encoding_rs::SHIFT_JIS
    }

    /// The encoding of the font in force.
    fn encoding(&self, state: State) -> Option<&'static Encoding> {
        let font = if state.font < 0 { self.default_font } else { state.font };
        self.charsets.get(&font).and_then(|charset| text::of_charset(*charset))
    }

    fn flush(&mut self, bytes: &mut Vec<u8>, nodes: &mut Vec<Node>, state: State) {
        if bytes.is_empty() || (state.deleted && self.drops_changes()) {
            bytes.clear();
            return;
        }
        push_text(nodes, &text::decode(bytes, self.encoding(state), self.document));
        bytes.clear();
    }

    /// One unit of UTF-16; halves of a pair wait in the private place where [`join_surrogates`] finds them.
    fn unit(&mut self, unit: u16, nodes: &mut Vec<Node>, state: State) {
        if state.deleted && self.drops_changes() {
            return;
        }
        let c = match unit {
            0xd800..=0xdfff => char::from_u32(0x10_f000 + u32::from(unit - 0xd800)),
            // Symbol fonts use this block as \u with the high byte F0.
            unit => {
                char::from_u32(u32::from(unit)).filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            }
        };
        if let Some(c) = c {
            push_text(nodes, &c.to_string());
        }
    }

    pub(super) fn drops_changes(&self) -> bool {
        self.work.policy.office.comments == KeepOrDrop::Drop
    }

    fn word(&mut self, word: &str, parameter: Option<i32>, state: &mut State, nodes: &mut Vec<Node>) {
        let Some(name) = RTF.word(word) else { return };
        let on = parameter != Some(0);
        match name {
            "ansicpg" => self.document = text::of_code_page(parameter.unwrap_or(1252)),
            "mac" => self.document = encoding_rs::MACINTOSH,
            "deff" => self.default_font = parameter.unwrap_or(0),
            "f" => state.font = parameter.unwrap_or(0),
            "fcharset" if state.fonts => {
                self.charsets.insert(state.font, parameter.unwrap_or(0));
            }
            "plain" => {
                state.font = -1;
                state.deleted = false;
            }
            "v" if on && self.work.policy.office.hidden == Hidden::Show => {
                self.draft.findings.noted(What::HiddenTextShown, "");
                return;
            }
            "deleted" | "revised" => {
                if name == "deleted" {
                    state.deleted = on;
                }
                if self.drops_changes() {
                    self.draft.findings.lost(What::TrackedChange, "");
                    return;
                }
                self.draft.findings.noted(What::TrackedChange, "");
            }
            _ => {}
        }
        nodes.push(Node::Word(name, parameter));
    }

    /// A group that was just opened; `None` when nothing of it stays.
    fn open(&mut self, state: State) -> Result<Option<Node>, Stop> {
        let start = self.lexer.at;
        let mut starred = false;
        loop {
            match self.lexer.next()? {
                Some(Token::Symbol(b'*')) => starred = true,
                Some(Token::Word(word, parameter)) => {
                    if let Some(result) = destination::open(self, word, parameter, starred, state)? {
                        return Ok(result);
                    }
                    // Not a destination: an ordinary group, read from its beginning.
                    self.lexer.at = start;
                    let nodes = self.group(state)?;
                    return Ok((!nodes.is_empty()).then_some(Node::Group(nodes)));
                }
                _ => {
                    self.lexer.at = start;
                    let nodes = self.group(state)?;
                    return Ok((!nodes.is_empty()).then_some(Node::Group(nodes)));
                }
            }
        }
    }

    /// Reads past the open group.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        let mut open = 1_usize;
        while open > 0 {
            self.work.budget.step(1)?;
            match self.lexer.next()?.ok_or_else(damaged)? {
                Token::Open => open += 1,
                Token::Close => open -= 1,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Adds text, joined to the text before it.
pub(super) fn push_text(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        Some(Node::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// Two halves of a pair become one character; a half alone becomes none, and a text of nothing else goes.
fn join_surrogates(nodes: &mut Vec<Node>) {
    for node in nodes.iter_mut() {
        let Node::Text(text) = node else { continue };
        if !text.chars().any(|c| matches!(c, '\u{10f000}'..='\u{10f7ff}')) {
            continue;
        }
        let units = text.chars().flat_map(|c| match c {
            '\u{10f000}'..='\u{10f7ff}' => vec![u16::try_from(u32::from(c) - 0x10_f000 + 0xd800).unwrap_or(0xfffd)],
            c => c.encode_utf16(&mut [0; 2]).to_vec(),
        });
        *text = char::decode_utf16(units.collect::<Vec<_>>()).filter_map(Result::ok).collect();
    }
    nodes.retain(|node| !matches!(node, Node::Text(text) if text.is_empty()));
}
