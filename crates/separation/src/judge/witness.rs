//! One packet for every violation, chosen to look real, replayed by the walker before it is shown.

use super::claim::Case;
use super::passage::{Piece, Question};
use super::verdict::{PacketText, PathStep, Violation};
use crate::address::{Address, Family};
use crate::diagram::{Level, Node};
use crate::intervals::Intervals;
use crate::ir::{State, protocol};
use crate::walk::{Journey, Packet, Sure, follow};

/// Puts a witness and its path into the violation; false when none of the pieces' packets could be replayed.
pub(super) fn show(
    case: &Case<'_, '_>,
    question: &mut Question,
    pieces: &[(&Piece, Node)],
    violation: &mut Violation,
) -> bool {
    for (piece, leak) in pieces {
        let Some(end) = choose(question, *leak) else { continue };
        let Some(begin) = before_translation(question, piece, &end) else { continue };
        let (packet, wanted) = (packet(&begin), (number(&end, Level::Destination), port(&end, Level::DestinationPort)));
        let names = case.ground.names_of_first();
        let name =
            |level: Level| usize::try_from(number(&begin, level)).ok().and_then(|at| names.get(at)).map(String::as_str);
        let pair = (name(Level::In), name(Level::Out));
        let zone = case.ground.claims.id(case.pair.0);
        let Some(journey) =
            follow(case.ground.network, case.ground.claims, zone, &packet, pair, case.settings.on, wanted)
        else {
            continue;
        };
        let target = case.ground.claims.zones.get(case.pair.1);
        if journey.sure == Sure::Yes
            && target.is_some_and(|zone| zone.addresses.contains(journey.packet.destination_address()))
        {
            violation.packet = Some(text(&packet, &journey, pair));
            violation.path = path(case, &journey);
            return true;
        }
    }
    false
}

fn number(numbers: &[u128; 10], level: Level) -> u128 {
    numbers.get(level as usize).copied().unwrap_or(0)
}

fn port(numbers: &[u128; 10], level: Level) -> u16 {
    u16::try_from(number(numbers, level)).unwrap_or(0)
}

/// A packet of the set: if possible the first of a TCP connection from an ordinary port, and no network address.
fn choose(question: &mut Question, set: Node) -> Option<[u128; 10]> {
    let diagrams = &mut question.diagrams;
    let tcp = Intervals::one(protocol::TCP.into());
    let wishes = [
        (Level::State, Intervals::one(State::New.number())),
        (Level::Protocol, tcp),
        (Level::Flags, Intervals::one(0x02)),
        (Level::DestinationPort, Intervals::range(1, 65_535)),
        (Level::SourcePort, Intervals::range(1024, 65_535)),
    ];
    let real = diagrams.real();
    let mut left = diagrams.and(set, real);
    for (level, wish) in wishes {
        let wished = diagrams.split(level, &wish, Node::FULL);
        let closer = diagrams.and(left, wished);
        if !closer.is_empty() {
            left = closer;
        }
    }
    let mut numbers = diagrams.pick(left)?;
    for level in [Level::Source, Level::Destination] {
        let mut next = numbers;
        if let Some(slot) = next.get_mut(level as usize).filter(|slot| **slot & 0xff == 0) {
            *slot += 1;
            if diagrams.contains(left, &next) {
                numbers = next;
            }
        }
    }
    Some(numbers)
}

/// The packet as it began: before the first change of its destination, if there was one.
fn before_translation(question: &mut Question, piece: &Piece, end: &[u128; 10]) -> Option<[u128; 10]> {
    let Some(&first) = piece.moved.first() else { return Some(*end) };
    let kept = [
        Level::Family,
        Level::In,
        Level::Out,
        Level::State,
        Level::Protocol,
        Level::Source,
        Level::SourcePort,
        Level::Flags,
    ];
    let ones: Vec<(Level, Intervals)> = kept.iter().map(|&level| (level, Intervals::one(number(end, level)))).collect();
    let same = question.diagrams.product(ones.iter().map(|(level, set)| (*level, set)));
    let real = question.diagrams.real();
    let same = question.diagrams.and(same, real);
    let candidates = question.diagrams.and(first, same);
    // The same port is the likelier one.
    let port = question.diagrams.split(
        Level::DestinationPort,
        &Intervals::one(number(end, Level::DestinationPort)),
        Node::FULL,
    );
    let likely = question.diagrams.and(candidates, port);
    question.diagrams.pick(if likely.is_empty() { candidates } else { likely })
}

fn packet(numbers: &[u128; 10]) -> Packet {
    let states = State::ALL;
    let state = usize::try_from(number(numbers, Level::State)).ok().and_then(|at| states.get(at).copied());
    Packet {
        family: if number(numbers, Level::Family) == 0 { Family::Ip4 } else { Family::Ip6 },
        protocol: u8::try_from(number(numbers, Level::Protocol)).unwrap_or(0),
        source: number(numbers, Level::Source),
        destination: number(numbers, Level::Destination),
        source_port: port(numbers, Level::SourcePort),
        destination_port: port(numbers, Level::DestinationPort),
        flags: u8::try_from(number(numbers, Level::Flags)).unwrap_or(0),
        state: state.unwrap_or(State::New),
    }
}

fn text(packet: &Packet, journey: &Journey, pair: (Option<&str>, Option<&str>)) -> PacketText {
    let named = |name: Option<&str>| name.filter(|name| !name.contains('\u{1}')).map(str::to_owned);
    let arrival = &journey.packet;
    let moved = (arrival.destination, arrival.destination_port) != (packet.destination, packet.destination_port);
    let end =
        || format!("{}:{}", Address { family: arrival.family, number: arrival.destination }, arrival.destination_port);
    PacketText {
        family: packet.family.id(),
        protocol: protocol::name(packet.protocol),
        source: packet.source_address().to_string(),
        source_port: packet.source_port,
        destination: packet.destination_address().to_string(),
        destination_port: packet.destination_port,
        arrives_at: moved.then(end),
        interface_in: named(pair.0),
        interface_out: named(pair.1),
    }
}

fn path(case: &Case<'_, '_>, journey: &Journey) -> Vec<PathStep> {
    let mut trail: Vec<_> = journey.trail.iter().filter(|passed| passed.verdict != "deliver").collect();
    // A line that decides twice in a row (a policy and its translation) is one step for a person.
    trail.dedup_by_key(|passed| (passed.device, passed.at, passed.verdict));
    trail
        .into_iter()
        .filter_map(|passed| {
            let configuration = &case.ground.network.devices.get(passed.device)?.configuration;
            Some(PathStep {
                device: configuration.device.name.clone(),
                file: configuration.file(passed.at).to_owned(),
                line: passed.at.line,
                text: configuration.shown(passed.at),
                verdict: passed.verdict.to_owned(),
            })
        })
        .collect()
}
