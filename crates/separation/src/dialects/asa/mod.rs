//! Cisco ASA (8.3 and later): access lists, objects, interfaces with security levels, translations, static routes.
//!
//! Source: Cisco, ASA Series CLI Configuration Guides (Firewall; General Operations). No real device confirms this reading:
//! `unproved`. A packet meets the list of the interface where it comes in, then the global one, and the implicit denial; an
//! interface without either lets pass what goes to a lower security level. Lists speak of real addresses, so destinations are
//! translated back before them and sources behind them.

mod entry;
mod interface;
mod irrelevant;
mod lines;
mod nat;
mod objects;
mod steps;

use std::collections::BTreeMap;

use self::entry::Scope;
use self::lines::Block;
use super::{Dialect, Options};
use crate::address::{Address, Family};
use crate::ir::{Condition, Field, Route, Rule, Side, Tracking};
use crate::reading::Reading;
use crate::source::{At, Fate, Message, Source};

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect { id: "asa", proved: false, likely, read };

/// Lines looked at to recognise the dialect.
const LOOKED_AT: usize = 2_000;
/// Distance of the route that stands for what a routing protocol learns.
const LEARNT: u32 = 254;

fn likely(source: &Source) -> u8 {
    let mut likely = 0;
    for line in source.lines.iter().take(LOOKED_AT) {
        let words: Vec<&str> = line.split_whitespace().take(6).collect();
        likely = likely.max(match words.as_slice() {
            ["ASA", "Version", ..] | [":", "ASA", ..] => 100,
            ["nameif" | "security-level", _] => 90,
            ["access-list", _, "extended", "permit" | "deny", ..] => 85,
            ["access-group", _, "in" | "out", "interface", _, ..] | ["access-group", _, "global"] => 85,
            ["object", "network" | "service", _] => 60,
            _ => 0,
        });
    }
    likely
}

/// A line and its words.
type Words = (At, Vec<String>);
/// The line of an `access-group`, its list, and the interface and side; no interface is every one.
type Bound = (At, String, Option<(String, Side)>);

/// Everything that is known before the steps can be made.
#[derive(Debug, Default)]
struct Firewall {
    objects: objects::Objects,
    interfaces: Vec<interface::Named>,
    /// Entries of each list, as words.
    lists: BTreeMap<String, (At, Vec<Words>)>,
    groups: Vec<Bound>,
    /// Lines that translate, with the object that they stand under.
    nat: Vec<(At, Option<String>, Vec<String>)>,
    /// Inspections that open further connections: protocol and port.
    inspected: Vec<(u8, u16)>,
    same_inter: bool,
    same_intra: bool,
    /// `no sysopt connection permit-vpn`
    lists_see_vpn: bool,
    /// Where a crypto map or web VPN is bound to an interface.
    tunnels: Vec<At>,
    /// What the device itself accepts.
    local: Vec<Rule>,
}

fn read(reading: &mut Reading, files: &[u32], options: &Options) {
    reading.device.tracking = Tracking::Always;
    let mut firewall = Firewall::default();
    for &file in files {
        let lines = reading.take_lines(file);
        let blocks = lines::blocks(reading, file, &lines);
        reading.put_lines(file, lines);
        for block in blocks {
            firewall.block(reading, &block);
        }
    }
    if !firewall.lists_see_vpn {
        for at in &firewall.tunnels {
            let message = Message::new(
                "VPNから出てきた通信はACLを通りません（no sysopt connection permit-vpn がないため）",
                "what leaves a tunnel passes no access list (there is no \"no sysopt connection permit-vpn\")",
            );
            reading.unread(*at, Some(message));
        }
    }
    steps::make(reading, firewall, options);
}

impl Firewall {
    fn block(&mut self, reading: &mut Reading, block: &Block) {
        let texts = block.head.texts();
        let at = block.head.at;
        match texts.as_slice() {
            ["interface", ..] => self.interfaces.extend(interface::read(reading, block)),
            ["object", ..] => {
                let name = texts.get(2).copied().unwrap_or("").to_owned();
                for line in self.objects.object(reading, block) {
                    let words = line.texts().into_iter().map(str::to_owned).collect();
                    self.nat.push((line.at, Some(name.clone()), words));
                }
            }
            ["object-group", ..] => self.objects.object_group(reading, block),
            ["time-range", name] => self.objects.time_range(reading, block, name),
            ["name", address, name, ..] if self.objects.name(address, name) => block.settle(reading, Fate::Understood),
            ["access-list", name, ..] => self.list(reading, block, name),
            ["access-group", name, way @ ("in" | "out"), "interface", interface, rest @ ..] => {
                if rest.is_empty() || rest == ["per-user-override"] {
                    let side = if *way == "in" { Side::In } else { Side::Out };
                    self.groups.push((at, (*name).to_owned(), Some(((*interface).to_owned(), side))));
                    block.settle(reading, Fate::Understood);
                } else if rest == ["control-plane"] {
                    block.settle(reading, Fate::Irrelevant);
                } else {
                    block.unread(reading);
                }
            }
            ["access-group", name, "global"] => {
                self.groups.push((at, (*name).to_owned(), None));
                block.settle(reading, Fate::Understood);
            }
            ["nat", ..] => {
                self.nat.push((at, None, texts.iter().map(|word| (*word).to_owned()).collect()));
            }
            ["route", ..] | ["ipv6", "route", ..] => match interface::route(at, &texts) {
                Some(route) => {
                    reading.device.routes.push(route);
                    reading.settle(at, Fate::Understood);
                }
                None => block.unread(reading),
            },
            ["router", ..] | ["ipv6", "router", ..] => {
                block.settle(reading, Fate::Irrelevant);
                reading.device.routes.extend(Family::ALL.map(|family| learnt(at, family)));
            }
            ["same-security-traffic", "permit", kind @ ("inter-interface" | "intra-interface")] => {
                self.same_inter |= *kind == "inter-interface";
                self.same_intra |= *kind == "intra-interface";
                block.settle(reading, Fate::Understood);
            }
            _ => self.other(reading, block, &texts),
        }
    }

    fn other(&mut self, reading: &mut Reading, block: &Block, texts: &[&str]) {
        let at = block.head.at;
        match texts {
            ["hostname", name] => {
                (*name).clone_into(&mut reading.device.name);
                block.settle(reading, Fate::Irrelevant);
            }
            ["policy-map", ..] => self.policy_map(reading, block),
            ["no", "sysopt", "connection", "permit-vpn"] => {
                self.lists_see_vpn = true;
                block.settle(reading, Fate::Understood);
            }
            ["crypto", "map", _, "interface", ..] => {
                self.tunnels.push(at);
                block.settle(reading, Fate::Understood);
            }
            ["webvpn"] => {
                block.settle(reading, Fate::Irrelevant);
                let enabled = block.inner.iter().find(|line| line.texts().first() == Some(&"enable"));
                self.tunnels.extend(enabled.map(|line| line.at));
            }
            ["ssh" | "http" | "telnet", address, mask, name] => {
                if let Some(rule) = self.access(at, texts.first().copied().unwrap_or(""), (address, mask, name)) {
                    self.local.push(rule);
                    block.settle(reading, Fate::Understood);
                } else {
                    block.settle(reading, Fate::Irrelevant);
                }
            }
            words if irrelevant::block(words) => block.settle(reading, Fate::Irrelevant),
            _ => block.unread(reading),
        }
    }

    /// `ssh NETWORK MASK NAMEIF`: who may reach the device itself.
    fn access(&self, at: At, service: &str, (address, mask, name): (&str, &str, &str)) -> Option<Rule> {
        let range = self.objects.range(&[address, mask])?;
        let port = match service {
            "ssh" => 22,
            "telnet" => 23,
            _ => 443,
        };
        let when = vec![
            Condition::interface(Side::In, name),
            Condition::family(Family::Ip4),
            Condition::In(Field::Source, range.v4),
            Condition::protocol(6),
            Condition::In(Field::DestinationPort, crate::intervals::Intervals::one(port)),
        ];
        Some(Rule::new(at, when, crate::ir::Action::Accept))
    }

    fn list(&mut self, reading: &mut Reading, block: &Block, name: &str) {
        let at = block.head.at;
        let texts = block.head.texts();
        let mut words = texts.get(2..).unwrap_or_default();
        if let ["line", _, rest @ ..] = words {
            words = rest;
        }
        block.inner.iter().for_each(|line| reading.unread(line.at, None));
        match words {
            ["remark", ..] | ["standard" | "webtype" | "ethertype", ..] => reading.settle(at, Fate::Irrelevant),
            ["extended", rest @ ..] | rest if !rest.is_empty() => {
                let words = rest.iter().map(|word| (*word).to_owned()).collect();
                self.lists.entry(name.to_owned()).or_insert_with(|| (at, Vec::new())).1.push((at, words));
            }
            _ => reading.unread(at, None),
        }
    }

    fn policy_map(&mut self, reading: &mut Reading, block: &Block) {
        reading.settle(block.head.at, Fate::Understood);
        for line in &block.inner {
            let texts = line.texts();
            match texts.as_slice() {
                ["inspect", name, ..] => match opened_by(name) {
                    Some(ports) => {
                        self.inspected.extend_from_slice(ports);
                        reading.settle(line.at, Fate::Understood);
                    }
                    None => reading.unread(line.at, None),
                },
                words if irrelevant::policy(words) => reading.settle(line.at, Fate::Irrelevant),
                _ => reading.unread(line.at, None),
            }
        }
    }
}

/// Protocol and port of an inspection that opens connections of its own; empty for those that only look.
fn opened_by(inspection: &str) -> Option<&'static [(u8, u16)]> {
    Some(match inspection {
        "dns" | "esmtp" | "smtp" | "http" | "icmp" | "ip-options" | "ipsec-pass-thru" | "ipv6" | "netbios" | "im"
        | "snmp" | "ils" | "scansafe" | "waas" => &[],
        "ftp" => &[(6, 21)],
        "tftp" => &[(17, 69)],
        "h323" => &[(6, 1720), (17, 1718), (17, 1719)],
        "rsh" => &[(6, 514)],
        "rtsp" => &[(6, 554)],
        "sip" => &[(6, 5060), (17, 5060)],
        "skinny" => &[(6, 2000)],
        "sqlnet" => &[(6, 1521)],
        "sunrpc" => &[(6, 111), (17, 111)],
        "xdmcp" => &[(17, 177)],
        "mgcp" => &[(17, 2427), (17, 2727)],
        "dcerpc" => &[(6, 135)],
        "ctiqbe" => &[(6, 2748)],
        "pptp" => &[(6, 1723)],
        _ => return None,
    })
}

fn learnt(at: At, family: Family) -> Route {
    let destination = Address { family, number: 0 };
    Route { at, destination, length: 0, via: None, interface: None, metric: LEARNT, discard: false, vrf: None }
}

/// The rules of a list.
fn rules(reading: &mut Reading, scope: &Firewall, own: &[(String, Vec<Address>)], name: &str) -> Vec<Rule> {
    let Some((_, entries)) = scope.lists.get(name) else { return Vec::new() };
    let mut out = Vec::new();
    for (at, words) in entries {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        out.extend(entry::read(reading, &Scope { objects: &scope.objects, own, at: *at }, &words));
    }
    out
}
