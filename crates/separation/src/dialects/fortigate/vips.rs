//! Virtual IPs: translated destinations. They are translated before the policies look, which name them as destinations.

use std::collections::BTreeMap;

use super::tree::Block;
use crate::address::{Family, parse_range};
use crate::intervals::Intervals;
use crate::ir::{Action, AddressTo, ChainId, Condition, Field, Rule, Side, Translation};
use crate::reading::Reading;
use crate::source::{Fate, Message};

/// Most ports that one virtual IP translates one by one.
const MAX_PORTS: u16 = 1_024;

#[derive(Debug)]
enum Vip {
    /// What reaches the mapped addresses.
    Mapped(Family, Vec<Condition>),
    Group(Vec<String>),
    Disabled,
    Unread,
}

/// All virtual IPs by name.
#[derive(Debug, Default)]
pub(super) struct Vips {
    vips: BTreeMap<String, Vip>,
}

impl Vips {
    pub(super) fn table(&mut self, reading: &mut Reading, chain: ChainId, table: &Block) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let strange = entry.strange(reading, KEYS, |key| IRRELEVANT.contains(&key), &[]);
            let vip = if entry.value("status") == Some("disable") {
                Some(Vip::Disabled)
            } else if strange.is_empty() {
                mapped(reading, chain, entry)
            } else {
                None
            };
            if vip.is_none() {
                let at = strange.first().copied().unwrap_or(entry.at);
                let name = &entry.name;
                let message = Message::new(
                    format!("バーチャルIP「{name}」を解釈できません"),
                    format!("the virtual IP \"{name}\" is not understood"),
                );
                reading.problem(at, message);
                let external = entry.value("extip").and_then(parse_range);
                let when = external.map(|(family, (low, high))| {
                    vec![Condition::family(family), Condition::In(Field::Destination, Intervals::range(low, high))]
                });
                reading.unread_rule(chain, at, when.unwrap_or_default());
            }
            self.vips.insert(entry.name.clone(), vip.unwrap_or(Vip::Unread));
        }
    }

    pub(super) fn groups(&mut self, reading: &mut Reading, table: &Block) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let irrelevant = |key: &str| matches!(key, "uuid" | "comments" | "color" | "interface");
            let strange = entry.strange(reading, &["member"], irrelevant, &[]);
            let members = entry.values("member").map(<[String]>::to_vec).unwrap_or_default();
            let group = if strange.is_empty() { Vip::Group(members) } else { Vip::Unread };
            self.vips.insert(entry.name.clone(), group);
        }
    }

    /// What reaches a virtual IP or a group of them: `None` when there is none of this name, `Some(None)` when it is not
    /// understood.
    pub(super) fn conditions(&self, name: &str, family: Family) -> Option<Option<Vec<Vec<Condition>>>> {
        Some(match self.vips.get(name)? {
            Vip::Mapped(of, when) => Some(if *of == family { vec![when.clone()] } else { Vec::new() }),
            Vip::Disabled => Some(Vec::new()),
            Vip::Unread => None,
            // Groups hold no groups.
            Vip::Group(members) => members
                .iter()
                .map(|member| match self.vips.get(member) {
                    Some(Vip::Mapped(of, when)) => Some((*of == family).then(|| when.clone())),
                    Some(Vip::Disabled) => Some(None),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>()
                .map(|found| found.into_iter().flatten().collect()),
        })
    }

    /// Everything that some virtual IP maps to.
    pub(super) fn all(&self, family: Family) -> Vec<Vec<Condition>> {
        let mapped = self.vips.values().filter_map(|vip| match vip {
            Vip::Mapped(of, when) if *of == family => Some(when.clone()),
            _ => None,
        });
        mapped.collect()
    }
}

fn mapped(reading: &mut Reading, chain: ChainId, entry: &Block) -> Option<Vip> {
    if entry.value("type").is_some_and(|kind| kind != "static-nat") {
        return None;
    }
    let (family, external) = parse_range(entry.value("extip")?)?;
    let [mapped] = entry.values("mappedip")? else { return None };
    let (to_family, to) = parse_range(mapped)?;
    if family != to_family || external.1 - external.0 != to.1 - to.0 {
        return None;
    }
    let mut when = vec![Condition::family(family), Condition::In(Field::Destination, range(external))];
    let interfaces = entry.values("extintf").unwrap_or_default();
    if !interfaces.is_empty() && interfaces.iter().all(|name| name != "any") {
        let names = interfaces.iter().cloned().map(crate::ir::InterfaceName::Exact).collect();
        when.push(Condition::Interface { side: Side::In, names, negated: false });
    }
    when.extend(sources(entry, family)?);
    let destination = if to.0 == to.1 {
        AddressTo::Range(family, to.0, to.1)
    } else {
        AddressTo::Shift { family, from: external.0, to: to.0, size: to.1 - to.0 + 1 }
    };
    let mut reached = vec![Condition::In(Field::Destination, range(to))];
    let mut push = |when: Vec<Condition>, port: Option<u16>| {
        let translation = Translation {
            destination: Some(destination.clone()),
            destination_port: port.map(|port| (port, port)),
            ..Translation::default()
        };
        reading.rule(chain, Rule::new(entry.at, when, Action::Translate(translation)));
    };
    if !entry.enabled("portforward") {
        push(when, None);
        return Some(Vip::Mapped(family, reached));
    }
    let number = match entry.value("protocol").unwrap_or("tcp") {
        "tcp" => 6,
        "udp" => 17,
        "sctp" => 132,
        "icmp" => 1,
        _ => return None,
    };
    when.push(Condition::protocol(number));
    reached.push(Condition::protocol(number));
    if number == 1 {
        push(when, None);
        return Some(Vip::Mapped(family, reached));
    }
    let outer = port_range(entry.value("extport")?)?;
    let inner = entry.value("mappedport").map_or(Some(outer), port_range)?;
    if outer.1 - outer.0 != inner.1 - inner.0 {
        return None;
    }
    let on = |port: (u16, u16)| Condition::In(Field::DestinationPort, Intervals::range(port.0.into(), port.1.into()));
    reached.push(on(inner));
    if outer == inner {
        when.push(on(outer));
        push(when, None);
    } else if outer.1 - outer.0 < MAX_PORTS {
        for (from, to) in (outer.0..=outer.1).zip(inner.0..=inner.1) {
            let mut when = when.clone();
            when.push(on((from, from)));
            push(when, Some(to));
        }
    } else {
        return None;
    }
    Some(Vip::Mapped(family, reached))
}

/// `src-filter`: only from these; `None` when one of them is not understood.
fn sources(entry: &Block, family: Family) -> Option<Option<Condition>> {
    let Some(sources) = entry.values("src-filter").filter(|sources| !sources.is_empty()) else { return Some(None) };
    let ranges = sources.iter().map(|text| parse_range(text).filter(|(of, _)| *of == family).map(|(_, range)| range));
    Some(Some(Condition::In(Field::Source, Intervals::from_ranges(ranges.collect::<Option<Vec<_>>>()?))))
}

fn range((low, high): (u128, u128)) -> Intervals {
    Intervals::range(low, high)
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some((low, high))
}

const KEYS: &[&str] = &[
    "type",
    "extip",
    "mappedip",
    "extintf",
    "portforward",
    "protocol",
    "extport",
    "mappedport",
    "src-filter",
    "status",
];

const IRRELEVANT: &[&str] = &[
    "id",
    "uuid",
    "comment",
    "color",
    "arp-reply",
    "ndp-reply",
    "gratuitous-arp-interval",
    "nat-source-vip",
    "portmapping-type",
    "dns-mapping-ttl",
];
