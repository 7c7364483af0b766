//! The font of the binary inside a document: characters get codes as they are met, and at the end the font is written with
//! their outlines and no others.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::font::{cmap, truetype};
use super::object::{Dict, Object, Objects, Value, packed};
use crate::budget::Budget;
use crate::fonts;
use crate::words::ReasonCode;
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
        let program = match truetype::subset(fonts::JAPANESE, &places, &BTreeMap::new()) {
            Some(subset) => truetype::rebuild(&subset, budget)?,
            None => None,
        };
        let Some(program) = program else { return Err(Stop::refused(ReasonCode::UnsupportedFeature)) };
        let mut file = Dict::default();
        file.set("Length1", Value::int(program.len()));
        let file = objects.add_packed(file, &program);
        let descendant = descendant(file, &glyphs, objects);
        let mut dict = Dict::default();
        dict.set("Type", Value::name("Font"));
        dict.set("Subtype", Value::name("Type0"));
        dict.set("BaseFont", Value::name(NAME));
        dict.set("DescendantFonts", Value::Array(vec![descendant]));
        dict.set("Encoding", Value::name("Identity-H"));
        if let Some(text) = self.to_unicode(budget)? {
            dict.set("ToUnicode", objects.add(text));
        }
        objects.put(number, Object::Value(Value::Dict(dict)));
        Ok(())
    }

    /// Codes to characters, in the form that a second pass gives.
    fn to_unicode(&self, budget: &mut Budget) -> Result<Option<Object>, Stop> {
        let mut text = "1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n".to_owned();
        for (at, c) in self.characters.iter().enumerate() {
            let mut units = [0; 2];
            let units: String = c.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04X}")).collect();
            text += &format!("1 beginbfchar\n<{:04X}><{units}>\nendbfchar\n", at + 1);
        }
        let map = cmap::read(text.as_bytes(), budget)?;
        Ok(map.map(|map| packed(Dict::default(), &cmap::write(&map, false))))
    }
}

/// The tag says that it is a subset; the name stays what the licence says that it is.
const NAME: &str = "SEKIMO+BIZUDGothic-Regular";

fn descendant(file: Value, glyphs: &[u16], objects: &mut Objects) -> Value {
    let int = |n: i64| Value::Number(n.to_string());
    let mut descriptor = Dict::default();
    descriptor.set("Type", Value::name("FontDescriptor"));
    descriptor.set("FontName", Value::name(NAME));
    descriptor.set("Flags", int(4));
    descriptor.set("FontBBox", Value::Array(vec![int(0), int(-120), int(1_000), int(880)]));
    descriptor.set("ItalicAngle", int(0));
    descriptor.set("Ascent", int(880));
    descriptor.set("Descent", int(-120));
    descriptor.set("CapHeight", int(740));
    descriptor.set("StemV", int(80));
    descriptor.set("FontFile2", file);
    let descriptor = objects.add(Object::Value(Value::Dict(descriptor)));
    let widths: Vec<Value> = glyphs.iter().map(|glyph| int(i64::from(advance(*glyph)))).collect();
    let mut info = Dict::default();
    info.set("Registry", Value::Text(b"Adobe".to_vec()));
    info.set("Ordering", Value::Text(b"Identity".to_vec()));
    info.set("Supplement", int(0));
    let mut dict = Dict::default();
    dict.set("Type", Value::name("Font"));
    dict.set("Subtype", Value::name("CIDFontType2"));
    dict.set("BaseFont", Value::name(NAME));
    dict.set("CIDSystemInfo", Value::Dict(info));
    dict.set("W", Value::Array(vec![int(0), Value::Array(widths)]));
    dict.set("FontDescriptor", descriptor);
    dict.set("CIDToGIDMap", Value::name("Identity"));
    objects.add(Object::Value(Value::Dict(dict)))
}
