//! Pages of fax machines and scanners (Modified Huffman, Group 3, Group 4).

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};

use super::group4;

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

/// The bits of so many rows as TIFF stores them (a black run is 1); `None` when they do not decode.
pub(super) fn rows(data: &[u8], compression: usize, options: usize, width: usize, height: usize) -> Option<Vec<u8>> {
    let encoding = match (compression, options & 1) {
        (2, _) | (3, 0) => EncodingMode::Group3_1D,
        (3, _) => EncodingMode::Group3_2D,
        _ => EncodingMode::Group4,
    };
    if encoding == EncodingMode::Group4
        && let Some(rows) = group4::rows(data, width, height)
    {
        return Some(negative(rows));
    }
    // Forgiving: what is damaged in one place is shown to there.
    let settings = DecodeSettings {
        columns: u32::try_from(width).ok()?,
        rows: u32::try_from(height).ok()?,
        end_of_block: compression != 2,
        end_of_line: compression == 3,
        rows_are_byte_aligned: compression == 2,
        encoding,
        strict: false,
    };
    let mut read = Rows::new(width, height);
    let whole = hayro_ccitt::decode(data, &mut read, &mut DecoderContext::new(settings)).is_ok();
    (whole || read.is_full()).then(|| negative(read.finish()))
}

fn negative(rows: Vec<u8>) -> Vec<u8> {
    rows.iter().map(|byte| !byte).collect()
}
