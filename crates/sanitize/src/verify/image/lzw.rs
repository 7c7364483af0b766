//! How many values an LZW stream decodes to (GIF and TIFF): the strings themselves are not needed.

use super::super::Violation;

/// Bit order and code width rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Least significant bit first.
    Gif,
    /// Most significant bit first, codes grow one value early.
    Tiff,
}

/// The number of values of `bits` bits; no value may be `limit` or more. The stream must end with its end code, in its last byte.
pub(super) fn count(bytes: &[u8], kind: Kind, bits: u32, limit: usize) -> Result<usize, Violation> {
    let wrong = |why: &str| Violation::new("LZW", why);
    let clear = 1usize << bits;
    let (mut width, mut at) = (bits + 1, 0usize);
    // Length and first value of each string; the first two codes after the values are clear and end.
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(4096);
    let reset = |table: &mut Vec<(usize, usize)>| {
        table.clear();
        table.extend((0..clear + 2).map(|value| (1, value)));
    };
    reset(&mut table);
    let mut last: Option<(usize, usize)> = None;
    let mut total = 0usize;
    loop {
        let code = read(bytes, at, width, kind).ok_or_else(|| wrong("no end code"))?;
        at += width as usize;
        if code == clear {
            reset(&mut table);
            width = bits + 1;
            last = None;
            continue;
        }
        if code == clear + 1 {
            break;
        }
        let entry = match (table.get(code), last) {
            (Some(entry), _) => *entry,
            (None, Some((length, first))) if code == table.len() => (length + 1, first),
            _ => return Err(wrong("a code that is not in the table")),
        };
        if entry.1 >= limit {
            return Err(wrong("a value outside the palette"));
        }
        total = total.saturating_add(entry.0);
        if let Some((length, first)) = last
            && table.len() < 4096
        {
            table.push((length + 1, first));
        }
        let early = usize::from(kind == Kind::Tiff);
        let pending = usize::from(table.len() < 4096 && kind == Kind::Tiff);
        let size = table.len() + early.min(pending);
        width = width.max((usize::BITS - size.leading_zeros()).clamp(bits + 1, 12));
        if kind == Kind::Gif && table.len() == 1 << width && width < 12 {
            width += 1;
        }
        last = Some(entry);
    }
    if at.div_ceil(8) != bytes.len() {
        return Err(wrong("bytes after the end code"));
    }
    Ok(total)
}

fn read(bytes: &[u8], at: usize, width: u32, kind: Kind) -> Option<usize> {
    let mut code = 0usize;
    for n in 0..width as usize {
        let bit = at + n;
        let byte = usize::from(*bytes.get(bit / 8)?);
        code = match kind {
            Kind::Gif => code | ((byte >> (bit % 8) & 1) << n),
            Kind::Tiff => (code << 1) | (byte >> (7 - bit % 8) & 1),
        };
    }
    Some(code)
}
