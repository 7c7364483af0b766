//! Courses, consents, the self-check and the acknowledgement in 関守市（架空）: most have answered, some have not.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::people::{persons, posts};
use ledger::questionnaires::{self, Answer};
use ledger::records::{self, Change, NewRecord, Record};
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

/// A course: for whom, title, how, days ago it began, days that it lasts, sheet of its quiz, content, and the roles whose holders
/// attended it.
type Course = (&'static str, &'static str, &'static str, i64, i64, &'static str, &'static str, &'static [&'static str]);

const COURSES: &[Course] = &[
    (
        "new",
        "新規採用職員 情報セキュリティ研修",
        "class",
        230,
        2,
        "",
        "守ることの全体、事故に気付いたときの知らせ方",
        &[],
    ),
    (
        "managers",
        "情報セキュリティ管理者研修",
        "class",
        185,
        1,
        "training-managers",
        "課の情報資産の決裁、事故のときの初動、委託先の監督",
        &["section_manager", "bureau_security_officer"],
    ),
    (
        "systems",
        "情報システム管理者・担当者研修",
        "class",
        180,
        1,
        "training-systems",
        "ログの点検、変更の管理、クラウドの設定",
        &["system_manager", "system_operator", "lan_manager"],
    ),
    ("csirt", "ＣＳＩＲＴ演習", "exercise", 102, 1, "", "ランサムウェアの筋書きによる机上の演習", &["csirt"]),
];

/// Plans a course, decided by the CISO.
async fn plan(city: &mut City, secretariat: Id, course: Course) -> Result<Record> {
    let (audience, title, method, began, lasts, quiz, content, _) = course;
    let mut fields = json!({
        "title": title, "year": city.ago(began).fiscal_year(), "audience": audience, "method": method,
        "held_on": city.ago(began).to_string(), "until": city.ago(began - lasts).to_string(), "content": content,
    });
    if let (false, Some(fields)) = (quiz.is_empty(), fields.as_object_mut()) {
        fields.insert("quiz".to_owned(), json!(quiz));
    }
    let course = city.enter(secretariat, began + 20, "training-courses", "submit", fields).await?;
    city.decide(&course, began + 15).await?;
    Ok(course)
}

/// The courses of the year, who attended them, and who has confirmed the policy: entered by the secretariat from the lists.
pub(crate) async fn courses(city: &mut City) -> Result<()> {
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    for course in COURSES {
        let (.., began, lasts, _, _, roles) = *course;
        let record = plan(city, secretariat, *course).await?;
        let mut held = Vec::new();
        let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(began, 0)).await?;
        for role in roles {
            held.extend(posts::holders_anywhere(&mut reading, role, city.ago(began)).await?);
        }
        reading.end().await?;
        let mut people: Vec<Id> = held.iter().map(|post| post.person).collect();
        people.sort_unstable();
        people.dedup();
        let (mut op, standing) = city.by(secretariat, city.at(began - lasts, 0)).await?;
        for person in people {
            let attended = json!({
                "person": person.to_string(), "course": record.id.to_string(), "taken_on": city.ago(began - lasts).to_string(),
            });
            let attended = city.create(&mut op, &standing, "training-records", attended).await?;
            city.step(&mut op, &standing, &attended, "record", Json::Null, None).await?;
        }
        op.commit().await?;
        city.act(secretariat, began - lasts, &record, "close", Json::Null).await?;
    }
    everyone(city, secretariat, false).await?;
    // The joint body trains its own people.
    match city.somebody("9001", 3) {
        Some(secretariat) => everyone(city, secretariat, true).await,
        None => Ok(()),
    }
}

/// A body's course for everyone, which most have attended, and the confirmation of the policy.
async fn everyone(city: &mut City, secretariat: Id, joint: bool) -> Result<()> {
    let all: Course = (
        "all",
        "全職員 情報セキュリティ研修",
        "online",
        COURSE,
        120,
        "training-basics",
        "事例から学ぶ：誤送信、紛失、標的型メール",
        &[],
    );
    let course = plan(city, secretariat, all).await?;
    let pack = Arc::clone(&city.pack);
    let (mut op, standing) = city.by(secretariat, city.at(COURSE - 30, 0)).await?;
    let (taken, confirmed) = (city.ago(COURSE - 30).to_string(), city.ago(COURSE - 30).to_string());
    for (person, id) in &city.people {
        let mut chance = Chance::named(&format!("training {}", person.number));
        let elsewhere = super::units::is_joint(person.unit) != joint;
        if person.category == "contractor" || elsewhere || chance.happens(1, 60) {
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
            let new = NewRecord { unit, paper: None, fields };
            let record = records::create(&mut op, &pack, Some(&standing), register, new).await?;
            let Some(confirm) = register.transition("record") else { continue };
            let change = Change::default();
            records::step(&mut op, &pack, Some(&standing), register, record.id, confirm, change).await?;
        }
    }
    op.commit().await.map(|_| ())
}

/// The consent of 会計年度任用職員 to the rules of use, taken by each section in April; a few are missing.
pub(crate) async fn consents(city: &mut City) -> Result<()> {
    let signed = city.days_since(city.fiscal_start(0)).saturating_sub(6).max(0);
    let appointed: Vec<(Id, &'static str, String)> = city
        .people
        .iter()
        .filter(|(person, _)| person.category == "fiscal_year")
        .map(|(person, id)| (*id, person.unit, person.number.clone()))
        .collect();
    let mut by_unit: BTreeMap<&'static str, Vec<(Id, String)>> = BTreeMap::new();
    for (id, unit, number) in appointed {
        by_unit.entry(unit).or_default().push((id, number));
    }
    for (unit, people) in by_unit {
        let Some(head) = city.person(unit, 0) else { continue };
        let (mut op, standing) = city.by(head, city.at(signed, 0)).await?;
        for (person, number) in people {
            let mut chance = Chance::named(&format!("consent {number}"));
            if chance.happens(1, 40) {
                continue;
            }
            let fields = json!({
                "person": person.to_string(), "signed_on": city.ago(signed).to_string(), "mail": "needed",
                "internet": if chance.happens(1, 2) { "needed" } else { "not_needed" },
            });
            let consent = city.create(&mut op, &standing, "consent-forms", fields).await?;
            city.step(&mut op, &standing, &consent, "record", Json::Null, None).await?;
        }
        op.commit().await?;
    }
    Ok(())
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
