//! Service and ICMP type names that several dialects share.

/// The port of a service name as iptables, nftables and Cisco print it, or a decimal number.
pub(super) fn port(text: &str) -> Option<u16> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let name = text.to_ascii_lowercase();
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, port)| *port)
}

/// `80`, `http`, or a range with the given separator between; open ends take the domain's.
pub(super) fn port_range(text: &str, separator: char) -> Option<(u128, u128)> {
    match text.split_once(separator) {
        None => port(text).map(|port| (port.into(), port.into())),
        Some((low, high)) => {
            let low = if low.is_empty() { 0 } else { port(low)? };
            let high = if high.is_empty() { u16::MAX } else { port(high)? };
            (low <= high).then_some((low.into(), high.into()))
        }
    }
}

/// Type and, where the name means one, code of an ICMP message's name or number.
pub(super) type IcmpType = (u8, Option<u8>);

/// ICMP (IPv4) type names of iptables and nftables, with the code where the name means one.
pub(super) fn icmp_type(name: &str) -> Option<IcmpType> {
    Some(match name {
        "echo-reply" | "pong" => (0, None),
        "destination-unreachable" => (3, None),
        "network-unreachable" => (3, Some(0)),
        "host-unreachable" => (3, Some(1)),
        "protocol-unreachable" => (3, Some(2)),
        "port-unreachable" => (3, Some(3)),
        "fragmentation-needed" => (3, Some(4)),
        "source-quench" => (4, None),
        "redirect" => (5, None),
        "echo-request" | "ping" => (8, None),
        "router-advertisement" => (9, None),
        "router-solicitation" => (10, None),
        "time-exceeded" | "ttl-exceeded" => (11, None),
        "parameter-problem" => (12, None),
        "timestamp-request" => (13, None),
        "timestamp-reply" => (14, None),
        "info-request" => (15, None),
        "info-reply" => (16, None),
        "address-mask-request" => (17, None),
        "address-mask-reply" => (18, None),
        number => (number.parse().ok()?, None),
    })
}

/// ICMPv6 type names of iptables and nftables.
pub(super) fn icmp6_type(name: &str) -> Option<IcmpType> {
    Some(match name {
        "destination-unreachable" => (1, None),
        "no-route" => (1, Some(0)),
        "communication-prohibited" => (1, Some(1)),
        "address-unreachable" => (1, Some(3)),
        "port-unreachable" => (1, Some(4)),
        "packet-too-big" => (2, None),
        "time-exceeded" | "ttl-exceeded" => (3, None),
        "parameter-problem" => (4, None),
        "echo-request" | "ping" => (128, None),
        "echo-reply" | "pong" => (129, None),
        "mld-listener-query" => (130, None),
        "mld-listener-report" => (131, None),
        "mld-listener-done" | "mld-listener-reduction" => (132, None),
        "nd-router-solicit" | "router-solicitation" => (133, None),
        "nd-router-advert" | "router-advertisement" => (134, None),
        "nd-neighbor-solicit" | "neighbour-solicitation" | "neighbor-solicitation" => (135, None),
        "nd-neighbor-advert" | "neighbour-advertisement" | "neighbor-advertisement" => (136, None),
        "nd-redirect" | "redirect" => (137, None),
        "router-renumbering" => (138, None),
        "ind-neighbor-solicit" => (141, None),
        "ind-neighbor-advert" => (142, None),
        "mld2-listener-report" => (143, None),
        number => (number.parse().ok()?, None),
    })
}

const NAMES: &[(&str, u16)] = &[
    ("echo", 7),
    ("discard", 9),
    ("systat", 11),
    ("daytime", 13),
    ("chargen", 19),
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("time", 37),
    ("nameserver", 42),
    ("whois", 43),
    ("nicname", 43),
    ("tacacs", 49),
    ("domain", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("gopher", 70),
    ("finger", 79),
    ("http", 80),
    ("www", 80),
    ("kerberos", 88),
    ("hostname", 101),
    ("pop2", 109),
    ("pop3", 110),
    ("sunrpc", 111),
    ("ident", 113),
    ("auth", 113),
    ("nntp", 119),
    ("ntp", 123),
    ("netbios-ns", 137),
    ("netbios-dgm", 138),
    ("netbios-ss", 139),
    ("netbios-ssn", 139),
    ("imap2", 143),
    ("imap4", 143),
    ("imap", 143),
    ("snmp", 161),
    ("snmptrap", 162),
    ("snmp-trap", 162),
    ("xdmcp", 177),
    ("bgp", 179),
    ("irc", 194),
    ("ldap", 389),
    ("mobile-ip", 434),
    ("https", 443),
    ("microsoft-ds", 445),
    ("pim-auto-rp", 496),
    ("isakmp", 500),
    ("biff", 512),
    ("exec", 512),
    ("login", 513),
    ("who", 513),
    ("cmd", 514),
    ("shell", 514),
    ("rsh", 514),
    ("syslog", 514),
    ("lpd", 515),
    ("printer", 515),
    ("talk", 517),
    ("rip", 520),
    ("router", 520),
    ("uucp", 540),
    ("klogin", 543),
    ("kshell", 544),
    ("submission", 587),
    ("ldaps", 636),
    ("imaps", 993),
    ("pop3s", 995),
    ("lotusnotes", 1352),
    ("ms-sql-s", 1433),
    ("ms-sql-m", 1434),
    ("citrix-ica", 1494),
    ("sqlnet", 1521),
    ("radius", 1812),
    ("radius-acct", 1813),
    ("nfs", 2049),
    ("mysql", 3306),
    ("ms-wbt-server", 3389),
    ("ipsec-nat-t", 4500),
    ("non500-isakmp", 4500),
    ("sip", 5060),
    ("postgresql", 5432),
    ("http-alt", 8080),
];
