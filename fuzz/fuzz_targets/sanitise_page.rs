//! Any bytes as a web page.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let page = [&b"<html><body>"[..], data].concat();
    sanitising::holds("a.html", &page, &sanitising::policy(), &[], true);
});
