//! A shortfall at a contractor, followed to its end: asked, answered, confirmed; when it is not put right, further measures.

use pack::model::Register;

use crate::Day;
use crate::records::Record;

/// What is done about a shortfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// 改善の求め
    Request,
    /// 事業者の回答
    Answer,
    /// 是正の確認
    Confirm,
    /// 立入り
    Visit,
    /// 統括・CISO への報告
    Report,
    /// 作業の停止
    Stop,
    /// 契約の解除
    Cancel,
}

impl Step {
    /// All, in the order in which they are taken.
    pub const ALL: [Self; 7] =
        [Self::Request, Self::Answer, Self::Confirm, Self::Visit, Self::Report, Self::Stop, Self::Cancel];

    /// The choice of the field `step`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Confirm => "confirm",
            Self::Visit => "visit",
            Self::Report => "report",
            Self::Stop => "stop",
            Self::Cancel => "cancel",
        }
    }

    /// The step of a choice.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }

    /// Days that it usually takes.
    fn days(self) -> i64 {
        match self {
            Self::Report | Self::Stop => 3,
            _ => 14,
        }
    }
}

/// A step that is suggested next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// What.
    pub step: Step,
    /// By when.
    pub due: Day,
}

/// A check that found something missing.
#[derive(Debug, Clone)]
pub struct Shortfall {
    /// The check.
    pub check: Record,
    /// Whether it is serious.
    pub serious: bool,
    /// The day on which the correction was confirmed.
    pub fixed: Option<Day>,
    /// Its measures, the earliest due first; dropped ones are left out.
    pub measures: Vec<Measure>,
    /// Fields of days on which somebody has to be told of a serious one, and is not.
    pub untold: Vec<&'static str>,
    /// What is suggested next; none while a measure is open, and when it is corrected.
    pub next: Option<Next>,
}

/// A measure.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its record.
    pub record: Record,
    /// What.
    pub step: Option<Step>,
    /// The day on which it was done; none while it is open.
    pub done: Option<Day>,
}

impl Measure {
    /// Open, and past its last day.
    pub fn is_late(&self, today: Day) -> bool {
        self.done.is_none() && self.record.day("due_on").is_some_and(|due| due < today)
    }
}

impl Shortfall {
    /// Not corrected.
    pub fn is_open(&self) -> bool {
        self.fixed.is_none()
    }

    /// The correction is late, or a measure is.
    pub fn is_late(&self, today: Day) -> bool {
        let late = self.check.day("due_on").is_some_and(|due| due < today);
        self.is_open() && (late || self.measures.iter().any(|measure| measure.is_late(today)))
    }
}

/// The fields of days on which a serious shortfall is told.
const TOLD: [&str; 2] = ["told_chief_on", "told_ciso_on"];

/// The shortfall of a check, with its measures; none for one that found nothing. `register` is that of the measures.
pub fn shortfall(register: Option<&Register>, check: &Record, measures: &[&Record], today: Day) -> Option<Shortfall> {
    let serious = match check.text("result") {
        Some("shortfall") => false,
        Some("serious") => true,
        _ => return None,
    };
    let initial = register.map(|register| register.lifecycle.initial.as_str());
    let kept = measures.iter().filter_map(|record| {
        let done = record.day("done_on");
        // Neither open nor done: given up.
        let open = initial == Some(record.state.as_str());
        let step = record.text("step").and_then(Step::from_id);
        (open || done.is_some()).then(|| Measure { record: (*record).clone(), step, done: done.filter(|_| !open) })
    });
    let mut measures: Vec<Measure> = kept.collect();
    measures.sort_by_key(|measure| (measure.record.day("due_on"), measure.step, measure.record.id));
    let fixed = check.day("fixed_on");
    let untold = TOLD.into_iter().filter(|field| serious && check.day(field).is_none()).collect();
    let waits = fixed.is_some() || register.is_none() || measures.iter().any(|measure| measure.done.is_none());
    let next = if waits { None } else { Some(next(&measures, check, today)) };
    Some(Shortfall { check: check.clone(), serious, fixed, measures, untold, next })
}

/// The step after the furthest that was done; the last one stays the last.
fn next(measures: &[Measure], check: &Record, today: Day) -> Next {
    let furthest = measures.iter().filter_map(|measure| Some((measure.step?, measure.done?))).max();
    let step = match furthest {
        None => Step::Request,
        Some((last, _)) => Step::ALL.into_iter().find(|step| *step > last).unwrap_or(Step::Cancel),
    };
    let from = furthest.map(|(_, done)| done).or_else(|| check.day("checked_on")).unwrap_or(today);
    let due = from.plus_days(step.days()).unwrap_or(Day::LAST).max(today);
    Next { step, due }
}
