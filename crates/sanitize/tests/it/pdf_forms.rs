//! Form fields become part of the page as a viewer shows them, whether or not they carry a picture of themselves.

use super::pdf::{page, rebuilt, says, stream};
use super::programs::{draw, text};
use sanitize::What;

/// A text string as UTF-16.
fn utf16(text: &str) -> String {
    let hex: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{hex}>")
}

/// A page with one field: what is added to the form and to the field, and other objects.
fn form(acroform: &str, field: &str, more: &[(u32, &str)]) -> Vec<u8> {
    let catalog = format!("/AcroForm<</Fields[9 0 R]/DR<</Font<</Helv 5 0 R/Ja 6 0 R>>>>{acroform}>>");
    let field = format!("<</Type/Annot/Subtype/Widget/Rect[20 20 220 60]{field}>>");
    let japanese = "<</Type/Font/Subtype/Type0/BaseFont/MS-Gothic/Encoding/90ms-RKSJ-H/DescendantFonts[<</Type/Font\
        /Subtype/CIDFontType2/BaseFont/MS-Gothic/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>\
        /FontDescriptor<</Type/FontDescriptor/FontName/MS-Gothic/Flags 4/FontBBox[0 -137 1000 859]/ItalicAngle 0/Ascent 859\
        /Descent -140/CapHeight 769/StemV 80>>>>]>>";
    let objects = [&[(9, field.as_str()), (6, japanese)][..], more].concat();
    page(&catalog, "/Annots[9 0 R]", &objects)
}

/// The text of the page once the field is part of it, without the page's own.
fn shown(bytes: &[u8]) -> String {
    let done = rebuilt(bytes);
    assert!(says(&done.findings, What::FormField));
    let text = text(&done.bytes);
    assert!(text.contains("Kept text"), "{text}");
    text.replace("Kept text", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_text_field_without_a_picture_is_written_out() {
    assert_eq!(shown(&form("", "/FT/Tx/DA(/Helv 12 Tf 0 g)/V(Suzuki Hanako)", &[])), "Suzuki Hanako");
    // Font, size and colour may come from the form; the size from the height of the field.
    assert_eq!(shown(&form("/DA(/Helv 0 Tf 0 0 1 rg)", "/FT/Tx/V(Sakura 1-2-3)/Q 2", &[])), "Sakura 1-2-3");
    // No font at all.
    assert_eq!(shown(&form("", "/FT/Tx/V(plain)", &[])), "plain");
}

#[test]
fn japanese_text_is_written_out_whatever_the_field_names() {
    let name = "髙橋　﨑太郎①㈱";
    for font in ["/Ja 10 Tf 0 g", "/Helv 10 Tf 0 g", "/None 0 Tf"] {
        let bytes = form("", &format!("/FT/Tx/DA({font})/V{}", utf16(name)), &[]);
        assert_eq!(shown(&bytes), "髙橋 﨑太郎①㈱", "{font}");
        let done = rebuilt(&bytes);
        let drawn = draw(&done.bytes, 72);
        let (y0, y1) = (drawn.height - 60, drawn.height - 20);
        assert!(drawn.ink(20..120, y0..y1) > 0.05, "{font}: no ink");
    }
    // A character that the font has not is seen as 〓, can be copied as itself, and is said.
    let rare = form("", &format!("/FT/Tx/V{}", utf16("𠮷野ก")), &[]);
    assert_eq!(shown(&rare), "𠮷野ก");
    assert!(says(&rebuilt(&rare).findings, What::Font));
}

#[test]
fn what_a_field_inherits_counts() {
    let parent = "<</T(a)/FT/Tx/V(inherited)/DA(/Helv 9 Tf 0 g)/Kids[9 0 R]>>";
    assert_eq!(shown(&form("", "/Parent 10 0 R", &[(10, parent)])), "inherited");
    // A loop of parents ends.
    let around = "<</T(a)/FT/Tx/V(around)/Parent 10 0 R>>";
    assert_eq!(shown(&form("", "/Parent 10 0 R", &[(10, around)])), "around");
}

#[test]
fn lines_are_broken_and_boxes_filled() {
    let text = "The first line of this note is long enough to be broken.\rSecond";
    let lines = shown(&form("", &format!("/FT/Tx/Ff 4096/DA(/Helv 8 Tf 0 g)/V({text})"), &[]));
    assert_eq!(lines, text.replace('\r', " "));
    let bytes = form("", "/FT/Tx/Ff 16777216/MaxLen 8/DA(/Helv 12 Tf 0 g)/V(2990001)", &[]);
    assert_eq!(shown(&bytes).replace(' ', ""), "2990001");
    // Each digit stands in its own eighth of the field.
    let done = rebuilt(&bytes);
    let drawn = draw(&done.bytes, 72);
    let (y0, y1) = (drawn.height - 60, drawn.height - 20);
    for cell in 0..7 {
        let middle = 20 + cell * 25 + 12;
        assert!(drawn.ink(middle - 5..middle + 5, y0..y1) > 0.01, "box {cell}");
    }
    assert!(drawn.ink(20 + 7 * 25..220, y0..y1) < 0.001, "the last box is empty");
}

#[test]
fn a_picture_that_is_out_of_date_is_made_anew_and_others_stay() {
    let old = stream("/Subtype/Form/BBox[0 0 200 40]/Resources<</Font<</F1 5 0 R>>>>", "BT /F1 9 Tf (Old) Tj ET");
    let field = "/FT/Tx/DA(/Helv 9 Tf 0 g)/V(New)/AP<</N 8 0 R>>";
    assert_eq!(shown(&form("/NeedAppearances true", field, &[(8, &old)])), "New");
    assert_eq!(shown(&form("", field, &[(8, &old)])), "Old");
    let emptied = "/FT/Tx/DA(/Helv 9 Tf 0 g)/V()/AP<</N 8 0 R>>";
    assert_eq!(shown(&form("/NeedAppearances true", emptied, &[(8, &old)])), "");
}

#[test]
fn a_picture_without_resources_finds_the_fonts_of_the_form() {
    let bare = stream("/Subtype/Form/BBox[0 0 200 40]", "BT /Helv 9 Tf (Bare) Tj ET");
    assert_eq!(shown(&form("", "/FT/Tx/AP<</N 8 0 R>>", &[(8, &bare)])), "Bare");
}

#[test]
fn choices_show_their_label_and_lists_all_of_them() {
    let options = "/Opt[[(a)(Apple)][(b)(Banana)]]/DA(/Helv 9 Tf 0 g)";
    assert_eq!(shown(&form("", &format!("/FT/Ch/Ff 131072/V(b){options}"), &[])), "Banana");
    assert_eq!(shown(&form("", &format!("/FT/Ch/V(b){options}"), &[])), "Apple Banana");
}

#[test]
fn passwords_are_not_shown() {
    assert_eq!(shown(&form("", "/FT/Tx/Ff 8192/DA(/Helv 9 Tf 0 g)/V(secret)", &[])), "******");
}

#[test]
fn boxes_that_are_on_are_marked_and_hidden_fields_stay_hidden() {
    let ink = |field: &str| {
        let done = rebuilt(&form("", field, &[]));
        let drawn = draw(&done.bytes, 72);
        drawn.ink(20..220, drawn.height - 60..drawn.height - 20)
    };
    for sign in ["4", "l", "8", "n", "u"] {
        assert!(ink(&format!("/FT/Btn/AS/Yes/MK<</CA({sign})>>")) > 0.005, "{sign}");
    }
    assert!(ink("/FT/Btn/AS/Off/MK<</CA(4)>>") < 0.001);
    assert!(ink("/FT/Btn/MK<</BC[0 0 0]/BG[0.5]>>") > 0.3, "ground and border");
    assert!(ink("/FT/Tx/F 2/V(hidden)") < 0.001);
}

#[test]
fn a_field_may_lie_on_its_side() {
    for turn in [90, 180, 270] {
        let bytes = form("", &format!("/FT/Tx/DA(/Helv 9 Tf 0 g)/V(turned)/MK<</R {turn}>>"), &[]);
        assert_eq!(shown(&bytes), "turned", "{turn}");
    }
}
