//! What every command has in common.

use std::process::{Command, Output};

/// Runs the built binary.
pub(crate) fn sekimori(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sekimori")).args(args).env_remove("LANG").output().unwrap()
}

/// Names of the subcommands that `--help` of `path` lists.
fn subcommands(path: &[String]) -> Vec<String> {
    let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
    args.extend(["--help", "--lang", "en"]);
    let text = String::from_utf8(sekimori(&args).stdout).unwrap();
    let Some((_, list)) = text.split_once("Commands:\n") else { return Vec::new() };
    let rows = list.lines().take_while(|line| !line.trim().is_empty());
    let names = rows.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Every command of the binary, as its words.
pub(crate) fn all_commands() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(path) = open.pop() {
        for name in subcommands(&path) {
            let mut inner = path.clone();
            inner.push(name);
            open.push(inner.clone());
            found.push(inner);
        }
    }
    found.sort();
    found
}

#[test]
fn help_of_every_command_is_there_in_both_languages_and_the_leaves_show_an_example() {
    let all = all_commands();
    assert!(!all.is_empty());
    for command in &all {
        let leaf = !all.iter().any(|other| other.len() > command.len() && other.starts_with(command));
        for (lang, example) in [("en", "Example"), ("ja", "例")] {
            let mut args: Vec<&str> = command.iter().map(String::as_str).collect();
            args.extend(["--help", "--lang", lang]);
            let output = sekimori(&args);
            assert!(output.status.success(), "{command:?} --help");
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(!leaf || text.contains(example), "{command:?} --help --lang {lang} shows no example:\n{text}");
            let japanese = text.chars().any(|c| ('\u{3040}'..='\u{30ff}').contains(&c));
            assert!(lang == "en" || japanese, "{command:?} --help --lang ja is not in Japanese:\n{text}");
        }
    }
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let output = sekimori(&["no-such-command"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-command"));
}

#[test]
fn the_version_is_printed() {
    let output = sekimori(&["--version"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), concat!("sekimori ", env!("CARGO_PKG_VERSION")));
}
