//! Object groups and time ranges.

use std::collections::BTreeMap;

use super::Line;
use crate::address::{Address, Family, mask_length, parse_range, prefix};
use crate::dialects::ports;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, Period, protocol};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 16;

#[derive(Debug, Default)]
struct Group {
    addresses: Vec<(u128, u128)>,
    /// Each a conjunction.
    services: Vec<Vec<Condition>>,
    members: Vec<String>,
    unread: bool,
}

/// When a time range is active.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) period: Option<Period>,
    /// Only at some times of these days.
    pub(super) sometimes: bool,
    pub(super) unread: bool,
}

/// All of them, by name.
#[derive(Debug, Default)]
pub(super) struct Objects {
    groups: BTreeMap<String, Group>,
    times: BTreeMap<String, Times>,
}

impl Objects {
    pub(super) fn group(&mut self, reading: &mut Reading, head: &Line, inner: &[Line]) {
        let texts = head.texts();
        let (service, name) = match texts.as_slice() {
            ["object-group", "network", name] | ["object-group", "ip", "address", name] => (false, *name),
            ["object-group", "service", name] | ["object-group", "ip", "port", name] => (true, *name),
            _ => {
                reading.unread(head.at, None);
                inner.iter().for_each(|line| reading.unread(line.at, None));
                return;
            }
        };
        reading.settle(head.at, Fate::Understood);
        let group = self.groups.entry(name.to_owned()).or_default();
        for line in inner {
            let texts = line.texts();
            let understood = match texts.as_slice() {
                ["description", ..] => true,
                ["group-object", member] => {
                    group.members.push((*member).to_owned());
                    true
                }
                words if service => services(words).map(|found| group.services.extend(found)).is_some(),
                words => addresses(words).map(|range| group.addresses.push(range)).is_some(),
            };
            group.unread |= !understood;
            // What uses the group is unread then; the line itself concerns nothing else.
            reading.settle(line.at, if understood { Fate::Understood } else { Fate::Unread });
            if !understood {
                reading.problem(
                    line.at,
                    Message::new(
                        "オブジェクトグループのこの行を解釈できません",
                        "this line of an object group is not understood",
                    ),
                );
            }
        }
    }

    pub(super) fn time_range(&mut self, reading: &mut Reading, head: &Line, name: &str, inner: &[Line]) {
        reading.settle(head.at, Fate::Understood);
        let mut times = Times { period: None, sometimes: false, unread: false };
        for line in inner {
            match line.texts().as_slice() {
                ["absolute", rest @ ..] => match absolute(rest) {
                    Some(period) => times.period = Some(period),
                    None => times.unread = true,
                },
                ["periodic", ..] => times.sometimes = true,
                _ => times.unread = true,
            }
            reading.settle(line.at, if times.unread { Fate::Unread } else { Fate::Understood });
        }
        self.times.insert(name.to_owned(), times);
    }

    pub(super) fn times(&self, name: &str) -> Option<Times> {
        self.times.get(name).copied().filter(|times| !times.unread)
    }

    /// The addresses of a network group; `None` when it, or a member, is not defined or not understood.
    pub(super) fn addresses(&self, reading: &mut Reading, at: At, name: &str) -> Option<Intervals> {
        let mut all = Vec::new();
        self.gather(reading, at, name, MAX_DEPTH, &mut |group| all.extend_from_slice(&group.addresses))?;
        Some(Intervals::from_ranges(all))
    }

    /// The services of a service group, each a conjunction.
    pub(super) fn services(&self, reading: &mut Reading, at: At, name: &str) -> Option<Vec<Vec<Condition>>> {
        let mut all = Vec::new();
        self.gather(reading, at, name, MAX_DEPTH, &mut |group| all.extend_from_slice(&group.services))?;
        Some(all)
    }

    fn gather(
        &self,
        reading: &mut Reading,
        at: At,
        name: &str,
        depth: u32,
        found: &mut dyn FnMut(&Group),
    ) -> Option<()> {
        let Some(group) = self.groups.get(name) else {
            let message = Message::new(
                format!("オブジェクトグループ「{name}」が定義されていません"),
                format!("the object group \"{name}\" is not defined"),
            );
            reading.problem(at, message);
            return None;
        };
        let Some(depth) = depth.checked_sub(1) else {
            let message = Message::new(
                format!("オブジェクトグループ「{name}」が自分自身を含むか、深すぎます"),
                format!("the object group \"{name}\" contains itself or is too deep"),
            );
            reading.problem(at, message);
            return None;
        };
        if group.unread {
            return None;
        }
        found(group);
        group.members.iter().try_for_each(|member| self.gather(reading, at, member, depth, found))
    }
}

fn addresses(words: &[&str]) -> Option<(u128, u128)> {
    let v4 = |text: &str| Address::parse(text).filter(|address| address.family == Family::Ip4);
    match words {
        ["any"] => Some((0, Family::Ip4.max())),
        ["host", host] => v4(host).map(|host| (host.number, host.number)),
        ["range", first, last] => Some((v4(first)?.number, v4(last)?.number)).filter(|(first, last)| first <= last),
        [network, mask] if mask.starts_with('/') => prefix(v4(network)?, mask.get(1..)?.parse().ok()?),
        [network, mask] => prefix(v4(network)?, mask_length(v4(mask)?)?),
        [network] if network.contains('/') => {
            parse_range(network).filter(|(family, _)| *family == Family::Ip4).map(|(_, range)| range)
        }
        _ => None,
    }
}

fn services(words: &[&str]) -> Option<Vec<Vec<Condition>>> {
    let (first, rest) = words.split_first()?;
    let numbers: Vec<u8> = match *first {
        "ip" if rest.is_empty() => return Some(vec![Vec::new()]),
        "tcp-udp" => vec![protocol::TCP, protocol::UDP],
        // `object-group ip port`: `eq 80` alone.
        "eq" | "range" | "gt" | "lt" | "neq" => {
            let (set, left) = port_set(words)?;
            return left.is_empty().then(|| vec![vec![Condition::In(Field::DestinationPort, set)]]);
        }
        name => vec![protocol::number(name)?],
    };
    let mut out = Vec::new();
    for number in numbers {
        let mut all = vec![Condition::protocol(number)];
        let mut rest = rest;
        if number == protocol::ICMP {
            if let [name] = rest {
                let (kind, code) = super::messages::icmp(name)?;
                all.push(Condition::In(Field::DestinationPort, Intervals::one(kind.into())));
                all.extend(code.map(|code| Condition::In(Field::SourcePort, Intervals::one(code.into()))));
                rest = &[];
            }
        } else if let ["source", behind @ ..] = rest {
            let (set, left) = port_set(behind)?;
            all.push(Condition::In(Field::SourcePort, set));
            rest = left;
        }
        if !rest.is_empty() {
            let (set, left) = port_set(rest)?;
            all.push(Condition::In(Field::DestinationPort, set));
            if !left.is_empty() {
                return None;
            }
        }
        out.push(all);
    }
    Some(out)
}

/// `eq 80 443`, `neq 80`, `gt 1023`, `lt 1024`, `range 1 9`, or a bare port; gives what is left of the words.
pub(in crate::dialects) fn port_set<'w, 'a>(words: &'w [&'a str]) -> Option<(Intervals, &'w [&'a str])> {
    let port = |text: &str| ports::port(text).map(u128::from);
    match words {
        ["eq", rest @ ..] => {
            let count = rest.iter().take_while(|word| port(word).is_some()).count();
            let set: Intervals =
                rest.iter().take(count).filter_map(|word| port(word)).map(|port| (port, port)).collect();
            (count > 0).then_some((set, rest.get(count..)?))
        }
        ["neq", one, rest @ ..] => Some((Intervals::one(port(one)?).complement(65_535), rest)),
        ["gt", one, rest @ ..] => Some((Intervals::range(port(one)? + 1, 65_535), rest)),
        ["lt", one, rest @ ..] => Some((Intervals::range(0, port(one)?.checked_sub(1)?), rest)),
        ["range", low, high, rest @ ..] => {
            let (low, high) = (port(low)?, port(high)?);
            // IOS takes the ends in either order.
            Some((Intervals::range(low.min(high), low.max(high)), rest))
        }
        [one, rest @ ..] => Some((Intervals::one(port(one)?), rest)),
        [] => None,
    }
}

/// `[start HH:MM D Month YYYY] [end HH:MM D Month YYYY]`
pub(in crate::dialects) fn absolute(words: &[&str]) -> Option<Period> {
    let mut period = Period { first: None, last: None };
    let mut rest = words;
    while let [which, _time, day, month, year, behind @ ..] = rest {
        let date = Some((year.parse().ok()?, number_of(month)?, day.parse().ok()?));
        match *which {
            "start" => period.first = date,
            "end" => period.last = date,
            _ => return None,
        }
        rest = behind;
    }
    rest.is_empty().then_some(period)
}

fn number_of(month: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let short = month.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|known| *known == short).and_then(|at| u8::try_from(at + 1).ok())
}
