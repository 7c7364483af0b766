//! FortiGate (FortiOS 6 and 7): addresses, services, schedules, virtual IPs, policies, interfaces, zones, static routes.
//!
//! Source: Fortinet, FortiOS CLI Reference and Administration Guide. No real device confirms this reading: `unproved`.
//! Destination translation comes before the policies and source translation behind them, so a policy is asked about the
//! mapped destination and the original source. What is inspected (virus scan, IPS, web filter) can only block and is not counted.

mod addresses;
mod interfaces;
mod irrelevant;
mod policy;
mod routes;
mod services;
pub(super) mod shown;
mod tree;
mod vips;

use std::collections::{BTreeMap, BTreeSet};

use self::tree::Block;
use super::{Dialect, Options};
use crate::address::Family;
use crate::ir::{Action, Condition, Default as ByDefault, Hook, InterfaceName, Rule, Side, Step, Tracking};
use crate::reading::Reading;
use crate::source::{At, Fate, Message, Source};

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect { id: "fortigate", proved: false, likely, read };

/// Lines looked at to recognise the dialect.
const LOOKED_AT: usize = 2_000;

fn likely(source: &Source) -> u8 {
    let mut likely = 0;
    for line in source.lines.iter().take(LOOKED_AT) {
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        likely = likely.max(match words.as_slice() {
            [first, ..] if first.starts_with("#config-version=") => 100,
            ["config", "firewall" | "vdom"] => 90,
            ["config", "system" | "router" | "global"] => 60,
            _ => 0,
        });
    }
    likely
}

/// What is known while the tables are read.
#[derive(Debug, Default)]
struct Firewall {
    /// The virtual domain that is read.
    vdom: Option<String>,
    addresses: addresses::Addresses,
    services: services::Services,
    schedules: services::Schedules,
    vips: vips::Vips,
    /// Members of zones.
    zones: BTreeMap<String, Vec<String>>,
    /// Protocol and port of the session helpers.
    helpers: Vec<(u8, u16)>,
    admin: interfaces::AdminPorts,
    central_nat: bool,
    /// Interfaces that policies name.
    named: BTreeSet<String>,
}

fn read(reading: &mut Reading, files: &[u32], options: &Options) {
    reading.device.tracking = Tracking::Always;
    let mut tables = Vec::new();
    for &file in files {
        let lines = reading.take_lines(file);
        tables.extend(tree::read(reading, file, &lines));
        reading.put_lines(file, lines);
    }
    let Some((vdom, tables)) = domain(reading, tables, options.acl.as_deref()) else { return };
    let mut firewall = Firewall { vdom, ..Firewall::default() };
    objects(reading, &mut firewall, &tables);
    forward(reading, &mut firewall, &tables);
    for table in &tables {
        rest(reading, table);
    }
    let known: BTreeSet<&str> = reading.device.interfaces.iter().map(|interface| interface.name.as_str()).collect();
    let complete = !known.is_empty() && firewall.named.iter().all(|name| known.contains(name.as_str()));
    reading.device.interfaces_complete = complete;
}

/// The tables of the one virtual domain that is judged, with the global ones.
fn domain(reading: &mut Reading, tables: Vec<Block>, wanted: Option<&str>) -> Option<(Option<String>, Vec<Block>)> {
    let mut plain = Vec::new();
    let mut domains: Vec<Block> = Vec::new();
    for mut table in tables {
        match table.name.as_str() {
            "global" => {
                table.settle(reading, Fate::Understood);
                table.sets.iter().for_each(|set| reading.unread(set.at, None));
                plain.append(&mut table.tables);
            }
            "vdom" => {
                table.settle(reading, Fate::Understood);
                domains.extend(table.entries.into_iter().filter(|entry| !entry.tables.is_empty()));
            }
            _ => plain.push(table),
        }
    }
    let mut names: Vec<String> = domains.iter().map(|domain| domain.name.clone()).collect();
    names.dedup();
    let chosen = match (names.as_slice(), wanted) {
        ([], _) => None,
        ([only], None) => Some(only.clone()),
        (_, Some(name)) if names.iter().any(|known| known == name) => Some(name.to_owned()),
        _ => {
            let (at, names) = (domains.first().map_or(At::default(), |domain| domain.at), names.join(", "));
            reading.fatal(
                at,
                Message::new(
                    format!("VDOMが複数あります。一つずつ --acl で選んでください: {names}"),
                    format!("several virtual domains; choose one with --acl: {names}"),
                ),
            );
            return None;
        }
    };
    for mut domain in domains {
        if Some(&domain.name) == chosen.as_ref() {
            domain.sets.iter().for_each(|set| reading.unread(set.at, None));
            plain.append(&mut domain.tables);
        } else {
            domain.settle(reading, Fate::Irrelevant);
        }
    }
    Some((chosen, plain))
}

/// Everything that policies refer to.
fn objects(reading: &mut Reading, firewall: &mut Firewall, tables: &[Block]) {
    let start = tables.iter().find(|table| table.name.starts_with("firewall vip")).or(tables.first());
    let start = start.map_or(At { file: 0, line: 1, column: 1 }, |table| table.at);
    let translated = reading.chain("virtual IPs", start);
    let mut vips = false;
    let mut helpers = None;
    for table in tables {
        match table.name.as_str() {
            "firewall address" => firewall.addresses.table(reading, table, Family::Ip4),
            "firewall address6" => firewall.addresses.table(reading, table, Family::Ip6),
            "firewall addrgrp" => firewall.addresses.groups(reading, table, Family::Ip4),
            "firewall addrgrp6" => firewall.addresses.groups(reading, table, Family::Ip6),
            "firewall service custom" => firewall.services.custom(reading, table),
            "firewall service group" => firewall.services.groups(reading, table),
            "firewall schedule onetime" => firewall.schedules.table(reading, table, "onetime"),
            "firewall schedule recurring" => firewall.schedules.table(reading, table, "recurring"),
            "firewall schedule group" => firewall.schedules.table(reading, table, "group"),
            "firewall vip" | "firewall vip6" => {
                vips |= !table.entries.is_empty();
                firewall.vips.table(reading, translated, table);
            }
            "firewall vipgrp" | "firewall vipgrp6" => firewall.vips.groups(reading, table),
            "system sdwan" | "system virtual-wan-link" => interfaces::sdwan(reading, firewall, table),
            "system global" => firewall.admin.global(table),
            "system settings" => settings(reading, firewall, table),
            "system session-helper" => {
                let list = helpers.get_or_insert_with(Vec::new);
                table.entries.iter().for_each(|entry| list.extend(helper(reading, entry)));
            }
            _ => continue,
        }
        edges(reading, table);
    }
    firewall.helpers = helpers.unwrap_or_else(|| HELPERS.to_vec());
    if vips {
        reading.device.steps.push(Step {
            hook: Hook::Ingress,
            guard: Vec::new(),
            chain: translated,
            default: ByDefault::Accept,
            default_at: start,
            decides: false,
        });
    }
}

/// Settles the first and the last line of a table whose entries are settled.
fn edges(reading: &mut Reading, table: &Block) {
    reading.settle(table.at, Fate::Understood);
    reading.settle(At { line: table.last, ..table.at }, Fate::Understood);
}

/// A session helper opens connections of its own; `dns-udp` only closes them.
fn helper(reading: &mut Reading, entry: &Block) -> Option<(u8, u16)> {
    entry.settle(reading, Fate::Understood);
    for at in entry.strange(reading, &["name", "protocol", "port"], |_| false, &[]) {
        reading.unread(at, None);
    }
    if entry.value("name") == Some("dns-udp") {
        return None;
    }
    let number = |key: &str| entry.value(key).and_then(|text| text.parse::<u16>().ok());
    let found = number("protocol").and_then(|protocol| u8::try_from(protocol).ok()).zip(number("port"));
    if found.is_none() {
        reading.unread(entry.at, None);
    }
    found
}

fn settings(reading: &mut Reading, firewall: &mut Firewall, table: &Block) {
    table.settle(reading, Fate::Understood);
    let irrelevant = |key: &str| {
        ["gui-", "ip", "manageip", "gateway", "bfd", "sccp-", "sip-", "ike-", "dhcp-", "lldp-", "ecmp", "h323-"]
            .iter()
            .any(|start| key.starts_with(start))
            || SETTINGS.contains(&key)
    };
    for at in table.strange(reading, &["central-nat", "opmode", "ngfw-mode", "asymroute"], irrelevant, &[]) {
        reading.unread(at, None);
    }
    firewall.central_nat = table.enabled("central-nat");
    for set in &table.sets {
        // With asymmetric routing packets pass without a session; by application, other policies decide.
        let risky = match set.key.as_str() {
            "asymroute" => table.enabled("asymroute"),
            "ngfw-mode" => table.value("ngfw-mode") == Some("policy-based"),
            _ => false,
        };
        if risky {
            reading.unread(set.at, None);
        }
    }
}

/// Policies, and what is addressed to the firewall itself.
fn forward(reading: &mut Reading, firewall: &mut Firewall, tables: &[Block]) {
    let of = |name: &'static str| tables.iter().filter(move |table| table.name == name);
    let mut open = Vec::new();
    for table in of("system zone") {
        open.extend(interfaces::zones(reading, firewall, table).into_iter().map(|name| (name, table.at)));
        edges(reading, table);
    }
    let mut local = Vec::new();
    for (name, family) in [("firewall local-in-policy", Family::Ip4), ("firewall local-in-policy6", Family::Ip6)] {
        for table in of(name) {
            local.extend(policy::local_in(reading, firewall, table, family));
            edges(reading, table);
        }
    }
    let mut device_at = None;
    for table in of("system interface") {
        local.extend(interfaces::table(reading, firewall, table));
        device_at.get_or_insert(table.at);
        edges(reading, table);
    }
    if let Some(at) = device_at {
        step(reading, (Hook::Input, "addressed to the firewall", at), local, ByDefault::Drop);
    }
    let mut all = policy::Rules::default();
    let mut at = None;
    for (name, family) in [("firewall policy", Family::Ip4), ("firewall policy6", Family::Ip6)] {
        for table in of(name) {
            let rules = policy::table(reading, firewall, table, family);
            all.policies.extend(rules.policies);
            all.helpers.extend(rules.helpers);
            all.leaving.extend(rules.leaving);
            all.translates |= rules.translates;
            at.get_or_insert(table.at);
            edges(reading, table);
        }
    }
    Family::ALL.into_iter().for_each(|family| reading.speaks_of(family));
    let mut rules: Vec<Rule> = open.into_iter().filter_map(|(zone, at)| within(firewall, &zone, at)).collect();
    rules.extend(all.helpers);
    rules.extend(all.policies);
    // A file without any table of policies is an excerpt: what it denies is not known.
    let default = if at.is_some() { ByDefault::Drop } else { ByDefault::Unread };
    step(reading, (Hook::Forward, "firewall policy", at.unwrap_or(At { file: 0, line: 1, column: 1 })), rules, default);
    if all.translates {
        let place = (Hook::Egress, "source translation", at.unwrap_or_default());
        step(reading, place, all.leaving, ByDefault::Accept);
        if let Some(last) = reading.device.steps.last_mut() {
            last.decides = false;
        }
    }
}

/// Traffic between the members of a zone that allows it passes without a policy.
fn within(firewall: &Firewall, zone: &str, at: At) -> Option<Rule> {
    let members = firewall.zones.get(zone)?;
    let names: Vec<InterfaceName> = members.iter().cloned().map(InterfaceName::Exact).collect();
    let side = |side| Condition::Interface { side, names: names.clone(), negated: false };
    Some(Rule::new(at, vec![side(Side::In), side(Side::Out)], Action::Accept))
}

fn step(reading: &mut Reading, (hook, name, at): (Hook, &str, At), rules: Vec<Rule>, default: ByDefault) {
    let chain = reading.chain(name, at);
    for rule in rules {
        reading.rule(chain, rule);
    }
    let decides = matches!(hook, Hook::Forward | Hook::Input);
    reading.device.steps.push(Step { hook, guard: Vec::new(), chain, default, default_at: at, decides });
}

/// Tables that nothing else has read.
fn rest(reading: &mut Reading, table: &Block) {
    match table.name.as_str() {
        "router static" => {
            routes::table(reading, table, Family::Ip4);
            edges(reading, table);
        }
        "router static6" => {
            routes::table(reading, table, Family::Ip6);
            edges(reading, table);
        }
        "router policy" | "router policy6" | "router ospf" | "router ospf6" | "router bgp" | "router rip"
        | "router ripng" | "router isis" | "router multicast" | "router multicast6" => {
            routes::protocol(reading, table);
        }
        "system global" => {
            table.settle(reading, Fate::Irrelevant);
            if let Some(name) = table.value("hostname") {
                name.clone_into(&mut reading.device.name);
            }
        }
        name if READ.contains(&name) => {
            // Lines of the table itself; its entries have been read.
            if name != "system settings" && name != "system sdwan" && name != "system virtual-wan-link" {
                table.sets.iter().for_each(|set| reading.unread(set.at, None));
                table.tables.iter().for_each(|inner| inner.unread(reading, &unknown(&inner.name)));
            }
        }
        name if irrelevant::table(name) => table.settle(reading, Fate::Irrelevant),
        _ if table.entries.is_empty() && table.sets.is_empty() && table.tables.is_empty() => {
            table.settle(reading, Fate::Irrelevant);
        }
        name => table.unread(reading, &unknown(name)),
    }
}

fn unknown(name: &str) -> Message {
    Message::new(format!("「config {name}」は解釈できません"), format!("\"config {name}\" is not understood"))
}

const READ: &[&str] = &[
    "firewall address",
    "firewall address6",
    "firewall addrgrp",
    "firewall addrgrp6",
    "firewall service custom",
    "firewall service group",
    "firewall schedule onetime",
    "firewall schedule recurring",
    "firewall schedule group",
    "firewall vip",
    "firewall vip6",
    "firewall vipgrp",
    "firewall vipgrp6",
    "firewall policy",
    "firewall policy6",
    "firewall local-in-policy",
    "firewall local-in-policy6",
    "system interface",
    "system zone",
    "system sdwan",
    "system virtual-wan-link",
    "system settings",
    "system session-helper",
];

/// Session helpers of a device whose list is not in the file: protocol and port.
const HELPERS: &[(u8, u16)] = &[
    (6, 1723),
    (6, 1720),
    (17, 1719),
    (6, 1521),
    (17, 69),
    (6, 554),
    (6, 7070),
    (6, 8554),
    (6, 21),
    (6, 1863),
    (6, 111),
    (17, 111),
    (17, 5060),
    (6, 514),
    (6, 512),
    (6, 135),
    (17, 135),
    (17, 2427),
    (17, 2727),
];

/// Settings of a virtual domain that change no policy.
const SETTINGS: &[&str] = &[
    "comments",
    "vdom-type",
    "inspection-mode",
    "http-external-dest",
    "firewall-session-dirty",
    "status",
    "discovered-device-timeout",
    "email-portal-check-dns",
    "default-voip-alg-mode",
    "allow-subnet-overlap",
    "deny-tcp-with-icmp",
    "tcp-session-without-syn",
    "link-down-access",
    "nat46-generate-ipv6-fragment-header",
    "nat46-force-ipv4-packet-forwarding",
    "nat64-force-ipv6-packet-forwarding",
    "detect-unknown-esp",
    "intree-ses-best-route",
    "auxiliary-session",
    "snat-hairpin-traffic",
    "utf8-spam-tagging",
    "wccp-cache-engine",
    "vpn-stats-log",
    "vpn-stats-period",
    "v4-ecmp-mode",
    "mac-ttl",
    "fw-session-hairpin",
    "prp-trailer-action",
    "block-land-attack",
    "application-bandwidth-tracking",
    "location-id",
    "consolidated-firewall-mode",
    "default-app-port-as-service",
    "default-policy-expiry-days",
    "gui-default-policy-columns",
    "ses-denied-multicast-traffic",
    "ses-denied-traffic",
    "strict-src-check",
    "multicast-ttl-notchange",
];
