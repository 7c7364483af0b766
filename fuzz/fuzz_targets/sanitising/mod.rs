//! What every sanitising target holds of any input, and the containers that inputs are put into.
#![allow(dead_code, reason = "each target is a program of its own and uses a part")]

use sanitize::{Budget, Ending, Limits, Password, Policy, sanitize};

/// Limits under which an input ends soon, so that many are tried.
pub fn small() -> Limits {
    Limits { decoded_bytes: 16 << 20, steps: 4_000_000, pixels: 1 << 20, ..Limits::default() }
}

/// The default policy within [`small`] limits.
pub fn policy() -> Policy {
    Policy { limits: small(), ..Policy::default() }
}

/// No panic; what is rebuilt is accepted by the verifier, and rebuilt again without loss; to the same bytes when `exact`.
pub fn holds(name: &str, bytes: &[u8], policy: &Policy, passwords: &[Password], exact: bool) {
    let done = sanitize(name, bytes, policy, passwords, Budget::new(policy.limits));
    assert_eq!(done.violation, None, "{:?}", done.report);
    if let Some(rebuilt) = done.outcome.rebuilt() {
        let again = sanitize(&rebuilt.name, &rebuilt.bytes, policy, &[], Budget::new(policy.limits));
        assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?} after {:?}", again.report, done.report);
        assert!(!exact || again.outcome.rebuilt().is_some_and(|second| second.bytes == rebuilt.bytes));
    }
}

/// A zip of stored members.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let size = (content.len() as u32).to_le_bytes();
        let crc = crc32(content).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        let shared = [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc, &size, &size, &length, &[0, 0]].concat();
        let at = (out.len() as u32).to_le_bytes();
        out.extend([b"PK\x03\x04", shared.as_slice(), name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\x00", shared.as_slice(), &[0; 10], &at, name.as_bytes()].concat());
    }
    let (start, size) = ((out.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let count = (members.len() as u16).to_le_bytes();
    [out, directory, [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0, 0]].concat()].concat()
}

/// The checksum of zip and 7z.
pub fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A compound file with these streams in its root.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let entry = |name: &str, kind: u8, right: u32, child: u32, start: u32, size: usize| {
        let mut out = vec![0_u8; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            out[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        out[64..66].copy_from_slice(&(name.len() as u16 * 2 + 2).to_le_bytes());
        out[66] = kind;
        for (at, value) in [(68, u32::MAX), (72, right), (76, child), (116, start), (120, size as u32)] {
            out[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        out
    };
    let mut fat = vec![0xffff_fffd_u32, 0xffff_fffe];
    let mut directory = entry("Root Entry", 5, u32::MAX, 1, 0xffff_fffe, 0);
    let mut data = Vec::new();
    for (at, (name, bytes)) in streams.iter().enumerate() {
        let (start, sectors) = (fat.len() as u32, bytes.len().div_ceil(512).max(1) as u32);
        fat.extend((1..sectors).map(|n| start + n));
        fat.push(0xffff_fffe);
        let next = if at + 1 < streams.len() { at as u32 + 2 } else { u32::MAX };
        directory.extend(entry(name, 2, next, u32::MAX, start, bytes.len()));
        data.extend(*bytes);
        data.resize(data.len().div_ceil(512).max(1) * 512, 0);
    }
    directory.resize(512, 0);
    fat.resize(128, u32::MAX);
    let mut header = vec![0_u8; 512];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    for (at, value) in [(26, 3_u16), (28, 0xfffe), (30, 9), (32, 6)] {
        header[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(44, 1_u32), (48, 1), (56, 0), (60, 0xffff_fffe), (68, 0xffff_fffe), (76, 0)] {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    header[80..].fill(0xff);
    [header, fat.iter().flat_map(|n| n.to_le_bytes()).collect(), directory, data].concat()
}
