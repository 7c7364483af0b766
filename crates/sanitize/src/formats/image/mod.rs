//! Images: decoded and written again with their pixels and nothing else. Exif, XMP, ICC profiles, comments, thumbnails and
//! whatever follows the end of the image are gone; an Exif orientation is applied. Animation stays, unless the policy asks
//! for the `image` grade.
//!
//! How to add one: a file here with `rebuild`, a line in `formats::READERS`, and its grammar in `verify::image`.

pub(crate) mod bmp;
pub(crate) mod exif;
pub(crate) mod gif;
pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod raster;
pub(crate) mod tiff;
pub(crate) mod webp;

use crate::policy::Grade;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Stop, Work};

/// Bytes of decoded pixels or coefficients that one image may hold in memory at a time. They are given back when the
/// image is written, so they are not counted against the bytes of the whole call; the work of decoding them is.
pub(crate) const LIVE_BYTES: usize = 160 << 20;

/// Frames of an animation, pages of a TIFF.
pub(crate) const FRAMES: usize = 2_000;

/// Refuses what is too large before it is allocated, and spends the work of decoding it; gives the bytes of the pixels.
pub(crate) fn admit(width: usize, height: usize, bits_per_pixel: usize, work: &mut Work<'_>) -> Result<usize, Stop> {
    work.budget.pixels(width as u64, height as u64)?;
    work.budget.step(1 + (width as u64 * height as u64) / 64)?;
    let bytes = width.saturating_mul(bits_per_pixel).div_ceil(8).saturating_mul(height);
    if bytes > LIVE_BYTES { Err(Stop::refused(ReasonCode::LimitPixels)) } else { Ok(bytes) }
}

/// Says what followed the end of the image.
pub(crate) fn trailing(draft: &mut Draft, bytes: &[u8], trailing: usize) {
    let tail = bytes.get(bytes.len().saturating_sub(trailing)..).unwrap_or_default();
    if tail.iter().any(|byte| *byte != 0) {
        draft.findings.removed_bytes(What::TrailingData, "", tail);
    }
}

/// Whether animation stays.
pub(crate) fn keeps_animation(work: &Work<'_>) -> bool {
    work.policy.images.grade != Grade::Image
}

/// The image is not whole.
pub(crate) fn damaged() -> Stop {
    Stop::refused(ReasonCode::Damaged)
}
