//! お知らせ: what the deadlines and waiting decisions remind a person of.

use askama::Template;
use axum::response::Response;
use ledger::notices::{self, Notice};
use ledger::{Reading, records};

use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::registers::address;
use crate::visit::Desk;

/// A notice as it is shown.
pub(crate) struct Row {
    pub(crate) to: String,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) register: String,
    pub(crate) says: String,
    pub(crate) due: String,
    pub(crate) late: bool,
    pub(crate) day: String,
    pub(crate) read: bool,
}

/// A person's notices of records that the person may still see, unread first.
pub(crate) async fn rows(reading: &mut Reading, desk: &Desk, most: i64) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    for notice in notices::of_person(reading, desk.person, most).await? {
        rows.extend(row(reading, desk, &notice).await?);
    }
    Ok(rows)
}

async fn row(reading: &mut Reading, desk: &Desk, notice: &Notice) -> Result<Option<Row>, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), reading.today());
    let Some(register) = pack.register(&notice.register) else { return Ok(None) };
    let Some(record) = records::seen(reading, Some(&desk.standing), register, notice.record).await? else {
        return Ok(None);
    };
    let (ja, en) = notices::says(&pack, notice);
    Ok(Some(Row {
        to: address(&register.id, record.id),
        number: record.number,
        name: record.name,
        register: lang.of(&register.title).to_owned(),
        says: lang.t(&ja, &en).to_owned(),
        due: notice.due.map(|due| date::short(lang, due, today)).unwrap_or_default(),
        late: notice.due.is_some_and(|due| due < today),
        day: date::short(lang, notice.day, today),
        read: notice.read,
    }))
}

#[derive(Template)]
#[template(path = "notices/list.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    unread: i64,
}

/// `GET /notices`
pub(crate) async fn list(desk: Desk) -> Result<Response, Fault> {
    let mut reading = desk.reading().await?;
    let rows = rows(&mut reading, &desk, notices::PAGE_MAX).await?;
    let unread = notices::unread(&mut reading, desk.person).await?;
    let page = desk.page("", desk.lang().t("お知らせ", "Notices"));
    answer(&List { page, rows, unread })
}

/// `POST /notices/read`
pub(crate) async fn read(desk: Desk, _posted: Posted) -> Result<Response, Fault> {
    let mut op = desk.operation().await?;
    notices::mark_read(&mut op).await?;
    op.commit().await?;
    Ok(Flash::done(desk.lang().t("既読にしました。", "Marked as read.")).at("/notices"))
}
