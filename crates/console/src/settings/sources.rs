//! データ源: what is expected from which system, what came last, and what is stale.

use askama::Template;
use axum::response::Response;
use ledger::facts;
use pack::expr::Day;
use pack::model::Period;

use super::Tab;
use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

struct Row {
    title: String,
    id: String,
    expect: String,
    last: String,
    file: String,
    count: String,
    state: &'static str,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "settings/sources.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

fn after(day: Day, period: Period) -> Option<Day> {
    match period {
        Period::Years(n) => day.plus_months(i64::from(n) * 12),
        Period::Months(n) => day.plus_months(i64::from(n)),
        Period::Days(n) => day.plus_days(i64::from(n)),
    }
}

/// `GET /settings/sources`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let lang = desk.lang();
    let (page, tabs) = super::page(&desk, "/settings/sources").await?;
    let mut reading = desk.reading().await?;
    let today = reading.today();
    let mut rows = Vec::new();
    for source in &desk.pack().sources {
        let last = facts::imports(&mut reading, &source.id).await?.into_iter().find(|import| import.current);
        let stale = last.as_ref().is_some_and(|l| after(l.as_of, source.expect).is_some_and(|due| due < today));
        let (state, tone) = match (&last, stale) {
            (None, _) => (lang.t("未接続", "Never received"), "none"),
            (Some(_), true) => (lang.t("停止（古い）", "Stale"), "bad"),
            (Some(_), false) => (lang.t("受信中", "Fresh"), "ok"),
        };
        rows.push(Row {
            title: lang.of(&source.title).to_owned(),
            id: source.id.clone(),
            expect: source.expect.to_string(),
            last: last.as_ref().map(|import| date::long(lang, import.as_of)).unwrap_or_default(),
            file: last.as_ref().map(|import| import.file_name.clone()).unwrap_or_default(),
            count: last.as_ref().map(|import| date::thousands(import.count)).unwrap_or_default(),
            state,
            tone,
        });
    }
    answer(&List { page, tabs, rows })
}
