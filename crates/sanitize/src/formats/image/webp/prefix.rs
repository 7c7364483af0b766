//! Prefix codes of lossless WebP (RFC 9649, section 3.7): read when they are whole, and the best ones made anew for what is written.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Longest code, and longest code for the lengths of codes.
const LONGEST: usize = 15;
const LONGEST_OF_LENGTHS: usize = 7;
/// In which order the lengths of the codes for lengths stand.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// Bits that are looked up at once.
const FAST: usize = 8;

/// Reads bits, the lowest first.
#[derive(Debug, Clone)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    /// The next 32 bits or fewer; zeros behind the end.
    fn peek(&self) -> u64 {
        let rest = self.data.get(self.at / 8..).unwrap_or_default();
        let bytes = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            bytes
        });
        u64::from_le_bytes(bytes) >> (self.at % 8)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at += count;
        (self.at <= self.data.len() * 8).then_some(())
    }

    /// A number of so many bits.
    pub(super) fn number(&mut self, count: usize) -> Option<usize> {
        let number = self.peek() & ((1 << count) - 1);
        self.skip(count)?;
        usize::try_from(number).ok()
    }
}

/// Writes bits, the lowest first.
#[derive(Debug, Default)]
pub(super) struct Out {
    bytes: Vec<u8>,
    waiting: u64,
    count: usize,
}

impl Out {
    pub(super) fn put(&mut self, number: usize, count: usize) {
        self.waiting |= (number as u64) << self.count;
        self.count += count;
        while self.count >= 8 {
            let [byte, ..] = self.waiting.to_le_bytes();
            self.bytes.push(byte);
            self.waiting >>= 8;
            self.count -= 8;
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.put(0, (8 - self.count) % 8);
        self.bytes
    }
}

/// A code for reading.
#[derive(Debug)]
pub(super) struct Reading {
    /// Length and symbol by the next bits; length 255 where the code is longer.
    fast: Vec<(u8, u16)>,
    counts: [usize; LONGEST + 1],
    symbols: Vec<u16>,
}

impl Reading {
    /// From lengths; `None` unless they are those of a whole code, or of one symbol, which then takes no bits.
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; LONGEST + 1];
        for length in lengths {
            *counts.get_mut(usize::from(*length))? += 1;
        }
        counts[0] = 0;
        let mut symbols: Vec<u16> = Vec::new();
        for wanted in 1..=LONGEST {
            let of_length = lengths.iter().enumerate().filter(|(_, length)| usize::from(**length) == wanted);
            symbols.extend(of_length.filter_map(|(symbol, _)| u16::try_from(symbol).ok()));
        }
        if let [only] = symbols.as_slice() {
            let fast = vec![(0, *only); 1 << FAST];
            return Some(Self { fast, counts, symbols });
        }
        let space: usize = counts.iter().enumerate().map(|(length, count)| count << (LONGEST - length)).sum();
        (space == 1 << LONGEST).then_some(())?;
        let mut fast = vec![(u8::MAX, 0); 1 << FAST];
        for (symbol, (code, length)) in codes(lengths).into_iter().enumerate().filter(|(_, (_, l))| (1..=8).contains(l))
        {
            for slot in (usize::from(code)..1 << FAST).step_by(1 << length) {
                *fast.get_mut(slot)? = (length, u16::try_from(symbol).ok()?);
            }
        }
        Some(Self { fast, counts, symbols })
    }

    /// The next symbol.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<usize> {
        let next = bits.peek();
        let (length, symbol) = *self.fast.get(usize::try_from(next & 0xFF).ok()?)?;
        if length != u8::MAX {
            bits.skip(usize::from(length))?;
            return Some(usize::from(symbol));
        }
        let (mut code, mut first, mut before) = (0, 0, 0);
        for length in 1..=LONGEST {
            code = code << 1 | usize::try_from(next >> (length - 1) & 1).ok()?;
            let count = self.counts[length];
            if code < first + count {
                bits.skip(length)?;
                return self.symbols.get(before + code - first).map(|symbol| usize::from(*symbol));
            }
            before += count;
            first = (first + count) << 1;
        }
        None
    }

    /// Reads a code for an alphabet of so many symbols.
    pub(super) fn read(bits: &mut Bits<'_>, alphabet: usize) -> Option<Self> {
        let mut lengths = vec![0; alphabet];
        if bits.number(1)? == 1 {
            let two = bits.number(1)? == 1;
            let wide = bits.number(1)? == 1;
            let first = bits.number(if wide { 8 } else { 1 })?;
            *lengths.get_mut(first)? = 1;
            if two {
                *lengths.get_mut(bits.number(8)?)? = 1;
            }
            return Self::new(&lengths);
        }
        let mut of_lengths = [0; 19];
        let count = 4 + bits.number(4)?;
        for at in ORDER.iter().take(count) {
            *of_lengths.get_mut(*at)? = u8::try_from(bits.number(3)?).ok()?;
        }
        let of_lengths = Self::new(&of_lengths)?;
        let mut left = usize::MAX;
        if bits.number(1)? == 1 {
            let width = 2 + 2 * bits.number(3)?;
            left = 2 + bits.number(width)?;
        }
        let (mut at, mut last) = (0, 8);
        while at < alphabet && left > 0 {
            left -= 1;
            let (length, repeat) = match of_lengths.symbol(bits)? {
                16 => (last, 3 + bits.number(2)?),
                17 => (0, 3 + bits.number(3)?),
                18 => (0, 11 + bits.number(7)?),
                length => (u8::try_from(length).ok()?, 1),
            };
            lengths.get_mut(at..at + repeat)?.fill(length);
            at += repeat;
            if length > 0 {
                last = length;
            }
        }
        Self::new(&lengths)
    }
}

/// The codes of these lengths, each with its length, its first bit the lowest. One alone takes no bits.
fn codes(lengths: &[u8]) -> Vec<(u16, u8)> {
    let mut out = vec![(0, 0); lengths.len()];
    if lengths.iter().filter(|length| **length > 0).count() < 2 {
        return out;
    }
    let mut code = 0u16;
    for wanted in 1u8..=15 {
        for (to, _) in out.iter_mut().zip(lengths).filter(|(_, length)| **length == wanted) {
            *to = (code.reverse_bits() >> (16 - wanted), wanted);
            code = code.wrapping_add(1);
        }
        code <<= 1;
    }
    out
}

/// A code for writing.
#[derive(Debug)]
pub(super) struct Writing(Vec<(u16, u8)>);

impl Writing {
    /// Writes the best code for symbols that stand so often.
    pub(super) fn write(counts: &[u32], out: &mut Out) -> Self {
        let lengths = lengths(counts, LONGEST);
        let used: Vec<usize> = lengths.iter().enumerate().filter(|(_, l)| **l > 0).map(|(s, _)| s).collect();
        match used.as_slice() {
            [] => out.put(0b0001, 4),
            [only @ 0..=1] => out.put(0b0001 | only << 3, 4),
            [only @ 2..=255] => out.put(0b0101 | only << 3, 11),
            [first @ 0..=1, second @ 0..=255] => out.put(0b0011 | first << 3 | second << 4, 12),
            [first @ 2..=255, second @ 0..=255] => out.put(0b0111 | first << 3 | second << 11, 19),
            _ => Self::write_lengths(&lengths, out),
        }
        Self(codes(&lengths))
    }

    fn write_lengths(lengths: &[u8], out: &mut Out) {
        let words = words(lengths);
        let mut counts = [0; 19];
        for (word, _, _) in &words {
            if let Some(count) = counts.get_mut(*word) {
                *count += 1;
            }
        }
        let of_lengths = self::lengths(&counts, LONGEST_OF_LENGTHS);
        let named = ORDER.iter().rposition(|at| of_lengths.get(*at) != Some(&0)).map_or(4, |at| (at + 1).max(4));
        out.put(0, 1);
        out.put(named - 4, 4);
        for at in ORDER.iter().take(named) {
            out.put(of_lengths.get(*at).map_or(0, |length| usize::from(*length)), 3);
        }
        out.put(0, 1);
        let code = Self(codes(&of_lengths));
        for (word, more, bits) in words {
            code.put(word, out);
            out.put(more, bits);
        }
    }

    /// Writes a symbol.
    pub(super) fn put(&self, symbol: usize, out: &mut Out) {
        if let Some((code, length)) = self.0.get(symbol) {
            out.put(usize::from(*code), usize::from(*length));
        }
    }
}

/// Lengths in the words of section 3.7.2.1.2: a length, or a run, with how many more bits say how long it is.
fn words(lengths: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut words = Vec::new();
    let mut last = 8;
    for run in lengths.chunk_by(PartialEq::eq) {
        let (length, mut left) = (run.first().copied().unwrap_or(0), run.len());
        if length > 0 && length != last {
            words.push((usize::from(length), 0, 0));
            left -= 1;
            last = length;
        }
        while left > 0 {
            let (word, least, bits) = match (length, left) {
                (0, 11..) => (18, 11, 7),
                (0, 3..) => (17, 3, 3),
                (1.., 3..) => (16, 3, 2),
                _ => (usize::from(length), 1, 0),
            };
            let more = (left - least).min((1 << bits) - 1);
            words.push((word, more, bits));
            left -= least + more;
        }
    }
    words
}

/// Lengths of the best code without any longer than so many bits: rare symbols are taken for commoner until all fit.
fn lengths(counts: &[u32], longest: usize) -> Vec<u8> {
    let mut least = 1;
    loop {
        let lengths = unlimited(counts, least);
        if lengths.iter().all(|length| usize::from(*length) <= longest) {
            return lengths;
        }
        least *= 2;
    }
}

/// Huffman's lengths; of nodes that weigh the same the older goes first.
fn unlimited(counts: &[u32], least: u64) -> Vec<u8> {
    let used: Vec<usize> = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, _)| at).collect();
    let mut lengths = vec![0; counts.len()];
    let weight = |at: usize| counts.get(at).map_or(least, |count| u64::from(*count).max(least));
    let mut heap: BinaryHeap<Reverse<(u64, usize)>> =
        used.iter().enumerate().map(|(node, at)| Reverse((weight(*at), node))).collect();
    let mut parents: Vec<usize> = vec![0; used.len()];
    while let (Some(Reverse((one, first))), Some(Reverse((two, second)))) = (heap.pop(), heap.pop()) {
        let node = parents.len();
        for child in [first, second] {
            if let Some(parent) = parents.get_mut(child) {
                *parent = node;
            }
        }
        parents.push(node);
        heap.push(Reverse((one + two, node)));
    }
    // From the root down: a node is one deeper than its parent, and parents come after their children.
    let mut depths = vec![0u8; parents.len()];
    for at in (0..parents.len().saturating_sub(1)).rev() {
        let above = parents.get(at).and_then(|parent| depths.get(*parent)).copied().unwrap_or(0);
        if let Some(depth) = depths.get_mut(at) {
            *depth = above.saturating_add(1);
        }
    }
    for (symbol, depth) in used.iter().zip(&depths) {
        if let Some(length) = lengths.get_mut(*symbol) {
            *length = (*depth).max(1);
        }
    }
    lengths
}
