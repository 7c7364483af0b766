//! Writes pages as a little-endian TIFF 6.0: header, then for each page its directory, the values of its tags, its one
//! strip; no byte between them.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use weezl::{BitOrder, encode::Encoder as Lzw};

use super::{Kind, Page};
use crate::formats::image::damaged;
use crate::work::Stop;

const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

/// The file.
pub(super) fn write(pages: &[Page]) -> Result<Vec<u8>, Stop> {
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    for (at, page) in pages.iter().enumerate() {
        write_page(&mut out, page, at, pages.len())?;
    }
    Ok(out)
}

struct Tag {
    number: u16,
    kind: u16,
    values: Vec<u32>,
}

fn write_page(out: &mut Vec<u8>, page: &Page, at: usize, count: usize) -> Result<(), Stop> {
    let bilevel = page.kind == Kind::Bilevel;
    let strip = if bilevel { group4(page)? } else { lzw(page)? };
    let mut tags = tags(page, at, count, strip.len())?;
    let start = out.len();
    let directory = 2 + tags.len() * 12 + 4;
    let outside: usize = tags.iter().map(|tag| tag.outside()).sum();
    let mut values_at = start + directory;
    let strip_at = values_at + outside;
    if let Some(offset) = tags.iter_mut().find(|tag| tag.number == 273) {
        offset.values = vec![long(strip_at)?];
    }
    let end = strip_at + strip.len();
    let pad = end % 2;
    out.extend(u16::try_from(tags.len()).unwrap_or(0).to_le_bytes());
    let mut values = Vec::new();
    for tag in &tags {
        out.extend(tag.number.to_le_bytes());
        out.extend(tag.kind.to_le_bytes());
        let count = if tag.kind == RATIONAL { tag.values.len() / 2 } else { tag.values.len() };
        out.extend(long(count)?.to_le_bytes());
        let bytes = tag.bytes();
        if bytes.len() <= 4 {
            out.extend(&bytes);
            out.resize(out.len() + 4 - bytes.len(), 0);
        } else {
            out.extend(long(values_at)?.to_le_bytes());
            values_at += bytes.len();
            values.extend(bytes);
        }
    }
    let next = if at + 1 < count { long(end + pad)? } else { 0 };
    out.extend(next.to_le_bytes());
    out.extend(values);
    out.extend(strip);
    if at + 1 < count {
        out.resize(out.len() + pad, 0);
    }
    Ok(())
}

fn long(value: usize) -> Result<u32, Stop> {
    u32::try_from(value).map_err(|_| damaged())
}

impl Tag {
    fn bytes(&self) -> Vec<u8> {
        let short = self.kind == SHORT;
        let bytes = self.values.iter().flat_map(|v| v.to_le_bytes().into_iter().take(if short { 2 } else { 4 }));
        bytes.collect()
    }

    fn outside(&self) -> usize {
        let length = self.bytes().len();
        if length <= 4 { 0 } else { length }
    }
}

fn tags(page: &Page, at: usize, count: usize, strip: usize) -> Result<Vec<Tag>, Stop> {
    let (photometric, samples, bits) = match &page.kind {
        Kind::Bilevel => (0, 1, 1),
        Kind::Grey(bits) => (1, 1, *bits),
        Kind::Palette(_) => (3, 1, 8),
        Kind::Rgb(bits, alpha) => (2, if *alpha { 4 } else { 3 }, *bits),
        Kind::Cmyk => (5, 4, 8),
    };
    let compression = if page.kind == Kind::Bilevel { 4 } else { 5 };
    let mut tags = Vec::new();
    let mut tag = |number: u16, kind: u16, values: Vec<u32>| tags.push(Tag { number, kind, values });
    if count > 1 {
        tag(254, LONG, vec![2]);
    }
    tag(256, LONG, vec![long(page.width)?]);
    tag(257, LONG, vec![long(page.height)?]);
    tag(258, SHORT, vec![u32::from(bits); samples]);
    tag(259, SHORT, vec![compression]);
    tag(262, SHORT, vec![photometric]);
    tag(273, LONG, vec![0]);
    tag(277, SHORT, vec![long(samples)?]);
    tag(278, LONG, vec![long(page.height)?]);
    tag(279, LONG, vec![long(strip)?]);
    if let Some((_, x, y)) = page.resolution {
        tag(282, RATIONAL, x.to_vec());
        tag(283, RATIONAL, y.to_vec());
    }
    if compression == 4 {
        tag(293, LONG, vec![0]);
    }
    if let Some((unit, _, _)) = page.resolution {
        tag(296, SHORT, vec![u32::from(unit)]);
    }
    if count > 1 {
        tag(297, SHORT, vec![long(at)?, long(count)?]);
    }
    if predicted(&page.kind) {
        tag(317, SHORT, vec![2]);
    }
    if let Kind::Palette(map) = &page.kind {
        tag(320, SHORT, map.iter().map(|v| u32::from(*v)).collect());
    }
    if let Kind::Rgb(_, true) = page.kind {
        tag(338, SHORT, vec![2]);
    }
    Ok(tags)
}

fn group4(page: &Page) -> Result<Vec<u8>, Stop> {
    group4_rows(&page.pixels, page.width, page.height)
}

/// CCITT Group 4 of one-bit rows in which 0 is black.
pub(crate) fn group4_rows(pixels: &[u8], width: usize, height: usize) -> Result<Vec<u8>, Stop> {
    let across = u16::try_from(width).map_err(|_| damaged())?;
    let mut encoder = Encoder::new(VecWriter::new());
    for row in pixels.chunks(width.div_ceil(8).max(1)).take(height) {
        let pels = (0..width).map(|x| {
            let byte = row.get(x / 8).copied().unwrap_or(0xFF);
            if byte >> (7 - x % 8) & 1 == 0 { Color::Black } else { Color::White }
        });
        let Ok(()) = encoder.encode_line(pels, across);
    }
    let Ok(writer) = encoder.finish();
    Ok(writer.finish())
}

/// Whether each sample is written as its difference from the one before it (TIFF 6.0, section 14).
fn predicted(kind: &Kind) -> bool {
    matches!(kind, Kind::Grey(8) | Kind::Rgb(8, _))
}

/// LZW; samples are 16-bit little-endian in the file.
fn lzw(page: &Page) -> Result<Vec<u8>, Stop> {
    let wide = matches!(page.kind, Kind::Grey(16) | Kind::Rgb(16, _));
    let swapped: Vec<u8>;
    let pixels = if wide {
        swapped = page.pixels.as_chunks::<2>().0.iter().flat_map(|[high, low]| [*low, *high]).collect();
        &swapped
    } else if predicted(&page.kind) {
        swapped = differences(page);
        &swapped
    } else {
        &page.pixels
    };
    Lzw::with_tiff_size_switch(BitOrder::Msb, 8).encode(pixels).map_err(|_| damaged())
}

fn differences(page: &Page) -> Vec<u8> {
    let size = page.kind.bits_per_pixel() / 8;
    let mut out = Vec::with_capacity(page.pixels.len());
    for row in page.pixels.chunks((page.width * size).max(1)) {
        for (at, sample) in row.iter().enumerate() {
            let before = at.checked_sub(size).and_then(|at| row.get(at)).copied().unwrap_or(0);
            out.push(sample.wrapping_sub(before));
        }
    }
    out
}
