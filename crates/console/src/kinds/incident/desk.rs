//! The report at the desk: anybody reports an incident without signing in, and gets a receipt number.
//!
//! The page tells nothing of what is recorded: not which units there are, nor whether anything like it is known. What comes in is
//! a record in the state 報告済み, without an applicant. Where the section that was typed is one of the city's, the record is that
//! section's, so that its head sees it; else it is CSIRT's.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use ledger::kinds::registers;
use ledger::people::{posts, units};
use ledger::records::{self, Change, NewRecord};
use ledger::{Actor, Day, Id, Kind, Operation};
use pack::Pack;
use pack::model::{FieldType, Register, RegisterKind, TransitionRole};
use serde_json::{Map, Value as Json};

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer};
use crate::visit::Visit;

/// Characters of the account that make the record's title.
const TITLE: usize = 40;
/// The state that a report comes in.
const REPORTED: &str = "reported";

#[derive(Template)]
#[template(path = "kinds/incident/desk.html")]
struct Form {
    page: Page,
    /// Kinds to choose from: id, label, chosen.
    kinds: Vec<(String, String, bool)>,
    typed: Typed,
    /// Field and what is wrong with it.
    errors: Vec<(&'static str, String)>,
}

impl Form {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(of, _)| *of == field).map(|(_, says)| says.as_str())
    }
}

#[derive(Template)]
#[template(path = "kinds/incident/receipt.html")]
struct Receipt {
    page: Page,
    number: String,
}

/// What was typed.
#[derive(Default)]
struct Typed {
    kind: String,
    summary: String,
    day: String,
    section: String,
    name: String,
    contact: String,
    outside: bool,
}

/// `GET /report`
pub(super) async fn form(visit: Visit) -> Result<Response, Fault> {
    let typed = Typed { day: visit.state.now().day().to_string(), ..Typed::default() };
    show(&visit, typed, Vec::new())
}

fn show(visit: &Visit, typed: Typed, errors: Vec<(&'static str, String)>) -> Result<Response, Fault> {
    let (pack, lang) = (visit.state.pack(), visit.lang);
    let register = registers(&pack, RegisterKind::Incident).next().ok_or(Fault::NotFound)?;
    let kinds = kinds(register).map(|(id, label)| (id.to_owned(), lang.of(label).to_owned(), id == typed.kind));
    let kinds = kinds.collect();
    let wrong = !errors.is_empty();
    let page = visit.plain_page(lang.t("事故・ヒヤリハットの報告", "Report an incident"));
    let mut response = visit.with_secret(answer(&Form { page, kinds, typed, errors })?)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn kinds(register: &Register) -> impl Iterator<Item = (&str, &pack::model::Text)> {
    let choices = match register.field("kind").map(|field| &field.ty) {
        Some(FieldType::Choice(choices)) => choices.as_slice(),
        _ => &[],
    };
    choices.iter().filter(|choice| !choice.retired).map(|choice| (choice.id.as_str(), &choice.label))
}

/// `POST /report`
pub(super) async fn send(visit: Visit, posted: Posted) -> Result<Response, Fault> {
    visit.state.slow_reports(visit.address)?;
    let (pack, lang) = (visit.state.pack(), visit.lang);
    let register = registers(&pack, RegisterKind::Incident).next().ok_or(Fault::NotFound)?;
    let typed = Typed {
        kind: posted.text("kind").to_owned(),
        summary: posted.text("summary").to_owned(),
        day: posted.text("day").to_owned(),
        section: posted.text("section").to_owned(),
        name: posted.text("name").to_owned(),
        contact: posted.text("contact").to_owned(),
        outside: posted.text("outside") == "yes",
    };
    let fields = match fields(register, &typed, lang) {
        Ok(fields) => fields,
        Err(wrong) => return show(&visit, typed, wrong),
    };
    let mut op = visit.state.operation(Actor::Machine("report at the desk")).await?;
    let unit = unit(&mut op, &pack, &typed.section).await?;
    let new = NewRecord { unit: Some(unit), paper: None, fields };
    let made = match records::create(&mut op, &pack, None, register, new).await {
        Ok(made) => made,
        Err(error) if error.kind() == Kind::Invalid => {
            let errors = error.fields().iter().map(|wrong| {
                let box_of = match wrong.field.as_str() {
                    "found_on" => "day",
                    "kind" => "kind",
                    "finder" => "name",
                    "contact" => "contact",
                    _ => "summary",
                };
                (box_of, lang.of(&wrong.message).to_owned())
            });
            let errors = errors.collect();
            return show(&visit, typed, errors);
        }
        Err(error) => return Err(error.into()),
    };
    let report = register.lifecycle.transitions.iter().find(|transition| {
        transition.role == TransitionRole::Step && transition.to == REPORTED && transition.from.contains(&made.state)
    });
    let report = report.ok_or_else(|| Fault::internal("no transition leads to the state `reported`"))?;
    let record = records::step(&mut op, &pack, None, register, made.id, report, Change::default()).await?;
    op.commit().await?;
    let page = visit.plain_page(lang.t("報告を受け付けました", "Your report has arrived"));
    visit.with_secret(answer(&Receipt { page, number: record.number })?)
}

/// The record's fields, or all that is wrong.
fn fields(register: &Register, typed: &Typed, lang: Lang) -> Result<Map<String, Json>, Vec<(&'static str, String)>> {
    let label = kinds(register).find(|(id, _)| *id == typed.kind).map(|(_, label)| label);
    let mut wrong = Vec::new();
    if label.is_none() {
        wrong.push(("kind", lang.t("近いものを一つ選んでください。", "Choose what comes nearest.").to_owned()));
    }
    if typed.summary.is_empty() {
        let says = lang.t(
            "分かることだけで構いません。何があったかを書いてください。",
            "Write what happened, as far as you know.",
        );
        wrong.push(("summary", says.to_owned()));
    }
    if typed.day.parse::<Day>().is_err() {
        let says = lang.t("気付いた日を入力してください。", "Give the day on which you noticed it.");
        wrong.push(("day", says.to_owned()));
    }
    let Some(label) = label.filter(|_| wrong.is_empty()) else { return Err(wrong) };
    let first_line: String =
        typed.summary.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE).collect();
    let finder: Vec<&str> =
        [typed.section.as_str(), typed.name.as_str()].into_iter().filter(|t| !t.is_empty()).collect();
    let finder = if finder.is_empty() {
        "名乗らず（サインインなしの報告）".to_owned()
    } else {
        finder.join("　")
    };
    let fields = [
        ("title", format!("{}：{first_line}", label.ja)),
        ("kind", typed.kind.clone()),
        ("found_on", typed.day.clone()),
        ("finder", finder),
        ("contact", typed.contact.clone()),
        ("from_outside", if typed.outside { "resident" } else { "inside" }.to_owned()),
        ("summary", typed.summary.clone()),
    ];
    Ok(fields.into_iter().map(|(field, value)| (field.to_owned(), Json::from(value))).collect())
}

/// The section of this name, or CSIRT's, or the city itself.
async fn unit(op: &mut Operation, pack: &Pack, section: &str) -> Result<Id, Fault> {
    let today = op.today();
    let open = units::on(op, today).await?;
    if let Some(found) = open.iter().find(|unit| unit.name == section) {
        return Ok(found.id);
    }
    for role in ["csirt", "secretariat"].into_iter().filter(|role| pack.role(role).is_some()) {
        if let Some(post) = posts::holders_anywhere(op, role, today).await?.first() {
            return Ok(post.unit);
        }
    }
    let root = open.iter().find(|unit| unit.parent.is_none()).map(|unit| unit.id);
    root.ok_or_else(|| Fault::internal("a report came in before there was any unit"))
}
