//! How the policy is kept, over the API.

use axum::Json as Reply;
use axum::response::{IntoResponse, Response};
use ledger::findings::{self, Filter};
use serde_json::{Value as Json, json};

use super::door::Caller;
use crate::compliance::{Tally, reach, tallies};
use crate::page::fault::Fault;
use crate::state::Numbers;

/// Findings of a page unless `limit` says otherwise, and at most.
const LIMIT: i64 = 50;
const LIMIT_MAX: i64 = 200;

fn json_of(tally: &Tally) -> Json {
    let [holds, broken, covered, unknown, not_started, out_of_scope] = tally.counts;
    json!({ "holds": holds, "broken": broken, "covered": covered, "unknown": unknown, "not_started": not_started, "out_of_scope": out_of_scope })
}

/// `GET /api/v1/assurance/summary`: counts in all and by control, as far as the caller's reach.
pub(crate) async fn summary(caller: Caller) -> Result<Response, Fault> {
    caller.ask("read", "assurance")?;
    let desk = &caller.desk;
    let pack = desk.pack();
    let mut reading = desk.reading().await?;
    let reach = reach(&mut reading, desk).await?;
    let counted = tallies(&mut reading, reach.as_deref()).await?;
    let as_of = counted.as_ref().map(|(day, _)| day.to_string());
    let by_control = counted.map(|(_, tallies)| tallies).unwrap_or_default();
    let mut total = Tally::default();
    by_control.values().for_each(|tally| total.add(tally.counts));
    let controls: Vec<Json> = pack
        .controls
        .iter()
        .map(|control| {
            let tally = by_control.get(&control.id).copied().unwrap_or_default();
            let clauses: Vec<String> = control.clauses.iter().map(ToString::to_string).collect();
            json!({ "id": control.id, "title": desk.lang().of(&control.title), "clauses": clauses, "counts": json_of(&tally) })
        })
        .collect();
    // False while a start's evaluation is under way or fails: the numbers are those of an earlier run.
    let follows = desk.state().numbers() == Numbers::Follow;
    Ok(Reply(json!({ "as_of": as_of, "follows": follows, "counts": json_of(&total), "controls": controls }))
        .into_response())
}

/// `GET /api/v1/findings`: open ones, worst and first due first.
pub(crate) async fn findings(caller: Caller) -> Result<Response, Fault> {
    caller.ask("read", "findings")?;
    let (desk, url) = (&caller.desk, caller.desk.query());
    let mut reading = desk.reading().await?;
    let units = reach(&mut reading, desk).await?;
    let number = |name: &str, or: i64| url.get(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(or);
    let (offset, limit) = (number("offset", 0).clamp(0, 1_000_000), number("limit", LIMIT).clamp(1, LIMIT_MAX));
    let filter = Filter { control: url.get("control").map(str::to_owned), units, ..Filter::default() };
    let total = findings::count(&mut reading, &filter).await?;
    let found = findings::list(&mut reading, &filter, offset, limit).await?;
    let items: Vec<Json> = found
        .iter()
        .map(|finding| {
            let verdict = &finding.verdict;
            json!({
                "id": finding.id.to_string(),
                "control": verdict.control,
                "subject": verdict.subject,
                "label": verdict.label,
                "unit": verdict.unit.map(|unit| unit.to_string()),
                "state": verdict.state,
                "severity": match finding.severity { 3 => "critical", 2 => "major", _ => "minor" },
                "reason": desk.lang().t(&verdict.reason_ja, &verdict.reason_en),
                "since": finding.since.to_string(),
                "due": finding.due.to_string(),
            })
        })
        .collect();
    let next = (offset + limit < total).then_some(offset + limit);
    Ok(Reply(json!({ "items": items, "next": next.map(|n| n.to_string()), "total": total.min(10_000), "total_capped": total > 10_000 })).into_response())
}
