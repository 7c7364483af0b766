//! Taking over what is suggested, and naming the clause that should change: ordinary edits of the record.

use axum::extract::Path;
use axum::response::Response;
use ledger::records;
use pack::model::{ClauseId, RegisterKind};
use serde_json::{Map, Value as Json};

use super::panels::suggested;
use super::{Way, way};
use crate::kinds::button::{Done, answer, change};
use crate::kinds::register_of;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::registers::address;
use crate::visit::Desk;

/// `POST /registers/{register}/{id}/risk`
pub(super) async fn mark(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register_of(&pack, &register_id, RegisterKind::Risk)?;
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let here = address(&register.id, id);
    let mut op = desk.operation().await?;
    let record = records::get(&mut op, Some(&desk.standing), register, id).await?;
    let mut fields = Map::new();
    match posted.text("what") {
        "suggested" => fields = suggested(&mut op, &pack, &record).await?,
        "clause" => {
            let clause = posted.text("clause");
            let known = clause.split_once('#').is_some_and(|(document, slug)| {
                pack.clause(&ClauseId { document: document.to_owned(), slug: slug.to_owned() }).is_some()
            });
            if !clause.is_empty() && !known {
                let says = lang.t(
                    "その定めはありません。一覧から選んでください。",
                    "There is no such clause. Choose one from the list.",
                );
                return Ok(Flash::failed(says).at(&here));
            }
            let or_empty = |text: &str| if text.is_empty() { Json::Null } else { Json::from(text) };
            fields.insert("clause".to_owned(), or_empty(clause));
            fields.insert("clause_change".to_owned(), or_empty(posted.text("change")));
        }
        _ => return Ok(Flash::failed(lang.t("画面を開き直してください。", "Open the page again.")).at(&here)),
    }
    let Some(way) = way(&mut op, &desk, register, &record).await? else {
        return Err(Fault::Forbidden(
            lang.t("この記録を変更する役割がありません。", "You hold no role that may change it.").to_owned(),
        ));
    };
    let change = change(&posted, fields);
    let written = match way {
        Way::Edit => records::edit(&mut op, &pack, Some(&desk.standing), register, id, change).await,
        Way::Step(step) => records::step(&mut op, &pack, Some(&desk.standing), register, id, step, change).await,
    };
    answer(op, written.map(|record| Ok(Done::written(&record, lang))), &[register], &here, lang).await
}
