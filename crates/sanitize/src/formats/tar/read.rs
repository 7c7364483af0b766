//! A strict reader of tar blocks (POSIX.1-2017, pax Interchange Format).

use crate::budget::Budget;
use crate::words::ReasonCode;
use crate::work::Stop;

const BLOCK: usize = 512;

/// One file of the archive.
pub(super) struct Entry<'a> {
    pub(super) path: String,
    /// Neither a file nor a folder: a link or a device.
    pub(super) link: bool,
    pub(super) content: &'a [u8],
}

fn broken() -> Stop {
    Stop::refused(ReasonCode::BrokenContainer)
}

/// The files, in order. Checksums must be right, and after the end marker there may be nothing but zeros.
pub(super) fn entries<'a>(bytes: &'a [u8], budget: &mut Budget) -> Result<Vec<Entry<'a>>, Stop> {
    let (mut at, mut out, mut long) = (0, Vec::new(), None);
    while let Some(header) = bytes.get(at..at + BLOCK) {
        budget.step(20)?;
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        if !checksum_fits(header) {
            return Err(broken());
        }
        let size = number(header.get(124..136).unwrap_or_default()).ok_or_else(broken)?;
        let start = at + BLOCK;
        let content = bytes.get(start..start.checked_add(size).ok_or_else(broken)?).ok_or_else(broken)?;
        at = start + size.div_ceil(BLOCK) * BLOCK;
        match header.get(156).copied().unwrap_or(b'0') {
            b'L' => long = Some(text(content)),
            b'x' => long = pax_path(content).or(long),
            b'g' | b'K' => {}
            b'5' => long = None,
            kind => {
                budget.members(1)?;
                let path = long.take().unwrap_or_else(|| path(header));
                out.push(Entry { path, link: !matches!(kind, b'0' | 0 | b'7'), content });
            }
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.iter().all(|byte| *byte == 0) { Ok(out) } else { Err(broken()) }
}

fn checksum_fits(header: &[u8]) -> bool {
    let sum: usize = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { usize::from(*byte) })
        .sum();
    header.get(148..156).and_then(number) == Some(sum)
}

/// An octal number, ended by a space or zero; or base 256 (GNU) when the first bit is set.
fn number(field: &[u8]) -> Option<usize> {
    if let [first @ 0x80..=0xff, rest @ ..] = field {
        let start = usize::from(first & 0x7f);
        return rest.iter().try_fold(start, |n, byte| n.checked_mul(256)?.checked_add(usize::from(*byte)));
    }
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| !matches!(b, 0 | b' '));
    digits.into_iter().try_fold(0_usize, |n, byte| match byte {
        b'0'..=b'7' => n.checked_mul(8)?.checked_add(usize::from(byte - b'0')),
        _ => None,
    })
}

/// Name and, in ustar, prefix.
fn path(header: &[u8]) -> String {
    let name = text(header.get(..100).unwrap_or_default());
    let ustar = header.get(257..263) == Some(b"ustar\0");
    let prefix = if ustar { text(header.get(345..500).unwrap_or_default()) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// Up to the first zero, in UTF-8 or else CP932.
fn text(field: &[u8]) -> String {
    let field = field.split(|byte| *byte == 0).next().unwrap_or_default();
    match std::str::from_utf8(field) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::SHIFT_JIS.decode_without_bom_handling(field).0.replace('\u{fffd}', "_"),
    }
}

/// The record `path` of a pax header: `LENGTH path=VALUE\n`.
fn pax_path(content: &[u8]) -> Option<String> {
    let mut rest = content;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(rest.get(..space)?).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length.checked_sub(1)?)?;
        if let Some(value) = record.strip_prefix(b"path=") {
            return Some(text(value));
        }
        rest = rest.get(length..)?;
    }
    None
}
