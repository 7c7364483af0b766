//! Any bytes as a web page: no panic; what is rebuilt is accepted by the verifier, and rebuilt again to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Budget, Ending, Limits, Policy, sanitize};

fuzz_target!(|data: &[u8]| {
    let policy = Policy { limits: Limits { decoded_bytes: 16 << 20, steps: 4_000_000, ..Limits::default() }, ..Policy::default() };
    let page = [&b"<html><body>"[..], data].concat();
    let done = sanitize("a.html", &page, &policy, &[], Budget::new(policy.limits));
    assert_eq!(done.violation, None, "{:?}", done.report);
    if let Some(rebuilt) = done.outcome.rebuilt() {
        let again = sanitize(&rebuilt.name, &rebuilt.bytes, &policy, &[], Budget::new(policy.limits));
        assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?}", again.report);
        assert!(again.outcome.rebuilt().is_some_and(|second| second.bytes == rebuilt.bytes));
    }
});
