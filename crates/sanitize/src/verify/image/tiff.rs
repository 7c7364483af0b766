//! TIFF: little-endian; for each page its directory of allow-listed tags, their values, one strip (CCITT Group 4 or LZW),
//! in this order and without a byte between them.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::super::{Check, Violation};
use super::lzw::{self, Kind};
use super::{Fields, PIXELS, require};

/// Tag, field type, least and greatest count.
const TAGS: &[(usize, usize, usize, usize)] = &[
    (254, 4, 1, 1),
    (256, 4, 1, 1),
    (257, 4, 1, 1),
    (258, 3, 1, 4),
    (259, 3, 1, 1),
    (262, 3, 1, 1),
    (273, 4, 1, 1),
    (277, 3, 1, 1),
    (278, 4, 1, 1),
    (279, 4, 1, 1),
    (282, 5, 1, 1),
    (283, 5, 1, 1),
    (293, 4, 1, 1),
    (296, 3, 1, 1),
    (297, 3, 2, 2),
    (317, 3, 1, 1),
    (320, 3, 768, 768),
    (338, 3, 1, 1),
];

/// The tags of a page that decide its size.
#[derive(Default)]
struct Page {
    width: usize,
    height: usize,
    bits: usize,
    samples: usize,
    compression: usize,
    strip: usize,
    length: usize,
}

/// Accepts a TIFF of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(8)? == b"II*\0\x08\0\0\0", "no signature")?;
    loop {
        let (page, next) = directory(&mut fields)?;
        require(page.strip == fields.at, "bytes before the strip")?;
        let strip = fields.take(page.length)?;
        pixels(&page, strip, check)?;
        if next == 0 {
            return require(fields.left() == 0, "bytes after the end");
        }
        if fields.at % 2 == 1 {
            require(fields.u8()? == 0, "padding that is not zero")?;
        }
        require(next == fields.at, "bytes between the pages")?;
    }
}

fn directory(fields: &mut Fields<'_>) -> Result<(Page, usize), Violation> {
    let count = fields.u16_le()?;
    let mut values_at = fields.at + count * 12 + 4;
    let (mut page, mut last) = (Page::default(), 0);
    for _ in 0..count {
        let (tag, kind, count) = (fields.u16_le()?, fields.u16_le()?, fields.u32_le()?);
        let known = TAGS.iter().any(|(t, k, least, most)| *t == tag && *k == kind && (*least..=*most).contains(&count));
        require(known && tag > last, "a tag that is not allowed here")?;
        last = tag;
        let size = count
            * match kind {
                3 => 2,
                4 => 4,
                _ => 8,
            };
        let mut value = *fields;
        let first = if kind == 3 { value.u16_le()? } else { value.u32_le()? };
        let word = fields.u32_le()?;
        if size > 4 {
            require(word == values_at, "a value that is not in its place")?;
            values_at += size;
            if tag == 258 {
                let mut outside = Fields { bytes: fields.bytes, at: word };
                page.bits = outside.u16_le()?;
            }
        }
        match tag {
            256 => page.width = first,
            257 => page.height = first,
            258 if size <= 4 => page.bits = first,
            259 => page.compression = first,
            273 => page.strip = first,
            277 => page.samples = first,
            278 => require(first == page.height, "more than one strip")?,
            279 => page.length = first,
            _ => {}
        }
    }
    let next = fields.u32_le()?;
    let values = values_at.checked_sub(fields.at).ok_or_else(|| fields.wrong("values out of place"))?;
    fields.take(values)?;
    Ok((page, next))
}

fn pixels(page: &Page, strip: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let wrong = |why: &str| Violation::new("strip", why);
    let pixels = page.width.saturating_mul(page.height);
    if pixels == 0 || pixels > PIXELS {
        return Err(wrong("no or too many pixels"));
    }
    check.step(pixels as u64 / 32)?;
    let line = (page.width * page.bits * page.samples).div_ceil(8);
    let whole = match page.compression {
        5 => lzw::count(strip, Kind::Tiff, 8, 256)? == line * page.height,
        4 if page.bits == 1 && page.samples == 1 => group4(page, strip),
        _ => return Err(wrong("a compression that is not allowed")),
    };
    if whole { Ok(()) } else { Err(wrong("pixels that do not fit the size")) }
}

struct Rows(usize);

impl Decoder for Rows {
    fn push_row(&mut self, _: &[u32]) {
        self.0 += 1;
    }
}

fn group4(page: &Page, strip: &[u8]) -> bool {
    let (Ok(columns), Ok(rows)) = (u32::try_from(page.width), u32::try_from(page.height)) else { return false };
    let settings = DecodeSettings {
        columns,
        rows,
        end_of_block: true,
        end_of_line: false,
        rows_are_byte_aligned: false,
        encoding: EncodingMode::Group4,
        strict: true,
    };
    let mut count = Rows(0);
    let used = hayro_ccitt::decode(strip, &mut count, &mut DecoderContext::new(settings));
    used.is_ok_and(|used| used <= strip.len()) && count.0 == page.height
}
