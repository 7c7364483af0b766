//! File names made safe.

use sanitize::{Format, Limits, What, names};

fn clean(name: &str, format: Format) -> String {
    let once = names::clean(name, format, &Limits::default()).name;
    let twice = names::clean(&once, format, &Limits::default());
    assert_eq!((twice.name.as_str(), twice.changes.as_slice()), (once.as_str(), [].as_slice()), "a second pass");
    once
}

#[test]
fn one_extension_and_it_agrees_with_the_content() {
    assert_eq!(clean("請求書.pdf.exe", Format::Docx), "請求書.docx");
    assert_eq!(clean("請求書.docm", Format::Docx), "請求書.docx");
    assert_eq!(clean("請求書", Format::Pdf), "請求書.pdf");
    assert_eq!(clean("報告書 2026.11.22.docx", Format::Docx), "報告書 2026.11.22.docx");
    assert_eq!(clean("v1.2", Format::Txt), "v1.2.txt");
    assert_eq!(clean("photo.JPEG", Format::Jpeg), "photo.jpeg");
    assert_eq!(clean("a.pdf                                   .scr", Format::Pdf), "a.pdf");
    assert_eq!(clean(".docx", Format::Docx), "docx.docx");
}

#[test]
fn controls_that_turn_text_round_are_taken_out_and_said() {
    let cleaned = names::clean("invoice\u{202e}xcod.exe", Format::Docx, &Limits::default());
    assert_eq!(cleaned.name, "invoicexcod.docx");
    assert!(cleaned.changes.contains(&What::BidiRemoved));
}

#[test]
fn paths_devices_and_forbidden_characters_become_a_plain_name() {
    assert_eq!(clean("../../etc/passwd", Format::Txt), "passwd.txt");
    assert_eq!(clean("C:\\Users\\x\\表.txt", Format::Txt), "表.txt");
    assert_eq!(clean("NUL.txt", Format::Txt), "_NUL.txt");
    assert_eq!(clean("com1 .pdf", Format::Pdf), "_com1.pdf");
    assert_eq!(clean("a:b*c?.pdf", Format::Pdf), "a_b_c_.pdf");
    assert_eq!(clean("", Format::Pdf), "file.pdf");
    assert_eq!(clean("..", Format::Pdf), "file.pdf");
}

#[test]
fn long_names_are_cut_between_characters() {
    let name = clean(&format!("{}.docx", "長".repeat(300)), Format::Docx);
    assert!(name.len() <= 200 && name.ends_with("長.docx"), "{name}");
}

#[test]
fn directories_cannot_climb() {
    let limits = Limits::default();
    assert_eq!(names::clean_directory("..", &limits), None);
    assert_eq!(names::clean_directory("aux", &limits).as_deref(), Some("_aux"));
    assert_eq!(names::clean_directory("令和8年度", &limits).as_deref(), Some("令和8年度"));
}

#[test]
fn equal_names_get_numbers() {
    let mut taken = std::collections::BTreeSet::new();
    assert_eq!(names::unique("a.txt", &mut taken), "a.txt");
    assert_eq!(names::unique("A.txt", &mut taken), "A (2).txt");
    assert_eq!(names::unique("a.txt", &mut taken), "a (3).txt");
}
