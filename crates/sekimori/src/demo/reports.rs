//! What the people of 関守市（架空） have reported as done (実施報告), with evidence; a few reports are missing.

use std::collections::BTreeMap;

use ledger::attestations::{self, Report};
use ledger::people::{posts, units};
use ledger::permission::{Office, attach, attest, office};
use ledger::{Actor, Id, Result, files, records};
use pack::model::{Attestation, Control, Nature, Period, Subjects, Term, TermScope};

use super::chance::Chance;
use super::city::City;

/// A control that the committee has planned and not begun (着手前).
const PLANNED: &str = "handling-limits-reviewed";
/// In how many days it is to begin.
const STARTS_IN: i64 = 60;

/// Reports on most attested controls, lately enough to count today.
pub(crate) async fn reports(city: &mut City) -> Result<()> {
    let controls: Vec<Control> = city.pack.controls.clone();
    for (number, control) in controls.iter().enumerate() {
        let Nature::Attested(attestation) = &control.nature else { continue };
        // Left open for the story.
        if number % 9 == 4 || control.id == PLANNED {
            continue;
        }
        let days_ago = lately(attestation.every);
        let mut by_holder: BTreeMap<Id, Vec<(String, Option<Id>)>> = BTreeMap::new();
        for (subject, unit) in subjects(city, control, attestation).await? {
            if let Some(holder) = holder(city, &attestation.by, unit).await? {
                by_holder.entry(holder).or_default().push((subject, unit));
            }
        }
        for (holder, done) in by_holder {
            report(city, control, holder, &done, days_ago).await?;
        }
    }
    plan(city).await
}

/// Days ago on which something due this often was last done.
fn lately(every: Period) -> i64 {
    match every {
        Period::Days(days) => i64::from(days) / 2,
        Period::Months(months) => i64::from(months) * 12,
        Period::Years(years) => i64::from(years) * 110,
    }
}

/// For what a control is reported: the city, most sections, every system.
async fn subjects(city: &City, control: &Control, attestation: &Attestation) -> Result<Vec<(String, Option<Id>)>> {
    match &attestation.per {
        Subjects::Municipality => Ok(vec![("city".to_owned(), None)]),
        Subjects::Units => {
            let mut chance = Chance::named(&control.id);
            let mut units: Vec<Id> = city.units.values().copied().collect();
            units.sort_unstable();
            units.retain(|_| !chance.happens(1, 12));
            Ok(units.into_iter().map(|unit| (format!("unit:{unit}"), Some(unit))).collect())
        }
        Subjects::Register(register) => {
            let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
            let all = records::all_stored(&mut reading, register).await?;
            Ok(all.into_iter().map(|record| (format!("record:{register}:{}", record.id), Some(record.unit))).collect())
        }
        Subjects::Source(_) | Subjects::People | Subjects::Posts => Ok(Vec::new()),
    }
}

/// Somebody whom the term names for a unit.
async fn holder(city: &City, term: &Term, unit: Option<Id>) -> Result<Option<Id>> {
    let Term::Role { role, scope } = term else { return Ok(None) };
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
    let held = posts::holders_anywhere(&mut reading, role, city.today).await?;
    let above = match (scope, unit) {
        (TermScope::Unit, Some(unit)) => Some(units::above(&mut reading, unit, city.today).await?),
        _ => None,
    };
    reading.end().await?;
    let joint = unit.is_some_and(|unit| city.is_joint(unit));
    let mut fitting = held.iter().filter(|post| match &above {
        Some(above) => above.contains(&post.unit),
        None => city.is_joint(post.unit) == joint,
    });
    Ok(fitting.next().map(|post| post.person))
}

async fn report(
    city: &mut City,
    control: &Control,
    holder: Id,
    done: &[(String, Option<Id>)],
    days_ago: i64,
) -> Result<()> {
    let (mut op, standing) = city.by(holder, city.at(days_ago, 0)).await?;
    let permit = attach(&op, Some(&standing))?;
    let evidence = format!("{}\n実施した記録（架空のデータ）\n", control.title.ja);
    let file = files::add(&mut op, permit, "実施記録.txt", "text/plain", evidence.as_bytes()).await?;
    for (subject, unit) in done {
        let permit = attest(&mut op, &standing, control, *unit).await?;
        let report = Report {
            control,
            subject: subject.clone(),
            on: op.today(),
            note: "手順どおり実施し、結果を記録しました。".to_owned(),
            file: Some(file.id),
        };
        attestations::attest(&mut op, permit, report).await?;
    }
    op.commit().await.map(|_| ())
}

/// One duty is planned for later.
async fn plan(city: &City) -> Result<()> {
    let mut op = city.setup(city.at(30, 0)).await?;
    let permit = office(&op, None, Office::Packs, "plan", "control", PLANNED)?;
    let start = city.ago(-STARTS_IN);
    attestations::plan(&mut op, permit, PLANNED, Some(start), "委員会の年間計画による").await?;
    op.commit().await.map(|_| ())
}
