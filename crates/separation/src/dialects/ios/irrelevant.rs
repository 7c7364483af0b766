//! Lines without influence on which packets pass.

/// Whether a block that begins with these words has none.
pub(super) fn block(words: &[&str]) -> bool {
    let words = if words.first() == Some(&"no") { words.get(1..).unwrap_or_default() } else { words };
    let Some(first) = words.first() else { return false };
    match *first {
        "ip" => words.get(1).is_some_and(|word| IP.contains(word)),
        "ipv6" => words.get(1).is_some_and(|word| {
            matches!(*word, "cef" | "nd" | "hop-limit" | "source-route" | "host" | "multicast-routing")
        }),
        "policy-map" | "class-map" => words.get(1) != Some(&"type"),
        "vrf" | "control-plane" => true,
        "access-list" | "object-group" | "zone" | "zone-pair" | "interface" | "router" | "route-map" | "crypto" => {
            *first == "crypto" && words.get(1) == Some(&"pki")
        }
        first => TOP.contains(&first) || first.starts_with("boot-"),
    }
}

/// Whether a line under an interface has none.
pub(super) fn interface(words: &[&str]) -> bool {
    let words = if words.first() == Some(&"no") { words.get(1..).unwrap_or_default() } else { words };
    match words {
        ["ip", word, ..] => matches!(
            *word,
            "redirects"
                | "unreachables"
                | "proxy-arp"
                | "helper-address"
                | "mtu"
                | "tcp"
                | "ospf"
                | "flow"
                | "directed-broadcast"
                | "route-cache"
                | "pim"
                | "igmp"
                | "mask-reply"
                | "arp"
                | "nbar"
                | "load-sharing"
                | "dhcp"
                | "bandwidth"
                | "authentication"
                | "summary-address"
                | "mroute-cache"
        ),
        ["ipv6", word, ..] => {
            matches!(*word, "nd" | "mtu" | "enable" | "ospf" | "redirects" | "unreachables" | "dhcp" | "flow" | "tcp")
        }
        [first, ..] => INTERFACE.contains(first),
        [] => true,
    }
}

const IP: &[&str] = &[
    "domain",
    "domain-name",
    "domain-lookup",
    "name-server",
    "host",
    "ssh",
    "scp",
    "http",
    "ftp",
    "tftp",
    "cef",
    "classless",
    "subnet-zero",
    "forward-protocol",
    "finger",
    "source-route",
    "bootp",
    "dhcp",
    "tacacs",
    "radius",
    "flow-export",
    "flow-cache",
    "flow-top-talkers",
    "sla",
    "options",
    "gratuitous-arps",
    "icmp",
    "tcp",
    "routing",
    "multicast-routing",
    "vrf",
    "prefix-list",
    "arp",
    "telnet",
    "rcmd",
    "identd",
    "default-gateway",
    "device",
    "admission",
    "local",
    "igmp",
    "pim",
    "as-path",
    "community-list",
];

const TOP: &[&str] = &[
    "version",
    "service",
    "enable",
    "aaa",
    "clock",
    "logging",
    "snmp-server",
    "snmp",
    "ntp",
    "sntp",
    "line",
    "username",
    "end",
    "exit",
    "spanning-tree",
    "vlan",
    "vtp",
    "cdp",
    "lldp",
    "archive",
    "redundancy",
    "license",
    "alias",
    "scheduler",
    "tacacs-server",
    "tacacs",
    "radius-server",
    "radius",
    "multilink",
    "mmi",
    "platform",
    "memory-size",
    "memory",
    "voice-card",
    "boot",
    "errdisable",
    "udld",
    "system",
    "switch",
    "stack-mac",
    "diagnostic",
    "transceiver",
    "mac",
    "mls",
    "qos",
    "queue-monitor",
    "login",
    "security",
    "exception",
    "process",
    "parser",
    "file",
    "privilege",
    "default",
    "network-clock",
    "card",
    "track",
    "event",
    "port-channel",
    "monitor",
    "flow",
    "sampler",
    "subscriber",
    "call-home",
    "profile",
    "dot11",
    "dot1x",
    "authentication",
    "hw-module",
    "module",
    "power",
    "upgrade",
    "prompt",
    "terminal",
    "macro",
    "key",
    "Current",
    "Building",
    "Last",
    "Using",
    "mode",
    "wsma",
    "fhrp",
    "standby",
    "device-tracking",
    "lacp",
    "cns",
    "configuration",
];

const INTERFACE: &[&str] = &[
    "description",
    "duplex",
    "speed",
    "negotiation",
    "media-type",
    "mtu",
    "bandwidth",
    "delay",
    "load-interval",
    "keepalive",
    "encapsulation",
    "channel-group",
    "channel-protocol",
    "spanning-tree",
    "storm-control",
    "cdp",
    "lldp",
    "udld",
    "standby",
    "vrrp",
    "carrier-delay",
    "logging",
    "snmp",
    "service-policy",
    "mls",
    "qos",
    "queue-set",
    "srr-queue",
    "priority-queue",
    "auto",
    "power",
    "arp",
    "hold-queue",
    "mop",
    "tx-ring-limit",
    "load-balance",
    "fair-queue",
    "exit",
    "authentication",
    "dot1x",
    "mab",
    "trust",
    "device-tracking",
    "macro",
    "nmsp",
    "source",
    "bfd",
    "isis",
    "ntp",
    "clock",
    "plim",
    "hsrp",
    "glbp",
    "lacp",
    "pagp",
    "flowcontrol",
    "mdix",
    "peer",
    "ppp",
    "pppoe",
    "dialer",
    "max-reserved-bandwidth",
];
