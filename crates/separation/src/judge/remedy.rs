//! A proposed change in the dialect's own words, for the person who types it into the device.

use crate::address::{Address, Family, range_text};
use crate::intervals::Intervals;
use crate::ir::Configuration;
use crate::source::At;

/// Most address pairs that a command is written for.
const MAX_PAIRS: usize = 16;

/// First and last address.
type Span = (u128, u128);

/// The command that takes a line out; `None` when the dialect has none that names the line.
pub(super) fn deleting(configuration: &Configuration, at: At, chain: &str) -> Option<String> {
    let text = configuration.text(at);
    Some(match dialect(configuration, at)? {
        "iptables" => {
            let (table, _) = chain.split_once(' ')?;
            let rule = text.strip_prefix("-A ")?;
            format!("{} -t {table} -D {rule}", iptables(rule))
        }
        // A numbered list as a whole would go with `no access-list 101 …`: only its entry may.
        "ios" if text.starts_with("access-list ") => {
            let mut words = text.split_whitespace().skip(1);
            let (name, rest) = (words.next()?, words.collect::<Vec<_>>().join(" "));
            format!("ip access-list extended {name} / no {rest}")
        }
        "ios" => format!("{} / no {text}", ios_list(configuration, at, chain)?),
        "asa" => format!("no {text}"),
        "fortigate" => {
            let id = text.strip_prefix("edit ")?;
            format!("config firewall policy / delete {id} / end")
        }
        _ => return None,
    })
}

/// Commands that put denials of everything from one set of addresses to another before a line.
pub(super) fn denying(
    configuration: &Configuration,
    at: At,
    chain: &str,
    sets: &[(Family, Intervals, Intervals)],
) -> Vec<String> {
    let pairs: Vec<(Family, Span, Span)> = sets
        .iter()
        .flat_map(|(family, from, to)| {
            from.ranges().iter().flat_map(|from| to.ranges().iter().map(|to| (*family, *from, *to)))
        })
        .collect();
    let Some(dialect) = dialect(configuration, at).filter(|_| pairs.len() <= MAX_PAIRS) else { return Vec::new() };
    let lines = pairs.into_iter().filter_map(|pair| denial(configuration, at, (dialect, chain), pair));
    lines.collect()
}

fn denial(
    configuration: &Configuration,
    at: At,
    (dialect, chain): (&str, &str),
    (family, from, to): (Family, Span, Span),
) -> Option<String> {
    let (source, destination) = (range_text(family, from.0, from.1), range_text(family, to.0, to.1));
    let prefixes = !source.contains('-') && !destination.contains('-');
    match dialect {
        "iptables" if prefixes => {
            let (table, name) = chain.split_once(' ')?;
            let program = if family == Family::Ip4 { "iptables" } else { "ip6tables" };
            Some(format!("{program} -t {table} -I {name} -s {source} -d {destination} -j DROP"))
        }
        "nftables" => {
            let ip = if family == Family::Ip4 { "ip" } else { "ip6" };
            Some(format!("nft insert rule {chain} {ip} saddr {source} {ip} daddr {destination} drop"))
        }
        "ios" if prefixes && family == Family::Ip4 => {
            let (source, destination) = (masked(from, true)?, masked(to, true)?);
            Some(format!("deny ip {source} {destination}"))
        }
        "asa" if prefixes && family == Family::Ip4 => {
            let (source, destination) = (masked(from, false)?, masked(to, false)?);
            let name = configuration.text(at).strip_prefix("access-list ")?.split_whitespace().next()?;
            Some(format!("access-list {name} line 1 extended deny ip {source} {destination}"))
        }
        _ => None,
    }
}

fn dialect(configuration: &Configuration, at: At) -> Option<&str> {
    Some(configuration.sources.get(usize::try_from(at.file).ok()?)?.dialect.as_str())
}

fn iptables(rule: &str) -> &'static str {
    if rule.split(' ').any(|word| word.contains("::") || word == "ipv6-icmp") { "ip6tables" } else { "iptables" }
}

/// The command that opens the list which the line stands in.
fn ios_list(configuration: &Configuration, at: At, chain: &str) -> Option<String> {
    let source = configuration.sources.get(usize::try_from(at.file).ok()?)?;
    let before = source.lines.get(..usize::try_from(at.line).ok()?)?;
    let heads = ["ip access-list ", "ipv6 access-list "];
    let head = before.iter().rev().find(|line| heads.iter().any(|head| line.starts_with(head)))?;
    head.split_whitespace().any(|word| word == chain).then(|| head.trim().to_owned())
}

/// `10.1.0.0 0.0.255.255` with a wildcard, `10.1.0.0 255.255.0.0` with a mask.
fn masked((low, high): Span, wildcard: bool) -> Option<String> {
    let text = |number: u128| Address { family: Family::Ip4, number }.to_string();
    let span = high.checked_sub(low)?;
    if span & span.wrapping_add(1) != 0 || low & span != 0 {
        return None;
    }
    if span == 0 {
        return Some(format!("host {}", text(low)));
    }
    let mask = if wildcard { span } else { Family::Ip4.max() ^ span };
    Some(format!("{} {}", text(low), text(mask)))
}
