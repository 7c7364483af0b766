//! `conntrack -L`, `conntrack -E` and `/proc/net/nf_conntrack`.

use super::{Seen, value};
use crate::address::Address;
use crate::ir::protocol;

/// The first pair of addresses is how the connection was opened; where it ended is the source of the replies, which
/// shows through a destination translation.
pub(super) fn read(line: &str) -> Option<Seen> {
    let source = Address::parse(value(line, "src")?)?;
    let opened = Address::parse(value(line, "dst")?)?;
    let name = line
        .split_whitespace()
        .find(|word| word.parse::<u32>().is_err() && protocol::number(word).is_some() && !matches!(*word, "ipv6"))?;
    let number = protocol::number(name)?;
    let port = |line: &str, key: &str| value(line, key).and_then(|port| port.parse::<u16>().ok());
    let reply =
        line.find("src=").and_then(|first| line.get(first + 4..)).and_then(|rest| rest.get(rest.find("src=")?..));
    let destination = reply.and_then(|reply| Address::parse(value(reply, "src")?)).unwrap_or(opened);
    let destination_port = match number {
        protocol::ICMP | protocol::ICMP6 => port(line, "type")?,
        _ => reply.and_then(|reply| port(reply, "sport")).or_else(|| port(line, "dport")).unwrap_or(0),
    };
    Some(Seen { protocol: number, source, destination, destination_port, passed: true })
}
