//! Threat row 18, and the others as they come by mail.

use sanitize::{Ending, Format, Policy, verify};

use super::build::{Member, Office, zip};
use super::mail::opened;
use super::nasty::{Case, check, loses, refused, run};

const HEAD: &str = "From: \"企画課\" <kikaku@city.invalid>\r\nTo: soumu@city.invalid\r\nSubject: test\r\nDate: Mon, 30 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n";

fn mail(rest: &str) -> Vec<u8> {
    format!("{HEAD}{rest}").into_bytes()
}

fn html(body: &str) -> Vec<u8> {
    mail(&format!(
        "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>{body}<p>本文です。</p></body></html>\r\n"
    ))
}

/// A mail of a text and these parts.
fn mixed(parts: &[&str]) -> Vec<u8> {
    let mut text = String::from(
        "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n",
    );
    for part in parts {
        text += &format!("--b1\r\n{part}\r\n");
    }
    mail(&(text + "--b1--\r\n"))
}

fn attached(kind: &str, name: &str, bytes: &[u8]) -> String {
    let content = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    format!(
        "Content-Type: {kind}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}"
    )
}

fn held(name: &'static str, bytes: Vec<u8>, reason: &'static str) -> Case {
    Case { ending: Ending::Held, ..refused(name, bytes, reason) }
}

fn html_cases() -> Vec<Case> {
    vec![
        loses("script.eml", html("<script>evil()</script>"), &["script"], &[], &["evil"]),
        loses(
            "pixel.eml",
            html("<img src='https://t.invalid/o?u=1' width='1' height='1'>"),
            &["tracking_pixel"],
            &[],
            &["t.invalid"],
        ),
        loses(
            "image.eml",
            html("<img src='https://t.invalid/logo.png' alt='ロゴ'>"),
            &["remote_image"],
            &[],
            &["t.invalid"],
        ),
        loses(
            "import.eml",
            html("<style>@import url(https://t.invalid/a.css);</style>"),
            &["style_import"],
            &[],
            &["t.invalid"],
        ),
        loses(
            "form.eml",
            html("<form action='https://t.invalid/'>暗証番号<input type=password></form>"),
            &["html_form"],
            &["form_field"],
            &["t.invalid"],
        ),
        loses("frame.eml", html("<iframe src='https://t.invalid/'></iframe>"), &["frame"], &[], &["t.invalid"]),
        loses(
            "hidden.eml",
            html("<div style='display:none;max-height:0'>見えない前置き</div><font color=#ffffff>見えない白</font>"),
            &["hidden_text"],
            &[],
            &["見えない"],
        ),
        loses("link.eml", html("<a href='javascript:evil()'>開く</a>"), &["unsafe_link"], &[], &["javascript"]),
        loses(
            "mismatch.eml",
            html("<a href='https://evil.invalid/x'>https://www.city.invalid/</a>"),
            &[],
            &[],
            &["<a "],
        ),
        loses(
            "utf7.eml",
            mail(
                "Content-Type: text/html; charset=utf-7\r\n\r\n+ADw-script+AD4-evil()+ADw-/script+AD4-+ZyxlhzBnMFkwAg-\r\n",
            ),
            &["script"],
            &[],
            &["evil"],
        ),
        loses("cid.eml", html("<img src='cid:none' alt='図1'>"), &[], &[], &["cid:"]),
    ]
}

fn header_cases() -> Vec<Case> {
    let many = "X-A: b\r\n".repeat(300);
    vec![
        loses("two-from.eml", mail("From: evil@evil.invalid\r\n\r\n本文です。\r\n"), &["header"], &[], &["evil@evil"]),
        loses("no-from.eml", b"To: a@city.invalid\r\nSubject: x\r\n\r\n\xe6\x9c\xac\xe6\x96\x87\xe3\x81\xa7\xe3\x81\x99\xe3\x80\x82\r\n".to_vec(), &["header"], &[], &[]),
        loses("injected.eml", mail("Reply-To: =?UTF-8?Q?a=0D=0ABcc:_x@evil.invalid?= <kikaku@city.invalid>\r\n\r\n本文です。\r\n"), &[], &[], &["\nBcc"]),
        loses("bare-cr.eml", mail("X-A: b\rBcc: x@evil.invalid\r\n\r\n本文です。\r\n"), &[], &[], &["Bcc", "evil"]),
        loses("receipt.eml", mail("Disposition-Notification-To: x@evil.invalid\r\nReturn-Receipt-To: x@evil.invalid\r\n\r\n本文です。\r\n"), &[], &[], &["evil"]),
        loses("date.eml", b"From: a@city.invalid\r\nTo: b@city.invalid\r\nDate: <script>\r\n\r\n\xe6\x9c\xac\xe6\x96\x87\xe3\x81\xa7\xe3\x81\x99\xe3\x80\x82\r\n".to_vec(), &["header"], &[], &["<script>"]),
        loses("rlo.eml", mail("Cc: =?UTF-8?B?4oCuZmRwLmV4ZQ==?= <a@city.invalid>\r\n\r\n本文です。\u{202e}fdp\r\n"), &[], &[], &["\u{202e}"]),
        loses("two-types.eml", mail("Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/html\r\n\r\n本文です。<script>\r\n"), &["header"], &[], &[]),
        refused("many-fields.eml", mail(&(many + "\r\nx\r\n")), "limit_attributes"),
    ]
}

fn structure_cases() -> Vec<Case> {
    let deep: String =
        (0..1_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    let smuggled = "Content-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n.\r\nMAIL FROM:<x@evil.invalid>\r\n\n.\r\n.\n\r.\r\nFrom x\r\n";
    vec![
        loses("smuggled.eml", mail(smuggled), &[], &[], &[]),
        refused("deep.eml", mail(&deep), "limit_nesting"),
        refused("no-boundary.eml", mail("Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nx\r\n"), "broken_mail"),
        refused(
            "other-boundary.eml",
            mail("Content-Type: multipart/mixed; boundary=a\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"),
            "broken_mail",
        ),
        loses(
            "two-boundaries.eml",
            mail(
                "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<script>evil()</script>\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n--a--\r\n",
            ),
            &["header"],
            &[],
            &["evil"],
        ),
        loses(
            "prefix-boundary.eml",
            mail(
                "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n--ab\r\n続き\r\n--a--\r\n",
            ),
            &[],
            &[],
            &[],
        ),
        loses(
            "epilogue.eml",
            mail(
                "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n--a--\r\n--a\r\nContent-Type: text/html\r\n\r\n<script>evil()</script>\r\n",
            ),
            &["trailing_data"],
            &[],
            &["evil"],
        ),
    ]
}

fn kind_cases() -> Vec<Case> {
    vec![
        refused(
            "partial.eml",
            mail("Content-Type: message/partial; id=x; number=1; total=2\r\n\r\nx\r\n"),
            "partial_mail",
        ),
        loses(
            "partial-part.eml",
            mixed(&["Content-Type: message/partial; id=x; number=1\r\n\r\nevil\r\n"]),
            &[],
            &["part_refused"],
            &["evil"],
        ),
        loses(
            "external.eml",
            mixed(&["Content-Type: message/external-body; access-type=URL; URL=\"https://evil.invalid/\"\r\n\r\n"]),
            &["external_link"],
            &[],
            &["evil"],
        ),
        held(
            "smime.eml",
            mail(
                "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n",
            ),
            "encrypted_mail",
        ),
        held(
            "pgp.eml",
            mail(
                "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n",
            ),
            "encrypted_mail",
        ),
        loses(
            "signed.eml",
            mail(&format!(
                "Content-Type: multipart/signed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n--a\r\n{}\r\n--a--\r\n",
                attached("application/pkcs7-signature", "smime.p7s", b"sig")
            )),
            &[],
            &["signature"],
            &["smime"],
        ),
        loses(
            "calendar.eml",
            mixed(&[
                "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:打合せ\r\nATTACH:https://evil.invalid/\r\nEND:VEVENT\r\nEND:VCALENDAR",
            ]),
            &[],
            &["calendar"],
            &["evil", "VCALENDAR"],
        ),
        loses(
            "uuencoded.eml",
            mail(
                "Content-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\nbegin 666 a.exe\r\n(35J0 &5V:6P \r\n`\r\nend\r\n",
            ),
            &[],
            &["part_refused"],
            &["35J0"],
        ),
    ]
}

fn attachment_cases() -> Vec<Case> {
    let docm = Office::word("")
        .main_type("vnd.ms-word.document.macroEnabled.main+xml")
        .internal("rId9", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin")
        .part("word/vbaProject.bin", "application/vnd.ms-office.vbaProject", "evil macro")
        .bytes();
    let inner = format!(
        "Content-Type: message/rfc822\r\n\r\n{}",
        String::from_utf8(mixed(&[&attached("application/octet-stream", "x.exe", b"MZ evil")]))
            .unwrap()
            .replace("b1", "b2")
    );
    let mut nested = String::from_utf8(mail("\r\n最も内側\r\n")).unwrap();
    for level in 0..8 {
        nested = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=n{level}\r\n\r\n--n{level}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n本文です。\r\n--n{level}\r\nContent-Type: message/rfc822\r\n\r\n{nested}\r\n--n{level}--\r\n"
        );
    }
    let protected = include_bytes!("fixtures/aes.zip");
    vec![
        loses("exe.eml", mixed(&[&attached("application/pdf", "a.pdf", b"MZ\x90\0evil")]), &[], &["part_refused"], &["evil"]),
        loses("macro.eml", mixed(&[&attached("application/msword", "a.docm", &docm)]), &["macro"], &[], &["evil macro"]),
        loses("zip.eml", mixed(&[&attached("application/zip", "a.zip", &zip(&[Member::new("a.js", "evil()")]))]), &[], &["part_refused"], &["evil()"]),
        loses("protected.eml", mixed(&[&attached("application/zip", "資料.zip", protected)]), &[], &["part_held"], &["PK\u{3}\u{4}"]),
        loses("tnef.eml", mixed(&[&attached("application/ms-tnef", "winmail.dat", b"\x78\x9f\x3e\x22\x01evil")]), &[], &["part_held"], &["evil"]),
        loses("msg.eml", mixed(&[&attached("application/vnd.ms-outlook", "a.msg", &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "__substg1.0_".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat())]), &[], &["part_held"], &["substg"]),
        loses("mht.eml", mixed(&[&attached("message/rfc822x", "a.mht", b"From: <Saved by x>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a\r\n\r\n--a\r\n\r\nevil\r\n--a--\r\n")]), &[], &["part_held"], &["evil"]),
        loses("page.eml", mixed(&[&attached("text/html", "請求書.html", b"<html><script>evil()</script></html>")]), &[], &["part_refused"], &["evil()"]),
        loses("names.eml", mixed(&[&attached("text/plain", "../../a\u{202e}fdp.txt", b"plain"), &attached("text/plain", "CON", b"plain")]), &[], &[], &["..", "\u{202e}"]),
        loses("nested.eml", mixed(&[&inner]), &[], &["part_refused"], &["evil"]),
        loses("nested-deep.eml", nested.into_bytes(), &[], &["part_refused"], &["最も内側"]),
        loses("lnk.eml", mixed(&[&attached("application/octet-stream", "a.pdf.lnk", b"\x4c\0\0\0\x01\x14\x02\0evil")]), &[], &["part_refused"], &["evil"]),
        loses("formula.eml", mixed(&[&attached("text/csv", "a.csv", b"=cmd|'/c calc'!A0,1\r\n")]), &["csv_formula"], &[], &["\n=cmd"]),
    ]
}

/// All cases of this file, by threat row.
pub(crate) fn cases() -> Vec<(u8, Vec<Case>)> {
    let own = [html_cases(), header_cases(), structure_cases(), kind_cases()];
    vec![(18, own.into_iter().flatten().collect()), (13, attachment_cases())]
}

#[test]
fn every_nasty_mail_becomes_a_new_one_or_none() {
    let cases = [html_cases(), header_cases(), structure_cases(), kind_cases(), attachment_cases()];
    let cases: Vec<Case> = cases.into_iter().flatten().collect();
    assert!(cases.len() > 45);
    for case in cases {
        check(&case);
        let Some(rebuilt) = run(case.name, &case.bytes, &[]).outcome.rebuilt().cloned() else { continue };
        assert_eq!(rebuilt.format, Format::Eml);
        let text = opened(&rebuilt.bytes);
        assert!(text.contains("本文です。"), "{}: {text}", case.name);
        for gone in case.gone {
            assert!(!text.contains(gone), "{}: {gone} is still in {text}", case.name);
        }
        let raw = String::from_utf8(rebuilt.bytes).unwrap();
        assert!(
            raw.split("\r\n").all(|line| line != "." && line.len() < 998 && !line.contains(['\r', '\n'])),
            "{}",
            case.name
        );
    }
}

#[test]
fn what_may_mislead_is_said_to_the_reader_and_in_the_report() {
    let spoof = b"From: \"kikaku@city.invalid\" <x@evil.invalid>\r\nReply-To: y@other.invalid\r\nTo: a@city.invalid\r\nSubject: x\r\n\r\nhello\r\n";
    let done = run("a.eml", spoof, &[]);
    let noted: Vec<_> = done.report.findings.noted.iter().map(|finding| finding.what.code()).collect();
    assert_eq!(noted, ["display_name_spoof", "reply_to_differs"], "{:?}", done.report);
    let text = opened(&done.outcome.rebuilt().unwrap().bytes);
    assert!(
        text.contains("実際のアドレス（x@evil.invalid）と異なります。") && text.contains("返信先（y@other.invalid）"),
        "{text}"
    );
    let done = run("mismatch.eml", &html("<a href='https://evil.invalid/x'>www.city.invalid</a>"), &[]);
    assert!(
        done.report
            .findings
            .noted
            .iter()
            .any(|f| f.what.code() == "link_mismatch" && f.place == "https://evil.invalid/x")
    );
    let text = opened(&done.outcome.rebuilt().unwrap().bytes);
    assert!(text.contains("www.city.invalid【注意：表示と異なるリンク先】 <https://evil.invalid/x>"), "{text}");
}

#[test]
fn the_verifier_takes_no_mail_that_another_hand_could_have_made() {
    let done = run("a.eml", &mixed(&[&attached("text/plain", "表.txt", "添付".as_bytes())]), &[]);
    let right = String::from_utf8(done.outcome.rebuilt().unwrap().bytes.clone()).unwrap();
    let takes = |text: &str| verify(text.as_bytes(), Format::Eml, &Policy::default()).is_ok();
    assert!(takes(&right), "{right}");
    for (from, to) in [
        ("Subject: test\r\n", "Subject: test\r\nSubject: test\r\n"),
        ("Subject: test\r\n", "Subject: test\r\nBcc: <a@b.invalid>\r\n"),
        ("Subject: test\r\n", "Subject: te\u{202e}st\r\n"),
        ("Subject: test\r\n", "Subject: te\rst\r\n"),
        ("Subject: test\r\n", "Subject: test\n"),
        ("Subject: test\r\n", "Subject: =?UTF-8?B?DQo=?=\r\n"),
        ("Subject: test\r\n", "Subject:test\r\n"),
        ("<soumu@city.invalid>", "soumu@city.invalid"),
        ("<soumu@city.invalid>", "<soumu@city.invalid>,"),
        ("+0900", "JST"),
        ("multipart/mixed", "multipart/related"),
        ("text/plain; charset=UTF-8", "text/html; charset=UTF-8"),
        ("Content-Type: text/plain\r\n", "Content-Type: text/html\r\n"),
        ("%E8%A1%A8.txt", "%E8%A1%A8.exe"),
        ("%E8%A1%A8.txt", "..%2F%E8%A1%A8.txt"),
        ("attachment;", "inline;"),
        ("5re75LuY", "TVqQ"),
        ("5re75LuY\r\n", "5re75LuY\r\n\r\nMAIL FROM:<x>\r\n"),
        ("--\r\n", "--\r\nafter\r\n"),
        ("\r\n\r\n--", "\r\n\r\nbefore\r\n--"),
    ] {
        assert!(right.contains(from), "{from} {right}");
        assert!(!takes(&right.replacen(from, to, 1)), "{from} → {to}");
    }
}
