//! WebP: RIFF of one VP8L, or of VP8X, ANIM and ANMF frames that each hold one VP8L of the whole canvas; not a byte more.

use super::super::{Check, Violation};
use super::{Fields, PIXELS, require};

/// Accepts a WebP of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(4)? == b"RIFF", "no signature")?;
    let length = fields.u32_le()?;
    require(length == fields.left(), "a length that is not the file's")?;
    require(fields.take(4)? == b"WEBP", "no signature")?;
    let (kind, body) = chunk(&mut fields)?;
    if kind == *b"VP8L" {
        lossless(body, None, check)?;
        return require(fields.left() == 0, "bytes after the end");
    }
    require(kind == *b"VP8X" && body.len() == 10, "a chunk that is not allowed here")?;
    let (&[flags, 0, 0, 0], size) = body.split_first_chunk::<4>().ok_or_else(|| fields.wrong("no header"))? else {
        return Err(fields.wrong("reserved bytes"));
    };
    require(flags & !0x10 == 0x02, "flags that are not allowed")?;
    let (kind, body) = chunk(&mut fields)?;
    require(kind == *b"ANIM" && body.len() == 6 && body.starts_with(&[0; 4]), "no animation")?;
    while fields.left() > 0 {
        let (kind, body) = chunk(&mut fields)?;
        let mut frame = Fields::new(body);
        let whole = frame.take(6)? == [0; 6] && frame.take(6)? == size;
        frame.take(3)?;
        require(kind == *b"ANMF" && whole && frame.u8()? == 2, "a frame that is not allowed")?;
        let (kind, image) = chunk(&mut frame)?;
        require(kind == *b"VP8L" && frame.left() == 0, "a frame that is not allowed")?;
        lossless(image, Some(size), check)?;
    }
    Ok(())
}

fn chunk<'a>(fields: &mut Fields<'a>) -> Result<([u8; 4], &'a [u8]), Violation> {
    let kind = fields.array()?;
    let length = fields.u32_le()?;
    let body = fields.take(length)?;
    if length % 2 == 1 {
        require(fields.u8()? == 0, "padding that is not zero")?;
    }
    Ok((kind, body))
}

/// The header of a lossless bitstream: its signature, 14 bits each of width and height, alpha, version 0.
fn lossless(body: &[u8], canvas: Option<&[u8]>, check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(body);
    require(fields.u8()? == 0x2F, "no lossless image")?;
    let header = fields.u32_le()?;
    let (width, height) = ((header & 0x3FFF) + 1, (header >> 14 & 0x3FFF) + 1);
    require(header >> 29 == 0 && fields.left() > 0, "a version that is not known")?;
    require(width * height <= PIXELS, "too many pixels")?;
    check.step((width * height) as u64 / 64)?;
    if let Some(canvas) = canvas {
        let field =
            |at: usize| canvas.get(at..at + 3).map(|b| b.iter().rev().fold(0usize, |v, b| (v << 8) | usize::from(*b)));
        let fits = field(0) == Some(width - 1) && field(3) == Some(height - 1);
        require(fits, "a frame of another size than the canvas")?;
    }
    Ok(())
}
