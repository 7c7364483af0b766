//! A small pack without errors or warnings, and what a change to it makes the check say.

use pack::{Diagnostic, Source};

/// The files of the small pack.
const FILES: &[(&str, &str)] = &[
    ("pack.toml", include_str!("base/pack.toml")),
    ("organisation.toml", include_str!("base/organisation.toml")),
    ("classes.toml", include_str!("base/classes.toml")),
    ("zones.toml", include_str!("base/zones.toml")),
    ("threats.toml", include_str!("base/threats.toml")),
    ("obligations.toml", include_str!("base/obligations.toml")),
    ("sanitising.toml", include_str!("base/sanitising.toml")),
    ("documents/policy.md", include_str!("base/documents/policy.md")),
    ("documents/procedure.md", include_str!("base/documents/procedure.md")),
    ("duties/assets/register.toml", include_str!("base/duties/assets/register.toml")),
    ("duties/assets/controls.toml", include_str!("base/duties/assets/controls.toml")),
    ("duties/assets/help.md", include_str!("base/duties/assets/help.md")),
    ("duties/takeouts/register.toml", include_str!("base/duties/takeouts/register.toml")),
    ("duties/takeouts/controls.toml", include_str!("base/duties/takeouts/controls.toml")),
    ("duties/takeouts/form.toml", include_str!("base/duties/takeouts/form.toml")),
    ("duties/takeouts/help.md", include_str!("base/duties/takeouts/help.md")),
    ("duties/terminals/controls.toml", include_str!("base/duties/terminals/controls.toml")),
    ("duties/terminals/sources.toml", include_str!("base/duties/terminals/sources.toml")),
    ("questionnaires/acknowledgement.toml", include_str!("base/questionnaires/acknowledgement.toml")),
    ("guideline/r7-03.toml", include_str!("base/guideline/r7-03.toml")),
];

/// The small pack.
pub(crate) fn base() -> Source {
    FILES.iter().map(|(path, text)| (*path, *text)).collect()
}

/// The small pack with changes: in a file, the first of a text replaced by another.
pub(crate) fn with(changes: &[(&str, &str, &str)]) -> Source {
    let mut source = base();
    for (path, find, replace) in changes {
        let text = String::from_utf8(source.get(path).expect("a file of the base pack").to_vec()).unwrap();
        assert!(text.contains(find), "{path} does not hold {find:?}");
        source.insert(*path, text.replacen(find, replace, 1));
    }
    source
}

/// What the check says of the small pack with one change.
pub(crate) fn changed(path: &str, find: &str, replace: &str) -> String {
    said(&with(&[(path, find, replace)]))
}

/// What the check says of the small pack with several changes.
pub(crate) fn changed_all(changes: &[(&str, &str, &str)]) -> String {
    said(&with(changes))
}

/// What the check says of a pack.
pub(crate) fn said(source: &Source) -> String {
    listed(source, &pack::compile(source).diagnostics)
}

/// Diagnostics as text: code, place, what is underlined, and everything said in both languages.
pub(crate) fn listed(source: &Source, diagnostics: &[Diagnostic]) -> String {
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        let (line, column) = source.position(&diagnostic.site);
        let bytes = source.get(&diagnostic.site.file).unwrap_or_default();
        let under = bytes.get(diagnostic.site.start..diagnostic.site.end).map(String::from_utf8_lossy);
        out.push(format!(
            "{} {} at {}:{line}:{column} `{}`",
            diagnostic.severity.id(),
            diagnostic.code,
            diagnostic.site.file,
            under.unwrap_or_default().chars().take(80).collect::<String>(),
        ));
        let mut both = |what: &str, text: &pack::model::Text| {
            out.push(format!("  {what}: {} | {}", text.ja, text.en.as_deref().unwrap_or("-")));
        };
        both("message", &diagnostic.message);
        if let Some(expected) = &diagnostic.expected {
            both("expected", expected);
        }
        if let Some(help) = &diagnostic.help {
            both("help", help);
        }
        out.push(format!("  names: {}", diagnostic.names.join(" ")));
    }
    out.join("\n")
}
