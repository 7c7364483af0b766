//! Windows metafiles of 16 bits ([MS-WMF]), with the placeable header that programs put in front, or without.

use super::blocks::{self, Block};
use super::canvas::{Canvas, Font, Object, Pen, Point};
use super::{i16_at, u16_at, u32_at, unsupported};
use crate::work::{Stop, Work};

/// Pixels of an inch, and of the longer side when the file does not say how large it is.
const INCH: f32 = 96.0;
const UNSAID: f32 = 800.0;

/// Reads every record up to the end.
pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Result<Canvas, Stop> {
    let placeable = bytes.starts_with(b"\xd7\xcd\xc6\x9a");
    let start = if placeable { 22 } else { 0 };
    let window = (if placeable { stated(bytes) } else { first_window(bytes) }).ok_or_else(unsupported)?;
    let ((left, top), (width, height), scale) = window;
    let size = (width.abs() * scale, height.abs() * scale);
    let mut canvas = Canvas::new([0.0, 0.0, size.0, size.1]);
    canvas.state.mapped = true;
    canvas.state.window = ((left, top), (width, height));
    canvas.state.viewport = ((0.0, 0.0), size);
    let mut at = start + 18;
    loop {
        let words = u32_at(bytes, at).ok_or_else(unsupported)? as usize;
        let size = words.checked_mul(2).filter(|size| *size >= 6).ok_or_else(unsupported)?;
        let record = bytes.get(at..at.saturating_add(size)).ok_or_else(unsupported)?;
        work.budget.step(1 + size as u64 / 16)?;
        let kind = u16_at(record, 4).ok_or_else(unsupported)?;
        if kind == 0 {
            canvas.close_mask()?;
            return Ok(canvas);
        }
        draw(kind, record.get(6..).unwrap_or_default(), &mut canvas, work)?;
        at += size;
    }
}

type Window = (Point, Point, f32);

/// The box of the placeable header, and pixels for one of its units.
fn stated(bytes: &[u8]) -> Option<Window> {
    let edges = [6, 8, 10, 12].map(|at| i16_at(bytes, at));
    let [left, top, right, bottom] = [edges[0]?, edges[1]?, edges[2]?, edges[3]?];
    let inch = f32::from(u16_at(bytes, 14)?);
    (inch > 0.0 && left != right && top != bottom).then_some(((left, top), (right - left, bottom - top), INCH / inch))
}

/// The first window that the records set.
fn first_window(bytes: &[u8]) -> Option<Window> {
    let (mut at, mut origin) = (18, (0.0, 0.0));
    for _ in 0..100 {
        let size = (u32_at(bytes, at)? as usize).checked_mul(2).filter(|size| *size >= 6)?;
        let values = (i16_at(bytes, at + 8), i16_at(bytes, at + 6));
        match u16_at(bytes, at + 4)? {
            0x020b => origin = (values.0?, values.1?),
            0x020c => {
                let (width, height) = (values.0?, values.1?);
                let longest = width.abs().max(height.abs());
                return (width != 0.0 && height != 0.0).then_some((origin, (width, height), UNSAID / longest));
            }
            0 => return None,
            _ => {}
        }
        at += size;
    }
    None
}

/// Records that set what no drawing here depends on.
const QUIET: &[u16] = &[
    0x0102, 0x0103, 0x0104, 0x0107, 0x0108, 0x0149, 0x020a, 0x0201, 0x0231, 0x0416, 0x0415, 0x012c, 0x0035, 0x0037,
    0x0234, 0x0626, 0x0220,
];

/// A point whose vertical part stands first, as all parameters of these records do.
fn point(record: &[u8], at: usize) -> Option<Point> {
    Some((i16_at(record, at + 2)?, i16_at(record, at)?))
}

fn draw(kind: u16, record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let done = match kind {
        _ if QUIET.contains(&kind) => Some(()),
        0x020b => point(record, 0).map(|origin| canvas.state.window.0 = origin),
        0x020c => point(record, 0).map(|extent| canvas.state.window.1 = extent),
        0x0106 => u16_at(record, 0).map(|rule| canvas.state.winding = rule == 2),
        0x012e => u16_at(record, 0).map(|align| canvas.state.text_align = u32::from(align)),
        0x0209 => u32_at(record, 0).map(|color| canvas.state.text_color = color),
        0x001e => return canvas.save(),
        0x0127 => i16_at(record, 0).map(|_| canvas.restore(i32::from(u16_at(record, 0).unwrap_or(0).cast_signed()))),
        0x0214 => point(record, 0).map(|to| canvas.state.position = to),
        0x02fa..=0x02fc | 0x00f7 | 0x06ff | 0x0142 | 0x01f9 | 0x012d | 0x01f0 => object(kind, record, canvas),
        0x0213 => {
            let to = point(record, 0).ok_or_else(unsupported)?;
            let outline = canvas.lines(&[canvas.state.position, to], false, false);
            canvas.state.position = to;
            return canvas.shape(&outline, false);
        }
        0x0324 | 0x0325 | 0x0538 => return polygon(kind, record, canvas),
        0x0418 | 0x041b => return closed(kind, record, canvas),
        0x061c => return closed(0x041b, record.get(4..).unwrap_or_default(), canvas),
        0x0521 | 0x0a32 => return text(kind, record, canvas),
        0x0f43 | 0x0b41 => return bitmap(kind, record, canvas, work),
        // What asks a printer for something draws nothing.
        0x0626..=0x0628 => Some(()),
        _ => None,
    };
    done.ok_or_else(unsupported)
}

fn polygon(kind: u16, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let read = || {
        let groups = usize::from(u16_at(record, 0)?);
        let (counts, mut at) = if kind == 0x0538 {
            let counts: Option<Vec<usize>> = (0..groups).map(|n| u16_at(record, 2 + n * 2).map(usize::from)).collect();
            (counts?, 2 + groups * 2)
        } else {
            (vec![groups], 2)
        };
        let mut out = Vec::new();
        for count in counts {
            let points: Option<Vec<Point>> =
                (0..count).map(|n| Some((i16_at(record, at + n * 4)?, i16_at(record, at + n * 4 + 2)?))).collect();
            out.push(points?);
            at += count * 4;
        }
        Some(out)
    };
    let closed = kind != 0x0325;
    let outlines: Vec<String> =
        read().ok_or_else(unsupported)?.iter().map(|points| canvas.lines(points, false, closed)).collect();
    canvas.shape(&outlines.concat(), closed)
}

fn closed(kind: u16, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let (second, first) = point(record, 0).zip(point(record, 4)).ok_or_else(unsupported)?;
    let outline = if kind == 0x0418 {
        canvas.ellipse([first.0, first.1, second.0, second.1])
    } else {
        canvas.lines(&[first, (second.0, first.1), second, (first.0, second.1)], false, true)
    };
    canvas.shape(&outline, true)
}

/// Objects take the first free number.
fn object(kind: u16, record: &[u8], canvas: &mut Canvas) -> Option<()> {
    let made = match kind {
        0x012d => {
            let selected = canvas.objects.get(&u32::from(u16_at(record, 0)?)).cloned();
            canvas.select(selected?);
            return Some(());
        }
        0x01f0 => {
            canvas.objects.remove(&u32::from(u16_at(record, 0)?));
            return Some(());
        }
        0x02fa => {
            let style = u16_at(record, 0)? & 15;
            Object::Pen(Pen {
                color: (style != 5).then_some(u32_at(record, 6)?),
                width: i16_at(record, 2)?,
                dashed: matches!(style, 1..=4),
            })
        }
        0x02fc => Object::Brush((u16_at(record, 0)? != 1).then_some(u32_at(record, 2)?)),
        0x02fb => Object::Font(Font {
            height: i16_at(record, 0)?,
            turn: i16_at(record, 4)?,
            bold: u16_at(record, 8)? >= 600,
            italic: *record.get(10)? != 0,
            vertical: *record.get(18)? == b'@',
        }),
        // Patterns are drawn as their middle grey.
        0x0142 | 0x01f9 => Object::Brush(Some(0xc0_c0c0)),
        _ => Object::Other,
    };
    let free = (0..4096).find(|number| !canvas.objects.contains_key(number))?;
    canvas.objects.insert(free, made);
    Some(())
}

fn text(kind: u16, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let read = || {
        if kind == 0x0521 {
            let count = usize::from(u16_at(record, 0)?);
            let bytes = record.get(2..2 + count)?;
            return Some((point(record, 2 + count.next_multiple_of(2))?, bytes, Vec::new()));
        }
        let (at, count, options) = (point(record, 0)?, usize::from(u16_at(record, 4)?), u16_at(record, 6)?);
        let start = if options & 6 == 0 { 8 } else { 16 };
        let bytes = record.get(start..start + count)?;
        let advances: Option<Vec<f32>> =
            (0..count).map(|n| i16_at(record, start + count.next_multiple_of(2) + n * 2)).collect();
        Some((at, bytes, advances.unwrap_or_default()))
    };
    let (at, bytes, advances) = read().ok_or_else(unsupported)?;
    let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).0;
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    // An advance for each byte says nothing about characters of two.
    let advances = if text.is_ascii() { advances } else { Vec::new() };
    canvas.text(at, &text, &advances)
}

fn bitmap(kind: u16, record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let shift = if kind == 0x0f43 { 2 } else { 0 };
    let read = || {
        let size = point(record, 12 + shift)?;
        let at = point(record, 16 + shift)?;
        let dib = record.get(20 + shift..)?;
        let (header, bits) = (u32_at(dib, 0)? as usize, u16_at(dib, 14)?);
        let used = u32_at(dib, 32)? as usize;
        let colors = match bits {
            1 | 4 | 8 if used == 0 => 1_usize << bits,
            1 | 4 | 8 => used.min(256),
            16 | 32 if u32_at(dib, 16)? == 3 && header == 40 => 3,
            _ => 0,
        };
        let header = header.checked_add(colors * 4)?;
        Some((size, at, dib.get(..header)?, dib.get(header..)?))
    };
    let (size, at, header, bits) = read().ok_or_else(unsupported)?;
    let operation = u32_at(record, 0).ok_or_else(unsupported)?;
    blocks::draw(operation, Block::of(header, bits, (at, size), work)?, canvas)
}
