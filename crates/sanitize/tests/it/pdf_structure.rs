//! The structure of a tagged document stays: people who listen to a page need it.

use super::pdf::{page, rebuilt, run};
use super::programs::{objects, structure};
use sanitize::{Budget, Policy, What, sanitize};

fn tagged() -> Vec<u8> {
    let marked = "/Lang(ja)/MarkInfo<</Marked true>>/StructTreeRoot 20 0 R";
    let root =
        "<</Type/StructTreeRoot/K[21 0 R]/RoleMap<</Title/H1/Loop/Loop>>/ParentTree<</Nums[0[22 0 R 23 0 R]]>>>>";
    let document = "<</Type/StructElem/S/Document/P 20 0 R/K[22 0 R 23 0 R 24 0 R 25 0 R]>>";
    let title = "<</Type/StructElem/S/Title/P 21 0 R/Pg 3 0 R/K 0/A<</O/Layout/Placement/Block>>/C/x/ID(x)>>";
    let text = "<</Type/StructElem/S/P/P 21 0 R/K<</Type/MCR/Pg 3 0 R/MCID 1>>/ActualText(spoken)/Lang(en)>>";
    let figure = "<</Type/StructElem/S/Figure/P 21 0 R/Alt(A bridge)/AF[9 0 R]/A[<</O/Table/ColSpan 2/Summary(s)>>]>>";
    let looped = "<</Type/StructElem/S/Loop/P 21 0 R/K[21 0 R 22 0 R]>>";
    let more = [(20, root), (21, document), (22, title), (23, text), (24, figure), (25, looped)];
    let bytes = page(marked, "/StructParents 0", &more);
    let content = "/H1<</MCID 0>>BDC BT /F1 24 Tf 20 150 Td (Heading) Tj ET EMC /P<</MCID 1>>BDC BT /F1 12 Tf 20 90 Td (Body) \
                   Tj ET EMC";
    let old = "BT /F1 24 Tf 20 100 Td (Kept text) Tj ET";
    let text = String::from_utf8(bytes).unwrap();
    text.replace(&format!("/Length {}>>", old.len()), &format!("/Length {}>>", content.len()))
        .replace(old, content)
        .into()
}

#[test]
fn headings_paragraphs_and_descriptions_stay() {
    let done = rebuilt(&tagged());
    assert!(!done.findings.is_loss());
    let said = structure(&done.bytes);
    for part in ["Document", "H1", "\"Heading\"", "\"Body\"", "Figure", "NonStruct"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let all = run(&done.bytes).outcome.rebuilt().unwrap().bytes.clone();
    assert_eq!(all, done.bytes);
    // What has no place in it is said: here, elements that stood in two places.
    assert!(done.findings.noted.iter().any(|finding| finding.what == What::StructureTags));
}

#[test]
fn an_element_holds_nothing_but_its_type_its_texts_and_its_content() {
    let done = rebuilt(&tagged());
    let unpacked = objects(&done.bytes);
    for gone in ["/AF", "Placement", "/ID (x)", "RoleMap", "/C /x"] {
        assert!(!unpacked.contains(gone), "{gone}");
    }
    for kept in ["(A bridge)", "(spoken)", "/ColSpan 2", "/Marked true", "/Lang (ja)"] {
        assert!(unpacked.contains(kept), "{kept}");
    }
}

#[test]
fn bookmarks_page_labels_and_language_stay_in_every_grade() {
    let catalog = "/Lang(ja-JP)/Outlines 20 0 R/PageLabels<</Nums[0<</S/r/P(A-)/St 3>>]>>";
    let outlines = "<</Type/Outlines/First 21 0 R/Last 21 0 R/Count 1>>";
    let chapter =
        "<</Title<FEFF7B2C4E007AE0>/Parent 20 0 R/Dest[3 0 R/XYZ 10 150 null]/First 22 0 R/Last 22 0 R/Count -1>>";
    let section = "<</Title(Section)/Parent 21 0 R/A<</S/GoTo/D[3 0 R/Fit]>>>>";
    let bytes = page(catalog, "", &[(20, outlines), (21, chapter), (22, section)]);
    for grade in ["editable", "reading", "image"] {
        let policy = Policy::from_toml(&format!("[pdf]\ngrade = \"{grade}\"")).unwrap();
        let done = sanitize("a.pdf", &bytes, &policy, &[], Budget::default());
        let done = done.outcome.rebuilt().unwrap_or_else(|| panic!("{grade}: {:?}", done.report)).clone();
        assert!(!done.findings.is_loss(), "{grade}");
        let unpacked = objects(&done.bytes);
        for part in ["(Section)", "/XYZ", "/Fit", "/Count -1", "(A-)", "/St 3", "(ja-JP)"] {
            assert!(unpacked.contains(part), "{grade}: {part}");
        }
    }
}
