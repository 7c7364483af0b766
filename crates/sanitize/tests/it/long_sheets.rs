//! Sheets whose rows are read, changed, written and verified a few at a time: nothing of them is lost or let through for it.

use sanitize::{Budget, Limits, Policy, Sanitized, sanitize, verify};

use crate::build::Office;

fn pass(office: &Office) -> Sanitized {
    sanitize("表.xlsx", &office.bytes(), &Policy::default(), &[], Budget::default())
}

/// A part of a rebuilt package.
fn part(done: &Sanitized, path: &str) -> String {
    let bytes = &done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation)).bytes;
    let files = sanitize::zip_files(bytes, Limits::default()).unwrap();
    let (_, content) = files.into_iter().find(|(name, _)| name == path).unwrap();
    String::from_utf8(content).unwrap()
}

fn rows(count: usize) -> String {
    (1..=count)
        .map(|row| {
            format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"inlineStr\"><is><t>施設名称{row}</t></is></c><c r=\"B{row}\"><f>A{row}</f><v>1</v></c></row>")
        })
        .collect()
}

#[test]
fn every_row_of_a_long_sheet_stays_in_its_order() {
    let done = pass(&Office::excel(&rows(12_000), "<mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells>", ""));
    let sheet = part(&done, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<row ").count(), 12_000);
    let (first, last) = (sheet.find("施設名称1<").unwrap(), sheet.find("施設名称12000<").unwrap());
    assert!(sheet.find("<sheetData>").unwrap() < first && first < last && last < sheet.find("<mergeCells>").unwrap());
    let again = sanitize("表.xlsx", &done.outcome.rebuilt().unwrap().bytes, &Policy::default(), &[], Budget::default());
    assert_eq!(again.outcome.rebuilt().unwrap().bytes, done.outcome.rebuilt().unwrap().bytes);
}

#[test]
fn a_follower_that_stands_before_its_dangerous_formula_goes_too() {
    for name in ["si", "si "] {
        let office = Office::excel(
            &format!(
                "<row r=\"1\"><c r=\"A1\"><f t=\"shared\" {name}=\"0\"/><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><f t=\"shared\" ref=\"A1:A2\" {name}=\"0\">CALL(1)</f><v>2</v></c></row>"
            ),
            "",
            "",
        );
        let sheet = part(&pass(&office), "xl/worksheets/sheet1.xml");
        assert!(!sheet.contains("<f"), "{sheet}");
        assert!(sheet.contains("<v>1</v>") && sheet.contains("<v>2</v>"));
    }
}

#[test]
fn rows_in_a_branch_that_nobody_sees_do_not_come_to_light() {
    let office = Office::excel(
        "<mc:AlternateContent xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><mc:Choice Requires=\"x99\" xmlns:x99=\"urn:x\"><row r=\"1\"><c r=\"A1\"><v>111</v></c></row></mc:Choice><mc:Fallback><row r=\"1\"><c r=\"A1\"><v>222</v></c></row></mc:Fallback></mc:AlternateContent>",
        "",
        "",
    );
    let sheet = part(&pass(&office), "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("222") && !sheet.contains("111"), "{sheet}");
}

#[test]
fn a_row_names_no_relationship() {
    let office = Office::excel(
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c><hyperlink ref=\"A1\" r:id=\"rIdL1\"/></row>",
        "<hyperlinks><hyperlink ref=\"A1\" r:id=\"rIdL1\"/></hyperlinks>",
        "",
    )
    .from("xl/worksheets/sheet1.xml", "rIdL1", "hyperlink", "https://a.invalid/", true);
    let sheet = part(&pass(&office), "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("rIdL1").count(), 1, "{sheet}");
}

/// A rebuilt workbook with a word of its sheet exchanged for another of the same length, checksums mended.
fn altered(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut members: Vec<_> = sanitize::zip_files(bytes, Limits::default()).unwrap();
    for (_, content) in &mut members {
        let text = String::from_utf8(std::mem::take(content)).unwrap();
        *content = text.replacen(from, to, 1).into_bytes();
    }
    let members: Vec<_> = members.into_iter().map(|(name, content)| crate::build::Member::new(name, content)).collect();
    crate::build::zip(&members)
}

#[test]
fn the_verifier_sees_the_last_row_of_a_long_sheet_as_well_as_the_first() {
    let done = pass(&Office::excel(&rows(12_000), "", ""));
    let bytes = &done.outcome.rebuilt().unwrap().bytes;
    let format = sanitize::Format::Xlsx;
    assert_eq!(verify(&altered(bytes, "A12</f>", "A13</f>"), format, &Policy::default()), Ok(()));
    for (from, to) in [
        ("<f>A12<", "<f>CALL(A12)<"),
        ("<f>A11999<", "<f>CALL(A11999)<"),
        ("<f>A11999</f>", "<oleObject/>"),
        ("<row r=\"11999\">", "<row r=\"11999\" onclick=\"\">"),
        ("</sheetData>", "</sheetData><oleObjects/>"),
        ("<sheetData>", "<cols><col min=\"1\"/><sheetData xmlns=\"urn:other\">"),
        ("施設名称11999", "<!-- 施設 -->"),
        ("施設名称11999", "</t></is></c></row></sheetData>"),
    ] {
        assert!(verify(&altered(bytes, from, to), format, &Policy::default()).is_err(), "{from} {to}");
    }
}
