//! A strict reader of the central directory. Nothing is repaired: a zip that two programs could read in two ways is
//! refused.

use flate2::{Decompress, FlushDecompress, Status};

use crate::budget::Budget;
use crate::words::ReasonCode;
use crate::work::Stop;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

/// One member, as the central directory and its local header agree on it.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// Name as it is stored.
    pub(crate) raw_name: &'a [u8],
    /// Bit 11: the name is UTF-8.
    pub(crate) utf8: bool,
    /// Extra field of the central directory.
    pub(crate) extra: &'a [u8],
    /// 0 stored, 8 deflate, 99 AES (the true method stands in the extra field).
    pub(crate) method: u16,
    /// Bit 0.
    pub(crate) encrypted: bool,
    /// Bit 3: sizes and CRC follow the data.
    pub(crate) streamed: bool,
    /// CRC-32 of the content.
    pub(crate) crc: u32,
    /// MS-DOS time, which ZipCrypto checks a password with.
    pub(crate) time: u16,
    /// Bytes of the content.
    pub(crate) size: u64,
    /// The stored bytes.
    pub(crate) packed: &'a [u8],
    /// External attributes, and the system that made them.
    attributes: u32,
    made_by: u8,
}

impl Entry<'_> {
    /// A folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.raw_name.ends_with(b"/") || (self.size == 0 && self.raw_name.ends_with(b"\\"))
    }

    /// A symbolic link or another thing that is no file (Unix modes).
    pub(crate) fn is_link(&self) -> bool {
        let kind = self.attributes >> 28;
        matches!(self.made_by, 3 | 19) && !matches!(kind, 0 | 4 | 8)
    }
}

/// An archive whose structure is right.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    /// Members in the order of the central directory.
    pub(crate) entries: Vec<Entry<'a>>,
}

fn broken() -> Stop {
    Stop::refused(ReasonCode::BrokenContainer)
}

/// Reads the structure, and refuses it unless every byte belongs to it exactly once.
pub(crate) fn open<'a>(bytes: &'a [u8], budget: &mut Budget) -> Result<Archive<'a>, Stop> {
    let end = end_record(bytes)?;
    budget.members(end.count)?;
    let mut at = end.start;
    let mut entries = Vec::with_capacity(end.count.min(10_000));
    let mut spans = Vec::with_capacity(entries.capacity());
    for _ in 0..end.count {
        budget.step(10)?;
        let (header, next) = central(bytes, at)?;
        at = next;
        let (entry, span) = local(bytes, header, end.start)?;
        entries.push(entry);
        spans.push(span);
    }
    if at != end.directory_end {
        return Err(broken());
    }
    contiguous(bytes, &mut spans, end.start)?;
    declared(&entries, budget)?;
    unique(&entries)?;
    Ok(Archive { entries })
}

/// Where the central directory is.
struct End {
    count: usize,
    start: usize,
    directory_end: usize,
}

fn end_record(bytes: &[u8]) -> Result<End, Stop> {
    let lowest = bytes.len().saturating_sub(22 + 0xffff);
    let highest = bytes.len().checked_sub(22).ok_or_else(broken)?;
    // The comment must reach to the last byte, so that nothing can follow the archive; an end of line can, which programs that
    // take files for text put there.
    let ends = |at: usize| matches!(bytes.get(at..), Some(b"" | b"\n" | b"\r\n"));
    let fits = |at: usize| {
        u32_at(bytes, at) == Some(END) && u16_at(bytes, at + 20).is_some_and(|n| ends(at + 22 + usize::from(n)))
    };
    let mut found = (lowest..=highest).rev().filter(|at| fits(*at));
    let at = found.next().ok_or_else(broken)?;
    if found.next().is_some() {
        return Err(Stop::refused(ReasonCode::Polyglot));
    }
    let read = || {
        let disks = (u16_at(bytes, at + 4)?, u16_at(bytes, at + 6)?);
        let counts = (u16_at(bytes, at + 8)?, u16_at(bytes, at + 10)?);
        Some((disks, counts, u32_at(bytes, at + 12)?, u32_at(bytes, at + 16)?))
    };
    let (disks, counts, size, start) = read().ok_or_else(broken)?;
    if let Some(end) = end64(bytes, at) {
        return end;
    }
    let (start, size) = (start as usize, size as usize);
    if disks != (0, 0) || counts.0 != counts.1 || start.checked_add(size) != Some(at) {
        return Err(broken());
    }
    Ok(End { count: usize::from(counts.0), start, directory_end: at })
}

/// The zip64 end record, when its locator stands before the end record.
fn end64(bytes: &[u8], end: usize) -> Option<Result<End, Stop>> {
    let locator = end.checked_sub(20)?;
    if u32_at(bytes, locator)? != LOCATOR64 {
        return None;
    }
    let read = || {
        let at = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        let length = usize::try_from(u64_at(bytes, at.checked_add(4)?)?).ok()?;
        let whole = u32_at(bytes, at)? == END64 && at.checked_add(12)?.checked_add(length)? == locator;
        let count = u64_at(bytes, at + 24)?;
        let (size, start) =
            (usize::try_from(u64_at(bytes, at + 40)?).ok()?, usize::try_from(u64_at(bytes, at + 48)?).ok()?);
        let agrees = whole && count == u64_at(bytes, at + 32)? && start.checked_add(size)? == at;
        agrees.then_some(End { count: usize::try_from(count).ok()?, start, directory_end: at })
    };
    Some(read().ok_or_else(broken))
}

/// What the central directory says about a member.
struct Header<'a> {
    flags: u16,
    entry: Entry<'a>,
    packed: u64,
    offset: u64,
}

fn central(bytes: &[u8], at: usize) -> Result<(Header<'_>, usize), Stop> {
    let read = || {
        if u32_at(bytes, at)? != CENTRAL {
            return None;
        }
        let length = |offset| u16_at(bytes, at + offset).map(usize::from);
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let raw_name = bytes.get(at + 46..at + 46 + name)?;
        let extra_start = at + 46 + name;
        let extra = bytes.get(extra_start..extra_start + extra)?;
        let next = extra_start + extra.len() + comment;
        bytes.get(..next)?;
        let flags = u16_at(bytes, at + 8)?;
        let (packed, size, offset) = (u32_at(bytes, at + 20)?, u32_at(bytes, at + 24)?, u32_at(bytes, at + 42)?);
        let (size, packed, offset) = wide(extra, size, packed, offset)?;
        let entry = Entry {
            raw_name,
            utf8: flags & 0x800 != 0,
            extra,
            method: u16_at(bytes, at + 10)?,
            encrypted: flags & 1 != 0,
            streamed: flags & 8 != 0,
            crc: u32_at(bytes, at + 16)?,
            time: u16_at(bytes, at + 12)?,
            size,
            packed: &[],
            attributes: u32_at(bytes, at + 38)?,
            made_by: *bytes.get(at + 5)?,
        };
        (u16_at(bytes, at + 34)? == 0).then_some((Header { flags, entry, packed, offset }, next))
    };
    read().ok_or_else(broken)
}

/// The 64-bit values that stand in the extra field 0x0001 for those that are all ones (in this order: APPNOTE 4.5.3).
fn wide(extra: &[u8], size: u32, packed: u32, offset: u32) -> Option<(u64, u64, u64)> {
    let field = extra_field(extra, 1).unwrap_or_default();
    let mut at = 0;
    let mut read = |value: u32| {
        if value != u32::MAX {
            return Some(u64::from(value));
        }
        let wide = u64_at(field, at);
        at += 8;
        wide
    };
    Some((read(size)?, read(packed)?, read(offset)?))
}

/// The data of one extra field.
pub(super) fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    loop {
        let (this, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let data = extra.get(4..4 + length)?;
        if this == id {
            return Some(data);
        }
        extra = extra.get(4 + length..)?;
    }
}

/// Reads the local header and holds it against the central one; gives the member and the bytes it covers.
fn local<'a>(bytes: &'a [u8], header: Header<'a>, limit: usize) -> Result<(Entry<'a>, (usize, usize)), Stop> {
    let read = || {
        let at = usize::try_from(header.offset).ok()?;
        let Header { flags, mut entry, packed, .. } = header;
        let name = usize::from(u16_at(bytes, at.checked_add(26)?)?);
        let extra = usize::from(u16_at(bytes, at + 28)?);
        let data = at + 30 + name + extra;
        let end = data.checked_add(usize::try_from(packed).ok()?)?;
        let agree = u32_at(bytes, at)? == LOCAL
            && bytes.get(at + 30..at + 30 + name)? == entry.raw_name
            && u16_at(bytes, at + 8)? == entry.method
            && (u16_at(bytes, at + 6)? ^ flags) & 0b0100_1001 == 0
            && (entry.streamed || local_sizes(bytes, at, name, extra)? == (entry.crc, packed, entry.size));
        let supported = flags & 0b0010_0000_0110_0000 == 0;
        entry.packed = bytes.get(data..end).filter(|_| agree && supported && end <= limit)?;
        Some((entry, (at, end)))
    };
    let (entry, (start, end)) = read().ok_or_else(broken)?;
    let end = if entry.streamed { end + descriptor(bytes, end, &entry).ok_or_else(broken)? } else { end };
    Ok((entry, (start, end)))
}

fn local_sizes(bytes: &[u8], at: usize, name: usize, extra: usize) -> Option<(u32, u64, u64)> {
    let extra = bytes.get(at + 30 + name..at + 30 + name + extra)?;
    let (size, packed, _) = wide(extra, u32_at(bytes, at + 22)?, u32_at(bytes, at + 18)?, 0)?;
    Some((u32_at(bytes, at + 14)?, packed, size))
}

/// The length of the data descriptor, whose values must be those of the central directory.
fn descriptor(bytes: &[u8], at: usize, entry: &Entry<'_>) -> Option<usize> {
    let signed = if u32_at(bytes, at)? == DESCRIPTOR { 4 } else { 0 };
    let at = at + signed;
    if u32_at(bytes, at)? != entry.crc {
        return None;
    }
    let packed = entry.packed.len() as u64;
    let narrow = u64::from(u32_at(bytes, at + 4)?) == packed && u64::from(u32_at(bytes, at + 8)?) == entry.size;
    if narrow {
        return Some(signed + 12);
    }
    (u64_at(bytes, at + 4)? == packed && u64_at(bytes, at + 12)? == entry.size).then_some(signed + 20)
}

/// The members must follow each other from the first byte to the central directory: no gap, no overlap.
fn contiguous(bytes: &[u8], spans: &mut [(usize, usize)], directory: usize) -> Result<(), Stop> {
    spans.sort_unstable();
    let mut due = 0;
    for (start, end) in spans {
        if *start > due {
            // A self-extracting stub, another file in front, or something hidden between members.
            return Err(Stop::refused(if due == 0 { ReasonCode::Polyglot } else { ReasonCode::BrokenContainer }));
        }
        if *start < due {
            return Err(Stop::refused(ReasonCode::DuplicateEntry));
        }
        due = *end;
    }
    let rest = bytes.get(due..directory).unwrap_or_default();
    if rest.is_empty() { Ok(()) } else { Err(broken()) }
}

/// Refuses a bomb by what it says about itself, before anything is inflated.
fn declared(entries: &[Entry<'_>], budget: &Budget) -> Result<(), Stop> {
    let mut total = 0_u64;
    for entry in entries {
        total = total.saturating_add(entry.size);
        if entry.size > budget.member_bytes(entry.packed.len()) as u64 && total <= budget.decode_left() as u64 {
            return Err(Stop::refused(ReasonCode::LimitRatio));
        }
    }
    if total > budget.decode_left() as u64 { Err(Stop::refused(ReasonCode::LimitBytes)) } else { Ok(()) }
}

fn unique(entries: &[Entry<'_>]) -> Result<(), Stop> {
    let mut names: Vec<_> = entries.iter().map(|entry| entry.raw_name).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
    if twice { Err(Stop::refused(ReasonCode::DuplicateEntry)) } else { Ok(()) }
}

/// The content of a member: exactly as many bytes as it says, with the right CRC.
pub(crate) fn inflate(entry: &Entry<'_>, data: &[u8], method: u16, budget: &mut Budget) -> Result<Vec<u8>, Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let size = usize::try_from(entry.size).map_err(|_| Stop::refused(ReasonCode::LimitBytes))?;
    if size > budget.member_bytes(data.len()) {
        return Err(Stop::refused(ReasonCode::LimitRatio));
    }
    budget.decode(size)?;
    budget.step(1 + size as u64 / 64)?;
    let bytes = match method {
        0 => data.to_vec(),
        8 => deflated(data, size).ok_or_else(damaged)?,
        _ => return Err(Stop::refused(ReasonCode::UnsupportedFeature)),
    };
    // AE-2 keeps no CRC; its authentication code was checked instead.
    let right = entry.crc == crc32fast::hash(&bytes) || (entry.method == 99 && entry.crc == 0);
    if bytes.len() == size && right { Ok(bytes) } else { Err(damaged()) }
}

/// Inflates to exactly `size` bytes with no input left over.
fn deflated(data: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(size + 1);
    let mut inflater = Decompress::new(false);
    let status = inflater.decompress_vec(data, &mut out, FlushDecompress::Finish).ok()?;
    let whole = status == Status::StreamEnd && inflater.total_in() == data.len() as u64;
    (whole && out.len() == size).then_some(out)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
