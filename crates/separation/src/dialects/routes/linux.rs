//! `ip route` and `ip -6 route` (iproute2).

use super::Table;
use crate::address::{Address, Family, parse_range};
use crate::ir::Route;
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Whether a line looks like a route.
pub(super) fn is_route(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    let begins = KINDS.contains(&first) || matches!(first, "default" | "nexthop") || parse_range(first).is_some();
    begins && (KINDS.contains(&first) || words.any(|word| matches!(word, "dev" | "via" | "nexthop" | "proto")))
}

const KINDS: &[&str] =
    &["unicast", "blackhole", "unreachable", "prohibit", "throw", "local", "broadcast", "multicast", "anycast"];

pub(super) fn read(reading: &mut Reading, table: &mut Table, file: u32, lines: &[String]) {
    // `default dev ppp0` has no address: the others tell the family.
    let six = lines.iter().any(|line| line.split_whitespace().take(4).any(|word| word.matches(':').count() > 1));
    let family = if six { Family::Ip6 } else { Family::Ip4 };
    // A route whose next hops follow on lines of their own.
    let mut several: Option<Route> = None;
    for (line, text) in (1u32..).zip(lines) {
        let at = At { file, line, column: 1 };
        let words: Vec<&str> = text.split_whitespace().collect();
        let fate = match (words.as_slice(), &several) {
            ([], _) => Fate::Blank,
            (["nexthop", hop @ ..], Some(head)) => match ends(hop, Route { at, ..head.clone() }) {
                Some(Some(route)) => {
                    table.push(route);
                    Fate::Understood
                }
                Some(None) => Fate::Irrelevant,
                None => Fate::Unread,
            },
            (words, _) => {
                several = None;
                one(table, (at, family), words, &mut several)
            }
        };
        if fate == Fate::Unread {
            let message = Message::new("この経路を解釈できません", "this route is not understood");
            reading.unread(at, Some(message));
        } else {
            reading.settle(at, fate);
        }
    }
}

fn one(table: &mut Table, (at, family): (At, Family), words: &[&str], several: &mut Option<Route>) -> Fate {
    let (kind, words) = match words {
        [kind, rest @ ..] if KINDS.contains(kind) => (*kind, rest),
        words => ("unicast", words),
    };
    if matches!(kind, "local" | "broadcast" | "multicast" | "anycast") {
        return Fate::Irrelevant;
    }
    let [destination, rest @ ..] = words else { return Fate::Unread };
    let range = if *destination == "default" { Some((family, (0, family.max()))) } else { parse_range(destination) };
    let Some((family, (low, high))) = range.filter(|_| !destination.contains('-')) else { return Fate::Unread };
    let length = family.bits() - (128 - (high - low).leading_zeros());
    let route = Route {
        at,
        destination: Address { family, number: low },
        length,
        via: None,
        interface: None,
        metric: 0,
        discard: matches!(kind, "blackhole" | "unreachable" | "prohibit"),
        vrf: None,
    };
    // It sends the search on to another table.
    if kind == "throw" {
        return Fate::Unread;
    }
    let connected = rest.windows(2).any(|pair| pair == ["proto", "kernel"]);
    let own = rest.windows(2).find(|pair| pair.first() == Some(&"src")).and_then(|pair| Address::parse(pair.get(1)?));
    match ends(rest, route.clone()) {
        Some(Some(route)) => {
            if route.via.is_none() && route.interface.is_none() && !route.discard {
                *several = Some(route);
                return Fate::Understood;
            }
            if let (true, Some(own), Some(name)) = (connected, own, &route.interface) {
                table.own.push((name.clone(), at, own, length));
            }
            if route.discard || route.interface.as_deref() != Some("lo") {
                table.push(route);
            }
            Fate::Understood
        }
        Some(None) => Fate::Irrelevant,
        None => Fate::Unread,
    }
}

/// Next hop, interface and metric behind the destination: `Some(None)` for a route that is not in use, `None` for words that
/// are not known.
fn ends(words: &[&str], mut route: Route) -> Option<Option<Route>> {
    let mut rest = words;
    while let [word, behind @ ..] = rest {
        rest = match (*word, behind) {
            ("via", ["inet" | "inet6", address, behind @ ..]) | ("via", [address, behind @ ..]) => {
                route.via = Some(Address::parse(address)?);
                behind
            }
            ("dev", [name, behind @ ..]) => {
                route.interface = Some((*name).to_owned());
                behind
            }
            ("metric", [number, behind @ ..]) => {
                route.metric = number.parse().ok()?;
                behind
            }
            ("table", ["main" | "default" | "254", behind @ ..]) => behind,
            (
                "proto" | "scope" | "src" | "weight" | "pref" | "mtu" | "advmss" | "rtt" | "window" | "error"
                | "expires" | "hoplimit" | "realm" | "realms" | "initcwnd" | "initrwnd" | "nhid" | "rto_min",
                [_, behind @ ..],
            ) => behind,
            ("onlink" | "linkdown" | "pervasive" | "offload" | "notify" | "cache", behind) => behind,
            // Its interface is gone: the kernel does not use it.
            ("dead", _) => return Some(None),
            _ => return None,
        };
    }
    Some(Some(route))
}
