//! The match part of an iptables rule: words to conditions.

use super::sets::Sets;
use super::table::Parsed;
use crate::address::{self, Address, Family};
use crate::dialects::ports;
use crate::dialects::words::Word;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, InterfaceName, Period, Side, State, protocol};
use crate::reading::Reading;
use crate::source::{At, Message};

/// Modules whose outcome depends on what a packet does not carry, or on what is not judged (length, time to live, content):
/// packets that are equal for us match at one moment and not at another. Their options are passed over.
const SOMETIMES: &[&str] = &[
    "limit",
    "hashlimit",
    "connlimit",
    "recent",
    "statistic",
    "quota",
    "mac",
    "nfacct",
    "connbytes",
    "length",
    "ttl",
    "hl",
    "dscp",
    "tos",
    "ecn",
    "string",
    "u32",
    "bpf",
    "tcpmss",
    "pkttype",
    "rpfilter",
    "policy",
    "cpu",
    "osf",
];

/// A rule's words while they are read.
struct Cursor<'a> {
    words: &'a [Word],
    next: usize,
    at: At,
}

impl<'a> Cursor<'a> {
    fn take(&mut self) -> Option<&'a Word> {
        let word = self.words.get(self.next)?;
        self.next += 1;
        Some(word)
    }

    fn value(&mut self) -> &'a str {
        self.take().map_or("", |word| &word.text)
    }

    fn here(&self) -> At {
        let word = self.words.get(self.next.saturating_sub(1));
        At { column: word.map_or(self.at.column, |word| word.column), ..self.at }
    }

    /// Passes over words up to the next option.
    fn skip_values(&mut self) {
        while self.words.get(self.next).is_some_and(|word| !word.text.starts_with('-') && word.text != "!") {
            self.next += 1;
        }
    }
}

/// Reads the words behind `-A CHAIN`.
pub(super) fn parse(reading: &mut Reading, sets: &Sets, family: Family, at: At, list: &[Word]) -> Parsed {
    let mut parsed = Parsed::default();
    let mut cursor = Cursor { words: list, next: 0, at };
    let mut negated = false;
    let mut module = String::new();
    while let Some(word) = cursor.take() {
        match word.text.as_str() {
            "!" => {
                negated = true;
                continue;
            }
            "-m" | "--match" => cursor.value().clone_into(&mut module),
            "-j" | "--jump" | "-g" | "--goto" => {
                let goto = matches!(word.text.as_str(), "-g" | "--goto");
                parsed.target = Some((cursor.value().to_owned(), goto));
                parsed.target_words = cursor.words.get(cursor.next..).unwrap_or_default().to_vec();
                return parsed;
            }
            "--comment" => {
                cursor.value();
            }
            "-c" | "--set-counters" => cursor.next += 2,
            option => {
                let known = basic(&mut cursor, &mut parsed, family, option, negated)
                    .or_else(|| of_module(&mut cursor, &mut parsed, (sets, family), (&module, option), negated));
                match known {
                    Some(condition) => parsed.when.push(condition),
                    None => {
                        let message = Message::new(
                            format!("「{option}」を解釈できません"),
                            format!("\"{option}\" is not understood here"),
                        );
                        reading.problem(cursor.here(), message);
                        cursor.skip_values();
                        parsed.when.push(Condition::Unread);
                    }
                }
            }
        }
        negated = false;
    }
    parsed
}

/// Turns a set into a condition, negated inside the field's domain.
fn within(field: Field, set: Intervals, max: u128, negated: bool) -> Condition {
    Condition::In(field, if negated { set.complement(max) } else { set })
}

fn basic(
    cursor: &mut Cursor<'_>,
    parsed: &mut Parsed,
    family: Family,
    option: &str,
    negated: bool,
) -> Option<Condition> {
    Some(match option {
        "-s" | "--source" | "--src" => within(Field::Source, addresses(cursor.value(), family)?, family.max(), negated),
        "-d" | "--destination" | "--dst" => {
            within(Field::Destination, addresses(cursor.value(), family)?, family.max(), negated)
        }
        "-i" | "--in-interface" => interface(Side::In, cursor.value(), negated),
        "-o" | "--out-interface" => interface(Side::Out, cursor.value(), negated),
        "-p" | "--protocol" | "--proto" => {
            let name = cursor.value();
            if name == "all" || name == "0" {
                return (!negated).then_some(Condition::In(Field::Protocol, Intervals::range(0, 255)));
            }
            let number = protocol::number(name)?;
            if !negated {
                parsed.protocol = Some(number);
            }
            within(Field::Protocol, Intervals::one(number.into()), 255, negated)
        }
        // Later fragments carry no ports; connection tracking puts packets together, and without it they are judged with
        // their first fragment. `! -f` matches all that is judged; `-f` something that is not.
        "-f" | "--fragment" => {
            if negated {
                Condition::In(Field::Protocol, Intervals::range(0, 255))
            } else {
                Condition::Unread
            }
        }
        _ => return None,
    })
}

/// `a,b/len,c/mask`; masks may be scattered.
fn addresses(text: &str, family: Family) -> Option<Intervals> {
    let mut all = Vec::new();
    for part in text.split(',') {
        match address::parse_range(part) {
            Some((of, range)) if of == family && !part.contains('-') => all.push(range),
            Some(_) => return None,
            None => {
                let (base, mask) = part.split_once('/')?;
                let (base, mask) = (Address::parse(base)?, Address::parse(mask)?);
                if base.family != family || mask.family != family {
                    return None;
                }
                all.extend_from_slice(address::wildcard(base, !mask.number & family.max())?.ranges());
            }
        }
    }
    Some(Intervals::from_ranges(all))
}

fn interface(side: Side, name: &str, negated: bool) -> Condition {
    let name = match name.strip_suffix('+') {
        Some(prefix) => InterfaceName::Prefix(prefix.to_owned()),
        None => InterfaceName::Exact(name.to_owned()),
    };
    Condition::Interface { side, names: vec![name], negated }
}

fn of_module(
    cursor: &mut Cursor<'_>,
    parsed: &mut Parsed,
    (sets, family): (&Sets, Family),
    (module, option): (&str, &str),
    negated: bool,
) -> Option<Condition> {
    match (module, option) {
        (_, "--dport" | "--destination-port" | "--sport" | "--source-port") if with_ports(parsed) => {
            let field = if option.starts_with("--d") { Field::DestinationPort } else { Field::SourcePort };
            let (low, high) = ports::port_range(cursor.value(), ':')?;
            Some(within(field, Intervals::range(low, high), 65_535, negated))
        }
        ("multiport", "--dports" | "--destination-ports" | "--sports" | "--source-ports" | "--ports")
            if with_ports(parsed) =>
        {
            multiport(cursor.value(), option, negated)
        }
        (_, "--tcp-flags") if parsed.protocol == Some(protocol::TCP) => {
            let (mask, value) = (flags(cursor.value())?, flags(cursor.value())?);
            Some(Condition::flags_where(|flags| (flags & mask == value) != negated))
        }
        (_, "--syn") if parsed.protocol == Some(protocol::TCP) => {
            Some(Condition::flags_where(|flags| (flags & 0x17 == 0x02) != negated))
        }
        (_, "--icmp-type") if parsed.protocol == Some(protocol::ICMP) => {
            icmp(cursor.value(), ports::icmp_type, negated)
        }
        (_, "--icmpv6-type") if parsed.protocol == Some(protocol::ICMP6) => {
            icmp(cursor.value(), ports::icmp6_type, negated)
        }
        ("state", "--state") | ("conntrack", "--ctstate") => states(cursor.value(), negated),
        ("iprange", "--src-range" | "--dst-range") => {
            let (of, (low, high)) = address::parse_range(cursor.value())?;
            let field = if option == "--src-range" { Field::Source } else { Field::Destination };
            (of == family).then(|| within(field, Intervals::range(low, high), family.max(), negated))
        }
        ("set", "--match-set") => {
            let (name, sides) = (cursor.value(), cursor.value());
            sets.condition(name, sides, family, negated)
        }
        ("time", _) => time(cursor, parsed, option),
        (module, option) if SOMETIMES.contains(&module) && option.starts_with("--") => {
            cursor.skip_values();
            Some(Condition::Sometimes)
        }
        _ => None,
    }
}

fn with_ports(parsed: &Parsed) -> bool {
    parsed.protocol.is_some_and(|protocol| protocol::WITH_PORTS.contains(&protocol))
}

fn multiport(list: &str, option: &str, negated: bool) -> Option<Condition> {
    let ranges = list.split(',').map(|part| ports::port_range(part, ':')).collect::<Option<Vec<_>>>()?;
    let set = Intervals::from_ranges(ranges);
    let field = match option {
        "--ports" => {
            let sides = vec![
                vec![Condition::In(Field::SourcePort, set.clone())],
                vec![Condition::In(Field::DestinationPort, set)],
            ];
            return Some(if negated { Condition::NoneOf(sides) } else { Condition::OneOf(sides) });
        }
        option if option.starts_with("--d") => Field::DestinationPort,
        _ => Field::SourcePort,
    };
    Some(within(field, set, 65_535, negated))
}

fn flags(list: &str) -> Option<u8> {
    let mut byte = 0;
    for name in list.split(',') {
        byte |= match name {
            "FIN" => 1,
            "SYN" => 2,
            "RST" => 4,
            "PSH" => 8,
            "ACK" => 16,
            "URG" => 32,
            "ALL" => 63,
            "NONE" => 0,
            number => u8::from_str_radix(number.strip_prefix("0x")?, 16).ok()?,
        };
    }
    Some(byte)
}

fn icmp(text: &str, named: fn(&str) -> Option<ports::IcmpType>, negated: bool) -> Option<Condition> {
    if text == "any" || text == "255" {
        return (!negated).then_some(Condition::In(Field::DestinationPort, Intervals::range(0, 255)));
    }
    let (kind, code) = match text.split_once('/') {
        None => named(text)?,
        Some((kind, code)) => (kind.parse().ok()?, Some(code.parse().ok()?)),
    };
    let mut both = vec![Condition::In(Field::DestinationPort, Intervals::one(kind.into()))];
    both.extend(code.map(|code: u8| Condition::In(Field::SourcePort, Intervals::one(code.into()))));
    Some(if negated { Condition::NoneOf(vec![both]) } else { Condition::OneOf(vec![both]) })
}

fn states(list: &str, negated: bool) -> Option<Condition> {
    let mut known = Vec::new();
    for name in list.split(',') {
        known.push(match name {
            "NEW" => State::New,
            "ESTABLISHED" => State::Established,
            "RELATED" => State::Related,
            "INVALID" => State::Invalid,
            "UNTRACKED" => State::Untracked,
            // DNAT and SNAT are about a connection's translation, which a packet does not show.
            _ => return None,
        });
    }
    let set: Intervals = known.iter().map(|state| (state.number(), state.number())).collect();
    Some(within(Field::State, set, Field::State.max(), negated))
}

fn time(cursor: &mut Cursor<'_>, parsed: &mut Parsed, option: &str) -> Option<Condition> {
    let day = |text: &str| -> Option<(i32, u8, u8)> {
        let mut parts = text.split('T').next()?.split('-');
        let date = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(date)
    };
    let period = parsed.period.get_or_insert(Period { first: None, last: None });
    match option {
        "--datestart" | "--datestop" => {
            let date = Some(day(cursor.value())?);
            if option == "--datestart" {
                period.first = date
            } else {
                period.last = date
            }
            return Some(Condition::In(Field::Protocol, Intervals::range(0, 255)));
        }
        "--timestart" | "--timestop" | "--monthdays" | "--weekdays" => {
            cursor.value();
        }
        "--kerneltz" | "--utc" | "--contiguous" => {}
        _ => return None,
    }
    Some(Condition::Sometimes)
}
