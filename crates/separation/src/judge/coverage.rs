//! Rules that never match because earlier ones take everything, and rules that change nothing.

use std::collections::BTreeMap;

use super::matching::{Matched, SourceNow, Surroundings, is_active, is_sometimes, matched};
use super::verdict::Covered;
use crate::diagram::{Diagrams, Node};
use crate::document::Day;
use crate::intervals::Intervals;
use crate::ir::{Action, Chain, Condition, Field, Rule};
use crate::network::Network;

/// Longest chain that is examined; past it nothing is said (these findings are advice, no verdict rests on them).
const MAX_RULES: usize = 120_000;
/// Most lines that are named as covering one rule.
const MAX_BY: usize = 32;
/// Most comparisons of two rules for one chain; past it nothing more is said of that chain.
const MAX_WORK: usize = 3_000_000;
/// Most earlier rules that are compared with one rule.
const MAX_COMPARED: usize = 4_000;
/// Widest range of /24 blocks that is indexed one by one.
const MAX_BLOCKS: u128 = 64;

/// Rules that never match.
pub(super) fn shadowed(network: &Network, on: Day) -> Vec<Covered> {
    examine(network, on, |chain| {
        let mut out = Vec::new();
        for index in 0..chain.rules.len() {
            let Some(rule) = chain.entry(index) else { continue };
            let mut left = rule.matched.may;
            let mut by = Vec::new();
            for earlier in chain.near(index, true) {
                let Some(other) = chain.entry(earlier).filter(|other| other.ends) else { continue };
                let rest = chain.diagrams.minus(left, other.matched.must);
                if rest != left {
                    by.push(other.line);
                    left = rest;
                }
                if left.is_empty() {
                    break;
                }
            }
            if left.is_empty() && !rule.matched.may.is_empty() {
                by.truncate(MAX_BY);
                out.push((index, by));
            }
        }
        out
    })
}

/// Rules of which every packet meets a later rule with the same verdict.
pub(super) fn redundant(network: &Network, on: Day) -> Vec<Covered> {
    examine(network, on, |chain| {
        let mut out = Vec::new();
        for index in 0..chain.rules.len() {
            let Some(rule) = chain.entry(index).filter(|rule| rule.verdict.is_some() && rule.ends) else { continue };
            let mut left = rule.matched.may;
            let mut by = Vec::new();
            for later in chain.near(index, false) {
                let Some(other) = chain.entry(later) else { continue };
                if chain.diagrams.and(left, other.matched.may).is_empty() {
                    continue;
                }
                if other.verdict != rule.verdict || !other.ends {
                    break;
                }
                left = chain.diagrams.minus(left, other.matched.must);
                by.push(other.line);
                if left.is_empty() {
                    break;
                }
            }
            if left.is_empty() && !rule.matched.may.is_empty() {
                by.truncate(MAX_BY);
                out.push((index, by));
            }
        }
        out
    })
}

/// A rule as far as coverage is concerned.
#[derive(Debug, Clone, Copy)]
struct Entry {
    line: u32,
    matched: Matched,
    /// Whether a packet that matches goes no further in this chain.
    ends: bool,
    /// What happens to it then, when that is the end of it.
    verdict: Option<bool>,
}

struct Examined<'a> {
    diagrams: Diagrams,
    rules: &'a [Rule],
    entries: Vec<Option<Entry>>,
    blocks: BTreeMap<u128, Vec<usize>>,
    wide: Vec<usize>,
    work: std::cell::Cell<usize>,
}

impl Examined<'_> {
    fn entry(&self, index: usize) -> Option<Entry> {
        self.entries.get(index).copied().flatten()
    }

    /// Rules before (or behind) one that can have packets in common with it, in order.
    fn near(&self, index: usize, before: bool) -> Vec<usize> {
        let Some(rule) = self.rules.get(index).filter(|_| self.work.get() < MAX_WORK) else { return Vec::new() };
        let mut out: Vec<usize> = Vec::new();
        let side = |list: &[usize]| -> Vec<usize> {
            let at = list.partition_point(|&other| other < index);
            let part = if before { list.get(..at) } else { list.get(at..) };
            part.unwrap_or_default().iter().copied().filter(|&other| other != index).collect()
        };
        match blocks(rule) {
            Some(own) => {
                for block in own {
                    out.extend(self.blocks.get(&block).map(|list| side(list)).unwrap_or_default());
                }
                out.extend(side(&self.wide));
                out.sort_unstable();
                out.dedup();
            }
            None if before => out.extend(0..index),
            None => out.extend(index + 1..self.rules.len()),
        }
        self.work.set(self.work.get() + out.len());
        out.retain(|&other| self.rules.get(other).is_some_and(|other| may_meet(rule, other)));
        out.truncate(MAX_COMPARED);
        out
    }
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

fn may_meet(left: &Rule, right: &Rule) -> bool {
    left.when.iter().all(|condition| {
        let Condition::In(field, set) = condition else { return true };
        right.when.iter().all(|other| !matches!(other, Condition::In(of, other) if of == field && !overlap(set, other)))
    })
}

fn overlap(left: &Intervals, right: &Intervals) -> bool {
    if left.ranges().len() < right.ranges().len() { right.overlaps(left) } else { left.overlaps(right) }
}

fn examine(network: &Network, on: Day, find: impl Fn(&mut Examined<'_>) -> Vec<(usize, Vec<u32>)>) -> Vec<Covered> {
    let mut out = Vec::new();
    for placed in &network.devices {
        let configuration = &placed.configuration;
        let names = super::journey::interface_names(&configuration.device);
        for chain in &configuration.device.chains {
            if chain.rules.len() > MAX_RULES || chain.rules.len() < 2 {
                continue;
            }
            let mut examined = prepare(chain, &names, on);
            let found = find(&mut examined);
            if examined.diagrams.overflowed() {
                continue;
            }
            for (index, by) in found {
                if let Some(rule) = chain.rules.get(index) {
                    out.push(Covered {
                        file: configuration.file(rule.at).to_owned(),
                        line: rule.at.line,
                        text: configuration.shown(rule.at),
                        by,
                    });
                }
            }
        }
    }
    out
}

fn prepare<'a>(chain: &'a Chain, names: &[String], on: Day) -> Examined<'a> {
    let mut examined = Examined {
        diagrams: Diagrams::new(),
        rules: &chain.rules,
        entries: Vec::new(),
        blocks: BTreeMap::new(),
        wide: Vec::new(),
        work: std::cell::Cell::new(0),
    };
    let source = SourceNow::Same;
    let around = Surroundings { names, fixed_in: None, fixed_out: None, source: &source, any_source_port: false };
    for (index, rule) in chain.rules.iter().enumerate() {
        let entry = is_active(rule, on).then(|| {
            let mut all = matched(&mut examined.diagrams, &rule.when, &around);
            if is_sometimes(rule) {
                all.must = Node::EMPTY;
            }
            let (ends, verdict) = match rule.action {
                Action::Accept => (true, Some(true)),
                Action::Drop | Action::Reject => (true, Some(false)),
                Action::Return | Action::Goto(_) | Action::Translate(_) => (true, None),
                Action::Jump(_) | Action::Unread | Action::NoTrack | Action::Continue => (false, None),
            };
            Entry { line: rule.at.line, matched: all, ends, verdict }
        });
        // Log and count rules are no verdicts: they neither cover nor are worth a finding.
        let entry = entry.filter(|_| !matches!(rule.action, Action::Continue | Action::NoTrack));
        examined.entries.push(entry);
        match blocks(rule) {
            Some(own) => own.into_iter().for_each(|block| examined.blocks.entry(block).or_default().push(index)),
            None => examined.wide.push(index),
        }
    }
    examined
}
