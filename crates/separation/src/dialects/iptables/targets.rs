//! The target of an iptables rule: what it does.

use super::table::{NO_TARGET, Parsed};
use crate::address::{self, Address, Family};
use crate::dialects::words::Word;
use crate::ir::{Action, AddressTo, ChainId, Translation};
use crate::reading::Reading;
use crate::source::{At, Message};

/// Targets after which the next rule is asked, without influence on what passes.
const CONTINUES: &[&str] = &[
    "LOG",
    "NFLOG",
    "ULOG",
    "TRACE",
    "AUDIT",
    "CLASSIFY",
    "TCPMSS",
    "TCPOPTSTRIP",
    "TOS",
    "DSCP",
    "TTL",
    "HL",
    "ECN",
    "CHECKSUM",
    "LED",
    "RATEEST",
    "IDLETIMER",
    "SECMARK",
    "CONNSECMARK",
];

/// Marks: without influence as long as no rule or route asks for the mark, and a rule that does is unread.
const MARKS: &[&str] = &["MARK", "CONNMARK"];

/// Reads the target. `chain_of` gives the id of a user chain.
pub(super) fn parse(
    reading: &mut Reading,
    family: Family,
    at: At,
    parsed: &mut Parsed,
    chain_of: &mut dyn FnMut(&mut Reading, &str) -> Option<ChainId>,
) -> Action {
    let Some((name, goto)) = parsed.target.take() else { return NO_TARGET };
    let list = std::mem::take(&mut parsed.target_words);
    let option = |wanted: &str| value(&list, wanted);
    match name.as_str() {
        "ACCEPT" => Action::Accept,
        "DROP" => Action::Drop,
        "REJECT" => Action::Reject,
        "RETURN" => Action::Return,
        "NOTRACK" => Action::NoTrack,
        "CT" if list.iter().any(|word| word.text == "--notrack") => Action::NoTrack,
        // A helper makes `related` mean new connections that this verifier does not follow.
        "CT" if option("--helper").is_none() => Action::Continue,
        "DNAT" => translation(option("--to-destination"), family, false),
        "SNAT" => translation(option("--to-source"), family, true),
        "MASQUERADE" => Action::Translate(Translation {
            source: Some(AddressTo::OutInterface),
            source_port: Some((0, u16::MAX)),
            ..Translation::default()
        }),
        "REDIRECT" => Action::Translate(Translation { destination: Some(AddressTo::Local), ..Translation::default() }),
        known if CONTINUES.contains(&known) || MARKS.contains(&known) => Action::Continue,
        // The kernel's set changes while packets pass; a rule that matches such a set is what counts, and is unread.
        "SET" | "QUEUE" | "NFQUEUE" | "CT" | "NETMAP" | "TPROXY" | "TEE" | "SYNPROXY" | "CLUSTERIP" | "" => {
            unread(reading, at, &name)
        }
        user => match chain_of(reading, user) {
            Some(chain) if goto => Action::Goto(chain),
            Some(chain) => Action::Jump(chain),
            None => unread(reading, at, user),
        },
    }
}

fn unread(reading: &mut Reading, at: At, name: &str) -> Action {
    let message = Message::new(
        format!("ターゲット「{name}」を解釈できません"),
        format!("the target \"{name}\" is not understood"),
    );
    reading.problem(at, message);
    Action::Unread
}

fn value<'a>(list: &'a [Word], wanted: &str) -> Option<&'a str> {
    let at = list.iter().position(|word| word.text == wanted)?;
    list.get(at + 1).map(|word| word.text.as_str())
}

/// `10.0.0.1`, `10.0.0.1-10.0.0.9`, `10.0.0.1:80-90`, `[2001:db8::1]:80`, `:8080`.
fn translation(to: Option<&str>, family: Family, source: bool) -> Action {
    let Some((address, ports)) = to.and_then(|to| split(to, family)) else { return Action::Unread };
    let mut translation = Translation::default();
    if source {
        translation.source = address;
        // Source ports are changed whenever they collide, even without being asked.
        translation.source_port = Some(ports.unwrap_or((0, u16::MAX)));
    } else {
        translation.destination = address;
        translation.destination_port = ports;
    }
    Action::Translate(translation)
}

type To = (Option<AddressTo>, Option<(u16, u16)>);

fn split(text: &str, family: Family) -> Option<To> {
    let (addresses, ports) = match (family, text.strip_prefix('[')) {
        (Family::Ip6, Some(rest)) => {
            let (inside, ports) = rest.split_once(']')?;
            (inside, ports.strip_prefix(':'))
        }
        (Family::Ip6, None) => (text, None),
        (Family::Ip4, _) => text.split_once(':').map_or((text, None), |(address, ports)| (address, Some(ports))),
    };
    let ports = match ports {
        None => None,
        // `/base` shifts ports by an offset; that is not followed.
        Some(ports) => Some(match ports.split_once('-') {
            Some((low, high)) => (low.parse().ok()?, high.parse().ok()?),
            None => (ports.parse().ok()?, ports.parse().ok()?),
        }),
    };
    if addresses.is_empty() {
        return Some((None, ports));
    }
    let range = match addresses.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (Address::parse(first)?, Address::parse(last.trim_matches(['[', ']']))?);
            (first.family == family && last.family == family && first.number <= last.number)
                .then_some((first.number, last.number))?
        }
        None => address::parse_range(addresses).filter(|(of, _)| *of == family)?.1,
    };
    Some((Some(AddressTo::Range(family, range.0, range.1)), ports))
}
