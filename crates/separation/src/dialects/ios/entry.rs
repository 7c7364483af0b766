//! One entry of an access list: words to conditions.

use super::messages;
use super::objects::{Objects, port_set};
use crate::address::{self, Address, Family};
use crate::intervals::Intervals;
use crate::ir::{Action, Condition, Field, Period, Rule, protocol};
use crate::reading::Reading;
use crate::source::{At, Message};

/// What an entry is read with.
pub(super) struct Scope<'a> {
    pub(super) objects: &'a Objects,
    pub(super) family: Family,
    pub(super) standard: bool,
    pub(super) at: At,
}

struct Entry<'s, 'w> {
    scope: &'s Scope<'s>,
    rest: &'w [&'w str],
    when: Vec<Condition>,
    protocol: Option<u8>,
    period: Option<Period>,
}

/// Reads `permit …` or `deny …`; `None` for any other word. What is not understood of it is an unread condition.
pub(super) fn read(reading: &mut Reading, scope: &Scope<'_>, words: &[&str]) -> Option<Rule> {
    let (verb, rest) = words.split_first()?;
    let action = match *verb {
        "permit" => Action::Accept,
        "deny" => Action::Drop,
        _ => return None,
    };
    let mut entry = Entry { scope, rest, when: vec![Condition::family(scope.family)], protocol: None, period: None };
    let understood =
        if scope.standard { entry.standard(reading) } else { entry.extended(reading, action == Action::Accept) };
    if understood.is_none() {
        let word = entry.rest.first().copied().unwrap_or("");
        let message = Message::new(format!("「{word}」を解釈できません"), format!("\"{word}\" is not understood here"));
        reading.problem(scope.at, message);
        entry.when.push(Condition::Unread);
    }
    let mut rule = Rule::new(scope.at, entry.when, action);
    rule.period = entry.period;
    Some(rule)
}

impl Entry<'_, '_> {
    fn standard(&mut self, reading: &mut Reading) -> Option<()> {
        // A lone address in a standard list is a host.
        if let [address, rest @ ..] = self.rest
            && let Some(host) = Address::parse(address)
            && rest.first().is_none_or(|next| Address::parse(next).is_none())
        {
            self.when.push(Condition::In(Field::Source, Intervals::one(host.number)));
            self.rest = rest;
        } else {
            self.address(reading, Field::Source)?;
        }
        self.options(reading, false)
    }

    fn extended(&mut self, reading: &mut Reading, permit: bool) -> Option<()> {
        self.service(reading)?;
        self.address(reading, Field::Source)?;
        self.ports(Field::SourcePort)?;
        self.address(reading, Field::Destination)?;
        self.ports(Field::DestinationPort)?;
        self.options(reading, permit)
    }

    fn service(&mut self, reading: &mut Reading) -> Option<()> {
        match self.rest {
            ["object-group", name, rest @ ..] => {
                let services = self.scope.objects.services(reading, self.scope.at, name)?;
                self.when.push(Condition::OneOf(services));
                self.rest = rest;
            }
            ["ip" | "ipv6", rest @ ..] => self.rest = rest,
            [name, rest @ ..] => {
                let number = match (*name, self.scope.family) {
                    ("icmp", Family::Ip6) => protocol::ICMP6,
                    (name, _) => protocol::number(name)?,
                };
                self.protocol = Some(number);
                self.when.push(Condition::protocol(number));
                self.rest = rest;
            }
            [] => return None,
        }
        Some(())
    }

    fn address(&mut self, reading: &mut Reading, field: Field) -> Option<()> {
        let family = self.scope.family;
        let own = |text: &str| Address::parse(text).filter(|address| address.family == family);
        let (set, rest) = match self.rest {
            ["any" | "any4" | "any6", rest @ ..] => {
                self.rest = rest;
                return Some(());
            }
            ["host", host, rest @ ..] => (Intervals::one(own(host)?.number), rest),
            ["object-group" | "addrgroup", name, rest @ ..] => {
                (self.scope.objects.addresses(reading, self.scope.at, name)?, rest)
            }
            [network, rest @ ..] if family == Family::Ip6 => {
                let (of, (low, high)) = address::parse_range(network)?;
                ((of == family).then(|| Intervals::range(low, high))?, rest)
            }
            [network, wildcard, rest @ ..] => (address::wildcard(own(network)?, own(wildcard)?.number)?, rest),
            _ => return None,
        };
        self.when.push(Condition::In(field, set));
        self.rest = rest;
        Some(())
    }

    fn ports(&mut self, field: Field) -> Option<()> {
        if !matches!(self.rest.first(), Some(&("eq" | "neq" | "gt" | "lt" | "range"))) {
            return Some(());
        }
        self.protocol.filter(|number| protocol::WITH_PORTS.contains(number))?;
        let (set, rest) = port_set(self.rest)?;
        self.when.push(Condition::In(field, set));
        self.rest = rest;
        Some(())
    }

    fn options(&mut self, reading: &mut Reading, permit: bool) -> Option<()> {
        while let [word, rest @ ..] = self.rest {
            match *word {
                "log" | "log-input" => {
                    // A cookie for the log may follow.
                    self.rest = match rest {
                        [cookie, behind @ ..] if !OPTIONS.contains(cookie) => behind,
                        _ => rest,
                    };
                    continue;
                }
                "sequence" if rest.len() == 1 => {
                    self.rest = &[];
                    continue;
                }
                "established" if self.protocol == Some(protocol::TCP) => {
                    self.when.push(Condition::flags_where(|flags| flags & 0x14 != 0));
                }
                "time-range" => {
                    let (name, behind) = rest.split_first()?;
                    let Some(times) = self.scope.objects.times(name) else {
                        let message = Message::new(
                            format!("time-range「{name}」が定義されていないか、解釈できません"),
                            format!("the time range \"{name}\" is not defined or not understood"),
                        );
                        reading.problem(self.scope.at, message);
                        return None;
                    };
                    self.period = times.period;
                    if times.sometimes {
                        self.when.push(Condition::Sometimes);
                    }
                    self.rest = behind;
                    continue;
                }
                "fragments" if !permit => self.when.push(Condition::never()),
                "fin" | "syn" | "rst" | "psh" | "ack" | "urg" if self.protocol == Some(protocol::TCP) => {
                    let bit = flag(word)?;
                    self.when.push(Condition::flags_where(|flags| flags & bit != 0));
                }
                "match-all" | "match-any" if self.protocol == Some(protocol::TCP) => {
                    self.rest = rest;
                    self.flags(*word == "match-all")?;
                    continue;
                }
                name if self.protocol == Some(protocol::ICMP) || self.protocol == Some(protocol::ICMP6) => {
                    self.message(name, rest)?;
                    continue;
                }
                _ => return None,
            }
            self.rest = rest;
        }
        Some(())
    }

    /// `echo`, `8`, `3 4`.
    fn message(&mut self, name: &str, rest: &[&str]) -> Option<()> {
        let named = if self.protocol == Some(protocol::ICMP) { messages::icmp(name)? } else { messages::icmp6(name)? };
        let mut used = 1;
        let mut code = named.1;
        if name.parse::<u8>().is_ok()
            && let Some(number) = rest.first().and_then(|word| word.parse::<u8>().ok())
        {
            code = Some(number);
            used = 2;
        }
        self.when.push(Condition::In(Field::DestinationPort, Intervals::one(named.0.into())));
        self.when.extend(code.map(|code| Condition::In(Field::SourcePort, Intervals::one(code.into()))));
        self.rest = self.rest.get(used..)?;
        Some(())
    }

    /// `+syn -ack …`
    fn flags(&mut self, all: bool) -> Option<()> {
        let (mut set, mut clear) = (0u8, 0u8);
        while let [word, rest @ ..] = self.rest {
            if let Some(name) = word.strip_prefix('+') {
                set |= flag(name)?;
            } else if let Some(name) = word.strip_prefix('-') {
                clear |= flag(name)?;
            } else {
                break;
            }
            self.rest = rest;
        }
        self.when.push(if all {
            Condition::tcp_flags(set | clear, set)
        } else {
            Condition::flags_where(|flags| flags & set != 0 || !flags & clear != 0)
        });
        Some(())
    }
}

const OPTIONS: &[&str] = &[
    "established",
    "time-range",
    "fragments",
    "syn",
    "ack",
    "rst",
    "fin",
    "psh",
    "urg",
    "match-all",
    "match-any",
    "sequence",
];

fn flag(name: &str) -> Option<u8> {
    Some(match name {
        "fin" => 1,
        "syn" => 2,
        "rst" => 4,
        "psh" => 8,
        "ack" => 16,
        "urg" => 32,
        _ => return None,
    })
}
