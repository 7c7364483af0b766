//! Any bytes as the main part of a document, workbook or presentation, in a package that is right.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &[(&str, &str)] = &[
    ("a.docx", "wordprocessingml.document.main+xml"),
    ("a.xlsx", "spreadsheetml.sheet.main+xml"),
    ("a.pptx", "presentationml.presentation.main+xml"),
];

fuzz_target!(|data: &[u8]| {
    let Some((first, xml)) = data.split_first() else { return };
    let (name, kind) = MAIN[usize::from(*first) % MAIN.len()];
    let types = format!("<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/m.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}\"/></Types>");
    let rels = |list: &str| format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{list}</Relationships>");
    let root = rels(&format!("<Relationship Id=\"r\" Type=\"{R}/officeDocument\" Target=\"m.xml\"/>"));
    let part = rels(&format!(
        "<Relationship Id=\"rId1\" Type=\"{R}/hyperlink\" Target=\"http://a.invalid/\" TargetMode=\"External\"/><Relationship Id=\"rId2\" Type=\"{R}/image\" Target=\"i.png\"/><Relationship Id=\"rId3\" Type=\"{R}/oleObject\" Target=\"o.bin\"/>"
    ));
    let bytes = sanitising::zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("m.xml", xml),
        ("_rels/m.xml.rels", part.as_bytes()),
        ("i.png", b"no picture"),
        ("o.bin", b"object"),
    ]);
    sanitising::holds(name, &bytes, &sanitising::policy(), &[], true);
});
