//! WebP: RIFF of one VP8 or VP8L; of VP8X, ALPH and VP8; or of VP8X, ANIM and ANMF frames inside of the canvas that each hold (ALPH?, VP8)
//! or VP8L. Every picture is decoded; not a byte more.

use image_webp::WebPDecoder;

use super::super::{Check, Violation};
use super::{Fields, PIXELS, require};

/// Bytes of decoded pixels.
const LIVE_BYTES: usize = 160 << 20;

/// Accepts a WebP of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(4)? == b"RIFF", "no signature")?;
    let length = fields.u32_le()?;
    require(length == fields.left(), "a length that is not the file's")?;
    require(fields.take(4)? == b"WEBP", "no signature")?;
    let whole = fields;
    let (kind, body) = chunk(&mut fields)?;
    if kind != *b"VP8X" {
        let mut picture = whole;
        let size = one(&mut picture, false)?;
        require(picture.left() == 0, "bytes after the end")?;
        return still(bytes, size, check);
    }
    require(body.len() == 10, "a canvas that is not allowed")?;
    let mut canvas = Fields::new(body);
    let flags = canvas.u8()?;
    require(canvas.take(3)? == [0; 3], "reserved bytes")?;
    let size = (three(&mut canvas)? + 1, three(&mut canvas)? + 1);
    if flags == 0x10 {
        require(fields.bytes.get(fields.at..).is_some_and(|rest| rest.starts_with(b"ALPH")), "no transparency")?;
        require(one(&mut fields, true)? == size, "a picture of another size than the canvas")?;
        require(fields.left() == 0, "bytes after the end")?;
        return still(bytes, size, check);
    }
    require(flags & !0x10 == 0x02, "flags that are not allowed")?;
    let (kind, body) = chunk(&mut fields)?;
    require(kind == *b"ANIM" && body.len() == 6 && body.starts_with(&[0; 4]), "no animation")?;
    let mut frames = 0;
    while fields.left() > 0 {
        let (kind, body) = chunk(&mut fields)?;
        require(kind == *b"ANMF", "a chunk that is not allowed here")?;
        frame(body, size)?;
        frames += 1;
    }
    require(frames > 0, "no frame")?;
    animation(bytes, size, frames, check)
}

fn frame(body: &[u8], (across, down): (usize, usize)) -> Result<(), Violation> {
    let mut frame = Fields::new(body);
    let (left, top) = (three(&mut frame)? * 2, three(&mut frame)? * 2);
    let size = (three(&mut frame)? + 1, three(&mut frame)? + 1);
    require(left + size.0 <= across && top + size.1 <= down, "a frame outside of the canvas")?;
    frame.take(3)?;
    require(frame.u8()? <= 3, "reserved bits of a frame")?;
    require(one(&mut frame, true)? == size, "a picture of another size than its frame")?;
    require(frame.left() == 0, "bytes after a picture")
}

/// One picture, with its transparency where that may stand; its size.
fn one(fields: &mut Fields<'_>, transparent: bool) -> Result<(usize, usize), Violation> {
    let (mut kind, mut body) = chunk(fields)?;
    let (alpha, mut plain) = (kind == *b"ALPH", None);
    if alpha {
        require(transparent && matches!(body.first(), Some(0..16)), "a transparency that is not allowed")?;
        require(body.first().is_some_and(|kind| kind & 3 < 2), "a transparency that is not allowed")?;
        plain = body.first().filter(|kind| *kind & 3 == 0).map(|_| body.len() - 1);
        (kind, body) = chunk(fields)?;
    }
    match &kind {
        b"VP8 " => {
            let size = lossy(body)?;
            // A byte for each pixel where it is not packed.
            require(plain.is_none_or(|plain| plain == size.0 * size.1), "a transparency of another size")?;
            Ok(size)
        }
        b"VP8L" if !alpha => lossless(body),
        _ => Err(fields.wrong("a chunk that is not allowed here")),
    }
}

fn three(fields: &mut Fields<'_>) -> Result<usize, Violation> {
    let [b0, b1, b2] = fields.array()?.map(usize::from);
    Ok(b0 | b1 << 8 | b2 << 16)
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

/// The header of a key frame that is shown, without a wish to be scaled; partitions that add up.
fn lossy(body: &[u8]) -> Result<(usize, usize), Violation> {
    let mut fields = Fields::new(body);
    let tag = three(&mut fields)?;
    require(tag & 0x11 == 0x10 && (tag >> 1) & 7 <= 3, "a frame that is not allowed")?;
    require(fields.take(3)? == [0x9D, 0x01, 0x2A], "no start of a frame")?;
    let size = (fields.u16_le()?, fields.u16_le()?);
    require((1..1 << 14).contains(&size.0) && (1..1 << 14).contains(&size.1), "a size that is not allowed")?;
    fields.take(tag >> 5)?;
    Ok(size)
}

/// The header of a lossless bitstream: its signature, 14 bits each of width and height, alpha, version 0.
fn lossless(body: &[u8]) -> Result<(usize, usize), Violation> {
    let mut fields = Fields::new(body);
    require(fields.u8()? == 0x2F, "no lossless image")?;
    let header = fields.u32_le()?;
    require(header >> 29 == 0 && fields.left() > 0, "a version that is not known")?;
    Ok(((header & 0x3FFF) + 1, (header >> 14 & 0x3FFF) + 1))
}

/// A second decoder: what writes pictures symbol by symbol uses nothing of it.
fn decoder(bytes: &[u8], size: (usize, usize)) -> Result<WebPDecoder<std::io::Cursor<&[u8]>>, Violation> {
    let decoder = WebPDecoder::new(std::io::Cursor::new(bytes)).map_err(|error| pixels(&error))?;
    let (width, height) = decoder.dimensions();
    require((width as usize, height as usize) == size, "another size than the header's")?;
    Ok(decoder)
}

fn pixels(error: &image_webp::DecodingError) -> Violation {
    Violation::new("pixels", format!("{error:?}"))
}

fn buffer(decoder: &WebPDecoder<std::io::Cursor<&[u8]>>) -> Result<Vec<u8>, Violation> {
    let size = decoder.output_buffer_size().filter(|size| *size <= LIVE_BYTES);
    size.map(|size| vec![0; size]).ok_or_else(|| Violation::new("image", "too many pixels"))
}

fn still(bytes: &[u8], size: (usize, usize), check: &mut Check<'_>) -> Result<(), Violation> {
    require(size.0 * size.1 <= PIXELS, "too many pixels")?;
    check.step((size.0 * size.1) as u64 / 64)?;
    let mut decoder = decoder(bytes, size)?;
    let mut buffer = buffer(&decoder)?;
    decoder.read_image(&mut buffer).map_err(|error| pixels(&error))
}

fn animation(bytes: &[u8], size: (usize, usize), frames: u32, check: &mut Check<'_>) -> Result<(), Violation> {
    require(size.0 * size.1 <= PIXELS, "too many pixels")?;
    let mut decoder = decoder(bytes, size)?;
    require(decoder.num_frames() == frames, "frames that are not counted alike")?;
    let mut buffer = buffer(&decoder)?;
    for _ in 0..frames {
        check.step((size.0 * size.1) as u64 / 64)?;
        decoder.read_frame(&mut buffer).map_err(|error| pixels(&error))?;
    }
    Ok(())
}
