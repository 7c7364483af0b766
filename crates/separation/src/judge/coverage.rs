//! Rules that never match because earlier ones take everything, and rules that change nothing.

use std::collections::BTreeMap;

use super::bounds::Bounds;
use super::matching::{Matched, SourceNow, Surroundings, is_active, is_sometimes, matched};
use super::verdict::Covered;
use crate::diagram::Diagrams;
use crate::document::Day;
use crate::ir::{Action, Chain, Condition, Configuration, Field, Rule};
use crate::network::Network;
use crate::source::Message;

/// Most lines that are named as covering one rule.
const MAX_BY: usize = 32;
/// Most pairs of rules of one chain that are held against each other.
const MAX_LOOKS: usize = 100_000_000;
/// Most sets of packets of one chain that are compared.
const MAX_COMPARED: usize = 3_000_000;
/// Widest range of /24 blocks that is indexed one by one.
const MAX_BLOCKS: u128 = 64;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Rules that never match.
    pub(super) shadowed: Vec<Covered>,
    /// Rules of which every packet meets a later rule with the same verdict.
    pub(super) redundant: Vec<Covered>,
    /// What was not looked through to its end. No verdict rests on these findings, but their absence must not be taken for
    /// one.
    pub(super) cut_short: Vec<Message>,
}

/// Looks through every chain.
pub(super) fn find(network: &Network, on: Day) -> Coverage {
    let mut out = Coverage::default();
    for placed in &network.devices {
        let configuration = &placed.configuration;
        let names = super::journey::interface_names(&configuration.device);
        for chain in configuration.device.chains.iter().filter(|chain| chain.rules.len() >= 2) {
            let mut examined = Examined::new(chain, &names, on);
            let (shadowed, redundant) = (examined.shadowed(), examined.redundant());
            if examined.diagrams.overflowed() || examined.spent() {
                out.cut_short.push(Message::new(
                    format!("「{}」は大きすぎるため、隠れた規則と不要な規則を最後までは調べていません", chain.name),
                    format!(
                        "\"{}\" is too large: shadowed and redundant rules were not looked for to its end",
                        chain.name
                    ),
                ));
            }
            if examined.diagrams.overflowed() {
                continue;
            }
            out.shadowed.extend(shadowed.into_iter().filter_map(|found| covered(configuration, chain, found)));
            out.redundant.extend(redundant.into_iter().filter_map(|found| covered(configuration, chain, found)));
        }
    }
    out
}

fn covered(configuration: &Configuration, chain: &Chain, (index, mut by): (usize, Vec<u32>)) -> Option<Covered> {
    let rule = chain.rules.get(index)?;
    by.truncate(MAX_BY);
    let file = configuration.file(rule.at).to_owned();
    Some(Covered { file, line: rule.at.line, text: configuration.shown(rule.at), by })
}

/// A rule as far as coverage is concerned.
#[derive(Debug, Clone, Copy)]
struct Entry {
    line: u32,
    bounds: Bounds,
    /// Its packets, once somebody asked.
    matched: Option<Matched>,
    /// Whether a packet that matches goes no further in this chain.
    ends: bool,
    /// What happens to it then, when that is the end of it.
    verdict: Option<bool>,
}

struct Examined<'a> {
    diagrams: Diagrams,
    rules: &'a [Rule],
    around: Surroundings<'a>,
    /// By rule; `None` for those that are neither covered nor cover.
    entries: Vec<Option<Entry>>,
    /// Rules by the /24 blocks of their destinations, and those with many.
    blocks: BTreeMap<u128, Vec<usize>>,
    wide: Vec<usize>,
    looks: usize,
    compared: usize,
}

impl<'a> Examined<'a> {
    fn new(chain: &'a Chain, names: &'a [String], on: Day) -> Self {
        let around =
            Surroundings { names, fixed_in: None, fixed_out: None, source: &SourceNow::Same, any_source_port: false };
        let mut out = Self {
            diagrams: Diagrams::new(),
            rules: &chain.rules,
            entries: chain.rules.iter().map(|rule| entry(rule, on, &around)).collect(),
            around,
            blocks: BTreeMap::new(),
            wide: Vec::new(),
            looks: 0,
            compared: 0,
        };
        for (index, rule) in chain.rules.iter().enumerate() {
            match blocks(rule) {
                Some(own) => own.into_iter().for_each(|block| out.blocks.entry(block).or_default().push(index)),
                None => out.wide.push(index),
            }
        }
        out
    }

    /// Whether a bound was hit.
    fn spent(&self) -> bool {
        self.looks >= MAX_LOOKS || self.compared >= MAX_COMPARED
    }

    fn shadowed(&mut self) -> Vec<(usize, Vec<u32>)> {
        let mut out = Vec::new();
        for index in 0..self.rules.len() {
            let near = self.near(index, true);
            let near = near.into_iter().filter(|(_, other)| other.ends);
            let Some((mut left, _)) = self.packets_unless(near.clone().next().is_none(), index) else { continue };
            let mut by = Vec::new();
            for (earlier, other) in near {
                let must = self.packets(earlier).must;
                let rest = self.diagrams.minus(left, must);
                if rest != left {
                    by.push(other.line);
                    left = rest;
                }
                if left.is_empty() {
                    out.push((index, by));
                    break;
                }
            }
        }
        out
    }

    fn redundant(&mut self) -> Vec<(usize, Vec<u32>)> {
        let mut out = Vec::new();
        for index in 0..self.rules.len() {
            let near = self.near(index, false);
            let Some((mut left, entry)) = self.packets_unless(near.is_empty(), index) else { continue };
            if entry.verdict.is_none() || !entry.ends {
                continue;
            }
            let mut by = Vec::new();
            for (later, other) in near {
                let matched = self.packets(later);
                if self.diagrams.and(left, matched.may).is_empty() {
                    continue;
                }
                if other.verdict != entry.verdict || !other.ends {
                    break;
                }
                left = self.diagrams.minus(left, matched.must);
                by.push(other.line);
                if left.is_empty() {
                    out.push((index, by));
                    break;
                }
            }
        }
        out
    }

    /// The packets of a rule that can match at all; `None` as well when there is nothing to hold them against.
    fn packets_unless(&mut self, alone: bool, index: usize) -> Option<(crate::diagram::Node, Entry)> {
        let entry = self.entries.get(index).copied().flatten().filter(|_| !alone)?;
        let may = self.packets(index).may;
        (!may.is_empty()).then_some((may, entry))
    }

    fn packets(&mut self, index: usize) -> Matched {
        let Some(Some(entry)) = self.entries.get_mut(index) else { return Matched::NONE };
        self.compared += 1;
        if let Some(known) = entry.matched {
            return known;
        }
        let Some(rule) = self.rules.get(index) else { return Matched::NONE };
        let mut all = matched(&mut self.diagrams, &rule.when, &self.around);
        if is_sometimes(rule) {
            all.must = crate::diagram::Node::EMPTY;
        }
        entry.matched = Some(all);
        all
    }

    /// Rules before (or behind) one that can have packets in common with it, in order.
    fn near(&mut self, index: usize, before: bool) -> Vec<(usize, Entry)> {
        let (Some(rule), Some(Some(entry))) = (self.rules.get(index), self.entries.get(index)) else {
            return Vec::new();
        };
        if self.spent() {
            return Vec::new();
        }
        let mut found: Vec<usize> = Vec::new();
        let mut looks = 0;
        let mut meeting = |list: &mut dyn Iterator<Item = usize>| {
            for other in list.filter(|&other| other != index) {
                looks += 1;
                if matches!(self.entries.get(other), Some(Some(other)) if other.bounds.meets(&entry.bounds)) {
                    found.push(other);
                }
            }
        };
        let side = |list: &'_ [usize]| {
            let at = list.partition_point(|&other| other < index);
            if before { 0..at } else { at..list.len() }
        };
        match blocks(rule) {
            Some(own) => {
                let lists = own.iter().filter_map(|block| self.blocks.get(block));
                for list in lists.chain([&self.wide]) {
                    meeting(&mut list.get(side(list)).unwrap_or_default().iter().copied());
                }
            }
            None if before => meeting(&mut (0..index)),
            None => meeting(&mut (index + 1..self.rules.len())),
        }
        found.sort_unstable();
        found.dedup();
        self.looks += looks;
        found.into_iter().filter_map(|other| Some((other, self.entries.get(other).copied().flatten()?))).collect()
    }
}

fn entry(rule: &Rule, on: Day, around: &Surroundings<'_>) -> Option<Entry> {
    let (ends, verdict) = match rule.action {
        Action::Accept => (true, Some(true)),
        Action::Drop | Action::Reject => (true, Some(false)),
        Action::Return | Action::Goto(_) | Action::Translate(_) => (true, None),
        Action::Jump(_) | Action::Unread => (false, None),
        // Log and count rules are no verdicts: they neither cover nor are worth a finding.
        Action::NoTrack | Action::Continue => return None,
    };
    let bounds = Bounds::of(&rule.when, around);
    is_active(rule, on).then_some(Entry { line: rule.at.line, bounds, matched: None, ends, verdict })
}

/// The /24 blocks of the destination, when they are few.
fn blocks(rule: &Rule) -> Option<Vec<u128>> {
    let set = rule.when.iter().find_map(|condition| match condition {
        Condition::In(Field::Destination, set) => Some(set),
        _ => None,
    })?;
    let mut out = Vec::new();
    for &(low, high) in set.ranges() {
        let (low, high) = (low >> 8, high >> 8);
        if high - low >= MAX_BLOCKS || out.len() >= 256 {
            return None;
        }
        out.extend(low..=high);
    }
    Some(out)
}
