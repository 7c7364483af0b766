//! 事故・ヒヤリハット: what is judged of a record, shown and confirmed on its page; what is under way, on the first page of
//! CSIRT and CISO; the common form of attacks; the report at the desk.

mod common_form;
mod desk;
mod home;
mod marks;
mod panels;
mod words;

use axum::Router;
use axum::routing::{get, post};

pub(super) use home::home;
pub(super) use panels::panels;

use crate::state::State;

/// The pages of the kind.
pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/registers/{register}/{id}/incident", post(marks::mark))
        .route("/registers/{register}/{id}/common-form", get(common_form::show))
        .route("/report", get(desk::form).post(desk::send))
}

/// Whether the common form of the state for DDoS and ransomware is for a record of this `kind`.
fn has_common_form(record: &ledger::records::Record) -> bool {
    matches!(record.text("kind"), Some("ddos" | "ransomware"))
}
