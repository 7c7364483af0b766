//! The policy and its TOML form.

use sanitize::{Budget, Ending, Policy, sanitize};

/// The TOML block in the module's documentation.
fn documented() -> String {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/policy.rs")).unwrap();
    let block = source.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    block.lines().map(|line| line.trim_start_matches("//!")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_documented_form_is_the_default() {
    assert_eq!(Policy::from_toml(&documented()).unwrap(), Policy::default());
    assert_eq!(Policy::from_toml("").unwrap(), Policy::default());
}

#[test]
fn unknown_keys_and_types_are_errors() {
    assert!(Policy::from_toml("[office]\nmacros = \"keep\"").is_err());
    let error = Policy::from_toml("[formats]\nexe = \"rebuild\"").unwrap_err();
    assert!(error.to_string().contains("「exe」"), "{error}");
}

#[test]
fn a_policy_makes_stricter_and_never_opens_a_blocked_type() {
    let policy = Policy::from_toml("[formats]\nrar = \"refuse\"\nexecutable = \"rebuild\"").unwrap();
    let end = |name, bytes: &[u8]| sanitize(name, bytes, &policy, &[], Budget::default()).outcome.ending();
    assert_eq!(end("a.rar", b"Rar!\x1a\x07\0"), Ending::Refused);
    assert_eq!(end("a.exe", b"MZ"), Ending::Refused);
}

#[test]
fn only_plain_links_of_allowed_schemes_stay() {
    let policy = Policy::default();
    assert!(policy.allows_link("https://www.city.invalid/a?b=c#d"));
    assert!(policy.allows_link("mailto:kikaku@city.invalid"));
    for target in [
        "file://server/share",
        "\\\\server\\share",
        "javascript:alert(1)",
        "http:x",
        "https://",
        "ms-word:ofe|u|http://a.invalid",
        "http://a.invalid/\u{202e}",
        "relative.html",
        "",
    ] {
        assert!(!policy.allows_link(target), "{target}");
    }
}
