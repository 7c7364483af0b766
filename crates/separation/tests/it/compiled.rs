//! What is compiled from claims lets through exactly the listed flows, by our reading and by nft's.

#![expect(clippy::disallowed_types, reason = "the crate starts nothing; its tests ask nft and the kernel")]

use std::io::Write;
use std::process::{Command, Stdio};

use separation::compile::{nftables, prove};
use separation::dialects::{Options, read_configurations};
use separation::judge::difference;
use separation::network::Network;

use crate::city::{TODAY, claims};

pub(crate) const CITY: &str = include_str!("../samples/claims.toml");

/// Runs a shell script in its own network namespace with the rule set on standard input. Where namespaces cannot be made
/// the test fails: the oracle is not optional.
pub(crate) fn in_namespace(script: &str, input: &str) -> String {
    let mut child = Command::new("unshare")
        .args(["--map-root-user", "-mn", "sh", "-euc", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("unshare (util-linux) is needed: the Linux kernel is the oracle of these tests");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "the kernel as oracle needs network namespaces (unshare -mn), nft, iptables and ip:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_citys_rule_set_is_proved_equal_to_its_claims() {
    let claims = claims(CITY);
    let text = nftables(&claims, TODAY.on);
    assert_eq!(prove(&claims, "compiled.nft", text.as_bytes(), TODAY.on), Ok(()));
    assert_eq!(text.matches("counter accept comment \"F-").count(), 10, "a counter and a comment per flow:\n{text}");
}

#[test]
fn what_nft_reads_back_is_the_same_set() {
    let claims = claims(CITY);
    let text = nftables(&claims, TODAY.on);
    let json = in_namespace("nft -f - && nft -j list ruleset", &text);
    assert_eq!(prove(&claims, "compiled.json", json.as_bytes(), TODAY.on), Ok(()));
    let read = |name: &str, text: &str| {
        Network::single(read_configurations(
            "fw",
            vec![(name.to_owned(), text.as_bytes().to_vec())],
            &Options::default(),
        ))
    };
    assert!(difference(&read("a.nft", &text), &read("b.json", &json), TODAY).is_empty());
}

#[test]
fn a_rule_set_that_lets_through_more_or_less_is_not_proved() {
    let claims = claims(CITY);
    let text = nftables(&claims, TODAY.on);
    let more = text.replace("tcp dport 25 ct", "tcp dport 24-25 ct");
    assert!(prove(&claims, "more.nft", more.as_bytes(), TODAY.on).unwrap_err().contains("is Broken"));
    let less = text.replace("10.1.5.11-10.1.5.14", "10.1.5.11-10.1.5.13");
    assert_eq!(
        prove(&claims, "less.nft", less.as_bytes(), TODAY.on).unwrap_err(),
        "the flow \"F-002\" does not pass whole"
    );
}

#[test]
fn a_difference_speaks_in_packets() {
    let claims = claims(CITY);
    let text = nftables(&claims, TODAY.on);
    let changed = text.replace("{ 443, 8443 }", "{ 443, 8444 }");
    let read = |text: &str| {
        Network::single(read_configurations(
            "fw",
            vec![("fw.nft".to_owned(), text.as_bytes().to_vec())],
            &Options::default(),
        ))
    };
    let found = difference(&read(&text), &read(&changed), TODAY);
    let one = |list: &[separation::judge::Change]| (list.len(), list[0].packets.clone(), list[0].first_box.clone());
    let packets = (256u64 * 2 * 65536).to_string();
    assert_eq!(one(&found.gained), (1, packets.clone(), "10.2.10.0/24 → 10.3.0.80/31 tcp 8444".to_owned()));
    assert_eq!(one(&found.lost), (1, packets, "10.2.10.0/24 → 10.3.0.80/31 tcp 8443".to_owned()));
}
