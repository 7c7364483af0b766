//! TIFF: little-endian; for each page its directory of allow-listed tags, their values, and its pieces (one strip of CCITT Group 4
//! or LZW, or strips or tiles of JPEG that share their tables), in this order and without a byte between them.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::super::{Check, Violation};
use super::lzw::{self, Kind};
use super::{Fields, PIXELS, jpeg, require};

/// Tag, field type, least and greatest count.
const TAGS: &[(usize, usize, usize, usize)] = &[
    (254, 4, 1, 1),
    (256, 4, 1, 1),
    (257, 4, 1, 1),
    (258, 3, 1, 4),
    (259, 3, 1, 1),
    (262, 3, 1, 1),
    (273, 4, 1, PIECES),
    (277, 3, 1, 1),
    (278, 4, 1, 1),
    (279, 4, 1, PIECES),
    (282, 5, 1, 1),
    (283, 5, 1, 1),
    (293, 4, 1, 1),
    (296, 3, 1, 1),
    (297, 3, 2, 2),
    (317, 3, 1, 1),
    (320, 3, 768, 768),
    (322, 4, 1, 1),
    (323, 4, 1, 1),
    (324, 4, 1, PIECES),
    (325, 4, 1, PIECES),
    (338, 3, 1, 1),
    (347, 7, 8, 2048),
    (530, 3, 2, 2),
];

/// Pieces of one page.
const PIECES: usize = 1 << 16;

/// Tags that only a page of JPEG has, and those that it never has.
const ONLY_JPEG: [usize; 6] = [322, 323, 324, 325, 347, 530];
const NEVER_JPEG: [usize; 4] = [293, 317, 320, 338];

/// One page: its tags, each with where its values stand.
struct Page<'a> {
    file: Fields<'a>,
    tags: Vec<Tag>,
}

struct Tag {
    number: usize,
    kind: usize,
    count: usize,
    at: usize,
}

/// Accepts a TIFF of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(8)? == b"II*\0\x08\0\0\0", "no signature")?;
    loop {
        let (page, next) = directory(&mut fields)?;
        page.pieces(&mut fields, check)?;
        if next == 0 {
            return require(fields.left() == 0, "bytes after the end");
        }
        if fields.at % 2 == 1 {
            require(fields.u8()? == 0, "padding that is not zero")?;
        }
        require(next == fields.at, "bytes between the pages")?;
    }
}

/// The tags in their order, their values behind them in the same order.
fn directory<'a>(fields: &mut Fields<'a>) -> Result<(Page<'a>, usize), Violation> {
    let count = fields.u16_le()?;
    let mut values_at = fields.at + count * 12 + 4;
    let mut page = Page { file: *fields, tags: Vec::new() };
    for _ in 0..count {
        let (number, kind, count) = (fields.u16_le()?, fields.u16_le()?, fields.u32_le()?);
        let known =
            TAGS.iter().any(|(t, k, least, most)| *t == number && *k == kind && (*least..=*most).contains(&count));
        let last = page.tags.last().map_or(0, |tag| tag.number);
        require(known && number > last, "a tag that is not allowed here")?;
        let size = count
            * match kind {
                3 => 2,
                4 => 4,
                7 => 1,
                _ => 8,
            };
        let mut at = fields.at;
        let word = fields.u32_le()?;
        if size > 4 {
            require(word == values_at, "a value that is not in its place")?;
            at = word;
            values_at += size;
        } else {
            let spare = fields.bytes.get(at + size..fields.at).unwrap_or_default();
            require(spare.iter().all(|byte| *byte == 0), "bytes beside a value")?;
        }
        page.tags.push(Tag { number, kind, count, at });
    }
    let next = fields.u32_le()?;
    let values = values_at.checked_sub(fields.at).ok_or_else(|| fields.wrong("values out of place"))?;
    fields.take(values)?;
    Ok((page, next))
}

impl<'a> Page<'a> {
    fn has(&self, number: usize) -> bool {
        self.tags.iter().any(|tag| tag.number == number)
    }

    /// The values of a tag; none when it is not there.
    fn values(&self, number: usize) -> Result<Vec<usize>, Violation> {
        let Some(tag) = self.tags.iter().find(|tag| tag.number == number) else { return Ok(Vec::new()) };
        let mut fields = Fields { at: tag.at, ..self.file };
        (0..tag.count).map(|_| if tag.kind == 3 { fields.u16_le() } else { fields.u32_le() }).collect()
    }

    fn value(&self, number: usize) -> Result<usize, Violation> {
        Ok(self.values(number)?.first().copied().unwrap_or(0))
    }

    /// The bytes of a tag.
    fn bytes(&self, number: usize) -> Result<&'a [u8], Violation> {
        let Some(tag) = self.tags.iter().find(|tag| tag.number == number) else { return Ok(&[]) };
        Fields { at: tag.at, ..self.file }.take(tag.count)
    }

    /// The pieces of the page follow its values, and are of its size.
    fn pieces(&self, fields: &mut Fields<'_>, check: &mut Check<'_>) -> Result<(), Violation> {
        let (width, height) = (self.value(256)?, self.value(257)?);
        let pixels = width.saturating_mul(height);
        require(pixels > 0 && pixels <= PIXELS, "no or too many pixels")?;
        let depths = self.values(258)?;
        let bits = depths.first().copied().unwrap_or(0);
        require(depths.len() == self.value(277)? && depths.iter().all(|depth| *depth == bits), "samples that differ")?;
        if self.value(259)? == 7 {
            require(!NEVER_JPEG.iter().any(|tag| self.has(*tag)), "a tag that JPEG has not")?;
            return self.jpeg(fields, (width, height), check);
        }
        require(!ONLY_JPEG.iter().any(|tag| self.has(*tag)), "a tag that only JPEG has")?;
        require(self.value(278)? == height, "more than one strip")?;
        check.step(pixels as u64 / 32)?;
        let strip = one(fields, &self.values(273)?, &self.values(279)?)?;
        let line = (width * bits * depths.len()).div_ceil(8);
        let whole = match self.value(259)? {
            5 => lzw::count(strip, Kind::Tiff, 8, 256)? == line * height,
            4 if bits == 1 && depths.len() == 1 => group4(width, height, strip),
            _ => return Err(Violation::new("strip", "a compression that is not allowed")),
        };
        if whole { Ok(()) } else { Err(Violation::new("strip", "pixels that do not fit the size")) }
    }

    /// JPEG: grey, RGB, CMYK or YCbCr of eight bits, and every piece is decoded.
    fn jpeg(
        &self,
        fields: &mut Fields<'_>,
        (width, height): (usize, usize),
        check: &mut Check<'_>,
    ) -> Result<(), Violation> {
        let depths = self.values(258)?;
        let colours = match self.value(262)? {
            1 => 1,
            2 | 6 => 3,
            5 => 4,
            _ => 0,
        };
        require(depths.len() == colours && depths.first() == Some(&8), "colours that JPEG has not")?;
        let sampling = match (self.value(262)?, &self.values(530)?[..]) {
            (6, &[across, down]) => (across, down),
            (1 | 2 | 5, []) => (1, 1),
            _ => return Err(Violation::new("page", "colours that are shared otherwise")),
        };
        let tiled = self.has(322);
        let tags = if tiled { [322, 323, 324, 325] } else { [256, 278, 273, 279] };
        let others = if tiled { [273, 278, 279].as_slice() } else { &[322, 323, 324, 325] };
        require(!others.iter().any(|tag| self.has(*tag)), "strips and tiles")?;
        let [across, down, offsets, lengths] = tags;
        let (piece, offsets) = ((self.value(across)?, self.value(down)?), self.values(offsets)?);
        let lengths = self.values(lengths)?;
        require(piece.0 > 0 && piece.1 > 0, "pieces without a size")?;
        let (across, down) = (width.div_ceil(piece.0), height.div_ceil(piece.1));
        let count = across.saturating_mul(down);
        require(offsets.len() == count && lengths.len() == count, "pieces that do not fit the size")?;
        let tables = jpeg::tables(self.bytes(347)?)?;
        for (number, place) in offsets.iter().zip(&lengths).enumerate() {
            let data = one(fields, &[*place.0], &[*place.1])?;
            let rows = if tiled { piece.1 } else { piece.1.min(height - number / across * piece.1) };
            let frame = jpeg::without_tables(&tables, data, check)?;
            require(frame.size() == (piece.0, rows), "a piece of another size")?;
            require(frame.components() == colours && frame.sampling() == Some(sampling), "a piece of other colours")?;
        }
        Ok(())
    }
}

/// The next piece, which must stand where the lists say.
fn one<'a>(fields: &mut Fields<'a>, offsets: &[usize], lengths: &[usize]) -> Result<&'a [u8], Violation> {
    let ([offset], [length]) = (offsets, lengths) else { return Err(fields.wrong("more than one strip")) };
    require(*offset == fields.at, "bytes before a piece")?;
    fields.take(*length)
}

struct Rows(usize);

impl Decoder for Rows {
    fn push_row(&mut self, _: &[u32]) {
        self.0 += 1;
    }
}

/// All rows, then the end of the block, in the last byte.
fn group4(width: usize, height: usize, strip: &[u8]) -> bool {
    let Ok(columns) = u32::try_from(width) else { return false };
    let settings = DecodeSettings {
        columns,
        // To the end of the block: with a number of rows it would not be looked at.
        rows: 0,
        end_of_block: true,
        end_of_line: false,
        rows_are_byte_aligned: false,
        encoding: EncodingMode::Group4,
        strict: true,
    };
    let mut count = Rows(0);
    let used = hayro_ccitt::decode(strip, &mut count, &mut DecoderContext::new(settings));
    used.is_ok_and(|used| used == strip.len()) && count.0 == height
}
