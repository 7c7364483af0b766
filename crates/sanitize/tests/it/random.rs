//! Random documents from the words that matter: whatever comes in, what goes out is accepted by the verifier and stays as it
//! is in a second pass.

use proptest::prelude::*;
use sanitize::Ending;

use super::build::{Office, png};
use super::nasty::run;

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

fn holds(name: &str, bytes: &[u8]) {
    let done = run(name, bytes, &[]);
    assert_eq!(done.violation, None, "{:?}", done.report);
    let Some(rebuilt) = done.outcome.rebuilt() else { return };
    let again = run(&rebuilt.name, &rebuilt.bytes, &[]);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?} {:?}", again.report, again.violation);
    assert!(again.outcome.rebuilt().unwrap().bytes == rebuilt.bytes, "the second pass gave other bytes");
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
    fn tables_of_random_text(text in "[=+@,;\"\t\r\n a1|'＝－円-]{0,40}") {
        holds("a.csv", text.as_bytes());
        holds("a.tsv", text.as_bytes());
    }

    #[test]
    fn archives_with_a_byte_changed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = Office::word("<w:p/>").internal("rId4", "image", "i.png").part("word/i.png", "x", png()).bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        holds("a.docx", &bytes);
        holds("a.zip", &bytes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        holds("a.txt", &bytes);
        holds("a", &bytes);
    }
}
