//! From claims to a rule set of nftables: everything is refused and logged but the listed flows.

use std::fmt::Write as _;

use crate::address::{Family, range_text};
use crate::claims::{Claims, Flow, FlowKind};
use crate::dialects::{Options, read_configurations};
use crate::document::Day;
use crate::intervals::Intervals;
use crate::ir::protocol;
use crate::judge::{Settings, Verdict, judge};
use crate::network::Network;

/// Longest comment that nftables takes, in bytes.
const MAX_COMMENT: usize = 120;

/// The rule set: one table, one chain at the forward hook.
pub fn nftables(claims: &Claims, on: Day) -> String {
    let mut out = String::new();
    let (year, month, day) = on;
    let _ = write!(
        out,
        "#!/usr/sbin/nft -f\n# Only the flows that are registered on {year:04}-{month:02}-{day:02} pass between zones; the rest is logged and refused.\n\n\
         table inet sekimori\ndelete table inet sekimori\n\ntable inet sekimori {{\n\tchain forward {{\n\
         \t\ttype filter hook forward priority filter; policy drop;\n\
         \t\tct state established,related counter accept comment \"replies\"\n\t\tct state invalid counter drop comment \"invalid\"\n"
    );
    for flow in &claims.flows {
        if flow.permitted_on(on) {
            rules(&mut out, claims, flow);
        } else {
            let _ = writeln!(out, "\t\t# {}: no longer permitted", comment(&flow.id));
        }
    }
    out.push_str(
        "\t\tcounter comment \"refused\"\n\t\tlimit rate 10/second burst 20 packets log prefix \"sekimori-refused: \" level info\n\t}\n}\n",
    );
    out
}

fn rules(out: &mut String, claims: &Claims, flow: &Flow) {
    let via = claims.vias.iter().find(|via| (via.from, via.to) == (flow.from, flow.to));
    let kind = match flow.kind {
        FlowKind::Specified => "specified",
        FlowKind::Sanitised => "sanitised",
        FlowKind::Screen => "screen",
        FlowKind::Exception => "exception",
    };
    for family in Family::ALL {
        let name = if family == Family::Ip4 { "ip" } else { "ip6" };
        let source = via.map_or_else(|| flow.source.clone(), |via| flow.source.intersection(&via.only));
        let (source, destination) = (source.of(family), flow.destination.of(family));
        if source.is_empty() || destination.is_empty() {
            continue;
        }
        let mut services = vec![service(&flow.protocol, flow.ports.as_ref())];
        // ICMP is no protocol of IPv6, nor ICMPv6 of IPv4.
        let foreign = if family == Family::Ip4 { protocol::ICMP6 } else { protocol::ICMP };
        if flow.protocol == Intervals::one(foreign.into()) {
            services.clear();
        }
        for service in services {
            let (source, destination) = (addresses(family, source), addresses(family, destination));
            let _ = writeln!(
                out,
                "\t\t{name} saddr {source} {name} daddr {destination} {service}ct state new counter accept comment \"{}\"",
                comment(&format!("{} {kind}", flow.id))
            );
        }
    }
}

/// `tcp dport { 443, 8000-8100 } `; nothing for any protocol.
fn service(protocols: &Intervals, ports: Option<&Intervals>) -> String {
    let [(low, high)] = protocols.ranges() else { return String::new() };
    if low != high {
        return String::new();
    }
    let number = u8::try_from(*low).unwrap_or(u8::MAX);
    let name = match number {
        protocol::TCP => "tcp",
        protocol::UDP => "udp",
        protocol::SCTP => "sctp",
        protocol::DCCP => "dccp",
        protocol::UDPLITE => "udplite",
        other => return format!("meta l4proto {other} "),
    };
    match ports {
        None => format!("meta l4proto {number} "),
        Some(ports) => {
            format!("{name} dport {} ", set(ports.ranges().iter().map(|&(low, high)| number_text(low, high))))
        }
    }
}

fn number_text(low: u128, high: u128) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

fn addresses(family: Family, set_of: &Intervals) -> String {
    set(set_of.ranges().iter().map(|&(low, high)| range_text(family, low, high)))
}

fn set(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [one] => one.clone(),
        many => format!("{{ {} }}", many.join(", ")),
    }
}

/// A text that may stand in quotes.
fn comment(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().map(|c| if c == '"' || c == '\\' || c.is_control() { '\'' } else { c }) {
        if out.len() + c.len_utf8() > MAX_COMMENT {
            break;
        }
        out.push(c);
    }
    out
}

/// Whether a rule set (text or `nft -j`) lets through exactly the listed flows: nothing else, and every one of them whole.
/// The text says what differs.
///
/// # Errors
/// A sentence about the first claim that does not hold, or the first flow that does not pass whole.
pub fn prove(claims: &Claims, name: &str, ruleset: &[u8], on: Day) -> Result<(), String> {
    let configuration = read_configurations("compiled", vec![(name.to_owned(), ruleset.to_vec())], &Options::default());
    if let Some(problem) = configuration.problems.first() {
        return Err(format!("{}:{}: {}", name, problem.at.line, problem.message.en));
    }
    let network = Network::single(configuration);
    let judgement = judge(&network, claims, Settings { on });
    if let Some(claim) = judgement.claims.iter().find(|claim| claim.verdict != Verdict::Holds) {
        return Err(format!("{} to {} is {:?}", claim.from, claim.to, claim.verdict));
    }
    let partly = crate::judge::partly_blocked(&network, claims, Settings { on });
    match partly.first() {
        Some(flow) => Err(format!("the flow \"{flow}\" does not pass whole")),
        None => Ok(()),
    }
}
