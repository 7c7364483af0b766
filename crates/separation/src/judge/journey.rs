//! Packets on their way through the network, from the zone where they begin to every zone that they reach.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::matching::Matched;
use super::passage::{Piece, Question, Way, narrow, own_addresses};
use crate::address::{Address, Family};
use crate::claims::Claims;
use crate::diagram::{Diagrams, Level, Node};
use crate::intervals::Intervals;
use crate::ir::{Action, AddressTo, Condition, Device, Field, Hook, InterfaceName, Step, Tracking};
use crate::network::routing::{Exit, exits, says_routes};
use crate::network::{Attachment, Network};

/// Most devices that a packet passes: the greatest time to live.
const MAX_HOPS: usize = 255;
/// Most pieces that are followed from an interface on, in one question.
const MAX_STATIONS: usize = 100_000;
/// Stands for every interface that no rule names; no real name has this character.
const OTHER: &str = "\u{1}";

/// A network with what is the same for every question.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) network: &'a Network,
    pub(crate) claims: &'a Claims,
    names: Vec<Vec<String>>,
    /// Whether any device tracks connections.
    pub(crate) tracked: bool,
    /// Whether any device changes destinations.
    pub(crate) moves_destinations: bool,
}

/// Packets that reached the end of their way.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) piece: Piece,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(network: &'a Network, claims: &'a Claims) -> Self {
        let devices = || network.devices.iter().map(|placed| &placed.configuration.device);
        Self {
            network,
            claims,
            names: devices().map(interface_names).collect(),
            tracked: devices().any(is_tracking),
            moves_destinations: devices().any(moves_destinations),
        }
    }

    /// Whether at most one step of a packet's way decides about it: one device with one list for each family.
    pub(crate) fn decides_once(&self) -> bool {
        let Some(device) = self.device(0).filter(|_| !self.network.connected) else { return false };
        let filled = |step: &&Step| {
            usize::try_from(step.chain.0)
                .ok()
                .and_then(|chain| device.chains.get(chain))
                .is_some_and(|chain| !chain.rules.is_empty())
        };
        let forwards = |step: &&Step| matches!(step.hook, Hook::Ingress | Hook::Forward | Hook::Egress);
        Family::ALL.into_iter().all(|family| {
            let of_family = |step: &&Step| {
                !step.guard.iter().any(
                    |condition| matches!(condition, Condition::In(Field::Family, set) if !set.contains(family.number())),
                )
            };
            device.steps.iter().filter(|step| step.decides).filter(forwards).filter(filled).filter(of_family).count() <= 1
        })
    }

    fn device(&self, index: usize) -> Option<&'a Device> {
        self.network.devices.get(index).map(|placed| &placed.configuration.device)
    }

    /// Names of the first device's interfaces by number.
    pub(crate) fn names_of_first(&self) -> &[String] {
        if self.network.connected { &[] } else { self.names.first().map(Vec::as_slice).unwrap_or_default() }
    }

    /// Takes packets through the steps of one hook of a device (those for the device itself, or made by it).
    pub(crate) fn at_device(&self, question: &mut Question, index: usize, hook: Hook, piece: Piece) -> Vec<Piece> {
        self.way(index).map(|way| way.hook(question, hook, vec![piece])).unwrap_or_default()
    }

    fn way(&self, index: usize) -> Option<Way<'_>> {
        let names = self.names.get(index)?;
        Some(Way { index, device: self.device(index)?, names, fixed_in: None, fixed_out: None })
    }

    /// Everything that may come out somewhere of what begins in a zone.
    pub(crate) fn travel(&self, question: &mut Question, from: usize, packets: Matched) -> Vec<Arrived> {
        if self.network.connected {
            self.through_network(question, from, packets)
        } else {
            self.through_one(question, packets)
        }
    }

    /// One device, any pair of its interfaces.
    fn through_one(&self, question: &mut Question, packets: Matched) -> Vec<Arrived> {
        let Some(way) = self.way(0) else { return Vec::new() };
        let pairs = self.pairs(question, way.device);
        let start = Piece::new(narrow(&mut question.diagrams, packets, Matched::exactly(pairs)));
        let doubt = way.doubt(question, &start);
        let pieces = way.hook(question, Hook::Ingress, vec![start]);
        let pieces = without_own(question, way.device, pieces);
        let pieces = way.hook(question, Hook::Forward, pieces);
        let mut pieces = way.hook(question, Hook::Egress, pieces);
        if doubt.is_some() {
            uncertain(&mut pieces);
        }
        pieces.extend(doubt);
        pieces.into_iter().map(|piece| Arrived { piece }).collect()
    }

    /// The pairs of interfaces that a packet can take: those that are up, in one routing instance.
    fn pairs(&self, question: &mut Question, device: &Device) -> Node {
        let Some(names) = self.names.first() else { return Node::FULL };
        let diagrams = &mut question.diagrams;
        let all = Intervals::range(0, names.len().saturating_sub(1) as u128);
        if !device.interfaces_complete || device.interfaces.is_empty() {
            return diagrams.product([(Level::In, &all), (Level::Out, &all)].into_iter());
        }
        let mut instances: Vec<Option<&str>> =
            device.interfaces.iter().map(|interface| interface.vrf.as_deref()).collect();
        instances.sort_unstable();
        instances.dedup();
        let mut parts = Vec::new();
        for vrf in instances {
            let members = device.interfaces.iter().filter(|interface| interface.up && interface.vrf.as_deref() == vrf);
            let numbers = members.filter_map(|interface| names.iter().position(|name| *name == interface.name));
            let set: Intervals = numbers.map(|number| (number as u128, number as u128)).collect();
            // A management interface in an instance of its own has nowhere to forward to.
            if vrf.is_some() && set.ranges().len() == 1 && set.bounds().is_some_and(|(low, high)| low == high) {
                continue;
            }
            parts.push(diagrams.product([(Level::In, &set), (Level::Out, &set)].into_iter()));
        }
        // Without a pair that forwards, a claim would hold in silence.
        if parts.iter().all(|part| part.is_empty()) {
            return diagrams.product([(Level::In, &all), (Level::Out, &all)].into_iter());
        }
        diagrams.union(parts)
    }

    /// Packets go on from interface to interface; those that were at an interface before with the same history are left
    /// out, because their way from there is known. So the work grows with the network and not with its number of paths,
    /// and a circle ends where it closes.
    fn through_network(&self, question: &mut Question, from: usize, packets: Matched) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        let mut moving = VecDeque::new();
        let mut seen: BTreeMap<(usize, String), Vec<Piece>> = BTreeMap::new();
        for (index, placed) in self.network.devices.iter().enumerate() {
            for (name, place) in &placed.interfaces {
                if *place == Attachment::Zone(self.claims.id(from).to_owned()) {
                    moving.push_back((index, name.clone(), Piece::new(packets)));
                }
            }
        }
        while let Some((index, name, mut piece)) = moving.pop_front() {
            // A packet that has passed so many devices has no time to live left.
            if piece.hops.len() >= MAX_HOPS {
                continue;
            }
            let here = seen.entry((index, name.clone())).or_default();
            for other in here.iter() {
                if self.same_history(other, &piece) {
                    piece.packets = without(&mut question.diagrams, piece.packets, other.packets);
                }
            }
            if piece.packets.may.is_empty() {
                continue;
            }
            here.push(piece.clone());
            if question.failed() || seen.values().map(Vec::len).sum::<usize>() > MAX_STATIONS {
                question.gave_up = true;
                break;
            }
            for (out, piece) in self.through_device(question, index, &name, piece) {
                let places =
                    self.network.devices.get(index).map(|placed| placed.interfaces.as_slice()).unwrap_or_default();
                match places.iter().find(|(known, _)| *known == out).map(|(_, place)| place) {
                    // Back into the zone where it began.
                    Some(Attachment::Zone(zone)) if *zone == self.claims.id(from) => {}
                    Some(Attachment::Zone(_)) => arrived.push(Arrived { piece }),
                    Some(Attachment::Link(link)) => {
                        let ends = self.other_ends(link, index, &out, piece.hops.last().copied().flatten());
                        moving.extend(ends.into_iter().map(|(next, interface)| (next, interface, piece.clone())));
                    }
                    // Nobody said where this interface leads.
                    None => arrived.push(Arrived {
                        piece: Piece { packets: Matched { must: Node::EMPTY, ..piece.packets }, ..piece },
                    }),
                }
            }
        }
        arrived
    }

    /// Whether what happened to two pieces so far makes no difference to what becomes of their packets, and to what is said
    /// of them.
    fn same_history(&self, left: &Piece, right: &Piece) -> bool {
        let via = |piece: &Piece| -> BTreeSet<Address> {
            let hops = piece.hops.iter().flatten().copied();
            hops.filter(|hop| self.claims.vias.iter().any(|via| via.only.contains(*hop))).collect()
        };
        left.permit == right.permit
            && left.source == right.source
            && left.any_source_port == right.any_source_port
            && left.moved == right.moved
            && via(left) == via(right)
    }

    /// The interfaces at the other end of a link; only the one that has the next hop's address, when one has.
    fn other_ends(&self, link: &str, index: usize, out: &str, via: Option<Address>) -> Vec<(usize, String)> {
        let mut ends = Vec::new();
        for (other, placed) in self.network.devices.iter().enumerate() {
            for (name, place) in &placed.interfaces {
                if *place == Attachment::Link(link.to_owned()) && (other, name.as_str()) != (index, out) {
                    ends.push((other, name.clone()));
                }
            }
        }
        let has = |(other, name): &(usize, String)| {
            let device = self.device(*other);
            device.is_some_and(|device| {
                device.interfaces.iter().any(|known| {
                    known.name == *name && known.addresses.iter().any(|(address, _)| Some(*address) == via)
                })
            })
        };
        if ends.iter().any(has) { ends.into_iter().filter(has).collect() } else { ends }
    }

    /// Takes a piece through a device; gives what leaves, by interface.
    fn through_device(&self, question: &mut Question, index: usize, name: &str, piece: Piece) -> Vec<(String, Piece)> {
        let Some(way) = self.way(index) else { return Vec::new() };
        let way = Way { fixed_in: Some(name), ..way };
        let doubt = way.doubt(question, &piece);
        let pieces = way.hook(question, Hook::Ingress, vec![piece]);
        let pieces = without_own(question, way.device, pieces);
        let exits = self.exits_from(index, name);
        let mut left = Vec::new();
        for exit in &exits {
            let sent: Vec<Piece> = pieces.iter().filter_map(|piece| send(question, piece, exit)).collect();
            let interfaces: Vec<String> = match &exit.interface {
                Some(interface) => vec![interface.clone()],
                None => self.interfaces(index).filter(|other| *other != name).map(str::to_owned).collect(),
            };
            for interface in interfaces {
                let way = Way { fixed_out: Some(&interface), ..way };
                let sent = way.hook(question, Hook::Forward, sent.clone());
                let mut sent = way.hook(question, Hook::Egress, sent);
                if doubt.is_some() {
                    uncertain(&mut sent);
                }
                left.extend(sent.into_iter().map(|piece| (interface.clone(), piece)));
            }
        }
        if let Some(doubt) = doubt {
            left.extend(
                self.interfaces(index).filter(|other| *other != name).map(|other| (other.to_owned(), doubt.clone())),
            );
        }
        left
    }

    fn interfaces(&self, index: usize) -> impl Iterator<Item = &str> {
        self.network.devices.get(index).into_iter().flat_map(|placed| &placed.interfaces).map(|(name, _)| name.as_str())
    }

    fn exits_from(&self, index: usize, name: &str) -> Vec<Exit> {
        let Some(device) = self.device(index) else { return Vec::new() };
        if says_routes(device) {
            let vrf = device
                .interfaces
                .iter()
                .find(|interface| interface.name == name)
                .and_then(|interface| interface.vrf.as_deref());
            return exits(device, vrf);
        }
        self.guessed_exits(index)
    }

    /// Without routes: a zone that stands at an interface is reached there, everything else over every link, or over
    /// every zone when there is no link.
    fn guessed_exits(&self, index: usize) -> Vec<Exit> {
        let places = self.network.devices.get(index).map(|placed| placed.interfaces.as_slice()).unwrap_or_default();
        let mut out = Vec::new();
        let mut here = crate::claims::Addresses::default();
        for (name, place) in places {
            let Attachment::Zone(zone) = place else { continue };
            let Some(zone) = self.claims.zone(zone).and_then(|zone| self.claims.zones.get(zone)) else { continue };
            here = here.union(&zone.addresses);
            for family in Family::ALL {
                let destinations = zone.addresses.of(family).clone();
                out.push(Exit { family, destinations, interface: Some(name.clone()), via: None });
            }
        }
        let links = places.iter().any(|(_, place)| matches!(place, Attachment::Link(_)));
        for (name, place) in places {
            if matches!(place, Attachment::Link(_)) || !links {
                for family in Family::ALL {
                    let destinations = here.of(family).complement(family.max());
                    out.push(Exit { family, destinations, interface: Some(name.clone()), via: None });
                }
            }
        }
        out.retain(|exit| !exit.destinations.is_empty());
        out
    }
}

fn send(question: &mut Question, piece: &Piece, exit: &Exit) -> Option<Piece> {
    let family = Intervals::one(exit.family.number());
    let there =
        question.diagrams.product([(Level::Family, &family), (Level::Destination, &exit.destinations)].into_iter());
    let mut packets = narrow(&mut question.diagrams, piece.packets, Matched::exactly(there));
    if exit.interface.is_none() {
        packets.must = Node::EMPTY;
    }
    let mut hops = piece.hops.clone();
    hops.push(exit.via);
    (!packets.may.is_empty()).then(|| Piece { packets, hops, ..piece.clone() })
}

/// What of the packets is not among those that were there before.
fn without(diagrams: &mut Diagrams, packets: Matched, before: Matched) -> Matched {
    let may = diagrams.minus(packets.may, before.may);
    let must = diagrams.minus(packets.must, before.must);
    Matched { may: diagrams.or(may, must), must }
}

/// Packets to the device's own addresses are not forwarded.
fn without_own(question: &mut Question, device: &Device, mut pieces: Vec<Piece>) -> Vec<Piece> {
    for family in Family::ALL {
        let own = own_addresses(device, family);
        if own.is_empty() {
            continue;
        }
        let diagrams = &mut question.diagrams;
        let own = diagrams
            .product([(Level::Family, &Intervals::one(family.number())), (Level::Destination, &own)].into_iter());
        for piece in &mut pieces {
            piece.packets =
                Matched { may: diagrams.minus(piece.packets.may, own), must: diagrams.minus(piece.packets.must, own) };
        }
    }
    pieces
}

/// With unread lines about the whole device nothing passes for certain.
fn uncertain(pieces: &mut [Piece]) {
    for piece in pieces {
        piece.packets.must = Node::EMPTY;
    }
}

fn is_tracking(device: &Device) -> bool {
    fn asks(condition: &Condition) -> bool {
        match condition {
            Condition::In(Field::State, _) => true,
            Condition::OneOf(any) | Condition::NoneOf(any) => any.iter().flatten().any(asks),
            _ => false,
        }
    }
    match device.tracking {
        Tracking::Always => true,
        Tracking::Never => false,
        Tracking::WhenAsked => device
            .chains
            .iter()
            .flat_map(|chain| &chain.rules)
            .any(|rule| matches!(rule.action, Action::Translate(_)) || rule.when.iter().any(asks)),
    }
}

fn moves_destinations(device: &Device) -> bool {
    device.chains.iter().flat_map(|chain| &chain.rules).any(|rule| match &rule.action {
        Action::Translate(translation) => {
            translation.destination.as_ref().is_some_and(|to| *to != AddressTo::Local)
                || translation.destination_port.is_some()
        }
        Action::Unread => true,
        _ => false,
    })
}

/// The interfaces that rules can tell apart: those of the configuration when it names all, otherwise those that rules
/// name, one for every prefix that they name, and one for all others.
pub(super) fn interface_names(device: &Device) -> Vec<String> {
    fn named(condition: &Condition, names: &mut Vec<String>) {
        match condition {
            Condition::Interface { names: wanted, .. } => names.extend(wanted.iter().map(|name| match name {
                InterfaceName::Exact(name) => name.clone(),
                InterfaceName::Prefix(prefix) => format!("{prefix}{OTHER}"),
            })),
            Condition::OneOf(any) | Condition::NoneOf(any) => {
                any.iter().flatten().for_each(|condition| named(condition, names))
            }
            _ => {}
        }
    }
    let mut names: Vec<String> = device.interfaces.iter().map(|interface| interface.name.clone()).collect();
    if !device.interfaces_complete || names.is_empty() {
        let rules = device.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.when);
        for condition in rules.chain(device.steps.iter().flat_map(|step| &step.guard)) {
            named(condition, &mut names);
        }
        names.push(OTHER.to_owned());
        // Nothing is forwarded from or to the loopback interface.
        names.retain(|name| name != "lo");
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(usize::from(u16::MAX));
    names
}
