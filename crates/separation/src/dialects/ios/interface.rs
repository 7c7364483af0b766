//! Interfaces.

use super::{Line, Router, irrelevant};
use crate::address::{Address, Family, mask_length};
use crate::ir::{Hook, Interface};
use crate::reading::Reading;
use crate::source::{At, Fate};

/// An interface and which lists it uses.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) interface: Interface,
    /// Family, list name, hook, line.
    pub(super) groups: Vec<(Family, String, Hook, At)>,
    /// `ip nat inside` is true, `outside` false.
    pub(super) nat: Option<bool>,
}

pub(super) fn read(reading: &mut Reading, router: &mut Router, head: &Line, name: &str, inner: &[Line]) {
    reading.settle(head.at, Fate::Understood);
    let interface = Interface { name: name.to_owned(), at: head.at, addresses: Vec::new(), up: true, vrf: None };
    let mut read = Read { interface, groups: Vec::new(), nat: None };
    // Addresses that are learnt, so that the interface forwards without one in the configuration.
    let mut learnt = false;
    let mut layer2 = false;
    for line in inner {
        let texts = line.texts();
        let mut fate = Fate::Understood;
        match texts.as_slice() {
            ["ip", "address", address, mask] | ["ip", "address", address, mask, "secondary"] => match v4(address, mask)
            {
                Some(found) => read.interface.addresses.push(found),
                None => fate = Fate::Unread,
            },
            ["ip", "address", "dhcp" | "negotiated", ..]
            | ["ip", "unnumbered", ..]
            | ["ipv6", "address", "autoconf" | "dhcp", ..] => learnt = true,
            ["no", "ip", "address"] | ["ipv6", "address", _, "link-local"] => {}
            ["ipv6", "address", prefix, ..] => match v6(prefix) {
                Some(found) => {
                    read.interface.addresses.push(found);
                    reading.speaks_of(Family::Ip6);
                }
                None => fate = Fate::Unread,
            },
            ["ip", "access-group", list, way @ ("in" | "out")] => {
                read.groups.push((Family::Ip4, (*list).to_owned(), hook(way), line.at));
            }
            ["ipv6", "traffic-filter", list, way @ ("in" | "out")] => {
                read.groups.push((Family::Ip6, (*list).to_owned(), hook(way), line.at));
            }
            ["shutdown"] => read.interface.up = false,
            ["no", "shutdown"] => read.interface.up = true,
            ["no", "switchport"] => layer2 = false,
            ["switchport", ..] => layer2 = true,
            ["vrf", "forwarding", vrf] | ["ip", "vrf", "forwarding", vrf] => {
                read.interface.vrf = Some((*vrf).to_owned())
            }
            ["ip", "nat", "inside"] => read.nat = Some(true),
            ["ip", "nat", "outside"] => read.nat = Some(false),
            words if irrelevant::interface(words) => fate = Fate::Irrelevant,
            _ => fate = Fate::Unread,
        }
        if fate == Fate::Unread { reading.unread(line.at, None) } else { reading.settle(line.at, fate) }
    }
    let virtual_only = ["Loopback", "Null", "lo", "nu"].iter().any(|start| name.starts_with(start));
    read.interface.up &=
        !layer2 && !virtual_only && (learnt || !read.interface.addresses.is_empty() || !read.groups.is_empty());
    if !read.interface.addresses.is_empty() || learnt {
        reading.speaks_of(Family::Ip4);
    }
    // The same interface may be entered twice.
    match router.interfaces.iter_mut().find(|known| known.interface.name == name) {
        Some(known) => {
            known.interface.up |= read.interface.up;
            known.interface.addresses.extend(read.interface.addresses);
            known.groups.extend(read.groups);
            known.nat = known.nat.or(read.nat);
        }
        None => router.interfaces.push(read),
    }
}

fn hook(way: &str) -> Hook {
    if way == "in" { Hook::Ingress } else { Hook::Egress }
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
