//! One file through two workers, one of which fails.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use gateway::Sanitiser;
use sanitize::{Ending, report::sha256};
use worker::Broker;

fn sanitiser() -> Sanitiser {
    Sanitiser::new(Broker::new(env!("CARGO_BIN_EXE_gateway-probe")), "").unwrap()
}

const PICTURE: &[u8] = include_bytes!("../../../sanitize/src/formats/ooxml/placeholder.png");

/// A zip of stored members.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let crc = crc32(content).to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let shared = [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc, &size, &size, &length, &[0, 0]].concat();
        let at = u32::try_from(out.len()).unwrap().to_le_bytes();
        out.extend([b"PK\x03\x04", shared.as_slice(), name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\x00", shared.as_slice(), &[0; 10], &at, name.as_bytes()].concat());
    }
    let (start, size) =
        (u32::try_from(out.len()).unwrap().to_le_bytes(), u32::try_from(directory.len()).unwrap().to_le_bytes());
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    [out, directory, [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0, 0]].concat()].concat()
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_file_is_rebuilt_and_verified() {
    let passed = sanitiser().pass("図.png", PICTURE, &[]);
    assert_eq!(passed.report.outcome, Ending::Rebuilt, "{passed:?}");
    assert_eq!(passed.report.output_sha256, passed.bytes.as_deref().map(sha256));
}

#[test]
fn a_reader_that_fails_on_one_part_costs_that_part_alone() {
    let other = [PICTURE, b"x"].concat();
    let archive = zip(&[("good.png", PICTURE), ("bad.png", &other)]);
    for (word, code) in [("crash", "worker_crashed"), ("memory", "worker_memory")] {
        let name = format!("{word}-{}.zip", &sha256(&other)[..8]);
        let passed = sanitiser().pass(&name, &archive, &[]);
        let bad =
            passed.report.parts.iter().find(|part| part.input == "bad.png").unwrap_or_else(|| panic!("{passed:?}"));
        assert_eq!(bad.reason.as_ref().map(|reason| reason.code.code()), Some(code));
        assert_eq!(bad.outcome, Ending::Refused);
        let good = passed.report.parts.iter().find(|part| part.input == "good.png").unwrap();
        assert_eq!(good.outcome, Ending::Rebuilt);
    }
}

#[test]
fn a_worker_that_cannot_start_refuses() {
    let sanitiser = Sanitiser::new(Broker::new("/nonexistent"), "").unwrap();
    let passed = sanitiser.pass("図.png", PICTURE, &[]);
    assert_eq!(passed.report.reason.map(|reason| reason.code.code()), Some("worker_unavailable"));
    assert_eq!(passed.bytes, None);
}

#[test]
fn a_file_over_the_limit_is_not_even_sent() {
    let sanitiser = Sanitiser::new(Broker::new("/nonexistent"), "[limits]\ninput_bytes = 10\n").unwrap();
    let passed = sanitiser.pass("図.png", PICTURE, &[]);
    assert_eq!(passed.report.reason.map(|reason| reason.code.code()), Some("limit_input"));
}

/// A page whose Japanese font is named and not carried.
fn pdf() -> Vec<u8> {
    let text = "BT /F1 24 Tf 20 100 Td <8ad68ee7> Tj ET";
    let font = "<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/90ms-RKSJ-H/DescendantFonts[<</Type/Font/Subtype\
        /CIDFontType0/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor\
        <</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880\
        /Descent -120/CapHeight 709/StemV 69>>>>]>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()),
        font.to_owned(),
    ];
    let mut out = "%PDF-1.7\n".to_owned();
    let mut table = "xref\n0 6\n0000000000 65535 f \n".to_owned();
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let start = out.len();
    format!("{out}{table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").into_bytes()
}

#[test]
fn pages_are_drawn_inside_the_walls_of_the_worker() {
    let sanitiser =
        Sanitiser::new(Broker::new(env!("CARGO_BIN_EXE_gateway-probe")), "[pdf]\ngrade = \"image\"").unwrap();
    let passed = sanitiser.pass("関守.pdf", &pdf(), &[]);
    assert_eq!(passed.report.outcome, Ending::Rebuilt, "{passed:?}");
    assert!(passed.report.findings.noted.iter().any(|finding| finding.what.code() == "image_copy"));
    assert_eq!(passed.report.output_sha256, passed.bytes.as_deref().map(sha256));
}

/// A workbook of one sheet with so many rows.
fn workbook(rows: u32) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>");
    for row in 1..=rows {
        sheet += &format!("<row r=\"{row}\" spans=\"1:8\">");
        sheet.extend("ABCDEFGH".chars().map(|column| format!("<c r=\"{column}{row}\" s=\"1\"><v>{row}.5</v></c>")));
        sheet += "</row>";
    }
    sheet += "</sheetData></worksheet>";
    zip(&[
        (
            "[Content_Types].xml",
            format!("<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{types}.sheet.main+xml\"/><Override PartName=\"/xl/sheet1.xml\" ContentType=\"{types}.worksheet+xml\"/></Types>").as_bytes(),
        ),
        (
            "_rels/.rels",
            format!("<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relationships}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>").as_bytes(),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relationships}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>").as_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{relationships}/worksheet\" Target=\"sheet1.xml\"/></Relationships>").as_bytes(),
        ),
        ("xl/sheet1.xml", sheet.as_bytes()),
    ])
}

#[test]
fn a_large_sheet_passes_within_a_few_times_its_size() {
    // Seven megabytes of XML; the probe's workers have 64.
    let passed = sanitiser().pass("台帳.xlsx", &workbook(20_000), &[]);
    assert_eq!(passed.report.outcome, Ending::Rebuilt, "{:?} {:?}", passed.report.reason, passed.violation);
}
