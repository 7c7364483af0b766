//! Any bytes as the streams and the header of a 7z archive whose checksums are right, with a password to try.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;
use sanitize::Password;

/// An archive around packed streams and the header that describes them.
fn archive(packed: &[u8], header: &[u8]) -> Vec<u8> {
    let place = [
        &(packed.len() as u64).to_le_bytes()[..],
        &(header.len() as u64).to_le_bytes(),
        &sanitising::crc32(header).to_le_bytes(),
    ]
    .concat();
    let start = [b"7z\xbc\xaf\x27\x1c\0\x04", &sanitising::crc32(&place).to_le_bytes()[..], &place].concat();
    [&start, packed, header].concat()
}

fuzz_target!(|data: &[u8]| {
    let bytes = if data.starts_with(b"7z\xbc\xaf") && data.len() > 32 {
        // A whole archive among the inputs: its checksums are made to fit again after every change.
        let packed = u64::from_le_bytes(data[12..20].try_into().unwrap()).min(data.len() as u64 - 32) as usize;
        archive(&data[32..32 + packed], &data[32 + packed..])
    } else {
        let Some((first, rest)) = data.split_first() else { return };
        let (packed, header) = rest.split_at(usize::from(*first).min(rest.len()));
        archive(packed, header)
    };
    sanitising::holds("a.7z", &bytes, &sanitising::policy(), &[Password::new("himitsu")], true);
});
