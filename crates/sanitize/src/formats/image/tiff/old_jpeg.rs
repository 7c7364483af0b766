//! JPEG as TIFF 6.0, section 22 had it (compression 6): tables stand in tags of their own and pieces are data alone, or one JPEG
//! stands beside the page. Both are put into the form that came after.

use super::directory::Directory;

/// What a page's pieces need to be a JPEG.
#[derive(Debug)]
pub(super) struct Old {
    /// From the start of a JPEG on.
    pub(super) tables: Vec<u8>,
    /// Components, and how many pixels share their colours, unless the tables hold the frame too.
    frame: Option<(u8, u8)>,
}

/// What a page of old JPEG says; and the JPEG that stands in place of its piece, when it is whole.
pub(super) fn read<'a>(directory: &Directory<'a>, samples: usize, ycbcr: bool) -> Option<(Old, Option<&'a [u8]>)> {
    if let Some(tables) = tables(directory) {
        let sampling = match (ycbcr, directory.numbers(530).as_deref()) {
            (true, Some(&[across @ (1 | 2 | 4), down @ (1 | 2 | 4)])) => u8::try_from(across << 4 | down).ok()?,
            (true, None) => 0x22,
            (false, _) => 0x11,
            _ => return None,
        };
        return Some((Old { tables, frame: Some((u8::try_from(samples).ok()?, sampling)) }, None));
    }
    let bytes = directory.file().bytes.get(directory.number(513)?..)?;
    let stream = directory.number(514).and_then(|length| bytes.get(..length)).unwrap_or(bytes);
    let head = head(stream)?;
    let is_whole = stream.len() > head + 2;
    let tables = if is_whole { Vec::new() } else { stream.get(..head)?.to_vec() };
    Some((Old { tables, frame: None }, is_whole.then_some(stream)))
}

/// The start of a JPEG with the tables of the tags 519 to 521, and how often restarts come.
fn tables(directory: &Directory<'_>) -> Option<Vec<u8>> {
    let file = directory.file().bytes;
    let mut out = vec![0xFF, 0xD8];
    let mut segment = |marker: u8, kind: u8, content: &[&[u8]]| {
        let length = 3 + content.iter().map(|part| part.len()).sum::<usize>();
        out.extend([0xFF, marker]);
        out.extend(u16::try_from(length).unwrap_or(0).to_be_bytes());
        out.push(kind);
        content.iter().for_each(|part| out.extend(*part));
    };
    for (tag, class) in [(519, None), (520, Some(0)), (521, Some(0x10))] {
        let places = directory.numbers(tag).filter(|places| (1..=4).contains(&places.len()))?;
        for (number, place) in (0_u8..).zip(places) {
            let from = file.get(usize::try_from(place).ok()?..)?;
            match class {
                None => segment(0xDB, number, &[from.get(..64)?]),
                Some(class) => {
                    let counts = from.first_chunk::<16>()?;
                    let total = counts.iter().map(|count| usize::from(*count)).sum::<usize>();
                    segment(0xC4, class | number, &[counts, from.get(16..16 + total)?]);
                }
            }
        }
    }
    if let Some(restart) = directory.number(515).and_then(|restart| u16::try_from(restart).ok()) {
        let [high, low] = restart.to_be_bytes();
        segment(0xDD, high, &[&[low]]);
    }
    Some(out)
}

/// Where the header of a JPEG's scan ends.
fn head(stream: &[u8]) -> Option<usize> {
    let mut at = 2;
    stream.starts_with(&[0xFF, 0xD8]).then_some(())?;
    loop {
        let &[0xFF, marker, high, low] = stream.get(at..)?.first_chunk::<4>()? else { return None };
        at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
        if marker == 0xDA {
            return Some(at);
        }
    }
}

impl Old {
    /// A piece of this size: frame and scan, which belong between the tables and the data, and the data.
    pub(super) fn piece<'a>(&self, data: &'a [u8], width: usize, height: usize) -> Option<(Vec<u8>, &'a [u8])> {
        let Some((samples, sampling)) = self.frame else { return Some((Vec::new(), data)) };
        let mut out = vec![0xFF, 0xC0, 0, 8 + 3 * samples, 8];
        for side in [height, width] {
            out.extend(u16::try_from(side).ok()?.to_be_bytes());
        }
        out.push(samples);
        for number in 0..samples {
            out.extend([number + 1, if number == 0 { sampling } else { 0x11 }, number]);
        }
        out.extend([0xFF, 0xDA, 0, 6 + 2 * samples, samples]);
        for number in 0..samples {
            out.extend([number + 1, number << 4 | number]);
        }
        out.extend([0, 63, 0]);
        // Some programs write the header of the scan into the piece.
        let data = match data {
            [0xFF, 0xDA, high, low, ..] => data.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..)?,
            _ => data,
        };
        Some((out, data))
    }
}
