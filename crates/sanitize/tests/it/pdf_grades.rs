//! The grades of a PDF: a reading copy has nothing to click; the image grade is pictures of pages with their text unseen.

use sanitize::{Budget, Ending, Findings, Format, Limits, Outcome, Policy, Rebuilt, What, sanitize, verify};

use super::pdf::{page, pdf, says, stream};
use super::programs::{draw, text};

fn policy(toml: &str) -> Policy {
    Policy::from_toml(toml).unwrap()
}

fn image() -> Policy {
    policy("[pdf]\ngrade = \"image\"")
}

/// Rebuilt under a policy, verified, deterministic, the same on a second pass.
fn rebuilt(bytes: &[u8], policy: &Policy) -> Rebuilt {
    let run = |bytes: &[u8]| sanitize("a.pdf", bytes, policy, &[], Budget::new(policy.limits));
    let done = run(bytes);
    assert_eq!(done.violation, None);
    let (Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt)) = done.outcome else {
        panic!("{:?}", done.outcome)
    };
    assert_eq!(run(bytes).outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "deterministic");
    let again = run(&rebuilt.bytes);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "second pass: {:?} {:?}", again.report, again.violation);
    assert!(again.outcome.rebuilt().unwrap().bytes == rebuilt.bytes, "second pass");
    rebuilt
}

fn notes(findings: &Findings, what: What) -> u32 {
    findings.noted.iter().filter(|finding| finding.what == what).map(|finding| finding.count).sum()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A page of two lines, a link, a comment whose window holds text, a stamp and a field.
fn busy() -> Vec<u8> {
    let link = "<</Type/Annot/Subtype/Link/Rect[20 90 120 120]/A<</S/URI/URI(https://a.invalid/)>>>>";
    let note = "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(Only in its window)>>";
    let stamp = "<</Type/Annot/Subtype/Stamp/Rect[150 20 250 40]/AP<</N 12 0 R>>>>";
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/Rect[20 20 120 40]/DA(/F1 12 Tf 0 g)/V(Filled)>>";
    let look = stream("/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 5 0 R>>>>", "BT /F1 12 Tf (Stamped) Tj ET");
    let catalog = "/AcroForm<</DR<</Font<</F1 5 0 R>>>>>>/Outlines 13 0 R";
    let marks = "<</Type/Outlines/First 14 0 R/Last 14 0 R>>";
    let mark = "<</Title(Mark)/Parent 13 0 R/A<</S/URI/URI(https://b.invalid/)>>>>";
    let more = [(8, link), (9, note), (10, stamp), (11, field), (12, look.as_str()), (13, marks), (14, mark)];
    page(catalog, "/Annots[8 0 R 9 0 R 10 0 R 11 0 R]", &more)
}

#[test]
fn a_reading_copy_keeps_its_text_and_has_nothing_to_click() {
    let policy = policy("[pdf]\ngrade = \"reading\"");
    let done = rebuilt(&busy(), &policy);
    assert_eq!(words(&text(&done.bytes)), "Kept text Filled Stamped", "drawn where they were");
    assert_eq!(notes(&done.findings, What::ReadingCopy), 1);
    assert_eq!(notes(&done.findings, What::Hyperlink), 2, "where the links led is said");
    assert!(says(&done.findings, What::Comment), "text that only a window showed is said to be lost");
    // The same document in the editable grade has links; as a reading copy it would not be accepted.
    let editable = rebuilt(&busy(), &Policy::default());
    assert!(verify(&editable.bytes, Format::Pdf, &policy).is_err());
    assert!(verify(&editable.bytes, Format::Pdf, &image()).is_err());
    assert!(verify(&done.bytes, Format::Pdf, &image()).is_err());
}

#[test]
fn the_image_grade_is_one_picture_a_page_and_its_text_can_be_searched() {
    let source = busy();
    let done = rebuilt(&source, &image());
    assert_eq!(words(&text(&done.bytes)), words(&text(&rebuilt(&source, &Policy::default()).bytes)));
    assert_eq!(notes(&done.findings, What::ImageCopy), 1);
    // The picture shows the same page: as much ink in the same places.
    let (before, after) = (draw(&rebuilt(&source, &Policy::default()).bytes, 72), draw(&done.bytes, 72));
    assert_eq!((before.width, before.height), (after.width, after.height));
    for (x, y) in [(20..140, 80..110), (150..250, 160..180), (20..120, 160..180), (0..300, 110..150)] {
        let (one, other) = (before.ink(x.clone(), y.clone()), after.ink(x, y));
        assert!((one - other).abs() < 0.05, "{one} {other}");
    }
}

#[test]
fn pages_that_are_turned_and_cropped_are_drawn_as_they_are_seen() {
    for turn in [0, 90, 180, 270] {
        let bytes = page("", &format!("/Rotate {turn}/CropBox[10 60 200 150]"), &[]);
        let done = rebuilt(&bytes, &image());
        assert_eq!(words(&text(&done.bytes)), "Kept text", "{turn}");
        let (before, after) = (draw(&bytes, 72), draw(&done.bytes, 72));
        assert_eq!((before.width, before.height), (after.width, after.height), "{turn}");
        let parts = 4;
        for (px, py) in (0..parts).flat_map(|x| (0..parts).map(move |y| (x, y))) {
            let part = |n: usize, size: usize| n * size / parts..(n + 1) * size / parts;
            let place = (part(px, before.width), part(py, before.height));
            let (one, other) = (before.ink(place.0.clone(), place.1.clone()), after.ink(place.0, place.1));
            assert!((one - other).abs() < 0.05, "{turn}: {one} {other}");
        }
    }
}

#[test]
fn a_page_of_black_letters_is_drawn_in_four_greys_and_a_shade_in_all() {
    let depth = |bytes: &[u8]| {
        let done = rebuilt(bytes, &image());
        let text = String::from_utf8_lossy(&done.bytes).into_owned();
        ["/BitsPerComponent 2", "/BitsPerComponent 8"].map(|depth| text.contains(depth))
    };
    assert_eq!(depth(&page("", "", &[])), [true, false]);
    let shade = "<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 300 0]/Function<</FunctionType 2/Domain[0 1]/C0[0]/C1[1]/N 1>>>>";
    let bytes = String::from_utf8(page("", "", &[(20, shade)])).unwrap();
    let bytes = bytes.replace("/Resources<<", "/Resources<</Shading<</S 20 0 R>>");
    let bytes = bytes.replace("BT /F1 24 Tf 20 100 Td (Kept text) Tj ET", "/S sh BT /F1 24 Tf (Kept) Tj ET         ");
    assert_eq!(depth(bytes.as_bytes()), [false, true]);
}

/// A scan: one picture over the page, and the text that was read from it, unseen.
fn scan(text: &str) -> Vec<u8> {
    let picture = stream(
        "/Type/XObject/Subtype/Image/Width 16/Height 16/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/ASCIIHexDecode",
        &(0..256).map(|n| format!("{n:02x}")).collect::<String>(),
    );
    let content = stream("", &format!("q 300 0 0 200 0 0 cm /Im Do Q {text}"));
    pdf(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</Im 6 0 \
             R>>>>>>"
                .to_owned(),
        ),
        (4, content),
        (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
        (6, picture),
    ])
}

#[test]
fn a_scan_stays_the_picture_that_it_is() {
    let unseen = scan("BT 3 Tr /F1 20 Tf 20 100 Td (Read by a machine) Tj ET");
    let done = rebuilt(&unseen, &image());
    assert_eq!(notes(&done.findings, What::ImageCopy), 0);
    assert_eq!(done.bytes, rebuilt(&unseen, &Policy::default()).bytes);
    // Text that is seen, or more than the picture, makes a new picture.
    for shown in
        ["BT /F1 20 Tf 20 100 Td (Seen) Tj ET", "0 0 9 9 re f", "/Im Do", "q BT 3 Tr ET Q BT /F1 9 Tf (Seen) Tj ET"]
    {
        let done = rebuilt(&scan(shown), &image());
        assert_eq!(notes(&done.findings, What::ImageCopy), 1, "{shown}");
    }
}

#[test]
fn text_that_is_not_shown_stays_or_goes_by_policy_and_is_said() {
    let unseen = page("", "", &[]);
    let unseen = String::from_utf8(unseen).unwrap().replace("(Kept text) Tj", "(Kept text) Tj 3 Tr (Unseen) Tj");
    let unseen = pdf_of(&unseen);
    let kept = rebuilt(&unseen, &image());
    assert!(text(&kept.bytes).contains("Unseen"));
    assert_eq!(notes(&kept.findings, What::HiddenText), 1);
    let drop = policy("[pdf]\ngrade = \"image\"\ninvisible_text = \"drop\"");
    for bytes in [&unseen[..], &scan("BT 3 Tr /F1 20 Tf 20 100 Td (Unseen) Tj ET")] {
        let done = sanitize("a.pdf", bytes, &drop, &[], Budget::default());
        let done = done.outcome.rebuilt().unwrap();
        assert!(!text(&done.bytes).contains("Unseen"));
        assert_eq!(notes(&done.findings, What::HiddenText), 1);
    }
}

/// A document whose stream lengths and table are made right again by rebuilding it from its objects' text.
fn pdf_of(text: &str) -> Vec<u8> {
    let mut objects = Vec::new();
    for part in text.split("endobj\n") {
        let Some((head, body)) = part.split_once(" 0 obj\n") else { continue };
        let number = head.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        let body = match body.split_once("\nstream\n") {
            Some((_, data)) => stream("", data.trim_end().trim_end_matches("endstream").trim_end()),
            None => body.trim_end().to_owned(),
        };
        objects.push((number, body));
    }
    pdf(&objects)
}

#[test]
fn a_page_of_any_size_is_drawn_within_its_limit_of_pixels() {
    let huge = page("", "", &[]);
    let huge = String::from_utf8(huge).unwrap().replace("[0 0 300 200]", "[0 0 14400 14400]");
    let done = rebuilt(&pdf_of(&huge), &image());
    assert_eq!(words(&text(&done.bytes)), "Kept text");
    // A city's own limit counts before anything is allocated.
    let mut tight = image();
    tight.limits = Limits { pixels: 10_000, ..Limits::default() };
    let done = sanitize("a.pdf", &page("", "", &[]), &tight, &[], Budget::new(tight.limits));
    assert_eq!(done.report.reason.map(|reason| reason.code.code()), Some("limit_pixels"));
}

#[test]
fn resolution_is_a_matter_of_policy_within_bounds() {
    let size = |dpi: u32| {
        let done = rebuilt(&page("", "", &[]), &policy(&format!("[pdf]\ngrade = \"image\"\ndpi = {dpi}")));
        let text = String::from_utf8_lossy(&done.bytes).into_owned();
        let at = text.find("/Width ").unwrap() + 7;
        text[at..].split(|c: char| !c.is_ascii_digit()).next().unwrap().parse::<u32>().unwrap()
    };
    assert_eq!((size(72), size(144)), (300, 600));
    assert!(Policy::from_toml("[pdf]\ndpi = 600").is_err());
}

/// A page set in a font that is named and not carried: encoding, collection, and the operators that show its codes.
pub(crate) fn not_carried(encoding: &str, ordering: &str, media: &str, content: &str) -> Vec<u8> {
    let font = format!(
        "<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/{encoding}/DescendantFonts[<</Type/Font/Subtype\
         /CIDFontType0/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>\
         /FontDescriptor<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0\
         /Ascent 880/Descent -120/CapHeight 709/StemV 69>>>>]>>"
    );
    pdf(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, format!("<</Type/Page/Parent 2 0 R/MediaBox{media}/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>")),
        (4, stream("", content)),
        (5, font),
    ])
}

#[test]
fn a_page_whose_letters_no_font_has_is_refused() {
    let hangul = not_carried("UniKS-UCS2-H", "Korea1", "[0 0 300 200]", "BT /F1 20 Tf 20 100 Td <AC00B098> Tj ET");
    let done = sanitize("a.pdf", &hangul, &image(), &[], Budget::default());
    assert_eq!(done.report.reason.map(|reason| reason.code.code()), Some("font_missing"));
    // Beside others that are drawn, they are said to be lost.
    let content = "BT /F1 20 Tf 20 100 Td <AC00B0980041> Tj ET 0 0 50 50 re f";
    let mixed = not_carried("UniKS-UCS2-H", "Korea1", "[0 0 300 200]", content);
    assert!(says(&rebuilt(&mixed, &image()).findings, What::Font));
    // Numbers of glyphs that no map turns into text draw nothing, rather than anything.
    let unknown = not_carried("Identity-H", "Identity", "[0 0 300 200]", "BT /F1 20 Tf 20 100 Td <012301240125> Tj ET");
    let done = sanitize("a.pdf", &unknown, &image(), &[], Budget::default());
    assert_eq!(done.report.reason.map(|reason| reason.code.code()), Some("font_missing"));
}

#[test]
fn a_page_of_small_letters_in_colours_needs_few_of_them() {
    let colors = ["0 0 1", "0 0.5 0", "0.73 0.13 0.13", "0.4 0.1 0.6", "0.5 0.5 0.5", "0 0 0"];
    let lines: String = (0..30)
        .map(|line| {
            let color = colors[line % colors.len()];
            format!("{color} rg BT /F1 6 Tf 10 {} Td (Letters as thin as those of a program, line {line}, and more of them) Tj ET\n", 190 - 6 * line)
        })
        .collect();
    let objects = [
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
                .to_owned(),
        ),
        (4, stream("", &lines)),
        (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
    ];
    let done = rebuilt(&pdf(&objects), &image());
    let raw = String::from_utf8_lossy(&done.bytes);
    let bits = raw.split("/BitsPerComponent ").nth(1).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    assert!(matches!(bits, Some("1" | "2" | "4")), "{bits:?}");
}
