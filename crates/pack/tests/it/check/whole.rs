//! Files and folders as a whole: what cannot be read, and that nothing panics.

use pack::{MAX_FILE_BYTES, MAX_FILES, Severity};

use crate::base::{base, said};

/// The base pack with a file put in.
fn file(path: &str, bytes: impl Into<Vec<u8>>) -> String {
    let mut source = base();
    source.insert(path, bytes);
    said(&source)
}

/// The base pack with a file taken out.
fn without(path: &str) -> String {
    let mut source = base();
    assert!(source.remove(path).is_some(), "{path}");
    said(&source)
}

#[test]
fn the_small_pack_is_right() {
    let checked = pack::compile(&base());
    assert_eq!(said(&base()), "");
    assert!(checked.pack.is_some());
}

#[test]
fn a_missing_file() {
    insta::assert_snapshot!(without("zones.toml"), @r#"
    error file-missing at zones.toml:1:1 ``
      message: ファイル「zones.toml」がありません | the file 'zones.toml' is missing
      help: 規程データのフォルダーにこのファイルを置いてください | put this file into the pack's folder
      names: zones.toml
    "#);
}

#[test]
fn a_file_that_belongs_to_no_pack() {
    insta::assert_snapshot!(file("duties/assets/registr.toml", ""), @r#"
    error file-unknown at duties/assets/registr.toml:1:1 ``
      message: 「duties/assets/registr.toml」は規程データのファイルではありません | 'duties/assets/registr.toml' is no file of a pack
      expected: docs/pack.md の一覧にあるファイル | a file listed in docs/pack.md
      help: 「register.toml」ではありませんか | did you mean 'register.toml'?
      names: duties/assets/registr.toml
    "#);
}

#[test]
fn a_path_out_of_the_folder() {
    insta::assert_snapshot!(file("duties/../pack.toml", ""), @r#"
    error file-unknown at duties/../pack.toml:1:1 ``
      message: 「duties/../pack.toml」は規程データのファイルではありません | 'duties/../pack.toml' is no file of a pack
      expected: docs/pack.md の一覧にあるファイル | a file listed in docs/pack.md
      help: フォルダーの外へ移してください | move it out of the folder
      names: duties/../pack.toml
    "#);
}

#[test]
fn a_folder_without_a_register_or_controls() {
    insta::assert_snapshot!(file("duties/media/help.md", "媒体"), @r#"
    error duty-empty at duties/media/register.toml:1:1 ``
      message: 「duties/media」に register.toml も controls.toml もありません | 'duties/media' has neither register.toml nor controls.toml
      help: どちらかを置くか、フォルダーを消してください | add one of them, or take the folder away
      names: media
    "#);
}

#[test]
fn a_register_without_help() {
    insta::assert_snapshot!(without("duties/assets/help.md"), @r#"
    warning help-missing at duties/assets/register.toml:1:9 `{ ja = "情報資産", en = "Information assets" }`
      message: 台帳「assets」に help.md がありません | the register 'assets' has no help.md
      help: 職員向けの説明を書いてください | write help for staff
      names: assets
    "#);
}

#[test]
fn a_file_that_is_not_utf_8() {
    insta::assert_snapshot!(file("threats.toml", b"id = \"\x8e\x73\"".to_vec()), @r#"
    error file-not-utf8 at threats.toml:1:7 ``
      message: UTF-8 ではありません | not UTF-8
      help: エディターで文字コードを UTF-8 にして保存し直してください | save it as UTF-8
      names: threats.toml
    "#);
}

#[test]
fn a_file_that_is_too_large() {
    insta::assert_snapshot!(file("threats.toml", vec![b'#'; MAX_FILE_BYTES + 1]), @r#"
    error file-too-large at threats.toml:1:1 ``
      message: 1048576バイトを超えています | larger than 1048576 bytes
      help: ファイルを分けてください | split the file
      names: threats.toml
    "#);
}

#[test]
fn a_pack_of_too_many_files() {
    let mut source = base();
    for number in 0..=MAX_FILES {
        source.insert(format!("duties/d{number}/help.md"), "");
    }
    insta::assert_snapshot!(said(&source), @r#"
    error pack-too-large at pack.toml:1:1 ``
      message: 規程データが大きすぎます（2021ファイル、9732バイト） | the pack is too large (2021 files, 9732 bytes)
      expected: 2000ファイル、33554432バイトまで | at most 2000 files and 33554432 bytes
      help: 規程データのフォルダーを指しているか確かめてください | see whether this is the pack's folder
      names:
    "#);
}

#[test]
fn brackets_nested_too_deep() {
    insta::assert_snapshot!(file("threats.toml", format!("a = {}", "[".repeat(100_000))), @r#"
    error toml-too-deep at threats.toml:1:1 ``
      message: かっこの入れ子が32段を超えています | brackets are nested more than 32 deep
      help: かっこの閉じ忘れがないか確かめてください | see whether a bracket is not closed
      names:
    "#);
}

#[test]
fn no_body() {
    let mut source = base();
    let text = String::from_utf8(source.get("pack.toml").unwrap().to_vec()).unwrap();
    source.insert("pack.toml", format!("{}[retired]\n", text.split("[[body]]").next().unwrap()));
    insta::assert_snapshot!(said(&source), @r#"
    error body-missing at pack.toml:1:1 ``
      message: 適用される機関が一つも書かれていません | no body is named
      expected: [[body]] を一つ以上 | at least one [[body]]
      help: 市長部局などを [[body]] で書いてください | add a [[body]]
      names:
    "#);
}

#[test]
fn an_empty_folder_names_what_is_missing() {
    let checked = pack::compile(&pack::Source::new());
    assert_eq!(checked.count(Severity::Error), 6);
    assert!(checked.pack.is_none());
}

/// A BOM and CRLF change nothing but the places.
#[test]
fn bom_and_crlf_are_read_like_any_other_file() {
    let mut source = base();
    let files: Vec<_> = base().files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    for (path, bytes) in files {
        let text = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        source.insert(path, format!("\u{feff}{text}"));
    }
    assert_eq!(said(&source), "");
    let plain = pack::compile(&base()).pack.unwrap();
    let checked = pack::compile(&source).pack.unwrap();
    let bodies = |pack: &pack::Pack| -> Vec<String> {
        pack.documents.iter().flat_map(|document| &document.clauses).map(|clause| clause.body.clone()).collect()
    };
    assert_eq!(bodies(&checked), bodies(&plain));
}

/// A place after a BOM is the place that an editor shows.
#[test]
fn a_place_after_a_bom() {
    let mut source = base();
    let text = String::from_utf8(source.get("pack.toml").unwrap().to_vec()).unwrap();
    source.insert("pack.toml", format!("\u{feff}{}", text.replace("id = \"small\"", "id = \"Small\"")));
    let diagnostics = pack::compile(&source).diagnostics;
    assert_eq!(source.position(&diagnostics[0].site), (1, 6));
}

/// Every code in the crate's sources is what some test of this folder expects.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the crate's sources; the crate reads nothing")]
fn every_diagnostic_has_a_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for folder in ["src", "src/read", "src/check"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                sources += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let mut tests = String::new();
    for folder in ["tests/it", "tests/it/check"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                tests += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let quoted = sources.split('"').skip(1).step_by(2);
    let is_code =
        |word: &&str| word.contains('-') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && word.len() > 5;
    let not_codes = ["because-en", "front-matter"];
    let missing: Vec<_> = quoted
        .filter(is_code)
        .filter(|word| !not_codes.contains(word))
        .filter(|code| !tests.contains(&format!("error {code} ")) && !tests.contains(&format!("warning {code} ")))
        .collect();
    assert!(missing.is_empty(), "no test expects: {missing:?}");
}
