//! From what was read to chains and steps.

use std::collections::BTreeMap;

use super::nat::Translations;
use super::{Firewall, Options, rules};
use crate::address::{Address, Family};
use crate::intervals::Intervals;
use crate::ir::{Action, ChainId, Condition, Default as ByDefault, Field, Hook, Rule, Side, Step};
use crate::reading::Reading;
use crate::source::{At, Message};

pub(super) fn make(reading: &mut Reading, mut firewall: Firewall, options: &Options) {
    Family::ALL.into_iter().for_each(|family| reading.speaks_of(family));
    let own: Vec<(String, Vec<Address>)> = firewall
        .interfaces
        .iter()
        .map(|named| {
            let addresses = named.interface.addresses.iter().map(|(address, _)| *address).collect();
            (named.interface.name.clone(), addresses)
        })
        .collect();
    let mut lists: BTreeMap<String, (ChainId, At)> = BTreeMap::new();
    let mut helpers = Vec::new();
    let names: Vec<(String, At)> = firewall.lists.iter().map(|(name, (at, _))| (name.clone(), *at)).collect();
    let bound: Vec<&str> = firewall.groups.iter().map(|(_, name, _)| name.as_str()).collect();
    for (name, at) in names {
        let chain = reading.chain(name.clone(), at);
        let used = bound.contains(&name.as_str()) || bound.is_empty();
        for rule in rules(reading, &firewall, &own, &name) {
            if used {
                helpers.extend(opened(&firewall.inspected, &rule));
            }
            reading.rule(chain, rule);
        }
        lists.insert(name, (chain, at));
    }
    if let Some(at) = firewall.groups.first().map(|group| group.0).or_else(|| first_interface(&firewall)) {
        translations(reading, &mut firewall, at);
        let inspection = reading.chain("inspection", at);
        helpers.into_iter().for_each(|rule| reading.rule(inspection, rule));
        filters(reading, &firewall, &lists, inspection);
    }
    if let Some(name) = options.acl.as_deref().or_else(|| lonely(&firewall, &lists)) {
        chosen(reading, &lists, name);
    } else if firewall.interfaces.is_empty() && firewall.groups.is_empty() {
        excerpt(reading, &lists);
    }
    reading.device.interfaces_complete = !firewall.interfaces.is_empty() && options.acl.is_none();
    reading.device.interfaces.extend(firewall.interfaces.into_iter().map(|named| named.interface));
}

fn first_interface(firewall: &Firewall) -> Option<At> {
    firewall.interfaces.first().map(|named| named.interface.at)
}

/// The only list of a file without interfaces stands for the way through the device.
fn lonely<'l>(firewall: &Firewall, lists: &'l BTreeMap<String, (ChainId, At)>) -> Option<&'l str> {
    let alone = firewall.interfaces.is_empty() && firewall.groups.is_empty() && lists.len() == 1;
    lists.keys().next().filter(|_| alone).map(String::as_str)
}

fn chosen(reading: &mut Reading, lists: &BTreeMap<String, (ChainId, At)>, name: &str) {
    let Some(&(chain, at)) = lists.get(name) else {
        let known = lists.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        reading.fatal(
            At { file: 0, line: 1, column: 1 },
            Message::new(
                format!("ACL「{name}」はありません。あるもの: {known}"),
                format!("there is no access list \"{name}\"; those that are: {known}"),
            ),
        );
        return;
    };
    reading.device.steps.clear();
    push(reading, Hook::Forward, Vec::new(), (chain, at), ByDefault::Drop);
    reading.device.assumptions.push(Message::new(
        format!("ACL「{name}」を機器の転送経路とみなしました"),
        format!("the access list \"{name}\" was taken for the way through the device"),
    ));
}

/// Neither interfaces nor one list: what the device denies is not known.
fn excerpt(reading: &mut Reading, lists: &BTreeMap<String, (ChainId, At)>) {
    let names = lists.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let at = At { file: 0, line: 1, column: 1 };
    reading.fatal(
        at,
        Message::new(
            format!("インターフェースのない設定です。ACLを --acl で選んでください: {names}"),
            format!("a configuration without interfaces; choose an access list with --acl: {names}"),
        ),
    );
}

fn push(reading: &mut Reading, hook: Hook, guard: Vec<Condition>, (chain, at): (ChainId, At), default: ByDefault) {
    let decides = hook != Hook::Output;
    reading.device.steps.push(Step { hook, guard, chain, default, default_at: at, decides });
}

/// Destinations are translated back before the lists; sources behind them.
fn translations(reading: &mut Reading, firewall: &mut Firewall, at: At) {
    let lines = std::mem::take(&mut firewall.nat);
    if lines.is_empty() {
        return;
    }
    let mut made = Translations::default();
    // Twice NAT comes before object NAT, and `after-auto` behind it.
    let place = |(_, object, words): &(At, Option<String>, Vec<String>)| match object {
        None if words.iter().any(|word| word == "after-auto") => 2,
        None => 0,
        // Static objects before dynamic ones.
        Some(_) => 1,
    };
    let mut ordered = lines;
    let dynamic = |words: &[String]| words.get(2).is_some_and(|kind| kind == "dynamic");
    ordered.sort_by_key(|line| (place(line), line.1.is_some() && dynamic(&line.2)));
    for (at, object, words) in &ordered {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let entering = made.entering.len();
        made.line(reading, &firewall.objects, (*at, object.as_deref()), &words);
        if words.last() == Some(&"inactive") && made.entering.len() == entering {
            reading.settle(*at, crate::source::Fate::Irrelevant);
        }
    }
    for (hook, name, rules) in
        [(Hook::Ingress, "nat entering", made.entering), (Hook::Egress, "nat leaving", made.leaving)]
    {
        let chain = reading.chain(name, at);
        rules.into_iter().for_each(|rule| reading.rule(chain, rule));
        let (guard, default) = (Vec::new(), ByDefault::Accept);
        reading.device.steps.push(Step { hook, guard, chain, default, default_at: at, decides: false });
    }
}

fn filters(reading: &mut Reading, firewall: &Firewall, lists: &BTreeMap<String, (ChainId, At)>, inspection: ChainId) {
    let global = firewall.groups.iter().find(|(_, _, bound)| bound.is_none());
    for (at, name, bound) in &firewall.groups {
        let named = |name: &String| firewall.interfaces.iter().any(|known| known.interface.name == *name);
        if let Some((interface, _)) = bound.as_ref().filter(|(interface, _)| !named(interface)) {
            let message = Message::new(
                format!("インターフェース「{interface}」が設定にありません"),
                format!("there is no interface \"{interface}\" in the configuration"),
            );
            reading.unread(*at, Some(message));
        }
        if !lists.contains_key(name) {
            let message = Message::new(
                format!("ACL「{name}」は定義されていません"),
                format!("the access list \"{name}\" is not defined"),
            );
            reading.unread(*at, Some(message));
        }
    }
    let mut leaving = Vec::new();
    for named in &firewall.interfaces {
        let name = &named.interface.name;
        let of = |side: Side| {
            firewall
                .groups
                .iter()
                .find(|(_, _, bound)| bound.as_ref().is_some_and(|found| *found == (name.clone(), side)))
        };
        let entering = of(Side::In);
        let mut jumps: Vec<(At, ChainId)> = Vec::new();
        for (at, list, _) in entering.into_iter().chain(global) {
            jumps.extend(lists.get(list).map(|(chain, _)| (*at, *chain)));
        }
        let at = entering.or(global).map_or(named.interface.at, |group| group.0);
        let hook = if jumps.is_empty() { Hook::Forward } else { Hook::Ingress };
        let chain = reading.chain(format!("entering {name}"), at);
        reading.rule(chain, Rule::new(at, Vec::new(), Action::Jump(inspection)));
        for (at, list) in &jumps {
            reading.rule(chain, Rule::new(*at, Vec::new(), Action::Jump(*list)));
        }
        if jumps.is_empty() && named.interface.up {
            levels(reading, firewall, (chain, inspection), (name, named.level, at));
        }
        push(reading, hook, vec![Condition::interface(Side::In, name)], (chain, at), ByDefault::Drop);
        if !jumps.is_empty() {
            same_level(reading, firewall, (name, named.level, at));
        }
        if let Some((at, list, _)) = of(Side::Out)
            && let Some((list, _)) = lists.get(list)
        {
            leaving.push((name.clone(), *at, *list));
        }
    }
    // Lists on the way out are asked before the source is translated.
    let mut first = Vec::new();
    for (name, at, list) in leaving {
        let chain = reading.chain(format!("leaving {name}"), at);
        reading.rule(chain, Rule::new(at, Vec::new(), Action::Jump(inspection)));
        reading.rule(chain, Rule::new(at, Vec::new(), Action::Jump(list)));
        let guard = vec![Condition::interface(Side::Out, &name)];
        let default = ByDefault::Drop;
        first.push(Step { hook: Hook::Egress, guard, chain, default, default_at: at, decides: true });
    }
    reading.device.steps.splice(0..0, first);
    let at = first_interface(firewall).unwrap_or_default();
    let chain = reading.chain("addressed to the firewall", at);
    firewall.local.iter().for_each(|rule| reading.rule(chain, rule.clone()));
    reading.rule(chain, Rule::new(at, vec![Condition::protocol(1)], Action::Accept));
    reading.rule(chain, Rule::new(at, vec![Condition::protocol(58)], Action::Accept));
    push(reading, Hook::Input, Vec::new(), (chain, at), ByDefault::Drop);
}

/// Without a list: what goes to a lower level passes, and to the same level where that is permitted.
fn levels(
    reading: &mut Reading,
    firewall: &Firewall,
    (chain, inspection): (ChainId, ChainId),
    (name, level, at): (&str, u8, At),
) {
    for other in firewall.interfaces.iter().filter(|other| other.interface.up) {
        let same = other.level == level
            && if other.interface.name == name { firewall.same_intra } else { firewall.same_inter };
        if other.level < level || same {
            let when = vec![Condition::interface(Side::Out, &other.interface.name)];
            reading.rule(chain, Rule::new(at, when, Action::Accept));
            // What an inspection opens for it comes from there.
            if !firewall.inspected.is_empty() {
                let when = vec![Condition::interface(Side::In, &other.interface.name), Condition::Unread];
                reading.rule(inspection, Rule::new(at, when, Action::Accept));
            }
        }
    }
}

/// Whether a list alone lets packets pass between interfaces of one level differs: nothing is certain of them.
fn same_level(reading: &mut Reading, firewall: &Firewall, (name, level, at): (&str, u8, At)) {
    let mut blocked = Vec::new();
    for other in firewall.interfaces.iter().filter(|other| other.level == level) {
        let permitted = if other.interface.name == name { firewall.same_intra } else { firewall.same_inter };
        if !permitted {
            blocked.push(other.interface.name.as_str());
        }
    }
    if blocked.is_empty() {
        return;
    }
    let chain = reading.chain(format!("same level as {name}"), at);
    for other in blocked {
        let when = vec![Condition::interface(Side::Out, other), Condition::Sometimes];
        reading.rule(chain, Rule::new(at, when, Action::Drop));
    }
    let guard = vec![Condition::interface(Side::In, name)];
    let default = ByDefault::Accept;
    reading.device.steps.push(Step { hook: Hook::Forward, guard, chain, default, default_at: at, decides: false });
}

/// What an inspection may open for what a rule permits: any port between the two ends, both ways.
fn opened(inspected: &[(u8, u16)], rule: &Rule) -> Vec<Rule> {
    if rule.action != Action::Accept || rule.disabled || !inspected.iter().any(|port| may_be(&rule.when, *port)) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for back in [false, true] {
        let mut when = vec![Condition::Unread];
        for condition in &rule.when {
            match condition {
                Condition::In(Field::Family, _) => when.push(condition.clone()),
                Condition::In(Field::Source, set) => {
                    let field = if back { Field::Destination } else { Field::Source };
                    when.push(Condition::In(field, set.clone()));
                }
                Condition::In(Field::Destination, set) => {
                    let field = if back { Field::Source } else { Field::Destination };
                    when.push(Condition::In(field, set.clone()));
                }
                _ => {}
            }
        }
        out.push(Rule { period: rule.period, ..Rule::new(rule.at, when, Action::Accept) });
    }
    out
}

/// Whether packets to a port may match.
fn may_be(when: &[Condition], (number, port): (u8, u16)) -> bool {
    let inside = |set: &Intervals, value: u128| set.contains(value);
    when.iter().all(|condition| match condition {
        Condition::In(Field::Protocol, set) => inside(set, number.into()),
        Condition::In(Field::DestinationPort, set) => inside(set, port.into()),
        Condition::OneOf(any) => any.iter().any(|all| may_be(all, (number, port))),
        _ => true,
    })
}
