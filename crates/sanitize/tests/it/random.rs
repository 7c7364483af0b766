//! Random documents from the words that matter: whatever comes in, what goes out is accepted by the verifier and stays as it
//! is in a second pass.

use proptest::prelude::*;
use sanitize::Ending;

use super::build::{Office, png};
use super::nasty::run;
use super::odf::Odf;

/// Pieces of WordprocessingML that belong, and that do not.
const WORD: &[&str] = &[
    "<w:p>",
    "</w:p>",
    "<w:r>",
    "</w:r>",
    "<w:t>文字</w:t>",
    "<w:fldChar w:fldCharType=\"begin\"/>",
    "<w:fldChar w:fldCharType=\"separate\"/>",
    "<w:fldChar w:fldCharType=\"end\"/>",
    "<w:instrText>DDEAUTO x</w:instrText>",
    "<w:instrText> PAGE </w:instrText>",
    "<w:instrText>HYPERLINK \"file://x\"</w:instrText>",
    "<w:instrText>IF </w:instrText>",
    "<w:hyperlink r:id=\"rId1\">",
    "<w:hyperlink r:id=\"rId2\" w:anchor=\"a\">",
    "</w:hyperlink>",
    "<w:fldSimple w:instr=\"LINK x\">",
    "</w:fldSimple>",
    "<w:object>",
    "</w:object>",
    "<o:OLEObject Type=\"Embed\" r:id=\"rId3\"/>",
    "<v:shape id=\"a\" href=\"x\">",
    "</v:shape>",
    "<v:imagedata r:id=\"rId4\"/>",
    "<w:altChunk r:id=\"rId5\"/>",
    "<mc:AlternateContent>",
    "</mc:AlternateContent>",
    "<mc:Choice Requires=\"v\">",
    "</mc:Choice>",
    "<mc:Fallback>",
    "</mc:Fallback>",
    "<w:vanish/>",
    "<w:ins w:id=\"1\">",
    "</w:ins>",
    "<w:smartTag>",
    "</w:smartTag>",
    "<x>",
    "</x>",
    "&#9;",
    "&amp;",
    "<![CDATA[=cmd|]]>",
    "<w:delInstrText>DDE</w:delInstrText>",
];

/// Pieces of formulas.
const FORMULA: &[&str] = &[
    "SUM(",
    ")",
    "A1",
    ",",
    "+",
    "cmd",
    "|",
    "'",
    "''",
    "\"",
    "[1]",
    "[",
    "]",
    "!",
    "表1[",
    "[#This Row]",
    "WEBSERVICE(",
    " ",
    "_xlfn.",
    "CALL",
    "(",
    "x.y(",
    "'[b.xlsx]S'!A1",
    "{1,2}",
    "#REF!",
    "\\",
    "関数(",
    "IF(",
    ";",
    "@",
];

/// Pieces of OpenDocument that belong, and that do not.
const ODF: &[&str] = &[
    "<text:p>",
    "</text:p>",
    "<text:span>",
    "</text:span>",
    "文字",
    "<text:a xlink:href=\"file://x\">",
    "<text:a xlink:href=\"https://a.invalid/\">",
    "<text:a xlink:href=\"#章\">",
    "</text:a>",
    "<draw:frame>",
    "</draw:frame>",
    "<draw:text-box>",
    "</draw:text-box>",
    "<draw:image xlink:href=\"i.png\"/>",
    "<draw:image xlink:href=\"http://a.invalid/i.png\"/>",
    "<draw:object xlink:href=\"./o\"/>",
    "<draw:object/>",
    "<draw:object-ole xlink:href=\"o\"/>",
    "<draw:control draw:control=\"c\"/>",
    "<draw:plugin/>",
    "<text:section>",
    "</text:section>",
    "<text:section text:display=\"none\" text:condition=\"of:DDE(1)\">",
    "<text:section-source xlink:href=\"x\"/>",
    "<text:hidden-text text:condition=\"of:DDE(1)\" text:string-value=\"隠\"/>",
    "<text:conditional-text text:condition=\"of:DDE(1)\">",
    "</text:conditional-text>",
    "<text:script>",
    "</text:script>",
    "<office:annotation>",
    "</office:annotation>",
    "<table:table>",
    "</table:table>",
    "<table:table-row table:visibility=\"collapse\">",
    "</table:table-row>",
    "<table:table-cell table:formula=\"of:=SUM(1)\">",
    "<table:table-cell table:formula=\"of:=DDE(1)\">",
    "</table:table-cell>",
    "<style:background-image xlink:href=\"i.png\"/>",
    "<x>",
    "</x>",
    "&#9;",
    "<presentation:event-listener presentation:action=\"show\" xlink:href=\"http://x\"/>",
];

/// Pieces of RTF that belong, and that do not.
const RTF: &[&str] = &[
    "{",
    "}",
    "{\\b ",
    "\\par ",
    "\\'95",
    "\\'5c",
    "\\u34920?",
    "\\u-10179?",
    "\\u-8704?",
    "\\uc0 ",
    "\\uc2 ",
    "abc",
    "\\\\",
    "\\{",
    "\\~",
    "{\\field",
    "{\\*\\fldinst HYPERLINK \"https://a.invalid/\"}",
    "{\\*\\fldinst DDE a b}",
    "{\\*\\fldinst ",
    "{\\fldrslt x}",
    "{\\object\\objupdate",
    "{\\*\\objdata 00}",
    "{\\result ",
    "{\\pict\\pngblip 89504e47}",
    "{\\pict ",
    "{\\*\\shppict",
    "{\\shp{\\*\\shpinst",
    "{\\sp{\\sn pib}{\\sv ",
    "{\\sp{\\sn shapeType}{\\sv 1}}",
    "{\\info{\\title t}{\\author a}}",
    "{\\upr{a}{\\*\\ud{b}}}",
    "{\\*\\unknown ",
    "{\\leveltext\\'02\\'00.;}",
    "{\\fonttbl{\\f0\\fcharset128 x;}}",
    "\\f0 ",
    "\\bin2 ab",
    "{\\v x}",
    "\\deleted ",
    "\u{e9}",
    "{\\header ",
    "\\row ",
    "{\\*\\bkmkstart a}",
    "\\unknownword5 ",
    "-",
    "5",
];

/// Closes and opens tags so that the pieces are well formed: what cannot be placed is left out.
fn well_formed(pieces: &[&str]) -> String {
    let (mut out, mut open) = (String::new(), Vec::new());
    for piece in pieces {
        if let Some(name) = piece.strip_prefix("</") {
            if open.last() == Some(&name.trim_end_matches('>')) {
                open.pop();
                out += piece;
            }
        } else {
            if piece.starts_with('<') && !piece.starts_with("<!") && !piece.ends_with("/>") && !piece.contains("</") {
                open.push(piece[1..].split([' ', '>']).next().unwrap());
            }
            out += piece;
        }
    }
    for name in open.iter().rev() {
        out += &format!("</{name}>");
    }
    out
}

pub(crate) fn holds(name: &str, bytes: &[u8]) {
    let done = run(name, bytes, &[]);
    assert_eq!(done.violation, None, "{:?}", done.report);
    let Some(rebuilt) = done.outcome.rebuilt() else { return };
    let again = run(&rebuilt.name, &rebuilt.bytes, &[]);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?} {:?}", again.report, again.violation);
    let second = &again.outcome.rebuilt().unwrap().bytes;
    let shown = String::from_utf8_lossy;
    assert!(
        *second == rebuilt.bytes,
        "{name}: the second pass gave other bytes: {} → {}",
        shown(&rebuilt.bytes),
        shown(second)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_of_random_pieces(pieces in prop::collection::vec(prop::sample::select(WORD), 0..40)) {
        let office = Office::word(&well_formed(&pieces))
            .external("rId1", "hyperlink", "https://a.invalid/")
            .external("rId2", "hyperlink", "file://a")
            .internal("rId3", "oleObject", "o.bin")
            .internal("rId4", "image", "i.png")
            .internal("rId5", "aFChunk", "c.mht")
            .part("word/o.bin", "x", "o")
            .part("word/i.png", "x", png())
            .part("word/c.mht", "x", "c");
        holds("a.docx", &office.bytes());
    }

    #[test]
    fn workbooks_of_random_formulas(pieces in prop::collection::vec(prop::sample::select(FORMULA), 0..12)) {
        let formula = pieces.concat().replace('"', "&quot;");
        let rows = format!("<row r=\"1\"><c r=\"A1\"><f>{formula}</f><v>1</v></c></row>");
        let names = format!("<definedNames><definedName name=\"n\">{formula}</definedName></definedNames>");
        holds("a.xlsx", &Office::excel(&rows, "", &names).bytes());
    }

    #[test]
    fn open_documents_of_random_pieces(pieces in prop::collection::vec(prop::sample::select(ODF), 0..40)) {
        holds("a.odt", &Odf::text(&well_formed(&pieces)).part("i.png", png()).bytes());
        holds("a.ods", &Odf::sheet(&well_formed(&pieces)).part("i.png", png()).bytes());
    }

    #[test]
    fn formulas_of_open_document(pieces in prop::collection::vec(prop::sample::select(FORMULA), 0..12)) {
        let formula = pieces.concat().replace('"', "&quot;");
        holds("a.ods", &Odf::sheet(&format!("<table:table-cell table:formula=\"of:={formula}\"><text:p>1</text:p></table:table-cell>")).bytes());
    }

    #[test]
    fn rich_texts_of_random_pieces(pieces in prop::collection::vec(prop::sample::select(RTF), 0..40)) {
        let text = pieces.concat();
        let open = text.matches('{').count().saturating_sub(text.matches('}').count());
        holds("a.rtf", format!("{{\\rtf1\\ansi\\ansicpg932 x{text}{}}}", "}".repeat(open)).as_bytes());
    }

    #[test]
    fn tables_of_random_text(text in "[=+@,;\"\t\r\n a1|'＝－円-]{0,40}") {
        holds("a.csv", text.as_bytes());
        holds("a.tsv", text.as_bytes());
    }

    #[test]
    fn archives_with_a_byte_changed(at in any::<prop::sample::Index>(), at_any in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = Office::word("<w:p/>").internal("rId4", "image", "i.png").part("word/i.png", "x", png()).bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        holds("a.docx", &bytes);
        holds("a.zip", &bytes);
        for fixture in [super::encrypted::AGILE, include_bytes!("fixtures/plain.7z")] {
            let mut bytes = fixture.to_vec();
            let place = at_any.index(bytes.len());
            bytes[place] = byte;
            holds("a", &bytes);
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        holds("a.txt", &bytes);
        holds("a", &bytes);
    }
}

/// Half of a pair of UTF-16 alone in a group leaves no group behind that a second pass would take out.
#[test]
fn half_a_character_leaves_no_empty_group() {
    holds("a.rtf", br"{\rtf1\ansi x{\u-10240?}y{\b {\u-9216?}}}");
}
