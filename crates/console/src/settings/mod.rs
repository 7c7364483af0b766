//! 設定: what the secretariat and the product's administrator run the product with. Each page is shown to whoever holds a
//! role of its office; the ledger checks every act again.

mod accounts;
mod packs;
mod people;
mod retention;
mod sources;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use ledger::permission::Office;

pub(crate) use accounts::{act as account_act, show as accounts};
pub(crate) use packs::{act as pack_act, propose as pack_propose, show as packs, version as pack_version};
pub(crate) use people::{act as people_act, show as people};
pub(crate) use retention::{act as retention_act, show as retention};
pub(crate) use sources::show as sources;

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer};
use crate::visit::Desk;

/// A page of the settings: its address, what it is called, and whose it is.
struct Place {
    to: &'static str,
    ja: &'static str,
    en: &'static str,
    offices: &'static [Office],
}

/// In the order in which they are read. To add a page: its line here, its route, its module.
const PLACES: &[Place] = &[
    Place {
        to: "/settings/packs",
        ja: "規程データ",
        en: "Policy",
        offices: &[Office::Packs, Office::Approval, Office::Journal],
    },
    Place { to: "/settings/people", ja: "職員・役割", en: "People and posts", offices: &[Office::People] },
    Place { to: "/settings/accounts", ja: "アカウント", en: "Accounts", offices: &[Office::Accounts] },
    Place { to: "/settings/sources", ja: "データ源", en: "Data sources", offices: &[Office::Facts] },
    Place {
        to: "/settings/retention",
        ja: "保存期間・廃棄",
        en: "Retention",
        offices: &[Office::Retention, Office::Approval],
    },
    Place {
        to: "/settings/about",
        ja: "この製品について",
        en: "About",
        offices: &[Office::Packs, Office::Approval, Office::Accounts, Office::Facts, Office::Journal],
    },
];

/// Whether the reader holds a role of one of these offices.
fn holds(standing: &ledger::people::Standing, offices: &[Office]) -> bool {
    offices.iter().flat_map(|office| office.roles()).any(|role| standing.holds_office(role))
}

/// Whether any page of the settings is the reader's.
pub(crate) fn open_to(standing: &ledger::people::Standing) -> bool {
    PLACES.iter().any(|place| holds(standing, place.offices))
}

/// The frame of a settings page, for whoever may see it, with the other pages the reader may go to.
async fn page(desk: &Desk, to: &'static str) -> Result<(Page, Vec<Tab>), Fault> {
    let lang = desk.lang();
    let here = PLACES.iter().find(|place| place.to == to).ok_or(Fault::NotFound)?;
    if !holds(&desk.standing, here.offices) {
        return Err(Fault::NotFound);
    }
    let mine = PLACES.iter().filter(|place| holds(&desk.standing, place.offices));
    let tabs =
        mine.map(|place| Tab { to: place.to, label: lang.t(place.ja, place.en), here: place.to == to }).collect();
    Ok((desk.page("organisation", lang.t(here.ja, here.en)), tabs))
}

/// A page to go to.
struct Tab {
    to: &'static str,
    label: &'static str,
    here: bool,
}

/// `GET /settings`: the first page that is the reader's.
pub(crate) async fn first(desk: Desk) -> Result<Response, Fault> {
    let mine = PLACES.iter().find(|place| holds(&desk.standing, place.offices)).ok_or(Fault::NotFound)?;
    Ok(Redirect::to(mine.to).into_response())
}

/// An actor as the journal writes it, in words.
pub(crate) fn actor_name(lang: Lang, people: &std::collections::BTreeMap<String, String>, actor: &str) -> String {
    match (people.get(actor), actor.split_once(':')) {
        (Some(name), _) => name.clone(),
        (None, Some(("operator", name))) => format!("{}（{name}）", lang.t("サーバーの操作", "command line")),
        (None, Some(("machine", _))) => lang.t("関守", "sekimori").to_owned(),
        _ => actor.to_owned(),
    }
}

/// The names of the persons among these actors.
pub(crate) async fn names<'a>(
    reading: &mut ledger::Reading,
    actors: impl Iterator<Item = &'a str>,
) -> Result<std::collections::BTreeMap<String, String>, Fault> {
    let ids: Vec<ledger::Id> = actors.filter_map(|actor| actor.strip_prefix("person:")?.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(std::collections::BTreeMap::new());
    }
    let people = ledger::people::persons::of_ids(reading, &ids).await?;
    Ok(people.iter().map(|p| (format!("person:{}", p.id), crate::organisation::shown_name(p))).collect())
}

#[derive(Template)]
#[template(path = "settings/about.html")]
struct About {
    page: Page,
    tabs: Vec<Tab>,
    engine: &'static str,
    policy: String,
    entries: i64,
}

/// `GET /settings/about`
pub(crate) async fn about(desk: Desk) -> Result<Response, Fault> {
    let (page, tabs) = page(&desk, "/settings/about").await?;
    let mut reading = desk.reading().await?;
    let entries = ledger::journal::last(&mut reading).await?;
    let engine = match reading.engine() {
        ledger::Engine::Sqlite => "SQLite",
        ledger::Engine::Postgres => "PostgreSQL",
    };
    let pack = desk.pack();
    let policy = format!("{} {}", pack.id, pack.version);
    answer(&About { page, tabs, engine, policy, entries })
}
