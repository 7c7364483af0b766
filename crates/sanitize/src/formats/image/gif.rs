//! GIF: frames, palettes, delays and the repeat count are kept; comments, text and application blocks are gone.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Encoder, Frame, MemoryLimit, Repeat};

use super::{FRAMES, LIVE_BYTES, admit, damaged, keeps_animation, trailing};
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// Rebuilds a GIF.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let blocks = walk(source.bytes);
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.allow_unknown_blocks(true);
    options.set_memory_limit(NonZeroU64::new(LIVE_BYTES as u64).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes));
    let mut decoder = options.read_info(std::io::Cursor::new(source.bytes)).map_err(|_| damaged())?;
    let (width, height) = (decoder.width(), decoder.height());
    admit(width.into(), height.into(), 8, work)?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height, &palette).map_err(|_| damaged())?;
    let mut frames = 0;
    loop {
        match decoder.next_frame_info() {
            Ok(Some(frame)) => {
                admit(frame.width.into(), frame.height.into(), 8, work)?;
                if frame.width == 0 || frame.height == 0 {
                    return Err(damaged());
                }
            }
            Ok(None) => break,
            Err(_) => return Err(damaged()),
        }
        let mut pixels = vec![0; decoder.buffer_size()];
        decoder.read_into_buffer(&mut pixels).map_err(|_| damaged())?;
        let frame = decoder.current_frame_info().ok_or_else(damaged)?.clone();
        if frame.palette.is_none() && palette.is_empty() {
            return Err(damaged());
        }
        if frames == 0 && decoder.repeat() != Repeat::Finite(0) && blocks.frames > 1 && keeps_animation(work) {
            encoder.set_repeat(decoder.repeat()).map_err(|_| damaged())?;
        }
        let frame = Frame { interlaced: false, needs_user_input: false, buffer: pixels.into(), ..frame };
        encoder.write_frame(&frame).map_err(|_| damaged())?;
        frames += 1;
        if frames > FRAMES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
        if !keeps_animation(work) {
            break;
        }
    }
    drop(encoder);
    if frames == 0 {
        return Err(damaged());
    }
    let mut draft = Draft { bytes: out, ..Draft::default() };
    if blocks.metadata {
        draft.findings.noted(What::Metadata, "");
    }
    if let Some(end) = blocks.end {
        trailing(&mut draft, source.bytes, source.bytes.len().saturating_sub(end));
    }
    Ok(draft)
}

struct Blocks {
    end: Option<usize>,
    frames: usize,
    metadata: bool,
}

/// Walks the blocks (GIF89a, appendix B) to the trailer.
fn walk(bytes: &[u8]) -> Blocks {
    let mut blocks = Blocks { end: None, frames: 0, metadata: false };
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3usize << ((flags & 7) + 1) };
    let Some(flags) = bytes.get(10) else { return blocks };
    let mut at = 13 + table(*flags);
    loop {
        match bytes.get(at) {
            Some(0x21) => {
                let known = bytes.get(at + 1) == Some(&0xF9)
                    || bytes.get(at + 3..at + 14).is_some_and(|name| name == b"NETSCAPE2.0");
                blocks.metadata |= !known;
                at += 2;
            }
            Some(0x2C) => {
                blocks.frames += 1;
                let Some(flags) = bytes.get(at + 9) else { return blocks };
                at += 11 + table(*flags);
            }
            Some(0x3B) => {
                blocks.end = Some(at + 1);
                return blocks;
            }
            _ => return blocks,
        }
        loop {
            match bytes.get(at) {
                Some(0) => break,
                Some(length) => at += 1 + usize::from(*length),
                None => return blocks,
            }
        }
        at += 1;
    }
}
