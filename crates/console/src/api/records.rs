//! Records over the API.

use std::collections::BTreeMap;

use axum::Json as Reply;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::decisions::Back;
use ledger::permission::{self, Office};
use ledger::records::{self, Change, Filter, NewRecord, PAPER_FIELDS, Page, Paper, Query, Record, Sort};
use ledger::{Id, Reading, journal};
use pack::Pack;
use pack::model::Register;
use serde_json::{Map, Value as Json, json};

use super::door::{Caller, Object};
use crate::page::fault::Fault;
use crate::registers::take;

/// Records of a page unless `limit` says otherwise.
const LIMIT: usize = 25;
/// The highest `limit`.
const LIMIT_MAX: usize = 200;

fn register<'a>(pack: &'a Pack, id: &str) -> Result<&'a Register, Fault> {
    pack.register(id).ok_or(Fault::NotFound)
}

fn id(text: &str) -> Result<Id, Fault> {
    text.parse().map_err(|_| Fault::NotFound)
}

/// A record as the API gives it, with its paper where it was entered from one.
fn json_of(record: &Record, papers: &BTreeMap<Id, Paper>) -> Json {
    let paper = papers.get(&record.id);
    json!({
        "id": record.id.to_string(),
        "register": record.register,
        "number": record.number,
        "name": record.name,
        "unit": record.unit.to_string(),
        "state": record.state,
        "applicant": record.applicant.map(|id| id.to_string()),
        "entered_for": record.entered_for.map(|id| id.to_string()),
        "entered_for_dated": paper.map(|paper| paper.dated.to_string()),
        "entered_for_scan": paper.map(|paper| paper.scan.to_string()),
        "version": record.version,
        "created_at": record.created.to_string(),
        "changed_at": record.changed.to_string(),
        "entered_on": record.entered.to_string(),
        "fields": record.fields,
    })
}

async fn with_etag(reading: &mut Reading, status: StatusCode, record: &Record) -> Result<Response, Fault> {
    let papers = records::papers(reading, std::slice::from_ref(record)).await?;
    let mut response = (status, Reply(json_of(record, &papers))).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", record.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// `GET /api/v1/registers`
pub(crate) async fn registers(caller: Caller) -> Result<Response, Fault> {
    let (pack, lang) = (caller.desk.pack(), caller.desk.lang());
    let items: Vec<Json> =
        pack.registers
            .iter()
            .map(|register| {
                let fields = register
                    .fields
                    .iter()
                    .map(|field| json!({ "id": field.id, "label": lang.of(&field.label), "optional": field.optional }));
                let states =
                    register.lifecycle.states.iter().map(
                        |state| json!({ "id": state.id, "label": lang.of(&state.label), "final": state.is_final }),
                    );
                json!({
                    "id": register.id,
                    "title": lang.of(&register.title),
                    "fields": fields.collect::<Vec<_>>(),
                    "states": states.collect::<Vec<_>>(),
                    "transitions": register.lifecycle.transitions.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(),
                })
            })
            .collect();
    Ok(Reply(json!({ "items": items })).into_response())
}

/// `GET /api/v1/registers/{register}/records`
pub(crate) async fn list(caller: Caller, Path(register_id): Path<String>) -> Result<Response, Fault> {
    caller.ask("read", &register_id)?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let mut reading = desk.reading().await?;
    let listing =
        records::list(&mut reading, &pack, Some(&desk.standing), register, &query(desk.query(), register)?).await?;
    let shown: Vec<_> = listing.items.iter().map(|record| (register, record)).collect();
    desk.note_read(&mut reading, &shown).await?;
    let papers = records::papers(&mut reading, &listing.items).await?;
    let items: Vec<Json> = listing.items.iter().map(|record| json_of(record, &papers)).collect();
    let body =
        json!({ "items": items, "next": listing.next, "total": listing.total, "total_capped": listing.total_capped });
    Ok(Reply(body).into_response())
}

fn query(url: &crate::page::link::Query, register: &Register) -> Result<Query, Fault> {
    let number = |name: &str| match url.get(name).map(str::parse::<u32>) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => Err(Fault::Invalid {
            field: Some(name.to_owned()),
            says: format!("「{name}」には0以上の整数を指定してください / '{name}' has to be a whole number from 0."),
        }),
    };
    let known =
        |name: &str| matches!(name, "state" | "unit" | "applicant" | "number") || register.field(name).is_some();
    let filters = url.0.iter().filter(|(name, value)| known(name) && !value.is_empty());
    let filters = filters.map(|(name, value)| Filter::Is(name.clone(), vec![value.clone()])).collect();
    let sort = url.get("sort").map(|sort| match sort.strip_prefix('-') {
        Some(field) => Sort { field: field.to_owned(), descending: true },
        None => Sort { field: sort.to_owned(), descending: false },
    });
    let page = match (url.get("cursor"), number("offset")?) {
        (Some(cursor), _) => Page::After(cursor.to_owned()),
        (None, Some(offset)) => Page::Offset(offset),
        (None, None) => Page::First,
    };
    let limit = number("limit")?.map_or(LIMIT, |limit| usize::try_from(limit).unwrap_or(LIMIT));
    Ok(Query {
        filters,
        search: url.get("q").unwrap_or_default().to_owned(),
        sort,
        page,
        limit: limit.clamp(1, LIMIT_MAX),
        count: true,
    })
}

/// `GET /api/v1/registers/{register}/records/{id}`
pub(crate) async fn get(
    caller: Caller,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    caller.ask("read", &register_id)?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let mut reading = desk.reading().await?;
    let register = register(&pack, &register_id)?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id(&record_id)?).await?;
    desk.note_read(&mut reading, &[(register, &record)]).await?;
    with_etag(&mut reading, StatusCode::OK, &record).await
}

/// Fields, and what stands beside them in a body.
type Parts = (Map<String, Json>, Map<String, Json>);

/// The fields of a body: its `fields`, or, when it has none, the body itself.
fn fields(mut body: Map<String, Json>) -> Result<Parts, Fault> {
    match body.remove("fields") {
        Some(Json::Object(fields)) => Ok((fields, body)),
        Some(_) => Err(Fault::Invalid {
            field: Some("fields".to_owned()),
            says: "「fields」にはオブジェクトを指定してください / 'fields' has to be an object.".to_owned(),
        }),
        None => {
            let rest = ["unit", "reason"]
                .iter()
                .chain(&PAPER_FIELDS)
                .filter_map(|name| Some(((*name).to_owned(), body.remove(*name)?)));
            let rest = rest.collect::<Map<_, _>>();
            Ok((body, rest))
        }
    }
}

/// Nothing of a body is passed over: beside the fields stands what this call takes, and no more.
fn only(rest: &Map<String, Json>, taken: &[&str]) -> Result<(), Fault> {
    match rest.keys().find(|name| !taken.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Fault::Invalid {
            field: Some(name.clone()),
            says: format!(
                "「{name}」はここでは指定できません。指定できるもの：{taken} / '{name}' is not taken here. Taken are: {taken}.",
                taken = taken.join(", ")
            ),
        }),
    }
}

/// The id that a body names.
fn reference(body: &Map<String, Json>, name: &str) -> Result<Option<Id>, Fault> {
    let given = body.get(name).filter(|value| !value.is_null());
    let id = given.map(|value| value.as_str().and_then(|text| text.parse().ok()));
    id.map(|id| {
        id.ok_or_else(|| Fault::Invalid {
            field: Some(name.to_owned()),
            says: format!("「{name}」にはidを指定してください / '{name}' has to be an id."),
        })
    })
    .transpose()
}

/// The paper that a record is entered from: all of it, or nothing.
fn paper(body: &Map<String, Json>) -> Result<Option<Paper>, Fault> {
    let [person, dated, scan] = PAPER_FIELDS;
    if PAPER_FIELDS.iter().all(|name| body.get(*name).is_none_or(Json::is_null)) {
        return Ok(None);
    }
    let wrong = |name: &str| Fault::Invalid {
        field: Some(name.to_owned()),
        says: format!(
            "代理入力では「{person}」（本人のid）、「{dated}」（紙の日付。例：2026-04-01）、「{scan}」（紙の写しのファイルのid）のすべてを指定してください / \
             An entry from paper takes all of '{person}' (the person's id), '{dated}' (such as 2026-04-01) and '{scan}' (the id of the scan's file)."
        ),
    };
    Ok(Some(Paper {
        person: reference(body, person)?.ok_or_else(|| wrong(person))?,
        dated: text(body, dated).and_then(|day| day.parse().ok()).ok_or_else(|| wrong(dated))?,
        scan: reference(body, scan)?.ok_or_else(|| wrong(scan))?,
    }))
}

fn text<'a>(body: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Json::as_str)
}

/// `POST /api/v1/registers/{register}/records`
pub(crate) async fn create(
    caller: Caller,
    Path(register_id): Path<String>,
    Object(body): Object,
) -> Result<Response, Fault> {
    caller.ask("write", &register_id)?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let (fields, rest) = fields(body)?;
    let [person, dated, scan] = PAPER_FIELDS;
    only(&rest, &["unit", "reason", person, dated, scan])?;
    let new = NewRecord { unit: reference(&rest, "unit")?, paper: paper(&rest)?, fields };
    let mut op = desk.operation().await?;
    let record = records::create(&mut op, &pack, Some(&desk.standing), register, new).await?;
    let response = with_etag(&mut op, StatusCode::CREATED, &record).await?;
    op.commit().await?;
    Ok(response)
}

/// The version that `If-Match` names.
fn seen(headers: &HeaderMap) -> Result<i64, Fault> {
    let given = headers.get(header::IF_MATCH).ok_or(Fault::NoVersion)?;
    let given = given.to_str().unwrap_or_default().trim().trim_start_matches("W/").trim_matches('"');
    given.parse().map_err(|_| Fault::Stale)
}

/// A stale version is 412 here, where `If-Match` names it.
fn stale(error: ledger::Error) -> Fault {
    if error.kind() == ledger::Kind::Conflict { Fault::Stale } else { error.into() }
}

/// `PATCH /api/v1/registers/{register}/records/{id}`
pub(crate) async fn patch(
    caller: Caller,
    Path((register_id, record_id)): Path<(String, String)>,
    headers: HeaderMap,
    Object(body): Object,
) -> Result<Response, Fault> {
    caller.ask("write", &register_id)?;
    let version = seen(&headers)?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let (fields, rest) = fields(body)?;
    only(&rest, &["reason"])?;
    let change = Change { version: Some(version), fields, reason: text(&rest, "reason").map(str::to_owned) };
    let mut op = desk.operation().await?;
    let done = records::edit(&mut op, &pack, Some(&desk.standing), register, id(&record_id)?, change).await;
    let record = done.map_err(stale)?;
    let response = with_etag(&mut op, StatusCode::OK, &record).await?;
    op.commit().await?;
    Ok(response)
}

/// `POST /api/v1/registers/{register}/records/{id}/transitions/{name}`
pub(crate) async fn step(
    caller: Caller,
    Path((register_id, record_id, name)): Path<(String, String, String)>,
    headers: HeaderMap,
    Object(mut body): Object,
) -> Result<Response, Fault> {
    caller.ask("write", &register_id)?;
    let version = headers.contains_key(header::IF_MATCH).then(|| seen(&headers)).transpose()?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let register = register(&pack, &register_id)?;
    let transition = register.transition(&name).ok_or(Fault::NotFound)?;
    let back = match body.remove("to_step") {
        None => Back::Applicant,
        Some(step) => Back::Step(step.as_u64().and_then(|step| usize::try_from(step).ok()).ok_or_else(|| {
            let says = "「to_step」には段の番号（0から）を指定してください / 'to_step' has to be the number of a step, from 0.";
            Fault::Invalid { field: Some("to_step".to_owned()), says: says.to_owned() }
        })?),
    };
    let (fields, rest) = fields(body)?;
    only(&rest, &["reason"])?;
    let change = Change { version, fields, reason: text(&rest, "reason").map(str::to_owned) };
    let mut op = desk.operation().await?;
    let done = take(&mut op, &pack, &desk.standing, register, id(&record_id)?, transition, change, back).await;
    let record = if version.is_some() { done.map_err(stale)? } else { done? };
    let response = with_etag(&mut op, StatusCode::OK, &record).await?;
    op.commit().await?;
    Ok(response)
}

/// `GET /api/v1/search?q=`
pub(crate) async fn search(caller: Caller) -> Result<Response, Fault> {
    caller.ask("read", "search")?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let mut reading = desk.reading().await?;
    let question = desk.query().get("q").unwrap_or_default();
    let found = records::search(&mut reading, &pack, Some(&desk.standing), question, LIMIT).await?;
    let mut shown = Vec::new();
    for hit in &found {
        shown.push((register(&pack, &hit.record.register)?, &hit.record));
    }
    desk.note_read(&mut reading, &shown).await?;
    let found: Vec<Record> = found.into_iter().map(|hit| hit.record).collect();
    let papers = records::papers(&mut reading, &found).await?;
    let items: Vec<Json> = found.iter().map(|record| json_of(record, &papers)).collect();
    Ok(Reply(json!({ "items": items, "next": null, "total": items.len(), "total_capped": false })).into_response())
}

/// `GET /api/v1/journal?after=`
pub(crate) async fn journal(caller: Caller) -> Result<Response, Fault> {
    caller.ask("read", "journal")?;
    let desk = &caller.desk;
    let mut reading = desk.reading().await?;
    // Asked of the ledger, so that the same roles read here as on the page; reading uses the leave up.
    permission::office(&reading, Some(&desk.standing), Office::Journal, "read", "journal", "").map(drop)?;
    let after = desk.query().get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let entries = journal::entries(&mut reading, journal::About::Everything, after, LIMIT_MAX).await?;
    let items: Vec<Json> = entries
        .iter()
        .map(|entry| {
            json!({ "seq": entry.seq, "at": entry.at.to_string(), "actor": entry.actor, "act": entry.act, "kind": entry.kind, "subject": entry.subject, "note": entry.note })
        })
        .collect();
    let next = entries.last().filter(|_| entries.len() == LIMIT_MAX).map(|entry| entry.seq);
    Ok(Reply(json!({ "items": items, "next": next })).into_response())
}
