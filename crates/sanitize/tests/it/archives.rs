//! Archives that leave as zip.

use std::io::Write;

use sanitize::{Ending, Format};

use super::build::png;
use super::nasty::{Case, check, inflate_all, loses, refused, run};

/// One tar header and its content.
fn tar_entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut out = [header, content.to_vec()].concat();
    out.resize(out.len().div_ceil(512) * 512, 0);
    out
}

fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn tar_and_gzip_leave_as_zip_with_their_files_sanitised() {
    let archive = tar(&[
        tar_entry("資料/図.png", b'0', &png()),
        tar_entry("../a.csv", b'0', b"=1+1\n"),
        tar_entry("資料/", b'5', b""),
    ]);
    for (name, bytes) in [("a.tar", archive.clone()), ("a.tar.gz", gzip(&archive))] {
        let done = run(name, &bytes, &[]);
        let rebuilt =
            done.outcome.rebuilt().unwrap_or_else(|| panic!("{name}: {:?} {:?}", done.report, done.violation));
        assert_eq!((rebuilt.format, rebuilt.name.as_str()), (Format::Zip, "a.zip"));
        let text = inflate_all(&rebuilt.bytes);
        assert!(text.starts_with("資料/図.png") && text.contains("a.csv'=1+1"), "{text}");
        assert_eq!(run("a.zip", &rebuilt.bytes, &[]).outcome.ending(), Ending::Rebuilt);
    }
    let done = run("memo.txt.gz", &gzip(b"hello\n"), &[]);
    assert!(inflate_all(&done.outcome.rebuilt().unwrap().bytes).starts_with("memo.txthello"), "{:?}", done.report);
}

#[test]
fn links_in_a_tar_do_not_pass_and_damage_refuses() {
    let archive = tar(&[tar_entry("link", b'2', b""), tar_entry("a.png", b'0', &png())]);
    let done = run("a.tar", &archive, &[]);
    assert_eq!(done.report.findings.removed[0].what.code(), "external_link");
    let reason = |bytes: &[u8]| run("a.tar", bytes, &[]).report.reason.map(|reason| reason.code.code());
    let mut wrong = archive.clone();
    wrong[0] ^= 1;
    assert_eq!(reason(&wrong), Some("broken_container"));
    assert_eq!(reason(&[archive.clone(), b"MZ trailing".to_vec()].concat()), Some("broken_container"));
    assert_eq!(reason(&archive[..700]), Some("broken_container"));
    assert_eq!(run("a.gz", &gzip(b"x")[..12], &[]).report.reason.map(|reason| reason.code.code()), Some("damaged"));
}

/// Forty megabytes of zeros in six kilobytes.
const SEVEN_ZIP_BOMB: &[u8] = include_bytes!("fixtures/bomb.7z");

/// Files that end before they are decompressed, or are read in one way only.
pub(crate) fn nasty() -> Vec<Case> {
    let archive = tar(&[tar_entry("a.png", b'0', &png())]);
    let trailing = |bytes: &[u8]| [bytes, b"MZ trailing"].concat();
    let plain: &[u8] = include_bytes!("fixtures/plain.7z");
    vec![
        refused("bomb.gz", gzip(&vec![0; 30 << 20]), "limit_ratio"),
        refused("bomb.7z", SEVEN_ZIP_BOMB.to_vec(), "limit_ratio"),
        refused("trailing.7z", trailing(plain), "broken_container"),
        refused("trailing.tar", trailing(&archive), "broken_container"),
        loses(
            "bomb.tar",
            tar(&[tar_entry("bomb.7z", b'0', SEVEN_ZIP_BOMB), tar_entry("a.png", b'0', &png())]),
            &[],
            &["part_refused"],
            &["zeros"],
        ),
        loses(
            "link.tar",
            tar(&[tar_entry("link", b'2', b""), tar_entry("a.png", b'0', &png())]),
            &["external_link"],
            &[],
            &["link"],
        ),
        loses(
            "program.lzh",
            [lzh_entry(b"a.exe", b"MZ\x90\0evil"), lzh_entry(b"b.png", &png()), vec![0]].concat(),
            &[],
            &["part_refused"],
            &["evil"],
        ),
    ]
}

#[test]
fn archives_of_any_kind_are_stopped_like_zip() {
    nasty().iter().for_each(|case| drop(check(case)));
}

/// A stored member with a header of level 0.
fn lzh_entry(name: &[u8], content: &[u8]) -> Vec<u8> {
    let crc = content.iter().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 })
    });
    let size = u32::try_from(content.len()).unwrap().to_le_bytes();
    let length = u8::try_from(name.len()).unwrap();
    let body = [b"-lh0-", &size[..], &size, &[0, 0, 0x21, 0], &[0x20, 0], &[length], name, &crc.to_le_bytes()].concat();
    let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    [&[u8::try_from(body.len()).unwrap(), sum], body.as_slice(), content].concat()
}

#[test]
fn lzh_leaves_as_zip_with_names_in_shift_jis_decoded() {
    let name = encoding_rs::SHIFT_JIS.encode("資料\\表能ソ.png").0.into_owned();
    let archive = [lzh_entry(&name, &png()), lzh_entry(b"..\\..\\a.csv", b"=1+1\n"), vec![0]].concat();
    let done = run("旧.lzh", &archive, &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert_eq!(rebuilt.name, "旧.zip");
    let text = inflate_all(&rebuilt.bytes);
    assert!(text.starts_with("資料/表能ソ.png") && text.contains("\na.csv'=1+1"), "{text}");
    let reason = |bytes: &[u8]| run("a.lzh", bytes, &[]).report.reason.map(|reason| reason.code.code());
    assert_eq!(reason(&[archive.clone(), b"MZ trailing".to_vec()].concat()), Some("broken_container"));
    let mut wrong = archive.clone();
    let last = wrong.len() - 3;
    wrong[last] ^= 1;
    assert_eq!(reason(&wrong), Some("damaged"));
    assert_eq!(reason(&archive[..40]), Some("damaged"));
}

#[test]
fn seven_zip_leaves_as_zip_with_its_password_when_it_has_one() {
    let plain: &[u8] = include_bytes!("fixtures/plain.7z");
    let protected: [&[u8]; 2] = [include_bytes!("fixtures/content.7z"), include_bytes!("fixtures/names.7z")];
    let passed = |bytes: &[u8], passwords: &[&str]| {
        let done = run("資料.7z", bytes, passwords);
        let rebuilt =
            done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation)).clone();
        assert_eq!((rebuilt.format, rebuilt.name.as_str()), (Format::Zip, "資料.zip"));
        let text = inflate_all(&rebuilt.bytes);
        assert!(text.contains("図.png") && text.contains("表.csv'=1+1"), "{text}");
        assert_eq!(run("a.zip", &rebuilt.bytes, &[]).outcome.rebuilt().unwrap().bytes, rebuilt.bytes);
        rebuilt
    };
    passed(plain, &[]);
    for bytes in protected {
        for passwords in [&[][..], &["wrong"]] {
            assert_eq!(run("a.7z", bytes, passwords).report.reason.map(|r| r.code.code()), Some("password_needed"));
        }
        let rebuilt = passed(bytes, &["wrong", "himitsu"]);
        assert!(rebuilt.findings.noted.iter().any(|finding| finding.what.code() == "decrypted"));
    }
    let reason = |bytes: &[u8]| run("a.7z", bytes, &[]).report.reason.map(|reason| reason.code.code());
    assert_eq!(reason(&[plain, b"MZ trailing"].concat()), Some("broken_container"));
    assert_eq!(reason(&plain[..plain.len() - 9]), Some("broken_container"));
    let mut wrong = plain.to_vec();
    wrong[40] ^= 1;
    assert_eq!(reason(&wrong), Some("damaged"));
}
