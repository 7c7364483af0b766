//! How registers and controls stood at the end of a past day.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::findings::{self, Filter};
use ledger::records::{self, Record};
use ledger::{Day, Moment};

use super::admit;
use crate::compliance::{FindingRow, Tally, finding_rows, reach, tallies_on};
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link, menu};
use crate::registers::value::Shown;
use crate::registers::{address, list, names, state_tag};
use crate::visit::Desk;

/// Records of a page.
const ROWS: i64 = 100;
/// Findings shown.
const FINDINGS: i64 = 50;

/// The day that the address asks for, yesterday when it names none; and what is wrong with what it names.
fn day(desk: &Desk) -> (Day, String) {
    let (lang, today) = (desk.lang(), desk.today());
    let yesterday = today.plus_days(-1).unwrap_or(today);
    let asked = desk.query().get("on").map(|text| date::past(lang, text, today));
    match asked.unwrap_or(Ok(yesterday)) {
        Ok(day) => (day, String::new()),
        Err(says) => (yesterday, says),
    }
}

/// The moment at which a day is over.
fn end_of(day: Day) -> Moment {
    Moment::start_of(day.plus_days(1).unwrap_or(day))
}

/// A place of the menu with its registers: title, address, how many records.
type Group = (&'static str, Vec<(String, String, String)>);

#[derive(Template)]
#[template(path = "oversight/as_of.html")]
struct Overview {
    page: Page,
    on: String,
    long: String,
    problem: String,
    /// The day whose evaluation counts, and its counts.
    tally: Option<(String, Tally)>,
    findings: Vec<FindingRow>,
    open: i64,
    groups: Vec<Group>,
}

/// `GET /as-of?on=`
pub(crate) async fn overview(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    drop(admit(&reading, &desk, "read")?);
    let (on, problem) = day(&desk);
    let reach = reach(&mut reading, &desk).await?;
    let tally = tallies_on(&mut reading, reach.as_deref(), on).await?.map(|(day, all)| {
        let mut total = Tally::default();
        all.values().for_each(|tally| total.add(tally.counts));
        (date::long(lang, day), total)
    });
    let filter = Filter { units: reach, open_on: Some(on), ..Filter::default() };
    let open = findings::count(&mut reading, &filter).await?;
    let found = findings::list(&mut reading, &filter, 0, FINDINGS).await?;
    let findings = finding_rows(&mut reading, &pack, lang, found, Some(on)).await?;
    let counts = records::counts_as_of(&mut reading, Some(&desk.standing), &pack.registers, end_of(on)).await?;
    let mut groups: Vec<Group> = Vec::new();
    for register in &pack.registers {
        let Some(count) = counts.get(&register.id) else { continue };
        let place = menu::name(register.menu.as_deref().unwrap_or_default(), lang).unwrap_or_default();
        let to = format!("/registers/{}/as-of?on={on}", link::encode(&register.id));
        let row = (lang.of(&register.title).to_owned(), to, date::thousands(*count));
        match groups.iter_mut().find(|(name, _)| *name == place) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((place, vec![row])),
        }
    }
    let page = desk.page("audits", lang.t("過去の日の状態", "As of a past day"));
    let long = date::long_with_weekday(lang, on);
    answer(&Overview { page, on: on.to_string(), long, problem, tally, findings, open, groups })
}

struct Row {
    to: String,
    number: String,
    name: String,
    cells: Vec<(Vec<Shown>, bool)>,
    unit: String,
    state: (String, &'static str),
    written: String,
    changed_since: bool,
}

#[derive(Template)]
#[template(path = "oversight/register.html")]
struct RegisterPage {
    page: Page,
    register: String,
    on: String,
    long: String,
    problem: String,
    columns: Vec<(String, bool)>,
    rows: Vec<Row>,
    total: String,
    next: Option<String>,
    first: Option<String>,
}

/// `GET /registers/{register}/as-of?on=`
pub(crate) async fn register(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang, url) = (desk.pack(), desk.lang(), desk.query());
    let mut reading = desk.reading().await?;
    drop(admit(&reading, &desk, "read")?);
    let register = crate::registers::register(&pack, &id)?;
    let (on, problem) = day(&desk);
    let before = end_of(on);
    let standing = Some(&desk.standing);
    let skip = url.get("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(0).clamp(0, 1_000_000);
    let one = std::slice::from_ref(register);
    let total = records::counts_as_of(&mut reading, standing, one, before).await?.remove(&register.id).unwrap_or(0);
    let found = records::as_of(&mut reading, standing, register, before, (skip, ROWS)).await?;
    let records: Vec<Record> = found.iter().map(|found| found.record.clone()).collect();
    let lines: Vec<_> = records.iter().map(|record| (register, record)).collect();
    desk.note_lists(&mut reading, &lines).await?;
    let names = names(&mut reading, &pack, &desk.standing, register, &records).await?;
    // The unit has a column of its own here.
    let mut shown = list::columns(register);
    shown.retain(|shows| !matches!(shows, list::Shows::Unit));
    let today = desk.today();
    let rows = found.iter().map(|found| {
        let record = &found.record;
        let cell = |shows: &list::Shows<'_>| (shows.cell(&pack, record, &names, lang), shows.is_number());
        Row {
            to: address(&register.id, record.id),
            number: record.number.clone(),
            name: record.name.clone(),
            cells: shown.iter().map(cell).collect(),
            unit: names.units.get(&record.unit).cloned().unwrap_or_default(),
            state: state_tag(register, &record.state, lang),
            written: date::moment(lang, found.written, today),
            changed_since: found.changed_since,
        }
    });
    let rows = rows.collect();
    let title = match lang {
        Lang::Ja => format!("{}（{}の状態）", register.title.ja, date::long(lang, on)),
        Lang::En => format!("{} as of {on}", lang.of(&register.title)),
    };
    let page = desk.page("audits", &title);
    let at = |skip: i64| url.with(&[("page", &skip.to_string())]);
    answer(&RegisterPage {
        page,
        register: id,
        on: on.to_string(),
        long: date::long_with_weekday(lang, on),
        problem,
        columns: shown.iter().map(|shows| (shows.label(lang).to_owned(), shows.is_number())).collect(),
        rows,
        total: date::thousands(total),
        next: (skip + ROWS < total).then(|| at(skip + ROWS)),
        first: (skip > 0).then(|| url.with(&[])),
    })
}
