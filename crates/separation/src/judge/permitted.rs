//! The sets that claims speak of: which packets a question is about, and which are permitted.

use super::journey::Ground;
use super::passage::Question;
use crate::address::{Address, Family, prefix};
use crate::claims::{Addresses, Flow};
use crate::diagram::{Diagrams, Level, Node};
use crate::document::Day;
use crate::intervals::Intervals;
use crate::ir::{State, protocol};

/// Addresses that no router forwards: unspecified, loopback, link-local, limited broadcast, 224.0.0.0/24, ff01::/16,
/// ff02::/16.
pub(crate) fn not_routable(family: Family) -> Intervals {
    let prefixes: &[(&str, u32)] = match family {
        Family::Ip4 => {
            &[("0.0.0.0", 32), ("127.0.0.0", 8), ("169.254.0.0", 16), ("224.0.0.0", 24), ("255.255.255.255", 32)]
        }
        Family::Ip6 => &[("::", 128), ("::1", 128), ("fe80::", 10), ("ff01::", 16), ("ff02::", 16)],
    };
    prefixes.iter().filter_map(|(text, length)| prefix(Address::parse(text)?, *length)).collect()
}

/// Routable addresses of a zone.
pub(crate) fn routable(addresses: &Addresses, family: Family) -> Intervals {
    addresses.of(family).minus(&not_routable(family))
}

/// Packets by addresses, for every judged family; `None` is any routable destination.
pub(crate) fn between(
    diagrams: &mut Diagrams,
    families: &[Family],
    source: &Addresses,
    destination: Option<&Addresses>,
) -> Node {
    let all = Addresses::all();
    let mut parts = Vec::new();
    for &family in families {
        let (from, to) = (routable(source, family), routable(destination.unwrap_or(&all), family));
        let of = Intervals::one(family.number());
        parts.push(
            diagrams.product([(Level::Family, &of), (Level::Destination, &to), (Level::Source, &from)].into_iter()),
        );
    }
    diagrams.union(parts)
}

/// The packets that count: first packets of a connection and those that connection tracking does not place. Without
/// connection tracking, TCP that carries ACK or RST is left out: only a rule that does not ask for those lets anything
/// else through, and that else is found.
pub(crate) fn counting(diagrams: &mut Diagrams, tracked: bool) -> Node {
    let states: Intervals =
        [State::New, State::Invalid, State::Untracked].iter().map(|state| (state.number(), state.number())).collect();
    let counting = diagrams.product([(Level::State, &states)].into_iter());
    // Neighbour discovery has hop limit 255 and is never forwarded (RFC 4861).
    let neighbours = diagrams.product(
        [
            (Level::Family, &Intervals::one(1)),
            (Level::Protocol, &Intervals::one(protocol::ICMP6.into())),
            (Level::DestinationPort, &Intervals::range(133, 137)),
        ]
        .into_iter(),
    );
    let counting = diagrams.minus(counting, neighbours);
    if tracked {
        return counting;
    }
    let replies: Intervals = (0..=255u128).filter(|flags| flags & 0x14 != 0).map(|flags| (flags, flags)).collect();
    let replies = diagrams
        .product([(Level::Protocol, &Intervals::one(protocol::TCP.into())), (Level::Flags, &replies)].into_iter());
    diagrams.minus(counting, replies)
}

/// The packets of a flow.
pub(crate) fn of_flow(diagrams: &mut Diagrams, families: &[Family], flow: &Flow) -> Node {
    let addresses = between(diagrams, families, &flow.source, Some(&flow.destination));
    let ports = flow.ports.clone().unwrap_or_else(|| Intervals::range(0, 65_535));
    let service = diagrams.product([(Level::Protocol, &flow.protocol), (Level::DestinationPort, &ports)].into_iter());
    diagrams.and(addresses, service)
}

/// The exact mirror of a flow: its replies.
pub(crate) fn mirror(diagrams: &mut Diagrams, families: &[Family], flow: &Flow) -> Node {
    let addresses = between(diagrams, families, &flow.destination, Some(&flow.source));
    let ports = flow.ports.clone().unwrap_or_else(|| Intervals::range(0, 65_535));
    let service = diagrams.product([(Level::Protocol, &flow.protocol), (Level::SourcePort, &ports)].into_iter());
    diagrams.and(addresses, service)
}

/// What may pass from one zone to another.
pub(crate) fn permitted(
    question: &mut Question,
    ground: &Ground<'_>,
    families: &[Family],
    pair: (usize, usize),
    on: Day,
) -> Node {
    let mut parts = Vec::new();
    for flow in ground.claims.flows.iter().filter(|flow| flow.permitted_on(on)) {
        if (flow.from, flow.to) == pair {
            parts.push(of_flow(&mut question.diagrams, families, flow));
        }
        if !ground.tracked && (flow.to, flow.from) == pair {
            parts.push(mirror(&mut question.diagrams, families, flow));
        }
    }
    question.diagrams.union(parts)
}
