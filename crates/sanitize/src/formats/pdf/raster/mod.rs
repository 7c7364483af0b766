//! The image grade: what was rebuilt is drawn page by page, and the new document is made of these pictures. The text is laid
//! over them unseen, so that it can still be searched and copied.
//!
//! What is drawn is the document that the rebuilder wrote, never the one that came in. Drawing is the work of hayro, which is
//! memory-safe but not frugal: pixels are limited before they are allocated, and the worker's own limits stand behind it.

mod encode;
mod fonts;
mod layer;
mod picture;
mod text;

use hayro::hayro_interpret::kurbo::{Affine, Rect};
use hayro::hayro_interpret::{Context, InterpreterCache, InterpreterSettings, TransformExt, interpret_page};
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings};

use super::form::number;
use super::object::{Dict, Object, Objects, Value, packed};
use super::{reach, write};
use crate::policy::KeepOrDrop;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Stop, Work};
use encode::Pixels;
use layer::Layer;
use picture::{dict, picture};

/// Pixels of one page; a larger page is drawn in fewer dots for each inch.
const PAGE_PIXELS: f64 = 12_000_000.0;
/// Pixels of one side.
const SIDE: f64 = 16_000.0;
/// Glyphs of one page.
const GLYPHS: usize = 200_000;

/// Keys of the catalogue that say something of content that is no longer there.
const CATALOG: [&str; 3] = ["StructTreeRoot", "MarkInfo", "OCProperties"];
/// Such keys of a page.
const PAGE: [&str; 4] = ["Annots", "Group", "StructParents", "Tabs"];

/// The document as pictures of its pages: the objects and the trailer.
pub(super) fn pictures(
    mut objects: Objects,
    trailer: Dict,
    draft: &mut Draft,
    work: &mut Work<'_>,
) -> Result<(Objects, Dict), Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let (root, pages) = page_numbers(&objects, &trailer).ok_or_else(damaged)?;
    let kept: Vec<bool> = pages
        .iter()
        .map(|page| {
            let page = dict(&Value::Ref(*page), &objects).and_then(|page| picture(page, &objects));
            page.is_some_and(|page| !page.text || work.policy.pdf.invisible_text == KeepOrDrop::Keep)
        })
        .collect();
    let mut layer = Layer::default();
    if kept.contains(&false) {
        let named = fonts::rename(&mut objects);
        let drawn = Pdf::new(write::write(&objects, &trailer)).map_err(|_| damaged())?;
        named.into_iter().for_each(|(number, name)| objects.set(number, "BaseFont", name));
        if drawn.pages().len() != pages.len() {
            return Err(damaged());
        }
        for number in pages.iter().zip(&kept).filter(|(_, kept)| !**kept).map(|(number, _)| *number) {
            ["Contents", "Resources", "Annots"].iter().for_each(|key| objects.unset(number, key));
        }
        CATALOG.iter().for_each(|key| objects.unset(root, key));
        // What is drawn is read from `drawn`; the model keeps what is not.
        reach::forget_others(&mut objects, &trailer);
        let artist = Artist { settings: fonts::settings(), cache: RenderCache::new(), texts: InterpreterCache::new() };
        for (at, number) in pages.iter().enumerate().filter(|(at, _)| kept.get(*at) == Some(&false)) {
            let sheet = artist.sheet(&drawn, at, work)?;
            let glyphs = sheet.glyphs(at, draft, work)?;
            let picture = encode::encode(&sheet.pixels, &mut work.budget)?;
            draft.findings.noted(What::ImageCopy, "");
            replace(*number, picture, &glyphs, sheet.to_page, &mut layer, &mut objects);
        }
    }
    layer.finish(&mut objects, &mut work.budget)?;
    CATALOG.iter().for_each(|key| objects.unset(root, key));
    for page in &pages {
        PAGE.iter().for_each(|key| objects.unset(*page, key));
    }
    Ok(reach::keep(objects, trailer))
}

/// The catalogue and the pages.
fn page_numbers(objects: &Objects, trailer: &Dict) -> Option<(usize, Vec<usize>)> {
    let Some(Value::Ref(root)) = trailer.get("Root") else { return None };
    let catalog = Value::Ref(*root);
    let tree = dict(dict(&catalog, objects)?.get("Pages")?, objects)?;
    let Some(Value::Array(kids)) = tree.get("Kids") else { return None };
    let pages = kids.iter().map(|kid| if let Value::Ref(number) = kid { Some(*number) } else { None });
    Some((*root, pages.collect::<Option<_>>()?))
}

/// Gives a page its picture and its text in the place of all that it had.
fn replace(
    number_of_page: usize,
    picture: Object,
    glyphs: &[text::Placed],
    to_page: Affine,
    layer: &mut Layer,
    objects: &mut Objects,
) {
    let [width, height] = ["Width", "Height"].map(|key| match &picture {
        Object::Stream(dict, _) => dict.get(key).and_then(Value::as_f64).unwrap_or(1.0),
        Object::Value(_) | Object::Sealed(_) => 1.0,
    });
    // A picture's square stands on its lower left corner; pixels count from the upper left one.
    let [a, b, c, d, e, f] = (to_page * Affine::new([width, 0.0, 0.0, -height, 0.0, height])).as_coeffs().map(number);
    let (text, fonts) = layer.write(glyphs, to_page, objects);
    let content = format!("q\n{a} {b} {c} {d} {e} {f} cm\n/SekimoriPage Do\nQ\n{text}");
    let mut xobjects = Dict::default();
    xobjects.set("SekimoriPage", objects.add(picture));
    let mut resources = Dict::default();
    resources.set("XObject", Value::Dict(xobjects));
    if !fonts.0.is_empty() {
        resources.set("Font", Value::Dict(fonts));
    }
    let content = canonical(content.as_bytes());
    let content = objects.add(packed(Dict::default(), &content));
    objects.set(number_of_page, "Contents", content);
    objects.set(number_of_page, "Resources", Value::Dict(resources));
}

/// The operators as the rewriter of content writes them, which a second pass will do.
fn canonical(content: &[u8]) -> Vec<u8> {
    use super::lex::{Lexer, Token};
    let mut lexer = Lexer::new(content);
    let mut out = Vec::with_capacity(content.len());
    let mut operands = false;
    while let Some(token) = lexer.next() {
        match token {
            Token::Value(value) => {
                write::write_value(&mut out, &value);
                operands = true;
            }
            Token::Brace(_) => {}
            Token::Word(word) => {
                if operands {
                    out.push(b' ');
                }
                out.extend(word);
                out.push(b'\n');
                operands = false;
            }
        }
    }
    out
}

/// A drawn page.
struct Sheet {
    pixels: Pixels,
    read: text::Reader,
    /// From pixels to the space of the page.
    to_page: Affine,
}

impl Sheet {
    /// The text that goes into the layer; a page that should show text and shows nothing stops the document.
    fn glyphs(&self, at: usize, draft: &mut Draft, work: &Work<'_>) -> Result<Vec<text::Placed>, Stop> {
        let place = format!("page {}", at + 1);
        if self.read.shown > 0 && self.pixels.is_blank() {
            return Err(Stop::refused(ReasonCode::FontMissing));
        }
        if self.read.blank > 0 {
            draft.findings.lost(What::Font, place.clone());
        }
        let keeps = work.policy.pdf.invisible_text == KeepOrDrop::Keep;
        let glyphs = &self.read.glyphs;
        if glyphs.iter().any(|glyph| glyph.hidden && !glyph.text.trim().is_empty()) {
            draft.findings.noted(What::HiddenText, place);
        }
        Ok(glyphs.iter().filter(|glyph| keeps || !glyph.hidden).cloned().collect())
    }
}

struct Artist<'a> {
    settings: InterpreterSettings,
    cache: RenderCache<'a>,
    texts: InterpreterCache<'a>,
}

impl<'a> Artist<'a> {
    /// Draws a page and reads its text.
    fn sheet(&self, document: &'a Pdf, at: usize, work: &mut Work<'_>) -> Result<Sheet, Stop> {
        let page = document.pages().get(at).ok_or(Stop::Refused(ReasonCode::Damaged))?;
        let (wide, high) = page.render_dimensions();
        let (wide, high) = (f64::from(wide), f64::from(high));
        if !(wide > 0.0 && high > 0.0 && wide.is_finite() && high.is_finite()) {
            return Err(Stop::refused(ReasonCode::Damaged));
        }
        let wanted = f64::from(work.policy.pdf.dpi.get()) / 72.0;
        let scale = wanted.min((PAGE_PIXELS / (wide * high)).sqrt()).min(SIDE / wide.max(high));
        let side = |points: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most SIDE")]
            let pixels = (points * scale).round().clamp(1.0, SIDE) as u16;
            pixels
        };
        let (width, height) = (side(wide), side(high));
        let count = u64::from(width) * u64::from(height);
        work.budget.pixels(u64::from(width), u64::from(height))?;
        work.budget.step(count / 64)?;
        let exact = Affine::scale_non_uniform(f64::from(width) / wide, f64::from(height) / high);
        let transform = exact * page.initial_transform(true).to_kurbo();
        let mut context = RenderContext::new(width, height);
        let settings = RenderSettings { hinting: false, ..RenderSettings::default() };
        hayro::render_into(page, &self.cache, &self.settings, &settings, &mut context, transform);
        context.flush();
        let mut drawn = Pixmap::new(width, height);
        let raster = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
        context.render_with(&mut drawn, &mut Resources::default(), raster);
        drop(context);
        let rgb = drawn.data().iter().map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        let pixels = Pixels { width: usize::from(width), height: usize::from(height), rgb };
        let (width, height) = (f64::from(width), f64::from(height));
        let mut read = text::Reader::new(width, height, GLYPHS);
        let bounds = Rect::new(0.0, 0.0, width, height);
        let mut state = Context::new(transform, bounds, &self.texts, page.xref(), self.settings.clone());
        interpret_page(page, &mut state, &mut read);
        work.budget.step(read.glyphs.len() as u64 * 8)?;
        Ok(Sheet { pixels, read, to_page: transform.inverse() })
    }
}
