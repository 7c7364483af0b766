//! A zip from scratch: one way to write everything, so that the same members give the same bytes.

use flate2::{Compress, Compression, FlushCompress};

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
        match deflate(content) {
            Some(packed) if packed.len() < content.len() => self.put(name, content, 8, &packed),
            _ => self.put(name, content, 0, content),
        }
    }

    /// Adds a member as it is.
    pub(crate) fn add_stored(&mut self, name: &str, content: &[u8]) -> Result<(), Stop> {
        self.put(name, content, 0, content)
    }

    fn put(&mut self, name: &str, content: &[u8], method: u16, packed: &[u8]) -> Result<(), Stop> {
        let too_large = || Stop::refused(ReasonCode::LimitBytes);
        let flags: u16 = if name.is_ascii() { 0 } else { 0x800 };
        let length = u16::try_from(name.len()).map_err(|_| too_large())?;
        let narrow = |length: usize| u32::try_from(length).map_err(|_| too_large());
        let (packed_length, size, offset) = (narrow(packed.len())?, narrow(content.len())?, narrow(self.bytes.len())?);
        let mut shared = Vec::with_capacity(26);
        for value in [20, flags, method, 0, DATE] {
            shared.extend(value.to_le_bytes());
        }
        for value in [crc32fast::hash(content), packed_length, size] {
            shared.extend(value.to_le_bytes());
        }
        shared.extend(length.to_le_bytes());
        shared.extend([0, 0]);
        self.bytes.extend(0x0403_4b50_u32.to_le_bytes());
        self.bytes.extend(&shared);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);
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

fn deflate(content: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 1000 + 64);
    Compress::new(Compression::new(6), false).compress_vec(content, &mut out, FlushCompress::Finish).ok()?;
    Some(out)
}
