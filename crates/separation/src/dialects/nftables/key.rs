//! What rules look at (`ip saddr`, `tcp dport`, `ct state` …) and the values it is compared with.

use super::lex::Token;
use crate::address::{self, Family};
use crate::dialects::ports;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, InterfaceName, Side, State, protocol};

/// One thing that a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Address(Family, Field),
    /// With the protocol that it implies; `None` for `th`.
    Port(Option<u8>, Field),
    IcmpType(u8),
    IcmpCode(u8),
    /// `meta l4proto`; with a family `ip protocol` and `ip6 nexthdr`.
    Protocol(Option<Family>),
    /// `meta nfproto`, `meta protocol`.
    Family,
    State,
    Interface(Side),
    Flags,
}

/// A value, or a set of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Numbers(Intervals),
    Interface(InterfaceName),
}

impl Key {
    /// Reads a key at the start of the words; gives it and how many words it has.
    pub(super) fn read(words: &[&str]) -> Option<(Self, usize)> {
        let field = |name: &str| match name {
            "saddr" => Some(Field::Source),
            "daddr" => Some(Field::Destination),
            "sport" => Some(Field::SourcePort),
            "dport" => Some(Field::DestinationPort),
            _ => None,
        };
        let side = |name: &str| match name {
            "iifname" | "iif" => Some(Side::In),
            "oifname" | "oif" => Some(Side::Out),
            _ => None,
        };
        Some(match words {
            [name, ..] if side(name).is_some() => (Self::Interface(side(name)?), 1),
            ["meta", name, ..] if side(name).is_some() => (Self::Interface(side(name)?), 2),
            ["meta", "l4proto", ..] => (Self::Protocol(None), 2),
            ["meta", "nfproto" | "protocol", ..] => (Self::Family, 2),
            ["l4proto", ..] => (Self::Protocol(None), 1),
            ["nfproto", ..] => (Self::Family, 1),
            ["ip", "protocol", ..] => (Self::Protocol(Some(Family::Ip4)), 2),
            ["ip6", "nexthdr", ..] => (Self::Protocol(Some(Family::Ip6)), 2),
            ["ip", name @ ("saddr" | "daddr"), ..] => (Self::Address(Family::Ip4, field(name)?), 2),
            ["ip6", name @ ("saddr" | "daddr"), ..] => (Self::Address(Family::Ip6, field(name)?), 2),
            ["tcp", "flags", ..] => (Self::Flags, 2),
            ["th", name @ ("sport" | "dport"), ..] => (Self::Port(None, field(name)?), 2),
            [transport @ ("tcp" | "udp" | "sctp" | "dccp" | "udplite"), name @ ("sport" | "dport"), ..] => {
                (Self::Port(protocol::number(transport), field(name)?), 2)
            }
            ["icmp", "type", ..] => (Self::IcmpType(protocol::ICMP), 2),
            ["icmp", "code", ..] => (Self::IcmpCode(protocol::ICMP), 2),
            ["icmpv6", "type", ..] => (Self::IcmpType(protocol::ICMP6), 2),
            ["icmpv6", "code", ..] => (Self::IcmpCode(protocol::ICMP6), 2),
            ["ct", "state", ..] => (Self::State, 2),
            _ => return None,
        })
    }

    /// What the key itself asks of a packet, whatever it is compared with.
    pub(super) fn implied(self) -> Vec<Condition> {
        match self {
            Self::Address(family, _) | Self::Protocol(Some(family)) => vec![Condition::family(family)],
            Self::Port(Some(number), _) => vec![Condition::protocol(number)],
            Self::Port(None, _) => {
                let all = protocol::WITH_PORTS.iter().map(|&number| (number.into(), number.into())).collect();
                vec![Condition::In(Field::Protocol, all)]
            }
            Self::IcmpType(number) | Self::IcmpCode(number) => {
                let family = if number == protocol::ICMP { Family::Ip4 } else { Family::Ip6 };
                vec![Condition::family(family), Condition::protocol(number)]
            }
            Self::Flags => vec![Condition::protocol(protocol::TCP)],
            Self::Protocol(None) | Self::Family | Self::State | Self::Interface(_) => Vec::new(),
        }
    }

    /// The field and its greatest number; `None` for interfaces.
    pub(super) fn field(self) -> Option<(Field, u128)> {
        Some(match self {
            Self::Address(family, field) => (field, family.max()),
            Self::Port(_, field) => (field, 65_535),
            Self::IcmpType(_) => (Field::DestinationPort, 255),
            Self::IcmpCode(_) => (Field::SourcePort, 255),
            Self::Protocol(_) => (Field::Protocol, 255),
            Self::Family => (Field::Family, 1),
            Self::State => (Field::State, Field::State.max()),
            Self::Flags => (Field::TcpFlags, 255),
            Self::Interface(_) => return None,
        })
    }

    /// Reads one value; `None` when it is not understood.
    pub(super) fn value(self, token: &Token) -> Option<Value> {
        let text = token.text.as_str();
        let range = |low: u128, high: u128| Some(Value::Numbers(Intervals::range(low, high)));
        let one = |number: u128| range(number, number);
        match self {
            Self::Interface(_) => Some(Value::Interface(match text.strip_suffix('*') {
                Some(prefix) => InterfaceName::Prefix(prefix.to_owned()),
                None => InterfaceName::Exact(text.to_owned()),
            })),
            Self::Address(family, _) => {
                let (of, (low, high)) = address::parse_range(text)?;
                (of == family).then(|| Value::Numbers(Intervals::range(low, high)))
            }
            Self::Port(..) => {
                let (low, high) = ports::port_range(text, '-')?;
                range(low, high)
            }
            Self::IcmpType(number) => {
                if let Some((low, high)) = numeric(text) {
                    return range(low, high.min(255));
                }
                let named = if number == protocol::ICMP { ports::icmp_type(text)? } else { ports::icmp6_type(text)? };
                if named.1.is_none() { one(named.0.into()) } else { None }
            }
            Self::IcmpCode(_) => {
                let (low, high) = numeric(text).or_else(|| code(text).map(|code| (code, code)))?;
                range(low, high.min(255))
            }
            Self::Protocol(_) => {
                let (low, high) =
                    numeric(text).or_else(|| protocol::number(text).map(|number| (number.into(), number.into())))?;
                range(low, high.min(255))
            }
            Self::Family => match text {
                "ipv4" | "ip" => one(0),
                "ipv6" | "ip6" => one(1),
                _ => None,
            },
            Self::State => one(state(text)?.number()),
            Self::Flags => one(flag(text)?.into()),
        }
    }

    /// The condition that the packet's value is (not) one of these.
    pub(super) fn condition(self, values: Vec<Value>, negated: bool) -> Condition {
        let mut names = Vec::new();
        let mut numbers = Vec::new();
        for value in values {
            match value {
                Value::Interface(name) => names.push(name),
                Value::Numbers(set) => numbers.extend_from_slice(set.ranges()),
            }
        }
        match (self, self.field()) {
            (Self::Interface(side), _) => Condition::Interface { side, names, negated },
            (_, Some((field, max))) => {
                let set = Intervals::from_ranges(numbers);
                Condition::In(field, if negated { set.complement(max) } else { set })
            }
            (_, None) => Condition::Unread,
        }
    }
}

fn numeric(text: &str) -> Option<(u128, u128)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some((low, high))
}

fn code(name: &str) -> Option<u128> {
    Some(match name {
        "net-unreachable" | "no-route" => 0,
        "host-unreachable" | "admin-prohibited" => 1,
        "prot-unreachable" => 2,
        "port-unreachable" => 3,
        "frag-needed" => 4,
        _ => return None,
    })
}

/// A connection state's name.
pub(super) fn state(name: &str) -> Option<State> {
    Some(match name {
        "new" => State::New,
        "established" => State::Established,
        "related" => State::Related,
        "invalid" => State::Invalid,
        "untracked" => State::Untracked,
        _ => return None,
    })
}

/// A TCP flag's name, or a number.
pub(super) fn flag(name: &str) -> Option<u8> {
    Some(match name {
        "fin" => 1,
        "syn" => 2,
        "rst" => 4,
        "psh" => 8,
        "ack" => 16,
        "urg" => 32,
        "ecn" | "ece" => 64,
        "cwr" => 128,
        other => match other.strip_prefix("0x") {
            Some(hex) => u8::from_str_radix(hex, 16).ok()?,
            None => other.parse().ok()?,
        },
    })
}
