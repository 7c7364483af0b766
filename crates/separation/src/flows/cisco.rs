//! `%SEC-6-IPACCESSLOGP: list NAME permitted tcp 10.1.5.3(4000) -> 10.3.7.9(1030), 1 packet`, and its kin for ICMP
//! (`…LOGDP`) and other protocols (`…LOGNP`).

use super::Seen;
use crate::address::Address;
use crate::ir::protocol;

pub(super) fn read(line: &str) -> Option<Seen> {
    let (_, rest) = line.split_once("IPACCESSLOG").or_else(|| line.split_once("ACCESSLOG"))?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let at = words.iter().position(|word| matches!(*word, "permitted" | "denied"))?;
    let arrow = words.iter().position(|word| *word == "->")?;
    let protocol = protocol::number(words.get(at + 1)?)?;
    // An interface may stand behind the source.
    let (source, _) = end(words.get(at + 2)?)?;
    let (destination, port) = end(words.get(arrow + 1)?)?;
    let icmp = words.get(arrow + 2).and_then(|word| word.trim_matches(['(', ')', ',']).split('/').next()?.parse().ok());
    let destination_port = if matches!(protocol, protocol::ICMP | protocol::ICMP6) { icmp.unwrap_or(0) } else { port };
    Some(Seen { protocol, source, destination, destination_port, passed: words.get(at) == Some(&"permitted") })
}

fn end(word: &str) -> Option<(Address, u16)> {
    let word = word.trim_end_matches(',');
    match word.split_once('(') {
        Some((address, port)) => Some((Address::parse(address)?, port.trim_end_matches(')').parse().ok()?)),
        None => Some((Address::parse(word)?, 0)),
    }
}
