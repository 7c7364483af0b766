//! The one thing that Exif is read for: which way up the picture is (tag 0112 of IFD0).

/// The orientation in the TIFF structure of an Exif block: 1 to 8, and 1 when there is none that can be read.
pub(crate) fn orientation(tiff: &[u8]) -> u8 {
    read(tiff).filter(|o| (1..=8).contains(o)).unwrap_or(1)
}

fn read(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let pair = tiff.get(at..at.checked_add(2)?)?.first_chunk::<2>().copied()?;
        Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    };
    let u32_at = |at: usize| {
        let four = tiff.get(at..at.checked_add(4)?)?.first_chunk::<4>().copied()?;
        Some(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    };
    let ifd = usize::try_from(u32_at(4)?).ok()?;
    for entry in 0..usize::from(u16_at(ifd)?).min(200) {
        let at = ifd.checked_add(2 + entry * 12)?;
        if u16_at(at)? == 0x0112 {
            return u8::try_from(u16_at(at.checked_add(8)?)?).ok();
        }
    }
    None
}
