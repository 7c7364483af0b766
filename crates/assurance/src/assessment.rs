//! All verdicts of one day, kept up as things change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pack::Pack;
use pack::expr::{Day, Subject};
use pack::model::{Clause, ClauseId, Control};

use crate::{Circumstances, Counts, Snapshot, State, Verdict, dirty, evaluate};

/// The verdicts of every control of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The day for which they are.
    pub day: Day,
    /// Verdicts by control id and subject.
    pub verdicts: BTreeMap<String, BTreeMap<Subject, Verdict>>,
}

impl Assessment {
    /// Evaluates everything.
    pub fn full(pack: &Pack, world: &Snapshot, known: &Circumstances, day: Day) -> Self {
        let mut assessment = Self::none(day);
        pack.controls.iter().for_each(|control| assessment.add(control, world, known, pack));
        assessment
    }

    /// Of no control yet.
    pub(crate) fn none(day: Day) -> Self {
        Self { day, verdicts: BTreeMap::new() }
    }

    /// Evaluates a control whole.
    pub(crate) fn add(&mut self, control: &Control, world: &Snapshot, known: &Circumstances, pack: &Pack) {
        self.verdicts.insert(control.id.clone(), evaluate::control(control, world, known, self.day, pack));
    }

    /// Evaluates what the given subjects of each control are now. A control whose subjects came to be or ran out is
    /// evaluated whole.
    pub fn again(
        &mut self,
        pack: &Pack,
        world: &Snapshot,
        known: &Circumstances,
        dirty: &HashMap<String, BTreeSet<Subject>>,
    ) {
        for control in &pack.controls {
            let Some(subjects) = dirty.get(&control.id) else { continue };
            let verdicts = self.verdicts.entry(control.id.clone()).or_default();
            for subject in subjects {
                if world.contains(subject) {
                    let verdict = evaluate::one(control, subject, world, known, self.day);
                    verdicts.insert(subject.clone(), verdict);
                } else {
                    verdicts.remove(subject);
                }
            }
            let of = evaluate::subjects(control);
            let stands_for_none = verdicts.keys().any(|subject| !Snapshot::is_of(subject, of));
            if verdicts.is_empty() || stands_for_none {
                *verdicts = evaluate::control(control, world, known, self.day, pack);
            }
        }
    }

    /// How a control stands.
    pub fn counts(&self, control: &str) -> Counts {
        let mut counts = Counts::default();
        for verdict in self.verdicts.get(control).into_iter().flat_map(BTreeMap::values) {
            counts.add(verdict.state);
        }
        counts
    }

    /// How a clause stands: all controls that serve it. None when no control does.
    pub fn clause(&self, pack: &Pack, clause: &ClauseId) -> Option<Counts> {
        let mut serving = pack.controls.iter().filter(|control| control.clauses.contains(clause)).peekable();
        serving.peek()?;
        let mut counts = Counts::default();
        serving.for_each(|control| counts.merge(&self.counts(&control.id)));
        Some(counts)
    }

    /// How a clause stands together with everything under it, each control once. None when no control serves any of it.
    pub fn chapter(&self, pack: &Pack, clause: &Clause) -> Option<Counts> {
        let under = under(pack, clause);
        let mut serving =
            pack.controls.iter().filter(|control| control.clauses.iter().any(|id| under.contains(id))).peekable();
        serving.peek()?;
        let mut counts = Counts::default();
        serving.for_each(|control| counts.merge(&self.counts(&control.id)));
        Some(counts)
    }

    /// How everything stands, each control once.
    pub fn total(&self) -> Counts {
        let mut counts = Counts::default();
        self.verdicts.keys().for_each(|control| counts.merge(&self.counts(control)));
        counts
    }

    /// Verdicts that somebody has to do something about.
    pub fn open(&self) -> impl Iterator<Item = (&str, &Subject, &Verdict)> {
        let all = self.verdicts.iter().flat_map(|(control, verdicts)| {
            verdicts.iter().map(move |(subject, verdict)| (control.as_str(), subject, verdict))
        });
        all.filter(|(.., verdict)| verdict.state == State::Broken)
    }
}

/// A clause and everything under it.
fn under(pack: &Pack, clause: &Clause) -> BTreeSet<ClauseId> {
    let mut ids = BTreeSet::from([clause.id.clone()]);
    // Clauses stand in reading order, so that a parent comes before its children.
    for other in pack.document(&clause.id.document).map(|document| document.clauses.as_slice()).unwrap_or_default() {
        let parent =
            other.parent.as_ref().map(|slug| ClauseId { document: other.id.document.clone(), slug: slug.clone() });
        if parent.is_some_and(|parent| ids.contains(&parent)) {
            ids.insert(other.id.clone());
        }
    }
    ids
}

/// Changes the world, and collects what that can move: asked before and after the change.
pub fn change(
    pack: &Pack,
    world: &mut Snapshot,
    changed: &Subject,
    dirty: &mut HashMap<String, BTreeSet<Subject>>,
    change: impl FnOnce(&mut Snapshot),
) {
    let mut collect = |world: &Snapshot| {
        for control in &pack.controls {
            let subjects = dirty::subjects(control, changed, world);
            if !subjects.is_empty() {
                dirty.entry(control.id.clone()).or_default().extend(subjects);
            }
        }
    };
    collect(world);
    change(world);
    collect(world);
}
