//! 7z (LZMA, LZMA2, PPMd, BZip2, AES-256 with encrypted names too), which leaves as zip.

use std::io::{Cursor, Read};

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password as Key};

use super::zip::Members;
use crate::format::Format;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// KiB that one dictionary or model may take: 7-Zip's strongest setting needs 64 MiB.
const MEMORY: usize = 68 << 10;
/// Bytes of the header in front, and where it says where the header at the end stands.
const START: u64 = 32;
/// Work of trying one password: 2^19 rounds of SHA-256.
const KEY_STEPS: u64 = 500_000;

/// Rebuilds an archive as a zip of its sanitised files.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    whole(source.bytes)?;
    match attempt(source.bytes, &Key::empty(), false, work)? {
        Attempt::Done(draft) => return Ok(draft),
        Attempt::NeedsPassword => {}
    }
    for password in &work.passwords.clone() {
        work.budget.step(KEY_STEPS)?;
        if let Attempt::Done(mut draft) = attempt(source.bytes, &Key::new(password.text()), true, work)? {
            draft.findings.noted(What::Decrypted, "");
            return Ok(draft);
        }
    }
    Err(Stop::held(ReasonCode::PasswordNeeded))
}

/// The header at the end must end with the last byte: nothing follows the archive, and it was not cut.
fn whole(bytes: &[u8]) -> Result<(), Stop> {
    let number = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
    let end = number(12).zip(number(20)).and_then(|(offset, size)| START.checked_add(offset)?.checked_add(size));
    if end == Some(bytes.len() as u64) { Ok(()) } else { Err(Stop::refused(ReasonCode::BrokenContainer)) }
}

enum Attempt {
    Done(Draft),
    NeedsPassword,
}

/// Reads the archive with one key.
fn attempt(bytes: &[u8], key: &Key, typed: bool, work: &mut Work<'_>) -> Result<Attempt, Stop> {
    work.budget.step(1 + bytes.len() as u64 / 64)?;
    let archive = match Archive::read_with_memory_limit(&mut Cursor::new(bytes), key, MEMORY) {
        Ok(archive) => archive,
        Err(Error::PasswordRequired | Error::MaybeBadPassword(_)) => return Ok(Attempt::NeedsPassword),
        // A header that a wrong key opened is no header.
        Err(_) if typed => return Ok(Attempt::NeedsPassword),
        Err(error) => return Err(stop(&error)),
    };
    let encrypted = (0..archive.files.len()).any(|at| archive.is_file_encrypted(at));
    if encrypted && !typed {
        return Ok(Attempt::NeedsPassword);
    }
    admit(&archive, bytes.len(), work)?;
    let mut reading = Reading {
        work,
        draft: Draft { format: Some(Format::Zip), ..Draft::default() },
        members: Members::default(),
        stop: None,
    };
    let mut source = Cursor::new(bytes);
    for block in 0..archive.blocks.len() {
        let decoder = BlockDecoder::new_with_memory_limit(1, MEMORY, block, &archive, key, &mut source);
        let result = decoder.for_each_entries(&mut |entry, reader| Ok(reading.take(entry, reader)));
        let failed = match (reading.stop.take(), result) {
            (Some(stop), _) => stop,
            (None, Err(error)) => stop(&error),
            (None, Ok(_)) => continue,
        };
        let first = reading.members.is_empty();
        let fits_not = matches!(failed, Stop::Refused(ReasonCode::Damaged)) && encrypted && first;
        return if fits_not { Ok(Attempt::NeedsPassword) } else { Err(failed) };
    }
    for entry in archive.files.iter().filter(|entry| !entry.has_stream) {
        reading.take(entry, &mut std::io::empty());
        if let Some(stop) = reading.stop.take() {
            return Err(stop);
        }
    }
    let Reading { mut draft, members, .. } = reading;
    draft.bytes = members.finish()?;
    Ok(Attempt::Done(draft))
}

/// Refuses a bomb by what it says about itself, before anything is decompressed.
fn admit(archive: &Archive, packed: usize, work: &mut Work<'_>) -> Result<(), Stop> {
    work.budget.members(archive.files.len())?;
    let declared = archive.files.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
    let blocks = archive.blocks.iter().fold(0_u64, |sum, block| sum.saturating_add(block.get_unpack_size()));
    let total = declared.max(blocks);
    if total > work.budget.decode_left() as u64 {
        return Err(Stop::refused(ReasonCode::LimitBytes));
    }
    if total > work.budget.member_bytes(packed) as u64 {
        return Err(Stop::refused(ReasonCode::LimitRatio));
    }
    Ok(())
}

fn stop(error: &Error) -> Stop {
    Stop::refused(match error {
        Error::MaxMemLimited { .. } => ReasonCode::WorkerMemory,
        Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) | Error::UnsupportedVersion { .. } => {
            ReasonCode::UnsupportedFeature
        }
        Error::BadSignature(_) | Error::BadTerminatedHeader(_) | Error::NextHeaderCrcMismatch => {
            ReasonCode::BrokenContainer
        }
        _ => ReasonCode::Damaged,
    })
}

struct Reading<'a, 'b> {
    work: &'a mut Work<'b>,
    draft: Draft,
    members: Members,
    stop: Option<Stop>,
}

impl Reading<'_, '_> {
    /// Takes one entry over; false to end.
    fn take(&mut self, entry: &ArchiveEntry, reader: &mut dyn Read) -> bool {
        match self.member(entry, reader) {
            Ok(()) => true,
            Err(stop) => {
                self.stop = Some(stop);
                false
            }
        }
    }

    fn member(&mut self, entry: &ArchiveEntry, reader: &mut dyn Read) -> Result<(), Stop> {
        if entry.is_directory || entry.is_anti_item {
            return Ok(());
        }
        let size = usize::try_from(entry.size).map_err(|_| Stop::refused(ReasonCode::LimitBytes))?;
        self.work.budget.decode(size)?;
        self.work.budget.step(1 + size as u64 / 16)?;
        let mut content = Vec::new();
        reader.take(size as u64 + 1).read_to_end(&mut content).map_err(|_| Stop::refused(ReasonCode::Damaged))?;
        let right = !entry.has_crc || u64::from(crc32fast::hash(&content)) == entry.crc;
        if content.len() != size || !right {
            return Err(Stop::refused(ReasonCode::Damaged));
        }
        self.members.add(&entry.name, is_link(entry), &content, self.work, &mut self.draft)
    }
}

/// A symbolic link by its Unix mode, or a reparse point of Windows.
fn is_link(entry: &ArchiveEntry) -> bool {
    let attributes = if entry.has_windows_attributes { entry.windows_attributes } else { 0 };
    let unix = attributes & 0x8000 != 0 && !matches!(attributes >> 28, 0 | 4 | 8);
    unix || attributes & 0x400 != 0
}
