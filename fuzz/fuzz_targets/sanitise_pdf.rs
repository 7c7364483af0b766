//! Any bytes as a PDF, or as the content of its page, in each grade.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;
use sanitize::Policy;

const GRADES: &[&str] = &["editable", "reading", "image"];

/// A document whose one page shows these operators; its fonts are one that everybody has and one that is named only.
fn document(content: &[u8]) -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>\
        /Annots[7 0 R]>>";
    let named = "<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/90ms-RKSJ-H/DescendantFonts[<</Type/Font\
        /Subtype/CIDFontType0/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>]>>";
    let field = [&b"<</Type/Annot/Subtype/Widget/FT/Tx/Rect[0 0 80 20]/DA("[..], &escaped(content), b")/V(x)>>"].concat();
    let objects: [&[u8]; 7] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page.as_bytes(),
        &[format!("<</Length {}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        named.as_bytes(),
        &field,
    ];
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend([format!("{} 0 obj\n", at + 1).as_bytes(), object, b"\nendobj\n"].concat());
    }
    let start = out.len();
    let size = objects.len() + 1;
    out.extend(format!("{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

fn escaped(content: &[u8]) -> Vec<u8> {
    content.iter().flat_map(|byte| format!("\\{byte:03o}").into_bytes()).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((first, content)) = data.split_first() else { return };
    let bytes = if content.starts_with(b"%PDF") { content.to_vec() } else { document(content) };
    let grade = GRADES[usize::from(*first) % GRADES.len()];
    let graded = Policy::from_toml(&format!("[pdf]\ngrade = \"{grade}\"\ndpi = 72")).unwrap();
    sanitising::holds("a.pdf", &bytes, &Policy { limits: sanitising::small(), ..graded }, &[], false);
});
