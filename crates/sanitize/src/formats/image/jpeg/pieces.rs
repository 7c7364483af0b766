//! JPEGs that are the pieces of one picture and share their tables, as the strips and tiles of a TIFF do (TIFF technical note 2).

use super::emit::{Tables, emit_tables, emit_without_tables};
use super::model::Picture;
use super::read;
use crate::budget::Budget;
use crate::formats::image::LIVE_BYTES;

/// Blocks of a minimum coded unit (ITU-T T.81, B.2.3): with more, components need scans of their own.
const BLOCKS: usize = 10;
/// Pieces of one picture.
const PIECES: usize = 1 << 16;
/// Bytes that are read for a step: many pieces may be the same bytes.
const STEP: usize = 16;

/// One piece as it stands in a file.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    /// Segments that belong before it, where it is data alone.
    pub(crate) head: Vec<u8>,
    pub(crate) data: &'a [u8],
    /// The size that it must have.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Whether rows below its height may be there, which are left out.
    pub(crate) may_be_higher: bool,
}

/// Pieces rewritten.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// A JPEG of the tables alone.
    pub(crate) tables: Vec<u8>,
    /// Each a JPEG without tables.
    pub(crate) pieces: Vec<Vec<u8>>,
    /// How many pixels share their two colour samples, across and down.
    pub(crate) sampling: (usize, usize),
    /// Metadata was there.
    pub(crate) metadata: bool,
}

/// What the pieces have in common.
struct Source<'a> {
    tables: &'a [u8],
    /// The numbers of the components, which tell a reader that knows nothing else what the colours are.
    components: &'a [u8],
}

/// Rewrites pieces from their coefficients. `None` when one is not whole, or not like the others: then they have to become pixels.
/// `components` are the numbers that the components take.
pub(crate) fn rewrite_pieces(
    tables: &[u8],
    components: &[u8],
    pieces: &[Piece<'_>],
    budget: &mut Budget,
) -> Option<Pieces> {
    (pieces.len() <= PIECES).then_some(())?;
    let source = Source { tables, components };
    let (mut shared, mut sampling, mut metadata, mut last) = (Tables::default(), None, false, None);
    for piece in pieces {
        let (picture, has_metadata) = source.read(piece, budget)?;
        metadata |= has_metadata;
        (*sampling.get_or_insert(picture.sampling()) == picture.sampling()).then_some(())?;
        shared.add(&picture);
        shared.fit().then_some(())?;
        last = Some(picture);
    }
    let encoders = shared.encoders();
    let (mut out, mut live) = (Vec::with_capacity(pieces.len()), 0_usize);
    for piece in pieces {
        // Many pieces are read twice, so that the coefficients of one at a time are in memory.
        let picture = match last.take().filter(|_| pieces.len() == 1) {
            Some(picture) => picture,
            None => source.read(piece, budget)?.0,
        };
        let bytes = emit_without_tables(&picture, &shared, &encoders);
        live = live.saturating_add(bytes.len());
        (live <= LIVE_BYTES / 2).then_some(())?;
        out.push(bytes);
    }
    Some(Pieces { tables: emit_tables(&shared, &encoders), pieces: out, sampling: sampling?, metadata })
}

/// One piece with its tables, as a JPEG of its own.
pub(crate) fn joined(tables: &[u8], piece: &Piece<'_>) -> Vec<u8> {
    if tables.is_empty() && piece.head.is_empty() {
        return piece.data.to_vec();
    }
    // Tables end with the end of an image, which programs fill up with zeros.
    let used = tables.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let end = tables.get(..used).and_then(|used| used.strip_suffix(&[0xFF, 0xD9]));
    [end.unwrap_or(tables), &piece.head, piece.data.strip_prefix(&[0xFF, 0xD8]).unwrap_or(piece.data)].concat()
}

impl Source<'_> {
    /// One piece, and whether it has metadata.
    fn read(&self, piece: &Piece<'_>, budget: &mut Budget) -> Option<(Picture, bool)> {
        budget.step(1 + ((self.tables.len() + piece.data.len()) / STEP) as u64).ok()?;
        let whole = joined(self.tables, piece);
        let (mut picture, aside) = read::read(&whole, budget).ok()?;
        let (h, v) = picture.sampling();
        let blocks: usize = picture.components.iter().map(|c| c.h * c.v).sum();
        let shares = |(at, c): (usize, &super::model::Component)| (c.h, c.v) == if at == 0 { (h, v) } else { (1, 1) };
        let fits = picture.components.len() == self.components.len()
            && picture.components.iter().enumerate().all(shares)
            && blocks <= BLOCKS
            && matches!((h, v), (1 | 2 | 4, 1 | 2 | 4))
            && picture.width == piece.width;
        fits.then_some(())?;
        if picture.height != piece.height {
            // Rows that share colours look at those below them: cutting them would change what is seen.
            (piece.may_be_higher && v == 1 && picture.height > piece.height).then_some(())?;
            picture.cut(piece.height);
        }
        for (component, id) in picture.components.iter_mut().zip(self.components) {
            component.id = *id;
        }
        picture.clear_padding();
        Some((picture, aside.metadata))
    }
}
