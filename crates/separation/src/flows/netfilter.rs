//! Lines that the log statement of nftables and the LOG target of iptables write.

use super::{Seen, Told, value};
use crate::address::Address;
use crate::ir::protocol;

/// Words of a prefix that say that the packet was refused.
const REFUSED: [&str; 6] = ["refus", "drop", "deny", "denied", "reject", "block"];

pub(super) fn read(line: &str) -> Option<Told> {
    let (source, destination) = (Address::parse(value(line, "SRC")?)?, Address::parse(value(line, "DST")?)?);
    let number = protocol::number(value(line, "PROTO")?)?;
    let key = if matches!(number, protocol::ICMP | protocol::ICMP6) { "TYPE" } else { "DPT" };
    let port = |key: &str| value(line, key).and_then(|port| port.parse().ok()).unwrap_or(0);
    let prefix = line.split("IN=").next().unwrap_or("").to_ascii_lowercase();
    let passed = !REFUSED.iter().any(|word| prefix.contains(word));
    let mut seen = Seen::new(number, (source, port("SPT")), (destination, port(key)), passed);
    seen.opens = number != protocol::TCP || !line.split_whitespace().any(|word| word == "ACK");
    Some(Told::Connection(seen))
}
