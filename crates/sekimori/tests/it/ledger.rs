//! The commands on a municipality's data: exit codes and what is printed.

use std::fs;

use ledger::journal::entry::hex;
use sha2::{Digest, Sha256};

use super::command_line::sekimori;

#[test]
fn a_place_without_data_is_named_and_ends_with_1() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    for command in
        [&["journal", "verify"][..], &["doctor"], &["token", "create", "--person", "admin"], &["backup", "x"]]
    {
        let mut args = command.to_vec();
        args.extend(["--data", place, "--lang", "en"]);
        let done = sekimori(&args);
        assert_eq!(done.status.code(), Some(1), "{done:?}");
        assert!(String::from_utf8_lossy(&done.stderr).contains("holds no sekimori data"), "{done:?}");
    }
    // Nothing said about where the data is: usage.
    for command in
        [&["journal", "verify"][..], &["doctor"], &["assess"], &["backup", "x"], &["pack", "adopt", "--list"]]
    {
        assert_eq!(sekimori(command).status.code(), Some(2), "{command:?}");
    }
    assert_eq!(sekimori(&["journal", "verify", "--data", place, "--checkpoint", "x"]).status.code(), Some(2));
}

#[test]
fn a_file_that_is_no_backup_restores_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.backup");
    fs::write(&file, b"PK\x03\x04").unwrap();
    let data = dir.path().join("city");
    let args = ["restore", "--data", data.to_str().unwrap(), file.to_str().unwrap(), "--lang", "en"];
    let done = sekimori(&args);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert!(String::from_utf8_lossy(&done.stderr).contains("damaged or cut off"), "{done:?}");
}

#[test]
fn an_empty_ledger_verifies_is_signed_exported_saved_and_restored() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    // A refused restore leaves an empty store behind, which is a ledger without entries.
    fs::write(path("x"), b"x").unwrap();
    assert_eq!(sekimori(&["restore", "--data", &path("city"), &path("x")]).status.code(), Some(1));
    let run = |args: &[&str]| {
        let done = sekimori(args);
        assert_eq!(done.status.code(), Some(0), "{args:?}: {done:?}");
    };
    let (city, key, note, public) = (path("city"), path("k"), path("note"), path("k.pub"));
    run(&["journal", "verify", "--data", &city]);
    run(&["journal", "checkpoint", "--data", &city, "--key", &key, "--out", &note]);
    run(&["journal", "verify", "--data", &city, "--checkpoint", &note, "--key", &public]);
    run(&["journal", "export", "--data", &city, &path("export")]);
    run(&["journal", "verify", "--data", &city]);
    run(&["journal", "verify", "--export", &path("export"), "--checkpoint", &note, "--key", &public]);
    run(&["backup", "--data", &city, &path("saved")]);
    run(&["restore", "--data", &path("again"), &path("saved")]);
    fs::write(path("config.toml"), "data = \"again\"").unwrap();
    run(&["journal", "verify", "--config", &path("config.toml")]);
    // Both copies left their entries; one that could not be written left none.
    assert_eq!(sekimori(&["journal", "export", "--data", &city, &path("no/where")]).status.code(), Some(1));
    assert_eq!(sekimori(&["backup", "--data", &city, &path("no/where")]).status.code(), Some(1));
    run(&["journal", "export", "--data", &city, &path("later")]);
    let later = fs::read_to_string(path("later")).unwrap();
    let entries: Vec<&str> = later.lines().skip(1).collect();
    assert_eq!(entries.len(), 2, "{later}");
    let hash = |name: &str| hex(&Sha256::digest(fs::read(path(name)).unwrap()));
    assert!(entries[0].contains("export") && entries[0].contains(&hash("export")), "which file, by its hash: {later}");
    assert!(
        entries[0].contains("\"entries\":0") && entries[0].contains("operator:"),
        "who, and up to which entry: {later}"
    );
    assert!(entries[1].contains("backup") && entries[1].contains("\"rows\":"), "{later}");
    assert!(!dir.path().join("export.part").exists() && !dir.path().join("saved.part").exists());
}

#[test]
fn the_first_start_needs_a_policy_and_an_unknown_setting_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("sekimori.toml");
    let serve = |text: &str| {
        fs::write(&config, text).unwrap();
        let done = sekimori(&["serve", "--config", config.to_str().unwrap(), "--lang", "en"]);
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let (code, said) = serve("data = \"city\"\nlistn = \"127.0.0.1:0\"\n");
    assert!(code == Some(1) && said.contains("line 2") && said.contains("`listen`"), "{said}");
    let (code, said) = serve("data = \"city\"\n");
    assert!(code == Some(1) && said.contains("pack = \"FOLDER\""), "{said}");
}
