//! What the buttons of the panels do: ordinary edits, steps and new records.

use axum::extract::Path;
use axum::response::Response;
use ledger::Id;
use ledger::kinds::audit::{Around, Part};
use ledger::records;

use super::{finding, items, pick_items, plan_lines, sample, sample_new};
use crate::kinds::button::answer;
use crate::page::fault::Fault;
use crate::page::posted::Posted;
use crate::registers::address;
use crate::visit::Desk;

/// `POST /registers/{register}/{id}/audit`: what the buttons of the panels do.
pub(super) async fn mark(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = pack.register(&register_id).ok_or(Fault::NotFound)?;
    let (around, part) = Around::part(&pack, register).ok_or(Fault::NotFound)?;
    let id: Id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let record = records::get(&mut op, Some(&desk.standing), register, id).await?;
    let done = match (part, posted.text("what")) {
        (Part::Audit, "items") => pick_items::add(&mut op, &desk, &around, &record, &posted).await,
        (Part::Audit, "sample") => sample_new::add(&mut op, &desk, &around, &record, &posted).await,
        (Part::Item, "judge") => items::judge(&mut op, &desk, &around, &record, &posted).await,
        (Part::Item, "finding") => finding::from_item(&mut op, &desk, &around, &record).await,
        (Part::Plan, "lines") => plan_lines::write(&mut op, &desk, &around, &record, &posted).await,
        (Part::Plan, "suggest") => plan_lines::suggest(&mut op, &desk, &around, &record, &posted).await,
        (Part::Sample, "results") => sample::results(&mut op, &desk, &around, &record, &posted).await,
        (Part::Finding, "elsewhere") => finding::spread(&mut op, &desk, &around, &record, &posted).await,
        _ => Ok(Err(lang.t("画面を開き直してください。", "Open the page again.").to_owned())),
    };
    let registers = [around.audits, around.plans, around.items, around.samples, around.findings];
    answer(op, done, &registers, &address(&register.id, record.id), lang).await
}
