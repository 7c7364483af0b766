//! The matrix: all risks that the reader may see, by loss and chance of one element, and by what is to be done; then the
//! clauses that should change, for the next revision of the policy.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::kinds::risk::{self, Grade, LOSS_MOST, Size};
use ledger::permission;
use ledger::records::{self, Filter, PAGE_MAX, Query, Record};
use pack::model::{Axis, Field, FieldType, Register, RegisterKind};

use super::{clause_of, words};
use crate::kinds::register_of;
use crate::page::fault::Fault;
use crate::page::{Page, answer, date, link, menu};
use crate::registers::address;
use crate::registers::value::show as shown_value;
use crate::visit::Desk;

/// The products of likelihood and weakness (1–3 each).
const CHANCES: [i64; 6] = [1, 2, 3, 4, 6, 9];

/// A cell: colour, size, and the risks in it.
struct Cell {
    colour: &'static str,
    size: i64,
    risks: Vec<(String, String)>,
}

struct Row {
    to: String,
    number: String,
    name: String,
    /// Sizes by element: label, colour, size.
    sizes: Vec<(&'static str, &'static str, i64)>,
    treatment: String,
    due: String,
    late: bool,
}

/// A clause that should change, and why.
struct Candidate {
    heading: String,
    to: Option<String>,
    risks: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "kinds/risk/matrix.html")]
struct Matrix {
    page: Page,
    crumbs: Vec<(String, String)>,
    here: String,
    /// Elements to choose from: id, label, chosen.
    elements: Vec<(&'static str, &'static str, bool)>,
    chances: [i64; 6],
    /// Loss, and its cells.
    rows: Vec<(i64, Vec<Cell>)>,
    /// Grade: colour, label, risks.
    grades: Vec<(&'static str, &'static str, Vec<Row>)>,
    unsized_risks: Vec<(String, String)>,
    candidates: Vec<Candidate>,
    /// Where a revision of the policy is begun.
    revision: Option<String>,
    total: usize,
    capped: bool,
}

/// `GET /registers/{register}/matrix`
pub(super) async fn show(desk: Desk, Path(register_id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register_of(&pack, &register_id, RegisterKind::Risk)?;
    let mut reading = desk.reading().await?;
    let states = register.lifecycle.states.iter();
    let open = states.filter(|state| !state.is_final && state.id != register.lifecycle.initial);
    let open = Filter::Is("state".to_owned(), open.map(|state| state.id.clone()).collect());
    let query = Query { filters: vec![open], limit: PAGE_MAX, ..Query::default() };
    let found = records::list(&mut reading, &pack, Some(&desk.standing), register, &query).await?;
    let axes = [Axis::Confidentiality, Axis::Integrity, Axis::Availability];
    let asked = desk.query().get("element").unwrap_or_default();
    let axis = axes.into_iter().find(|axis| axis.id() == asked).unwrap_or(Axis::Confidentiality);
    let revision = revision(&mut reading, &desk, register).await?;
    let place = register.menu.as_deref().unwrap_or("requests");
    let mut crumbs: Vec<(String, String)> =
        menu::name(place, lang).map(|name| (format!("/place/{place}"), name.to_owned())).into_iter().collect();
    crumbs.push((format!("/registers/{}", link::encode(&register.id)), lang.of(&register.title).to_owned()));
    let page = desk.page(place, lang.t("リスクの一覧図", "Risk matrix"));
    answer(&Matrix {
        page,
        crumbs,
        here: format!("/registers/{}/matrix", link::encode(&register.id)),
        elements: axes.map(|of| (of.id(), words::axis(of, lang), of == axis)).to_vec(),
        chances: CHANCES,
        rows: cells(register, &found.items, axis),
        grades: grades(&desk, register, &found.items),
        unsized_risks: found.items.iter().filter(|r| risk::sizes(r).is_empty()).map(|r| named(register, r)).collect(),
        candidates: candidates(&desk, register, &found.items),
        revision,
        total: found.items.len(),
        capped: found.next.is_some(),
    })
}

fn named(register: &Register, record: &Record) -> (String, String) {
    (address(&register.id, record.id), format!("{} {}", record.number, record.name))
}

fn cells(register: &Register, all: &[Record], axis: Axis) -> Vec<(i64, Vec<Cell>)> {
    let cell = |loss: i64, chance: i64| {
        let size = Size { axis, loss, chance };
        let here = all.iter().filter(|record| risk::sizes(record).contains(&size));
        Cell {
            colour: words::colour(size.grade()),
            size: size.value(),
            risks: here.map(|r| named(register, r)).collect(),
        }
    };
    let row = |loss: i64| (loss, CHANCES.iter().map(|chance| cell(loss, *chance)).collect());
    (1..=LOSS_MOST).rev().map(row).collect()
}

/// Risks by their gravest grade, the largest first.
fn grades(desk: &Desk, register: &Register, all: &[Record]) -> Vec<(&'static str, &'static str, Vec<Row>)> {
    let lang = desk.lang();
    let of = |grade: Grade| {
        let mut here: Vec<&Record> = all.iter().filter(|record| risk::grade(record) == Some(grade)).collect();
        here.sort_by_key(|record| std::cmp::Reverse(risk::sizes(record).into_iter().map(Size::value).max()));
        (words::colour(grade), words::grade(grade, lang), here.into_iter().map(|r| row(desk, register, r)).collect())
    };
    Grade::ALL.map(of).into()
}

fn row(desk: &Desk, register: &Register, record: &Record) -> Row {
    let (lang, today, pack) = (desk.lang(), desk.today(), desk.pack());
    let size = |size: Size| (words::axis(size.axis, lang), words::colour(size.grade()), size.value());
    let choice = |field: &Field| {
        let shown =
            shown_value(&pack, field, record.fields.get(&field.id), &crate::registers::value::Names::default(), lang);
        shown.into_iter().map(|value| value.text).collect::<String>()
    };
    let due = record.day("due_on");
    Row {
        to: address(&register.id, record.id),
        number: record.number.clone(),
        name: record.name.clone(),
        sizes: risk::sizes(record).into_iter().map(size).collect(),
        treatment: register.field("treatment").map(choice).unwrap_or_default(),
        due: due.map(|day| date::long(lang, day)).unwrap_or_default(),
        late: due.is_some_and(|due| due < today),
    }
}

/// Clauses that risks say should change, with the risks and what they say.
fn candidates(desk: &Desk, register: &Register, all: &[Record]) -> Vec<Candidate> {
    let pack = desk.pack();
    let mut by_clause: BTreeMap<String, Candidate> = BTreeMap::new();
    for record in all {
        let Some((id, found)) = clause_of(&pack, record) else { continue };
        let (heading, to) = match found {
            Some((heading, to)) => (heading, Some(to)),
            None => (id.clone(), None),
        };
        let candidate = by_clause.entry(id).or_insert_with(|| Candidate { heading, to, risks: Vec::new() });
        let (to, name) = named(register, record);
        candidate.risks.push((to, name, record.text("clause_change").unwrap_or_default().to_owned()));
    }
    by_clause.into_values().collect()
}

/// Where the reader begins a revision of the policy: a register whose records refer to risks.
async fn revision(reading: &mut ledger::Reading, desk: &Desk, register: &Register) -> Result<Option<String>, Fault> {
    let pack = desk.pack();
    let leads_here = |field: &Field| match &field.ty {
        FieldType::Ref(to) => *to == register.id,
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Ref(to) if *to == register.id),
        _ => false,
    };
    let Some(home) = desk.standing.home else { return Ok(None) };
    for other in &pack.registers {
        if other.fields.iter().any(leads_here)
            && permission::create(reading, Some(&desk.standing), other, home).await.is_ok()
        {
            return Ok(Some(format!("/registers/{}/new", link::encode(&other.id))));
        }
    }
    Ok(None)
}
