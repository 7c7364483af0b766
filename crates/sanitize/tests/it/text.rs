//! Texts and tables of text.

use sanitize::{Ending, Format, Policy, verify};

use super::nasty::run;

fn passed(name: &str, bytes: &[u8]) -> Vec<u8> {
    let done = run(name, bytes, &[]);
    let rebuilt =
        done.outcome.rebuilt().unwrap_or_else(|| panic!("{name}: {:?} {:?}", done.report, done.violation)).clone();
    let again = run(&rebuilt.name, &rebuilt.bytes, &[]);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{name}: {:?} {:?}", again.report, again.violation);
    assert_eq!(again.outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "{name}: second pass");
    rebuilt.bytes
}

#[test]
fn a_text_stays_in_the_charset_it_came_in() {
    let text = "令和８年度　髙﨑①㈱ｱｲｳ、表ソ能。\r\nひらがなとカタカナの文章です。\r\n";
    for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::UTF_8] {
        let bytes = encoding.encode(text).0.into_owned();
        assert_eq!(passed("a.txt", &bytes), bytes, "{}", encoding.name());
    }
    let jis = encoding_rs::ISO_2022_JP.encode("関守市の文書です。").0.into_owned();
    assert_eq!(passed("a.txt", &jis), jis);
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(passed("a.txt", &utf16), utf16);
    let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(passed("a.csv", &bom), bom);
    // An accent alone is one; a character of a town's own (外字) stands among others, and has a place in Unicode.
    assert_eq!(passed("a.txt", b"Fr\xf6sche\r\n"), b"Fr\xf6sche\r\n");
    assert_eq!(passed("a.txt", b"\x93\x6e\xf6\x73\r\n"), "\u{feff}渡\u{e49b}\r\n".as_bytes());
}

#[test]
fn formulas_in_tables_are_neutralised_and_numbers_are_not() {
    let bytes = passed("a.csv", b"=1+2,\"=cmd|'/c calc'!A0\",-5,+81-3-1234-5678,@SUM(A1),-1+cmd|x,\xef\xbc\x9dA1,\" =A1\",-,a;=B1\r\n-100.5%,ok\r\n");
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        text,
        "'=1+2,\"'=cmd|'/c calc'!A0\",-5,+81-3-1234-5678,'@SUM(A1),'-1+cmd|x,'＝A1,\"' =A1\",-,a;'=B1\r\n-100.5%,ok\r\n"
    );
    let done = run("a.csv", b"=1+2,=3\n", &[]);
    assert_eq!(done.outcome.ending(), Ending::RebuiltWithLoss);
    assert_eq!(
        (done.report.findings.removed[0].what.code(), done.report.findings.removed[0].count),
        ("csv_formula", 2)
    );
    assert_eq!(String::from_utf8(passed("a.tsv", b"a\t=1+1\nsep=,\n")).unwrap(), "a\t'=1+1\nsep=,\n");
    assert_eq!(String::from_utf8(passed("s.csv", b"sep=|\na|=1+1\n")).unwrap(), "'sep=|\na|=1+1\n");
    let sjis = encoding_rs::SHIFT_JIS.encode("名称,=HYPERLINK(\"http://a.invalid\")\r\n").0.into_owned();
    assert!(encoding_rs::SHIFT_JIS.decode(&passed("j.csv", &sjis)).0.contains(",'=HYPERLINK"));
}

#[test]
fn the_verifier_takes_no_formula_and_no_control_character() {
    let policy = Policy::default();
    for (bytes, format) in [
        (b"a,=1+1\n".as_slice(), Format::Csv),
        (b"\"=1+1\"\n", Format::Csv),
        (b"sep=|\n", Format::Csv),
        (b"a\t@SUM(A1)\n", Format::Tsv),
        (b"a\x07b", Format::Txt),
        (b"MZ\x90\0", Format::Txt),
        (b"\xff\xfe\0", Format::Txt),
    ] {
        assert!(verify(bytes, format, &policy).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_control_character_makes_no_text_of_another_type() {
    for bytes in
        [&b"\x0e<html><script>x()</script></html>"[..], b"\x0cFrom: a@b.invalid\r\nTo: c@d.invalid\r\n\r\nx\r\n"]
    {
        let done = run("a.txt", bytes, &[]);
        assert_eq!(done.report.reason.map(|reason| reason.code.code()), Some("polyglot"));
    }
}

#[test]
fn controls_are_taken_out() {
    assert_eq!(passed("a.txt", b"a\x0cb\x1ac\n"), b"abc\n");
}
