//! What must hold of any bytes that are read as a configuration.

#![allow(dead_code, reason = "each target uses a part of it")]

use separation::claims::Claims;
use separation::dialects::{Options, read_configurations};
use separation::ir::Configuration;
use separation::judge::{Judgement, Settings, Verdict, judge};
use separation::network::Network;
use separation::source::Fate;

pub const CLAIMS: &str = include_str!("../../../crates/separation/tests/samples/claims.toml");
pub const ON: Settings = Settings { on: (2026, 11, 30) };

pub fn claims() -> Claims {
    let (claims, problems) = Claims::read(CLAIMS);
    assert!(problems.is_empty());
    claims
}

fn read(dialect: &str, bytes: &[u8]) -> Configuration {
    let options = Options { acl: None, dialect: Some(dialect.to_owned()) };
    read_configurations("fw", vec![("f".to_owned(), bytes.to_vec())], &options)
}

fn judged(configuration: &Configuration) -> Judgement {
    judge(&Network::single(configuration.clone()), &claims(), ON)
}

/// No panic; every line has a fate; what is read survives the pipe; every witness replays; and a line that nobody knows,
/// put in anywhere, turns no claim into one that holds.
pub fn configuration(dialect: &str, bytes: &[u8]) {
    let configuration = read(dialect, bytes);
    for source in &configuration.sources {
        assert_eq!(source.lines.len(), source.fates.len());
        assert!(source.fates.iter().all(|fate| *fate != Fate::Pending));
    }
    let text = serde_json::to_vec(&configuration).expect("it can be written");
    assert_eq!(serde_json::from_slice::<Configuration>(&text).expect("and read"), configuration);
    let before = judged(&configuration);
    let violations = before.claims.iter().flat_map(|claim| &claim.violations);
    assert!(violations.clone().all(|found| found.packet.is_some() && found.packets != "0"));
    let at = bytes.len() / 2;
    let at = bytes.get(..at).and_then(|half| half.iter().rposition(|&byte| byte == b'\n')).map_or(0, |at| at + 1);
    let mut other = bytes.get(..at).unwrap_or_default().to_vec();
    other.extend_from_slice(b"frobnicate the packets\n");
    other.extend_from_slice(bytes.get(at..).unwrap_or_default());
    let after = judged(&read(dialect, &other));
    for (before, after) in before.claims.iter().zip(&after.claims) {
        assert!(before.verdict == Verdict::Holds || after.verdict != Verdict::Holds, "{} > {}", after.from, after.to);
    }
}
