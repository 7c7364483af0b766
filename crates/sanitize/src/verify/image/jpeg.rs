//! JPEG: SOI, JFIF?, Adobe?, DQT+, SOF0 or SOF1, DHT+, (SOS, data)+, EOI, and not a byte more; no metadata segment, no restart.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::super::{Check, Violation};
use super::{Fields, PIXELS, require};

/// Accepts a JPEG of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(2)? == [0xFF, 0xD8], "no start of image")?;
    // The order of segments: what has been seen decides what may come.
    let (mut order, mut size, mut scans) = (0u8, None, 0usize);
    loop {
        let [mark, marker] = fields.array()?;
        require(mark == 0xFF, "no marker")?;
        if marker == 0xD9 {
            break;
        }
        let length = fields.u16_be()?;
        let body = fields.take(length.checked_sub(2).ok_or_else(|| fields.wrong("a length below two"))?)?;
        let (rank, fits) = match marker {
            0xE0 => (1, body.len() == 14 && body.starts_with(b"JFIF\0\x01\x01") && body.ends_with(&[0, 0])),
            0xEE => (2, body.len() == 12 && body.starts_with(b"Adobe\0\x64\0\0\0\0")),
            0xDB => (3, matches!(body.len(), 65 | 129)),
            0xC0 | 0xC1 => {
                size = Some(frame(body).ok_or_else(|| fields.wrong("a frame that is not allowed"))?);
                (4, true)
            }
            0xC4 => (5, huffman(body)),
            0xDA => (6, matches!(body.first(), Some(1 | 3 | 4)) && body.ends_with(&[0, 63, 0])),
            _ => (0, false),
        };
        let repeats = matches!(rank, 3 | 5 | 6) && order == rank;
        require(fits && (rank > order || repeats), "a segment that is not allowed here")?;
        order = rank;
        if rank == 6 {
            scans += 1;
            data(&mut fields)?;
        }
    }
    require(fields.left() == 0, "bytes after the end")?;
    let (width, height, components) = size.ok_or_else(|| fields.wrong("no frame"))?;
    require(scans == 1 || scans == components, "scans that do not fit the frame")?;
    check.step((width * height) as u64 / 64)?;
    require(width * height <= PIXELS, "too many pixels")?;
    let mut decoder = JpegDecoder::new_with_options(
        ZCursor::new(bytes),
        DecoderOptions::default().set_max_width(65_535).set_max_height(65_535),
    );
    let pixels = decoder.decode().map_err(|e| Violation::new("pixels", format!("{e:?}")))?;
    require(!pixels.is_empty() && decoder.dimensions() == Some((width, height)), "the pixels do not fit the frame")
}

fn frame(body: &[u8]) -> Option<(usize, usize, usize)> {
    let &[8, h1, h0, w1, w0, count, ref parts @ ..] = body else { return None };
    let (width, height) = (usize::from(u16::from_be_bytes([w1, w0])), usize::from(u16::from_be_bytes([h1, h0])));
    let fits = matches!(count, 1 | 3 | 4) && parts.len() == usize::from(count) * 3 && width > 0 && height > 0;
    fits.then_some((width, height, usize::from(count)))
}

fn huffman(body: &[u8]) -> bool {
    let Some((kind, counts)) = body.split_first() else { return false };
    let total: usize = counts.iter().take(16).map(|c| usize::from(*c)).sum();
    kind & 0xEE == 0 && body.len() == 17 + total
}

/// Entropy-coded bytes up to the next marker: FF only before 00.
fn data(fields: &mut Fields<'_>) -> Result<(), Violation> {
    let rest = fields.bytes.get(fields.at..).unwrap_or_default();
    let length = rest.windows(2).position(|pair| pair[0] == 0xFF && pair[1] != 0);
    let length = length.ok_or_else(|| fields.wrong("no end of image"))?;
    fields.at += length;
    Ok(())
}
