//! リスク評価: sizes and suggestions on a risk's page, and the matrix of all risks.

mod marks;
mod matrix;
mod panels;
mod words;

use axum::Router;
use axum::routing::{get, post};
use ledger::records::Record;
use ledger::{Reading, permission};
use pack::Pack;
use pack::model::{ClauseId, Register, Transition, TransitionRole};

pub(super) use panels::panels;

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::link;
use crate::state::State;
use crate::visit::Desk;

/// The pages of the kind.
pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/registers/{register}/matrix", get(matrix::show))
        .route("/registers/{register}/{id}/risk", post(marks::mark))
}

/// Pages beside a register's list.
pub(super) fn links(register: &Register, lang: Lang) -> Vec<(String, String)> {
    let to = format!("/registers/{}/matrix", link::encode(&register.id));
    vec![(to, lang.t("リスクの一覧図", "Risk matrix").to_owned())]
}

/// How the reader may name the clause that should change.
enum Way<'a> {
    /// As any field, while the risk is written.
    Edit,
    /// By a step that stays in the state and asks for the clause, once the risk is decided on.
    Step(&'a Transition),
}

/// The way that is open to the reader, if any.
async fn way<'a>(
    reading: &mut Reading,
    desk: &Desk,
    register: &'a Register,
    record: &Record,
) -> Result<Option<Way<'a>>, Fault> {
    if permission::edit(reading, Some(&desk.standing), register, record).await.is_ok() {
        return Ok(Some(Way::Edit));
    }
    let asks = |step: &&Transition| {
        step.role == TransitionRole::Step
            && step.to == record.state
            && step.from.contains(&record.state)
            && step.fills.iter().any(|field| field == "clause")
    };
    let Some(step) = register.lifecycle.transitions.iter().find(asks) else { return Ok(None) };
    let may = permission::step(reading, Some(&desk.standing), register, record, step).await.is_ok();
    Ok(may.then_some(Way::Step(step)))
}

/// The clause of the policy that a risk says should change: its id, and its heading and address where there is such a clause.
fn clause_of(pack: &Pack, record: &Record) -> Option<(String, Option<(String, String)>)> {
    let id = record.text("clause")?;
    let (document, slug) = id.split_once('#')?;
    let clause_id = ClauseId { document: document.to_owned(), slug: slug.to_owned() };
    let found = pack.clause(&clause_id).map(|clause| {
        let to = format!("/documents/{}/{}", link::encode(document), link::encode(slug));
        (clause.heading.clone(), to)
    });
    Some((id.to_owned(), found))
}
