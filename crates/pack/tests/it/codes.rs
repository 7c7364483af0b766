//! Every diagnostic of the checker has a test that shows it: no code stands in the source that stands in no test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "the test reads the crate's sources; the crate reads nothing")]
fn texts(dir: &Path, all: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "snap") {
            all.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Codes that nothing can bring about today, and why.
const NOT_YET: [(&str, &str); 1] = [("kind-choice", "no kind of register asks for certain choices")];

/// Words in quotes that are written as codes are: lower case, parted by hyphens.
fn codes(text: &str) -> BTreeSet<&str> {
    let is_code = |word: &&str| {
        word.contains('-')
            && word
                .split('-')
                .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
    };
    text.split('"').skip(1).step_by(2).filter(is_code).collect()
}

#[test]
fn every_diagnostic_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut source, mut tests) = (Vec::new(), Vec::new());
    texts(&root.join("src"), &mut source);
    texts(&root.join("tests/it"), &mut tests);
    let mut shown: String =
        tests.iter().filter(|(path, _)| !path.ends_with("codes.rs")).map(|(_, text)| text.as_str()).collect();
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, text) in &source {
        let (code, unit_tests) = text.split_once("#[cfg(test)]").unwrap_or((text, ""));
        shown.push_str(unit_tests);
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            found.extend(codes(line).into_iter().map(|code| (code, path.as_str())));
        }
    }
    assert!(found.len() > 90, "the source was not understood: {found:?}");
    let excused = |code: &str| NOT_YET.iter().any(|(other, _)| *other == code);
    let without: Vec<_> = found.iter().filter(|(code, _)| !shown.contains(**code) && !excused(code)).collect();
    assert!(without.is_empty(), "no test shows {without:#?}");
}
