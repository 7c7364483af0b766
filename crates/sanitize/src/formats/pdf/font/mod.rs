//! Fonts. A font program is parsed to glyphs and written again: TrueType with allow-listed tables and no instructions, CFF
//! and Type 1 as CFF with outlines only. A program that cannot be rebuilt is dropped and said when the text stays readable
//! without it; otherwise the document is refused.

mod cff;
mod cff_write;
mod charstring;
pub(super) mod cmap;
mod outline;
pub(super) mod truetype;
mod type1;
pub(super) mod vertical;

use lopdf::{Dictionary, Stream};

use super::copy::{Copier, Made};
use super::object::{Dict, Object, Value, packed};
use super::schema::{self, Kind, Rule};
use crate::words::{ReasonCode, What};
use crate::work::Stop;

/// Bytes of one font program.
const PROGRAM: usize = 64 << 20;

/// The keys of a font program.
const PROGRAMS: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];

/// Copies a font, or one of its parts.
pub(super) fn copy(object: &lopdf::Object, kind: Kind, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    match (kind, object) {
        (Kind::Font, lopdf::Object::Dictionary(dict)) => font(dict, copier),
        (Kind::CidFont, lopdf::Object::Dictionary(dict)) => cid_font(dict, copier),
        (Kind::Descriptor, lopdf::Object::Dictionary(dict)) => descriptor(dict, copier),
        (Kind::Encoding, lopdf::Object::Dictionary(dict)) => {
            let mut out = Dict::default();
            out.set("Type", Value::name("Encoding"));
            copier.copy_keys(dict, schema::keys(Kind::Encoding), &mut out)?;
            Ok(Some(Object::Value(Value::Dict(out))))
        }
        (Kind::Encoding | Kind::ToUnicode, lopdf::Object::Stream(stream)) => map(stream, kind, copier),
        _ => Ok(None),
    }
}

fn font(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let subtype = copier.name(dict, b"Subtype").unwrap_or(b"Type1").to_vec();
    let mut out = Dict::default();
    out.set("Type", Value::name("Font"));
    match subtype.as_slice() {
        b"Type0" => {
            out.set("Subtype", Value::name("Type0"));
            copier.copy_keys(dict, schema::COMPOSITE_FONT, &mut out)?;
            if let Ok(encoding) = dict.get(b"Encoding") {
                let encoding = match copier.resolve(encoding) {
                    lopdf::Object::Name(name) => Some(Value::Name(name.clone())),
                    _ => copier.kind(encoding, Kind::Encoding)?,
                };
                out.set("Encoding", encoding.unwrap_or_else(|| Value::name("Identity-H")));
            }
            let whole = matches!(out.get("DescendantFonts"), Some(Value::Array(fonts)) if !fonts.is_empty());
            return Ok(whole.then_some(Object::Value(Value::Dict(out))));
        }
        b"Type3" => {
            out.set("Subtype", Value::name("Type3"));
            copier.copy_keys(dict, schema::TYPE3_FONT, &mut out)?;
        }
        b"TrueType" => {
            out.set("Subtype", Value::name("TrueType"));
            copier.copy_keys(dict, schema::SIMPLE_FONT, &mut out)?;
        }
        _ => {
            out.set("Subtype", Value::name("Type1"));
            copier.copy_keys(dict, schema::SIMPLE_FONT, &mut out)?;
        }
    }
    Ok(Some(Object::Value(Value::Dict(out))))
}

fn cid_font(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let truetype = copier.name(dict, b"Subtype") == Some(b"CIDFontType2");
    let mut out = Dict::default();
    out.set("Type", Value::name("Font"));
    out.set("Subtype", Value::name(if truetype { "CIDFontType2" } else { "CIDFontType0" }));
    copier.copy_keys(dict, schema::keys(Kind::CidFont), &mut out)?;
    if let Some(info) = copier.dict(dict, b"CIDSystemInfo").cloned() {
        let keys = ["Registry", "Ordering", "Supplement"].map(|key| (key, Rule::Plain));
        let info = copier.keys(&info, &keys)?;
        out.set("CIDSystemInfo", Value::Dict(info));
    }
    copier.copy_keys(dict, &[("FontDescriptor", Rule::Of(Kind::Descriptor))], &mut out)?;
    match copier.get(dict, b"CIDToGIDMap").cloned() {
        Some(lopdf::Object::Name(_)) => out.set("CIDToGIDMap", Value::name("Identity")),
        // Without a program its numbers mean nothing.
        Some(lopdf::Object::Stream(stream)) if is_embedded(dict, copier) => {
            if let Some(mut data) = copier.decode(&stream)? {
                data.truncate(131_072);
                data.truncate(data.len() / 2 * 2);
                let value = copier.objects.add_packed(Dict::default(), &data);
                out.set("CIDToGIDMap", value);
            }
        }
        _ => {}
    }
    Ok(Some(Object::Value(Value::Dict(out))))
}

fn is_embedded(dict: &Dictionary, copier: &Copier<'_, '_, '_>) -> bool {
    let descriptor = copier.dict(dict, b"FontDescriptor");
    descriptor.is_some_and(|d| PROGRAMS.iter().any(|key| copier.get(d, key).is_some()))
}

fn descriptor(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let mut out = Dict::default();
    out.set("Type", Value::name("FontDescriptor"));
    copier.copy_keys(dict, schema::keys(Kind::Descriptor), &mut out)?;
    let file = PROGRAMS.iter().find_map(|key| Some((*key, copier.get(dict, key)?.as_stream().ok()?.clone())));
    if let Some((key, stream)) = file {
        match program(&stream, copier)? {
            Some((key, value)) => out.set(key, value),
            None => dropped(key, dict, copier)?,
        }
    }
    Ok(Some(Object::Value(Value::Dict(out))))
}

/// A program that cannot be rebuilt: text in letters everybody has stays readable, anything else would turn to nonsense.
fn dropped(key: &[u8], dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Result<(), Stop> {
    let symbolic = copier.int(dict, b"Flags").unwrap_or(4) & 4 != 0;
    if symbolic || key == b"FontFile3" {
        return Err(Stop::refused(ReasonCode::UnsupportedFeature));
    }
    let name = copier.name(dict, b"FontName").map(|n| String::from_utf8_lossy(n).into_owned()).unwrap_or_default();
    copier.draft.findings.lost(What::Font, name);
    Ok(())
}

/// Rebuilds a font program: the key it goes under, and its stream.
fn program(stream: &Stream, copier: &mut Copier<'_, '_, '_>) -> Result<Option<(&'static str, Value)>, Stop> {
    let Some(data) = copier.decode(stream)? else { return Ok(None) };
    if data.len() > PROGRAM {
        return Err(Stop::refused(ReasonCode::LimitBytes));
    }
    let budget = &mut copier.work.budget;
    let table = |tag: &[u8]| data.starts_with(tag);
    if table(b"OTTO") {
        // An OpenType wrapper around CFF: the CFF is all that is drawn.
        let Some(inner) = truetype::table(&data, b"CFF ").map(<[u8]>::to_vec) else { return Ok(None) };
        return compact(&inner, copier);
    }
    if table(&[0, 1, 0, 0]) || table(b"true") || table(b"ttcf") {
        let Some(bytes) = truetype::rebuild(&data, budget)? else { return Ok(None) };
        let mut dict = Dict::default();
        dict.set("Length1", Value::int(bytes.len()));
        return Ok(Some(("FontFile2", copier.objects.add_packed(dict, &bytes))));
    }
    if table(b"%!") || table(&[0x80, 1]) {
        let Some(font) = type1::read(&data, budget)? else { return Ok(None) };
        return Ok(Some(written(&font, copier)));
    }
    compact(&data, copier)
}

fn compact(data: &[u8], copier: &mut Copier<'_, '_, '_>) -> Result<Option<(&'static str, Value)>, Stop> {
    let Some(font) = cff::read(data, &mut copier.work.budget)? else { return Ok(None) };
    Ok(Some(written(&font, copier)))
}

fn written(font: &outline::Font, copier: &mut Copier<'_, '_, '_>) -> (&'static str, Value) {
    let mut dict = Dict::default();
    dict.set("Subtype", Value::name(if font.cid.is_some() { "CIDFontType0C" } else { "Type1C" }));
    let bytes = cff::write(font);
    ("FontFile3", copier.objects.add_packed(dict, &bytes))
}

/// A CMap: its mappings are read and written again.
fn map(stream: &Stream, kind: Kind, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let Some(data) = copier.decode(stream)? else { return Ok(None) };
    let Some(map) = cmap::read(&data, &mut copier.work.budget)? else { return Ok(None) };
    let mut dict = Dict::default();
    if kind == Kind::Encoding {
        dict.set("Type", Value::name("CMap"));
        dict.set("CMapName", Value::name("Sekimori"));
        let mut info = Dict::default();
        info.set("Registry", Value::Text(map.registry.clone()));
        info.set("Ordering", Value::Text(map.ordering.clone()));
        info.set("Supplement", Value::int(0));
        dict.set("CIDSystemInfo", Value::Dict(info));
        if map.vertical {
            dict.set("WMode", Value::int(1));
        }
        if let Some(base) = copier.name(&stream.dict, b"UseCMap").map(<[u8]>::to_vec).or_else(|| map.base.clone()) {
            dict.set("UseCMap", Value::Name(base));
        }
    }
    Ok(Some(packed(dict, &cmap::write(&map, kind == Kind::Encoding))))
}
