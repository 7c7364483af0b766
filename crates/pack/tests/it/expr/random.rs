//! Random expressions about assets, and random records for them.

use std::sync::LazyLock;

use pack::expr::{Expect, Expr, Schema, Subject, Type, Value, Workdays};
use pack::model::Axis;
use proptest::prelude::*;
use proptest::sample::select;

use super::city::{Records, day, record, schema, site, subjects};

static SCHEMA: LazyLock<Schema> = LazyLock::new(schema);

/// Compiles a generated condition about an asset, which has to be right.
pub(super) fn compiled(source: &str) -> Expr {
    let scope = SCHEMA.scope(&subjects("assets")).expect("a scope");
    Expr::compile(source, &site(source), &scope, Expect::exactly(Type::Bool))
        .unwrap_or_else(|errors| panic!("{source}: {errors:#?}"))
}

/// Which expressions are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What `cel` itself understands in the same way.
    Shared,
    /// Everything.
    Whole,
}

fn one_of(sources: &'static [&'static str]) -> BoxedStrategy<String> {
    select(sources).prop_map(str::to_owned).boxed()
}

fn number() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (-3_i64..6).prop_map(|number| number.to_string()),
        one_of(&[
            "record.copies",
            "size(record.takeouts)",
            "size(record.tags)",
            "size(record.name)",
            "fiscal_year(record.created_on)",
            "size(record.takeouts.filter(t, t.state == 'out'))",
            "9223372036854775807",
        ]),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), select(vec!["+", "-", "*", "/", "%"]), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            inner.prop_map(|number| format!("(record.shared ? {number} : 2)")),
        ]
    })
    .boxed()
}

fn date() -> BoxedStrategy<String> {
    let leaf =
        one_of(&["today", "record.created_on", "fiscal_year_start(today)", "fiscal_year_start(record.created_on)"]);
    (leaf, -40_i64..40)
        .prop_map(
            |(date, by)| if by < 0 { format!("({date} - days({}))", -by) } else { format!("({date} + days({by}))") },
        )
        .boxed()
}

fn comparison() -> impl Strategy<Value = &'static str> {
    select(vec!["<", "<=", ">", ">=", "==", "!="])
}

/// Conditions on `t`, a takeout.
fn of_takeout() -> BoxedStrategy<String> {
    let leaf = prop_oneof![one_of(&[
        "t.state == 'out'",
        "t.purpose in ['work', 'repair']",
        "t.return_by < today",
        "has(t.returned_on)",
        "(has(t.returned_on) && t.returned_on > t.return_by)",
        "(!has(t.returned_on) || t.returned_on < record.created_on)",
        "record.shared",
    ]),];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), select(vec!["&&", "||"]), inner.clone()).prop_map(|(l, op, r)| format!("({l} {op} {r})")),
            inner.prop_map(|part| format!("!({part})")),
        ]
    })
    .boxed()
}

/// Conditions on `record`, an asset, made of small ones.
pub(super) fn condition(kind: Kind) -> BoxedStrategy<String> {
    small_condition(kind)
        .prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                3 => (inner.clone(), select(vec!["&&", "||"]), inner.clone()).prop_map(|(l, op, r)| format!("({l} {op} {r})")),
                1 => inner.clone().prop_map(|part| format!("!({part})")),
                1 => (inner.clone(), inner.clone(), inner).prop_map(|(c, y, n)| format!("({c} ? {y} : {n})")),
            ]
        })
        .boxed()
}

/// Conditions on `record`, an asset.
pub(super) fn small_condition(kind: Kind) -> BoxedStrategy<String> {
    let shared = prop_oneof![
        4 => one_of(&[
            "record.shared",
            "record.kind == 'paper'",
            "'electronic' != record.kind",
            "record.state in ['live', 'gone']",
            "'tax' in record.tags",
            "record.tags.exists(x, x == 'personal')",
            "at_least(record.confidentiality, '2')",
            "at_least(record.confidentiality, '3B')",
            "record.confidentiality == '3A'",
            "record.unit.name == '市民課'",
            "has(record.reviewed_on)",
            "has(record.kind)",
            "(has(record.reviewed_on) && record.reviewed_on > today - days(365))",
            "(has(record.reviewed_on) ? record.reviewed_on <= today : record.shared)",
            "(has(record.medium) && record.medium.locked)",
            "(has(record.medium) && has(record.medium.checked_on) && record.medium.checked_on < today)",
            "(!has(record.keeper) || record.keeper == record.applicant)",
            "record.applicant in record.readers",
            "record.readers.all(p, p.name == '花子')",
            "record.zone == 'lgwan'",
        ]),
        2 => (number(), comparison(), number()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
        2 => (date(), comparison(), date()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
        1 => (date(), comparison(), -30..30).prop_map(|(date, op, by)| format!("today - {date} {op} days({by})")),
        2 => (select(vec!["exists", "all"]), of_takeout()).prop_map(|(of, body)| format!("record.takeouts.{of}(t, {body})")),
        1 => of_takeout().prop_map(|body| format!("size(record.takeouts.filter(t, {body})) > 1")),
    ];
    let whole = one_of(&[
        "record.late",
        "record.due < today + days(30)",
        "has(record.label)",
        "(has(record.label) && record.label == 'USB-1')",
        "has(record.medium.home)",
        "record.takeouts.exists(t, has(t.medium) && t.medium.locked)",
        "has(record.takeouts.latest(t, t.returned_on))",
        "(has(record.takeouts.latest(t, t.returned_on)) && record.takeouts.latest(x, x.returned_on).purpose == 'work')",
        "record.unit.posts.exists(p, p.role == 'ciso' && p.from <= today)",
        "record.unit.media.all(m, m.locked)",
        "record.unit.staff.exists(s, s.active)",
        "record.applicant.kept.exists(a, a.shared)",
        "record.applicant.readable.all(a, a.late)",
        "(has(record.unit.staff.latest(s, today)) && (record.shared ? record.applicant : record.unit.staff.latest(s, today)) == record.applicant)",
        "(has(record.keeper) && (record.shared ? record.keeper : record.applicant).name == '花子')",
        "[record.applicant, record.applicant].exists(p, p.active)",
        "(has(record.availability) && at_least(record.availability, '2'))",
        "record.created_on + months(3) < today",
        "workdays_between(record.created_on, today) > 5",
        "record.created_on == '2026-04-01'",
        "(has(record.medium) && record.medium.contents.size() > 1)",
    ]);
    if kind == Kind::Whole { prop_oneof![shared, whole].boxed() } else { shared.boxed() }
}

pub(super) fn some_day() -> impl Strategy<Value = Value> {
    (day("2025-03-25").number()..day("2027-01-10").number())
        .prop_map(|number| Value::Day(pack::expr::Day::new(number).expect("a day")))
}

fn id(ids: &'static [&'static str]) -> BoxedStrategy<Value> {
    select(ids).prop_map(Value::choice).boxed()
}

fn some_text(texts: &'static [&'static str]) -> BoxedStrategy<Value> {
    select(texts).prop_map(Value::text).boxed()
}

fn any_of(make: fn(u128) -> Subject, count: u128) -> BoxedStrategy<Value> {
    (0..count).prop_map(move |id| Value::Subject(make(id))).boxed()
}

fn list_of(of: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    proptest::collection::vec(of, 0..3).prop_map(Value::list).boxed()
}

/// How many there are of each kind.
const ASSETS: u128 = 2;
const TAKEOUTS: u128 = 3;
const MEDIA: u128 = 2;
const PEOPLE: u128 = 2;
const UNITS: u128 = 2;
const POSTS: u128 = 2;

fn asset(id: u128) -> Subject {
    record("assets", id)
}

fn takeout(id: u128) -> Subject {
    record("takeouts", id)
}

fn medium(id: u128) -> Subject {
    record("media", id)
}

/// Every recorded field: whose, its name, its values, and whether it is optional.
pub(super) fn recorded() -> Vec<(Subject, &'static str, BoxedStrategy<Value>, bool)> {
    let flag = || any::<bool>().prop_map(Value::Bool).boxed();
    let days = || some_day().boxed();
    let person = || any_of(Subject::Person, PEOPLE);
    let unit = || any_of(Subject::Unit, UNITS);
    let mut fields = Vec::new();
    let mut add = |of: &Subject, name, values, optional| fields.push((of.clone(), name, values, optional));
    for one in (0..ASSETS).map(asset) {
        add(&one, "name", some_text(&["台帳", "a"]), false);
        add(&one, "unit", unit(), false);
        add(&one, "applicant", person(), false);
        add(&one, "state", id(&["draft", "live", "gone"]), false);
        add(&one, "created_on", days(), false);
        add(&one, "confidentiality", (0_usize..5).prop_map(|h| Value::Class(Axis::Confidentiality, h)).boxed(), false);
        add(&one, "availability", (0_usize..2).prop_map(|h| Value::Class(Axis::Availability, h)).boxed(), true);
        add(&one, "reviewed_on", days(), true);
        add(&one, "kind", id(&["paper", "electronic"]), false);
        add(&one, "shared", flag(), false);
        add(&one, "copies", (-2_i64..5).prop_map(Value::Int).boxed(), false);
        add(&one, "zone", id(&["mynumber", "lgwan"]), false);
        add(&one, "tags", list_of(id(&["personal", "tax", "open"])), false);
        add(&one, "keeper", person(), true);
        add(&one, "readers", list_of(person()), false);
        add(&one, "medium", any_of(medium, MEDIA), true);
    }
    for one in (0..TAKEOUTS).map(takeout) {
        add(&one, "asset", any_of(asset, ASSETS), false);
        add(&one, "medium", any_of(medium, MEDIA), true);
        add(&one, "state", id(&["asked", "out", "returned"]), false);
        add(&one, "return_by", days(), false);
        add(&one, "returned_on", days(), true);
        add(&one, "purpose", id(&["work", "meeting", "repair"]), false);
    }
    for one in (0..MEDIA).map(medium) {
        add(&one, "serial", some_text(&["USB-1", "USB-2"]), false);
        add(&one, "locked", flag(), false);
        add(&one, "checked_on", days(), true);
        add(&one, "home", unit(), true);
    }
    for one in (0..PEOPLE).map(Subject::Person) {
        add(&one, "name", some_text(&["花子", "太郎"]), false);
        add(&one, "unit", unit(), false);
        add(&one, "active", flag(), false);
    }
    for one in (0..UNITS).map(Subject::Unit) {
        add(&one, "name", some_text(&["市民課", "税務課"]), false);
    }
    for one in (0..POSTS).map(Subject::Post) {
        add(&one, "role", id(&["ciso", "staff"]), false);
        add(&one, "unit", unit(), false);
        add(&one, "person", person(), false);
        add(&one, "from", days(), false);
    }
    fields
}

/// What is recorded, in which optional fields and a few required ones are empty.
pub(super) fn records() -> BoxedStrategy<Records> {
    let fields = recorded();
    let names: Vec<(Subject, &str)> = fields.iter().map(|(of, name, ..)| (of.clone(), *name)).collect();
    let values: Vec<BoxedStrategy<Option<Value>>> = fields
        .into_iter()
        .map(|(_, _, values, optional)| proptest::option::weighted(if optional { 0.5 } else { 0.95 }, values).boxed())
        .collect();
    values
        .prop_map(move |values| {
            let holidays = ["2025-01-01", "2026-01-01", "2026-05-04", "2026-11-23", "2027-01-01"].map(day);
            let mut records = Records { workdays: Workdays::new(holidays), ..Records::default() };
            for ((of, name), value) in names.iter().zip(values) {
                if let Some(value) = value {
                    records.set(of, name, value);
                }
            }
            records
        })
        .boxed()
}
