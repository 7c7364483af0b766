//! Random small rule sets against rectangle subtraction, and every verdict against the one-packet walker.

use proptest::prelude::*;
use separation::address::{Address, Family};
use separation::dialects::{Options, read_configurations};
use separation::ir::State;
use separation::judge::{Verdict, judge};
use separation::network::Network;
use separation::walk::{Packet, Sure, through_device};

use crate::city::{TODAY, claims};

const ZONES: &str = "[[zone]]\nid = \"a\"\nnetworks = [\"10.1.0.0/24\"]\n[[zone]]\nid = \"b\"\nnetworks = [\"10.2.0.0/24\"]\n\
[[zone]]\nid = \"rest\"\nrest = true\nexternal = true\n\
[[flow]]\nid = \"f\"\nfrom = \"a\"\nto = \"b\"\nsource = [\"10.1.0.4-10.1.0.9\"]\ndestination = [\"10.2.0.1\", \"10.2.0.3\"]\nprotocol = \"tcp\"\nport = [\"10-20\"]\nkind = \"specified\"\n";

/// A rule in small numbers: sources, destinations, ports, protocol, what it does.
#[derive(Debug, Clone)]
struct Small {
    source: (u8, u8),
    destination: (u8, u8),
    port: (u16, u16),
    tcp: bool,
    action: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Accept,
    Drop,
    Return,
    Jump,
    Unread,
    UnreadDrop,
}

fn range(max: u8) -> impl Strategy<Value = (u8, u8)> {
    (0..=max, 0..=max).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

fn rule(kinds: Vec<Kind>) -> impl Strategy<Value = Small> {
    let ports = (0u16..40, 0u16..40).prop_map(|(a, b)| (a.min(b), a.max(b)));
    (range(12), range(6), ports, any::<bool>(), prop::sample::select(kinds))
        .prop_map(|(source, destination, port, tcp, action)| Small { source, destination, port, tcp, action })
}

fn rules() -> impl Strategy<Value = (Vec<Small>, Vec<Small>, bool)> {
    use Kind::{Accept, Drop, Jump, Return};
    let top = prop::collection::vec(rule(vec![Accept, Accept, Drop, Jump, Return]), 0..8);
    let sub = prop::collection::vec(rule(vec![Accept, Drop, Return]), 0..5);
    (top, sub, any::<bool>())
}

fn line(chain: &str, rule: &Small) -> String {
    let (protocol, target) = (
        if rule.tcp { "tcp" } else { "udp" },
        match rule.action {
            Kind::Accept | Kind::Unread => "ACCEPT",
            Kind::Drop | Kind::UnreadDrop => "DROP",
            Kind::Return => "RETURN",
            Kind::Jump => "SUB",
        },
    );
    let unread = if matches!(rule.action, Kind::Unread | Kind::UnreadDrop) { " -m frobnicate --much 3" } else { "" };
    format!(
        "-A {chain} -p {protocol} -m iprange --src-range 10.1.0.{}-10.1.0.{} --dst-range 10.2.0.{}-10.2.0.{} -m {protocol} --dport {}:{}{unread} -j {target}\n",
        rule.source.0, rule.source.1, rule.destination.0, rule.destination.1, rule.port.0, rule.port.1
    )
}

/// Line numbers: the header has four lines, then the rules of FORWARD, then those of SUB.
fn text(top: &[Small], sub: &[Small], accept: bool) -> String {
    let policy = if accept { "ACCEPT" } else { "DROP" };
    // The NEW rule makes the device a tracking one; it never decides anything here.
    let mut out = format!(
        "*filter\n:FORWARD {policy} [0:0]\n:SUB - [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
    );
    top.iter().for_each(|rule| out += &line("FORWARD", rule));
    sub.iter().for_each(|rule| out += &line("SUB", rule));
    out + "COMMIT\n"
}

/// The line that lets the packet through (0 for the policy), by going through the rules one by one.
fn decide(top: &[Small], sub: &[Small], accept: bool, packet: (u8, u8, u16, bool)) -> Option<u32> {
    let matches = |rule: &Small| {
        let (source, destination, port, tcp) = packet;
        rule.tcp == tcp
            && (rule.source.0..=rule.source.1).contains(&source)
            && (rule.destination.0..=rule.destination.1).contains(&destination)
            && (rule.port.0..=rule.port.1).contains(&port)
    };
    let policy = accept.then_some(2);
    for (number, rule) in (5u32..).zip(top) {
        if !matches(rule) {
            continue;
        }
        match rule.action {
            Kind::Accept => return Some(number),
            Kind::Drop => return None,
            Kind::Return => return policy,
            Kind::Jump => {
                for (number, rule) in (5 + u32::try_from(top.len()).unwrap()..).zip(sub) {
                    if matches(rule) {
                        match rule.action {
                            Kind::Accept => return Some(number),
                            Kind::Drop => return None,
                            _ => break,
                        }
                    }
                }
            }
            Kind::Unread | Kind::UnreadDrop => unreachable!("not in this model"),
        }
    }
    policy
}

fn network(text: &str) -> Network {
    Network::single(read_configurations("fw", vec![("fw".to_owned(), text.as_bytes().to_vec())], &Options::default()))
}

/// Exact counts by line within the grid, by going through every packet of it. Source ports are free.
fn model(top: &[Small], sub: &[Small], accept: bool) -> std::collections::BTreeMap<u32, u64> {
    let mut counts = std::collections::BTreeMap::new();
    for source in 0..=12u8 {
        for destination in 0..=6u8 {
            for port in 0..40u16 {
                for tcp in [false, true] {
                    let listed =
                        tcp && (4..=9).contains(&source) && [1, 3].contains(&destination) && (10..=20).contains(&port);
                    if let Some(line) = decide(top, sub, accept, (source, destination, port, tcp)).filter(|_| !listed) {
                        *counts.entry(line).or_insert(0) += 65_536;
                    }
                }
            }
        }
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_line_lets_through_exactly_what_going_through_all_packets_says((top, sub, accept) in rules()) {
        let judgement = judge(&network(&text(&top, &sub, accept)), &claims(ZONES), TODAY);
        let claim = judgement.claims.iter().find(|claim| claim.from == "a" && claim.to == "b").unwrap();
        let mut expected = model(&top, &sub, accept);
        let policy = expected.remove(&2);
        let found: std::collections::BTreeMap<u32, u64> = claim
            .violations.iter().filter(|violation| violation.line != 2)
            .map(|violation| (violation.line, violation.packets.parse().unwrap())).collect();
        prop_assert_eq!(&found, &expected);
        // What the policy lets through reaches far beyond the grid; whether it does is what can be compared.
        prop_assert_eq!(claim.violations.iter().any(|violation| violation.line == 2), accept || policy.is_some());
        prop_assert!(claim.violations.iter().all(|violation| violation.packet.is_some()), "every witness replays");
        prop_assert!(judgement.proposal.iter().all(|proposal| proposal.then == Verdict::Holds), "{:?}", judgement.proposal);
        prop_assert_eq!(judgement.proposal.is_empty(), judgement.claims.iter().all(|claim| claim.violations.is_empty()));
        let boxed: u64 = claim.violations.iter().filter(|violation| violation.line != 2).flat_map(|violation| {
            prop_assume_listed(violation.boxes_left_out);
            violation.boxes.iter().map(size)
        }).sum();
        prop_assert_eq!(boxed, expected.values().sum::<u64>());
    }

    #[test]
    fn the_walker_agrees_on_every_packet_of_the_grid((top, sub, accept) in rules()) {
        let network = network(&text(&top, &sub, accept));
        for (source, destination, port, tcp) in [(0u8, 0u8, 0u16, true), (5, 1, 15, true), (5, 1, 15, false), (12, 6, 39, true), (3, 2, 20, false)] {
            let packet = Packet {
                family: Family::Ip4,
                protocol: if tcp { 6 } else { 17 },
                source: Address::parse(&format!("10.1.0.{source}")).unwrap().number,
                destination: Address::parse(&format!("10.2.0.{destination}")).unwrap().number,
                source_port: 4000,
                destination_port: port,
                flags: 2,
                state: State::New,
            };
            let (sure, _, _) = through_device(&network.devices[0].configuration.device, &packet, (None, None), TODAY.on, (0, 0));
            let expected = decide(&top, &sub, accept, (source, destination, port, tcp)).is_some();
            prop_assert_eq!(sure, if expected { Sure::Yes } else { Sure::No });
        }
    }

    #[test]
    fn an_unread_line_never_makes_a_claim_hold(
        (top, sub, accept) in rules(),
        added in rule(vec![Kind::Unread, Kind::UnreadDrop]),
        at in 0usize..8,
        in_sub in any::<bool>(),
    ) {
        let before = judge(&network(&text(&top, &sub, accept)), &claims(ZONES), TODAY);
        let (mut top, mut sub) = (top, sub);
        let list = if in_sub { &mut sub } else { &mut top };
        list.insert(at.min(list.len()), added);
        let after = judge(&network(&text(&top, &sub, accept)), &claims(ZONES), TODAY);
        for (before, after) in before.claims.iter().zip(&after.claims) {
            prop_assert!(before.verdict == Verdict::Holds || after.verdict != Verdict::Holds, "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn deleting_a_permit_never_breaks_a_claim_that_held((top, sub, accept) in rules(), at in 0usize..8) {
        let before = judge(&network(&text(&top, &sub, accept)), &claims(ZONES), TODAY);
        let mut fewer = top.clone();
        if at < fewer.len() && fewer[at].action == Kind::Accept {
            fewer.remove(at);
            // A permit in front of another decision may have hidden a wider permit; what it may never have hidden is
            // a leak, because the permitted flow is all that it could take.
            let after = judge(&network(&text(&fewer, &sub, accept)), &claims(ZONES), TODAY);
            for (before, after) in before.claims.iter().zip(&after.claims) {
                prop_assert!(before.verdict != Verdict::Holds || after.verdict == Verdict::Holds, "{:?} {:?}", before, after);
            }
        }
    }
}

fn prop_assume_listed(left_out: u64) {
    assert_eq!(left_out, 0, "small rule sets have few boxes");
}

fn size(found: &separation::judge::BoxText) -> u64 {
    let range = |text: &str| {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        high.parse::<u64>().unwrap() - low.parse::<u64>().unwrap() + 1
    };
    let addresses = |text: &str| {
        let (_, (low, high)) = separation::address::parse_range(text).unwrap();
        u64::try_from(high - low).unwrap() + 1
    };
    addresses(&found.source)
        * addresses(&found.destination)
        * range(&found.source_port)
        * range(&found.destination_port)
}
