//! Colour spaces (ISO 32000-1, 8.6). ICC profiles are gone: the device space of as many components stands in their place.

use super::copy::Copier;
use super::object::Value;
use super::schema::{Kind, Rule};
use crate::work::Stop;

/// Copies a colour space; nothing when it is none.
pub(super) fn copy(object: &lopdf::Object, copier: &mut Copier<'_, '_, '_>) -> Result<Option<Value>, Stop> {
    let items = match copier.resolve(object) {
        lopdf::Object::Name(name) => return Ok(Some(Value::Name(name.clone()))),
        lopdf::Object::Array(items) => items.clone(),
        _ => return Ok(None),
    };
    let Some(head) = items.first().and_then(|first| super::name_of(copier.resolve(first))).map(<[u8]>::to_vec) else {
        return Ok(None);
    };
    let rest = items.get(1..).unwrap_or_default();
    match (head.as_slice(), rest) {
        (b"CalGray" | b"CalRGB" | b"Lab", [dict, ..]) => {
            let lopdf::Object::Dictionary(dict) = copier.resolve(dict).clone() else { return Ok(None) };
            let keys = ["WhitePoint", "BlackPoint", "Gamma", "Matrix", "Range"].map(|key| (key, Rule::Plain));
            let dict = copier.keys(&dict, &keys)?;
            Ok(Some(Value::Array(vec![Value::Name(head), Value::Dict(dict)])))
        }
        (b"ICCBased", [profile, ..]) => icc(profile, copier),
        (b"Indexed" | b"I", [base, most, table, ..]) => indexed(base, most, table, copier),
        (b"Pattern", rest) => {
            let under = match rest.first() {
                Some(under) => copier.kind(under, Kind::Color)?,
                None => None,
            };
            let mut items = vec![Value::Name(head)];
            items.extend(under);
            Ok(Some(Value::Array(items)))
        }
        (b"Separation" | b"DeviceN", [names, alternate, tint, ..]) => {
            let (names, alternate, tint) =
                (copier.plain(names)?, copier.kind(alternate, Kind::Color)?, copier.kind(tint, Kind::Function)?);
            let (Some(names), Some(alternate), Some(tint)) = (names, alternate, tint) else { return Ok(None) };
            Ok(Some(Value::Array(vec![Value::Name(head), names, alternate, tint])))
        }
        (b"DeviceGray" | b"DeviceRGB" | b"DeviceCMYK" | b"G" | b"RGB" | b"CMYK", _) => Ok(Some(Value::Name(head))),
        _ => Ok(None),
    }
}

fn icc(profile: &lopdf::Object, copier: &mut Copier<'_, '_, '_>) -> Result<Option<Value>, Stop> {
    let lopdf::Object::Stream(stream) = copier.resolve(profile) else { return Ok(None) };
    let dict: lopdf::Dictionary = stream.dict.clone();
    let device = match copier.int(&dict, b"N") {
        Some(1) => "DeviceGray",
        Some(3) => "DeviceRGB",
        Some(4) => "DeviceCMYK",
        _ => return Ok(None),
    };
    if let Some(alternate) = dict.get(b"Alternate").ok().cloned() {
        let copied = copier.kind(&alternate, Kind::Color)?;
        if matches!(&copied, Some(Value::Array(items)) if items.first() == Some(&Value::name("Lab"))) {
            return Ok(copied);
        }
    }
    Ok(Some(Value::name(device)))
}

fn indexed(
    base: &lopdf::Object,
    most: &lopdf::Object,
    table: &lopdf::Object,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Option<Value>, Stop> {
    let (Some(base), Some(most)) = (copier.kind(base, Kind::Color)?, copier.plain(most)?) else { return Ok(None) };
    let table = match copier.resolve(table) {
        lopdf::Object::String(text, _) => Some(text.clone()),
        lopdf::Object::Stream(stream) => copier.decode(&stream.clone())?,
        _ => None,
    };
    let Some(mut table) = table else { return Ok(None) };
    let colors = match &most {
        Value::Number(text) => text.parse::<u8>().map_or(0, |most| usize::from(most) + 1),
        _ => 0,
    };
    let wide = components(&base, copier).unwrap_or(3);
    table.resize(colors * wide, 0);
    Ok(Some(Value::Array(vec![Value::name("Indexed"), base, most, Value::Text(table)])))
}

/// How many components a copied colour space has.
pub(super) fn components(space: &Value, copier: &Copier<'_, '_, '_>) -> Option<usize> {
    let items = match space {
        Value::Ref(number) => match copier.objects.get(*number)? {
            super::object::Object::Value(value) => return components(&value.clone(), copier),
            super::object::Object::Stream(..) | super::object::Object::Sealed(_) => return None,
        },
        Value::Name(name) => {
            return match name.as_slice() {
                b"DeviceGray" | b"G" | b"CalGray" => Some(1),
                b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(3),
                b"DeviceCMYK" | b"CMYK" => Some(4),
                _ => None,
            };
        }
        Value::Array(items) => items,
        _ => return None,
    };
    match items.first()? {
        Value::Name(name) => match name.as_slice() {
            b"CalGray" | b"Indexed" | b"Separation" => Some(1),
            b"CalRGB" | b"Lab" => Some(3),
            b"DeviceN" => match items.get(1)? {
                Value::Array(names) => Some(names.len()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
