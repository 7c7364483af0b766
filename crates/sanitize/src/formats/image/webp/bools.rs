//! The arithmetic coder of VP8 (RFC 6386, section 7): yes or no, each with a probability out of 256.

/// Bytes after the end that count as zeros: the last bits of some encoders need them.
const BEYOND: usize = 3;

/// Reads and writes the same symbols: what is read with a probability is written with it.
#[derive(Debug)]
pub(super) struct Coder<'a> {
    reader: Reader<'a>,
    writer: Writer,
}

impl<'a> Coder<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { reader: Reader::new(data), writer: Writer::new() }
    }

    /// A symbol from the one side to the other.
    pub(super) fn bit(&mut self, probability: u8) -> bool {
        let bit = self.reader.bit(probability);
        self.writer.put(bit, probability);
        bit
    }

    /// A number of so many bits, the highest first.
    pub(super) fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| (number << 1) | u32::from(self.bit(128)))
    }

    /// A symbol that says nothing: it is read, and written as zero.
    pub(super) fn ignored(&mut self) {
        self.reader.bit(128);
        self.writer.put(false, 128);
    }

    /// What was written; `None` when more was read than there is.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        (self.reader.beyond <= BEYOND).then(|| self.writer.finish())
    }
}

#[derive(Debug)]
struct Reader<'a> {
    data: std::slice::Iter<'a, u8>,
    beyond: usize,
    value: u32,
    range: u32,
    shifted: u32,
}

impl<'a> Reader<'a> {
    fn new(data: &'a [u8]) -> Self {
        let mut reader = Self { data: data.iter(), beyond: 0, value: 0, range: 255, shifted: 0 };
        reader.value = (reader.byte() << 8) | reader.byte();
        reader
    }

    fn byte(&mut self) -> u32 {
        let byte = self.data.next();
        self.beyond += usize::from(byte.is_none());
        byte.map_or(0, |byte| u32::from(*byte))
    }

    fn bit(&mut self, probability: u8) -> bool {
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        let bit = self.value >= split << 8;
        if bit {
            self.range -= split;
            self.value -= split << 8;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.value <<= 1;
            self.range <<= 1;
            self.shifted += 1;
            if self.shifted == 8 {
                self.shifted = 0;
                self.value |= self.byte();
            }
        }
        bit
    }
}

#[derive(Debug)]
struct Writer {
    out: Vec<u8>,
    bottom: u32,
    range: u32,
    /// Shifts until a byte is whole.
    left: u32,
}

impl Writer {
    fn new() -> Self {
        Self { out: Vec::new(), bottom: 0, range: 255, left: 24 }
    }

    fn carry(&mut self) {
        for byte in self.out.iter_mut().rev() {
            let (sum, over) = byte.overflowing_add(1);
            *byte = sum;
            if !over {
                break;
            }
        }
    }

    fn put(&mut self, bit: bool, probability: u8) {
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        if bit {
            self.bottom = self.bottom.wrapping_add(split);
            self.range -= split;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.range <<= 1;
            if self.bottom >> 31 == 1 {
                self.carry();
            }
            self.bottom <<= 1;
            self.left -= 1;
            if self.left == 0 {
                let [byte, ..] = self.bottom.to_be_bytes();
                self.out.push(byte);
                self.bottom &= (1 << 24) - 1;
                self.left = 8;
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.bottom >> (32 - self.left) & 1 == 1 {
            self.carry();
        }
        let rest = self.bottom.checked_shl(self.left).unwrap_or(0);
        self.out.extend(rest.to_be_bytes());
        self.out
    }
}
