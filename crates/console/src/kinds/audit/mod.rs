//! 情報セキュリティ監査: plans against three years, independence, items with 整備状況 and 運用状況, samples, findings and the same
//! weakness elsewhere. What is judged is judged in `ledger::kinds::audit`.

mod finding;
mod home;
mod independence;
mod items;
mod marks;
mod orders;
mod pick_items;
mod plan_lines;
mod plan_page;
mod sample;
mod sample_new;
mod words;

use axum::Router;
use axum::routing::{get, post};
use ledger::kinds::audit::{Around, Part};
use ledger::people::persons;
use ledger::records::{self, Record};
use ledger::{Id, Operation, Reading, Result as LedgerResult};
use pack::Pack;
use pack::model::{ClauseId, Register, Transition, TransitionRole};

pub(super) use home::home;

use super::Panel;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::link;
use crate::registers::address;
use crate::state::State;
use crate::visit::Desk;

/// The pages of the kind.
pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/registers/{register}/audit-plan", get(plan_page::show))
        .route("/registers/{register}/{id}/items", get(pick_items::show))
        .route("/registers/{register}/{id}/population", get(sample::population))
        .route("/registers/{register}/{id}/audit", post(marks::mark))
}

/// Pages beside a register's list, for whoever may open them.
pub(super) async fn links(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
) -> Result<Vec<(String, String)>, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    match Around::part(&pack, register) {
        Some((around, Part::Audit | Part::Plan)) if plan_page::may_see(reading, desk, &around).await? => {
            Ok(vec![(plan_page::address(&around), lang.t("監査計画と実績", "Plan and what was done").to_owned())])
        }
        Some((around, Part::Finding)) => {
            Ok(vec![(orders::list(&around), lang.t("改善の指示（期限の順）", "Orders by due day").to_owned())])
        }
        _ => Ok(Vec::new()),
    }
}

/// Tags of findings past the day by which they have to be mended or answered.
pub(super) fn late(desk: &Desk, register: &Register, records: &[Record]) -> super::Marks {
    let pack = desk.pack();
    if !matches!(Around::part(&pack, register), Some((_, Part::Finding))) {
        return super::Marks::new();
    }
    let late = records.iter().filter(|record| orders::is_late(record, desk.today()));
    late.map(|record| (record.id, vec![("bad", desk.lang().t("期限超過", "overdue").to_owned())])).collect()
}

/// Panels of a record of the audits or of a register around them.
pub(super) async fn panels(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Vec<Panel>, Fault> {
    let pack = desk.pack();
    let Some((around, part)) = Around::part(&pack, register).filter(|_| record.disposed.is_none()) else {
        return Ok(Vec::new());
    };
    match part {
        Part::Audit => {
            let mut all = vec![independence::panel(reading, desk, &around, record).await?];
            all.push(items::panel(reading, desk, &around, record).await?);
            all.push(sample_new::panel(reading, desk, &around, record).await?);
            Ok(all)
        }
        Part::Plan => Ok(vec![plan_lines::panel(reading, desk, &around, record).await?]),
        Part::Item => Ok(vec![items::one(reading, desk, &around, record).await?]),
        Part::Sample => sample::panel(reading, desk, &around, record).await,
        Part::Finding => finding::panels(reading, desk, &around, record).await,
    }
}

/// Whether a panel of the kind has a better form for a step than the plain one.
pub(super) fn has_form(pack: &Pack, register: &Register, step: &Transition) -> bool {
    Around::part(pack, register).is_some_and(|(_, part)| part == Part::Sample)
        && step.fills.iter().any(|field| field == "results")
}

/// Whether a panel lists the records of another register, so that the page need not list them again.
pub(super) fn lists(pack: &Pack, register: &Register, other: &Register) -> bool {
    match Around::part(pack, register) {
        Some((around, Part::Audit)) => [&around.items.id, &around.samples.id].contains(&&other.id),
        Some((around, Part::Finding)) => around.findings.id == other.id,
        _ => false,
    }
}

/// Whether a panel shows a field better than the plain list of fields does.
pub(super) fn shows(pack: &Pack, register: &Register, field: &str) -> bool {
    match Around::part(pack, register) {
        Some((_, Part::Plan)) => field == "lines",
        Some((_, Part::Sample)) => matches!(field, "drawn" | "results" | "population" | "population_hash"),
        Some((_, Part::Finding)) => matches!(field, "clause" | "control" | "origin"),
        _ => false,
    }
}

/// What a form on a panel carries.
struct Post {
    to: String,
    proof: String,
    version: i64,
}

fn post_to(desk: &Desk, register: &Register, record: &Record) -> Post {
    Post { to: format!("{}/audit", address(&register.id, record.id)), proof: desk.proof(), version: record.version }
}

/// A step that stays or leads somewhere, as the pack calls it.
fn step_of<'a>(register: &'a Register, from: &str, to: &str) -> Option<&'a Transition> {
    let is = |step: &&Transition| {
        step.role == TransitionRole::Step && step.to == to && step.from.iter().any(|state| state == from)
    };
    register.lifecycle.transitions.iter().find(is)
}

/// The heading and the address of a clause by its id, such as `standard#audit-plan`.
fn clause(pack: &Pack, id: &str) -> Option<(String, String)> {
    let (document, slug) = id.split_once('#')?;
    let clause = pack.clause(&ClauseId { document: document.to_owned(), slug: slug.to_owned() })?;
    let to = format!("/documents/{}/{}", link::encode(document), link::encode(slug));
    Some((clause.heading.clone(), to))
}

/// A rule that an item or a finding names.
struct Rule {
    label: String,
    /// Where it stands; none for words that are no clause's id, and for a clause that the policy does not have any more.
    to: Option<String>,
}

/// What stands in a field `clause`, in words.
fn rule(pack: &Pack, text: &str, lang: Lang) -> Rule {
    match clause(pack, text) {
        Some((label, to)) => Rule { label, to: Some(to) },
        None if text.contains('#') => {
            let gone = lang.t("（いまの規程にない条項です）", " (not in the policy any more)");
            Rule { label: format!("{text}{gone}"), to: None }
        }
        None => Rule { label: text.to_owned(), to: None },
    }
}

/// The name of whoever the journal names as `person:ID`.
async fn actor_name(reading: &mut Reading, actor: &str, lang: Lang) -> Result<String, Fault> {
    let Some(id) = actor.strip_prefix("person:").and_then(|id| id.parse::<Id>().ok()) else {
        return Ok(lang.t("関守", "sekimori").to_owned());
    };
    Ok(persons::of_ids(reading, &[id]).await?.iter().map(shown_name).collect())
}

/// Records of a register that refer to a record, whoever made them, which the reader may see; earliest first.
async fn around_it(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    field: &str,
    record: &Record,
) -> Result<Vec<Record>, Fault> {
    let filter = records::Filter::Is(field.to_owned(), vec![record.id.to_string()]);
    let mut found = records::every(reading, &desk.pack(), Some(&desk.standing), register, vec![filter]).await?;
    found.reverse();
    Ok(found)
}

/// The unit of a new record around an audit: the one that was chosen, when it is an audited one.
fn unit_of(audit: &Record, chosen: &str) -> Id {
    let chosen = chosen.parse::<Id>().ok();
    chosen.filter(|unit| ledger::kinds::audit::audited(audit).contains(unit)).unwrap_or(audit.unit)
}

/// Names of the audited units, the audit's own first.
async fn audited_units(reading: &mut Reading, audit: &Record) -> Result<Vec<(Id, String)>, Fault> {
    let wanted = ledger::kinds::audit::audited(audit);
    let all = ledger::people::units::all(reading).await?.into_iter().filter(|unit| wanted.contains(&unit.id));
    let mut named: Vec<(Id, String)> = all.map(|unit| (unit.id, unit.name)).collect();
    named.sort_by_key(|(id, _)| *id != audit.unit);
    Ok(named)
}

/// Makes a record around an audit, as the reader.
async fn make(
    op: &mut Operation,
    desk: &Desk,
    register: &Register,
    unit: Id,
    fields: serde_json::Value,
) -> LedgerResult<Record> {
    let fields = match fields {
        serde_json::Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => serde_json::Map::new(),
    };
    let new = records::NewRecord { unit: Some(unit), paper: None, fields };
    records::create(op, &desk.pack(), Some(&desk.standing), register, new).await
}
