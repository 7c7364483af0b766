//! `ipset save`: `create NAME TYPE …` and `add NAME ENTRY …`.

use std::collections::BTreeMap;

use crate::address::{self, Family};
use crate::dialects::ports;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, InterfaceName, Side, protocol};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Deepest nesting of list:set.
const MAX_DEPTH: u32 = 8;

/// One part of a set type: `hash:ip,port` is [Address, Port].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Address,
    Port,
    Interface,
}

#[derive(Debug, Default)]
struct Set {
    family: Option<Family>,
    parts: Vec<Part>,
    /// Members as parts' texts.
    entries: Vec<Vec<String>>,
    /// `nomatch` entries, which take addresses out of the others.
    except: Vec<Vec<String>>,
    members: Option<Vec<String>>,
    unread: bool,
}

/// All sets of the device.
#[derive(Debug, Default)]
pub(super) struct Sets {
    named: BTreeMap<String, Set>,
}

/// Whether a line is one of `ipset save`.
pub(super) fn is_set_line(line: &str) -> bool {
    line.starts_with("create ") && (line.contains(" hash:") || line.contains(" bitmap:") || line.contains(" list:set"))
        || line.starts_with("add ")
}

impl Sets {
    /// Reads a whole file.
    pub(super) fn read(&mut self, reading: &mut Reading, file: u32, lines: &[String]) {
        for (line, text) in (1u32..).zip(lines) {
            let at = At { file, line, column: 1 };
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                reading.settle(at, Fate::Blank);
            } else {
                self.line(reading, at, text);
            }
        }
    }

    /// Reads one line; one that is not understood makes its set unread (or, without a set, the device).
    pub(super) fn line(&mut self, reading: &mut Reading, at: At, text: &str) {
        let mut words = text.split_whitespace();
        let (command, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let rest: Vec<&str> = words.collect();
        match command {
            "create" => {
                let set = create(&rest);
                if set.unread {
                    reading.problem(
                        at,
                        Message::new(
                            format!("セット「{name}」の型を解釈できません"),
                            format!("the type of the set \"{name}\" is not understood"),
                        ),
                    );
                }
                reading.settle(at, if set.unread { Fate::Unread } else { Fate::Understood });
                if self.named.insert(name.to_owned(), set).is_some() {
                    reading.problem(
                        at,
                        Message::new(
                            format!("セット「{name}」が二度あります"),
                            format!("the set \"{name}\" is there twice"),
                        ),
                    );
                    self.named.entry(name.to_owned()).and_modify(|set| set.unread = true);
                }
            }
            "add" => match self.named.get_mut(name) {
                Some(set) => {
                    let understood = add(set, &rest);
                    set.unread |= !understood;
                    reading.settle(at, if understood { Fate::Understood } else { Fate::Unread });
                }
                None => {
                    reading.problem(
                        at,
                        Message::new(
                            format!("セット「{name}」が定義されていません"),
                            format!("the set \"{name}\" is not defined"),
                        ),
                    );
                    reading.unread(at, None);
                }
            },
            _ => reading.unread(at, None),
        }
    }

    /// The condition of `--match-set NAME src,dst`. `None` when the set or its use is not understood.
    pub(super) fn condition(&self, name: &str, sides: &str, family: Family, negated: bool) -> Option<Condition> {
        let sides: Vec<&str> = sides.split(',').collect();
        let any = self.alternatives(name, &sides, family, MAX_DEPTH)?;
        Some(if negated { Condition::NoneOf(any) } else { Condition::OneOf(any) })
    }

    fn alternatives(&self, name: &str, sides: &[&str], family: Family, depth: u32) -> Option<Vec<Vec<Condition>>> {
        let set = self.named.get(name)?;
        if set.unread || depth == 0 {
            return None;
        }
        if let Some(members) = &set.members {
            let mut all = Vec::new();
            for member in members {
                all.extend(self.alternatives(member, sides, family, depth - 1)?);
            }
            return Some(all);
        }
        if set.family.is_some_and(|of| of != family) {
            return Some(Vec::new());
        }
        if let ([Part::Address], [side]) = (set.parts.as_slice(), sides.get(..1)?) {
            let addresses = |entries: &[Vec<String>]| -> Option<Intervals> {
                let ranges = entries
                    .iter()
                    .map(|entry| Some(address::parse_range(entry.first()?)?.1))
                    .collect::<Option<Vec<_>>>()?;
                Some(Intervals::from_ranges(ranges))
            };
            let members = longest_match(set)?.unwrap_or(addresses(&set.entries)?);
            return Some(vec![vec![Condition::In(address_field(side)?, members)]]);
        }
        if !set.except.is_empty() || sides.len() < set.parts.len() {
            return None;
        }
        set.entries.iter().map(|entry| entry_conditions(set, entry, sides)).collect()
    }
}

/// With `nomatch` entries the most specific entry decides, so that prefixes are put on from the widest to the narrowest.
fn longest_match(set: &Set) -> Option<Option<Intervals>> {
    if set.except.is_empty() {
        return Some(None);
    }
    let mut layers = Vec::new();
    for (entries, inside) in [(&set.entries, true), (&set.except, false)] {
        for entry in entries {
            let (low, high) = address::parse_range(entry.first()?)?.1;
            layers.push((high - low, low, high, inside));
        }
    }
    layers.sort_by_key(|&(span, low, _, inside)| (std::cmp::Reverse(span), low, !inside));
    let mut members = Intervals::empty();
    for (_, low, high, inside) in layers {
        let layer = Intervals::range(low, high);
        members = if inside { members.union(&layer) } else { members.minus(&layer) };
    }
    Some(Some(members))
}

fn address_field(side: &str) -> Option<Field> {
    match side {
        "src" => Some(Field::Source),
        "dst" => Some(Field::Destination),
        _ => None,
    }
}

fn create(rest: &[&str]) -> Set {
    let mut set = Set::default();
    let Some(kind) = rest.first() else {
        set.unread = true;
        return set;
    };
    if *kind == "list:set" {
        set.members = Some(Vec::new());
        return set;
    }
    let parts = kind.split_once(':').map_or("", |(_, parts)| parts);
    for part in parts.split(',') {
        match part {
            "ip" | "net" => set.parts.push(Part::Address),
            "port" => set.parts.push(Part::Port),
            "iface" => set.parts.push(Part::Interface),
            // mac and mark are nothing that a packet set knows.
            _ => set.unread = true,
        }
    }
    set.family = match rest.iter().position(|word| *word == "family").and_then(|at| rest.get(at + 1)) {
        Some(&"inet6") => Some(Family::Ip6),
        Some(&"inet") => Some(Family::Ip4),
        Some(_) => {
            set.unread = true;
            None
        }
        None if set.parts == [Part::Port] => None,
        None => Some(Family::Ip4),
    };
    // An entry that runs out is gone before the day that is judged; what holds now is not known.
    set.unread |= rest.iter().zip(rest.iter().skip(1)).any(|(word, next)| *word == "timeout" && *next != "0");
    set.unread |= rest.contains(&"markmask") || rest.contains(&"netmask") || rest.contains(&"bitmask");
    set
}

fn add(set: &mut Set, rest: &[&str]) -> bool {
    let Some(entry) = rest.first() else { return false };
    if let Some(members) = &mut set.members {
        members.push((*entry).to_owned());
        return rest.len() == 1;
    }
    let parts: Vec<String> = entry.split(',').map(str::to_owned).collect();
    let mut except = false;
    let mut options = rest.iter().skip(1);
    while let Some(option) = options.next() {
        match *option {
            "nomatch" => except = true,
            "comment" => break,
            "packets" | "bytes" | "skbmark" | "skbprio" | "skbqueue" => {
                options.next();
            }
            "timeout" if options.next() == Some(&"0") => {}
            _ => return false,
        }
    }
    if parts.len() != set.parts.len() || entry_conditions(set, &parts, &["src"; 3]).is_none() {
        return false;
    }
    if except {
        set.except.push(parts)
    } else {
        set.entries.push(parts)
    }
    true
}

fn entry_conditions(set: &Set, entry: &[String], sides: &[&str]) -> Option<Vec<Condition>> {
    let mut all = Vec::new();
    for ((part, text), side) in set.parts.iter().zip(entry).zip(sides) {
        match part {
            Part::Address => {
                let (of, (low, high)) = address::parse_range(text)?;
                if set.family.is_some_and(|family| family != of) {
                    return None;
                }
                all.push(Condition::In(address_field(side)?, Intervals::range(low, high)));
            }
            Part::Port => all.extend(port_conditions(text, side)?),
            Part::Interface => {
                let side = if *side == "src" { Side::In } else { Side::Out };
                if text.starts_with("physdev:") {
                    return None;
                }
                all.push(Condition::Interface {
                    side,
                    names: vec![InterfaceName::Exact(text.clone())],
                    negated: false,
                });
            }
        }
    }
    Some(all)
}

/// `tcp:80`, `80-90` (TCP when no protocol is named), `icmp:echo-request`, `gre:0`. A set of ports alone is of TCP and UDP.
fn port_conditions(text: &str, side: &str) -> Option<Vec<Condition>> {
    let (name, range) = text.split_once(':').unwrap_or(("tcp", text));
    let number = protocol::number(name)?;
    let mut all = vec![Condition::protocol(number)];
    let field = if side == "src" { Field::SourcePort } else { Field::DestinationPort };
    match number {
        protocol::ICMP | protocol::ICMP6 => {
            let named = if number == protocol::ICMP { ports::icmp_type } else { ports::icmp6_type };
            let (kind, code) = match range.split_once('/') {
                Some((kind, code)) => (kind.parse().ok()?, Some(code.parse().ok()?)),
                None => named(range)?,
            };
            all.push(Condition::In(Field::DestinationPort, Intervals::one(kind.into())));
            all.extend(code.map(|code: u8| Condition::In(Field::SourcePort, Intervals::one(code.into()))));
        }
        number if protocol::WITH_PORTS.contains(&number) => {
            let (low, high) = ports::port_range(range, '-')?;
            all.push(Condition::In(field, Intervals::range(low, high)));
        }
        _ if range == "0" => {}
        _ => return None,
    }
    Some(all)
}
