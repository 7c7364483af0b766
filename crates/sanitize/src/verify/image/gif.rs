//! GIF: GIF89a, screen, palette, NETSCAPE2.0?, (graphic control?, image)+, trailer; every image has all its pixels and none
//! outside its palette; not a byte more.

use super::super::{Check, Violation};
use super::lzw::{self, Kind};
use super::{Fields, PIXELS, require};

/// Accepts a GIF of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(6)? == b"GIF89a", "no signature")?;
    let (width, height) = (fields.u16_le()?, fields.u16_le()?);
    let [flags, _, _] = fields.array()?;
    let global = palette(&mut fields, flags)?;
    let (mut images, mut controlled) = (0, false);
    loop {
        match fields.u8()? {
            0x21 => {
                let label = fields.u8()?;
                let body = blocks(&mut fields)?;
                let fits = match label {
                    0xF9 => !std::mem::replace(&mut controlled, true) && body.len() == 4,
                    0xFF => images == 0 && body.len() == 14 && body.starts_with(b"NETSCAPE2.0\x01"),
                    _ => false,
                };
                require(fits, "an extension that is not allowed here")?;
            }
            0x2C => {
                let (left, top) = (fields.u16_le()?, fields.u16_le()?);
                let (w, h) = (fields.u16_le()?, fields.u16_le()?);
                let flags = fields.u8()?;
                let local = palette(&mut fields, flags)?;
                let bits = u32::from(fields.u8()?);
                require((2..=8).contains(&bits) && flags & 0x60 == 0, "an image that is not allowed")?;
                require(w * h > 0 && w * h <= PIXELS, "an image without or with too many pixels")?;
                require(left + w <= 65_535 * 2 && top + h <= 65_535 * 2, "an image outside the screen")?;
                require(local.or(global).is_some(), "an image without palette")?;
                check.step((w * h) as u64 / 32)?;
                let data = blocks(&mut fields)?;
                require(lzw::count(&data, Kind::Gif, bits, 256)? == w * h, "pixels that do not fit the size")?;
                images += 1;
                controlled = false;
            }
            0x3B => break,
            _ => return Err(fields.wrong("a block that is not allowed")),
        }
    }
    require(images > 0 && !controlled && width * height > 0, "no image")?;
    require(fields.left() == 0, "bytes after the end")
}

fn palette(fields: &mut Fields<'_>, flags: u8) -> Result<Option<usize>, Violation> {
    if flags & 0x80 == 0 {
        return Ok(None);
    }
    let colors = 2usize << (flags & 7);
    fields.take(colors * 3)?;
    Ok(Some(colors))
}

fn blocks(fields: &mut Fields<'_>) -> Result<Vec<u8>, Violation> {
    let mut body = Vec::new();
    loop {
        let length = fields.u8()?;
        if length == 0 {
            return Ok(body);
        }
        body.extend(fields.take(usize::from(length))?);
    }
}
