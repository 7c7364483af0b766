//! Pages of a TIFF whose pieces are JPEG: they stay so, with their size and their pixels, and nothing else comes along.

#![expect(clippy::cast_possible_truncation, reason = "sizes of small files made here")]

use std::sync::LazyLock;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use sanitize::{Budget, Ending, Format, Policy, ReasonCode, What, sanitize, verify};

use super::images::rebuilt;
use super::tiff::{Tag, pages_of, picture};

const EVIL: &[u8] = b"PK\x03\x04<script>alert(1)</script>";

/// As it is written: a page of two strips, and one of two tiles.
const WRITTEN: &[u8] = include_bytes!("fixtures/jpeg.tif");

/// How the pieces of a page are coded.
#[derive(Clone, Copy)]
struct Way {
    colours: ColorType,
    sampling: SamplingFactor,
    progressive: bool,
    restart: u16,
}

const YCBCR: Way = Way { colours: ColorType::Rgb, sampling: SamplingFactor::F_2_2, progressive: false, restart: 0 };

fn samples(way: Way) -> usize {
    match way.colours {
        ColorType::Luma => 1,
        ColorType::Cmyk => 4,
        _ => 3,
    }
}

/// A JPEG of so many columns and rows of a picture that goes on to all sides.
fn jpeg(way: Way, (left, top): (usize, usize), (width, height): (usize, usize)) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in top..top + height {
        for x in left..left + width {
            let wave = ((x * x + 3 * y) / 7 % 90) as u8;
            pixels
                .extend([wave + (x % 120) as u8, (y % 200) as u8 + wave / 2, 200 - wave, 40].iter().take(samples(way)));
        }
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 80);
    encoder.set_sampling_factor(way.sampling);
    encoder.set_progressive(way.progressive);
    if way.restart > 0 {
        encoder.set_restart_interval(way.restart);
    }
    encoder.encode(&pixels, width as u16, height as u16, way.colours).unwrap();
    out
}

/// The segments of a JPEG with their markers, then the data with the marker of its end.
fn segments(jpeg: &[u8]) -> (Vec<(u8, Vec<u8>)>, Vec<u8>) {
    let (mut all, mut at) = (Vec::new(), 2);
    loop {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let marker = jpeg[at + 1];
        all.push((marker, jpeg[at..at + 2 + length].to_vec()));
        at += 2 + length;
        if marker == 0xDA {
            return (all, jpeg[at..].to_vec());
        }
    }
}

fn is_table(marker: u8) -> bool {
    matches!(marker, 0xDB | 0xC4)
}

/// Tables alone, and the JPEG without them.
fn apart(jpeg: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (all, data) = segments(jpeg);
    let part = |tables: bool| -> Vec<u8> {
        all.iter().filter(|(marker, _)| is_table(*marker) == tables).flat_map(|(_, bytes)| bytes.clone()).collect()
    };
    ([&[0xFF, 0xD8][..], &part(true), &[0xFF, 0xD9]].concat(), [&[0xFF, 0xD8][..], &part(false), &data].concat())
}

fn tags(way: Way, width: u32, height: u32) -> Vec<Tag> {
    let (photometric, more) = match way.colours {
        ColorType::Luma => (1, vec![]),
        ColorType::Cmyk => (5, vec![]),
        ColorType::Ycbcr => (2, vec![]),
        _ => {
            let shared = match way.sampling {
                SamplingFactor::F_2_2 => [2, 2],
                SamplingFactor::F_2_1 => [2, 1],
                SamplingFactor::F_4_1 => [4, 1],
                _ => [1, 1],
            };
            (6, vec![(530, shared.to_vec())])
        }
    };
    picture(width, height, &vec![8; samples(way)], photometric, &[&more[..], &[(259, vec![7])]].concat())
}

/// A page in strips, and its tables in a tag of their own when they are shared.
fn strips(way: Way, (width, height): (usize, usize), rows: usize, shared: bool) -> (Vec<Tag>, Vec<Vec<u8>>) {
    let mut tags = tags(way, width as u32, height as u32);
    tags.push((278, vec![rows as u32]));
    let one = |top: usize| jpeg(way, (0, top), (width, rows.min(height - top)));
    pieces(tags, (0..height).step_by(rows).map(one).collect(), shared)
}

fn tiles(way: Way, (width, height): (usize, usize), side: usize) -> (Vec<Tag>, Vec<Vec<u8>>) {
    let mut tags = tags(way, width as u32, height as u32);
    tags.extend([(322, vec![side as u32]), (323, vec![side as u32])]);
    let places = (0..height).step_by(side).flat_map(|top| (0..width).step_by(side).map(move |left| (left, top)));
    pieces(tags, places.map(|place| jpeg(way, place, (side, side))).collect(), true)
}

fn pieces(mut tags: Vec<Tag>, pieces: Vec<Vec<u8>>, shared: bool) -> (Vec<Tag>, Vec<Vec<u8>>) {
    if !shared {
        return (tags, pieces);
    }
    tags.push((347, apart(&pieces[0]).0.into_iter().map(u32::from).collect()));
    (tags, pieces.iter().map(|piece| apart(piece).1).collect())
}

fn file(page: (Vec<Tag>, Vec<Vec<u8>>)) -> Vec<u8> {
    pages_of(&[page], false, false)
}

/// Numbers of a tag of a page, as another reader sees them.
fn number(bytes: &[u8], page: usize, tag: u16) -> Option<u32> {
    let mut decoder = tiff::decoder::Decoder::new(std::io::Cursor::new(bytes)).unwrap();
    decoder.seek_to_image(page).unwrap();
    decoder.find_tag(tiff::tags::Tag::from_u16_exhaustive(tag)).unwrap().map(|value| value.into_u32().unwrap())
}

fn pixels(bytes: &[u8], page: usize) -> (tiff::ColorType, Vec<u8>) {
    let mut decoder = tiff::decoder::Decoder::new(std::io::Cursor::new(bytes)).unwrap();
    decoder.seek_to_image(page).unwrap();
    let tiff::decoder::DecodingResult::U8(pixels) = decoder.read_image().unwrap() else { panic!("not of 8 bits") };
    (decoder.colortype().unwrap(), pixels)
}

fn is_accepted(bytes: &[u8]) -> bool {
    verify(bytes, Format::Tiff, &Policy::default()).is_ok()
}

static EVERY_WAY: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(every_way);

fn every_way() -> Vec<(&'static str, Vec<u8>)> {
    let grey = Way { colours: ColorType::Luma, sampling: SamplingFactor::F_1_1, ..YCBCR };
    let rgb = Way { colours: ColorType::Ycbcr, sampling: SamplingFactor::F_1_1, ..YCBCR };
    let cmyk = Way { colours: ColorType::Cmyk, sampling: SamplingFactor::F_1_1, ..YCBCR };
    vec![
        ("one-strip.tif", file(strips(YCBCR, (150, 70), 70, false))),
        ("strips.tif", file(strips(YCBCR, (150, 70), 16, true))),
        ("tables-in-strips.tif", file(strips(YCBCR, (150, 70), 32, false))),
        ("tiles.tif", file(tiles(YCBCR, (150, 70), 64))),
        ("grey.tif", file(strips(grey, (90, 50), 24, true))),
        ("rgb.tif", file(tiles(rgb, (90, 50), 32))),
        ("cmyk.tif", file(strips(cmyk, (90, 50), 16, true))),
        ("halved.tif", file(strips(Way { sampling: SamplingFactor::F_2_1, ..YCBCR }, (90, 50), 24, true))),
        ("whole.tif", file(strips(Way { sampling: SamplingFactor::F_1_1, ..YCBCR }, (90, 50), 24, true))),
        ("quartered.tif", file(strips(Way { sampling: SamplingFactor::F_4_1, ..YCBCR }, (90, 50), 24, true))),
        ("progressive.tif", file(strips(Way { progressive: true, ..YCBCR }, (90, 50), 32, false))),
        ("restarts.tif", file(strips(Way { restart: 2, ..YCBCR }, (90, 50), 32, false))),
        ("big.tif", pages_of(&[strips(YCBCR, (90, 50), 32, true)], true, true)),
    ]
}

#[test]
fn pages_of_jpeg_stay_jpeg_with_their_size_and_pixels() {
    for (name, bytes) in EVERY_WAY.iter() {
        let done = rebuilt(name, bytes);
        assert_eq!(number(&done.bytes, 0, 259), Some(7), "{name}");
        assert!(done.bytes.len() * 10 <= bytes.len() * 11, "{name}: {} of {}", done.bytes.len(), bytes.len());
        assert!(pixels(&done.bytes, 0) == pixels(bytes, 0), "{name}: other pixels");
        assert!(!done.findings.is_loss(), "{name}");
    }
}

#[test]
fn a_file_that_was_written_here_stays_as_it_is() {
    assert!(rebuilt("jpeg.tif", WRITTEN).bytes == WRITTEN && is_accepted(WRITTEN));
}

#[test]
fn nothing_but_the_picture_comes_along() {
    let (mut tags, mut strips) = strips(YCBCR, (90, 50), 32, true);
    let clean = rebuilt("clean.tif", &file((tags.clone(), strips.clone()))).bytes;
    let comment = [&[0xFF, 0xFE, 0, EVIL.len() as u8 + 2], EVIL].concat();
    for strip in &mut strips {
        strip.splice(2..2, comment.iter().copied());
        strip.extend(EVIL);
    }
    for (tag, values) in &mut tags {
        if *tag == 347 {
            values.splice(2..2, comment.iter().map(|byte| u32::from(*byte)));
        }
    }
    let done = rebuilt("comments.tif", &file((tags, strips)));
    assert_eq!(done.bytes, clean);
    assert!(done.findings.noted.iter().any(|finding| finding.what == What::Metadata));
}

#[test]
fn a_last_strip_as_high_as_the_others_is_cut_where_that_changes_no_pixel() {
    for (sampling, compression) in [(SamplingFactor::F_2_1, 7), (SamplingFactor::F_2_2, 5)] {
        let way = Way { sampling, ..YCBCR };
        let (tags, mut pieces) = strips(way, (90, 50), 32, false);
        pieces[1] = jpeg(way, (0, 32), (90, 32));
        let mut higher = tags.clone();
        higher.iter_mut().filter(|(tag, _)| *tag == 257).for_each(|(_, height)| *height = vec![64]);
        let shown = pixels(&file((higher, pieces.clone())), 0).1;
        let done = rebuilt("high.tif", &file((tags, pieces)));
        assert_eq!(number(&done.bytes, 0, 259), Some(compression));
        if compression == 7 {
            assert!(pixels(&done.bytes, 0).1 == shown[..90 * 50 * 3]);
        }
    }
}

#[test]
fn pages_of_every_kind_stand_beside_each_other() {
    let fax = (
        picture(8, 2, &[1], 0, &[(259, vec![4])]),
        // Two white rows, end of block.
        vec![vec![0b1100_0000, 0b0000_0100, 0b0000_0000, 0b0100_0000]],
    );
    let plain = (picture(2, 1, &[8], 1, &[]), vec![vec![7, 9]]);
    let file = pages_of(&[fax, strips(YCBCR, (90, 50), 32, true), plain, tiles(YCBCR, (90, 50), 32)], false, false);
    let done = rebuilt("pages.tif", &file);
    for (page, compression) in [4, 7, 5, 7].into_iter().enumerate() {
        assert_eq!(number(&done.bytes, page, 259), Some(compression), "{page}");
        if compression == 7 {
            assert!(pixels(&done.bytes, page) == pixels(&file, page), "{page}");
        }
    }
}

/// A page as TIFF 6.0 had it: tables in tags, strips of data alone or with the header of the scan. The
/// tables stand behind the strips.
fn old(way: Way, (width, height): (usize, usize), rows: usize, scan: bool) -> Vec<u8> {
    let (tags, mut pieces) = strips(way, (width, height), rows, false);
    let all = segments(&pieces[0]).0;
    let found = |marker: u8, class: u8| -> Vec<Vec<u8>> {
        let of = all.iter().filter(|(other, bytes)| *other == marker && bytes[4] >> 4 == class);
        of.map(|(_, bytes)| bytes[5..].to_vec()).collect()
    };
    let tables = [(519, found(0xDB, 0)), (520, found(0xC4, 0)), (521, found(0xC4, 1))];
    let header = if scan { all.last().unwrap().1.clone() } else { vec![] };
    pieces = pieces.iter().map(|piece| [&header[..], &segments(piece).1].concat()).collect();
    let count = pieces.len();
    let mut tags: Vec<Tag> = tags.into_iter().filter(|(tag, _)| *tag != 259).collect();
    tags.extend([(259, vec![6]), (515, vec![u32::from(way.restart)])]);
    let mut at = 8 + pieces.iter().map(Vec::len).sum::<usize>();
    let mut spare = Vec::new();
    for (tag, tables) in tables {
        let places: Vec<u32> = tables
            .iter()
            .map(|table| {
                spare.extend(table);
                std::mem::replace(&mut at, 8 + pieces.iter().map(Vec::len).sum::<usize>() + spare.len()) as u32
            })
            .collect();
        // Luma has tables of its own, the colours share theirs.
        tags.push((tag, (0..samples(way)).map(|n| places[n.min(places.len() - 1)]).collect()));
    }
    pieces.push(spare);
    let mut bytes = file((tags, pieces));
    let lists = [273_u16, 279].map(|tag| {
        bytes.windows(4).rposition(|entry| entry == [tag.to_le_bytes(), 4u16.to_le_bytes()].concat()).unwrap()
    });
    for entry in lists {
        bytes[entry + 4..entry + 8].copy_from_slice(&(count as u32).to_le_bytes());
    }
    bytes
}

#[test]
fn jpeg_in_its_old_form_becomes_the_new_one() {
    let grey = Way { colours: ColorType::Luma, sampling: SamplingFactor::F_1_1, ..YCBCR };
    for (way, rows, scan) in
        [(YCBCR, 16, false), (YCBCR, 32, true), (grey, 16, false), (Way { restart: 2, ..YCBCR }, 32, false)]
    {
        let new = rebuilt("new.tif", &file(strips(way, (90, 50), rows, false)));
        let bytes = old(way, (90, 50), rows, scan);
        assert!(rebuilt("old.tif", &bytes).bytes == new.bytes);
        // A table outside of the file.
        let entry = bytes.windows(4).rposition(|entry| entry == [0x07, 0x02, 4, 0]).unwrap();
        let mut bad = bytes.clone();
        bad[entry + 11] = 0x7F;
        let done = sanitize("outside.tif", &bad, &Policy::default(), &[], Budget::default());
        assert_eq!(done.outcome.ending(), Ending::Refused);
    }
}

#[test]
fn one_jpeg_beside_a_page_is_the_page() {
    let whole = jpeg(YCBCR, (0, 0), (90, 50));
    let mut tags = tags(YCBCR, 90, 50);
    tags.retain(|(tag, _)| *tag != 259);
    tags.extend([(259, vec![6]), (513, vec![8]), (514, vec![whole.len() as u32])]);
    let new = rebuilt("new.tif", &file(strips(YCBCR, (90, 50), 50, false)));
    assert!(rebuilt("beside.tif", &file((tags.clone(), vec![whole.clone()]))).bytes == new.bytes);
    // The JPEG's header alone, and its data as the strip.
    let data = segments(&whole).1;
    let head = whole[..whole.len() - data.len()].to_vec();
    tags.retain(|(tag, _)| *tag != 514);
    tags.push((514, vec![head.len() as u32]));
    let mut bytes = file((tags.clone(), vec![whole.clone()]));
    for (tag, value) in [(273_u16, 8 + head.len()), (279, data.len())] {
        let entry =
            bytes.windows(4).rposition(|entry| entry == [tag.to_le_bytes(), 4u16.to_le_bytes()].concat()).unwrap();
        bytes[entry + 8..entry + 12].copy_from_slice(&(value as u32).to_le_bytes());
    }
    assert!(rebuilt("header.tif", &bytes).bytes == new.bytes);
    // Colours that are meant otherwise become pixels.
    tags.extend([(532, [16, 235, 128, 240, 128, 240].into_iter().flat_map(|value| [value, 1]).collect())]);
    tags.retain(|(tag, _)| *tag != 514);
    tags.push((514, vec![whole.len() as u32]));
    assert_eq!(number(&rebuilt("meant.tif", &file((tags, vec![whole]))).bytes, 0, 259), Some(5));
}

#[test]
fn what_does_not_fit_the_strict_form_becomes_pixels() {
    let page = strips(YCBCR, (90, 50), 50, false);
    let with = |tag: u16, values: Vec<u32>| {
        let (mut tags, pieces) = page.clone();
        tags.retain(|(other, _)| *other != tag);
        tags.push((tag, values));
        file((tags, pieces))
    };
    for (name, bytes) in [("other-sampling.tif", with(530, vec![2, 1])), ("turned.tif", with(274, vec![3]))] {
        assert_eq!(number(&rebuilt(name, &bytes).bytes, 0, 259), Some(5), "{name}");
    }
    // How dark black is said to be changes nothing for a JPEG: libtiff does not look at it there.
    let black = [15, 235, 128, 240, 128, 240].into_iter().flat_map(|value| [value, 1]);
    let (mut tags, pieces) = page.clone();
    tags.extend([(274, vec![3]), (532, black.collect())]);
    assert_eq!(rebuilt("black.tif", &file((tags, pieces))).bytes, rebuilt("turned.tif", &with(274, vec![3])).bytes);
    for width in [85, 91] {
        let other = sanitize("width.tif", &with(256, vec![width]), &Policy::default(), &[], Budget::default());
        assert_eq!(other.report.reason.map(|reason| reason.code), Some(ReasonCode::Damaged));
    }
}

#[test]
fn the_verifier_takes_pieces_as_they_are_written_and_nothing_beside() {
    let good = rebuilt("strips.tif", &file(strips(YCBCR, (90, 50), 32, true))).bytes;
    assert!(is_accepted(&good));
    // What an ordinary encoder writes has segments of its own.
    assert!(!is_accepted(&file(strips(YCBCR, (90, 50), 32, true))));
    let tables = good.windows(4).position(|bytes| bytes == [0xFF, 0xD8, 0xFF, 0xDB]).unwrap();
    let frame = good.windows(4).position(|bytes| bytes == [0xFF, 0xD8, 0xFF, 0xC0]).unwrap();
    let entry = |tag: u16| {
        let head = [tag.to_le_bytes(), 3u16.to_le_bytes()].concat();
        good.windows(4).position(|bytes| bytes == head).unwrap()
    };
    for (what, at, value) in [
        ("a table", tables + 3, 0xFE),
        ("the number of a table", tables + 6, 3),
        ("a frame", frame + 3, 0xC2),
        ("the height of a frame", frame + 8, 31),
        ("the sampling of a frame", frame + 13, 0x11),
        ("the last bits of a piece", good.len() - 3, !good[good.len() - 3]),
        ("the end of a piece", good.len() - 1, 0xD8),
        ("what colours share", entry(530) + 8, 1),
        ("what colours are", entry(262) + 8, 2),
        ("bits of a sample", entry(277) + 8, 1),
    ] {
        let mut bad = good.clone();
        bad[at] = value;
        assert!(bad != good && !is_accepted(&bad), "{what}");
    }
    // A byte more in the data of the last piece, its length told.
    let mut longer = good.clone();
    longer.splice(good.len() - 2..good.len() - 2, [0x55]);
    let lengths = good.windows(4).position(|bytes| bytes == [0x17, 0x01, 4, 0]).unwrap();
    let at = u32::from_le_bytes(good[lengths + 8..lengths + 12].try_into().unwrap()) as usize + 4;
    longer[at] += 1;
    assert!(!is_accepted(&longer));
}

#[test]
fn a_piece_that_many_places_name_counts_each_time() {
    let (tags, pieces) = tiles(YCBCR, (16, 16), 16);
    let mut tags: Vec<Tag> = tags.into_iter().filter(|(tag, _)| !matches!(tag, 256 | 257)).collect();
    tags.extend([(256, vec![2000]), (257, vec![2000])]);
    let tile = [&pieces[0][..], &[0; 1 << 16]].concat();
    // The first of 15,625 tiles holds the bytes, the others none; then all are told to be the first.
    let mut all = vec![tile.clone()];
    all.resize(15_625, vec![]);
    let mut bytes = file((tags, all));
    for (tag, value) in [(324_u16, 8_u32), (325, tile.len() as u32)] {
        let head = [tag.to_le_bytes(), 4u16.to_le_bytes()].concat();
        let entry = bytes.windows(4).rposition(|bytes| bytes == head).unwrap();
        let at = u32::from_le_bytes(bytes[entry + 8..entry + 12].try_into().unwrap()) as usize;
        for slot in bytes[at..at + 15_625 * 4].chunks_mut(4) {
            slot.copy_from_slice(&value.to_le_bytes());
        }
    }
    let done = sanitize("same.tif", &bytes, &Policy::default(), &[], Budget::default());
    assert_eq!(done.report.reason.map(|reason| reason.code), Some(ReasonCode::LimitSteps));
}

proptest::proptest! {
    /// Whatever bytes of a page are others: it is refused, or what is rebuilt passes the verifier and stays in a second pass.
    #[test]
    fn a_page_with_other_bytes_is_refused_or_comes_out_whole(
        which in 0..13_usize,
        changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..6),
    ) {
        let (name, mut bytes) = EVERY_WAY[which].clone();
        // The first eight say that it is a TIFF.
        let end = bytes.len() - 8;
        for (at, value) in &changes {
            bytes[8 + at.index(end)] = *value;
        }
        let done = sanitize(name, &bytes, &Policy::default(), &[], Budget::default());
        assert_eq!(done.violation, None, "{name} {changes:?}");
        if matches!(done.outcome.ending(), Ending::Rebuilt | Ending::RebuiltWithLoss) {
            rebuilt(name, &bytes);
        }
    }
}
