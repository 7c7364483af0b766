//! Lossless pictures (VP8L, RFC 9649): read as the symbols that they are made of, and written with prefix codes of our own. What
//! the symbols mean stays, so that no pixel changes and a second pass gives the same bytes.

use super::prefix::{Bits, Out, Reading, Writing};
use crate::budget::Budget;

/// Groups of codes: no encoder that is known makes more tiles, and what has more is read as pixels.
const GROUPS: usize = 2_600;
/// Steps that the codes of a group cost.
const GROUP_STEPS: usize = 64;
/// Symbols for how long a copy is, and for how far back.
const LENGTHS: usize = 24;
const DISTANCES: usize = 40;

/// Where near pixels are that a copy begins at: how many to the left, how many rows up (section 3.6.2.2).
const NEAR: [(isize, isize); 120] = [
    (0, 1),
    (1, 0),
    (1, 1),
    (-1, 1),
    (0, 2),
    (2, 0),
    (1, 2),
    (-1, 2),
    (2, 1),
    (-2, 1),
    (2, 2),
    (-2, 2),
    (0, 3),
    (3, 0),
    (1, 3),
    (-1, 3),
    (3, 1),
    (-3, 1),
    (2, 3),
    (-2, 3),
    (3, 2),
    (-3, 2),
    (0, 4),
    (4, 0),
    (1, 4),
    (-1, 4),
    (4, 1),
    (-4, 1),
    (3, 3),
    (-3, 3),
    (2, 4),
    (-2, 4),
    (4, 2),
    (-4, 2),
    (0, 5),
    (3, 4),
    (-3, 4),
    (4, 3),
    (-4, 3),
    (5, 0),
    (1, 5),
    (-1, 5),
    (5, 1),
    (-5, 1),
    (2, 5),
    (-2, 5),
    (5, 2),
    (-5, 2),
    (4, 4),
    (-4, 4),
    (3, 5),
    (-3, 5),
    (5, 3),
    (-5, 3),
    (0, 6),
    (6, 0),
    (1, 6),
    (-1, 6),
    (6, 1),
    (-6, 1),
    (2, 6),
    (-2, 6),
    (6, 2),
    (-6, 2),
    (4, 5),
    (-4, 5),
    (5, 4),
    (-5, 4),
    (3, 6),
    (-3, 6),
    (6, 3),
    (-6, 3),
    (0, 7),
    (7, 0),
    (1, 7),
    (-1, 7),
    (5, 5),
    (-5, 5),
    (7, 1),
    (-7, 1),
    (4, 6),
    (-4, 6),
    (6, 4),
    (-6, 4),
    (2, 7),
    (-2, 7),
    (7, 2),
    (-7, 2),
    (3, 7),
    (-3, 7),
    (7, 3),
    (-7, 3),
    (5, 6),
    (-5, 6),
    (6, 5),
    (-6, 5),
    (8, 0),
    (4, 7),
    (-4, 7),
    (7, 4),
    (-7, 4),
    (8, 1),
    (8, 2),
    (6, 6),
    (-6, 6),
    (8, 3),
    (5, 7),
    (-5, 7),
    (7, 5),
    (-7, 5),
    (8, 4),
    (6, 7),
    (-6, 7),
    (7, 6),
    (-7, 6),
    (8, 5),
    (7, 7),
    (-7, 7),
    (8, 6),
    (8, 7),
];

/// The size that a header names.
pub(super) fn size(data: &[u8]) -> Option<(usize, usize)> {
    let &[0x2F, b0, b1, b2, b3] = data.first_chunk::<5>()? else { return None };
    let header = usize::try_from(u32::from_le_bytes([b0, b1, b2, b3])).ok()?;
    (header >> 29 == 0).then_some(((header & 0x3FFF) + 1, (header >> 14 & 0x3FFF) + 1))
}

/// Whether a header says that the picture has transparency.
pub(super) fn transparent(data: &[u8]) -> bool {
    data.get(4).is_some_and(|flags| flags & 0x10 != 0)
}

/// Rewrites a picture; `None` when it is damaged.
pub(super) fn rewrite(data: &[u8], budget: &mut Budget) -> Option<Vec<u8>> {
    let (width, height) = size(data)?;
    let (header, stream) = data.split_at_checked(5)?;
    Some([header, &rewrite_stream(stream, width, height, budget)?].concat())
}

/// The same without a header, as it stands in the transparency of a lossy picture.
pub(super) fn rewrite_stream(data: &[u8], width: usize, height: usize, budget: &mut Budget) -> Option<Vec<u8>> {
    let mut copy = Copy { bits: Bits::new(data), out: Out::default(), budget };
    let mut across = width;
    let mut seen = [false; 4];
    while copy.number(1)? == 1 {
        let kind = copy.number(2)?;
        (!std::mem::replace(seen.get_mut(kind)?, true)).then_some(())?;
        match kind {
            // Predictors and colour transforms: one for each tile.
            0 | 1 => {
                let tile = 1 << (2 + copy.number(3)?);
                copy.small(across.div_ceil(tile), height.div_ceil(tile))?;
            }
            2 => {}
            // A palette; of few colours several stand in one pixel.
            _ => {
                let colours = copy.number(8)? + 1;
                copy.small(colours, 1)?;
                across = across.div_ceil(match colours {
                    0..=2 => 8,
                    3..=4 => 4,
                    5..=16 => 2,
                    _ => 1,
                });
            }
        }
    }
    let cache = copy.cache()?;
    let groups = if copy.number(1)? == 1 { Some(copy.groups(across, height)?) } else { None };
    copy.symbols(&Area { across, total: across * height, cache, groups }, None)?;
    Some(copy.out.finish())
}

/// A picture of symbols.
struct Area {
    across: usize,
    total: usize,
    /// Bits of the colours that were seen last, when they have symbols.
    cache: Option<usize>,
    groups: Option<Groups>,
}

/// Which group of codes each tile uses.
struct Groups {
    shift: usize,
    tiles: usize,
    list: Vec<u16>,
    count: usize,
}

impl Area {
    fn colours(&self) -> usize {
        self.cache.map_or(0, |bits| 1 << bits)
    }

    fn group(&self, at: usize) -> usize {
        let Some(groups) = &self.groups else { return 0 };
        let (x, y) = (at % self.across, at / self.across);
        let tile = (y >> groups.shift) * groups.tiles + (x >> groups.shift);
        groups.list.get(tile).map_or(0, |group| usize::from(*group))
    }
}

/// What stands for one pixel or more.
#[derive(Debug, Clone, Copy)]
enum Symbol {
    /// Green, red, blue, alpha.
    Pixel([usize; 4]),
    /// A colour that was seen before, by its place.
    Seen(usize),
    /// Symbol and further bits of the length, and of the distance; and what they come to.
    Copy { length: Number, distance: Number, pixels: usize, back: usize },
}

/// A number as its symbol, its further bits, and how many these are.
#[derive(Debug, Clone, Copy)]
struct Number {
    symbol: usize,
    more: usize,
    bits: usize,
}

impl Number {
    fn read(symbol: usize, bits: &mut Bits<'_>) -> Option<(Self, usize)> {
        if symbol < 4 {
            return Some((Self { symbol, more: 0, bits: 0 }, symbol + 1));
        }
        let count = (symbol - 2) >> 1;
        let more = bits.number(count)?;
        Some((Self { symbol, more, bits: count }, ((2 + (symbol & 1)) << count) + more + 1))
    }
}

/// The five codes of a group: green with lengths and seen colours, red, blue, alpha, distances.
type Five<T> = [T; 5];

struct Copy<'a, 'b> {
    bits: Bits<'a>,
    out: Out,
    budget: &'b mut Budget,
}

impl Copy<'_, '_> {
    /// A number from the one side to the other.
    fn number(&mut self, count: usize) -> Option<usize> {
        let number = self.bits.number(count)?;
        self.out.put(number, count);
        Some(number)
    }

    fn cache(&mut self) -> Option<Option<usize>> {
        if self.number(1)? == 0 {
            return Some(None);
        }
        let bits = self.number(4)?;
        (1..=11).contains(&bits).then_some(Some(bits))
    }

    fn groups(&mut self, across: usize, height: usize) -> Option<Groups> {
        let shift = 2 + self.number(3)?;
        let tiles = across.div_ceil(1 << shift);
        let pixels = self.small(tiles, height.div_ceil(1 << shift))?;
        let list: Vec<u16> =
            pixels.iter().map(|argb| u16::try_from(argb >> 8 & 0xFFFF)).collect::<Result<_, _>>().ok()?;
        let count = list.iter().max().map_or(1, |last| usize::from(*last) + 1);
        (count <= GROUPS).then_some(Groups { shift, tiles, list, count })
    }

    /// A picture that says something of the one it stands in; its pixels as alpha, red, green, blue.
    fn small(&mut self, across: usize, height: usize) -> Option<Vec<u32>> {
        let mut pixels = Pixels { list: Vec::with_capacity(across * height), cache: self.cache()?, seen: Vec::new() };
        let area = Area { across, total: across * height, cache: pixels.cache, groups: None };
        pixels.seen = vec![0; area.colours()];
        self.symbols(&area, Some(&mut pixels))?;
        Some(pixels.list)
    }

    /// Reads the symbols twice: to count them, and to write them with the codes that fit the counts best.
    fn symbols(&mut self, area: &Area, mut pixels: Option<&mut Pixels>) -> Option<()> {
        let alphabets = [256 + LENGTHS + area.colours(), 256, 256, 256, DISTANCES];
        let count = area.groups.as_ref().map_or(1, |groups| groups.count);
        // Whoever asks finds the budget spent.
        self.budget.step((count * GROUP_STEPS) as u64).ok()?;
        let mut codes: Vec<Five<Reading>> = Vec::with_capacity(count);
        for _ in 0..count {
            let mut read = |at: usize| Reading::read(&mut self.bits, *alphabets.get(at)?);
            codes.push([read(0)?, read(1)?, read(2)?, read(3)?, read(4)?]);
        }
        let mut again = self.bits.clone();
        let mut counts: Vec<Five<Vec<u32>>> = vec![alphabets.map(|size| vec![0; size]); count];
        walk(area, &codes, &mut self.bits, |group, symbol| {
            let counts = counts.get_mut(group)?;
            symbol.each(|code, at| {
                if let Some(count) = counts.get_mut(code).and_then(|counts| counts.get_mut(at)) {
                    *count += 1;
                }
            });
            match &mut pixels {
                Some(pixels) => pixels.push(symbol),
                None => Some(()),
            }
        })?;
        let out = &mut self.out;
        let best: Vec<Five<Writing>> =
            counts.iter().map(|five| five.each_ref().map(|c| Writing::write(c, out))).collect();
        walk(area, &codes, &mut again, |group, symbol| {
            symbol.write(best.get(group)?, out);
            Some(())
        })
    }
}

impl Symbol {
    /// Each code that it takes and its symbol there.
    fn each(self, mut one: impl FnMut(usize, usize)) {
        match self {
            Self::Pixel(parts) => parts.into_iter().enumerate().for_each(|(code, symbol)| one(code, symbol)),
            Self::Seen(place) => one(0, 256 + LENGTHS + place),
            Self::Copy { length, distance, .. } => {
                one(0, 256 + length.symbol);
                one(4, distance.symbol);
            }
        }
    }

    fn write(self, [green, red, blue, alpha, far]: &Five<Writing>, out: &mut Out) {
        match self {
            Self::Pixel([g, r, b, a]) => {
                for (code, symbol) in [(green, g), (red, r), (blue, b), (alpha, a)] {
                    code.put(symbol, out);
                }
            }
            Self::Seen(place) => green.put(256 + LENGTHS + place, out),
            Self::Copy { length, distance, .. } => {
                green.put(256 + length.symbol, out);
                out.put(length.more, length.bits);
                far.put(distance.symbol, out);
                out.put(distance.more, distance.bits);
            }
        }
    }
}

/// Reads all symbols of a picture. A copy begins in it and ends in it.
fn walk(
    area: &Area,
    codes: &[Five<Reading>],
    bits: &mut Bits<'_>,
    mut one: impl FnMut(usize, Symbol) -> Option<()>,
) -> Option<()> {
    let mut at = 0;
    while at < area.total {
        let group = area.group(at);
        let [green, red, blue, alpha, far] = codes.get(group)?;
        let first = green.symbol(bits)?;
        let symbol = match first.checked_sub(256) {
            None => Symbol::Pixel([first, red.symbol(bits)?, blue.symbol(bits)?, alpha.symbol(bits)?]),
            Some(length @ 0..LENGTHS) => {
                let (length, pixels) = Number::read(length, bits)?;
                let (distance, far) = Number::read(far.symbol(bits)?, bits)?;
                let back = back(far, area.across)?;
                (back <= at && at + pixels <= area.total).then_some(())?;
                Symbol::Copy { length, distance, pixels, back }
            }
            Some(seen) => Symbol::Seen(seen - LENGTHS),
        };
        at += if let Symbol::Copy { pixels, .. } = symbol { pixels } else { 1 };
        one(group, symbol)?;
    }
    Some(())
}

/// How many pixels back a distance is.
fn back(distance: usize, across: usize) -> Option<usize> {
    match NEAR.get(distance - 1) {
        Some((left, up)) => usize::try_from((left + up * isize::try_from(across).ok()?).max(1)).ok(),
        None => Some(distance - NEAR.len()),
    }
}

/// The pixels of a small picture as they come.
struct Pixels {
    list: Vec<u32>,
    cache: Option<usize>,
    seen: Vec<u32>,
}

impl Pixels {
    fn push(&mut self, symbol: Symbol) -> Option<()> {
        match symbol {
            Symbol::Pixel([green, red, blue, alpha]) => {
                self.add(u32::try_from(alpha << 24 | red << 16 | green << 8 | blue).ok()?);
            }
            Symbol::Seen(place) => self.add(*self.seen.get(place)?),
            Symbol::Copy { pixels, back, .. } => {
                for _ in 0..pixels {
                    self.add(*self.list.get(self.list.len().checked_sub(back)?)?);
                }
            }
        }
        Some(())
    }

    fn add(&mut self, argb: u32) {
        self.list.push(argb);
        if let Some(bits) = self.cache
            && let Some(seen) = self.seen.get_mut((argb.wrapping_mul(0x1E35_A7BD) >> (32 - bits)) as usize)
        {
            *seen = argb;
        }
    }
}
