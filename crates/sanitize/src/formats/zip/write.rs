//! A zip from scratch: one way to write everything, so that the same members give the same bytes.

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::words::ReasonCode;
use crate::work::Stop;

/// 1 January 1980, 00:00: times are not carried.
const DATE: u16 = 0x0021;

/// Writes members one after the other.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Writer {
    /// Adds a member, deflated when that is smaller.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), Stop> {
        self.add_packed(name, &Packed::of(&[content])?)
    }

    /// Adds a member as it is.
    pub(crate) fn add_stored(&mut self, name: &str, content: &[u8]) -> Result<(), Stop> {
        self.add_packed(name, &Packed::stored(&[content])?)
    }

    /// Adds a member that is packed already.
    pub(crate) fn add_packed(&mut self, name: &str, content: &Packed) -> Result<(), Stop> {
        let too_large = || Stop::refused(ReasonCode::LimitBytes);
        let flags: u16 = if name.is_ascii() { 0 } else { 0x800 };
        let length = u16::try_from(name.len()).map_err(|_| too_large())?;
        let narrow = |length: usize| u32::try_from(length).map_err(|_| too_large());
        let (packed_length, offset) = (narrow(content.bytes.len())?, narrow(self.bytes.len())?);
        let mut shared = Vec::with_capacity(26);
        for value in [20, flags, content.method, 0, DATE] {
            shared.extend(value.to_le_bytes());
        }
        for value in [content.crc, packed_length, content.size] {
            shared.extend(value.to_le_bytes());
        }
        shared.extend(length.to_le_bytes());
        shared.extend([0, 0]);
        self.bytes.extend(0x0403_4b50_u32.to_le_bytes());
        self.bytes.extend(&shared);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(&content.bytes);
        self.directory.extend(0x0201_4b50_u32.to_le_bytes());
        self.directory.extend(20_u16.to_le_bytes());
        self.directory.extend(&shared);
        // Comment length, disk, internal and external attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.count = self.count.checked_add(1).ok_or_else(too_large)?;
        Ok(())
    }

    /// The archive.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Stop> {
        let too_large = |_| Stop::refused(ReasonCode::LimitBytes);
        let start = u32::try_from(self.bytes.len()).map_err(too_large)?;
        let size = u32::try_from(self.directory.len()).map_err(too_large)?;
        self.bytes.append(&mut self.directory);
        self.bytes.extend(0x0605_4b50_u32.to_le_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(size.to_le_bytes());
        self.bytes.extend(start.to_le_bytes());
        self.bytes.extend([0; 2]);
        Ok(self.bytes)
    }
}

/// The content of a member as it will stand in the archive, so that no content waits unpacked for the others.
#[derive(Debug)]
pub(crate) struct Packed {
    method: u16,
    crc: u32,
    size: u32,
    bytes: Vec<u8>,
}

impl Packed {
    /// Pieces that follow each other, deflated when that is smaller.
    pub(crate) fn of(pieces: &[&[u8]]) -> Result<Self, Stop> {
        let stored = Self::head(pieces)?;
        match deflate(pieces) {
            Some(bytes) if bytes.len() < stored.size as usize => Ok(Self { method: 8, bytes, ..stored }),
            _ => Ok(Self { bytes: pieces.concat(), ..stored }),
        }
    }

    /// Pieces that follow each other, as they are.
    fn stored(pieces: &[&[u8]]) -> Result<Self, Stop> {
        Ok(Self { bytes: pieces.concat(), ..Self::head(pieces)? })
    }

    fn head(pieces: &[&[u8]]) -> Result<Self, Stop> {
        let size = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let size = u32::try_from(size).map_err(|_| Stop::refused(ReasonCode::LimitBytes))?;
        let mut crc = crc32fast::Hasher::new();
        pieces.iter().for_each(|piece| crc.update(piece));
        Ok(Self { method: 0, crc: crc.finalize(), size, bytes: Vec::new() })
    }
}

/// Room that deflating takes at a time.
const ROOM: usize = 1 << 16;

fn deflate(pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut deflater = Compress::new(Compression::new(6), false);
    for (at, piece) in pieces.iter().enumerate() {
        let last = at + 1 == pieces.len();
        let flush = if last { FlushCompress::Finish } else { FlushCompress::None };
        let mut rest = *piece;
        loop {
            out.reserve(ROOM);
            let before = deflater.total_in();
            let status = deflater.compress_vec(rest, &mut out, flush).ok()?;
            rest = rest.get(usize::try_from(deflater.total_in() - before).ok()?..)?;
            if status == Status::StreamEnd || (!last && rest.is_empty()) {
                break;
            }
        }
    }
    Some(out)
}
