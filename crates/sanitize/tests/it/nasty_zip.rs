//! Threat rows 8, 10, 12, 13, 14 in zips.

use sanitize::{Ending, Policy, verify};

use super::build::{Member, Office, png, zip, zip_at};
use super::nasty::{Case, check, loses, refused, run};

fn picture(name: impl AsRef<[u8]>) -> Member {
    Member::new(name, png())
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn structure_cases() -> Vec<Case> {
    let plain = zip(&[picture("a.png"), picture("b.png")]);
    let mut other_name = picture("a.png");
    other_name.local_name = Some(b"b.exe".to_vec());
    let mut other_size = picture("a.png");
    other_size.size = Some(7);
    let mut commented = plain.clone();
    let end = commented.len();
    commented[end - 2] = 4;
    let hidden = joined(&[&plain[..plain.len() - 22], b"hidden", &plain[plain.len() - 22..]]);
    vec![
        refused("prefix.zip", joined(&[b"PK\x03\x04 stub", &plain]), "broken_container"),
        refused("trailing.zip", joined(&[&plain, b"MZ trailing"]), "broken_container"),
        refused("concatenated.zip", joined(&[&plain, &zip(&[picture("c.png")])]), "broken_container"),
        refused("cut.zip", plain[..plain.len() - 5].to_vec(), "broken_container"),
        refused("comment-too-short.zip", commented, "broken_container"),
        refused("hidden-before-end.zip", hidden, "broken_container"),
        refused("two-names.zip", zip(&[other_name]), "broken_container"),
        refused("wrong-size.zip", zip(&[other_size]), "damaged"),
        refused("duplicate.zip", zip(&[picture("a.png"), picture("a.png")]), "duplicate_entry"),
        refused("overlap.zip", zip_at(&[picture("a.png"), picture("a.png")], |_| 0), "duplicate_entry"),
        refused("empty.zip", zip(&[]), "nothing_left"),
        refused("only-folder.zip", zip(&[Member::new("folder/", "")]), "nothing_left"),
    ]
}

/// All cases of this file, by threat row.
pub(crate) fn cases() -> Vec<(u8, Vec<Case>)> {
    vec![(8, structure_cases()), (12, bombs())]
}

#[test]
fn what_two_programs_could_read_in_two_ways_is_refused() {
    for case in structure_cases() {
        check(&case);
    }
}

fn bombs() -> Vec<Case> {
    let zeros = Member::new("zeros.txt", vec![0; 20 << 20]);
    let mut lies = zeros.clone();
    lies.size = Some(u32::MAX - 1);
    let many: Vec<_> = (0..10_001).map(|n| Member::new(format!("{n}.png"), "x")).collect();
    // A document is a zip too.
    let document = Office::word("").part("word/media/a.png", "image/png", vec![0; 20 << 20]);
    vec![
        refused("ratio.zip", zip(std::slice::from_ref(&zeros)), "limit_ratio"),
        refused("lies.zip", zip(&[lies]), "limit_bytes"),
        refused("many.zip", zip(&many), "limit_members"),
        refused("bomb.docx", document.bytes(), "limit_ratio"),
    ]
}

#[test]
fn an_end_of_line_after_an_archive_is_no_file_of_its_own() {
    let plain = zip(&[picture("a.png")]);
    for end in ["\n", "\r\n"] {
        let done = run("t.zip", &joined(&[&plain, end.as_bytes()]), &[]);
        assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{:?}", done.report);
        assert_eq!(done.outcome.rebuilt(), run("t.zip", &plain, &[]).outcome.rebuilt());
    }
    for end in ["\n\n", " ", "\r", "\0"] {
        check(&refused("tail.zip", joined(&[&plain, end.as_bytes()]), "broken_container"));
    }
}

#[test]
fn bombs_are_stopped_before_they_are_inflated() {
    bombs().iter().for_each(|case| drop(check(case)));
}

#[test]
fn nested_archives_are_rebuilt_down_to_the_limit() {
    let inner = |name: &str, content: Vec<u8>| zip(&[Member::new(name, content)]);
    let mut nested = zip(&[picture("a.png")]);
    for level in 0..3 {
        nested = inner(&format!("{level}.zip"), nested);
    }
    let done = run("nested.zip", &nested, &[]);
    assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{:?} {:?}", done.report, done.violation);
    let again = run("nested.zip", &done.outcome.rebuilt().unwrap().bytes, &[]);
    assert!(again.outcome.rebuilt().unwrap().bytes == done.outcome.rebuilt().unwrap().bytes, "the second pass");
}

#[test]
fn paths_that_climb_become_safe_ones() {
    for (path, wanted) in [
        ("../../etc/a.png", "etc/a.png"),
        ("/abs/a.png", "abs/a.png"),
        ("C:\\win\\a.png", "C_/win/a.png"),
        ("a/../../b.png", "a/b.png"),
        ("aux/con.png", "_aux/_con.png"),
        ("x\u{202e}gnp.png", "xgnp.png"),
    ] {
        let done = run("t.zip", &zip(&[picture(path)]), &[]);
        let rebuilt =
            done.outcome.rebuilt().unwrap_or_else(|| panic!("{path}: {:?} {:?}", done.report, done.violation));
        assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{path}");
        let text = super::nasty::inflate_all(&rebuilt.bytes);
        assert!(text.starts_with(wanted), "{path} became {:?}", text.get(..wanted.len() + 8));
        assert!(!text.contains(".."), "{path}");
    }
}

#[test]
fn symbolic_links_do_not_pass() {
    let mut link = Member::new("link.png", "/etc/passwd");
    link.attributes = 0o120_777 << 16;
    link.made_by = (3 << 8) | 20;
    check(&loses("link.zip", zip(&[link, picture("a.png")]), &["external_link"], &[], &["passwd"]));
}

#[test]
fn names_in_shift_jis_are_decoded_before_anything_splits_them() {
    let (name, _, _) = encoding_rs::SHIFT_JIS.encode("表紙能力ソ予①.png");
    assert!(name.contains(&0x5c), "the trap is in the name");
    let done = run("t.zip", &zip(&[picture(&name)]), &[]);
    let text = super::nasty::inflate_all(&done.outcome.rebuilt().unwrap().bytes);
    assert!(text.starts_with("表紙能力ソ予①.png"), "{:?}", text.get(..40));
    let mut marked = picture("令和８年度／髙﨑.png");
    marked.flags = 0x800;
    let done = run("t.zip", &zip(&[marked]), &[]);
    assert_eq!(done.outcome.ending(), Ending::Rebuilt);
}

#[test]
fn a_protected_archive_waits_for_its_password_and_is_then_sanitised() {
    for bytes in [include_bytes!("fixtures/aes.zip").as_slice(), include_bytes!("fixtures/zipcrypto.zip")] {
        for passwords in [&[][..], &["wrong", ""], &["ひみつ"]] {
            let done = run("p.zip", bytes, passwords);
            assert_eq!(done.report.reason.map(|r| r.code.code()), Some("password_needed"));
            assert_eq!(done.outcome.ending(), Ending::Held);
        }
        let done = run("p.zip", bytes, &["wrong", "himitsu"]);
        assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{:?} {:?}", done.report, done.violation);
        assert!(done.report.findings.noted.iter().any(|f| f.what.code() == "decrypted"));
        let rebuilt = done.outcome.rebuilt().unwrap();
        assert!(super::nasty::inflate_all(&rebuilt.bytes).starts_with("図.png"));
        assert!(verify(bytes, rebuilt.format, &Policy::default()).is_err());
        let json = serde_json::to_string(&done.report).unwrap();
        assert!(!json.contains("himitsu"), "a password is nowhere in a report");
    }
}

#[test]
fn what_a_member_loses_is_said_of_the_archive() {
    let docm = Office::word("").main_type("vnd.ms-word.document.macroEnabled.main+xml");
    let docm =
        docm.internal("rId9", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin");
    let docm = docm.part("word/vbaProject.bin", "vnd.ms-office.vbaProject", b"Attribute VB_Name");
    let bytes = zip(&[Member::new("sub/見積.docm", docm.bytes()), picture("a.png")]);
    let text = check(&loses("m.zip", bytes.clone(), &["macro"], &[], &["vbaProject", "VB_Name", "docm"]));
    assert!(text.contains("sub/見積.docx") && text.contains("本文です"));
    let report = run("m.zip", &bytes, &[]).report;
    assert_eq!(report.findings.removed[0].place, "sub/見積.docm/word/vbaproject.bin");
    assert_eq!(report.parts.len(), 2);
    assert_eq!(report.parts[0].output.as_deref(), Some("見積.docx"));
}

#[test]
fn a_note_stands_in_the_place_of_what_does_not_pass() {
    let bytes =
        zip(&[Member::new("請求書.exe", "MZ program"), Member::new("a.rar", b"Rar!\x1a\x07\x01\0"), picture("a.png")]);
    let text = check(&loses("n.zip", bytes, &[], &["part_held", "part_refused"], &["MZ program"]));
    assert!(text.contains("請求書（通過不可）.txt") && text.contains("ファイル名: 請求書.exe"), "{text}");
    assert!(text.contains("a（保留）.txt") && text.contains("RAR 形式の書庫です"));
}

#[test]
fn archives_deeper_than_the_limit_end_in_a_note() {
    let mut nested = zip(&[picture("a.png")]);
    for level in 0..8 {
        nested = zip(&[Member::new(format!("{level}.zip"), nested)]);
    }
    let text = check(&loses("deep.zip", nested, &[], &["part_refused"], &[".png"]));
    assert!(text.contains("入れ子が深すぎます"));
}
