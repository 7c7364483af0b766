//! FortiGate traffic logs: `type="traffic" subtype="forward" srcip=… dstip=… proto=6 dstport=443 action="accept"`.

use super::{Seen, Told, value};
use crate::address::Address;
use crate::ir::protocol;

pub(super) fn read(line: &str) -> Option<Told> {
    let kind = value(line, "type");
    // What the device itself did, and what inspection found in connections that traffic logs tell of.
    if matches!(kind, Some("event" | "utm" | "dns")) && value(line, "logid").is_some() {
        return Some(Told::Nothing);
    }
    let (source, destination) = (Address::parse(value(line, "srcip")?)?, Address::parse(value(line, "dstip")?)?);
    // Addressed to the device or made by it: no traffic between zones.
    if value(line, "subtype") == Some("local") {
        return Some(Told::Nothing);
    }
    let number = protocol::number(value(line, "proto")?)?;
    let port = |key: &str| value(line, key).and_then(|port| port.parse().ok()).unwrap_or(0);
    let action = value(line, "action").unwrap_or("");
    let passed = !matches!(action, "deny" | "dropped" | "blocked");
    Some(Told::Connection(Seen::new(number, (source, port("srcport")), (destination, port("dstport")), passed)))
}
