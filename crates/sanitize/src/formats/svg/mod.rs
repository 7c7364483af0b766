//! SVG, drawn: it leaves as PNG. The file is first written anew without anything but what is drawn ([`clean`]); its pictures
//! are rebuilt by their own formats, its text is drawn with the font in the binary, and nothing is fetched.

mod clean;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{FontResolver, ImageHrefResolver, ImageKind, Options, Tree, fontdb};

use super::image;
use crate::fonts::JAPANESE;
use crate::format::Format;
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Source, Stop, Work};

/// Pixels of the longer side at most. Small drawings are drawn at twice their size.
const LONGEST: f32 = 3000.0;
const ZOOM: f32 = 2.0;

/// Rebuilt pictures, by the bytes that stood in the file.
pub(crate) type Pictures = BTreeMap<Vec<u8>, (Format, Vec<u8>)>;

/// Draws a file.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let mut draft = Draft::default();
    let cleaned = clean::clean(source.bytes, work, &mut draft)?;
    let pixels = draw(&cleaned.text, cleaned.pictures, work, &mut draft)?;
    let drawn = image::png::rebuild(Source { bytes: &pixels, format: Format::Png, ..source }, work)?;
    draft.bytes = drawn.bytes;
    draft.format = Some(Format::Png);
    draft.findings.noted(What::ImageCopy, "");
    Ok(draft)
}

/// The drawing as PNG. `pictures` are the rebuilt pictures, by the bytes that stood in the file.
pub(crate) fn draw(text: &str, pictures: Pictures, work: &mut Work<'_>, draft: &mut Draft) -> Result<Vec<u8>, Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let missing = Arc::new(Mutex::new(BTreeSet::new()));
    let tree = Tree::from_str(text, &options(pictures, &missing)).map_err(|_| damaged())?;
    let size = tree.size();
    let zoom = (LONGEST / size.width().max(size.height())).min(ZOOM);
    let scaled = size.scale_by(zoom).ok_or_else(damaged)?.to_int_size();
    let (width, height) = (scaled.width(), scaled.height());
    image::admit(width as usize, height as usize, 32, work)?;
    work.budget.step(u64::from(width) * u64::from(height) / 16)?;
    let mut pixmap = Pixmap::new(width, height).ok_or_else(damaged)?;
    resvg::render(&tree, Transform::from_scale(zoom, zoom), &mut pixmap.as_mut());
    let missing = missing.lock().map_or(0, |missing| missing.len());
    if missing > 0 {
        draft.findings.lost(What::TextNotDrawn, "");
    }
    if pixmap.data().iter().all(|byte| *byte == 0) {
        return Err(Stop::refused(ReasonCode::NothingLeft));
    }
    pixmap.encode_png().map_err(|_| damaged())
}

/// Nothing is looked up outside: one font for every text, and the pictures that were rebuilt.
fn options(pictures: Pictures, missing: &Arc<Mutex<BTreeSet<char>>>) -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(JAPANESE)));
    let font = fonts.faces().next().map(|face| face.id);
    let missing = Arc::clone(missing);
    Options {
        fontdb: Arc::new(fonts),
        font_resolver: FontResolver {
            select_font: Box::new(move |_, _| font),
            select_fallback: Box::new(move |c, _, _| {
                if let Ok(mut missing) = missing.lock() {
                    missing.insert(c);
                }
                None
            }),
        },
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(move |_, data, _| {
                let (format, bytes) = pictures.get(data.as_slice())?;
                let bytes = Arc::new(bytes.clone());
                Some(if *format == Format::Jpeg { ImageKind::JPEG(bytes) } else { ImageKind::PNG(bytes) })
            }),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}
