//! WebP: the pixels are written losslessly (VP8L), animation as full frames; Exif, XMP and ICC are gone.

use image_webp::{ColorType, LoopCount, WebPDecoder, WebPEncoder};

use super::jpeg::turn::Turn;
use super::{FRAMES, LIVE_BYTES, admit, damaged, exif, keeps_animation, raster, trailing};
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds a WebP.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let mut decoder = WebPDecoder::new(std::io::Cursor::new(source.bytes)).map_err(|_| damaged())?;
    decoder.set_memory_limit(LIVE_BYTES);
    let (width, height) = decoder.dimensions();
    let alpha = decoder.has_alpha();
    let size = if alpha { 4 } else { 3 };
    admit(width as usize, height as usize, size * 8, work)?;
    let metadata = [decoder.exif_metadata(), decoder.xmp_metadata(), decoder.icc_profile()];
    let turn = match &metadata[0] {
        Ok(Some(exif)) => Turn::from_exif(exif::orientation(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))),
        _ => Turn::from_exif(1),
    };
    let color = if alpha { ColorType::Rgba8 } else { ColorType::Rgb8 };
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or_else(damaged)?];
    let bytes = if decoder.is_animated() && keeps_animation(work) {
        animation(&mut decoder, color, pixels, work)?
    } else {
        if decoder.is_animated() {
            decoder.read_frame(&mut pixels).map_err(|_| damaged())?;
        } else {
            decoder.read_image(&mut pixels).map_err(|_| damaged())?;
        }
        let (w, h) = raster::turn(&mut pixels, width as usize, height as usize, size, turn);
        still(&pixels, u32::try_from(w).map_err(|_| damaged())?, u32::try_from(h).map_err(|_| damaged())?, color)?
    };
    let mut draft = Draft { bytes, ..Draft::default() };
    if metadata.iter().any(|m| matches!(m, Ok(Some(_)))) {
        draft.findings.noted(What::Metadata, "");
    }
    if let Some(length) = source.bytes.get(4..8).and_then(|l| l.first_chunk::<4>()) {
        let end = (u32::from_le_bytes(*length) as usize).saturating_add(8);
        trailing(&mut draft, source.bytes, source.bytes.len().saturating_sub(end));
    }
    Ok(draft)
}

fn still(pixels: &[u8], width: u32, height: u32, color: ColorType) -> Result<Vec<u8>, Stop> {
    let mut out = Vec::new();
    WebPEncoder::new(&mut out).encode(pixels, width, height, color).map_err(|_| damaged())?;
    Ok(out)
}

/// VP8X, ANIM, and an ANMF of the whole canvas for each frame, neither blended nor disposed of.
fn animation(
    decoder: &mut WebPDecoder<std::io::Cursor<&[u8]>>,
    color: ColorType,
    mut pixels: Vec<u8>,
    work: &mut Work<'_>,
) -> Result<Vec<u8>, Stop> {
    let (width, height) = decoder.dimensions();
    let count = decoder.num_frames() as usize;
    if count > FRAMES {
        return Err(Stop::refused(ReasonCode::LimitPixels));
    }
    let plays: u16 = match decoder.loop_count() {
        LoopCount::Forever => 0,
        LoopCount::Times(times) => times.get(),
    };
    let [w0, w1, w2, _] = width.saturating_sub(1).to_le_bytes();
    let [h0, h1, h2, _] = height.saturating_sub(1).to_le_bytes();
    let flags = 0x02 | if color == ColorType::Rgba8 { 0x10 } else { 0 };
    let mut body = b"WEBP".to_vec();
    chunk(&mut body, *b"VP8X", &[flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
    let [p0, p1] = plays.to_le_bytes();
    chunk(&mut body, *b"ANIM", &[0, 0, 0, 0, p0, p1]);
    for _ in 0..count {
        admit(width as usize, height as usize, 32, work)?;
        let [d0, d1, d2, _] = decoder.read_frame(&mut pixels).map_err(|_| damaged())?.min(0xFF_FFFF).to_le_bytes();
        let mut frame = vec![0, 0, 0, 0, 0, 0, w0, w1, w2, h0, h1, h2, d0, d1, d2, 0x02];
        let image = still(&pixels, width, height, color)?;
        frame.extend(image.get(12..).unwrap_or_default());
        chunk(&mut body, *b"ANMF", &frame);
        if body.len() > LIVE_BYTES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
    }
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(body.len()).map_err(|_| damaged())?.to_le_bytes());
    out.extend(body);
    Ok(out)
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    out.extend(name);
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}
