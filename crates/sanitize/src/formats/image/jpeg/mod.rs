//! JPEG: decoded to its quantised coefficients and written again from them, so that nothing is lost and a second pass
//! gives the same bytes. Only what is needed to show the picture is written; Exif, XMP, ICC, comments, thumbnails and
//! whatever follows the end are gone. A damaged file is decoded to pixels by a forgiving decoder and encoded anew.

mod bits;
mod emit;
mod huffman;
mod model;
mod pieces;
mod pixels;
mod read;
mod scan;
pub(crate) mod turn;

use crate::budget::Budget;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};
use read::Fault;
use turn::Turn;

pub(crate) use pieces::{Piece, Pieces, joined, rewrite_pieces};
pub(crate) use pixels::QUALITY;

/// The entropy-coded data, or a table, is not whole.
#[derive(Debug)]
struct Damage;

/// A rewritten JPEG.
#[derive(Debug)]
pub(crate) struct Jpeg {
    /// The file.
    pub(crate) bytes: Vec<u8>,
    /// Pixels across.
    pub(crate) width: usize,
    /// Pixels down.
    pub(crate) height: usize,
    /// 1 grey, 3 colour, 4 CMYK or YCCK.
    pub(crate) components: usize,
    /// Metadata was there.
    pub(crate) metadata: bool,
    /// Bytes after its end.
    pub(crate) trailing: usize,
}

/// Which way up the result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upright {
    /// As its Exif orientation says.
    Exif,
    /// As it is stored (PDF knows no Exif).
    Stored,
}

/// Rewrites a JPEG from its coefficients; from its pixels when it is damaged, or turned in a way that coefficients cannot be.
pub(crate) fn rewrite(bytes: &[u8], upright: Upright, budget: &mut Budget) -> Result<Jpeg, Stop> {
    let (mut picture, aside, mut turn) = match read::read(bytes, budget) {
        Ok((picture, aside)) => {
            let turn = Turn::from_exif(aside.orientation);
            (picture, aside, turn)
        }
        Err(Fault::Stop(stop)) => return Err(stop),
        Err(Fault::Kind) => return Err(Stop::refused(ReasonCode::UnsupportedFeature)),
        Err(Fault::Damage) => {
            let orientation = pixels::orientation(bytes);
            let turn = if upright == Upright::Exif { Turn::from_exif(orientation) } else { Turn::from_exif(1) };
            let anew = pixels::encode_anew(bytes, None, turn, budget)?;
            let (picture, mut aside) = reread(&anew, budget)?;
            aside.metadata = true;
            (picture, aside, Turn::from_exif(1))
        }
    };
    if upright == Upright::Stored {
        turn = Turn::from_exif(1);
    }
    if !turn.is_none() && !turn::turn(&mut picture, turn) {
        let anew = pixels::encode_anew(bytes, Some(&picture), turn, budget)?;
        let jfif = picture.jfif;
        (picture, _) = reread(&anew, budget)?;
        picture.jfif = jfif;
    }
    if let (true, Some((unit, x, y))) = (turn.transpose, picture.jfif) {
        picture.jfif = Some((unit, y, x));
    }
    picture.clear_padding();
    Ok(Jpeg {
        bytes: emit::emit(&picture),
        width: picture.width,
        height: picture.height,
        components: picture.components.len(),
        metadata: aside.metadata,
        trailing: aside.trailing,
    })
}

fn reread(anew: &[u8], budget: &mut Budget) -> Result<(model::Picture, read::Aside), Stop> {
    read::read(anew, budget).map_err(|fault| match fault {
        Fault::Stop(stop) => stop,
        Fault::Damage | Fault::Kind => Stop::refused(ReasonCode::Damaged),
    })
}

/// A JPEG from pixels of 1 (grey) or 3 (RGB) bytes, in the form that [`rewrite`] gives.
pub(crate) fn from_pixels(
    pixels: &[u8],
    width: usize,
    height: usize,
    components: usize,
    quality: u8,
    budget: &mut Budget,
) -> Result<Jpeg, Stop> {
    rewrite(&pixels::encode(pixels, width, height, components, quality, None)?, Upright::Stored, budget)
}

/// Rebuilds a JPEG file.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let jpeg = rewrite(source.bytes, Upright::Exif, &mut work.budget)?;
    let mut draft = Draft { bytes: jpeg.bytes, ..Draft::default() };
    if jpeg.metadata {
        draft.findings.noted(What::Metadata, "");
    }
    super::trailing(&mut draft, source.bytes, jpeg.trailing);
    Ok(draft)
}
