//! Whether one packet matches a condition.

use super::{Sure, Walker, Walking};
use crate::ir::{Condition, Field, Rule, Side};

fn not(sure: Sure) -> Sure {
    match sure {
        Sure::No => Sure::Yes,
        Sure::Maybe => Sure::Maybe,
        Sure::Yes => Sure::No,
    }
}

fn of(truth: bool) -> Sure {
    if truth { Sure::Yes } else { Sure::No }
}

impl Walker<'_> {
    /// Whether the rule matches, and whether it does so at some moments only.
    pub(super) fn rule(&self, rule: &Rule, walking: &Walking) -> (Sure, bool) {
        let days = rule.period.is_none_or(|period| {
            period.first.is_none_or(|first| self.on >= first) && period.last.is_none_or(|last| self.on <= last)
        });
        if rule.disabled || !days {
            return (Sure::No, false);
        }
        let matches = self.all(&rule.when, walking, true);
        (matches, matches != Sure::No && rule.when.contains(&Condition::Sometimes))
    }

    /// Whether all conditions hold. `moment`: suppose a moment at which those that depend on one hold.
    pub(super) fn all(&self, conditions: &[Condition], walking: &Walking, moment: bool) -> Sure {
        let mut sure = Sure::Yes;
        for condition in conditions {
            sure = sure.min(match condition {
                Condition::Sometimes if moment => Sure::Yes,
                other => self.one(other, walking),
            });
            if sure == Sure::No {
                break;
            }
        }
        sure
    }

    fn one(&self, condition: &Condition, walking: &Walking) -> Sure {
        let packet = &walking.packet;
        match condition {
            Condition::Unread | Condition::Sometimes => Sure::Maybe,
            Condition::OneOf(any) => any.iter().map(|all| self.all(all, walking, false)).max().unwrap_or(Sure::No),
            Condition::NoneOf(any) => {
                not(any.iter().map(|all| self.all(all, walking, false)).max().unwrap_or(Sure::No))
            }
            Condition::Interface { side, names, negated } => {
                let name = match side {
                    Side::In => self.entered,
                    Side::Out => self.leaves,
                };
                match name {
                    None => Sure::Maybe,
                    Some(name) => of(names.iter().any(|wanted| wanted.matches(name)) != *negated),
                }
            }
            Condition::In(Field::Source, set) if !walking.source_known => {
                if set.is_empty() {
                    Sure::No
                } else {
                    Sure::Maybe
                }
            }
            Condition::In(Field::SourcePort, set) if !walking.source_port_known => {
                if set.is_empty() {
                    Sure::No
                } else {
                    Sure::Maybe
                }
            }
            Condition::In(field, set) => {
                let number = match field {
                    Field::Family => packet.family.number(),
                    Field::State => packet.state.number(),
                    Field::Protocol => packet.protocol.into(),
                    Field::Destination => packet.destination,
                    Field::Source => packet.source,
                    Field::DestinationPort => packet.destination_port.into(),
                    Field::SourcePort => packet.source_port.into(),
                    Field::TcpFlags => packet.flags.into(),
                };
                of(set.ranges().iter().any(|&(low, high)| low <= number && number <= high))
            }
        }
    }
}
