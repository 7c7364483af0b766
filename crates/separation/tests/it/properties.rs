//! What must hold of random small rule sets in the form of every dialect.

use std::collections::BTreeMap;

use proptest::prelude::*;
use separation::address::{Address, Family};
use separation::ir::State;
use separation::judge::{Judgement, Verdict, judge};
use separation::network::Network;
use separation::walk::{Packet, Sure, through_device};

use crate::city::{TODAY, claim, claims};
use crate::forms::{FORMS, Small, rules};

const ZONES: &str = "[[zone]]\nid = \"a\"\nnetworks = [\"10.1.0.0/24\"]\n[[zone]]\nid = \"b\"\nnetworks = [\"10.2.0.0/24\"]\n\
[[zone]]\nid = \"rest\"\nrest = true\nexternal = true\n\
[[flow]]\nid = \"f\"\nfrom = \"a\"\nto = \"b\"\nsource = [\"10.1.0.4-10.1.0.9\"]\ndestination = [\"10.2.0.1\", \"10.2.0.3\"]\nprotocol = \"tcp\"\nport = [\"2010-2020\"]\nkind = \"specified\"\n";

fn judged(network: &Network) -> Judgement {
    judge(network, &claims(ZONES), TODAY)
}

/// Source, destination, port, protocol (0 udp, 1 tcp): first and last of each.
type Rectangle = [(u32, u32); 4];

fn rectangle(rule: &Small) -> Rectangle {
    let span = |network| {
        let (low, high) = Small::span(network);
        (u32::from(low), u32::from(high))
    };
    let protocol = u32::from(rule.tcp);
    [span(rule.source), span(rule.destination), (rule.port.0.into(), rule.port.1.into()), (protocol, protocol)]
}

fn common(left: &Rectangle, right: &Rectangle) -> Option<Rectangle> {
    let mut out = *left;
    for (slot, other) in out.iter_mut().zip(right) {
        *slot = (slot.0.max(other.0), slot.1.min(other.1));
        if slot.0 > slot.1 {
            return None;
        }
    }
    Some(out)
}

/// What is left of a rectangle without another: at most two pieces a dimension.
fn without(of: &Rectangle, cut: &Rectangle) -> Vec<Rectangle> {
    let Some(inner) = common(of, cut) else { return vec![*of] };
    let mut out = Vec::new();
    let mut rest = *of;
    for dimension in 0..of.len() {
        let ((low, high), (from, to)) = (rest[dimension], inner[dimension]);
        if low < from {
            let mut piece = rest;
            piece[dimension] = (low, from - 1);
            out.push(piece);
        }
        if to < high {
            let mut piece = rest;
            piece[dimension] = (to + 1, high);
            out.push(piece);
        }
        rest[dimension] = (from, to);
    }
    out
}

/// Packets by line of what leaks, by subtracting rectangles. Source ports are free.
fn model(rules: &[Small], lines: &[u32]) -> BTreeMap<u32, u64> {
    let listed = [1u32, 3].map(|destination| [(4, 9), (destination, destination), (2010, 2020), (1, 1)]);
    let cut_all = |mut pieces: Vec<Rectangle>, cuts: &[Rectangle]| {
        for cut in cuts {
            pieces = pieces.iter().flat_map(|piece| without(piece, cut)).collect();
        }
        pieces
    };
    let mut before: Vec<Rectangle> = listed.to_vec();
    let mut out = BTreeMap::new();
    for (rule, line) in rules.iter().zip(lines) {
        let here = rectangle(rule);
        let left = cut_all(vec![here], &before);
        let size = |piece: &Rectangle| piece.iter().map(|(low, high)| u64::from(high - low + 1)).product::<u64>();
        let count: u64 = left.iter().map(size).sum();
        if rule.accept && count > 0 {
            out.insert(*line, count * 65_536);
        }
        before.push(here);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_dialect_says_what_subtracting_rectangles_says_and_the_walker_agrees(
        rules in rules(),
        packets in prop::collection::vec((0u8..16, 0u8..16, 2000u16..2040, any::<bool>()), 8),
    ) {
        for form in &FORMS {
            let (text, lines) = form.write(&rules, None);
            let network = form.read(&text);
            let judgement = judged(&network);
            prop_assert_eq!(judgement.inputs[0].unread, 0, "{} {:?}", text, judgement.problems);
            let found: BTreeMap<u32, u64> = claim(&judgement, "a", "b")
                .violations.iter().map(|found| (found.line, found.packets.parse().unwrap())).collect();
            prop_assert_eq!(&found, &model(&rules, &lines), "{}", text);
            for &(source, destination, port, tcp) in &packets {
                let inside = |rule: &&Small| common(&rectangle(rule), &[
                    (source.into(), source.into()), (destination.into(), destination.into()), (port.into(), port.into()), (tcp.into(), tcp.into()),
                ]).is_some();
                let expected = rules.iter().find(inside).is_some_and(|rule| rule.accept);
                let packet = Packet {
                    family: Family::Ip4,
                    protocol: if tcp { 6 } else { 17 },
                    source: Address::parse(&format!("10.1.0.{source}")).unwrap().number,
                    destination: Address::parse(&format!("10.2.0.{destination}")).unwrap().number,
                    source_port: 4000,
                    destination_port: port,
                    flags: if tcp { 2 } else { 0 },
                    state: State::New,
                };
                let pair = match form.dialect {
                    "ios" => (Some("Gi0/0"), None),
                    "asa" => (Some("high"), Some("low")),
                    _ => (None, None),
                };
                let (sure, _, _) = through_device(&network.devices[0].configuration.device, &packet, pair, TODAY.on, (0, 0));
                prop_assert_eq!(sure, if expected { Sure::Yes } else { Sure::No }, "{} {}", packet, text);
            }
        }
    }

    #[test]
    fn a_rule_that_nobody_knows_never_makes_a_claim_hold_in_any_dialect(
        rules in rules(),
        at in 0usize..8,
        line in 0usize..70,
    ) {
        for form in &FORMS {
            let (text, _) = form.write(&rules, None);
            let before = judged(&form.read(&text));
            let (with_rule, _) = form.write(&rules, Some(at.min(rules.len())));
            let mut others = vec![with_rule];
            if form.by_lines {
                let mut lines: Vec<&str> = text.lines().collect();
                lines.insert(line.min(lines.len()), "frobnicate the packets");
                others.push(lines.join("\n") + "\n");
            }
            for other in others {
                let after = judged(&form.read(&other));
                prop_assert!(after.inputs[0].unread > 0 || !after.problems.is_empty(), "{}", other);
                for (before, after) in before.claims.iter().zip(&after.claims) {
                    prop_assert!(before.verdict == Verdict::Holds || after.verdict != Verdict::Holds, "{}", other);
                }
            }
        }
    }

    #[test]
    fn deleting_a_permit_never_breaks_a_claim_that_held_in_any_dialect(rules in rules(), at in 0usize..8) {
        let mut fewer = rules.clone();
        if at < fewer.len() && fewer[at].accept {
            fewer.remove(at);
            for form in &FORMS {
                let before = judged(&form.read(&form.write(&rules, None).0));
                let after = judged(&form.read(&form.write(&fewer, None).0));
                for (before, after) in before.claims.iter().zip(&after.claims) {
                    prop_assert!(before.verdict != Verdict::Holds || after.verdict == Verdict::Holds, "{}>{}", after.from, after.to);
                }
            }
        }
    }

    #[test]
    fn a_proposed_change_always_holds_when_judged_again_in_any_dialect(rules in rules()) {
        for form in &FORMS {
            let (text, _) = form.write(&rules, None);
            let judgement = judged(&form.read(&text));
            let broken = judgement.claims.iter().any(|claim| claim.verdict == Verdict::Broken);
            prop_assert_eq!(broken, !judgement.proposal.is_empty(), "{}", text);
            prop_assert!(judgement.proposal.iter().all(|proposal| proposal.then == Verdict::Holds), "{} {:?}", text, judgement.proposal);
        }
    }
}
