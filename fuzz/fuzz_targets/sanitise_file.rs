//! Any bytes under any name.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["a.zip", "a.docx", "a.csv", "a.txt", "a.png", "a.tsv", "a.json", "a"];

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    sanitising::holds(name, bytes, &sanitising::policy(), &[], false);
});
