//! `sekimori sanitize` on what needs much of a worker (drawing, decompression): all limits and filters are on, as for a person.

use std::fs;
use std::path::PathBuf;

use super::command_line::sekimori;

const ARCHIVE: &[u8] = include_bytes!("../../../sanitize/tests/it/fixtures/plain.7z");
/// Forty megabytes of zeros in six kilobytes.
const BOMB: &[u8] = include_bytes!("../../../sanitize/tests/it/fixtures/bomb.7z");

/// A drawing with a shape, Japanese text and a filter.
fn drawing() -> Vec<u8> {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"120\" height=\"60\"><defs><filter id=\"f\"><feGaussianBlur stdDeviation=\"2\"/></filter></defs>\
     <rect width=\"60\" height=\"60\" fill=\"#c00\" filter=\"url(#f)\"/><text x=\"62\" y=\"40\" font-size=\"24\">関守</text></svg>"
        .into()
}

/// One record of an enhanced metafile.
fn record(kind: u32, values: &[i32]) -> Vec<u8> {
    let size = u32::try_from(8 + values.len() * 4).unwrap();
    [kind.to_le_bytes(), size.to_le_bytes()]
        .into_iter()
        .chain(values.iter().map(|v| v.to_le_bytes()))
        .flatten()
        .collect()
}

/// An enhanced metafile of 100 by 50 units with a red rectangle.
fn enhanced_metafile() -> Vec<u8> {
    let mut header = vec![0_u8; 88];
    (header[0], header[4]) = (1, 88);
    for (at, value) in [(16, 100_u32), (20, 50), (32, 1000), (36, 500), (72, 1000), (76, 500), (80, 100), (84, 50)] {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    header[40..44].copy_from_slice(b" EMF");
    let records =
        [record(39, &[1, 0, 0xff, 0]), record(37, &[1]), record(43, &[0, 0, 50, 50]), record(14, &[0, 0, 20])];
    [header, records.concat()].concat()
}

/// A placeable metafile with the same rectangle.
fn metafile() -> Vec<u8> {
    let short = |kind: u16, values: &[i16]| -> Vec<u8> {
        let words = u32::try_from(3 + values.len()).unwrap().to_le_bytes();
        words.into_iter().chain(kind.to_le_bytes()).chain(values.iter().flat_map(|v| v.to_le_bytes())).collect()
    };
    let bounds = [0_i16, 0, 1000, 500, 960, 0, 0, 0].into_iter().flat_map(i16::to_le_bytes).collect::<Vec<_>>();
    let header = [1, 0, 9, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
    let records = [
        short(0x020b, &[0, 0]),
        short(0x020c, &[500, 1000]),
        short(0x02fc, &[0, 0xff, 0, 0]),
        short(0x012d, &[0]),
        short(0x041b, &[500, 500, 0, 0]),
        short(0, &[]),
    ];
    [b"\xd7\xcd\xc6\x9a\0\0".to_vec(), bounds, header.to_vec(), records.concat()].concat()
}

/// Sanitises files of a fresh folder; gives the folder of the outputs and the report.
fn sanitised(name: &str, files: &[(&str, Vec<u8>)]) -> (PathBuf, serde_json::Value) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("in")).unwrap();
    for (file, bytes) in files {
        fs::write(dir.join("in").join(file), bytes).unwrap();
    }
    let (out, report) = (dir.join("out"), dir.join("report.json"));
    let paths = [&report, &out, &dir.join("in")].map(|path| path.to_str().unwrap().to_owned());
    let done = sekimori(&["sanitize", "--report", &paths[0], "--out", &paths[1], &paths[2]]);
    assert!(matches!(done.status.code(), Some(0 | 3)), "{done:?}");
    (out, serde_json::from_slice(&fs::read(report).unwrap()).unwrap())
}

/// Width and height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn drawings_and_metafiles_are_drawn_inside_the_sandbox() {
    let files = [("a.svg", drawing()), ("b.emf", enhanced_metafile()), ("c.wmf", metafile())];
    let (out, report) = sanitised("sandbox-drawings", &files);
    for (at, (name, expected)) in
        [("a.png", (240, 120)), ("b.png", (200, 100)), ("c.png", (200, 100))].iter().enumerate()
    {
        assert_eq!(report[at]["outcome"], "rebuilt", "{}", report[at]);
        assert_eq!(report[at]["output"], *name);
        assert_eq!(size(&fs::read(out.join(name)).unwrap()), *expected, "{name}");
    }
}

#[test]
fn an_archive_is_decompressed_inside_the_sandbox_and_a_bomb_is_not() {
    let (out, report) = sanitised("sandbox-7z", &[("a.7z", ARCHIVE.to_vec()), ("b.7z", BOMB.to_vec())]);
    assert_eq!(report[0]["output"], "a.zip", "{}", report[0]);
    assert_eq!(report[0]["parts"].as_array().map(Vec::len), Some(2));
    assert!(fs::read(out.join("a.zip")).unwrap().starts_with(b"PK"));
    assert_eq!(report[1]["outcome"], "refused");
    assert_eq!(report[1]["reason"]["code"], "limit_ratio");
    assert!(!out.join("b.zip").exists());
}
