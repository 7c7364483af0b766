//! Strips and tiles: the pieces that a page is stored in, unpacked and put in their places.

use std::io::Read;

use weezl::{BitOrder, LzwStatus, decode};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::directory::Directory;
use super::fax;
use super::old_jpeg::{self, Old};
use crate::formats::image::jpeg::{self, Piece};
use crate::formats::image::{LIVE_BYTES, admit, damaged};
use crate::words::ReasonCode;
use crate::work::{Stop, Work};

/// TIFF's numbers for what the pieces are packed with.
const PLAIN: usize = 1;
const LZW: usize = 5;
const OLD_JPEG: usize = 6;
const JPEG: usize = 7;
const DEFLATE: [usize; 2] = [8, 32946];
const PACK_BITS: usize = 32773;
const WEBP: usize = 50001;

const YCBCR: usize = 6;

/// How a page is stored.
pub(super) struct Layout<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bits of a sample.
    pub(super) bits: usize,
    /// Samples of a pixel.
    pub(super) samples: usize,
    /// Each sample has a plane of its own.
    pub(super) planar: bool,
    pub(super) photometric: usize,
    pub(super) high_first: bool,
    compression: usize,
    /// Samples are differences from the pixel before.
    differences: bool,
    /// The bits of each byte stand from below.
    backwards: bool,
    /// Fax pages: the options of Group 3.
    fax_options: usize,
    /// How many pixels share their two colour samples, across and down.
    subsampling: (usize, usize),
    /// Width and height of a piece.
    pub(super) piece: (usize, usize),
    pub(super) tiled: bool,
    pieces: Vec<&'a [u8]>,
    jpeg_tables: &'a [u8],
    /// JPEG in its old form.
    pub(super) old_jpeg: Option<Old>,
}

fn unsupported() -> Stop {
    Stop::refused(ReasonCode::UnsupportedFeature)
}

impl<'a> Layout<'a> {
    /// Reads it; the size of the picture is admitted before anything is allocated.
    pub(super) fn of(directory: &Directory<'a>, work: &mut Work<'_>) -> Result<Self, Stop> {
        let tag = |tag, other| directory.number(tag).unwrap_or(other);
        let (width, height) = directory.number(256).zip(directory.number(257)).ok_or_else(damaged)?;
        let depths = directory.numbers(258).unwrap_or_else(|| vec![1]);
        let (samples, stored) = (tag(277, 1), tag(259, PLAIN));
        let compression = if stored == OLD_JPEG { JPEG } else { stored };
        let photometric = directory.number(262).unwrap_or(match (samples, compression) {
            (3.., _) => 2,
            (_, 2..=4) => 0,
            _ => 1,
        });
        let bits = usize::try_from(*depths.first().ok_or_else(damaged)?).map_err(|_| damaged())?;
        let kinds = directory.numbers(339).unwrap_or_default();
        let even = depths.iter().all(|depth| depth == &depths[0]) && kinds.iter().all(|kind| matches!(kind, 1 | 4));
        if !even || !(matches!(bits, 1..=16 | 32)) || !(1..=16).contains(&samples) {
            return Err(unsupported());
        }
        admit(width, height, bits * samples, work)?;
        let packed = matches!(compression, LZW) || DEFLATE.contains(&compression);
        let differences = match (packed, tag(317, 1)) {
            (false, _) | (_, 1) => false,
            (_, 2) if bits % 8 == 0 => true,
            _ => return Err(unsupported()),
        };
        let tiled = directory.number(322).is_some();
        let piece = if tiled { (tag(322, 0), tag(323, 0)) } else { (width, tag(278, height).min(height)) };
        let mut layout = Self {
            width,
            height,
            bits,
            samples,
            planar: samples > 1 && tag(284, 1) == 2,
            photometric,
            high_first: directory.file().high_first,
            compression,
            differences,
            backwards: tag(266, 1) == 2,
            fax_options: tag(292, 0),
            subsampling: (1, 1),
            piece,
            tiled,
            pieces: Vec::new(),
            jpeg_tables: directory.bytes(347).unwrap_or_default(),
            old_jpeg: None,
        };
        if photometric == YCBCR && compression != JPEG {
            let shares = directory.numbers(530).unwrap_or_else(|| vec![2, 2]);
            layout.subsampling = match shares[..] {
                [across @ (1 | 2 | 4), down @ (1 | 2 | 4)] if (samples, bits) == (3, 8) => {
                    (usize::try_from(across).unwrap_or(1), usize::try_from(down).unwrap_or(1))
                }
                _ => return Err(unsupported()),
            };
            if layout.subsampling != (1, 1) && (layout.planar || layout.differences) {
                return Err(unsupported());
            }
        }
        if piece.0 == 0 || piece.1 == 0 {
            return Err(damaged());
        }
        if layout.line(piece.0).saturating_mul(piece.1) > LIVE_BYTES / 2 && tiled {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
        let whole = if stored == OLD_JPEG { layout.old_jpeg(directory)? } else { None };
        layout.pieces = match whole {
            Some(whole) => vec![whole],
            None => layout.find_pieces(directory).ok_or_else(damaged)?,
        };
        Ok(layout)
    }

    /// Takes note of JPEG in its old form; gives the one JPEG that stands in place of the only piece.
    fn old_jpeg(&mut self, directory: &Directory<'a>) -> Result<Option<&'a [u8]>, Stop> {
        let (old, whole) =
            old_jpeg::read(directory, self.samples, self.photometric == YCBCR).ok_or_else(unsupported)?;
        let only = self.piece.0 >= self.width && self.piece.1 >= self.height;
        if self.planar || self.samples > 4 || (whole.is_some() && !only) {
            return Err(unsupported());
        }
        self.old_jpeg = Some(old);
        Ok(whole)
    }

    /// The tables that the pieces of a JPEG share.
    pub(super) fn jpeg_tables(&self) -> &[u8] {
        self.old_jpeg.as_ref().map_or(self.jpeg_tables, |old| &old.tables)
    }

    fn find_pieces(&self, directory: &Directory<'a>) -> Option<Vec<&'a [u8]>> {
        let (offsets, counts) = if self.tiled { (324, 325) } else { (273, 279) };
        let bytes = directory.file().bytes;
        let offsets = directory.numbers(offsets)?;
        // A page of one strip may do without its length.
        let counts = directory.numbers(counts).unwrap_or_else(|| vec![u64::MAX; usize::from(offsets.len() == 1)]);
        let piece = |(offset, count): (&u64, &u64)| {
            let rest = bytes.get(usize::try_from(*offset).ok()?..)?;
            Some(rest.get(..usize::try_from(*count).ok()?).unwrap_or(rest))
        };
        offsets.iter().zip(&counts).map(piece).collect()
    }

    pub(super) fn is_jpeg(&self) -> bool {
        self.compression == JPEG
    }

    /// The pieces of a page whose samples stand together; `None` when one is missing.
    pub(super) fn pieces_with_sizes(&self) -> Option<Vec<Piece<'a>>> {
        let (across, down) = (self.width.div_ceil(self.piece.0), self.height.div_ceil(self.piece.1));
        let pieces = self.pieces.get(..across.checked_mul(down)?)?;
        let one = |(number, data): (usize, &&'a [u8])| {
            // Some programs write the last strip as high as the others.
            let rows = self.height - number / across * self.piece.1;
            let is_short = !self.tiled && rows < self.piece.1;
            self.jpeg_piece(data, if is_short { rows } else { self.piece.1 }, is_short)
        };
        pieces.iter().enumerate().map(one).collect()
    }

    /// A piece as a JPEG of so many rows.
    fn jpeg_piece<'b>(&self, data: &'b [u8], height: usize, may_be_higher: bool) -> Option<Piece<'b>> {
        let width = self.piece.0;
        let (head, data) = match &self.old_jpeg {
            Some(old) => old.piece(data, width, height)?,
            None => (Vec::new(), data),
        };
        Some(Piece { head, data, width, height, may_be_higher })
    }

    /// Samples of a pixel that stand beside each other.
    pub(super) fn together(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of so many pixels.
    pub(super) fn line(&self, width: usize) -> usize {
        width.saturating_mul(self.together() * self.bits).div_ceil(8)
    }

    /// All planes (one, unless the samples stand apart), each as rows of whole bytes.
    pub(super) fn planes(&self, work: &mut Work<'_>) -> Result<Vec<Vec<u8>>, Stop> {
        let (across, down) = (self.width.div_ceil(self.piece.0), self.height.div_ceil(self.piece.1));
        let (line, piece_line) = (self.line(self.width), self.line(self.piece.0));
        let count = if self.planar { self.samples } else { 1 };
        if line.saturating_mul(self.height).saturating_mul(count) > LIVE_BYTES {
            return Err(Stop::refused(ReasonCode::LimitPixels));
        }
        let mut planes = Vec::new();
        for plane in 0..count {
            if (across, down, piece_line) == (1, 1, line) {
                let data = self.pieces.get(plane).ok_or_else(damaged)?;
                let mut piece = self.unpack(data, self.piece.1)?;
                piece.truncate(line * self.height);
                planes.push(piece);
                continue;
            }
            let mut out = vec![0; line * self.height];
            for (number, top) in (0..down).map(|row| (plane * down + row, row * self.piece.1)) {
                let rows = if self.tiled { self.piece.1 } else { self.piece.1.min(self.height - top) };
                for column in 0..across {
                    let data = self.pieces.get(number * across + column).ok_or_else(damaged)?;
                    // Many places may name the same bytes: they count each time.
                    work.budget.step(1 + (piece_line * rows / 64 + data.len() / 16) as u64)?;
                    let piece = self.unpack(data, rows)?;
                    let left = column * piece_line;
                    for (to, from) in out.chunks_mut(line).skip(top).zip(piece.chunks(piece_line)) {
                        for (to, from) in to.iter_mut().skip(left).zip(from) {
                            *to = *from;
                        }
                    }
                }
            }
            planes.push(out);
        }
        Ok(planes)
    }

    /// One piece of so many rows, unpacked.
    fn unpack(&self, data: &[u8], rows: usize) -> Result<Vec<u8>, Stop> {
        let (width, line) = (self.piece.0, self.line(self.piece.0));
        let turned: Vec<u8>;
        let data = if self.backwards && self.compression != JPEG {
            turned = data.iter().map(|byte| byte.reverse_bits()).collect();
            &turned
        } else {
            data
        };
        let length = match self.subsampling {
            (1, 1) => line * rows,
            (h, v) => width.div_ceil(h) * rows.div_ceil(v) * (h * v + 2),
        };
        let mut out = match self.compression {
            PLAIN => data.get(..length).map(<[u8]>::to_vec),
            2..=4 if self.bits * self.together() == 1 => {
                fax::rows(data, self.compression, self.fax_options, width, rows)
            }
            LZW => lzw(data, length),
            JPEG => self.jpeg(data, rows)?,
            PACK_BITS => pack_bits(data, length),
            WEBP if self.bits == 8 => webp(data, self.together(), width, rows),
            packed if DEFLATE.contains(&packed) => {
                let mut out = vec![0; length];
                flate2::read::ZlibDecoder::new(data).read_exact(&mut out).ok().map(|()| out)
            }
            _ => return Err(unsupported()),
        }
        .ok_or_else(damaged)?;
        if self.differences {
            self.add_up(&mut out, line);
        }
        Ok(if self.subsampling == (1, 1) { out } else { self.share(&out, rows) })
    }

    /// Undoes the predictor of TIFF 6.0, section 14.
    fn add_up(&self, out: &mut [u8], line: usize) {
        let (size, step) = (self.bits / 8, self.together() * self.bits / 8);
        for row in out.chunks_mut(line.max(1)) {
            for at in (step..row.len()).step_by(size) {
                let mut carry = 0;
                for byte in 0..size {
                    let byte = if self.high_first { size - 1 - byte } else { byte };
                    let before = row.get(at + byte - step).copied().unwrap_or(0);
                    if let Some(to) = row.get_mut(at + byte) {
                        let sum = u16::from(*to) + u16::from(before) + carry;
                        [*to, _] = sum.to_le_bytes();
                        carry = sum >> 8;
                    }
                }
            }
        }
    }

    /// A JPEG stream without its tables, its samples as they are stored.
    fn jpeg(&self, data: &[u8], rows: usize) -> Result<Option<Vec<u8>>, Stop> {
        if self.bits != 8 {
            return Err(unsupported());
        }
        let Some(piece) = self.jpeg_piece(data, rows, false) else { return Ok(None) };
        let whole = jpeg::joined(self.jpeg_tables(), &piece);
        let limits =
            DecoderOptions::default().set_max_width(self.piece.0.max(16)).set_max_height(usize::from(u16::MAX));
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&whole[..]), limits);
        let read = |decoder: &mut JpegDecoder<ZCursor<&[u8]>>| {
            decoder.decode_headers().ok()?;
            let (stored, (width, height)) = (decoder.input_colorspace()?, decoder.dimensions()?);
            let line = width * stored.num_components();
            if stored.num_components() != self.together() || width < self.piece.0 || height < rows {
                return None;
            }
            if line.saturating_mul(height) > LIVE_BYTES / 2 {
                return None;
            }
            decoder.set_options(limits.jpeg_set_out_colorspace(stored));
            let pixels = decoder.decode().ok()?;
            let wanted = self.line(self.piece.0);
            Some(pixels.chunks(line).take(rows).filter_map(|row| row.get(..wanted)).flatten().copied().collect())
        };
        Ok(read(&mut decoder).filter(|out: &Vec<u8>| out.len() == self.line(self.piece.0) * rows))
    }

    /// Gives every pixel the colour samples that it shares with its neighbours (TIFF 6.0, section 21).
    fn share(&self, units: &[u8], rows: usize) -> Vec<u8> {
        let (width, (h, v)) = (self.piece.0, self.subsampling);
        let (across, unit) = (width.div_ceil(h), h * v + 2);
        let mut out = Vec::with_capacity(width * rows * 3);
        for y in 0..rows {
            for x in 0..width {
                let at = (y / v * across + x / h) * unit;
                let sample = |n: usize| units.get(at + n).copied().unwrap_or(0);
                out.extend([sample(y % v * h + x % h), sample(h * v), sample(h * v + 1)]);
            }
        }
        out
    }
}

/// LZW with the bits of codes from above; or from below, as programs wrote it before TIFF 5.0.
fn lzw(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let old = matches!(data, [0, second, ..] if second & 1 == 1);
    let configuration = if old {
        decode::Configuration::new(BitOrder::Lsb, 8)
    } else {
        decode::Configuration::with_tiff_size_switch(BitOrder::Msb, 8)
    };
    let mut decoder = configuration.with_yield_on_full_buffer(true).build();
    let (mut out, mut read, mut written) = (vec![0; length], 0, 0);
    while written < length {
        let done = decoder.decode_bytes(data.get(read..)?, out.get_mut(written..)?);
        read += done.consumed_in;
        written += done.consumed_out;
        if !matches!(done.status, Ok(LzwStatus::Ok)) {
            break;
        }
    }
    (written == length).then_some(out)
}

/// PackBits (TIFF 6.0, section 9).
fn pack_bits(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let (mut out, mut at) = (Vec::with_capacity(length), 0);
    while out.len() < length {
        let head = data.get(at)?.cast_signed();
        let count = usize::from(head.unsigned_abs());
        at += 1;
        match head {
            0.. => {
                out.extend(data.get(at..=at + count)?);
                at += count + 1;
            }
            -127..0 => {
                out.resize(out.len() + count + 1, *data.get(at)?);
                at += 1;
            }
            i8::MIN => {}
        }
    }
    out.truncate(length);
    Some(out)
}

/// A WebP picture of the size of its piece.
fn webp(data: &[u8], samples: usize, width: usize, rows: usize) -> Option<Vec<u8>> {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(data)).ok()?;
    decoder.set_memory_limit(LIVE_BYTES / 2);
    let (across, down) = decoder.dimensions();
    let stored = if decoder.has_alpha() { 4 } else { 3 };
    if (across as usize, down as usize) != (width, rows) || samples != stored {
        return None;
    }
    let mut out = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut out).ok()?;
    Some(out)
}
