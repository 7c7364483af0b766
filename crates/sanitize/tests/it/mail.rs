//! Mails as they arrive at a city hall, read back by Python's email module.

use std::path::PathBuf;

use sanitize::{Budget, Ending, Policy, Rebuilt, sanitize};
use serde_json::{Value, json};

use super::build::{Office, png};
use super::nasty::run;

/// The text of a rebuilt mail with everything in base64 decoded, parts of parts too.
pub(crate) fn opened(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let decode =
        |run: &str| base64::Engine::decode(&base64::engine::general_purpose::STANDARD, run).unwrap_or_default();
    let (mut out, mut run) = (String::new(), String::new());
    for line in text.split("\r\n").chain([""]) {
        let data = !line.is_empty() && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
        if data && !line.starts_with("--") {
            run += line;
            continue;
        }
        if !run.is_empty() {
            out += &String::from_utf8_lossy(&decode(&std::mem::take(&mut run)));
        }
        for word in line.split("=?UTF-8?B?") {
            match word.split_once("?=") {
                Some((word, rest)) => out += &(String::from_utf8_lossy(&decode(word)).into_owned() + rest),
                None => out += word,
            }
        }
        out.push('\n');
    }
    out
}

/// What Python reads in a mail.
#[expect(clippy::disallowed_types, reason = "the engine is pure; its tests ask an independent reader")]
pub(crate) fn python(name: &str, bytes: &[u8]) -> Value {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mails");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    let reader = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail_reader.py");
    let done = std::process::Command::new("python3").arg(reader).arg(&file).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Sanitises a mail; whatever it was, Python finds nothing wrong with what it has become, and a second pass changes nothing.
pub(crate) fn rebuilt(name: &str, bytes: &[u8], passwords: &[&str]) -> (Rebuilt, Value) {
    let done = run(name, bytes, passwords);
    let rebuilt =
        done.outcome.rebuilt().unwrap_or_else(|| panic!("{name}: {:?} {:?}", done.report, done.violation)).clone();
    let again = run(&rebuilt.name, &rebuilt.bytes, &[]);
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{name}: second pass {:?} {:?}", again.report, again.violation);
    assert_eq!(again.outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "{name}: second pass");
    let read = python(name, &rebuilt.bytes);
    assert_eq!(read["defects"], json!([]), "{name}");
    (rebuilt, read)
}

fn jis(text: &str) -> Vec<u8> {
    encoding_rs::ISO_2022_JP.encode(text).0.into_owned()
}

fn base64(bytes: &[u8]) -> String {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    text.as_bytes().chunks(76).map(|line| String::from_utf8(line.to_vec()).unwrap() + "\r\n").collect()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn a_mail_in_iso_2022_jp_with_a_document_arrives_whole() {
    let document = Office::word("<w:p><w:r><w:t>関守市役所 御中</w:t></w:r></w:p>").bytes();
    let word = |text: &str| format!("=?ISO-2022-JP?B?{}?=", base64(&jis(text)).trim_end());
    let head = format!(
        "Received: from mx.example.invalid by mail.city.invalid; Mon, 30 Nov 2026 09:00:01 +0900\r\nReturn-Path: <yamada@ken.invalid>\r\nFrom: {} <yamada@ken.invalid>\r\nTo: {}\r\n <kikaku@city.invalid>,\r\n soumu@city.invalid\r\nSubject: {}\r\n {}\r\nDate: Mon, 30 Nov 2026 09:00:00 +0900\r\nMessage-ID: <20261130090000.1@ken.invalid>\r\nX-Mailer: Mailer 1.0\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"----=_Part_1\"\r\n\r\nThis is a multi-part message in MIME format.\r\n\r\n------=_Part_1\r\nContent-Type: text/plain; charset=\"ISO-2022-JP\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
        word("山田"),
        word("企画課"),
        word("【照会】令和8年度の"),
        word("調査について")
    );
    // NEC characters (①㈱№) and half-width katakana, as CP50221 has them.
    let body =
        b"\x1b$B4k2h2]8fCf\x1b(B\r\n\r\n\x1b$B-!!!\x1b(B\x1b(I123\x1b(B\x1b$B$N-j\x1b(B\r\n.\r\n\x1b$B0J>e\x1b(B\r\n";
    let attached = format!(
        "\r\n------=_Part_1\r\nContent-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document;\r\n name=\"{}\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n filename*0*=iso-2022-jp''%1B$B%49%3D%3F%33%1B%28B;\r\n filename*1=\"_1.docx\"\r\n\r\n{}\r\n------=_Part_1--\r\n",
        word("調査表.docx"),
        base64(&document)
    );
    let mail = joined(&[head.as_bytes(), body, attached.as_bytes()]);
    let (made, read) = rebuilt("jis.eml", &mail, &[]);
    assert!(made.findings.removed.is_empty() && made.findings.lost.is_empty(), "{:?}", made.findings);
    assert_eq!(read["subject"], "【照会】令和8年度の調査について");
    assert_eq!(read["from"], json!([["山田", "yamada@ken.invalid"]]));
    assert_eq!(read["to"], json!([["企画課", "kikaku@city.invalid"], ["", "soumu@city.invalid"]]));
    assert_eq!(read["date"], "2026-11-30T09:00:00+09:00");
    assert_eq!(read["text"], "企画課御中\n\n①　ｱｲｳの㈱\n.\n以上\n");
    assert_eq!(read["attachments"][0][0], "表審_1.docx");
    let raw = String::from_utf8(made.bytes).unwrap();
    assert!(raw.contains("Message-ID: <20261130090000.1@ken.invalid>\r\n") && !raw.contains("Received"), "{raw}");
}

#[test]
fn an_html_mail_reads_well_as_text() {
    let html = "<html><head><style>.pre{display:none}</style></head><body><div class=pre>隠し前文</div>\
        <p>関守市 御担当者様</p><p>お世話になっております。<br>下記のとおり<b>説明会</b>を開催します。</p>\
        <table border=1><tr><th>日時</th><td>12月1日（火）<br>10:00～</td></tr><tr><th>場所</th><td>本庁舎 <s>3階</s> 5階</td></tr><tr><th colspan=2>費用は無料</th></tr></table>\
        <ol><li>参加者の氏名</li><li>部署<ul><li>係まで</li></ul></li></ol>\
        <p>申込みは<a href='https://www.ken.invalid/form?id=1&amp;x=2'>こちらのページ</a>、案内は<a href='https://www.ken.invalid/'>https://www.ken.invalid/</a>から。</p>\
        <blockquote>前回のメール<blockquote>その前</blockquote></blockquote><p>面積 100m<sup>2</sup><img src='cid:logo@x' alt=''><img src='https://t.invalid/o.gif' width=1 height=1></p></body></html>";
    let mail = format!(
        "From: a@ken.invalid\r\nTo: b@city.invalid\r\nSubject: x\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nHTML メールです。\r\n--a\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n{html}\r\n--a--\r\n--r\r\nContent-Type: image/png; name=\"logo.png\"\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--r--\r\n",
        base64(&png())
    );
    let (made, read) = rebuilt("html.eml", mail.as_bytes(), &[]);
    let codes: Vec<_> = made.findings.removed.iter().map(|f| f.what.code()).collect();
    assert_eq!(codes, ["tracking_pixel", "hidden_text"], "{:?}", made.findings);
    let expected = "関守市 御担当者様\n\nお世話になっております。\n下記のとおり説明会を開催します。\n\n\
        日時 | 12月1日（火）\n     | 10:00～\n場所 | 本庁舎 ［取消線：3階］ 5階\n費用は無料\n\n\
        1. 参加者の氏名\n2. 部署\n   ・係まで\n\n\
        申込みはこちらのページ <https://www.ken.invalid/form?id=1&x=2>、案内はhttps://www.ken.invalid/から。\n\n\
        > 前回のメール\n>\n> > その前\n\n面積 100m²［画像：logo.png］\n";
    let text = read["text"].as_str().unwrap();
    assert!(text.starts_with(expected), "{text}");
    assert!(
        text.ends_with("次のものを除いて作り直しました。\n・開封確認用の画像（1件）\n・隠し文字（1件）\n"),
        "{text}"
    );
    assert_eq!(read["attachments"][0][0], "logo.png");
}

#[test]
fn a_mail_written_in_word_keeps_its_lines() {
    let html = "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!-- p.MsoNormal, li.MsoNormal {margin:0mm; font-size:10.5pt; font-family:\"游ゴシック\",sans-serif;} --></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext=\"edit\"/></xml><![endif]--></head><body lang=JA><div class=WordSection1><p class=MsoNormal>山田様<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>会議の件、<br>承知しました。<o:p></o:p></p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span>１．</span><![endif]>資料</p><p style='margin:0'>以上</p></div></body></html>";
    let mail = format!(
        "From: a@ken.invalid\r\nTo: b@city.invalid\r\nSubject: x\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n{html}\r\n"
    );
    let (made, read) = rebuilt("word.eml", mail.as_bytes(), &[]);
    assert_eq!(read["text"], "山田様\n\n会議の件、\n承知しました。\n１．資料\n以上\n");
    assert!(made.findings.removed.is_empty() && made.findings.lost.is_empty(), "{:?}", made.findings);
}

#[test]
fn of_two_versions_the_plain_one_is_taken_when_it_says_all() {
    let mail = |plain: &str, html: &str| {
        format!(
            "From: a@ken.invalid\r\nTo: b@city.invalid\r\nSubject: x\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=UTF-8; format=flowed; delsp=yes\r\n\r\n{plain}\r\n--a\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n{html}\r\n--a--\r\n"
        )
    };
    let (_, read) = rebuilt(
        "v1.eml",
        mail("会議は \r\n10時です。\r\n-- \r\n山田", "<p>会議は<b>10時</b>です。<br>--<br>山田").as_bytes(),
        &[],
    );
    assert_eq!(read["text"], "会議は10時です。\n-- \n山田\n");
    let (made, read) = rebuilt("v2.eml", mail("HTML で見てください。", "<p>会議は10時です。").as_bytes(), &[]);
    assert_eq!(read["text"], "会議は10時です。\n");
    assert_eq!(made.findings.noted[0].what.code(), "alternative");
}

#[test]
fn long_texts_are_never_cut() {
    let line = "これは長い本文の一行です。";
    let text = format!("{}\r\n", line.repeat(40)).repeat(500);
    let mail = format!(
        "From: a@ken.invalid\r\nTo: b@city.invalid\r\nSubject: {}\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n{text}",
        "題".repeat(400)
    );
    let (_, read) = rebuilt("long.eml", mail.as_bytes(), &[]);
    assert_eq!(read["text"].as_str().unwrap(), text.replace("\r\n", "\n"));
    assert_eq!(read["subject"], "題".repeat(400));
}

#[test]
fn a_protected_archive_opens_with_its_password_and_with_the_one_in_the_text_only_by_policy() {
    let protected = include_bytes!("fixtures/aes.zip");
    let mail = format!(
        "From: a@ken.invalid\r\nTo: b@city.invalid\r\nSubject: PPAP\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n資料を送ります。\r\nパスワード：himitsu\r\n--a\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*=UTF-8''%E8%B3%87%E6%96%99.zip\r\n\r\n{}--a--\r\n",
        base64(protected)
    );
    let (made, read) = rebuilt("ppap.eml", mail.as_bytes(), &[]);
    assert_eq!(made.findings.lost[0].what.code(), "part_held");
    assert_eq!(read["attachments"][0][0], "資料（保留）.txt", "{read}");
    assert!(read["text"].as_str().unwrap().contains("資料.zip：パスワードで保護されているため"), "{read}");
    let (made, read) = rebuilt("ppap2.eml", mail.as_bytes(), &["himitsu"]);
    assert_eq!(read["attachments"][0][0], "資料.zip");
    assert!(made.findings.lost.is_empty());
    let policy = Policy::from_toml("[mail]\npasswords = \"in-text\"").unwrap();
    let done = sanitize("ppap.eml", mail.as_bytes(), &policy, &[], Budget::default());
    assert_eq!(done.outcome.ending(), Ending::Rebuilt, "{:?}", done.report);
    let read = python("ppap3.eml", &done.outcome.rebuilt().unwrap().bytes);
    assert_eq!(read["attachments"][0][0], "資料.zip");
}

#[test]
fn a_forwarded_mail_stays_a_mail_in_the_mail() {
    let inner = "From: c@other.invalid\r\nTo: a@ken.invalid\r\nSubject: =?UTF-8?B?5YaF5YG0?=\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<p>内側の本文<script>x()</script>\r\n";
    let mail = format!(
        "From: a@ken.invalid\r\nTo: b@city.invalid\r\nSubject: Fw\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nFYI\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--a--\r\n"
    );
    let (made, read) = rebuilt("forward.eml", mail.as_bytes(), &[]);
    assert_eq!(read["attachments"][0][1], "message/rfc822", "{read}");
    assert_eq!(read["attachments"][0][0], "転送メール.eml");
    assert_eq!(made.findings.removed[0].place, "転送メール.eml/script");
    let text = opened(&made.bytes);
    assert!(text.contains("内側の本文") && text.contains("Subject: 内側"), "{text}");
    assert_eq!(made.parts[0].output_type.unwrap().id(), "eml");
}

#[test]
fn every_type_that_is_a_mail_is_told_and_only_those() {
    use sanitize::detect::detect;
    let id = |name: &str, bytes: &[u8]| detect(name, bytes).id();
    let long =
        format!("ARC-Seal: i=1; {}\r\nFrom: a@b.invalid\r\nTo: b@city.invalid\r\n\r\nx\r\n", "a=b;\r\n ".repeat(2_000));
    assert_eq!(id("a", long.as_bytes()), "eml");
    assert_eq!(id("a.eml", b"Subject: x\r\n\r\ny\r\n"), "eml");
    assert_eq!(id("a.txt", b"Subject: x\r\n\r\ny\r\n"), "txt");
    assert_eq!(id("a", b"From b@c.invalid Mon Nov 30\nFrom: a@b.invalid\nTo: c@d.invalid\n\nx\n"), "eml");
    assert_eq!(id("a.mht", b"From: x\r\nSubject: y\r\nMIME-Version: 1.0\r\n\r\n"), "mht");
    assert_eq!(
        id("a", b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://a.invalid/\r\nSubject: x\r\n\r\n"),
        "mht"
    );
    assert_eq!(id("a.mht", b"anything"), "mht");
    let done = run("a.mht", b"anything", &[]);
    assert_eq!((done.outcome.ending(), done.report.reason.unwrap().code.code()), (Ending::Held, "web_archive"));
}
