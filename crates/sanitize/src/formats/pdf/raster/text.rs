//! What a drawn page says: each glyph with its text and its place, as the interpreter of the page meets them.

use std::collections::HashMap;

use hayro::hayro_interpret::font::{Glyph, GlyphRun, PositionedGlyph};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape};
use hayro::hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};

/// A glyph on the page.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) text: String,
    /// From a space in which a letter is one high to the pixels of the page.
    pub(super) place: Affine,
    /// How far the writing goes on, in thousandths.
    pub(super) advance: u16,
    pub(super) vertical: bool,
    /// The page does not show it.
    pub(super) hidden: bool,
}

/// Collects the text of a page.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) glyphs: Vec<Placed>,
    /// Glyphs that were to be seen, and those of them for which the font has no outline.
    pub(super) shown: usize,
    pub(super) blank: usize,
    page: Rect,
    clips: Vec<Rect>,
    outlines: HashMap<u128, bool>,
    limit: usize,
}

impl Reader {
    /// For a page of this size in pixels; no more than so many glyphs are kept.
    pub(super) fn new(width: f64, height: f64, limit: usize) -> Self {
        let page = Rect::new(0.0, 0.0, width, height);
        Self { glyphs: Vec::new(), shown: 0, blank: 0, page, clips: Vec::new(), outlines: HashMap::new(), limit }
    }

    fn glyph(&mut self, glyph: &PositionedGlyph<'_>, transform: Affine, vertical: bool, invisible: bool) {
        let text = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.to_string(),
            Some(BfString::String(text)) => text,
            None => String::new(),
        };
        let text: String = text.chars().filter(|c| !c.is_control() && *c != '\u{FEFF}').take(16).collect();
        let place = transform * glyph.transform() * Affine::scale(1_000.0);
        let middle = place * Point::new(0.4, 0.4);
        let clip = self.clips.last().copied().unwrap_or(self.page);
        let inside = clip.contains(middle);
        if inside && !invisible && (text.is_empty() || !text.trim().is_empty()) {
            self.shown += 1;
            // Where nobody knows what a glyph says, it may be a space.
            self.blank += usize::from(!text.is_empty() && !self.has_outline(glyph));
        }
        if !text.is_empty() && self.page.contains(middle) && self.glyphs.len() < self.limit {
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(_) => None,
            };
            let advance = advance.filter(|a| (0.0..=4_000.0).contains(a)).unwrap_or(500.0).round();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 4000")]
            let advance = advance as u16;
            self.glyphs.push(Placed { text, place, advance, vertical, hidden: invisible || !inside });
        }
    }

    fn has_outline(&mut self, glyph: &Glyph<'_>) -> bool {
        match glyph {
            Glyph::Outline(outline) => {
                let key = outline.identifier().cache_key();
                *self.outlines.entry(key).or_insert_with(|| !outline.outline().is_empty())
            }
            Glyph::Type3(_) => true,
        }
    }
}

impl<'a> Device<'a> for Reader {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let above = self.clips.last().copied().unwrap_or(self.page);
        self.clips.push(above.intersect(clip.path.bounding_box()));
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        let above = self.clips.last().copied().unwrap_or(self.page);
        self.clips.push(above.intersect(*rect));
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        // Text that is filled and stroked comes twice.
        let first = run.glyphs().first().map(|glyph| props.transform * glyph.transform() * Affine::scale(1_000.0));
        let before = self.glyphs.len().checked_sub(run.glyphs().len()).and_then(|at| self.glyphs.get(at));
        if matches!(mode, DrawMode::Stroke(_)) && first.is_some() && before.map(|placed| placed.place) == first {
            return;
        }
        let vertical = run.writing_mode() == WritingMode::Vertical;
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform, vertical, matches!(mode, DrawMode::Invisible));
        }
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {}
}
