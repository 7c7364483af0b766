//! Any bytes under any name: no panic; what is rebuilt is accepted by the verifier, and rebuilt again without loss.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Budget, Ending, Limits, Policy, sanitize};

const NAMES: &[&str] = &["a.zip", "a.docx", "a.csv", "a.txt", "a.png", "a.tsv", "a.json", "a"];

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let policy = Policy { limits: Limits { decoded_bytes: 16 << 20, steps: 2_000_000, pixels: 1 << 20, ..Limits::default() }, ..Policy::default() };
    let done = sanitize(name, bytes, &policy, &[], Budget::new(policy.limits));
    assert_eq!(done.violation, None);
    if let Some(rebuilt) = done.outcome.rebuilt() {
        let again = sanitize(&rebuilt.name, &rebuilt.bytes, &policy, &[], Budget::new(policy.limits));
        assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?}", again.report);
    }
});
