//! PNG and APNG: pixels, palette, transparency, physical size and animation are kept; every other chunk is gone.

use png::{BitDepth, ColorType, Compression, Decoder, DeflateCompression, Encoder, Filter, Limits, Transformations};

use super::jpeg::turn::Turn;
use super::{FRAMES, LIVE_BYTES, admit, damaged, exif, keeps_animation, raster, trailing};
use crate::words::What;
use crate::work::{Draft, Source, Stop, Work};

/// Images up to this many bytes of pixels are compressed with and without filters, and the smaller is taken.
const TRY_BOTH: usize = 1 << 17;

struct Picture {
    width: u32,
    height: u32,
    color: ColorType,
    depth: BitDepth,
    palette: Option<Vec<u8>>,
    transparency: Option<Vec<u8>>,
    physical: Option<png::PixelDimensions>,
    plays: Option<u32>,
    frames: Vec<Frame>,
}

struct Frame {
    control: Option<png::FrameControl>,
    pixels: Vec<u8>,
}

/// Rebuilds a PNG.
pub(crate) fn rebuild(source: Source<'_>, work: &mut Work<'_>) -> Result<Draft, Stop> {
    let chunks = walk(source.bytes);
    let mut picture = read(source.bytes, work)?;
    let turn = Turn::from_exif(chunks.exif.map_or(1, exif::orientation));
    if !turn.is_none() {
        upright(&mut picture, turn)?;
    }
    let small = picture.frames.iter().map(|f| f.pixels.len()).sum::<usize>() <= TRY_BOTH;
    let packed = picture.color == ColorType::Indexed || !matches!(picture.depth, BitDepth::Eight | BitDepth::Sixteen);
    let plain = write(&picture, if packed { Filter::NoFilter } else { Filter::Adaptive })?;
    let other =
        if small { Some(write(&picture, if packed { Filter::Adaptive } else { Filter::NoFilter })?) } else { None };
    let bytes = other.filter(|other| other.len() < plain.len()).unwrap_or(plain);
    let mut draft = Draft { bytes, ..Draft::default() };
    if chunks.metadata {
        draft.findings.noted(What::Metadata, "");
    }
    if let Some(end) = chunks.end {
        trailing(&mut draft, source.bytes, source.bytes.len().saturating_sub(end));
    }
    Ok(draft)
}

fn read(bytes: &[u8], work: &mut Work<'_>) -> Result<Picture, Stop> {
    let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(bytes), Limits { bytes: LIVE_BYTES });
    decoder.set_transformations(Transformations::IDENTITY);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(|_| damaged())?;
    let bits = header.bits_per_pixel();
    let size = admit(header.width as usize, header.height as usize, bits, work)?;
    let mut reader = decoder.read_info().map_err(|_| damaged())?;
    let info = reader.info();
    let animation = info.animation_control.filter(|_| keeps_animation(work));
    let mut picture = Picture {
        width: info.width,
        height: info.height,
        color: info.color_type,
        depth: info.bit_depth,
        palette: info.palette.as_ref().map(|p| p.to_vec()),
        transparency: info.trns.as_ref().map(|trns| transparency(trns, info.color_type, info.bit_depth)),
        physical: info.pixel_dims,
        plays: animation.map(|a| a.num_plays),
        frames: Vec::new(),
    };
    if picture.color == ColorType::Indexed && picture.palette.is_none() {
        return Err(damaged());
    }
    let separate = info.frame_control.is_none();
    let count = animation.map_or(1, |a| a.num_frames as usize + usize::from(separate));
    if count > FRAMES {
        return Err(damaged());
    }
    let mut buffer = vec![0; reader.output_buffer_size().ok_or_else(damaged)?.max(size)];
    let mut live = 0;
    for at in 0..count {
        let frame = reader.next_frame(&mut buffer).map_err(|_| damaged())?;
        let used = frame.line_size * frame.height as usize;
        live += admit(frame.width as usize, frame.height as usize, bits, work)?;
        if live > LIVE_BYTES {
            return Err(Stop::refused(crate::words::ReasonCode::LimitPixels));
        }
        let control = reader.info().frame_control.filter(|_| animation.is_some() && !(separate && at == 0));
        let pixels = buffer.get(..used).ok_or_else(damaged)?.to_vec();
        picture.frames.push(Frame { control, pixels });
    }
    mask_padding(&mut picture);
    Ok(picture)
}

/// The chunk as it is written: a transparent colour has two bytes for each sample whatever the depth, of which the reader keeps
/// the lower ones.
fn transparency(trns: &[u8], color: ColorType, depth: BitDepth) -> Vec<u8> {
    let samples = match color {
        ColorType::Grayscale => 1,
        ColorType::Rgb => 3,
        _ => return trns.to_vec(),
    };
    match depth {
        BitDepth::Sixteen => trns.iter().copied().take(samples * 2).collect(),
        _ => trns.iter().take(samples).flat_map(|byte| [0, *byte]).collect(),
    }
}

/// Clears the bits that fill up a row: they show nothing, so they may carry nothing.
fn mask_padding(picture: &mut Picture) {
    let bits = picture.color.samples() * picture.depth as usize;
    for frame in &mut picture.frames {
        let width = frame.control.map_or(picture.width, |c| c.width) as usize;
        let used = (width * bits) % 8;
        let line = (width * bits).div_ceil(8);
        if used > 0 {
            for row in frame.pixels.chunks_mut(line.max(1)) {
                if let Some(last) = row.last_mut() {
                    *last &= 0xFFu8 << (8 - used);
                }
            }
        }
    }
}

/// Turns a still image of whole bytes; others keep their place (no camera writes them).
fn upright(picture: &mut Picture, turn: Turn) -> Result<(), Stop> {
    let bits = picture.color.samples() * picture.depth as usize;
    let [frame] = picture.frames.as_mut_slice() else { return Ok(()) };
    if !bits.is_multiple_of(8) {
        return Ok(());
    }
    let (w, h) = raster::turn(&mut frame.pixels, picture.width as usize, picture.height as usize, bits / 8, turn);
    picture.width = u32::try_from(w).map_err(|_| damaged())?;
    picture.height = u32::try_from(h).map_err(|_| damaged())?;
    if let (true, Some(p)) = (turn.transpose, picture.physical.as_mut()) {
        std::mem::swap(&mut p.xppu, &mut p.yppu);
    }
    Ok(())
}

fn write(picture: &Picture, filter: Filter) -> Result<Vec<u8>, Stop> {
    encode(picture, filter).map_err(|_| damaged())
}

fn encode(picture: &Picture, filter: Filter) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, picture.width, picture.height);
    encoder.set_color(picture.color);
    encoder.set_depth(picture.depth);
    encoder.set_compression(Compression::Balanced);
    encoder.set_deflate_compression(DeflateCompression::Level(6));
    encoder.set_filter(filter);
    encoder.set_pixel_dims(picture.physical);
    if let Some(palette) = &picture.palette
        && matches!(picture.color, ColorType::Indexed)
    {
        encoder.set_palette(palette.as_slice());
    }
    if let Some(transparency) = &picture.transparency {
        encoder.set_trns(transparency.as_slice());
    }
    let animated = picture.frames.iter().filter(|f| f.control.is_some()).count();
    if let (Some(plays), true) = (picture.plays, animated > 0) {
        encoder.set_animated(u32::try_from(animated).unwrap_or(1), plays)?;
        encoder.set_sep_def_img(animated < picture.frames.len())?;
    }
    let mut writer = encoder.write_header()?;
    for frame in &picture.frames {
        if let Some(control) = &frame.control {
            writer.set_frame_dimension(control.width, control.height)?;
            writer.set_frame_position(control.x_offset, control.y_offset)?;
            writer.set_frame_delay(control.delay_num, control.delay_den)?;
            writer.set_blend_op(control.blend_op)?;
            writer.set_dispose_op(control.dispose_op)?;
        }
        writer.write_image_data(&frame.pixels)?;
    }
    writer.finish()?;
    Ok(out)
}

/// What the chunks say without being decoded.
struct Chunks<'a> {
    exif: Option<&'a [u8]>,
    metadata: bool,
    end: Option<usize>,
}

fn walk(bytes: &[u8]) -> Chunks<'_> {
    let mut chunks = Chunks { exif: None, metadata: false, end: None };
    let mut at = 8usize;
    while let Some((length, rest)) = bytes.get(at..).and_then(|rest| rest.split_first_chunk::<4>()) {
        let length = u32::from_be_bytes(*length) as usize;
        let (Some(kind), Some(body)) = (rest.get(..4), rest.get(4..).and_then(|r| r.get(..length))) else { break };
        at += 12 + length;
        match kind {
            b"IEND" => {
                chunks.end = Some(at);
                break;
            }
            b"eXIf" => {
                chunks.exif = Some(body);
                chunks.metadata = true;
            }
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"pHYs" | b"acTL" | b"fcTL" | b"fdAT" => {}
            _ => chunks.metadata = true,
        }
    }
    chunks
}
