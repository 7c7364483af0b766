//! Blocks of pixels in enhanced metafiles: bitmaps, copies and blends of them, and blocks without a source.

use super::canvas::{Canvas, Point};
use super::emf::pair;
use super::{u16_at, u32_at, unsupported};
use crate::formats::image;
use crate::work::{Stop, Work};

/// Raster operations that are drawn: the source as it is; and, or, exclusive or with what is there; the brush alone; nothing.
const SRCCOPY: u32 = 0x00cc_0020;
const SRCAND: u32 = 0x0088_00c6;
const SRCPAINT: u32 = 0x00ee_0086;
const SRCINVERT: u32 = 0x0066_0046;
const PATCOPY: u32 = 0x00f0_0021;
const NOTHING: u32 = 0x00aa_0029;

fn part(record: &[u8], offset: usize, size: usize) -> Option<&[u8]> {
    let (offset, size) = (u32_at(record, offset)? as usize, u32_at(record, size)? as usize);
    record.get(offset..offset.checked_add(size)?)
}

/// Pixels (red, green, blue, alpha) and where they are drawn.
pub(super) struct Block {
    pub(super) at: Point,
    pub(super) size: Point,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

impl Block {
    /// A device-independent bitmap in a box.
    pub(super) fn of(
        header: &[u8],
        bits: &[u8],
        (at, size): (Point, Point),
        work: &mut Work<'_>,
    ) -> Result<Self, Stop> {
        let offset = u32::try_from(14 + header.len()).map_err(|_| unsupported())?;
        let length = u32::try_from(14 + header.len() + bits.len()).map_err(|_| unsupported())?;
        let file = [b"BM".as_slice(), &length.to_le_bytes(), &[0; 4], &offset.to_le_bytes(), header, bits].concat();
        let (width, height, pixels) = image::bmp::rgba(&file, work)?;
        Ok(Self { at, size, width, height, pixels })
    }

    /// The part of it that a record names: left, top, width, height.
    fn cut(mut self, part: [u32; 4]) -> Option<Self> {
        let [x, y, width, height] = part.map(|value| value as usize);
        if x + width > self.width || y + height > self.height || width * height == 0 {
            return None;
        }
        let rows = self.pixels.chunks(self.width * 4).skip(y).take(height);
        self.pixels = rows.flat_map(|row| row.get(x * 4..(x + width) * 4).unwrap_or_default()).copied().collect();
        (self.width, self.height) = (width, height);
        Some(self)
    }

    fn lies_on(&self, other: &Self) -> bool {
        (self.at, self.size, self.width, self.height) == (other.at, other.size, other.width, other.height)
    }

    /// Black where it is black, clear where it is white: what is left of `SRCAND` when nothing is drawn into its holes.
    /// `None` when it has other colours.
    pub(super) fn into_shadow(mut self) -> Option<Self> {
        for pixel in self.pixels.as_chunks_mut::<4>().0 {
            *pixel = match pixel {
                [0, 0, 0, _] => [0, 0, 0, 255],
                [255, 255, 255, _] => [0; 4],
                _ => return None,
            };
        }
        Some(self)
    }

    /// The picture in the holes that a mask left black. `None` when it also changes what is outside of them.
    fn through(mut self, mask: &Self) -> Option<Self> {
        for (pixel, hole) in self.pixels.as_chunks_mut::<4>().0.iter_mut().zip(mask.pixels.as_chunks::<4>().0) {
            *pixel = match (&pixel, hole) {
                ([red, green, blue, _], [0, 0, 0, _]) => [*red, *green, *blue, 255],
                ([0, 0, 0, _], [255, 255, 255, _]) => [0; 4],
                _ => return None,
            };
        }
        Some(self)
    }
}

/// Draws a block by its raster operation: as it is, or with a mask that makes holes (`SRCAND`) for the picture that follows
/// (`SRCPAINT`, `SRCINVERT`), as icons are drawn.
pub(super) fn draw(operation: u32, block: Block, canvas: &mut Canvas) -> Result<(), Stop> {
    match operation {
        SRCCOPY => canvas.picture(&block),
        SRCAND => {
            canvas.close_mask()?;
            canvas.mask = Some(block);
            Ok(())
        }
        SRCPAINT | SRCINVERT => {
            let mask = canvas.mask.take().filter(|mask| block.lies_on(mask)).ok_or_else(unsupported)?;
            canvas.picture(&block.through(&mask).ok_or_else(unsupported)?)
        }
        _ => Err(unsupported()),
    }
}

/// `EMR_STRETCHDIBITS`
pub(super) fn bits(record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let read = || Some((part(record, 48, 52)?, part(record, 56, 60)?, pair(record, 24)?, pair(record, 72)?));
    let (header, bits, at, size) = read().ok_or_else(unsupported)?;
    let operation = u32_at(record, 68).ok_or_else(unsupported)?;
    draw(operation, Block::of(header, bits, (at, size), work)?, canvas)
}

/// `EMR_BITBLT` and `EMR_STRETCHBLT`: a block without a source is a filled rectangle.
pub(super) fn copy(kind: u32, record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let (at, size) = pair(record, 24).zip(pair(record, 32)).ok_or_else(unsupported)?;
    match u32_at(record, 40).ok_or_else(unsupported)? {
        NOTHING => Ok(()),
        PATCOPY => {
            let (right, bottom) = (at.0 + size.0, at.1 + size.1);
            let outline = canvas.lines(&[at, (right, at.1), (right, bottom), (at.0, bottom)], false, true);
            canvas.paint(&outline, true, false)
        }
        operation => {
            let (header, bits) = part(record, 84, 88).zip(part(record, 92, 96)).ok_or_else(unsupported)?;
            let mut block = Block::of(header, bits, (at, size), work)?;
            if kind == 77 {
                let edges = [44, 48, 100, 104].map(|at| u32_at(record, at));
                let [Some(x), Some(y), Some(width), Some(height)] = edges else { return Err(unsupported()) };
                block = block.cut([x, y, width, height]).ok_or_else(unsupported)?;
            }
            draw(operation, block, canvas)
        }
    }
}

/// `EMR_ALPHABLEND` of a whole bitmap of 32 bits that carries its transparency.
pub(super) fn blend(record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let read = || {
        let (header, bits) = part(record, 84, 88).zip(part(record, 92, 96))?;
        let (width, height) = (u32_at(header, 4)?, u32_at(header, 8)?.cast_signed());
        // One operation, all of the source, its own transparency; 32 bits without compression.
        let function = matches!(record.get(40..44)?, [0, _, 255, 1]) && pair(record, 44)? == (0.0, 0.0);
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
    canvas.picture(&Block { at, size, width, height: rows, pixels })
}
