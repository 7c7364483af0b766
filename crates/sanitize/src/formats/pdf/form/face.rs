//! Which font a field's text is set in: the one that the document names when its letters are known and suffice, else the font
//! of the binary.

use lopdf::{Dictionary, Object};

use super::super::copy::Copier;
use super::super::japanese;
use super::super::object::Value;
use super::super::schema::Kind;
use crate::work::Stop;

/// Widths of the characters from space to tilde, in thousandths: Helvetica and Times.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889,
    722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500,
    444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480,
    200, 480, 541,
];

/// A font with what is known of it.
pub(super) enum Face {
    /// One of the document's, of one byte for each character.
    Named { font: Value, widths: Vec<f64> },
    /// The font of the binary.
    Japanese,
}

impl Face {
    /// The font for this text, when the field names one that has its letters.
    pub(super) fn choose(
        text: &str,
        name: Option<&[u8]>,
        widget: &Dictionary,
        copier: &mut Copier<'_, '_, '_>,
    ) -> Result<Self, Stop> {
        let Some(object) = name.and_then(|name| find(name, widget, copier)) else { return Ok(Self::Japanese) };
        let Object::Dictionary(font) = copier.resolve(&object).clone() else { return Ok(Self::Japanese) };
        let Some(latin) = letters(&font, copier) else { return Ok(Self::Japanese) };
        if !text.chars().all(|c| matches!(c, ' '..='~' | '\n' | '\r' | '\t') || (latin && matches!(c, '¡'..='ÿ'))) {
            return Ok(Self::Japanese);
        }
        let widths = widths(&font, copier);
        Ok(copier.kind(&object, Kind::Font)?.map_or(Self::Japanese, |font| Self::Named { font, widths }))
    }

    /// The font as a resource.
    pub(super) fn resource(&self, copier: &mut Copier<'_, '_, '_>) -> Value {
        match self {
            Self::Named { font, .. } => font.clone(),
            Self::Japanese => copier.japanese.resource(&mut copier.objects),
        }
    }

    /// Whether it has no letter for something in a text.
    pub(super) fn lacks(&self, text: &str) -> bool {
        matches!(self, Self::Japanese) && text.chars().any(|c| !c.is_control() && !japanese::has(c))
    }

    /// How wide a character is, in ems.
    pub(super) fn width(&self, c: char) -> f64 {
        match self {
            Self::Named { widths, .. } => widths.get(c as usize).copied().unwrap_or(0.5),
            Self::Japanese => japanese::width(c),
        }
    }

    /// How wide a text is, in ems.
    pub(super) fn measure(&self, text: &str) -> f64 {
        text.chars().map(|c| self.width(c)).sum()
    }

    /// The codes of a text.
    pub(super) fn codes(&self, text: &str, copier: &mut Copier<'_, '_, '_>) -> Vec<u8> {
        match self {
            Self::Named { .. } => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
            Self::Japanese => copier.japanese.codes(text),
        }
    }

    /// How far the letters go below the line, in ems.
    pub(super) fn descent(&self) -> f64 {
        match self {
            Self::Named { .. } => 0.22,
            Self::Japanese => 0.12,
        }
    }
}

/// A font of the form, or of the field's own picture.
fn find(name: &[u8], widget: &Dictionary, copier: &Copier<'_, '_, '_>) -> Option<Object> {
    let in_resources =
        |resources: &Dictionary| copier.dict(resources, b"Font").and_then(|fonts| fonts.get(name).ok()).cloned();
    in_resources(&copier.form.resources)
        .or_else(|| copier.dict(widget, b"DR").and_then(in_resources))
        .or_else(|| copier.dict(widget, b"AP").and_then(|ap| copier.dict(ap, b"N")).and_then(in_resources))
}

/// Whether a font's codes are those of ASCII, and if so whether those of Latin-1 too; `None` when it is of another kind, or
/// carries only some letters.
fn letters(font: &Dictionary, copier: &Copier<'_, '_, '_>) -> Option<bool> {
    if !matches!(copier.name(font, b"Subtype"), Some(b"Type1" | b"TrueType" | b"MMType1")) {
        return None;
    }
    let name = copier.name(font, b"BaseFont").unwrap_or_default();
    if name.get(6) == Some(&b'+') || matches!(name, b"ZapfDingbats" | b"Symbol") {
        return None;
    }
    let descriptor = copier.dict(font, b"FontDescriptor");
    if descriptor.is_some_and(|d| copier.int(d, b"Flags").unwrap_or(0) & 4 != 0) {
        return None;
    }
    match copier.get(font, b"Encoding") {
        Some(Object::Name(name)) => Some(name == b"WinAnsiEncoding"),
        Some(Object::Dictionary(_)) => Some(true),
        _ => Some(false),
    }
}

/// Widths by code, in ems.
fn widths(font: &Dictionary, copier: &Copier<'_, '_, '_>) -> Vec<f64> {
    let name = copier.name(font, b"BaseFont").unwrap_or_default();
    let like = |part: &[u8]| name.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part));
    let usual = |code: usize| {
        let table = if like(b"times") || like(b"serif") || like(b"mincho") { &TIMES } else { &HELVETICA };
        let width = code.checked_sub(32).and_then(|at| table.get(at)).copied().unwrap_or(556);
        if like(b"cour") || like(b"mono") { 0.6 } else { f64::from(width) / 1_000.0 }
    };
    let mut all: Vec<f64> = (0..256).map(usual).collect();
    let first = copier.int(font, b"FirstChar").and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    for (at, item) in copier.array(font, b"Widths").unwrap_or_default().iter().enumerate() {
        let width = copier.resolve(item).as_float().map(f64::from).unwrap_or(0.0);
        if let Some(to) = all.get_mut(first.saturating_add(at)).filter(|_| width > 0.0) {
            *to = width / 1_000.0;
        }
    }
    all
}
