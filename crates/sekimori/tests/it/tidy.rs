//! Rules of the repository that no compiler holds: what Markdown names exists, crates use only what they may, words are in
//! the glossary, files stay readable.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::command_line::all_commands;

/// Which of our crates each crate may use (ARCHITECTURE.md says why).
const MAY_USE: &[(&str, &[&str])] = &[
    ("pack", &[]),
    ("sanitize", &[]),
    ("separation", &[]),
    ("worker", &[]),
    ("ledger", &["pack"]),
    ("assurance", &["ledger", "pack"]),
    ("watch", &["ledger", "pack"]),
    ("report", &["ledger", "pack"]),
    ("tables", &[]),
    ("exchange", &["pack", "ledger", "tables", "worker"]),
    ("gateway", &["worker", "sanitize"]),
    (
        "console",
        &[
            "pack",
            "ledger",
            "assurance",
            "watch",
            "report",
            "gateway",
            "worker",
            "sanitize",
            "separation",
            "exchange",
            "tables",
        ],
    ),
    (
        "sekimori",
        &[
            "pack",
            "ledger",
            "assurance",
            "watch",
            "report",
            "gateway",
            "worker",
            "sanitize",
            "separation",
            "exchange",
            "tables",
            "console",
        ],
    ),
];

/// Crates without I/O, and what their manifests must not name.
const PURE: &[&str] = &["pack", "sanitize", "separation", "tables"];
const NOT_PURE: &[&str] =
    &["tokio", "async-std", "sea-orm", "sqlx", "rusqlite", "axum", "hyper", "reqwest", "rand", "getrandom", "uuid"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Files that git tracks or would track, relative to the root.
fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("the tidy tests ask git which files there are");
    assert!(output.status.success());
    let list = String::from_utf8(output.stdout).unwrap();
    list.lines().filter(|file| root().join(file).is_file()).map(str::to_owned).collect()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn markdown() -> Vec<String> {
    files()
        .into_iter()
        .filter(|file| file.ends_with(".md") && !file.starts_with("packs/") && !file.contains("/vendor/"))
        .collect()
}

/// Text between single backticks outside of fenced blocks, and the lines of fenced blocks.
fn code_spans(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut spans, mut fenced, mut inside) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            fenced.push(line.trim());
        } else {
            spans.extend(line.split('`').skip(1).step_by(2));
        }
    }
    (spans, fenced)
}

/// The text without its fenced blocks, where links are examples.
fn prose(text: &str) -> String {
    let blocks = text.split("```").step_by(2);
    blocks.collect()
}

/// Whether a code span is meant as a path of this repository, rather than as a pattern or an example.
fn is_plain_path(span: &str) -> bool {
    let first = span.split('/').next().unwrap_or_default();
    let ours = ["crates", "docs", "packs", "fuzz", "bench", ".ci"].contains(&first) && span.contains('/');
    let pattern =
        span.contains(['*', ' ', '<', '{', '…', '$']) || span.split('/').any(|part| part == "X" || part == "DIR");
    ours && !pattern
}

#[test]
fn every_path_named_in_markdown_exists() {
    let mut missing = Vec::new();
    for file in markdown() {
        let text = read(&file);
        let folder = Path::new(&file).parent().unwrap();
        for link in prose(&text).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            // `standard#assets` names a clause of a pack; the pack's own check looks it up.
            let clause = link.contains('#') && !target.contains(['.', '/']);
            if !target.is_empty() && !clause && !target.contains("://") && !root().join(folder).join(target).exists() {
                missing.push(format!("{file}: link to {link:?}"));
            }
        }
        for span in code_spans(&text).0.into_iter().filter(|span| is_plain_path(span)) {
            if !root().join(span.split([':', '#']).next().unwrap()).exists() {
                missing.push(format!("{file}: {span:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "named in Markdown, but not there:\n{}", missing.join("\n"));
}

/// The command that a line of Markdown names: its first word, or two where the first is a group.
fn named_command<'a>(code: &'a str, commands: &BTreeSet<String>) -> Option<Vec<&'a str>> {
    let rest = code.strip_prefix("sekimori ").or_else(|| code.strip_prefix("cargo run --release -- "))?;
    let mut words = rest.split_whitespace().filter(|word| !word.starts_with('-'));
    let first = words.next()?;
    let group = commands.iter().any(|command| command.starts_with(&format!("{first} ")));
    let second = words.next().filter(|word| group && word.starts_with(|c: char| c.is_ascii_lowercase()));
    Some(std::iter::once(first).chain(second).collect())
}

#[test]
fn every_command_named_in_markdown_exists() {
    let commands: BTreeSet<String> = all_commands().iter().map(|words| words.join(" ")).collect();
    let mut missing = Vec::new();
    for file in markdown() {
        let text = read(&file);
        let (spans, fenced) = code_spans(&text);
        for code in spans.into_iter().chain(fenced) {
            let Some(name) = named_command(code, &commands) else { continue };
            // `worker` is hidden from the help; alternatives are written `journal verify|export`.
            let known = name.last().unwrap().split('|').all(|last| {
                let full = name[..name.len() - 1].iter().copied().chain([last]).collect::<Vec<_>>().join(" ");
                full.starts_with("worker") || commands.contains(&full)
            });
            if !known {
                missing.push(format!("{file}: {code:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "commands named in Markdown that the binary lacks:\n{}", missing.join("\n"));
}

/// Crate name → its manifest.
fn manifests() -> BTreeMap<String, toml::Table> {
    let crates = files().into_iter().filter(|file| file.starts_with("crates/") && file.ends_with("/Cargo.toml"));
    crates.map(|file| (file.split('/').nth(1).unwrap().to_owned(), read(&file).parse().unwrap())).collect()
}

fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn crates_use_only_what_they_may() {
    let manifests = manifests();
    for (name, manifest) in &manifests {
        let row = MAY_USE.iter().find(|(krate, _)| krate == name);
        let allowed = row.unwrap_or_else(|| panic!("{name} is not in MAY_USE")).1;
        for dependency in dependencies(manifest) {
            let ours = manifests.contains_key(&dependency);
            assert!(!ours || allowed.contains(&dependency.as_str()), "crate {name} may not use {dependency}");
            let pure = PURE.contains(&name.as_str());
            assert!(!pure || !NOT_PURE.contains(&dependency.as_str()), "pure crate {name} may not use {dependency}");
        }
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{name} takes the workspace's lints");
    }
}

#[test]
fn every_dependency_of_the_workspace_is_used() {
    let root: toml::Table = read("Cargo.toml").parse().unwrap();
    let manifests: Vec<String> = manifests().values().map(ToString::to_string).collect();
    let declared = root["workspace"]["dependencies"].as_table().unwrap().keys();
    let unused: Vec<_> =
        declared.filter(|name| !manifests.iter().any(|text| text.lines().any(|line| names(line, name)))).collect();
    assert!(unused.is_empty(), "declared in the root manifest, used by no crate: {unused:?}");
}

/// Whether a line of a manifest, as the toml crate prints it, is the table or the key of this dependency.
fn names(line: &str, dependency: &str) -> bool {
    line.ends_with(&format!("ependencies.{dependency}]")) || line.starts_with(&format!("{dependency} ="))
}

/// The paths that a clippy.toml bans.
fn bans(file: &str) -> BTreeSet<String> {
    let table: toml::Table = read(file).parse().unwrap();
    let list = table.get("disallowed-methods").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    for ban in &list {
        assert!(ban.get("reason").is_some(), "{file}: every ban says what to use and why: {ban}");
    }
    list.iter().map(|ban| ban["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_clippy_toml_of_a_crate_repeats_the_roots_bans() {
    let common = bans("clippy.toml");
    for name in manifests().into_keys() {
        let file = format!("crates/{name}/clippy.toml");
        let own = root().join(&file).exists();
        assert!(own || !PURE.contains(&name.as_str()), "pure crate {name} needs a clippy.toml that bans I/O");
        if own {
            let missing: Vec<_> = common.difference(&bans(&file)).cloned().collect();
            assert!(missing.is_empty(), "{file} lacks the root's bans {missing:?}");
        }
    }
}

#[test]
fn every_register_of_a_pack_is_in_the_glossary() {
    let glossary = read("GLOSSARY.md");
    let registers = files().into_iter().filter_map(|file| {
        let parts: Vec<&str> = file.split('/').collect();
        matches!(parts[..], ["packs", _, "duties", _, "register.toml"]).then(|| parts[3].to_owned())
    });
    let missing: Vec<_> = registers.filter(|register| !glossary.contains(&format!("`{register}`"))).collect();
    assert!(missing.is_empty(), "registers that GLOSSARY.md does not name: {missing:?}");
}

#[test]
fn glossary_identifiers_are_ascii_and_terms_occur_once() {
    let mut seen = BTreeSet::new();
    let text = read("GLOSSARY.md");
    for section in text.split("\n## ") {
        for line in section.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
            let (term, rest) = line.trim_start_matches("| ").split_once(" | ").expect("a glossary row has two columns");
            let heading = section.lines().next().unwrap();
            assert!(
                seen.insert(format!("{heading}: {term}")),
                "{term:?} stands twice under {heading:?} in GLOSSARY.md"
            );
            assert!(code_spans(rest).0.iter().all(|id| id.is_ascii()), "identifiers are ASCII: {line}");
        }
    }
    assert!(seen.len() > 100);
}

#[test]
fn source_files_stay_readable() {
    let sources = files().into_iter().filter(|file| file.ends_with(".rs"));
    let long: Vec<_> =
        sources.map(|file| (read(&file).lines().count(), file)).filter(|(lines, _)| *lines > 500).collect();
    assert!(long.is_empty(), "split these by purpose: {long:?}");
}

#[test]
fn no_file_names_a_machine_or_a_package_host() {
    // Put together here, so that this file does not name them either.
    let words = [
        ["/work", "/"].concat(),
        ["index.", "crates.io"].concat(),
        ["pypi", ".org"].concat(),
        ["deb.debian", ".org"].concat(),
    ];
    for file in files() {
        let Ok(text) = fs::read_to_string(root().join(&file)) else { continue };
        for word in &words {
            assert!(!text.contains(word.as_str()), "{file} names {word:?}");
        }
    }
}
