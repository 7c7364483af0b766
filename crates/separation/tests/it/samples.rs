//! Real-looking configurations of several hundred lines: every line is understood or known to be irrelevant, and they keep
//! the claims of the city.

use separation::source::Fate;

use crate::city::{judged, summary};
use crate::compiled::CITY;

fn check(name: &str, text: &str) {
    let judgement = judged(CITY, name, text);
    let read = separation::dialects::read_configurations(
        "x",
        vec![(name.to_owned(), text.as_bytes().to_vec())],
        &separation::dialects::Options::default(),
    );
    let unread: Vec<&str> = read.sources[0]
        .lines
        .iter()
        .zip(&read.sources[0].fates)
        .filter(|(_, fate)| **fate == Fate::Unread)
        .map(|(line, _)| line.as_str())
        .collect();
    assert_eq!(unread, [""; 0], "{name}");
    assert!(read.sources[0].lines.len() > 300, "{name}");
    assert_eq!(summary(&judgement), [""; 0], "{name}");
    assert!(judgement.proposal.is_empty());
}

#[test]
fn nftables() {
    check("core.nft", include_str!("../samples/core.nft"));
}

#[test]
fn iptables() {
    check("border.rules", include_str!("../samples/border.rules"));
}

#[test]
fn ios() {
    check("core.cfg", include_str!("../samples/core.cfg"));
}

#[test]
fn fortigate() {
    check("fw.conf", include_str!("../samples/fw.fortigate"));
}

#[test]
fn asa() {
    check("edge.cfg", include_str!("../samples/edge.asa"));
}
