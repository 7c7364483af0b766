//! Any bytes as the content of an OpenDocument package that is right otherwise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanitize::{Budget, Ending, Limits, Policy, sanitize};

const KINDS: &[(&str, &str)] = &[("a.odt", "text"), ("a.ods", "spreadsheet"), ("a.odp", "presentation"), ("a.odg", "graphics")];

/// A zip of stored members.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
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

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((first, xml)) = data.split_first() else { return };
    let (name, kind) = KINDS[usize::from(*first) % KINDS.len()];
    let media = format!("application/vnd.oasis.opendocument.{kind}");
    let bytes = zip(&[
        ("mimetype", media.as_bytes()),
        ("content.xml", xml),
        ("styles.xml", xml),
        ("settings.xml", xml),
        ("Object 1/content.xml", xml),
        ("Pictures/i.png", b"no picture"),
    ]);
    let policy = Policy { limits: Limits { steps: 4_000_000, ..Limits::default() }, ..Policy::default() };
    let done = sanitize(name, &bytes, &policy, &[], Budget::new(policy.limits));
    assert_eq!(done.violation, None, "{:?}", done.report);
    if let Some(rebuilt) = done.outcome.rebuilt() {
        let again = sanitize(name, &rebuilt.bytes, &policy, &[], Budget::new(policy.limits));
        assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{:?}", again.report);
        assert!(again.outcome.rebuilt().is_some_and(|second| second.bytes == rebuilt.bytes));
    }
});
