//! The city's compiled rule set in a kernel: four zones around a router, packets really sent, in and just beside every flow.

use serde_json::{Value, json};

use separation::address::Address;
use separation::claims::{Claims, Flow};
use separation::compile::{nftables, prove};
use separation::judge::Verdict;

use crate::city::{TODAY, claims, judged};
use crate::compiled::{CITY, in_namespace};

/// What the hosts of each namespace own. Of the zone `outside`, that is everything else, a few networks stand for it.
const HOSTS: [(&str, &[&str]); 4] = [
    ("mynumber", &["10.1.0.0/16", "2001:db8:1::/48"]),
    ("lgwan", &["10.2.0.0/16", "2001:db8:2::/48"]),
    ("internet", &["10.3.0.0/16", "2001:db8:3::/48"]),
    ("outside", &["198.51.100.0/24", "203.0.113.0/24", "2001:db8:f::/48"]),
];

const HARNESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/behaviour.py");

#[derive(Debug, Clone, PartialEq)]
struct Probe {
    protocol: &'static str,
    source: String,
    destination: String,
    port: u16,
    /// Whether the register lists it.
    listed: bool,
}

fn zone_of(address: &str) -> &'static str {
    let wanted = Address::parse(address).unwrap();
    let has = |networks: &[&str]| {
        networks.iter().any(|network| {
            let (family, (low, high)) = separation::address::parse_range(network).unwrap();
            family == wanted.family && (low..=high).contains(&wanted.number)
        })
    };
    HOSTS.iter().find(|(_, networks)| has(networks)).unwrap().0
}

/// Whether a flow lists the packet, by its words alone; a `via` names the only sources.
fn listed(claims: &Claims, probe: &Probe) -> bool {
    let (source, destination) = (Address::parse(&probe.source).unwrap(), Address::parse(&probe.destination).unwrap());
    let number = match (probe.protocol, probe.source.contains(':')) {
        ("tcp", _) => 6u128,
        ("udp", _) => 17,
        (_, false) => 1,
        (_, true) => 58,
    };
    let carries = |flow: &Flow| {
        let via = claims.vias.iter().find(|via| (via.from, via.to) == (flow.from, flow.to));
        flow.source.contains(source)
            && flow.destination.contains(destination)
            && flow.protocol.contains(number)
            && (probe.protocol == "icmp" || flow.ports.as_ref().is_none_or(|ports| ports.contains(probe.port.into())))
            && via.is_none_or(|via| via.only.contains(source))
    };
    claims.flows.iter().any(carries)
}

/// Every flow's own packets, and for each the nearest ones beside it in every dimension and the way back.
fn around_the_flows(claims: &Claims) -> Vec<Probe> {
    let text = |family, number| Address { family, number }.to_string();
    let mut out = Vec::new();
    for flow in &claims.flows {
        let protocol = match flow.protocol.ranges() {
            [(6, 6)] => "tcp",
            [(17, 17)] => "udp",
            _ => "icmp",
        };
        for family in separation::address::Family::ALL {
            let ends = flow.source.of(family).ranges().iter().zip(flow.destination.of(family).ranges());
            for (source, destination) in ends {
                let ports = flow.ports.as_ref().map_or(vec![(8, 8)], |ports| ports.ranges().to_vec());
                for (low, high) in ports {
                    let mut add = |protocol, source: u128, destination: u128, port: u128| {
                        out.push(Probe {
                            protocol,
                            source: text(family, source),
                            destination: text(family, destination),
                            port: u16::try_from(port).unwrap(),
                            listed: false,
                        });
                    };
                    for (source, destination, port) in [
                        (source.0, destination.0, low),
                        (source.1, destination.1, high),
                        (source.0 - 1, destination.0, low),
                        (source.1 + 1, destination.1, high),
                        (source.0, destination.0 - 1, low),
                        (source.1, destination.1 + 1, high),
                        (source.0, destination.0, low - 1),
                        (source.1, destination.1, high + 1),
                    ] {
                        add(protocol, source, destination, port);
                    }
                    add(if protocol == "udp" { "tcp" } else { "udp" }, source.0, destination.0, low);
                    add(protocol, destination.0, source.0, low);
                }
            }
        }
    }
    out
}

/// Packets between any two zones.
fn anywhere(count: usize) -> Vec<Probe> {
    let mut state = 20_261_130u64;
    let mut below = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let host = |zone: u64, a: u64, b: u64| match zone {
        3 => format!("198.51.100.{b}"),
        zone => format!("10.{}.{a}.{b}", zone + 1),
    };
    (0..count)
        .map(|_| {
            let from = below(4);
            let to = (from + 1 + below(3)) % 4;
            Probe {
                protocol: ["tcp", "udp", "icmp"][usize::try_from(below(3)).unwrap()],
                source: host(from, below(256), 1 + below(254)),
                destination: host(to, below(256), 1 + below(254)),
                port: [22, 25, 53, 80, 443, 445, 1024, 3389][usize::try_from(below(8)).unwrap()],
                listed: false,
            }
        })
        .collect()
}

/// What really happens to the probes under a rule set: numbers that arrived where they should, numbers that were answered,
/// and the rule set as nft lists it afterwards.
fn happens(load: &[&str], rules: &str, probes: &[Probe]) -> (Vec<usize>, Vec<usize>, Value) {
    let zones: serde_json::Map<String, Value> =
        HOSTS.iter().map(|(name, networks)| ((*name).to_owned(), json!(networks))).collect();
    let listed: Vec<Value> = probes
        .iter()
        .map(|probe| {
            json!({ "zone": zone_of(&probe.source), "protocol": probe.protocol, "source": probe.source,
                "destination": probe.destination, "port": probe.port })
        })
        .collect();
    let work = json!({ "zones": zones, "load": load, "rules": rules, "probes": listed }).to_string();
    let said: Value = serde_json::from_str(in_namespace(&format!("exec python3 '{HARNESS}'"), &work).trim()).unwrap();
    assert_eq!(said["failed"], json!([]), "every probe could be sent");
    let mut arrived = Vec::new();
    for told in said["arrived"].as_array().unwrap() {
        let number = usize::try_from(told[1].as_u64().unwrap()).unwrap();
        assert_eq!(told[0], zone_of(&probes[number].destination), "{:?} came out in the wrong zone", probes[number]);
        arrived.push(number);
    }
    arrived.sort_unstable();
    arrived.dedup();
    let mut answered: Vec<usize> = said["answered"]
        .as_array()
        .unwrap()
        .iter()
        .map(|number| usize::try_from(number.as_u64().unwrap()).unwrap())
        .collect();
    answered.sort_unstable();
    (arrived, answered, said["ruleset"].clone())
}

#[test]
fn the_compiled_city_behaves_as_claimed() {
    let claims = claims(CITY);
    let rules = nftables(&claims, TODAY.on);
    let mut probes = around_the_flows(&claims);
    probes.extend(anywhere(400));
    // The internet side reaches the outside through the security cloud's address only.
    for source in ["10.3.0.99", "10.3.254.2", "10.3.253.255"] {
        probes.push(Probe {
            protocol: "tcp",
            source: source.into(),
            destination: "198.51.100.7".into(),
            port: 443,
            listed: false,
        });
    }
    for probe in &mut probes {
        probe.listed = listed(&claims, probe);
    }
    let (arrived, answered, ruleset) = happens(&["nft", "-f", "-"], &rules, &probes);
    for (number, probe) in probes.iter().enumerate() {
        assert_eq!(arrived.contains(&number), probe.listed, "{probe:?}");
        // What is permitted is answered, and the answer comes back.
        assert_eq!(answered.contains(&number), probe.listed && probe.protocol == "tcp", "{probe:?}");
    }
    let passed = probes.iter().filter(|probe| probe.listed).count();
    assert!(passed >= 30 && probes.len() > 500, "{passed} of {} packets are listed", probes.len());

    // Read back by nft after all that, it is the same set, and every flow's counter has counted.
    assert_eq!(prove(&claims, "loaded.json", ruleset.to_string().as_bytes(), TODAY.on), Ok(()));
    let counted = counters(&ruleset);
    for flow in &claims.flows {
        let of_flow = counted.iter().filter(|(comment, _)| comment.starts_with(&flow.id));
        assert!(
            of_flow.clone().count() > 0 && of_flow.clone().all(|(_, packets)| *packets > 0),
            "{}: {counted:?}",
            flow.id
        );
    }
    let refused = counted.iter().find(|(comment, _)| comment == "refused").unwrap().1;
    assert!(refused > 300, "{refused} refused are counted");
    assert!(ruleset.to_string().contains("\"prefix\":\"sekimori-refused: \""), "refusals are logged");
}

/// Packets in and around the planted leak of 10,000 rules, and whether it lets them through.
fn around_the_leak() -> Vec<Probe> {
    let mut out = Vec::new();
    for source in ["10.1.5.1", "10.1.5.77", "10.1.5.254", "10.1.4.255", "10.1.6.1"] {
        for destination in [(7, 1), (7, 100), (7, 127), (7, 128), (7, 200), (7, 254), (6, 255), (8, 1)] {
            for port in [1023u16, 1024, 1040, 1050, 1051, 1080, 1100, 1101] {
                let inside = source.starts_with("10.1.5.") && destination.0 == 7 && (1024..=1100).contains(&port);
                let shadowed = destination.1 < 128 && port <= 1050;
                out.push(Probe {
                    protocol: "tcp",
                    source: source.to_owned(),
                    destination: format!("10.3.{}.{}", destination.0, destination.1),
                    port,
                    listed: inside && !shadowed,
                });
            }
        }
    }
    out
}

#[test]
fn the_kernel_agrees_about_the_planted_leak_and_that_the_proposed_change_removes_it() {
    let probes = around_the_leak();
    let expected: Vec<usize> = (0..probes.len()).filter(|&number| probes[number].listed).collect();
    for (load, name) in [(vec!["nft", "-f", "-"], "fw.nft"), (vec!["iptables-restore"], "fw.rules")] {
        let rules = crate::planted::loadable(load[0]);
        assert_eq!(happens(&load, &rules, &probes).0, expected, "{name}");
        // What is proposed for the one offending line is to delete it.
        let judgement = judged(CITY, name, &rules);
        let [proposal] = judgement.proposal.as_slice() else { panic!("{:?}", judgement.proposal) };
        assert!(proposal.change.en.starts_with("delete this line") && proposal.then == Verdict::Holds, "{proposal:?}");
        let at = usize::try_from(proposal.line).unwrap() - 1;
        let fewer: Vec<&str> =
            rules.lines().enumerate().filter(|(number, _)| *number != at).map(|(_, line)| line).collect();
        assert_eq!(happens(&load, &(fewer.join("\n") + "\n"), &probes).0, [0usize; 0], "{name}");
    }
}

/// Comments of rules and what their counters say.
fn counters(ruleset: &Value) -> Vec<(String, u64)> {
    let rules = ruleset["nftables"].as_array().unwrap().iter().filter_map(|item| item.get("rule"));
    rules
        .filter_map(|rule| {
            let packets =
                rule["expr"].as_array()?.iter().find_map(|part| part.get("counter")?.get("packets")?.as_u64())?;
            Some((rule.get("comment")?.as_str()?.to_owned(), packets))
        })
        .collect()
}
