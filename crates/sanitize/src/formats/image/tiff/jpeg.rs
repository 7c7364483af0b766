//! Pages whose pieces are JPEG (TIFF technical note 2) and stay so: nothing is lost, and they keep their size. What does not fit
//! the strict form of this file becomes pixels like any other page.

use super::chunk::Layout;
use super::colour::YCbCr;
use super::directory::Directory;
use crate::formats::image::jpeg::{self, Pieces};
use crate::work::Work;

/// A page of JPEG pieces.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) photometric: usize,
    pub(super) samples: usize,
    /// The size of a piece: as wide as the page when it is a strip.
    pub(super) piece: (usize, usize),
    pub(super) tiled: bool,
    pub(super) pieces: Pieces,
}

impl Kept {
    /// Bytes of the page in memory.
    pub(super) fn len(&self) -> usize {
        self.pieces.tables.len() + self.pieces.pieces.iter().map(Vec::len).sum::<usize>()
    }
}

/// The pieces of a page, rewritten; `None` when it is not of this form.
pub(super) fn keep(directory: &Directory<'_>, layout: &Layout<'_>, work: &mut Work<'_>) -> Option<Kept> {
    // Grey, RGB, CMYK, YCbCr. Technical note 2 leaves it to the TIFF what the colours are; the numbers say it again to readers
    // that ask the JPEG.
    let components: &[u8] = match layout.photometric {
        1 => &[1],
        2 => b"RGB",
        5 => &[1, 2, 3, 4],
        6 => &[1, 2, 3],
        _ => return None,
    };
    let fits = layout.is_jpeg() && layout.bits == 8 && !layout.planar && layout.samples == components.len();
    fits.then_some(())?;
    // What says how colours are meant counts for the old form only.
    let plain = layout.old_jpeg.is_none() || YCbCr::of(directory, layout).is_plain();
    (layout.photometric != 6 || plain).then_some(())?;
    let pieces = layout.pieces_with_sizes()?;
    let pieces = jpeg::rewrite_pieces(layout.jpeg_tables(), components, &pieces, &mut work.budget)?;
    let (across, down) = pieces.sampling;
    let agrees = match directory.numbers(530) {
        Some(said) if layout.photometric == 6 => said == [across as u64, down as u64],
        _ => layout.photometric == 6 || (across, down) == (1, 1),
    };
    agrees.then_some(())?;
    let (photometric, samples) = (layout.photometric, layout.samples);
    Some(Kept { photometric, samples, piece: layout.piece, tiled: layout.tiled, pieces })
}
