//! Tables in and out on the command line, and the claims that come from the records.

use std::fs;

use super::command_line::sekimori;
use super::demo::Demo;

/// Runs a command on the city's data: exit code, standard output and errors.
fn run(data: &str, args: &[&str]) -> (i32, String) {
    let mut all = args.to_vec();
    all.extend(["--data", data, "--lang", "ja"]);
    let done = sekimori(&all);
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn registers_sources_and_claims_go_out_and_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let data = path("city");
    drop(Demo::start(&folder.path().join("city"), &["--people", "150", "--assets", "90"]));

    for name in ["takeouts.xlsx", "takeouts.csv", "takeouts.cp932.csv"] {
        let (code, said) = run(&data, &["export", "takeouts", &path(name)]);
        assert_eq!(code, 0, "{said}");
        let (code, said) = run(&data, &["import", "takeouts", &path(name), "--dry-run"]);
        assert!(code == 0 && said.contains("新規 0 件、変更 0 件、変更なし 6 件、誤り 0 件"), "{said}");
    }
    assert!(fs::read(path("takeouts.csv")).unwrap().starts_with("\u{feff}番号".as_bytes()));

    fs::write(path("av.csv"), "端末名,常駐,支援期間内,単独端末\r\nLG-1,○,○,×\r\nLG-1,多分,○,×\r\n").unwrap();
    let (code, said) = run(&data, &["import", "antimalware", &path("av.csv")]);
    assert!(code == 1 && said.contains(":A3 [端末名]") && said.contains(":B3 [常駐]"), "{said}");
    fs::write(path("bad.xlsx"), b"PK\x03\x04 no workbook").unwrap();
    let (code, said) = run(&data, &["import", "assets", &path("bad.xlsx")]);
    assert!(code == 1 && said.contains("xlsx として読めません"), "{said}");

    let (code, said) = run(&data, &["separation", "claims", "--out", &path("claims.toml")]);
    assert_eq!(code, 0, "{said}");
    let claims = fs::read_to_string(path("claims.toml")).unwrap();
    assert!(!claims.contains("旧 収納データ"), "a flow past its end is not permitted");
    fs::write(path("fw.nft"), "table inet f { chain forward { type filter hook forward priority 0; policy drop; ip saddr 10.1.5.10 ip daddr 203.0.113.53 tcp dport 443 accept } }").unwrap();
    let verdict = sekimori(&["separation", "verify", "--claims", &path("claims.toml"), "--config", &path("fw.nft")]);
    assert_eq!(verdict.status.code(), Some(0), "{verdict:?}");
    fs::write(path("open.nft"), "table inet f { chain forward { type filter hook forward priority 0; policy drop; ip saddr 10.1.5.11 ip daddr 203.0.113.53 tcp dport 443 accept } }").unwrap();
    let verdict = sekimori(&["separation", "verify", "--claims", &path("claims.toml"), "--config", &path("open.nft")]);
    assert_eq!(verdict.status.code(), Some(3), "another host is no permitted flow: {verdict:?}");
    let (code, said) = run(&data, &["journal", "verify"]);
    assert_eq!(code, 0, "{said}");
}
