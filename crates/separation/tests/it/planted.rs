//! Ten thousand rules with one planted, partly shadowed leak: exactly that line, exactly those packets, in every dialect.

use separation::dialects::{Options, read_configurations};
use separation::judge::{Verdict, judge_claim};
use separation::network::Network;

use crate::city::{TODAY, claims};
use crate::compiled::CITY;

/// A rule in every dialect: source and destination as address and prefix length, TCP ports, permit.
struct Planted {
    source: (String, u32),
    destination: (String, u32),
    ports: (u16, u16),
    permit: bool,
}

fn rules() -> Vec<Planted> {
    let mut state = 7u64;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    (0..10_000u32)
        .map(|number| {
            let (zone, a, b, c) = (1 + below(3), below(256), below(256), below(256));
            let port = u16::try_from(1 + below(9_000)).unwrap();
            let rule = |source: String, from: u32, destination: String, to: u32, ports, permit| Planted {
                source: (source, from),
                destination: (destination, to),
                ports,
                permit,
            };
            match number {
                4_990 => rule("10.1.0.0".into(), 16, "10.3.7.0".into(), 25, (1024, 1050), false),
                5_000 => rule("10.1.5.0".into(), 24, "10.3.7.0".into(), 24, (1024, 1100), true),
                _ if below(4) == 0 => rule(
                    format!("10.{zone}.{a}.{b}"),
                    32,
                    format!("10.{}.{c}.0", 1 + zone % 3),
                    24,
                    (port, port),
                    false,
                ),
                _ => rule(format!("10.{zone}.{a}.0"), 24, format!("10.{zone}.{c}.{b}"), 32, (port, port), true),
            }
        })
        .collect()
}

fn wildcard(length: u32) -> String {
    let mask = (1u64 << (32 - length)) - 1;
    format!("{}.{}.{}.{}", mask >> 24 & 255, mask >> 16 & 255, mask >> 8 & 255, mask & 255)
}

fn check(name: &str, header: &str, line: impl Fn(&Planted) -> String, footer: &str) {
    let mut text = header.to_owned();
    for rule in rules() {
        text += &line(&rule);
    }
    text += footer;
    let files = vec![(name.to_owned(), text.into_bytes())];
    let network = Network::single(read_configurations("fw", files, &Options::default()));
    let claims = claims(CITY);
    let found = judge_claim(&network, &claims, TODAY, ("mynumber", "internet")).unwrap();
    assert_eq!(found.verdict, Verdict::Broken, "{name}");
    let lines: Vec<_> = found.violations.iter().map(|violation| (violation.line, violation.packets.as_str())).collect();
    let at = u32::try_from(header.lines().count()).unwrap() + 5_001;
    assert_eq!(lines, [(at, "272730423296")], "{name}");
    for (from, to) in [("mynumber", "lgwan"), ("lgwan", "internet"), ("internet", "mynumber")] {
        assert_eq!(
            judge_claim(&network, &claims, TODAY, (from, to)).unwrap().verdict,
            Verdict::Holds,
            "{name} {from} {to}"
        );
    }
}

const IPTABLES: &str =
    "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

fn in_iptables_form(rule: &Planted) -> String {
    let target = if rule.permit { "ACCEPT" } else { "DROP" };
    let (from, to, ports) = (&rule.source, &rule.destination, rule.ports);
    format!(
        "-A FORWARD -s {}/{} -d {}/{} -p tcp -m tcp --dport {}:{} -j {target}\n",
        from.0, from.1, to.0, to.1, ports.0, ports.1
    )
}

const NFTABLES: &str = "table inet fw {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t\tct state established,related accept\n";

fn in_nftables_form(rule: &Planted) -> String {
    let verdict = if rule.permit { "accept" } else { "drop" };
    let (from, to, ports) = (&rule.source, &rule.destination, rule.ports);
    format!(
        "\t\tip saddr {}/{} ip daddr {}/{} tcp dport {}-{} {verdict}\n",
        from.0, from.1, to.0, to.1, ports.0, ports.1
    )
}

/// The whole rule set as a kernel loads it, by the program that loads it.
pub(crate) fn loadable(program: &str) -> String {
    match program {
        "iptables-restore" => {
            IPTABLES.to_owned() + &rules().iter().map(in_iptables_form).collect::<String>() + "COMMIT\n"
        }
        _ => NFTABLES.to_owned() + &rules().iter().map(in_nftables_form).collect::<String>() + "\t}\n}\n",
    }
}

#[test]
fn in_iptables() {
    check("fw.rules", IPTABLES, in_iptables_form, "COMMIT\n");
}

#[test]
fn in_nftables() {
    check("fw.nft", NFTABLES, in_nftables_form, "\t}\n}\n");
}

#[test]
fn in_ios() {
    let line = |rule: &Planted| {
        let verb = if rule.permit { "permit" } else { "deny" };
        let (from, to, ports) = (&rule.source, &rule.destination, rule.ports);
        format!(
            " {verb} tcp {} {} {} {} range {} {}\n",
            from.0,
            wildcard(from.1),
            to.0,
            wildcard(to.1),
            ports.0,
            ports.1
        )
    };
    check("r1.cfg", "hostname r1\nip access-list extended CITY\n", line, "end\n");
}
