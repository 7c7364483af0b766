//! BMP: BITMAPINFOHEADER (or BITMAPV4HEADER for 32 bits), palette, uncompressed rows; the numbers add up to the file.

use super::super::{Check, Violation};
use super::{Fields, PIXELS, require};

/// Accepts a BMP of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(2)? == b"BM" && fields.u32_le()? == bytes.len(), "a length that is not the file's")?;
    require(fields.u32_le()? == 0, "reserved bytes")?;
    let (offset, header) = (fields.u32_le()?, fields.u32_le()?);
    let (width, height) = (fields.u32_le()?, fields.u32_le()?);
    let (planes, bits) = (fields.u16_le()?, fields.u16_le()?);
    let compression = fields.u32_le()?;
    let (known, colors) = match bits {
        1 | 4 | 8 => (header == 40 && compression == 0, 1usize << bits),
        24 => (header == 40 && compression == 0, 0),
        32 => (header == 108 && compression == 3, 0),
        _ => (false, 0),
    };
    require(known && planes == 1, "a header that is not allowed")?;
    let pixels = width.saturating_mul(height);
    require(pixels > 0 && pixels <= PIXELS, "no or too many pixels")?;
    check.step(pixels as u64 / 64)?;
    let stride = (width * bits).div_ceil(32) * 4;
    let image = stride * height;
    require(fields.u32_le()? == image, "a size that is not the image's")?;
    fields.take(8)?;
    require(fields.take(8)? == [0; 8], "a palette of another size")?;
    if header == 108 {
        let masks = b"\0\0\xff\0\0\xff\0\0\xff\0\0\0\0\0\0\xffBGRs";
        require(fields.take(20)? == masks && fields.take(48)?.iter().all(|b| *b == 0), "a colour space")?;
    }
    for _ in 0..colors {
        let [_, _, _, zero] = fields.array()?;
        require(zero == 0, "reserved bytes in the palette")?;
    }
    require(fields.at == offset && fields.left() == image, "bytes outside the structure")?;
    let used = (width * bits).div_ceil(8);
    for row in fields.take(image)?.chunks(stride) {
        let spare = row.get(used..).unwrap_or_default();
        require(spare.iter().all(|b| *b == 0), "bytes between the rows")?;
    }
    Ok(())
}
