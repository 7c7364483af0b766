//! Cisco ASA syslog: connections that were built (302013, 302015, 302020), list entries that log (106100), denials by a list
//! (106023).

use super::{Seen, Told};
use crate::address::Address;
use crate::ir::protocol;

/// Messages that tell of no new packet between zones: ends of connections, translations, administration.
const NOTHING: [&str; 21] = [
    "111", "113", "199", "302014", "302016", "302018", "302021", "305009", "305010", "305011", "305012", "308",
    "315011", "317", "502", "605", "606", "609", "611", "711", "725",
];

pub(super) fn read(line: &str) -> Option<Told> {
    let (_, rest) = line.split_once("%ASA-").or_else(|| line.split_once("%FTD-"))?;
    let (head, text) = rest.split_once(": ")?;
    let (_, number) = head.rsplit_once('-')?;
    match number {
        "302013" | "302015" => built(text),
        "302020" => built_icmp(text),
        "106100" => listed(text),
        "106023" => denied(text),
        _ if NOTHING.iter().any(|known| number.starts_with(known)) => Some(Told::Nothing),
        _ => None,
    }
}

/// `Built outbound TCP connection 76118 for outside:198.51.100.7/443 (…) to inside:10.3.0.5/51234 (…)`: of an outbound
/// connection the destination comes first. Addresses outside the brackets are the real ones.
fn built(text: &str) -> Option<Told> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = |word: &str| words.iter().position(|known| *known == word);
    let number = protocol::number(words.get(at("connection")?.checked_sub(1)?)?)?;
    let first = slashed(words.get(at("for")? + 1)?)?;
    let second = slashed(words.get(at("to")? + 1)?)?;
    let (from, to) = match *words.get(1)? {
        "inbound" => (first, second),
        "outbound" => (second, first),
        _ => return None,
    };
    Some(Told::Connection(Seen::new(number, from, to, true)))
}

/// `Built inbound ICMP connection for faddr 198.51.100.9/0 gaddr … laddr 10.3.0.5/0 type 8 code 0`
fn built_icmp(text: &str) -> Option<Told> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let behind = |word: &str| words.iter().position(|known| *known == word).and_then(|at| words.get(at + 1));
    let (foreign, local) = (slashed(behind("faddr")?)?.0, slashed(behind("laddr")?)?.0);
    let kind = behind("type")?.parse().ok()?;
    let (from, to) = if words.get(1) == Some(&"outbound") { (local, foreign) } else { (foreign, local) };
    let number = if from.family == crate::address::Family::Ip4 { protocol::ICMP } else { protocol::ICMP6 };
    Some(Told::Connection(Seen::new(number, (from, 0), (to, kind), true)))
}

/// `access-list OUT permitted tcp outside/198.51.100.25(51000) -> inside/10.3.0.25(25) hit-cnt 1 …`
fn listed(text: &str) -> Option<Told> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| matches!(*word, "permitted" | "denied" | "est-allowed"))?;
    let arrow = words.iter().position(|word| *word == "->")?;
    let number = protocol::number(words.get(at + 1)?)?;
    let (from, to) = (bracketed(words.get(at + 2)?)?, bracketed(words.get(arrow + 1)?)?);
    // Of ICMP the type stands at the source and the code at the destination.
    let to = if matches!(number, protocol::ICMP | protocol::ICMP6) { (to.0, from.1) } else { to };
    Some(Told::Connection(Seen::new(number, from, to, words.get(at) != Some(&"denied"))))
}

/// `Deny tcp src outside:198.51.100.9/4000 dst inside:10.1.5.3/22 by access-group "OUT"`
fn denied(text: &str) -> Option<Told> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let behind = |word: &str| words.iter().position(|known| *known == word).and_then(|at| words.get(at + 1));
    let number = protocol::number(behind("Deny")?)?;
    let (from, mut to) = (slashed(behind("src")?)?, slashed(behind("dst")?)?);
    if let Some(kind) = behind("(type").and_then(|kind| kind.trim_end_matches(',').parse().ok()) {
        to.1 = kind;
    }
    Some(Told::Connection(Seen::new(number, from, to, false)))
}

/// `inside:10.3.0.5/51234`, `10.3.0.5/0`, `inside:10.3.0.5`
fn slashed(word: &str) -> Option<(Address, u16)> {
    let (address, port) =
        word.rsplit_once('/').map_or((word, 0), |(address, port)| (address, port.parse().unwrap_or(0)));
    let plain = Address::parse(address);
    plain.or_else(|| Address::parse(address.split_once(':')?.1)).map(|address| (address, port))
}

/// `inside/10.3.0.25(25)`
fn bracketed(word: &str) -> Option<(Address, u16)> {
    let (_, end) = word.split_once('/')?;
    let (address, port) = end.split_once('(')?;
    Some((Address::parse(address)?, port.trim_end_matches([')', ',']).parse().ok()?))
}
