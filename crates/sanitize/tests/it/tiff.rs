//! TIFF pictures: how they are stored, and what their samples mean; looked at with another decoder.

#![expect(clippy::cast_possible_truncation, reason = "sizes of small files made here")]

use sanitize::{Budget, Format, Policy, sanitize, verify};

use super::images::rebuilt;

/// A page as a fax machine leaves it: Group 3, the bits of each byte from below, 24 by 8 in a pattern of 3 by 2.
const FAX: &[u8] = include_bytes!("fixtures/fax.tif");

#[test]
fn pages_of_fax_machines_are_rebuilt() {
    let done = rebuilt("fax.tif", FAX);
    let mut decoder = ::tiff::decoder::Decoder::new(std::io::Cursor::new(&done.bytes)).unwrap();
    assert_eq!(decoder.dimensions().unwrap(), (24, 8));
    let ::tiff::decoder::DecodingResult::U8(rows) = decoder.read_image().unwrap() else { panic!("not of one bit") };
    let white = |x: usize, y: usize| rows[y * 3 + x / 8] >> (7 - x % 8) & 1 == 1;
    assert!((0..8).all(|y| (0..24).all(|x| white(x, y) == ((x / 3 + y / 2) % 2 == 1))), "{rows:?}");
}

#[test]
fn the_verifier_takes_no_byte_behind_the_rows_of_a_fax_page() {
    let good = rebuilt("fax.tif", FAX).bytes;
    let is_accepted = |bytes: &[u8]| verify(bytes, Format::Tiff, &Policy::default()).is_ok();
    // The strip stands last; its length (279) is told.
    let mut longer = [&good[..], b"PK"].concat();
    let entry = good.windows(4).position(|bytes| bytes == [0x17, 0x01, 4, 0]).unwrap();
    longer[entry + 8] += 2;
    assert!(is_accepted(&good) && !is_accepted(&longer));
}

#[test]
fn runs_of_no_pixels_are_changes_of_colour_to_the_next_row() {
    // Horizontal 0 0, horizontal 2 3, vertical 0; pass, horizontal 1 1, vertical 0: as libtiff shows it, the second row begins anew.
    let bits = "001 00110101 0000110111  001 0111 10  1    0001  001 000111 010  1    000000000001 000000000001";
    let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
    let strip: Vec<u8> =
        bits.chunks(8).map(|byte| (0..8).fold(0, |n, at| n << 1 | byte.get(at).unwrap_or(&0))).collect();
    let page = picture(8, 2, &[1], 0, &[(259, vec![4])]);
    let done = rebuilt("runs.tif", &tiff_of(&page, &[&strip], false, false));
    let mut decoder = ::tiff::decoder::Decoder::new(std::io::Cursor::new(&done.bytes)).unwrap();
    let ::tiff::decoder::DecodingResult::U8(rows) = decoder.read_image().unwrap() else { panic!("not of one bit") };
    // White is 1 here.
    assert_eq!(rows, [0b1100_0111, 0b1011_1111]);
}

#[test]
fn colours_in_planes_of_their_own_come_together() {
    let mut out = b"II*\0\x14\0\0\0".to_vec();
    out.extend([1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24]);
    let tags: [(u16, u16, u32, u32); 10] = [
        (256, 4, 1, 2),
        (257, 4, 1, 2),
        (258, 3, 3, 146),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 3, 152),
        (277, 3, 1, 3),
        (278, 4, 1, 2),
        (279, 4, 3, 164),
        (284, 3, 1, 2),
    ];
    out.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        out.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        out.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    out.extend([0; 4]);
    assert_eq!(out.len(), 146);
    out.extend([8_u16; 3].map(u16::to_le_bytes).concat());
    out.extend([8_u32, 12, 16].map(u32::to_le_bytes).concat());
    out.extend([4_u32; 3].map(u32::to_le_bytes).concat());
    let done = rebuilt("planes.tif", &out);
    let mut decoder = ::tiff::decoder::Decoder::new(std::io::Cursor::new(&done.bytes)).unwrap();
    let ::tiff::decoder::DecodingResult::U8(pixels) = decoder.read_image().unwrap() else { panic!("not of 8 bits") };
    assert_eq!(pixels, [1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24]);
}

/// Numbers of one tag of a TIFF; pieces of the picture take the place of the tags 273 and 324 and their lengths. The tables of a
/// JPEG (347) are bytes, black and white (532) fractions.
pub(super) type Tag = (u16, Vec<u32>);

/// A TIFF of one page in either order of bytes, classic or big.
pub(super) fn tiff_of(tags: &[Tag], pieces: &[&[u8]], big_endian: bool, wide: bool) -> Vec<u8> {
    pages_of(&[(tags.to_vec(), pieces.iter().map(|piece| piece.to_vec()).collect())], big_endian, wide)
}

/// A TIFF of several pages, each its tags and pieces.
pub(super) fn pages_of(pages: &[(Vec<Tag>, Vec<Vec<u8>>)], big_endian: bool, wide: bool) -> Vec<u8> {
    let number = |value: usize, size: usize| {
        let bytes = value.to_be_bytes()[8 - size..].to_vec();
        if big_endian { bytes } else { bytes.into_iter().rev().collect() }
    };
    let word = if wide { 8 } else { 4 };
    let mut out = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    out.extend(number(if wide { 43 } else { 42 }, 2));
    if wide {
        out.extend([number(8, 2), number(0, 2)].concat());
    }
    let mut link = out.len();
    out.extend(number(0, word));
    for (tags, pieces) in pages {
        let tiled = tags.iter().any(|(tag, _)| *tag == 322);
        let mut offsets = Vec::new();
        for piece in pieces {
            offsets.push(out.len() as u32);
            out.extend(piece);
        }
        let mut tags = tags.clone();
        tags.push((if tiled { 324 } else { 273 }, offsets));
        tags.push((if tiled { 325 } else { 279 }, pieces.iter().map(|piece| piece.len() as u32).collect()));
        tags.sort();
        let here = number(out.len(), word);
        out[link..link + word].copy_from_slice(&here);
        let head = if wide { 8 } else { 2 };
        let mut outside_at = out.len() + head + tags.len() * (4 + 2 * word) + word;
        let mut outside = Vec::new();
        out.extend(number(tags.len(), head));
        for (tag, values) in &tags {
            // Type, bytes of a number, numbers of a value.
            let (kind, size, of_value) = match tag {
                347 => (7, 1, 1),
                532 => (5, 4, 2),
                _ => (4, 4, 1),
            };
            out.extend([number(usize::from(*tag), 2), number(kind, 2), number(values.len() / of_value, word)].concat());
            let mut bytes: Vec<u8> = values.iter().flat_map(|value| number(*value as usize, size)).collect();
            if bytes.len() > word {
                out.extend(number(outside_at, word));
                outside_at += bytes.len();
                outside.extend(bytes);
            } else {
                bytes.resize(word, 0);
                out.extend(bytes);
            }
        }
        link = out.len();
        out.extend(number(0, word));
        out.extend(outside);
    }
    out
}

pub(super) fn picture(width: u32, height: u32, bits: &[u32], photometric: u32, more: &[Tag]) -> Vec<Tag> {
    let mut tags = vec![
        (256, vec![width]),
        (257, vec![height]),
        (258, bits.to_vec()),
        (262, vec![photometric]),
        (277, vec![bits.len() as u32]),
    ];
    tags.extend(more.iter().cloned());
    tags
}

/// What another decoder sees in the rebuilt file.
fn pixels_of(name: &'static str, bytes: &[u8]) -> (::tiff::ColorType, Vec<u16>) {
    let done = rebuilt(name, bytes);
    let mut decoder = ::tiff::decoder::Decoder::new(std::io::Cursor::new(&done.bytes)).unwrap();
    let pixels = match decoder.read_image().unwrap() {
        ::tiff::decoder::DecodingResult::U8(pixels) => pixels.into_iter().map(u16::from).collect(),
        ::tiff::decoder::DecodingResult::U16(pixels) => pixels,
        other => panic!("{other:?}"),
    };
    (decoder.colortype().unwrap(), pixels)
}

#[test]
fn tiles_come_together_also_in_planes() {
    let tile = |plane: u8, right: u8, below: u8| -> Vec<u8> {
        (0..=255u8).map(|n| plane * 80 + (n / 16 + below * 16) + 2 * (n % 16 + right * 16)).collect()
    };
    let tiles: Vec<Vec<u8>> = (0..3)
        .flat_map(|plane| [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, below)| tile(plane, right, below)))
        .collect();
    let pieces: Vec<&[u8]> = tiles.iter().map(Vec::as_slice).collect();
    let sizes = [(322, vec![16]), (323, vec![16])];
    let planes = picture(20, 18, &[8, 8, 8], 2, &[&sizes[..], &[(284, vec![2])]].concat());
    let (kind, pixels) = pixels_of("planes.tif", &tiff_of(&planes, &pieces, false, false));
    let expected: Vec<u16> = (0..18 * 20 * 3).map(|n| n % 3 * 80 + n / 60 + 2 * (n / 3 % 20)).collect();
    assert_eq!((kind, pixels), (::tiff::ColorType::RGB(8), expected.clone()));
    let grey = picture(20, 18, &[8], 1, &sizes);
    let (kind, pixels) = pixels_of("tiles.tif", &tiff_of(&grey, &pieces[..4], true, true));
    assert_eq!((kind, pixels), (::tiff::ColorType::Gray(8), expected.into_iter().step_by(3).collect()));
    // A tile that is missing is damage, not a black corner.
    let reason =
        sanitize("a.tif", &tiff_of(&grey, &pieces[..3], false, false), &Policy::default(), &[], Budget::default());
    assert_eq!(reason.report.reason.map(|reason| reason.code.code()), Some("damaged"));
}

#[test]
fn samples_of_any_depth_are_read_in_either_order_of_bytes() {
    let grey = |bits, more: &[Tag]| picture(2, 1, &[bits], 1, more);
    for (name, tags, piece, big, expected) in [
        ("2.tif", grey(2, &[]), &[0b0110_0000][..], false, (::tiff::ColorType::Gray(8), vec![85, 170])),
        ("12.tif", grey(12, &[]), &[0x12, 0x3f, 0xff], false, (::tiff::ColorType::Gray(16), vec![0x1231, 0xffff])),
        (
            "16.tif",
            grey(16, &[]),
            &[0x12, 0x34, 0x56, 0x78],
            false,
            (::tiff::ColorType::Gray(16), vec![0x3412, 0x7856]),
        ),
        (
            "16m.tif",
            grey(16, &[]),
            &[0x12, 0x34, 0x56, 0x78],
            true,
            (::tiff::ColorType::Gray(16), vec![0x1234, 0x5678]),
        ),
        ("32.tif", grey(32, &[]), &[1, 2, 3, 4, 5, 6, 7, 8], true, (::tiff::ColorType::Gray(16), vec![0x0102, 0x0506])),
        ("back.tif", grey(4, &[(266, vec![2])]), &[0b0100_1000], false, (::tiff::ColorType::Gray(8), vec![17, 34])),
        ("bits.tif", grey(8, &[(259, vec![32773])]), &[0xff, 9], false, (::tiff::ColorType::Gray(8), vec![9, 9])),
        (
            "white.tif",
            picture(2, 1, &[8, 8], 0, &[(338, vec![2])]),
            &[0, 255, 200, 9],
            false,
            (::tiff::ColorType::RGBA(8), vec![255, 255, 255, 255, 55, 55, 55, 9]),
        ),
        (
            "multiplied.tif",
            picture(1, 1, &[8; 4], 2, &[(338, vec![1])]),
            &[50, 0, 100, 100],
            false,
            (::tiff::ColorType::RGBA(8), vec![127, 0, 255, 100]),
        ),
        (
            "predicted.tif",
            picture(2, 1, &[16], 1, &[(259, vec![5]), (317, vec![2])]),
            &weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(&[0xff, 0, 2, 0]).unwrap(),
            false,
            (::tiff::ColorType::Gray(16), vec![0x00ff, 0x0101]),
        ),
        (
            "cmyk.tif",
            picture(1, 1, &[4; 4], 5, &[]),
            &[0x0f, 0x1e],
            false,
            (::tiff::ColorType::CMYK(8), vec![0, 255, 17, 238]),
        ),
    ] {
        assert_eq!(pixels_of(name, &tiff_of(&tags, &[piece], big, false)), expected, "{name}");
    }
}

#[test]
fn colours_by_light_and_colour_become_red_green_and_blue() {
    let near = |name, tags: &[Tag], piece: &[u8], expected: &[u16]| {
        let (kind, pixels) = pixels_of(name, &tiff_of(tags, &[piece], false, false));
        assert_eq!(kind, ::tiff::ColorType::RGB(8), "{name}");
        assert!(
            pixels.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 2) && pixels.len() == expected.len(),
            "{name} {pixels:?}"
        );
    };
    // CIE L*a*b* under D50: white, black, the red and the blue of sRGB (54.29, 80.81, 69.89 and 29.57, 68.30, -112.03).
    let lab = [255, 0, 0, 0, 0, 0, 138, 81, 70, 75, 68, 144];
    near("lab.tif", &picture(4, 1, &[8; 3], 8, &[]), &lab, &[255, 255, 255, 0, 0, 0, 254, 0, 1, 0, 0, 255]);
    // Two by two pixels share their colour.
    let shared = [&[(530, vec![2, 2])][..]].concat();
    near(
        "ycbcr.tif",
        &picture(2, 2, &[8; 3], 6, &shared),
        &[81, 145, 81, 145, 90, 240],
        &[238, 14, 14, 255, 78, 78, 238, 14, 14, 255, 78, 78],
    );
}
