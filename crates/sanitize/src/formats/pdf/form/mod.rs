//! Forms become part of the page. A field that carries a picture of itself is drawn as it is; one that carries none, or whose
//! document says that its pictures are out of date, is drawn from what it holds, as a viewer would (ISO 32000-1, 12.7.3.3).

mod face;
mod field;
mod layout;
mod paint;

use lopdf::{Dictionary, Object};

use super::copy::Copier;
use super::object::{Dict, Value, packed};
use super::{annotation, content};
use crate::work::Stop;
pub(super) use field::{Field, Holds};
pub(super) use layout::number;

/// What the document's form says for all of its fields.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// Pictures of fields are to be made anew.
    stale: bool,
    /// Fonts that fields name.
    pub(super) resources: Dictionary,
    style: Option<Object>,
    alignment: i64,
}

impl Form {
    /// Reads it from the catalogue.
    pub(super) fn read(catalog: &Dictionary, copier: &Copier<'_, '_, '_>) -> Self {
        let Some(form) = copier.dict(catalog, b"AcroForm") else { return Self::default() };
        Self {
            stale: matches!(copier.get(form, b"NeedAppearances"), Some(Object::Boolean(true))),
            resources: copier.dict(form, b"DR").cloned().unwrap_or_default(),
            style: copier.get(form, b"DA").cloned(),
            alignment: copier.int(form, b"Q").unwrap_or(0),
        }
    }
}

/// What shows a field.
#[derive(Debug)]
pub(super) enum Picture {
    /// The picture that it carries.
    Own,
    /// One made here, with the matrix that puts it in its place.
    Made(Value, [f64; 6]),
    /// Nothing: it holds nothing to show.
    None,
}

/// Makes a picture of a field that carries none, or one that is out of date.
pub(super) fn picture(widget: &Dictionary, field: &Field, copier: &mut Copier<'_, '_, '_>) -> Result<Picture, Stop> {
    let stale = copier.form.stale && field.is_written();
    let own = copier.dict(widget, b"AP").and_then(|pictures| copier.get(pictures, b"N")).is_some();
    if own && !stale {
        return Ok(Picture::Own);
    }
    let Some(rect) = annotation::numbers::<4>(widget, b"Rect", copier) else { return Ok(Picture::None) };
    let (x, y) = (rect[0].min(rect[2]), rect[1].min(rect[3]));
    let (wide, high) = ((rect[2] - rect[0]).abs(), (rect[3] - rect[1]).abs());
    if !(1.0..14_400.0).contains(&wide) || !(1.0..14_400.0).contains(&high) {
        return Ok(Picture::None);
    }
    // The field's own space, turned as its `R` says.
    let (turn, wide, high, matrix) = match copier.dict(widget, b"MK").and_then(|mk| copier.int(mk, b"R")) {
        Some(90) => (true, wide, high, [0.0, 1.0, -1.0, 0.0, x + wide, y]),
        Some(180) => (false, wide, high, [-1.0, 0.0, 0.0, -1.0, x + wide, y + high]),
        Some(270) => (true, wide, high, [0.0, -1.0, 1.0, 0.0, x, y + high]),
        _ => (false, wide, high, [1.0, 0.0, 0.0, 1.0, x, y]),
    };
    let (wide, high) = if turn { (high, wide) } else { (wide, high) };
    let mut fonts = Dict::default();
    let Some(raw) = paint::field(widget, field, (wide, high), &mut fonts, copier)? else { return Ok(Picture::None) };
    let bytes = content::rewrite(&raw, None, copier)?.bytes;
    let mut resources = Dict::default();
    if !fonts.0.is_empty() {
        resources.set("Font", Value::Dict(fonts));
    }
    let mut dict = Dict::default();
    dict.set("Type", Value::name("XObject"));
    dict.set("Subtype", Value::name("Form"));
    let number = |n: f64| Value::Number(layout::number(n));
    dict.set("BBox", Value::Array(vec![number(0.0), number(0.0), number(wide), number(high)]));
    dict.set("Resources", Value::Dict(resources));
    Ok(Picture::Made(copier.objects.add(packed(dict, &bytes)), matrix))
}
