//! FortiGate traffic logs: `srcip=… dstip=… proto=6 dstport=443 action="accept"`.

use super::{Seen, value};
use crate::address::Address;
use crate::ir::protocol;

pub(super) fn read(line: &str) -> Option<Seen> {
    let (source, destination) = (Address::parse(value(line, "srcip")?)?, Address::parse(value(line, "dstip")?)?);
    let protocol = protocol::number(value(line, "proto")?)?;
    let destination_port = value(line, "dstport").and_then(|port| port.parse().ok()).unwrap_or(0);
    let action = value(line, "action").unwrap_or("");
    let passed = !matches!(action, "deny" | "dropped" | "blocked");
    Some(Seen { protocol, source, destination, destination_port, passed })
}
