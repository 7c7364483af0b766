//! Pictures inside a PDF are decoded and encoded anew, whatever their coding.

use super::pdf::{pdf, rebuilt, stream};
use super::programs::draw;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A page that is covered by a picture.
fn covered(dict: &str, data: &[u8], more: &[(u32, String)]) -> Vec<u8> {
    let picture = stream(&format!("/Type/XObject/Subtype/Image{dict}"), &hex(data));
    let mut objects = vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 64 64]/Contents 4 0 R/Resources<</XObject<</Im 6 0 R>>>>>>"
                .to_owned(),
        ),
        (4, stream("", "q 64 0 0 64 0 0 cm /Im Do Q")),
        (6, picture),
    ];
    objects.extend_from_slice(more);
    pdf(&objects)
}

/// A segment of JBIG2: number, kind, data.
fn segment(number: u8, kind: u8, data: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, number, kind, 0, 1][..], &u32::try_from(data.len()).unwrap().to_be_bytes(), data].concat()
}

/// A page of 64 by 64 whose left upper quarter is black, as one generic region in the coding of fax machines.
fn jbig2() -> Vec<u8> {
    let size = 64u32.to_be_bytes();
    let page = [&size[..], &size, &[0; 4], &[0; 4], &[0], &[0, 0]].concat();
    let mut writer = fax::encoder::Encoder::new(fax::VecWriter::new());
    for y in 0..64 {
        let row = (0..64).map(|x| if x < 32 && y < 32 { fax::Color::Black } else { fax::Color::White });
        writer.encode_line(row, 64).unwrap();
    }
    let coded = writer.finish().unwrap().finish();
    let region = [&size[..], &size, &[0; 4], &[0; 4], &[0], &[1], &coded].concat();
    [segment(0, 48, &page), segment(1, 38, &region)].concat()
}

#[test]
fn jbig2_leaves_as_fax_coding() {
    let dict = "/Width 64/Height 64/BitsPerComponent 1/ColorSpace/DeviceGray/Filter[/ASCIIHexDecode/JBIG2Decode]";
    let done = rebuilt(&covered(dict, &jbig2(), &[]));
    assert!(!done.findings.is_loss(), "{:?}", done.findings);
    let said = String::from_utf8_lossy(&done.bytes).into_owned();
    assert!(said.contains("/CCITTFaxDecode") && !said.contains("JBIG2"));
    let drawn = draw(&done.bytes, 72);
    assert!(drawn.ink(2..30, 2..30) > 0.99 && drawn.ink(34..62, 2..62) < 0.01 && drawn.ink(2..62, 34..62) < 0.01);
}

/// 64 by 64 in colour, the left upper quarter black (made with opj_compress).
const JPEG_2000: &[u8] = include_bytes!("fixtures/square.jp2");

#[test]
fn jpeg_2000_leaves_as_jpeg() {
    for space in ["", "/ColorSpace/DeviceRGB/BitsPerComponent 8"] {
        let dict = format!("/Width 64/Height 64{space}/Filter[/ASCIIHexDecode/JPXDecode]");
        let done = rebuilt(&covered(&dict, JPEG_2000, &[]));
        assert!(!done.findings.is_loss(), "{:?}", done.findings);
        let said = String::from_utf8_lossy(&done.bytes).into_owned();
        assert!(said.contains("/DCTDecode") && !said.contains("JPX"));
        let drawn = draw(&done.bytes, 72);
        assert!(drawn.ink(2..30, 2..30) > 0.98 && drawn.ink(34..62, 2..62) < 0.02 && drawn.ink(2..62, 34..62) < 0.02);
    }
}

#[test]
fn a_picture_that_does_not_decode_is_a_grey_dot_and_said() {
    for (filter, data) in [("JBIG2Decode", &jbig2()[..]), ("JPXDecode", JPEG_2000)] {
        let mut broken = data.to_vec();
        broken.truncate(20);
        let dict =
            format!("/Width 64/Height 64/BitsPerComponent 8/ColorSpace/DeviceGray/Filter[/ASCIIHexDecode/{filter}]");
        let done = rebuilt(&covered(&dict, &broken, &[]));
        assert!(super::pdf::says(&done.findings, sanitize::What::Picture), "{filter}");
    }
}
