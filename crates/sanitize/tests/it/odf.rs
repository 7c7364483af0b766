//! OpenDocument: what stays, is shown, or is opened by a password.

use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use base64::Engine;
use flate2::{Compress, Compression, FlushCompress};
use sanitize::{Budget, Ending, Format, Policy, sanitize};
use sha2::{Digest, Sha256};

use super::build::{Member, png, zip};
use super::nasty::{check, inflate_all, loses, run};

const SPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:script=\"urn:oasis:names:tc:opendocument:xmlns:script:1.0\" xmlns:form=\"urn:oasis:names:tc:opendocument:xmlns:form:1.0\" xmlns:presentation=\"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0\" xmlns:chart=\"urn:oasis:names:tc:opendocument:xmlns:chart:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:of=\"urn:oasis:names:tc:opendocument:xmlns:of:1.2\" xmlns:math=\"http://www.w3.org/1998/Math/MathML\" xmlns:anim=\"urn:oasis:names:tc:opendocument:xmlns:animation:1.0\" office:version=\"1.3\"";

/// A package in the making.
#[derive(Clone)]
pub(crate) struct Odf {
    media: &'static str,
    body: &'static str,
    before: String,
    styles: String,
    content: String,
    parts: Vec<(String, Vec<u8>)>,
}

impl Odf {
    fn new(media: &'static str, body: &'static str, content: String) -> Self {
        Self { media, body, before: String::new(), styles: String::new(), content, parts: Vec::new() }
    }

    pub(crate) fn text(content: &str) -> Self {
        Self::new("text", "text", format!("{content}<text:p>本文です</text:p>"))
    }

    pub(crate) fn sheet(cells: &str) -> Self {
        let rows = format!(
            "<table:table-row>{cells}<table:table-cell><text:p>本文</text:p></table:table-cell></table:table-row>"
        );
        Self::new(
            "spreadsheet",
            "spreadsheet",
            format!("<table:table table:name=\"集計表\" table:style-name=\"ta1\">{rows}</table:table>"),
        )
    }

    pub(crate) fn slide(shapes: &str) -> Self {
        Self::new(
            "presentation",
            "presentation",
            format!(
                "<draw:page draw:name=\"一枚目\" draw:style-name=\"dp1\">{shapes}<draw:frame><draw:text-box><text:p>本文</text:p></draw:text-box></draw:frame></draw:page>"
            ),
        )
    }

    /// Something before the body.
    pub(crate) fn before(mut self, xml: &str) -> Self {
        self.before += xml;
        self
    }

    pub(crate) fn styles(mut self, xml: &str) -> Self {
        self.styles += xml;
        self
    }

    pub(crate) fn after(mut self, xml: &str) -> Self {
        self.content += xml;
        self
    }

    pub(crate) fn part(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.parts.push((path.to_owned(), content.as_ref().to_vec()));
        self
    }

    pub(crate) fn content(&self) -> String {
        content(
            &format!("{}<office:automatic-styles>{}</office:automatic-styles>", self.before, self.styles),
            self.body,
            &self.content,
        )
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let media = format!("application/vnd.oasis.opendocument.{}", self.media);
        let manifest = format!(
            "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{media}\"/></manifest:manifest>"
        );
        let mut members = vec![
            Member::new("mimetype", media),
            Member::new("META-INF/manifest.xml", manifest),
            Member::new("content.xml", self.content()),
        ];
        members.extend(self.parts.iter().map(|(path, content)| Member::new(path, content)));
        zip(&members)
    }
}

fn content(before: &str, body: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content {SPACES}>{before}<office:body><office:{body}>{inside}</office:{body}></office:body></office:document-content>"
    )
}

pub(crate) fn frame(inside: &str) -> String {
    format!("<text:p>図<draw:frame draw:name=\"a\" svg:width=\"2cm\" svg:height=\"1cm\">{inside}</draw:frame></text:p>")
}

pub(crate) fn cell(formula: &str) -> String {
    format!(
        "<table:table-cell table:formula=\"{formula}\" office:value-type=\"float\" office:value=\"42\"><text:p>42</text:p></table:table-cell>"
    )
}

impl Odf {
    pub(crate) fn with_media(mut self, media: &'static str) -> Self {
        self.media = media;
        self
    }
}

#[test]
fn a_formula_that_goes_leaves_its_value_and_others_stay() {
    let text = check(&loses(
        "f.ods",
        Odf::sheet(
            &(cell("of:=DDE(1)") + &cell("of:=SUM([.A1:.B2])") + &cell("of:=VLOOKUP([.A1];[$集計表.A1:.B9];2;0)")),
        )
        .bytes(),
        &["dde"],
        &[],
        &["DDE"],
    ));
    assert_eq!(text.matches("office:value=\"42\"").count(), 3);
    assert!(text.contains("of:=SUM([.A1:.B2])") && text.contains("VLOOKUP"));
}

#[test]
fn controls_of_forms_leave_what_they_show() {
    let text = check(&loses(
        "form.odt",
        Odf::text("<office:forms><form:form xlink:href=\"http://a.invalid/\"><form:text xml:id=\"c1\" form:id=\"c1\" form:current-value=\"記入済み\"/></form:form></office:forms><text:p><draw:control draw:control=\"c1\" svg:width=\"3cm\"/></text:p>").bytes(),
        &["submit_form"],
        &["form_field"],
        &["a.invalid", "draw:control"],
    ));
    assert!(text.contains("<draw:frame svg:width=\"3cm\"><draw:text-box><text:p>記入済み</text:p>"), "{text}");
}

#[test]
fn hidden_sheets_rows_slides_and_texts_are_shown_and_said() {
    let hides = "<style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>";
    let row = "<table:table table:name=\"二\"><table:table-row table:visibility=\"collapse\"><table:table-cell><text:p>隠し行</text:p></table:table-cell></table:table-row></table:table>";
    let noted = |name: &str, bytes: &[u8]| {
        let done = run(name, bytes, &[]);
        assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{:?} {:?}", done.report, done.violation);
        done.report
            .findings
            .noted
            .iter()
            .map(|f| format!("{} {}", f.what.code(), f.place))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let sheet = noted("h.ods", &Odf::sheet("").styles(hides).after(row).bytes());
    assert_eq!(sheet, "hidden_sheet_shown content.xml#集計表; hidden_row_shown content.xml");
    let hides = "<style:style style:name=\"dp1\" style:family=\"drawing-page\"><style:drawing-page-properties presentation:visibility=\"hidden\"/></style:style>";
    assert_eq!(noted("h.odp", &Odf::slide("").styles(hides).bytes()), "hidden_slide_shown content.xml#一枚目");
    let text = "<text:p><text:hidden-text text:condition=\"ooow:1==1\" text:string-value=\"秘密\"/></text:p><text:section text:name=\"s\" text:display=\"none\"><text:p>節</text:p></text:section>";
    assert_eq!(noted("h.odt", &Odf::text(text).bytes()), "hidden_text_shown content.xml");
    assert!(
        check(&loses("h.odt", Odf::text(text).bytes(), &[], &[], &["text:display"])).contains("<text:p>秘密</text:p>")
    );
}

/// A document such as a city hall writes: furigana, vertical writing, merged cells, 機種依存文字, a picture, a chart, a formula.
fn ordinary() -> Odf {
    let styles = "<style:page-layout style:name=\"縦\"><style:page-layout-properties style:writing-mode=\"tb-rl\" fo:page-width=\"21cm\"/></style:page-layout><style:style style:name=\"P1\" style:family=\"paragraph\"><style:text-properties style:font-name-asian=\"ＭＳ 明朝\" style:font-size-asian=\"10.5pt\"/></style:style>";
    let body = format!(
        "<text:p text:style-name=\"P1\">関守市　<text:ruby><text:ruby-base>髙橋</text:ruby-base><text:ruby-text>たかはし</text:ruby-text></text:ruby>①㈱<text:s text:c=\"2\"/>終</text:p>\
         <table:table table:name=\"表1\"><table:table-column table:number-columns-repeated=\"2\"/><table:table-row><table:table-cell table:number-columns-spanned=\"2\"><text:p>氏名</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table>\
         {}{}{}<text:p><text:a xlink:type=\"simple\" xlink:href=\"https://a.invalid/x\">案内</text:a><office:annotation><dc:creator>渡邉</dc:creator><text:p>確認</text:p></office:annotation></text:p>",
        frame(
            "<draw:image xlink:type=\"simple\" xlink:show=\"embed\" xlink:actuate=\"onLoad\" xlink:href=\"Pictures/1000.png\"/>"
        ),
        frame("<draw:object xlink:href=\"./Object 7\"/><draw:image xlink:href=\"./ObjectReplacements/Object 7\"/>"),
        frame("<draw:object xlink:href=\"./Object 9\"/>"),
    );
    let chart = content(
        "",
        "chart",
        "<chart:chart chart:class=\"chart:bar\" xlink:href=\"..\"><chart:title><text:p>件数</text:p></chart:title><chart:plot-area table:cell-range-address=\"集計表.A1:集計表.B3\"/></chart:chart>",
    );
    let formula = "<math:math xmlns:math=\"http://www.w3.org/1998/Math/MathML\"><math:semantics><math:mfrac><math:mn>1</math:mn><math:mi>n</math:mi></math:mfrac><math:annotation encoding=\"StarMath 5.0\">1 over n</math:annotation></math:semantics></math:math>";
    let settings = "<office:document-settings xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:config=\"urn:oasis:names:tc:opendocument:xmlns:config:1.0\" xmlns:ooo=\"http://openoffice.org/2004/office\"><office:settings><config:config-item-set config:name=\"ooo:configuration-settings\"><config:config-item config:name=\"TabOverflow\" config:type=\"boolean\">true</config:config-item><config:config-item config:name=\"PrinterName\" config:type=\"string\">総務課LBP</config:config-item><config:config-item config:name=\"LinkUpdateMode\" config:type=\"short\">2</config:config-item></config:config-item-set></office:settings></office:document-settings>";
    let meta = "<office:document-meta xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\"><office:meta><dc:title>実施手順</dc:title><meta:initial-creator>渡邉</meta:initial-creator></office:meta></office:document-meta>";
    Odf::text(&body)
        .styles(styles)
        .part("Pictures/1000.png", png())
        .part("Object 7/content.xml", chart)
        .part("ObjectReplacements/Object 7", b"VCLMTF")
        .part("Object 9/content.xml", formula)
        .part("settings.xml", settings)
        .part("meta.xml", meta)
        .part("Thumbnails/thumbnail.png", png())
}

#[test]
fn an_ordinary_document_keeps_its_layout_and_its_text() {
    let text = check(&loses(
        "手順.odt",
        ordinary().bytes(),
        &[],
        &[],
        &["総務課LBP", "LinkUpdateMode", "VCLMTF", "initial-creator", "Object 7", "1000.png"],
    ));
    for kept in [
        "関守市　<text:ruby><text:ruby-base>髙橋</text:ruby-base><text:ruby-text>たかはし</text:ruby-text></text:ruby>①㈱<text:s text:c=\"2\"/>終",
        "style:writing-mode=\"tb-rl\"",
        "table:number-columns-spanned=\"2\"",
        "xlink:href=\"Pictures/image1.png\"",
        "xlink:href=\"./Object 1\"",
        "chart:class=\"chart:bar\"",
        "1 over n",
        "TabOverflow",
        "config:name=\"ooo:configuration-settings\"",
        "<dc:title>実施手順</dc:title>",
        "xlink:href=\"https://a.invalid/x\"",
        "<dc:creator>渡邉</dc:creator>",
        "mimetypeapplication/vnd.oasis.opendocument.text\n",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

/// LibreOffice opens no package whose manifest states another version than its document.
#[test]
fn the_manifest_states_the_version_of_the_document() {
    // One that nobody knows becomes one that the manifest can state.
    for (given, version) in [("1.2", "1.2"), ("1.3", "1.3"), ("1.4", "1.4"), ("5.3", "1.3"), ("x", "1.3")] {
        let office = Odf::text("<text:p>本文</text:p>");
        let xml = office.content().replace("office:version=\"1.3\"", &format!("office:version=\"{given}\""));
        let package = zip(&[
            Member::new("mimetype", "application/vnd.oasis.opendocument.text"),
            Member::new("content.xml", xml),
            Member::new(
                "meta.xml",
                "<office:document-meta xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><office:meta><dc:title>題</dc:title></office:meta></office:document-meta>",
            ),
        ]);
        let text = check(&loses("version.odt", package, &[], &[], &["zz"]));
        assert_eq!(text.matches(&format!("manifest:version=\"{version}\"")).count(), 2, "{text}");
        assert_eq!(text.matches(&format!("office:version=\"{version}\"")).count(), 2, "{text}");
    }
}

/// What says which cells an embedded sheet shows, without which LibreOffice shows none.
#[test]
fn an_embedded_sheet_keeps_the_area_that_is_shown() {
    let settings = |name: &str| {
        format!(
            "<office:document-settings xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:config=\"urn:oasis:names:tc:opendocument:xmlns:config:1.0\" xmlns:ooo=\"http://openoffice.org/2004/office\"><office:settings><config:config-item-set config:name=\"ooo:view-settings\"><config:config-item config:name=\"{name}\" config:type=\"int\">9032</config:config-item></config:config-item-set></office:settings></office:document-settings>"
        )
    };
    let package = |name: &str| {
        Odf::text(&frame("<draw:object xlink:href=\"./Object 7\"/>"))
            .part("Object 7/content.xml", Odf::sheet("").content())
            .part("Object 7/settings.xml", settings(name))
            .bytes()
    };
    let text = check(&loses("sheet.odt", package("VisibleAreaWidth"), &[], &[], &["Object 7"]));
    assert!(text.contains("Object 1/settings.xml") && text.contains("VisibleAreaWidth"), "{text}");
    let text = check(&loses("printer.odt", package("PrinterName"), &[], &[], &["PrinterName"]));
    assert!(text.contains("Object 1/content.xml"), "{text}");
}

#[test]
fn every_kind_and_its_template_stays_what_it_is() {
    for (name, odf, format) in [
        ("a.ott", Odf::text("").with_media("text-template"), Format::Ott),
        ("a.ots", Odf::sheet("").with_media("spreadsheet-template"), Format::Ots),
        ("a.otp", Odf::slide("").with_media("presentation-template"), Format::Otp),
        ("a.odg", Odf { body: "drawing", ..Odf::slide("") }.with_media("graphics"), Format::Odg),
        ("renamed.docx", Odf::text(""), Format::Odt),
    ] {
        let done = run(name, &odf.bytes(), &[]);
        assert_eq!(done.outcome.rebuilt().map(|r| r.format), Some(format), "{:?}", done.report);
    }
    let done = run("a.odb", &Odf::text("").with_media("base").bytes(), &[]);
    assert_eq!(done.report.reason.map(|r| r.code.code()), Some("odf_kind"));
}

#[test]
fn prefixes_of_the_files_own_choice_mean_what_they_are_bound_to() {
    let odf = Odf::sheet(&cell("q:=SUM([.A1])")).bytes();
    assert_eq!(run("a.ods", &odf, &[]).report.findings.removed[0].what.code(), "dangerous_formula");
    let xml = Odf::sheet(&cell("q:=SUM([.A1])"))
        .content()
        .replace("xmlns:of=", "xmlns:q=")
        .replace("text:p>", "t:p>")
        .replace("xmlns:text=", "xmlns:t=");
    let media = "application/vnd.oasis.opendocument.spreadsheet";
    let text =
        check(&loses("a.ods", zip(&[Member::new("mimetype", media), Member::new("content.xml", xml)]), &[], &[], &[]));
    assert!(text.contains("table:formula=\"of:=SUM([.A1])\"") && text.contains("<text:p>本文</text:p>"), "{text}");
    // The prefix of OpenFormula bound to something else is not OpenFormula.
    let xml = Odf::sheet(&cell("of:=SUM([.A1])"))
        .content()
        .replace("urn:oasis:names:tc:opendocument:xmlns:of:1.2", "urn:other");
    let bytes = zip(&[Member::new("mimetype", media), Member::new("content.xml", xml)]);
    assert_eq!(run("a.ods", &bytes, &[]).report.findings.removed[0].what.code(), "dangerous_formula");
}

/// A member encrypted as LibreOffice writes it, and its entry in the manifest.
fn protect(path: &str, content: &str, password: &str) -> (Vec<u8>, String) {
    let mut packed = Vec::with_capacity(content.len() + 100);
    Compress::new(Compression::new(6), false)
        .compress_vec(content.as_bytes(), &mut packed, FlushCompress::Finish)
        .unwrap();
    let checksum = Sha256::digest(&packed[..packed.len().min(1024)]);
    let padding = 16 - packed.len() % 16;
    packed.extend(std::iter::repeat_n(u8::try_from(padding).unwrap(), padding));
    let mut key = [0_u8; 32];
    pbkdf2::pbkdf2_hmac::<sha1::Sha1>(&Sha256::digest(password), b"salt of 16 bytes", 1000, &mut key);
    let cipher = aes::Aes256::new_from_slice(&key).unwrap();
    let (mut out, mut chain) = (Vec::new(), *b"vector of 16 byt");
    for plain in packed.chunks_exact(16) {
        let mut block = Block::<aes::Aes256>::default();
        block.iter_mut().zip(plain.iter().zip(chain)).for_each(|(to, (a, b))| *to = a ^ b);
        cipher.encrypt_block(&mut block);
        chain.copy_from_slice(&block);
        out.extend(chain);
    }
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let entry = format!(
        "<manifest:file-entry manifest:full-path=\"{path}\" manifest:media-type=\"text/xml\" manifest:size=\"{}\"><manifest:encryption-data manifest:checksum-type=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k\" manifest:checksum=\"{}\"><manifest:algorithm manifest:algorithm-name=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\" manifest:initialisation-vector=\"{}\"/><manifest:key-derivation manifest:key-derivation-name=\"PBKDF2\" manifest:key-size=\"32\" manifest:iteration-count=\"1000\" manifest:salt=\"{}\"/><manifest:start-key-generation manifest:start-key-generation-name=\"http://www.w3.org/2000/09/xmldsig#sha256\" manifest:key-size=\"32\"/></manifest:encryption-data></manifest:file-entry>",
        content.len(),
        base64(&checksum),
        base64(b"vector of 16 byt"),
        base64(b"salt of 16 bytes")
    );
    (out, entry)
}

#[test]
fn a_manifest_of_openoffice_may_name_its_type_and_declare_nothing() {
    let document = |doctype: &str| {
        let manifest = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{doctype}\n<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.oasis.opendocument.text\"/></manifest:manifest>"
        );
        let bytes = zip(&[
            Member::new("mimetype", "application/vnd.oasis.opendocument.text"),
            Member::new("content.xml", Odf::text("").content()),
            Member::new("META-INF/manifest.xml", manifest),
        ]);
        run("a.odt", &bytes, &[])
    };
    let old = "<!DOCTYPE manifest:manifest PUBLIC \"-//OpenOffice.org//DTD Manifest 1.0//EN\" \"Manifest.dtd\">";
    let done = document(old);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    let text = inflate_all(&rebuilt.bytes);
    assert!(text.contains("本文です") && !text.contains("DOCTYPE"), "{text}");
    let done = document("<!DOCTYPE m [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>");
    assert_eq!(done.report.reason.map(|r| r.code.code()), Some("bad_xml"));
}

#[test]
fn a_protected_document_is_held_until_its_password_fits() {
    let (content, entry) = protect("content.xml", &Odf::text("").content(), "ひみつ");
    let manifest = format!(
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.oasis.opendocument.text\"/>{entry}</manifest:manifest>"
    );
    let bytes = zip(&[
        Member::new("mimetype", "application/vnd.oasis.opendocument.text"),
        Member::new("content.xml", content),
        Member::new("META-INF/manifest.xml", manifest),
    ]);
    for passwords in [&[][..], &["wrong"]] {
        let done = run("a.odt", &bytes, passwords);
        assert_eq!(done.report.reason.map(|r| r.code.code()), Some("password_needed"));
    }
    let done = run("a.odt", &bytes, &["wrong", "ひみつ"]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert!(inflate_all(&rebuilt.bytes).contains("本文です"));
    assert_eq!(rebuilt.findings.noted[0].what.code(), "decrypted");
}

#[test]
fn a_form_of_libreoffice_keeps_its_text_and_loses_its_macro() {
    let text = check(&loses(
        "様式.odt",
        include_bytes!("fixtures/form.odt").to_vec(),
        &["macro"],
        &[],
        &["execute-macro", "LibreOffice"],
    ));
    for kept in [
        "<text:ruby-base>髙橋</text:ruby-base>",
        "﨑（架空）①㈱",
        "style:writing-mode=\"tb-rl\"",
        "令和八年四月一日から",
        "記入例",
        "実行",
    ] {
        assert!(text.contains(kept), "{kept}");
    }
}

#[test]
fn comments_and_changes_go_when_the_policy_says_so() {
    let policy = Policy::from_toml("[office]\ncomments = \"drop\"\n").unwrap();
    let changes = "<text:tracked-changes><text:changed-region text:id=\"c1\"><text:deletion><office:change-info><dc:creator>渡邉</dc:creator></office:change-info><text:p>旧文</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>新<text:change text:change-id=\"c1\"/><office:annotation><text:p>内緒</text:p></office:annotation></text:p>";
    let done = sanitize("a.odt", &Odf::text(changes).bytes(), &policy, &[], Budget::default());
    let lost: Vec<_> = done.report.findings.lost.iter().map(|f| f.what.code()).collect();
    assert_eq!(lost, ["tracked_change", "comment"], "{:?} {:?}", done.report, done.violation);
    let text = inflate_all(&done.outcome.rebuilt().unwrap().bytes);
    assert!(
        text.contains("新") && !text.contains("旧文") && !text.contains("内緒") && !text.contains("text:change"),
        "{text}"
    );
    let rtf = b"{\\rtf1\\ansi a{\\deleted kyuu}{\\revised shin}{\\*\\atnauthor d}{\\*\\annotation naisho}\\par}";
    let done = sanitize("a.rtf", rtf, &policy, &[], Budget::default());
    let text = String::from_utf8(done.outcome.rebuilt().unwrap().bytes.clone()).unwrap();
    assert!(text.contains("shin") && !text.contains("kyuu") && !text.contains("naisho"), "{text}");
}

#[test]
fn moves_inside_of_a_presentation_stay() {
    let listener = "<draw:custom-shape><office:event-listeners><presentation:event-listener script:event-name=\"dom:click\" presentation:action=\"next-page\"/></office:event-listeners><text:p>次へ</text:p></draw:custom-shape>";
    let text = check(&loses("a.odp", Odf::slide(listener).bytes(), &[], &[], &[]));
    assert!(
        text.contains("presentation:action=\"next-page\"") && text.contains("script:event-name=\"dom:click\""),
        "{text}"
    );
}

#[test]
fn a_picture_that_names_no_file_becomes_the_placeholder_once_and_for_all() {
    let office = Odf::text("<text:p>図<draw:frame draw:name=\"a\"><draw:image/></draw:frame></text:p>");
    let first = run("a.odt", &office.bytes(), &[]);
    let first = first.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", first.report, first.violation));
    assert!(inflate_all(&first.bytes).contains("xlink:href=\"Pictures/image1.png\" xlink:type=\"simple\""));
    let again = run("a.odt", &first.bytes, &[]);
    assert!(again.outcome.rebuilt().is_some_and(|second| second.bytes == first.bytes), "a second pass changes nothing");
}
