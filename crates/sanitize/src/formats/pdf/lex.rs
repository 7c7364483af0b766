//! Tokens of content streams, CMaps and PostScript functions (ISO 32000-1, 7.2 and 7.3), in a canonical form.

use super::object::{Dict, Value};

/// Nesting of arrays and dictionaries inside one operand.
const NESTING: usize = 16;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A whole operand.
    Value(Value),
    /// An operator or keyword.
    Word(Vec<u8>),
    /// `{` or `}`, of PostScript only.
    Brace(bool),
}

/// Reads tokens; what is no token is skipped.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    /// The next byte.
    pub(super) at: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    b"()<>[]{}/%".contains(&byte)
}

impl<'a> Lexer<'a> {
    /// From the start.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while !matches!(self.peek(), None | Some(b'\r' | b'\n')) {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Option<Token> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<Token> {
        loop {
            self.skip_space();
            let byte = self.peek()?;
            let two = self.bytes.get(self.at..self.at + 2);
            match byte {
                b'/' => {
                    self.at += 1;
                    return Some(Token::Value(Value::Name(self.name())));
                }
                b'(' => return Some(Token::Value(Value::Text(self.literal()))),
                b'<' if two == Some(b"<<") => {
                    self.at += 2;
                    return Some(Token::Value(self.dict(depth)));
                }
                b'<' => return Some(Token::Value(Value::Text(self.hex()))),
                b'[' => {
                    self.at += 1;
                    return Some(Token::Value(self.array(depth)));
                }
                b'{' | b'}' => {
                    self.at += 1;
                    return Some(Token::Brace(byte == b'{'));
                }
                b']' | b'>' | b')' => self.at += 1,
                _ => return Some(self.regular()),
            }
        }
    }

    fn regular(&mut self) -> Token {
        let start = self.at;
        while self.peek().is_some_and(|b| !is_space(b) && !is_delimiter(b)) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        match word {
            b"true" => Token::Value(Value::Bool(true)),
            b"false" => Token::Value(Value::Bool(false)),
            b"null" => Token::Value(Value::Null),
            _ => number(word).map_or_else(|| Token::Word(word.to_vec()), |n| Token::Value(Value::Number(n))),
        }
    }

    fn name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|b| !is_space(*b) && !is_delimiter(*b)) {
            self.at += 1;
            let hex = self.bytes.get(self.at..self.at + 2).and_then(hex_pair);
            match (byte, hex) {
                (b'#', Some(value)) => {
                    name.push(value);
                    self.at += 2;
                }
                _ => name.push(byte),
            }
        }
        name
    }

    fn literal(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 1usize;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    text.push(b'\n');
                    continue;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            text.push(byte);
        }
        text
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push(u8::try_from(value & 0xFF).unwrap_or(0));
            }
            other => text.push(other),
        }
    }

    fn hex(&mut self) -> Vec<u8> {
        let mut digits = Vec::new();
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'>' => break,
                _ if byte.is_ascii_hexdigit() => digits.push(byte),
                _ => {}
            }
        }
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        digits.chunks(2).filter_map(hex_pair).collect()
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            if depth >= NESTING {
                self.at = self.bytes.len();
                break;
            }
            if let Some(Token::Value(value)) = self.nested(depth + 1) {
                items.push(value);
            }
        }
        Value::Array(items)
    }

    fn dict(&mut self, depth: usize) -> Value {
        let mut dict = Dict::default();
        loop {
            self.skip_space();
            if self.bytes.get(self.at..self.at + 2) == Some(b">>") {
                self.at += 2;
                break;
            }
            if self.peek().is_none() || depth >= NESTING {
                self.at = self.bytes.len();
                break;
            }
            if let Some(Token::Value(Value::Name(key))) = self.nested(depth + 1) {
                if self.bytes.get(self.at..self.at + 2) == Some(b">>") {
                    continue;
                }
                if let Some(Token::Value(value)) = self.nested(depth + 1) {
                    dict.set_bytes(&key, value);
                }
            }
        }
        Value::Dict(dict)
    }
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let &[high, low] = pair else { return None };
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The canonical text of a number: no plus sign, no empty integer part, no exponent, no zeros that say nothing.
pub(super) fn number(word: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(word).ok()?;
    let (negative, digits) = match text.strip_prefix('-') {
        // Some producers write `--5`; readers take it for -5.
        Some(rest) => (true, rest.trim_start_matches('-')),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    // `12.3-4`, written by some producers, is read up to the second sign.
    let fraction = fraction.split('-').next().unwrap_or(fraction);
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) || text.len() > 64 {
        return if matches!(text, "-" | "." | "-.") { Some("0".to_owned()) } else { None };
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.get(..fraction.len().min(10)).unwrap_or(fraction).trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let zero = whole == "0" && fraction.is_empty();
    let sign = if negative && !zero { "-" } else { "" };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}
