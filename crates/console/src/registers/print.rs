//! The printed form of a record: 様式番号, 押印欄, the fields as a ruled table, A4.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::{Id, records};
use pack::model::TransitionRole;

use super::detail::{Part, parts, whole};
use super::seals::{Seal, seals as seals_of};
use super::{id, names, register};
use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

#[derive(Template)]
#[template(path = "registers/print.html")]
struct Sheet {
    page: Page,
    form: String,
    to: String,
    back: String,
    number: String,
    day: String,
    unit: String,
    applicant: String,
    /// Who entered it from paper for the applicant, and the paper's day.
    entered_by: String,
    seals: Vec<String>,
    stamps: Vec<Seal>,
    parts: Vec<Part>,
    state: String,
}

/// `GET /registers/{register}/{id}/print`
pub(crate) async fn print(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register(&pack, &register_id)?;
    let mut reading = desk.reading().await?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id(&record_id)?).await?;
    desk.note_read(&mut reading, &[(register, &record)]).await?;
    let names = names(&mut reading, &pack, &desk.standing, register, std::slice::from_ref(&record)).await?;
    let (form, to, seals) = match &register.print {
        Some(print) => (
            lang.of(&print.title).to_owned(),
            print.to.as_ref().map(|to| lang.of(to).to_owned()).unwrap_or_default(),
            print.seals.iter().map(|seal| lang.of(seal).to_owned()).collect(),
        ),
        None => (String::new(), String::new(), Vec::new()),
    };
    let decided = register.lifecycle.transitions.iter().any(|t| t.role == TransitionRole::Decides);
    let seals = if seals.is_empty() && decided { vec![lang.t("決裁", "Decision").to_owned()] } else { seals };
    let whole = whole(&mut reading, &pack, register, &record).await?;
    let stamps = seals_of(&mut reading, &pack, &record, &names, lang).await?;
    let named = |id: Option<Id>| id.and_then(|id| names.people.get(&id).cloned()).unwrap_or_default();
    let paper = records::papers(&mut reading, std::slice::from_ref(&record)).await?.remove(&record.id);
    let entered_by = match record.entered_for {
        Some(_) => {
            let dated = paper
                .map(|paper| format!("{}{}", lang.t("　紙の日付　", ", paper of "), date::long(lang, paper.dated)));
            let by = lang.t("代理入力　", "Entered by ");
            format!("（{by}{}{}）", named(record.applicant), dated.unwrap_or_default())
        }
        None => String::new(),
    };
    let page = desk.page("", lang.of(&register.title));
    answer(&Sheet {
        page,
        form,
        to,
        back: super::address(&register.id, record.id),
        number: record.number.clone(),
        day: date::long(lang, record.created.day()),
        unit: names.units.get(&record.unit).cloned().unwrap_or_default(),
        applicant: named(record.entered_for.or(record.applicant)),
        entered_by,
        seals,
        stamps,
        parts: parts(&pack, register, &whole, &names, lang, &|_| false),
        state: super::state_tag(register, &record.state, lang).0,
    })
}
