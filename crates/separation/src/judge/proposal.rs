//! The smallest change of each offending line that makes its claims hold, proved again with all changes made.

use std::collections::BTreeMap;

use super::claim::Case;
use super::journey::Ground;
use super::remedy;
use super::verdict::{ClaimVerdict, Proposal, Verdict};
use super::{Settings, families_judged};
use crate::address::Family;
use crate::claims::{Claims, Flow};
use crate::intervals::Intervals;
use crate::ir::{Action, ChainId, Condition, Field, Rule, State};
use crate::network::Network;
use crate::source::{At, Message};

/// Most offending lines for which changes are proposed.
const MAX_LINES: usize = 500;

/// An offending line and the pairs of zones that it breaks.
#[derive(Debug)]
struct Offence {
    device: usize,
    chain: ChainId,
    /// Index of the rule; `None` for what happens without a rule.
    rule: Option<usize>,
    at: At,
    pairs: Vec<(usize, usize)>,
}

/// Proposes a change for every line of the broken claims.
pub(super) fn propose(
    network: &Network,
    claims: &Claims,
    settings: Settings,
    verdicts: &[ClaimVerdict],
) -> Vec<Proposal> {
    let offences = offences(network, claims, verdicts);
    if offences.is_empty() || offences.len() > MAX_LINES {
        return Vec::new();
    }
    // Taking a line out is the smaller change, but what it covered may meet a wider one behind it.
    let deleting: Vec<bool> =
        offences.iter().map(|offence| lets_nothing_else_through(network, claims, offence)).collect();
    let first = prove(network, claims, settings, &offences, &deleting);
    if first.iter().all(|proposal| proposal.then == Verdict::Holds) {
        return first;
    }
    let second = prove(network, claims, settings, &offences, &vec![false; offences.len()]);
    let better = |list: &[Proposal]| list.iter().filter(|proposal| proposal.then == Verdict::Holds).count();
    if better(&second) > better(&first) { second } else { first }
}

fn offences(network: &Network, claims: &Claims, verdicts: &[ClaimVerdict]) -> Vec<Offence> {
    let mut places: BTreeMap<(String, u32, u32), Vec<(usize, usize)>> = BTreeMap::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.verdict == Verdict::Broken) {
        let Some(pair) = claims.zone(&verdict.from).zip(claims.zone(&verdict.to)) else { continue };
        for violation in &verdict.violations {
            places.entry((violation.file.clone(), violation.line, violation.column)).or_default().push(pair);
        }
    }
    let mut out = Vec::new();
    for (device, placed) in network.devices.iter().enumerate() {
        let configuration = &placed.configuration;
        let mut found = |at: At, chain: ChainId, rule: Option<usize>| {
            let key = (configuration.file(at).to_owned(), at.line, at.column);
            if let Some(pairs) = places.get(&key) {
                out.push(Offence { device, chain, rule, at, pairs: pairs.clone() });
            }
        };
        for (id, chain) in (0u32..).zip(&configuration.device.chains) {
            for (index, rule) in chain.rules.iter().enumerate().filter(|(_, rule)| rule.action == Action::Accept) {
                found(rule.at, ChainId(id), Some(index));
            }
        }
        // What is thrown away without a rule offends nobody, though its line may be that of a rule.
        let lets_pass = |step: &&crate::ir::Step| step.decides && step.default != crate::ir::Default::Drop;
        for step in configuration.device.steps.iter().filter(lets_pass) {
            if step.hook != crate::ir::Hook::Input && step.hook != crate::ir::Hook::Output {
                found(step.default_at, step.chain, None);
            }
        }
    }
    out
}

/// Whether the rule is about one broken pair of zones only and carries no flow of it.
fn lets_nothing_else_through(network: &Network, claims: &Claims, offence: &Offence) -> bool {
    let Some(rule) = rule_of(network, offence) else { return false };
    let [(from, to)] = offence.pairs.as_slice() else { return false };
    let inside = |field: Field, zone: usize| {
        let zone = claims.zones.get(zone);
        rule.when.iter().any(|condition| match condition {
            Condition::In(of, set) if *of == field => zone.is_some_and(|zone| {
                Family::ALL.iter().any(|&family| !set.is_empty() && set.is_subset(zone.addresses.of(family)))
            }),
            _ => false,
        })
    };
    let carries = |flow: &Flow| {
        let meets = |field: Field, of: &crate::claims::Addresses| {
            rule.when.iter().all(|condition| match condition {
                Condition::In(known, set) if *known == field => {
                    Family::ALL.iter().any(|&family| set.overlaps(of.of(family)))
                }
                _ => true,
            })
        };
        meets(Field::Source, &flow.source) && meets(Field::Destination, &flow.destination)
    };
    inside(Field::Source, *from) && inside(Field::Destination, *to) && !claims.flows.iter().any(carries)
}

fn rule_of<'n>(network: &'n Network, offence: &Offence) -> Option<&'n Rule> {
    let device = &network.devices.get(offence.device)?.configuration.device;
    device.chains.get(offence.chain.0 as usize)?.rules.get(offence.rule?)
}

fn prove(
    network: &Network,
    claims: &Claims,
    settings: Settings,
    offences: &[Offence],
    deleting: &[bool],
) -> Vec<Proposal> {
    let mut changed = network.clone();
    let tracked = Ground::new(network, claims).tracked;
    // From the last rule to the first, so that the indices of those before stay right.
    let mut order: Vec<usize> = (0..offences.len()).collect();
    order.sort_by_key(|&index| {
        let place = |offence: &Offence| (offence.device, offence.chain, offence.rule.map_or(0, |rule| rule + 1));
        std::cmp::Reverse(offences.get(index).map(place))
    });
    for index in order {
        if let (Some(offence), Some(&delete)) = (offences.get(index), deleting.get(index)) {
            change(&mut changed, claims, settings, offence, (delete, tracked));
        }
    }
    let families = families_judged(&changed);
    let ground = Ground::new(&changed, claims);
    let mut verdicts: BTreeMap<(usize, usize), Verdict> = BTreeMap::new();
    for &pair in offences.iter().flat_map(|offence| &offence.pairs) {
        verdicts
            .entry(pair)
            .or_insert_with(|| Case { ground: &ground, families: &families, settings, pair }.judge().verdict);
    }
    let worst = |pairs: &[(usize, usize)]| {
        let of = |pair| verdicts.get(pair).copied().unwrap_or(Verdict::Unknown);
        let all = || pairs.iter().map(of);
        if all().any(|verdict| verdict == Verdict::Broken) {
            Verdict::Broken
        } else if all().all(|verdict| verdict == Verdict::Holds) {
            Verdict::Holds
        } else {
            Verdict::Unknown
        }
    };
    let mut out: Vec<Proposal> = Vec::with_capacity(offences.len());
    for (offence, &delete) in offences.iter().zip(deleting) {
        let proposal = Proposal {
            file: network
                .devices
                .get(offence.device)
                .map_or_else(String::new, |placed| placed.configuration.file(offence.at).to_owned()),
            line: offence.at.line,
            change: with_commands(network, claims, offence, message(claims, settings, offence, delete), delete),
            claims: offence
                .pairs
                .iter()
                .map(|pair| (claims.id(pair.0).to_owned(), claims.id(pair.1).to_owned()))
                .collect(),
            then: worst(&offence.pairs),
        };
        // A line that stands in several chains is changed once.
        if !out.contains(&proposal) {
            out.push(proposal);
        }
    }
    out
}

fn change(
    network: &mut Network,
    claims: &Claims,
    settings: Settings,
    offence: &Offence,
    (delete, tracked): (bool, bool),
) {
    let Some(placed) = network.devices.get_mut(offence.device) else { return };
    let Some(chain) = placed.configuration.device.chains.get_mut(offence.chain.0 as usize) else { return };
    // What happens without a rule may be reached by a return from anywhere in the chain: only its beginning is before that.
    let at = offence.rule.unwrap_or(0);
    if delete && at < chain.rules.len() {
        chain.rules.remove(at);
        return;
    }
    let refusals = |&pair| Family::ALL.map(|family| refusal(claims, settings, pair, (family, tracked), offence.at));
    let drops: Vec<Rule> = offence.pairs.iter().flat_map(refusals).collect();
    chain.rules.splice(at..at, drops);
}

/// A rule that drops everything of a pair of zones but its flows.
fn refusal(
    claims: &Claims,
    settings: Settings,
    (from, to): (usize, usize),
    (family, tracked): (Family, bool),
    at: At,
) -> Rule {
    let zone =
        |zone: usize| claims.zones.get(zone).map_or_else(Intervals::empty, |zone| zone.addresses.of(family).clone());
    let flows = claims.flows.iter().filter(|flow| flow.permitted_on(settings.on));
    let via = claims.vias.iter().find(|via| (via.from, via.to) == (from, to));
    let mut listed = Vec::new();
    for flow in flows {
        let ports = || flow.ports.clone().unwrap_or_else(|| Intervals::range(0, 65_535));
        let sides = |source: &Intervals, destination: &Intervals, port: Field| {
            vec![
                Condition::In(Field::Source, source.clone()),
                Condition::In(Field::Destination, destination.clone()),
                Condition::In(Field::Protocol, flow.protocol.clone()),
                Condition::In(port, ports()),
            ]
        };
        let (source, destination) = (flow.source.of(family), flow.destination.of(family));
        if (flow.from, flow.to) == (from, to) {
            let source = via.map_or_else(|| source.clone(), |via| source.intersection(via.only.of(family)));
            listed.push(sides(&source, destination, Field::DestinationPort));
        }
        // Replies keep passing where nothing tracks connections.
        if !tracked && (flow.to, flow.from) == (from, to) {
            listed.push(sides(destination, source, Field::SourcePort));
        }
    }
    let mut when = vec![
        Condition::family(family),
        Condition::In(Field::Source, zone(from)),
        Condition::In(Field::Destination, zone(to)),
        Condition::NoneOf(listed),
    ];
    if tracked {
        when.push(Condition::state(&[State::New, State::Invalid, State::Untracked]));
    }
    Rule::new(at, when, Action::Drop)
}

/// The change with the commands that carry it out, where the dialect has them and no flow has to be left out.
fn with_commands(network: &Network, claims: &Claims, offence: &Offence, change: Message, delete: bool) -> Message {
    let Some(placed) = network.devices.get(offence.device) else { return change };
    let configuration = &placed.configuration;
    let chain = configuration.device.chains.get(offence.chain.0 as usize).map_or("", |chain| chain.name.as_str());
    let commands = if delete {
        remedy::deleting(configuration, offence.at, chain).into_iter().collect()
    } else {
        let of = |zone: usize, family: Family| claims.zones.get(zone).map(|zone| zone.addresses.of(family).clone());
        let listed = |pair: (usize, usize)| {
            let flow = |flow: &Flow| (flow.from, flow.to) == pair || (flow.to, flow.from) == pair;
            claims.flows.iter().any(flow) || claims.vias.iter().any(|via| (via.from, via.to) == pair)
        };
        if offence.pairs.iter().any(|&pair| listed(pair)) {
            return change;
        }
        let mut sets = Vec::new();
        for &(from, to) in &offence.pairs {
            for family in families_judged(network) {
                sets.extend(of(from, family).zip(of(to, family)).map(|(from, to)| (family, from, to)));
            }
        }
        remedy::denying(configuration, offence.at, chain, &sets)
    };
    if commands.is_empty() {
        return change;
    }
    let commands = commands.join(" ; ");
    Message::new(format!("{}（例: {commands}）", change.ja), format!("{} (for example: {commands})", change.en))
}

fn message(claims: &Claims, settings: Settings, offence: &Offence, delete: bool) -> Message {
    if delete {
        return Message::new("この行を消す", "delete this line");
    }
    let mut ja = Vec::new();
    let mut en = Vec::new();
    for &(from, to) in &offence.pairs {
        let flows: Vec<&str> = claims
            .flows
            .iter()
            .filter(|flow| flow.permitted_on(settings.on) && (flow.from, flow.to) == (from, to))
            .map(|flow| flow.id.as_str())
            .collect();
        let (from, to) = (claims.id(from), claims.id(to));
        if flows.is_empty() {
            ja.push(format!("{from} → {to} をすべて破棄"));
            en.push(format!("drop everything {from} → {to}"));
        } else {
            let flows = flows.join(", ");
            ja.push(format!("{from} → {to} を破棄（{flows} を除く）"));
            en.push(format!("drop {from} → {to} except {flows}"));
        }
    }
    let (ja, en) = (ja.join("、"), en.join("; "));
    if offence.rule.is_some() {
        Message::new(format!("この行の前に規則を入れる: {ja}"), format!("put a rule before this line: {en}"))
    } else {
        Message::new(
            format!("チェーンの最初に規則を入れる: {ja}"),
            format!("put a rule at the beginning of the chain: {en}"),
        )
    }
}
