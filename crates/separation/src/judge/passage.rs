//! Packets on their way through one device.

use std::collections::BTreeSet;

use super::matching::{Matched, SourceNow, Surroundings, matched};
use super::step::{How, Interest, Passed, Run};
use crate::address::Family;
use crate::diagram::{Diagrams, Level, Node};
use crate::document::Day;
use crate::intervals::Intervals;
use crate::ir::{AddressTo, Default, Device, Hook, Step, Translation};
use crate::source::At;

/// Most pieces that one question may fall into.
const MAX_PIECES: usize = 200_000;

/// Who let packets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Permit {
    /// Index of the device.
    pub(crate) device: usize,
    /// The line.
    pub(crate) at: At,
    /// Whether it is a rule, and not what happens without one.
    pub(crate) rule: bool,
}

/// Packets that share a way: the sets speak of the source they began with and the destination they have now.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) packets: Matched,
    pub(crate) source: SourceNow,
    pub(crate) any_source_port: bool,
    pub(crate) permit: Option<Permit>,
    /// The sets before each change of destination, so that a packet can be followed back.
    pub(crate) moved: Vec<Node>,
    /// Next hops that the piece was sent to, in order.
    pub(crate) hops: Vec<Option<crate::address::Address>>,
}

impl Piece {
    pub(crate) fn new(packets: Matched) -> Self {
        Self {
            packets,
            source: SourceNow::Same,
            any_source_port: false,
            permit: None,
            moved: Vec::new(),
            hops: Vec::new(),
        }
    }

    fn with(&self, packets: Matched) -> Self {
        Self { packets, ..self.clone() }
    }
}

/// What is the same during one question.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) diagrams: Diagrams,
    pub(crate) on: Day,
    pub(crate) interest: Interest,
    /// Whether every permitting line is kept apart.
    pub(crate) by_line: bool,
    pub(crate) unread: BTreeSet<(usize, At)>,
    pub(crate) looks: u64,
    pub(crate) gave_up: bool,
}

impl Question {
    pub(crate) fn new(on: Day) -> Self {
        Self {
            diagrams: Diagrams::new(),
            on,
            interest: Interest::default(),
            by_line: false,
            unread: BTreeSet::new(),
            looks: 0,
            gave_up: false,
        }
    }

    /// Whether a bound was hit, so that no answer may be used.
    pub(crate) fn failed(&self) -> bool {
        self.gave_up || self.diagrams.overflowed()
    }
}

/// The way through a device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'a> {
    pub(crate) index: usize,
    pub(crate) device: &'a Device,
    pub(crate) names: &'a [String],
    pub(crate) fixed_in: Option<&'a str>,
    pub(crate) fixed_out: Option<&'a str>,
}

impl Way<'_> {
    /// Takes the pieces through every step of a hook.
    pub(crate) fn hook(&self, question: &mut Question, hook: Hook, mut pieces: Vec<Piece>) -> Vec<Piece> {
        for step in self.device.steps.iter().filter(|step| step.hook == hook) {
            let mut next = Vec::new();
            for piece in pieces {
                self.step(question, step, piece, &mut next);
            }
            pieces = next;
            if pieces.len() > MAX_PIECES {
                question.gave_up = true;
                return Vec::new();
            }
        }
        pieces
    }

    /// Lines that were not understood and may concern the whole device: everything may pass and nothing certainly does.
    pub(crate) fn doubt(&self, question: &mut Question, piece: &Piece) -> Option<Piece> {
        let unread = self.device.unread.first()?;
        question.unread.extend(self.device.unread.iter().map(|unread| (self.index, unread.at)));
        let permit = Some(Permit { device: self.index, at: unread.at, rule: true });
        Some(Piece { permit, ..piece.with(Matched { must: Node::EMPTY, ..piece.packets }) })
    }

    fn step(&self, question: &mut Question, step: &Step, piece: Piece, out: &mut Vec<Piece>) {
        if piece.packets.may.is_empty() {
            return;
        }
        let around = Surroundings {
            names: self.names,
            fixed_in: self.fixed_in,
            fixed_out: self.fixed_out,
            source: &piece.source,
            any_source_port: piece.any_source_port,
        };
        let guard = matched(&mut question.diagrams, &step.guard, &around);
        let inside = narrow(&mut question.diagrams, piece.packets, guard);
        let outside = Matched {
            may: question.diagrams.minus(piece.packets.may, guard.must),
            must: question.diagrams.minus(piece.packets.must, guard.may),
        };
        let Question { diagrams, interest, on, unread, looks, gave_up, .. } = question;
        let mut run = Run {
            diagrams,
            device: self.device,
            around,
            interest,
            on: *on,
            passed: Vec::new(),
            unread: BTreeSet::new(),
            looks,
            gave_up,
            stack: Vec::new(),
        };
        let left = if inside.may.is_empty() {
            Matched::NONE
        } else {
            run.chain(step.chain, inside, step.default != Default::Drop)
        };
        let (passed, seen) = (run.passed, run.unread);
        unread.extend(seen.into_iter().map(|at| (self.index, at)));
        self.collect(question, step, &piece, passed, (left, outside), out);
    }

    fn collect(
        &self,
        question: &mut Question,
        step: &Step,
        piece: &Piece,
        passed: Vec<Passed>,
        (left, outside): (Matched, Matched),
        out: &mut Vec<Piece>,
    ) {
        let split = question.by_line && step.decides;
        let mut together = vec![outside];
        for Passed { at, packets, how } in passed {
            let permit = |rule| Some(Permit { device: self.index, at, rule });
            match how {
                How::Translated(translation) => self.translate(question, piece, packets, &translation, out),
                How::Unread => {
                    let mut new = piece.with(packets);
                    new.permit = permit(true);
                    if step.hook == Hook::Ingress && !step.decides {
                        // It may give the packet any other destination.
                        new.moved.push(packets.may);
                        new.packets = Matched {
                            may: question.diagrams.exists(Level::Destination, packets.may),
                            must: Node::EMPTY,
                        };
                    }
                    out.push(new);
                }
                How::Rule if split => out.push(Piece { permit: permit(true), ..piece.with(packets) }),
                How::Rule => together.push(packets),
            }
        }
        let left = match step.default {
            Default::Accept => left,
            Default::Drop => Matched::NONE,
            Default::Unread => {
                if !left.may.is_empty() {
                    question.unread.insert((self.index, step.default_at));
                }
                Matched { must: Node::EMPTY, ..left }
            }
        };
        if split && !left.may.is_empty() {
            let permit = match piece.permit {
                Some(permit) if permit.rule => permit,
                _ => Permit { device: self.index, at: step.default_at, rule: false },
            };
            out.push(Piece { permit: Some(permit), ..piece.with(left) });
        } else {
            together.push(left);
        }
        let may = question.diagrams.union(together.iter().map(|set| set.may).collect());
        let must = question.diagrams.union(together.iter().map(|set| set.must).collect());
        if !may.is_empty() {
            out.push(piece.with(Matched { may, must }));
        }
    }

    fn translate(
        &self,
        question: &mut Question,
        piece: &Piece,
        packets: Matched,
        translation: &Translation,
        out: &mut Vec<Piece>,
    ) {
        let mut new = piece.with(packets);
        let diagrams = &mut question.diagrams;
        if let Some(to) = &translation.destination {
            new.moved.push(packets.may);
            new.packets = match to {
                AddressTo::Range(_, low, high) => {
                    each(diagrams, packets, |diagrams, set| put(diagrams, Level::Destination, set, *low, *high))
                }
                AddressTo::Shift { from, to, size, .. } => each(diagrams, packets, |diagrams, set| {
                    diagrams.shifted(Level::Destination, set, (*from, *to, *size))
                }),
                AddressTo::Local => return,
                AddressTo::OutInterface | AddressTo::Unknown => {
                    Matched { may: diagrams.exists(Level::Destination, packets.may), must: Node::EMPTY }
                }
            };
        }
        if let Some((low, high)) = translation.destination_port {
            if translation.destination.is_none() {
                new.moved.push(packets.may);
            }
            new.packets = each(diagrams, new.packets, |diagrams, set| {
                put(diagrams, Level::DestinationPort, set, low.into(), high.into())
            });
        }
        match &translation.source {
            None => {}
            Some(AddressTo::Range(_, low, high)) => new.source = SourceNow::Range(*low, *high),
            Some(AddressTo::Shift { from, to, size, .. }) if piece.source == SourceNow::Same => {
                new.source = SourceNow::Shift { from: *from, to: *to, size: *size };
            }
            Some(AddressTo::OutInterface) => new.source = self.own_source(),
            Some(_) => new.source = SourceNow::Unknown,
        }
        new.any_source_port |= translation.source_port.is_some();
        out.push(new);
    }

    /// The address that masquerading puts in, when the outgoing interface has exactly one.
    fn own_source(&self) -> SourceNow {
        let interface = self.device.interfaces.iter().find(|interface| Some(interface.name.as_str()) == self.fixed_out);
        match interface.map(|interface| interface.addresses.as_slice()) {
            Some([(address, _)]) => SourceNow::Range(address.number, address.number),
            _ => SourceNow::Unknown,
        }
    }
}

/// What of the packets matches.
pub(crate) fn narrow(diagrams: &mut Diagrams, packets: Matched, to: Matched) -> Matched {
    let may = diagrams.and(packets.may, to.may);
    let must = if packets.is_exact() && to.is_exact() { may } else { diagrams.and(packets.must, to.must) };
    Matched { may, must }
}

fn each(diagrams: &mut Diagrams, packets: Matched, mut change: impl FnMut(&mut Diagrams, Node) -> Node) -> Matched {
    let may = change(diagrams, packets.may);
    let must = if packets.is_exact() { may } else { change(diagrams, packets.must) };
    Matched { may, must }
}

/// The packets with any of `low..=high` put in on a level.
fn put(diagrams: &mut Diagrams, level: Level, set: Node, low: u128, high: u128) -> Node {
    let freed = diagrams.exists(level, set);
    let there = diagrams.split(level, &Intervals::range(low, high), Node::FULL);
    diagrams.and(freed, there)
}

/// The device's own addresses of a family.
pub(crate) fn own_addresses(device: &Device, family: Family) -> Intervals {
    let of = device
        .interfaces
        .iter()
        .flat_map(|interface| &interface.addresses)
        .filter(|(address, _)| address.family == family);
    of.map(|(address, _)| (address.number, address.number)).collect()
}
