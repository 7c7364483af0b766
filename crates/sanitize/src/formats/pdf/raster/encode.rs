//! Pixels of a page as a picture of a PDF: exact but for the softness of edges where few colours are used (text, tables,
//! drawings), as JPEG where many are (photographs).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::super::object::{Dict, Object, Value, packed};
use crate::budget::Budget;
use crate::formats::image::jpeg;
use crate::work::Stop;

/// Quality of pages with photographs.
const QUALITY: u8 = 80;
/// Colours of a palette.
const PALETTE: usize = 256;
/// Colours of a page that is looked at colour by colour.
const COLORS: usize = 60_000;
/// Colours that cover a part of a page of letters and lines.
const FLAT: usize = 8;
/// Steps of red, green and blue at the soft edges of letters.
const STEPS: u16 = 3;
/// How far the strokes of letters reach: what is soft to both sides at this distance too is a shade, and no edge.
const STROKE: usize = 3;
/// A colour covers a part of the page when it has more than one of so many pixels.
const COVERS: usize = 500;
/// A page is of letters and lines when at most one of so many pixels lies inside of a shade.
const EDGES: usize = 200;
/// The same of coloured shades: a small emblem keeps its own.
const COLORED_EDGES: usize = 1000;
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
    /// All of one colour: nothing was drawn.
    pub(super) fn is_blank(&self) -> bool {
        self.rgb.first().is_none_or(|first| self.rgb.iter().all(|pixel| pixel == first))
    }
}

/// Spreads the three bytes of a colour; nobody outside chooses how many of them meet (at most [`COLORS`]).
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash << 8) | u64::from(*byte));
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// The colours of a page, in the order in which they are met, and each pixel as the place of its own.
struct Colors {
    list: Vec<[u8; 3]>,
    counts: Vec<usize>,
    places: Vec<u16>,
}

impl Colors {
    /// None when there are more than [`COLORS`].
    fn of(pixels: &Pixels) -> Option<Self> {
        let mut known: HashMap<[u8; 3], u16, BuildHasherDefault<Spread>> = HashMap::default();
        let (mut list, mut counts, mut places) = (Vec::new(), Vec::new(), Vec::with_capacity(pixels.rgb.len()));
        // Most of a page is long runs of one colour.
        for run in pixels.rgb.chunk_by(PartialEq::eq) {
            let color = *run.first()?;
            let place = *known.entry(color).or_insert_with(|| {
                list.push(color);
                counts.push(0);
                u16::try_from(list.len() - 1).unwrap_or(u16::MAX)
            });
            if list.len() > COLORS {
                return None;
            }
            *counts.get_mut(usize::from(place))? += run.len();
            places.resize(places.len() + run.len(), place);
        }
        Some(Self { list, counts, places })
    }

    /// Whether the colour at a place covers a part of the page.
    fn flat(&self) -> Vec<bool> {
        self.counts.iter().map(|count| *count > self.places.len() / COVERS).collect()
    }
}

/// The picture, as an object of the new document.
pub(super) fn encode(pixels: &Pixels, budget: &mut Budget) -> Result<Object, Stop> {
    budget.step(pixels.rgb.len() as u64 / 64)?;
    let Some(colors) = Colors::of(pixels) else { return photograph(pixels, false, budget) };
    let grey = colors.list.iter().all(|[r, g, b]| r == g && g == b);
    let exact = match letters(&colors, pixels.width) {
        Some(letters) => Some(indexed(pixels, &colors, &letters)),
        None if grey => Some(grey_picture(pixels)),
        None => palette(&colors).map(|palette| indexed(pixels, &colors, &palette)),
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

/// For a page of letters and lines, few colours that stand for all: those that cover a part of the page exactly, and steps for
/// the soft edges between them, where nobody sees more. `None` when soft colours are more than edges (photographs, shades).
fn letters(colors: &Colors, width: usize) -> Option<Vec<[u8; 3]>> {
    let flat = colors.flat();
    let kept: Vec<[u8; 3]> =
        colors.list.iter().zip(&flat).filter(|(_, flat)| **flat).map(|(color, _)| *color).collect();
    if kept.len() > FLAT || kept.len() == colors.list.len() {
        return None;
    }
    let soft: Vec<bool> = colors.places.iter().map(|place| flat.get(usize::from(*place)) == Some(&false)).collect();
    let is_soft = |at: Option<usize>| at.and_then(|at| soft.get(at)).copied().unwrap_or(true);
    // Thin letters in a colour are soft throughout, with something flat near by.
    let inside = |at: usize| {
        [1, width, STROKE, STROKE * width]
            .into_iter()
            .all(|far| is_soft(at.checked_sub(far)) && is_soft(at.checked_add(far)))
    };
    let inner = soft.iter().zip(&colors.places).enumerate().filter(|(at, (soft, _))| **soft && inside(*at));
    let (mut greys, mut colored) = (0, 0);
    for (_, (_, place)) in inner {
        let grey = colors.list.get(usize::from(*place)).is_none_or(|[r, g, b]| r == g && g == b);
        *(if grey { &mut greys } else { &mut colored }) += 1;
    }
    if greys > soft.len() / EDGES || colored > soft.len() / COLORED_EDGES {
        return None;
    }
    let nearest = |color: [u8; 3]| {
        let candidates = kept.iter().copied().chain([color.map(step)]);
        candidates.min_by_key(|candidate| distance(*candidate, color)).unwrap_or(color)
    };
    Some(colors.list.iter().zip(&flat).map(|(color, flat)| if *flat { *color } else { nearest(*color) }).collect())
}

/// The nearest step, black and white among them.
fn step(value: u8) -> u8 {
    let last = STEPS - 1;
    let level = (u16::from(value) * last + 127) / 255;
    u8::try_from((level * 255 + last / 2) / last).unwrap_or(u8::MAX)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

/// Samples of a few bits, rows beginning at a byte.
fn pack<T: Copy>(samples: &[T], width: usize, bits: usize, value: impl Fn(T) -> u8) -> Vec<u8> {
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
fn palette(colors: &Colors) -> Option<Vec<[u8; 3]>> {
    if colors.list.len() <= PALETTE {
        return Some(colors.list.clone());
    }
    let flat = colors.flat();
    let mut by_count: Vec<(usize, [u8; 3])> = colors.list.iter().copied().enumerate().collect();
    by_count.sort_by_key(|(at, color)| (std::cmp::Reverse(colors.counts.get(*at).copied()), *color));
    for bits in [3, 4] {
        let mut groups: HashMap<u16, [u8; 3]> = HashMap::new();
        let mut chosen = colors.list.clone();
        let mut own = 0;
        for (at, color) in &by_count {
            let group = groups.entry(near(*color, bits));
            let new = matches!(group, std::collections::hash_map::Entry::Vacant(_));
            let common = *group.or_insert(*color);
            if new || flat.get(*at) == Some(&true) {
                own += 1;
            } else if let Some(chosen) = chosen.get_mut(*at) {
                *chosen = common;
            }
        }
        if own <= PALETTE {
            return Some(chosen);
        }
    }
    None
}

/// The page in the colours that stand for its own.
fn indexed(pixels: &Pixels, colors: &Colors, chosen: &[[u8; 3]]) -> Object {
    let mut palette = chosen.to_vec();
    palette.sort_unstable();
    palette.dedup();
    let samples: Vec<u8> = chosen
        .iter()
        .map(|color| palette.binary_search(color).ok().and_then(|at| u8::try_from(at).ok()).unwrap_or(0))
        .collect();
    let sample = |place: u16| samples.get(usize::from(place)).copied().unwrap_or(0);
    let table = Value::Text(palette.concat());
    let space = vec![Value::name("Indexed"), Value::name("DeviceRGB"), Value::int(palette.len() - 1), table];
    let bits = match palette.len() {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    };
    let rows = if bits == 8 {
        colors.places.iter().map(|place| sample(*place)).collect()
    } else {
        pack(&colors.places, pixels.width, bits, sample)
    };
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
