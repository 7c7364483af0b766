//! Blocks of pixels in enhanced metafiles: bitmaps, copies and blends of them, and blocks without a source.

use super::canvas::Canvas;
use super::emf::pair;
use super::{u16_at, u32_at, unsupported};
use crate::formats::image;
use crate::work::{Stop, Work};

/// Raster operations that are drawn: the source as it is, the brush alone, nothing.
const SRCCOPY: u32 = 0x00cc_0020;
const PATCOPY: u32 = 0x00f0_0021;
const NOTHING: u32 = 0x00aa_0029;

fn part(record: &[u8], offset: usize, size: usize) -> Option<&[u8]> {
    let (offset, size) = (u32_at(record, offset)? as usize, u32_at(record, size)? as usize);
    record.get(offset..offset.checked_add(size)?)
}

/// `EMR_STRETCHDIBITS`
pub(super) fn bits(record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let read = || Some((part(record, 48, 52)?, part(record, 56, 60)?, pair(record, 24)?, pair(record, 72)?));
    let (header, bits, at, size) = read().ok_or_else(unsupported)?;
    canvas.bitmap(header, bits, at, size, work)
}

/// `EMR_BITBLT` and `EMR_STRETCHBLT`: a block without a source is a filled rectangle.
pub(super) fn copy(record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let (at, size) = pair(record, 24).zip(pair(record, 32)).ok_or_else(unsupported)?;
    match u32_at(record, 40) {
        Some(NOTHING) => Ok(()),
        Some(PATCOPY) => {
            let (right, bottom) = (at.0 + size.0, at.1 + size.1);
            let outline = canvas.lines(&[at, (right, at.1), (right, bottom), (at.0, bottom)], false, true);
            canvas.paint(&outline, true, false)
        }
        Some(SRCCOPY) => {
            let (header, bits) = part(record, 84, 88).zip(part(record, 92, 96)).ok_or_else(unsupported)?;
            canvas.bitmap(header, bits, at, size, work)
        }
        _ => Err(unsupported()),
    }
}

/// `EMR_ALPHABLEND` of a whole bitmap of 32 bits that carries its transparency.
pub(super) fn blend(record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let read = || {
        let (header, bits) = part(record, 84, 88).zip(part(record, 92, 96))?;
        let (width, height) = (u32_at(header, 4)?, u32_at(header, 8)?.cast_signed());
        // One operation, all of the source, its own transparency; 32 bits without compression.
        let function = record.get(40..44)? == [0, 0, 255, 1] && pair(record, 44)? == (0.0, 0.0);
        let form = u16_at(header, 14)? == 32 && matches!(u32_at(header, 16)?, 0 | 3);
        let whole = u32_at(record, 100)? == width && u32_at(record, 104)? == height.unsigned_abs();
        (function && form && whole).then_some((width as usize, height, bits))
    };
    let (width, height, bits) = read().ok_or_else(unsupported)?;
    let (at, size) = pair(record, 24).zip(pair(record, 32)).ok_or_else(unsupported)?;
    let rows = height.unsigned_abs() as usize;
    image::admit(width, rows, 32, work)?;
    let bits = bits.get(..width * rows * 4).ok_or_else(unsupported)?;
    let mut pixels = Vec::with_capacity(bits.len());
    for row in 0..rows {
        // Rows stand from below, unless the height is negative.
        let row = if height < 0 { row } else { rows - 1 - row };
        let line = bits.get(row * width * 4..(row + 1) * width * 4).unwrap_or_default();
        for [blue, green, red, alpha] in line.as_chunks::<4>().0 {
            // Colours are multiplied by their alpha already.
            let full = |value: u8| u8::try_from(u32::from(value) * 255 / u32::from(*alpha).max(1)).unwrap_or(255);
            pixels.extend([full(*red), full(*green), full(*blue), *alpha]);
        }
    }
    canvas.picture(width, rows, &pixels, at, size)
}
