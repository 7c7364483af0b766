//! Any bytes in place of any file of a pack: the check ends, says where, and never panics. What it calls right is published.
//!
//! The first byte chooses the file, the rest are its bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pack::Source;

/// The test's small pack, in which one file is replaced.
const FILES: &[(&str, &str)] = &[
    ("pack.toml", include_str!("../../crates/pack/tests/it/base/pack.toml")),
    ("organisation.toml", include_str!("../../crates/pack/tests/it/base/organisation.toml")),
    ("classes.toml", include_str!("../../crates/pack/tests/it/base/classes.toml")),
    ("zones.toml", include_str!("../../crates/pack/tests/it/base/zones.toml")),
    ("threats.toml", include_str!("../../crates/pack/tests/it/base/threats.toml")),
    ("obligations.toml", include_str!("../../crates/pack/tests/it/base/obligations.toml")),
    ("sanitising.toml", include_str!("../../crates/pack/tests/it/base/sanitising.toml")),
    ("documents/policy.md", include_str!("../../crates/pack/tests/it/base/documents/policy.md")),
    ("documents/procedure.md", include_str!("../../crates/pack/tests/it/base/documents/procedure.md")),
    ("duties/assets/register.toml", include_str!("../../crates/pack/tests/it/base/duties/assets/register.toml")),
    ("duties/assets/controls.toml", include_str!("../../crates/pack/tests/it/base/duties/assets/controls.toml")),
    ("duties/assets/help.md", include_str!("../../crates/pack/tests/it/base/duties/assets/help.md")),
    ("duties/takeouts/register.toml", include_str!("../../crates/pack/tests/it/base/duties/takeouts/register.toml")),
    ("duties/takeouts/controls.toml", include_str!("../../crates/pack/tests/it/base/duties/takeouts/controls.toml")),
    ("duties/takeouts/form.toml", include_str!("../../crates/pack/tests/it/base/duties/takeouts/form.toml")),
    ("duties/takeouts/help.md", include_str!("../../crates/pack/tests/it/base/duties/takeouts/help.md")),
    ("duties/terminals/controls.toml", include_str!("../../crates/pack/tests/it/base/duties/terminals/controls.toml")),
    ("duties/terminals/sources.toml", include_str!("../../crates/pack/tests/it/base/duties/terminals/sources.toml")),
    (
        "questionnaires/acknowledgement.toml",
        include_str!("../../crates/pack/tests/it/base/questionnaires/acknowledgement.toml"),
    ),
    ("guideline/r7-03.toml", include_str!("../../crates/pack/tests/it/base/guideline/r7-03.toml")),
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let mut source: Source = FILES.iter().map(|(path, text)| (*path, *text)).collect();
    let (path, _) = FILES[usize::from(*choice) % FILES.len()];
    source.insert(path, bytes);
    let checked = pack::compile(&source);
    for diagnostic in &checked.diagnostics {
        let (line, column) = source.position(&diagnostic.site);
        assert!(line > 0 && column > 0);
        let length = source.get(&diagnostic.site.file).map_or(0, <[u8]>::len);
        assert!(diagnostic.site.start <= diagnostic.site.end && diagnostic.site.end <= length, "{diagnostic:?}");
        assert!(!diagnostic.message.ja.is_empty() && diagnostic.message.en.is_some());
    }
    if let Some(pack) = &checked.pack {
        let _ = (pack::publish(pack, &pack::Publication::default()), pack::trace(pack), pack::diff(pack, pack));
    }
});
