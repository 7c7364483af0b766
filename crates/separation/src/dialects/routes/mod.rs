//! Routing tables as devices print them: `ip route`, `ip -6 route`, Cisco's `show ip route`, `show ipv6 route` and ASA's `show route`.
//!
//! A listing is not a configuration: it is given beside one (`routes =` in the network file) and is what the device really
//! forwards by, so it takes the place of every route of its family and routing instance that the configuration has.

mod cisco;
mod linux;

use std::collections::BTreeSet;

use crate::address::{Address, Family};
use crate::ir::{Interface, Route};
use crate::reading::Reading;
use crate::source::{At, Message, Source};

/// Lines looked at to recognise a listing.
const LOOKED_AT: usize = 200;

/// A kind of listing, by the name that is printed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// `ip route`, `ip -6 route`
    Linux,
    /// `show ip route`, `show ipv6 route`, `show route`
    Cisco,
}

impl Listing {
    /// The name in verdicts.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Linux => "ip-route",
            Self::Cisco => "show-route",
        }
    }
}

/// Recognises a listing by its content.
pub(super) fn detect(source: &Source) -> Option<Listing> {
    let lines = || source.lines.iter().take(LOOKED_AT).map(|line| line.trim_end()).filter(|line| !line.is_empty());
    if lines().any(cisco::is_head) {
        return Some(Listing::Cisco);
    }
    let all = lines().count();
    let mine = lines().filter(|line| linux::is_route(line)).count();
    (all > 0 && mine * 2 > all).then_some(Listing::Linux)
}

/// What a listing says.
#[derive(Debug, Default)]
struct Table {
    routes: Vec<Route>,
    /// Addresses of the device's own interfaces, with prefix lengths.
    own: Vec<(String, At, Address, u32)>,
    /// What the listing speaks of: families and routing instances.
    spoken: BTreeSet<(Family, Option<String>)>,
}

impl Table {
    fn push(&mut self, route: Route) {
        self.spoken.insert((route.destination.family, route.vrf.clone()));
        self.routes.push(route);
    }
}

/// Reads listings into the device that its configuration has described.
pub(super) fn read(reading: &mut Reading, files: &[(u32, Listing)]) {
    let mut table = Table::default();
    for &(file, listing) in files {
        let lines = reading.take_lines(file);
        match listing {
            Listing::Linux => linux::read(reading, &mut table, file, &lines),
            Listing::Cisco => cisco::read(reading, &mut table, file, &lines),
        }
        reading.put_lines(file, lines);
        let name = reading.sources().get(usize::try_from(file).unwrap_or(0)).map_or("", |source| &source.name);
        let assumed = Message::new(
            format!("経路は「{name}」が取られた時点のものとみなしました"),
            format!("routes were taken to be as when \"{name}\" was printed"),
        );
        reading.device.assumptions.push(assumed);
    }
    let spoken = |route: &Route| table.spoken.contains(&(route.destination.family, route.vrf.clone()));
    reading.device.routes.retain(|route| !spoken(route));
    reading.device.routes.extend(table.routes);
    for (name, at, address, length) in table.own {
        let interfaces = &mut reading.device.interfaces;
        if interfaces.iter().flat_map(|interface| &interface.addresses).any(|(known, _)| *known == address) {
            continue;
        }
        match interfaces.iter_mut().find(|interface| interface.name == name) {
            Some(interface) => interface.addresses.push((address, length)),
            None => {
                let addresses = vec![(address, length)];
                interfaces.push(Interface { name, at, addresses, up: true, vrf: None });
            }
        }
    }
}
