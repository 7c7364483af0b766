//! What every nasty case must hold, and how one is told.

use sanitize::{Budget, Ending, Format, Password, Policy, Sanitized, rebuild, sanitize, verify};

/// A nasty file and what must come of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ending: Ending,
    pub(crate) removed: &'static [&'static str],
    pub(crate) lost: &'static [&'static str],
    /// Reason code when held or refused.
    pub(crate) reason: &'static str,
    /// Texts that no output may hold, once inflated.
    pub(crate) gone: &'static [&'static str],
}

/// A file that is rebuilt without these.
pub(crate) fn loses(
    name: &'static str,
    bytes: Vec<u8>,
    removed: &'static [&'static str],
    lost: &'static [&'static str],
    gone: &'static [&'static str],
) -> Case {
    let ending = if removed.is_empty() && lost.is_empty() { Ending::Rebuilt } else { Ending::RebuiltWithLoss };
    Case { name, bytes, ending, removed, lost, reason: "", gone }
}

/// A file that never passes.
pub(crate) fn refused(name: &'static str, bytes: Vec<u8>, reason: &'static str) -> Case {
    Case { name, bytes, ending: Ending::Refused, removed: &[], lost: &[], reason, gone: &[] }
}

pub(crate) fn run(name: &str, bytes: &[u8], passwords: &[&str]) -> Sanitized {
    let passwords: Vec<_> = passwords.iter().map(|p| Password::new(*p)).collect();
    sanitize(name, bytes, &Policy::default(), &passwords, Budget::default())
}

/// Holds all properties of one case, and gives the text of all parts of its output.
pub(crate) fn check(case: &Case) -> String {
    let name = case.name;
    let done = run(name, &case.bytes, &[]);
    assert_eq!(done.outcome.ending(), case.ending, "{name}: {:?} {:?}", done.report, done.violation);
    let codes = |list: &[sanitize::Finding]| list.iter().map(|f| f.what.code()).collect::<Vec<_>>();
    let (mut removed, mut lost) = (codes(&done.report.findings.removed), codes(&done.report.findings.lost));
    removed.sort_unstable();
    removed.dedup();
    lost.sort_unstable();
    lost.dedup();
    assert_eq!(removed, case.removed, "{name}: removed {:?}", done.report.findings);
    assert_eq!(lost, case.lost, "{name}: lost {:?}", done.report.findings);
    let reason = done.report.reason.as_ref().map_or("", |reason| reason.code.code());
    assert_eq!(reason, case.reason, "{name}");
    assert_eq!(run(name, &case.bytes, &[]).outcome, done.outcome, "{name}: deterministic");
    assert!(done.report.findings.is_loss() == (case.ending == Ending::RebuiltWithLoss), "{name}");
    let Some(rebuilt) = done.outcome.rebuilt() else { return String::new() };
    let raw = verify(&case.bytes, rebuilt.format, &Policy::default());
    assert!(raw.is_err() || case.ending == Ending::Rebuilt, "{name}: the verifier took the raw input");
    second_pass(name, rebuilt);
    let text = inflate_all(&rebuilt.bytes);
    for gone in case.gone {
        assert!(!text.contains(gone), "{name}: {gone} is still in the output");
    }
    text
}

fn second_pass(name: &str, first: &sanitize::Rebuilt) {
    let again = run(&first.name, &first.bytes, &[]);
    let second = again
        .outcome
        .rebuilt()
        .unwrap_or_else(|| panic!("{name}: second pass {:?} {:?}", again.report, again.violation));
    assert_eq!(again.outcome.ending(), Ending::Rebuilt, "{name}: second pass {:?}", again.report.findings);
    assert!(second.bytes == first.bytes, "{name}: the second pass gave other bytes");
    assert_eq!(second.name, first.name, "{name}");
    let rebuilt = rebuild(name, &first.bytes, &Policy::default(), &[], Budget::default());
    assert_eq!(rebuilt.outcome.rebuilt().map(|r| r.format), Some(first.format));
}

/// The texts of all members of a rebuilt zip, nested ones too (every member is deflated or stored, without descriptors).
pub(crate) fn inflate_all(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut at = 0;
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    while bytes.get(at..at + 4) == Some(b"PK\x03\x04") {
        let (method, packed, name) = (u16_at(at + 8), u32_at(at + 18), u16_at(at + 26));
        out += &String::from_utf8_lossy(&bytes[at + 30..at + 30 + name]);
        let data = &bytes[at + 30 + name..at + 30 + name + packed];
        let content = if method == 0 { data.to_vec() } else { miniz_oxide::inflate::decompress_to_vec(data).unwrap() };
        out += &if content.starts_with(b"PK") {
            inflate_all(&content)
        } else {
            String::from_utf8_lossy(&content).into_owned()
        };
        out.push('\n');
        at += 30 + name + packed;
    }
    out
}

#[test]
fn no_verifier_takes_an_empty_file_or_another_type() {
    for format in Format::ALL {
        assert!(verify(b"", *format, &Policy::default()).is_err());
        assert!(verify(b"MZ\x90\0", *format, &Policy::default()).is_err(), "{format:?}");
    }
}
