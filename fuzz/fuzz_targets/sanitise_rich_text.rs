//! Any bytes after the beginning of an RTF document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Budget, Ending, Limits, Policy, sanitize};

fuzz_target!(|data: &[u8]| {
    let bytes = [b"{\\rtf1\\ansi\\ansicpg932 ".as_slice(), data, b"}"].concat();
    let policy = Policy { limits: Limits { steps: 4_000_000, ..Limits::default() }, ..Policy::default() };
    let done = sanitize("a.rtf", &bytes, &policy, &[], Budget::new(policy.limits));
    assert_eq!(done.violation, None, "{:?}", done.report);
    if let Some(rebuilt) = done.outcome.rebuilt() {
        let again = sanitize("a.rtf", &rebuilt.bytes, &policy, &[], Budget::new(policy.limits));
        assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?}", again.report);
        assert!(again.outcome.rebuilt().is_some_and(|second| second.bytes == rebuilt.bytes));
    }
});
