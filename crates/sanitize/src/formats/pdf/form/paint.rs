//! The operators that draw a field: its ground and border, and what it holds.

use lopdf::{Dictionary, Object};

use super::super::copy::Copier;
use super::super::lex::{Lexer, Token};
use super::super::object::{Dict, Value};
use super::super::write::write_value;
use super::face::Face;
use super::field::{Field, Holds};
use super::layout::{self, Room, Run, number};
use crate::words::What;
use crate::work::Stop;

/// The name of the font in a field's resources.
const FONT: &[u8] = b"SekimoriFont";

/// Font, size and colour, as the field's operators choose them.
#[derive(Debug, Default)]
struct Style {
    font: Option<Vec<u8>>,
    size: f64,
    color: String,
}

/// Puts a text in its place: from its size (0 when the field leaves it open) and its font.
type Lay<'l> = &'l dyn Fn(f64, &Face) -> (f64, Vec<Run>);

/// Draws a field in its own space; nothing when there is nothing to see.
pub(super) fn field(
    widget: &Dictionary,
    field: &Field,
    (wide, high): (f64, f64),
    fonts: &mut Dict,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Option<Vec<u8>>, Stop> {
    copier.work.budget.step(16)?;
    let (mut out, border) = ground(widget, wide, high, copier);
    let style = style(&field.style);
    let room = Room { wide, high, border, alignment: field.alignment };
    let mut set = |text: &str, lay: Lay<'_>, out: &mut String| -> Result<(), Stop> {
        if text.trim().is_empty() {
            return Ok(());
        }
        copier.work.budget.step(text.len() as u64)?;
        let face = Face::choose(text, style.font.as_deref(), widget, copier)?;
        let (size, runs) = lay(style.size, &face);
        fonts.set_bytes(FONT, face.resource(copier));
        if face.lacks(text) {
            copier.draft.findings.lost(What::Font, "form");
        }
        write_runs(&runs, size, &style.color, &face, room, out, copier);
        Ok(())
    };
    match &field.holds {
        Holds::Text { text, lines: true, .. } => {
            set(text, &|size, face| layout::lines(text, size, room, face), &mut out)?;
        }
        Holds::Text { text, comb: Some(boxes), .. } => {
            set(text, &|size, face| layout::comb(text, *boxes, size, room, face), &mut out)?;
        }
        Holds::Text { text, .. } => set(text, &|size, face| layout::line(text, size, room, face), &mut out)?,
        Holds::Button(text) => {
            let room = Room { alignment: 1, ..room };
            set(text, &|size, face| layout::line(text, size, room, face), &mut out)?;
        }
        Holds::List(choices) => {
            let all: Vec<&str> = choices.iter().map(|(text, _)| text.as_str()).collect();
            let all = all.join("\n");
            let size = if style.size > 0.0 { style.size } else { 12.0 };
            let mut y = high - border - 2.0;
            for (_, on) in choices {
                y -= size * 1.2;
                if *on {
                    out += &format!("0.6 0.75 0.85 rg 0 {} {} {} re f\n", number(y), number(wide), number(size * 1.2));
                }
            }
            set(&all, &|_, face| layout::lines(&all, size, room, face), &mut out)?;
        }
        Holds::Mark(true) => mark(widget, wide, high, &style, &mut out, copier),
        Holds::Mark(false) | Holds::Signature | Holds::Other => {}
    }
    Ok((!out.is_empty()).then(|| out.into_bytes()))
}

/// Ground and border of the field, and the border's width.
fn ground(widget: &Dictionary, wide: f64, high: f64, copier: &Copier<'_, '_, '_>) -> (String, f64) {
    let mut out = String::new();
    let Some(look) = copier.dict(widget, b"MK") else { return (out, 0.0) };
    let color = |key: &[u8], operators: [&str; 3]| {
        let parts = copier.array(look, key)?;
        let parts: Vec<f64> = parts.iter().filter_map(|n| copier.resolve(n).as_float().ok().map(f64::from)).collect();
        let operator = match parts.len() {
            1 => operators[0],
            3 => operators[1],
            4 => operators[2],
            _ => return None,
        };
        let parts: Vec<String> = parts.into_iter().map(number).collect();
        Some(format!("{} {operator}", parts.join(" ")))
    };
    if let Some(color) = color(b"BG", ["g", "rg", "k"]) {
        out += &format!("{color} 0 0 {} {} re f\n", number(wide), number(high));
    }
    let Some(color) = color(b"BC", ["G", "RG", "K"]) else { return (out, 0.0) };
    let style = copier.dict(widget, b"BS");
    let width = style.and_then(|s| copier.get(s, b"W")).and_then(|w| w.as_float().ok()).map_or(1.0, f64::from);
    let width = width.clamp(0.0, wide.min(high) / 4.0);
    if width > 0.0 {
        let half = width / 2.0;
        let path = if style.and_then(|s| copier.name(s, b"S")) == Some(b"U") {
            format!("0 {} m {} {} l", number(half), number(wide), number(half))
        } else {
            format!("{} {} {} {} re", number(half), number(half), number(wide - width), number(high - width))
        };
        out += &format!("{color} {} w {path} S\n", number(width));
    }
    (out, width)
}

/// The last font and colour that the operators choose.
fn style(operators: &[u8]) -> Style {
    let mut style = Style { color: "0 g".to_owned(), ..Style::default() };
    let mut lexer = Lexer::new(operators);
    let mut operands: Vec<Value> = Vec::new();
    while let Some(token) = lexer.next() {
        match token {
            Token::Value(value) => operands.push(value),
            Token::Brace(_) => {}
            Token::Word(word) => {
                match (word.as_slice(), operands.as_slice()) {
                    (b"Tf", [.., Value::Name(name), size]) => {
                        style.font = Some(name.clone());
                        style.size = size.as_f64().filter(|s| (0.0..=1_000.0).contains(s)).unwrap_or(0.0);
                    }
                    (b"g", [Value::Number(_)])
                    | (b"rg", [Value::Number(_), Value::Number(_), Value::Number(_)])
                    | (b"k", [Value::Number(_), Value::Number(_), Value::Number(_), Value::Number(_)]) => {
                        let mut color = Vec::new();
                        operands.iter().for_each(|operand| write_value(&mut color, operand));
                        style.color = format!("{} {}", String::from_utf8_lossy(&color), String::from_utf8_lossy(&word));
                    }
                    _ => {}
                }
                operands.clear();
            }
        }
    }
    style
}

fn write_runs(
    runs: &[Run],
    size: f64,
    color: &str,
    face: &Face,
    room: Room,
    out: &mut String,
    copier: &mut Copier<'_, '_, '_>,
) {
    *out += &format!("q 0 0 {} {} re W n BT {color} ", number(room.wide), number(room.high));
    *out += &format!("/{} {} Tf\n", String::from_utf8_lossy(FONT), number(size));
    for run in runs.iter().filter(|run| !run.text.is_empty()) {
        let codes = face.codes(&run.text, copier);
        let hex: String = codes.iter().map(|byte| format!("{byte:02x}")).collect();
        *out += &format!("1 0 0 1 {} {} Tm <{hex}> Tj\n", number(run.x), number(run.y));
    }
    *out += "ET Q\n";
}

/// The mark of a box that is on, drawn as lines so that it needs no font.
fn mark(widget: &Dictionary, wide: f64, high: f64, style: &Style, out: &mut String, copier: &Copier<'_, '_, '_>) {
    let shape = match copier.dict(widget, b"MK").and_then(|mk| copier.get(mk, b"CA")) {
        Some(Object::String(text, _)) => text.first().copied().unwrap_or(b'4'),
        _ => b'4',
    };
    let side = wide.min(high) * 0.6;
    let (x, y) = ((wide - side) / 2.0, (high - side) / 2.0);
    let at = |fx: f64, fy: f64| format!("{} {}", number(x + side * fx), number(y + side * fy));
    let round =
        |a: (f64, f64), b: (f64, f64), c: (f64, f64)| format!("{} {} {} c ", at(a.0, a.1), at(b.0, b.1), at(c.0, c.1));
    let path = match shape {
        b'8' | b'6' | b'7' => {
            let cross = format!("{} m {} l {} m {} l", at(0.0, 0.0), at(1.0, 1.0), at(0.0, 1.0), at(1.0, 0.0));
            format!("{} w 1 J {cross} S", number(side * 0.16))
        }
        b'l' => {
            let quarters = [
                round((1.0, 0.776), (0.776, 1.0), (0.5, 1.0)),
                round((0.224, 1.0), (0.0, 0.776), (0.0, 0.5)),
                round((0.0, 0.224), (0.224, 0.0), (0.5, 0.0)),
                round((0.776, 0.0), (1.0, 0.224), (1.0, 0.5)),
            ];
            format!("{} m {}f", at(1.0, 0.5), quarters.concat())
        }
        b'n' => format!("{} {} {} re f", at(0.0, 0.0), number(side), number(side)),
        b'u' => format!("{} m {} l {} l {} l f", at(0.5, 0.0), at(1.0, 0.5), at(0.5, 1.0), at(0.0, 0.5)),
        _ => {
            let check = format!("{} m {} l {} l", at(0.0, 0.5), at(0.38, 0.08), at(1.0, 0.95));
            format!("{} w 1 J 1 j {check} S", number(side * 0.16))
        }
    };
    let stroke = style.color.replace("rg", "RG").replace('g', "G").replace('k', "K");
    *out += &format!("q {} {stroke} {path} Q\n", style.color);
}
