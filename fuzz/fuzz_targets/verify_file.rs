//! Any bytes against every grammar of the verifier: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Format, Policy, verify};

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    let _ = verify(bytes, format, &Policy::default());
});
