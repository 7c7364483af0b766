//! The font of the binary inside a document: characters get codes as they are met, and at the end the font is written with
//! their outlines and no others.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::font::truetype;
use super::object::{Objects, Value};
use super::own_font;
use crate::budget::Budget;
use crate::fonts;
use crate::work::Stop;

/// Codes of the font: two bytes, and 0 is for no character.
const CODES: usize = 60_000;

/// Characters of the font and their glyphs.
pub(super) static GLYPHS: LazyLock<BTreeMap<u32, u16>> =
    LazyLock::new(|| truetype::characters(fonts::JAPANESE).unwrap_or_default());

/// How wide a character is, in ems.
pub(super) fn width(c: char) -> f64 {
    f64::from(advance(glyph(c))) / 1_000.0
}

/// Whether the font has a character.
pub(super) fn has(c: char) -> bool {
    GLYPHS.contains_key(&u32::from(c))
}

fn glyph(c: char) -> u16 {
    let own = GLYPHS.get(&u32::from(c)).or_else(|| GLYPHS.get(&u32::from('〓')));
    own.copied().unwrap_or(0)
}

/// The advance of a glyph in thousandths.
fn advance(glyph: u16) -> u16 {
    truetype::advance(fonts::JAPANESE, glyph).unwrap_or(1_000)
}

/// What a document has needed of the font so far.
#[derive(Debug, Default)]
pub(super) struct Japanese {
    /// Its object, once it is used.
    number: Option<usize>,
    codes: BTreeMap<char, u16>,
    characters: Vec<char>,
}

impl Japanese {
    /// The font as a resource.
    pub(super) fn resource(&mut self, objects: &mut Objects) -> Value {
        Value::Ref(*self.number.get_or_insert_with(|| objects.reserve()))
    }

    /// The codes of a text. A character that the font has not looks like `〓`, as printers do it, and can be copied as itself.
    pub(super) fn codes(&mut self, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for c in text.chars() {
            let known = self.codes.get(&c).copied();
            let code = known.unwrap_or_else(|| {
                let next = u16::try_from(self.characters.len() + 1).unwrap_or(0);
                if usize::from(next) > CODES || next == 0 {
                    return 0;
                }
                self.characters.push(c);
                self.codes.insert(c, next);
                next
            });
            out.extend(code.to_be_bytes());
        }
        out
    }

    /// Writes the font, when it was used.
    pub(super) fn write(self, objects: &mut Objects, budget: &mut Budget) -> Result<(), Stop> {
        let Some(number) = self.number else { return Ok(()) };
        let glyphs: Vec<u16> = std::iter::once(0).chain(self.characters.iter().map(|c| glyph(*c))).collect();
        budget.step(glyphs.len() as u64 * 8)?;
        let places: Vec<Option<u16>> = glyphs.iter().copied().map(Some).collect();
        let program = own_font::program(&places, objects, budget)?;
        let widths = (0, glyphs.iter().map(|glyph| advance(*glyph)));
        let descendant = own_font::descendant(NAME, program, widths, Value::name("Identity"), objects);
        let texts: Vec<String> = self.characters.iter().map(char::to_string).collect();
        let text = own_font::to_unicode(texts.iter().map(String::as_str), objects, budget)?;
        objects.put(number, own_font::composite(NAME, "Identity-H", descendant, text));
        Ok(())
    }
}

/// The tag says that it is a subset; the name stays what the licence says that it is.
const NAME: &str = "SEKIMO+BIZUDGothic-Regular";
