//! The judge: claims against a network.
//!
//! Questions come first: a claim's pair of zones is what remains to be decided, every rule takes its part of it, and a
//! permit that takes any of what no flow lists is an offending line with exactly that part. Unread lines split the answer
//! into what may and what must pass.

mod bounds;
mod claim;
mod coverage;
mod difference;
mod explain;
mod findings;
mod journey;
mod matching;
mod passage;
mod permitted;
mod proposal;
mod relays;
mod remedy;
mod rest;
mod step;
mod too_wide;
mod verdict;
mod witness;

pub use difference::{Change, Difference, difference};
pub use explain::{Explanation, explain, parse_packet};
pub use verdict::{
    Accepts, AnyRule, BoxText, ClaimVerdict, Covered, DeviceAccess, Input, Judgement, Neighbour, PacketText, PathStep,
    Place, PlacedProblem, Proposal, RelayFinding, TooWide, Verdict, Violation,
};

use std::collections::BTreeSet;

use self::claim::Case;
use self::journey::Ground;
use self::passage::Permit;
use crate::address::Family;
use crate::claims::Claims;
use crate::diagram::{PacketBox, number_range};
use crate::dialects;
use crate::document::Day;
use crate::ir::{Action, Configuration};
use crate::network::Network;
use crate::source::{At, Fate, Message};

/// Lines that are shown before and behind an offending one.
const CONTEXT: u32 = 1;

/// What a judgement depends on beside the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The day that is judged.
    pub on: Day,
}

/// Families that every device's configuration speaks of.
pub fn families_judged(network: &Network) -> Vec<Family> {
    let speaks =
        |family: &Family| network.devices.iter().all(|placed| placed.configuration.device.families.contains(family));
    Family::ALL.into_iter().filter(speaks).collect()
}

/// Judges every claim. Problems that make a configuration unreadable are the caller's to refuse before
/// ([`fatal_problems`]); here they make everything unknown.
pub fn judge(network: &Network, claims: &Claims, settings: Settings) -> Judgement {
    let families = families_judged(network);
    let ground = Ground::new(network, claims);
    let case = |pair| Case { ground: &ground, families: &families, settings, pair };
    let unreadable =
        network.devices.iter().flat_map(|placed| &placed.configuration.problems).any(|problem| problem.fatal);
    let mut verdicts: Vec<ClaimVerdict> = claims.pairs().into_iter().map(|pair| case(pair).judge()).collect();
    if unreadable || families.is_empty() {
        for claim in verdicts.iter_mut().filter(|claim| claim.verdict == Verdict::Holds) {
            claim.verdict = Verdict::Unknown;
            claim.why =
                Some(Message::new("設定の一部を読めませんでした", "a part of the configuration could not be read"));
        }
    }
    let proposal = proposal::propose(network, claims, settings, &verdicts);
    let expired = |flow: &&crate::claims::Flow| !flow.permitted_on(settings.on);
    let unused = claims
        .flows
        .iter()
        .filter(|flow| !expired(flow))
        .filter(|flow| case((flow.from, flow.to)).uses(flow) == Some(false));
    let coverage = coverage::find(network, settings.on);
    Judgement {
        families_judged: families.iter().map(|family| family.id()).collect(),
        claims: verdicts,
        unused_flows: unused.map(|flow| flow.id.clone()).collect(),
        expired_flows: claims.flows.iter().filter(expired).map(|flow| flow.id.clone()).collect(),
        open_flows: claims.flows.iter().filter(|flow| flow.is_open()).map(|flow| flow.id.clone()).collect(),
        any_rules: findings::any_rules(network, settings.on),
        shadowed: coverage.shadowed,
        redundant: coverage.redundant,
        relays: relays::find(network, claims),
        device_access: findings::device_access(&ground, &families, settings),
        proposal,
        inputs: inputs(network),
        assumptions: assumptions(network, &families).into_iter().chain(coverage.cut_short).collect(),
        problems: problems(network),
    }
}

/// Judges one claim only; `None` when there is no such pair of zones.
pub fn judge_claim(
    network: &Network,
    claims: &Claims,
    settings: Settings,
    (from, to): (&str, &str),
) -> Option<ClaimVerdict> {
    let pair = claims.zone(from).zip(claims.zone(to))?;
    let families = families_judged(network);
    let ground = Ground::new(network, claims);
    Some(Case { ground: &ground, families: &families, settings, pair }.judge())
}

/// Flows of which the devices do not let every packet through.
pub fn partly_blocked(network: &Network, claims: &Claims, settings: Settings) -> Vec<String> {
    let families = families_judged(network);
    let ground = Ground::new(network, claims);
    let blocked = claims.flows.iter().filter(|flow| flow.permitted_on(settings.on)).filter(|flow| {
        let case = Case { ground: &ground, families: &families, settings, pair: (flow.from, flow.to) };
        !case.carries_whole(flow)
    });
    blocked.map(|flow| flow.id.clone()).collect()
}

/// The problems because of which nothing can be judged.
pub fn fatal_problems(network: &Network) -> Vec<PlacedProblem> {
    network.devices.iter().flat_map(|placed| placed_problems(&placed.configuration, true)).collect()
}

fn problems(network: &Network) -> Vec<PlacedProblem> {
    network.devices.iter().flat_map(|placed| placed_problems(&placed.configuration, false)).collect()
}

fn placed_problems(configuration: &Configuration, only_fatal: bool) -> Vec<PlacedProblem> {
    let wanted = configuration.problems.iter().filter(|problem| problem.fatal || !only_fatal);
    wanted
        .map(|problem| PlacedProblem {
            file: configuration.file(problem.at).to_owned(),
            line: problem.at.line,
            column: problem.at.column,
            message: problem.message.clone(),
        })
        .collect()
}

fn inputs(network: &Network) -> Vec<Input> {
    let mut out = Vec::new();
    for placed in &network.devices {
        let device = &placed.configuration.device;
        for (file, source) in (0u32..).zip(&placed.configuration.sources) {
            let rules = device.chains.iter().flat_map(|chain| &chain.rules).filter(|rule| rule.at.file == file);
            out.push(Input {
                file: source.name.clone(),
                sha256: source.sha256.clone(),
                dialect: source.dialect.clone(),
                proved: dialects::by_id(&source.dialect).is_some_and(|dialect| dialect.proved),
                lines: source.lines.len(),
                rules: rules.filter(|rule| !matches!(rule.action, Action::Continue) || !rule.when.is_empty()).count(),
                unread: source.fates.iter().filter(|fate| **fate == Fate::Unread).count(),
            });
        }
    }
    out
}

fn sources(network: &Network) -> impl Iterator<Item = &crate::source::Source> {
    network.devices.iter().flat_map(|placed| &placed.configuration.sources)
}

fn assumptions(network: &Network, families: &[Family]) -> Vec<Message> {
    let mut out = Vec::new();
    match families {
        [Family::Ip4] => out.push(Message::new(
            "IPv4のみ判定しました（IPv6の設定がありません）",
            "IPv4 only: nothing says what happens to IPv6",
        )),
        [Family::Ip6] => out.push(Message::new(
            "IPv6のみ判定しました（IPv4の設定がありません）",
            "IPv6 only: nothing says what happens to IPv4",
        )),
        _ => {}
    }
    if !network.connected {
        out.push(Message::new(
            "ネットワークの構成ファイルがないため、どのインターフェースの組でも通るものとして判定しました",
            "without a network file, packets were taken to pass between any pair of interfaces",
        ));
    }
    let unproved: BTreeSet<&str> = sources(network)
        .filter(|source| dialects::by_id(&source.dialect).is_some_and(|dialect| !dialect.proved))
        .map(|source| source.dialect.as_str())
        .collect();
    if sources(network).any(|source| source.dialect == "ios") {
        out.push(Message::new(
            "形式「ios」で第三者の出力と照合できているのはACLの行です。オブジェクトグループ、期間、アドレス変換、経路の読み方は自前の試験だけで確かめています",
            "of the dialect \"ios\", list entries are confirmed by an independent writer; object groups, time ranges, translation and \
             routes by our own tests only",
        ));
    }
    for dialect in unproved {
        out.push(Message::new(
            format!("形式「{dialect}」の解釈は、実機や第三者の読み取り結果で確かめられていません（unproved）"),
            format!("how the dialect \"{dialect}\" is read is unproved: no real device or independent reader has confirmed it"),
        ));
    }
    out.extend(network.devices.iter().flat_map(|placed| placed.configuration.device.assumptions.clone()));
    out
}

impl Ground<'_> {
    /// Where a permit stands, and its column. Packets that no step looked at have none: the first line stands for them.
    pub(crate) fn place(&self, permit: Option<Permit>) -> (Place, u32) {
        let (device, at) = permit.map_or((0, At { file: 0, line: 1, column: 1 }), |permit| (permit.device, permit.at));
        let Some(placed) = self.network.devices.get(device) else {
            return (Place { file: String::new(), line: at.line, text: String::new() }, at.column);
        };
        let configuration = &placed.configuration;
        let place = Place { file: configuration.file(at).to_owned(), line: at.line, text: configuration.shown(at) };
        (place, at.column)
    }

    /// The line of a permit with those beside it.
    pub(crate) fn context(&self, permit: Option<Permit>) -> Vec<Neighbour> {
        let Some(permit) = permit else { return Vec::new() };
        let Some(placed) = self.network.devices.get(permit.device) else { return Vec::new() };
        let source = usize::try_from(permit.at.file).ok().and_then(|file| placed.configuration.sources.get(file));
        let Some(source) = source else { return Vec::new() };
        let around = permit.at.line.saturating_sub(CONTEXT).max(1)..=permit.at.line.saturating_add(CONTEXT);
        let there = around.filter(|&line| usize::try_from(line).is_ok_and(|line| line <= source.lines.len()));
        there.map(|line| Neighbour { line, text: source.text(line).to_owned() }).collect()
    }

    pub(crate) fn places(&self, list: impl Iterator<Item = (usize, At)>) -> Vec<Place> {
        let found: BTreeSet<Place> =
            list.map(|(device, at)| self.place(Some(Permit { device, at, rule: true })).0).collect();
        found.into_iter().collect()
    }
}

pub(crate) fn box_text(found: &PacketBox) -> BoxText {
    BoxText {
        source: found.source_text(),
        destination: found.destination_text(),
        protocol: found.protocol_text(),
        source_port: number_range(found.source_port),
        destination_port: number_range(found.destination_port),
    }
}
