//! Any bytes against every grammar of the verifier: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Format, Policy, verify};

fuzz_target!(|bytes: &[u8]| {
    for format in Format::ALL {
        let _ = verify(bytes, *format, &Policy::default());
    }
});
