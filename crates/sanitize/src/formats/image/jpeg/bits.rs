//! Bits of an entropy-coded segment, in and out (ITU-T T.81, B.1.1.5: FF is followed by 00).

use super::Damage;
use super::huffman::{Decoder, Encoder};

/// Reads bits up to the next marker.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    store: u64,
    held: u32,
    /// Zero bits given after the data had ended.
    invented: u32,
}

impl<'a> BitReader<'a> {
    /// From the byte after a scan header.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, store: 0, held: 0, invented: 0 }
    }

    fn fill(&mut self) {
        while self.held <= 48 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                (Some(0xFF), _) | (None, _) => {
                    self.invented += 8;
                    0
                }
                (Some(&byte), _) => {
                    self.at += 1;
                    byte
                }
            };
            self.store = (self.store << 8) | u64::from(byte);
            self.held += 8;
        }
    }

    fn peek16(&mut self) -> u32 {
        if self.held < 16 {
            self.fill();
        }
        u32::try_from((self.store >> (self.held - 16)) & 0xFFFF).unwrap_or(0)
    }

    fn skip(&mut self, bits: u32) -> Result<(), Damage> {
        self.held -= bits;
        if self.held < self.invented { Err(Damage) } else { Ok(()) }
    }

    /// `count` bits, at most 16.
    pub(super) fn bits(&mut self, count: u32) -> Result<u32, Damage> {
        if count == 0 {
            return Ok(0);
        }
        let value = self.peek16() >> (16 - count);
        self.skip(count)?;
        Ok(value)
    }

    /// A Huffman symbol.
    pub(super) fn symbol(&mut self, table: &Decoder) -> Result<u8, Damage> {
        let bits = self.peek16();
        let (length, symbol) = table.symbol(bits)?;
        self.skip(length)?;
        Ok(symbol)
    }

    /// `size` bits as a signed value (F.2.2.1, EXTEND).
    pub(super) fn signed(&mut self, size: u32) -> Result<i32, Damage> {
        if size > 15 {
            return Err(Damage);
        }
        let value = i32::try_from(self.bits(size)?).map_err(|_| Damage)?;
        Ok(if size > 0 && value < 1 << (size - 1) { value - (1 << size) + 1 } else { value })
    }

    /// Drops the rest of the byte and steps over a restart marker.
    pub(super) fn restart(&mut self) -> Result<(), Damage> {
        self.finish()?;
        match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
            (Some(0xFF), Some(0xD0..=0xD7)) => {
                self.at += 2;
                Ok(())
            }
            _ => Err(Damage),
        }
    }

    /// Where the data ended: the place of the next marker. Whole bytes that no code used are damage.
    pub(super) fn finish(&mut self) -> Result<usize, Damage> {
        let left = self.held - self.invented.min(self.held);
        if left >= 8 {
            return Err(Damage);
        }
        self.store = 0;
        self.held = 0;
        self.invented = 0;
        while self.bytes.get(self.at) == Some(&0xFF) && self.bytes.get(self.at + 1) == Some(&0xFF) {
            self.at += 1;
        }
        Ok(self.at)
    }
}

/// Writes bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    store: u64,
    held: u32,
}

impl BitWriter {
    /// Appends to these bytes.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, store: 0, held: 0 }
    }

    /// The lowest `count` bits of `value`, at most 16.
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        self.store = (self.store << count) | (u64::from(value) & ((1 << count) - 1));
        self.held += count;
        while self.held >= 8 {
            self.held -= 8;
            let byte = u8::try_from((self.store >> self.held) & 0xFF).unwrap_or(0);
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    /// A symbol by its table.
    pub(super) fn symbol(&mut self, table: &Encoder, symbol: u8) {
        let (code, length) = table.code(symbol);
        self.bits(code, length);
    }

    /// Fills the last byte with ones and gives the bytes back.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.held > 0 {
            self.bits(0x7F, 8 - self.held);
        }
        self.bytes
    }
}
