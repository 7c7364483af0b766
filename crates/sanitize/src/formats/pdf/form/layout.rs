//! Where the lines of a field's text go.

use super::super::lex;
use super::face::Face;

/// Space between a field's edge and its text, beside the width of its border.
const MARGIN: f64 = 2.0;
/// The size that a text of several lines has when the field leaves it open.
const USUAL: f64 = 12.0;
/// No text is set smaller.
const LEAST: f64 = 4.0;
/// From line to line, in ems.
const LEADING: f64 = 1.2;

/// A run of text and where it begins.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The room that text has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) wide: f64,
    pub(super) high: f64,
    pub(super) border: f64,
    /// 0 left, 1 centred, 2 right.
    pub(super) alignment: i64,
}

impl Room {
    fn margin(self) -> f64 {
        self.border * 2.0_f64.max(1.0) + MARGIN.min(self.wide / 8.0)
    }

    fn inner(self) -> f64 {
        (self.wide - 2.0 * self.margin()).max(1.0)
    }

    fn begin(self, width: f64) -> f64 {
        match self.alignment {
            1 => (self.wide - width) / 2.0,
            2 => self.wide - self.margin() - width,
            _ => self.margin(),
        }
    }

    /// The line of one row of letters, in the middle of the height.
    fn middle(self, size: f64, face: &Face) -> f64 {
        (self.high - size) / 2.0 + size * face.descent()
    }
}

/// One line; the size that fits when none is given.
pub(super) fn line(text: &str, size: f64, room: Room, face: &Face) -> (f64, Vec<Run>) {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let em = face.measure(&text);
    let size = if size > 0.0 {
        size
    } else {
        let by_width = if em > 0.0 { room.inner() / em } else { f64::INFINITY };
        (room.high * 0.67).min(by_width).clamp(LEAST, 144.0)
    };
    let x = room.begin(em * size);
    (size, vec![Run { text, x, y: room.middle(size, face) }])
}

/// A box for each character.
pub(super) fn comb(text: &str, boxes: usize, size: f64, room: Room, face: &Face) -> (f64, Vec<Run>) {
    #[expect(clippy::cast_precision_loss, reason = "at most a thousand boxes")]
    let step = room.wide / boxes as f64;
    let size = if size > 0.0 { size } else { (room.high * 0.67).min(step).clamp(LEAST, 144.0) };
    let skipped = match room.alignment {
        1 => boxes.saturating_sub(text.chars().count()) / 2,
        2 => boxes.saturating_sub(text.chars().count()),
        _ => 0,
    };
    let mut runs = Vec::new();
    let mut x = step * f64::from(u32::try_from(skipped).unwrap_or(0));
    for c in text.chars().filter(|c| !c.is_control()).take(boxes) {
        let shift = (step - face.width(c) * size) / 2.0;
        runs.push(Run { text: c.to_string(), x: x + shift, y: room.middle(size, face) });
        x += step;
    }
    (size, runs)
}

/// Several lines from the top, broken where they are full.
pub(super) fn lines(text: &str, size: f64, room: Room, face: &Face) -> (f64, Vec<Run>) {
    let mut now = if size > 0.0 { size } else { USUAL };
    let mut broken = wrap(text, room.inner() / now, face);
    while size <= 0.0 && now > LEAST && high(broken.len(), now) > room.high {
        now -= 0.5;
        broken = wrap(text, room.inner() / now, face);
    }
    let top = room.high - room.margin();
    let runs = broken.into_iter().enumerate().map(|(at, text)| {
        let width = face.measure(&text) * now;
        let down = f64::from(u32::try_from(at).unwrap_or(u32::MAX)) * now * LEADING;
        Run { text, x: room.begin(width), y: top - now + now * face.descent() - down }
    });
    (now, runs.collect())
}

fn high(lines: usize, size: f64) -> f64 {
    f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) * size * LEADING + 2.0 * MARGIN
}

/// Breaks text into lines of so many ems: after spaces and hyphens, between any two characters that are not Latin, and
/// inside a word that is longer than a line.
fn wrap(text: &str, most: f64, face: &Face) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    let mut out = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut width) = (String::new(), 0.0);
        // Where the line may be broken: the bytes before it.
        let mut gap = 0;
        for c in paragraph.chars() {
            let wide = face.width(c);
            if width + wide > most && !line.is_empty() && c != ' ' {
                let rest = if gap > 0 { line.split_off(gap) } else { String::new() };
                out.push(line.trim_end().to_owned());
                width = face.measure(&rest);
                line = rest;
                gap = 0;
            }
            if !c.is_ascii() {
                gap = line.len();
            }
            line.push(c);
            width += wide;
            if !c.is_ascii() || matches!(c, ' ' | '-') {
                gap = line.len();
            }
        }
        out.push(line);
    }
    out
}

/// A number of a page in its canonical text.
pub(in crate::formats::pdf) fn number(value: f64) -> String {
    lex::number(format!("{value:.3}").as_bytes()).unwrap_or_else(|| "0".to_owned())
}
