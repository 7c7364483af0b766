//! `conntrack -L`, `conntrack -E` and `/proc/net/nf_conntrack`.

use super::{Seen, Told, value};
use crate::address::Address;
use crate::ir::protocol;

/// The first pair of addresses is how the connection was opened; where it ended is the source of the replies, which
/// shows through a destination translation.
pub(super) fn read(line: &str) -> Option<Told> {
    if line.starts_with("conntrack v") && line.ends_with("have been shown.") {
        return Some(Told::Nothing);
    }
    let source = Address::parse(value(line, "src")?)?;
    let opened = Address::parse(value(line, "dst")?)?;
    let number = number(line)?;
    let port = |line: &str, key: &str| value(line, key).and_then(|port| port.parse::<u16>().ok());
    let reply =
        line.find("src=").and_then(|first| line.get(first + 4..)).and_then(|rest| rest.get(rest.find("src=")?..));
    let destination = reply.and_then(|reply| Address::parse(value(reply, "src")?)).unwrap_or(opened);
    let destination_port = match number {
        protocol::ICMP | protocol::ICMP6 => port(line, "type")?,
        _ => reply.and_then(|reply| port(reply, "sport")).or_else(|| port(line, "dport")).unwrap_or(0),
    };
    let source = (source, port(line, "sport").unwrap_or(0));
    Some(Told::Connection(Seen::new(number, source, (destination, destination_port), true)))
}

/// The protocol: its name, or the number behind `unknown`.
fn number(line: &str) -> Option<u8> {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        if word == "unknown" {
            return words.next()?.parse().ok();
        }
        if let Some(number) = protocol::number(word).filter(|_| word.parse::<u32>().is_err() && word != "ipv6") {
            return Some(number);
        }
    }
    None
}
