//! `show ip route`, `show ipv6 route` (IOS, IOS-XE) and `show route` (ASA).

use super::Table;
use crate::address::{Address, Family, mask_length, parse_range};
use crate::ir::Route;
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Whether a line is of a listing's head.
pub(super) fn is_head(line: &str) -> bool {
    line.starts_with("Codes: ") || line.starts_with("Gateway of last resort") || line.starts_with("IPv6 Routing Table")
}

/// Where the reader is in a listing.
#[derive(Debug, Default)]
struct Place {
    vrf: Option<String>,
    /// The explanation of the codes goes on.
    codes: bool,
    /// Prefix length of a block of subnets, for lines without one.
    length: Option<u32>,
    /// The destination whose next hops follow, and whether it is the device's own address.
    open: Option<(Address, u32, bool)>,
}

pub(super) fn read(reading: &mut Reading, table: &mut Table, file: u32, lines: &[String]) {
    let mut place = Place::default();
    for (line, text) in (1u32..).zip(lines) {
        let at = At { file, line, column: 1 };
        match place.line(table, at, text) {
            Fate::Unread => {
                let message = Message::new("この経路を解釈できません", "this route is not understood");
                reading.unread(at, Some(message));
            }
            fate => reading.settle(at, fate),
        }
    }
}

impl Place {
    fn line(&mut self, table: &mut Table, at: At, text: &str) -> Fate {
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some(first) = words.first() else {
            self.codes = false;
            return Fate::Blank;
        };
        // The codes are explained until an empty line, or in IPv6 until the first route.
        let explains = words.windows(2).any(|pair| pair.get(1) == Some(&"-")) && !text.contains('/');
        if *first == "Codes:" || self.codes && (explains || text.contains(" - ")) {
            self.codes = true;
            return Fate::Irrelevant;
        }
        self.codes = false;
        match words.as_slice() {
            ["Gateway", "of", "last", "resort", ..] => Fate::Irrelevant,
            ["Routing", "Table:", name] => {
                self.vrf = (*name != "default").then(|| (*name).to_owned());
                Fate::Understood
            }
            ["IPv6", "Routing", "Table", "-", name, ..] => {
                self.vrf = (*name != "default").then(|| (*name).to_owned());
                Fate::Understood
            }
            _ if text.trim_end().ends_with('#') || text.contains("show ") => Fate::Irrelevant,
            [net, "is", "subnetted," | "variably", ..] => {
                self.length = net.split_once('/').and_then(|(_, length)| length.parse().ok());
                Fate::Irrelevant
            }
            [hop, ..] if hop.starts_with('[') || *hop == "via" => self.hops(table, at, &words),
            _ => self.route(table, at, &words),
        }
    }

    /// `O IA 10.5.0.0/16 [110/2] via 10.2.0.9, 00:10:11, Vlan20`
    fn route(&mut self, table: &mut Table, at: At, words: &[&str]) -> Fate {
        // The destination is the first word that is an address; codes come before it.
        let Some(place) = words.iter().position(|word| parse_range(word).is_some()) else { return Fate::Unread };
        let codes = words.get(..place).unwrap_or_default();
        let known =
            |code: &&str| code.len() <= 3 && code.chars().all(|c| c.is_ascii_alphanumeric() || "*%+p&".contains(c));
        if place == 0 || place > 3 || !codes.iter().all(known) {
            return Fate::Unread;
        }
        let word = words.get(place).copied().unwrap_or("");
        let mut rest = words.get(place + 1..).unwrap_or_default();
        let Some((family, (low, high))) = parse_range(word) else { return Fate::Unread };
        let length = if word.contains('/') {
            family.bits() - (128 - (high - low).leading_zeros())
        } else if let Some(length) = rest.first().and_then(|mask| Address::parse(mask)).and_then(mask_length) {
            rest = rest.get(1..).unwrap_or_default();
            length
        } else if let Some(length) = self.length {
            length
        } else {
            return Fate::Unread;
        };
        let own = codes.first() == Some(&"L") || codes.first() == Some(&"LC");
        self.open = Some((Address { family, number: low }, length, own));
        if rest.is_empty() || family == Family::Ip6 && rest.len() == 1 {
            return Fate::Understood;
        }
        self.hops(table, at, rest)
    }

    /// `[110/2] via 10.2.0.9, 00:10:11, Vlan20`, `is directly connected, Vlan10`, `via Vlan10, directly connected`
    fn hops(&self, table: &mut Table, at: At, words: &[&str]) -> Fate {
        let Some((destination, length, own)) = self.open else { return Fate::Unread };
        let words = if words.first().is_some_and(|word| word.starts_with('[')) {
            words.get(1..).unwrap_or_default()
        } else {
            words
        };
        let bare = |word: &str| word.trim_end_matches(',').to_owned();
        let mut route = Route {
            at,
            destination,
            length,
            via: None,
            interface: None,
            metric: 0,
            discard: false,
            vrf: self.vrf.clone(),
        };
        match words {
            ["is", "directly", "connected,", name] | ["is", "a", "summary,", _, name] => {
                route.interface = Some((*name).to_owned());
            }
            ["via", name, "directly", "connected" | "connected,", ..] | ["via", name, "receive"] => {
                route.interface = Some(bare(name));
            }
            ["via", hop, rest @ ..] => {
                let hop = bare(hop);
                route.via = Address::parse(&hop);
                // An age and an interface may follow.
                let last = rest.last().filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
                route.interface = last.map(|word| bare(word)).or_else(|| route.via.is_none().then_some(hop));
            }
            _ => return Fate::Unread,
        }
        route.discard = route.interface.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("null0"));
        if own {
            table.own.extend(route.interface.map(|name| (name, at, destination, length)));
            return Fate::Understood;
        }
        table.push(route);
        Fate::Understood
    }
}
