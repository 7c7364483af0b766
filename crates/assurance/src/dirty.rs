//! From a change to the subjects that have to be evaluated again.

use std::collections::BTreeSet;

use pack::expr::{Hop, Read, Subject, Value, World};
use pack::model::{Control, Nature, Subjects};

use crate::{Snapshot, evaluate};

/// What a control reads, also to say what is wrong.
pub fn reads(control: &Control) -> impl Iterator<Item = Read> {
    let (applies, holds, says) = match &control.nature {
        Nature::Machine { applies, holds, .. } => (applies.as_ref(), Some(holds), control.says.reads()),
        Nature::Attested(_) => (None, None, Vec::new()),
    };
    applies.into_iter().chain(holds).flat_map(|expr| expr.reads()).cloned().chain(says)
}

/// Subjects of the control whose verdict a change of this thing can move, as the world stands now. A caller asks before the
/// change and after it.
pub fn subjects(control: &Control, changed: &Subject, world: &Snapshot) -> BTreeSet<Subject> {
    let of = evaluate::subjects(control);
    let mut found = BTreeSet::new();
    if Snapshot::is_of(changed, of) {
        found.insert(changed.clone());
    }
    for read in reads(control) {
        if Snapshot::is_of(changed, &read.of) {
            found.extend(back(&read.via, of, changed, world));
        }
    }
    found
}

/// Walks the hops from their end to their start.
fn back(via: &[Hop], of: &Subjects, from: &Subject, world: &Snapshot) -> BTreeSet<Subject> {
    let mut here = BTreeSet::from([from.clone()]);
    for hop in via.iter().rev() {
        here = match hop {
            Hop::To { of, field } => here.iter().flat_map(|thing| world.referrers(thing, of, field)).collect(),
            Hop::Back { field, .. } => here.iter().flat_map(|thing| targets(thing, field, world)).collect(),
            // All of a kind: the way starts at every subject of the control.
            Hop::All(_) => return world.subjects(of).into_iter().collect(),
        };
    }
    here.retain(|thing| Snapshot::is_of(thing, of));
    here
}

/// What a field refers to.
fn targets(of: &Subject, field: &str, world: &Snapshot) -> Vec<Subject> {
    let of_value = |value: &Value| match value {
        Value::Subject(target) => Some(target.clone()),
        _ => None,
    };
    match world.field(of, field) {
        Ok(Value::List(items)) => items.iter().filter_map(of_value).collect(),
        Ok(value) => of_value(&value).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}
