//! Objects and object groups, names and time ranges.

use std::collections::BTreeMap;

use super::lines::{Block, Line};
use crate::address::{Address, Family, mask_length, parse_range, prefix};
use crate::dialects::ios::messages;
use crate::dialects::ios::objects::{absolute, port_set};
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, Period, protocol};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 16;

/// Addresses of both families.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) v4: Intervals,
    pub(super) v6: Intervals,
}

impl Both {
    pub(super) fn of(&self, family: Family) -> &Intervals {
        if family == Family::Ip4 { &self.v4 } else { &self.v6 }
    }

    pub(super) fn all() -> Self {
        Self { v4: Family::Ip4.all(), v6: Family::Ip6.all() }
    }

    pub(super) fn one(family: Family, (low, high): (u128, u128)) -> Self {
        let set = Intervals::range(low, high);
        if family == Family::Ip4 { Self { v4: set, ..Self::default() } } else { Self { v6: set, ..Self::default() } }
    }

    fn join(&mut self, other: &Self) {
        self.v4 = self.v4.union(&other.v4);
        self.v6 = self.v6.union(&other.v6);
    }
}

/// Each a conjunction; any of them.
pub(super) type Services = Vec<Vec<Condition>>;

#[derive(Debug, Default)]
struct Group {
    addresses: Both,
    services: Services,
    /// Ports without a protocol (`port-object`), ICMP types (`icmp-object`), protocols.
    ports: Vec<(u128, u128)>,
    messages: Vec<Vec<Condition>>,
    protocols: Vec<Vec<Condition>>,
    members: Vec<String>,
    unread: bool,
}

/// When a time range is active.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) period: Option<Period>,
    pub(super) sometimes: bool,
}

/// All of them. Objects and groups share one list of names on the device.
#[derive(Debug, Default)]
pub(super) struct Objects {
    groups: BTreeMap<String, Group>,
    names: BTreeMap<String, Address>,
    times: BTreeMap<String, Option<Times>>,
}

impl Objects {
    /// `name 10.1.1.1 SERVER`
    pub(super) fn name(&mut self, address: &str, name: &str) -> bool {
        let Some(address) = Address::parse(address) else { return false };
        self.names.insert(name.to_owned(), address);
        true
    }

    /// An address, or a name that stands for one.
    pub(super) fn address(&self, text: &str) -> Option<Address> {
        Address::parse(text).or_else(|| self.names.get(text).copied())
    }

    /// `object network|service NAME`; gives the lines that translate.
    pub(super) fn object<'b>(&mut self, reading: &mut Reading, block: &'b Block) -> Vec<&'b Line> {
        let texts = block.head.texts();
        let ["object", kind @ ("network" | "service"), name] = texts.as_slice() else {
            block.unread(reading);
            return Vec::new();
        };
        reading.settle(block.head.at, Fate::Understood);
        let mut translations = Vec::new();
        for line in &block.inner {
            let texts = line.texts();
            let understood = match texts.as_slice() {
                ["description", ..] => true,
                ["nat", ..] if *kind == "network" => {
                    translations.push(line);
                    continue;
                }
                ["service", rest @ ..] => {
                    self.service(rest).map(|found| self.group(name).services.extend(found)).is_some()
                }
                words => self.range(words).map(|found| self.group(name).addresses.join(&found)).is_some(),
            };
            self.settle(reading, (name, line.at), understood);
        }
        translations
    }

    /// `object-group KIND NAME [PROTOCOL]`
    pub(super) fn object_group(&mut self, reading: &mut Reading, block: &Block) {
        let texts = block.head.texts();
        let (name, protocols) = match texts.as_slice() {
            ["object-group", "network" | "service" | "icmp-type" | "protocol", name] => (*name, None),
            ["object-group", "service", name, protocols @ ("tcp" | "udp" | "tcp-udp")] => (*name, Some(*protocols)),
            // Who is signed in is nothing that a packet carries; a list that names such a group is unread.
            ["object-group", "user" | "security", ..] => {
                block.settle(reading, Fate::Irrelevant);
                return;
            }
            _ => {
                block.unread(reading);
                return;
            }
        };
        reading.settle(block.head.at, Fate::Understood);
        self.group(name);
        for line in &block.inner {
            let texts = line.texts();
            let understood = self.member(name, protocols, texts.as_slice());
            self.settle(reading, (name, line.at), understood.is_some());
        }
    }

    fn member(&mut self, name: &str, protocols: Option<&str>, words: &[&str]) -> Option<()> {
        match words {
            ["description", ..] => {}
            ["group-object" | "network-object" | "service-object", "object", member] | ["group-object", member] => {
                let member = (*member).to_owned();
                self.group(name).members.push(member);
            }
            ["network-object", rest @ ..] => {
                let found = self.range(rest)?;
                self.group(name).addresses.join(&found);
            }
            ["service-object", rest @ ..] => {
                let found = self.service(rest)?;
                self.group(name).services.extend(found);
            }
            ["port-object", rest @ ..] if protocols.is_some() => {
                let (set, left) = port_set(rest)?;
                if !left.is_empty() {
                    return None;
                }
                self.group(name).ports.extend_from_slice(set.ranges());
            }
            ["icmp-object", kind] => {
                let found = message(kind, protocol::ICMP)?;
                self.group(name).messages.push(found);
            }
            ["protocol-object", number] => {
                let found = protocols_of(number)?;
                self.group(name).protocols.extend(found);
            }
            _ => return None,
        }
        Some(())
    }

    fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_default()
    }

    fn settle(&mut self, reading: &mut Reading, (name, at): (&str, At), understood: bool) {
        reading.settle(at, if understood { Fate::Understood } else { Fate::Unread });
        if !understood {
            self.group(name).unread = true;
            let message = Message::new(
                format!("「{name}」のこの行を解釈できません"),
                format!("this line of \"{name}\" is not understood"),
            );
            reading.problem(at, message);
        }
    }

    /// `host A`, `N M`, `subnet N M`, `range A B`, `P/len`.
    pub(super) fn range(&self, words: &[&str]) -> Option<Both> {
        let one = |text: &str| self.address(text);
        Some(match words {
            ["any"] => Both::all(),
            ["host", host] => one(host).map(|host| Both::one(host.family, (host.number, host.number)))?,
            ["range", first, last] => {
                let (first, last) = (one(first)?, one(last)?);
                let fits = first.family == last.family && first.number <= last.number;
                fits.then(|| Both::one(first.family, (first.number, last.number)))?
            }
            ["subnet", rest @ ..] => self.range(rest)?,
            [prefix] if prefix.contains('/') => parse_range(prefix).map(|(family, range)| Both::one(family, range))?,
            [network, mask] => {
                let (network, mask) = (one(network)?, Address::parse(mask)?);
                if network.family != Family::Ip4 || mask.family != Family::Ip4 {
                    return None;
                }
                Both::one(Family::Ip4, prefix(network, mask_length(mask)?)?)
            }
            _ => return None,
        })
    }

    /// `tcp [source OP …] [destination OP …]`, `icmp [TYPE]`, `ip`, a protocol.
    fn service(&self, words: &[&str]) -> Option<Services> {
        let (first, mut rest) = words.split_first()?;
        let mut out = Vec::new();
        if matches!(*first, "icmp" | "icmp6") {
            let number = if *first == "icmp" { protocol::ICMP } else { protocol::ICMP6 };
            let mut all = vec![Condition::protocol(number)];
            match rest {
                [] => {}
                [kind] => all.extend(message(kind, number)?),
                [kind, code] => {
                    all.extend(message(kind, number)?);
                    all.push(Condition::In(Field::SourcePort, Intervals::one(code.parse::<u8>().ok()?.into())));
                }
                _ => return None,
            }
            return Some(vec![all]);
        }
        let mut ports = Vec::new();
        while let [which, behind @ ..] = rest {
            let (field, words) = match *which {
                "source" => (Field::SourcePort, behind),
                "destination" => (Field::DestinationPort, behind),
                _ => (Field::DestinationPort, rest),
            };
            let (set, left) = port_set(words)?;
            ports.push(Condition::In(field, set));
            rest = left;
        }
        for mut all in protocols_of(first)? {
            all.extend(ports.iter().cloned());
            out.push(all);
        }
        Some(out)
    }

    pub(super) fn time_range(&mut self, reading: &mut Reading, block: &Block, name: &str) {
        reading.settle(block.head.at, Fate::Understood);
        let mut times = Some(Times { period: None, sometimes: false });
        for line in &block.inner {
            let understood = match line.texts().as_slice() {
                ["absolute", rest @ ..] => {
                    absolute(rest).map(|period| Times { period: Some(period), sometimes: false })
                }
                ["periodic", ..] => Some(Times { period: times.and_then(|times| times.period), sometimes: true }),
                _ => None,
            };
            reading.settle(line.at, if understood.is_some() { Fate::Understood } else { Fate::Unread });
            times = times.and(understood);
        }
        self.times.insert(name.to_owned(), times);
    }

    pub(super) fn times(&self, name: &str) -> Option<Times> {
        self.times.get(name).copied().flatten()
    }

    /// The addresses of an object or group; `None` when it, or a member, is not defined or not understood.
    pub(super) fn addresses(&self, reading: &mut Reading, at: At, name: &str) -> Option<Both> {
        let mut all = Both::default();
        self.gather(reading, at, name, MAX_DEPTH, &mut |group| all.join(&group.addresses))?;
        // Nothing at all is a group of another kind, or one whose lines are elsewhere.
        (all != Both::default()).then_some(all)
    }

    /// What a group asks as a service or as a protocol.
    pub(super) fn services(&self, reading: &mut Reading, at: At, name: &str) -> Option<Services> {
        let mut all = Vec::new();
        self.gather(reading, at, name, MAX_DEPTH, &mut |group| {
            all.extend_from_slice(&group.services);
            all.extend_from_slice(&group.protocols);
        })?;
        (!all.is_empty()).then_some(all)
    }

    /// Ports of a `service` group with a protocol.
    pub(super) fn ports(&self, reading: &mut Reading, at: At, name: &str) -> Option<Intervals> {
        let mut all = Vec::new();
        self.gather(reading, at, name, MAX_DEPTH, &mut |group| all.extend_from_slice(&group.ports))?;
        Some(Intervals::from_ranges(all))
    }

    /// Messages of an `icmp-type` group.
    pub(super) fn messages(&self, reading: &mut Reading, at: At, name: &str) -> Option<Services> {
        let mut all = Vec::new();
        self.gather(reading, at, name, MAX_DEPTH, &mut |group| all.extend_from_slice(&group.messages))?;
        (!all.is_empty()).then_some(all)
    }

    /// Whether a group lists ports, as opposed to addresses.
    pub(super) fn lists_ports(&self, name: &str) -> bool {
        let mut todo = vec![name];
        for _ in 0..MAX_DEPTH * 16 {
            let Some(group) = todo.pop().and_then(|name| self.groups.get(name)) else { continue };
            if !group.ports.is_empty() {
                return true;
            }
            todo.extend(group.members.iter().map(String::as_str));
        }
        false
    }

    fn gather(
        &self,
        reading: &mut Reading,
        at: At,
        name: &str,
        depth: u32,
        found: &mut dyn FnMut(&Group),
    ) -> Option<()> {
        let Some((group, depth)) = self.groups.get(name).zip(depth.checked_sub(1)) else {
            let message = Message::new(
                format!("「{name}」が定義されていないか、自分自身を含むか、深すぎます"),
                format!("\"{name}\" is not defined, contains itself or is too deep"),
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

/// The conditions of a protocol's name; `ip` asks nothing, `tcp-udp` is either.
pub(super) fn protocols_of(name: &str) -> Option<Services> {
    Some(match name {
        "ip" => vec![Vec::new()],
        "tcp-udp" => vec![vec![Condition::protocol(protocol::TCP)], vec![Condition::protocol(protocol::UDP)]],
        name => vec![vec![Condition::protocol(protocol::number(name)?)]],
    })
}

/// An ICMP message by name or number.
pub(super) fn message(name: &str, number: u8) -> Option<Vec<Condition>> {
    let (kind, code) = if number == protocol::ICMP { messages::icmp(name)? } else { messages::icmp6(name)? };
    let mut all = vec![Condition::In(Field::DestinationPort, Intervals::one(kind.into()))];
    all.extend(code.map(|code| Condition::In(Field::SourcePort, Intervals::one(code.into()))));
    Some(all)
}
