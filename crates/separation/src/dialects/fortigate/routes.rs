//! Static routes; routing protocols and policy routes make the way uncertain.

use super::addresses::subnet;
use super::tree::Block;
use crate::address::{Address, Family, parse_range};
use crate::ir::Route;
use crate::reading::Reading;
use crate::source::{At, Fate};

/// Administrative distance of a static route.
const STATIC: u32 = 10;
/// Distance of the route that stands for what a routing protocol learns.
const LEARNT: u32 = 254;

pub(super) fn table(reading: &mut Reading, table: &Block, family: Family) {
    for entry in &table.entries {
        entry.settle(reading, Fate::Understood);
        let strange = entry.strange(reading, KEYS, |key| IRRELEVANT.contains(&key), &[]);
        if entry.value("status") == Some("disable") {
            continue;
        }
        match route(entry, family).filter(|_| strange.is_empty()) {
            Some(route) => reading.device.routes.push(route),
            None => {
                reading.unread(strange.first().copied().unwrap_or(entry.at), None);
            }
        }
    }
}

fn route(entry: &Block, family: Family) -> Option<Route> {
    // An address object or an internet service as destination is not followed.
    if ["dstaddr", "internet-service"].iter().any(|key| entry.values(key).is_some()) {
        return Some(learnt(entry.at, family));
    }
    let range = match entry.values("dst") {
        None => (0, family.max()),
        Some(words) if family == Family::Ip4 => subnet(words)?.bounds()?,
        Some([text]) => parse_range(text).filter(|(of, _)| *of == family)?.1,
        Some(_) => return None,
    };
    let length = family.bits() - (128 - (range.1 - range.0).leading_zeros());
    let via = match entry.value("gateway") {
        Some(text) => Address::parse(text).filter(|address| address.number != 0),
        None => None,
    };
    let interface = entry.value("device").map(str::to_owned);
    let metric = entry.value("distance").map_or(Some(STATIC), |text| text.parse().ok())?;
    let discard = entry.enabled("blackhole");
    let destination = Address { family, number: range.0 };
    let vrf = entry.value("vrf").filter(|vrf| *vrf != "0").map(str::to_owned);
    Some(Route { at: entry.at, destination, length, via, interface, metric, discard, vrf })
}

/// A way that the configuration does not show.
pub(super) fn learnt(at: At, family: Family) -> Route {
    Route {
        at,
        destination: Address { family, number: 0 },
        length: 0,
        via: None,
        interface: None,
        metric: LEARNT,
        discard: false,
        vrf: None,
    }
}

/// A routing protocol that has a neighbour, a network or an interface of its own may know other ways.
pub(super) fn protocol(reading: &mut Reading, table: &Block) {
    table.settle(reading, Fate::Irrelevant);
    let speaks = |inner: &Block| {
        let kinds = ["network", "neighbor", "neighbor-group", "neighbor-range", "interface", "isis-interface"];
        let kinds = kinds.iter().chain(["ospf-interface", "ospf6-interface", "area"].iter());
        kinds.into_iter().any(|kind| inner.name == *kind) && !inner.entries.is_empty()
    };
    if table.tables.iter().any(speaks) || table.name == "router policy" && !table.entries.is_empty() {
        for family in Family::ALL {
            reading.device.routes.push(learnt(table.at, family));
        }
    }
}

const KEYS: &[&str] = &[
    "dst",
    "gateway",
    "device",
    "distance",
    "status",
    "blackhole",
    "dstaddr",
    "internet-service",
    "sdwan",
    "sdwan-zone",
    "virtual-wan-link",
    "vrf",
];

const IRRELEVANT: &[&str] =
    &["comment", "priority", "weight", "dynamic-gateway", "link-monitor-exempt", "bfd", "tag", "preferred-source"];
