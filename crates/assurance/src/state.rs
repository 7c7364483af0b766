//! What is said of a control and one subject.

use pack::model::Text;
use serde::{Deserialize, Serialize};

/// The states, best first: the worst of several speaks for them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 対象外: the control does not concern the subject.
    OutOfScope,
    /// 遵守
    Holds,
    /// 例外措置中: fails, and an approved, unexpired exception covers it.
    Covered,
    /// 着手前: planned by the committee, not begun.
    NotStarted,
    /// 未確認: it cannot be said, and why.
    Unknown,
    /// 未遵守
    Broken,
}

impl State {
    /// All states, best first.
    pub const ALL: [Self; 6] =
        [Self::OutOfScope, Self::Holds, Self::Covered, Self::NotStarted, Self::Unknown, Self::Broken];

    /// As JSON and the store write it.
    pub fn id(self) -> &'static str {
        match self {
            Self::OutOfScope => "out_of_scope",
            Self::Holds => "holds",
            Self::Covered => "covered",
            Self::NotStarted => "not_started",
            Self::Unknown => "unknown",
            Self::Broken => "broken",
        }
    }

    /// The state of this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// The word for it (cityhall words).
    pub fn word(self) -> Text {
        let (ja, en) = match self {
            Self::OutOfScope => ("対象外", "out of scope"),
            Self::Holds => ("遵守", "holds"),
            Self::Covered => ("例外措置中", "covered by an exception"),
            Self::NotStarted => ("着手前", "not started"),
            Self::Unknown => ("未確認", "unknown"),
            Self::Broken => ("未遵守", "broken"),
        };
        Text { ja: ja.to_owned(), en: Some(en.to_owned()) }
    }
}

/// How many subjects are in each state. Never an average: a zero stays a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// 遵守
    pub holds: u64,
    /// 未遵守
    pub broken: u64,
    /// 例外措置中
    pub covered: u64,
    /// 未確認
    pub unknown: u64,
    /// 着手前
    pub not_started: u64,
    /// 対象外
    pub out_of_scope: u64,
}

impl Counts {
    /// One more in this state.
    pub fn add(&mut self, state: State) {
        *self.of_mut(state) += 1;
    }

    /// One fewer in this state.
    pub fn take(&mut self, state: State) {
        let count = self.of_mut(state);
        *count = count.saturating_sub(1);
    }

    /// All of another's too.
    pub fn merge(&mut self, other: &Self) {
        for state in State::ALL {
            *self.of_mut(state) += other.of(state);
        }
    }

    /// How many in this state.
    pub fn of(&self, state: State) -> u64 {
        match state {
            State::OutOfScope => self.out_of_scope,
            State::Holds => self.holds,
            State::Covered => self.covered,
            State::NotStarted => self.not_started,
            State::Unknown => self.unknown,
            State::Broken => self.broken,
        }
    }

    fn of_mut(&mut self, state: State) -> &mut u64 {
        match state {
            State::OutOfScope => &mut self.out_of_scope,
            State::Holds => &mut self.holds,
            State::Covered => &mut self.covered,
            State::NotStarted => &mut self.not_started,
            State::Unknown => &mut self.unknown,
            State::Broken => &mut self.broken,
        }
    }

    /// The state that speaks for all: the worst that occurs. Nothing counted is unknown, never kept by silence.
    pub fn worst(&self) -> State {
        State::ALL.into_iter().rev().find(|state| self.of(*state) > 0).unwrap_or(State::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_counted_is_unknown_and_one_failure_speaks_for_all() {
        assert_eq!(Counts::default().worst(), State::Unknown);
        let mut counts = Counts { holds: 999, ..Counts::default() };
        assert_eq!(counts.worst(), State::Holds);
        counts.add(State::Broken);
        assert_eq!(counts.worst(), State::Broken);
    }

    #[test]
    fn ids_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_id(state.id()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.id());
        }
    }
}
