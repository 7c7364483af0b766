//! Lossy pictures: a key frame of VP8 (RFC 6386), rewritten symbol by symbol. Every symbol is understood and written by a coder
//! of our own; nothing else comes over, and no pixel changes.

use super::bools::Coder;
use super::tables::{BLOCK_MODES, COEFFICIENTS, KEPT};

/// Probabilities of coefficients: four types of block, eight bands, three contexts, eleven nodes.
const NODES: usize = 11;
const CONTEXTS: usize = 3 * NODES;
const TYPES: usize = 8 * CONTEXTS;

/// The band of each coefficient of a block (section 13.3).
const BANDS: [usize; 16] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7];

/// How a 4 by 4 block is predicted (section 11.5); a number that is not positive is a leaf.
const BLOCK_TREE: [i8; 18] = [0, 2, -1, 4, -2, 6, 8, 12, -3, 10, -5, -6, -4, 14, -7, 16, -8, -9];

/// The further bits of large coefficients (section 13.2), the smallest category first.
const FURTHER: [&[u8]; 6] = [
    &[159],
    &[165, 145],
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];

/// Types of blocks: luma without its first coefficient, those first coefficients, colour, luma with all.
const LUMA_REST: usize = 0;
const FIRSTS: usize = 1;
const COLOUR: usize = 2;
const LUMA: usize = 3;

/// Which neighbours have coefficients: four luma columns (or rows), two of each colour, the block of first coefficients.
type Filled = [bool; 9];

/// The size that a frame's header names; `None` when it is no key frame that is shown.
pub(super) fn size(data: &[u8]) -> Option<(usize, usize)> {
    let &[tag, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1] = data.first_chunk::<10>()? else { return None };
    let side = |low, high| usize::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    let (width, height) = (side(w0, w1), side(h0, h1));
    // Bit 0: not a key frame. Bits 1 to 3: the version. Bit 4: shown.
    (tag & 0x11 == 0x10 && (tag >> 1) & 7 <= 3 && width > 0 && height > 0).then_some((width, height))
}

/// Rewrites a frame; `None` when it is damaged.
pub(super) fn rewrite(data: &[u8]) -> Option<Vec<u8>> {
    let (width, height) = size(data)?;
    let &[t0, t1, t2] = data.first_chunk::<3>()?;
    let length = (usize::from(t2) << 16 | usize::from(t1) << 8 | usize::from(t0)) >> 5;
    let (first, rest) = data.get(10..)?.split_at_checked(length)?;
    let mut first = Coder::new(first);
    let header = Header::read(&mut first);
    let mut partitions = partitions(rest, header.partitions)?;
    macroblocks(&header, &mut first, &mut partitions, width.div_ceil(16), height.div_ceil(16))?;
    let first = first.finish()?;
    let parts: Vec<Vec<u8>> = partitions.into_iter().map(Coder::finish).collect::<Option<_>>()?;
    let tag = u32::try_from(first.len()).ok().filter(|length| *length < 1 << 19)? << 5 | u32::from(t0 & 0x1F);
    let [t0, t1, t2, _] = tag.to_le_bytes();
    let mut bytes = vec![t0, t1, t2, 0x9D, 0x01, 0x2A];
    for side in [width, height] {
        bytes.extend(u16::try_from(side).ok()?.to_le_bytes());
    }
    bytes.extend(first);
    for part in parts.iter().take(parts.len() - 1) {
        let [s0, s1, s2, 0] = u32::try_from(part.len()).ok()?.to_le_bytes() else { return None };
        bytes.extend([s0, s1, s2]);
    }
    bytes.extend(parts.concat());
    Some(bytes)
}

/// What the macroblocks need to know of the header (section 9).
struct Header {
    /// How a macroblock says to which segment it belongs.
    segments: Option<[u8; 3]>,
    partitions: usize,
    coefficients: [u8; 4 * TYPES],
    /// How likely a macroblock has coefficients, when macroblocks say so.
    filled: Option<u8>,
}

impl Header {
    fn read(first: &mut Coder<'_>) -> Self {
        // The one colour space that there is.
        first.ignored();
        first.bit(128);
        let segments = if first.bit(128) { segments(first) } else { None };
        first.number(1 + 6 + 3);
        // How much the loop filter differs by reference frame and by mode.
        if first.bit(128) && first.bit(128) {
            (0..8).for_each(|_| signed(first, 6));
        }
        let partitions = 1 << first.number(2);
        first.number(7);
        (0..5).for_each(|_| signed(first, 4));
        // Whether the probabilities are for the next frame too: there is none.
        first.ignored();
        let mut coefficients = COEFFICIENTS;
        for (probability, kept) in coefficients.iter_mut().zip(KEPT) {
            if first.bit(kept) {
                *probability = byte(first);
            }
        }
        let filled = if first.bit(128) { Some(byte(first)) } else { None };
        Self { segments, partitions, coefficients, filled }
    }
}

fn byte(first: &mut Coder<'_>) -> u8 {
    u8::try_from(first.number(8)).unwrap_or(u8::MAX)
}

/// A number with its sign, when there is one.
fn signed(first: &mut Coder<'_>, bits: u32) {
    if first.bit(128) {
        first.number(bits + 1);
    }
}

/// Section 9.3.
fn segments(first: &mut Coder<'_>) -> Option<[u8; 3]> {
    let (map, features) = (first.bit(128), first.bit(128));
    if features {
        first.bit(128);
        (0..4).for_each(|_| signed(first, 7));
        (0..4).for_each(|_| signed(first, 6));
    }
    map.then(|| [(); 3].map(|()| if first.bit(128) { byte(first) } else { 255 }))
}

/// The partitions of coefficients (section 9.5): their sizes stand before them, the last one is the rest.
fn partitions(rest: &[u8], count: usize) -> Option<Vec<Coder<'_>>> {
    let (sizes, mut data) = rest.split_at_checked(3 * (count - 1))?;
    let mut all = Vec::with_capacity(count);
    for &[s0, s1, s2] in sizes.as_chunks::<3>().0 {
        let (part, after) = data.split_at_checked(usize::from(s2) << 16 | usize::from(s1) << 8 | usize::from(s0))?;
        all.push(Coder::new(part));
        data = after;
    }
    all.push(Coder::new(data));
    Some(all)
}

fn macroblocks(
    header: &Header,
    first: &mut Coder<'_>,
    partitions: &mut [Coder<'_>],
    across: usize,
    down: usize,
) -> Option<()> {
    let mut above: Vec<([usize; 4], Filled)> = vec![([0; 4], [false; 9]); across];
    for y in 0..down {
        let mut left = ([0; 4], [false; 9]);
        let part = y & (partitions.len() - 1);
        let tokens = partitions.get_mut(part)?;
        for above in &mut above {
            if let Some([root, low, high]) = header.segments {
                let branch = first.bit(root);
                first.bit(if branch { high } else { low });
            }
            let empty = header.filled.is_some_and(|probability| first.bit(probability));
            let whole = modes(first, &mut above.0, &mut left.0)?;
            if empty {
                // The block of first coefficients belongs only to those that are predicted as a whole.
                for filled in [&mut above.1, &mut left.1] {
                    filled.iter_mut().take(8 + usize::from(whole)).for_each(|filled| *filled = false);
                }
            } else {
                residual(tokens, &header.coefficients, whole, &mut above.1, &mut left.1)?;
            }
        }
    }
    Some(())
}

/// How a macroblock is predicted; whether as a whole.
fn modes(first: &mut Coder<'_>, above: &mut [usize; 4], left: &mut [usize; 4]) -> Option<bool> {
    let whole = first.bit(145);
    if whole {
        let level = first.bit(156);
        let mode = if level { 3 - 2 * usize::from(first.bit(128)) } else { 2 * usize::from(first.bit(163)) };
        (*above, *left) = ([mode; 4], [mode; 4]);
    } else {
        for left in left {
            for above in &mut *above {
                let at = (*above * 10 + *left) * 9;
                let mode = tree(first, BLOCK_MODES.get(at..at + 9)?)?;
                (*above, *left) = (mode, mode);
            }
        }
    }
    // The colours': one of four.
    let _ = first.bit(142) && first.bit(114) && first.bit(183);
    Some(whole)
}

fn tree(first: &mut Coder<'_>, probabilities: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let branch = usize::from(first.bit(*probabilities.get(at / 2)?));
        let next = *BLOCK_TREE.get(at + branch)?;
        at = usize::from(next.unsigned_abs());
        if next <= 0 {
            return Some(at);
        }
    }
}

/// The coefficients of a macroblock (section 13).
fn residual(
    tokens: &mut Coder<'_>,
    table: &[u8; 4 * TYPES],
    whole: bool,
    above: &mut Filled,
    left: &mut Filled,
) -> Option<()> {
    let mut one = |kind: usize, above: &mut bool, left: &mut bool| {
        let kinds = table.get(kind * TYPES..(kind + 1) * TYPES)?;
        let filled = block(tokens, kinds, usize::from(*above) + usize::from(*left), usize::from(kind == LUMA_REST))?;
        (*above, *left) = (filled, filled);
        Some(())
    };
    let ([above @ .., above_first], [left @ .., left_first]) = (above, left);
    if whole {
        one(FIRSTS, above_first, left_first)?;
    }
    for (from, to, kind) in [(0, 4, if whole { LUMA_REST } else { LUMA }), (4, 6, COLOUR), (6, 8, COLOUR)] {
        for left in left.get_mut(from..to)? {
            for above in above.get_mut(from..to)? {
                one(kind, above, left)?;
            }
        }
    }
    Some(())
}

/// One block of 4 by 4, from its first coefficient on; whether it has any.
fn block(tokens: &mut Coder<'_>, table: &[u8], context: usize, first: usize) -> Option<bool> {
    let nodes = |at: usize, context: usize| {
        let from = BANDS.get(at)? * CONTEXTS + context * NODES;
        table.get(from..from + NODES)?.first_chunk::<NODES>()
    };
    let (mut at, mut context, mut after_zero) = (first, context, false);
    while at < 16 {
        let nodes = nodes(at, context)?;
        // After a zero the block does not end.
        if !after_zero && !tokens.bit(nodes[0]) {
            return Some(at > first);
        }
        at += 1;
        after_zero = !tokens.bit(nodes[1]);
        context = if after_zero { 0 } else { 1 + usize::from(large(tokens, nodes)) };
        if !after_zero {
            tokens.bit(128);
        }
    }
    Some(true)
}

/// The size of a coefficient that is not zero; whether it is more than one.
fn large(tokens: &mut Coder<'_>, nodes: &[u8; NODES]) -> bool {
    if !tokens.bit(nodes[2]) {
        return false;
    }
    let category = if !tokens.bit(nodes[3]) {
        // Two, three or four.
        let _ = tokens.bit(nodes[4]) && tokens.bit(nodes[5]);
        return true;
    } else if !tokens.bit(nodes[6]) {
        usize::from(tokens.bit(nodes[7]))
    } else if !tokens.bit(nodes[8]) {
        2 + usize::from(tokens.bit(nodes[9]))
    } else {
        4 + usize::from(tokens.bit(nodes[10]))
    };
    for probability in FURTHER.get(category).into_iter().copied().flatten() {
        tokens.bit(*probability);
    }
    true
}
