//! Enhanced metafiles ([MS-EMF]).

use super::blocks;
use super::canvas::{Canvas, Font, Object, Pen, Point};
use super::{f32_at, i16_at, i32_at, u16_at, u32_at, unsupported};
use crate::work::{Stop, Work};

/// Points of one record at most.
const POINTS: usize = 100_000;

/// Reads every record up to the end.
pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Result<Canvas, Stop> {
    let mut canvas = Canvas::new(frame(bytes).ok_or_else(unsupported)?);
    let mut at = 0;
    loop {
        let (kind, size) = u32_at(bytes, at).zip(u32_at(bytes, at + 4)).ok_or_else(unsupported)?;
        let size = size as usize;
        let record = bytes.get(at..at.saturating_add(size)).filter(|_| size >= 8).ok_or_else(unsupported)?;
        work.budget.step(1 + size as u64 / 16)?;
        if kind == 14 {
            canvas.close_mask()?;
            return Ok(canvas);
        }
        draw(kind, record, &mut canvas, work)?;
        at += size;
    }
}

/// The frame in units of the device: hundredths of a millimetre over the device's own resolution.
fn frame(bytes: &[u8]) -> Option<[f32; 4]> {
    let edges = [24, 28, 32, 36].map(|at| i32_at(bytes, at));
    let [left, top, right, bottom] = [edges[0]?, edges[1]?, edges[2]?, edges[3]?];
    let (pixels, millimetres) = ((i32_at(bytes, 72)?, i32_at(bytes, 76)?), (i32_at(bytes, 80)?, i32_at(bytes, 84)?));
    if millimetres.0 <= 0.0 || millimetres.1 <= 0.0 {
        return None;
    }
    let (x, y) = (pixels.0 / millimetres.0 / 100.0, pixels.1 / millimetres.1 / 100.0);
    Some([left * x, top * y, (right - left) * x, (bottom - top) * y])
}

/// Records that set what no drawing here depends on.
const QUIET: &[u32] = &[1, 13, 16, 18, 20, 21, 23, 25, 28, 48, 49, 50, 51, 52, 58, 70, 98, 115];

fn draw(kind: u32, record: &[u8], canvas: &mut Canvas, work: &mut Work<'_>) -> Result<(), Stop> {
    let done = match kind {
        _ if QUIET.contains(&kind) => Some(()),
        2..=8 | 85..=91 => return polygon(kind, record, canvas),
        9..=12 | 17 | 27 | 35 | 36 => place(kind, record, canvas),
        19 => u32_at(record, 8).map(|rule| canvas.state.winding = rule == 2),
        22 => u32_at(record, 8).map(|align| canvas.state.text_align = align),
        24 => u32_at(record, 8).map(|color| canvas.state.text_color = color),
        33 => return canvas.save(),
        34 => u32_at(record, 8).map(|which| canvas.restore(which.cast_signed())),
        37..=40 | 82 | 93..=95 => object(kind, record, canvas),
        15 => return pixel(record, canvas),
        42..=44 => return closed(kind, record, canvas),
        45..=47 | 55 => return arc(kind, record, canvas),
        57 => u32_at(record, 8).map(|direction| canvas.state.clockwise = direction == 2),
        54 => return line_to(record, canvas),
        59..=64 | 68 => return path(kind, canvas),
        // Clipping to what is visible anyway is common; the picture is cut to its frame.
        29 | 30 | 67 | 75 => Some(()),
        81 => return blocks::bits(record, canvas, work),
        76 | 77 => return blocks::copy(kind, record, canvas, work),
        114 => return blocks::blend(record, canvas, work),
        83 | 84 => return text(kind, record, canvas),
        _ => None,
    };
    done.ok_or_else(unsupported)
}

pub(super) fn pair(record: &[u8], at: usize) -> Option<Point> {
    Some((i32_at(record, at)?, i32_at(record, at + 4)?))
}

/// Window, viewport, position and world.
fn place(kind: u32, record: &[u8], canvas: &mut Canvas) -> Option<()> {
    let state = &mut canvas.state;
    match kind {
        9 => state.window.1 = pair(record, 8)?,
        10 => state.window.0 = pair(record, 8)?,
        11 => state.viewport.1 = pair(record, 8)?,
        12 => state.viewport.0 = pair(record, 8)?,
        17 => state.mapped = matches!(u32_at(record, 8)?, 7 | 8),
        27 => {
            let point = pair(record, 8)?;
            state.position = point;
            if canvas.path.is_some() {
                let start = canvas.lines(&[point], false, false);
                canvas.path.as_mut()?.push_str(&start);
            }
        }
        _ => {
            let mut world = [0.0; 6];
            for (to, at) in world.iter_mut().zip((8..).step_by(4)) {
                *to = f32_at(record, at)?;
            }
            let mode = if kind == 35 { 4 } else { u32_at(record, 32)? };
            state.world = match mode {
                1 => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
                2 => multiply(world, state.world),
                3 => multiply(state.world, world),
                4 => world,
                _ => return None,
            };
        }
    }
    Some(())
}

/// First the one, then the other.
fn multiply(first: [f32; 6], then: [f32; 6]) -> [f32; 6] {
    let [a, b, c, d, e, f] = first;
    let [p, q, r, s, t, u] = then;
    [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u]
}

/// Lines, polygons and curves, with coordinates of 32 or of 16 bits.
fn polygon(kind: u32, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let short = kind >= 85;
    let form = if short { kind - 83 } else { kind };
    let width = if short { 4 } else { 8 };
    let point = |at: usize| if short { Some((i16_at(record, at)?, i16_at(record, at + 2)?)) } else { pair(record, at) };
    let (groups, start) = if form >= 7 {
        let count = u32_at(record, 24).ok_or_else(unsupported)? as usize;
        if count > POINTS {
            return Err(unsupported());
        }
        let counts: Option<Vec<usize>> =
            (0..count).map(|n| u32_at(record, 32 + n * 4).map(|count| count as usize)).collect();
        (counts.ok_or_else(unsupported)?, 32 + count * 4)
    } else {
        (vec![u32_at(record, 24).ok_or_else(unsupported)? as usize], 28)
    };
    let (curves, close, fill) = (matches!(form, 2 | 5), matches!(form, 3 | 8), matches!(form, 3 | 8));
    let (mut at, mut outline, mut total) = (start, String::new(), 0_usize);
    for count in groups {
        total = total.saturating_add(count);
        if total > POINTS {
            return Err(unsupported());
        }
        let points: Option<Vec<Point>> = (0..count).map(|n| point(at + n * width)).collect();
        let mut points = points.ok_or_else(unsupported)?;
        at += count * width;
        if matches!(form, 5 | 6) {
            points.insert(0, canvas.state.position);
            canvas.state.position = points.last().copied().unwrap_or_default();
        }
        outline.push_str(&canvas.lines(&points, curves, close));
    }
    canvas.shape(&outline, fill)
}

/// Ellipses and rectangles.
fn closed(kind: u32, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let (first, second) = pair(record, 8).zip(pair(record, 16)).ok_or_else(unsupported)?;
    let outline = if kind == 42 {
        canvas.ellipse([first.0, first.1, second.0, second.1])
    } else {
        canvas.lines(&[first, (second.0, first.1), second, (first.0, second.1)], false, true)
    };
    canvas.shape(&outline, true)
}

/// A dot of one unit.
fn pixel(record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let (at, color) = pair(record, 8).zip(u32_at(record, 16)).ok_or_else(unsupported)?;
    let outline = canvas.lines(&[at, (at.0 + 1.0, at.1), (at.0 + 1.0, at.1 + 1.0), (at.0, at.1 + 1.0)], false, true);
    let brush = canvas.state.brush.replace(color);
    let done = canvas.paint(&outline, true, false);
    canvas.state.brush = brush;
    done
}

/// Arcs alone (45), closed by a chord (46) or by the middle (47), and from the position on (55).
fn arc(kind: u32, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let points = [8, 16, 24, 32].map(|at| pair(record, at));
    let [Some(first), Some(second), Some(from), Some(to)] = points else { return Err(unsupported()) };
    let arc = canvas.arc([first.0, first.1, second.0, second.1], from, to).ok_or_else(unsupported)?;
    let outline = match kind {
        46 => format!("M{}Z", arc.outline),
        47 => format!("M{} {}L{}Z", arc.middle.0, arc.middle.1, arc.outline),
        55 => {
            let start = canvas.lines(&[canvas.state.position], false, false);
            canvas.state.position = arc.end;
            format!("{start}L{}", arc.outline)
        }
        _ => format!("M{}", arc.outline),
    };
    canvas.shape(&outline, matches!(kind, 46 | 47))
}

fn line_to(record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let to = pair(record, 8).ok_or_else(unsupported)?;
    let outline = canvas.lines(&[canvas.state.position, to], false, false);
    // Within a path the line goes on from where the last one ended.
    let outline = if canvas.path.as_ref().is_some_and(|path| !path.is_empty()) {
        outline.split_once('L').map_or(outline.clone(), |(_, rest)| format!("L{rest}"))
    } else {
        outline
    };
    canvas.state.position = to;
    canvas.shape(&outline, false)
}

fn path(kind: u32, canvas: &mut Canvas) -> Result<(), Stop> {
    match kind {
        59 => canvas.path = Some(String::new()),
        60 => {}
        61 => {
            if let Some(path) = canvas.path.as_mut().filter(|path| !path.is_empty()) {
                path.push('Z');
            }
        }
        68 => canvas.path = None,
        _ => {
            let path = canvas.path.take().unwrap_or_default();
            return canvas.paint(&path, kind != 64, kind != 62);
        }
    }
    Ok(())
}

/// Objects of the system, by number (2.1.31).
fn stock(number: u32) -> Option<Object> {
    let pen = |color| Object::Pen(Pen { color, width: 0.0, dashed: false });
    Some(match number {
        0 => Object::Brush(Some(0xff_ffff)),
        1 => Object::Brush(Some(0xc0_c0c0)),
        2 => Object::Brush(Some(0x80_8080)),
        3 => Object::Brush(Some(0x40_4040)),
        4 => Object::Brush(Some(0)),
        5 => Object::Brush(None),
        6 => pen(Some(0xff_ffff)),
        7 => pen(Some(0)),
        8 => pen(None),
        10..=14 | 16 | 17 => {
            Object::Font(Font { height: -12.0, turn: 0.0, bold: false, italic: false, vertical: false })
        }
        15 | 18 | 19 => Object::Other,
        _ => return None,
    })
}

fn object(kind: u32, record: &[u8], canvas: &mut Canvas) -> Option<()> {
    let number = u32_at(record, 8)?;
    let made = match kind {
        37 => {
            let selected = match number & 0x8000_0000 {
                0 => canvas.objects.get(&number).cloned(),
                _ => stock(number & 0x7fff_ffff),
            };
            canvas.select(selected?);
            return Some(());
        }
        40 => {
            canvas.objects.remove(&number);
            return Some(());
        }
        38 => {
            let style = u32_at(record, 12)?;
            let color = u32_at(record, 24)?;
            Object::Pen(Pen {
                color: (style & 15 != 5).then_some(color),
                width: i32_at(record, 16)?,
                dashed: matches!(style & 15, 1..=4),
            })
        }
        95 => {
            let style = u32_at(record, 28)?;
            let color = u32_at(record, 40)?;
            Object::Pen(Pen {
                color: (style & 15 != 5).then_some(color),
                width: i32_at(record, 32)?,
                dashed: matches!(style & 15, 1..=4 | 7),
            })
        }
        39 => Object::Brush((u32_at(record, 12)? != 1).then_some(u32_at(record, 16)?)),
        // Patterns are drawn as their middle grey.
        93 | 94 => Object::Brush(Some(0xc0_c0c0)),
        _ => Object::Font(font(record.get(12..)?)?),
    };
    if canvas.objects.len() > 65_536 {
        return None;
    }
    canvas.objects.insert(number, made);
    Some(())
}

/// LOGFONTW.
fn font(record: &[u8]) -> Option<Font> {
    Some(Font {
        height: i32_at(record, 0)?,
        turn: i32_at(record, 8)?,
        bold: u32_at(record, 16)? >= 600,
        italic: *record.get(20)? != 0,
        vertical: u16_at(record, 28)? == u16::from(b'@'),
    })
}

fn text(kind: u32, record: &[u8], canvas: &mut Canvas) -> Result<(), Stop> {
    let read = || {
        let (at, count, offset) = (pair(record, 36)?, u32_at(record, 44)? as usize, u32_at(record, 48)? as usize);
        let advance_at = u32_at(record, 72)? as usize;
        if count > POINTS {
            return None;
        }
        let text = if kind == 84 {
            let units: Option<Vec<u16>> = (0..count).map(|n| u16_at(record, offset + n * 2)).collect();
            String::from_utf16_lossy(&units?)
        } else {
            encoding_rs::SHIFT_JIS
                .decode_without_bom_handling(record.get(offset..offset.checked_add(count)?)?)
                .0
                .into_owned()
        };
        let advances: Option<Vec<f32>> = (0..count).map(|n| i32_at(record, advance_at + n * 4)).collect();
        // Glyph numbers instead of characters.
        let glyphs = count > 0 && u32_at(record, 52)? & 0x10 != 0;
        (!glyphs).then_some((at, text, if advance_at == 0 { Vec::new() } else { advances.unwrap_or_default() }))
    };
    let (at, text, advances) = read().ok_or_else(unsupported)?;
    let text: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    canvas.text(at, &text, &advances)
}
