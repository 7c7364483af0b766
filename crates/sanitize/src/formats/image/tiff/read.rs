//! Pages of a TIFF, decoded by the `tiff` crate; palettes, which it does not read, by a second look at the directory.

use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::{Kind, Page, fax};
use crate::formats::image::jpeg::turn::Turn;
use crate::formats::image::{FRAMES, LIVE_BYTES, admit, damaged, raster};
use crate::words::ReasonCode;
use crate::work::{Stop, Work};

const PHOTOMETRIC: u16 = 262;
const COLOR_MAP: u16 = 320;

/// Tags that are needed to show a page.
const SHOWN: &[u16] = &[
    254, 255, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293, 296, 317, 320, 322, 323,
    324, 325, 338, 339, 347, 529, 530, 531, 532,
];

/// One entry of a directory.
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    /// Where its value, or the offset of its value, stands.
    at: usize,
}

/// The directories of a file, as far as they can be followed.
struct Directories<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl<'a> Directories<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, big: bytes.starts_with(b"MM") }
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let two = *self.bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    }

    fn u32(&self, at: usize) -> Option<usize> {
        let four = *self.bytes.get(at..)?.first_chunk::<4>()?;
        usize::try_from(if self.big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }).ok()
    }

    fn all(&self) -> Vec<Vec<Entry>> {
        let mut all = Vec::new();
        let mut next = self.u32(4);
        while let Some(at) = next.filter(|at| *at != 0) {
            let Some(count) = self.u16(at).map(usize::from) else { break };
            let entry = |n: usize| {
                let at = at + 2 + n * 12;
                Some(Entry { tag: self.u16(at)?, kind: self.u16(at + 2)?, count: self.u32(at + 4)?, at: at + 8 })
            };
            all.push((0..count).map_while(entry).collect());
            next = self.u32(at + 2 + count * 12);
            if all.len() > FRAMES {
                break;
            }
        }
        all
    }
}

/// Whether any page has a tag that is not needed to show it.
pub(super) fn has_metadata(bytes: &[u8]) -> bool {
    Directories::new(bytes).all().iter().flatten().any(|entry| !SHOWN.contains(&entry.tag))
}

/// The palettes by page, and a copy of the file in which these pages are grey, so that their indices can be decoded.
fn palettes(bytes: &[u8]) -> (Vec<Option<Vec<u16>>>, Option<Vec<u8>>) {
    let directories = Directories::new(bytes);
    let mut grey = None;
    let mut palettes = Vec::new();
    for page in directories.all() {
        let photometric = page.iter().find(|e| e.tag == PHOTOMETRIC && e.kind == 3);
        let map = page.iter().find(|e| e.tag == COLOR_MAP && e.kind == 3 && e.count <= 768);
        palettes.push(match (photometric, map) {
            (Some(photometric), Some(map)) if directories.u16(photometric.at) == Some(3) => {
                let copy = grey.get_or_insert_with(|| bytes.to_vec());
                let one = if directories.big { [0, 1] } else { [1, 0] };
                if let Some(value) = copy.get_mut(photometric.at..photometric.at + 2) {
                    value.copy_from_slice(&one);
                }
                let start = directories.u32(map.at).unwrap_or(usize::MAX / 2);
                (0..map.count).map(|n| directories.u16(start + n * 2)).collect()
            }
            _ => None,
        });
    }
    (palettes, grey)
}

/// All pages, upright.
pub(super) fn pages(bytes: &[u8], work: &mut Work<'_>) -> Result<Vec<Page>, Stop> {
    let (palettes, grey) = palettes(bytes);
    let bytes = grey.as_deref().unwrap_or(bytes);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = LIVE_BYTES;
    limits.intermediate_buffer_size = LIVE_BYTES / 2;
    let mut decoder = Decoder::new(std::io::Cursor::new(bytes)).map_err(|_| damaged())?.with_limits(limits);
    let mut pages = Vec::new();
    let mut live = 0usize;
    loop {
        let palette = palettes.get(pages.len()).cloned().flatten();
        let page = page(&mut decoder, bytes, palette, work)?;
        live = live.saturating_add(page.pixels.len());
        pages.push(page);
        if live > LIVE_BYTES || pages.len() > FRAMES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
        if !decoder.more_images() {
            return Ok(pages);
        }
        decoder.next_image().map_err(|_| damaged())?;
    }
}

pub(super) type Source<'a> = Decoder<std::io::Cursor<&'a [u8]>>;

fn page(decoder: &mut Source<'_>, bytes: &[u8], palette: Option<Vec<u16>>, work: &mut Work<'_>) -> Result<Page, Stop> {
    let unsupported = || Stop::refused(ReasonCode::UnsupportedFeature);
    let (width, height) = decoder.dimensions().map_err(|_| damaged())?;
    let (width, height) = (width as usize, height as usize);
    let color = decoder.colortype().map_err(|_| unsupported())?;
    let bits = usize::from(color.num_samples()) * usize::from(color.bit_depth());
    admit(width, height, bits, work)?;
    let orientation: u8 = decoder.find_tag_unsigned(Tag::Orientation).ok().flatten().unwrap_or(1);
    let resolution = resolution(decoder);
    let samples = match decode(decoder, color) {
        Err(stop) if color == ColorType::Gray(1) && palette.is_none() => {
            fax::page(decoder, bytes, width, height).ok_or(stop)?
        }
        samples => samples?,
    };
    let (kind, mut pixels) = match (color, palette) {
        (ColorType::Gray(bits @ (1 | 2 | 4 | 8)), Some(map)) => {
            let size = 1usize << bits;
            if map.len() != size * 3 {
                return Err(damaged());
            }
            let mut full = vec![0u16; 768];
            for (from, to) in map.chunks(size).zip(full.chunks_mut(256)) {
                for (value, to) in from.iter().zip(to) {
                    *to = *value;
                }
            }
            (Kind::Palette(full), unpack(&samples, width, height, bits, false))
        }
        (ColorType::Gray(1), None) => (Kind::Bilevel, samples),
        (ColorType::Gray(bits @ (2 | 4)), None) => (Kind::Grey(8), unpack(&samples, width, height, bits, true)),
        (ColorType::Gray(bits @ (8 | 16)), None) => (Kind::Grey(bits), samples),
        (ColorType::RGB(bits @ (8 | 16)), None) => (Kind::Rgb(bits, false), samples),
        (ColorType::RGBA(bits @ (8 | 16)), None) => (Kind::Rgb(bits, true), samples),
        (ColorType::CMYK(8), None) => (Kind::Cmyk, samples),
        (ColorType::YCbCr(8), None) => (Kind::Rgb(8, false), rgb(&samples)),
        _ => return Err(unsupported()),
    };
    let line = (width * kind.bits_per_pixel()).div_ceil(8);
    if pixels.len() < line * height {
        return Err(damaged());
    }
    pixels.truncate(line * height);
    let mut page = Page { width, height, kind, pixels, resolution };
    upright(&mut page, Turn::from_exif(orientation));
    Ok(page)
}

/// The samples pixel by pixel, those of 16 bits in big-endian order, also when the file holds one plane for each colour.
fn decode(decoder: &mut Source<'_>, color: ColorType) -> Result<Vec<u8>, Stop> {
    let layout = decoder.image_buffer_layout().map_err(|_| damaged())?;
    let bytes = usize::from(color.bit_depth() / 8);
    if layout.planes > 1 && bytes > 0 {
        // Of tiles in planes the decoder reads past the end of its own buffer.
        if decoder.get_chunk_type() == ChunkType::Tile {
            return Err(Stop::refused(ReasonCode::UnsupportedFeature));
        }
        if layout.complete_len > LIVE_BYTES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
        let mut buffer = vec![0; layout.complete_len];
        decoder.read_image_bytes(&mut buffer).map_err(|_| damaged())?;
        let stride = layout.plane_stride.map_or(0, std::num::NonZeroUsize::get);
        let mut out = Vec::with_capacity(buffer.len());
        for at in (0..stride).step_by(bytes) {
            for plane in buffer.chunks(stride.max(1)).take(layout.planes) {
                let sample = plane.get(at..at + bytes).ok_or_else(damaged)?;
                match <[u8; 2]>::try_from(sample) {
                    Ok(two) => out.extend(u16::from_ne_bytes(two).to_be_bytes()),
                    Err(_) => out.extend(sample),
                }
            }
        }
        return Ok(out);
    }
    match decoder.read_image().map_err(|_| damaged())? {
        DecodingResult::U8(samples) => Ok(samples),
        DecodingResult::U16(samples) => Ok(samples.into_iter().flat_map(u16::to_be_bytes).collect()),
        _ => Err(Stop::refused(ReasonCode::UnsupportedFeature)),
    }
}

/// One byte for each sample; grey samples spread to the whole range.
fn unpack(samples: &[u8], width: usize, height: usize, bits: u8, spread: bool) -> Vec<u8> {
    if bits == 8 {
        return samples.to_vec();
    }
    let bits = usize::from(bits);
    let most = (1u8 << bits) - 1;
    let line = (width * bits).div_ceil(8);
    let mut out = Vec::with_capacity(width * height);
    for row in samples.chunks(line.max(1)).take(height) {
        for x in 0..width {
            let byte = row.get(x * bits / 8).copied().unwrap_or(0);
            let value = (byte >> (8 - bits - (x * bits) % 8)) & most;
            out.push(if spread { value * (255 / most) } else { value });
        }
    }
    out
}

/// ITU-R BT.601, as TIFF 6.0 section 21 has it by default.
fn rgb(samples: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(samples.len());
    for [y, cb, cr] in samples.as_chunks::<3>().0 {
        let (y, cb, cr) = (i32::from(*y) << 16, i32::from(*cb) - 128, i32::from(*cr) - 128);
        for value in [y + 91_881 * cr, y - 22_554 * cb - 46_802 * cr, y + 116_130 * cb] {
            out.push(u8::try_from(((value + (1 << 15)) >> 16).clamp(0, 255)).unwrap_or(0));
        }
    }
    out
}

fn upright(page: &mut Page, turn: Turn) {
    if turn.is_none() {
        return;
    }
    let (width, height) = (page.width, page.height);
    let bits = page.kind.bits_per_pixel();
    if bits == 1 {
        let mut bytes = unpack(&page.pixels, width, height, 1, false);
        (page.width, page.height) = raster::turn(&mut bytes, width, height, 1, turn);
        let packed = bytes.chunks(page.width.max(1)).flat_map(|row| {
            row.chunks(8).map(|bits| bits.iter().enumerate().fold(0u8, |byte, (n, bit)| byte | (bit << (7 - n))))
        });
        page.pixels = packed.collect();
    } else {
        (page.width, page.height) = raster::turn(&mut page.pixels, width, height, bits / 8, turn);
    }
    if let (true, Some((_, x, y))) = (turn.transpose, page.resolution.as_mut()) {
        std::mem::swap(x, y);
    }
}

fn resolution(decoder: &mut Source<'_>) -> Option<(u16, [u32; 2], [u32; 2])> {
    let mut fraction = |tag| match decoder.get_tag(tag).ok()? {
        tiff::decoder::ifd::Value::Rational(over, under) if over > 0 && under > 0 => Some([over, under]),
        _ => None,
    };
    let (x, y) = (fraction(Tag::XResolution)?, fraction(Tag::YResolution)?);
    let unit: u16 = decoder.find_tag_unsigned(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    Some((if (1..=3).contains(&unit) { unit } else { 1 }, x, y))
}
