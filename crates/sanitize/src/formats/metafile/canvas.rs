//! What a metafile draws on: a device context that writes SVG.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::blocks::Block;
use super::unsupported;
use crate::format::Format;
use crate::formats::ooxml::escape;
use crate::formats::svg::Pictures;
use crate::work::Stop;

/// Bytes of SVG at most.
const LONGEST: usize = 16 << 20;

pub(super) type Point = (f32, f32);

/// What can be selected.
#[derive(Debug, Clone)]
pub(super) enum Object {
    Pen(Pen),
    /// The colour; none for a hollow brush.
    Brush(Option<u32>),
    Font(Font),
    /// Palettes and the like, which draw nothing.
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// None for an invisible pen.
    pub(super) color: Option<u32>,
    pub(super) width: f32,
    pub(super) dashed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Font {
    pub(super) height: f32,
    /// Tenths of a degree, counter-clockwise.
    pub(super) turn: f32,
    pub(super) bold: bool,
    pub(super) italic: bool,
    /// Vertical writing (a name that begins with `@`).
    pub(super) vertical: bool,
}

/// The state that `SaveDC` saves.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) window: (Point, Point),
    pub(super) viewport: (Point, Point),
    /// Whether window and viewport count.
    pub(super) mapped: bool,
    pub(super) world: [f32; 6],
    pub(super) pen: Pen,
    pub(super) brush: Option<u32>,
    pub(super) font: Font,
    pub(super) text_color: u32,
    pub(super) text_align: u32,
    pub(super) position: Point,
    pub(super) winding: bool,
    /// The direction of arcs.
    pub(super) clockwise: bool,
}

/// A part of an ellipse.
pub(super) struct Arc {
    /// From its first point, without the command that leads there.
    pub(super) outline: String,
    /// The middle of the ellipse on the device.
    pub(super) middle: Point,
    /// Its last point in logical units.
    pub(super) end: Point,
}

pub(super) struct Canvas {
    pub(super) state: State,
    saved: Vec<State>,
    pub(super) objects: BTreeMap<u32, Object>,
    /// Left, top, width, height of the picture on the device.
    frame: [f32; 4],
    body: String,
    /// The path between `BeginPath` and what is done with it.
    pub(super) path: Option<String>,
    pictures: Pictures,
    /// A mask of pixels that the next picture may be drawn through.
    pub(super) mask: Option<Block>,
    drawn: bool,
}

impl Canvas {
    pub(super) fn new(frame: [f32; 4]) -> Self {
        let state = State {
            window: ((0.0, 0.0), (1.0, 1.0)),
            viewport: ((0.0, 0.0), (1.0, 1.0)),
            mapped: false,
            world: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            pen: Pen { color: Some(0), width: 0.0, dashed: false },
            brush: Some(0xff_ffff),
            font: Font { height: 12.0, turn: 0.0, bold: false, italic: false, vertical: false },
            text_color: 0,
            text_align: 0,
            position: (0.0, 0.0),
            winding: false,
            clockwise: false,
        };
        Self {
            state,
            saved: Vec::new(),
            objects: BTreeMap::new(),
            frame,
            body: String::new(),
            path: None,
            pictures: Pictures::new(),
            mask: None,
            drawn: false,
        }
    }

    /// The drawing and its pictures; `None` when nothing was drawn.
    pub(super) fn finish(self) -> Option<(String, Pictures)> {
        let [left, top, width, height] = self.frame;
        let fits = self.drawn && width >= 1.0 && height >= 1.0;
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"{left} {top} {width} {height}\">{}</svg>",
            self.body
        );
        fits.then_some((text, self.pictures))
    }

    pub(super) fn save(&mut self) -> Result<(), Stop> {
        if self.saved.len() > 256 {
            return Err(unsupported());
        }
        self.saved.push(self.state.clone());
        Ok(())
    }

    /// `-1` is the state saved last; positive numbers count from the first.
    pub(super) fn restore(&mut self, which: i32) {
        let keep = match usize::try_from(which) {
            Ok(number) => number.saturating_sub(1),
            Err(_) => self.saved.len().saturating_sub(usize::try_from(which.unsigned_abs()).unwrap_or(usize::MAX)),
        };
        if let Some(state) = self.saved.get(keep).cloned() {
            self.state = state;
            self.saved.truncate(keep);
        }
    }

    pub(super) fn select(&mut self, object: Object) {
        match object {
            Object::Pen(pen) => self.state.pen = pen,
            Object::Brush(brush) => self.state.brush = brush,
            Object::Font(font) => self.state.font = font,
            Object::Other => {}
        }
    }

    /// A logical point on the device.
    pub(super) fn device(&self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f] = self.state.world;
        let (x, y) = (a * x + c * y + e, b * x + d * y + f);
        if !self.state.mapped {
            return (
                x - self.state.window.0.0 + self.state.viewport.0.0,
                y - self.state.window.0.1 + self.state.viewport.0.1,
            );
        }
        let (horizontal, vertical) = self.scales();
        (
            (x - self.state.window.0.0) * horizontal + self.state.viewport.0.0,
            (y - self.state.window.0.1) * vertical + self.state.viewport.0.1,
        )
    }

    fn scales(&self) -> Point {
        let ratio = |to: f32, from: f32| if from == 0.0 { 1.0 } else { to / from };
        let (window, viewport) = (self.state.window.1, self.state.viewport.1);
        (ratio(viewport.0, window.0), ratio(viewport.1, window.1))
    }

    /// How much longer a length is on the device.
    fn scale(&self) -> f32 {
        let (horizontal, vertical) = if self.state.mapped { self.scales() } else { (1.0, 1.0) };
        let [a, b, c, d, ..] = self.state.world;
        ((horizontal * vertical).abs() * (a * d - b * c).abs()).sqrt()
    }

    /// Draws a mask whose holes nothing was drawn into.
    pub(super) fn close_mask(&mut self) -> Result<(), Stop> {
        match self.mask.take() {
            Some(mask) => self.picture(&mask.into_shadow().ok_or_else(unsupported)?),
            None => Ok(()),
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Stop> {
        self.close_mask()?;
        self.body.push_str(text);
        self.drawn = true;
        if self.body.len() > LONGEST { Err(unsupported()) } else { Ok(()) }
    }

    /// Lines through these points, or curves with every third of them on the line.
    pub(super) fn lines(&self, points: &[Point], curves: bool, close: bool) -> String {
        let mut out = String::new();
        for (at, point) in points.iter().enumerate() {
            let (x, y) = self.device(*point);
            let command = match (at, curves) {
                (0, _) => "M",
                (_, false) => "L",
                (at, true) if at % 3 == 1 => "C",
                _ => " ",
            };
            let _ = write!(out, "{command}{x} {y}");
        }
        if close && !out.is_empty() {
            out.push('Z');
        }
        out
    }

    /// Draws an outline, or adds it to the open path.
    pub(super) fn shape(&mut self, outline: &str, fill: bool) -> Result<(), Stop> {
        if let Some(path) = &mut self.path {
            path.push_str(outline);
            return if path.len() > LONGEST { Err(unsupported()) } else { Ok(()) };
        }
        self.paint(outline, fill, true)
    }

    pub(super) fn paint(&mut self, outline: &str, fill: bool, stroke: bool) -> Result<(), Stop> {
        if outline.is_empty() {
            return Ok(());
        }
        let fill = self.state.brush.filter(|_| fill).map_or("none".to_owned(), color);
        let rule = if self.state.winding { "nonzero" } else { "evenodd" };
        let mut out = format!("<path d=\"{outline}\" fill=\"{fill}\" fill-rule=\"{rule}\"");
        if let Some(pen) = self.state.pen.color.filter(|_| stroke) {
            let width = (self.state.pen.width * self.scale()).max(1.0);
            let _ = write!(out, " stroke=\"{}\" stroke-width=\"{width}\"", color(pen));
            if self.state.pen.dashed {
                let _ = write!(out, " stroke-dasharray=\"{} {}\"", width * 3.0, width * 2.0);
            }
        }
        out.push_str("/>");
        self.push(&out)
    }

    /// The ellipse in a box.
    pub(super) fn ellipse(&self, [left, top, right, bottom]: [f32; 4]) -> String {
        let ((x1, y1), (x2, y2)) = (self.device((left, top)), self.device((right, bottom)));
        let (rx, ry, y) = ((x2 - x1).abs() / 2.0, (y2 - y1).abs() / 2.0, f32::midpoint(y1, y2));
        let (first, last) = (x1.min(x2), x1.max(x2));
        format!("M{first} {y}A{rx} {ry} 0 1 0 {last} {y}A{rx} {ry} 0 1 0 {first} {y}Z")
    }

    /// The part of the ellipse in a box between two rays from its middle.
    pub(super) fn arc(&self, [left, top, right, bottom]: [f32; 4], from: Point, to: Point) -> Option<Arc> {
        let middle = (f32::midpoint(left, right), f32::midpoint(top, bottom));
        let radius = ((right - left).abs() / 2.0, (bottom - top).abs() / 2.0);
        let angle = |point: Point| ((point.1 - middle.1) / radius.1).atan2((point.0 - middle.0) / radius.0);
        let (start, end) = (angle(from), angle(to));
        let on = |angle: f32| (middle.0 + radius.0 * angle.cos(), middle.1 + radius.1 * angle.sin());
        let turn = if self.state.clockwise { end - start } else { start - end }.rem_euclid(std::f32::consts::TAU);
        if !turn.is_finite() {
            return None;
        }
        let (first, last) = (self.device(on(start)), self.device(on(end)));
        let corner = (self.device((left, top)), self.device((right, bottom)));
        let (rx, ry) = ((corner.1.0 - corner.0.0).abs() / 2.0, (corner.1.1 - corner.0.1).abs() / 2.0);
        // Where the device counts the other way on one axis, the direction turns round.
        let turned = (corner.1.0 < corner.0.0) != (corner.1.1 < corner.0.1);
        let (large, sweep) = (u8::from(turn > std::f32::consts::PI), u8::from(self.state.clockwise != turned));
        let outline = format!("{} {}A{rx} {ry} 0 {large} {sweep} {} {}", first.0, first.1, last.0, last.1);
        Some(Arc { outline, middle: self.device(middle), end: on(end) })
    }

    /// A line of text with the advance of each unit of UTF-16 in logical units, when the file says it.
    pub(super) fn text(&mut self, at: Point, text: &str, advances: &[f32]) -> Result<(), Stop> {
        const RIGHT: u32 = 2;
        const CENTER: u32 = 6;
        const BASELINE: u32 = 24;
        const BOTTOM: u32 = 8;
        if text.trim().is_empty() {
            return Ok(());
        }
        let align = self.state.text_align;
        let at = if align & 1 == 1 { self.state.position } else { at };
        let scale = self.scale();
        let font = self.state.font.clone();
        let size = if font.height == 0.0 { 12.0 } else { font.height.abs() * scale };
        // A positive height is that of the cell, which is taller than the letters.
        let size = if font.height > 0.0 { size * 0.85 } else { size };
        let (x, y) = self.device(at);
        let down = match align & BASELINE {
            BASELINE => 0.0,
            BOTTOM => -0.14 * size,
            _ => 0.86 * size,
        };
        let total: f32 = advances.iter().sum::<f32>() * self.horizontal();
        let anchor = match align & CENTER {
            CENTER => "middle",
            RIGHT => "end",
            _ => "start",
        };
        let mut positions = format!("{x}");
        if !advances.is_empty() && advances.len() == text.encode_utf16().count() {
            let start = match anchor {
                "middle" => x - total / 2.0,
                "end" => x - total,
                _ => x,
            };
            positions.clear();
            let (mut unit, mut offset) = (0, 0.0);
            for c in text.chars() {
                let _ = write!(positions, "{} ", start + offset * self.horizontal());
                for _ in 0..c.len_utf16() {
                    offset += advances.get(unit).copied().unwrap_or(0.0);
                    unit += 1;
                }
            }
        }
        let anchor = if positions.contains(' ') { "start" } else { anchor };
        let turn = if font.turn == 0.0 {
            String::new()
        } else {
            format!(" transform=\"rotate({} {x} {y})\"", -font.turn / 10.0)
        };
        let weight = if font.bold { " font-weight=\"bold\" stroke-width=\"0.03em\"" } else { "" };
        let slant = if font.italic { " font-style=\"italic\"" } else { "" };
        let upright = if font.vertical { " glyph-orientation-vertical=\"auto\"" } else { "" };
        let mut out = format!(
            "<text xml:space=\"preserve\" x=\"{positions}\" y=\"{}\" font-size=\"{size}\" fill=\"{}\" text-anchor=\"{anchor}\"{turn}{weight}{slant}{upright}>",
            y + down,
            color(self.state.text_color)
        );
        escape(text, false, &mut out);
        out.push_str("</text>");
        self.push(&out)
    }

    fn horizontal(&self) -> f32 {
        let [a, b, ..] = self.state.world;
        let scale = if self.state.mapped { self.scales().0.abs() } else { 1.0 };
        scale * (a * a + b * b).sqrt()
    }

    /// Pixels in a box.
    pub(super) fn picture(&mut self, block: &Block) -> Result<(), Stop> {
        let Block { at, size, width, height, pixels } = block;
        let png = encode(*width, *height, pixels).ok_or_else(unsupported)?;
        let (first, second) = (self.device(*at), self.device((at.0 + size.0, at.1 + size.1)));
        let (x, y) = (first.0.min(second.0), first.1.min(second.1));
        let (w, h) = ((second.0 - first.0).abs(), (second.1 - first.1).abs());
        // A file that begins so is what the drawing asks for by its number.
        let name = format!("picture {}", self.pictures.len()).into_bytes();
        let data = base64_of(&name);
        self.pictures.insert(name, (Format::Png, png));
        self.push(&format!("<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,{data}\"/>"))
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn encode(width: usize, height: usize, pixels: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(out)
}

/// A COLORREF (red lowest) as SVG writes it.
fn color(value: u32) -> String {
    let [red, green, blue, _] = value.to_le_bytes();
    format!("#{red:02x}{green:02x}{blue:02x}")
}
