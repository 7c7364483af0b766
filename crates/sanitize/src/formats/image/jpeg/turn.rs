//! Turns a picture the right way up on its coefficients: mirroring negates the odd frequencies, transposing swaps them.

use super::model::{Block, Component, Picture, ZIGZAG};

/// How an Exif orientation is undone: transpose first, then mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Swap rows and columns.
    pub(crate) transpose: bool,
    /// Mirror left and right, afterwards.
    pub(crate) left_right: bool,
    /// Mirror top and bottom, afterwards.
    pub(crate) top_bottom: bool,
}

impl Turn {
    /// From an Exif orientation (1 to 8); anything else is upright.
    pub(crate) fn from_exif(orientation: u8) -> Self {
        let (transpose, left_right, top_bottom) = match orientation {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transpose, left_right, top_bottom }
    }

    /// Nothing to do.
    pub(crate) fn is_none(self) -> bool {
        self == Self::from_exif(1)
    }
}

/// Turns it, or says that it cannot be done without loss because the mirrored edge would start inside an MCU.
pub(super) fn turn(picture: &mut Picture, turn: Turn) -> bool {
    let (h, v) = picture.sampling();
    let whole = |size: usize, factor: usize| size.is_multiple_of(8 * factor);
    let (width_whole, height_whole) = (whole(picture.width, h), whole(picture.height, v));
    let (left_right_fits, top_bottom_fits) =
        if turn.transpose { (height_whole, width_whole) } else { (width_whole, height_whole) };
    if (turn.left_right && !left_right_fits) || (turn.top_bottom && !top_bottom_fits) {
        return false;
    }
    if turn.transpose {
        std::mem::swap(&mut picture.width, &mut picture.height);
        for c in &mut picture.components {
            transpose(c);
        }
    }
    if turn.left_right {
        for c in &mut picture.components {
            for row in c.blocks.chunks_mut(c.stride.max(1)) {
                row.reverse();
            }
            negate(c, |at| at % 8);
        }
    }
    if turn.top_bottom {
        for c in &mut picture.components {
            let mut rows: Vec<Vec<Block>> = c.blocks.chunks(c.stride.max(1)).map(<[Block]>::to_vec).collect();
            rows.reverse();
            c.blocks = rows.concat();
            negate(c, |at| at / 8);
        }
    }
    picture.lay_out();
    true
}

fn negate(c: &mut Component, frequency: impl Fn(usize) -> usize) {
    for block in &mut c.blocks {
        for (value, at) in block.iter_mut().zip(ZIGZAG) {
            if frequency(usize::from(at)) % 2 == 1 {
                *value = -*value;
            }
        }
    }
}

fn transpose(c: &mut Component) {
    std::mem::swap(&mut c.h, &mut c.v);
    let mut natural = [0usize; 64];
    for (place, at) in ZIGZAG.iter().enumerate() {
        natural[usize::from(*at)] = place;
    }
    let swapped: [usize; 64] = std::array::from_fn(|place| {
        let at = usize::from(ZIGZAG[place]);
        natural[(at % 8) * 8 + at / 8]
    });
    c.quant = std::array::from_fn(|place| c.quant[swapped[place]]);
    let rows = c.blocks.len() / c.stride.max(1);
    let mut blocks = Vec::with_capacity(c.blocks.len());
    for x in 0..c.stride {
        for y in 0..rows {
            let from = c.blocks.get(y * c.stride + x).copied().unwrap_or([0; 64]);
            blocks.push(std::array::from_fn(|place| from[swapped[place]]));
        }
    }
    c.stride = rows;
    c.blocks = blocks;
}
