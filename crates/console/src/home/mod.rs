//! The first page: what waits, what is late, and the shortest way to what people come for.

mod watch;

use askama::Template;
use axum::response::Response;
use ledger::permission;
use ledger::records;
use pack::model::Register;

use crate::inbox;
use crate::kinds::{self, Panel};
use crate::notices;
use crate::page::fault::Fault;
use crate::page::{Page, answer, link};
use crate::questionnaires;
use crate::registers::{address, state_tag};
use crate::visit::Desk;
use watch::{Watch, watch};

/// Tasks shown.
const TASKS: i64 = 6;
/// Own records shown.
const MINE: usize = 8;

/// Notices shown.
const NOTICES: i64 = 8;

/// Documents shown: the policy itself comes first.
const DOCUMENTS: usize = 4;

/// A record of one's own that is under way.
struct Row {
    to: String,
    number: String,
    name: String,
    register: String,
    state: (String, &'static str),
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    page: Page,
    place: String,
    tasks: Vec<inbox::Row>,
    rows: Vec<Row>,
    new: Vec<(String, String)>,
    documents: Vec<(String, String)>,
    notices: Vec<notices::Row>,
    /// How many question sheets wait.
    sheets: usize,
    watch: Option<Watch>,
    /// What the kinds of register show to those who answer for them.
    panels: Vec<Panel>,
}

/// `GET /`
pub(crate) async fn home(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let tasks = inbox::rows(&mut reading, &desk, TASKS).await?;
    // What one asked for is under 申請・届出; what one merely entered into a register is not news.
    let requests = pack.registers.iter().filter(|register| register.menu.as_deref() == Some("requests"));
    let requests: Vec<&Register> = requests.collect();
    let found = records::asked_for(&mut reading, &desk.standing, &requests, MINE).await?;
    let rows = found.into_iter().filter_map(|record| {
        let register = pack.register(&record.register)?;
        Some(Row {
            to: address(&register.id, record.id),
            state: state_tag(register, &record.state, lang),
            register: lang.of(&register.title).to_owned(),
            number: record.number,
            name: record.name,
        })
    });
    let rows = rows.collect();
    let new = match desk.standing.home {
        Some(home) => permission::creatable(&mut reading, &desk.standing, requests, home).await?,
        None => Vec::new(),
    };
    let new = new.iter().map(|register| {
        (format!("/registers/{}/new", link::encode(&register.id)), lang.of(&register.title).to_owned())
    });
    let new = new.collect();
    let documents = pack
        .documents
        .iter()
        .take(DOCUMENTS)
        .map(|d| (format!("/documents/{}", d.id), lang.of(&d.title).to_owned()))
        .collect();
    let mut notices = notices::rows(&mut reading, &desk, NOTICES).await?;
    notices.retain(|notice| !notice.read);
    let sheets = questionnaires::rows(&mut reading, &desk).await?;
    let sheets = sheets.iter().filter(|row| row.to.is_some()).count();
    let watch = watch(&mut reading, &desk).await?;
    let panels = kinds::home(&mut reading, &desk).await?;
    let place = desk.place().to_owned();
    let page = desk.page("home", lang.t("ホーム", "Home"));
    answer(&Home { page, place, tasks, rows, new, documents, notices, sheets, watch, panels })
}
