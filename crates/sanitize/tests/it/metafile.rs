//! Windows metafiles, which leave as PNG; in documents too.

use sanitize::{Ending, Format};

use super::build::Office;
use super::nasty::{check, loses, run};

/// A record of 32-bit values.
fn record(kind: u32, values: &[i32]) -> Vec<u8> {
    let size = u32::try_from(8 + values.len() * 4).unwrap();
    [kind.to_le_bytes().to_vec(), size.to_le_bytes().to_vec(), values.iter().flat_map(|v| v.to_le_bytes()).collect()]
        .concat()
}

/// A picture of 100 by 50 units of the device around these records.
pub(crate) fn emf(records: &[Vec<u8>]) -> Vec<u8> {
    let mut header = vec![0_u8; 88];
    header[0] = 1;
    header[4] = 88;
    // Bounds, then the frame in hundredths of a millimetre: the device has ten pixels for a millimetre.
    for (at, value) in [(16, 100_u32), (20, 50), (32, 1000), (36, 500), (72, 1000), (76, 500), (80, 100), (84, 50)] {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    header[40..44].copy_from_slice(b" EMF");
    [header, records.concat(), record(14, &[0, 0, 20])].concat()
}

/// A brush, a rectangle in the left half, a line of text in the right one.
fn drawing() -> Vec<Vec<u8>> {
    let text: Vec<u16> = "関守".encode_utf16().collect();
    let mut line = vec![0, 0, 0, 0, 1, 0, 0, 55, 15, 2, 76, 0, 0, 0, 0, 0, 80];
    line.push(i32::from(text[0]) | (i32::from(text[1]) << 16));
    line.extend([20, 20]);
    let mut font = vec![2, -20, 0, 0, 0, 400];
    font.resize(80, 0);
    vec![
        record(39, &[1, 0, 0x0000_00ff, 0]),
        record(37, &[1]),
        record(37, &[i32::MIN | 8]),
        record(43, &[0, 0, 50, 50]),
        record(82, &font),
        record(37, &[2]),
        record(24, &[0x00ff_0000]),
        record(84, &line),
    ]
}

fn pixels(bytes: &[u8]) -> (usize, Vec<[u8; 4]>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width as usize, pixels.as_chunks::<4>().0.to_vec())
}

#[test]
fn an_enhanced_metafile_is_drawn_with_its_text() {
    let done = run("図.emf", &emf(&drawing()), &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert_eq!(
        (rebuilt.format, rebuilt.name.as_str(), done.outcome.ending()),
        (Format::Png, "図.png", Ending::Rebuilt)
    );
    let (width, pixels) = pixels(&rebuilt.bytes);
    assert_eq!((width, pixels.len()), (200, 200 * 100));
    assert_eq!(pixels[50 * 200 + 50], [255, 0, 0, 255]);
    let blue = pixels.iter().filter(|[r, _, b, a]| *r < 50 && *b > 200 && *a > 200).count();
    assert!(blue > 200, "{blue}");
}

/// A bitmap of two pixels (blue, green, red) over the whole picture, with a raster operation.
fn block(operation: u32, left: [u8; 3], right: [u8; 3]) -> Vec<u8> {
    let mut values = vec![0, 0, 0, 0, 0, 0, 100, 50, operation.cast_signed(), 0, 0];
    values.extend([0; 8]);
    values.extend([108, 40, 148, 8, 2, 1]);
    values.extend([40, 2, 1, 1 | 24 << 16, 0, 0, 0, 0, 0, 0]);
    let row: Vec<u8> = [&left[..], &right, &[0, 0]].concat();
    values.extend(row.as_chunks::<4>().0.iter().map(|four| i32::from_le_bytes(*four)));
    record(77, &values)
}

#[test]
fn a_picture_is_drawn_through_its_mask() {
    const AND: u32 = 0x0088_00c6;
    const OR: u32 = 0x00ee_0086;
    const INVERT: u32 = 0x0066_0046;
    let (black, white, red) = ([0; 3], [255; 3], [0, 0, 255]);
    let drawn = |records: &[Vec<u8>]| {
        let done = run("図.emf", &emf(records), &[]);
        let Some(rebuilt) = done.outcome.rebuilt() else { return Err(done.outcome.ending()) };
        let (width, pixels) = pixels(&rebuilt.bytes);
        Ok((pixels[50 * width + 10], pixels[50 * width + 190][3]))
    };
    for operation in [OR, INVERT] {
        assert_eq!(drawn(&[block(AND, black, white), block(operation, red, black)]), Ok(([255, 0, 0, 255], 0)));
    }
    // A mask alone leaves its black; what a picture changes beside the holes cannot be drawn, and nor can half a pair.
    assert_eq!(drawn(&[block(AND, black, white)]), Ok(([0, 0, 0, 255], 0)));
    assert_eq!(drawn(&[block(AND, black, white), block(OR, red, red)]), Err(Ending::Held));
    assert_eq!(drawn(&[block(INVERT, red, black)]), Err(Ending::Held));
}

/// One record of 16-bit values.
fn short(kind: u16, values: &[i16]) -> Vec<u8> {
    let words = u32::try_from(3 + values.len()).unwrap();
    [words.to_le_bytes().to_vec(), kind.to_le_bytes().to_vec(), values.iter().flat_map(|v| v.to_le_bytes()).collect()]
        .concat()
}

#[test]
fn a_metafile_of_16_bits_is_drawn() {
    let mut bytes = b"\xd7\xcd\xc6\x9a\0\0".to_vec();
    for value in [0_i16, 0, 1000, 500, 960, 0, 0, 0] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([1, 0, 9, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]);
    for part in [
        short(0x02fc, &[0, 0xff, 0, 0]),
        short(0x012d, &[0]),
        short(0x041b, &[500, 500, 0, 0]),
        short(0x0521, &[4, i16::from_le_bytes([0x8a, 0xd6]), i16::from_le_bytes([0x8e, 0xe7]), 100, 600]),
        short(0, &[]),
    ] {
        bytes.extend(part);
    }
    let done = run("a.wmf", &bytes, &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    let (width, pixels) = pixels(&rebuilt.bytes);
    assert_eq!(width, 200);
    assert_eq!(pixels[50 * 200 + 50], [255, 0, 0, 255]);
    assert!(pixels.contains(&[0, 0, 0, 255]));
}

#[test]
fn arcs_dots_and_blends_are_drawn() {
    let red = [record(39, &[1, 0, 0x0000_00ff, 0]), record(37, &[1]), record(37, &[i32::MIN | 8])];
    // A pie of the upper left quarter: from the ray upwards against the clock to the ray to the left.
    let pie = record(47, &[0, 0, 50, 50, 25, 0, 0, 25]);
    let dot = record(15, &[80, 10, 0x00ff_0000]);
    // Two by one pixels of 32 bits, the right one transparent, drawn over 20 by 20 units at (60, 20).
    let header = [40, 2, 1, 1 | (32 << 16), 0, 8, 0, 0, 0, 0];
    let place = [0, 0, 0, 0, 60, 20, 20, 20, 0x01ff_0000, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 108, 40, 148, 8, 2, 1];
    let bits = [i32::from_le_bytes([0, 255, 0, 255]), 0];
    let blend = record(114, &[&place[..], &header, &bits].concat());
    let done = run("a.emf", &emf(&[&red[..], &[pie, dot, blend]].concat()), &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    let (_, pixels) = pixels(&rebuilt.bytes);
    let at = |x: usize, y: usize| pixels[y * 2 * 200 + x * 2];
    assert_eq!(at(18, 18), [255, 0, 0, 255]);
    for (x, y) in [(32, 18), (18, 32), (32, 32), (2, 2)] {
        assert_eq!(at(x, y)[3], 0, "{x} {y}");
    }
    assert_eq!(at(80, 10), [0, 0, 255, 255]);
    assert_eq!(at(63, 30), [0, 255, 0, 255]);
    assert_eq!(at(78, 30)[3], 0);
    let mut masked = place;
    masked[8] = 0x00ff_0001;
    let done = run("a.emf", &emf(&[record(114, &[&masked[..], &header, &bits].concat())]), &[]);
    assert_eq!(done.report.reason.map(|r| r.code.code()), Some("metafile_not_supported"));
}

#[test]
fn what_cannot_be_drawn_whole_is_held_and_leaves_a_placeholder_in_a_document() {
    let mut strange = drawing();
    strange.push(record(116, &[1, 2, 3]));
    let done = run("a.emf", &emf(&strange), &[]);
    assert_eq!(done.report.reason.map(|r| r.code.code()), Some("metafile_not_supported"));
    for bytes in [
        b"\xd7\xcd\xc6\x9a\0\0".to_vec(),
        emf(&[]),
        emf(&[record(43, &[1])]),
        emf(&[vec![43, 0, 0, 0, 255, 255, 255, 255]]),
    ] {
        assert_eq!(run("a.emf", &bytes, &[]).report.reason.map(|r| r.code.code()), Some("metafile_not_supported"));
    }
    let office = |metafile: Vec<u8>| {
        Office::word("<w:p><w:r><w:pict><v:shape id=\"s\" style=\"width:9pt\"><v:imagedata r:id=\"rIdPic\"/></v:shape></w:pict></w:r></w:p>")
            .internal("rIdPic", "image", "media/i.emf")
            .part("word/media/i.emf", "x", metafile)
            .bytes()
    };
    check(&loses("strange.docx", office(emf(&strange)), &[], &["metafile"], &[" EMF"]));
    let text = check(&loses("drawn.docx", office(emf(&drawing())), &[], &[], &[" EMF"]));
    assert!(text.contains("word/media/image1.png"));
}
