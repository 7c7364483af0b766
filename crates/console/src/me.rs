//! One's own settings: second factors and password.

use askama::Template;
use axum::response::Response;
use ledger::people::accounts;

use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::signin::passkey::{self, Offer};
use crate::signin::{self, Factors};
use crate::visit::Desk;

#[derive(Template)]
#[template(path = "me/me.html")]
struct Me {
    page: Page,
    login: String,
    roles: Vec<(String, String)>,
    devices: Vec<String>,
    keys: Vec<Key>,
    offer: Offer,
    has: Factors,
    needs_second: bool,
}

/// A passkey as its owner sees it.
struct Key {
    id: String,
    label: String,
    since: String,
    used: Option<String>,
}

/// `GET /me`
pub(crate) async fn me(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let account = accounts::get(&mut reading, desk.account).await?;
    let all = accounts::credentials(&mut reading, desk.account).await?;
    let devices = all.iter().filter(|c| c.kind == "totp").map(|c| date::long(lang, c.created.day())).collect();
    let today = desk.today();
    let keys = all.iter().filter(|c| c.kind == passkey::KIND).map(|c| Key {
        id: c.id.to_string(),
        label: if c.label.is_empty() { lang.t("パスキー", "Passkey").to_owned() } else { c.label.clone() },
        since: date::long(lang, c.created.day()),
        used: c.used.map(|at| date::moment(lang, at, today)),
    });
    let keys = keys.collect();
    let units = ledger::people::units::on(&mut reading, desk.today()).await?;
    let mut roles = Vec::new();
    for held in &desk.standing.held {
        let Some(role) = pack.role(&held.role) else { continue };
        let unit = units.iter().find(|unit| unit.id == held.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let note = if held.deputy_for.is_some() { lang.t("（代決者として）", " (as deputy)") } else { "" };
        roles.push((format!("{}{note}", lang.of(&role.name)), unit));
    }
    let needs_second = signin::asked_of(&pack, &desk.standing);
    let (offer, has) = (Offer::of(desk.state(), lang), Factors::of(&all));
    let page = desk.page("", lang.t("自分の設定", "My settings"));
    answer(&Me { page, login: account.login, roles, devices, keys, offer, has, needs_second })
}
