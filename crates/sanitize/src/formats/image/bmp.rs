//! Windows bitmaps (BITMAPCOREHEADER to BITMAPV5HEADER): read by a reader of our own, written with a BITMAPINFOHEADER,
//! uncompressed: 1, 4 and 8 bits with their palette, otherwise 24 bits, or 32 when there is transparency.

use super::{admit, damaged, trailing};
use crate::words::ReasonCode;
use crate::work::{Draft, Source, Stop, Work};

struct Header {
    width: usize,
    height: usize,
    top_down: bool,
    bits: usize,
    compression: u32,
    /// Horizontal and vertical pixels per metre.
    density: (u32, u32),
    masks: [u32; 4],
    palette: Vec<[u8; 3]>,
    offset: usize,
}

/// Rows from the top, whole bytes.
struct Pixels {
    bits: usize,
    rows: Vec<Vec<u8>>,
}

/// Rebuilds a bitmap.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let (header, pixels, rest) = decode(source.bytes, work)?;
    let mut draft = Draft { bytes: write(&header, &pixels), ..Draft::default() };
    trailing(&mut draft, source.bytes, rest);
    Ok(draft)
}

/// Width, height and pixels as RGBA, for a drawing that holds a bitmap.
pub(crate) fn rgba(bytes: &[u8], work: &mut Work<'_>) -> Result<(usize, usize, Vec<u8>), Stop> {
    let (header, pixels, _) = decode(bytes, work)?;
    let mut out = Vec::with_capacity(header.width.saturating_mul(header.height).saturating_mul(4));
    for row in &pixels.rows {
        for x in 0..header.width {
            let at = x * pixels.bits / 8;
            let [blue, green, red, alpha] = match pixels.bits {
                32 => row.get(at..).and_then(|rest| rest.first_chunk().copied()).unwrap_or_default(),
                24 => {
                    row.get(at..).and_then(|rest| rest.first_chunk::<3>()).map_or([0; 4], |[b, g, r]| [*b, *g, *r, 255])
                }
                bits => {
                    let shift = 8 - bits - x * bits % 8;
                    let mask = u8::MAX >> (8 - bits);
                    let index = row.get(at).map_or(0, |byte| usize::from((byte >> shift) & mask));
                    header.palette.get(index).map_or([0, 0, 0, 255], |[b, g, r]| [*b, *g, *r, 255])
                }
            };
            out.extend([red, green, blue, alpha]);
        }
    }
    Ok((header.width, header.height, out))
}

/// Header, pixels, and how many bytes follow them.
fn decode(bytes: &[u8], work: &mut Work<'_>) -> Result<(Header, Pixels, usize), Stop> {
    let header = header(bytes).ok_or_else(damaged)??;
    admit(header.width, header.height, header.bits.max(24), work)?;
    let data = bytes.get(header.offset..).ok_or_else(damaged)?;
    let (pixels, used) = match (header.compression, header.bits) {
        (1, 8) | (2, 4) => run_length(&header, data).ok_or_else(damaged)?,
        (0, 1 | 4 | 8) => packed(&header, data).ok_or_else(damaged)?,
        (0 | 3 | 6, 16 | 24 | 32) => direct(&header, data).ok_or_else(damaged)?,
        _ => return Err(Stop::refused(ReasonCode::UnsupportedFeature)),
    };
    Ok((header, pixels, data.len().saturating_sub(used)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|four| u32::from_le_bytes(*four))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk::<2>().map(|two| u16::from_le_bytes(*two))
}

fn header(bytes: &[u8]) -> Option<Result<Header, Stop>> {
    let mut offset = usize::try_from(u32_at(bytes, 10)?).ok()?;
    let size = usize::try_from(u32_at(bytes, 14)?).ok()?;
    let core = size == 12;
    let (width, height, bits) = if core {
        (i32::from(u16_at(bytes, 18)?), i32::from(u16_at(bytes, 20)?), u16_at(bytes, 24)?)
    } else {
        (u32_at(bytes, 18)?.cast_signed(), u32_at(bytes, 22)?.cast_signed(), u16_at(bytes, 28)?)
    };
    if width <= 0 || height == 0 || !matches!(bits, 1 | 4 | 8 | 16 | 24 | 32) {
        return Some(Err(Stop::refused(ReasonCode::UnsupportedFeature)));
    }
    let compression = if core { 0 } else { u32_at(bytes, 30)? };
    let density = if core { (0, 0) } else { (u32_at(bytes, 38)?, u32_at(bytes, 42)?) };
    let mut masks = if bits == 16 { [0x7C00, 0x3E0, 0x1F, 0] } else { [0xFF_0000, 0xFF00, 0xFF, 0] };
    let mut table = 14 + size;
    if matches!(compression, 3 | 6) {
        for (n, mask) in masks.iter_mut().enumerate() {
            if n < 3 || compression == 6 || size >= 56 {
                *mask = u32_at(bytes, 54 + n * 4)?;
            }
        }
        if size == 40 {
            table += if compression == 6 { 16 } else { 12 };
        }
    }
    let mut palette = Vec::new();
    if bits <= 8 {
        let used = if core { 0 } else { usize::try_from(u32_at(bytes, 46)?).ok()? };
        let most = 1usize << bits;
        let count = if used == 0 || used > most { most } else { used };
        let entry = if core { 3 } else { 4 };
        // Some programs forget the palette when they count where the pixels begin.
        if offset == table {
            offset += count * entry;
        }
        for n in 0..count {
            let at = table + n * entry;
            if at + 3 > offset {
                break;
            }
            palette.push(*bytes.get(at..)?.first_chunk::<3>()?);
        }
        palette.resize(most, [0; 3]);
    }
    Some(Ok(Header {
        width: usize::try_from(width).ok()?,
        height: usize::try_from(height.unsigned_abs()).ok()?,
        top_down: height < 0,
        bits: usize::from(bits),
        compression,
        density: if density.0 < 1 << 20 && density.1 < 1 << 20 { density } else { (0, 0) },
        masks,
        palette,
        offset,
    }))
}

fn stride(width: usize, bits: usize) -> usize {
    (width * bits).div_ceil(32) * 4
}

/// Rows of the file in the order from the top; `None` when they are not all there.
fn rows<'a>(header: &Header, data: &'a [u8]) -> Option<(Vec<&'a [u8]>, usize)> {
    let stride = stride(header.width, header.bits);
    let whole = stride.checked_mul(header.height)?;
    let mut rows: Vec<&[u8]> = data.get(..whole)?.chunks(stride).collect();
    if !header.top_down {
        rows.reverse();
    }
    Some((rows, whole))
}

fn packed(header: &Header, data: &[u8]) -> Option<(Pixels, usize)> {
    let (rows, used) = rows(header, data)?;
    let line = (header.width * header.bits).div_ceil(8);
    let spare = line * 8 - header.width * header.bits;
    let rows = rows.into_iter().map(|row| {
        let mut row = row.get(..line)?.to_vec();
        if let Some(last) = row.last_mut() {
            *last &= 0xFFu8 << spare;
        }
        Some(row)
    });
    Some((Pixels { bits: header.bits, rows: rows.collect::<Option<_>>()? }, used))
}

fn direct(header: &Header, data: &[u8]) -> Option<(Pixels, usize)> {
    let (rows, used) = rows(header, data)?;
    let size = header.bits / 8;
    let masked = header.bits != 24;
    let alpha = masked && header.masks[3] != 0;
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let mut line = Vec::with_capacity(header.width * 4);
        for pixel in row.chunks_exact(size).take(header.width) {
            if masked {
                let value = pixel.iter().rev().fold(0u32, |value, byte| (value << 8) | u32::from(*byte));
                let [r, g, b, a] = header.masks.map(|mask| sample(value, mask));
                line.extend([b, g, r]);
                if alpha {
                    line.push(a);
                }
            } else {
                line.extend(pixel);
            }
        }
        out.push(line);
    }
    Some((Pixels { bits: if alpha { 32 } else { 24 }, rows: out }, used))
}

/// The bits of a mask, spread to eight.
fn sample(value: u32, mask: u32) -> u8 {
    if mask == 0 {
        return 0;
    }
    let most = u64::from(mask >> mask.trailing_zeros());
    let bits = u64::from((value & mask) >> mask.trailing_zeros());
    u8::try_from((bits * 255 + most / 2) / most).unwrap_or(u8::MAX)
}

/// RLE8 and RLE4, drawn on one byte per pixel and then packed again.
fn run_length(header: &Header, data: &[u8]) -> Option<(Pixels, usize)> {
    let (width, height) = (header.width, header.height);
    let mut canvas = vec![0u8; width.checked_mul(height)?];
    let (mut x, mut y, mut at) = (0usize, 0usize, 0usize);
    let half = header.bits == 4;
    let nibble = |byte: u8, n: usize| {
        if !half {
            byte
        } else if n.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 15
        }
    };
    let mut put = |x: usize, y: usize, value: u8| {
        if x < width
            && y < height
            && let Some(pixel) = canvas.get_mut((height - 1 - y) * width + x)
        {
            *pixel = value;
        }
    };
    loop {
        let (count, value) = (*data.get(at)?, *data.get(at + 1)?);
        at += 2;
        match (count, value) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) => break,
            (0, 2) => {
                x += usize::from(*data.get(at)?);
                y += usize::from(*data.get(at + 1)?);
                at += 2;
            }
            (0, run) => {
                let run = usize::from(run);
                let size = if half { run.div_ceil(2) } else { run };
                let bytes = data.get(at..at + size)?;
                for n in 0..run {
                    put(x + n, y, nibble(*bytes.get(if half { n / 2 } else { n })?, n));
                }
                x += run;
                at += size.div_ceil(2) * 2;
            }
            (run, value) => {
                for n in 0..usize::from(run) {
                    put(x + n, y, nibble(value, n));
                }
                x += usize::from(run);
            }
        }
        if y > height {
            return None;
        }
    }
    let rows = canvas.chunks(width).map(|row| {
        if half { row.chunks(2).map(|p| (p[0] << 4) | p.get(1).copied().unwrap_or(0)).collect() } else { row.to_vec() }
    });
    Some((Pixels { bits: header.bits, rows: rows.collect() }, at))
}

fn write(header: &Header, pixels: &Pixels) -> Vec<u8> {
    let palette: &[[u8; 3]] = if pixels.bits <= 8 { &header.palette } else { &[] };
    // 32 bits need masks, which a BITMAPV4HEADER holds; everything else has the short header.
    let size = if pixels.bits == 32 { 108 } else { 40 };
    let stride = stride(header.width, pixels.bits);
    let offset = 14 + size + palette.len() * 4;
    let image = stride * header.height;
    let field = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    let mut out = b"BM".to_vec();
    out.extend(field(offset + image));
    out.extend([0; 4]);
    out.extend(field(offset));
    out.extend(field(size));
    out.extend(field(header.width));
    out.extend(field(header.height));
    out.extend([1, 0]);
    out.extend(u16::try_from(pixels.bits).unwrap_or(24).to_le_bytes());
    out.extend(if pixels.bits == 32 { 3u32 } else { 0 }.to_le_bytes());
    out.extend(field(image));
    out.extend(header.density.0.to_le_bytes());
    out.extend(header.density.1.to_le_bytes());
    out.extend([0; 8]);
    if pixels.bits == 32 {
        for mask in [0xFF_0000u32, 0xFF00, 0xFF, 0xFF00_0000] {
            out.extend(mask.to_le_bytes());
        }
        out.extend(b"BGRs");
        out.extend([0; 48]);
    }
    for [blue, green, red] in palette {
        out.extend([*blue, *green, *red, 0]);
    }
    for row in pixels.rows.iter().rev() {
        out.extend(row);
        out.resize(out.len() + stride - row.len(), 0);
    }
    out
}
