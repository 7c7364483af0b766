//! One's own settings: second factors and password.

use askama::Template;
use axum::response::Response;
use ledger::people::accounts;

use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

#[derive(Template)]
#[template(path = "me/me.html")]
struct Me {
    page: Page,
    login: String,
    roles: Vec<(String, String)>,
    devices: Vec<String>,
    words: usize,
    needs_second: bool,
}

/// `GET /me`
pub(crate) async fn me(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let account = accounts::get(&mut reading, desk.account).await?;
    let all = accounts::credentials(&mut reading, desk.account).await?;
    let devices = all.iter().filter(|c| c.kind == "totp").map(|c| date::long(lang, c.created.day())).collect();
    let words = all.iter().filter(|c| c.kind == "list" && c.used.is_none()).count();
    let units = ledger::people::units::on(&mut reading, desk.today()).await?;
    let mut roles = Vec::new();
    for held in &desk.standing.held {
        let Some(role) = pack.role(&held.role) else { continue };
        let unit = units.iter().find(|unit| unit.id == held.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let note = if held.deputy_for.is_some() { lang.t("（代決者として）", " (as deputy)") } else { "" };
        roles.push((format!("{}{note}", lang.of(&role.name)), unit));
    }
    let needs_second =
        desk.standing.held.iter().filter_map(|held| pack.role(&held.role)).any(|role| role.second_factor);
    let page = desk.page("", lang.t("自分の設定", "My settings")).await?;
    answer(&Me { page, login: account.login, roles, devices, words, needs_second })
}
