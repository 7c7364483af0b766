//! Small rule sets in the form of every dialect, with the line of every rule.

use proptest::prelude::*;
use separation::dialects::{Options, read_configurations};
use separation::network::Network;

/// A rule in small numbers: networks within 16 addresses, ports from 2000 on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Small {
    /// Last byte and prefix length in 10.1.0.0/28.
    pub(crate) source: (u8, u32),
    /// The same in 10.2.0.0/28.
    pub(crate) destination: (u8, u32),
    pub(crate) port: (u16, u16),
    pub(crate) tcp: bool,
    pub(crate) accept: bool,
}

impl Small {
    /// First and last last byte of a network.
    pub(crate) fn span((byte, length): (u8, u32)) -> (u8, u8) {
        (byte, byte + ((1u8 << (32 - length)) - 1))
    }

    fn protocol(&self) -> &'static str {
        if self.tcp { "tcp" } else { "udp" }
    }
}

pub(crate) fn rules() -> impl Strategy<Value = Vec<Small>> {
    let network = || (0u8..16, 28u32..=32).prop_map(|(byte, length)| (byte & !((1u8 << (32 - length)) - 1), length));
    let ports = (2000u16..2040, 2000u16..2040).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let rule = (network(), network(), ports, any::<bool>(), any::<bool>())
        .prop_map(|(source, destination, port, tcp, accept)| Small { source, destination, port, tcp, accept });
    prop::collection::vec(rule, 0..7)
}

/// What a rule set is made of in some dialect.
pub(crate) struct Form {
    pub(crate) dialect: &'static str,
    head: &'static str,
    /// A rule's own lines; the number is its place in the list.
    rule: fn(usize, &Small) -> String,
    /// Which of those lines stands for it.
    line: u32,
    foot: &'static str,
    /// A rule that nobody knows.
    strange: &'static str,
    /// Lines that must stand before all others, by rule.
    objects: Option<Objects>,
    /// Whether a line may stand anywhere and still leave a file of the dialect.
    pub(crate) by_lines: bool,
}

/// Sections before the rules: head, lines of a rule, foot.
type Objects = &'static [(&'static str, fn(usize, &Small) -> String, &'static str)];

pub(crate) const FORMS: [Form; 6] = [
    Form {
        dialect: "iptables",
        head: "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
        rule: |_, rule| {
            let (protocol, target) = (rule.protocol(), if rule.accept { "ACCEPT" } else { "DROP" });
            format!(
                "-A FORWARD -s 10.1.0.{}/{} -d 10.2.0.{}/{} -p {protocol} -m {protocol} --dport {}:{} -j {target}\n",
                rule.source.0, rule.source.1, rule.destination.0, rule.destination.1, rule.port.0, rule.port.1
            )
        },
        line: 0,
        foot: "COMMIT\n",
        strange: "-A FORWARD -m frobnicate --much 3 -j DROP\n",
        objects: None,
        by_lines: true,
    },
    Form {
        dialect: "nftables",
        head: "table inet fw {\n chain forward {\n  type filter hook forward priority 0; policy drop;\n  ct state established accept\n",
        rule: |_, rule| {
            format!(
                "  ip saddr 10.1.0.{}/{} ip daddr 10.2.0.{}/{} {} dport {}-{} {}\n",
                rule.source.0,
                rule.source.1,
                rule.destination.0,
                rule.destination.1,
                rule.protocol(),
                rule.port.0,
                rule.port.1,
                if rule.accept { "accept" } else { "drop" }
            )
        },
        line: 0,
        foot: " }\n}\n",
        strange: "  frobnicate 3 drop\n",
        objects: None,
        by_lines: true,
    },
    Form {
        dialect: "nftables",
        head: "{\"nftables\": [{\"metainfo\": {\"json_schema_version\": 1}},\n{\"table\": {\"family\": \"inet\", \"name\": \"fw\"}},\n\
{\"chain\": {\"family\": \"inet\", \"table\": \"fw\", \"name\": \"f\", \"type\": \"filter\", \"hook\": \"forward\", \"prio\": 0, \"policy\": \"drop\"}},\n",
        rule: |_, rule| {
            let network = |field: &str, zone: u8, (byte, length): (u8, u32)| {
                format!(
                    "{{\"match\": {{\"op\": \"==\", \"left\": {{\"payload\": {{\"protocol\": \"ip\", \"field\": \"{field}\"}}}}, \"right\": {{\"prefix\": {{\"addr\": \"10.{zone}.0.{byte}\", \"len\": {length}}}}}}}}}"
                )
            };
            format!(
                "{{\"rule\": {{\"family\": \"inet\", \"table\": \"fw\", \"chain\": \"f\", \"expr\": [{}, {}, {{\"match\": {{\"op\": \"==\", \"left\": {{\"payload\": {{\"protocol\": \"{}\", \"field\": \"dport\"}}}}, \"right\": {{\"range\": [{}, {}]}}}}}}, {{\"{}\": null}}]}}}},\n",
                network("saddr", 1, rule.source),
                network("daddr", 2, rule.destination),
                rule.protocol(),
                rule.port.0,
                rule.port.1,
                if rule.accept { "accept" } else { "drop" }
            )
        },
        line: 0,
        foot: "{\"rule\": {\"family\": \"inet\", \"table\": \"fw\", \"chain\": \"f\", \"expr\": [{\"match\": {\"op\": \"in\", \"left\": {\"ct\": {\"key\": \"state\"}}, \"right\": \"established\"}}, {\"accept\": null}]}}]}\n",
        strange: "{\"rule\": {\"family\": \"inet\", \"table\": \"fw\", \"chain\": \"f\", \"expr\": [{\"frobnicate\": 3}, {\"drop\": null}]}},\n",
        objects: None,
        by_lines: false,
    },
    Form {
        dialect: "ios",
        head: "hostname r1\ninterface Gi0/0\n ip access-group CITY in\nip access-list extended CITY\n",
        rule: |_, rule| {
            let wildcard = |length: u32| (1u32 << (32 - length)) - 1;
            format!(
                " {} {} 10.1.0.{} 0.0.0.{} 10.2.0.{} 0.0.0.{} range {} {}\n",
                if rule.accept { "permit" } else { "deny" },
                rule.protocol(),
                rule.source.0,
                wildcard(rule.source.1),
                rule.destination.0,
                wildcard(rule.destination.1),
                rule.port.0,
                rule.port.1
            )
        },
        line: 0,
        foot: " deny ip any any\nend\n",
        strange: " frobnicate 3\n",
        objects: None,
        by_lines: true,
    },
    Form {
        dialect: "asa",
        head: "ASA Version 9.16(4)\ninterface Gi0/0\n nameif high\n security-level 100\ninterface Gi0/1\n nameif low\n security-level 0\naccess-list X extended deny ip 10.9.0.0 255.255.0.0 any\n",
        rule: |_, rule| {
            let mask = |length: u32| 256 - (1u32 << (32 - length));
            format!(
                "access-list X extended {} {} 10.1.0.{} 255.255.255.{} 10.2.0.{} 255.255.255.{} range {} {}\n",
                if rule.accept { "permit" } else { "deny" },
                rule.protocol(),
                rule.source.0,
                mask(rule.source.1),
                rule.destination.0,
                mask(rule.destination.1),
                rule.port.0,
                rule.port.1
            )
        },
        line: 0,
        foot: "access-group X global\n",
        strange: "access-list X extended deny frobnicate 3\n",
        objects: None,
        by_lines: true,
    },
    Form {
        dialect: "fortigate",
        head: "config firewall policy\n",
        rule: |number, rule| {
            let action = if rule.accept { "set action accept\n" } else { "" };
            format!(
                "edit {}\nset srcintf any\nset dstintf any\n{action}set srcaddr S{number}\nset dstaddr D{number}\nset schedule always\nset service P{number}\nnext\n",
                number + 1
            )
        },
        line: 0,
        foot: "end\n",
        strange: "edit 99\nset srcintf any\nset dstintf any\nset srcaddr all\nset dstaddr all\nset schedule always\nset service ALL\nset frobnicate 3\nnext\n",
        objects: Some(&[
            ("config system session-helper\n", |_, _| String::new(), "end\n"),
            (
                "config firewall address\n",
                |number, rule| {
                    let ((a, b), (c, d)) = (Small::span(rule.source), Small::span(rule.destination));
                    format!(
                        "edit S{number}\nset type iprange\nset start-ip 10.1.0.{a}\nset end-ip 10.1.0.{b}\nnext\nedit D{number}\nset type iprange\nset start-ip 10.2.0.{c}\nset end-ip 10.2.0.{d}\nnext\n"
                    )
                },
                "end\n",
            ),
            (
                "config firewall service custom\n",
                |number, rule| {
                    format!("edit P{number}\nset {}-portrange {}-{}\nnext\n", rule.protocol(), rule.port.0, rule.port.1)
                },
                "end\n",
            ),
        ]),
        by_lines: true,
    },
];

impl Form {
    /// The file, and the line of every rule. `strange` puts a rule that nobody knows before the one of that number.
    pub(crate) fn write(&self, rules: &[Small], strange: Option<usize>) -> (String, Vec<u32>) {
        let mut out = String::new();
        for (head, object, foot) in self.objects.into_iter().flatten() {
            out += head;
            rules.iter().enumerate().for_each(|(number, rule)| out += &object(number, rule));
            out += foot;
        }
        out += self.head;
        let mut lines = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            if strange == Some(number) {
                out += self.strange;
            }
            lines.push(u32::try_from(out.lines().count()).unwrap() + 1 + self.line);
            out += &(self.rule)(number, rule);
        }
        if strange.is_some_and(|at| at >= rules.len()) {
            out += self.strange;
        }
        (out + self.foot, lines)
    }

    /// The file read.
    pub(crate) fn read(&self, text: &str) -> Network {
        let options = Options { acl: None, dialect: Some(self.dialect.to_owned()) };
        Network::single(read_configurations("fw", vec![("fw".to_owned(), text.as_bytes().to_vec())], &options))
    }
}
