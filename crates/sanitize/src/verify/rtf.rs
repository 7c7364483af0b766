//! The grammar of a rebuilt RTF (`docs/sanitising-grammar.md`): a strict reader of its own over the shared lists.

use super::{Check, Violation, ooxml};
use crate::format::Format;
use crate::grammar::rtf::RTF;

/// Groups in groups.
const DEPTH: usize = 220;

/// Accepts one group of ASCII from the first byte to the last.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    if !bytes.starts_with(b"{\\rtf1 \\ansi \\ansicpg932 \\uc1 ") {
        return Err(Violation::new("offset 0", "the beginning"));
    }
    let mut walk = Walk { bytes, at: 7, check };
    walk.group(&Place { name: "rtf", ..Place::default() }, 1)?;
    if walk.at == bytes.len() { Ok(()) } else { Err(walk.bad("something follows the document")) }
}

/// Where a group stands.
#[derive(Default, Clone, Copy)]
struct Place {
    name: &'static str,
    /// In the texts of list levels.
    level: bool,
}

/// What one group held.
#[derive(Default)]
struct Held {
    text: String,
    inner: Vec<(&'static str, String)>,
}

struct Walk<'a, 'b, 'c> {
    bytes: &'a [u8],
    at: usize,
    check: &'b mut Check<'c>,
}

impl Walk<'_, '_, '_> {
    fn bad(&self, why: impl Into<String>) -> Violation {
        Violation::new(format!("offset {}", self.at), why)
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// A group whose name was read, to its closing brace.
    fn group(&mut self, place: &Place, depth: usize) -> Result<Held, Violation> {
        if depth > DEPTH {
            return Err(self.bad("nested too deeply"));
        }
        let mut held = Held::default();
        let mut pair = None;
        loop {
            self.check.step(1)?;
            let byte = self.peek();
            self.at += 1;
            match byte {
                b'}' => break,
                b'{' => {
                    let (name, inner) = self.open(place, depth)?;
                    held.text.push_str(&inner.text);
                    held.inner.extend(inner.inner.into_iter().filter(|_| name.is_empty()));
                    held.inner.push((name, inner.text));
                }
                b'\\' => self.control(place, &mut held.text, &mut pair)?,
                b' '..=b'~' => held.text.push(char::from(byte)),
                _ => return Err(self.bad("a byte that is no ASCII text, or the end")),
            }
        }
        self.judge(place.name, &held)?;
        Ok(held)
    }

    /// A group that was just opened.
    fn open(&mut self, place: &Place, depth: usize) -> Result<(&'static str, Held), Violation> {
        let starred = self.bytes.get(self.at..self.at + 2) == Some(b"\\*");
        self.at += if starred { 2 } else { 0 };
        let start = self.at;
        let word = if self.peek() == b'\\' { self.word() } else { None };
        let name = word.as_ref().and_then(|(word, _)| RTF.destination(word, starred));
        if name.is_some() {
            let space = self.peek() == b' ';
            self.at += 1;
            if !space {
                return Err(self.bad("a name without its space"));
            }
        }
        match name {
            Some("pict") => self.picture().map(|()| ("pict", Held::default())),
            Some(name) => {
                let level = place.level || matches!(name, "leveltext" | "levelnumbers");
                self.group(&Place { name, level }, depth + 1).map(|held| (name, held))
            }
            None if starred => Err(self.bad("a starred group that is not in the list")),
            None => {
                self.at = start;
                self.group(&Place { name: "", ..*place }, depth + 1).map(|held| ("", held))
            }
        }
    }

    /// `\word12 ` from its backslash on; `None` when it is none.
    fn word(&mut self) -> Option<(String, Option<i32>)> {
        let rest = self.bytes.get(self.at + 1..)?;
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let sign = usize::from(rest.get(letters) == Some(&b'-'));
        let digits = rest.get(letters + sign..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = |from: usize, to: usize| std::str::from_utf8(rest.get(from..to)?).ok();
        let name = text(0, letters).filter(|name| !name.is_empty())?.to_owned();
        let number = text(letters, letters + sign + digits)?;
        let number = if number.is_empty() { None } else { Some(number.parse().ok()?) };
        self.at += 1 + letters + sign + digits;
        Some((name, number))
    }

    fn control(&mut self, place: &Place, text: &mut String, pair: &mut Option<u16>) -> Result<(), Violation> {
        match self.peek() {
            c @ (b'\\' | b'{' | b'}') => {
                self.at += 1;
                text.push(char::from(c));
                Ok(())
            }
            b'~' | b'-' | b'_' => {
                self.at += 1;
                Ok(())
            }
            b'\'' if place.level => {
                let digits = self.bytes.get(self.at + 1..self.at + 3).and_then(|d| std::str::from_utf8(d).ok());
                let number = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                self.at += 3;
                if number.is_some_and(|number| number < 32) {
                    Ok(())
                } else {
                    Err(self.bad("a byte of another character set"))
                }
            }
            _ => {
                self.at -= 1;
                let Some((name, number)) = self.word() else { return Err(self.bad("control symbol")) };
                if name == "u" {
                    let unit = number.and_then(|number| i16::try_from(number).ok()).map(i16::cast_unsigned);
                    let fallback = self.peek() == b'?';
                    self.at += 1;
                    let unit = unit.filter(|_| fallback).ok_or_else(|| self.bad("\\u"))?;
                    return self.unit(unit, text, pair);
                }
                let space = self.peek() == b' ';
                self.at += 1;
                if space && RTF.word(&name).is_some() { Ok(()) } else { Err(self.bad(format!("\\{name}"))) }
            }
        }
    }

    /// One unit of UTF-16.
    fn unit(&self, unit: u16, text: &mut String, pair: &mut Option<u16>) -> Result<(), Violation> {
        match (pair.take(), unit) {
            (None, 0xd800..=0xdbff) => *pair = Some(unit),
            (Some(high), 0xdc00..=0xdfff) => text.extend(char::decode_utf16([high, unit]).filter_map(Result::ok)),
            (None, unit) => {
                let c = char::from_u32(u32::from(unit)).filter(|c| !c.is_control());
                text.push(c.ok_or_else(|| self.bad("no character"))?);
            }
            _ => return Err(self.bad("half of a pair")),
        }
        Ok(())
    }

    /// Words of size, one of kind, and a file in hexadecimal.
    fn picture(&mut self) -> Result<(), Violation> {
        let mut format = None;
        while self.peek() == b'\\' {
            let (name, _) = self.word().ok_or_else(|| self.bad("picture"))?;
            self.at += 1;
            match name.as_str() {
                "pngblip" => format = Some(Format::Png),
                "jpegblip" => format = Some(Format::Jpeg),
                name if name.starts_with("pic") && RTF.word(name).is_some() => {}
                _ => return Err(self.bad(format!("\\{name} in a picture"))),
            }
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let hex = rest.get(..length).unwrap_or_default();
        self.check.step(length as u64 / 8)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
        let file: Vec<u8> = hex.as_chunks::<2>().0.iter().map(|[high, low]| digit(*high) * 16 + digit(*low)).collect();
        self.at += length + 1;
        let closed = self.bytes.get(self.at - 1) == Some(&b'}') && length.is_multiple_of(2);
        let format = format.filter(|_| closed).ok_or_else(|| self.bad("picture"))?;
        self.check.verify(&file, format).map_err(|v| Violation::new(format!("picture/{}", v.place), v.why))
    }

    /// Groups whose text could fetch or run.
    fn judge(&self, name: &str, held: &Held) -> Result<(), Violation> {
        match name {
            "fldinst" => ooxml::instruction("field", &held.text, self.check),
            "sp" => match held.inner.as_slice() {
                [("sn", name), ("sv", value)] => {
                    let number = RTF.shape(name).is_some() && value.parse::<i64>().is_ok();
                    if number || (name == "pib" && value.is_empty()) {
                        Ok(())
                    } else {
                        Err(self.bad(format!("shape property {name}")))
                    }
                }
                _ => Err(self.bad("shape property")),
            },
            "info" if held.inner.iter().any(|(name, _)| *name != "title") => Err(self.bad("more than a title")),
            _ => Ok(()),
        }
    }
}
