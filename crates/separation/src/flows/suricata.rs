//! Suricata EVE: one JSON object a line.

use serde_json::Value;

use super::{Seen, Told};
use crate::address::{Address, Family};
use crate::ir::protocol;

/// Events that tell of no connection, or of a part of one that an event `flow` tells of with the ends the right way round.
const NOTHING: [&str; 3] = ["stats", "fileinfo", "engine"];

pub(super) fn read(line: &str) -> Option<Told> {
    let event: Value = line.starts_with('{').then(|| serde_json::from_str(line).ok())??;
    let kind = event.get("event_type").and_then(Value::as_str)?;
    if NOTHING.contains(&kind) {
        return Some(Told::Nothing);
    }
    let number = |of: &Value, key: &str| of.get(key).and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
    let ends = |of: &Value| -> Option<((Address, u16), (Address, u16))> {
        let address = |key: &str| of.get(key).and_then(Value::as_str).and_then(Address::parse);
        let port = |key: &str| number(of, key).unwrap_or(0);
        Some(((address("src_ip")?, port("src_port")), (address("dest_ip")?, port("dest_port"))))
    };
    let about = event.get("flow");
    let (mut from, mut to) = ends(&event)?;
    // An event about one packet has the packet's ends; the connection's are told beside it, or the packet's direction.
    if let Some(opened) = about.and_then(ends) {
        (from, to) = opened;
    } else if event.get("direction").and_then(Value::as_str) == Some("to_client") {
        (from, to) = (to, from);
    }
    let mut protocol = protocol::number(event.get("proto").and_then(Value::as_str)?)?;
    if protocol == protocol::ICMP && from.0.family == Family::Ip6 {
        protocol = protocol::ICMP6;
    }
    if let Some(kind) = number(&event, "icmp_type") {
        to.1 = kind;
    }
    let refused = kind == "drop"
        || action(event.get("alert")) == Some("blocked")
        || action(about) == Some("drop")
        || action(event.get("verdict")).is_some_and(|action| matches!(action, "drop" | "reject"));
    Some(Told::Connection(Seen::new(protocol, from, to, !refused)))
}

fn action(of: Option<&Value>) -> Option<&str> {
    of?.get("action")?.as_str()
}
