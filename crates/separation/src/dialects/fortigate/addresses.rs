//! Address objects and groups.

use std::collections::BTreeMap;

use super::tree::Block;
use super::vips::Vips;
use crate::address::{Address, Family, mask_length, parse_range, prefix, wildcard};
use crate::intervals::Intervals;
use crate::ir::{Condition, Field};
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 16;

#[derive(Debug)]
enum Object {
    Set(Intervals),
    /// Its addresses are not in the configuration: a name, a country, a tag, a MAC address.
    Elsewhere,
    Group {
        members: Vec<String>,
        without: Vec<String>,
    },
    Unread,
}

/// Addresses that names stand for.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) set: Intervals,
    /// Some of the names stand for addresses that are not known.
    pub(super) unknown: bool,
    /// Translated destinations, each a conjunction.
    pub(super) vips: Vec<Vec<Condition>>,
}

/// All address objects; IPv4 and IPv6 have their names apart.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    objects: BTreeMap<(Family, String), Object>,
}

impl Addresses {
    pub(super) fn table(&mut self, reading: &mut Reading, table: &Block, family: Family) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let strange = entry.strange(reading, KEYS, |key| IRRELEVANT.contains(&key), &["tagging", "list"]);
            let object = if strange.is_empty() { object(entry, family) } else { None };
            if object.is_none() {
                let at = strange.first().copied().unwrap_or(entry.at);
                told(reading, at, &entry.name);
            }
            self.objects.insert((family, entry.name.clone()), object.unwrap_or(Object::Unread));
        }
    }

    pub(super) fn groups(&mut self, reading: &mut Reading, table: &Block, family: Family) {
        for entry in &table.entries {
            entry.settle(reading, Fate::Understood);
            let known = ["member", "exclude", "exclude-member", "type", "category"];
            let strange = entry.strange(reading, &known, |key| IRRELEVANT.contains(&key), &["tagging"]);
            let names = |key: &str| entry.values(key).map(<[String]>::to_vec).unwrap_or_default();
            let object = if let Some(&at) = strange.first() {
                told(reading, at, &entry.name);
                Object::Unread
            } else if entry.value("category").is_some_and(|category| category != "default") {
                Object::Elsewhere
            } else {
                let without = if entry.enabled("exclude") { names("exclude-member") } else { Vec::new() };
                Object::Group { members: names("member"), without }
            };
            self.objects.insert((family, entry.name.clone()), object);
        }
    }

    /// What a policy's list of names stands for; `None` when one is not defined or not understood.
    pub(super) fn find(
        &self,
        reading: &mut Reading,
        (at, family): (At, Family),
        names: &[String],
        vips: &Vips,
    ) -> Option<Found> {
        let mut found = Found::default();
        for name in names {
            if let Some(conditions) = vips.conditions(name, family) {
                found.vips.extend(conditions?);
            } else {
                self.gather(reading, (at, family), name, MAX_DEPTH, &mut found)?;
            }
        }
        Some(found)
    }

    fn gather(
        &self,
        reading: &mut Reading,
        (at, family): (At, Family),
        name: &str,
        depth: u32,
        found: &mut Found,
    ) -> Option<()> {
        let Some(object) = self.objects.get(&(family, name.to_owned())) else {
            found.set = found.set.union(&builtin(name, family).or_else(|| {
                let message = Message::new(
                    format!("アドレス「{name}」が定義されていません"),
                    format!("the address \"{name}\" is not defined"),
                );
                reading.problem(at, message);
                None
            })?);
            return Some(());
        };
        match object {
            Object::Set(set) => found.set = found.set.union(set),
            Object::Elsewhere => {
                let message = Message::new(
                    format!("アドレス「{name}」の中身は設定に書かれていません（FQDN・国・動的など）"),
                    format!(
                        "what the address \"{name}\" stands for is not in the configuration (a name, a country, …)"
                    ),
                );
                reading.problem(at, message);
                found.unknown = true;
            }
            Object::Unread => return None,
            Object::Group { members, without } => {
                let Some(depth) = depth.checked_sub(1) else {
                    let message = Message::new(
                        format!("アドレスグループ「{name}」が自分自身を含むか、深すぎます"),
                        format!("the address group \"{name}\" contains itself or is too deep"),
                    );
                    reading.problem(at, message);
                    return None;
                };
                let mut inside = Found::default();
                members.iter().try_for_each(|name| self.gather(reading, (at, family), name, depth, &mut inside))?;
                let mut outside = Found::default();
                without.iter().try_for_each(|name| self.gather(reading, (at, family), name, depth, &mut outside))?;
                // What is taken out and not known could be any of the group.
                if outside.unknown {
                    return None;
                }
                found.set = found.set.union(&inside.set.minus(&outside.set));
                found.unknown |= inside.unknown;
            }
        }
        Some(())
    }
}

impl Found {
    /// The condition on a field; `None` when it asks nothing.
    pub(super) fn condition(self, field: Field, family: Family, negated: bool) -> Option<Condition> {
        let plain = self.vips.is_empty() && !self.unknown;
        if plain && !negated {
            return (self.set != family.all()).then_some(Condition::In(field, self.set));
        }
        if plain {
            return Some(Condition::In(field, self.set.complement(family.max())));
        }
        let mut any = self.vips;
        any.push(vec![Condition::In(field, self.set)]);
        if self.unknown {
            any.push(vec![Condition::Unread]);
        }
        Some(if negated { Condition::NoneOf(any) } else { Condition::OneOf(any) })
    }
}

fn told(reading: &mut Reading, at: At, name: &str) {
    reading.settle(at, Fate::Unread);
    let message = Message::new(
        format!("アドレス「{name}」のこの行を解釈できません"),
        format!("this line of the address \"{name}\" is not understood"),
    );
    reading.problem(at, message);
}

/// Names that FortiOS has without a definition.
fn builtin(name: &str, family: Family) -> Option<Intervals> {
    match name {
        "all" => Some(family.all()),
        "none" => Some(Intervals::empty()),
        _ => None,
    }
}

fn object(entry: &Block, family: Family) -> Option<Object> {
    if matches!(entry.name.as_str(), "all" | "none") {
        return builtin(&entry.name, family).map(Object::Set);
    }
    let own = |key: &str| Address::parse(entry.value(key)?).filter(|address| address.family == family);
    let set = match entry.value("type").unwrap_or(if family == Family::Ip4 { "ipmask" } else { "ipprefix" }) {
        "ipmask" | "ipprefix" | "interface-subnet" if family == Family::Ip4 => {
            let Some(words) = entry.values("subnet") else { return Some(Object::Set(family.all())) };
            subnet(words)?
        }
        "ipprefix" => {
            let Some(text) = entry.value("ip6") else { return Some(Object::Set(family.all())) };
            parse_range(text).filter(|(of, _)| *of == family).map(|(_, (low, high))| Intervals::range(low, high))?
        }
        "iprange" => {
            let (low, high) = (own("start-ip")?.number, own("end-ip")?.number);
            (low <= high).then(|| Intervals::range(low, high))?
        }
        "wildcard" => {
            let [address, mask] = entry.values("wildcard")? else { return None };
            let (address, mask) = (Address::parse(address)?, Address::parse(mask)?);
            if address.family != Family::Ip4 || mask.family != Family::Ip4 {
                return None;
            }
            // A network mask, not a Cisco one: 1 bits must agree.
            wildcard(address, !mask.number & Family::Ip4.max())?
        }
        "fqdn" | "wildcard-fqdn" | "geography" | "dynamic" | "mac" | "route-tag" | "template" => {
            return Some(Object::Elsewhere);
        }
        _ => return None,
    };
    Some(Object::Set(set))
}

/// `10.1.0.0 255.255.0.0` or `10.1.0.0/16`.
pub(super) fn subnet(words: &[String]) -> Option<Intervals> {
    let (low, high) = match words {
        [one] => parse_range(one).filter(|(family, _)| *family == Family::Ip4)?.1,
        [network, mask] => {
            let (network, mask) = (Address::parse(network)?, Address::parse(mask)?);
            if network.family != Family::Ip4 || mask.family != Family::Ip4 {
                return None;
            }
            prefix(network, mask_length(mask)?)?
        }
        _ => return None,
    };
    Some(Intervals::range(low, high))
}

const KEYS: &[&str] =
    &["type", "subnet", "ip6", "start-ip", "end-ip", "wildcard", "fqdn", "country", "sub-type", "macaddr", "interface"];

const IRRELEVANT: &[&str] = &[
    "uuid",
    "comment",
    "color",
    "visibility",
    "allow-routing",
    "associated-interface",
    "fabric-object",
    "cache-ttl",
    "tags",
    "obj-tag",
    "clearpass-spt",
    "obj-type",
    "node-ip-only",
    "sdn",
    "sdn-tag",
    "fsso-group",
    "tag-type",
    "tag-detection-level",
    "hw-vendor",
    "hw-model",
    "os",
    "sw-version",
    "dirty",
    "template",
    "host-type",
    "route-tag",
    "organization",
    "policy-group",
    "subnet-name",
    "epg-name",
    "tenant",
    "start-mac",
    "end-mac",
    "subnet-segment",
];
