//! From what was read to chains and steps.

use std::collections::BTreeMap;

use super::acl::List;
use super::entry::{self, Scope};
use super::statics::What;
use super::{Options, Router};
use crate::address::Family;
use crate::intervals::Intervals;
use crate::ir::{
    Action, AddressTo, ChainId, Condition, Default, Field, Hook, InterfaceName, Rule, Side, Step, Translation,
};
use crate::reading::Reading;
use crate::source::{At, Message};

type Chains = BTreeMap<(Family, String), (ChainId, At, bool)>;

pub(super) fn finish(reading: &mut Reading, router: Router, options: &Options) {
    let mut chains = Chains::new();
    for ((family, name), list) in &router.lists.by_name {
        let id = chain(reading, &router, name, list);
        chains.insert((*family, name.clone()), (id, list.at, list.entries.is_empty()));
    }
    if router.routes_ipv6 {
        reading.speaks_of(Family::Ip6);
    }
    let bound = router.interfaces.iter().any(|read| !read.groups.is_empty());
    match &options.acl {
        Some(name) => chosen(reading, &chains, name),
        None if bound => bindings(reading, &router, &chains),
        None => lonely(reading, &chains),
    }
    let complete = options.acl.is_none() && bound;
    translations(reading, &router);
    reading.device.interfaces_complete = complete;
    reading.device.interfaces.extend(router.interfaces.into_iter().map(|read| read.interface));
}

fn chain(reading: &mut Reading, router: &Router, name: &str, list: &List) -> ChainId {
    let id = reading.chain(name, list.at);
    for (_, at, words) in &list.entries {
        let scope = Scope { objects: &router.objects, family: list.family, standard: list.standard, at: *at };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match entry::read(reading, &scope, &words) {
            Some(rule) => reading.rule(id, rule),
            None => reading.unread_rule(id, *at, vec![Condition::family(list.family)]),
        }
    }
    id
}

/// An access list ends with a deny of everything; one without any entry lets everything pass.
fn step(hook: Hook, mut guard: Vec<Condition>, family: Family, &(chain, at, empty): &(ChainId, At, bool)) -> Step {
    guard.push(Condition::family(family));
    let default = if empty { Default::Accept } else { Default::Drop };
    Step { hook, guard, chain, default, default_at: at, decides: true }
}

fn bindings(reading: &mut Reading, router: &Router, chains: &Chains) {
    for read in &router.interfaces {
        for (family, name, hook, at) in &read.groups {
            let Some(found) = chains.get(&(*family, name.clone())) else {
                let message = Message::new(
                    format!("ACL「{name}」は定義されていません（IOSではすべて通ります）"),
                    format!("the access list \"{name}\" is not defined; IOS lets everything pass then"),
                );
                reading.problem(*at, message);
                continue;
            };
            let side = if *hook == Hook::Ingress { Side::In } else { Side::Out };
            let guard = vec![Condition::interface(side, &read.interface.name)];
            reading.device.steps.push(step(*hook, guard.clone(), *family, found));
            // What is addressed to the router passes the list of the interface where it comes in.
            if *hook == Hook::Ingress {
                reading.device.steps.push(step(Hook::Input, guard, *family, found));
            }
        }
    }
}

/// The access list of `--acl` stands for the way through the device.
fn chosen(reading: &mut Reading, chains: &Chains, name: &str) {
    let mut found = false;
    for ((family, _), list) in chains.iter().filter(|((_, known), _)| known == name) {
        found = true;
        reading.device.steps.push(step(Hook::Forward, Vec::new(), *family, list));
    }
    if !found {
        let known = chains.keys().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
        let at = At { file: 0, line: 1, column: 1 };
        reading.fatal(
            at,
            Message::new(
                format!("ACL「{name}」はありません。あるもの: {known}"),
                format!("there is no access list \"{name}\"; those that are: {known}"),
            ),
        );
        return;
    }
    reading.device.assumptions.push(Message::new(
        format!("ACL「{name}」を機器の転送経路とみなしました"),
        format!("the access list \"{name}\" was taken for the way through the device"),
    ));
}

/// Without bindings, the only access list of a family stands for the way through the device.
fn lonely(reading: &mut Reading, chains: &Chains) {
    for family in Family::ALL {
        let of: Vec<_> = chains.iter().filter(|((known, _), _)| *known == family).collect();
        match of.as_slice() {
            [] => {}
            [((_, name), list)] => {
                reading.device.steps.push(step(Hook::Forward, Vec::new(), family, list));
                reading.device.assumptions.push(Message::new(
                    format!("どのインターフェースにも適用されていないACL「{name}」を、機器の転送経路とみなしました"),
                    format!(
                        "no interface uses the access list \"{name}\": it was taken for the way through the device"
                    ),
                ));
            }
            several => {
                let names = several.iter().map(|((_, name), _)| name.as_str()).collect::<Vec<_>>().join(", ");
                let at = several.first().map_or(At::default(), |(_, list)| list.1);
                reading.fatal(
                    at,
                    Message::new(
                        format!(
                            "どのインターフェースにも適用されていないACLが複数あります。--acl で選んでください: {names}"
                        ),
                        format!("several access lists and no interface that uses one; choose with --acl: {names}"),
                    ),
                );
            }
        }
    }
}

/// Translation of inside addresses: destinations when packets come in from outside (behind the list of that interface),
/// sources when they leave to the outside (before the list of that interface).
fn translations(reading: &mut Reading, router: &Router) {
    if router.translations.is_empty() {
        return;
    }
    let outside: Vec<InterfaceName> = router
        .interfaces
        .iter()
        .filter(|read| read.nat == Some(false))
        .map(|read| InterfaceName::Exact(read.interface.name.clone()))
        .collect();
    let first = router.translations.first().map_or(At::default(), |known| known.at);
    let (enter, leave) = (reading.chain("nat outside in", first), reading.chain("nat inside out", first));
    for known in &router.translations {
        let family = Condition::family(Family::Ip4);
        match &known.what {
            What::Inside { local, global, service } => {
                let one = |field, number: u128| Condition::In(field, Intervals::one(number));
                let to = |address: crate::address::Address| {
                    Some(AddressTo::Range(Family::Ip4, address.number, address.number))
                };
                let mut when_in = vec![family.clone(), one(Field::Destination, global.number)];
                let mut when_out = vec![family, one(Field::Source, local.number)];
                let mut inwards = Translation { destination: to(*local), ..Translation::default() };
                let mut outwards = Translation { source: to(*global), ..Translation::default() };
                if let Some((number, port, outer)) = service {
                    when_in.extend([Condition::protocol(*number), one(Field::DestinationPort, (*outer).into())]);
                    when_out.extend([Condition::protocol(*number), one(Field::SourcePort, (*port).into())]);
                    inwards.destination_port = Some((*port, *port));
                    outwards.source_port = Some((*outer, *outer));
                }
                reading.rule(enter, Rule::new(known.at, when_in, Action::Translate(inwards)));
                reading.rule(leave, Rule::new(known.at, when_out, Action::Translate(outwards)));
            }
            What::Dynamic => {
                // Whether a packet is translated depends on a list; either way it passes.
                let unknown = Translation {
                    source: Some(AddressTo::Unknown),
                    source_port: Some((0, u16::MAX)),
                    ..Translation::default()
                };
                reading
                    .rule(leave, Rule::new(known.at, vec![family, Condition::Sometimes], Action::Translate(unknown)));
            }
        }
    }
    let guard = |side| vec![Condition::Interface { side, names: outside.clone(), negated: false }];
    let step = |hook, side, chain| Step {
        hook,
        guard: guard(side),
        chain,
        default: Default::Accept,
        default_at: first,
        decides: false,
    };
    let mut steps = std::mem::take(&mut reading.device.steps);
    steps.push(step(Hook::Ingress, Side::In, enter));
    steps.insert(0, step(Hook::Egress, Side::Out, leave));
    reading.device.steps = steps;
}
