//! CFF (Adobe technical note 5176): read into outlines, and written from them.

use super::charstring::{self, Subroutines};
use super::outline::{Encoding, Fixed, Font, Glyph, Id, ONE, accented, standard_glyph};
use crate::budget::Budget;
use crate::work::Stop;

/// Operator (12 x is 1200 + x) and operands of a DICT.
type Entries = Vec<(u16, Vec<f64>)>;

/// Reads a font; nothing when it is not whole or of a kind that is not known.
pub(super) fn read(data: &[u8], budget: &mut Budget) -> Result<Option<Font>, Stop> {
    let Some(parts) = parts(data) else { return Ok(None) };
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(parts.charstrings.len());
    let mut accents = Vec::new();
    for (at, code) in parts.charstrings.iter().enumerate() {
        let part = parts.select.get(at).copied().unwrap_or(0);
        let Some(private) = parts.privates.get(usize::from(part)) else { return Ok(None) };
        let subroutines = Subroutines { global: &parts.global, local: &private.subroutines };
        let Some(drawn) = charstring::read(code, subroutines, budget)? else { return Ok(None) };
        let width = drawn.width.map_or(private.default_width, |w| private.nominal_width + w);
        if let Some(accent) = drawn.accent {
            accents.push((at, accent));
        }
        let Some(id) = parts.ids.get(at).cloned() else { return Ok(None) };
        glyphs.push(Glyph { id, width, steps: drawn.steps, part });
    }
    for (at, (dx, dy, base, accent)) in accents {
        let (Some(base), Some(accent)) = (standard_glyph(&glyphs, base), standard_glyph(&glyphs, accent)) else {
            return Ok(None);
        };
        let steps = accented(base, accent, dx, dy);
        if let Some(glyph) = glyphs.get_mut(at) {
            glyph.steps = steps;
        }
    }
    Ok(Some(Font {
        name: parts.name,
        matrix: parts.matrix,
        glyphs,
        encoding: parts.encoding,
        cid: parts.cid,
        parts: parts.privates.iter().map(|p| p.matrix).collect(),
    }))
}

struct Private<'a> {
    subroutines: Vec<&'a [u8]>,
    default_width: Fixed,
    nominal_width: Fixed,
    matrix: Option<[f64; 6]>,
}

struct Parts<'a> {
    name: Vec<u8>,
    matrix: Option<[f64; 6]>,
    global: Vec<&'a [u8]>,
    charstrings: Vec<&'a [u8]>,
    ids: Vec<Id>,
    encoding: Encoding,
    cid: Option<(Vec<u8>, Vec<u8>, i64)>,
    privates: Vec<Private<'a>>,
    select: Vec<u8>,
}

fn parts(data: &[u8]) -> Option<Parts<'_>> {
    let start = usize::from(*data.get(2)?);
    let (names, at) = index(data, start)?;
    let (tops, at) = index(data, at)?;
    let (strings, at) = index(data, at)?;
    let (global, _) = index(data, at)?;
    let top = entries(tops.first()?)?;
    if number(&top, 1206).is_some_and(|kind| kind != 2.0) {
        return None;
    }
    let (charstrings, _) = index(data, offset(&top, 17)?)?;
    let count = charstrings.len();
    let string = |id: f64| {
        let id = whole(id)?.checked_sub(391)?;
        strings.get(id).map(|s| s.to_vec())
    };
    let cid = match find(&top, 1230) {
        Some(&[registry, ordering, supplement]) => {
            #[expect(clippy::cast_possible_truncation, reason = "a small number, saturating")]
            let supplement = supplement as i64;
            Some((string(registry).unwrap_or_default(), string(ordering).unwrap_or_default(), supplement))
        }
        _ => None,
    };
    let numbers = charset(data, number(&top, 15).map_or(Some(0), whole)?, count, cid.is_some())?;
    let encoding = encoding(data, number(&top, 16).map_or(Some(0), whole)?, &numbers)?;
    let ids = numbers.into_iter().map(|n| match usize::from(n).checked_sub(391) {
        Some(own) if cid.is_none() => Id::Name(strings.get(own).map(|s| s.to_vec()).unwrap_or_default()),
        _ => Id::Number(n),
    });
    let (privates, select) = if cid.is_some() {
        let (dicts, _) = index(data, offset(&top, 1236)?)?;
        let privates = dicts.iter().map(|dict| private(data, &entries(dict)?)).collect::<Option<Vec<_>>>()?;
        (privates, select(data, offset(&top, 1237)?, count)?)
    } else {
        (vec![private(data, &top)?], vec![0; count])
    };
    Some(Parts {
        name: names.first()?.to_vec(),
        matrix: matrix(&top),
        encoding,
        ids: ids.collect(),
        global,
        charstrings,
        cid,
        privates,
        select,
    })
}

fn whole(value: f64) -> Option<usize> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=2_147_483_647.0).contains(&value).then_some(value as usize)
}

fn find(entries: &Entries, operator: u16) -> Option<&[f64]> {
    entries.iter().find(|(o, _)| *o == operator).map(|(_, values)| values.as_slice())
}

fn number(entries: &Entries, operator: u16) -> Option<f64> {
    find(entries, operator)?.last().copied()
}

fn offset(entries: &Entries, operator: u16) -> Option<usize> {
    whole(number(entries, operator)?)
}

fn matrix(entries: &Entries) -> Option<[f64; 6]> {
    find(entries, 1207)?.first_chunk::<6>().copied()
}

fn private<'a>(data: &'a [u8], dict: &Entries) -> Option<Private<'a>> {
    let mut private = Private { subroutines: Vec::new(), default_width: 0, nominal_width: 0, matrix: matrix(dict) };
    let Some(&[size, at]) = find(dict, 18) else { return Some(private) };
    let at = whole(at)?;
    let inner = entries(data.get(at..at.checked_add(whole(size)?)?)?)?;
    #[expect(clippy::cast_possible_truncation, reason = "widths are small; the cast saturates")]
    let fixed = |operator| number(&inner, operator).map_or(0, |value| (value * 65_536.0) as Fixed);
    private.default_width = fixed(20);
    private.nominal_width = fixed(21);
    if let Some(own) = offset(&inner, 19) {
        private.subroutines = index(data, at.checked_add(own)?)?.0;
    }
    Some(private)
}

/// An INDEX: its items, and where it ends.
fn index(data: &[u8], at: usize) -> Option<(Vec<&[u8]>, usize)> {
    let rest = data.get(at..)?;
    let count = usize::from(u16::from_be_bytes(*rest.first_chunk::<2>()?));
    if count == 0 {
        return Some((Vec::new(), at + 2));
    }
    let size = usize::from(*rest.get(2)?);
    if !(1..=4).contains(&size) {
        return None;
    }
    let place = |n: usize| {
        let bytes = rest.get(3 + n * size..3 + (n + 1) * size)?;
        Some(bytes.iter().fold(0usize, |value, byte| (value << 8) | usize::from(*byte)))
    };
    let body = 2 + (count + 1) * size;
    let mut items = Vec::with_capacity(count);
    for n in 0..count {
        items.push(rest.get(body + place(n)?..body + place(n + 1)?)?);
    }
    Some((items, at + body + place(count)?))
}

fn entries(data: &[u8]) -> Option<Entries> {
    let mut entries = Vec::new();
    let mut operands = Vec::new();
    let mut at = 0;
    while let Some(&byte) = data.get(at) {
        at += 1;
        match byte {
            0..=21 => {
                let mut operator = u16::from(byte);
                if byte == 12 {
                    operator = 1200 + u16::from(*data.get(at)?);
                    at += 1;
                }
                entries.push((operator, std::mem::take(&mut operands)));
            }
            28 => {
                operands.push(f64::from(i16::from_be_bytes(*data.get(at..)?.first_chunk::<2>()?)));
                at += 2;
            }
            29 => {
                operands.push(f64::from(i32::from_be_bytes(*data.get(at..)?.first_chunk::<4>()?)));
                at += 4;
            }
            30 => operands.push(real(data, &mut at)?),
            32..=246 => operands.push(f64::from(byte) - 139.0),
            247..=250 => {
                operands.push((f64::from(byte) - 247.0) * 256.0 + f64::from(*data.get(at)?) + 108.0);
                at += 1;
            }
            251..=254 => {
                operands.push(-(f64::from(byte) - 251.0) * 256.0 - f64::from(*data.get(at)?) - 108.0);
                at += 1;
            }
            _ => return None,
        }
        if operands.len() > 513 {
            return None;
        }
    }
    Some(entries)
}

fn real(data: &[u8], at: &mut usize) -> Option<f64> {
    let mut text = String::new();
    loop {
        let byte = *data.get(*at)?;
        *at += 1;
        for nibble in [byte >> 4, byte & 15] {
            match nibble {
                0..=9 => text.push(char::from(b'0' + nibble)),
                10 => text.push('.'),
                11 => text.push('E'),
                12 => text.push_str("E-"),
                14 => text.push('-'),
                15 => return text.parse().ok(),
                _ => return None,
            }
        }
        if text.len() > 40 {
            return None;
        }
    }
}

fn charset(data: &[u8], at: usize, count: usize, cid: bool) -> Option<Vec<u16>> {
    let last = u16::try_from(count.checked_sub(1)?).ok()?;
    if at <= 2 {
        // ISOAdobe; the expert sets are tables that no embedded subset uses.
        return (at == 0 && (cid || last <= 228)).then(|| (0..=last).collect());
    }
    let format = *data.get(at)?;
    let mut at = at + 1;
    let mut take = |size: usize| {
        let bytes = data.get(at..at + size)?;
        at += size;
        Some(bytes.iter().fold(0u16, |value, byte| (value << 8) | u16::from(*byte)))
    };
    let mut ids = vec![0u16];
    while ids.len() < count {
        let first = take(2)?;
        let left = match format {
            0 => 0,
            1 => take(1)?,
            2 => take(2)?,
            _ => return None,
        };
        for n in 0..=left {
            ids.push(first.checked_add(n)?);
        }
    }
    ids.truncate(count);
    Some(ids)
}

fn encoding(data: &[u8], at: usize, numbers: &[u16]) -> Option<Encoding> {
    if let Ok(known @ (0 | 1)) = u8::try_from(at) {
        return Some(Encoding::Known(known));
    }
    let format = *data.get(at)?;
    let entries = usize::from(*data.get(at + 1)?);
    let mut codes = Vec::new();
    let mut gid = 1u16;
    let mut at = at + 2;
    for _ in 0..entries {
        let first = *data.get(at)?;
        let left = if format & 0x7F == 0 { 0 } else { *data.get(at + 1)? };
        at += if format & 0x7F == 0 { 1 } else { 2 };
        for n in 0..=left {
            if usize::from(gid) < numbers.len() {
                codes.push((first.checked_add(n)?, gid));
            }
            gid = gid.checked_add(1)?;
        }
    }
    if format & 0x80 != 0 {
        for n in 0..usize::from(*data.get(at)?) {
            let &[code, high, low] = data.get(at + 1 + n * 3..)?.first_chunk::<3>()?;
            let number = u16::from_be_bytes([high, low]);
            if let Some(gid) = numbers.iter().position(|n| *n == number) {
                codes.push((code, u16::try_from(gid).ok()?));
            }
        }
    }
    codes.sort_unstable();
    codes.dedup_by_key(|(code, _)| *code);
    Some(Encoding::Own(codes))
}

fn select(data: &[u8], at: usize, count: usize) -> Option<Vec<u8>> {
    match data.get(at)? {
        0 => Some(data.get(at + 1..at + 1 + count)?.to_vec()),
        3 => {
            let u16_at = |at: usize| Some(usize::from(u16::from_be_bytes(*data.get(at..)?.first_chunk::<2>()?)));
            let ranges = u16_at(at + 1)?;
            let mut select = Vec::new();
            for range in 0..ranges {
                let here = at + 3 + range * 3;
                let part = *data.get(here + 2)?;
                let end = u16_at(here + 3)?.min(count);
                select.resize(end.max(select.len()), part);
            }
            select.resize(count, 0);
            Some(select)
        }
        _ => None,
    }
}

/// Writes a font.
pub(super) fn write(font: &Font) -> Vec<u8> {
    super::cff_write::write(font, ONE)
}
