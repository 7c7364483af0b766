//! Any bytes as a compound file, or as what describes the encryption of an Office document inside one.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;
use sanitize::Password;

fuzz_target!(|data: &[u8]| {
    let bytes = if data.starts_with(b"\xd0\xcf\x11\xe0") {
        data.to_vec()
    } else {
        let Some((first, rest)) = data.split_first() else { return };
        let (package, info) = rest.split_at(usize::from(*first).min(rest.len()));
        sanitising::compound(&[("EncryptionInfo", info), ("EncryptedPackage", package)])
    };
    sanitising::holds("a.docx", &bytes, &sanitising::policy(), &[Password::new("himitsu")], true);
});
