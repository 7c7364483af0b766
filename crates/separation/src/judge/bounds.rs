//! The smallest box around what a rule asks for, to see at a glance that two rules have no packet in common.

use super::matching::{SourceNow, Surroundings};
use crate::ir::{Condition, Field};

/// Dimensions of a box: destination, source, destination port, source port, protocol.
const DIMENSIONS: usize = 5;

/// A box that no packet of a match is outside of. Addresses are shortened to 64 bits in their order, so that two boxes that
/// meet may belong to matches that do not, and never the other way round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds([(u64, u64); DIMENSIONS]);

impl Bounds {
    /// Around everything.
    pub(crate) const ALL: Self = Self([(0, u64::MAX); DIMENSIONS]);

    /// The box around a conjunction of conditions.
    pub(crate) fn of(conditions: &[Condition], around: &Surroundings<'_>) -> Self {
        let mut out = Self::ALL;
        for condition in conditions {
            let Condition::In(field, set) = condition else { continue };
            let place = match field {
                Field::Destination => 0,
                Field::Source if *around.source == SourceNow::Same => 1,
                Field::DestinationPort => 2,
                Field::SourcePort if !around.any_source_port => 3,
                Field::Protocol => 4,
                _ => continue,
            };
            if let (Some((low, high)), Some(slot)) = (set.bounds(), out.0.get_mut(place)) {
                *slot = (slot.0.max(short(low)), slot.1.min(short(high)));
            }
        }
        out
    }

    /// Whether the boxes have a point in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(left, right)| left.0 <= right.1 && right.0 <= left.1)
    }
}

/// 64 bits of an address, never in another order: IPv4 as it is, IPv6 by its first half behind that.
fn short(number: u128) -> u64 {
    const BEHIND: u64 = 1 << 32;
    match u64::try_from(number) {
        Ok(small) if small < BEHIND => small,
        _ => u64::try_from(number >> 64).unwrap_or(u64::MAX).saturating_add(BEHIND),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_keeps_the_order() {
        let numbers =
            [0, 1, u128::from(u32::MAX), 1 << 32, 1 << 64, 0x2001 << 112, (0x2001 << 112) + (1 << 80), u128::MAX];
        assert!(numbers.windows(2).all(|pair| short(pair[0]) <= short(pair[1])));
        assert!(short(u128::from(u32::MAX)) < short(0x2001 << 112));
    }
}
