//! PDF: text and layout stay; nothing that acts, carries or hides comes across. One nasty file for each threat.

use sanitize::{Budget, Ending, Findings, Format, Outcome, Policy, Rebuilt, Sanitized, What, sanitize, verify};

/// A PDF of these objects (number 1 is the catalogue), with extra bytes before its end.
pub(crate) fn pdf(objects: &[(u32, String)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, body) in objects {
        places.push((*number, out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").into_bytes());
    }
    let start = out.len();
    out.extend(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, at) in places {
        out.extend(format!("{number} 1\n{at:010} 00000 n \n").into_bytes());
    }
    out.extend(format!("trailer\n<</Size 99/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").into_bytes());
    out
}

const TEXT: &str = "BT /F1 24 Tf 20 100 Td (Kept text) Tj ET";

pub(crate) fn stream(dict: &str, data: &str) -> String {
    format!("<<{dict}/Length {}>>\nstream\n{data}\nendstream", data.len())
}

/// A page of text; `catalog` and `page` are added to their dictionaries, `more` to the objects.
pub(crate) fn page(catalog: &str, page: &str, more: &[(u32, &str)]) -> Vec<u8> {
    let mut objects = vec![
        (1, format!("<</Type/Catalog/Pages 2 0 R{catalog}>>")),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (
            3,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{page}>>"
            ),
        ),
        (4, stream("", TEXT)),
        (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
    ];
    objects.extend(more.iter().map(|(number, body)| (*number, (*body).to_owned())));
    pdf(&objects)
}

pub(crate) fn run(bytes: &[u8]) -> Sanitized {
    sanitize("a.pdf", bytes, &Policy::default(), &[], Budget::default())
}

/// Rebuilt, verified, deterministic, the same on a second pass.
pub(crate) fn rebuilt(bytes: &[u8]) -> Rebuilt {
    let done = run(bytes);
    assert_eq!(done.violation, None);
    let (Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt)) = done.outcome else {
        panic!("{:?}", done.outcome)
    };
    assert_eq!(run(bytes).outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "deterministic");
    let again = run(&rebuilt.bytes);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "second pass: {:?}", again.report.findings);
    assert_eq!(again.outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "second pass");
    rebuilt
}

pub(crate) fn says(findings: &Findings, what: What) -> bool {
    findings.removed.iter().chain(&findings.lost).any(|f| f.what == what)
}

#[test]
fn an_ordinary_page_is_rebuilt_without_loss() {
    let done = rebuilt(&page("", "", &[]));
    assert!(!done.findings.is_loss());
    assert_eq!(done.format, Format::Pdf);
}

/// What acts, carries or hides, with what is said of it.
pub(crate) fn acting() -> Vec<(&'static str, Vec<u8>, What)> {
    let js = "<</S/JavaScript/JS(app.alert\\(1\\))>>";
    let annotation = |extra: &str| format!("<</Type/Annot/Rect[0 0 9 9]{extra}>>");
    let annot = "/Annots[9 0 R]";
    let file = "<</Type/Filespec/F(a.exe)/EF<</F 8 0 R>>>>";
    vec![
        ("OpenAction", page(&format!("/OpenAction{js}"), "", &[]), What::JavaScript),
        ("escaped names", page("/Open#41ction<</#53/Java#53cript/#4aS(x)>>", "", &[]), What::JavaScript),
        ("catalogue AA", page(&format!("/AA<</WC{js}>>"), "", &[]), What::JavaScript),
        ("page AA", page("", &format!("/AA<</O{js}>>"), &[]), What::JavaScript),
        ("names", page(&format!("/Names<</JavaScript<</Names[(a){js}]>>>>"), "", &[]), What::JavaScript),
        ("launch", page("/OpenAction<</S/Launch/F(cmd.exe)>>", "", &[]), What::LaunchAction),
        ("chain", page("/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next 8 0 R>>", "", &[(8, js)]), What::Action),
        (
            "submit",
            page("", annot, &[(9, &annotation("/Subtype/Link/A<</S/SubmitForm/F(http://a.invalid)>>"))]),
            What::SubmitForm,
        ),
        ("import", page("", annot, &[(9, &annotation("/Subtype/Link/A<</S/ImportData/F(a)>>"))]), What::Action),
        (
            "gotor",
            page("", annot, &[(9, &annotation("/Subtype/Link/A<</S/GoToR/F(\\\\\\\\a.invalid\\\\b)/D[0/Fit]>>"))]),
            What::ExternalLink,
        ),
        ("gotoe", page("", annot, &[(9, &annotation("/Subtype/Link/A<</S/GoToE/D[0/Fit]>>"))]), What::ExternalLink),
        (
            "file link",
            page("", annot, &[(9, &annotation("/Subtype/Link/A<</S/URI/URI(file:///c:/a.exe)>>"))]),
            What::UnsafeLink,
        ),
        (
            "script link",
            page("", annot, &[(9, &annotation("/Subtype/Link/A<</S/URI/URI(javascript:a)>>"))]),
            What::UnsafeLink,
        ),
        (
            "attachment",
            page(&format!("/Names<</EmbeddedFiles<</Names[(a){file}]>>>>"), "", &[(8, &stream("", "MZ"))]),
            What::EmbeddedFile,
        ),
        (
            "file note",
            page("", annot, &[(9, &annotation("/Subtype/FileAttachment/FS 8 0 R")), (8, file)]),
            What::EmbeddedFile,
        ),
        ("rich media", page("", annot, &[(9, &annotation("/Subtype/RichMedia"))]), What::RichMedia),
        ("screen", page("", annot, &[(9, &annotation("/Subtype/Screen"))]), What::Media),
        ("xfa", page("/AcroForm<</XFA 8 0 R/Fields[]>>", "", &[(8, &stream("", "<xdp/>"))]), What::Xfa),
        ("portfolio", page("/Collection<<>>", "", &[]), What::EmbeddedFile),
        ("signature", page("", annot, &[(9, &annotation("/Subtype/Widget/FT/Sig"))]), What::Signature),
        (
            "field",
            page("", annot, &[(9, &annotation(&format!("/Subtype/Widget/FT/Tx/AA<</K{js}>>")))]),
            What::JavaScript,
        ),
    ]
}

/// Words that no output holds.
pub(crate) const GONE: &[&str] = &["JavaScript", "Launch", "EmbeddedFile", "SubmitForm", "cmd.exe", "app.alert", "xdp"];

#[test]
fn nothing_that_acts_comes_across_and_all_of_it_is_said() {
    for (name, bytes, what) in acting() {
        assert!(verify(&bytes, Format::Pdf, &Policy::default()).is_err(), "{name}: the verifier takes it");
        let done = rebuilt(&bytes);
        assert!(says(&done.findings, what), "{name}: {:?}", done.findings);
        for word in GONE {
            assert!(!String::from_utf8_lossy(&done.bytes).contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn web_links_stay_and_are_noted() {
    let link = "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.invalid/x)>>>>";
    let done = rebuilt(&page("", "/Annots[9 0 R]", &[(9, link)]));
    assert!(!done.findings.is_loss());
    assert!(done.findings.noted.iter().any(|n| n.what == What::Hyperlink && n.place == "https://a.invalid/x"));
}

#[test]
fn a_form_field_becomes_part_of_the_page() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/Rect[10 10 110 30]/AP<</N 8 0 R>>>>";
    let form =
        stream("/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 5 0 R>>>>", "BT /F1 9 Tf (Filled in) Tj ET");
    let done = rebuilt(&page("/AcroForm<</Fields[9 0 R]>>", "/Annots[9 0 R]", &[(9, field), (8, &form)]));
    assert!(says(&done.findings, What::FormField));
}

#[test]
fn what_follows_the_file_and_what_no_page_reaches_is_gone() {
    let polyglot = [&page("", "", &[(20, "(UNREACHED)")])[..], b"PK\x03\x04evil"].concat();
    let done = rebuilt(&polyglot);
    assert!(says(&done.findings, What::TrailingData));
    assert!(!done.bytes.windows(4).any(|w| w == b"evil" || w == b"UNRE"));
}

#[test]
fn loops_and_depth_end() {
    let kids = page("", "", &[]);
    let text = String::from_utf8_lossy(&kids).replace("/Kids[3 0 R]", "/Kids[2 0 R 3 0 R]");
    assert_ne!(run(text.as_bytes()).outcome.ending(), Ending::Held);
    let form = stream("/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 8 0 R>>>>", "/X Do");
    let bytes =
        page("", "/Annots[9 0 R]", &[(8, &form), (9, "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/AP<</N 8 0 R>>>>")]);
    rebuilt(&bytes);
    let next: Vec<(u32, String)> = (10..60).map(|n| (n, format!("<</S/GoTo/Next {} 0 R>>", n + 1))).collect();
    let next: Vec<(u32, &str)> = next.iter().map(|(n, b)| (*n, b.as_str())).collect();
    rebuilt(&page("/OpenAction 10 0 R", "", &next));
}

#[test]
fn what_is_no_operator_is_dropped() {
    let bytes = page("", "", &[]);
    let text = String::from_utf8_lossy(&bytes).replace("(Kept text) Tj ET", "(Kept tx)Tj Zz ET");
    let done = rebuilt(text.as_bytes());
    assert!(done.findings.noted.iter().any(|n| n.what == What::UnknownElement));
}

#[test]
fn damaged_files_end_in_a_refusal_not_a_crash() {
    let bytes = page("", "", &[]);
    for at in (0..bytes.len()).step_by(3) {
        let mut broken = bytes.clone();
        broken[at] ^= 0xFF;
        drop(run(&broken));
        drop(run(&bytes[..at]));
    }
}
