//! `sekimori sanitize`: what arrives, what is said, how it ends.

use std::fs;
use std::path::PathBuf;

use super::command_line::sekimori;

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn what_is_refused_writes_nothing_and_ends_with_3() {
    let dir = folder("refused");
    fs::write(dir.join("a.docx"), b"MZ\x90\0").unwrap();
    let (out, report) = (dir.join("out"), dir.join("report.json"));
    let done = sekimori(&[
        "sanitize",
        "--report",
        report.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        dir.join("a.docx").to_str().unwrap(),
    ]);
    assert_eq!(done.status.code(), Some(3), "{done:?}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    assert_eq!(report[0]["reason"]["code"], "blocked_type");
    assert_eq!(report[0]["input"], dir.join("a.docx").to_str().unwrap());
}

#[test]
fn a_folder_gives_paths_under_it_in_order() {
    let dir = folder("order");
    fs::create_dir_all(dir.join("in/b")).unwrap();
    for name in ["in/z.exe", "in/b/y.exe", "in/a.exe"] {
        fs::write(dir.join(name), b"MZ").unwrap();
    }
    let (out, report) = (dir.join("out"), dir.join("report.json"));
    let done = sekimori(&[
        "sanitize",
        "--jobs",
        "3",
        "--report",
        report.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        dir.join("in").to_str().unwrap(),
    ]);
    assert_eq!(done.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    let inputs: Vec<_> = report.as_array().unwrap().iter().map(|r| r["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["a.exe", "b/y.exe", "z.exe"]);
}

#[test]
fn what_cannot_be_read_ends_with_1_and_names_the_file() {
    let dir = folder("unreadable");
    let out = dir.join("out");
    let done = sekimori(&["sanitize", "--out", out.to_str().unwrap(), dir.join("無い.docx").to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("無い.docx"));
}

#[test]
fn a_policy_that_cannot_be_used_is_said() {
    let dir = folder("policy");
    fs::write(dir.join("p.toml"), "[office]\nmacros = \"keep\"\n").unwrap();
    fs::write(dir.join("a.txt"), "x").unwrap();
    let done = sekimori(&[
        "sanitize",
        "--policy",
        dir.join("p.toml").to_str().unwrap(),
        "--out",
        dir.join("out").to_str().unwrap(),
        dir.join("a.txt").to_str().unwrap(),
    ]);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("macros"));
}

const PROTECTED: &[u8] = include_bytes!("../../../sanitize/tests/it/fixtures/aes.zip");

#[test]
fn a_protected_archive_is_held_until_its_password_is_in_the_file() {
    let dir = folder("password");
    let (input, out) = (dir.join("p.zip"), dir.join("out"));
    fs::write(&input, PROTECTED).unwrap();
    let (input, out) = (input.to_str().unwrap(), out.to_str().unwrap());
    let held = sekimori(&["sanitize", "--lang", "ja", "--out", out, input]);
    assert_eq!(held.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&held.stdout).contains("保留"), "{held:?}");
    let passwords = dir.join("passwords.txt");
    fs::write(&passwords, "wrong\nhimitsu\n").unwrap();
    let done = sekimori(&["sanitize", "--password-file", passwords.to_str().unwrap(), "--out", out, input]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(dir.join("out/p.zip").is_file());
    assert!(!String::from_utf8_lossy(&done.stdout).contains("himitsu"));
}

#[test]
fn inputs_are_never_overwritten_and_equal_names_get_numbers() {
    let dir = folder("overwrite");
    fs::create_dir_all(dir.join("other")).unwrap();
    for (name, text) in [("a.csv", "=1+1\n"), ("other/a.csv", "=2+2\n")] {
        fs::write(dir.join(name), text).unwrap();
    }
    let at = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let done = sekimori(&["sanitize", "--out", dir.to_str().unwrap(), &at("a.csv"), &at("other/a.csv")]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert_eq!(fs::read_to_string(dir.join("a.csv")).unwrap(), "=1+1\n");
    assert_eq!(fs::read_to_string(dir.join("a (2).csv")).unwrap(), "'=1+1\n");
    assert_eq!(fs::read_to_string(dir.join("a (3).csv")).unwrap(), "'=2+2\n");
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let dir = folder("jobs");
    fs::create_dir_all(dir.join("in/同じ")).unwrap();
    for n in 0..12 {
        fs::write(dir.join(format!("in/{n}.csv")), format!("a,=1+{n}\n")).unwrap();
        fs::write(dir.join(format!("in/同じ/{n}.exe")), "MZ").unwrap();
    }
    let run = |jobs: &str| {
        let (out, report) = (dir.join(format!("out{jobs}")), dir.join(format!("r{jobs}.json")));
        let done = sekimori(&[
            "sanitize",
            "--jobs",
            jobs,
            "--report",
            report.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            dir.join("in").to_str().unwrap(),
        ]);
        assert_eq!(done.status.code(), Some(3));
        let mut report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
        for entry in report.as_array_mut().unwrap() {
            entry["ms"] = 0.into();
        }
        let text = fs::read_to_string(out.join("7.csv")).unwrap();
        (report, text)
    };
    let one = run("1");
    assert_eq!(one.0.as_array().unwrap().len(), 24);
    assert_eq!(one, run("5"));
}

/// A form as LibreOffice saves it, with a field that runs a macro.
const FORM: &[u8] = include_bytes!("../../../sanitize/tests/it/fixtures/form.odt");
/// A document that Office encrypted, password `himitsu`.
const ENCRYPTED: &[u8] = include_bytes!("../../../sanitize/tests/it/fixtures/agile.docx");

#[test]
fn an_open_document_stays_one_without_its_macro() {
    let dir = folder("odt");
    fs::write(dir.join("様式.odt"), FORM).unwrap();
    let (out, report) = (dir.join("out"), dir.join("report.json"));
    let done = sekimori(&[
        "sanitize",
        "--report",
        report.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        dir.join("様式.odt").to_str().unwrap(),
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let rebuilt = fs::read(out.join("様式.odt")).unwrap();
    assert!(rebuilt.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/vnd.oasis.opendocument.text")));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    assert_eq!(report[0]["outcome"], "rebuilt_with_loss");
    assert_eq!(report[0]["removed"][0]["what"], "macro");
}

#[test]
fn an_encrypted_document_is_opened_by_its_password_and_leaves_without_one() {
    let dir = folder("encrypted");
    let (input, out) = (dir.join("申請.docx"), dir.join("out"));
    fs::write(&input, ENCRYPTED).unwrap();
    let (input, out) = (input.to_str().unwrap(), out.to_str().unwrap());
    let held = sekimori(&["sanitize", "--lang", "ja", "--out", out, input]);
    assert_eq!(held.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&held.stdout).contains("保留"), "{held:?}");
    let passwords = dir.join("passwords.txt");
    fs::write(&passwords, "wrong\nhimitsu\n").unwrap();
    let done = sekimori(&["sanitize", "--password-file", passwords.to_str().unwrap(), "--out", out, input]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(fs::read(dir.join("out/申請.docx")).unwrap().starts_with(b"PK"));
}

/// A page with a line of text and a link.
fn linked_page() -> String {
    let text = "BT /F1 24 Tf 20 100 Td (Kept text) Tj ET";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R]>>"
            .to_owned(),
        format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        "<</Type/Annot/Subtype/Link/Rect[20 90 120 120]/A<</S/URI/URI(https://a.invalid/)>>>>".to_owned(),
    ];
    let mut out = "%PDF-1.7\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let (start, size) = (out.len(), objects.len() + 1);
    format!("{out}{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n")
}

#[test]
fn the_policy_chooses_the_grade_of_a_pdf() {
    let dir = folder("grades");
    fs::write(dir.join("a.pdf"), linked_page()).unwrap();
    for (grade, noted) in [("editable", "hyperlink"), ("reading", "reading_copy"), ("image", "image_copy")] {
        let (out, report) = (dir.join(grade), dir.join(format!("{grade}.json")));
        let policy = dir.join(format!("{grade}.toml"));
        fs::write(&policy, format!("[pdf]\ngrade = \"{grade}\"\n")).unwrap();
        let at = |path: &PathBuf| path.to_str().unwrap().to_owned();
        let done = sekimori(&[
            "sanitize",
            "--policy",
            &at(&policy),
            "--report",
            &at(&report),
            "--out",
            &at(&out),
            &at(&dir.join("a.pdf")),
        ]);
        assert_eq!(done.status.code(), Some(0), "{grade}: {done:?}");
        let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
        let words = report[0]["noted"].as_array().unwrap().iter().map(|finding| finding["what"].as_str().unwrap());
        assert!(words.clone().any(|word| word == noted), "{grade}: {report}");
        let file = fs::read(out.join("a.pdf")).unwrap();
        let holds = |part: &[u8]| file.windows(part.len()).any(|bytes| bytes == part);
        assert_eq!(holds(b"/Subtype/Image"), grade == "image", "{grade}");
    }
}

/// A mail as a prefecture's office sends it: ISO-2022-JP, a table, and an archive whose password stands in the text.
fn mail() -> Vec<u8> {
    let base64 = |bytes: &[u8]| {
        let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = |six: &[u8]| six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit)) << (6 - six.len());
        let mut text: Vec<u8> = bits.chunks(6).map(|six| alphabet[value(six)]).collect();
        text.resize(text.len().div_ceil(4) * 4, b'=');
        text.chunks(76).map(|line| String::from_utf8(line.to_vec()).unwrap() + "\r\n").collect::<String>()
    };
    let head = b"From: =?ISO-2022-JP?B?GyRCOzMbKEI=?= <yamada@ken.invalid>\r\nTo: kikaku@city.invalid\r\nSubject: =?ISO-2022-JP?B?GyRCO3FOQSROQXdJVRsoQg==?=\r\nDate: Mon, 30 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=-1\"\r\n\r\n--=-1\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\x1b$B;qNA$rAw$j$^$9!#\x1b(B\x1b(I123\x1b(B\x1b$B-!\x1b(B\r\n\x1b$B%Q%9%o!<%I!'\x1b(Bhimitsu\r\n";
    let table = format!(
        "--=-1\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*=iso-2022-jp''%1B$B%49%3D%1B%28B.csv\r\n\r\n{}",
        base64("項目,金額\r\n使用料,3000\r\n".as_bytes())
    );
    let archive = format!(
        "--=-1\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"p.zip\"\r\n\r\n{}--=-1--\r\n",
        base64(PROTECTED)
    );
    [head, table.as_bytes(), archive.as_bytes()].concat()
}

#[test]
fn a_japanese_mail_with_a_protected_archive_arrives_and_its_password_is_taken_from_the_text_only_by_policy() {
    let dir = folder("mail");
    fs::write(dir.join("m.eml"), mail()).unwrap();
    fs::write(dir.join("p.toml"), "[mail]\npasswords = \"in-text\"\n").unwrap();
    let run = |out: &str, more: &[&str]| {
        let (out, report) = (dir.join(out), dir.join("r.json"));
        let (out, report) = (out.to_str().unwrap(), report.to_str().unwrap());
        let input = dir.join("m.eml");
        let arguments = [&["sanitize", "--report", report, "--out", out], more, &[input.to_str().unwrap()]].concat();
        let done = sekimori(&arguments);
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        let mail = fs::read_to_string(PathBuf::from(out).join("m.eml")).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
        (mail, report)
    };
    let (mail, report) = run("typed", &[]);
    assert_eq!(report[0]["outcome"], "rebuilt_with_loss");
    assert_eq!(report[0]["lost"][0]["what"], "part_held");
    assert_eq!(report[0]["parts"][1]["reason"]["code"], "password_needed");
    // 資料の送付
    assert!(mail.contains("Subject: =?UTF-8?B?6LOH5paZ44Gu6YCB5LuY?=\r\n"), "{mail}");
    assert!(mail.contains("filename*=UTF-8''%E8%A1%A8.csv") && mail.contains("filename*=UTF-8''p%EF%BC%88"), "{mail}");
    let (mail, report) = run("in-text", &["--policy", dir.join("p.toml").to_str().unwrap()]);
    assert_eq!(report[0]["outcome"], "rebuilt", "{report}");
    assert!(mail.contains("filename=\"p.zip\""), "{mail}");
}

#[test]
fn a_page_arrives_without_its_scripts() {
    let dir = folder("page");
    fs::write(dir.join("a.html"), "<html><body onload=x()><h1>案内</h1><script>x()</script></body></html>").unwrap();
    let out = dir.join("out");
    let done = sekimori(&["sanitize", "--out", out.to_str().unwrap(), dir.join("a.html").to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let page = fs::read_to_string(out.join("a.html")).unwrap();
    assert!(page.contains("<body><h1>案内</h1></body>") && !page.contains("x()"), "{page}");
}
