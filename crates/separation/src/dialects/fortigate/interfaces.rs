//! Interfaces, zones, SD-WAN zones, and what `allowaccess` opens.

use super::Firewall;
use super::policy::access;
use super::tree::Block;
use crate::address::{Address, Family, mask_length};
use crate::ir::{Interface, Rule};
use crate::reading::Reading;
use crate::source::{Fate, Message};

/// Ports of the administrative services, which `config system global` may move.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdminPorts {
    pub(super) http: u16,
    pub(super) https: u16,
    pub(super) ssh: u16,
    pub(super) telnet: u16,
}

impl Default for AdminPorts {
    fn default() -> Self {
        Self { http: 80, https: 443, ssh: 22, telnet: 23 }
    }
}

impl AdminPorts {
    /// Reads `config system global`.
    pub(super) fn global(&mut self, table: &Block) {
        let port = |key: &str, default: u16| table.value(key).and_then(|text| text.parse().ok()).unwrap_or(default);
        self.http = port("admin-port", 80);
        self.https = port("admin-sport", 443);
        self.ssh = port("admin-ssh-port", 22);
        self.telnet = port("admin-telnet-port", 23);
    }

    fn open(self, services: &[String]) -> Vec<(u8, u16)> {
        let of = |service: &String| match service.as_str() {
            "https" => vec![(6, self.https)],
            "http" => vec![(6, self.http)],
            "ssh" => vec![(6, self.ssh)],
            "telnet" => vec![(6, self.telnet)],
            "snmp" => vec![(17, 161)],
            "fgfm" => vec![(6, 541)],
            "fabric" => vec![(6, 8013), (17, 8014)],
            "capwap" => vec![(17, 5246), (17, 5247)],
            "radius-acct" => vec![(17, 1813)],
            "probe-response" => vec![(6, 8008)],
            "ftm" => vec![(6, 4433)],
            _ => Vec::new(),
        };
        services.iter().flat_map(of).collect()
    }
}

/// Reads `config system interface`; gives what the firewall itself accepts.
pub(super) fn table(reading: &mut Reading, firewall: &Firewall, table: &Block) -> Vec<Rule> {
    let mut rules = Vec::new();
    for entry in &table.entries {
        if let (Some(wanted), Some(vdom)) = (&firewall.vdom, entry.value("vdom"))
            && wanted != vdom
        {
            entry.settle(reading, Fate::Irrelevant);
            continue;
        }
        entry.settle(reading, Fate::Understood);
        let tables = ["secondaryip", "ipv6", "vrrp", "tagging", "client-options", "dhcp-snooping-server-list"];
        for at in entry.strange(reading, KEYS, irrelevant, &tables) {
            reading.unread(at, None);
        }
        let vrf = entry.value("vrf").filter(|vrf| *vrf != "0").map(str::to_owned);
        let up = entry.value("status") != Some("down") && entry.value("type") != Some("loopback");
        let mut interface = Interface { name: entry.name.clone(), at: entry.at, addresses: Vec::new(), up, vrf };
        addresses(reading, entry, &mut interface);
        let mut services = entry.values("allowaccess").unwrap_or_default().to_vec();
        for inner in entry.tables.iter().filter(|inner| inner.name == "ipv6") {
            services.extend(inner.values("ip6-allowaccess").unwrap_or_default().iter().cloned());
        }
        let ping = services.iter().any(|service| service == "ping");
        rules.extend(access(&entry.name, &firewall.admin.open(&services), ping, entry.at));
        reading.device.interfaces.push(interface);
    }
    rules
}

fn addresses(reading: &mut Reading, entry: &Block, interface: &mut Interface) {
    let mut wrong = Vec::new();
    let mut four = |block: &Block| {
        let Some(words) = block.values("ip") else { return };
        match v4(words) {
            Some((address, length)) if address.number != 0 => interface.addresses.push((address, length)),
            Some(_) => {}
            None => wrong.push(block.at),
        }
    };
    four(entry);
    let secondary = entry.tables.iter().filter(|table| table.name == "secondaryip");
    secondary.flat_map(|table| &table.entries).for_each(&mut four);
    for table in entry.tables.iter().filter(|table| table.name == "ipv6") {
        let of = |block: &Block, key: &str| block.value(key).map(str::to_owned);
        let mut texts: Vec<String> = of(table, "ip6-address").into_iter().collect();
        let extra = table.tables.iter().filter(|inner| inner.name == "ip6-extra-addr");
        texts.extend(extra.flat_map(|inner| &inner.entries).map(|extra| extra.name.clone()));
        for text in texts {
            match v6(&text) {
                Some((address, _)) if address.number == 0 => {}
                Some(found) => interface.addresses.push(found),
                None => wrong.push(table.at),
            }
        }
    }
    for at in wrong {
        reading.unread(at, Some(Message::new("アドレスを解釈できません", "the address is not understood")));
    }
}

fn v4(words: &[String]) -> Option<(Address, u32)> {
    let [address, mask] = words else { return None };
    let (address, mask) = (Address::parse(address)?, Address::parse(mask)?);
    (address.family == Family::Ip4 && mask.family == Family::Ip4).then_some((address, mask_length(mask)?))
}

fn v6(text: &str) -> Option<(Address, u32)> {
    let (address, length) = text.split_once('/')?;
    let (address, length) = (Address::parse(address)?, length.parse().ok()?);
    (address.family == Family::Ip6 && length <= 128).then_some((address, length))
}

/// Reads `config system zone`; gives the names of the zones whose members may talk to each other without a policy.
pub(super) fn zones(reading: &mut Reading, firewall: &mut Firewall, table: &Block) -> Vec<String> {
    let mut open = Vec::new();
    for entry in &table.entries {
        entry.settle(reading, Fate::Understood);
        let strange = entry.strange(reading, &["interface", "intrazone"], |key| key == "description", &["tagging"]);
        strange.into_iter().for_each(|at| reading.unread(at, None));
        let members = entry.values("interface").map(<[String]>::to_vec).unwrap_or_default();
        firewall.zones.insert(entry.name.clone(), members);
        if entry.value("intrazone") == Some("allow") {
            open.push(entry.name.clone());
        }
    }
    open
}

/// Reads `config system sdwan`: its zones are names for their members in policies.
pub(super) fn sdwan(reading: &mut Reading, firewall: &mut Firewall, table: &Block) {
    table.settle(reading, Fate::Irrelevant);
    let default = if table.name == "system virtual-wan-link" { "virtual-wan-link" } else { "" };
    if table.value("status") != Some("enable") {
        return;
    }
    for inner in &table.tables {
        for entry in &inner.entries {
            match inner.name.as_str() {
                "zone" => {
                    firewall.zones.entry(entry.name.clone()).or_default();
                }
                "members" => {
                    let zone =
                        entry.value("zone").unwrap_or(if default.is_empty() { "virtual-wan-link" } else { default });
                    if let Some(interface) = entry.value("interface") {
                        firewall.zones.entry(zone.to_owned()).or_default().push(interface.to_owned());
                    }
                }
                _ => {}
            }
        }
    }
}

fn irrelevant(key: &str) -> bool {
    IRRELEVANT.contains(&key)
        || [
            "switch-controller-",
            "estimated-",
            "lldp-",
            "dhcp-",
            "device-",
            "bfd",
            "wccp",
            "sflow",
            "netflow",
            "ring-",
            "lacp-",
            "lcp-",
            "pptp-",
            "ipunnumbered",
            "disc-retry",
            "padt-",
            "swc-",
            "stp",
            "poe",
            "mediatype",
            "security-",
            "ping-serv",
            "egress-",
            "ingress-",
            "fail-",
            "vrrp-",
        ]
        .iter()
        .any(|start| key.starts_with(start))
}

const KEYS: &[&str] = &["vdom", "ip", "status", "type", "vrf", "allowaccess", "secondary-IP", "mode", "remote-ip"];

const IRRELEVANT: &[&str] = &[
    "alias",
    "description",
    "role",
    "snmp-index",
    "speed",
    "duplex",
    "mtu",
    "mtu-override",
    "interface",
    "vlanid",
    "vlan-protocol",
    "member",
    "macaddr",
    "distance",
    "priority",
    "weight",
    "defaultgw",
    "dns-server-override",
    "dns-server-protocol",
    "username",
    "password",
    "monitor-bandwidth",
    "dedicated-to",
    "fortilink",
    "fortilink-split-interface",
    "auto-auth-extension-device",
    "trust-ip-1",
    "trust-ip-2",
    "trust-ip-3",
    "src-check",
    "icmp-send-redirect",
    "icmp-accept-redirect",
    "preserve-session-route",
    "explicit-ftp-proxy",
    "inbandwidth",
    "outbandwidth",
    "spillover-threshold",
    "ident-accept",
    "subst",
    "substitute-dst-mac",
    "color",
    "fortiheartbeat",
    "broadcast-forward",
    "broadcast-forticlient-discovery",
    "ips-sniffer-mode",
    "algorithm",
    "min-links",
    "min-links-down",
    "link-up-delay",
    "aggregate-type",
    "priority-override",
    "detectserver",
    "detectprotocol",
    "ha-priority",
    "interconnect-profile",
    "np-qos-profile",
    "drop-fragment",
    "drop-overlapped-fragment",
    "idle-timeout",
    "captive-portal",
    "devindex",
    "wifi-networks",
    "cli-conn-status",
    "reachable-time",
    "ac-name",
    "auth-type",
    "service-name",
    "tcp-mss",
    "internal",
    "phy-mode",
    "trunk",
    "port-mirroring",
];
