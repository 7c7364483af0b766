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
        assert!(code == 0 && said.contains("新規 0 件、変更 0 件、変更なし 9 件、誤り 0 件"), "{said}");
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

#[test]
fn staff_come_in_from_the_personnel_system() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let data = path("city");
    drop(Demo::start(&folder.path().join("city"), &["--people", "150", "--assets", "90"]));
    let write = |rows: &str| {
        let head = "職員番号,氏名,フリガナ,職員区分,所属コード,役割,退職日\r\n";
        fs::write(path("staff.csv"), format!("{head}{rows}")).unwrap();
    };
    let import = |more: &[&str]| {
        let file = path("staff.csv");
        let mut args = vec!["people", "import", file.as_str()];
        args.extend(more);
        run(&data, &args)
    };

    write("90001,新人 花,シンジン ハナ,常勤職員,0301,,\r\n90001,二重 花,ニジュウ ハナ,謎,9999,王様,いつか\r\n");
    let (code, said) = import(&["--dry-run"]);
    assert_eq!(code, 1, "{said}");
    for cell in [":A3 [職員番号]", ":D3 [職員区分]", ":E3 [所属コード]", ":F3 [役割]", ":G3 [退職日]"]
    {
        assert!(said.contains(cell), "{cell}: {said}");
    }

    write("90001,新人 花,シンジン ハナ,full_time,0301,section_security_staff,\r\n");
    let (code, said) = import(&["--dry-run"]);
    assert!(code == 0 && said.contains("新規 1 件、変更 0 件") && said.contains("変更していません"), "{said}");
    let (code, said) = import(&[]);
    assert!(code == 0 && said.contains("取り込みました"), "{said}");
    let (_, said) = import(&[]);
    assert!(said.contains("新規 0 件、変更 0 件、変更なし 1 件"), "{said}");

    write("90001,新人 花,シンジン ハナ,full_time,0302,,\r\n");
    let (code, said) = import(&["--on", "2099-04-01"]);
    assert!(code == 0 && said.contains("うち異動 1 件、退職 0 件"), "{said}");
    write("90001,新人 花,シンジン ハナ,full_time,0302,,2099-09-30\r\n");
    let (code, said) = import(&["--on", "2099-04-01"]);
    assert!(code == 0 && said.contains("退職 1 件"), "{said}");
    let (code, said) = run(&data, &["journal", "verify"]);
    assert_eq!(code, 0, "{said}");
}
