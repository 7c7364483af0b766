//! The grammar of a rebuilt zip: what our writer writes and nothing else, byte for byte.

use std::collections::BTreeSet;

use super::{Check, Violation};

/// A member of an accepted archive.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    /// Its path.
    pub(crate) name: &'a str,
    packed: &'a [u8],
    fields: Shared,
    start: usize,
}

impl Member<'_> {
    /// Its content, unpacked when it is looked at, so that no more than one stands in memory.
    pub(crate) fn content(&self) -> Result<Vec<u8>, Violation> {
        content(self.packed, &self.fields, self.start)
    }
}

/// Accepts an archive whose members are all rebuilt files.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let members = members(bytes, check)?;
    if members.is_empty() {
        return Err(Violation::new("", "no members"));
    }
    for member in members {
        let (folders, file) = member.name.rsplit_once('/').unwrap_or(("", member.name));
        for folder in folders.split('/').filter(|_| !folders.is_empty()) {
            if crate::names::clean_directory(folder, &check.policy.limits).as_deref() != Some(folder) {
                return Err(Violation::new(member.name, "a folder's name is not safe"));
            }
        }
        check.member(file, &member.content()?).map_err(|v| Violation::new(format!("{folders}/{}", v.place), v.why))?;
    }
    Ok(())
}

/// Reads a strict zip: members from the first byte on without gaps, then the directory in the same order, then the end.
pub(crate) fn members<'a>(bytes: &'a [u8], check: &mut Check<'_>) -> Result<Vec<Member<'a>>, Violation> {
    let mut cursor = Cursor { bytes, at: 0 };
    let mut locals: Vec<(usize, &[u8], &str)> = Vec::new();
    let mut members = Vec::new();
    let mut names = BTreeSet::new();
    while cursor.peek_u32()? == 0x0403_4b50 {
        let start = cursor.at;
        cursor.u32()?;
        let shared = cursor.take(26)?;
        let fields = Shared::read(shared, start)?;
        let name = std::str::from_utf8(cursor.take(fields.name)?).map_err(|_| cursor.bad("name is not UTF-8"))?;
        if name.is_ascii() == (fields.flags == 0x800) || !safe_path(name) {
            return Err(cursor.bad("name"));
        }
        if !names.insert(name.to_lowercase()) {
            return Err(cursor.bad("two members of one name"));
        }
        let packed = cursor.take(fields.packed)?;
        check.step(10 + fields.size as u64 / 16)?;
        members.push(Member { name, packed, fields, start });
        locals.push((start, shared, name));
    }
    let directory = cursor.at;
    for (offset, shared, name) in &locals {
        let expected = cursor.u32()? == 0x0201_4b50
            && cursor.take(2)? == [20, 0]
            && cursor.take(26)? == *shared
            && cursor.take(10)? == [0; 10]
            && cursor.u32()? as usize == *offset
            && cursor.take(name.len())? == name.as_bytes();
        if !expected {
            return Err(cursor.bad("the directory does not agree with the members"));
        }
    }
    let size = cursor.at - directory;
    let count = u16::try_from(locals.len()).map_err(|_| cursor.bad("too many members"))?.to_le_bytes();
    let end = cursor.u32()? == 0x0605_4b50
        && cursor.take(4)? == [0; 4]
        && cursor.take(2)? == count
        && cursor.take(2)? == count
        && cursor.u32()? as usize == size
        && cursor.u32()? as usize == directory
        && cursor.take(2)? == [0, 0];
    if end && cursor.at == bytes.len() { Ok(members) } else { Err(cursor.bad("the end")) }
}

/// Relative, forward slashes, no empty, `.` or `..` component, no control character.
fn safe_path(name: &str) -> bool {
    name.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !name.contains(['\\', ':'])
        && !name.contains(char::is_control)
}

#[derive(Debug)]
struct Shared {
    flags: u16,
    method: u16,
    crc: u32,
    packed: usize,
    size: usize,
    name: usize,
}

impl Shared {
    /// The 26 bytes that a local and a central header have in common.
    fn read(shared: &[u8], start: usize) -> Result<Self, Violation> {
        let mut cursor = Cursor { bytes: shared, at: 0 };
        let (version, flags, method) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
        let time = cursor.u32()?;
        let (crc, packed, size) = (cursor.u32()?, cursor.u32()? as usize, cursor.u32()? as usize);
        let (name, extra) = (usize::from(cursor.u16()?), cursor.u16()?);
        let right =
            version == 20 && matches!(flags, 0 | 0x800) && matches!(method, 0 | 8) && time == 0x0021_0000 && extra == 0;
        if right {
            Ok(Self { flags, method, crc, packed, size, name })
        } else {
            Err(Violation::new(format!("offset {start}"), "header fields"))
        }
    }
}

fn content(packed: &[u8], fields: &Shared, start: usize) -> Result<Vec<u8>, Violation> {
    let bad = |why: &str| Violation::new(format!("offset {start}"), why);
    let content = match fields.method {
        0 => packed.to_vec(),
        _ => inflate(packed, fields.size).ok_or_else(|| bad("deflate stream"))?,
    };
    if content.len() == fields.size && crc32fast::hash(&content) == fields.crc {
        Ok(content)
    } else {
        Err(bad("size or checksum"))
    }
}

/// Inflates to exactly `size` bytes, with every input byte used.
fn inflate(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
    let mut out = vec![0_u8; size];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, used, written) = decompress(&mut DecompressorOxide::new(), packed, &mut out, 0, flags);
    (status == TINFLStatus::Done && used == packed.len() && written == size).then_some(out)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn bad(&self, why: &str) -> Violation {
        Violation::new(format!("offset {}", self.at), why)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Violation> {
        let end = self.at.checked_add(count).ok_or_else(|| self.bad("length"))?;
        let taken = self.bytes.get(self.at..end).ok_or_else(|| self.bad("cut short"))?;
        self.at = end;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, Violation> {
        let taken = self.take(2)?;
        taken.try_into().map(u16::from_le_bytes).map_err(|_| self.bad("length"))
    }

    fn u32(&mut self) -> Result<u32, Violation> {
        let taken = self.take(4)?;
        taken.try_into().map(u32::from_le_bytes).map_err(|_| self.bad("length"))
    }

    fn peek_u32(&self) -> Result<u32, Violation> {
        Cursor { bytes: self.bytes, at: self.at }.u32()
    }
}
