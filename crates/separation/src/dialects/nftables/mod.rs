//! nftables: rule set text (`nft list ruleset`, files for `nft -f`) and its JSON (`nft -j list ruleset`).
//!
//! Source: nft(8), libnftables-json(5). JSON is turned into the same words as text, so that both mean the same.

mod command;
mod json;
mod key;
mod lex;
mod rule;
mod set;
mod structure;
mod translate;
mod verdict_map;

use super::{Dialect, Options};
use crate::ir::Tracking;
use crate::reading::Reading;
use crate::source::Source;

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect { id: "nftables", proved: true, likely, read };

/// Lines looked at to recognise the dialect.
const LOOKED_AT: usize = 400;

fn likely(source: &Source) -> u8 {
    let lines = || source.lines.iter().take(LOOKED_AT).map(|line| line.trim());
    if lines().find(|line| !line.is_empty()).is_some_and(|line| line.starts_with('{')) {
        return if lines().any(|line| line.contains("\"nftables\"")) { 97 } else { 0 };
    }
    let families = ["inet", "ip", "ip6", "arp", "bridge", "netdev"];
    let table = |line: &str| {
        let mut words = line.trim_start_matches("nft ").trim_start_matches("add ").split_whitespace();
        words.next() == Some("table")
            && (words.next().is_some_and(|word| families.contains(&word)) || line.ends_with('{'))
    };
    if lines().any(table) {
        90
    } else if lines()
        .any(|line| line == "flush ruleset" || line.starts_with("#!/usr/sbin/nft") || line.starts_with("#!/sbin/nft"))
    {
        85
    } else {
        0
    }
}

fn read(reading: &mut Reading, files: &[u32], _options: &Options) {
    reading.device.tracking = Tracking::WhenAsked;
    let mut ruleset = structure::Ruleset::default();
    for &file in files {
        let lines = reading.take_lines(file);
        if lines.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_start().starts_with('{')) {
            json::read(reading, &mut ruleset, file, &lines);
        } else {
            let tokens = lex::tokens(reading, file, &lines);
            structure::read(reading, &mut ruleset, tokens);
        }
        reading.put_lines(file, lines);
    }
    ruleset.finish(reading);
}
