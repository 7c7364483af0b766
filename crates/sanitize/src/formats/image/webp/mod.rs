//! WebP: every picture is rewritten from the symbols that it is made of, lossy ones (VP8), lossless ones (VP8L) and their
//! transparency (ALPH), so that nothing is lost, sizes stay, and a second pass gives the same bytes. Exif, XMP, ICC and all other chunks
//! are gone. What cannot be read so, or has to be turned, is decoded to pixels and written without loss.

mod bools;
mod container;
mod prefix;
mod tables;
mod vp8;
mod vp8l;

use image_webp::{ColorType, WebPDecoder, WebPEncoder};

use super::jpeg::turn::Turn;
use super::{FRAMES, LIVE_BYTES, admit, damaged, exif, keeps_animation, raster, trailing};
use crate::budget::Budget;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};
use container::{File, Frame, Picture, Shows};

/// Rebuilds a WebP.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let file = container::read(source.bytes);
    let exif = file.as_ref().and_then(|file| file.exif);
    let turn =
        Turn::from_exif(exif.map_or(1, |exif| exif::orientation(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))));
    let metadata = file.as_ref().is_none_or(|file| file.metadata);
    let rewritten = match &file {
        // Frames of an animation keep their place.
        Some(file) if turn.is_none() || matches!(file.shows, Shows::Animation { .. }) => rewrite(file, work)?,
        _ => None,
    };
    let bytes = match rewritten {
        Some(bytes) => bytes,
        None => from_pixels(source.bytes, turn, work)?,
    };
    let mut draft = Draft { bytes, ..Draft::default() };
    if metadata {
        draft.findings.noted(What::Metadata, "");
    }
    if let Some(end) = container::length(source.bytes) {
        trailing(&mut draft, source.bytes, source.bytes.len().saturating_sub(end));
    }
    Ok(draft)
}

/// From symbols; `None` when they are not whole, or have to be pixels.
fn rewrite(file: &File<'_>, work: &mut Work<'_>) -> Result<Option<Vec<u8>>, Stop> {
    let (width, height) = (file.width, file.height);
    let mut out = Vec::new();
    match &file.shows {
        Shows::Still(picture) => {
            admit(width, height, 32, work)?;
            let Some((chunks, transparent)) = picture.rewrite(width, height, &mut work.budget) else { return Ok(None) };
            // A lossless picture says by itself whether it has transparency.
            if transparent && !picture.lossless {
                container::canvas(&mut out, 0x10, width, height);
            }
            out.extend(chunks);
        }
        Shows::Animation { plays: [p0, p1], frames } if keeps_animation(work) => {
            if frames.len() > FRAMES {
                return Err(Stop::refused(ReasonCode::LimitPixels));
            }
            if frames.is_empty() {
                return Ok(None);
            }
            let mut after = Vec::new();
            let mut transparent = false;
            container::chunk(&mut after, *b"ANIM", &[0, 0, 0, 0, *p0, *p1]);
            for frame in frames {
                // What shows a frame draws the whole canvas.
                admit(width, height, 32, work)?;
                let Some((content, of_frame)) = frame.rewrite(width, height, &mut work.budget) else { return Ok(None) };
                transparent |= of_frame;
                container::chunk(&mut after, *b"ANMF", &content);
            }
            container::canvas(&mut out, if transparent { 0x12 } else { 0x02 }, width, height);
            out.extend(after);
        }
        Shows::Animation { .. } => return Ok(None),
    }
    Ok(Some(container::file(&out)))
}

impl Picture<'_> {
    /// The size that its own header names.
    fn size(&self) -> Option<(usize, usize)> {
        if self.lossless { vp8l::size(self.data) } else { vp8::size(self.data) }
    }

    /// Its chunks, and whether it may have transparency, for a picture that must have this size.
    fn rewrite(&self, width: usize, height: usize, budget: &mut Budget) -> Option<(Vec<u8>, bool)> {
        (self.size()? == (width, height)).then_some(())?;
        let mut out = Vec::new();
        if self.lossless {
            container::chunk(&mut out, *b"VP8L", &vp8l::rewrite(self.data, budget)?);
            return Some((out, vp8l::transparent(self.data)));
        }
        let alpha = match self.alpha {
            Some(alpha) => Some(transparency(alpha, width, height, budget)?),
            None => None,
        };
        if let Some(alpha) = &alpha {
            container::chunk(&mut out, *b"ALPH", alpha);
        }
        container::chunk(&mut out, *b"VP8 ", &vp8::rewrite(self.data)?);
        Some((out, alpha.is_some()))
    }
}

impl Frame<'_> {
    /// The content of its chunk on a canvas of this size.
    fn rewrite(&self, across: usize, down: usize, budget: &mut Budget) -> Option<(Vec<u8>, bool)> {
        let (left, top, width, height) = self.area();
        (left + width <= across && top + height <= down).then_some(())?;
        let (chunks, transparent) = self.picture.rewrite(width, height, budget)?;
        Some(([&self.place[..], &[self.flags], &chunks].concat(), transparent))
    }
}

/// A transparency: bytes as they are, or a lossless picture of them; in rows that a filter may foretell.
fn transparency(alpha: &[u8], width: usize, height: usize, budget: &mut Budget) -> Option<Vec<u8>> {
    let (kind, data) = alpha.split_first()?;
    let data = match kind & 3 {
        0 => data.get(..width * height)?.to_vec(),
        1 => vp8l::rewrite_stream(data, width, height, budget)?,
        _ => return None,
    };
    Some([&[kind & 0b1111], &data[..]].concat())
}

/// From pixels, one picture: the first of an animation.
fn from_pixels(bytes: &[u8], turn: Turn, work: &mut Work<'_>) -> Result<Vec<u8>, Stop> {
    let mut decoder = WebPDecoder::new(std::io::Cursor::new(bytes)).map_err(|_| damaged())?;
    decoder.set_memory_limit(LIVE_BYTES);
    let (width, height) = decoder.dimensions();
    let (color, size) = if decoder.has_alpha() { (ColorType::Rgba8, 4) } else { (ColorType::Rgb8, 3) };
    let (width, height) = (width as usize, height as usize);
    admit(width, height, size * 8, work)?;
    if decoder.is_animated() && keeps_animation(work) {
        return Err(damaged());
    }
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or_else(damaged)?];
    decoder.read_image(&mut pixels).map_err(|_| damaged())?;
    let (width, height) = raster::turn(&mut pixels, width, height, size, turn);
    let mut out = Vec::new();
    let side = |side: usize| u32::try_from(side).map_err(|_| damaged());
    WebPEncoder::new(&mut out).encode(&pixels, side(width)?, side(height)?, color).map_err(|_| damaged())?;
    let file = container::read(&out).ok_or_else(damaged)?;
    rewrite(&file, work)?.ok_or_else(damaged)
}
