//! Pages of a TIFF: directory, pieces, colours, and the right way up.

use super::chunk::Layout;
use super::directory::{Directory, directories};
use super::{Content, Page, Pixels, colour, jpeg};
use crate::formats::image::jpeg::turn::Turn;
use crate::formats::image::{FRAMES, LIVE_BYTES, damaged, raster};
use crate::words::ReasonCode;
use crate::work::{Stop, Work};

/// Tags that are needed to show a page.
const SHOWN: &[u16] = &[
    254, 255, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293, 296, 297, 317, 320, 322,
    323, 324, 325, 338, 339, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532,
];

/// All pages, upright, and whether any has a tag that is not needed to show it.
pub(super) fn pages(bytes: &[u8], work: &mut Work<'_>) -> Result<(Vec<Page>, bool), Stop> {
    let directories = directories(bytes, work)?;
    let mut metadata = directories.iter().flat_map(Directory::tags).any(|tag| !SHOWN.contains(&tag));
    let (mut pages, mut live) = (Vec::new(), 0_usize);
    for directory in &directories {
        let page = page(directory, work)?;
        live = live.saturating_add(page.content.len());
        metadata |= matches!(&page.content, Content::Jpeg(kept) if kept.pieces.metadata);
        pages.push(page);
        if live > LIVE_BYTES || pages.len() > FRAMES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
    }
    Ok((pages, metadata))
}

fn page(directory: &Directory<'_>, work: &mut Work<'_>) -> Result<Page, Stop> {
    let layout = Layout::of(directory, work)?;
    let (width, height) = (layout.width, layout.height);
    let orientation = directory.number(274).and_then(|value| u8::try_from(value).ok()).unwrap_or(1);
    let turn = Turn::from_exif(orientation);
    if turn.is_none()
        && let Some(kept) = jpeg::keep(directory, &layout, work)
    {
        return Ok(Page { width, height, content: Content::Jpeg(kept), resolution: resolution(directory) });
    }
    let planes = layout.planes(work)?;
    let (kind, mut bytes) = colour::page(directory, &layout, planes)?;
    let line = (width * kind.bits_per_pixel()).div_ceil(8);
    if bytes.len() < line * height {
        return Err(damaged());
    }
    bytes.truncate(line * height);
    let mut pixels = Pixels { kind, bytes };
    let (width, height) = upright(&mut pixels, width, height, turn);
    let mut resolution = resolution(directory);
    if let (true, Some((_, x, y))) = (turn.transpose, resolution.as_mut()) {
        std::mem::swap(x, y);
    }
    Ok(Page { width, height, content: Content::Pixels(pixels), resolution })
}

/// Turns pixels; gives the new width and height.
fn upright(pixels: &mut Pixels, width: usize, height: usize, turn: Turn) -> (usize, usize) {
    let bits = pixels.kind.bits_per_pixel();
    if turn.is_none() || bits != 1 {
        return raster::turn(&mut pixels.bytes, width, height, bits / 8, turn);
    }
    let line = width.div_ceil(8);
    let dot = |row: &[u8], x: usize| row.get(x / 8).map_or(0, |byte| byte >> (7 - x % 8) & 1);
    let mut dots: Vec<u8> =
        pixels.bytes.chunks(line.max(1)).flat_map(|row| (0..width).map(move |x| dot(row, x))).collect();
    let (width, height) = raster::turn(&mut dots, width, height, 1, turn);
    let packed = dots.chunks(width.max(1)).flat_map(|row| {
        row.chunks(8).map(|bits| bits.iter().enumerate().fold(0u8, |byte, (n, bit)| byte | (bit << (7 - n))))
    });
    pixels.bytes = packed.collect();
    (width, height)
}

fn resolution(directory: &Directory<'_>) -> Option<(u16, [u32; 2], [u32; 2])> {
    let fraction = |tag| directory.fractions(tag)?.first().copied().filter(|[over, under]| *over > 0 && *under > 0);
    let unit = directory.number(296).and_then(|unit| u16::try_from(unit).ok()).unwrap_or(2);
    Some((if (1..=3).contains(&unit) { unit } else { 1 }, fraction(282)?, fraction(283)?))
}
