//! Interfaces: a name, a security level, addresses.

use super::lines::Block;
use crate::address::{Address, Family, mask_length};
use crate::ir::Interface;
use crate::reading::Reading;
use crate::source::{At, Fate};

/// An interface that has a name (`nameif`), without which it forwards nothing.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) interface: Interface,
    pub(super) level: u8,
}

pub(super) fn read(reading: &mut Reading, block: &Block) -> Option<Named> {
    reading.settle(block.head.at, Fate::Understood);
    let at = block.head.at;
    let (mut name, mut level, mut up, mut addresses) = (None, None, true, Vec::new());
    for line in &block.inner {
        let texts = line.texts();
        let mut fate = Fate::Understood;
        match texts.as_slice() {
            ["nameif", given] => name = Some((*given).to_owned()),
            ["security-level", number] => match number.parse::<u8>() {
                Ok(number) if number <= 100 => level = Some(number),
                _ => fate = Fate::Unread,
            },
            ["ip", "address", address, mask] | ["ip", "address", address, mask, "standby", _] => {
                match v4(address, mask) {
                    Some(found) => addresses.push(found),
                    None => fate = Fate::Unread,
                }
            }
            ["ip", "address", "dhcp" | "pppoe", ..] | ["ipv6", "address", "autoconf" | "dhcp", ..] => {}
            ["ipv6", "address", _, "link-local", ..] | ["ipv6", "enable" | "nd" | "ospf", ..] => {}
            ["ipv6", "address", prefix, ..] => match v6(prefix) {
                Some(found) => addresses.push(found),
                None => fate = Fate::Unread,
            },
            ["shutdown"] => up = false,
            ["no", "shutdown" | "nameif" | "security-level" | "ip" | "ipv6" | "forward" | "mac-address", ..] => {}
            // Nothing passes through a management interface.
            ["management-only", ..] => up = false,
            [word, ..] if IRRELEVANT.contains(word) => fate = Fate::Irrelevant,
            _ => fate = Fate::Unread,
        }
        if fate == Fate::Unread { reading.unread(line.at, None) } else { reading.settle(line.at, fate) }
    }
    let name = name?;
    // The name decides when no level is given.
    let level = level.unwrap_or(if name == "inside" { 100 } else { 0 });
    Some(Named { interface: Interface { name, at, addresses, up, vrf: None }, level })
}

fn v4(address: &str, mask: &str) -> Option<(Address, u32)> {
    let (address, mask) = (Address::parse(address)?, Address::parse(mask)?);
    (address.family == Family::Ip4 && mask.family == Family::Ip4).then_some((address, mask_length(mask)?))
}

fn v6(text: &str) -> Option<(Address, u32)> {
    let (address, length) = text.split_once('/')?;
    let (address, length) = (Address::parse(address)?, length.parse().ok()?);
    (address.family == Family::Ip6 && length <= 128).then_some((address, length))
}

/// `route NAMEIF NETWORK MASK GATEWAY [DISTANCE]`, `ipv6 route NAMEIF PREFIX GATEWAY [DISTANCE]`
pub(super) fn route(at: At, words: &[&str]) -> Option<crate::ir::Route> {
    let (name, destination, length, rest) = match words {
        ["route", name, network, mask, rest @ ..] => {
            let zero = |text: &str| Address::parse(if text == "0" { "0.0.0.0" } else { text });
            let (network, mask) = (zero(network)?, zero(mask)?);
            (name, network, mask_length(mask)?, rest)
        }
        ["ipv6", "route", name, prefix, rest @ ..] => {
            let (network, length) = prefix.split_once('/')?;
            (name, Address::parse(network)?, length.parse().ok()?, rest)
        }
        _ => return None,
    };
    let (interface, discard) = if *name == "Null0" { (None, true) } else { (Some((*name).to_owned()), false) };
    let (via, rest) = match rest {
        [gateway, rest @ ..] if Address::parse(gateway).is_some() => (Address::parse(gateway), rest),
        _ if discard => (None, rest),
        _ => return None,
    };
    let metric = match rest {
        [] | ["track" | "tunneled", ..] => 1,
        [metric, ..] => metric.parse().ok()?,
    };
    Some(crate::ir::Route { at, destination, length, via, interface, metric, discard, vrf: None })
}

const IRRELEVANT: &[&str] = &[
    "description",
    "speed",
    "duplex",
    "vlan",
    "channel-group",
    "lacp",
    "port-channel",
    "mac-address",
    "delay",
    "ospf",
    "eigrp",
    "igmp",
    "pim",
    "hello-interval",
    "hold-time",
    "authentication",
    "flowcontrol",
    "dhcprelay",
    "media-type",
    "member-interface",
    "rip",
    "split-horizon",
    "summary-address",
];
