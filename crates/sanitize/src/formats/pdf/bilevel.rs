//! Pictures of one bit: from the decoders of CCITT and JBIG2 to CCITT Group 4.

use super::object::{Dict, Object, Value};
use crate::formats::image::tiff;

/// Pixels of a JBIG2 image as they come; 0 is black.
pub(super) struct Pixels {
    width: usize,
    bytes: Vec<u8>,
    row: Vec<u8>,
    x: usize,
}

impl Pixels {
    /// For an image of this width.
    pub(super) fn new(width: usize) -> Self {
        Self { width, bytes: Vec::new(), row: vec![0xFF; width.div_ceil(8)], x: 0 }
    }

    /// All rows.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.x > 0 {
            self.bytes.extend(&self.row);
        }
        self.bytes
    }

    fn push(&mut self, black: bool) {
        if black && let Some(byte) = self.row.get_mut(self.x / 8) {
            *byte &= !(0x80 >> (self.x % 8));
        }
        self.x += 1;
        if self.x >= self.width {
            self.bytes.extend(&self.row);
            self.row.fill(0xFF);
            self.x = 0;
        }
    }
}

impl hayro_jbig2::Decoder for Pixels {
    fn push_pixel(&mut self, black: bool) {
        self.push(black);
    }

    fn push_pixel_chunk(&mut self, black: bool, chunk_count: u32) {
        for _ in 0..chunk_count as usize * 8 {
            self.push(black);
        }
    }

    fn next_line(&mut self) {}
}

/// One-bit rows in which 0 is black, as a picture in CCITT Group 4.
pub(super) fn group4(rows: &[u8], width: usize, height: usize, black_is_1: bool, mut out: Dict) -> Option<Object> {
    let data = tiff::group4_rows(rows, width, height).ok()?;
    let mut parameters = Dict::default();
    parameters.set("K", Value::Number("-1".to_owned()));
    parameters.set("Columns", Value::int(width));
    parameters.set("Rows", Value::int(height));
    if black_is_1 {
        parameters.set("BlackIs1", Value::Bool(true));
    }
    out.set("Width", Value::int(width));
    out.set("BitsPerComponent", Value::int(1));
    out.set("Filter", Value::name("CCITTFaxDecode"));
    out.set("DecodeParms", Value::Dict(parameters));
    Some(Object::Stream(out, data))
}
