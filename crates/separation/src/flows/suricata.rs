//! Suricata EVE: one JSON object a line.

use serde_json::Value;

use super::Seen;
use crate::address::Address;
use crate::ir::protocol;

pub(super) fn read(line: &str) -> Option<Seen> {
    let event: Value = line.starts_with('{').then(|| serde_json::from_str(line).ok())??;
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let number = |key: &str| event.get(key).and_then(Value::as_u64).and_then(|number| u16::try_from(number).ok());
    let (mut source, mut destination) = (Address::parse(text("src_ip")?)?, Address::parse(text("dest_ip")?)?);
    let protocol = protocol::number(text("proto")?)?;
    let (mut port, other) = (number("dest_port").unwrap_or(0), number("src_port").unwrap_or(0));
    // An event about an answer names its ends the other way round.
    if text("direction") == Some("to_client") {
        (source, destination, port) = (destination, source, other);
    }
    if let Some(kind) = number("icmp_type") {
        port = kind;
    }
    let dropped = event.get("alert").and_then(|alert| alert.get("action")).and_then(Value::as_str) == Some("blocked")
        || text("event_type") == Some("drop");
    Some(Seen { protocol, source, destination, destination_port: port, passed: !dropped })
}
