//! Any bytes as the records of an enhanced or a 16-bit metafile.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

/// An enhanced metafile of 100 by 50 units.
fn enhanced(records: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 88];
    header[0] = 1;
    header[4] = 88;
    for (at, value) in [(16, 100_u32), (20, 50), (32, 1000), (36, 500), (72, 1000), (76, 500), (80, 100), (84, 50)] {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    header[40..44].copy_from_slice(b" EMF");
    let end = [14_u32, 20, 0, 0, 20].map(u32::to_le_bytes).concat();
    [&header, records, &end].concat()
}

/// A placeable metafile.
fn placeable(records: &[u8]) -> Vec<u8> {
    let bounds = [0_i16, 0, 1000, 500, 960, 0, 0, 0].map(i16::to_le_bytes).concat();
    let header = [1, 0, 9, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
    [b"\xd7\xcd\xc6\x9a\0\0", &bounds[..], &header, records, &[3, 0, 0, 0, 0, 0]].concat()
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let (name, bytes) = match first % 4 {
        0 => ("a.emf", enhanced(rest)),
        1 => ("a.wmf", placeable(rest)),
        2 => ("a.emf", rest.to_vec()),
        _ => ("a.wmf", rest.to_vec()),
    };
    sanitising::holds(name, &bytes, &sanitising::policy(), &[], true);
});
