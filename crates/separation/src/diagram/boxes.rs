//! A packet set as boxes: products of one range per dimension.

use super::Level;
use super::store::{Diagrams, Node};
use crate::address::{Family, range_text};
use crate::ir::protocol;

/// A product of ranges. Every packet of the set is in exactly one of its boxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketBox {
    /// The family.
    pub family: Family,
    /// Protocols.
    pub protocol: (u128, u128),
    /// Destination addresses.
    pub destination: (u128, u128),
    /// Source addresses.
    pub source: (u128, u128),
    /// Destination ports, or ICMP types.
    pub destination_port: (u128, u128),
    /// Source ports, or ICMP codes.
    pub source_port: (u128, u128),
}

/// One range per level.
type Ranges = [(u128, u128); 10];

/// Most boxes that are looked at when those left out are counted.
const MAX_COUNTED: u64 = 1_000_000;

impl Diagrams {
    /// The first `limit` boxes of the set and how many more there are (counted up to a million). Interfaces, state and
    /// flags are left out; ranges of ports that no protocol of the box has are not shown.
    pub fn boxes(&mut self, node: Node, limit: usize) -> (Vec<PacketBox>, u64) {
        let mut projected = node;
        for level in [Level::Flags, Level::State, Level::Out, Level::In] {
            projected = self.exists(level, projected);
        }
        let mut out = Vec::new();
        let mut left_out = 0;
        self.paths(projected, &mut [(0, 0); 10], 0, &mut |ranges: &Ranges| {
            let Some(found) = PacketBox::real(ranges) else { return true };
            if out.len() < limit {
                out.push(found);
            } else {
                left_out += 1;
            }
            left_out < MAX_COUNTED
        });
        (out, left_out)
    }

    /// Calls `found` with the ranges of every path; stops when it answers false.
    fn paths(&self, node: Node, ranges: &mut Ranges, at: usize, found: &mut dyn FnMut(&Ranges) -> bool) -> bool {
        if node.is_empty() {
            return true;
        }
        let Some(level) = Level::ALL.get(at).copied() else { return found(ranges) };
        // The family is never left open: an address without one cannot be printed.
        if self.level(node) != level as u8 {
            let each: &[(u128, u128)] = if level == Level::Family { &[(0, 0), (1, 1)] } else { &[(0, level.max())] };
            return each.iter().all(|&range| {
                if let Some(slot) = ranges.get_mut(at) {
                    *slot = range;
                }
                self.paths(node, ranges, at + 1, found)
            });
        }
        let mut low = 0u128;
        for index in 0..self.width(node) {
            let (high, child) = self.edge(node, index);
            if let Some(slot) = ranges.get_mut(at) {
                *slot = (low, high);
            }
            if !self.paths(child, ranges, at + 1, found) {
                return false;
            }
            low = high.wrapping_add(1);
        }
        true
    }
}

impl PacketBox {
    /// The box of these ranges, when a real packet can be in it.
    fn real(ranges: &Ranges) -> Option<Self> {
        let of = |level: Level| ranges.get(level as usize).copied().unwrap_or_default();
        let family = if of(Level::Family).0 == 0 { Family::Ip4 } else { Family::Ip6 };
        let clip = |(low, high): (u128, u128)| (low <= family.max()).then_some((low, high.min(family.max())));
        let (protocols, destination_port, source_port) =
            (of(Level::Protocol), of(Level::DestinationPort), of(Level::SourcePort));
        let possible = (protocols.0..=protocols.1).any(|number| match u8::try_from(number) {
            Ok(number) if protocol::WITH_PORTS.contains(&number) => true,
            Ok(protocol::ICMP | protocol::ICMP6) => destination_port.0 <= 255 && source_port.0 <= 255,
            _ => destination_port.0 == 0 && source_port.0 == 0,
        });
        let clip_ports = |(low, high): (u128, u128)| {
            let message =
                protocols.0 == protocols.1 && [protocol::ICMP.into(), protocol::ICMP6.into()].contains(&protocols.0);
            if message { (low, high.min(255)) } else { (low, high) }
        };
        possible.then_some(())?;
        Some(Self {
            family,
            protocol: protocols,
            destination: clip(of(Level::Destination))?,
            source: clip(of(Level::Source))?,
            destination_port: clip_ports(destination_port),
            source_port: clip_ports(source_port),
        })
    }

    /// `tcp`, `0-5`, or `any`.
    pub fn protocol_text(&self) -> String {
        match self.protocol {
            (0, 255) => "any".to_owned(),
            (low, high) if low == high => protocol::name(u8::try_from(low).unwrap_or(u8::MAX)),
            (low, high) => format!("{low}-{high}"),
        }
    }

    /// The source addresses.
    pub fn source_text(&self) -> String {
        range_text(self.family, self.source.0, self.source.1)
    }

    /// The destination addresses.
    pub fn destination_text(&self) -> String {
        range_text(self.family, self.destination.0, self.destination.1)
    }
}

/// `80` or `1024-1100`.
pub fn number_range((low, high): (u128, u128)) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

impl std::fmt::Display for PacketBox {
    /// `10.1.5.0/24 → 10.3.7.0/24 tcp 1024-1100`; a restricted source port as `tcp 53 → 1024-65535`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {} {}", self.source_text(), self.destination_text(), self.protocol_text())?;
        let (low, high) = self.protocol;
        if low == high && (low == u128::from(protocol::ICMP) || low == u128::from(protocol::ICMP6)) {
            if self.destination_port != (0, 255) {
                write!(f, " type {}", number_range(self.destination_port))?;
            }
            if self.source_port != (0, 255) {
                write!(f, " code {}", number_range(self.source_port))?;
            }
            return Ok(());
        }
        if self.source_port != (0, 65_535) && (self.source_port, self.destination_port) != ((0, 0), (0, 0)) {
            write!(f, " {} →", number_range(self.source_port))?;
        }
        if self.destination_port != (0, 65_535) && (self.source_port, self.destination_port) != ((0, 0), (0, 0)) {
            write!(f, " {}", number_range(self.destination_port))?;
        } else if self.source_port != (0, 65_535) && self.destination_port == (0, 65_535) {
            write!(f, " 0-65535")?;
        }
        Ok(())
    }
}
