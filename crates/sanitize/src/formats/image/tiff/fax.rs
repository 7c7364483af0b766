//! Pages of fax machines and scanners (Modified Huffman, Group 3, Group 4), in either order of bits.

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use tiff::tags::Tag;

use super::read::Source;

/// Rows of a CCITT image as they come; 0 is black.
pub(crate) struct Rows {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Rows {
    /// For an image of this size.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, bytes: Vec::new() }
    }

    /// All rows have come.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= self.width.div_ceil(8) * self.height
    }

    /// No row has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// All rows; those that are missing are white.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.width.div_ceil(8) * self.height, 0xFF);
        self.bytes
    }
}

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let line = self.width.div_ceil(8);
        if self.bytes.len() >= line * self.height {
            return;
        }
        let mut row = vec![0xFFu8; line];
        for pair in changes.chunks(2) {
            let from = pair.first().map_or(0, |x| *x as usize);
            let to = pair.get(1).map_or(self.width, |x| *x as usize).min(self.width);
            for x in from..to {
                if let Some(byte) = row.get_mut(x / 8) {
                    *byte &= !(0x80 >> (x % 8));
                }
            }
        }
        self.bytes.extend(row);
    }
}

/// The rows of a page, 0 is black; `None` when it is not of this kind or does not decode.
pub(super) fn page(decoder: &mut Source<'_>, bytes: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let mut tag = |tag, other| decoder.find_tag_unsigned::<u32>(tag).ok().flatten().unwrap_or(other);
    let (compression, options) = (tag(Tag::Compression, 1), tag(Tag::Unknown(292), 0));
    let (backwards, white_is_0) = (tag(Tag::FillOrder, 1) == 2, tag(Tag::PhotometricInterpretation, 0) == 0);
    let strip = usize::try_from(tag(Tag::RowsPerStrip, u32::MAX)).ok()?.min(height);
    let offsets = decoder.get_tag_u64_vec(Tag::StripOffsets).ok()?;
    let counts = decoder.get_tag_u64_vec(Tag::StripByteCounts).ok()?;
    let encoding = match (compression, options & 1) {
        (2, _) | (3, 0) => EncodingMode::Group3_1D,
        (3, _) => EncodingMode::Group3_2D,
        (4, _) => EncodingMode::Group4,
        _ => return None,
    };
    let mut out = Vec::with_capacity(width.div_ceil(8) * height);
    let mut left = height;
    for (offset, count) in offsets.iter().zip(&counts) {
        let start = usize::try_from(*offset).ok()?;
        let data = bytes.get(start..start.checked_add(usize::try_from(*count).ok()?)?)?;
        let turned: Vec<u8> = data.iter().map(|byte| if backwards { byte.reverse_bits() } else { *byte }).collect();
        let rows = strip.min(left);
        let settings = DecodeSettings {
            columns: u32::try_from(width).ok()?,
            rows: u32::try_from(rows).ok()?,
            end_of_block: compression != 2,
            end_of_line: compression == 3,
            rows_are_byte_aligned: compression == 2,
            encoding,
            strict: false,
        };
        let mut read = Rows::new(width, rows);
        let whole = hayro_ccitt::decode(&turned, &mut read, &mut DecoderContext::new(settings)).is_ok();
        if !whole && !read.is_full() {
            return None;
        }
        out.extend(read.finish());
        left -= rows;
    }
    if left > 0 {
        return None;
    }
    if !white_is_0 {
        out.iter_mut().for_each(|byte| *byte = !*byte);
    }
    Some(out)
}
