//! Pictures: decoded and encoded anew. JPEG goes through the rewriter of JPEG files; JBIG2 and CCITT become CCITT Group 4;
//! JPEG 2000 becomes JPEG; everything else is deflated.

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use lopdf::{Dictionary, Stream};

use super::copy::{Copier, Made};
use super::object::{Dict, Object, Value, deflate, packed};
use super::schema::{Kind, Rule};
use super::{bilevel, color, content, name_of, predictor};
use crate::formats::image::LIVE_BYTES;
use crate::formats::image::jpeg::{self, Upright};
use crate::formats::image::tiff::Rows;
use crate::words::{ReasonCode, What};
use crate::work::Stop;

/// Inline images up to this many bytes stay inline.
const INLINE: usize = 8_192;

/// Filters that give back bytes of any kind.
pub(super) fn is_general(name: &[u8]) -> bool {
    matches!(name, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW" | b"ASCII85Decode" | b"A85")
        || matches!(name, b"ASCIIHexDecode" | b"AHx" | b"RunLengthDecode" | b"RL" | b"Crypt")
}

/// Filters of a stream, in the order of decoding, with their parameters.
pub(super) fn filters(stream: &Stream, copier: &Copier<'_, '_, '_>) -> Vec<(Vec<u8>, Dictionary)> {
    let list = |key: &[u8]| match copier.get(&stream.dict, key) {
        Some(lopdf::Object::Array(items)) => items.iter().map(|item| copier.resolve(item).clone()).collect(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let parameters: Vec<lopdf::Object> = list(b"DecodeParms");
    let filters: Vec<lopdf::Object> = list(b"Filter");
    let name = |(at, filter): (usize, &lopdf::Object)| {
        let mut dict = parameters.get(at).and_then(|p| p.as_dict().ok()).cloned().unwrap_or_default();
        let resolved: Vec<(Vec<u8>, lopdf::Object)> =
            dict.iter().map(|(key, value)| (key.clone(), copier.resolve(value).clone())).collect();
        for (key, value) in resolved {
            dict.set(key, value);
        }
        name_of(filter).map(|name| (name.to_vec(), dict))
    };
    filters.iter().enumerate().filter_map(name).collect()
}

/// Undoes general filters; the bytes count against the budget of the call.
pub(super) fn decode_general(
    stream: &Stream,
    filters: &[(Vec<u8>, Dictionary)],
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Option<Vec<u8>>, Stop> {
    let limit = copier.work.budget.member_bytes(stream.content.len());
    let data = decode_limited(stream, filters, limit);
    if let Ok(data) = &data {
        copier.work.budget.decode(data.len())?;
        copier.work.budget.step(data.len() as u64 / 64)?;
    }
    match data {
        Ok(data) => Ok(Some(data)),
        Err(TooLarge(true)) => Err(Stop::refused(ReasonCode::LimitRatio)),
        Err(TooLarge(false)) => Ok(None),
    }
}

/// Whether decoding failed for its size.
struct TooLarge(bool);

fn decode_limited(stream: &Stream, filters: &[(Vec<u8>, Dictionary)], limit: usize) -> Result<Vec<u8>, TooLarge> {
    let known: Vec<&(Vec<u8>, Dictionary)> = filters.iter().filter(|(name, _)| name != b"Crypt").collect();
    if known.is_empty() {
        return Ok(stream.content.clone());
    }
    let mut dict = Dictionary::new();
    dict.set("Filter", known.iter().map(|(name, _)| lopdf::Object::Name(name.clone())).collect::<Vec<_>>());
    dict.set("DecodeParms", known.iter().map(|(_, p)| lopdf::Object::Dictionary(p.clone())).collect::<Vec<_>>());
    let mut copy = Stream::new(dict, stream.content.clone());
    copy.allows_compression = false;
    copy.decompressed_content_with_limit(limit).map_err(|error| {
        TooLarge(matches!(error, lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })))
    })
}

/// What is known of a picture before its data is touched.
struct Frame {
    width: usize,
    height: usize,
    bits: usize,
    components: usize,
    mask: bool,
}

impl Frame {
    fn bytes(&self) -> usize {
        (self.width * self.components * self.bits).div_ceil(8) * self.height
    }
}

/// Size, depth and colours; with them the beginning of the new dictionary.
fn frame(stream: &Stream, copier: &mut Copier<'_, '_, '_>) -> Result<Option<(Frame, Dict)>, Stop> {
    let dict = &stream.dict;
    let side = |key| copier.int(dict, key).and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=65_535).contains(n));
    let (Some(width), Some(height)) = (side(b"Width"), side(b"Height")) else { return Ok(None) };
    copier.work.budget.pixels(width as u64, height as u64)?;
    copier.work.budget.step(1 + (width * height) as u64 / 256)?;
    let mask = matches!(copier.get(dict, b"ImageMask"), Some(lopdf::Object::Boolean(true)));
    let bits = if mask { 1 } else { copier.int(dict, b"BitsPerComponent").unwrap_or(8) };
    let bits = usize::try_from(bits).ok().filter(|b| matches!(b, 1 | 2 | 4 | 8 | 16)).unwrap_or(8);
    let mut out = Dict::default();
    out.set("Width", Value::int(width));
    out.set("Height", Value::int(height));
    let mut components = 1;
    if mask {
        out.set("ImageMask", Value::Bool(true));
    } else if let Ok(space) = dict.get(b"ColorSpace") {
        if let Some(space) = copier.kind(space, Kind::Color)? {
            components = color::components(&space, copier).unwrap_or(0);
            out.set("ColorSpace", space);
        }
    } else {
        components = 0;
    }
    out.set("BitsPerComponent", Value::int(bits));
    copier.copy_keys(dict, &[("Decode", Rule::Plain), ("Interpolate", Rule::Plain)], &mut out)?;
    Ok(Some((Frame { width, height, bits, components, mask }, out)))
}

/// Bytes of the raw samples of an inline image.
pub(super) fn raw_size(dict: &Dictionary, copier: &mut Copier<'_, '_, '_>) -> Option<usize> {
    let (frame, _) = frame(&Stream::new(dict.clone(), Vec::new()), copier).ok()??;
    (frame.components > 0).then(|| frame.bytes())
}

/// Copies a picture; a grey dot and `lost` when it cannot be decoded.
pub(super) fn copy(stream: &Stream, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let Some((frame, dict)) = frame(stream, copier)? else { return Ok(None) };
    let mut out = Dict::default();
    out.set("Type", Value::name("XObject"));
    out.set("Subtype", Value::name("Image"));
    for (key, value) in dict.0 {
        out.set_bytes(&key, value);
    }
    if let Ok(mask) = stream.dict.get(b"Mask") {
        let mask = match copier.resolve(mask) {
            lopdf::Object::Stream(_) => copier.kind(mask, Kind::Image)?,
            _ => copier.plain(mask)?,
        };
        if let Some(mask) = mask {
            out.set("Mask", mask);
        }
    }
    let keys = [("SMask", Rule::Of(Kind::Image)), ("Matte", Rule::Plain), ("OC", Rule::Of(Kind::Properties))];
    copier.copy_keys(&stream.dict, &keys, &mut out)?;
    match encode(stream, &frame, out, copier)? {
        Some(made) => Ok(Some(made)),
        None => {
            copier.draft.findings.lost(What::Picture, "");
            Ok(Some(placeholder(frame.mask)))
        }
    }
}

fn placeholder(mask: bool) -> Object {
    let mut out = Dict::default();
    out.set("Type", Value::name("XObject"));
    out.set("Subtype", Value::name("Image"));
    out.set("Width", Value::int(1));
    out.set("Height", Value::int(1));
    if mask {
        out.set("ImageMask", Value::Bool(true));
        out.set("BitsPerComponent", Value::int(1));
    } else {
        out.set("ColorSpace", Value::name("DeviceGray"));
        out.set("BitsPerComponent", Value::int(8));
    }
    Object::Stream(out, vec![0xC0])
}

/// Decodes and encodes; nothing when it cannot be done.
fn encode(stream: &Stream, frame: &Frame, mut out: Dict, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let filters = filters(stream, copier);
    let general = filters.iter().take_while(|(name, _)| is_general(name)).count();
    let (before, last) = filters.split_at(general);
    let Ok(data) = decode_limited(stream, before, LIVE_BYTES) else { return Ok(None) };
    match last {
        [] => Ok(raw(data, frame, before, out, copier)),
        [(name, parameters)] => match name.as_slice() {
            b"DCTDecode" | b"DCT" => dct(&data, frame, parameters, out, copier),
            b"CCITTFaxDecode" | b"CCF" => Ok(ccitt(&data, frame, parameters, out)),
            b"JBIG2Decode" => {
                let rows = jbig2(&data, frame, parameters, copier)?;
                Ok(rows.and_then(|rows| bilevel::group4(&rows, frame.width, frame.height, false, out)))
            }
            b"JPXDecode" => {
                out.0.retain(|(key, _)| key != b"Decode");
                jpx(&data, frame, out, copier)
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn raw(
    mut data: Vec<u8>,
    frame: &Frame,
    before: &[(Vec<u8>, Dictionary)],
    mut out: Dict,
    copier: &Copier<'_, '_, '_>,
) -> Option<Object> {
    if frame.components == 0 || frame.bytes() > LIVE_BYTES || data.is_empty() {
        return None;
    }
    data.resize(frame.bytes(), 0);
    let predicted = before.last().and_then(|(_, p)| copier.int(p, b"Predictor")).is_some_and(|p| p > 1);
    if !predicted || frame.bits != 8 {
        return Some(packed(out, &data));
    }
    let data = predictor::png(&data, frame.width * frame.components, frame.components);
    let mut parameters = Dict::default();
    parameters.set("Predictor", Value::int(15));
    parameters.set("Colors", Value::int(frame.components));
    parameters.set("Columns", Value::int(frame.width));
    out.set("Filter", Value::name("FlateDecode"));
    out.set("DecodeParms", Value::Dict(parameters));
    Some(Object::Stream(out, deflate(&data)))
}

fn dct(
    data: &[u8],
    frame: &Frame,
    parameters: &Dictionary,
    mut out: Dict,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Made, Stop> {
    let jpeg = match jpeg::rewrite(data, Upright::Stored, &mut copier.work.budget) {
        Ok(jpeg) => jpeg,
        Err(stop) if matches!(stop.code(), ReasonCode::Damaged | ReasonCode::UnsupportedFeature) => return Ok(None),
        Err(stop) => return Err(stop),
    };
    out.set("Width", Value::int(jpeg.width));
    out.set("Height", Value::int(jpeg.height));
    out.set("BitsPerComponent", Value::int(8));
    if frame.components != jpeg.components {
        out.set("ColorSpace", device(jpeg.components));
    }
    out.set("Filter", Value::name("DCTDecode"));
    if let Some(transform @ (0 | 1)) = copier.int(parameters, b"ColorTransform") {
        let mut parameters = Dict::default();
        parameters.set("ColorTransform", Value::Number(transform.to_string()));
        out.set("DecodeParms", Value::Dict(parameters));
    }
    Ok(Some(Object::Stream(out, jpeg.bytes)))
}

fn device(components: usize) -> Value {
    Value::name(match components {
        1 => "DeviceGray",
        3 => "DeviceRGB",
        _ => "DeviceCMYK",
    })
}

fn ccitt(data: &[u8], frame: &Frame, parameters: &Dictionary, out: Dict) -> Option<Object> {
    let int = |key: &[u8]| parameters.get(key).ok().and_then(|v| v.as_i64().ok());
    let flag = |key: &[u8], usual| match parameters.get(key) {
        Ok(lopdf::Object::Boolean(b)) => *b,
        _ => usual,
    };
    let k = int(b"K").unwrap_or(0);
    let columns = u32::try_from(int(b"Columns").unwrap_or(1728)).ok().filter(|c| *c <= 65_535)?;
    let settings = DecodeSettings {
        columns,
        rows: u32::try_from(frame.height).ok()?,
        end_of_block: flag(b"EndOfBlock", true),
        end_of_line: flag(b"EndOfLine", false),
        rows_are_byte_aligned: flag(b"EncodedByteAlign", false),
        encoding: match k {
            0 => EncodingMode::Group3_1D,
            1.. => EncodingMode::Group3_2D,
            _ => EncodingMode::Group4,
        },
        strict: false,
    };
    let mut rows = Rows::new(columns as usize, frame.height);
    let decoded = hayro_ccitt::decode(data, &mut rows, &mut DecoderContext::new(settings));
    if decoded.is_err() && rows.is_empty() {
        return None;
    }
    let bytes = rows.finish();
    bilevel::group4(&bytes, columns as usize, frame.height, flag(b"BlackIs1", false), out)
}

fn jbig2(
    data: &[u8],
    frame: &Frame,
    parameters: &Dictionary,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Option<Vec<u8>>, Stop> {
    let globals = match parameters.get(b"JBIG2Globals").ok().map(|g| copier.resolve(g).clone()) {
        Some(lopdf::Object::Stream(stream)) => copier.decode(&stream)?,
        _ => None,
    };
    let settings = hayro_jbig2::DecodeSettings { strict: false };
    let decoded = || {
        let globals = globals.map(|g| hayro_jbig2::Globals::new(&g, &settings)).transpose().ok()?;
        let page = hayro_jbig2::Page::new_embedded(data, globals.as_ref(), &settings).ok()?;
        let (width, height) = (page.width() as usize, page.height() as usize);
        if width != frame.width || height < frame.height || width.saturating_mul(height) > LIVE_BYTES {
            return None;
        }
        let mut pixels = bilevel::Pixels::new(width);
        page.decode(&mut pixels).ok()?;
        Some(pixels.finish())
    };
    Ok(decoded())
}

/// JPEG 2000 becomes JPEG when it is grey or colour; its own alpha is left out, as PDF does by default.
fn jpx(data: &[u8], frame: &Frame, mut out: Dict, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    let settings = hayro_jpeg2000::DecodeSettings::default();
    let Ok(image) = hayro_jpeg2000::Image::new(data, &settings) else { return Ok(None) };
    let (width, height) = (image.width() as usize, image.height() as usize);
    copier.work.budget.pixels(width as u64, height as u64)?;
    copier.work.budget.step((width * height) as u64 / 8)?;
    if width * height * 16 > LIVE_BYTES || width > 65_535 || height > 65_535 {
        return Err(Stop::refused(ReasonCode::LimitPixels));
    }
    let channels = usize::from(image.color_space().num_channels());
    let total = channels + usize::from(image.has_alpha());
    let mut context = hayro_jpeg2000::DecoderContext::default();
    let Ok(decoded) = image.decode(&mut context) else { return Ok(None) };
    let samples = decoded.data_u8();
    if samples.len() != width * height * total || !matches!(channels, 1 | 3 | 4) {
        return Ok(None);
    }
    let indexed = frame.components == 1
        && channels == 1
        && matches!(out.get("ColorSpace"), Some(Value::Array(items)) if items.first() == Some(&Value::name("Indexed")));
    let samples: Vec<u8> =
        if total == channels { samples } else { samples.chunks(total).flat_map(|p| &p[..channels]).copied().collect() };
    out.set("Width", Value::int(width));
    out.set("Height", Value::int(height));
    out.set("BitsPerComponent", Value::int(8));
    if frame.mask || indexed {
        return Ok(None);
    }
    if frame.components != channels {
        out.set("ColorSpace", device(channels));
    }
    if channels == 4 || samples.len() < 4_096 {
        return Ok(Some(packed(out, &samples)));
    }
    let jpeg = jpeg::from_pixels(&samples, width, height, channels, jpeg::QUALITY, &mut copier.work.budget)?;
    out.set("Filter", Value::name("DCTDecode"));
    Ok(Some(Object::Stream(out, jpeg.bytes)))
}

/// What became of an inline image.
pub(super) enum Inline {
    /// It stays inline: these are its bytes.
    Here(Vec<u8>),
    /// It is an object now.
    Object(Value),
}

/// Rebuilds an inline image; nothing when the data does not decode (its end was taken too early).
pub(super) fn inline(stream: &Stream, copier: &mut Copier<'_, '_, '_>) -> Result<Option<Inline>, Stop> {
    let filters = filters(stream, copier);
    let Some((frame, dict)) = frame(stream, copier)? else { return Ok(None) };
    if filters.iter().all(|(name, _)| is_general(name)) && frame.components > 0 && frame.bytes() <= INLINE {
        let Ok(mut data) = decode_limited(stream, &filters, LIVE_BYTES) else { return Ok(None) };
        if data.len() < frame.bytes() {
            return Ok(None);
        }
        data.truncate(frame.bytes());
        copier.work.budget.decode(data.len())?;
        if simple_color(&dict) {
            return Ok(Some(Inline::Here(content::write_inline(&dict, &data))));
        }
    }
    let mut out = Dict::default();
    out.set("Type", Value::name("XObject"));
    out.set("Subtype", Value::name("Image"));
    for (key, value) in dict.0 {
        out.set_bytes(&key, value);
    }
    let made = encode(stream, &frame, out, copier)?;
    Ok(made.map(|made| Inline::Object(copier.objects.add(made))))
}

/// Only device colours, and palettes over them, may stand inline.
fn simple_color(dict: &Dict) -> bool {
    match dict.get("ColorSpace") {
        None => true,
        Some(Value::Name(name)) => name.starts_with(b"Device"),
        Some(Value::Array(items)) => {
            items.first() == Some(&Value::name("Indexed"))
                && matches!(items.get(1), Some(Value::Name(name)) if name.starts_with(b"Device"))
        }
        Some(_) => false,
    }
}
