//! Tokens of RTF.

use crate::words::ReasonCode;
use crate::work::Stop;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// `\word12`
    Word(&'a str, Option<i32>),
    /// `\~` and its like.
    Symbol(u8),
    /// `\'8a`
    Byte(u8),
    /// A character that stands for itself.
    Char(u8),
    /// `\binN` and its bytes.
    Binary(&'a [u8]),
}

/// Reads tokens one after the other.
pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

fn damaged() -> Stop {
    Stop::refused(ReasonCode::Damaged)
}

impl<'a> Lexer<'a> {
    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, Stop> {
        loop {
            let Some(byte) = self.bytes.get(self.at).copied() else { return Ok(None) };
            self.at += 1;
            return Ok(Some(match byte {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\\' => self.control()?,
                b'\r' | b'\n' | 0 => continue,
                other => Token::Char(other),
            }));
        }
    }

    fn control(&mut self) -> Result<Token<'a>, Stop> {
        let first = *self.bytes.get(self.at).ok_or_else(damaged)?;
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            return match first {
                b'\'' => {
                    let digits = self.bytes.get(self.at..self.at + 2).and_then(|d| std::str::from_utf8(d).ok());
                    self.at += 2;
                    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or_else(damaged)?;
                    Ok(Token::Byte(byte))
                }
                b'\r' | b'\n' => Ok(Token::Word("par", None)),
                b'\t' => Ok(Token::Word("tab", None)),
                b'\\' | b'{' | b'}' => Ok(Token::Char(first)),
                other => Ok(Token::Symbol(other)),
            };
        }
        let word = self.take(|byte| byte.is_ascii_alphabetic());
        let negative = self.bytes.get(self.at) == Some(&b'-');
        let number_at = self.at;
        self.at += usize::from(negative);
        let digits = self.take(|byte| byte.is_ascii_digit());
        let parameter = match digits.is_empty() {
            true => {
                self.at = number_at;
                None
            }
            // What does not fit is no number that any program writes.
            false => Some(digits.parse::<i32>().map_err(|_| damaged())?),
        };
        let parameter = parameter.map(|number| if negative { -number } else { number });
        self.at += usize::from(self.bytes.get(self.at) == Some(&b' '));
        if word == "bin" {
            let count = usize::try_from(parameter.unwrap_or(0)).map_err(|_| damaged())?;
            let data = self.bytes.get(self.at..self.at.saturating_add(count)).ok_or_else(damaged)?;
            self.at += count;
            return Ok(Token::Binary(data));
        }
        Ok(Token::Word(word, parameter))
    }

    fn take(&mut self, fits: fn(&u8) -> bool) -> &'a str {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| fits(byte)).take(64).count();
        self.at += length;
        rest.get(..length).and_then(|word| std::str::from_utf8(word).ok()).unwrap_or_default()
    }

    /// The second byte of a character of two, taken as it is.
    pub(super) fn trail(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied().filter(|byte| matches!(byte, 0x40..=0x7e | 0x80..=0xfc))?;
        self.at += 1;
        Some(byte)
    }

    /// Whether the group that is open now begins with this control word (after `\*`), without reading on.
    pub(super) fn begins_with(&self, wanted: &str) -> bool {
        let mut ahead = Lexer { bytes: self.bytes, at: self.at };
        loop {
            match ahead.next() {
                Ok(Some(Token::Symbol(b'*'))) => {}
                Ok(Some(Token::Word(word, _))) => return word == wanted,
                _ => return false,
            }
        }
    }
}
