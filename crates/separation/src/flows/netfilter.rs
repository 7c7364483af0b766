//! Lines that the log statement of nftables and the LOG target of iptables write.

use super::{Seen, value};
use crate::address::Address;
use crate::ir::protocol;

/// Words of a prefix that say that the packet was refused.
const REFUSED: [&str; 6] = ["refus", "drop", "deny", "denied", "reject", "block"];

pub(super) fn read(line: &str) -> Option<Seen> {
    let (source, destination) = (Address::parse(value(line, "SRC")?)?, Address::parse(value(line, "DST")?)?);
    let protocol = protocol::number(value(line, "PROTO")?)?;
    let key = if matches!(protocol, protocol::ICMP | protocol::ICMP6) { "TYPE" } else { "DPT" };
    let destination_port = value(line, key).and_then(|port| port.parse().ok()).unwrap_or(0);
    let prefix = line.split("IN=").next().unwrap_or("").to_ascii_lowercase();
    let passed = !REFUSED.iter().any(|word| prefix.contains(word));
    Some(Seen { protocol, source, destination, destination_port, passed })
}
