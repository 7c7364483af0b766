//! Threat rows 1 to 5, 10, 16 and 20 in OpenDocument.

use sanitize::Ending;

use super::build::{Member, png, zip};
use super::nasty::{Case, check, loses, refused};
use super::odf::{Odf, cell, frame};

fn listener(inside: &str) -> String {
    format!(
        "<draw:custom-shape><office:event-listeners>{inside}</office:event-listeners><text:p>図形</text:p></draw:custom-shape>"
    )
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn active() -> Vec<Case> {
    let href = |element: &str, href: &str| format!("<{element} xlink:type=\"simple\" xlink:href=\"{href}\"/>");
    let script = "<script:event-listener script:language=\"ooo:script\" script:event-name=\"dom:load\" xlink:href=\"vnd.sun.star.script:Standard.Module1.Main?language=Basic\"/>";
    let odt = |content: &str| Odf::text(content).bytes();
    let link = |href: &str| {
        odt(&format!("<text:p><text:a xlink:type=\"simple\" xlink:href=\"{href}\">押す</text:a></text:p>"))
    };
    vec![
        loses(
            "basic.odt",
            Odf::text("").part("Basic/Standard/Module1.xml", "<script:module>Sub Main</script:module>").part("Basic/script-lc.xml", "<x/>").bytes(),
            &["macro"],
            &[],
            &["Basic", "Sub Main"],
        ),
        loses("python.odt", Odf::text("").part("Scripts/python/a.py", "import os").bytes(), &["macro"], &[], &["import os"]),
        loses(
            "event.odt",
            Odf::text("").before(&format!("<office:scripts><office:event-listeners>{script}</office:event-listeners></office:scripts>")).bytes(),
            &["macro"],
            &[],
            &["vnd.sun.star.script"],
        ),
        loses("shape.odp", Odf::slide(&listener(script)).bytes(), &["macro"], &[], &["vnd.sun.star.script"]),
        loses(
            "run.odp",
            Odf::slide(&listener("<presentation:event-listener script:event-name=\"dom:click\" presentation:action=\"execute\" xlink:href=\"file:///c:/a.exe\"/>")).bytes(),
            &["launch_action"],
            &[],
            &["a.exe"],
        ),
        loses("javascript.odt", link("javascript:alert(1)"), &["unsafe_link"], &[], &["javascript"]),
        loses("file.odt", link("file:///c:/windows/a.exe"), &["unsafe_link"], &[], &["a.exe"]),
        loses("macro-link.odt", link("vnd.sun.star.script:a?language=Basic"), &["unsafe_link"], &[], &["vnd.sun.star"]),
        loses("relative.odt", link("../a.bat"), &["unsafe_link"], &[], &["a.bat"]),
        loses("remote.odt", odt(&frame(&href("draw:image", "http://a.invalid/p.png"))), &["remote_image"], &[], &["a.invalid"]),
        loses("unc.odt", odt(&frame(&href("draw:image", "//a.invalid/s/p.png"))), &["remote_image"], &[], &["a.invalid"]),
        loses("climb.odt", odt(&frame(&href("draw:image", "../../etc/p.png"))), &["remote_image"], &[], &["etc"]),
        loses("frame.odt", odt(&frame(&href("draw:floating-frame", "http://a.invalid/"))), &["frame"], &[], &["a.invalid", "floating"]),
        loses("applet.odt", odt(&frame(&href("draw:applet", "http://a.invalid/"))), &["script"], &[], &["a.invalid", "applet"]),
        loses("plugin.odt", odt(&frame(&href("draw:plugin", "Media/a.mp4"))), &[], &["media"], &["plugin"]),
        loses(
            "ole.odt",
            Odf::text(&frame(&format!("{}{}", href("draw:object-ole", "./Object 1"), href("draw:image", "./ObjectReplacements/Object 1"))))
                .part("Object 1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 OLE payload")
                .part("ObjectReplacements/Object 1", png())
                .bytes(),
            &[],
            &["ole_object"],
            &["payload", "object-ole"],
        ),
        loses("outside.odt", odt(&frame(&href("draw:object", "file:///c:/a.ods"))), &["external_link"], &[], &["a.ods"]),
        loses(
            "dde.odt",
            Odf::text("<text:dde-connection-decls><text:dde-connection-decl office:name=\"d\" office:dde-application=\"soffice\" office:dde-topic=\"a.invalid\" office:dde-item=\"x\"/></text:dde-connection-decls><text:p><text:dde-connection text:connection-name=\"d\">結果</text:dde-connection></text:p>").bytes(),
            &["dde"],
            &[],
            &["a.invalid", "dde"],
        ),
        loses(
            "dde.ods",
            Odf::sheet("").after("<table:dde-links><table:dde-link><office:dde-source office:dde-application=\"cmd\" office:dde-topic=\"a.invalid\"/></table:dde-link></table:dde-links>").bytes(),
            &["dde"],
            &[],
            &["a.invalid", "dde"],
        ),
        loses(
            "include.odt",
            odt("<text:section text:name=\"s\"><text:section-source xlink:href=\"http://a.invalid/b.odt\"/><text:p>節</text:p></text:section>"),
            &["external_link"],
            &[],
            &["a.invalid"],
        ),
        loses("run-macro.odt", odt("<text:p><text:execute-macro text:name=\"M\">実行</text:execute-macro></text:p>"), &["macro"], &[], &["execute-macro"]),
        loses("script.odt", odt("<text:p><text:script script:language=\"JavaScript\">alert(1)</text:script></text:p>"), &["script"], &[], &["alert"]),
        loses(
            "database.odt",
            odt("<text:p><text:database-display text:database-name=\"db\" text:table-name=\"t\" text:column-name=\"c\">値</text:database-display></text:p>"),
            &["connection"],
            &[],
            &["database"],
        ),
        loses("toolbar.odt", Odf::text("").part("Configurations2/toolbar/a.xml", "<toolbar/>").bytes(), &["custom_ui"], &[], &["toolbar"]),
        loses("stowaway.odt", Odf::text("").part("a.exe", "MZ stowaway").bytes(), &["unknown_part"], &[], &["stowaway"]),
        loses("signed.odt", Odf::text("").part("META-INF/documentsignatures.xml", "<s/>").bytes(), &[], &["signature"], &["signatures"]),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn values() -> Vec<Case> {
    let style = |inside: &str| {
        Odf::text("")
            .styles(&format!("<style:style style:name=\"x\" style:family=\"paragraph\">{inside}</style:style>"))
            .bytes()
    };
    let sheet = |formula: &str| Odf::sheet(&cell(formula)).bytes();
    vec![
        loses("dde-formula.ods", sheet("of:=DDE(&quot;cmd&quot;;&quot;/c calc&quot;;&quot;x&quot;)"), &["dde"], &[], &["DDE"]),
        loses("webservice.ods", sheet("of:=COM.MICROSOFT.WEBSERVICE(&quot;http://a.invalid&quot;)"), &["dangerous_formula"], &[], &["a.invalid"]),
        loses("hyperlink.ods", sheet("of:=HYPERLINK(&quot;file:///a&quot;)"), &["dangerous_formula"], &[], &["HYPERLINK"]),
        loses("other.ods", sheet("of:=['file:///c:/b.ods'#$Sheet1.A1]"), &["external_workbook"], &[], &["b.ods"]),
        loses("dialect.ods", sheet("msoxl:=CALL(1)"), &["dangerous_formula"], &[], &["CALL"]),
        loses(
            "linked.ods",
            Odf::sheet("").after("<table:table table:name=\"外\"><table:table-source xlink:href=\"file:///c:/b.ods\"/></table:table>").bytes(),
            &["external_workbook"],
            &[],
            &["b.ods"],
        ),
        loses(
            "range.ods",
            Odf::sheet("<table:table-cell><table:cell-range-source table:name=\"x\" xlink:href=\"http://a.invalid/\"/><text:p>値</text:p></table:table-cell>").bytes(),
            &["external_workbook"],
            &[],
            &["a.invalid"],
        ),
        loses(
            "validation.ods",
            Odf::sheet("").after("<table:content-validations><table:content-validation table:name=\"v\" table:condition=\"of:is-true-formula(WEBSERVICE(1))\"><table:error-macro table:execute=\"true\"/></table:content-validation></table:content-validations>").bytes(),
            &["dangerous_formula", "macro"],
            &[],
            &["WEBSERVICE", "error-macro"],
        ),
        loses(
            "name.ods",
            Odf::sheet("").after("<table:named-expressions><table:named-expression table:name=\"n\" table:expression=\"of:=DDE(1)\"/></table:named-expressions>").bytes(),
            &["dde"],
            &[],
            &["DDE"],
        ),
        loses(
            "pivot.ods",
            Odf::sheet("").after("<table:data-pilot-tables><table:data-pilot-table table:name=\"p\"/></table:data-pilot-tables>").bytes(),
            &[],
            &["pivot_table"],
            &["pilot"],
        ),
        loses(
            "font.odt",
            Odf::text("").before("<office:font-face-decls><style:font-face style:name=\"f\"><svg:font-face-src><svg:font-face-uri xlink:href=\"http://a.invalid/f.ttf\"/></svg:font-face-src></style:font-face></office:font-face-decls>").bytes(),
            &[],
            &["font"],
            &["a.invalid"],
        ),
        loses(
            "background.odt",
            style("<style:paragraph-properties><style:background-image xlink:href=\"http://a.invalid/b.png\"/></style:paragraph-properties>"),
            &["remote_image"],
            &[],
            &["a.invalid"],
        ),
        loses("svm.odt", Odf::text(&frame("<draw:image xlink:href=\"Pictures/a.svm\"/>")).part("Pictures/a.svm", b"VCLMTF\x01\0meta").bytes(), &[], &["metafile"], &["VCLMTF"]),
        loses("gone.odt", Odf::text(&frame("<draw:image xlink:href=\"Pictures/a.png\"/>")).bytes(), &[], &["picture"], &[]),
        refused("dtd.odt", {
            let odf = Odf::text("");
            let xml = odf.content().replacen("?>", "?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", 1);
            zip(&[Member::new("mimetype", "application/vnd.oasis.opendocument.text"), Member::new("content.xml", xml)])
        }, "dtd_not_allowed"),
        refused("other-type.odt", Odf::sheet("").with_media("text").bytes(), "polyglot"),
        refused("empty.odt", zip(&[Member::new("mimetype", "application/vnd.oasis.opendocument.text")]), "broken_container"),
        refused("deep.odt", Odf::text(&format!("{}{}", "<text:section>".repeat(300), "</text:section>".repeat(300))).bytes(), "limit_nesting"),
    ]
}

/// All cases of this file, by threat row.
pub(crate) fn cases() -> Vec<(u8, Vec<Case>)> {
    vec![(3, active()), (4, values())]
}

#[test]
fn nothing_active_stays_in_open_document() {
    for case in active().iter().chain(&values()) {
        let text = check(case);
        assert!(case.ending == Ending::Refused || text.contains("本文"), "{}", case.name);
    }
}
