//! TrueType: an allow-list of tables, each parsed and written again; glyphs without their instructions.

use std::collections::BTreeMap;

use crate::budget::Budget;
use crate::work::Stop;

/// The bytes of a table.
pub(super) fn table<'a>(data: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    // A collection: its first font.
    let base = if data.starts_with(b"ttcf") { u32_at(data, 12)? as usize } else { 0 };
    let count = usize::from(u16_at(data, base + 4)?);
    for n in 0..count.min(64) {
        let at = base + 12 + n * 16;
        if data.get(at..at + 4)? == tag {
            let (offset, length) = (u32_at(data, at + 8)? as usize, u32_at(data, at + 12)? as usize);
            return data.get(offset..offset.checked_add(length)?.min(data.len()));
        }
    }
    None
}

pub(super) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk::<2>().map(|two| u16::from_be_bytes(*two))
}

pub(super) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk::<4>().map(|four| u32::from_be_bytes(*four))
}

/// The characters of a font's table of Unicode, and their glyphs.
pub(in crate::formats::pdf) fn characters(data: &[u8]) -> Option<BTreeMap<u32, u16>> {
    let cmap = table(data, b"cmap")?;
    let count = usize::from(u16_at(cmap, 2)?).min(16);
    let wide = (0..count).find(|n| u16_at(cmap, 4 + n * 8) == Some(3) && u16_at(cmap, 6 + n * 8) == Some(10))?;
    mappings(cmap.get(u32_at(cmap, 8 + wide * 8)? as usize..)?)
}

/// The advance of a glyph, in thousandths of an em.
pub(in crate::formats::pdf) fn advance(data: &[u8], glyph: u16) -> Option<u16> {
    let em = u32::from(u16_at(table(data, b"head")?, 18)?);
    let long = u16_at(table(data, b"hhea")?, 34)?;
    let at = usize::from(glyph.min(long.checked_sub(1)?)) * 4;
    let advance = u32::from(u16_at(table(data, b"hmtx")?, at)?);
    u16::try_from((advance * 1_000 + em / 2).checked_div(em)?).ok()
}

/// A font of these glyphs in this order, with these characters, for a font whose glyphs are not made of other glyphs; a place
/// without a glyph is empty and one em wide.
pub(in crate::formats::pdf) fn subset(
    data: &[u8],
    glyphs: &[Option<u16>],
    characters: &BTreeMap<u32, u16>,
) -> Option<Vec<u8>> {
    let (head, glyf, loca) = (table(data, b"head")?, table(data, b"glyf")?, table(data, b"loca")?);
    let (hhea, hmtx) = (table(data, b"hhea")?, table(data, b"hmtx")?);
    let long = usize::from(u16_at(hhea, 34)?);
    let count = u16::try_from(glyphs.len()).ok()?;
    let (mut outlines, mut places, mut metrics) = (Vec::new(), vec![0u8; 4], Vec::new());
    for glyph in glyphs {
        if let Some(n) = glyph.map(usize::from) {
            let (start, end) = match u16_at(head, 50)? {
                0 => (usize::from(u16_at(loca, n * 2)?) * 2, usize::from(u16_at(loca, n * 2 + 2)?) * 2),
                _ => (u32_at(loca, n * 4)? as usize, u32_at(loca, n * 4 + 4)? as usize),
            };
            outlines.extend(glyf.get(start..end)?);
            metrics.extend(hmtx.get(n.min(long.checked_sub(1)?) * 4..)?.get(..4)?);
        } else {
            metrics.extend([head.get(18..20)?, &[0, 0]].concat());
        }
        places.extend(u32::try_from(outlines.len()).ok()?.to_be_bytes());
    }
    let mut tables = BTreeMap::new();
    let with = |bytes: &[u8], at: usize, value: u16| {
        let mut bytes = bytes.to_vec();
        bytes.get_mut(at..at + 2)?.copy_from_slice(&value.to_be_bytes());
        Some(bytes)
    };
    tables.insert(*b"head", with(head, 50, 1)?);
    tables.insert(*b"hhea", with(hhea, 34, count)?);
    tables.insert(*b"maxp", with(table(data, b"maxp")?, 4, count)?);
    tables.insert(*b"hmtx", metrics);
    tables.insert(*b"glyf", outlines);
    tables.insert(*b"loca", places);
    if !characters.is_empty() {
        // One subtable, of Unicode.
        let header = [0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12];
        tables.insert(*b"cmap", [&header[..], &subtable(characters)].concat());
    }
    Some(assemble(tables))
}

/// Rebuilds a font; nothing when a table that is needed is missing or broken.
pub(in crate::formats::pdf) fn rebuild(data: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, Stop> {
    budget.step(data.len() as u64 / 32)?;
    let (Some(head), Some(maxp)) = (table(data, b"head"), table(data, b"maxp")) else { return Ok(None) };
    let Some(count) = u16_at(maxp, 4).map(usize::from) else { return Ok(None) };
    budget.step(count as u64)?;
    let Some((glyf, loca)) = glyphs(data, head, count, budget)? else { return Ok(None) };
    Ok(tables(data, head, maxp, count, glyf, loca).map(assemble))
}

fn tables(
    data: &[u8],
    head: &[u8],
    maxp: &[u8],
    count: usize,
    glyf: Vec<u8>,
    loca: Vec<u8>,
) -> Option<BTreeMap<[u8; 4], Vec<u8>>> {
    let mut tables = BTreeMap::new();
    let mut new_head = head.get(..54)?.to_vec();
    new_head.get_mut(8..12)?.fill(0);
    new_head.get_mut(50..52)?.copy_from_slice(&[0, 1]);
    tables.insert(*b"head", new_head);
    let mut new_maxp = maxp.get(..32).or(maxp.get(..6))?.to_vec();
    if new_maxp.len() == 32 {
        // One zone, and nothing of what instructions need.
        new_maxp.get_mut(14..16)?.copy_from_slice(&[0, 1]);
        new_maxp.get_mut(16..28)?.fill(0);
    }
    tables.insert(*b"maxp", new_maxp);
    tables.insert(*b"glyf", glyf);
    tables.insert(*b"loca", loca);
    for (header, metrics) in [(b"hhea", b"hmtx"), (b"vhea", b"vmtx")] {
        let (Some(header_bytes), Some(metrics_bytes)) = (table(data, header), table(data, metrics)) else { continue };
        let Some(mut new_header) = header_bytes.get(..36).map(<[u8]>::to_vec) else { continue };
        let long = usize::from(u16_at(header_bytes, 34)?).clamp(1, count.max(1));
        new_header.get_mut(34..36)?.copy_from_slice(&u16::try_from(long).ok()?.to_be_bytes());
        let mut new_metrics = metrics_bytes.to_vec();
        new_metrics.resize(long * 4 + count.saturating_sub(long) * 2, 0);
        tables.insert(*header, new_header);
        tables.insert(*metrics, new_metrics);
    }
    tables.contains_key(b"hhea").then_some(())?;
    if let Some(cmap) = table(data, b"cmap").and_then(cmap) {
        tables.insert(*b"cmap", cmap);
    }
    if let Some(post) = table(data, b"post").and_then(|post| names(post, count)) {
        tables.insert(*b"post", post);
    }
    Some(tables)
}

type Glyphs = Option<(Vec<u8>, Vec<u8>)>;

/// `glyf` and a long `loca`.
fn glyphs(data: &[u8], head: &[u8], count: usize, budget: &mut Budget) -> Result<Glyphs, Stop> {
    let (Some(glyf), Some(loca)) = (table(data, b"glyf"), table(data, b"loca")) else { return Ok(None) };
    let long = u16_at(head, 50).is_some_and(|f| f != 0);
    let place = |n: usize| {
        if long { u32_at(loca, n * 4).map(|o| o as usize) } else { u16_at(loca, n * 2).map(|o| usize::from(o) * 2) }
    };
    let mut out = Vec::with_capacity(glyf.len());
    let mut offsets = vec![0u8; 4];
    for n in 0..count {
        budget.step(1)?;
        let (start, end) = (place(n), place(n + 1));
        if let (Some(start), Some(end)) = (start, end)
            && let Some(bytes) = glyf.get(start..end.min(glyf.len())).filter(|bytes| !bytes.is_empty())
        {
            // A glyph that is broken is drawn as nothing.
            out.extend(glyph(bytes, count).unwrap_or_default());
            out.resize(out.len().next_multiple_of(4), 0);
        }
        offsets.extend(u32::try_from(out.len()).unwrap_or(u32::MAX).to_be_bytes());
    }
    Ok(Some((out, offsets)))
}

/// A glyph without instructions, and not a byte after its last coordinate.
fn glyph(bytes: &[u8], count: usize) -> Option<Vec<u8>> {
    let contours = u16_at(bytes, 0)?.cast_signed();
    if contours < 0 {
        return composite(bytes, count);
    }
    let contours = usize::from(contours.unsigned_abs());
    let ends = bytes.get(10..10 + contours * 2)?;
    let points = match contours {
        0 => return None,
        _ => usize::from(u16_at(ends, contours * 2 - 2)?) + 1,
    };
    if ends.as_chunks::<2>().0.windows(2).any(|pair| pair[0] >= pair[1]) {
        return None;
    }
    let instructions = usize::from(u16_at(bytes, 10 + contours * 2)?);
    let flags_at = 12 + contours * 2 + instructions;
    let (mut at, mut seen, mut x_size, mut y_size) = (flags_at, 0usize, 0usize, 0usize);
    while seen < points {
        let flag = *bytes.get(at)?;
        at += 1;
        let mut run = 1;
        if flag & 8 != 0 {
            run += usize::from(*bytes.get(at)?);
            at += 1;
        }
        let size = |short: u8, same: u8| {
            if flag & short != 0 {
                1
            } else if flag & same != 0 {
                0
            } else {
                2
            }
        };
        seen += run;
        x_size += run * size(2, 16);
        y_size += run * size(4, 32);
    }
    (seen == points).then_some(())?;
    let body = bytes.get(flags_at..at + x_size + y_size)?;
    Some([bytes.get(..10)?, ends, &[0, 0], body].concat())
}

fn composite(bytes: &[u8], count: usize) -> Option<Vec<u8>> {
    let mut out = bytes.get(..10)?.to_vec();
    let mut at = 10;
    for _ in 0..256 {
        let (flags, index) = (u16_at(bytes, at)?, u16_at(bytes, at + 2)?);
        let scale = if flags & 8 != 0 {
            2
        } else if flags & 0x40 != 0 {
            4
        } else if flags & 0x80 != 0 {
            8
        } else {
            0
        };
        let size = (if flags & 1 != 0 { 4 } else { 2 }) + scale;
        if usize::from(index) >= count {
            return None;
        }
        out.extend((flags & !0x0100).to_be_bytes());
        out.extend(index.to_be_bytes());
        out.extend(bytes.get(at + 4..at + 4 + size)?);
        at += 4 + size;
        if flags & 0x20 == 0 {
            return Some(out);
        }
    }
    None
}

/// The subtables that PDF readers use (formats 0, 4, 6, 12), each from its mappings.
fn cmap(data: &[u8]) -> Option<Vec<u8>> {
    let count = usize::from(u16_at(data, 2)?).min(16);
    let mut subtables = Vec::new();
    for n in 0..count {
        let at = 4 + n * 8;
        let (platform, encoding, offset) = (u16_at(data, at)?, u16_at(data, at + 2)?, u32_at(data, at + 4)? as usize);
        let Some(pairs) = data.get(offset..).and_then(mappings) else { continue };
        subtables.push((platform, encoding, subtable(&pairs)));
    }
    subtables.sort_by_key(|(platform, encoding, _)| (*platform, *encoding));
    subtables.dedup_by_key(|(platform, encoding, _)| (*platform, *encoding));
    let mut out = vec![0, 0];
    out.extend(u16::try_from(subtables.len()).ok()?.to_be_bytes());
    let mut at = 4 + subtables.len() * 8;
    for (platform, encoding, bytes) in &subtables {
        out.extend(platform.to_be_bytes());
        out.extend(encoding.to_be_bytes());
        out.extend(u32::try_from(at).ok()?.to_be_bytes());
        at += bytes.len();
    }
    for (_, _, bytes) in subtables {
        out.extend(bytes);
    }
    Some(out)
}

fn mappings(data: &[u8]) -> Option<BTreeMap<u32, u16>> {
    let mut pairs = BTreeMap::new();
    match u16_at(data, 0)? {
        0 => {
            for (code, gid) in (0u32..256).zip(data.get(6..262)?) {
                pairs.insert(code, u16::from(*gid));
            }
        }
        6 => {
            let (first, count) = (u32::from(u16_at(data, 6)?), usize::from(u16_at(data, 8)?));
            for n in 0..count {
                pairs.insert(first + u32::try_from(n).ok()?, u16_at(data, 10 + n * 2)?);
            }
        }
        4 => segments(data, &mut pairs)?,
        12 => {
            for n in 0..u32_at(data, 12)?.min(65_536) as usize {
                let at = 16 + n * 12;
                let (start, end, gid) = (u32_at(data, at)?, u32_at(data, at + 4)?, u32_at(data, at + 8)?);
                for code in start..=end.min(start.saturating_add(65_535)) {
                    pairs.insert(code, u16::try_from(gid + (code - start)).ok()?);
                }
                (pairs.len() <= 200_000).then_some(())?;
            }
        }
        _ => return None,
    }
    pairs.retain(|_, gid| *gid != 0);
    Some(pairs)
}

fn segments(data: &[u8], pairs: &mut BTreeMap<u32, u16>) -> Option<()> {
    let count = usize::from(u16_at(data, 6)?) / 2;
    for n in 0..count {
        let end = u16_at(data, 14 + n * 2)?;
        let start = u16_at(data, 16 + count * 2 + n * 2)?;
        let delta = u16_at(data, 16 + count * 4 + n * 2)?;
        let here = 16 + count * 6 + n * 2;
        let range = usize::from(u16_at(data, here)?);
        if start > end {
            continue;
        }
        for code in start..=end {
            let gid = if range == 0 {
                code.wrapping_add(delta)
            } else {
                match u16_at(data, here + range + usize::from(code - start) * 2) {
                    Some(0) | None => 0,
                    Some(gid) => gid.wrapping_add(delta),
                }
            };
            if code != 0xFFFF {
                pairs.insert(u32::from(code), gid);
            }
        }
    }
    Some(())
}

/// Format 4 when all codes fit, else format 12.
fn subtable(pairs: &BTreeMap<u32, u16>) -> Vec<u8> {
    let mut runs: Vec<(u32, u32, u16)> = Vec::new();
    for (&code, &gid) in pairs {
        match runs.last_mut() {
            Some((start, end, first)) if *end + 1 == code && u32::from(*first) + (code - *start) == u32::from(gid) => {
                *end = code
            }
            _ => runs.push((code, code, gid)),
        }
    }
    let small = pairs.keys().next_back().is_none_or(|last| *last < 0xFFFF) && runs.len() < 8_000;
    if small { format4(&runs) } else { format12(&runs) }
}

fn format4(runs: &[(u32, u32, u16)]) -> Vec<u8> {
    let low = |value: u32| u16::try_from(value & 0xFFFF).unwrap_or(0);
    let mut rows: Vec<(u16, u16, u16)> =
        runs.iter().map(|(start, end, gid)| (low(*start), low(*end), gid.wrapping_sub(low(*start)))).collect();
    rows.push((0xFFFF, 0xFFFF, 1));
    let count = low(u32::try_from(rows.len()).unwrap_or(0));
    let power = count.checked_ilog2().unwrap_or(0);
    let range = 2u16 << power;
    let length = 16 + 8 * count;
    let mut out = Vec::new();
    for value in [4, length, 0, count * 2, range, low(power), count * 2 - range] {
        out.extend(value.to_be_bytes());
    }
    out.extend(rows.iter().flat_map(|(_, end, _)| end.to_be_bytes()));
    out.extend([0, 0]);
    out.extend(rows.iter().flat_map(|(start, _, _)| start.to_be_bytes()));
    out.extend(rows.iter().flat_map(|(_, _, delta)| delta.to_be_bytes()));
    out.extend(rows.iter().flat_map(|_| [0, 0]));
    out
}

fn format12(runs: &[(u32, u32, u16)]) -> Vec<u8> {
    let long = |value: usize| u32::try_from(value).unwrap_or(0).to_be_bytes();
    let mut out = vec![0, 12, 0, 0];
    out.extend(long(16 + runs.len() * 12));
    out.extend([0; 4]);
    out.extend(long(runs.len()));
    for (start, end, gid) in runs {
        out.extend(start.to_be_bytes());
        out.extend(end.to_be_bytes());
        out.extend(u32::from(*gid).to_be_bytes());
    }
    out
}

/// Glyph names, format 2 with plain names or format 3.
fn names(post: &[u8], count: usize) -> Option<Vec<u8>> {
    let mut out = post.get(..32)?.to_vec();
    // Memory hints for printers are no longer true.
    out.get_mut(16..32)?.fill(0);
    let version = u32_at(post, 0)?;
    if version == 0x0001_0000 {
        return Some(out);
    }
    let own = || {
        let number = usize::from(u16_at(post, 32)?);
        let indices: Vec<u16> = (0..number.min(count)).map(|n| u16_at(post, 34 + n * 2)).collect::<Option<_>>()?;
        let mut names = Vec::new();
        let mut at = 34 + number * 2;
        while let Some(&length) = post.get(at) {
            let name = post.get(at + 1..at + 1 + usize::from(length))?;
            let plain = length <= 63 && name.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b));
            names.push(if plain { name } else { b"".as_slice() });
            at += 1 + usize::from(length);
        }
        let most = indices.iter().filter(|i| **i >= 258).map(|i| usize::from(*i) - 257).max().unwrap_or(0);
        (most <= names.len()).then_some(())?;
        let mut body = u16::try_from(indices.len()).ok()?.to_be_bytes().to_vec();
        body.extend(indices.iter().flat_map(|i| i.to_be_bytes()));
        for name in names.iter().take(most) {
            body.push(u8::try_from(name.len()).ok()?);
            body.extend(*name);
        }
        Some(body)
    };
    match if version == 0x0002_0000 { own() } else { None } {
        Some(body) => out.extend(body),
        None => out.get_mut(..4)?.copy_from_slice(&[0, 3, 0, 0]),
    }
    Some(out)
}

fn assemble(tables: BTreeMap<[u8; 4], Vec<u8>>) -> Vec<u8> {
    let count = u16::try_from(tables.len()).unwrap_or(0);
    let power = count.checked_ilog2().unwrap_or(0);
    let range = 16u16 << power;
    let mut out = vec![0, 1, 0, 0];
    for value in [count, range, u16::try_from(power).unwrap_or(0), count * 16 - range] {
        out.extend(value.to_be_bytes());
    }
    let mut at = 12 + tables.len() * 16;
    let mut body = Vec::new();
    for (tag, bytes) in &tables {
        out.extend(tag);
        out.extend(checksum(bytes).to_be_bytes());
        out.extend(u32::try_from(at).unwrap_or(0).to_be_bytes());
        out.extend(u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
        body.extend(bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        at = 12 + tables.len() * 16 + body.len();
    }
    out.extend(body);
    let adjustment = 0xB1B0_AFBAu32.wrapping_sub(checksum(&out));
    let head = tables.keys().position(|tag| tag == b"head").map(|n| 12 + n * 16 + 8);
    if let Some(place) = head.and_then(|at| u32_at(&out, at)) {
        let place = place as usize + 8;
        if let Some(field) = out.get_mut(place..place + 4) {
            field.copy_from_slice(&adjustment.to_be_bytes());
        }
    }
    out
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0u32, |sum, word| {
        let mut full = [0u8; 4];
        full.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
        sum.wrapping_add(u32::from_be_bytes(full))
    })
}
