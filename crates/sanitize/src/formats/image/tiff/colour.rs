//! What the samples of a page mean: grey, colours of a palette, RGB, CMYK, YCbCr or CIE L\*a\*b\*, of up to 32 bits, with or
//! without alpha, become one of the kinds that are written.

use super::Kind;
use super::chunk::Layout;
use super::directory::Directory;
use crate::formats::image::damaged;
use crate::words::ReasonCode;
use crate::work::Stop;

/// The meaning of a page's extra samples that count here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alpha {
    No,
    /// Colours are multiplied by it already.
    Multiplied,
    Apart,
}

/// The rows of a page as they are written, with their kind.
pub(super) fn page(
    directory: &Directory<'_>,
    layout: &Layout<'_>,
    mut planes: Vec<Vec<u8>>,
) -> Result<(Kind, Vec<u8>), Stop> {
    let colours = match layout.photometric {
        0 | 1 | 3 | 4 => 1,
        2 | 6 | 8 | 9 => 3,
        5 => 4,
        _ => return Err(Stop::refused(ReasonCode::UnsupportedFeature)),
    };
    if layout.samples < colours {
        return Err(damaged());
    }
    let alpha = match directory.number(338).filter(|_| layout.samples > colours) {
        Some(1) => Alpha::Multiplied,
        Some(2) => Alpha::Apart,
        _ => Alpha::No,
    };
    let plain = layout.samples == colours;
    match (layout.photometric, layout.bits) {
        (1 | 4, 1) if plain => Ok((Kind::Bilevel, planes.pop().unwrap_or_default())),
        (0, 1) if plain => {
            let mut rows = planes.pop().unwrap_or_default();
            rows.iter_mut().for_each(|byte| *byte = !*byte);
            Ok((Kind::Bilevel, rows))
        }
        (1, 8) if plain => Ok((Kind::Grey(8), planes.pop().unwrap_or_default())),
        (2, 8) if plain && !layout.planar => Ok((Kind::Rgb(8, false), planes.pop().unwrap_or_default())),
        (5, 8) if plain && !layout.planar => Ok((Kind::Cmyk, planes.pop().unwrap_or_default())),
        (2, 8) if (layout.samples, alpha, layout.planar) == (4, Alpha::Apart, false) => {
            Ok((Kind::Rgb(8, true), planes.pop().unwrap_or_default()))
        }
        _ => by_samples(directory, layout, &planes, alpha),
    }
}

/// Goes through the pixels one by one.
fn by_samples(
    directory: &Directory<'_>,
    layout: &Layout<'_>,
    planes: &[Vec<u8>],
    alpha: Alpha,
) -> Result<(Kind, Vec<u8>), Stop> {
    let wide = layout.bits > 8;
    let depth = if wide { 16 } else { 8 };
    let shown = Samples::new(layout, planes, depth);
    let mut out = Vec::new();
    let kind = match layout.photometric {
        0 | 1 | 4 => {
            let turn = if layout.photometric == 0 { shown.most } else { 0 };
            let (times, kind) = if alpha == Alpha::No { (1, Kind::Grey(depth)) } else { (3, Kind::Rgb(depth, true)) };
            shown.each(|pixel| {
                let grey = pixel.first().copied().unwrap_or(0) ^ turn;
                put(&mut out, wide, &[grey; 3][..times], pixel.get(1), alpha, shown.most);
            });
            kind
        }
        2 => {
            shown
                .each(|pixel| put(&mut out, wide, pixel.get(..3).unwrap_or_default(), pixel.get(3), alpha, shown.most));
            Kind::Rgb(depth, alpha != Alpha::No)
        }
        3 => return indices(directory, layout, planes),
        5 => {
            let shown = Samples::new(layout, planes, 8);
            shown.each(|pixel| put(&mut out, false, pixel.get(..4).unwrap_or_default(), None, Alpha::No, shown.most));
            Kind::Cmyk
        }
        // Colours of 8 bits are what these two are made for; of more, the upper ones are taken.
        6 => {
            let (shown, ycbcr) = (Samples::new(layout, planes, 8), YCbCr::of(directory, layout));
            shown.each(|pixel| put(&mut out, false, &ycbcr.rgb(pixel), pixel.get(3), alpha, shown.most));
            Kind::Rgb(8, alpha != Alpha::No)
        }
        lab => {
            if !matches!(layout.bits, 8 | 16) {
                return Err(Stop::refused(ReasonCode::UnsupportedFeature));
            }
            shown.each(|pixel| put(&mut out, false, &lab_to_rgb(pixel, wide, lab == 8), None, Alpha::No, 255));
            Kind::Rgb(8, false)
        }
    };
    Ok((kind, out))
}

/// Writes one pixel, its colours as they are without their alpha.
fn put(out: &mut Vec<u8>, wide: bool, colours: &[u16], over: Option<&u16>, alpha: Alpha, most: u16) {
    let mut one = |value: u16| {
        let [high, low] = value.to_be_bytes();
        if wide {
            out.push(high);
        }
        out.push(low);
    };
    let over = over.copied().unwrap_or(most);
    for colour in colours {
        one(match alpha {
            Alpha::Multiplied => {
                let full = u32::from(*colour) * u32::from(most) / u32::from(over).max(1);
                u16::try_from(full).unwrap_or(most).min(most)
            }
            _ => *colour,
        });
    }
    if alpha != Alpha::No {
        one(over);
    }
}

/// Indices into a palette, one byte for each.
fn indices(directory: &Directory<'_>, layout: &Layout<'_>, planes: &[Vec<u8>]) -> Result<(Kind, Vec<u8>), Stop> {
    let map = directory.numbers(320).ok_or_else(damaged)?;
    if layout.bits > 8 || map.len() != 3 << layout.bits {
        return Err(damaged());
    }
    let mut full = vec![0; 768];
    for (from, to) in map.chunks(1 << layout.bits).zip(full.chunks_mut(256)) {
        for (value, to) in from.iter().zip(to) {
            *to = u16::try_from(*value).map_err(|_| damaged())?;
        }
    }
    let mut out = Vec::with_capacity(layout.width * layout.height);
    Samples::as_stored(layout, planes).each(|pixel| {
        out.extend(pixel.first().and_then(|index| u8::try_from(*index).ok()));
    });
    Ok((Kind::Palette(full), out))
}

/// The samples of a page, pixel by pixel.
struct Samples<'a> {
    layout: &'a Layout<'a>,
    planes: &'a [Vec<u8>],
    /// The greatest value that comes out.
    most: u16,
    spread: bool,
}

impl<'a> Samples<'a> {
    /// Spread to the whole range of 8 or 16 bits.
    fn new(layout: &'a Layout<'a>, planes: &'a [Vec<u8>], depth: u8) -> Self {
        let most = if depth == 8 { u16::from(u8::MAX) } else { u16::MAX };
        Self { layout, planes, most, spread: true }
    }

    fn as_stored(layout: &'a Layout<'a>, planes: &'a [Vec<u8>]) -> Self {
        Self { layout, planes, most: u16::MAX, spread: false }
    }

    fn each(&self, mut see: impl FnMut(&[u16])) {
        let (line, together) = (self.layout.line(self.layout.width), self.layout.together());
        let mut pixel = vec![0; self.layout.samples];
        for y in 0..self.layout.height {
            let rows: Vec<&[u8]> =
                self.planes.iter().map(|plane| plane.get(y * line..(y + 1) * line).unwrap_or_default()).collect();
            for x in 0..self.layout.width {
                for (n, to) in pixel.iter_mut().enumerate() {
                    let row = rows.get(n / together).copied().unwrap_or_default();
                    *to = self.sample(row, x * together + n % together);
                }
                see(&pixel);
            }
        }
    }

    fn sample(&self, row: &[u8], number: usize) -> u16 {
        let byte = |at: usize| u32::from(row.get(at).copied().unwrap_or(0));
        let bits = self.layout.bits;
        let (value, top) = match bits {
            8 => (byte(number), 0xFF),
            16 | 32 => {
                // Of 32 bits the upper ones are what can be seen.
                let size = bits / 8;
                let at = number * size + if self.layout.high_first { 0 } else { size - 2 };
                let (first, second) = (byte(at), byte(at + 1));
                (if self.layout.high_first { first << 8 | second } else { second << 8 | first }, 0xFFFF)
            }
            _ => {
                let at = number * bits;
                let three = byte(at / 8) << 16 | byte(at / 8 + 1) << 8 | byte(at / 8 + 2);
                let top = (1_u32 << bits) - 1;
                (three >> (24 - bits - at % 8) & top, top)
            }
        };
        let most = u32::from(self.most);
        let value = if self.spread && top != most { (value * most + top / 2) / top } else { value };
        u16::try_from(value).unwrap_or(u16::MAX)
    }
}

/// TIFF 6.0, sections 20 and 21.
pub(super) struct YCbCr {
    /// How much red, green and blue are in the luma.
    luma: [f32; 3],
    /// Black and white of the three samples.
    reference: [f32; 6],
}

const PLAIN: YCbCr = YCbCr { luma: [0.299, 0.587, 0.114], reference: [0.0, 255.0, 128.0, 255.0, 128.0, 255.0] };

impl YCbCr {
    pub(super) fn of(directory: &Directory<'_>, layout: &Layout<'_>) -> Self {
        let six = |tag| {
            // A JPEG is shown as JFIF says, unless in its old form, by libtiff and so by nearly every program.
            let counts = !layout.is_jpeg() || layout.old_jpeg.is_some();
            let fractions = directory.fractions(tag).filter(|_| counts)?;
            let values: Vec<f32> = fractions.iter().map(|[over, under]| *over as f32 / *under as f32).collect();
            values.iter().all(|value| value.is_finite()).then_some(values)
        };
        let luma = six(529).and_then(|values| values.try_into().ok()).filter(|luma: &[f32; 3]| luma[1] > 0.0);
        let reference = six(532).and_then(|values| values.try_into().ok());
        let apart = |reference: &[f32; 6]| reference.as_chunks::<2>().0.iter().all(|[black, white]| black < white);
        Self { luma: luma.unwrap_or(PLAIN.luma), reference: reference.filter(apart).unwrap_or(PLAIN.reference) }
    }

    /// Whether it is as JFIF has it.
    pub(super) fn is_plain(&self) -> bool {
        let near = |one: &[f32], other: &[f32]| one.iter().zip(other).all(|(a, b)| (a - b).abs() < 0.001);
        near(&self.luma, &PLAIN.luma) && near(&self.reference, &PLAIN.reference)
    }

    fn rgb(&self, pixel: &[u16]) -> [u16; 3] {
        let sample = |n: usize| f32::from(pixel.get(n).copied().unwrap_or(0));
        let [y0, y1, b0, b1, r0, r1] = self.reference;
        let y = (sample(0) - y0) * 255.0 / (y1 - y0);
        let (cb, cr) = ((sample(1) - b0) * 127.0 / (b1 - b0), (sample(2) - r0) * 127.0 / (r1 - r0));
        let [in_red, in_green, in_blue] = self.luma;
        let (red, blue) = (y + cr * (2.0 - 2.0 * in_red), y + cb * (2.0 - 2.0 * in_blue));
        [red, (y - in_blue * blue - in_red * red) / in_green, blue].map(byte)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is within a byte")]
fn byte(value: f32) -> u16 {
    value.round().clamp(0.0, 255.0) as u16
}

/// CIE L\*a\*b\* of 8 or 16 bits under D50, a and b signed or (as ICC stores them) from the middle, as sRGB.
fn lab_to_rgb(pixel: &[u16], wide: bool, signed: bool) -> [u16; 3] {
    let sample = |n: usize| pixel.get(n).copied().unwrap_or(0);
    let axis = |n: usize| {
        let value = if wide { sample(n) } else { sample(n) << 8 };
        f32::from((if signed { value } else { value ^ 0x8000 }).cast_signed()) / 256.0
    };
    let lightness = f32::from(sample(0)) / if wide { 655.35 } else { 2.55 };
    let level = (lightness + 16.0) / 116.0;
    let linear = |value: f32| if value > 6.0 / 29.0 { value.powi(3) } else { (value - 4.0 / 29.0) * 108.0 / 841.0 };
    let (x, y, z) = (0.9642 * linear(level + axis(1) / 500.0), linear(level), 0.8249 * linear(level - axis(2) / 200.0));
    // From D50 to sRGB's D65 (Bradford) and its primaries, in one step.
    [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ]
    .map(|value: f32| {
        let value = value.clamp(0.0, 1.0);
        byte(255.0 * if value <= 0.003_130_8 { 12.92 * value } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 })
    })
}
