//! For auditors: what was done beside the ordinary course (特例承認, 代決, 引上げ, 代理入力) or with the keys of the house, from the
//! journal; and how registers and controls stood on a past day.

mod as_of;

use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::journal::Entry;
use ledger::oversight::{self, Done, Way};
use ledger::people::persons;
use ledger::permission::{self, Office};
use ledger::records::{self, Record};
use ledger::{Day, Id, Reading};
use pack::model::Register;
use tables::{Cell, Encoding};

pub(crate) use as_of::{overview as as_of, register as register_as_of};

use crate::journal;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date};
use crate::registers::address;
use crate::visit::Desk;

/// Entries of a page.
const ROWS: i64 = 50;
/// Most entries of a file.
const FILE_ROWS: i64 = 10_000;

/// One way, as a tab.
struct Tab {
    label: &'static str,
    to: String,
    here: bool,
    count: String,
}

struct Row {
    seq: i64,
    when: String,
    who: String,
    act: String,
    kind: String,
    note: Vec<String>,
    /// The record, for whoever may see it: address, number, name.
    record: Option<(String, String, String)>,
    /// Whether there is a record that the reader may not see.
    closed: bool,
    to: Option<String>,
    holder: String,
    /// Of 代理入力: the paper's day, and where its scan is.
    paper: Option<(String, String)>,
    /// What became of the 後閲, and whether it waits.
    after: Option<(String, bool)>,
}

#[derive(Template)]
#[template(path = "oversight/list.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    says: &'static str,
    way: &'static str,
    rows: Vec<Row>,
    from: String,
    to: String,
    problem: String,
    total: String,
    older: Option<String>,
    newer: Option<String>,
    file: String,
}

/// Whether the reader may look, as for evidence; to others the pages do not exist.
fn admit(reading: &Reading, desk: &Desk, act: &str) -> Result<ledger::Permit, Fault> {
    let permit = permission::office(reading, Some(&desk.standing), Office::Evidence, act, "oversight", "");
    permit.map_err(|_| Fault::NotFound)
}

/// What a way is called, and what it is.
fn words(way: Way, lang: Lang) -> (&'static str, &'static str) {
    match way {
        Way::Override => (
            lang.t("特例承認（例外措置）", "Overrides"),
            lang.t(
                "定めを守れないものとして、例外措置を許可した決裁です。",
                "Decisions that granted an exception to the policy.",
            ),
        ),
        Way::Deputy => (
            lang.t("代決", "As deputy"),
            lang.t(
                "不在の決裁者に代わって行われた承認、不承認、差戻しです。承認には後閲が要ります。",
                "Answers given for a holder who was away. The holder countersigns what was agreed.",
            ),
        ),
        Way::Escalated => (
            lang.t("引上げ", "Escalated"),
            lang.t(
                "上位の役割が、本来の決裁者に代わって自ら処理したものです。",
                "Answers that a higher rank gave in place of the one that was asked.",
            ),
        ),
        Way::EnteredFor => (
            lang.t("代理入力", "Entered for another"),
            lang.t(
                "紙の様式などから、本人に代わって入力された記録です。",
                "Records that somebody entered from paper for another person.",
            ),
        ),
        Way::Administrator => (
            lang.t("管理者の操作", "Administrators"),
            lang.t(
                "関守の管理者と、サーバー上のコマンドによる操作です。機密性の高い記録の内容や決裁を変えることはできません。",
                "Acts of the product's administrator and of commands on the server.",
            ),
        ),
    }
}

/// The days that an address asks for: the fiscal year so far when it names none. What cannot be read is said.
fn days(desk: &Desk) -> (Day, Day, String) {
    let (lang, today) = (desk.lang(), desk.today());
    let start = Day::fiscal_year_start(today.fiscal_year()).unwrap_or(today);
    let asked = |name: &str, otherwise: Day| match desk.query().get(name) {
        None => Ok(otherwise),
        Some(text) => text.parse::<Day>().map_err(|_| match lang {
            Lang::Ja => format!("「{text}」は日付として読めません。2026-04-01 のように入力してください。"),
            Lang::En => format!("'{text}' is no date. Write it as 2026-04-01."),
        }),
    };
    match (asked("from", start), asked("to", today)) {
        (Ok(from), Ok(to)) if from <= to => (from, to, String::new()),
        (Ok(_), Ok(_)) => {
            let says = lang.t(
                "終わりの日は、始めの日以後にしてください。今年度の分を表示しています。",
                "The last day must not be before the first. This is the present fiscal year.",
            );
            (start, today, says.to_owned())
        }
        (Err(says), _) | (_, Err(says)) => (start, today, says),
    }
}

/// `GET /oversight?way=&from=&to=&page=&form=`
pub(crate) async fn list(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang, url) = (desk.pack(), desk.lang(), desk.query());
    let mut reading = desk.reading().await?;
    drop(admit(&reading, &desk, "read")?);
    let asked = url.get("way").unwrap_or(Way::Override.id());
    let way = Way::ALL.into_iter().find(|way| way.id() == asked).ok_or(Fault::NotFound)?;
    let (from, to, problem) = days(&desk);
    if url.get("form").is_some() {
        return file(&desk, reading, way, (from, to)).await;
    }
    let counts = oversight::counts(&mut reading, &pack, from, to).await?;
    let skip = url.get("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(0).clamp(0, 1_000_000);
    let done = oversight::list(&mut reading, &pack, way, (from, to), skip, ROWS).await?;
    let rows = rows(&mut reading, &desk, &done).await?;
    let mut total = 0;
    let tabs = Way::ALL.into_iter().zip(counts).map(|(other, count)| {
        if other == way {
            total = count;
        }
        let to = format!("/oversight{}", url.with(&[("way", other.id())]));
        Tab { label: words(other, lang).0, to, here: other == way, count: date::thousands(count) }
    });
    let tabs = tabs.collect();
    let page = desk.page("audits", lang.t("特例承認・代決・管理者の操作", "Overrides, deputies, administrators"));
    let at = |skip: i64| url.with(&[("page", &skip.to_string())]);
    answer(&List {
        page,
        tabs,
        says: words(way, lang).1,
        way: way.id(),
        rows,
        from: from.to_string(),
        to: to.to_string(),
        problem,
        total: date::thousands(total),
        older: (skip + ROWS < total).then(|| at(skip + ROWS)),
        newer: (skip > 0).then(|| at((skip - ROWS).max(0))),
        file: url.with(&[("form", "csv")]),
    })
}

/// The record that an entry is about, for whoever may see it.
async fn record<'a>(
    reading: &mut Reading,
    desk: &Desk,
    pack: &'a pack::Pack,
    entry: &Entry,
) -> Result<Option<(&'a Register, Option<Record>)>, Fault> {
    let (Some(register), Ok(id)) = (pack.register(&entry.kind), entry.subject.parse::<Id>()) else { return Ok(None) };
    Ok(Some((register, records::seen(reading, Some(&desk.standing), register, id).await?)))
}

/// Entries as rows. A record that the reader may not see stays without number and name; those that are shown are noted as read
/// where that has to be noted.
async fn rows(reading: &mut Reading, desk: &Desk, done: &[Done]) -> Result<Vec<Row>, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), reading.today());
    let entries: Vec<Entry> = done.iter().map(|done| done.entry.clone()).collect();
    let told = journal::rows(reading, desk, &entries).await?;
    let holders: Vec<Id> = done.iter().filter_map(|done| done.holder).collect();
    let holders = if holders.is_empty() { Vec::new() } else { persons::of_ids(reading, &holders).await? };
    let mut found = Vec::new();
    for entry in &entries {
        found.push(record(reading, desk, &pack, entry).await?);
    }
    let shown: Vec<(&Register, &Record)> =
        found.iter().flatten().filter_map(|(register, record)| Some((*register, record.as_ref()?))).collect();
    desk.note_lists(reading, &shown).await?;
    let rows = done.iter().zip(told).zip(&found).map(|((done, told), found)| {
        let record = found.as_ref().and_then(|(register, record)| Some((*register, record.as_ref()?)));
        let holder = done.holder.and_then(|id| holders.iter().find(|person| person.id == id)).map(shown_name);
        Row {
            seq: told.seq,
            when: told.when,
            who: told.who,
            act: told.act,
            kind: told.kind,
            note: told.note,
            to: if found.is_some() { None } else { told.to },
            closed: found.is_some() && record.is_none(),
            record: record.map(|(register, record)| {
                (address(&register.id, record.id), record.number.clone(), record.name.clone())
            }),
            holder: holder.filter(|_| found.is_none() || record.is_some()).unwrap_or_default(),
            paper: done
                .paper
                .filter(|_| record.is_some())
                .map(|paper| (date::long(lang, paper.dated), format!("/files/{}", paper.scan))),
            after: done.countersigned.map(|at| match at {
                Some(at) => (format!("{} {}", date::moment(lang, at, today), lang.t("後閲", "countersigned")), false),
                None => (lang.t("後閲待ち", "not countersigned yet").to_owned(), true),
            }),
        }
    });
    Ok(rows.collect())
}

/// The list as a file, which leaves its entry in the journal before it leaves.
async fn file(desk: &Desk, mut reading: Reading, way: Way, days: (Day, Day)) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let done = oversight::list(&mut reading, &pack, way, days, 0, FILE_ROWS + 1).await?;
    if i64::try_from(done.len()).is_ok_and(|found| found > FILE_ROWS) {
        let says = lang.t(
            "一度に書き出せるのは1万件までです。期間を短くしてください。",
            "At most 10,000 entries at once. Choose fewer days.",
        );
        return Err(Fault::invalid(says));
    }
    let headings: [(&str, &str); 10] = [
        ("操作記録", "Entry"),
        ("日時", "When"),
        ("だれが", "Who"),
        ("何を", "What"),
        ("対象の種類", "Kind"),
        ("番号", "Number"),
        ("名称", "Name"),
        ("本人", "For whom"),
        ("紙の日付", "Paper of"),
        ("後閲・理由など", "Countersigned, notes"),
    ];
    let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
    let mut sheet: Vec<Vec<Cell>> = vec![headings.iter().map(|(ja, en)| text(lang.t(ja, en))).collect()];
    for (row, done) in rows(&mut reading, desk, &done).await?.into_iter().zip(&done) {
        let closed = lang.t("（閲覧できない記録）", "(a record you may not see)");
        let (number, name) = match (&row.record, row.closed) {
            (Some((_, number, name)), _) => (number.as_str(), name.as_str()),
            (None, true) => (closed, ""),
            (None, false) => ("", ""),
        };
        let mut notes: Vec<&str> = row.after.iter().map(|(says, _)| says.as_str()).collect();
        notes.extend(row.note.iter().map(String::as_str));
        let (seq, at) = (row.seq.to_string(), done.entry.at.to_string());
        let dated = row.paper.as_ref().and(done.paper).map(|paper| paper.dated.to_string()).unwrap_or_default();
        let cells = [&seq, &at, &row.who, &row.act, &row.kind, number, name, &row.holder, &dated, &notes.join("　")];
        sheet.push(cells.map(text).into());
    }
    reading.end().await?;
    let bytes = tables::csv::write(&sheet, Encoding::Utf8)
        .map_err(|problem| Fault::invalid(lang.t(&problem.ja, &problem.en)))?;
    let mut op = desk.operation().await?;
    let permit = admit(&op, desk, "export")?;
    let asked = [("way", way.id()), ("from_day", &days.0.to_string()), ("to_day", &days.1.to_string())];
    ledger::journal::note_evidence(&mut op, permit, &exchange::sha256(&bytes), sheet.len() - 1, &asked);
    op.commit().await?;
    let name = format!("attachment; filename=\"{}-{}.csv\"", way.id(), desk.today());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Fault::internal)?),
    ];
    Ok((headers, bytes).into_response())
}
