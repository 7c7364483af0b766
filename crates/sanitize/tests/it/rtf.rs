//! RTF: what stays, and threat rows 3 to 6, 10 and 20.

use sanitize::{Ending, Format, Policy, verify};

use super::build::png;
use super::nasty::{Case, check, loses, refused, run};

fn rtf(inside: &str) -> Vec<u8> {
    format!("{{\\rtf1\\ansi\\ansicpg932\\deff0{{\\fonttbl{{\\f0\\fnil\\fcharset128 MS Mincho;}}{{\\f1\\fnil\\fcharset0 Arial;}}}}\\pard\\f0 {inside} honbun\\par}}").into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The rebuilt document as text.
fn out(bytes: &[u8]) -> String {
    let done = run("a.rtf", bytes, &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert_eq!(rebuilt.format, Format::Rtf);
    String::from_utf8(rebuilt.bytes.clone()).unwrap()
}

fn field(instruction: &str) -> Vec<u8> {
    rtf(&format!("{{\\field{{\\*\\fldinst {{{instruction}}}}}{{\\fldrslt kekka}}}}"))
}

pub(crate) fn nasty() -> Vec<Case> {
    let object = |words: &str, class: &str| {
        rtf(&format!(
            "{{\\object{words}{{\\*\\objclass {class}}}{{\\*\\objdata 0105000002000000}}{{\\result {{\\pict\\pngblip {}}}}}}}",
            hex(&png())
        ))
    };
    let picture = |words: &str, data: &str| rtf(&format!("{{\\pict{words} {data}}}"));
    let gone = &["objdata", "01050000", "object"];
    vec![
        loses("embedded.rtf", object("\\objemb", "Package"), &[], &["ole_object"], gone),
        loses("equation.rtf", object("\\objemb", "Equation.3"), &["ole_object"], &[], &["objdata", "Equation"]),
        loses(
            "update.rtf",
            object("\\objautlink\\objupdate", "Word.Document"),
            &["external_link"],
            &[],
            &["objupdate", "objdata"],
        ),
        loses("ocx.rtf", object("\\objocx", "Shell.Explorer.1"), &["activex"], &[], &["Shell"]),
        loses("bare-data.rtf", rtf("{\\objdata 0105000002000000}"), &["ole_object"], &[], gone),
        loses("starred-data.rtf", rtf("{\\*\\objdata\\bin4 }}{{05}"), &["ole_object"], &[], &["objdata", "}}{{"]),
        loses(
            "template.rtf",
            rtf("{\\*\\template http://a.invalid/t.dotm}"),
            &["remote_template"],
            &[],
            &["a.invalid"],
        ),
        loses("files.rtf", rtf("{\\*\\filetbl {\\file \\fid1 a.invalid}}"), &["external_link"], &[], &["a.invalid"]),
        loses("dde.rtf", field("DDEAUTO cmd \"/c calc\""), &["dde"], &[], &["DDE", "calc"]),
        loses("split.rtf", field("DD{\\b E}AUTO cmd x"), &["dde"], &[], &["AUTO"]),
        loses("unicode.rtf", field("\\u68?DEAUTO cmd x"), &["dde"], &[], &["DEAUTO"]),
        loses("include.rtf", field("INCLUDEPICTURE \"http://a.invalid/p.png\""), &["field"], &[], &["a.invalid"]),
        loses("link.rtf", field("HYPERLINK \"file:////a.invalid/s\""), &["unsafe_link"], &[], &["a.invalid"]),
        loses(
            "nested.rtf",
            rtf("{\\field{\\*\\fldinst HYPERLINK {\\field{\\*\\fldinst DDE a b}{\\fldrslt x}}}{\\fldrslt kekka}}"),
            &["dde", "unsafe_link"],
            &[],
            &["DDE", "HYPERLINK"],
        ),
        loses(
            "fragments.rtf",
            rtf(
                "{\\shp{\\*\\shpinst\\shpleft1{\\sp{\\sn pFragments}{\\sv 1;1;ffffffff}}{\\sp{\\sn shapeType}{\\sv 202}}{\\sp{\\sn pihlShape}{\\sv {\\*\\hl{\\hlloc http://a.invalid/}}}}{\\shptxt naka\\par}}}",
            ),
            &["unsafe_link"],
            &[],
            &["pFragments", "a.invalid"],
        ),
        loses("emf.rtf", picture("\\emfblip", "010000006C000000"), &[], &["metafile"], &["6C000000", "emfblip"]),
        loses("wmf.rtf", picture("\\wmetafile8", "0100090000030000"), &[], &["metafile"], &["wmetafile"]),
        loses("dib.rtf", picture("\\dibitmap0", "2800000001000000"), &[], &["picture"], &["dibitmap"]),
        loses("fake.rtf", picture("\\pngblip", "4D5A9000"), &[], &["picture"], &["4d5a9000"]),
        loses("font.rtf", rtf("{\\*\\fontemb {\\*\\fontfile a}}"), &[], &["font"], &["fontemb"]),
        loses("trailing.rtf", [rtf(""), b"MZ trailing".to_vec()].concat(), &["trailing_data"], &[], &["trailing"]),
        loses(
            "theme.rtf",
            rtf("{\\*\\themedata 504b0304}{\\*\\datastore 0105}{\\*\\unknown x{y}z}"),
            &[],
            &[],
            &["504b", "0105", "unknown"],
        ),
        refused("open.rtf", b"{\\rtf1 {\\b abc}".to_vec(), "damaged"),
        refused("deep.rtf", rtf(&format!("{}{}", "{\\b ".repeat(400), "}".repeat(400))), "limit_nesting"),
        refused("nothing.rtf", b"{\\rtf1{\\*\\objdata 00}}".to_vec(), "nothing_left"),
        refused("bin.rtf", b"{\\rtf1 a\\bin99999999 x}".to_vec(), "damaged"),
    ]
}

#[test]
fn nothing_active_stays_in_rich_text() {
    for case in nasty() {
        check(&case);
        if case.ending != Ending::Refused {
            let text = out(&case.bytes);
            assert!(text.contains("honbun"), "{}", case.name);
            for gone in case.gone {
                assert!(!text.contains(gone), "{}: {gone} in {text}", case.name);
            }
        }
    }
}

#[test]
fn japanese_is_right_however_it_was_written() {
    // 表 (95 5C), with its second byte as a code, as a character and as an escaped one; ソ, 能, ① and ㈱ of CP932.
    let text = out(&rtf(
        "\\'95\\'5c\\'83\\'5c\\'94\\'5c \\'95\\\\ \\'87\\'40\\'87\\'8a \\u39641?\\u27211?\\u-10174?\\u-8289?{\\f1 caf\\'e9}",
    ));
    let wanted: String = "表ソ能 表 ①㈱ 髙橋𠮟"
        .chars()
        .map(|c| match c {
            ' ' => " ".to_owned(),
            c => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{}?", unit.cast_signed())).collect(),
        })
        .collect();
    assert!(text.contains(&wanted), "{wanted} in {text}");
    assert!(text.contains("caf\\u233?"), "{text}");
    // Two bytes of fallback, and none.
    let text = out(&rtf("\\uc2\\u34920\\'95\\'5c\\uc0\\u34920 a"));
    assert!(text.contains("\\u-30616?\\u-30616?a"), "{text}");
    let raw = [b"{\\rtf1\\ansi\\ansicpg932 ".as_slice(), &encoding_rs::SHIFT_JIS.encode("表示").0, b"}"].concat();
    assert!(out(&raw).contains("\\u-30616?\\u31034?"));
}

#[test]
fn layout_stays() {
    let source = rtf(&format!(
        "\\paperw11906\\paperh16838\\stextflow1{{\\header midashi\\par}}{{\\b\\fs32 futoji}}\\trowd\\cellx2000\\clvmgf\\cellx4000\\intbl a\\cell b\\cell\\row\
         {{\\field{{\\*\\fldinst PAGE}}{{\\fldrslt 1}}}}{{\\field{{\\*\\fldinst HYPERLINK \"https://a.invalid/\"}}{{\\fldrslt link}}}}\
         {{\\field{{\\*\\fldinst EQ \\\\* jc2 \\\\o\\\\ad(\\\\s\\\\up 9(ruby),kanji)}}{{\\fldrslt }}}}{{\\*\\listtable{{\\list\\listtemplateid1{{\\listlevel\\levelnfc0{{\\leveltext\\'02\\'00.;}}{{\\levelnumbers\\'01;}}}}\\listid1}}}}\
         {{\\pict\\pngblip\\picwgoal500 {}}}{{\\info{{\\title hyodai}}{{\\author dare}}}}",
        hex(&png())
    ));
    let text = out(&source);
    for kept in [
        "\\paperw11906 \\paperh16838 \\stextflow1 {\\header midashi\\par }",
        "{\\b \\fs32 futoji}",
        "\\trowd \\cellx2000 \\clvmgf \\cellx4000 \\intbl a\\cell b\\cell \\row ",
        "{\\*\\fldinst PAGE}",
        "HYPERLINK \"https://a.invalid/\"",
        "EQ \\\\* jc2",
        "{\\leveltext \\'02\\'00.;}{\\levelnumbers \\'01;}",
        "\\picwgoal500 \\pngblip 89504e47",
        "{\\info {\\title hyodai}}",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(!text.contains("dare"));
    let noted: Vec<_> = run("a.rtf", &source, &[]).report.findings.noted.iter().map(|f| f.what.code()).collect();
    assert_eq!(noted, ["metadata"]);
}

#[test]
fn hidden_text_is_shown_and_comments_stay() {
    let source = rtf("{\\v kakushi}{\\*\\atnid k}{\\*\\atnauthor dare}\\chatn{\\*\\annotation {\\*\\atnref 1}komento}");
    let text = out(&source);
    assert!(text.contains("{kakushi}") && text.contains("komento"), "{text}");
    let noted: Vec<_> = run("a.rtf", &source, &[]).report.findings.noted.iter().map(|f| f.what.code()).collect();
    assert_eq!(noted, ["hidden_text_shown", "comment"]);
}

#[test]
fn the_verifier_takes_no_other_word_byte_or_picture() {
    let head = "{\\rtf1 \\ansi \\ansicpg932 \\uc1 ";
    let judge = |inside: &str| verify(format!("{head}{inside}}}").as_bytes(), Format::Rtf, &Policy::default());
    judge("abc\\par {\\b x}\\u12354?").unwrap();
    for bad in [
        "{\\*\\objdata 00}",
        "\\objupdate ",
        "\\'82\\'a0",
        "\\u55296?",
        "{\\pict \\pngblip 4d5a}",
        "{\\pict \\emfblip 00}",
        "{\\field {\\*\\fldinst DDE a b}{\\fldrslt x}}",
        "{\\field {\\*\\fldinst HYPERLINK \"file://a\"}{\\fldrslt x}}",
        "{\\sp {\\sn pFragments}{\\sv 1}}",
        "{\\sp {\\sn shapeType}{\\sv x}}",
        "{\\info {\\author a}}",
        "\\bin4 abcd",
        "}x",
        "あ",
    ] {
        assert!(judge(bad).is_err(), "{bad}");
    }
}
