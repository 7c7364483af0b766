//! One record: its fields, what this person may do with it now, its history, and what refers to it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::people::{persons, units};
use ledger::records::{self, Paper, Record, VersionOf};
use ledger::{FieldError, Id, Reading, decisions, permission, world};
use pack::Pack;
use pack::model::{Field, FieldType, Register, Transition, TransitionRole};
use serde_json::Map;

use super::form::{Form, Input, Widget};
use super::seals::{Seal, post, seals};
use super::value::{Names, Shown, show as shown_value};
use super::{address, id, names, refers, register, state_tag};
use crate::kinds::{self, Panel};
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date, link, menu};
use crate::questionnaires::{Answered, answered};
use crate::visit::Desk;

/// Versions shown at once.
const HISTORY: usize = 30;
/// References shown for one register.
const REFERENCES: usize = 10;

/// A section of fields.
pub(super) struct Part {
    pub(super) title: String,
    pub(super) fields: Vec<(String, Vec<Shown>)>,
}

/// A step that this person may take now.
struct Action {
    id: String,
    label: String,
    grave: bool,
    /// What one is asked to do, as opposed to a way back.
    main: bool,
    reason: bool,
    /// The reason typed before.
    typed: String,
    reason_error: Option<String>,
    widgets: Vec<Widget>,
    /// Where a 差戻し can go beside the applicant: the step's number, what is said of it, and whether it was chosen.
    back_to: Vec<(String, String, bool)>,
    open: bool,
}

/// Something that happened.
struct Event {
    when: String,
    who: String,
    what: String,
    reason: String,
    /// Label, before, after.
    changes: Vec<(String, String, String)>,
}

/// Records of one register that refer here.
pub(crate) struct Back {
    title: String,
    rows: Vec<(String, String, (String, &'static str))>,
    /// Where a new one that refers here is made.
    new: Option<(String, String)>,
    more: usize,
}

#[derive(Template)]
#[template(path = "registers/detail.html")]
struct Detail {
    page: Page,
    crumbs: Vec<(String, String)>,
    here: String,
    name: String,
    state: (String, &'static str),
    parts: Vec<Part>,
    about: Vec<(String, Vec<Shown>)>,
    version: i64,
    may_edit: bool,
    actions: Vec<Action>,
    events: Vec<Event>,
    earlier: usize,
    backs: Vec<Back>,
    printable: bool,
    destroyed: bool,
    seals: Vec<Seal>,
    answers: Vec<Answered>,
    /// What the register's kind shows above the fields.
    panels: Vec<Panel>,
    /// What it says before the steps that may be taken.
    before: Option<Panel>,
}

/// What was refused: the step, what was typed, and what is wrong.
type Refused<'a> = (&'a Transition, &'a Posted, &'a [FieldError]);

/// `GET /registers/{register}/{id}`
pub(crate) async fn show(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let pack = desk.pack();
    page(&desk, register(&pack, &register_id)?, id(&record_id)?, None).await
}

/// The page of a record, perhaps with what was wrong in a dialogue on it.
pub(super) async fn page(
    desk: &Desk,
    register: &Register,
    id: Id,
    refused: Option<Refused<'_>>,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id).await?;
    desk.note_read(&mut reading, &[(register, &record)]).await?;
    let names = names(&mut reading, &pack, &desk.standing, register, std::slice::from_ref(&record)).await?;
    let (events, earlier) = history(&mut reading, &pack, register, &record, &names, lang).await?;
    let may_edit = permission::edit(&mut reading, Some(&desk.standing), register, &record).await.is_ok();
    let actions = actions(&mut reading, desk, &pack, register, &record, &names, refused).await?;
    let seals = seals(&mut reading, &pack, &record, &names, lang).await?;
    let backs = backs(&mut reading, desk, &pack, register, &record).await?;
    let panels = kinds::panels(&mut reading, desk, register, &record).await?;
    let paper = records::papers(&mut reading, std::slice::from_ref(&record)).await?.remove(&id);
    let before = if actions.is_empty() { None } else { kinds::before(&mut reading, desk, register, &record).await? };
    let whole = whole(&mut reading, &pack, register, &record).await?;
    let place = register.menu.as_deref().unwrap_or("requests");
    let mut crumbs: Vec<(String, String)> =
        menu::name(place, lang).map(|name| (format!("/place/{place}"), name.to_owned())).into_iter().collect();
    crumbs.push((format!("/registers/{}", register.id), lang.of(&register.title).to_owned()));
    let page = desk.page(place, &record.number);
    let mut response = answer(&Detail {
        page,
        crumbs,
        here: address(&register.id, id),
        name: record.name.clone(),
        state: state_tag(register, &record.state, lang),
        parts: parts(&pack, register, &whole, &names, lang, &|field| kinds::shows(&pack, register, field)),
        about: about(&pack, &record, paper.as_ref(), &names, lang),
        version: record.version,
        may_edit,
        actions,
        events,
        earlier,
        backs,
        printable: register.print.is_some(),
        destroyed: record.disposed.is_some(),
        seals,
        answers: answered(&pack, &record, lang),
        panels,
        before,
    })?;
    if refused.is_some() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// A record with its computed fields, as it is shown.
pub(super) async fn whole(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<Record, Fault> {
    let fields = world::with_computed(reading, pack, register, record).await?;
    Ok(Record { fields, ..record.clone() })
}

/// The fields in the sections of the form; empty ones are left out unless they are required.
///
/// `elsewhere` says which fields stand in another part of the page.
pub(super) fn parts(
    pack: &Pack,
    register: &Register,
    record: &Record,
    names: &Names,
    lang: Lang,
    elsewhere: &dyn Fn(&str) -> bool,
) -> Vec<Part> {
    // An answered sheet shows its answers question by question.
    let sheet = ledger::questionnaires::sheet_of(pack, record).is_some();
    let row = |field: &Field| {
        if sheet && matches!(field.id.as_str(), "questionnaire" | "answers") {
            return None;
        }
        if elsewhere(&field.id) {
            return None;
        }
        let values = shown_value(pack, field, record.fields.get(&field.id), names, lang);
        let wanted =
            !values.is_empty() || (!field.optional && !field.retired && !matches!(field.ty, FieldType::Computed(_)));
        wanted.then(|| (lang.of(&field.label).to_owned(), values))
    };
    let mut parts = Vec::new();
    for section in &register.sections {
        let fields = section.fields.iter().filter_map(|id| register.field(id)).filter_map(row).collect();
        parts.push(Part { title: lang.of(&section.title).to_owned(), fields });
    }
    let placed = |id: &String| register.sections.iter().any(|section| section.fields.contains(id));
    let rest = register.fields.iter().filter(|field| !placed(&field.id)).filter_map(row).collect();
    let title = if parts.is_empty() { lang.t("内容", "Content") } else { lang.t("そのほか", "More") };
    parts.push(Part { title: title.to_owned(), fields: rest });
    parts.retain(|part| !part.fields.is_empty());
    parts
}

/// What every record has: unit, applicant, days; and the paper that it was entered from.
fn about(pack: &Pack, record: &Record, paper: Option<&Paper>, names: &Names, lang: Lang) -> Vec<(String, Vec<Shown>)> {
    let unit = names.units.get(&record.unit).cloned().unwrap_or_default();
    let unit = Shown { text: unit, to: Some(format!("/organisation/units/{}", record.unit)), ..Shown::default() };
    let person = |id: Id| {
        let name = names.people.get(&id).cloned().unwrap_or_default();
        Shown { text: name, to: Some(format!("/organisation/people/{id}")), ..Shown::default() }
    };
    let mut rows = vec![(lang.t("所属", "Unit").to_owned(), vec![unit])];
    if let Some(applicant) = record.applicant {
        rows.push((lang.t("作成者", "Made by").to_owned(), vec![person(applicant)]));
    }
    rows.extend(super::paper::rows(pack, record, paper, names, lang));
    rows.push((lang.t("作成日", "Made on").to_owned(), vec![Shown::plain(date::long(lang, record.created.day()))]));
    rows.push((
        lang.t("この状態になった日", "In this state since").to_owned(),
        vec![Shown::plain(date::long(lang, record.entered))],
    ));
    rows
}

async fn actions(
    reading: &mut Reading,
    desk: &Desk,
    pack: &Pack,
    register: &Register,
    record: &Record,
    names: &Names,
    refused: Option<Refused<'_>>,
) -> Result<Vec<Action>, Fault> {
    let lang = desk.lang();
    let today = reading.today();
    let open_units = units::on(reading, today).await?.into_iter().map(|unit| (unit.id.to_string(), unit.name));
    let open_units: Vec<_> = open_units.collect();
    let mut all = Vec::new();
    for possible in decisions::possible(reading, pack, &desk.standing, register, record).await? {
        let Some(transition) = register.transition(&possible.transition) else { continue };
        if kinds::has_form(pack, register, transition) {
            continue;
        }
        let (posted, errors) = match refused {
            Some((which, posted, errors)) if which.id == transition.id => (Some(posted), errors),
            _ => (None, &[][..]),
        };
        let values = asked_again(reading, pack, register, record, transition).await?;
        let form = Form { pack, register, lang, values: &values, typed: posted, names, units: &open_units, errors };
        let reason_error = errors.iter().find(|error| error.field == "reason");
        let back_to = match transition.role {
            TransitionRole::Returns => back_to(reading, pack, record, posted, lang).await?,
            _ => Vec::new(),
        };
        all.push(Action {
            id: transition.id.clone(),
            label: lang.of(&transition.label).to_owned(),
            grave: transition.role != TransitionRole::Decides
                && register.state(&transition.to).is_some_and(|state| state.is_final),
            main: matches!(transition.role, TransitionRole::Step | TransitionRole::Decides),
            reason: transition.reason,
            typed: posted.map(|posted| posted.text("reason").to_owned()).unwrap_or_default(),
            reason_error: reason_error.map(|error| lang.of(&error.message).to_owned()),
            widgets: form.only(&transition.fills),
            back_to,
            open: posted.is_some(),
        });
    }
    Ok(all)
}

/// The record's values for the dialogue of a step: what the step asks for starts anew, where the field says with what (a day of
/// checking is today and not that of the last time).
async fn asked_again(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
    transition: &Transition,
) -> Result<Map<String, serde_json::Value>, Fault> {
    let mut values = record.fields.clone();
    let starts = |id: &String| register.field(id).is_some_and(|field| field.default.is_some());
    if transition.fills.iter().any(starts) {
        let mut fresh = records::defaults(reading, pack, register, record.unit, &Map::new()).await?;
        fresh.retain(|id, _| transition.fills.contains(id));
        values.extend(fresh);
    }
    Ok(values)
}

/// The earlier steps of the open decision, as one chooses among them.
async fn back_to(
    reading: &mut Reading,
    pack: &Pack,
    record: &Record,
    posted: Option<&Posted>,
    lang: Lang,
) -> Result<Vec<(String, String, bool)>, Fault> {
    let steps = decisions::earlier_steps(reading, record.id).await?;
    let said: Vec<Id> =
        steps.iter().flat_map(|(_, step)| &step.seats).filter_map(|seat| seat.said.as_ref()?.by.parse().ok()).collect();
    let people = if said.is_empty() { Vec::new() } else { persons::of_ids(reading, &said).await? };
    let chosen = posted.map(|posted| posted.text("to_step")).unwrap_or_default();
    let step = |(at, step): &(usize, decisions::Step)| {
        let names = step.seats.iter().filter_map(|seat| {
            let by: Id = seat.said.as_ref()?.by.parse().ok()?;
            people.iter().find(|person| person.id == by).map(shown_name)
        });
        let posts: Vec<String> = step.seats.iter().map(|seat| post(pack, lang, step.kind, seat)).collect();
        let value = at.to_string();
        let label = format!("{}（{}）", posts.join("、"), names.collect::<Vec<_>>().join("、"));
        (value.clone(), label, value == chosen)
    };
    Ok(steps.iter().map(step).collect())
}

async fn history(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
    names: &Names,
    lang: Lang,
) -> Result<(Vec<Event>, usize), Fault> {
    let versions = records::versions(reading, record).await?;
    let ids: Vec<Id> =
        versions.iter().filter_map(|version| version.actor.strip_prefix("person:")?.parse().ok()).collect();
    let people: BTreeMap<String, String> = match ids.as_slice() {
        [] => BTreeMap::new(),
        ids => {
            persons::of_ids(reading, ids).await?.iter().map(|p| (format!("person:{}", p.id), shown_name(p))).collect()
        }
    };
    let today = reading.today();
    let event = |at: usize, version: &VersionOf| Event {
        when: date::moment(lang, version.at, today),
        who: people.get(&version.actor).cloned().unwrap_or_else(|| lang.t("関守", "sekimori").to_owned()),
        what: act_name(register, &version.act, lang),
        reason: version.reason.clone().unwrap_or_default(),
        changes: match versions.get(at + 1) {
            Some(before) => changes(pack, register, before, version, names, lang),
            None => Vec::new(),
        },
    };
    let events = versions.iter().enumerate().take(HISTORY).map(|(at, version)| event(at, version)).collect();
    Ok((events, versions.len().saturating_sub(HISTORY)))
}

fn act_name(register: &Register, act: &str, lang: Lang) -> String {
    match act {
        "create" => lang.t("作成", "Made").to_owned(),
        "edit" => lang.t("変更", "Changed").to_owned(),
        "move" => lang.t("所属を移動", "Moved to another unit").to_owned(),
        "follow" => lang.t("規程データの改正に伴う読替え", "Followed a change of the policy").to_owned(),
        "dispose" => lang.t("保存期間の満了により廃棄", "Destroyed at the end of its retention").to_owned(),
        other => register.transition(other).map_or_else(|| other.to_owned(), |t| lang.of(&t.label).to_owned()),
    }
}

fn changes(
    pack: &Pack,
    register: &Register,
    before: &VersionOf,
    after: &VersionOf,
    names: &Names,
    lang: Lang,
) -> Vec<(String, String, String)> {
    let empty = Map::new();
    let (old, new) = (before.fields.as_ref().unwrap_or(&empty), after.fields.as_ref().unwrap_or(&empty));
    let text = |field: &Field, from: &Map<String, serde_json::Value>| {
        let values = shown_value(pack, field, from.get(&field.id), names, lang);
        values.into_iter().map(|value| value.text).collect::<Vec<_>>().join("、")
    };
    let changed = register.fields.iter().filter(|field| old.get(&field.id) != new.get(&field.id));
    changed.map(|field| (lang.of(&field.label).to_owned(), text(field, old), text(field, new))).collect()
}

/// Records elsewhere that refer to this one.
async fn backs(
    reading: &mut Reading,
    desk: &Desk,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<Vec<Back>, Fault> {
    let lang = desk.lang();
    let mut all = Vec::new();
    let others = pack.registers.iter().filter(|other| !kinds::lists(pack, register, other));
    let others = others.filter_map(|other| {
        let field = other.fields.iter().find(|field| refers(field) && leads_to(field, &register.id))?;
        Some((other, field))
    });
    let others: Vec<(&Register, &Field)> = others.collect();
    let referring = records::referring(reading, record).await?;
    let creatable = match desk.standing.home {
        Some(home) => {
            permission::creatable(reading, &desk.standing, others.iter().map(|(other, _)| *other), home).await?
        }
        None => Vec::new(),
    };
    for (other, field) in others {
        let found = if referring.contains(&other.id) {
            records::references_to(reading, Some(&desk.standing), record, other).await?
        } else {
            Vec::new()
        };
        let new = creatable.iter().any(|register| register.id == other.id).then(|| {
            let to =
                format!("/registers/{}/new?{}={}", link::encode(&other.id), field.id, link::encode(&record.number));
            (to, lang.of(&other.title).to_owned())
        });
        if found.is_empty() && new.is_none() {
            continue;
        }
        let rows = found.iter().take(REFERENCES).map(|reference| {
            let r = &reference.record;
            (address(&r.register, r.id), format!("{} {}", r.number, r.name), state_tag(other, &r.state, lang))
        });
        let title = lang.of(&other.title).to_owned();
        all.push(Back { title, rows: rows.collect(), new, more: found.len().saturating_sub(REFERENCES) });
    }
    Ok(all)
}

/// Whether there is a register in which nothing refers to the record yet.
pub(crate) fn any_to_begin(backs: &[Back]) -> bool {
    backs.iter().any(|back| back.rows.is_empty())
}

fn leads_to(field: &Field, register: &str) -> bool {
    match &field.ty {
        FieldType::Ref(to) => to == register,
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Ref(to) if to == register),
        _ => false,
    }
}
