//! The JSON API under `/api/v1`: the same operations as the pages, for scripts with a token.

mod assurance;
mod describe;
mod door;
mod records;

use axum::Router;
use axum::routing::{get, post};

use crate::State;

/// The routes of the API.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/api/openapi.json", get(describe::openapi))
        .route("/api/v1/registers", get(records::registers))
        .route("/api/v1/registers/{register}/records", get(records::list).post(records::create))
        .route("/api/v1/registers/{register}/records/{id}", get(records::get).patch(records::patch))
        .route("/api/v1/registers/{register}/records/{id}/transitions/{name}", post(records::step))
        .route("/api/v1/search", get(records::search))
        .route("/api/v1/assurance/summary", get(assurance::summary))
        .route("/api/v1/findings", get(assurance::findings))
        .route("/api/v1/journal", get(records::journal))
}
