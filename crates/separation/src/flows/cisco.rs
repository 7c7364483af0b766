//! `%SEC-6-IPACCESSLOGP: list NAME permitted tcp 10.1.5.3(4000) -> 10.3.7.9(1030), 1 packet`, and its kin for ICMP
//! (`…LOGDP`) and other protocols (`…LOGNP`).

use super::{Seen, Told};
use crate::address::Address;
use crate::ir::protocol;

pub(super) fn read(line: &str) -> Option<Told> {
    let (_, rest) = line.split_once("ACCESSLOG")?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let at = words.iter().position(|word| matches!(*word, "permitted" | "denied"))?;
    let arrow = words.iter().position(|word| *word == "->")?;
    let number = protocol::number(words.get(at + 1)?)?;
    // An interface may stand behind the source.
    let (from, mut to) = (end(words.get(at + 2)?)?, end(words.get(arrow + 1)?)?);
    if matches!(number, protocol::ICMP | protocol::ICMP6) {
        let kind = words.get(arrow + 2).and_then(|word| word.trim_matches(['(', ')', ',']).split('/').next());
        to.1 = kind.and_then(|kind| kind.parse().ok()).unwrap_or(0);
    }
    Some(Told::Connection(Seen::new(number, from, to, words.get(at) == Some(&"permitted"))))
}

fn end(word: &str) -> Option<(Address, u16)> {
    let word = word.trim_end_matches(',');
    match word.split_once('(') {
        Some((address, port)) => Some((Address::parse(address)?, port.trim_end_matches(')').parse().ok()?)),
        None => Some((Address::parse(word)?, 0)),
    }
}
