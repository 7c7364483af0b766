//! Any bytes as a mail.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mail = [&b"Subject: x\r\n"[..], data].concat();
    sanitising::holds("a.eml", &mail, &sanitising::policy(), &[], true);
});
