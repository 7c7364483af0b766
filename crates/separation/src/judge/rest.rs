//! The packets that no rule has decided yet, as a may and a must set.
//!
//! What is left after thousands of rules is a wide diagram, and few questions need it: a rule asks only what is left of its
//! own packets. So the cuts wait in a list, each with a box around it; a question subtracts those few whose box meets its
//! own. Only when many meet, or everything that is left is asked for, are the waiting cuts joined and taken off at once.

use super::bounds::Bounds;
use super::matching::Matched;
use crate::diagram::{Diagrams, Node};

/// Most waiting cuts that are subtracted one by one.
const ONE_BY_ONE: usize = 64;

#[derive(Debug, Clone)]
struct Side {
    set: Node,
    cuts: Vec<(Bounds, Node)>,
}

impl Side {
    fn take(&mut self, diagrams: &mut Diagrams, part: Node, bounds: &Bounds) -> Node {
        let mut near: Vec<Node> = Vec::new();
        for (_, cut) in self.cuts.iter().filter(|(around, _)| around.meets(bounds)) {
            if near.len() == ONE_BY_ONE {
                near.clear();
                self.settle(diagrams);
                break;
            }
            near.push(*cut);
        }
        let mut part = diagrams.and(self.set, part);
        for cut in near {
            if part.is_empty() {
                break;
            }
            part = diagrams.minus(part, cut);
        }
        part
    }

    fn cut(&mut self, part: Node, bounds: Bounds) {
        if !part.is_empty() {
            self.cuts.push((bounds, part));
        }
    }

    fn settle(&mut self, diagrams: &mut Diagrams) -> Node {
        let cuts = std::mem::take(&mut self.cuts).into_iter().map(|(_, cut)| cut).collect();
        let cuts = diagrams.union(cuts);
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

    /// The packets of the rest that match; they stay in it. `bounds` is a box around the match.
    pub(crate) fn part(&mut self, diagrams: &mut Diagrams, matched: Matched, bounds: &Bounds) -> Matched {
        let may = self.may.take(diagrams, matched.may, bounds);
        let must = match &mut self.must {
            None if matched.is_exact() => may,
            None => self.may.take(diagrams, matched.must, bounds),
            Some(must) => must.take(diagrams, matched.must, bounds),
        };
        Matched { may, must }
    }

    /// Takes packets away: those that certainly went from `may`, those that may have gone from `must`. `bounds` is a box
    /// around them.
    pub(crate) fn cut(&mut self, gone: Matched, bounds: Bounds) {
        if self.must.is_none() && !gone.is_exact() {
            self.must = Some(self.may.clone());
        }
        if let Some(must) = &mut self.must {
            must.cut(gone.may, bounds);
        }
        self.may.cut(gone.must, bounds);
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
