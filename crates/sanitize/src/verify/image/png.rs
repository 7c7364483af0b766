//! PNG: IHDR, pHYs?, acTL?, PLTE?, tRNS?, fcTL?, IDAT+, (fcTL, fdAT+)*, IEND; every CRC right; not a byte more.

use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;
use zune_png::zune_core::options::DecoderOptions;

use super::super::{Check, Violation};
use super::{Fields, PIXELS, require};

/// Accepts a PNG of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(8)? == b"\x89PNG\r\n\x1a\n", "no signature")?;
    let (mut seen, mut size) = (Vec::new(), (0, 0));
    let mut color = 0;
    loop {
        let length = fields.u32_be()?;
        let body = fields.take(length.checked_add(4).ok_or_else(|| fields.wrong("a length beyond all bounds"))?)?;
        let crc = fields.u32_be()?;
        check.step(body.len() as u64 / 64)?;
        require(crc32(body) as usize == crc, "a checksum that is wrong")?;
        let (kind, content) = body.split_first_chunk::<4>().ok_or_else(|| fields.wrong("no chunk type"))?;
        let before = |kind: &[u8; 4]| seen.contains(kind);
        let fits = match kind {
            b"IHDR" => seen.is_empty() && content.len() == 13 && content.get(10..) == Some(&[0, 0, 0]),
            b"PLTE" => !before(b"PLTE") && !before(b"IDAT") && content.len() % 3 == 0 && content.len() <= 768,
            b"tRNS" => {
                let fits = match color {
                    0 => content.len() == 2,
                    2 => content.len() == 6,
                    _ => color == 3 && before(b"PLTE") && content.len() <= 256,
                };
                fits && !before(b"tRNS") && !before(b"IDAT")
            }
            b"pHYs" => !before(b"pHYs") && !before(b"IDAT") && content.len() == 9,
            b"acTL" => !before(b"acTL") && !before(b"IDAT") && content.len() == 8,
            b"fcTL" => before(b"acTL") && content.len() == 26,
            b"IDAT" => !before(b"fdAT"),
            b"fdAT" => before(b"IDAT") && before(b"fcTL") && content.len() > 4,
            b"IEND" => before(b"IDAT") && content.is_empty(),
            _ => false,
        };
        require(fits && (!seen.is_empty() || kind == b"IHDR"), "a chunk that is not allowed here")?;
        if kind == b"IHDR" {
            let mut header = Fields::new(content);
            size = (header.u32_be()?, header.u32_be()?);
            color = content.get(9).copied().unwrap_or(0);
        }
        if !before(kind) {
            seen.push(*kind);
        }
        if kind == b"IEND" {
            break;
        }
    }
    require(fields.left() == 0, "bytes after the end")?;
    let pixels = size.0.saturating_mul(size.1);
    require(pixels > 0 && pixels <= PIXELS, "too many pixels")?;
    check.step(pixels as u64 / 64)?;
    let options = DecoderOptions::default().set_max_width(1 << 24).set_max_height(1 << 24);
    let decoded = PngDecoder::new_with_options(ZCursor::new(bytes), options).decode_raw();
    decoded.map(|_| ()).map_err(|e| Violation::new("pixels", format!("{e:?}")))
}

/// CRC-32 of ISO 3309, eight bits at a time by a table made here.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !bytes.iter().fold(!0u32, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        TABLE[usize::from(low ^ byte)] ^ (crc >> 8)
    })
}

const fn table() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut n = 0;
    let mut value = 0u32;
    while n < 256 {
        let mut crc = value;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
        value += 1;
    }
    table
}
