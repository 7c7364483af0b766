//! What another configuration lets through: the difference of two, in packets.

use std::collections::BTreeMap;

use serde::Serialize;

use super::claim::MAX_BOXES;
use super::journey::Ground;
use super::matching::Matched;
use super::passage::{Permit, Question};
use super::permitted::{between, counting};
use super::verdict::{BoxText, Place};
use super::{Settings, box_text, families_judged};
use crate::address::Family;
use crate::claims::{Addresses, Claims};
use crate::diagram::{Level, Node};
use crate::network::Network;

/// Packets that one of the two lets through and the other does not, by the line that lets them through.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The line that lets them through.
    #[serde(flatten)]
    pub place: Place,
    /// How many, exactly.
    pub packets: String,
    /// At most 64 boxes.
    pub boxes: Vec<BoxText>,
    /// The first box as text.
    #[serde(rename = "box")]
    pub first_box: String,
    /// Boxes beyond those listed.
    pub boxes_left_out: u64,
}

/// The difference of two configurations.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// Families that both speak of.
    pub families_judged: Vec<&'static str>,
    /// What only the new one lets through, by its lines.
    pub gained: Vec<Change>,
    /// What only the old one lets through, by its lines.
    pub lost: Vec<Change>,
    /// Lines of either that were not understood and could change the answer.
    pub unread: Vec<Place>,
    /// Whether a bound was hit, so that nothing can be concluded.
    pub too_complex: bool,
}

impl Difference {
    /// Whether both certainly let the same packets through.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty() && self.unread.is_empty() && !self.too_complex
    }
}

/// Compares two single devices over all packets that open connections.
pub fn difference(old: &Network, new: &Network, settings: Settings) -> Difference {
    let claims = Claims::default();
    let (old_families, new_families) = (families_judged(old), families_judged(new));
    let families: Vec<Family> = old_families.into_iter().filter(|family| new_families.contains(family)).collect();
    let mut question = Question::new(settings.on);
    let grounds = (Ground::new(old, &claims), Ground::new(new, &claims));
    let all = between(&mut question.diagrams, &families, &Addresses::all(), None);
    let counted = counting(&mut question.diagrams, grounds.0.tracked || grounds.1.tracked);
    let real = question.diagrams.real();
    let all = question.diagrams.and(all, counted);
    let all = question.diagrams.and(all, real);
    let before = passing(&mut question, &grounds.0, all);
    let after = passing(&mut question, &grounds.1, all);
    let gained = question.diagrams.minus(after.must, before.may);
    let lost = question.diagrams.minus(before.must, after.may);
    let certain = before.is_exact() && after.is_exact();
    let mut out = Difference {
        families_judged: families.iter().map(|family| family.id()).collect(),
        gained: changes(&mut question, &grounds.1, all, gained),
        lost: changes(&mut question, &grounds.0, all, lost),
        unread: Vec::new(),
        too_complex: false,
    };
    if !certain {
        question.unread.clear();
        passing(&mut question, &grounds.0, all);
        out.unread = grounds.0.places(std::mem::take(&mut question.unread).into_iter());
        passing(&mut question, &grounds.1, all);
        out.unread.extend(grounds.1.places(std::mem::take(&mut question.unread).into_iter()));
    }
    out.too_complex = question.failed();
    out
}

/// What passes for some pair of interfaces.
fn passing(question: &mut Question, ground: &Ground<'_>, all: Node) -> Matched {
    question.by_line = false;
    let arrived = ground.travel(question, 0, Matched::exactly(all));
    let may = arrived.iter().map(|arrived| arrived.piece.packets.may).collect();
    let must = arrived.iter().map(|arrived| arrived.piece.packets.must).collect();
    let (may, must) = (question.diagrams.union(may), question.diagrams.union(must));
    Matched { may: anywhere(question, may), must: anywhere(question, must) }
}

fn anywhere(question: &mut Question, set: Node) -> Node {
    let without = question.diagrams.exists(Level::Out, set);
    question.diagrams.exists(Level::In, without)
}

fn changes(question: &mut Question, ground: &Ground<'_>, all: Node, wanted: Node) -> Vec<Change> {
    if wanted.is_empty() {
        return Vec::new();
    }
    question.by_line = true;
    let start = if ground.moves_destinations { all } else { wanted };
    let arrived = ground.travel(question, 0, Matched::exactly(start));
    let mut by_line: BTreeMap<Option<Permit>, Vec<Node>> = BTreeMap::new();
    for piece in arrived.into_iter().map(|arrived| arrived.piece) {
        let here = anywhere(question, piece.packets.may);
        let part = question.diagrams.and(here, wanted);
        if !part.is_empty() {
            by_line.entry(piece.permit).or_default().push(part);
        }
    }
    let mut out = Vec::new();
    for (permit, parts) in by_line {
        let set = question.diagrams.union(parts);
        let (boxes, boxes_left_out) = question.diagrams.boxes(set, MAX_BOXES);
        out.push(Change {
            place: ground.place(permit).0,
            packets: question.diagrams.count(set).to_string(),
            first_box: boxes.first().map(ToString::to_string).unwrap_or_default(),
            boxes: boxes.iter().map(box_text).collect(),
            boxes_left_out,
        });
    }
    out
}
