//! The packets that no rule has decided yet, as a may and a must set.
//!
//! Cutting a thin set out of a wide diagram copies the wide node. So cuts wait in a list until there are many, are joined
//! and taken off at once; a question in between subtracts the waiting cuts from its own small part only.

use super::matching::Matched;
use crate::diagram::{Diagrams, Node};

/// Cuts that wait at most.
const WAITING: usize = 48;

#[derive(Debug)]
struct Side {
    set: Node,
    cuts: Vec<Node>,
}

impl Side {
    fn take(&self, diagrams: &mut Diagrams, part: Node) -> Node {
        let mut part = diagrams.and(self.set, part);
        for &cut in &self.cuts {
            if part.is_empty() {
                break;
            }
            part = diagrams.minus(part, cut);
        }
        part
    }

    fn cut(&mut self, diagrams: &mut Diagrams, part: Node) {
        if part.is_empty() {
            return;
        }
        self.cuts.push(part);
        if self.cuts.len() >= WAITING {
            self.settle(diagrams);
        }
    }

    fn settle(&mut self, diagrams: &mut Diagrams) -> Node {
        let cuts = diagrams.union(std::mem::take(&mut self.cuts));
        self.set = diagrams.minus(self.set, cuts);
        self.set
    }
}

/// What is left.
#[derive(Debug)]
pub(crate) struct Rest {
    may: Side,
    /// `None` as long as it equals `may`.
    must: Option<Side>,
}

impl Rest {
    /// All of these packets.
    pub(crate) fn new(all: Matched) -> Self {
        let side = |set| Side { set, cuts: Vec::new() };
        Self { may: side(all.may), must: (!all.is_exact()).then(|| side(all.must)) }
    }

    /// The packets of the rest that match; they stay in it.
    pub(crate) fn part(&self, diagrams: &mut Diagrams, matched: Matched) -> Matched {
        let may = self.may.take(diagrams, matched.may);
        let must = match &self.must {
            None if matched.is_exact() => may,
            None => self.may.take(diagrams, matched.must),
            Some(must) => must.take(diagrams, matched.must),
        };
        Matched { may, must }
    }

    /// Takes packets away: those that certainly went from `may`, those that may have gone from `must`.
    pub(crate) fn cut(&mut self, diagrams: &mut Diagrams, gone: Matched) {
        if self.must.is_none() && !gone.is_exact() {
            self.must = Some(Side { set: self.may.set, cuts: self.may.cuts.clone() });
        }
        if let Some(must) = &mut self.must {
            must.cut(diagrams, gone.may);
        }
        self.may.cut(diagrams, gone.must);
    }

    /// Everything that is left.
    pub(crate) fn all(&mut self, diagrams: &mut Diagrams) -> Matched {
        let may = self.may.settle(diagrams);
        let must = self.must.as_mut().map_or(may, |must| must.settle(diagrams));
        Matched { may, must }
    }

    /// Whether certainly nothing is left, as far as that is known without work.
    pub(crate) fn is_spent(&self) -> bool {
        self.may.set.is_empty()
    }
}
