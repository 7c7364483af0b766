//! Where a record stands: not in force yet, in force, over, or refused, read from the lifecycle of its register.

use std::collections::BTreeSet;

use pack::model::{Register, TransitionRole};

use crate::Day;
use crate::records::Record;

/// Where a contract stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not decided on.
    Before,
    /// In force, and within its term.
    Running,
    /// In force although its last day is over.
    Overrun,
    /// Ended: what was given out has to be back.
    Ended,
    /// Refused.
    Refused,
}

/// Where a contract stands on a day.
pub fn phase(register: &Register, record: &Record, today: Day) -> Phase {
    if register.in_force.contains(&record.state) {
        let over = record.day("ends_on").is_some_and(|last| last < today);
        return if over { Phase::Overrun } else { Phase::Running };
    }
    if is_refused(register, &record.state) {
        Phase::Refused
    } else if after_force(register).contains(record.state.as_str()) {
        Phase::Ended
    } else {
        Phase::Before
    }
}

/// Whether a decision refuses into this state.
pub(super) fn is_refused(register: &Register, state: &str) -> bool {
    register.lifecycle.transitions.iter().any(|way| way.role == TransitionRole::Refuses && way.to == state)
}

/// The states that a record reaches from those in which it is in force.
fn after_force(register: &Register) -> BTreeSet<&str> {
    let mut reached: BTreeSet<&str> = register.in_force.iter().map(String::as_str).collect();
    loop {
        let onward = register.lifecycle.transitions.iter().filter(|way| way.role == TransitionRole::Step);
        let onward = onward.filter(|way| way.from.iter().any(|from| reached.contains(from.as_str())));
        let more: BTreeSet<&str> = onward.map(|way| way.to.as_str()).filter(|to| !reached.contains(to)).collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}
