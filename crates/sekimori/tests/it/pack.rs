//! `sekimori pack …` on the pack of this repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sekimori(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sekimori")).current_dir(root()).args(args).output().expect("the binary runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An empty folder that is gone when the test ends.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A copy of the pack, to be changed.
fn copy() -> tempfile::TempDir {
    fn walk(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.path().is_dir() {
                walk(&entry.path(), &to.join(entry.file_name()));
            } else {
                std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
            }
        }
    }
    let dir = folder();
    walk(&root().join("packs/sodegaura"), dir.path());
    dir
}

fn change(file: &Path, change: impl Fn(&str) -> String) {
    let text = std::fs::read_to_string(file).expect("a file");
    std::fs::write(file, change(&text)).expect("a file");
}

#[test]
fn the_pack_of_this_repository_has_no_error() {
    let output = sekimori(&["pack", "check", "packs/sodegaura", "--lang", "ja"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("誤り 0件"), "{}", out(&output));
}

#[test]
fn a_pack_without_a_control_names_what_is_orphaned() {
    let dir = copy();
    let file = dir.path().join("duties/assets/controls.toml");
    // The controls but the first.
    change(&file, |text| {
        let mut blocks = text.split("[[control]]");
        let head = blocks.next().unwrap_or_default();
        let rest: Vec<_> = blocks.skip(1).collect();
        format!("{head}[[control]]{}", rest.join("[[control]]"))
    });
    let path = dir.path().to_str().expect("a path");
    let output = sekimori(&["pack", "check", path, "--format", "json", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert!(report["errors"].as_u64() > Some(0));
    for diagnostic in report["diagnostics"].as_array().expect("a list") {
        for key in ["severity", "code", "file", "message"] {
            assert!(diagnostic[key].is_string(), "{diagnostic}");
        }
        assert!(diagnostic["line"].as_u64() > Some(0) && diagnostic["column"].as_u64() > Some(0), "{diagnostic}");
        assert!(diagnostic["names"].is_array());
    }
    let first = &report["diagnostics"][0];
    assert!(["clause-unserved", "obligation-unserved"].contains(&first["code"].as_str().expect("a code")), "{first}");
}

#[test]
fn the_text_shows_the_line_and_how_to_mend_it() {
    let dir = copy();
    change(&dir.path().join("pack.toml"), |text| text.replace("network_model", "netwrok_model"));
    let output = sekimori(&["pack", "check", dir.path().to_str().expect("a path"), "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    assert!(text.contains("key-unknown") && text.contains("did you mean 'network_model'?"), "{text}");
    assert!(text.contains("[pack.toml:") && text.contains("─────"), "{text}");
}

#[test]
fn a_folder_that_is_not_there() {
    let output = sekimori(&["pack", "check", "packs/nowhere", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no folder 'packs/nowhere'"));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let dir = copy();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("documents/secret.md")).expect("a link");
    let output = sekimori(&["pack", "check", dir.path().to_str().expect("a path"), "--format", "json", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("\"code\": \"file-link\"") && !out(&output).contains("root:"));
}

#[test]
fn a_new_pack_is_right_and_bears_its_own_name() {
    let dir = folder();
    let path = dir.path().join("kimitsu");
    let path = path.to_str().expect("a path");
    let made = sekimori(&["pack", "new", path, "--name", "君津市"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let output = sekimori(&["pack", "check", path, "--lang", "ja"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let text = std::fs::read_to_string(Path::new(path).join("pack.toml")).expect("pack.toml");
    assert!(text.contains("id = \"kimitsu\"") && text.contains("君津市") && !text.contains("袖ケ浦市"), "{text}");
    let again = sekimori(&["pack", "new", path, "--lang", "en"]);
    assert_eq!(again.status.code(), Some(1), "a folder with something in it is left alone");
}

#[test]
fn a_small_town_starts_with_few_registers_and_every_obligation_served() {
    let dir = folder();
    let path = dir.path().join("kawanishi");
    let path = path.to_str().expect("a path");
    let made = sekimori(&["pack", "new", path, "--small", "--name", "川西町"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let output = sekimori(&["pack", "check", path, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let answer: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(answer["errors"], 0);
    let registers = answer["counts"]["registers"].as_i64().expect("a count");
    assert!((10..=15).contains(&registers), "{registers}");
}

#[test]
fn the_public_edition_is_written_to_a_new_folder() {
    let dir = folder();
    let to = dir.path().join("public");
    let to = to.to_str().expect("a path");
    let output = sekimori(&["pack", "publish", "packs/sodegaura", "--out", to]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = std::fs::read_to_string(Path::new(to).join("policy.html")).expect("a page");
    assert!(page.contains("<html lang=\"ja\">") && page.contains("袖ケ浦市"));
    let sheet = std::fs::read_to_string(Path::new(to).join("publication.html")).expect("the sheet");
    assert!(sheet.contains("農業委員会") && sheet.contains("記録がありません"), "{sheet}");
    assert_eq!(sekimori(&["pack", "publish", "--out", to]).status.code(), Some(2), "a folder or data");
    assert_eq!(sekimori(&["pack", "publish", "packs/sodegaura", "--out", to]).status.code(), Some(1));
}

#[test]
fn a_trace_as_csv_has_the_columns_that_scripts_rest_on() {
    let output = sekimori(&["pack", "trace", "packs/sodegaura", "--format", "csv"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = out(&output);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("clause,must,control,nature,serves,register,state"));
    assert!(lines.all(|line| line.split(',').count() == 7));
}

#[test]
fn a_changed_clause_stands_beside_what_it_was() {
    let dir = copy();
    change(&dir.path().join("pack.toml"), |text| text.replace("[municipality]", "[municipality] # changed"));
    change(&dir.path().join("documents/policy.md"), |text| {
        text.replacen("この基本方針は、", "この基本方針は、何よりも、", 1)
    });
    let path = dir.path().to_str().expect("a path");
    let output = sekimori(&["pack", "diff", "packs/sodegaura", path, "--lang", "ja"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = out(&output);
    assert!(text.contains("〔何よりも、〕") && text.contains("改正前"), "{text}");
    assert_eq!(text.matches("■").count(), 1, "{text}");
    let html = sekimori(&["pack", "diff", "packs/sodegaura", path, "--format", "html"]);
    assert!(out(&html).contains("<u>何よりも、</u>"));
}
