//! One control over its subjects: what holds, what does not, what cannot be said.

use std::collections::{BTreeMap, HashMap, HashSet};

use pack::expr::{Day, Env, Outcome, Subject};
use pack::model::{Attestation, Control, Nature, Period, Subjects, Term, TermScope, Text};

use crate::{Snapshot, State};

/// What is said of one subject. There are as many of them as records times controls, so that they are small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What.
    pub state: State,
    /// Why, unless it holds or is out of scope.
    pub reason: Option<Box<Text>>,
}

impl Verdict {
    /// One that needs no reason.
    fn plain(state: State) -> Self {
        Self { state, reason: None }
    }

    fn because(state: State, reason: Text) -> Self {
        Self { state, reason: Some(Box::new(reason)) }
    }
}

/// An exception in force (例外措置).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The record's number, for the reader.
    pub number: String,
    /// The control that it lifts.
    pub control: String,
    /// The number of the record that it is for; none: everything of the unit.
    pub subject: Option<String>,
    /// The unit that it was granted to.
    pub unit: u128,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

/// What is known beside the snapshot.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// Exceptions that were granted, also past and future ones.
    pub exceptions: Vec<Exception>,
    /// Last attestation of a control for a subject.
    pub attested: HashMap<(String, Subject), Day>,
    /// Planned start of a control, where the committee has planned one.
    pub planned: HashMap<String, Day>,
    /// Data sources that have delivered: the day of their last file.
    pub delivered: HashMap<String, Day>,
    /// Units above a unit, itself included.
    pub above: HashMap<u128, Vec<u128>>,
    /// Units in which a head of section sits: those above them report nothing in a section's name.
    pub sections: HashSet<u128>,
    /// Roles that are held in a section.
    pub section_roles: HashSet<String>,
    /// The day from which the policy binds; nothing is late before it.
    pub in_force: Option<Day>,
}

/// Evaluates a control over everything that it concerns.
///
/// There is always at least one verdict: a control without subjects is unknown for the municipality as a whole.
pub fn control(
    control: &Control,
    world: &Snapshot,
    known: &Circumstances,
    today: Day,
    pack: &pack::Pack,
) -> BTreeMap<Subject, Verdict> {
    let of = subjects(control);
    let for_all = |verdict| BTreeMap::from([(Subject::Municipality, planned(control, known, today, verdict))]);
    if let Some(verdict) = without_source(of, known, today, pack) {
        return for_all(verdict);
    }
    let all = world.subjects(of);
    if all.is_empty() {
        return for_all(unknown("対象となる記録がまだありません", "there is no record to look at yet"));
    }
    let verdicts = all.into_iter().map(|subject| {
        let verdict = one(control, &subject, world, known, today);
        (subject, verdict)
    });
    verdicts.collect()
}

/// Evaluates a control for one subject that is there.
pub fn one(control: &Control, subject: &Subject, world: &Snapshot, known: &Circumstances, today: Day) -> Verdict {
    let env = Env { today, subject, world };
    let verdict = match &control.nature {
        Nature::Machine { applies, holds, .. } => {
            let concerned = applies.as_ref().map_or(Outcome::True, |applies| applies.test(&env));
            match concerned {
                Outcome::False => Verdict::plain(State::OutOfScope),
                Outcome::Unknown(why) => Verdict::because(State::Unknown, why.reason().clone()),
                Outcome::True => match holds.test(&env) {
                    Outcome::True => Verdict::plain(State::Holds),
                    Outcome::False => Verdict::because(State::Broken, said(control, &env)),
                    Outcome::Unknown(why) => Verdict::because(State::Unknown, why.reason().clone()),
                },
            }
        }
        Nature::Attested(attestation) => attested(control, attestation, subject, known, today),
    };
    covered(control, subject, world, known, today, planned(control, known, today, verdict))
}

/// What is wrong, in the control's words about this subject.
fn said(control: &Control, env: &Env<'_>) -> Text {
    Text { ja: control.says.render(env, false), en: Some(control.says.render(env, true)) }
}

/// What a control is evaluated over.
pub fn subjects(control: &Control) -> &Subjects {
    match &control.nature {
        Nature::Machine { subjects, .. } => subjects,
        Nature::Attested(attestation) => &attestation.per,
    }
}

fn unknown(ja: impl Into<String>, en: impl Into<String>) -> Verdict {
    Verdict::because(State::Unknown, Text { ja: ja.into(), en: Some(en.into()) })
}

fn broken(reason: Text) -> Verdict {
    Verdict::because(State::Broken, reason)
}

/// A control over a data source that has not delivered, or not lately, says nothing of any row.
fn without_source(of: &Subjects, known: &Circumstances, today: Day, pack: &pack::Pack) -> Option<Verdict> {
    let Subjects::Source(id) = of else { return None };
    let source = pack.source(id)?;
    let title = &source.title;
    match known.delivered.get(id) {
        None => Some(unknown(
            format!("データ源「{}」からまだ届いていません", title.ja),
            format!("the data source '{}' has not delivered yet", title.pick(true)),
        )),
        Some(last) if after(*last, source.expect).is_some_and(|due| due < today) => Some(unknown(
            format!("データ源「{}」の最終受領は{last}で、期限（{}ごと）を過ぎています", title.ja, source.expect),
            format!(
                "the data source '{}' last delivered on {last}; expected every {}",
                title.pick(true),
                source.expect
            ),
        )),
        Some(_) => None,
    }
}

/// A planned control has not started until its day; after it, nothing recorded is a late start.
fn planned(control: &Control, known: &Circumstances, today: Day, verdict: Verdict) -> Verdict {
    match known.planned.get(&control.id) {
        Some(start) if today < *start && matches!(verdict.state, State::Unknown | State::Broken) => Verdict::because(
            State::NotStarted,
            Text { ja: format!("{start}に始める予定です"), en: Some(format!("planned to start on {start}")) },
        ),
        Some(start) if verdict.state == State::Unknown && matches!(control.nature, Nature::Attested(_)) => {
            broken(Text {
                ja: format!("開始予定日（{start}）を過ぎましたが、実施報告がありません"),
                en: Some(format!("planned to start on {start}, and nothing was reported since")),
            })
        }
        _ => verdict,
    }
}

/// A failure that an exception in force covers.
fn covered(
    control: &Control,
    subject: &Subject,
    world: &Snapshot,
    known: &Circumstances,
    today: Day,
    verdict: Verdict,
) -> Verdict {
    if verdict.state != State::Broken {
        return verdict;
    }
    let exception = known.exceptions.iter().find(|exception| {
        exception.control == control.id
            && (exception.from..=exception.to).contains(&today)
            && covers(exception, subject, world, known)
    });
    match exception {
        Some(exception) => Verdict::because(
            State::Covered,
            Text {
                ja: format!("例外措置（{}）により{}まで認められています", exception.number, exception.to),
                en: Some(format!("covered by the exception {} until {}", exception.number, exception.to)),
            },
        ),
        None => verdict,
    }
}

fn covers(exception: &Exception, subject: &Subject, world: &Snapshot, known: &Circumstances) -> bool {
    use pack::expr::{Value, World};
    match &exception.subject {
        Some(number) => matches!(world.field(subject, "number"), Ok(Value::Text(own)) if *own == **number),
        None => world.unit(subject).is_some_and(|unit| {
            unit == exception.unit || known.above.get(&unit).is_some_and(|above| above.contains(&exception.unit))
        }),
    }
}

/// Whether a unit is asked for a report: one of a section's role is asked of sections, not of bureaus and bodies above them.
fn is_asked(attestation: &Attestation, subject: &Subject, known: &Circumstances) -> bool {
    match (&attestation.by, subject) {
        (Term::Role { role, scope: TermScope::Unit }, Subject::Unit(unit)) => {
            !known.section_roles.contains(role) || known.sections.contains(unit)
        }
        _ => true,
    }
}

/// An attested control holds while its last report is not older than its interval.
fn attested(
    control: &Control,
    attestation: &Attestation,
    subject: &Subject,
    known: &Circumstances,
    today: Day,
) -> Verdict {
    if !is_asked(attestation, subject, known) {
        return Verdict::plain(State::OutOfScope);
    }
    let last = known.attested.get(&(control.id.clone(), subject.clone()));
    let late = |from: Day| after(from, attestation.every).is_some_and(|due| due < today);
    match last {
        Some(last) if !late(*last) => Verdict::plain(State::Holds),
        Some(last) => broken(Text {
            ja: format!("最後の実施報告は{last}で、{}ごとの期限を過ぎています", attestation.every),
            en: Some(format!("last reported on {last}; due every {}", attestation.every)),
        }),
        None if known.in_force.is_some_and(late) => broken(Text {
            ja: "施行から一度も実施報告がありません".to_owned(),
            en: Some("never reported since the policy came into force".to_owned()),
        }),
        None => unknown("実施報告がまだありません", "nothing was reported yet"),
    }
}

/// The day a period after another, for intervals: none past year 9999.
fn after(day: Day, period: Period) -> Option<Day> {
    match period {
        Period::Days(days) => day.plus_days(i64::from(days)),
        Period::Months(months) => day.plus_months(i64::from(months)),
        Period::Years(years) => day.plus_months(i64::from(years) * 12),
    }
}
