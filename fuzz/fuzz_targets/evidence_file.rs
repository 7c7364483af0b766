//! Any bytes as the zip of evidence: never a panic, and what agrees with itself is what packing its files anew makes.
#![no_main]

use exchange::evidence::verify;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(checked) = verify(bytes, None)
        && checked.problems.is_empty()
        && checked.journal.problems.is_empty()
    {
        let longer = [bytes, b"x"].concat();
        assert!(verify(&longer, None).is_ok_and(|checked| !checked.problems.is_empty()), "an added byte is seen");
    }
});
