//! Charsets of headers, names and texts, each against what was meant.

use sanitize::{Format, Policy, verify};
use serde_json::json;

use super::mail::rebuilt;

const MEANT: &str = "表ソ能十予 髙﨑①㈱№ｱｲｳｶﾞ ～―∥－";

/// Every text in every charset that has its characters, raw or encoded.
#[test]
fn texts_are_read_in_every_charset() {
    let nec = b"\x1b$BI=%=G=\x1b(B \x1b$B-!-j\x1b(B\x1b(I123\x1b(B";
    let sjis = encoding_rs::SHIFT_JIS.encode(MEANT).0.into_owned();
    let euc = encoding_rs::EUC_JP.encode(MEANT).0.into_owned();
    let utf16: Vec<u8> = MEANT.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (label, bytes, meant) in [
        ("ISO-2022-JP", nec.to_vec(), "表ソ能 ①㈱ｱｲｳ"),
        ("iso-2022-jp-ms", nec.to_vec(), "表ソ能 ①㈱ｱｲｳ"),
        ("CP50221", nec.to_vec(), "表ソ能 ①㈱ｱｲｳ"),
        ("us-ascii", nec.to_vec(), "表ソ能 ①㈱ｱｲｳ"),
        ("Shift_JIS", sjis.clone(), MEANT),
        ("cp932", sjis.clone(), MEANT),
        ("windows-31j", sjis.clone(), MEANT),
        ("ISO-2022-JP", sjis.clone(), MEANT),
        ("us-ascii", sjis, MEANT),
        ("EUC-JP", euc.clone(), MEANT),
        ("eucJP-ms", euc, MEANT),
        ("utf-8", MEANT.as_bytes().to_vec(), MEANT),
        ("iso-2022-jp", MEANT.as_bytes().to_vec(), MEANT),
        ("utf-16be", utf16, MEANT),
        ("utf-7", b"+iGgwvYD9- a+-b".to_vec(), "表ソ能 a+b"),
        ("unknown-8bit", MEANT.as_bytes().to_vec(), MEANT),
    ] {
        let content = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
        let mail = format!(
            "From: a@b.invalid\r\nTo: c@d.invalid\r\nSubject: x\r\nContent-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}\r\n"
        );
        let (made, read) = rebuilt(&format!("charset-{label}-{}.eml", bytes.len()), mail.as_bytes(), &[]);
        assert_eq!(read["text"], format!("{meant}\n"), "{label}");
        assert!(made.findings.lost.is_empty(), "{label} {:?}", made.findings);
    }
}

/// A mail of this text in ISO-2022-JP, in seven bits.
fn jis_mail(text: &str) -> Vec<u8> {
    let head =
        b"From: a@b.invalid\r\nTo: c@d.invalid\r\nSubject: x\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n";
    [head.as_slice(), &encoding_rs::ISO_2022_JP.encode(text).0, b"\r\n"].concat()
}

#[test]
fn a_text_in_iso_2022_jp_stays_so_unless_a_reader_or_a_relay_could_change_it() {
    let text = "予算要求の説明会を開催します。関係各課の御出席をお願いします。\r\n".repeat(20) + "\r\n以上 (Room 3)";
    let mail = jis_mail(&text);
    let (made, read) = rebuilt("jis-stays.eml", &mail, &[]);
    assert_eq!(read["text"], text.replace("\r\n", "\n") + "\n");
    let raw = String::from_utf8_lossy(&made.bytes);
    assert!(raw.contains("charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n"), "{raw}");
    assert!(made.bytes.len() * 10 < mail.len() * 11, "{} of {}", made.bytes.len(), mail.len());
    for other in ["予算①", "㈱関守", "以上\r\n.\r\n", "From の列", "空白 \r\n以上", &"長".repeat(500)] {
        let (made, read) = rebuilt("jis-becomes-utf8.eml", &jis_mail(other), &[]);
        assert_eq!(read["text"], other.replace("\r\n", "\n").trim_end().to_owned() + "\n");
        assert!(String::from_utf8_lossy(&made.bytes).contains("charset=UTF-8"), "{other}");
    }
}

#[test]
fn the_verifier_takes_iso_2022_jp_only_as_all_read_it() {
    let (made, _) = rebuilt("jis-verified.eml", &jis_mail("予算\r\n(a)"), &[]);
    let right = String::from_utf8(made.bytes).unwrap();
    let takes = |text: &str| verify(text.as_bytes(), Format::Eml, &Policy::default()).is_ok();
    assert!(takes(&right), "{right}");
    for (from, to) in [
        ("Subject: x", "Subject: \u{1b}$B=;;\u{1b}(B"),
        ("\u{1b}(B\r\n(a)", "\r\n(a)"),
        ("\u{1b}(B\r\n(a)", "\u{1b}(B \r\n(a)"),
        ("\u{1b}(B", "\u{1b}(J"),
        ("\u{1b}(B\r\n(a)", "\u{1b}(B\u{1b}(I123\u{1b}(B\r\n(a)"),
        ("\u{1b}$B", "\u{1b}$@"),
        ("\u{1b}$B", "\u{1b}$B!"),
        ("\u{1b}$B", "\u{1b}$B-!"),
        ("7bit", "base64"),
        ("ISO-2022-JP", "UTF-7"),
    ] {
        assert!(right.contains(from), "{from:?} {right:?}");
        assert!(!takes(&right.replacen(from, to, 1)), "{from:?} → {to:?}");
    }
}

#[test]
fn headers_are_read_however_they_are_written() {
    let sjis = |text: &str| encoding_rs::SHIFT_JIS.encode(text).0.into_owned();
    let euc = |text: &str| encoding_rs::EUC_JP.encode(text).0.into_owned();
    let jis = |text: &str| encoding_rs::ISO_2022_JP.encode(text).0.into_owned();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("raw CP932 with 5C bytes", sjis("表ソ能の予算、第①回について"), "表ソ能の予算、第①回について"),
        ("raw EUC-JP", euc("予算要求の説明会について（通知）"), "予算要求の説明会について（通知）"),
        ("raw in an encoded word", b"=?iso-8859-1?Q?Die_Fr\xf6sche?=".to_vec(), "Die Frösche"),
        (
            "raw CP932 in an encoded word",
            [b"=?shift_jis?q?", &sjis("予算要求_a")[..], b"?= (1)"].concat(),
            "予算要求 a (1)",
        ),
        ("raw UTF-8", "予算要求の説明会".as_bytes().to_vec(), "予算要求の説明会"),
        ("raw ISO-2022-JP", jis("予算要求"), "予算要求"),
        (
            "a character split across words",
            b"=?UTF-8?B?5LqI?= =?UTF-8?B?566X6KY=?=\r\n =?UTF-8?B?geaxgg==?=".to_vec(),
            "予算要求",
        ),
        ("half a character in Q", b"=?UTF-8?Q?=E4=BA?= =?UTF-8?Q?=88_a?=".to_vec(), "予 a"),
        (
            "ISO-2022-JP split without an escape",
            b"=?ISO-2022-JP?B?GyRCTT07Ow==?= =?ISO-2022-JP?B?TVc1YRsoQg==?=".to_vec(),
            "予算要求",
        ),
        ("words without space", b"=?UTF-8?B?5LqI?==?UTF-8?B?566X?=".to_vec(), "予算"),
        ("Re and words", b"Re: =?ISO-2022-JP?B?GyRCTT07OxsoQg==?= (2)".to_vec(), "Re: 予算 (2)"),
        ("mixed charsets", b"=?Shift_JIS?B?l1w=?= =?EUC-JP?B?u7s=?= =?UTF-8?Q?=E8=A6=81?=".to_vec(), "予算要"),
        ("NEC and half-width", b"=?ISO-2022-JP?B?GyRCLSEtahsoSTEyMxsoQg==?=".to_vec(), "①㈱ｱｲｳ"),
        ("a language", b"=?UTF-8*ja?B?5LqI?=".to_vec(), "予"),
        ("no word at all", b"=?x?y?=".to_vec(), "=?x?y?="),
    ];
    for (name, subject, meant) in cases {
        let mail = [
            b"From: a@b.invalid\r\nTo: c@d.invalid\r\nSubject: ",
            &subject[..],
            b"\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\nx\r\n",
        ]
        .concat();
        let (_, read) = rebuilt(&format!("{}.eml", name.replace(' ', "-")), &mail, &[]);
        assert_eq!(read["subject"], meant, "{name}");
    }
}

#[test]
fn names_of_people_are_read_however_they_are_written() {
    let sjis = encoding_rs::SHIFT_JIS.encode("能登 表一").0.into_owned();
    let jis = encoding_rs::ISO_2022_JP.encode("高橋").0.into_owned();
    let cases: Vec<(&str, Vec<u8>, serde_json::Value)> = vec![
        ("raw", [&sjis[..], b" <a@b.invalid>"].concat(), json!([["能登 表一", "a@b.invalid"]])),
        ("raw in quotes", [b"\"", &sjis[..], b"\" <a@b.invalid>"].concat(), json!([["能登 表一", "a@b.invalid"]])),
        ("jis in quotes", [b"\"", &jis[..], b"\" <a@b.invalid>"].concat(), json!([["高橋", "a@b.invalid"]])),
        (
            "a word in quotes",
            b"\"=?ISO-2022-JP?B?GyRCOWI2NhsoQg==?=\" <a@b.invalid>".to_vec(),
            json!([["高橋", "a@b.invalid"]]),
        ),
        ("a comma", b"\"Takahashi, Ichiro\" <a@b.invalid>".to_vec(), json!([["Takahashi, Ichiro", "a@b.invalid"]])),
        (
            "a comma without quotes",
            b"Takahashi, Ichiro <a@b.invalid>".to_vec(),
            json!([["Takahashi, Ichiro", "a@b.invalid"]]),
        ),
        ("a comment", b"a@b.invalid (=?UTF-8?B?6auZ5qmL?=)".to_vec(), json!([["髙橋", "a@b.invalid"]])),
        ("old mobile addresses", b"a..b.@docomo.invalid".to_vec(), json!([["", "a..b.@docomo.invalid"]])),
        (
            "two",
            b"a@b.invalid, \"=?UTF-8?B?6auZ5qmL?=\" <c@d.invalid>".to_vec(),
            json!([["", "a@b.invalid"], ["髙橋", "c@d.invalid"]]),
        ),
    ];
    for (name, to, meant) in cases {
        let mail = [b"From: ", &to[..], b"\r\nTo: c@d.invalid\r\nSubject: x\r\n\r\nx\r\n"].concat();
        let (_, read) = rebuilt(&format!("from-{}.eml", name.replace(' ', "-")), &mail, &[]);
        assert_eq!(read["from"], meant, "{name}");
    }
}

#[test]
fn names_of_attachments_are_read_however_they_are_written() {
    let sjis = encoding_rs::SHIFT_JIS.encode("表能ソ.txt").0.into_owned();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("raw", [b"filename=\"", &sjis[..], b"\""].concat()),
        ("raw without quotes", [b"filename=", &sjis[..]].concat()),
        ("a word", b"filename=\"=?ISO-2022-JP?B?GyRCST1HPSU9GyhCLnR4dA==?=\"".to_vec()),
        ("words", b"filename=\"=?UTF-8?B?6KGo?=\r\n =?UTF-8?B?6IO944K9LnR4dA==?=\"".to_vec()),
        ("2231", b"filename*=UTF-8''%E8%A1%A8%E8%83%BD%E3%82%BD.txt".to_vec()),
        (
            "2231 continued",
            b"filename*0*=UTF-8'ja'%E8%A1%A8%E8%83;\r\n filename*1*=%BD%E3%82%BD;\r\n filename*2=\".txt\"".to_vec(),
        ),
        (
            "2231 in ISO-2022-JP",
            b"filename*0*=ISO-2022-JP''%1B%24%42%49%3D%47;\r\n filename*1*=%3D%25%3D%1B%28%42.txt".to_vec(),
        ),
        ("2231 and plain", b"filename=\"x.txt\"; filename*=UTF-8''%E8%A1%A8%E8%83%BD%E3%82%BD.txt".to_vec()),
        ("shift_jis 2231", b"filename*=Shift_JIS''%95%5C%94%5C%83%5C.txt".to_vec()),
    ];
    for (name, parameter) in cases {
        let mail = [b"From: a@b.invalid\r\nTo: c@d.invalid\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; ", &parameter[..], b"\r\n\r\ny\r\n--a--\r\n"].concat();
        let (_, read) = rebuilt(&format!("name-{}.eml", name.replace(' ', "-")), &mail, &[]);
        assert_eq!(read["attachments"][0][0], "表能ソ.txt", "{name}");
    }
}

#[test]
fn a_text_that_is_attached_keeps_the_name_of_its_charset() {
    let head = "From: a@b.invalid\r\nTo: c@d.invalid\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a\r\nContent-Type: text/plain; charset=LABEL\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\n";
    let sjis = encoding_rs::SHIFT_JIS.encode("表能ソ 受付").0.into_owned();
    for (label, text, kept) in [
        ("shift_jis", sjis.as_slice(), "text/plain; charset=Shift_JIS"),
        ("iso-8859-1", b"Fr\xf6sche", "text/plain; charset=windows-1252"),
        ("utf-8", "表".as_bytes(), "text/plain; charset=UTF-8"),
        // Neither a label that says nothing new nor one that is wrong.
        ("iso-8859-1", b"plain", "text/plain"),
        ("utf-8", b"Fr\xf6sche", "text/plain"),
        ("x\"; name=y", b"Fr\xf6sche", "text/plain"),
    ] {
        let mail = [head.replace("LABEL", label).as_bytes(), text, b"\r\n--a--\r\n"].concat();
        let (done, _) = rebuilt("a.eml", &mail, &[]);
        let written = String::from_utf8(done.bytes).unwrap();
        assert!(
            written.contains(&format!("Content-Type: {kept}\r\nContent-Transfer-Encoding: base64\r\nContent-Disp")),
            "{label}: {written}"
        );
        for wrong in [
            "; charset=latin1\r\nContent-Transfer-Encoding: base64\r\nContent-Disp",
            "; name=a\r\nContent-Transfer-Encoding: base64\r\nContent-Disp",
        ] {
            let other = written.replace("\r\nContent-Transfer-Encoding: base64\r\nContent-Disp", wrong);
            assert!(
                sanitize::verify(other.as_bytes(), sanitize::Format::Eml, &sanitize::Policy::default()).is_err(),
                "{wrong}"
            );
        }
    }
}
