//! Any bytes after the beginning of an RTF document.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let bytes = [b"{\\rtf1\\ansi\\ansicpg932 ".as_slice(), data, b"}"].concat();
    sanitising::holds("a.rtf", &bytes, &sanitising::policy(), &[], true);
});
