//! Running one step's chain over a set of packets.

use std::collections::BTreeSet;

use super::bounds::Bounds;
use super::matching::{Matched, SourceNow, Surroundings, is_active, is_sometimes, matched};
use super::rest::Rest;
use crate::diagram::Diagrams;
use crate::document::Day;
use crate::intervals::Intervals;
use crate::ir::{Action, Chain, ChainId, Condition, Device, Field, Rule, Translation};
use crate::source::At;

/// Deepest nesting of jumps; Linux allows 16.
const MAX_DEPTH: usize = 64;
/// Most rules looked at in one question; chains that jump to each other many times multiply.
const MAX_LOOKS: u64 = 50_000_000;

/// Which packets a question is about, as numbers by family, so that rules that cannot concern them are passed over cheaply.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interest {
    /// Source addresses; `None` is all.
    pub(crate) source: Option<[Intervals; 2]>,
    /// Destination addresses; `None` is all.
    pub(crate) destination: Option<[Intervals; 2]>,
}

impl Interest {
    fn excludes(&self, rule: &Rule, source: &SourceNow) -> bool {
        // IPv4 addresses are small numbers of IPv6, so a rule of one family is held against that family only.
        let asked = rule.when.iter().find_map(|condition| match condition {
            Condition::In(Field::Family, set) => Some(set),
            _ => None,
        });
        let misses = |set: &Intervals, wanted: &Option<[Intervals; 2]>| {
            wanted.as_ref().is_some_and(|wanted| {
                let of_rule =
                    (0u128..).zip(wanted).filter(|(family, _)| asked.is_none_or(|asked| asked.contains(*family)));
                of_rule.into_iter().all(|(_, wanted)| !set.overlaps(wanted))
            })
        };
        rule.when.iter().any(|condition| match condition {
            Condition::In(Field::Source, set) if *source == SourceNow::Same => misses(set, &self.source),
            Condition::In(Field::Destination, set) => misses(set, &self.destination),
            _ => false,
        })
    }
}

/// Packets that a rule let through, and how.
#[derive(Debug, Clone)]
pub(crate) struct Passed {
    pub(crate) at: At,
    pub(crate) packets: Matched,
    pub(crate) how: How,
}

/// How packets came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum How {
    /// A rule accepts them.
    Rule,
    /// A line that was not understood may accept them.
    Unread,
    /// A rule gives them other addresses.
    Translated(Translation),
}

/// One run of a chain.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) diagrams: &'a mut Diagrams,
    pub(crate) device: &'a Device,
    pub(crate) around: Surroundings<'a>,
    pub(crate) interest: &'a Interest,
    pub(crate) on: Day,
    /// What came through, by rule.
    pub(crate) passed: Vec<Passed>,
    /// Unread lines that some packet reached.
    pub(crate) unread: BTreeSet<At>,
    /// Rules looked at so far, over the whole question.
    pub(crate) looks: &'a mut u64,
    /// Set when a bound was hit: the answer must not be used.
    pub(crate) gave_up: &'a mut bool,
    pub(crate) stack: Vec<ChainId>,
}

impl Run<'_> {
    /// Runs a chain; gives what it left undecided (its end or a return), or nothing when `left_matters` is false: finding
    /// that out is most of the work in a long chain.
    pub(crate) fn chain(&mut self, id: ChainId, packets: Matched, left_matters: bool) -> Matched {
        let device = self.device;
        let Some(chain) = usize::try_from(id.0).ok().and_then(|id| device.chains.get(id)) else {
            return packets;
        };
        if self.stack.contains(&id) || self.stack.len() >= MAX_DEPTH {
            // A chain that comes back to itself is refused by every kernel; nothing certain can be said of it.
            self.unread.insert(chain.at);
            self.passed.push(Passed {
                at: chain.at,
                packets: Matched { must: crate::diagram::Node::EMPTY, ..packets },
                how: How::Unread,
            });
            return Matched { must: crate::diagram::Node::EMPTY, ..packets };
        }
        self.stack.push(id);
        let left = self.rules(chain, packets, left_matters);
        self.stack.pop();
        left
    }

    fn rules(&mut self, chain: &Chain, packets: Matched, left_matters: bool) -> Matched {
        let mut rest = Rest::new(packets);
        let mut returned = Vec::new();
        for rule in &chain.rules {
            *self.looks += 1;
            if *self.looks > MAX_LOOKS || self.diagrams.overflowed() {
                *self.gave_up = true;
                return Matched::ALL;
            }
            if rest.is_spent() {
                break;
            }
            if matches!(rule.action, Action::Continue | Action::NoTrack)
                || !is_active(rule, self.on)
                || self.interest.excludes(rule, self.around.source)
            {
                continue;
            }
            let matched = matched(self.diagrams, &rule.when, &self.around);
            if matched.may.is_empty() {
                continue;
            }
            let bounds = Bounds::of(&rule.when, &self.around);
            // What is thrown away needs no looking at what of it is left.
            if matches!(rule.action, Action::Drop | Action::Reject) && matched.is_exact() && !is_sometimes(rule) {
                rest.cut(matched, bounds);
                continue;
            }
            let part = rest.part(self.diagrams, matched, &bounds);
            // The rest may lie under the cuts of this match only in part; nothing of it can be decided here when none is left.
            if !part.may.is_empty() {
                let look = Look { part, matched, bounds, left_matters };
                self.act(rule, look, &mut rest, &mut returned);
            }
        }
        if !left_matters {
            return Matched::NONE;
        }
        let left = rest.all(self.diagrams);
        returned.push(left);
        self.join(&returned)
    }

    fn join(&mut self, sets: &[Matched]) -> Matched {
        if let [only] = sets {
            return *only;
        }
        let may = self.diagrams.union(sets.iter().map(|set| set.may).collect());
        let must = self.diagrams.union(sets.iter().map(|set| set.must).collect());
        Matched { may, must }
    }

    fn act(&mut self, rule: &Rule, look: Look, rest: &mut Rest, returned: &mut Vec<Matched>) {
        use crate::diagram::Node;
        let Look { part, matched, bounds, left_matters } = look;
        if !matched.is_exact() && !is_sometimes(rule) || rule.action == Action::Unread {
            self.unread.insert(rule.at);
        }
        // A rule that matches at one moment only takes nothing for certain, and leaves nothing for certain.
        let gone = if is_sometimes(rule) { Matched { must: Node::EMPTY, ..matched } } else { matched };
        match &rule.action {
            Action::Accept => {
                self.passed.push(Passed { at: rule.at, packets: part, how: How::Rule });
                rest.cut(gone, bounds);
            }
            Action::Translate(translation) => {
                self.passed.push(Passed { at: rule.at, packets: part, how: How::Translated(translation.clone()) });
                rest.cut(gone, bounds);
            }
            Action::Drop | Action::Reject => rest.cut(gone, bounds),
            Action::Unread => {
                self.passed.push(Passed {
                    at: rule.at,
                    packets: Matched { must: Node::EMPTY, ..part },
                    how: How::Unread,
                });
                rest.cut(Matched { may: matched.may, must: Node::EMPTY }, bounds);
            }
            Action::Return => {
                returned.push(part);
                rest.cut(gone, bounds);
            }
            Action::Goto(target) => {
                let left = self.chain(*target, part, left_matters);
                returned.push(left);
                rest.cut(gone, bounds);
            }
            Action::Jump(target) => {
                let left = self.chain(*target, part, true);
                // Gone from may: what certainly jumped and did not come back; from must: what may have jumped, unless it
                // certainly came back.
                let must = if left.may == part.may {
                    Node::EMPTY
                } else {
                    let went_here = rest.part(self.diagrams, Matched::exactly(gone.must), &bounds).may;
                    self.diagrams.minus(went_here, left.may)
                };
                let may = self.diagrams.minus(gone.may, left.must);
                let may = rest.part(self.diagrams, Matched::exactly(may), &bounds).may;
                let gone = if must == may { Matched::exactly(must) } else { Matched { may, must } };
                rest.cut(gone, bounds);
            }
            Action::Continue | Action::NoTrack => {}
        }
    }
}

/// A rule's match while it is acted upon.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// What of the match no earlier rule decided.
    part: Matched,
    matched: Matched,
    /// Around the match.
    bounds: Bounds,
    left_matters: bool,
}
