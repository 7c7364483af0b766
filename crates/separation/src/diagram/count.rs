//! How many packets a set holds, exactly.

use rustc_hash::FxHashMap;

use super::Level;
use super::store::{Diagrams, Node};

/// A number below 2^512.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count([u64; 8]);

impl Count {
    /// Zero.
    pub const ZERO: Self = Self([0; 8]);

    /// A small number.
    pub fn of(number: u64) -> Self {
        let mut limbs = [0; 8];
        limbs[0] = number;
        Self(limbs)
    }

    /// The sum, modulo 2^512.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        let mut carry = 0u128;
        for (limb, add) in self.0.iter_mut().zip(other.0) {
            let sum = u128::from(*limb) + u128::from(add) + carry;
            *limb = low(sum);
            carry = sum >> 64;
        }
        self
    }

    /// The product, modulo 2^512.
    #[must_use]
    pub fn times(self, factor: u128) -> Self {
        let halves = [low(factor), low(factor >> 64)];
        let mut out = Self::ZERO;
        for (shift, half) in halves.into_iter().enumerate() {
            let mut carry = 0u128;
            let mut part = Self::ZERO;
            for (slot, limb) in part.0.iter_mut().skip(shift).zip(self.0) {
                let product = u128::from(limb) * u128::from(half) + carry;
                *slot = low(product);
                carry = product >> 64;
            }
            out = out.plus(part);
        }
        out
    }

    fn divided(mut self, divisor: u64) -> (Self, u64) {
        let mut rest = 0u128;
        for limb in self.0.iter_mut().rev() {
            let number = (rest << 64) | u128::from(*limb);
            *limb = low(number / u128::from(divisor));
            rest = number % u128::from(divisor);
        }
        (self, low(rest))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low(number: u128) -> u64 {
    number as u64
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const STEP: u64 = 10_000_000_000_000_000_000;
        let mut parts = Vec::new();
        let mut number = *self;
        while number != Self::ZERO {
            let (rest, part) = number.divided(STEP);
            parts.push(part);
            number = rest;
        }
        write!(f, "{}", parts.pop().unwrap_or(0))?;
        parts.iter().rev().try_for_each(|part| write!(f, "{part:019}"))
    }
}

/// The levels that are counted, from the root down.
const COUNTED: [Level; 5] =
    [Level::Protocol, Level::Destination, Level::Source, Level::DestinationPort, Level::SourcePort];

impl Diagrams {
    /// How many (source, destination, protocol, ports or ICMP type and code) are in the set with any interface, state and
    /// flags. Ports count as what the protocol has: 65,536 each, 256 types and codes, or one.
    pub fn count(&mut self, node: Node) -> Count {
        let real = self.real();
        let real = self.and(node, real);
        let mut projected = real;
        for level in [Level::Flags, Level::State, Level::Out, Level::In] {
            projected = self.exists(level, projected);
        }
        let mut total = Count::ZERO;
        if self.level(projected) == Level::Family as u8 {
            for index in 0..self.width(projected) {
                let (_, child) = self.edge(projected, index);
                total = total.plus(self.count_from(0, child, &mut FxHashMap::default()));
            }
            total
        } else {
            self.count_from(0, projected, &mut FxHashMap::default())
        }
    }

    fn count_from(&self, at: usize, node: Node, done: &mut FxHashMap<(usize, Node), Count>) -> Count {
        if node.is_empty() {
            return Count::ZERO;
        }
        let Some(level) = COUNTED.get(at).copied() else { return Count::of(1) };
        if let Some(&known) = done.get(&(at, node)) {
            return known;
        }
        let mut total = Count::ZERO;
        if self.level(node) == level as u8 {
            let mut low = 0u128;
            for index in 0..self.width(node) {
                let (high, child) = self.edge(node, index);
                let below = self.count_from(at + 1, child, done);
                // high - low + 1 may be 2^128, which is no u128.
                total = total.plus(below.times(high - low)).plus(below);
                low = high.wrapping_add(1);
            }
        } else {
            let below = self.count_from(at + 1, node, done);
            total = below.times(level.max()).plus(below);
        }
        done.insert((at, node), total);
        total
    }

    /// The packets that can exist: IPv4 addresses below 2^32, and only such ports, types and flags as the protocol has.
    pub fn real(&mut self) -> Node {
        use crate::address::Family;
        use crate::intervals::Intervals;
        use crate::ir::protocol;
        let single = |number: u8| (u128::from(number), u128::from(number));
        let with_ports: Intervals = protocol::WITH_PORTS.into_iter().map(single).collect();
        let tcp = Intervals::one(protocol::TCP.into());
        let messages: Intervals = [protocol::ICMP, protocol::ICMP6].into_iter().map(single).collect();
        let others = with_ports.union(&messages).complement(255);
        let (zero, byte) = (Intervals::one(0), Intervals::range(0, 255));
        let parts = [
            self.product([(Level::Protocol, &tcp)].into_iter()),
            self.product([(Level::Protocol, &with_ports.minus(&tcp)), (Level::Flags, &zero)].into_iter()),
            self.product(
                [
                    (Level::Protocol, &messages),
                    (Level::DestinationPort, &byte),
                    (Level::SourcePort, &byte),
                    (Level::Flags, &zero),
                ]
                .into_iter(),
            ),
            self.product(
                [
                    (Level::Protocol, &others),
                    (Level::DestinationPort, &zero),
                    (Level::SourcePort, &zero),
                    (Level::Flags, &zero),
                ]
                .into_iter(),
            ),
        ];
        let payload = self.union(parts.to_vec());
        let v4 = Family::Ip4.all();
        let ip4 = self.product([(Level::Family, &zero), (Level::Destination, &v4), (Level::Source, &v4)].into_iter());
        let ip6 = self.product([(Level::Family, &Intervals::one(1))].into_iter());
        let families = self.or(ip4, ip6);
        self.and(families, payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_print_in_decimal() {
        assert_eq!(Count::ZERO.to_string(), "0");
        assert_eq!(Count::of(77).times(1 << 32).to_string(), "330712481792");
        let square = Count::of(1).times(u128::MAX).times(u128::MAX);
        assert_eq!(
            square.to_string(),
            "115792089237316195423570985008687907852589419931798687112530834793049593217025"
        );
        assert_eq!(Count::of(1).times(20_000_000_000_000_000_003).to_string(), "20000000000000000003");
    }
}
