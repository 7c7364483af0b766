//! Compound files ([MS-CFB]), read strictly: enough to find a stream of the root storage. Nothing is written in this form.

use crate::budget::Budget;
use crate::words::ReasonCode;
use crate::work::Stop;

/// Sector numbers from here on mean something else than a sector.
const SPECIAL: u32 = 0xffff_fffa;
const END: u32 = 0xffff_fffe;
const NONE: u32 = 0xffff_ffff;

/// An opened compound file.
pub(crate) struct Ole<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    mini_cutoff: usize,
    entries: Vec<Entry>,
}

/// One entry of the directory.
#[derive(Debug, Clone, Default)]
struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: usize,
}

fn broken() -> Stop {
    Stop::refused(ReasonCode::BrokenContainer)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

impl<'a> Ole<'a> {
    /// Reads the structure.
    pub(crate) fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, Stop> {
        let number = |at| u32_at(bytes, at).ok_or_else(broken);
        let shift = u16_at(bytes, 30).ok_or_else(broken)?;
        if !bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
            || !matches!(shift, 9 | 12)
            || u16_at(bytes, 32) != Some(6)
        {
            return Err(broken());
        }
        let mut ole = Self {
            bytes,
            sector: 1 << shift,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini: Vec::new(),
            mini_cutoff: number(56)? as usize,
            entries: Vec::new(),
        };
        ole.fat = ole.allocation(budget)?;
        let directory = ole.chain(number(48)?, None, budget)?;
        ole.entries = directory.chunks_exact(128).map(entry).collect();
        budget.members(ole.entries.len())?;
        ole.mini_fat = words(&ole.chain(number(60)?, None, budget)?);
        let root = ole.entries.first().filter(|root| root.kind == 5).cloned().ok_or_else(broken)?;
        ole.mini = ole.chain(root.start, Some(root.size), budget)?;
        Ok(ole)
    }

    /// The sectors' table, over the list in the header and the sectors that continue it.
    fn allocation(&self, budget: &mut Budget) -> Result<Vec<u32>, Stop> {
        let count = self.bytes.len() / self.sector;
        let mut places: Vec<u32> = words(self.bytes.get(76..512).ok_or_else(broken)?);
        let mut next = u32_at(self.bytes, 68).ok_or_else(broken)?;
        let mut seen = 0;
        while next < SPECIAL {
            seen += 1;
            if seen > count {
                return Err(broken());
            }
            let mut more = words(self.one(next)?);
            next = more.pop().ok_or_else(broken)?;
            places.extend(more);
        }
        let mut fat = Vec::new();
        for place in places.into_iter().filter(|place| *place != NONE) {
            budget.step(16)?;
            fat.extend(words(self.one(place)?));
            if fat.len() > count + 2 * self.sector {
                return Err(broken());
            }
        }
        Ok(fat)
    }

    fn one(&self, sector: u32) -> Result<&'a [u8], Stop> {
        let at = (sector as usize).checked_add(1).and_then(|n| n.checked_mul(self.sector)).ok_or_else(broken)?;
        let rest = self.bytes.get(at..).unwrap_or_default();
        // The last sector may be cut short.
        if rest.is_empty() { Err(broken()) } else { Ok(rest.get(..self.sector).unwrap_or(rest)) }
    }

    /// A chain of sectors, cut to `size`.
    fn chain(&self, start: u32, size: Option<usize>, budget: &mut Budget) -> Result<Vec<u8>, Stop> {
        let mut out = Vec::new();
        let mut next = start;
        let mut seen = 0;
        while next < SPECIAL && size.is_none_or(|size| out.len() < size) {
            seen += 1;
            if seen > self.fat.len() {
                return Err(broken());
            }
            let sector = self.one(next)?;
            budget.decode(sector.len())?;
            budget.step(8)?;
            out.extend(sector);
            next = *self.fat.get(next as usize).ok_or_else(broken)?;
        }
        match size {
            Some(size) if out.len() < size => Err(broken()),
            Some(size) => {
                out.truncate(size);
                Ok(out)
            }
            None if next == END || (seen == 0 && next >= SPECIAL) => Ok(out),
            None => Err(broken()),
        }
    }

    /// The names in the root storage.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.root().into_iter().map(|entry| entry.name.as_str()).collect()
    }

    /// The entries of the root storage: a tree of siblings.
    fn root(&self) -> Vec<&Entry> {
        let mut out = Vec::new();
        let mut open: Vec<u32> = self.entries.first().map(|root| root.child).into_iter().collect();
        while let Some(at) = open.pop() {
            let Some(entry) = self.entries.get(at as usize).filter(|_| at < SPECIAL && out.len() <= self.entries.len())
            else {
                continue;
            };
            open.extend([entry.right, entry.left]);
            out.push(entry);
        }
        out
    }

    /// The content of a stream of the root storage.
    pub(crate) fn stream(&self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Stop> {
        let Some(entry) = self.root().into_iter().find(|entry| entry.kind == 2 && entry.name == name) else {
            return Ok(None);
        };
        if entry.size > budget.decode_left() {
            return Err(Stop::refused(ReasonCode::LimitBytes));
        }
        if entry.size >= self.mini_cutoff {
            return self.chain(entry.start, Some(entry.size), budget).map(Some);
        }
        let (mut out, mut next) = (Vec::new(), entry.start);
        while out.len() < entry.size {
            budget.step(1)?;
            let at = (next as usize).checked_mul(64).ok_or_else(broken)?;
            out.extend(self.mini.get(at..at + 64).ok_or_else(broken)?);
            next = *self.mini_fat.get(next as usize).ok_or_else(broken)?;
        }
        out.truncate(entry.size);
        Ok(Some(out))
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn entry(bytes: &[u8]) -> Entry {
    let number = |at| u32_at(bytes, at).unwrap_or(NONE);
    let length = usize::from(u16_at(bytes, 64).unwrap_or(0)).saturating_sub(2).min(62);
    let units = bytes.get(..length).unwrap_or_default().as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    Entry {
        name: char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect(),
        kind: bytes.get(66).copied().unwrap_or(0),
        left: number(68),
        right: number(72),
        child: number(76),
        start: number(116),
        size: number(120) as usize,
    }
}
