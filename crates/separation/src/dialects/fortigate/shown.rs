//! An entry as a person reads it: `edit 12` alone says nothing.

use crate::source::Source;

/// Most lines of an entry that are looked at.
const LOOKED_AT: usize = 80;
/// What of an entry is shown, in the file's order.
const SHOWN: &[&str] = &[
    "name",
    "srcintf",
    "dstintf",
    "action",
    "srcaddr",
    "dstaddr",
    "srcaddr6",
    "dstaddr6",
    "service",
    "status",
    "intf",
    "dst",
    "gateway",
    "device",
    "extip",
    "mappedip",
    "ip",
    "allowaccess",
];

/// The `edit` line at `line` with what decides about packets behind it; `None` for every other line.
pub(in crate::dialects) fn entry(source: &Source, line: u32) -> Option<String> {
    let head = source.text(line);
    if !head.starts_with("edit ") {
        return None;
    }
    let mut out = head.to_owned();
    let behind = source.lines.iter().skip(usize::try_from(line).ok()?).take(LOOKED_AT).map(|text| text.trim());
    for text in behind.take_while(|text| !matches!(*text, "next" | "end")) {
        let key = text.strip_prefix("set ").and_then(|rest| rest.split_whitespace().next());
        if let Some(rest) = text.strip_prefix("set ").filter(|_| key.is_some_and(|key| SHOWN.contains(&key))) {
            out.push_str(" / ");
            out.push_str(rest);
        }
    }
    Some(out)
}
