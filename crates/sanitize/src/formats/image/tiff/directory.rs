//! Directories of a TIFF: the tags of each page and what they hold, in the classic form and in BigTIFF.

use crate::formats::image::{FRAMES, damaged};
use crate::work::{Stop, Work};

/// A file, its order of bytes and the width of its offsets.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether numbers stand with their highest byte first.
    pub(super) high_first: bool,
    /// Offsets and counts have eight bytes.
    wide: bool,
}

/// One entry of a directory.
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    /// Where its values stand.
    at: usize,
}

/// The tags of one page.
pub(super) struct Directory<'a> {
    file: File<'a>,
    entries: Vec<Entry>,
}

/// Bytes of a value of this type (TIFF 6.0, section 2, and BigTIFF's three).
fn size_of(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
        _ => None,
    }
}

impl<'a> File<'a> {
    /// Reads the header; gives the file and where its first directory stands.
    fn open(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let high_first = bytes.starts_with(b"MM");
        let mut file = Self { bytes, high_first, wide: false };
        match file.number(2, 2)? {
            42 => {}
            43 if file.number(4, 2)? == 8 => file.wide = true,
            _ => return None,
        }
        let first = file.position(if file.wide { 8 } else { 4 })?;
        Some((file, first))
    }

    /// A number of so many bytes.
    fn number(&self, at: usize, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(if self.high_first { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    /// A number of the file's own width, as a position or a count.
    fn position(&self, at: usize) -> Option<usize> {
        usize::try_from(self.number(at, if self.wide { 8 } else { 4 })?).ok()
    }

    /// One directory, and where the next one stands.
    fn directory(self, at: usize) -> Option<(Directory<'a>, usize)> {
        let (head, width, word) = if self.wide { (8, 20, 8) } else { (2, 12, 4) };
        let count = usize::try_from(self.number(at, head)?).ok().filter(|count| *count <= usize::from(u16::MAX))?;
        let first = at.checked_add(head)?;
        let entry = |n: usize| {
            let at = first + n * width;
            let (kind, count) = (u16::try_from(self.number(at + 2, 2)?).ok()?, self.position(at + 4)?);
            let value = at + 4 + word;
            let outside = size_of(kind).is_some_and(|size| size.saturating_mul(count) > word);
            let at = if outside { self.position(value)? } else { value };
            Some(Entry { tag: u16::try_from(self.number(first + n * width, 2)?).ok()?, kind, count, at })
        };
        let entries = (0..count).map(entry).collect::<Option<Vec<_>>>()?;
        let next = self.position(first + count * width)?;
        Some((Directory { file: self, entries }, next))
    }

    /// A fraction as it stands: over, under.
    fn fraction(&self, at: usize) -> Option<[u32; 2]> {
        Some([u32::try_from(self.number(at, 4)?).ok()?, u32::try_from(self.number(at + 4, 4)?).ok()?])
    }
}

/// The directories of all pages in their order.
pub(super) fn directories<'a>(bytes: &'a [u8], work: &mut Work<'_>) -> Result<Vec<Directory<'a>>, Stop> {
    let (file, mut next) = File::open(bytes).ok_or_else(damaged)?;
    let (mut all, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    while next != 0 {
        if !seen.insert(next) || all.len() > FRAMES {
            return Err(damaged());
        }
        let (directory, following) = file.directory(next).ok_or_else(damaged)?;
        work.budget.step(1 + directory.entries.len() as u64)?;
        all.push(directory);
        next = following;
    }
    Ok(all)
}

impl<'a> Directory<'a> {
    pub(super) fn file(&self) -> File<'a> {
        self.file
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = u16> {
        self.entries.iter().map(|entry| entry.tag)
    }

    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// All numbers of a tag; `None` when it is not there, holds no numbers, or reaches over the end of the file.
    pub(super) fn numbers(&self, tag: u16) -> Option<Vec<u64>> {
        let entry = self.entry(tag).filter(|entry| matches!(entry.kind, 1 | 3 | 4 | 13 | 16 | 18))?;
        let size = size_of(entry.kind)?;
        let end = entry.at.checked_add(entry.count.checked_mul(size)?)?;
        self.file.bytes.get(entry.at..end)?;
        (0..entry.count).map(|n| self.file.number(entry.at + n * size, size)).collect()
    }

    /// The first number of a tag.
    pub(super) fn number(&self, tag: u16) -> Option<usize> {
        usize::try_from(*self.numbers(tag)?.first()?).ok()
    }

    /// The bytes of a tag.
    pub(super) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.entry(tag).filter(|entry| matches!(entry.kind, 1 | 7))?;
        self.file.bytes.get(entry.at..entry.at.checked_add(entry.count)?)
    }

    /// The fractions of a tag; whole numbers are such.
    pub(super) fn fractions(&self, tag: u16) -> Option<Vec<[u32; 2]>> {
        if let Some(numbers) = self.numbers(tag).filter(|numbers| numbers.len() <= 16) {
            return numbers.into_iter().map(|number| Some([u32::try_from(number).ok()?, 1])).collect();
        }
        let entry = self.entry(tag).filter(|entry| entry.kind == 5 && entry.count <= 16)?;
        (0..entry.count).map(|n| self.file.fraction(entry.at + n * 8)).collect()
    }
}
