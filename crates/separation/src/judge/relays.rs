//! Hosts that stand in several zones, and routes that join zones.

use std::collections::BTreeSet;

use super::verdict::RelayFinding;
use crate::address::{Address, Family, prefix};
use crate::claims::Claims;
use crate::intervals::Intervals;
use crate::ir::{Action, AddressTo, Configuration, Field};
use crate::network::Network;
use crate::source::At;

/// Everything found in the configurations.
pub(super) fn find(network: &Network, claims: &Claims) -> Vec<RelayFinding> {
    let mut out = Vec::new();
    let devices: BTreeSet<Address> = network
        .devices
        .iter()
        .flat_map(|placed| &placed.configuration.device.interfaces)
        .flat_map(|interface| interface.addresses.iter().map(|(address, _)| *address))
        .collect();
    for placed in &network.devices {
        let configuration = &placed.configuration;
        for route in &configuration.device.routes {
            let Some(via) = route.via.filter(|via| !devices.contains(via) && !route.discard) else { continue };
            let Some(range) = prefix(route.destination, route.length) else { continue };
            let joined = joins(claims, via, (route.destination.family, Intervals::range(range.0, range.1)));
            out.extend(finding("route", configuration, route.at, claims, via, joined));
        }
        for interface in &configuration.device.interfaces {
            let zones: BTreeSet<usize> =
                interface.addresses.iter().filter_map(|(address, _)| named(claims, *address)).collect();
            if let (true, Some((first, _))) = (zones.len() > 1, interface.addresses.first()) {
                out.extend(finding("interface", configuration, interface.at, claims, *first, zones));
            }
        }
        out.extend(translations(configuration, claims));
    }
    out
}

/// The zone of an address, when a zone names it (the rest zone joins nothing).
fn named(claims: &Claims, address: Address) -> Option<usize> {
    claims.zone_of(address).filter(|&zone| claims.zones.get(zone).is_some_and(|zone| !zone.rest))
}

/// The zone of the next hop and those of the destinations, when they differ.
fn joins(claims: &Claims, via: Address, (family, destinations): (Family, Intervals)) -> BTreeSet<usize> {
    let mut zones: BTreeSet<usize> = BTreeSet::new();
    let Some(hop) = named(claims, via) else { return zones };
    for (index, zone) in claims.zones.iter().enumerate().filter(|(_, zone)| !zone.rest) {
        // A default route names no zone.
        if zone.addresses.of(family).overlaps(&destinations) && destinations != family.all() {
            zones.insert(index);
        }
    }
    if zones.iter().all(|&zone| zone == hop) {
        return BTreeSet::new();
    }
    zones.insert(hop);
    zones
}

/// Static translations that make a host of one zone appear in another.
fn translations(configuration: &Configuration, claims: &Claims) -> Vec<RelayFinding> {
    let mut out = Vec::new();
    for rule in configuration.device.chains.iter().flat_map(|chain| &chain.rules) {
        let Action::Translate(translation) = &rule.action else { continue };
        let (to, field) = match (&translation.destination, &translation.source) {
            (Some(to), _) => (to, Field::Destination),
            (None, Some(to)) => (to, Field::Source),
            (None, None) => continue,
        };
        let new = match to {
            AddressTo::Range(family, low, _) => Address { family: *family, number: *low },
            AddressTo::Shift { family, to, .. } => Address { family: *family, number: *to },
            AddressTo::OutInterface | AddressTo::Local | AddressTo::Unknown => continue,
        };
        let old = rule.when.iter().find_map(|condition| match condition {
            crate::ir::Condition::In(of, set) if *of == field => set.bounds().filter(|_| set.ranges().len() == 1),
            _ => None,
        });
        let Some((old, _)) = old else { continue };
        let zones: BTreeSet<usize> = [Address { family: new.family, number: old }, new]
            .into_iter()
            .filter_map(|address| named(claims, address))
            .collect();
        if zones.len() > 1 {
            out.extend(finding("translation", configuration, rule.at, claims, new, zones));
        }
    }
    out
}

fn finding(
    kind: &'static str,
    configuration: &Configuration,
    at: At,
    claims: &Claims,
    host: Address,
    zones: BTreeSet<usize>,
) -> Option<RelayFinding> {
    if zones.len() < 2 {
        return None;
    }
    let relay = claims
        .relays
        .iter()
        .find(|relay| relay.addresses.contains(host) && zones.iter().all(|zone| relay.joins.contains(zone)));
    Some(RelayFinding {
        kind,
        file: configuration.file(at).to_owned(),
        line: at.line,
        text: configuration.shown(at),
        zones: zones.into_iter().map(|zone| claims.id(zone).to_owned()).collect(),
        relay: relay.map(|relay| relay.id.clone()),
    })
}
