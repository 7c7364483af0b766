//! The course of one decision: its steps, who has agreed, what is open. Pure; who may act is decided by the caller.

use pack::model::{Route, RouteStep, StepKind, Term, TermScope, Transition};
use serde::{Deserialize, Serialize};

/// Steps that one route may have: more than any 決裁規程 asks for.
pub const MOST_STEPS: usize = 32;

/// The steps of a decision as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// In order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `approve`, `consult`, `decide` or `circulate`.
    pub kind: Kind,
    /// Who is asked. Every seat of a 合議 or 供覧 has to be taken; any one of the others does.
    pub seats: Vec<Seat>,
    /// Whether a substitute may act (代決).
    pub deputy: bool,
}

/// A place in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Who, as the pack writes it (`section_manager@unit`); any one of several.
    pub who: Vec<String>,
    /// What was said there.
    pub said: Option<Said>,
}

/// An answer of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who, by id.
    pub by: String,
    /// When, milliseconds UTC.
    pub at: i64,
    /// In which capacity.
    pub capacity: Capacity,
    /// The role that was exercised.
    pub role: Option<String>,
    /// A remark.
    pub remark: Option<String>,
}

/// In which capacity somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// By the post itself.
    Own,
    /// 代決: for a holder who is absent; a 後閲 follows.
    Deputy,
    /// 引上げ: a higher rank in the same line took it.
    Escalated,
}

/// Kinds of step, as they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 承認
    Approve,
    /// 合議
    Consult,
    /// 決裁
    Decide,
    /// 供覧
    Circulate,
}

impl From<StepKind> for Kind {
    fn from(kind: StepKind) -> Self {
        match kind {
            StepKind::Approve => Self::Approve,
            StepKind::Consult => Self::Consult,
            StepKind::Decide => Self::Decide,
            StepKind::Circulate => Self::Circulate,
        }
    }
}

/// Why an answer cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotNow {
    /// The step is not the current one.
    OtherStep,
    /// Somebody has answered there already.
    Answered,
    /// There is no such seat, or no such earlier step.
    Unknown,
}

impl Course {
    /// The course that a transition demands: its explicit route, or its deciders followed by the `need` that apply.
    ///
    /// `applies` says whether a step with this condition is asked for; the caller answers yes when the condition cannot be
    /// known, since a decision too many is better than one too few. `never_deputy` is for class 3A.
    pub fn plan(
        transition: &Transition,
        never_deputy: bool,
        mut applies: impl FnMut(&pack::expr::Expr) -> bool,
    ) -> Self {
        let mut asked = |when: &Option<pack::expr::Expr>| when.as_ref().is_none_or(&mut applies);
        let mut steps: Vec<Step> = match &transition.route {
            Some(Route { steps }) => steps.iter().filter(|step| asked(&step.when)).map(Step::of).collect(),
            None => {
                let needs = transition.need.iter().filter(|need| asked(&need.when)).map(|need| vec![need.by.clone()]);
                let deciders = std::iter::once(transition.by.clone()).chain(needs);
                deciders.map(|by| Step::new(Kind::Approve, &by, true)).collect()
            }
        };
        steps.truncate(MOST_STEPS);
        if let Some(last) =
            steps.iter_mut().rev().find(|step| step.kind != Kind::Circulate && step.kind != Kind::Consult)
        {
            last.kind = Kind::Decide;
        }
        if never_deputy {
            steps.iter_mut().for_each(|step| step.deputy = false);
        }
        Self { steps }
    }

    /// The step that is open now; none when everything but 供覧 is done.
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.kind != Kind::Circulate && !step.is_done())
    }

    /// Whether every step that counts is done.
    pub fn is_decided(&self) -> bool {
        self.current().is_none()
    }

    /// Seats that wait for somebody now, as (step, seat): those of the current step and, once decided, of 供覧.
    pub fn open_seats(&self) -> Vec<(usize, usize)> {
        let open = |step: usize| {
            let seats = self.steps[step].seats.iter().enumerate();
            seats.filter(|(_, seat)| seat.said.is_none()).map(move |(seat, _)| (step, seat)).collect::<Vec<_>>()
        };
        match self.current() {
            Some(step) => open(step),
            None => {
                (0..self.steps.len()).filter(|&step| self.steps[step].kind == Kind::Circulate).flat_map(open).collect()
            }
        }
    }

    /// Takes an agreement.
    pub fn agree(&mut self, step: usize, seat: usize, said: Said) -> Result<(), NotNow> {
        let open = self.open_seats().contains(&(step, seat));
        let place = self.steps.get_mut(step).and_then(|step| step.seats.get_mut(seat)).ok_or(NotNow::Unknown)?;
        match (&place.said, open) {
            (Some(_), _) => Err(NotNow::Answered),
            (None, false) => Err(NotNow::OtherStep),
            (None, true) => {
                place.said = Some(said);
                Ok(())
            }
        }
    }

    /// 差戻し to an earlier step: what was said from there on is open again, and is for the holders themselves, since the case
    /// is in dispute now.
    pub fn send_back(&mut self, to: usize) -> Result<(), NotNow> {
        match self.current() {
            Some(current) if to < current => {
                for step in self.steps.iter_mut().skip(to) {
                    step.seats.iter_mut().for_each(|seat| seat.said = None);
                    step.deputy = false;
                }
                Ok(())
            }
            _ => Err(NotNow::Unknown),
        }
    }
}

/// A term as the pack writes it.
pub(crate) fn written(term: &Term) -> String {
    match term {
        Term::Applicant => "applicant".to_owned(),
        Term::Person(field) => format!("person:{field}"),
        Term::Role { role, scope: TermScope::Unit } => format!("{role}@unit"),
        Term::Role { role, scope: TermScope::All } => format!("{role}@all"),
        Term::Assigned => "assigned".to_owned(),
    }
}

impl Kind {
    /// As the store has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Consult => "consult",
            Self::Decide => "decide",
            Self::Circulate => "circulate",
        }
    }

    /// 承認, 合議, 決裁, 供覧.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "承認",
            Self::Consult => "合議",
            Self::Decide => "決裁",
            Self::Circulate => "供覧",
        }
    }
}

impl Step {
    fn new(kind: Kind, by: &[Term], deputy: bool) -> Self {
        let who: Vec<String> = by.iter().map(written).collect();
        let seats = match kind {
            // Everyone is asked.
            Kind::Consult | Kind::Circulate => who.into_iter().map(|who| Seat { who: vec![who], said: None }).collect(),
            // Any one of them is enough: one seat.
            Kind::Approve | Kind::Decide => vec![Seat { who, said: None }],
        };
        Self { kind, seats, deputy }
    }

    fn of(step: &RouteStep) -> Self {
        Self::new(step.kind.into(), &step.by, step.deputy)
    }

    /// Whether nothing more is asked here.
    pub fn is_done(&self) -> bool {
        self.seats.iter().all(|seat| seat.said.is_some())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(who: usize) -> Said {
        Said { by: who.to_string(), at: 0, capacity: Capacity::Own, role: None, remark: None }
    }

    fn course(kinds: &[(Kind, usize)]) -> Course {
        let steps = kinds.iter().map(|&(kind, seats)| Step {
            kind,
            seats: (0..seats).map(|seat| Seat { who: vec![format!("role{seat}@all")], said: None }).collect(),
            deputy: true,
        });
        Course { steps: steps.collect() }
    }

    #[test]
    fn a_parallel_consultation_waits_for_everyone_and_circulation_for_nobody() {
        let mut course = course(&[(Kind::Approve, 1), (Kind::Consult, 2), (Kind::Decide, 1), (Kind::Circulate, 1)]);
        assert_eq!(course.open_seats(), [(0, 0)]);
        assert_eq!(course.agree(2, 0, said(1)), Err(NotNow::OtherStep));
        course.agree(0, 0, said(1)).unwrap();
        assert_eq!(course.open_seats(), [(1, 0), (1, 1)]);
        course.agree(1, 1, said(2)).unwrap();
        assert_eq!(course.agree(1, 1, said(2)), Err(NotNow::Answered));
        assert_eq!(course.current(), Some(1));
        course.agree(1, 0, said(3)).unwrap();
        assert!(!course.is_decided());
        course.agree(2, 0, said(4)).unwrap();
        assert!(course.is_decided());
        assert_eq!(course.open_seats(), [(3, 0)]);
    }

    #[test]
    fn what_is_sent_back_is_asked_again_from_there_on() {
        let mut course = course(&[(Kind::Approve, 1), (Kind::Approve, 1), (Kind::Decide, 1)]);
        course.agree(0, 0, said(1)).unwrap();
        course.agree(1, 0, said(2)).unwrap();
        course.send_back(1).unwrap();
        assert_eq!(course.open_seats(), [(1, 0)]);
        assert!(course.steps[0].is_done());
        assert_eq!(course.steps.iter().map(|step| step.deputy).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(course.send_back(1), Err(NotNow::Unknown));
    }

    fn kinds() -> impl Strategy<Value = Vec<(Kind, usize)>> {
        let kind = prop_oneof![Just(Kind::Approve), Just(Kind::Consult), Just(Kind::Decide), Just(Kind::Circulate)];
        prop::collection::vec((kind, 1_usize..4), 1..6)
    }

    proptest! {
        /// The obvious model: a course is decided when every seat before 供覧 was taken, in the order of the steps.
        #[test]
        fn answers_in_any_order_decide_exactly_when_every_seat_was_taken_in_its_turn(
            kinds in kinds(),
            tries in prop::collection::vec((0_usize..6, 0_usize..4), 0..60),
        ) {
            let mut course = course(&kinds);
            let mut taken = std::collections::BTreeSet::new();
            let counts = |step: usize| kinds[step].0 != Kind::Circulate;
            for (step, seat) in tries {
                let exists = kinds.get(step).is_some_and(|(_, seats)| seat < *seats);
                let done = |wanted: usize, taken: &std::collections::BTreeSet<(usize, usize)>| {
                    (0..kinds[wanted].1).all(|seat| taken.contains(&(wanted, seat)))
                };
                let earlier = exists
                    && (0..kinds.len())
                        .filter(|other| counts(*other) && (*other < step || !counts(step)))
                        .all(|other| done(other, &taken));
                let fits = exists && earlier && !taken.contains(&(step, seat));
                prop_assert_eq!(course.agree(step, seat, said(0)).is_ok(), fits);
                if fits {
                    taken.insert((step, seat));
                }
                let all = (0..kinds.len()).filter(|step| counts(*step)).all(|step| done(step, &taken));
                prop_assert_eq!(course.is_decided(), all);
            }
        }
    }
}
