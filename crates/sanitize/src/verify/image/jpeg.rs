//! JPEG: SOI, JFIF?, Adobe?, DQT+, SOF0 or SOF1, DHT+, (SOS, data)+, EOI, and not a byte more; no metadata segment, no restart. Where
//! pieces share their tables: SOI, DQT+, DHT+, EOI once, and for each piece SOI, SOF0 or SOF1, SOS, data, EOI.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::super::{Check, Violation};
use super::jpeg_data::{Frame, Scan};
use super::{Fields, PIXELS, require};

const START: [u8; 2] = [0xFF, 0xD8];
const END: [u8; 2] = [0xFF, 0xD9];

/// Accepts a JPEG of this grammar.
pub(crate) fn verify(bytes: &[u8], check: &mut Check<'_>) -> Result<(), Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(2)? == START, "no start of image")?;
    let mut scan = Scan::default();
    // The order of segments: what has been seen decides what may come.
    let (mut order, mut scans) = (0u8, 0usize);
    while let Some((marker, body)) = segment(&mut fields)? {
        let (rank, fits) = match marker {
            0xE0 => (1, body.len() == 14 && body.starts_with(b"JFIF\0\x01\x01") && body.ends_with(&[0, 0])),
            0xEE => (2, body.len() == 12 && body.starts_with(b"Adobe\0\x64\0\0\0\0")),
            0xDB => (3, matches!(body.len(), 65 | 129)),
            0xC0 | 0xC1 => (4, scan.frame(body)),
            0xC4 => (5, scan.codes(body)),
            0xDA => (6, true),
            _ => (0, false),
        };
        let repeats = matches!(rank, 3 | 5 | 6) && order == rank;
        require(fits && (rank > order || repeats), "a segment that is not allowed here")?;
        order = rank;
        if rank == 6 {
            scans += 1;
            let size = scan.size();
            check.step((size.0 * size.1) as u64 / 64)?;
            fields.at += scan.data(body, fields.bytes.get(fields.at..).unwrap_or_default())?;
        }
    }
    require(fields.left() == 0, "bytes after the end")?;
    let components = scan.whole().ok_or_else(|| fields.wrong("no frame"))?.components();
    require(scans == 1 || scans == components, "scans that do not fit the frame")?;
    decode(bytes, scan.size(), check)
}

/// The next segment; `None` at the end of the image.
fn segment<'a>(fields: &mut Fields<'a>) -> Result<Option<(u8, &'a [u8])>, Violation> {
    let [mark, marker] = fields.array()?;
    require(mark == 0xFF, "no marker")?;
    if marker == 0xD9 {
        return Ok(None);
    }
    let length = fields.u16_be()?;
    let body = fields.take(length.checked_sub(2).ok_or_else(|| fields.wrong("a length below two"))?)?;
    Ok(Some((marker, body)))
}

/// A second decoder makes pixels of it.
fn decode(bytes: &[u8], size: (usize, usize), check: &mut Check<'_>) -> Result<(), Violation> {
    check.step((size.0 * size.1) as u64 / 64)?;
    require(size.0 * size.1 <= PIXELS, "too many pixels")?;
    let mut decoder = JpegDecoder::new_with_options(
        ZCursor::new(bytes),
        DecoderOptions::default().set_max_width(65_535).set_max_height(65_535),
    );
    let pixels = decoder.decode().map_err(|e| Violation::new("pixels", format!("{e:?}")))?;
    require(!pixels.is_empty() && decoder.dimensions() == Some(size), "the pixels do not fit the frame")
}

/// Tables that pieces share.
pub(super) struct Tables<'a> {
    /// The segments of quantisation, and those of codes.
    quantisation: &'a [u8],
    codes: &'a [u8],
}

/// Reads a JPEG of tables alone.
pub(super) fn tables(bytes: &[u8]) -> Result<Tables<'_>, Violation> {
    let mut fields = Fields::new(bytes);
    require(fields.take(2)? == START, "no start of tables")?;
    let (mut scan, mut between) = (Scan::default(), None);
    loop {
        let at = fields.at;
        let Some((marker, body)) = segment(&mut fields)? else {
            require(fields.left() == 0, "bytes after the tables")?;
            let between = between.ok_or_else(|| fields.wrong("no tables of codes"))?;
            let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
            return Ok(Tables { quantisation: part(2, between), codes: part(between, at) });
        };
        let fits = match marker {
            0xDB => between.is_none() && matches!(body.len(), 65 | 129),
            0xC4 => {
                between.get_or_insert(at);
                scan.codes(body)
            }
            _ => false,
        };
        require(fits, "a table that is not allowed here")?;
    }
}

/// Accepts a piece that uses these tables: it is put together with them and judged as a whole.
pub(super) fn without_tables(tables: &Tables<'_>, piece: &[u8], check: &mut Check<'_>) -> Result<Frame, Violation> {
    check.step(1 + piece.len() as u64 / 64)?;
    let mut fields = Fields::new(piece);
    require(fields.take(2)? == START, "no start of a piece")?;
    let mut scan = Scan::default();
    let frame = match segment(&mut fields)? {
        Some((0xC0 | 0xC1, body)) if scan.frame(body) => scan.whole_frame(),
        _ => None,
    };
    let frame = frame.ok_or_else(|| fields.wrong("no frame"))?;
    let (head, data) = piece.split_at_checked(fields.at).ok_or_else(|| fields.wrong("it ends too early"))?;
    require(data.starts_with(&[0xFF, 0xDA]) && data.ends_with(&END), "no scan")?;
    let whole = [&START[..], tables.quantisation, head.get(2..).unwrap_or_default(), tables.codes, data].concat();
    verify(&whole, check)?;
    Ok(frame)
}
