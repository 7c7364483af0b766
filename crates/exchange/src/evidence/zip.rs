//! The zip that evidence leaves in: entries stored as they are, without compression, in one fixed form, so that the same entries
//! always make the same bytes and reading needs no unpacking.

/// The signature of a local header (APPNOTE.TXT 4.3.7).
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// Version 2.0; names are UTF-8 (flag 11); stored; 1980-01-01 00:00, because times would make two exports differ.
const FIXED: [u8; 10] = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
/// Bytes of a local header before the name.
const LOCAL_BYTES: usize = 30;

/// A zip being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    central: Vec<u8>,
    count: u16,
}

/// The writer's limits were passed: 65,535 entries, or 4 GB in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Writer {
    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), TooLarge> {
        let offset = u32::try_from(self.out.len()).map_err(|_| TooLarge)?;
        let size = u32::try_from(bytes.len()).map_err(|_| TooLarge)?;
        let length = u16::try_from(name.len()).map_err(|_| TooLarge)?;
        self.count = self.count.checked_add(1).ok_or(TooLarge)?;
        let mut head = FIXED.to_vec();
        head.extend(crc32fast::hash(bytes).to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend([0, 0]);
        self.out.extend(LOCAL);
        self.out.extend(&head);
        self.out.extend(name.as_bytes());
        self.out.extend(bytes);
        self.central.extend(CENTRAL);
        self.central.extend([20, 0]);
        self.central.extend(&head);
        // No comment, first disk, no attributes.
        self.central.extend([0; 10]);
        self.central.extend(offset.to_le_bytes());
        self.central.extend(name.as_bytes());
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, TooLarge> {
        let offset = u32::try_from(self.out.len()).map_err(|_| TooLarge)?;
        let size = u32::try_from(self.central.len()).map_err(|_| TooLarge)?;
        self.out.append(&mut self.central);
        self.out.extend(END);
        self.out.extend([0; 4]);
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(size.to_le_bytes());
        self.out.extend(offset.to_le_bytes());
        self.out.extend([0, 0]);
        Ok(self.out)
    }
}

/// The entries of a zip that [`Writer`] wrote, as far as they can be read, and the name of the first entry at or after which the
/// bytes are not as they were written.
pub(super) fn read(bytes: &[u8]) -> (Vec<(String, &[u8])>, Option<String>) {
    let (mut entries, mut ends, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some((name, data, next)) = entry(bytes, at) {
        entries.push((name, data));
        ends.push(next);
        at = next;
    }
    let mut again = Writer::default();
    let written = entries.iter().try_for_each(|(name, data)| again.add(name, data)).and_then(|()| again.finish());
    let written = written.unwrap_or_default();
    if written == bytes {
        return (entries, None);
    }
    let first = written.iter().zip(bytes).position(|(a, b)| a != b).unwrap_or(written.len().min(bytes.len()));
    let place = ends.iter().position(|end| first < *end).unwrap_or(entries.len().saturating_sub(1));
    let name = entries.get(place).map(|(name, _)| name.clone()).unwrap_or_default();
    (entries, Some(name))
}

/// The entry whose local header begins here: its name, its bytes, and where the next begins.
fn entry(bytes: &[u8], at: usize) -> Option<(String, &[u8], usize)> {
    let head = bytes.get(at..at.checked_add(LOCAL_BYTES)?)?;
    if !head.starts_with(&LOCAL) {
        return None;
    }
    let size = u32::from_le_bytes(head.get(18..22)?.try_into().ok()?);
    let length = u16::from_le_bytes(head.get(26..28)?.try_into().ok()?);
    let name_end = at + LOCAL_BYTES + usize::from(length);
    let end = name_end.checked_add(usize::try_from(size).ok()?)?;
    let name = std::str::from_utf8(bytes.get(at + LOCAL_BYTES..name_end)?).ok()?;
    Some((name.to_owned(), bytes.get(name_end..end)?, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Vec<u8> {
        let mut zip = Writer::default();
        zip.add("一.txt", "内容".as_bytes()).unwrap();
        zip.add("folder/two.txt", b"2").unwrap();
        zip.add("empty", b"").unwrap();
        zip.finish().unwrap()
    }

    #[test]
    fn entries_come_back_as_they_were() {
        let bytes = made();
        let (entries, wrong) = read(&bytes);
        let names: Vec<_> = entries.iter().map(|(name, data)| (name.as_str(), data.len())).collect();
        assert_eq!(names, [("一.txt", 6), ("folder/two.txt", 1), ("empty", 0)]);
        assert_eq!(wrong, None);
    }

    #[test]
    fn any_changed_cut_or_added_byte_is_seen() {
        let bytes = made();
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(read(&other).1.is_some(), "byte {at}");
            assert!(read(&bytes[..at]).1.is_some() || at == 0, "cut at {at}");
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        assert!(read(&longer).1.is_some());
    }
}
