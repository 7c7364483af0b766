//! Evidence for auditors: taken from the running city, verified without it by our command and by others' tools.

use std::fs;
use std::process::Command;

use super::browser::{Browser, Card};
use super::command_line::sekimori;
use super::demo::Demo;
use super::story::follow;

#[test]
fn the_audits_evidence_verifies_offline_and_a_changed_byte_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, path) = (folder.path().join("city"), |name: &str| folder.path().join(name).to_str().unwrap().to_owned());
    let demo = Demo::start(&dir, &["--people", "200", "--assets", "90", "--incidents", "3", "--as-of", "2026-11-22"]);
    let (data, key, public) = (dir.to_str().unwrap(), path("k"), path("k.pub"));
    let run = |args: &[&str]| {
        let done = sekimori(args);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.code(), said)
    };
    let sign = |to: &str| {
        let (code, said) = run(&["journal", "checkpoint", "--data", data, "--key", &key, "--out", to]);
        assert_eq!(code, Some(0), "{said}");
    };
    sign(&path("before"));
    let mut auditor = Browser::signed_in(demo.address(), &Card::read(&dir), "auditor");
    let audit = follow(&mut auditor, "/registers/audits", "外部委託と窓口の情報の取扱い");
    let page = auditor.get(&audit).body;
    let to = page.split("href=\"/evidence?audit=").nth(1).expect("a way to the evidence").split('"').next().unwrap();
    let form = auditor.get(&format!("/evidence?audit={to}")).body;
    let asked = [("audit", to), ("from", "2026-04-01"), ("to", "2026-11-22")];
    let taken = auditor.post("/evidence", &form, &asked);
    assert_eq!(taken.status, 200, "{}", taken.body);
    let zip = path("evidence.zip");
    fs::write(&zip, &taken.bytes).unwrap();
    sign(&path("after"));
    let journal = auditor.get("/journal").body;
    drop(demo);

    let verify = |file: &str, note: &str| {
        run(&["journal", "verify", "--export", file, "--checkpoint", &path(note), "--key", &public, "--lang", "ja"])
    };
    let (code, said) = verify(&zip, "before");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("不一致 0 件"), "{said}");
    let sum = Command::new("sha256sum").arg(&zip).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap().split(' ').next().unwrap().to_owned();
    assert!(said.contains(&format!("zipのSHA-256: {sum}")), "{said}");
    assert!(journal.contains(&format!("SHA-256 {sum}")), "the journal says the same: {journal}");
    let (code, said) = verify(&zip, "after");
    assert_eq!(code, Some(1), "a checkpoint signed later says nothing of it: {said}");
    assert!(said.contains("取り出す前に署名されたもの"), "{said}");

    let bytes = fs::read(&zip).unwrap();
    let mark = "令和8年度指摘第1号".as_bytes();
    let name = b"records/audit-findings.csv";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("the findings are in it");
    let at = at + bytes[at..].windows(mark.len()).position(|window| window == mark).expect("the finding is in it");
    let mut forged = bytes.clone();
    forged[at] ^= 1;
    fs::write(path("forged.zip"), forged).unwrap();
    let (code, said) = verify(&path("forged.zip"), "before");
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("records/audit-findings.csv: 内容が書き換えられています"), "{said}");
    fs::write(path("cut.zip"), &bytes[..bytes.len() / 2]).unwrap();
    let (code, said) = verify(&path("cut.zip"), "before");
    assert_eq!(code, Some(1), "{said}");

    // As others read it.
    let out = path("out");
    let unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    let unpacked = Command::new("python3").args(["-c", unpack, &zip, &out]).output().unwrap();
    assert!(unpacked.status.success(), "{unpacked:?}");
    let summed = Command::new("sha256sum").args(["--quiet", "-c", "SHA256SUMS"]).current_dir(&out).output().unwrap();
    assert!(summed.status.success(), "{summed:?}");
    let (code, said) = run(&["journal", "verify", "--export", &format!("{out}/journal/entries.txt")]);
    assert_eq!(code, Some(0), "{said}");
    let readme = fs::read_to_string(format!("{out}/README.txt")).unwrap();
    assert!(readme.contains("架空のデータ") && readme.contains("journal verify --export"), "{readme}");
    let decisions = fs::read_to_string(format!("{out}/decisions.csv")).unwrap();
    assert!(decisions.contains("合議") && decisions.contains("決裁"), "{decisions}");
}
