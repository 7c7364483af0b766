//! 不在 of others: who is or will be away among those whom the reader looks after (庶務担当 of the unit, 人事担当), set and taken back.

use askama::Template;
use axum::response::{IntoResponse, Response};
use ledger::people::absences::{self, Absence};
use ledger::people::{Standing, persons, posts, units};
use ledger::permission::{self, GENERAL_AFFAIRS, PERSONNEL};
use ledger::{Day, FieldError, Id, Moment, Reading};

use super::shown_name;
use crate::inbox::end_of;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::registers::named_person;
use crate::visit::Desk;

/// Where the page stands.
const HERE: &str = "/organisation/absences";

/// An absence as it is listed.
struct Row {
    id: String,
    name: String,
    unit: String,
    from: String,
    to: String,
    set_by: String,
    /// It has begun.
    now: bool,
}

/// What was typed, which stays in the boxes when something is wrong with it.
#[derive(Default)]
struct Typed {
    person: String,
    from: String,
    to: String,
}

#[derive(Template)]
#[template(path = "organisation/absences.html")]
struct Absences {
    page: Page,
    rows: Vec<Row>,
    typed: Typed,
    /// Field and message.
    errors: Vec<(String, String)>,
}

impl Absences {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(wrong, _)| wrong == field).map(|(_, says)| says.as_str())
    }
}

/// Whether the reader sets absences of others at all.
pub(crate) fn open_to(standing: &Standing) -> bool {
    [GENERAL_AFFAIRS, PERSONNEL].iter().any(|role| standing.holds_itself(role))
}

/// `GET /organisation/absences`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let typed = Typed { from: desk.today().to_string(), ..Typed::default() };
    page(&desk, typed, &[]).await
}

async fn page(desk: &Desk, typed: Typed, errors: &[FieldError]) -> Result<Response, Fault> {
    if !open_to(&desk.standing) {
        return Err(Fault::NotFound);
    }
    let lang = desk.lang();
    let mut reading = desk.reading().await?;
    let now = reading.at();
    let mut rows = Vec::new();
    for absence in absences::lasting(&mut reading, now).await? {
        // Only asked, for what is listed; a change asks again.
        if permission::absence(&mut reading, &desk.standing, absence.person, "read").await.map(drop).is_ok() {
            rows.push(row(&mut reading, desk, &absence).await?);
        }
    }
    let errors = errors.iter().map(|error| (error.field.clone(), lang.of(&error.message).to_owned())).collect();
    let page = desk.page("organisation", lang.t("不在の設定", "Absences"));
    let shown = Absences { page, rows, typed, errors };
    let mut response = answer(&shown)?;
    if !shown.errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn row(reading: &mut Reading, desk: &Desk, absence: &Absence) -> Result<Row, Fault> {
    let (lang, today, now) = (desk.lang(), reading.today(), reading.at());
    let home = posts::home(reading, absence.person, today).await?;
    let unit = match home {
        Some(unit) => units::get(reading, unit).await?.name,
        None => String::new(),
    };
    let person = persons::get(reading, absence.person).await?;
    let set_by = match absence.set_by.strip_prefix("person:").and_then(|id| id.parse::<Id>().ok()) {
        Some(by) if by == absence.person => lang.t("本人", "The person").to_owned(),
        Some(by) => shown_name(&persons::get(reading, by).await?),
        None => lang.t("管理者", "An administrator").to_owned(),
    };
    Ok(Row {
        id: absence.id.to_string(),
        name: format!("{}（{}）", shown_name(&person), person.code),
        unit,
        from: date::moment(lang, absence.from, today),
        // The last day, where it ends with one.
        to: match absence.to {
            Some(to) => date::long(lang, to.plus_ms(-1).day()),
            None => lang.t("終わりを決めていない", "No end").to_owned(),
        },
        set_by,
        now: absence.from <= now,
    })
}

/// `POST /organisation/absences`: from a day to a day, for somebody else.
pub(crate) async fn set(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut op = desk.operation().await?;
    let typed = Typed {
        person: posted.text("person").to_owned(),
        from: posted.text("from").to_owned(),
        to: posted.text("to").to_owned(),
    };
    let (today, now) = (op.today(), op.at());
    let mut errors = Vec::new();
    let from = day(&typed.from).filter(|from| *from >= today);
    if from.is_none() {
        errors.push(wrong("from", "きょう以後の日付を入力してください。", "Give today or a later day."));
    }
    let to = day(&typed.to);
    if !typed.to.is_empty() && to.is_none_or(|to| from.is_some_and(|from| to < from)) {
        errors.push(wrong("to", "始まりの日以後の日付を入力してください。", "Give the first day or a later one."));
    }
    let person = match named_person(&mut op, &typed.person).await? {
        Ok(person) => Some(person),
        Err(message) => {
            errors.push(FieldError { field: "person".to_owned(), message });
            None
        }
    };
    let (Some(person), Some(from), true) = (person, from, errors.is_empty()) else {
        drop(op);
        return page(&desk, typed, &errors).await;
    };
    let permit = permission::absence(&mut op, &desk.standing, person, "set-absence").await?;
    let from = Moment::start_of(from).max(now);
    absences::set(&mut op, permit, person, from, to.map(end_of)).await?;
    op.commit().await?;
    let says = lang.t("不在を設定しました。", "The absence is set.");
    Ok(Flash::done(says).at(HERE).into_response())
}

/// `POST /organisation/absences/end`: ends what has begun, takes back what has not.
pub(crate) async fn end(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let id: Id = posted.text("absence").parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let now = op.at();
    let all = absences::lasting(&mut op, now).await?;
    let absence = all.iter().find(|absence| absence.id == id).ok_or(Fault::NotFound)?;
    let permit = permission::absence(&mut op, &desk.standing, absence.person, "end-absence").await?;
    absences::end(&mut op, permit, id, now).await?;
    op.commit().await?;
    Ok(Flash::done(desk.lang().t("不在を終えました。", "The absence has ended.")).at(HERE).into_response())
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}

fn wrong(field: &str, ja: &str, en: &str) -> FieldError {
    let message = pack::model::Text { ja: ja.to_owned(), en: Some(en.to_owned()) };
    FieldError { field: field.to_owned(), message }
}
