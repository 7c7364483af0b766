//! Huffman tables of JPEG: reading codes, and making the best table for what is to be written (ITU-T T.81, annexes C, F, K).

use super::Damage;

/// Bits that are looked up at once.
const FAST: u32 = 9;

/// A table for reading.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    fast: Vec<(u8, u8)>,
    /// For each length: the first code, how many codes, and where their symbols start.
    lengths: [(u32, u32, usize); 17],
    symbols: Vec<u8>,
}

impl Decoder {
    /// From the counts by length and the symbols of a DHT segment.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, Damage> {
        let mut fast = vec![(0, 0); 1 << FAST];
        let mut lengths = [(0, 0, 0); 17];
        let (mut code, mut start) = (0u32, 0usize);
        for (length, &count) in (1u32..).zip(counts) {
            let count = u32::from(count);
            if code + count > 1 << length {
                return Err(Damage);
            }
            if let Some(slot) = lengths.get_mut(length as usize) {
                *slot = (code, count, start);
            }
            for (n, &symbol) in (code..code + count).zip(symbols.get(start..).ok_or(Damage)?) {
                if length <= FAST {
                    let first = (n << (FAST - length)) as usize;
                    let last = ((n + 1) << (FAST - length)) as usize;
                    let length = u8::try_from(length).map_err(|_| Damage)?;
                    fast.get_mut(first..last).ok_or(Damage)?.fill((length, symbol));
                }
            }
            start += count as usize;
            code = (code + count) << 1;
        }
        Ok(Self { fast, lengths, symbols: symbols.get(..start).ok_or(Damage)?.to_vec() })
    }

    /// The symbol at the start of 16 bits, and how long its code is.
    pub(super) fn symbol(&self, bits: u32) -> Result<(u32, u8), Damage> {
        let &(length, symbol) = self.fast.get((bits >> (16 - FAST)) as usize).ok_or(Damage)?;
        if length > 0 {
            return Ok((u32::from(length), symbol));
        }
        for length in FAST + 1..=16 {
            let &(first, count, start) = self.lengths.get(length as usize).ok_or(Damage)?;
            let code = bits >> (16 - length);
            if code >= first && code - first < count {
                let symbol = self.symbols.get(start + (code - first) as usize).ok_or(Damage)?;
                return Ok((length, *symbol));
            }
        }
        Err(Damage)
    }
}

/// A table for writing.
#[derive(Debug, Clone)]
pub(super) struct Encoder {
    /// Counts by length, as a DHT segment holds them.
    pub(super) counts: [u8; 16],
    /// Symbols by length.
    pub(super) symbols: Vec<u8>,
    codes: [(u32, u32); 256],
}

impl Encoder {
    /// The best table for these frequencies (annex K.2): no code of ones only, none longer than 16.
    pub(super) fn best(frequencies: &[u32; 256]) -> Self {
        let mut sizes = code_sizes(frequencies);
        limit_to_16(&mut sizes.by_length);
        let mut counts = [0u8; 16];
        for (count, &n) in counts.iter_mut().zip(sizes.by_length.iter().skip(1)) {
            *count = u8::try_from(n).unwrap_or(u8::MAX);
        }
        let mut encoder = Self { counts, symbols: sizes.symbols, codes: [(0, 0); 256] };
        encoder.assign();
        encoder
    }

    fn assign(&mut self) {
        let (mut code, mut next) = (0u32, self.symbols.iter());
        for (length, &count) in (1u32..).zip(&self.counts) {
            for _ in 0..count {
                let Some(&symbol) = next.next() else { return };
                self.codes[usize::from(symbol)] = (code, length);
                code += 1;
            }
            code <<= 1;
        }
    }

    /// The code of a symbol and its length.
    pub(super) fn code(&self, symbol: u8) -> (u32, u32) {
        self.codes[usize::from(symbol)]
    }
}

struct Sizes {
    by_length: [u32; 258],
    symbols: Vec<u8>,
}

/// Lengths of the codes (figures K.1 and K.2); symbol 256 is reserved so that no code is all ones.
fn code_sizes(frequencies: &[u32; 256]) -> Sizes {
    let mut weight = [0u64; 257];
    for (to, &from) in weight.iter_mut().zip(frequencies) {
        *to = u64::from(from);
    }
    weight[256] = 1;
    let mut size = [0usize; 257];
    let mut other: [Option<usize>; 257] = [None; 257];
    while let Some(first) = least(&weight, None) {
        let Some(second) = least(&weight, Some(first)) else { break };
        weight[first] += weight[second];
        weight[second] = 0;
        let mut at = first;
        size[at] += 1;
        while let Some(next) = other[at] {
            at = next;
            size[at] += 1;
        }
        other[at] = Some(second);
        at = second;
        size[at] += 1;
        while let Some(next) = other[at] {
            at = next;
            size[at] += 1;
        }
    }
    let mut by_length = [0u32; 258];
    for &length in size.iter().filter(|length| **length > 0) {
        by_length[length] += 1;
    }
    let mut order: Vec<(usize, u8)> =
        size.iter().zip(0u8..=255).filter(|(length, _)| **length > 0).map(|(l, s)| (*l, s)).collect();
    order.sort();
    Sizes { by_length, symbols: order.into_iter().map(|(_, symbol)| symbol).collect() }
}

fn least(weight: &[u64; 257], but: Option<usize>) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (at, &w) in weight.iter().enumerate() {
        if w > 0 && Some(at) != but && best.is_none_or(|b| w <= weight[b]) {
            best = Some(at);
        }
    }
    best
}

/// Figure K.3, and the reserved code taken out.
fn limit_to_16(by_length: &mut [u32; 258]) {
    for length in (17..by_length.len()).rev() {
        while by_length[length] > 0 {
            let mut shorter = length - 2;
            while by_length[shorter] == 0 {
                shorter -= 1;
            }
            by_length[length] -= 2;
            by_length[length - 1] += 1;
            by_length[shorter + 1] += 2;
            by_length[shorter] -= 1;
        }
    }
    if let Some(longest) = (1..=16).rev().find(|length| by_length[*length] > 0) {
        by_length[longest] -= 1;
    }
}
