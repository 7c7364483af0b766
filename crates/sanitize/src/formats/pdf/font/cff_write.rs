//! Writes outlines as a CFF font: no subroutines, no hints, one Private dictionary for each part.

use super::charstring;
use super::outline::{Encoding, Fixed, Font, Id};

/// Writes the font; `one` is 1 in the units of widths.
pub(super) fn write(font: &Font, one: Fixed) -> Vec<u8> {
    debug_assert_eq!(one, 1 << 16);
    let mut strings: Vec<Vec<u8>> = Vec::new();
    let mut string = |text: &[u8]| {
        let at = strings.iter().position(|s| s == text).unwrap_or_else(|| {
            strings.push(text.to_vec());
            strings.len() - 1
        });
        391 + at
    };
    let ros = font.cid.as_ref().map(|(registry, ordering, supplement)| {
        (string(registry), string(ordering), usize::try_from(*supplement).unwrap_or(0))
    });
    let mut ids = Vec::with_capacity(font.glyphs.len());
    let mut known = std::collections::HashMap::new();
    for glyph in &font.glyphs {
        ids.push(match &glyph.id {
            Id::Number(number) => usize::from(*number),
            Id::Name(name) => *known.entry(name.clone()).or_insert_with(|| {
                strings.push(name.clone());
                390 + strings.len()
            }),
        });
    }
    let charstrings: Vec<Vec<u8>> = font.glyphs.iter().map(|g| charstring::write(g.width, &g.steps)).collect();
    let head = [&[1u8, 0, 4, 4][..], &index(std::slice::from_ref(&font.name))].concat();
    let tail = [index(&strings), index(&[])].concat();
    // Offsets are written in five bytes each, so the size of the top dictionary is known beforehand.
    let top_size = index(&[top(font, ros, [0; 5])]).len();
    let charset = charset(&ids);
    let codes = codes(&font.encoding, &ids);
    let select = if font.cid.is_some() { select(font) } else { Vec::new() };
    let charset_at = head.len() + top_size + tail.len();
    let codes_at = charset_at + charset.len();
    let select_at = codes_at + codes.len();
    let glyphs_at = select_at + select.len();
    let glyphs = index(&charstrings);
    let dicts_at = glyphs_at + glyphs.len();
    let private = private();
    let dicts_size = if font.cid.is_some() { index(&dicts(font, &[private.len(), 0])).len() } else { 0 };
    let private_at = dicts_at + dicts_size;
    let dicts = if font.cid.is_some() { index(&dicts(font, &[private.len(), private_at])) } else { Vec::new() };
    let top = index(&[top(font, ros, [charset_at, codes_at, select_at, glyphs_at, dicts_at])]);
    let mut out = [head, top, tail, charset, codes, select, glyphs, dicts].concat();
    if font.cid.is_none() {
        debug_assert_eq!(out.len(), private_at);
    }
    out.extend(private);
    out
}

fn top(font: &Font, ros: Option<(usize, usize, usize)>, at: [usize; 5]) -> Vec<u8> {
    let [charset, codes, select, glyphs, dicts] = at;
    let mut out = Vec::new();
    if let Some((registry, ordering, supplement)) = ros {
        for value in [registry, ordering, supplement] {
            long(&mut out, value);
        }
        out.extend([12, 30]);
    }
    if let Some(matrix) = &font.matrix {
        put_matrix(&mut out, matrix);
    }
    long(&mut out, charset);
    out.push(15);
    if font.cid.is_none() {
        long(&mut out, if let Encoding::Known(known) = font.encoding { usize::from(known) } else { codes });
        out.push(16);
    }
    long(&mut out, glyphs);
    out.push(17);
    if font.cid.is_some() {
        long(&mut out, font.glyphs.len());
        out.extend([12, 34]);
        long(&mut out, dicts);
        out.extend([12, 36]);
        long(&mut out, select);
        out.extend([12, 37]);
    } else {
        long(&mut out, private().len());
        long(&mut out, dicts);
        out.push(18);
    }
    out
}

fn dicts(font: &Font, private: &[usize]) -> Vec<Vec<u8>> {
    let dict = |matrix: &Option<[f64; 6]>| {
        let mut out = Vec::new();
        if let Some(matrix) = matrix {
            put_matrix(&mut out, matrix);
        }
        for value in private {
            long(&mut out, *value);
        }
        out.push(18);
        out
    };
    font.parts.iter().map(dict).collect()
}

/// `defaultWidthX` and `nominalWidthX` of zero: every glyph says its width.
fn private() -> Vec<u8> {
    vec![139, 20, 139, 21]
}

fn long(out: &mut Vec<u8>, value: usize) {
    out.push(29);
    out.extend(u32::try_from(value).unwrap_or(0).to_be_bytes());
}

fn put_matrix(out: &mut Vec<u8>, matrix: &[f64; 6]) {
    for value in matrix {
        out.push(30);
        let mut nibbles: Vec<u8> = Vec::new();
        for byte in format!("{value}").bytes() {
            match byte {
                b'0'..=b'9' => nibbles.push(byte - b'0'),
                b'.' => nibbles.push(10),
                _ => nibbles.push(14),
            }
        }
        nibbles.push(15);
        if nibbles.len() % 2 == 1 {
            nibbles.push(15);
        }
        out.extend(nibbles.chunks(2).map(|pair| (pair[0] << 4) | pair.get(1).copied().unwrap_or(15)));
    }
    out.extend([12, 7]);
}

fn index(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = u16::try_from(items.len()).unwrap_or(0).to_be_bytes().to_vec();
    if items.is_empty() {
        return out;
    }
    let total = 1 + items.iter().map(Vec::len).sum::<usize>();
    let size = if total < 1 << 8 {
        1
    } else if total < 1 << 16 {
        2
    } else if total < 1 << 24 {
        3
    } else {
        4
    };
    out.push(u8::try_from(size).unwrap_or(4));
    let mut at = 1usize;
    let put = |out: &mut Vec<u8>, at: usize| {
        let bytes = u32::try_from(at).unwrap_or(0).to_be_bytes();
        out.extend(bytes.get(4 - size..).unwrap_or_default());
    };
    put(&mut out, at);
    for item in items {
        at += item.len();
        put(&mut out, at);
    }
    for item in items {
        out.extend(item);
    }
    out
}

/// Format 2: ranges of numbers that follow each other.
fn charset(ids: &[usize]) -> Vec<u8> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for id in ids.iter().skip(1) {
        match ranges.last_mut() {
            Some((first, left)) if *first + *left + 1 == *id => *left += 1,
            _ => ranges.push((*id, 0)),
        }
    }
    let mut out = vec![2];
    for (first, left) in ranges {
        out.extend(u16::try_from(first).unwrap_or(0).to_be_bytes());
        out.extend(u16::try_from(left).unwrap_or(0).to_be_bytes());
    }
    out
}

/// Format 3: ranges of glyphs of one part.
fn select(font: &Font) -> Vec<u8> {
    let mut ranges: Vec<(usize, u8)> = Vec::new();
    for (at, glyph) in font.glyphs.iter().enumerate() {
        if ranges.last().is_none_or(|(_, part)| *part != glyph.part) {
            ranges.push((at, glyph.part));
        }
    }
    let short = |value: usize| u16::try_from(value).unwrap_or(0).to_be_bytes();
    let mut out = vec![3];
    out.extend(short(ranges.len()));
    for (first, part) in ranges {
        out.extend(short(first));
        out.push(part);
    }
    out.extend(short(font.glyphs.len()));
    out
}

/// Format 0: a code for each glyph in order, as far as they have one; further codes of a glyph as supplements.
fn codes(encoding: &Encoding, ids: &[usize]) -> Vec<u8> {
    let Encoding::Own(codes) = encoding else { return Vec::new() };
    let mut by_glyph: Vec<(u16, u8)> = codes.iter().map(|(code, gid)| (*gid, *code)).collect();
    by_glyph.sort_unstable();
    let mut list = Vec::new();
    let mut more = Vec::new();
    for (gid, code) in by_glyph {
        if usize::from(gid) == list.len() + 1 && list.len() < 255 {
            list.push(code);
        } else if more.len() < 255 {
            more.push((code, ids.get(usize::from(gid)).copied().unwrap_or(0)));
        }
    }
    let mut out = vec![if more.is_empty() { 0 } else { 0x80 }, u8::try_from(list.len()).unwrap_or(255)];
    out.extend(list);
    if !more.is_empty() {
        out.push(u8::try_from(more.len()).unwrap_or(255));
        for (code, id) in more {
            out.push(code);
            out.extend(u16::try_from(id).unwrap_or(0).to_be_bytes());
        }
    }
    out
}
