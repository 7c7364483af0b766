//! Writes pages as a little-endian TIFF 6.0: header, then for each page its directory, the values of its tags, its one
//! strip (or all pieces of a JPEG page); no byte between them.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use weezl::{BitOrder, encode::Encoder as Lzw};

use super::{Content, Kind, Page, Pixels};
use crate::formats::image::damaged;
use crate::work::Stop;

const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const UNDEFINED: u16 = 7;

const GROUP4: u32 = 4;
const LZW: u32 = 5;
const JPEG: u32 = 7;

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
    let packed;
    let pieces: &[Vec<u8>] = match &page.content {
        Content::Pixels(pixels) => {
            packed = [pack(pixels, page.width, page.height)?];
            &packed
        }
        Content::Jpeg(kept) => &kept.pieces.pieces,
    };
    let mut tags = tags(page, at, count, pieces)?;
    let start = out.len();
    let directory = 2 + tags.len() * 12 + 4;
    let outside: usize = tags.iter().map(|tag| tag.outside()).sum();
    let mut values_at = start + directory;
    let mut end = values_at + outside;
    if let Some(offsets) = tags.iter_mut().find(|tag| matches!(tag.number, 273 | 324)) {
        for (offset, piece) in offsets.values.iter_mut().zip(pieces) {
            *offset = long(end)?;
            end += piece.len();
        }
    }
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
    pieces.iter().for_each(|piece| out.extend(piece));
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
        let size = match self.kind {
            SHORT => 2,
            UNDEFINED => 1,
            _ => 4,
        };
        self.values.iter().flat_map(|v| v.to_le_bytes().into_iter().take(size)).collect()
    }

    fn outside(&self) -> usize {
        let length = self.bytes().len();
        if length <= 4 { 0 } else { length }
    }
}

/// Photometric interpretation, samples, bits of each, compression.
fn form(content: &Content) -> (usize, usize, u8, u32) {
    match content {
        Content::Pixels(pixels) => match &pixels.kind {
            Kind::Bilevel => (0, 1, 1, GROUP4),
            Kind::Grey(bits) => (1, 1, *bits, LZW),
            Kind::Palette(_) => (3, 1, 8, LZW),
            Kind::Rgb(bits, alpha) => (2, if *alpha { 4 } else { 3 }, *bits, LZW),
            Kind::Cmyk => (5, 4, 8, LZW),
        },
        Content::Jpeg(kept) => (kept.photometric, kept.samples, 8, JPEG),
    }
}

fn tags(page: &Page, at: usize, count: usize, pieces: &[Vec<u8>]) -> Result<Vec<Tag>, Stop> {
    let (photometric, samples, bits, compression) = form(&page.content);
    let lengths = pieces.iter().map(|piece| long(piece.len())).collect::<Result<Vec<_>, _>>()?;
    let mut tags = Vec::new();
    let mut tag = |number: u16, kind: u16, values: Vec<u32>| tags.push(Tag { number, kind, values });
    if count > 1 {
        tag(254, LONG, vec![2]);
    }
    tag(256, LONG, vec![long(page.width)?]);
    tag(257, LONG, vec![long(page.height)?]);
    tag(258, SHORT, vec![u32::from(bits); samples]);
    tag(259, SHORT, vec![compression]);
    tag(262, SHORT, vec![long(photometric)?]);
    tag(277, SHORT, vec![long(samples)?]);
    match &page.content {
        Content::Jpeg(kept) if kept.tiled => {
            tag(322, LONG, vec![long(kept.piece.0)?]);
            tag(323, LONG, vec![long(kept.piece.1)?]);
            tag(324, LONG, vec![0; pieces.len()]);
            tag(325, LONG, lengths);
        }
        content => {
            let rows = if let Content::Jpeg(kept) = content { kept.piece.1 } else { page.height };
            tag(273, LONG, vec![0; pieces.len()]);
            tag(278, LONG, vec![long(rows)?]);
            tag(279, LONG, lengths);
        }
    }
    if let Some((unit, x, y)) = page.resolution {
        tag(282, RATIONAL, x.to_vec());
        tag(283, RATIONAL, y.to_vec());
        tag(296, SHORT, vec![u32::from(unit)]);
    }
    if count > 1 {
        tag(297, SHORT, vec![long(at)?, long(count)?]);
    }
    match &page.content {
        Content::Pixels(pixels) => {
            if pixels.kind == Kind::Bilevel {
                tag(293, LONG, vec![0]);
            }
            if predicted(&pixels.kind) {
                tag(317, SHORT, vec![2]);
            }
            if let Kind::Palette(map) = &pixels.kind {
                tag(320, SHORT, map.iter().map(|v| u32::from(*v)).collect());
            }
            if let Kind::Rgb(_, true) = pixels.kind {
                tag(338, SHORT, vec![2]);
            }
        }
        Content::Jpeg(kept) => {
            tag(347, UNDEFINED, kept.pieces.tables.iter().map(|byte| u32::from(*byte)).collect());
            if kept.photometric == 6 {
                let (across, down) = kept.pieces.sampling;
                tag(530, SHORT, vec![long(across)?, long(down)?]);
            }
        }
    }
    tags.sort_by_key(|tag| tag.number);
    Ok(tags)
}

fn pack(pixels: &Pixels, width: usize, height: usize) -> Result<Vec<u8>, Stop> {
    if pixels.kind == Kind::Bilevel { group4_rows(&pixels.bytes, width, height) } else { lzw(pixels, width) }
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
fn lzw(pixels: &Pixels, width: usize) -> Result<Vec<u8>, Stop> {
    let wide = matches!(pixels.kind, Kind::Grey(16) | Kind::Rgb(16, _));
    let swapped: Vec<u8>;
    let bytes = if wide {
        swapped = pixels.bytes.as_chunks::<2>().0.iter().flat_map(|[high, low]| [*low, *high]).collect();
        &swapped
    } else if predicted(&pixels.kind) {
        swapped = differences(pixels, width);
        &swapped
    } else {
        &pixels.bytes
    };
    Lzw::with_tiff_size_switch(BitOrder::Msb, 8).encode(bytes).map_err(|_| damaged())
}

fn differences(pixels: &Pixels, width: usize) -> Vec<u8> {
    let size = pixels.kind.bits_per_pixel() / 8;
    let mut out = Vec::with_capacity(pixels.bytes.len());
    for row in pixels.bytes.chunks((width * size).max(1)) {
        for (at, sample) in row.iter().enumerate() {
            let before = at.checked_sub(size).and_then(|at| row.get(at)).copied().unwrap_or(0);
            out.push(sample.wrapping_sub(before));
        }
    }
    out
}
