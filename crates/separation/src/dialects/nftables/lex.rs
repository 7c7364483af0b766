//! Words of nftables text, with their places.

use std::collections::BTreeMap;

use crate::reading::Reading;
use crate::source::{At, Fate};

/// Most tokens of one file, counting what definitions expand to.
const MAX_TOKENS: usize = 40_000_000;

/// A word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) at: At,
}

impl Token {
    /// Whether it is this sign or bare word.
    pub(super) fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text
    }

    /// Whether it ends a statement.
    pub(super) fn ends(&self) -> bool {
        self.is("\n") || self.is(";")
    }
}

/// Splits a file into tokens; `define` is carried out here. Blank lines and comments are settled.
pub(super) fn tokens(reading: &mut Reading, file: u32, lines: &[String]) -> Vec<Token> {
    let mut raw = Vec::new();
    let mut continued = false;
    for (line, text) in (1u32..).zip(lines) {
        let before = raw.len();
        let joined = scan(&mut raw, file, line, text);
        if raw.len() == before {
            reading.settle(At { file, line, column: 1 }, Fate::Blank);
        }
        continued = joined;
        if !joined {
            raw.push(Token { text: "\n".to_owned(), quoted: false, at: At { file, line, column: 1 } });
        }
    }
    if continued {
        raw.push(Token { text: "\n".to_owned(), quoted: false, at: At { file, line: 1, column: 1 } });
    }
    expand(reading, raw)
}

/// Scans one line; true when it ends with a backslash.
fn scan(out: &mut Vec<Token>, file: u32, line: u32, text: &str) -> bool {
    let mut chars = (1u32..).zip(text.chars()).peekable();
    while let Some(&(column, c)) = chars.peek() {
        let at = At { file, line, column };
        let mut push = |text: String, quoted: bool| out.push(Token { text, quoted, at });
        match c {
            '#' => return false,
            c if c.is_whitespace() => {
                chars.next();
            }
            '"' => {
                chars.next();
                let mut word = String::new();
                for (_, c) in chars.by_ref() {
                    if c == '"' {
                        break;
                    }
                    word.push(c);
                }
                push(word, true);
            }
            '\\' => {
                chars.next();
                if chars.clone().all(|(_, c)| c.is_whitespace()) {
                    return true;
                }
                // A shell's escape of what nft takes as a sign.
                if chars.peek().is_some_and(|(_, c)| ";{}!<>&|()".contains(*c)) {
                    continue;
                }
                push("\\".to_owned(), false);
            }
            '{' | '}' | ',' | ';' | '(' | ')' | '|' | '&' => {
                chars.next();
                push(c.to_string(), false);
            }
            '=' | '!' | '<' | '>' => {
                chars.next();
                let mut sign = c.to_string();
                if chars.next_if(|&(_, c)| c == '=').is_some() {
                    sign.push('=');
                }
                push(sign, false);
            }
            _ => {
                let mut word = String::new();
                while let Some((_, c)) = chars.next_if(|&(_, c)| !c.is_whitespace() && !"{},;()|&=!<>\"#\\".contains(c))
                {
                    word.push(c);
                }
                split_word(out, word, at);
            }
        }
    }
    false
}

/// `established:accept` is three tokens; an IPv6 address or `10.0.0.1:80` is one.
fn split_word(out: &mut Vec<Token>, word: String, at: At) {
    let token = |text: &str| Token { text: text.to_owned(), quoted: false, at };
    let verdict = |text: &str| matches!(text, "accept" | "drop" | "continue" | "return" | "jump" | "goto" | "queue");
    if let Some(key) = word.strip_suffix(':').filter(|key| !key.is_empty() && !key.ends_with(':')) {
        out.push(token(key));
        out.push(token(":"));
    } else if let Some((key, value)) = word.rsplit_once(':').filter(|(key, value)| !key.is_empty() && verdict(value)) {
        out.push(token(key));
        out.push(token(":"));
        out.push(token(value));
    } else {
        out.push(Token { text: word, quoted: false, at });
    }
}

/// Carries out `define NAME = …` and `$NAME`.
fn expand(reading: &mut Reading, raw: Vec<Token>) -> Vec<Token> {
    let mut defined: BTreeMap<String, Vec<Token>> = BTreeMap::new();
    let mut out: Vec<Token> = Vec::with_capacity(raw.len());
    let mut tokens = raw.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if out.len() > MAX_TOKENS {
            reading.fatal(
                token.at,
                crate::source::Message::new("定義の展開が大きすぎます", "definitions expand to too much"),
            );
            return Vec::new();
        }
        let starts = out.last().is_none_or(Token::ends);
        if starts && (token.is("define") || token.is("redefine")) {
            let mut value = Vec::new();
            let name = tokens.next();
            let equals = tokens.next();
            let mut depth = 0i32;
            while let Some(part) = tokens.next_if(|part| depth > 0 || !part.ends()) {
                depth += i32::from(part.is("{")) - i32::from(part.is("}"));
                reading.settle(part.at, Fate::Understood);
                substitute(&defined, part, &mut value);
            }
            match (name, equals) {
                (Some(name), Some(equals)) if equals.is("=") => {
                    reading.settle(token.at, Fate::Understood);
                    defined.insert(name.text, value);
                }
                _ => reading.unread(token.at, None),
            }
        } else {
            substitute(&defined, token, &mut out);
        }
    }
    out
}

/// A variable's tokens stand where it is used, at the place of use.
fn substitute(defined: &BTreeMap<String, Vec<Token>>, token: Token, out: &mut Vec<Token>) {
    match token.text.strip_prefix('$').filter(|_| !token.quoted).and_then(|name| defined.get(name)) {
        Some(value) => {
            out.extend(value.iter().filter(|part| !part.is("\n")).map(|part| Token { at: token.at, ..part.clone() }))
        }
        None => out.push(token),
    }
}
