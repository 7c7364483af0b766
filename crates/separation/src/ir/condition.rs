//! What a rule asks of a packet.

use serde::{Deserialize, Serialize};

use crate::address::Family;
use crate::intervals::Intervals;

/// A dimension of packets that is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Field {
    /// [`Family::number`].
    Family,
    /// [`State::number`].
    State,
    /// IP protocol number; for IPv6 that of the upper layer.
    Protocol,
    /// Destination address as it is when the rule looks, in the packet's family.
    Destination,
    /// Source address as it is when the rule looks.
    Source,
    /// Destination port; for ICMP and ICMPv6 the type.
    DestinationPort,
    /// Source port; for ICMP and ICMPv6 the code.
    SourcePort,
    /// The eight TCP flags as a byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
    TcpFlags,
}

impl Field {
    /// The greatest number on this dimension (for addresses that of IPv6).
    pub fn max(self) -> u128 {
        match self {
            Self::Family => 1,
            Self::State => 4,
            Self::Protocol | Self::TcpFlags => 255,
            Self::Destination | Self::Source => u128::MAX,
            Self::DestinationPort | Self::SourcePort => 65_535,
        }
    }
}

/// Protocol numbers with a meaning of their own.
pub mod protocol {
    /// ICMP
    pub const ICMP: u8 = 1;
    /// TCP
    pub const TCP: u8 = 6;
    /// UDP
    pub const UDP: u8 = 17;
    /// DCCP
    pub const DCCP: u8 = 33;
    /// ICMPv6
    pub const ICMP6: u8 = 58;
    /// SCTP
    pub const SCTP: u8 = 132;
    /// UDP-Lite
    pub const UDPLITE: u8 = 136;
    /// Those with ports.
    pub const WITH_PORTS: [u8; 5] = [TCP, UDP, DCCP, SCTP, UDPLITE];

    /// The number of a protocol's name as firewalls write it, or of a decimal number.
    pub fn number(name: &str) -> Option<u8> {
        Some(match name.to_ascii_lowercase().as_str() {
            "icmp" => ICMP,
            "igmp" => 2,
            "ipencap" | "ipip" | "ipinip" => 4,
            "tcp" => TCP,
            "egp" => 8,
            "igrp" | "igp" => 9,
            "udp" => UDP,
            "dccp" => DCCP,
            "ipv6" => 41,
            "rsvp" => 46,
            "gre" => 47,
            "esp" | "ipv6-crypt" => 50,
            "ah" | "ahp" | "ipv6-auth" => 51,
            "icmp6" | "icmpv6" | "ipv6-icmp" | "ipv6icmp" => ICMP6,
            "eigrp" => 88,
            "ospf" | "ospfigp" => 89,
            "nos" => 94,
            "pim" => 103,
            "pcp" | "ipcomp" => 108,
            "vrrp" => 112,
            "l2tp" => 115,
            "sctp" => SCTP,
            "udplite" => UDPLITE,
            digits => digits.parse().ok()?,
        })
    }

    /// The name of a protocol, or its number.
    pub fn name(number: u8) -> String {
        match number {
            ICMP => "icmp".to_owned(),
            TCP => "tcp".to_owned(),
            UDP => "udp".to_owned(),
            ICMP6 => "icmp6".to_owned(),
            47 => "gre".to_owned(),
            50 => "esp".to_owned(),
            SCTP => "sctp".to_owned(),
            other => other.to_string(),
        }
    }
}

/// Connection tracking's view of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// First packet of a connection.
    New,
    /// Part of a connection that was seen in both directions, or a reply.
    Established,
    /// Belongs to another connection (ICMP errors; helpers).
    Related,
    /// Cannot be placed.
    Invalid,
    /// Not tracked at all.
    Untracked,
}

impl State {
    /// All, by number.
    pub const ALL: [Self; 5] = [Self::New, Self::Established, Self::Related, Self::Invalid, Self::Untracked];

    /// The number on the state level.
    pub fn number(self) -> u128 {
        self as u128
    }
}

/// Which interface of a packet's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Where it came in.
    In,
    /// Where it goes out.
    Out,
}

/// An interface as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InterfaceName {
    /// This one.
    Exact(String),
    /// Every one whose name starts so (`eth+`, `eth*`).
    Prefix(String),
}

impl InterfaceName {
    /// Whether an interface of this name is meant.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}

/// One thing that a rule asks. A rule matches when all its conditions do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// The field's number is in the set. A reader that means `tcp dport 80` writes the protocol as a condition of its
    /// own; one that means `ip saddr` writes the family too.
    In(Field, Intervals),
    /// The interface is (with `negated`: is not) one of these.
    Interface {
        /// Which interface.
        side: Side,
        /// The names.
        names: Vec<InterfaceName>,
        /// Any other than these.
        negated: bool,
    },
    /// At least one of these conjunctions matches (concatenated sets, service groups).
    OneOf(Vec<Vec<Condition>>),
    /// None of these conjunctions matches.
    NoneOf(Vec<Vec<Condition>>),
    /// Something that was not understood: the packet may match or not.
    Unread,
    /// Understood, but it depends on something that a packet does not carry (rate, time of day, MAC address): equal
    /// packets match at one moment and not at another.
    Sometimes,
}

impl Condition {
    /// Nothing matches: a reference to an object that is known to be empty.
    pub fn never() -> Self {
        Self::OneOf(Vec::new())
    }

    /// The packet is of this family.
    pub fn family(family: Family) -> Self {
        Self::In(Field::Family, Intervals::one(family.number()))
    }

    /// The packet's protocol is this.
    pub fn protocol(number: u8) -> Self {
        Self::In(Field::Protocol, Intervals::one(number.into()))
    }

    /// The packet's connection state is one of these.
    pub fn state(states: &[State]) -> Self {
        Self::In(Field::State, states.iter().map(|state| (state.number(), state.number())).collect())
    }

    /// The interface is exactly this.
    pub fn interface(side: Side, name: &str) -> Self {
        Self::Interface { side, names: vec![InterfaceName::Exact(name.to_owned())], negated: false }
    }

    /// The TCP flags under `mask` equal `value`.
    pub fn tcp_flags(mask: u8, value: u8) -> Self {
        Self::flags_where(|flags| flags & mask == value)
    }

    /// The TCP flags byte satisfies `wanted`.
    pub fn flags_where(wanted: impl Fn(u8) -> bool) -> Self {
        let members = (0..=u8::MAX).filter(|&flags| wanted(flags)).map(|flags| (flags.into(), flags.into()));
        Self::In(Field::TcpFlags, members.collect())
    }
}
