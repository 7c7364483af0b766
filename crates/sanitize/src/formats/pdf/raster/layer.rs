//! The invisible layer of text: each glyph in its place, in fonts that have no outlines.

use std::collections::HashMap;

use hayro::hayro_interpret::kurbo::{Affine, Point, Vec2};

use super::super::form::number;
use super::super::object::{Dict, Objects, Value};
use super::super::own_font;
use super::text::Placed;
use crate::budget::Budget;
use crate::work::Stop;

/// The font's name; text in it shows nothing.
const NAME: &str = "SekimoriText";
/// Codes of two bytes; 0 is for nothing.
const CODES: usize = 65_000;

/// Texts and their codes, one table for the whole document.
#[derive(Debug, Default)]
pub(super) struct Layer {
    codes: HashMap<(String, u16), u16>,
    texts: Vec<(String, u16)>,
    /// The fonts for writing across and down, once they are used.
    fonts: [Option<usize>; 2],
}

/// Where the writing of a page stands.
struct Pen {
    /// Vertical, and the letters' space without its origin.
    way: (bool, [i64; 4]),
    letters: Affine,
    /// Where the last text began, in ems from the place where the matrix was set.
    at: Vec2,
    origin: Point,
}

impl Layer {
    fn code(&mut self, text: &str, advance: u16) -> u16 {
        if let Some(code) = self.codes.get(&(text.to_owned(), advance)) {
            return *code;
        }
        let next = u16::try_from(self.texts.len() + 1).unwrap_or(0);
        if next == 0 || usize::from(next) > CODES {
            return 0;
        }
        self.texts.push((text.to_owned(), advance));
        self.codes.insert((text.to_owned(), advance), next);
        next
    }

    /// The operators that write a page's text, and the fonts that they name. `page` leads from pixels to the page's space.
    pub(super) fn write(&mut self, glyphs: &[Placed], page: Affine, objects: &mut Objects) -> (String, Dict) {
        let (mut out, mut fonts) = (String::new(), Dict::default());
        let mut pen: Option<Pen> = None;
        for glyph in glyphs {
            let code = self.code(&glyph.text, glyph.advance);
            let place = page * glyph.place;
            let [a, b, c, d, _, _] = place.as_coeffs();
            if code == 0 || (a * d - b * c).abs() < 1e-6 || !place.is_finite() {
                continue;
            }
            // Written downwards, a letter hangs from the middle of its top.
            let hook =
                if glyph.vertical { Point::new(f64::from(glyph.advance) / 2_000.0, 0.88) } else { Point::ORIGIN };
            let begin = place * hook;
            #[expect(clippy::cast_possible_truncation, reason = "saturating; only compared")]
            let way = (glyph.vertical, [a, b, c, d].map(|n| (n * 100.0).round() as i64));
            if pen.as_ref().is_none_or(|pen| pen.way != way) {
                self.turn(way.0, &mut out, &mut fonts, pen.is_none(), objects);
                let numbers = [a, b, c, d, begin.x, begin.y].map(number);
                out += &format!("{} Tm", numbers.join(" "));
                let letters = Affine::new([a, b, c, d, 0.0, 0.0]);
                pen = Some(Pen { way, letters, at: Vec2::ZERO, origin: begin });
            } else if let Some(pen) = &mut pen {
                let away = pen.letters.inverse() * (begin - pen.origin).to_point();
                let step = (away.to_vec2() - pen.at) * 1_000.0;
                let step = Vec2::new(step.x.round(), step.y.round()) / 1_000.0;
                out += &format!("{} {} Td", number(step.x), number(step.y));
                pen.at += step;
            }
            out += &format!("<{code:04x}>Tj\n");
        }
        if !out.is_empty() {
            out += "ET\n";
        }
        (out, fonts)
    }

    /// Begins the text, or chooses the other font.
    fn turn(&mut self, vertical: bool, out: &mut String, fonts: &mut Dict, first: bool, objects: &mut Objects) {
        if first {
            *out += "BT\n3 Tr\n";
        }
        let name = if vertical { "SekimoriDown" } else { "SekimoriAcross" };
        let [across, down] = &mut self.fonts;
        let font = if vertical { down } else { across };
        let number = *font.get_or_insert_with(|| objects.reserve());
        fonts.set(name, Value::Ref(number));
        *out += &format!("/{name} 1 Tf\n");
    }

    /// Writes the fonts that were used.
    pub(super) fn finish(self, objects: &mut Objects, budget: &mut Budget) -> Result<(), Stop> {
        if self.fonts == [None, None] {
            return Ok(());
        }
        budget.step(self.texts.len() as u64)?;
        let program = own_font::program(&[None], objects, budget)?;
        // Every code is the one empty glyph.
        let glyphs = objects.add_packed(Dict::default(), &vec![0; (self.texts.len() + 1) * 2]);
        let widths = (1, self.texts.iter().map(|(_, advance)| *advance));
        let descendant = own_font::descendant(NAME, program, widths, glyphs, objects);
        let text = own_font::to_unicode(self.texts.iter().map(|(text, _)| text.as_str()), objects, budget)?;
        for (font, encoding) in self.fonts.iter().zip(["Identity-H", "Identity-V"]) {
            let Some(number) = font else { continue };
            objects.put(*number, own_font::composite(NAME, encoding, descendant.clone(), text.clone()));
        }
        Ok(())
    }
}
