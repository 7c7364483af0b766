//! Judging one claim: may anything go from a zone to another beyond the listed flows, and by which lines.

use std::collections::BTreeMap;

use super::journey::{Arrived, Ground};
use super::matching::{Matched, SourceNow};
use super::passage::{Permit, Piece, Question};
use super::permitted::{between, counting, of_flow, permitted};
use super::step::Interest;
use super::verdict::{ClaimVerdict, TooWide, Verdict, Violation};
use super::{Settings, too_wide, witness};
use crate::address::{Family, range_text};
use crate::claims::{Addresses, Via};
use crate::diagram::{Level, Node};
use crate::intervals::Intervals;
use crate::source::Message;

/// Boxes that are listed for a line.
pub(crate) const MAX_BOXES: usize = 64;
/// Most leaking lines whose packets are joined for a second pass.
const MAX_SECOND: usize = 2_000;

/// What a line lets through that no flow lists.
#[derive(Debug, Default)]
pub(crate) struct Leak {
    pub(crate) may: Vec<Node>,
    pub(crate) must: Vec<Node>,
    /// Index of each piece that it came in, for the witness.
    pub(crate) pieces: Vec<usize>,
}

/// Everything about one claim while it is judged.
#[derive(Debug)]
pub(crate) struct Case<'a, 'g> {
    pub(crate) ground: &'g Ground<'a>,
    pub(crate) families: &'g [Family],
    pub(crate) settings: Settings,
    pub(crate) pair: (usize, usize),
}

impl<'a> Case<'a, '_> {
    fn addresses(&self, zone: usize) -> &'a Addresses {
        static NOWHERE: std::sync::OnceLock<Addresses> = std::sync::OnceLock::new();
        self.ground
            .claims
            .zones
            .get(zone)
            .map_or_else(|| NOWHERE.get_or_init(Addresses::default), |zone| &zone.addresses)
    }

    fn via(&self) -> Option<&'a Via> {
        self.ground.claims.vias.iter().find(|via| (via.from, via.to) == self.pair)
    }

    /// A question about packets of this claim.
    pub(crate) fn question(&self) -> Question {
        let mut question = Question::new(self.settings.on);
        let judged = |family: Family| self.families.contains(&family);
        let numbers = |addresses: &Addresses| {
            Family::ALL.map(|family| if judged(family) { addresses.of(family).clone() } else { Intervals::empty() })
        };
        question.interest = Interest {
            source: Some(numbers(self.addresses(self.pair.0))),
            destination: (!self.ground.moves_destinations).then(|| numbers(self.addresses(self.pair.1))),
        };
        question
    }

    /// Judges the claim. When only one step decides, every line is kept apart from the beginning; otherwise a first pass
    /// finds out what leaks at all, and only that is followed line by line. What all lines let through together can be a
    /// wide set where each line's own is not: a first pass that comes to its bound is left out.
    pub(crate) fn judge(&self) -> ClaimVerdict {
        let once = self.ground.decides_once();
        match self.attempt(once) {
            None if !once => self.attempt(true),
            found => found,
        }
        .unwrap_or_else(|| self.too_complex())
    }

    fn attempt(&self, by_line: bool) -> Option<ClaimVerdict> {
        let mut question = self.question();
        question.by_line = by_line;
        let permitted = permitted(&mut question, self.ground, self.families, self.pair, self.settings.on);
        let start = self.start(&mut question, permitted);
        let arrived = self.ground.travel(&mut question, self.pair.0, Matched::exactly(start));
        let leaks = self.leaks(&mut question, &arrived, permitted);
        if question.failed() {
            return None;
        }
        if leaks.is_empty() {
            return Some(self.nothing_leaks());
        }
        // Of the unread lines, those count that something leaking meets: a second pass tells.
        if by_line && (question.unread.is_empty() || leaks.len() > MAX_SECOND) {
            return self.report(question, &arrived, leaks);
        }
        let start = if self.ground.moves_destinations {
            start
        } else {
            question.diagrams.union(leaks.into_values().flat_map(|leak| leak.may).collect())
        };
        question.by_line = true;
        question.unread.clear();
        let arrived = self.ground.travel(&mut question, self.pair.0, Matched::exactly(start));
        let leaks = self.leaks(&mut question, &arrived, permitted);
        self.report(question, &arrived, leaks)
    }

    fn nothing_leaks(&self) -> ClaimVerdict {
        let both = |family: &Family| {
            !self.addresses(self.pair.0).of(*family).is_empty() && !self.addresses(self.pair.1).of(*family).is_empty()
        };
        if self.families.iter().any(both) || !Family::ALL.iter().any(both) {
            return self.holds();
        }
        self.verdict(
            Verdict::Unknown,
            Some(Message::new(
                "この領域のアドレスの種類（IPv4・IPv6）について、設定には何も書かれていません",
                "the configuration says nothing of the family of these zones' addresses",
            )),
        )
    }

    /// The claim holds; replies over UDP without connection tracking are told all the same.
    fn holds(&self) -> ClaimVerdict {
        let mut out = self.verdict(Verdict::Holds, None);
        if !self.ground.tracked {
            out.too_wide = too_wide::mirrors(self);
            dedup(&mut out.too_wide);
        }
        out
    }

    /// The verdict on what leaks, line by line; `None` when a bound was hit.
    fn report(
        &self,
        mut question: Question,
        arrived: &[Arrived],
        leaks: BTreeMap<Option<Permit>, Leak>,
    ) -> Option<ClaimVerdict> {
        let mut out = self.verdict(Verdict::Unknown, None);
        for (permit, leak) in leaks {
            let must = question.diagrams.union(leak.must.clone());
            if must.is_empty() {
                let may = question.diagrams.union(leak.may.clone());
                out.possible.push(self.violation(&mut question, permit, may));
                continue;
            }
            let mut violation = self.violation(&mut question, permit, must);
            let pieces: Vec<(&Piece, Node)> = leak
                .pieces
                .iter()
                .zip(&leak.must)
                .filter_map(|(&index, &must)| Some((&arrived.get(index)?.piece, must)))
                .filter(|(_, must)| !must.is_empty())
                .collect();
            if witness::show(self, &mut question, &pieces, &mut violation) {
                out.too_wide.extend(too_wide::of_violation(self, &mut question, permit, &violation.first_box));
                out.violations.push(violation);
            } else {
                out.why = Some(Message::new(
                    "証拠のパケットを再現できませんでした（内部の検算が一致しません）。結果は使えません",
                    "no witness could be replayed (two computations disagree); nothing can be concluded",
                ));
                out.possible.push(violation);
            }
        }
        if question.failed() {
            return None;
        }
        if !out.violations.is_empty() {
            out.verdict = Verdict::Broken;
        }
        out.unread = self.ground.places(question.unread.iter().copied());
        if !self.ground.tracked {
            out.too_wide.extend(too_wide::mirrors(self));
        }
        dedup(&mut out.too_wide);
        Some(out)
    }

    /// The packets to begin with.
    fn start(&self, question: &mut Question, permitted: Node) -> Node {
        let destination = (!self.ground.moves_destinations).then(|| self.addresses(self.pair.1));
        let diagrams = &mut question.diagrams;
        let addressed = between(diagrams, self.families, self.addresses(self.pair.0), destination);
        let counting = counting(diagrams, self.ground.tracked);
        let start = diagrams.and(addressed, counting);
        if self.ground.moves_destinations {
            return start;
        }
        // With a `via`, only what certainly goes through it is permitted already here.
        let permitted = self.through_via(question, permitted, None);
        question.diagrams.minus(start, permitted)
    }

    /// What of the permitted packets goes through the claim's `via`.
    fn through_via(&self, question: &mut Question, permitted: Node, piece: Option<&Piece>) -> Node {
        let Some(via) = self.via() else { return permitted };
        if let Some(piece) = piece {
            let hop = piece.hops.iter().flatten().any(|hop| via.only.contains(*hop));
            let translated = match piece.source {
                SourceNow::Range(low, high) => {
                    Family::ALL.iter().any(|&family| Intervals::range(low, high).is_subset(via.only.of(family)))
                }
                _ => false,
            };
            if hop || translated {
                return permitted;
            }
        }
        let sources = between(&mut question.diagrams, self.families, &via.only, None);
        question.diagrams.and(permitted, sources)
    }

    /// What arrived that no flow lists, by permitting line.
    fn leaks(&self, question: &mut Question, arrived: &[Arrived], permitted: Node) -> BTreeMap<Option<Permit>, Leak> {
        let inside =
            between(&mut question.diagrams, self.families, &Addresses::all(), Some(self.addresses(self.pair.1)));
        let real = question.diagrams.real();
        let mut leaks: BTreeMap<Option<Permit>, Leak> = BTreeMap::new();
        for (index, Arrived { piece }) in arrived.iter().enumerate() {
            let allowed = self.through_via(question, permitted, Some(piece));
            let mut beyond = |set: Node| {
                let there = question.diagrams.and(set, inside);
                question.diagrams.minus(there, allowed)
            };
            // Ports of protocols without ports stay in the sets, which keeps their boxes few, but they are no packets.
            let may = beyond(piece.packets.may);
            let must = if piece.packets.is_exact() { may } else { beyond(piece.packets.must) };
            if question.diagrams.and(may, real).is_empty() {
                continue;
            }
            let must = if question.diagrams.and(must, real).is_empty() { Node::EMPTY } else { must };
            let leak = leaks.entry(piece.permit).or_default();
            leak.may.push(may);
            leak.must.push(must);
            leak.pieces.push(index);
        }
        leaks
    }

    fn violation(&self, question: &mut Question, permit: Option<Permit>, packets: Node) -> Violation {
        let (boxes, boxes_left_out) = question.diagrams.boxes(packets, MAX_BOXES);
        let place = self.ground.place(permit);
        Violation {
            file: place.0.file,
            line: place.0.line,
            column: place.1,
            text: place.0.text,
            context: self.ground.context(permit),
            packets: question.diagrams.count(packets).to_string(),
            boxes_left_out,
            first_box: boxes.first().map(ToString::to_string).unwrap_or_default(),
            boxes: boxes.iter().map(super::box_text).collect(),
            packet: None,
            path: Vec::new(),
        }
    }

    fn verdict(&self, verdict: Verdict, why: Option<Message>) -> ClaimVerdict {
        let via = self.via().map(|via| {
            let text = |family: Family| {
                via.only.of(family).ranges().iter().map(move |&(low, high)| range_text(family, low, high))
            };
            Family::ALL.into_iter().flat_map(text).collect()
        });
        ClaimVerdict {
            from: self.ground.claims.id(self.pair.0).to_owned(),
            to: self.ground.claims.id(self.pair.1).to_owned(),
            verdict,
            via,
            violations: Vec::new(),
            possible: Vec::new(),
            too_wide: Vec::new(),
            unread: Vec::new(),
            why,
        }
    }

    fn too_complex(&self) -> ClaimVerdict {
        let why = Message::new(
            "設定が複雑すぎて、決められた記憶量と時間の中では判定できませんでした",
            "the configuration is too complex to be judged within the bounds on memory and time",
        );
        self.verdict(Verdict::Unknown, Some(why))
    }

    /// Whether the devices certainly let every first packet of a flow through (of those that go through a `via`), for some
    /// pair of interfaces. Translations are not followed back.
    pub(crate) fn carries_whole(&self, flow: &crate::claims::Flow) -> bool {
        let mut question = self.question();
        let packets = of_flow(&mut question.diagrams, self.families, flow);
        let packets = self.through_via(&mut question, packets, None);
        let new = Intervals::one(crate::ir::State::New.number());
        let new = question.diagrams.split(Level::State, &new, Node::FULL);
        let counting = counting(&mut question.diagrams, true);
        let packets = question.diagrams.and(packets, new);
        let packets = question.diagrams.and(packets, counting);
        let arrived = self.ground.travel(&mut question, self.pair.0, Matched::exactly(packets));
        let must = arrived.iter().map(|arrived| arrived.piece.packets.must).collect();
        let mut must = question.diagrams.union(must);
        for level in [Level::Out, Level::In] {
            must = question.diagrams.exists(level, must);
        }
        let real = question.diagrams.real();
        let wanted = question.diagrams.and(packets, real);
        question.diagrams.minus(wanted, must).is_empty() && !question.failed()
    }

    /// Whether the devices let any packet of a flow through; `None` when that is not known.
    pub(crate) fn uses(&self, flow: &crate::claims::Flow) -> Option<bool> {
        let mut question = self.question();
        let packets = of_flow(&mut question.diagrams, self.families, flow);
        let counting = counting(&mut question.diagrams, true);
        let packets = question.diagrams.and(packets, counting);
        // Nothing is known of a flow whose family nobody speaks of.
        if packets.is_empty() {
            return None;
        }
        let start = if self.ground.moves_destinations {
            let freed = question.diagrams.exists(Level::Destination, packets);
            question.diagrams.exists(Level::DestinationPort, freed)
        } else {
            packets
        };
        let arrived = self.ground.travel(&mut question, self.pair.0, Matched::exactly(start));
        let mut used = false;
        for Arrived { piece } in arrived {
            used |= !question.diagrams.and(piece.packets.may, packets).is_empty();
        }
        (!question.failed()).then_some(used)
    }
}

fn dedup(list: &mut Vec<TooWide>) {
    let mut seen = std::collections::BTreeSet::new();
    list.retain(|item| seen.insert((item.flow.clone(), item.file.clone(), item.line)));
}
