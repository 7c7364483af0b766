//! Where a device sends a packet: longest prefix over connected and static routes.

use crate::address::{Address, Family, prefix};
use crate::intervals::Intervals;
use crate::ir::{Device, Route};

/// Recursions of a next hop that is itself reached over a route.
const MAX_RECURSION: u32 = 8;

/// Destinations that leave the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) family: Family,
    pub(crate) destinations: Intervals,
    /// The outgoing interface; `None` when the next hop could not be resolved.
    pub(crate) interface: Option<String>,
    pub(crate) via: Option<Address>,
}

/// Whether the configuration says anything about routing.
pub(crate) fn says_routes(device: &Device) -> bool {
    !device.routes.is_empty() || device.interfaces.iter().any(|interface| !interface.addresses.is_empty())
}

struct Entry {
    length: u32,
    metric: u32,
    range: (u128, u128),
    interface: Option<String>,
    via: Option<Address>,
    discard: bool,
}

/// The exits of a routing instance. Destinations without a route, or with one that discards, are in none.
pub(crate) fn exits(device: &Device, vrf: Option<&str>) -> Vec<Exit> {
    let mut out = Vec::new();
    for family in Family::ALL {
        let mut entries = entries(device, vrf, family);
        // The most specific first; among equal prefixes the least metric, and equal metrics share.
        entries.sort_by(|left, right| {
            right.length.cmp(&left.length).then(left.range.cmp(&right.range)).then(left.metric.cmp(&right.metric))
        });
        let mut taken = Intervals::empty();
        let mut at = 0;
        while let Some(first) = entries.get(at) {
            let same: Vec<&Entry> = entries
                .iter()
                .skip(at)
                .take_while(|entry| (entry.length, entry.range) == (first.length, first.range))
                .collect();
            let free = Intervals::range(first.range.0, first.range.1).minus(&taken);
            for entry in same.iter().filter(|entry| entry.metric == first.metric && !entry.discard) {
                out.push(Exit {
                    family,
                    destinations: free.clone(),
                    interface: entry.interface.clone(),
                    via: entry.via,
                });
            }
            taken = taken.union(&Intervals::range(first.range.0, first.range.1));
            at += same.len();
        }
        // A routing protocol may know better ways than the configuration shows.
        if device.routes.iter().any(|route| is_learnt(route) && route.destination.family == family) {
            out.push(Exit { family, destinations: family.all(), interface: None, via: None });
        }
    }
    out.retain(|exit| !exit.destinations.is_empty());
    out
}

/// A route without next hop and interface stands for what a routing protocol learns.
fn is_learnt(route: &Route) -> bool {
    route.via.is_none() && route.interface.is_none() && !route.discard
}

fn entries(device: &Device, vrf: Option<&str>, family: Family) -> Vec<Entry> {
    let mut out = Vec::new();
    for interface in device.interfaces.iter().filter(|interface| interface.up && interface.vrf.as_deref() == vrf) {
        for &(address, length) in interface.addresses.iter().filter(|(address, _)| address.family == family) {
            if let Some(range) = prefix(address, length) {
                out.push(Entry {
                    length,
                    metric: 0,
                    range,
                    interface: Some(interface.name.clone()),
                    via: None,
                    discard: false,
                });
            }
        }
    }
    for route in device.routes.iter().filter(|route| route.vrf.as_deref() == vrf && route.destination.family == family)
    {
        let Some(range) = prefix(route.destination, route.length) else { continue };
        let interface = route.interface.clone().or_else(|| resolve(device, vrf, route.via?, MAX_RECURSION));
        let down = interface
            .as_ref()
            .is_some_and(|name| device.interfaces.iter().any(|known| known.name == *name && !known.up));
        if !down {
            out.push(Entry {
                length: route.length,
                metric: route.metric,
                range,
                interface,
                via: route.via,
                discard: route.discard,
            });
        }
    }
    out
}

/// The interface towards a next hop.
fn resolve(device: &Device, vrf: Option<&str>, via: Address, left: u32) -> Option<String> {
    let contains = |address: Address, length: u32| {
        address.family == via.family
            && prefix(address, length).is_some_and(|(low, high)| low <= via.number && via.number <= high)
    };
    let connected = device.interfaces.iter().filter(|interface| interface.up && interface.vrf.as_deref() == vrf);
    let nearest = connected
        .flat_map(|interface| interface.addresses.iter().map(move |address| (interface, address)))
        .filter(|(_, (address, length))| contains(*address, *length))
        .max_by_key(|(_, (_, length))| *length);
    if let Some((interface, _)) = nearest {
        return Some(interface.name.clone());
    }
    let left = left.checked_sub(1)?;
    let better = |route: &&Route| route.vrf.as_deref() == vrf && contains(route.destination, route.length);
    let route = device.routes.iter().filter(better).max_by_key(|route| route.length)?;
    route.interface.clone().or_else(|| resolve(device, vrf, route.via.filter(|next| *next != via)?, left))
}
