//! The web pages and the JSON API of one municipality.
//!
//! [`router`] answers every request; [`State`] is what it works with. A handler parses, calls the ledger and answers:
//! permission is decided in the ledger's operation, never here. Pages work without script.
//!
//! To add a page: a module named by what the page is for, its template in `templates/`, its line in [`router`], and, when
//! it is a place of the menu, its address in `page/menu.rs`.

mod api;
mod compliance;
mod documents;
mod evidence;
mod files;
mod health;
mod home;
mod inbox;
mod journal;
mod kinds;
mod me;
mod notices;
mod organisation;
mod oversight;
mod page;
mod questionnaires;
mod registers;
mod reports;
mod search;
mod settings;
mod signin;
mod state;
mod tables_of;
mod throttle;
mod visit;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

pub use signin::{Invitation, hash_password, invite, one_time_words, totp_base32, totp_code};
pub use state::{Clock, ReadTable, Settings, State, Unpack};

/// The most that one request may carry.
const REQUEST_BYTES: usize = 64 << 20;

/// Everything that the console answers.
pub fn router(state: State) -> Router {
    let pages = Router::new()
        .route("/", get(home::home))
        .route("/inbox", get(inbox::show).post(inbox::decide))
        .route("/inbox/read", post(inbox::read))
        .route("/absence", post(inbox::away))
        .route("/absence/end", post(inbox::back))
        .route("/compliance", get(compliance::summary))
        .route("/compliance/findings", get(compliance::findings))
        .route("/compliance/controls/{id}", get(compliance::control))
        .route("/search", get(search::search))
        .route("/me", get(me::me))
        .route("/organisation", get(organisation::chart))
        .route("/organisation/absences", get(organisation::absences::show).post(organisation::absences::set))
        .route("/organisation/absences/end", post(organisation::absences::end))
        .route("/organisation/units/{id}", get(organisation::unit))
        .route("/organisation/people/{id}", get(organisation::person))
        .route("/place/{id}", get(registers::place))
        .route("/registers/{register}", get(registers::list))
        .route("/registers/{register}/new", get(registers::new_form).post(registers::create))
        .route("/registers/{register}/export", get(tables_of::export))
        .route("/registers/{register}/import", get(tables_of::register_form).post(tables_of::register_import))
        .route("/registers/{register}/{id}", get(registers::show))
        .route("/registers/{register}/{id}/edit", get(registers::edit_form).post(registers::edit))
        .route("/registers/{register}/{id}/print", get(registers::print))
        .route("/registers/{register}/{id}/do/{transition}", post(registers::act))
        .route("/files/{id}", get(files::download))
        .route("/journal", get(journal::show))
        .route("/evidence", get(evidence::form).post(evidence::take))
        .route("/oversight", get(oversight::list))
        .route("/as-of", get(oversight::as_of))
        .route("/registers/{register}/as-of", get(oversight::register_as_of))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .route("/pick/people", get(registers::pick_people))
        .route("/pick/records/{register}", get(registers::pick_records))
        .route("/documents", get(documents::list))
        .route("/documents/compare", get(documents::compare))
        .route("/documents/{document}", get(documents::document))
        .route("/documents/{document}/{clause}", get(documents::clause))
        .route("/crosswalk/{edition}", get(documents::crosswalk))
        .route("/publication", get(documents::publication))
        .route("/publication/{file}", get(documents::public_page))
        .route("/notices", get(notices::list))
        .route("/notices/read", post(notices::read))
        .route("/reports", get(reports::list))
        .route("/reports/{control}", get(reports::form).post(reports::send))
        .route("/questionnaires", get(questionnaires::list))
        .route("/questionnaires/{id}", get(questionnaires::sheet).post(questionnaires::send))
        .route("/questionnaires/{id}/results", get(questionnaires::results))
        .route("/language", get(visit::language))
        .route("/assets/{version}/{name}", get(page::assets::serve));
    pages
        .merge(kinds::routes())
        .merge(settings_routes())
        .merge(doors())
        .merge(api::routes())
        .fallback(page::fault::not_found)
        .layer(DefaultBodyLimit::max(REQUEST_BYTES))
        .layer(from_fn_with_state(state.clone(), page::fault::render))
        .layer(from_fn(page::headers::guard))
        .layer(from_fn_with_state(state.clone(), health::count))
        .with_state(state)
}

/// 設定: what those see who run the product.
fn settings_routes() -> Router<State> {
    Router::new()
        .route("/settings/sources/{source}", get(tables_of::source_form).post(tables_of::source_import))
        .route("/settings", get(settings::first))
        .route("/settings/about", get(settings::about))
        .route("/settings/accounts", get(settings::accounts).post(settings::account_act))
        .route("/settings/packs", get(settings::packs).post(settings::pack_propose))
        .route("/settings/packs/{id}", get(settings::pack_version).post(settings::pack_act))
        .route("/settings/people", get(settings::people).post(settings::people_act))
        .route("/settings/retention", get(settings::retention).post(settings::retention_act))
        .route("/settings/sources", get(settings::sources))
}

/// Signing in and out, and what a person signs in with.
fn doors() -> Router<State> {
    Router::new()
        .route("/signin", get(signin::form).post(signin::password))
        .route("/signin/second", get(signin::second_form).post(signin::second))
        .route("/signin/enrol", get(signin::enrol_form).post(signin::enrol))
        .route("/signin/enrol/passkey", post(signin::passkey::enrol))
        .route("/signin/enrol/passkey/ask", post(signin::passkey::enrol_ask))
        .route("/signin/passkey", post(signin::passkey::confirm))
        .route("/signin/passkey/ask", post(signin::passkey::confirm_ask))
        .route("/setup/{account}/{token}", get(signin::setup_form).post(signin::setup))
        .route("/signout", post(signin::out))
        .route("/me/list", get(signin::list_page).post(signin::list_make))
        .route("/me/list/remove", post(signin::list_remove))
        .route("/me/passkeys/remove", post(signin::passkey::remove))
        .route("/me/totp/remove", post(signin::totp_remove))
}
