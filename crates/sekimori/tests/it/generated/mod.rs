//! docs/generated/: pages that are made from the shipped policy, each held to it by a test.

mod obligations;
mod permissions;
mod source_coverage;

use std::path::{Path, PathBuf};

use ::pack::Pack;
use ::pack::model::{Control, Nature, Subjects};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The shipped policy.
fn shipped() -> Pack {
    fn add(dir: &Path, prefix: &str, source: &mut ::pack::Source) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                add(&entry.path(), &format!("{name}/"), source);
            } else {
                source.insert(&name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut source = ::pack::Source::new();
    add(&root().join("packs/sodegaura"), "", &mut source);
    ::pack::compile(&source).pack.expect("the shipped policy has errors")
}

/// Holds a page to what the policy says today; with `SEKIMORI_RENEW=1` it is written instead.
fn keep(name: &str, text: &str) {
    let path = root().join("docs/generated").join(name);
    if std::env::var_os("SEKIMORI_RENEW").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(
        written == text,
        "docs/generated/{name} is not what the policy says (first at line {:?}); renew it with\n  \
         SEKIMORI_RENEW=1 cargo test -p sekimori --test it generated",
        differs.map(|line| line + 1)
    );
}

/// 自動判定, データ連携 or 実施報告: who or what decides a control.
fn nature(control: &Control) -> &'static str {
    match &control.nature {
        Nature::Machine { subjects: Subjects::Source(_), .. } => "データ連携",
        Nature::Machine { .. } => "自動判定",
        Nature::Attested(_) => "実施報告",
    }
}

/// Over what a control is evaluated.
fn over(control: &Control) -> &Subjects {
    match &control.nature {
        Nature::Machine { subjects, .. } => subjects,
        Nature::Attested(attestation) => &attestation.per,
    }
}

/// The register or the data source of a control, with its name.
fn place(pack: &Pack, control: &Control) -> String {
    match over(control) {
        Subjects::Register(id) => format!("台帳 {}（`{id}`）", pack.register(id).unwrap().title.ja),
        Subjects::Source(id) => format!("データ {}（`{id}`）", pack.source(id).unwrap().title.ja),
        Subjects::People => "職員".to_owned(),
        Subjects::Units => "所属".to_owned(),
        Subjects::Posts => "役割の発令".to_owned(),
        Subjects::Municipality => "市全体".to_owned(),
    }
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
