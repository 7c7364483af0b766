//! TIFF: every page decoded and written again, bilevel pages with CCITT Group 4, JPEG as JPEG, all others with LZW; only the tags
//! that are needed to show them.

mod chunk;
mod colour;
mod directory;
mod fax;
mod group4;
mod jpeg;
mod old_jpeg;
mod read;
mod write;

pub(crate) use fax::Rows;
pub(crate) use write::group4_rows;

use crate::words::What;
use crate::work::{Draft, Source, Stop, Work};

/// How the samples of a page are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// One bit, 0 is black.
    Bilevel,
    /// 8 or 16 bits, 0 is black.
    Grey(u8),
    /// 8-bit indices into three times 256 values of 16 bits.
    Palette(Vec<u16>),
    /// 8 or 16 bits; with alpha.
    Rgb(u8, bool),
    /// 8 bits.
    Cmyk,
}

/// One page.
#[derive(Debug)]
struct Page {
    width: usize,
    height: usize,
    content: Content,
    /// Unit (2 inch, 3 centimetre) and the two resolutions as fractions.
    resolution: Option<(u16, [u32; 2], [u32; 2])>,
}

/// What a page shows.
#[derive(Debug)]
enum Content {
    Pixels(Pixels),
    Jpeg(jpeg::Kept),
}

/// Rows of whole bytes, 16-bit samples in big-endian order.
#[derive(Debug)]
struct Pixels {
    kind: Kind,
    bytes: Vec<u8>,
}

impl Content {
    /// Bytes in memory.
    fn len(&self) -> usize {
        match self {
            Self::Pixels(pixels) => pixels.bytes.len(),
            Self::Jpeg(kept) => kept.len(),
        }
    }
}

impl Kind {
    fn bits_per_pixel(&self) -> usize {
        match self {
            Self::Bilevel => 1,
            Self::Grey(bits) => usize::from(*bits),
            Self::Palette(_) => 8,
            Self::Rgb(bits, alpha) => usize::from(*bits) * if *alpha { 4 } else { 3 },
            Self::Cmyk => 32,
        }
    }
}

/// Rebuilds a TIFF.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let (pages, metadata) = read::pages(source.bytes, work)?;
    if pages.is_empty() {
        return Err(super::damaged());
    }
    let mut draft = Draft { bytes: write::write(&pages)?, ..Draft::default() };
    if metadata {
        draft.findings.noted(What::Metadata, "");
    }
    Ok(draft)
}
