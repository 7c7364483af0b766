//! Pixels in rows, turned the right way up.

use super::jpeg::turn::Turn;

/// Turns pixels of `size` bytes each; gives the new width and height.
pub(crate) fn turn(pixels: &mut Vec<u8>, width: usize, height: usize, size: usize, turn: Turn) -> (usize, usize) {
    if turn.is_none() || size == 0 {
        return (width, height);
    }
    let (w, h) = if turn.transpose { (height, width) } else { (width, height) };
    let mut out = Vec::with_capacity(pixels.len());
    for y in 0..h {
        for x in 0..w {
            let tx = if turn.left_right { w - 1 - x } else { x };
            let ty = if turn.top_bottom { h - 1 - y } else { y };
            let (sx, sy) = if turn.transpose { (ty, tx) } else { (tx, ty) };
            let at = (sy * width + sx) * size;
            out.extend(pixels.get(at..at + size).unwrap_or_default());
        }
    }
    *pixels = out;
    (w, h)
}
