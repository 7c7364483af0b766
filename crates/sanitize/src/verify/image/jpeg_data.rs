//! The entropy-coded data of a JPEG, block by block: every one of the frame is there, and nothing stands behind the last.

use super::super::Violation;
use super::Fields;

/// The frame: size, and of each component its number and sampling.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    width: usize,
    height: usize,
    parts: Vec<(u8, usize, usize)>,
}

/// What the segments before a scan said.
#[derive(Default)]
pub(super) struct Scan {
    frame: Frame,
    /// DC codes, then AC codes, two of each.
    codes: [Option<Codes>; 4],
    /// Components whose data has been there.
    seen: Vec<u8>,
}

/// Codes by their length: the first of it, how many, and where their symbols begin.
struct Codes {
    lengths: [(u64, u64, usize); 16],
    symbols: Vec<u8>,
    /// Length and symbol by the next eight bits; length 0 where the code is longer, or there is none.
    short: Vec<(u32, u8)>,
}

impl Frame {
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    pub(super) fn components(&self) -> usize {
        self.parts.len()
    }

    /// How many pixels share their colours, when only the first component has more samples than the others.
    pub(super) fn sampling(&self) -> Option<(usize, usize)> {
        let (first, others) = self.parts.split_first()?;
        others.iter().all(|(_, h, v)| (*h, *v) == (1, 1)).then_some((first.1, first.2))
    }

    fn most(&self) -> (usize, usize) {
        let most = |of: fn(&(u8, usize, usize)) -> usize| self.parts.iter().map(of).max().unwrap_or(1);
        (most(|part| part.1), most(|part| part.2))
    }
}

impl Scan {
    /// Takes the body of a frame; whether it is allowed.
    pub(super) fn frame(&mut self, body: &[u8]) -> bool {
        let &[8, h1, h0, w1, w0, count, ref parts @ ..] = body else { return false };
        let (width, height) = (usize::from(u16::from_be_bytes([w1, w0])), usize::from(u16::from_be_bytes([h1, h0])));
        let parts: Vec<_> = parts
            .chunks(3)
            .filter_map(|part| {
                let &[id, sampling, table] = part else { return None };
                (table < 4).then_some((id, usize::from(sampling >> 4), usize::from(sampling & 15)))
            })
            .collect();
        let fits = matches!(count, 1 | 3 | 4) && body.len() == 6 + usize::from(count) * 3 && width > 0 && height > 0;
        let sampled = parts.iter().all(|(_, h, v)| (1..=4).contains(h) && (1..=4).contains(v));
        let alone = count > 1 || parts.first().is_some_and(|(_, h, v)| (*h, *v) == (1, 1));
        let whole = parts.len() == usize::from(count);
        self.frame = Frame { width, height, parts };
        fits && sampled && alone && whole
    }

    pub(super) fn size(&self) -> (usize, usize) {
        self.frame.size()
    }

    pub(super) fn whole_frame(&self) -> Option<Frame> {
        (!self.frame.parts.is_empty()).then(|| self.frame.clone())
    }

    /// The frame, when the data of all its components has been there.
    pub(super) fn whole(&self) -> Option<&Frame> {
        (!self.seen.is_empty() && self.seen.len() == self.frame.parts.len()).then_some(&self.frame)
    }

    /// Takes a table of codes; whether it is allowed.
    pub(super) fn codes(&mut self, body: &[u8]) -> bool {
        let Some((kind, rest)) = body.split_first() else { return false };
        let Some((counts, symbols)) = rest.split_first_chunk::<16>() else { return false };
        let place = usize::from(kind >> 4) * 2 + usize::from(kind & 15);
        let mut lengths = [(0, 0, 0); 16];
        let mut short = vec![(0, 0); 256];
        let (mut code, mut at) = (0_usize, 0_usize);
        for (length, (count, slot)) in (1_u32..).zip(counts.iter().zip(&mut lengths)) {
            let count = usize::from(*count);
            if code + count > 1 << length {
                return false;
            }
            *slot = (code as u64, count as u64, at);
            for symbol in symbols.get(at..at + count).unwrap_or_default() {
                if length <= 8 {
                    let first = code << (8 - length);
                    short.iter_mut().skip(first).take(1 << (8 - length)).for_each(|to| *to = (length, *symbol));
                }
                code += 1;
            }
            at += count;
            code <<= 1;
        }
        let fits = kind & 0xEE == 0 && at == symbols.len() && self.codes.get(place).is_some_and(Option::is_none);
        if let (true, Some(slot)) = (fits, self.codes.get_mut(place)) {
            *slot = Some(Codes { lengths, symbols: symbols.to_vec(), short });
        }
        fits
    }

    /// Goes through the data of a scan; how many bytes it has.
    pub(super) fn data(&mut self, header: &[u8], data: &[u8]) -> Result<usize, Violation> {
        let wrong = || Violation::new("scan", "a scan that is not allowed");
        let (count, rest) = header.split_first().ok_or_else(wrong)?;
        let (pairs, tail) = rest.split_at_checked(usize::from(*count) * 2).ok_or_else(wrong)?;
        let mut parts = Vec::new();
        for &[id, tables] in pairs.as_chunks::<2>().0 {
            let part = self.frame.parts.iter().position(|(other, _, _)| *other == id).ok_or_else(wrong)?;
            if self.seen.contains(&id) || tables & 0xEE != 0 {
                return Err(wrong());
            }
            self.seen.push(id);
            let codes = |at: u8| self.codes.get(usize::from(at)).and_then(Option::as_ref).ok_or_else(wrong);
            parts.push((part, codes(tables >> 4)?, codes(2 + (tables & 15))?));
        }
        if tail != [0, 63, 0] || parts.is_empty() {
            return Err(wrong());
        }
        let mut bits = Bits { fields: Fields::new(data), held: 0, count: 0 };
        let (most_h, most_v) = self.frame.most();
        let alone = parts.len() == 1;
        let (mut across, mut down) = (self.frame.width.div_ceil(8 * most_h), self.frame.height.div_ceil(8 * most_v));
        if let (true, Some((_, h, v))) = (alone, parts.first().and_then(|part| self.frame.parts.get(part.0))) {
            across = (self.frame.width * h).div_ceil(most_h).div_ceil(8);
            down = (self.frame.height * v).div_ceil(most_v).div_ceil(8);
        }
        let blocks = |part: usize| self.frame.parts.get(part).map_or(0, |(_, h, v)| if alone { 1 } else { h * v });
        for _ in 0..across * down {
            for (part, dc, ac) in &parts {
                for _ in 0..blocks(*part) {
                    bits.block(dc, ac)?;
                }
            }
        }
        bits.end()
    }
}

/// Bits of the data, the highest first; FF stands only before 00.
struct Bits<'a> {
    fields: Fields<'a>,
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// Takes bytes in until there are enough bits for anything, or a marker comes.
    fn fill(&mut self) {
        while self.count <= 48 {
            let rest = self.fields.bytes.get(self.fields.at..).unwrap_or_default();
            let (byte, length) = match rest {
                [0xFF, 0, ..] => (0xFF, 2),
                [0xFF, ..] | [] => return,
                [byte, ..] => (*byte, 1),
            };
            self.fields.at += length;
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits, with zeros behind the end.
    fn peek(&mut self, wanted: u32) -> u64 {
        if self.count < wanted {
            self.fill();
        }
        let mask = (1 << wanted) - 1;
        if self.count < wanted {
            self.held << (wanted - self.count) & mask
        } else {
            self.held >> (self.count - wanted) & mask
        }
    }

    fn skip(&mut self, bits: u32) -> Result<(), Violation> {
        self.count = self.count.checked_sub(bits).ok_or_else(|| self.fields.wrong("data that ends too early"))?;
        Ok(())
    }

    fn symbol(&mut self, codes: &Codes) -> Result<u8, Violation> {
        let next = self.peek(16);
        if let Some((length @ 1.., symbol)) =
            usize::try_from(next >> 8).ok().and_then(|at| codes.short.get(at).copied())
        {
            self.skip(length)?;
            return Ok(symbol);
        }
        for (length, (first, count, at)) in (1..).zip(codes.lengths) {
            let place = (next >> (16 - length)).checked_sub(first).filter(|place| *place < count);
            if let Some(place) = place.and_then(|place| usize::try_from(place).ok()) {
                self.skip(length)?;
                return codes.symbols.get(at + place).copied().ok_or_else(|| self.fields.wrong("no symbol"));
            }
        }
        Err(self.fields.wrong("a code that is not in the table"))
    }

    /// Further bits of a value.
    fn more(&mut self, bits: u32) -> Result<(), Violation> {
        self.peek(bits);
        self.skip(bits)
    }

    /// One block (ITU-T T.81, F.2.2).
    fn block(&mut self, dc: &Codes, ac: &Codes) -> Result<(), Violation> {
        let size = self.symbol(dc)?;
        if size > 11 {
            return Err(self.fields.wrong("a value beyond all bounds"));
        }
        self.more(u32::from(size))?;
        let mut at = 1;
        while at < 64 {
            let symbol = self.symbol(ac)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            match (run, size) {
                (15, 0) => at += 16,
                (0, 0) => return Ok(()),
                (_, 1..=11) => at += run + 1,
                _ => return Err(self.fields.wrong("a symbol that is not allowed")),
            }
            if at > 64 {
                return Err(self.fields.wrong("more than a block holds"));
            }
            self.more(size)?;
        }
        Ok(())
    }

    /// The rest of the last byte is ones.
    fn end(&self) -> Result<usize, Violation> {
        let rest = (1 << self.count) - 1;
        if self.count >= 8 || self.held & rest != rest {
            return Err(self.fields.wrong("bits after the last block"));
        }
        Ok(self.fields.at)
    }
}
