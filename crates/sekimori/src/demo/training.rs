//! Courses, the self-check and the acknowledgement in 関守市（架空）: most have answered, some have not.

use std::sync::Arc;

use ledger::people::{persons, posts};
use ledger::questionnaires::{self, Answer};
use ledger::records::{self, Change, NewRecord};
use ledger::{Actor, Id, Kind, Result};
use serde_json::{Value as Json, json};

use super::chance::Chance;
use super::city::City;

/// Days ago on which the self-check was answered.
const SELF_CHECK: i64 = 95;
/// Days ago on which the course for everyone began.
const COURSE: i64 = 150;
/// Of a hundred people, those who have answered the self-check (自己点検 91 %).
const ANSWERED: usize = 91;
/// Questions that some answer with "no", and of how many people one does.
const NOES: &[(&str, usize)] = &[("lock_screen", 12), ("took_course", 20), ("copier", 15), ("know_contact", 25)];

/// The course for everyone, who has attended, and who has confirmed the policy: entered by the secretariat from the lists.
pub(crate) async fn course(city: &mut City) -> Result<()> {
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    let (mut op, standing) = city.by(secretariat, city.at(COURSE + 20, 0)).await?;
    let year = city.ago(COURSE).fiscal_year();
    let fields = json!({
        "title": "全職員 情報セキュリティ研修", "year": year, "audience": "all", "method": "online",
        "held_on": city.ago(COURSE).to_string(), "until": city.ago(COURSE - 120).to_string(), "quiz": "training-basics",
        "content": "事例から学ぶ：誤送信、紛失、標的型メール",
    });
    let course = city.create(&mut op, &standing, "training-courses", fields).await?;
    let course = city.step(&mut op, &standing, &course, "submit", Json::Null, None).await?;
    op.commit().await?;
    city.decide(&course, COURSE + 15).await?;

    let pack = Arc::clone(&city.pack);
    let (mut op, standing) = city.by(secretariat, city.at(COURSE - 30, 0)).await?;
    let (taken, confirmed) = (city.ago(COURSE - 30).to_string(), city.ago(COURSE - 30).to_string());
    for (person, id) in &city.people {
        let mut chance = Chance::named(&format!("training {}", person.number));
        if person.category == "contractor" || chance.happens(1, 60) {
            continue;
        }
        let unit = city.units.get(person.unit).copied();
        let attended = json!({
            "person": id.to_string(), "course": course.id.to_string(), "taken_on": taken, "score": 60 + 5 * chance.below(9),
        });
        let acknowledged = json!({
            "person": id.to_string(), "edition": pack.version, "confirmed_on": confirmed,
            "text_hash": questionnaires::text_hash(&pack),
        });
        for (register, fields) in [("training-records", attended), ("acknowledgements", acknowledged)] {
            let register = records::register(&pack, register)?;
            let Json::Object(fields) = fields else { continue };
            let new = NewRecord { unit, entered_for: Some(*id), fields };
            let record = records::create(&mut op, &pack, Some(&standing), register, new).await?;
            let Some(confirm) = register.transition("record") else { continue };
            let change = Change::default();
            records::step(&mut op, &pack, Some(&standing), register, record.id, confirm, change).await?;
        }
    }
    op.commit().await.map(|_| ())
}

/// The yearly self-check, answered by each person.
pub(crate) async fn self_check(city: &mut City) -> Result<()> {
    let pack = Arc::clone(&city.pack);
    let Some(sheet) = pack.questionnaires.iter().find(|sheet| sheet.id == "self-check") else { return Ok(()) };
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(SELF_CHECK, 0)).await?;
    let mut asked: Vec<Id> = Vec::new();
    let day = city.ago(SELF_CHECK);
    for person in persons::on(&mut reading, day).await? {
        if sheet.audience.contains(&person.category) && posts::home(&mut reading, person.id, day).await?.is_some() {
            asked.push(person.id);
        }
    }
    reading.end().await?;
    for (minute, person) in (0_i64..).zip(asked) {
        let mut chance = Chance::named(&format!("self-check {minute}"));
        if !chance.happens(ANSWERED, 100) {
            continue;
        }
        let (mut op, standing) = city.by(person, city.at(SELF_CHECK, minute % 360)).await?;
        let answers: Vec<Answer> = questionnaires::questions(sheet, &standing)
            .into_iter()
            .map(|question| {
                let odds = NOES.iter().find(|(id, _)| *id == question.id).map(|(_, odds)| *odds);
                let no = odds.is_some_and(|odds| chance.happens(1, odds));
                (question.id.clone(), if no { "no" } else { "yes" }.to_owned())
            })
            .collect();
        match questionnaires::answer(&mut op, &pack, &standing, &sheet.id, None, &answers).await {
            Ok(_) => op.commit().await.map(|_| ())?,
            // Whoever may write nothing here is asked nothing.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
