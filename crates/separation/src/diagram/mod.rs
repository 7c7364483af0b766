//! Packet sets as hash-consed interval decision diagrams.
//!
//! A node looks at one level (family, interface, state, protocol, address, port, flags) and is a sorted list of
//! (upper bound, child). Equal sets are the same node, so equality is a comparison of two numbers. A level that a path
//! does not name is free on it. IPv6 addresses stand on one level as `u128`, IPv4 addresses on the same level below 2^32.
//!
//! The store is bounded: past [`MAX_EDGES`] every operation answers the empty set and [`Diagrams::overflowed`] says so;
//! whoever judges must look at it before trusting an answer.

mod boxes;
mod count;
mod operations;
mod store;

pub use boxes::{PacketBox, number_range};
pub use count::Count;
pub use store::{Diagrams, Node};

use crate::ir::Field;

/// Most edges of one store: about 20 bytes each, and as much again for caches.
pub const MAX_EDGES: usize = 12 << 20;

/// A level of the diagrams, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// 0 is IPv4, 1 is IPv6.
    Family,
    /// Index of the interface where the packet came in.
    In,
    /// Index of the interface where it goes out.
    Out,
    /// [`State`](crate::ir::State).
    State,
    /// IP protocol.
    Protocol,
    /// Destination address.
    Destination,
    /// Source address.
    Source,
    /// Destination port, or ICMP type.
    DestinationPort,
    /// Source port, or ICMP code.
    SourcePort,
    /// TCP flags.
    Flags,
}

impl Level {
    /// All, from the root down.
    pub const ALL: [Self; 10] = [
        Self::Family,
        Self::In,
        Self::Out,
        Self::State,
        Self::Protocol,
        Self::Destination,
        Self::Source,
        Self::DestinationPort,
        Self::SourcePort,
        Self::Flags,
    ];

    /// The greatest number on the level.
    pub fn max(self) -> u128 {
        match self {
            Self::Family => 1,
            Self::In | Self::Out | Self::DestinationPort | Self::SourcePort => 65_535,
            Self::State => 4,
            Self::Protocol | Self::Flags => 255,
            Self::Destination | Self::Source => u128::MAX,
        }
    }
}

impl From<Field> for Level {
    fn from(field: Field) -> Self {
        match field {
            Field::Family => Self::Family,
            Field::State => Self::State,
            Field::Protocol => Self::Protocol,
            Field::Destination => Self::Destination,
            Field::Source => Self::Source,
            Field::DestinationPort => Self::DestinationPort,
            Field::SourcePort => Self::SourcePort,
            Field::TcpFlags => Self::Flags,
        }
    }
}
