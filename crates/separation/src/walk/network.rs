//! One packet through the whole network.

use super::{Packet, Passed, Sure, Walker, Walking};
use crate::address::{Address, Family, prefix};
use crate::claims::Claims;
use crate::document::Day;
use crate::ir::{Device, Hook, Interface};
use crate::network::{Attachment, Network};
use crate::source::At;

/// Most devices that a packet passes: the greatest time to live.
const MAX_HOPS: usize = 255;

/// Where a packet came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// How sure it is.
    pub sure: Sure,
    /// The packet as it arrives.
    pub packet: Packet,
    /// The lines on its way.
    pub trail: Vec<Passed>,
}

/// Whether the packet is addressed to the device itself.
pub(super) fn is_own(device: &Device, packet: &Packet) -> bool {
    device
        .interfaces
        .iter()
        .any(|interface| interface.addresses.iter().any(|(address, _)| *address == packet.destination_address()))
}

/// Follows a packet that begins in a zone; gives the surest way on which it comes out of the network somewhere else. In a
/// network without connections, `pair` names the interfaces.
pub fn follow(
    network: &Network,
    claims: &Claims,
    from: &str,
    packet: &Packet,
    pair: (Option<&str>, Option<&str>),
    on: Day,
    wanted: (u128, u16),
) -> Option<Journey> {
    if !network.connected {
        let device = &network.devices.first()?.configuration.device;
        let (sure, packet, trail) = super::through_device(device, packet, pair, on, wanted);
        return Some(Journey { sure, packet, trail });
    }
    let mut best: Option<Journey> = None;
    let mut seen = Vec::new();
    for (index, placed) in network.devices.iter().enumerate() {
        for (name, place) in &placed.interfaces {
            if *place == Attachment::Zone(from.to_owned()) {
                let start = Walking {
                    packet: packet.clone(),
                    source_known: true,
                    source_port_known: true,
                    alive: Sure::Yes,
                    trail: Vec::new(),
                };
                let trip = Trip { network, claims, from, on, wanted };
                trip.arrive(index, name, start, (0, &mut seen), &mut best);
            }
        }
    }
    best
}

/// Prefix length, metric, interface, next hop, and whether it discards.
type Candidate = (u32, u32, Option<String>, Option<Address>, bool);

/// Where the packet was, and as what: device, interface, packet, whether its source and source port are known, how surely it
/// came there. A second time leads nowhere else.
type Station = (usize, String, Packet, (bool, bool), Sure);

struct Trip<'a> {
    network: &'a Network,
    claims: &'a Claims,
    from: &'a str,
    on: Day,
    wanted: (u128, u16),
}

impl Trip<'_> {
    fn arrive(
        &self,
        index: usize,
        name: &str,
        walking: Walking,
        (passed, seen): (usize, &mut Vec<Station>),
        best: &mut Option<Journey>,
    ) {
        let known = (walking.source_known, walking.source_port_known);
        let been = seen.iter().any(|(device, interface, packet, then, sure)| {
            *device == index
                && interface == name
                && *packet == walking.packet
                && *then == known
                && *sure >= walking.alive
        });
        let enough = best.as_ref().is_some_and(|journey| journey.sure == Sure::Yes);
        let Some(placed) = self.network.devices.get(index).filter(|_| !been && !enough && passed < MAX_HOPS) else {
            return;
        };
        let device = &placed.configuration.device;
        seen.push((index, name.to_owned(), walking.packet.clone(), known, walking.alive));
        let walker = Walker { device, index, on: self.on, entered: Some(name), leaves: None, wanted: self.wanted };
        let mut inside = walker.hook(Hook::Ingress, walking);
        if !is_own(device, &inside.packet) && inside.alive != Sure::No {
            if !device.unread.is_empty() {
                inside.alive = inside.alive.min(Sure::Maybe);
            }
            for (out, via) in self.exits(index, name, &inside.packet) {
                let walker = Walker { leaves: Some(&out), ..walker.clone() };
                let outside = walker.hook(Hook::Egress, walker.hook(Hook::Forward, inside.clone()));
                if outside.alive != Sure::No {
                    self.leave(index, (&out, via), outside, (passed + 1, seen), best);
                }
            }
        }
    }

    fn leave(
        &self,
        index: usize,
        (out, via): (&str, Option<Address>),
        walking: Walking,
        (passed, seen): (usize, &mut Vec<Station>),
        best: &mut Option<Journey>,
    ) {
        let Some(placed) = self.network.devices.get(index) else { return };
        match placed.interfaces.iter().find(|(name, _)| name == out).map(|(_, place)| place) {
            Some(Attachment::Zone(zone)) if zone == self.from => {}
            Some(Attachment::Link(link)) => {
                let mut ends: Vec<(usize, String, bool)> = Vec::new();
                for (other, next) in self.network.devices.iter().enumerate() {
                    for (name, place) in &next.interfaces {
                        if *place == Attachment::Link(link.clone()) && (other, name.as_str()) != (index, out) {
                            let interface =
                                next.configuration.device.interfaces.iter().find(|known| known.name == *name);
                            let named = interface
                                .is_some_and(|known| known.addresses.iter().any(|(address, _)| Some(*address) == via));
                            ends.push((other, name.clone(), named));
                        }
                    }
                }
                let only = ends.iter().any(|(_, _, named)| *named);
                for (other, name, named) in ends {
                    if named || !only {
                        self.arrive(other, &name, walking.clone(), (passed, seen), best);
                    }
                }
            }
            place => {
                let sure = if place.is_none() { walking.alive.min(Sure::Maybe) } else { walking.alive };
                if best.as_ref().is_none_or(|journey| journey.sure < sure) {
                    let mut trail = walking.trail;
                    trail.push(Passed { device: index, at: At::default(), verdict: "deliver" });
                    *best = Some(Journey { sure, packet: walking.packet, trail });
                }
            }
        }
    }

    /// The interfaces that the packet may leave by, with the next hop.
    fn exits(&self, index: usize, name: &str, packet: &Packet) -> Vec<(String, Option<Address>)> {
        let Some(placed) = self.network.devices.get(index) else { return Vec::new() };
        let device = &placed.configuration.device;
        let to = packet.destination_address();
        let routed =
            !device.routes.is_empty() || device.interfaces.iter().any(|interface| !interface.addresses.is_empty());
        if !routed {
            return self.without_routes(index, to);
        }
        let vrf = device
            .interfaces
            .iter()
            .find(|interface| interface.name == name)
            .and_then(|interface| interface.vrf.clone());
        let alive = |interface: &&Interface| interface.up && interface.vrf == vrf;
        let mut found: Vec<Candidate> = Vec::new();
        for interface in device.interfaces.iter().filter(alive) {
            for &(address, length) in &interface.addresses {
                if covers(address, length, to) {
                    found.push((length, 0, Some(interface.name.clone()), None, false));
                }
            }
        }
        for route in
            device.routes.iter().filter(|route| route.vrf == vrf && covers(route.destination, route.length, to))
        {
            let out = route.interface.clone().or_else(|| route.via.and_then(|via| towards(device, &vrf, via, 8)));
            if !out.as_ref().is_some_and(|out| device.interfaces.iter().any(|known| known.name == *out && !known.up)) {
                found.push((route.length, route.metric, out, route.via, route.discard));
            }
        }
        let Some(longest) = found.iter().map(|entry| entry.0).max() else { return Vec::new() };
        found.retain(|entry| entry.0 == longest);
        let least = found.iter().map(|entry| entry.1).min().unwrap_or(0);
        found.retain(|entry| entry.1 == least && !entry.4);
        found.into_iter().filter_map(|(_, _, out, via, _)| Some((out?, via))).collect()
    }

    fn without_routes(&self, index: usize, to: Address) -> Vec<(String, Option<Address>)> {
        let Some(placed) = self.network.devices.get(index) else { return Vec::new() };
        let zone = self.claims.zone_of(to).map(|zone| self.claims.id(zone));
        let direct: Vec<_> = placed
            .interfaces
            .iter()
            .filter(|(_, place)| matches!(place, Attachment::Zone(id) if Some(id.as_str()) == zone))
            .collect();
        if !direct.is_empty() {
            return direct.into_iter().map(|(name, _)| (name.clone(), None)).collect();
        }
        let links = placed.interfaces.iter().any(|(_, place)| matches!(place, Attachment::Link(_)));
        let usable = placed.interfaces.iter().filter(|(_, place)| !links || matches!(place, Attachment::Link(_)));
        usable.map(|(name, _)| (name.clone(), None)).collect()
    }
}

fn covers(address: Address, length: u32, to: Address) -> bool {
    let family: Family = to.family;
    address.family == family && prefix(address, length).is_some_and(|(low, high)| low <= to.number && to.number <= high)
}

fn towards(device: &Device, vrf: &Option<String>, via: Address, left: u32) -> Option<String> {
    let mut best: Option<(u32, &Interface)> = None;
    for interface in device.interfaces.iter().filter(|interface| interface.up && interface.vrf == *vrf) {
        for &(address, length) in &interface.addresses {
            if covers(address, length, via) && best.is_none_or(|(known, _)| length >= known) {
                best = Some((length, interface));
            }
        }
    }
    if let Some((_, interface)) = best {
        return Some(interface.name.clone());
    }
    let mut route = None;
    for candidate in
        device.routes.iter().filter(|route| route.vrf == *vrf && covers(route.destination, route.length, via))
    {
        if route.is_none_or(|known: &crate::ir::Route| candidate.length >= known.length) {
            route = Some(candidate);
        }
    }
    let route = route?;
    match (&route.interface, route.via) {
        (Some(interface), _) => Some(interface.clone()),
        (None, Some(next)) if next != via && left > 0 => towards(device, vrf, next, left - 1),
        _ => None,
    }
}
