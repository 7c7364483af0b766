//! Office documents encrypted as a whole, and the compound files around them and others.

use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use sanitize::{Ending, Format};
use sha1::{Digest, Sha1};

use super::build::Office;
use super::nasty::{inflate_all, run};

/// Agile encryption (SHA-512, AES-256) around a short form, password `himitsu`.
pub(crate) const AGILE: &[u8] = include_bytes!("fixtures/agile.docx");

fn reason(name: &str, bytes: &[u8], passwords: &[&str]) -> Option<&'static str> {
    run(name, bytes, passwords).report.reason.map(|reason| reason.code.code())
}

/// A compound file with these streams in its root, each in whole sectors.
pub(crate) fn ole(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let sectors = |bytes: &[u8]| bytes.len().div_ceil(512).max(1);
    let entry = |name: &str, kind: u8, right: u32, child: u32, start: u32, size: usize| {
        let mut out = vec![0_u8; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            out[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        let length = u16::try_from(name.encode_utf16().count() * 2 + 2).unwrap();
        out[64..66].copy_from_slice(&length.to_le_bytes());
        out[66] = kind;
        for (at, value) in [(68, u32::MAX), (72, right), (76, child), (116, start), (120, u32::try_from(size).unwrap())]
        {
            out[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        out
    };
    let directory_sectors = (streams.len() + 1).div_ceil(4);
    let mut fat = vec![0xffff_fffd_u32];
    let chain = |fat: &mut Vec<u32>, count: usize| {
        let start = u32::try_from(fat.len()).unwrap();
        fat.extend((1..count).map(|n| start + u32::try_from(n).unwrap()));
        fat.push(0xffff_fffe);
        start
    };
    chain(&mut fat, directory_sectors);
    let mut directory = entry("Root Entry", 5, u32::MAX, 1, 0xffff_fffe, 0);
    let mut data = Vec::new();
    for (at, (name, bytes)) in streams.iter().enumerate() {
        let start = chain(&mut fat, sectors(bytes));
        let next = if at + 1 < streams.len() { u32::try_from(at + 2).unwrap() } else { u32::MAX };
        directory.extend(entry(name, 2, next, u32::MAX, start, bytes.len()));
        data.extend(*bytes);
        data.resize(data.len().div_ceil(512).max(1) * 512, 0);
    }
    directory.resize(directory_sectors * 512, 0);
    fat.resize(128, u32::MAX);
    let mut header = vec![0_u8; 512];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    for (at, value) in [(26, 3_u16), (28, 0xfffe), (30, 9), (32, 6)] {
        header[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(44, 1_u32), (48, 1), (56, 0), (60, 0xffff_fffe), (68, 0xffff_fffe), (76, 0)] {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    header[80..].fill(0xff);
    [header, fat.iter().flat_map(|n| n.to_le_bytes()).collect(), directory, data].concat()
}

/// Standard encryption (AES-128, SHA-1) as Office 2007 writes it.
fn standard(plain: &[u8], password: &str) -> Vec<u8> {
    let salt = b"salt of 16 bytes";
    let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut hash = Sha1::new().chain_update(salt).chain_update(utf16).finalize();
    for round in 0..50_000_u32 {
        hash = Sha1::new().chain_update(round.to_le_bytes()).chain_update(hash).finalize();
    }
    let hash = Sha1::new().chain_update(hash).chain_update([0; 4]).finalize();
    let mut block = [0x36_u8; 64];
    block.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to ^= from);
    let cipher = aes::Aes128::new_from_slice(&Sha1::digest(block)[..16]).unwrap();
    let encrypt = |bytes: &[u8]| -> Vec<u8> {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().div_ceil(16) * 16, 0);
        padded
            .chunks_exact(16)
            .flat_map(|chunk| {
                let mut block = Block::<aes::Aes128>::default();
                block.copy_from_slice(chunk);
                cipher.encrypt_block(&mut block);
                block.to_vec()
            })
            .collect()
    };
    let words = |values: &[u32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let header = words(&[0x24, 0, 0x660e, 0x8004, 128, 0x18, 0, 0, 0]);
    let verifier = [
        words(&[16]),
        salt.to_vec(),
        encrypt(b"verifier 16 byte"),
        words(&[20]),
        encrypt(&Sha1::digest(b"verifier 16 byte")),
    ];
    let length = u32::try_from(header.len()).unwrap();
    let info = [words(&[0x0002_0004, 0x24, length]), header, verifier.concat()].concat();
    let package = [(plain.len() as u64).to_le_bytes().to_vec(), encrypt(plain)].concat();
    ole(&[("EncryptionInfo", &info), ("EncryptedPackage", &package)])
}

#[test]
fn an_encrypted_document_is_held_until_its_password_fits() {
    let plain = Office::word("<w:p><w:r><w:t>秘密の本文</w:t></w:r></w:p>").bytes();
    for (name, bytes) in [("agile.docx", AGILE.to_vec()), ("standard.docx", standard(&plain, "himitsu"))] {
        assert_eq!(reason(name, &bytes, &[]), Some("password_needed"), "{name}");
        assert_eq!(reason(name, &bytes, &["wrong"]), Some("password_needed"), "{name}");
        let done = run(name, &bytes, &["wrong", "himitsu"]);
        assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{name}: {:?} {:?}", done.report, done.violation);
        let rebuilt = done.outcome.rebuilt().unwrap();
        assert_eq!((rebuilt.format, rebuilt.name.as_str()), (Format::Docx, name));
        assert!(inflate_all(&rebuilt.bytes).contains("秘密の本文"), "{name}");
        assert!(rebuilt.findings.noted.iter().any(|finding| finding.what.code() == "decrypted"));
        assert_eq!(run(name, &rebuilt.bytes, &[]).outcome.rebuilt().unwrap().bytes, rebuilt.bytes);
    }
}

#[test]
fn a_macro_in_an_encrypted_workbook_goes_too() {
    let plain = Office::excel("", "", "")
        .main_type("vnd.ms-excel.sheet.macroEnabled.main+xml")
        .internal("rId9", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin")
        .part("xl/vbaProject.bin", "vnd.ms-office.vbaProject", b"VB_Name")
        .bytes();
    let done = run("a.xlsm", &standard(&plain, "himitsu"), &["himitsu"]);
    assert_eq!(done.outcome.ending(), Ending::RebuiltWithLoss, "{:?}", done.report);
    assert_eq!(done.report.findings.removed[0].what.code(), "macro");
    assert_eq!(done.outcome.rebuilt().map(|r| r.name.as_str()), Some("a.xlsx"));
}

#[test]
fn what_an_encrypted_container_may_not_hold_does_not_pass() {
    assert_eq!(reason("a.docx", &standard(b"MZ\x90\0 program", "himitsu"), &["himitsu"]), Some("blocked_type"));
    assert_eq!(reason("a.docx", &standard(b"just text", "himitsu"), &["himitsu"]), Some("polyglot"));
    let rights = ole(&[("EncryptedPackage", &[0; 64])]);
    assert_eq!(reason("a.docx", &rights, &["x"]), Some("unsupported_feature"));
    let mut cut = AGILE.to_vec();
    cut.truncate(2000);
    assert!(matches!(reason("a.docx", &cut, &["himitsu"]), Some("broken_container" | "unknown_type" | "damaged")));
    let mut looped = standard(b"x", "himitsu");
    // The second sector of the directory's chain leads back to itself.
    looped[512 + 4..512 + 8].copy_from_slice(&1_u32.to_le_bytes());
    assert_eq!(run("a.docx", &looped, &["himitsu"]).outcome.ending(), Ending::Refused);
}

#[test]
fn compound_files_are_told_by_their_streams() {
    for (stream, code) in [
        ("WordDocument", "legacy_office"),
        ("Workbook", "legacy_office"),
        ("Book", "legacy_office"),
        ("PowerPoint Document", "legacy_office"),
        ("__substg1.0_001A001F", "outlook_not_supported"),
        ("JSRV_SegmentInformation", "ichitaro"),
        ("SomethingElse", "unknown_type"),
    ] {
        assert_eq!(reason("a.bin", &ole(&[(stream, b"x")]), &[]), Some(code), "{stream}");
    }
    let mut installer = ole(&[("x", b"x")]);
    installer[1024 + 80..1024 + 96].copy_from_slice(b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
    assert_eq!(reason("a.doc", &installer, &[]), Some("blocked_type"));
}

#[test]
fn products_without_a_reader_have_their_own_reason_by_content() {
    let xlsb = Office::excel("", "", "").main_type("vnd.ms-excel.sheet.binary.macroEnabled.main").bytes();
    let cases: &[(&[u8], &str)] = &[
        (&xlsb, "xlsb_not_supported"),
        (b"Rar!\x1a\x07\x01\0", "rar_not_supported"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic_not_supported"),
        (b"\x78\x9f\x3e\x22\x01\0", "outlook_not_supported"),
        (b"\x60\x0e\x82\x00\x01", "docuworks"),
        (b"AC1032\0\0\0", "cad"),
        (b"JwwData.\x52\x02", "cad"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "cad"),
        (b"  0\nSECTION\n  2\nHEADER\n", "cad"),
        (b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('SCADEC level2 feature_mode'),'2;1');", "cad"),
    ];
    for (bytes, code) in cases {
        assert_eq!(reason("a.bin", bytes, &[]), Some(*code), "{code}");
    }
}
