//! Japanese fonts that a document names and does not carry are drawn right: every character of CP932, compared as a picture
//! with a drawing of its glyph. Text that can be copied out would say nothing about what is seen.
//!
//! The reference is a document that carries the font and chooses glyphs by number, as this test reads them from the font; it
//! goes through the same rebuilder, so that a cell is right only when it is the same to the pixel. That these drawings are
//! what other programs draw is held by a comparison of the reference with poppler's.

use std::collections::{BTreeSet, HashMap};

use sanitize::{Budget, Policy, fonts, sanitize};

use super::pdf::{pdf, stream};
use super::pdf_grades::not_carried;
use super::programs::{Drawn, draw, text};

const COLUMNS: usize = 112;
/// Points of a cell.
const CELL: usize = 10;
const DPI: u32 = 252;
/// Ink that two drawings of one glyph may not share.
const DIFFERENCE: f64 = 0.02;
/// The same, on average, of two programs that smooth edges each in its way.
const PROGRAMS: f64 = 0.35;

/// The characters of CP932 of two bytes, with their codes.
fn characters() -> Vec<(u16, char)> {
    let mut seen = BTreeSet::new();
    let codes = (0x8140..=0xFCFCu16).filter_map(|code| {
        let bytes = code.to_be_bytes();
        let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes)?;
        let mut characters = text.chars();
        let c = characters.next()?;
        (characters.next().is_none() && !('\u{E000}'..='\u{F8FF}').contains(&c)).then_some((code, c))
    });
    codes.filter(|(_, c)| seen.insert(*c)).collect()
}

/// The media box and the operators of a grid in which each cell shows one of these codes.
fn grid(codes: &[String]) -> (String, String) {
    let rows = codes.len().div_ceil(COLUMNS);
    let cells: String = codes
        .iter()
        .enumerate()
        .map(|(at, code)| {
            let (x, y) = (at % COLUMNS * CELL, (rows - 1 - at / COLUMNS) * CELL + 2);
            format!("BT /F1 9 Tf {x} {y} Td <{code}> Tj ET\n")
        })
        .collect();
    (format!("[0 0 {} {}]", COLUMNS * CELL, rows * CELL), cells)
}

/// Glyph numbers by character, read here from the font's table.
fn glyph_numbers(font: &[u8]) -> HashMap<u32, u32> {
    let u16_at = |at: usize| u32::from(u16::from_be_bytes([font[at], font[at + 1]]));
    let u32_at = |at: usize| (u16_at(at) << 16) | u16_at(at + 2);
    let tables = (0..u16_at(4) as usize).map(|n| 12 + n * 16);
    let cmap =
        tables.map(|at| (&font[at..at + 4], u32_at(at + 8) as usize)).find(|(tag, _)| *tag == b"cmap").unwrap().1;
    let subtables = (0..u16_at(cmap + 2) as usize).map(|n| cmap + u32_at(cmap + 8 + n * 8) as usize);
    let full = subtables.into_iter().find(|at| u16_at(*at) == 12).unwrap();
    let groups = (0..u32_at(full + 12) as usize).map(|n| full + 16 + n * 12);
    let each = |at: usize| (u32_at(at)..=u32_at(at + 4)).zip(u32_at(at + 8)..);
    groups.flat_map(each).collect()
}

/// The reference: the font carried whole, its glyphs chosen by number.
fn reference(characters: &[(u16, char)]) -> Vec<u8> {
    let glyphs = glyph_numbers(fonts::JAPANESE);
    let codes: Vec<String> = characters.iter().map(|(_, c)| format!("{:04X}", glyphs[&u32::from(*c)])).collect();
    let (media, content) = grid(&codes);
    let program: String = fonts::JAPANESE.iter().map(|byte| format!("{byte:02x}")).collect();
    let font = "<</Type/Font/Subtype/Type0/BaseFont/BIZUDGothic/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype\
        /CIDFontType2/BaseFont/BIZUDGothic/CIDToGIDMap/Identity/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
        /Supplement 0>>/FontDescriptor<</Type/FontDescriptor/FontName/BIZUDGothic/Flags 4/FontBBox[0 -120 1000 880]\
        /ItalicAngle 0/Ascent 880/Descent -120/CapHeight 709/StemV 69/FontFile2 6 0 R>>>>]>>";
    pdf(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, format!("<</Type/Page/Parent 2 0 R/MediaBox{media}/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>")),
        (4, stream("", &content)),
        (5, font.to_owned()),
        (6, stream(&format!("/Filter/ASCIIHexDecode/Length1 {}", fonts::JAPANESE.len()), &program)),
    ])
}

/// A document in the image grade, and the picture of its page.
fn pictured(name: &str, document: &[u8]) -> (Vec<u8>, Drawn) {
    let policy = Policy::from_toml(&format!("[pdf]\ngrade = \"image\"\ndpi = {DPI}")).unwrap();
    let done = sanitize("a.pdf", document, &policy, &[], Budget::default());
    let done = done.outcome.rebuilt().unwrap_or_else(|| panic!("{name}: {:?} {:?}", done.report, done.violation));
    assert!(!done.findings.is_loss(), "{name}: {:?}", done.findings);
    (done.bytes.clone(), draw(&done.bytes, DPI))
}

/// How much of the ink of a cell is not shared: 0 the same, 1 nothing in common.
fn difference(one: &Drawn, other: &Drawn, at: usize, rows: usize) -> f64 {
    let edge = |n: usize, count: usize, size: usize| n * size / count..(n + 1) * size / count;
    let (mut apart, mut ink) = (0u64, 0u64);
    for y in edge(at / COLUMNS, rows, one.height) {
        for x in edge(at % COLUMNS, COLUMNS, one.width) {
            let (a, b) = (255 - one.pixels[y * one.width + x], 255 - other.pixels[y * other.width + x]);
            apart += u64::from(a.abs_diff(b));
            ink += u64::from(a) + u64::from(b);
        }
    }
    if ink == 0 { 0.0 } else { apart as f64 / ink as f64 }
}

#[test]
fn every_character_of_cp932_is_drawn_as_its_own_glyph() {
    let characters = characters();
    assert!(characters.len() > 7_300);
    let rows = characters.len().div_ceil(COLUMNS);
    let reference = reference(&characters);
    let (_, expected) = pictured("reference", &reference);
    let poppler = draw(&reference, DPI);
    let apart: f64 = (0..characters.len()).map(|at| difference(&expected, &poppler, at, rows)).sum();
    assert!(apart / (characters.len() as f64) < PROGRAMS, "{}", apart / characters.len() as f64);
    let shift_jis = |(code, _): &(u16, char)| format!("{code:04X}");
    let unicode = |(_, c): &(u16, char)| {
        let mut units = [0; 2];
        c.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04X}")).collect()
    };
    let encodings: [(&str, Vec<String>); 2] = [
        ("90ms-RKSJ-H", characters.iter().map(shift_jis).collect()),
        ("UniJIS-UTF16-H", characters.iter().map(unicode).collect()),
    ];
    for (encoding, codes) in encodings {
        let (media, content) = grid(&codes);
        let (bytes, drawn) = pictured(encoding, &not_carried(encoding, "Japan1", &media, &content));
        assert_eq!((drawn.width, drawn.height), (expected.width, expected.height));
        // Adobe's map gives the code of 昻 the glyph of 昂: the document itself does not tell them apart.
        let same = |c: char| encoding == "90ms-RKSJ-H" && c == '昻';
        let cells = characters.iter().enumerate().map(|(at, (_, c))| (*c, difference(&drawn, &expected, at, rows)));
        let wrong: Vec<(char, f64)> = cells.filter(|(c, apart)| *apart > DIFFERENCE && !same(*c)).collect();
        assert!(wrong.is_empty(), "{encoding}: {} of {} are drawn wrong: {wrong:?}", wrong.len(), characters.len());
        let said: BTreeSet<char> = text(&bytes).chars().collect();
        let unsaid: String =
            characters.iter().map(|(_, c)| *c).filter(|c| *c != '\u{3000}' && !same(*c) && !said.contains(c)).collect();
        assert!(unsaid.is_empty(), "{encoding}: not in the layer of text: {unsaid}");
    }
}

#[test]
fn the_comparison_tells_characters_that_look_alike_apart() {
    let pairs = [('未', '末'), ('土', '士'), ('千', '干'), ('辻', '年'), ('葛', '尭'), ('日', '曰'), ('ー', '－')];
    let one: Vec<(u16, char)> = pairs.iter().map(|(c, _)| (0, *c)).collect();
    let other: Vec<(u16, char)> = pairs.iter().map(|(_, c)| (0, *c)).collect();
    let (one, other) = (pictured("one", &reference(&one)).1, pictured("other", &reference(&other)).1);
    for (at, pair) in pairs.iter().enumerate() {
        assert!(difference(&one, &other, at, 1) > DIFFERENCE, "{pair:?}");
    }
}

#[test]
fn the_name_of_a_font_does_not_change_what_is_drawn() {
    let (media, content) = grid(&["8899", "8ADF", "92D2", "8B8C"].map(str::to_owned));
    let one = not_carried("90ms-RKSJ-H", "Japan1", &media, &content);
    let other = String::from_utf8(one.clone()).unwrap().replace("Ryumin-Light", "NotoSans-Min");
    let (one, other) = (pictured("one", &one).1, pictured("other", other.as_bytes()).1);
    assert!(one.pixels == other.pixels && one.ink(0..one.width, 0..one.height) > 0.0);
}

#[test]
fn letters_of_vertical_writing_have_their_vertical_form() {
    // A cell of 40 points whose top is in the middle of the page's height.
    let drawn = |encoding: &str, code: &str| {
        let content = format!("BT /F1 40 Tf 150 150 Td <{code}> Tj ET");
        pictured(encoding, &not_carried(encoding, "Japan1", "[0 0 300 200]", &content)).1
    };
    let scale = DPI as usize * 10 / 72;
    let ink = |page: &Drawn, x: std::ops::Range<usize>, y: std::ops::Range<usize>| {
        page.ink(x.start * scale / 10..x.end * scale / 10, y.start * scale / 10..y.end * scale / 10)
    };
    for (encoding, comma, dash) in [("90ms-RKSJ-V", "8141", "815B"), ("UniJIS-UTF16-V", "3001", "30FC")] {
        let page = drawn(encoding, comma);
        assert!(ink(&page, 150..170, 50..70) > 0.02, "{encoding}: 、 in the upper right");
        assert!(ink(&page, 130..150, 70..90) < 0.001, "{encoding}: 、 not in the lower left");
        let page = drawn(encoding, dash);
        assert!(
            ink(&page, 140..160, 52..60) > 0.02 && ink(&page, 140..160, 80..88) > 0.02,
            "{encoding}: ー is upright"
        );
        assert!(ink(&page, 130..137, 50..90) < 0.001, "{encoding}: ー does not lie");
    }
    // A bracket and dots, which have characters for their vertical form too.
    for (code, x, y) in [("8169", 140..160, 80..90), ("8163", 147..153, 50..60)] {
        assert!(ink(&drawn("90ms-RKSJ-V", code), x, y) > 0.01, "{code} is drawn as written down");
    }
    // Written across, they are where they were.
    let page = drawn("90ms-RKSJ-H", "8141");
    assert!(ink(&page, 150..160, 40..54) > 0.02);
}
