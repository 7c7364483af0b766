//! Images: a strict walker of each container, and a second decoder for what is inside.

pub(crate) mod bmp;
pub(crate) mod gif;
pub(crate) mod jpeg;
mod jpeg_data;
mod lzw;
pub(crate) mod png;
pub(crate) mod tiff;
pub(crate) mod webp;

use super::Violation;

/// Pixels of one image that a second decoder is given.
const PIXELS: usize = 40_000_000;

/// Reads fields in order; whatever is missing is a violation.
#[derive(Debug, Clone, Copy)]
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Violation> {
        let end = self.at.checked_add(count).ok_or_else(|| self.wrong("a length beyond all bounds"))?;
        let taken = self.bytes.get(self.at..end).ok_or_else(|| self.wrong("it ends too early"))?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Violation> {
        let wrong = self.wrong("it ends too early");
        self.take(N)?.first_chunk::<N>().copied().ok_or(wrong)
    }

    fn u8(&mut self) -> Result<u8, Violation> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn u16_le(&mut self) -> Result<usize, Violation> {
        Ok(usize::from(u16::from_le_bytes(self.array()?)))
    }

    fn u16_be(&mut self) -> Result<usize, Violation> {
        Ok(usize::from(u16::from_be_bytes(self.array()?)))
    }

    fn u32_le(&mut self) -> Result<usize, Violation> {
        let wrong = self.wrong("a number beyond all bounds");
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| wrong)
    }

    fn u32_be(&mut self) -> Result<usize, Violation> {
        let wrong = self.wrong("a number beyond all bounds");
        usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| wrong)
    }

    fn wrong(&self, why: &str) -> Violation {
        Violation::new(format!("byte {}", self.at), why)
    }
}

fn require(holds: bool, why: &str) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new("image", why)) }
}
