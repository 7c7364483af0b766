//! Pages of a TIFF: directory, pieces, colours, and the right way up.

use super::chunk::Layout;
use super::directory::{Directory, directories};
use super::{Page, colour};
use crate::formats::image::jpeg::turn::Turn;
use crate::formats::image::{FRAMES, LIVE_BYTES, damaged, raster};
use crate::words::ReasonCode;
use crate::work::{Stop, Work};

/// Tags that are needed to show a page.
const SHOWN: &[u16] = &[
    254, 255, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293, 296, 297, 317, 320, 322,
    323, 324, 325, 338, 339, 347, 529, 530, 531, 532,
];

/// All pages, upright, and whether any has a tag that is not needed to show it.
pub(super) fn pages(bytes: &[u8], work: &mut Work<'_>) -> Result<(Vec<Page>, bool), Stop> {
    let directories = directories(bytes, work)?;
    let metadata = directories.iter().flat_map(Directory::tags).any(|tag| !SHOWN.contains(&tag));
    let (mut pages, mut live) = (Vec::new(), 0_usize);
    for directory in &directories {
        let page = page(directory, work)?;
        live = live.saturating_add(page.pixels.len());
        pages.push(page);
        if live > LIVE_BYTES || pages.len() > FRAMES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
    }
    Ok((pages, metadata))
}

fn page(directory: &Directory<'_>, work: &mut Work<'_>) -> Result<Page, Stop> {
    let layout = Layout::of(directory, work)?;
    let planes = layout.planes(work)?;
    let (width, height) = (layout.width, layout.height);
    let (kind, mut pixels) = colour::page(directory, &layout, planes)?;
    let line = (width * kind.bits_per_pixel()).div_ceil(8);
    if pixels.len() < line * height {
        return Err(damaged());
    }
    pixels.truncate(line * height);
    let mut page = Page { width, height, kind, pixels, resolution: resolution(directory) };
    let orientation = directory.number(274).and_then(|value| u8::try_from(value).ok()).unwrap_or(1);
    upright(&mut page, Turn::from_exif(orientation));
    Ok(page)
}

fn upright(page: &mut Page, turn: Turn) {
    if turn.is_none() {
        return;
    }
    let (width, height) = (page.width, page.height);
    let bits = page.kind.bits_per_pixel();
    if bits == 1 {
        let line = width.div_ceil(8);
        let dot = |row: &[u8], x: usize| row.get(x / 8).map_or(0, |byte| byte >> (7 - x % 8) & 1);
        let mut dots: Vec<u8> =
            page.pixels.chunks(line.max(1)).flat_map(|row| (0..width).map(move |x| dot(row, x))).collect();
        (page.width, page.height) = raster::turn(&mut dots, width, height, 1, turn);
        let packed = dots.chunks(page.width.max(1)).flat_map(|row| {
            row.chunks(8).map(|bits| bits.iter().enumerate().fold(0u8, |byte, (n, bit)| byte | (bit << (7 - n))))
        });
        page.pixels = packed.collect();
    } else {
        (page.width, page.height) = raster::turn(&mut page.pixels, width, height, bits / 8, turn);
    }
    if let (true, Some((_, x, y))) = (turn.transpose, page.resolution.as_mut()) {
        std::mem::swap(x, y);
    }
}

fn resolution(directory: &Directory<'_>) -> Option<(u16, [u32; 2], [u32; 2])> {
    let fraction = |tag| directory.fractions(tag)?.first().copied().filter(|[over, under]| *over > 0 && *under > 0);
    let unit = directory.number(296).and_then(|unit| u16::try_from(unit).ok()).unwrap_or(2);
    Some((if (1..=3).contains(&unit) { unit } else { 1 }, fraction(282)?, fraction(283)?))
}
