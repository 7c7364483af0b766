//! From conditions to packet sets: what certainly matches and what may.

use crate::diagram::{Diagrams, Level, Node};
use crate::document::Day;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, InterfaceName, Rule, Side};

/// The two sets of an uncertain match: `must` is inside `may`, and what is in `may` only may match or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matched {
    /// May match.
    pub(crate) may: Node,
    /// Certainly matches.
    pub(crate) must: Node,
}

impl Matched {
    pub(crate) const NONE: Self = Self { may: Node::EMPTY, must: Node::EMPTY };
    pub(crate) const ALL: Self = Self { may: Node::FULL, must: Node::FULL };

    pub(crate) fn exactly(node: Node) -> Self {
        Self { may: node, must: node }
    }

    pub(crate) fn is_exact(self) -> bool {
        self.may == self.must
    }
}

/// The source address of a packet now, when the diagrams still speak of the one it began with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceNow {
    /// The same.
    Same,
    /// Any of these.
    Range(u128, u128),
    /// `from` + n became `to` + n.
    Shift { from: u128, to: u128, size: u128 },
    /// Some address.
    Unknown,
}

/// What a rule is evaluated against, beside the packet.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings<'a> {
    /// Names of interfaces by number; the last stands for every other one.
    pub(crate) names: &'a [String],
    /// Where the packet came in, when that is fixed.
    pub(crate) fixed_in: Option<&'a str>,
    /// Where it goes out, when that is fixed.
    pub(crate) fixed_out: Option<&'a str>,
    /// Its source now.
    pub(crate) source: &'a SourceNow,
    /// Whether its source port may be any by now.
    pub(crate) any_source_port: bool,
}

/// Whether the rule is active on a day.
pub(crate) fn is_active(rule: &Rule, on: Day) -> bool {
    let within = rule
        .period
        .is_none_or(|period| period.first.is_none_or(|first| first <= on) && period.last.is_none_or(|last| on <= last));
    !rule.disabled && within
}

/// Whether equal packets match the rule at one moment and not at another.
pub(crate) fn is_sometimes(rule: &Rule) -> bool {
    rule.when.iter().any(|condition| matches!(condition, Condition::Sometimes))
}

/// The packets that match all conditions. [`Condition::Sometimes`] at the top is left to the caller.
pub(crate) fn matched(diagrams: &mut Diagrams, conditions: &[Condition], around: &Surroundings<'_>) -> Matched {
    let mut parts: [Option<Intervals>; 10] = Default::default();
    let mut certain = true;
    let mut complex = Vec::new();
    for condition in conditions {
        match simple(condition, around) {
            Simple::Part(level, set) => {
                if let Some(slot) = parts.get_mut(level as usize) {
                    *slot = Some(slot.take().map_or_else(|| set.clone(), |before| before.intersection(&set)));
                }
            }
            Simple::Always => {}
            Simple::Never => return Matched::NONE,
            Simple::Maybe => certain = false,
            Simple::Complex => complex.push(condition),
        }
    }
    let listed = Level::ALL.into_iter().zip(&parts).filter_map(|(level, part)| Some((level, part.as_ref()?)));
    let listed: Vec<_> = listed.collect();
    let mut all = Matched::exactly(diagrams.product(listed.into_iter()));
    for condition in complex {
        let part = compound(diagrams, condition, around);
        let exact = all.is_exact() && part.is_exact();
        let may = diagrams.and(all.may, part.may);
        all = Matched { may, must: if exact { may } else { diagrams.and(all.must, part.must) } };
    }
    if certain { all } else { Matched { must: Node::EMPTY, ..all } }
}

enum Simple {
    Part(Level, Intervals),
    Always,
    Never,
    Maybe,
    Complex,
}

fn simple(condition: &Condition, around: &Surroundings<'_>) -> Simple {
    match condition {
        Condition::In(Field::Source, set) => source(set, around.source),
        Condition::In(Field::SourcePort, set) if around.any_source_port => {
            if set.is_empty() {
                Simple::Never
            } else {
                Simple::Maybe
            }
        }
        Condition::In(field, set) => Simple::Part(Level::from(*field), set.clone()),
        Condition::Interface { side, names, negated } => interface(*side, names, *negated, around),
        Condition::OneOf(_) | Condition::NoneOf(_) => Simple::Complex,
        Condition::Unread => Simple::Maybe,
        Condition::Sometimes => Simple::Always,
    }
}

fn source(set: &Intervals, now: &SourceNow) -> Simple {
    match *now {
        SourceNow::Same => Simple::Part(Level::Source, set.clone()),
        SourceNow::Range(low, high) => {
            let range = Intervals::range(low, high);
            if range.is_subset(set) {
                Simple::Always
            } else if set.overlaps(&range) {
                Simple::Maybe
            } else {
                Simple::Never
            }
        }
        SourceNow::Shift { from, to, size } => {
            let block = Intervals::range(to, to.saturating_add(size.saturating_sub(1)));
            let back = set.intersection(&block);
            let back = back.ranges().iter().map(|(low, high)| (low - to + from, high - to + from)).collect();
            Simple::Part(Level::Source, back)
        }
        SourceNow::Unknown => {
            if set.is_empty() {
                Simple::Never
            } else {
                Simple::Maybe
            }
        }
    }
}

fn interface(side: Side, names: &[InterfaceName], negated: bool, around: &Surroundings<'_>) -> Simple {
    let meant = |name: &str| names.iter().any(|wanted| wanted.matches(name)) != negated;
    let (fixed, level) = match side {
        Side::In => (around.fixed_in, Level::In),
        Side::Out => (around.fixed_out, Level::Out),
    };
    match fixed {
        Some(name) if meant(name) => Simple::Always,
        Some(_) => Simple::Never,
        None => {
            let numbers =
                (0u128..).zip(around.names).filter(|(_, name)| meant(name)).map(|(number, _)| (number, number));
            Simple::Part(level, numbers.collect())
        }
    }
}

fn compound(diagrams: &mut Diagrams, condition: &Condition, around: &Surroundings<'_>) -> Matched {
    let (alternatives, negated) = match condition {
        Condition::OneOf(alternatives) => (alternatives, false),
        Condition::NoneOf(alternatives) => (alternatives, true),
        _ => return Matched::ALL,
    };
    let mut may = Vec::with_capacity(alternatives.len());
    let mut must = Vec::with_capacity(alternatives.len());
    for alternative in alternatives {
        let one = matched(diagrams, alternative, around);
        may.push(one.may);
        let sometimes = alternative.iter().any(|part| matches!(part, Condition::Sometimes));
        must.push(if sometimes { Node::EMPTY } else { one.must });
    }
    let exact = may == must;
    let may = diagrams.union(may);
    let must = if exact { may } else { diagrams.union(must) };
    if negated {
        let not_may = diagrams.minus(Node::FULL, must);
        Matched { may: not_may, must: if exact { not_may } else { diagrams.minus(Node::FULL, may) } }
    } else {
        Matched { may, must }
    }
}
