//! Laws that hold for every expression and everything recorded.

use std::collections::BTreeSet;

use pack::expr::{Env, Hop, Outcome, Read, Subject, Unknown, Value, Workdays, World};
use pack::model::Subjects;
use proptest::prelude::*;

use super::city::{Records, TODAY, day, record};
use super::random::{Kind, compiled, condition, recorded, records, small_condition};

/// A world of which some fields cannot be known.
struct Fog<'a> {
    behind: &'a Records,
    hidden: BTreeSet<(Subject, String)>,
}

impl World for Fog<'_> {
    fn field(&self, of: &Subject, field: &str) -> Result<Value, Unknown> {
        if self.hidden.contains(&(of.clone(), field.to_owned())) {
            return Err(Unknown::new("霧", "fog"));
        }
        self.behind.field(of, field)
    }

    fn workdays(&self) -> &Workdays {
        &self.behind.workdays
    }
}

fn judged(source: &str, world: &dyn World) -> Outcome {
    compiled(source).test(&Env { today: day(TODAY), subject: &record("assets", 0), world })
}

/// Without the reason.
fn truth(outcome: &Outcome) -> Option<bool> {
    match outcome {
        Outcome::True => Some(true),
        Outcome::False => Some(false),
        Outcome::Unknown(_) => None,
    }
}

/// Some of the recorded fields of every kind, and the fields of the subject that lists are made of.
fn hidden() -> impl Strategy<Value = BTreeSet<(Subject, String)>> {
    let mut all: Vec<(Subject, String)> = recorded().into_iter().map(|(of, name, ..)| (of, name.to_owned())).collect();
    all.push((record("assets", 0), "takeouts".into()));
    let count = all.len();
    proptest::sample::subsequence(all, 0..count / 2).prop_map(|hidden| hidden.into_iter().collect())
}

/// Whether a read speaks of this field of this subject.
fn speaks_of(read: &Read, of: &Subject, field: &str) -> bool {
    let same = match (&read.of, of) {
        (Subjects::Register(id), Subject::Record { register, .. }) => **id == **register,
        (Subjects::People, Subject::Person(_))
        | (Subjects::Units, Subject::Unit(_))
        | (Subjects::Posts, Subject::Post(_)) => true,
        _ => false,
    };
    same && read.field.as_deref().is_none_or(|name| name == field)
}

/// Everything that the hops of a read lead to from the subject.
fn reached(read: &Read, from: &Subject, records: &Records) -> BTreeSet<Subject> {
    let mut reached = BTreeSet::from([from.clone()]);
    for hop in &read.via {
        reached = match hop {
            Hop::To { field, .. } => reached.iter().flat_map(|one| referred(one, field, records)).collect(),
            Hop::Back { of, field } => {
                let kind = Read { of: of.clone(), field: None, via: Vec::new() };
                let all = records.all().into_iter().filter(|one| speaks_of(&kind, one, ""));
                all.filter(|one| referred(one, field, records).iter().any(|to| reached.contains(to))).collect()
            }
            Hop::All(of) => {
                let kind = Read { of: of.clone(), field: None, via: Vec::new() };
                records.all().into_iter().filter(|one| speaks_of(&kind, one, "")).collect()
            }
        };
    }
    reached
}

fn referred(from: &Subject, field: &str, records: &Records) -> Vec<Subject> {
    let subject = |value: &Value| match value {
        Value::Subject(subject) => Some(subject.clone()),
        _ => None,
    };
    match records.fields.get(&(from.clone(), field.to_owned())) {
        Some(Value::List(values)) => values.iter().filter_map(subject).collect(),
        Some(value) => subject(value).into_iter().collect(),
        None => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Kleene's laws, on any three conditions, of which anything may be unknown.
    #[test]
    fn conditions_obey_the_laws_of_three_valued_logic(
        (a, b, c) in (small_condition(Kind::Whole), small_condition(Kind::Whole), small_condition(Kind::Whole)),
        records in records(),
        hidden in hidden(),
    ) {
        let fog = Fog { behind: &records, hidden };
        let says = |source: String| truth(&judged(&source, &fog));
        prop_assert_eq!(says(format!("({a}) && ({b})")), says(format!("({b}) && ({a})")));
        prop_assert_eq!(says(format!("({a}) || ({b})")), says(format!("({b}) || ({a})")));
        prop_assert_eq!(says(format!("!(({a}) && ({b}))")), says(format!("!({a}) || !({b})")));
        prop_assert_eq!(says(format!("!(({a}) || ({b}))")), says(format!("!({a}) && !({b})")));
        prop_assert_eq!(says(format!("!(!({a}))")), says(a.clone()));
        prop_assert_eq!(
            says(format!("({a}) && (({b}) || ({c}))")),
            says(format!("(({a}) && ({b})) || (({a}) && ({c}))"))
        );
        let (left, right) = (says(a.clone()), says(b.clone()));
        let both = match (left, right) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        prop_assert_eq!(says(format!("({a}) && ({b})")), both);
    }

    /// Coming to know more never changes what was known.
    #[test]
    fn what_is_known_stays_when_the_fog_lifts(source in condition(Kind::Whole), records in records(), hidden in hidden()) {
        let outcome = truth(&judged(&source, &Fog { behind: &records, hidden }));
        if outcome.is_some() {
            prop_assert_eq!(outcome, truth(&judged(&source, &records)), "{}", source);
        }
    }

    /// A change of something that an expression does not read, or to which its hops do not lead, changes nothing.
    #[test]
    fn an_expression_reads_everything_that_it_depends_on(
        source in small_condition(Kind::Whole),
        before in records(),
        other in records(),
    ) {
        let expr = compiled(&source);
        let subject = record("assets", 0);
        let judge = |world: &Records| expr.test(&Env { today: day(TODAY), subject: &subject, world });
        let outcome = judge(&before);
        for (of, field, ..) in recorded() {
            let mut after = before.clone();
            match other.fields.get(&(of.clone(), field.to_owned())) {
                Some(value) => after.set(&of, field, value.clone()),
                None => drop(after.fields.remove(&(of.clone(), field.to_owned()))),
            }
            // Appearing and vanishing things are changes of all their fields at once; here everything stays.
            if after.all() != before.all() || judge(&after) == outcome {
                continue;
            }
            let concerned = expr.reads().iter().any(|read| {
                speaks_of(read, &of, field)
                    && [&before, &after].iter().any(|records| reached(read, &subject, records).contains(&of))
            });
            prop_assert!(concerned, "{} depends on {:?}.{}, but reads {:?}", source, of, field, expr.reads());
        }
    }

    /// The day changes nothing where it is not read.
    #[test]
    fn an_expression_says_whether_it_reads_the_day(source in condition(Kind::Whole), records in records(), later in 1_i64..400) {
        let expr = compiled(&source);
        let subject = record("assets", 0);
        let on = |today| expr.test(&Env { today, subject: &subject, world: &records });
        if !expr.reads_today() {
            prop_assert_eq!(on(day(TODAY)), on(day(TODAY).plus_days(later).expect("a day")), "{}", source);
        }
    }
}

#[test]
fn what_is_read_is_listed_with_the_way_to_it() {
    let said = |source: &str| -> Vec<String> {
        let field = |of: &Subjects, field: &str| match of {
            Subjects::Register(id) => format!("{id}.{field}"),
            other => format!("{other:?}.{field}"),
        };
        let hop = |hop: &Hop| match hop {
            Hop::To { of, field: name } => format!(" > {}", field(of, name)),
            Hop::Back { of, field: name } => format!(" < {}", field(of, name)),
            Hop::All(of) => format!(" * {of:?}"),
        };
        compiled(source)
            .reads()
            .iter()
            .map(|read| {
                let via: String = read.via.iter().map(hop).collect();
                format!("{}{via}", field(&read.of, read.field.as_deref().unwrap_or("-")))
            })
            .collect()
    };
    assert_eq!(said("record.shared && record.shared"), ["assets.shared"]);
    assert_eq!(said("record.unit.name == ''"), ["assets.unit", "Units.name > assets.unit"]);
    assert_eq!(
        said("record.takeouts.exists(t, t.state == 'out')"),
        ["takeouts.asset < takeouts.asset", "takeouts.state < takeouts.asset"]
    );
    assert_eq!(said("record.late"), ["assets.reviewed_on", "assets.created_on"]);
    assert_eq!(
        said("(record.shared ? record.applicant : record.applicant).kept.exists(a, a.late)"),
        [
            "assets.shared",
            "assets.applicant",
            "assets.keeper > assets.applicant < assets.keeper",
            "assets.reviewed_on > assets.applicant < assets.keeper",
            "assets.created_on > assets.applicant < assets.keeper",
        ]
    );
}
