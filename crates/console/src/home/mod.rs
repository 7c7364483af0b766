//! The first page: what waits, what is late, and the shortest way to what people come for.

mod order;
mod watch;

use askama::Template;
use axum::response::Response;
use ledger::Reading;
use ledger::notices as deadlines;
use ledger::people::absences;
use ledger::permission;
use ledger::records;
use pack::model::Register;

use crate::inbox;
use crate::kinds;
use crate::notices;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link, menu};
use crate::questionnaires;
use crate::registers::{address, state_tag};
use crate::visit::Desk;
use order::Card;
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
    /// By when the applicant has to do something, and whether that day is past.
    due: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    page: Page,
    place: String,
    /// How many tasks wait.
    waiting: u64,
    tasks: Vec<inbox::Row>,
    rows: Vec<Row>,
    new: Vec<(String, String)>,
    documents: Vec<(String, String)>,
    notices: Vec<notices::Row>,
    /// How many question sheets wait.
    sheets: usize,
    watch: Option<Watch>,
    /// What the kinds of register show to those who answer for them.
    panels: kinds::Home,
    /// What stands in the main column, in order.
    cards: Vec<Card>,
    /// Until when the reader is away, when that is so; for those who decide.
    away: Option<Option<String>>,
    /// Whether the reader is no one of the city's own.
    outside: bool,
}

/// `GET /`
pub(crate) async fn home(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let tasks = inbox::rows(&mut reading, &desk, TASKS).await?;
    // What one asked for is under 申請・届出; what one merely entered into a register is not news.
    let requests = menu::registers(&pack, "requests");
    let rows = under_way(&mut reading, &desk, &requests).await?;
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
    let now = reading.at();
    let away = absences::of_person(&mut reading, desk.person, now).await?;
    let away = away.iter().find(|absence| absence.from <= now);
    let away = away.map(|absence| absence.to.map(|to| date::moment(lang, to, desk.today())));
    let place = match (desk.place().split('　').next(), lang) {
        (Some(unit), Lang::Ja) if !unit.is_empty() && !desk.outside() => format!("{unit}の今日"),
        _ => desk.place().to_owned(),
    };
    let outside = desk.outside();
    let (waiting, _) = desk.waiting;
    let cards = order::cards(&desk.standing);
    let page = desk.page("home", lang.t("ホーム", "Home"));
    answer(&Home {
        page,
        place,
        waiting,
        tasks,
        rows,
        new,
        documents,
        notices,
        sheets,
        watch,
        panels,
        cards,
        away,
        outside,
    })
}

/// What the reader asked for and is under way, each with the day by which the reader has to do something.
async fn under_way(reading: &mut Reading, desk: &Desk, requests: &[&Register]) -> Result<Vec<Row>, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let found = records::asked_for(reading, &desk.standing, requests, MINE).await?;
    let today = desk.today();
    let mut rows = Vec::new();
    for record in found {
        let Some(register) = pack.register(&record.register) else { continue };
        let due = deadlines::of_applicant(reading, &pack, register, &record).await?;
        rows.push(Row {
            to: address(&register.id, record.id),
            state: state_tag(register, &record.state, lang),
            register: lang.of(&register.title).to_owned(),
            due: due.map(|due| date::short(lang, due, today)).unwrap_or_default(),
            late: due.is_some_and(|due| due < today),
            number: record.number,
            name: record.name,
        });
    }
    Ok(rows)
}
