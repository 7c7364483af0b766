//! The checklist of a contract's clauses, to be printed on A4 and signed before the contract is made.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::kinds::contract::judge;
use ledger::records;
use pack::model::RegisterKind;

use super::clauses::{self, Row};
use crate::kinds::register_of;
use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::registers::value::show as shown_value;
use crate::registers::{address, names};
use crate::visit::Desk;

/// What stands at the head of the sheet.
const HEAD: &[&str] =
    &["title", "partner", "kind", "starts_on", "ends_on", "confidentiality", "range", "personal", "place"];

#[derive(Template)]
#[template(path = "kinds/contract/sheet.html")]
struct Sheet {
    page: Page,
    back: String,
    number: String,
    day: String,
    head: Vec<(String, String)>,
    rows: Vec<Row>,
    missing: usize,
    seals: Vec<String>,
}

/// `GET /registers/{register}/{id}/clauses`
pub(super) async fn show(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register_of(&pack, &register_id, RegisterKind::Contract)?;
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id).await?;
    desk.note_read(&mut reading, &[(register, &record)]).await?;
    let judged = judge(&mut reading, &pack, Some(&desk.standing), register, &record).await?;
    let judged = judged.filter(|_| record.disposed.is_none()).ok_or(Fault::NotFound)?;
    let names = names(&mut reading, &pack, &desk.standing, register, std::slice::from_ref(&record)).await?;
    let item = |id: &&str| {
        let field = register.field(id)?;
        let values = shown_value(&pack, field, record.fields.get(*id), &names, lang);
        let text: Vec<String> = values.into_iter().map(|value| value.text).collect();
        Some((lang.of(&field.label).to_owned(), text.join("、")))
    };
    let needed = judged.clauses.iter().filter(|held| held.needed);
    let seals = register.print.iter().flat_map(|print| &print.seals);
    let page = desk.page("", lang.t("契約に書く事項の確認票", "Checklist of clauses"));
    answer(&Sheet {
        back: address(&register.id, record.id),
        number: record.number.clone(),
        day: date::long(lang, desk.today()),
        head: HEAD.iter().filter_map(item).collect(),
        rows: needed.map(|held| clauses::row(&pack, register, held, lang)).collect(),
        missing: judged.missing().count(),
        seals: seals.map(|seal| lang.of(seal).to_owned()).collect(),
        page,
    })
}
