//! 委託契約: clauses, the tree of contractors, checks and measures, and what has to come back, on a contract's page; what needs
//! attention in lists, before a decision and on the first page; the checklist to be printed for signing.

mod checks;
mod clauses;
mod home;
mod marks;
mod returns;
mod sheet;
mod tree;
mod words;

use axum::Router;
use axum::routing::{get, post};
use ledger::kinds::contract::{Judged, judge};
use ledger::records::Record;
use ledger::{Reading, permission};
use pack::model::Register;

pub(super) use home::home;
pub(super) use marks::{before, marks};

use super::Panel;
use crate::page::fault::Fault;
use crate::page::link;
use crate::registers::address;
use crate::state::State;
use crate::visit::Desk;

/// The pages of the kind.
pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/registers/{register}/{id}/clauses", get(sheet::show))
        .route("/registers/{register}/{id}/contract", post(clauses::mark))
}

/// What a form on the page carries.
struct Post {
    to: String,
    proof: String,
    version: i64,
}

/// Panels of a record.
pub(super) async fn panels(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Vec<Panel>, Fault> {
    if record.disposed.is_some() {
        return Ok(Vec::new());
    }
    let pack = desk.pack();
    let Some(judged) = judge(reading, &pack, Some(&desk.standing), register, record).await? else {
        return Ok(Vec::new());
    };
    let may = permission::edit(reading, Some(&desk.standing), register, record).await.is_ok();
    let post = may.then(|| Post {
        to: format!("{}/contract", address(&register.id, record.id)),
        proof: desk.proof(),
        version: record.version,
    });
    let beside = pack.beside_contracts(register);
    let mut all = vec![clauses::panel(desk, register, record, &judged, post)?];
    if let Some(other) = beside.subcontracts {
        all.push(tree::panel(reading, desk, other, record, &judged).await?);
    }
    if beside.checks.is_some() {
        all.push(checks::panel(reading, desk, &beside, record, &judged).await?);
    }
    all.push(returns::panel(desk, &beside, &judged)?);
    Ok(all)
}

/// Where a new record of a register is made with these fields filled, when the reader may make one.
async fn new_with(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    fields: &[(&str, &str)],
) -> Result<Option<String>, Fault> {
    let Some(home) = desk.standing.home else { return Ok(None) };
    if permission::create(reading, Some(&desk.standing), register, home).await.is_err() {
        return Ok(None);
    }
    let fields: Vec<String> = fields.iter().map(|(id, value)| format!("{id}={}", link::encode(value))).collect();
    Ok(Some(format!("/registers/{}/new?{}", link::encode(&register.id), fields.join("&"))))
}

/// Records beside a contract that the reader may not see, so that they are not in what is shown.
fn hidden(judged: &Judged) -> Option<i64> {
    (judged.hidden > 0).then_some(judged.hidden)
}
