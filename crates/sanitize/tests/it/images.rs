//! Images: pixels stay, everything else goes. One nasty file for each threat that an image can carry.

#![expect(clippy::cast_possible_truncation, reason = "sizes of small files made here")]

use sanitize::{Budget, Ending, Format, Outcome, Policy, Rebuilt, Sanitized, What, sanitize, verify};

const W: u32 = 48;
const H: u32 = 32;
const EVIL: &[u8] = b"PK\x03\x04<script>alert(1)</script>";

fn pixels() -> Vec<u8> {
    (0..H).flat_map(|y| (0..W).flat_map(move |x| [x as u8 * 5, y as u8 * 7, (x * y) as u8])).collect()
}

fn png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, W, H);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&pixels()).unwrap();
    out
}

fn jpeg(progressive: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 85);
    encoder.set_progressive(progressive);
    encoder.encode(&pixels(), W as u16, H as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}

fn gif(frames: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = gif::Encoder::new(&mut out, 8, 8, &[0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for n in 0..frames {
        let frame =
            gif::Frame { width: 8, height: 8, delay: 10, buffer: vec![n % 4; 64].into(), ..gif::Frame::default() };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    out
}

fn webp() -> Vec<u8> {
    let mut out = Vec::new();
    image_webp::WebPEncoder::new(&mut out).encode(&pixels(), W, H, image_webp::ColorType::Rgb8).unwrap();
    out
}

/// 4-bit RLE, 4 by 2: one run and one absolute run.
fn bmp() -> Vec<u8> {
    let mut out = b"BM".to_vec();
    let data = [4, 0x12, 0, 0, 0, 4, 0x12, 0x30, 0, 0, 0, 1];
    for field in [14 + 40 + 64 + data.len() as u32, 0, 14 + 40 + 64, 40, 4, 2] {
        out.extend(field.to_le_bytes());
    }
    out.extend([1, 0, 4, 0]);
    for field in [2u32, data.len() as u32, 0, 0, 16, 0] {
        out.extend(field.to_le_bytes());
    }
    out.extend((0..16u8).flat_map(|n| [n, n, n, 0]));
    out.extend(data);
    out
}

#[test]
fn a_palette_that_was_not_counted_is_still_read() {
    let right = bmp();
    let mut wrong = right.clone();
    wrong[10..14].copy_from_slice(&54u32.to_le_bytes());
    assert_eq!(rebuilt("wrong.bmp", &wrong).bytes, rebuilt("right.bmp", &right).bytes);
}

/// One uncompressed grey strip; the tags given are added.
fn tiff(extra: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut tags = vec![
        (256, 4, 1, 4),
        (257, 4, 1, 4),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, 4),
        (279, 4, 1, 16),
    ];
    tags.extend(extra);
    tags.sort();
    let mut out = b"II*\0".to_vec();
    out.extend(24u32.to_le_bytes());
    out.extend(0..16u8);
    out.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        out.extend(u16::to_le_bytes(tag));
        out.extend(u16::to_le_bytes(kind));
        out.extend(u32::to_le_bytes(count));
        out.extend(u32::to_le_bytes(value));
    }
    out.extend([0; 4]);
    out
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = !0u32;
    for byte in kind.iter().chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    [&(body.len() as u32).to_be_bytes()[..], kind, body, &(!crc).to_be_bytes()].concat()
}

fn insert(bytes: &[u8], at: usize, what: &[u8]) -> Vec<u8> {
    [&bytes[..at], what, &bytes[at..]].concat()
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

fn exif(orientation: u8) -> Vec<u8> {
    let tiff = [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], b"\0\0\0\0\0\0EVIL"].concat();
    segment(0xE1, &[b"Exif\0\0", &tiff[..]].concat())
}

fn run(name: &str, bytes: &[u8]) -> Sanitized {
    sanitize(name, bytes, &Policy::default(), &[], Budget::default())
}

/// Rebuilt, verified, the same again on a second pass, and none of the bytes that were hidden in it.
pub(super) fn rebuilt(name: &str, bytes: &[u8]) -> Rebuilt {
    let done = run(name, bytes);
    assert_eq!(done.violation, None, "{name}");
    let (Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt)) = done.outcome else {
        panic!("{name}: {:?}", done.outcome)
    };
    assert_eq!(run(name, bytes).outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "{name}: deterministic");
    let again = run(&rebuilt.name, &rebuilt.bytes);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{name}: second pass");
    assert_eq!(again.outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "{name}: second pass");
    for hidden in [EVIL, b"EVIL"] {
        assert!(!rebuilt.bytes.windows(hidden.len()).any(|w| w == hidden), "{name}");
    }
    rebuilt
}

fn all() -> Vec<(&'static str, Format, Vec<u8>)> {
    vec![
        ("a.png", Format::Png, png()),
        ("a.jpg", Format::Jpeg, jpeg(false)),
        ("progressive.jpg", Format::Jpeg, jpeg(true)),
        ("a.gif", Format::Gif, gif(1)),
        ("moving.gif", Format::Gif, gif(3)),
        ("a.webp", Format::Webp, webp()),
        ("a.bmp", Format::Bmp, bmp()),
        ("a.tif", Format::Tiff, tiff(&[])),
    ]
}

#[test]
fn every_image_is_rebuilt_and_a_second_pass_changes_nothing() {
    for (name, format, bytes) in all() {
        let done = rebuilt(name, &bytes);
        assert_eq!(done.format, format);
        assert!(!done.findings.is_loss(), "{name}");
    }
}

#[test]
fn a_colour_that_is_transparent_stays_so() {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, W, H);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_trns(vec![0, 10, 0, 14, 0, 4]);
    encoder.write_header().unwrap().write_image_data(&pixels()).unwrap();
    let done = rebuilt("a.png", &out);
    let chunk = done.bytes.windows(10).any(|bytes| bytes == b"tRNS\0\x0a\0\x0e\0\x04");
    assert!(chunk && !done.findings.is_loss());
    // The chunk of a palette has no place in a picture of another kind.
    let wrong = insert(&done.bytes, 33, &chunk_of_a_palette());
    assert!(verify(&wrong, Format::Png, &Policy::default()).is_err());
}

fn chunk_of_a_palette() -> Vec<u8> {
    chunk(b"tRNS", &[0; 9])
}

#[test]
fn what_follows_an_image_is_removed_and_said() {
    for (name, format, bytes) in all() {
        if format == Format::Tiff {
            continue;
        }
        let nasty = [&bytes[..], EVIL].concat();
        assert!(verify(&nasty, format, &Policy::default()).is_err(), "{name}: the verifier takes it");
        let done = rebuilt(name, &nasty);
        assert_eq!(done.findings.removed[0].what, What::TrailingData, "{name}");
    }
}

#[test]
fn metadata_is_gone_and_noted() {
    let text = chunk(b"tEXt", &[b"Comment\0", EVIL].concat());
    let unknown = chunk(b"evIl", EVIL);
    let nasty = [
        ("text.png", Format::Png, insert(&png(), 33, &text)),
        ("unknown.png", Format::Png, insert(&png(), 33, &unknown)),
        ("exif.jpg", Format::Jpeg, insert(&jpeg(false), 2, &exif(1))),
        ("comment.jpg", Format::Jpeg, insert(&jpeg(false), 2, &segment(0xFE, EVIL))),
        ("icc.jpg", Format::Jpeg, insert(&jpeg(true), 2, &segment(0xE2, &[b"ICC_PROFILE\0\x01\x01", EVIL].concat()))),
        (
            "comment.gif",
            Format::Gif,
            insert(&gif(1), 25, &[b"\x21\xfe", &[EVIL.len() as u8][..], EVIL, b"\0"].concat()),
        ),
        ("maker.tif", Format::Tiff, tiff(&[(271, 2, 4, u32::from_le_bytes(*b"EVIL"))])),
    ];
    for (name, format, bytes) in nasty {
        assert!(verify(&bytes, format, &Policy::default()).is_err(), "{name}: the verifier takes it");
        let done = rebuilt(name, &bytes);
        assert!(done.findings.noted.iter().any(|n| n.what == What::Metadata), "{name}");
        assert!(!done.findings.is_loss(), "{name}");
    }
}

#[test]
fn orientation_is_applied_without_touching_the_coefficients() {
    let size = |bytes: &[u8]| {
        let at = bytes.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
        (u16::from_be_bytes([bytes[at + 7], bytes[at + 8]]), u16::from_be_bytes([bytes[at + 5], bytes[at + 6]]))
    };
    let upright = rebuilt("a.jpg", &jpeg(false)).bytes;
    for orientation in 1..=8 {
        let done = rebuilt("a.jpg", &insert(&jpeg(false), 2, &exif(orientation)));
        let turned = orientation >= 5;
        assert_eq!(size(&done.bytes), if turned { (32, 48) } else { (48, 32) }, "{orientation}");
        // Turning back gives the bytes of the upright picture: nothing was lost on the way.
        let back = if orientation == 6 {
            8
        } else if orientation == 8 {
            6
        } else {
            orientation
        };
        assert_eq!(rebuilt("a.jpg", &insert(&done.bytes, 2, &exif(back))).bytes, upright, "{orientation}");
    }
}

#[test]
fn a_damaged_jpeg_is_rebuilt_from_its_pixels_or_refused_but_never_passed() {
    let whole = jpeg(false);
    for cut in [whole.len() - 2, whole.len() - 40, whole.len() / 2] {
        let done = run("a.jpg", &whole[..cut]);
        match done.outcome.ending() {
            Ending::Rebuilt | Ending::RebuiltWithLoss => drop(rebuilt("a.jpg", &whole[..cut])),
            Ending::Refused => {}
            Ending::Held => panic!("held"),
        }
    }
    assert_eq!(run("a.jpg", &whole[..40]).outcome.ending(), Ending::Refused);
}

#[test]
fn an_image_of_too_many_pixels_is_refused_before_it_is_allocated() {
    let side = 30_000u32;
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let png =
        [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &[]), &chunk(b"IEND", &[])].concat();
    let mut jpeg = jpeg(false);
    let at = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    let mut bmp = bmp();
    bmp[18..22].copy_from_slice(&side.to_le_bytes());
    bmp[22..26].copy_from_slice(&side.to_le_bytes());
    let mut gif = gif(1);
    gif[6..10].copy_from_slice(&[0x30, 0x75, 0x30, 0x75]);
    for (name, bytes) in [("a.png", png), ("a.jpg", jpeg), ("a.bmp", bmp), ("a.gif", gif)] {
        let done = run(name, &bytes);
        assert_eq!(done.report.reason.map(|r| r.code.code()), Some("limit_pixels"), "{name}");
    }
}

#[test]
fn the_image_grade_drops_animation() {
    let policy = Policy::from_toml("[images]\ngrade = \"image\"").unwrap();
    let done = sanitize("a.gif", &gif(3), &policy, &[], Budget::default());
    let still = done.outcome.rebuilt().unwrap();
    assert_eq!(still.bytes, rebuilt("one.gif", &gif(1)).bytes);
    assert!(rebuilt("a.gif", &gif(3)).bytes.len() > still.bytes.len());
}

#[test]
fn damaged_images_end_in_a_refusal_not_a_crash() {
    for (name, _, bytes) in all() {
        for at in 0..bytes.len().min(120) {
            let mut broken = bytes.clone();
            broken[at] ^= 0xFF;
            drop(run(name, &broken));
            drop(run(name, &bytes[..at]));
        }
    }
}
