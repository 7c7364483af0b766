//! The way over pixels, for files that coefficients cannot serve.

use jpeg_encoder::{ColorType, Encoder, QuantizationTableType, SamplingFactor};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::model::{Picture, ZIGZAG};
use super::turn::Turn;
use crate::budget::Budget;
use crate::formats::image::{LIVE_BYTES, exif, raster};
use crate::words::ReasonCode;
use crate::work::Stop;

/// Quality of what has to be encoded anew.
pub(crate) const QUALITY: u8 = 92;

/// The Exif orientation of a file whose segments could not all be read.
pub(super) fn orientation(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(1 << 17)).unwrap_or_default();
    head.windows(6).position(|w| w == b"Exif\0\0").and_then(|at| head.get(at + 6..)).map_or(1, exif::orientation)
}

/// Decodes to pixels, turns them, encodes them; with the quantisation of `like` when it is known.
pub(super) fn encode_anew(
    bytes: &[u8],
    like: Option<&Picture>,
    turn: Turn,
    budget: &mut Budget,
) -> Result<Vec<u8>, Stop> {
    let damaged = || Stop::refused(ReasonCode::Damaged);
    let limit = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_max_width(limit).set_max_height(limit).set_strict_mode(false);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions().ok_or_else(damaged)?;
    budget.pixels(width as u64, height as u64)?;
    budget.step((width * height) as u64 / 16)?;
    let (color, components) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        Some(ColorSpace::CMYK | ColorSpace::YCCK) => (ColorSpace::CMYK, 4),
        _ => (ColorSpace::RGB, 3),
    };
    if width * height * components * 2 > LIVE_BYTES {
        return Err(Stop::refused(ReasonCode::LimitPixels));
    }
    decoder.set_options(options.jpeg_set_out_colorspace(color));
    let mut pixels = decoder.decode().map_err(|_| damaged())?;
    if pixels.len() != width * height * components {
        return Err(damaged());
    }
    let (width, height) = raster::turn(&mut pixels, width, height, components, turn);
    encode(&pixels, width, height, components, QUALITY, like)
}

/// Encodes pixels of 1, 3 or 4 bytes.
pub(super) fn encode(
    pixels: &[u8],
    width: usize,
    height: usize,
    components: usize,
    quality: u8,
    like: Option<&Picture>,
) -> Result<Vec<u8>, Stop> {
    let refused = || Stop::refused(ReasonCode::Damaged);
    let color = match components {
        1 => ColorType::Luma,
        3 => ColorType::Rgb,
        4 => ColorType::Cmyk,
        _ => return Err(refused()),
    };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    if let Some(picture) = like {
        let table = |at: usize| {
            let c = picture.components.get(at).or(picture.components.first())?;
            let mut natural = [0u16; 64];
            for (value, to) in c.quant.iter().zip(ZIGZAG) {
                natural[usize::from(to)] = *value;
            }
            Some(QuantizationTableType::Custom(Box::new(natural)))
        };
        if let (Some(luma), Some(chroma)) = (table(0), table(1)) {
            encoder.set_quantization_tables(luma, chroma);
        }
        if picture.sampling() == (2, 2) {
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
        }
    }
    let (w, h) = (u16::try_from(width).map_err(|_| refused())?, u16::try_from(height).map_err(|_| refused())?);
    encoder.encode(pixels, w, h, color).map_err(|_| refused())?;
    Ok(out)
}
