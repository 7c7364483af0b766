//! Windows metafiles, drawn: the records that Office and drawing programs write become an SVG of our own making, which is
//! drawn like any other. A file with a record that draws and is not known here is not drawn in part: it is refused, and a
//! document shows its placeholder.

mod blocks;
mod canvas;
mod emf;
mod wmf;

use super::{image, svg};
use crate::format::Format;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// Draws a file.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let mut draft = Draft::default();
    let canvas =
        if source.format == Format::Emf { emf::read(source.bytes, work)? } else { wmf::read(source.bytes, work)? };
    let (text, pictures) = canvas.finish().ok_or(Stop::Held(ReasonCode::MetafileNotSupported))?;
    let pixels = svg::draw(&text, pictures, work, &mut draft)?;
    let drawn = image::png::rebuild(Source { bytes: &pixels, format: Format::Png, ..source }, work)?;
    draft.bytes = drawn.bytes;
    draft.format = Some(Format::Png);
    draft.findings.noted(What::ImageCopy, "");
    Ok(draft)
}

/// A record that cannot be read or drawn.
fn unsupported() -> Stop {
    Stop::held(ReasonCode::MetafileNotSupported)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

fn i16_at(bytes: &[u8], at: usize) -> Option<f32> {
    u16_at(bytes, at).map(|value| f32::from(value.cast_signed()))
}

fn i32_at(bytes: &[u8], at: usize) -> Option<f32> {
    u32_at(bytes, at).map(|value| value.cast_signed() as f32)
}

fn f32_at(bytes: &[u8], at: usize) -> Option<f32> {
    u32_at(bytes, at).map(f32::from_bits).filter(|value| value.is_finite())
}
