//! A font of our own: codes of two bytes from 1 on, glyphs of the Japanese font in the binary, and what each code says.

use std::collections::BTreeMap;

use super::font::{cmap, truetype};
use super::object::{Dict, Object, Objects, Value, packed};
use crate::budget::Budget;
use crate::fonts;
use crate::words::ReasonCode;
use crate::work::Stop;

/// The font program with these glyphs.
pub(super) fn program(glyphs: &[Option<u16>], objects: &mut Objects, budget: &mut Budget) -> Result<Value, Stop> {
    let program = match truetype::subset(fonts::JAPANESE, glyphs, &BTreeMap::new()) {
        Some(subset) => truetype::rebuild(&subset, budget)?,
        None => None,
    };
    let Some(program) = program else { return Err(Stop::refused(ReasonCode::UnsupportedFeature)) };
    let mut file = Dict::default();
    file.set("Length1", Value::int(program.len()));
    Ok(objects.add_packed(file, &program))
}

/// The font below: its program, the widths of its codes from `first` on, and which glyph a code is.
pub(super) fn descendant(
    name: &str,
    program: Value,
    (first, widths): (usize, impl Iterator<Item = u16>),
    glyphs: Value,
    objects: &mut Objects,
) -> Value {
    let int = |n: i64| Value::Number(n.to_string());
    let mut descriptor = Dict::default();
    descriptor.set("Type", Value::name("FontDescriptor"));
    descriptor.set("FontName", Value::name(name));
    descriptor.set("Flags", int(4));
    descriptor.set("FontBBox", Value::Array(vec![int(0), int(-120), int(1_000), int(880)]));
    descriptor.set("ItalicAngle", int(0));
    descriptor.set("Ascent", int(880));
    descriptor.set("Descent", int(-120));
    descriptor.set("CapHeight", int(740));
    descriptor.set("StemV", int(80));
    descriptor.set("FontFile2", program);
    let descriptor = objects.add(Object::Value(Value::Dict(descriptor)));
    let widths = widths.map(|width| int(i64::from(width))).collect();
    let mut info = Dict::default();
    info.set("Registry", Value::Text(b"Adobe".to_vec()));
    info.set("Ordering", Value::Text(b"Identity".to_vec()));
    info.set("Supplement", int(0));
    let mut dict = Dict::default();
    dict.set("Type", Value::name("Font"));
    dict.set("Subtype", Value::name("CIDFontType2"));
    dict.set("BaseFont", Value::name(name));
    dict.set("CIDSystemInfo", Value::Dict(info));
    dict.set("W", Value::Array(vec![Value::int(first), Value::Array(widths)]));
    dict.set("FontDescriptor", descriptor);
    dict.set("CIDToGIDMap", glyphs);
    objects.add(Object::Value(Value::Dict(dict)))
}

/// What the codes say, in the form that a second pass gives.
pub(super) fn to_unicode<'t>(
    texts: impl Iterator<Item = &'t str>,
    objects: &mut Objects,
    budget: &mut Budget,
) -> Result<Option<Value>, Stop> {
    let mut map = "1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n".to_owned();
    for (at, text) in texts.enumerate() {
        let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        map += &format!("1 beginbfchar\n<{:04X}><{units}>\nendbfchar\n", at + 1);
    }
    let map = cmap::read(map.as_bytes(), budget)?;
    Ok(map.map(|map| objects.add(packed(Dict::default(), &cmap::write(&map, false)))))
}

/// The font itself.
pub(super) fn composite(name: &str, encoding: &str, descendant: Value, text: Option<Value>) -> Object {
    let mut dict = Dict::default();
    dict.set("Type", Value::name("Font"));
    dict.set("Subtype", Value::name("Type0"));
    dict.set("BaseFont", Value::name(name));
    dict.set("DescendantFonts", Value::Array(vec![descendant]));
    dict.set("Encoding", Value::name(encoding));
    if let Some(text) = text {
        dict.set("ToUnicode", text);
    }
    Object::Value(Value::Dict(dict))
}
