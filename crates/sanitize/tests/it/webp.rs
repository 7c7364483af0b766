//! WebP: every picture is rewritten from its own symbols; pixels and size stay, everything else goes.

#![expect(clippy::cast_possible_truncation, reason = "sizes of small files made here")]

use sanitize::{Budget, Ending, Format, Policy, ReasonCode, What, sanitize, verify};

use super::images::rebuilt;

const EVIL: &[u8] = b"PK\x03\x04<script>alert(1)</script>";

/// Made by libwebp: 70 by 50 pixels, in every way of coding that it has.
const FILES: [(&str, &[u8]); 5] = [
    ("lossy.webp", include_bytes!("fixtures/lossy.webp")),
    ("lossy-transparent.webp", include_bytes!("fixtures/lossy-transparent.webp")),
    ("lossless.webp", include_bytes!("fixtures/lossless.webp")),
    ("lossless-palette.webp", include_bytes!("fixtures/lossless-palette.webp")),
    ("animated.webp", include_bytes!("fixtures/animated.webp")),
];

fn file(name: &str) -> &'static [u8] {
    FILES.iter().find(|(other, _)| *other == name).unwrap().1
}

/// Each frame as it is shown, with how long.
fn frames(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)).unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    if !decoder.is_animated() {
        decoder.read_image(&mut pixels).unwrap();
        return vec![(0, pixels)];
    }
    let mut all = Vec::new();
    for _ in 0..decoder.num_frames() {
        let shown = decoder.read_frame(&mut pixels).unwrap();
        all.push((shown, pixels.clone()));
    }
    all
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let padding = vec![0; content.len() % 2];
    [&name[..], &(content.len() as u32).to_le_bytes(), content, &padding].concat()
}

fn chunks(bytes: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let mut out = Vec::new();
    let mut at = 12;
    while at < bytes.len() {
        let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
        out.push((bytes[at..at + 4].try_into().unwrap(), bytes[at + 8..at + 8 + length].to_vec()));
        at += 8 + length + length % 2;
    }
    out
}

fn riff(chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let content: Vec<u8> = chunks.iter().flat_map(|(name, content)| chunk(name, content)).collect();
    chunk(b"RIFF", &[b"WEBP", &content[..]].concat())
}

fn is_accepted(bytes: &[u8]) -> bool {
    verify(bytes, Format::Webp, &Policy::default()).is_ok()
}

#[test]
fn pixels_and_size_stay_however_a_picture_is_coded() {
    for (name, bytes) in FILES {
        let done = rebuilt(name, bytes);
        assert_eq!(frames(&done.bytes), frames(bytes), "{name}");
        assert!(done.bytes.len() <= bytes.len() + 16, "{name}: {} of {}", done.bytes.len(), bytes.len());
    }
}

#[test]
fn chunks_that_show_nothing_are_gone() {
    for (name, bytes) in FILES {
        let mut all = chunks(bytes);
        if all[0].0 != *b"VP8X" {
            all.insert(0, (*b"VP8X", [&[0x2C, 0, 0, 0, 69, 0, 0][..], &[49, 0, 0]].concat()));
        }
        let at = all.iter().position(|(name, _)| name == b"ANMF").unwrap_or(1);
        all.insert(at, (*b"ICCP", EVIL.to_vec()));
        all.push((*b"EXIF", EVIL.to_vec()));
        all.push((*b"XMP ", EVIL.to_vec()));
        all.push((*b"EVIL", EVIL.to_vec()));
        let nasty = [riff(&all), EVIL.to_vec()].concat();
        let done = rebuilt(name, &nasty);
        assert_eq!(done.bytes, rebuilt(name, bytes).bytes, "{name}");
        assert!(done.findings.noted.iter().any(|finding| finding.what == What::Metadata), "{name}");
        assert!(done.findings.removed.iter().any(|finding| finding.what == What::TrailingData), "{name}");
        assert!(!is_accepted(&nasty), "{name}");
    }
}

#[test]
fn bytes_behind_the_last_symbol_of_a_picture_are_gone() {
    for (name, bytes) in FILES.iter().filter(|(name, _)| *name != "animated.webp") {
        let mut all = chunks(bytes);
        for (chunk, content) in &mut all {
            if chunk != b"VP8X" {
                content.extend(EVIL);
            }
        }
        assert_eq!(rebuilt(name, &riff(&all)).bytes, rebuilt(name, bytes).bytes, "{name}");
    }
}

#[test]
fn an_orientation_is_applied() {
    let tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let canvas = (*b"VP8X", vec![0x08, 0, 0, 0, 69, 0, 0, 49, 0, 0]);
    let lossy = chunks(file("lossy.webp")).remove(0);
    let done = rebuilt("turned.webp", &riff(&[canvas, lossy, (*b"EXIF", tiff.to_vec())]));
    let before = &frames(file("lossy.webp"))[0].1;
    let after = &frames(&done.bytes)[0].1;
    let turned: Vec<u8> = (0..70)
        .flat_map(|y| (0..50).map(move |x| ((49 - x) * 70 + y) * 3))
        .flat_map(|at: usize| before[at..at + 3].to_vec())
        .collect();
    assert_eq!(after, &turned);
}

#[test]
fn damaged_pictures_are_refused_and_never_empty() {
    for (name, bytes) in FILES {
        for length in (12..bytes.len() - 8).step_by(bytes.len() / 9) {
            let done = sanitize(name, &bytes[..length], &Policy::default(), &[], Budget::default());
            assert_eq!(done.violation, None, "{name} cut at {length}");
            if done.outcome.ending() == Ending::Refused {
                assert_eq!(done.report.reason.unwrap().code, ReasonCode::Damaged, "{name} cut at {length}");
            }
        }
    }
}

#[test]
fn the_verifier_looks_at_the_pixels_of_every_frame() {
    for (name, bytes) in FILES {
        let good = rebuilt(name, bytes).bytes;
        let mut all = chunks(&good);
        let (last, content) = all.last_mut().unwrap();
        let keep = if last == b"ANMF" { 40 } else { 20 };
        content.truncate(keep);
        if last == b"ANMF" {
            content[20..24].copy_from_slice(&16_u32.to_le_bytes());
        }
        assert!(!is_accepted(&riff(&all)), "{name}");
    }
    let good = rebuilt("lossy.webp", file("lossy.webp")).bytes;
    let mut scaled = good.clone();
    scaled[27] |= 0x40;
    assert!(is_accepted(&good) && !is_accepted(&scaled));
}

#[test]
fn the_verifier_takes_no_byte_behind_a_transparency_nor_a_canvas_without_one() {
    let good = rebuilt("lossy-transparent.webp", file("lossy-transparent.webp")).bytes;
    let all = chunks(&good);
    assert_eq!(all.iter().map(|(name, _)| name).collect::<Vec<_>>(), [b"VP8X", b"ALPH", b"VP8 "]);
    // The transparency as it is, a byte for each pixel.
    let plain = |more: &[u8]| {
        let mut all = all.clone();
        all[1].1 = [&[0; 1 + 70 * 50][..], more].concat();
        riff(&all)
    };
    assert!(is_accepted(&plain(&[])));
    assert!(!is_accepted(&plain(EVIL)));
    let lossless = chunks(&rebuilt("lossless.webp", file("lossless.webp")).bytes).remove(0);
    assert!(is_accepted(&riff(std::slice::from_ref(&lossless))));
    assert!(!is_accepted(&riff(&[all[0].clone(), lossless])));
}

proptest::proptest! {
    /// Whatever bytes of a picture are others: it is refused, or what is rebuilt passes the verifier and stays in a second pass.
    #[test]
    fn a_picture_with_other_bytes_is_refused_or_comes_out_whole(
        which in 0..FILES.len(),
        changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..6),
    ) {
        let (name, bytes) = FILES[which];
        let mut bytes = bytes.to_vec();
        // The first twelve say that it is a WebP.
        let end = bytes.len() - 12;
        for (at, value) in &changes {
            bytes[12 + at.index(end)] = *value;
        }
        let done = sanitize(name, &bytes, &Policy::default(), &[], Budget::default());
        assert_eq!(done.violation, None, "{name} {changes:?}");
        if matches!(done.outcome.ending(), Ending::Rebuilt | Ending::RebuiltWithLoss) {
            rebuilt(name, &bytes);
        }
    }
}
