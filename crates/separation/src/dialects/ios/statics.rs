//! Static routes and static address translation.

use super::{Line, Router};
use crate::address::{Address, Family, mask_length};
use crate::ir::Route;
use crate::reading::Reading;
use crate::source::{At, Fate};

/// Administrative distance of a static route.
const STATIC: u32 = 1;
/// Distance of the route that stands for what a routing protocol learns.
const LEARNT: u32 = 254;

/// A translation of an inside address.
#[derive(Debug)]
pub(super) struct Static {
    pub(super) at: At,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// `inside source static [tcp|udp] LOCAL [PORT] GLOBAL [PORT]`
    Inside { local: Address, global: Address, service: Option<(u8, u16, u16)> },
    /// `inside source list …`: sources become something that is not followed.
    Dynamic,
}

pub(super) fn route(reading: &mut Reading, line: &Line) {
    match parse(line) {
        Some(route) => {
            reading.device.routes.push(route);
            reading.settle(line.at, Fate::Understood);
        }
        None => reading.unread(line.at, None),
    }
}

fn parse(line: &Line) -> Option<Route> {
    let texts = line.texts();
    let (vrf, words) = match texts.as_slice() {
        [_, "route", "vrf", vrf, rest @ ..] => (Some((*vrf).to_owned()), rest),
        [_, "route", rest @ ..] => (None, rest),
        _ => return None,
    };
    let (destination, length, mut rest) = match (texts.first()?, words) {
        (&"ip", [network, mask, rest @ ..]) => {
            let (network, mask) = (Address::parse(network)?, Address::parse(mask)?);
            (network, (network.family == Family::Ip4 && mask.family == Family::Ip4).then(|| mask_length(mask))??, rest)
        }
        (&"ipv6", [prefix, rest @ ..]) => {
            let (network, length) = prefix.split_once('/')?;
            (Address::parse(network)?, length.parse().ok()?, rest)
        }
        _ => return None,
    };
    let mut route =
        Route { at: line.at, destination, length, via: None, interface: None, metric: STATIC, discard: false, vrf };
    let first = rest.first()?;
    if first.eq_ignore_ascii_case("null0") {
        route.discard = true;
        rest = rest.get(1..)?;
    } else {
        if Address::parse(first).is_none() {
            route.interface = Some((*first).to_owned());
            rest = rest.get(1..)?;
        }
        if let Some(via) = rest.first().and_then(|word| Address::parse(word)) {
            route.via = Some(via);
            rest = rest.get(1..)?;
        }
    }
    while let [word, behind @ ..] = rest {
        rest = match (*word, behind) {
            ("name" | "tag" | "track", [_, behind @ ..]) => behind,
            ("permanent", behind) => behind,
            (number, behind) => {
                route.metric = number.parse().ok()?;
                behind
            }
        };
    }
    Some(route)
}

/// A routing protocol runs: packets may be sent over any interface.
pub(super) fn dynamic(reading: &mut Reading, line: &Line) {
    for family in Family::ALL {
        let destination = Address { family, number: 0 };
        reading.device.routes.push(Route {
            at: line.at,
            destination,
            length: 0,
            via: None,
            interface: None,
            metric: LEARNT,
            discard: false,
            vrf: None,
        });
    }
}

pub(super) fn translation(reading: &mut Reading, router: &mut Router, line: &Line, words: &[&str]) {
    let what = match words {
        ["pool", ..] | ["translation" | "log" | "portmap" | "settings" | "service", ..] => {
            reading.settle(line.at, Fate::Irrelevant);
            return;
        }
        ["inside", "source", "static", "network", ..] => None,
        ["inside", "source", "static", protocol @ ("tcp" | "udp"), local, port, global, outer, rest @ ..]
            if plain(rest) =>
        {
            let number = if *protocol == "tcp" { 6 } else { 17 };
            let ports = port.parse().ok().zip(outer.parse().ok());
            pair(local, global).zip(ports).map(|((local, global), (port, outer))| What::Inside {
                local,
                global,
                service: Some((number, port, outer)),
            })
        }
        ["inside", "source", "static", local, global, rest @ ..] if plain(rest) => {
            pair(local, global).map(|(local, global)| What::Inside { local, global, service: None })
        }
        ["inside", "source", "list", ..] | ["inside", "source", "route-map", ..] => Some(What::Dynamic),
        _ => None,
    };
    match what {
        Some(what) => {
            router.translations.push(Static { at: line.at, what });
            reading.settle(line.at, Fate::Understood);
        }
        None => reading.unread(line.at, None),
    }
}

fn plain(rest: &[&str]) -> bool {
    rest.iter().all(|word| matches!(*word, "extendable" | "no-alias" | "no-payload"))
}

fn pair(local: &str, global: &str) -> Option<(Address, Address)> {
    let (local, global) = (Address::parse(local)?, Address::parse(global)?);
    (local.family == Family::Ip4 && global.family == Family::Ip4).then_some((local, global))
}
