//! One sample: its population, how it was drawn, the list with a place for each result; and the list of the population, so that
//! anybody can draw it again.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ledger::kinds::audit::{self, Around, Member, Part, Verdict, as_result, draw, hash, parse_result, query};
use ledger::records::{self, Record};
use ledger::{Day, Operation, Reading, permission};
use pack::model::Register;
use serde_json::Map;

use super::sample_new::day_of;
use super::{Panel, Post, post_to, step_of, words};
use crate::kinds::button::{Done, Marked, change};
use crate::kinds::choice;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// A drawn record.
struct Row {
    number: String,
    /// Its page and its name and state, when the reader may see it.
    record: Option<(String, String, (String, &'static str))>,
    result: Option<(&'static str, &'static str)>,
    seen: Option<Verdict>,
    choices: Vec<(&'static str, &'static str, bool)>,
    says: String,
}

#[derive(Template)]
#[template(path = "kinds/audit/sample.html")]
struct Sheet {
    lang: Lang,
    register: String,
    units: String,
    made: (String, String),
    size: i64,
    frozen: Option<Frozen>,
    rows: Vec<Row>,
    seen: usize,
    fits: usize,
    fails: usize,
    unclear: usize,
    post: Option<Post>,
    list: String,
    steps: usize,
}

/// What was frozen, and whether it is still found.
struct Frozen {
    on: String,
    count: String,
    hash: String,
    seed: String,
    origin: String,
    /// Whether the population found today has the same hash.
    same: bool,
    /// Whether a draw from it gives the same sample; none before it was drawn.
    again: Option<bool>,
}

/// The population of a sample as it was frozen, or as it would be frozen today.
async fn members(
    reading: &mut Reading,
    desk: &Desk,
    sample: &Record,
    audit: &Record,
) -> Result<Option<Vec<Member>>, Fault> {
    let pack = desk.pack();
    let on = sample.day("population_on").or_else(|| reading.today().plus_days(-1));
    let Some(query) = on.and_then(|on: Day| query(sample, audit, on)) else { return Ok(None) };
    let Some(register) = pack.register(&query.register) else { return Ok(None) };
    Ok(Some(audit::population(reading, register, &query).await?))
}

/// The panel of a sample's page.
pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    sample: &Record,
) -> Result<Vec<Panel>, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let Some(audit) = audit::audit_of(reading, sample).await? else { return Ok(Vec::new()) };
    let Some(register) = sample.text("population").and_then(|id| pack.register(id)) else { return Ok(Vec::new()) };
    let members = members(reading, desk, sample, &audit).await?.unwrap_or_default();
    let numbers = || members.iter().map(|member| member.number.as_str());
    let drawn = sample.texts("drawn");
    let frozen = sample.text("population_hash").map(|frozen| {
        let size = sample.int("size").and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
        let seed = sample.text("seed").unwrap_or_default();
        Frozen {
            on: day_of(sample, "population_on", lang),
            count: sample.int("population_count").map(date::thousands).unwrap_or_default(),
            hash: frozen.to_owned(),
            seed: seed.to_owned(),
            origin: choice(around.samples, "seed_origin", sample.text("seed_origin"), lang).to_owned(),
            same: hash(numbers()) == frozen,
            again: (!drawn.is_empty()).then(|| draw(seed, numbers(), size) == drawn),
        }
    });
    let rows = rows(reading, desk, register, sample, &members).await?;
    let step = step_of(around.samples, "drawn", "drawn").filter(|_| sample.state == "drawn");
    let may = match step {
        Some(step) => permission::step(reading, Some(&desk.standing), around.samples, sample, step).await.is_ok(),
        None => false,
    };
    let units = match sample.text("reach") {
        Some("all") => choice(around.samples, "reach", Some("all"), lang).to_owned(),
        _ => super::audited_units(reading, &audit)
            .await?
            .into_iter()
            .map(|(_, name)| name)
            .collect::<Vec<_>>()
            .join("、"),
    };
    let count = |verdict: Verdict| rows.iter().filter(|row| row.seen == Some(verdict)).count();
    let (fits, fails, unclear) = (count(Verdict::Fits), count(Verdict::Fails), count(Verdict::Unclear));
    let sheet = Sheet {
        lang,
        register: lang.of(&register.title).to_owned(),
        units,
        made: (day_of(sample, "from_day", lang), day_of(sample, "until_day", lang)),
        size: sample.int("size").unwrap_or_default(),
        frozen,
        rows,
        seen: fits + fails + unclear,
        fits,
        fails,
        unclear,
        post: may.then(|| post_to(desk, around.samples, sample)),
        list: format!("{}/population", address(&around.samples.id, sample.id)),
        steps: match sample.state.as_str() {
            "draft" => 1,
            "frozen" => 2,
            _ => 3,
        },
    };
    Ok(vec![Panel::of(&sheet)?])
}

/// The drawn records with their results, as far as the reader may see them; that they are shown is noted.
async fn rows(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    sample: &Record,
    members: &[Member],
) -> Result<Vec<Row>, Fault> {
    let lang = desk.lang();
    let mut rows = Vec::new();
    let mut shown = Vec::new();
    for number in &sample.texts("drawn") {
        let record = match members.iter().find(|member| member.number == *number) {
            Some(member) => records::seen(reading, Some(&desk.standing), register, member.id).await?,
            None => None,
        };
        let line = sample.texts("results").into_iter().filter_map(parse_result).find(|(of, ..)| of == number);
        rows.push(Row {
            number: (*number).to_owned(),
            record: record.as_ref().map(|record| {
                let to = address(&register.id, record.id);
                (to, record.name.clone(), state_tag(register, &record.state, lang))
            }),
            result: line.map(|(_, verdict, _)| words::verdict(verdict, lang)),
            seen: line.map(|(_, verdict, _)| verdict),
            choices: Verdict::ALL.map(|v| (v.id(), words::verdict(v, lang).0, line.map(|l| l.1) == Some(v))).into(),
            says: line.map(|(.., says)| says.to_owned()).unwrap_or_default(),
        });
        shown.extend(record);
    }
    let shown: Vec<_> = shown.iter().map(|record| (register, record)).collect();
    desk.note_read(reading, &shown).await?;
    Ok(rows)
}

/// `GET /registers/{register}/{id}/population`: the numbers of the population, one in a line, in the order of their bytes.
pub(super) async fn population(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = pack.register(&register_id).ok_or(Fault::NotFound)?;
    let Some((around, Part::Sample)) = Around::part(&pack, register) else { return Err(Fault::NotFound) };
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let sample = records::get(&mut reading, Some(&desk.standing), around.samples, id).await?;
    let audit = audit::audit_of(&mut reading, &sample).await?.ok_or(Fault::NotFound)?;
    let members = members(&mut reading, &desk, &sample, &audit).await?.ok_or(Fault::NotFound)?;
    let text: String = members.iter().map(|member| format!("{}\n", member.number)).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"population.txt\""),
    ];
    Ok((headers, text).into_response())
}

/// Writes the results of the drawn records: a step that stays in the state.
pub(super) async fn results(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    sample: &Record,
    posted: &Posted,
) -> Marked {
    let (pack, lang) = (desk.pack(), desk.lang());
    let Some(step) = step_of(around.samples, "drawn", "drawn") else {
        return Ok(Err(lang.t("いまの規程にこの手続はありません。", "The policy has no such step.").to_owned()));
    };
    let mut lines = Vec::new();
    for (at, number) in sample.texts("drawn").into_iter().enumerate() {
        let verdict = Verdict::ALL.into_iter().find(|v| v.id() == posted.text(&format!("v{at}")));
        let says = posted.text(&format!("s{at}"));
        match verdict {
            Some(verdict) => lines.push(as_result(number, verdict, says)),
            None if says.is_empty() => {}
            None => {
                return Ok(Err(match lang {
                    Lang::Ja => format!("{number}の結果（適合、不適合など）を選んでください。"),
                    Lang::En => format!("Choose the result of {number}."),
                }));
            }
        }
    }
    if lines.is_empty() {
        return Ok(Err(lang.t("一件以上の結果を選んでください。", "Choose at least one result.").to_owned()));
    }
    let count = lines.len();
    let fields = Map::from_iter([("results".to_owned(), lines.into())]);
    let change = change(posted, fields);
    records::step(op, &pack, Some(&desk.standing), around.samples, sample.id, step, change).await?;
    Ok(Ok(Done::here(match lang {
        Lang::Ja => format!("{count}件の結果を記録しました。"),
        Lang::En => format!("{count} results recorded."),
    })))
}
