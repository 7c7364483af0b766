//! Pixels of a page as a picture of a PDF: exact but for the softness of edges where few colours are used (text, tables,
//! drawings), as JPEG where many are (photographs).

use std::collections::HashMap;

use super::super::object::{Dict, Object, Value, packed};
use crate::budget::Budget;
use crate::formats::image::jpeg;
use crate::work::Stop;

/// Quality of pages with photographs.
const QUALITY: u8 = 80;
/// Colours of a palette.
const PALETTE: usize = 256;
/// Greys of a page of letters: four bits.
const LEVELS: usize = 16;
/// A colour covers a part of the page when it has more than one of so many pixels.
const COVERS: usize = 500;
/// A page is of letters and lines when at most one of so many pixels lies inside of a shade.
const EDGES: usize = 200;
/// A picture without loss may be this much larger than a JPEG, in tenths: letters stay sharp.
const WORTH: usize = 15;
/// Bits for a pixel, in tenths, below which no JPEG is tried.
const SMALL: usize = 6;

/// The pixels of a page, red, green and blue.
#[derive(Debug)]
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rgb: Vec<[u8; 3]>,
}

impl Pixels {
    /// Pixels of one colour that follow each other: most of a page, so that each colour is looked up seldom.
    fn runs(&self) -> impl Iterator<Item = ([u8; 3], usize)> {
        self.rgb.chunk_by(PartialEq::eq).filter_map(|run| Some((*run.first()?, run.len())))
    }

    /// All of one colour: nothing was drawn.
    pub(super) fn is_blank(&self) -> bool {
        self.rgb.first().is_none_or(|first| self.rgb.iter().all(|pixel| pixel == first))
    }
}

/// The picture, as an object of the new document.
pub(super) fn encode(pixels: &Pixels, budget: &mut Budget) -> Result<Object, Stop> {
    budget.step(pixels.rgb.len() as u64 / 64)?;
    let grey = pixels.rgb.iter().all(|[r, g, b]| r == g && g == b);
    let exact = match grey {
        true => Some(levels(pixels).map_or_else(|| grey_picture(pixels), |levels| indexed(pixels, &levels))),
        false => palette(pixels).map(|palette| indexed(pixels, &palette)),
    };
    let small = pixels.rgb.len() / 80 * SMALL;
    if let Some(exact) = exact {
        if size(&exact) <= small {
            return Ok(exact);
        }
        let photograph = photograph(pixels, grey, budget)?;
        return Ok(if size(&exact) * 10 <= size(&photograph) * WORTH { exact } else { photograph });
    }
    photograph(pixels, grey, budget)
}

fn size(object: &Object) -> usize {
    if let Object::Stream(_, data) = object { data.len() } else { 0 }
}

fn head(pixels: &Pixels, bits: usize, space: Value) -> Dict {
    let mut dict = Dict::default();
    dict.set("Type", Value::name("XObject"));
    dict.set("Subtype", Value::name("Image"));
    dict.set("Width", Value::int(pixels.width));
    dict.set("Height", Value::int(pixels.height));
    dict.set("ColorSpace", space);
    dict.set("BitsPerComponent", Value::int(bits));
    dict
}

fn grey_picture(pixels: &Pixels) -> Object {
    let samples: Vec<u8> = pixels.rgb.iter().map(|[grey, _, _]| *grey).collect();
    if samples.iter().all(|grey| matches!(grey, 0 | 255)) {
        let rows = pack(&samples, pixels.width, 1, |grey| grey >> 7);
        return packed(head(pixels, 1, Value::name("DeviceGray")), &rows);
    }
    packed(head(pixels, 8, Value::name("DeviceGray")), &samples)
}

/// For a page of letters and lines, sixteen greys that stand for all: those that cover a part of the page exactly, and steps for
/// the soft edges between them, where nobody sees more. `None` when greys are more than edges (photographs, shades).
fn levels(pixels: &Pixels) -> Option<HashMap<[u8; 3], [u8; 3]>> {
    let grey = |at: usize| pixels.rgb.get(at).map_or(255, |[grey, _, _]| usize::from(*grey));
    let mut counts = [0_usize; 256];
    (0..pixels.rgb.len()).for_each(|at| counts[grey(at)] += 1);
    let flat = counts.map(|count| count > pixels.rgb.len() / COVERS);
    let kept: Vec<u8> = (0..=255).filter(|grey| flat[usize::from(*grey)]).collect();
    let there: Vec<u8> = (0..=255).filter(|grey| counts[usize::from(*grey)] > 0).collect();
    if kept.len() > LEVELS / 2 || there.iter().all(|grey| matches!(grey, 0 | 255)) {
        return None;
    }
    let soft = |at: usize| !flat[grey(at)];
    let inner = (0..pixels.rgb.len()).filter(|at| {
        let around = [at.checked_sub(1), Some(at + 1), at.checked_sub(pixels.width), Some(at + pixels.width)];
        soft(*at) && around.into_iter().flatten().all(soft)
    });
    if inner.count() > pixels.rgb.len() / EDGES {
        return None;
    }
    let steps = LEVELS - kept.len();
    let between = (1..=steps).map(|step| u8::try_from(step * 255 / (steps + 1)).unwrap_or(255));
    let chosen: Vec<u8> = kept.iter().copied().chain(between).collect();
    let nearest = |grey: u8| chosen.iter().copied().min_by_key(|level| level.abs_diff(grey)).unwrap_or(grey);
    Some(there.into_iter().map(|grey| ([grey; 3], [nearest(grey); 3])).collect())
}

/// Samples of a few bits, rows beginning at a byte.
fn pack(samples: &[u8], width: usize, bits: usize, value: impl Fn(u8) -> u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(samples.len() * bits / 8);
    for row in samples.chunks(width) {
        for some in row.chunks(8 / bits) {
            let mut byte = 0;
            for (at, sample) in some.iter().enumerate() {
                byte |= value(*sample) << (8 - bits * (at + 1));
            }
            out.push(byte);
        }
    }
    out
}

/// Colours near each other are one; so wide is "near", in bits dropped.
fn near(pixel: [u8; 3], bits: u8) -> u16 {
    let [r, g, b] = pixel.map(|c| u16::from(c >> bits));
    (r << 10) | (g << 5) | b
}

/// Up to 256 colours that stand for all: the exact ones when they are so few, else every colour that covers a part of the
/// page exactly, and for each group of colours near each other its commonest. `None` when there are too many groups.
fn palette(pixels: &Pixels) -> Option<HashMap<[u8; 3], [u8; 3]>> {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for (pixel, count) in pixels.runs() {
        *counts.entry(pixel).or_default() += count;
        if counts.len() > 60_000 {
            return None;
        }
    }
    if counts.len() <= PALETTE {
        return Some(counts.keys().map(|pixel| (*pixel, *pixel)).collect());
    }
    let mut by_count: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    by_count.sort_by_key(|(pixel, count)| (std::cmp::Reverse(*count), *pixel));
    let flat = pixels.rgb.len() / COVERS;
    for bits in [3, 4] {
        let mut groups: HashMap<u16, [u8; 3]> = HashMap::new();
        let mut chosen: HashMap<[u8; 3], [u8; 3]> = HashMap::new();
        let mut colors = 0;
        for (pixel, count) in &by_count {
            let group = groups.entry(near(*pixel, bits));
            let new = matches!(group, std::collections::hash_map::Entry::Vacant(_));
            let common = *group.or_insert(*pixel);
            let own = new || *count > flat;
            colors += usize::from(own);
            chosen.insert(*pixel, if own { *pixel } else { common });
        }
        if colors <= PALETTE {
            return Some(chosen);
        }
    }
    None
}

fn indexed(pixels: &Pixels, palette: &HashMap<[u8; 3], [u8; 3]>) -> Object {
    let mut colors: Vec<[u8; 3]> = palette.values().copied().collect();
    colors.sort_unstable();
    colors.dedup();
    let place: HashMap<[u8; 3], u8> = colors.iter().zip(0..=255).map(|(color, at)| (*color, at)).collect();
    let sample = |pixel: &[u8; 3]| palette.get(pixel).and_then(|color| place.get(color)).copied().unwrap_or(0);
    let mut samples = Vec::with_capacity(pixels.rgb.len());
    pixels.runs().for_each(|(pixel, count)| samples.resize(samples.len() + count, sample(&pixel)));
    let table = Value::Text(colors.concat());
    let space = vec![Value::name("Indexed"), Value::name("DeviceRGB"), Value::int(colors.len() - 1), table];
    let bits = match colors.len() {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    };
    let rows = if bits == 8 { samples } else { pack(&samples, pixels.width, bits, |at| at) };
    packed(head(pixels, bits, Value::Array(space)), &rows)
}

fn photograph(pixels: &Pixels, grey: bool, budget: &mut Budget) -> Result<Object, Stop> {
    let (samples, components): (Vec<u8>, usize) = if grey {
        (pixels.rgb.iter().map(|[grey, _, _]| *grey).collect(), 1)
    } else {
        (pixels.rgb.as_flattened().to_vec(), 3)
    };
    let jpeg = jpeg::from_pixels(&samples, pixels.width, pixels.height, components, QUALITY, budget)?;
    let space = Value::name(if grey { "DeviceGray" } else { "DeviceRGB" });
    let mut dict = head(pixels, 8, space);
    dict.set("Filter", Value::name("DCTDecode"));
    Ok(Object::Stream(dict, jpeg.bytes))
}
