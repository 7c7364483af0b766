//! Any bytes as the main part of a document, workbook or presentation, in a package that is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Budget, Ending, Limits, Policy, sanitize};

const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &[(&str, &str)] = &[
    ("a.docx", "wordprocessingml.document.main+xml"),
    ("a.xlsx", "spreadsheetml.sheet.main+xml"),
    ("a.pptx", "presentationml.presentation.main+xml"),
];

/// A zip of stored members.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let size = (content.len() as u32).to_le_bytes();
        let crc = crc32(content).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        let shared = [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc, &size, &size, &length, &[0, 0]].concat();
        let at = (out.len() as u32).to_le_bytes();
        out.extend([b"PK\x03\x04", shared.as_slice(), name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\x00", shared.as_slice(), &[0; 10], &at, name.as_bytes()].concat());
    }
    let (start, size) = ((out.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let count = (members.len() as u16).to_le_bytes();
    [out, directory, [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0, 0]].concat()].concat()
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((first, xml)) = data.split_first() else { return };
    let (name, kind) = MAIN[usize::from(*first) % MAIN.len()];
    let types = format!("<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/m.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}\"/></Types>");
    let rels = |list: &str| format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{list}</Relationships>");
    let root = rels(&format!("<Relationship Id=\"r\" Type=\"{R}/officeDocument\" Target=\"m.xml\"/>"));
    let part = rels(&format!(
        "<Relationship Id=\"rId1\" Type=\"{R}/hyperlink\" Target=\"http://a.invalid/\" TargetMode=\"External\"/><Relationship Id=\"rId2\" Type=\"{R}/image\" Target=\"i.png\"/><Relationship Id=\"rId3\" Type=\"{R}/oleObject\" Target=\"o.bin\"/>"
    ));
    let bytes = zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("m.xml", xml),
        ("_rels/m.xml.rels", part.as_bytes()),
        ("i.png", b"no picture"),
        ("o.bin", b"object"),
    ]);
    let policy = Policy { limits: Limits { steps: 4_000_000, ..Limits::default() }, ..Policy::default() };
    let done = sanitize(name, &bytes, &policy, &[], Budget::new(policy.limits));
    assert_eq!(done.violation, None, "{:?}", done.report);
    if let Some(rebuilt) = done.outcome.rebuilt() {
        let again = sanitize(name, &rebuilt.bytes, &policy, &[], Budget::new(policy.limits));
        assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?}", again.report);
        assert!(again.outcome.rebuilt().is_some_and(|second| second.bytes == rebuilt.bytes));
    }
});
