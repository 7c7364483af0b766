//! `[lifecycle]`, `[transitions.…]`, `[deadlines.…]`.

use super::expressions::{condition, expr};
use super::ids::{Seen, Style, check_style};
use super::item::Item;
use super::table::{Table, Word};
use super::terms::{term, terms};
use super::words::{STATES, TRANSITIONS};
use crate::diagnostic::{Diagnostic, both};
use crate::expr::{Expect, Scope, Type};
use crate::model::{Deadline, Lifecycle, Need, Route, RouteStep, State, StepKind, Text, Transition, TransitionRole};
use crate::report::{Kind, Report};

const STEPS: &[(&str, StepKind)] = &[
    ("approve", StepKind::Approve),
    ("consult", StepKind::Consult),
    ("decide", StepKind::Decide),
    ("circulate", StepKind::Circulate),
];

fn states_of(register: &str) -> Kind {
    Kind::State { register: register.to_owned() }
}

fn fields_of(register: &str) -> Kind {
    Kind::Field { register: register.to_owned() }
}

/// The states alone, as expressions need them.
pub(super) fn states(file: &Table<'_>) -> Vec<State> {
    let Some(table) = file.table("lifecycle") else { return Vec::new() };
    let mut seen = Seen::default();
    let items = table.need("states").map(|item| item.array()).unwrap_or_default();
    let states = items.iter().filter_map(|item| state(item, &mut seen)).collect();
    for key in ["initial", "final", "retired"] {
        table.get(key);
    }
    table.finish();
    states
}

fn state(item: &Item<'_>, seen: &mut Seen) -> Option<State> {
    if item.is_string() {
        let word = item.word()?;
        return named_state(item, word, seen);
    }
    let table = item.table()?;
    let id = seen.id(&table, Style::Underscores);
    let label = table.need_text("label");
    let was = table.string("was");
    table.finish();
    let id = id?;
    Some(State { id: id.text, label, is_final: false, was, site: id.site })
}

fn named_state(item: &Item<'_>, word: Word, seen: &mut Seen) -> Option<State> {
    let report = item.report();
    check_style(report, &word, Style::Underscores);
    seen.once(report, &word);
    let label = default_label(report, &word, STATES, "{ id = \"…\", label = { ja = \"…\", en = \"…\" } }");
    Some(State { id: word.text, label, is_final: false, was: None, site: word.site })
}

/// The label that a well-known id has without one of its own.
fn default_label(report: &Report, word: &Word, known: &[(&str, &str, &str)], form: &str) -> Text {
    if let Some((_, ja, en)) = known.iter().find(|(id, ..)| *id == word.text) {
        return both(*ja, *en);
    }
    report.add(
        Diagnostic::error(
            "label-missing",
            word.site.clone(),
            format!("「{}」に表示名がありません", word.text),
            format!("'{}' has no label", word.text),
        )
        .expected(form, form)
        .help("label を書き足してください", "add a label")
        .names([word.text.as_str()]),
    );
    Text::default()
}

pub(super) fn lifecycle(file: &Table<'_>, register: &str, scope: Option<&Scope<'_>>) -> Lifecycle {
    let mut states = states(file);
    let (mut initial, mut retired) = (String::new(), Vec::new());
    if let Some(table) = file.need("lifecycle").and_then(|item| item.table()) {
        initial = table.need_name("initial", &states_of(register)).unwrap_or_default();
        let ends = table.names("final", &states_of(register));
        for state in &mut states {
            state.is_final = ends.contains(&state.id);
        }
        for (old, heir) in table.entries("retired") {
            if let Some(heir) = heir.word() {
                heir_of(file.report(), &heir, register);
                retired.push((old.text, heir.text));
            }
        }
    }
    let entries = file.entries("transitions");
    let transitions =
        entries.iter().filter_map(|(id, item)| Some(transition(id, &item.table()?, register, scope))).collect();
    Lifecycle { states, initial, transitions, retired }
}

fn heir_of(report: &Report, heir: &Word, register: &str) {
    report.refer(states_of(register), heir.text.clone(), heir.site.clone());
}

fn transition(id: &Word, table: &Table<'_>, register: &str, scope: Option<&Scope<'_>>) -> Transition {
    let report = table.report();
    check_style(report, id, Style::Underscores);
    let label = table
        .text("label")
        .unwrap_or_else(|| default_label(report, id, TRANSITIONS, "label = { ja = \"…\", en = \"…\" }"));
    let transition = Transition {
        id: id.text.clone(),
        label,
        from: {
            table.need("from");
            table.names("from", &states_of(register))
        },
        to: table.need_name("to", &states_of(register)).unwrap_or_default(),
        by: terms(table, "by", Some(register)),
        when: condition(table, "when", scope),
        role: role(table, id),
        need: needs(table, register, scope),
        route: route(table, register, scope),
        fills: table.names("fills", &fields_of(register)),
        reason: table.flag("reason", false),
        site: id.site.clone(),
    };
    table.finish();
    transition
}

fn role(table: &Table<'_>, id: &Word) -> TransitionRole {
    let roles = [
        ("decides", TransitionRole::Decides),
        ("refuses", TransitionRole::Refuses),
        ("returns", TransitionRole::Returns),
        ("withdraws", TransitionRole::Withdraws),
    ];
    let said: Vec<_> = roles.into_iter().filter(|(key, _)| table.flag(key, false)).collect();
    if said.len() > 1 {
        table.report().add(
            Diagnostic::error(
                "transition-role",
                id.site.clone(),
                format!("「{}」には decides, refuses, returns, withdraws のうち二つ以上が書かれています", id.text),
                format!("'{}' has more than one of decides, refuses, returns, withdraws", id.text),
            )
            .help("一つだけ残してください", "keep one of them")
            .names([id.text.as_str()]),
        );
    }
    said.first().map_or(TransitionRole::Step, |(_, role)| *role)
}

fn needs(table: &Table<'_>, register: &str, scope: Option<&Scope<'_>>) -> Vec<Need> {
    let mut needs = Vec::new();
    for entry in table.tables("need") {
        let by = entry.need_word("by").and_then(|word| term(entry.report(), &word, Some(register)));
        let when = condition(&entry, "when", scope);
        entry.finish();
        if let Some(by) = by {
            needs.push(Need { by, when });
        }
    }
    needs
}

fn route(table: &Table<'_>, register: &str, scope: Option<&Scope<'_>>) -> Option<Route> {
    let items = table.get("route")?.array();
    let mut steps = Vec::new();
    for entry in items.iter().filter_map(Item::table) {
        entry.need("by");
        steps.push(RouteStep {
            kind: entry.need_one_of("step", STEPS).unwrap_or(StepKind::Approve),
            by: terms(&entry, "by", Some(register)),
            when: condition(&entry, "when", scope),
            deputy: entry.flag("deputy", true),
        });
        entry.finish();
    }
    Some(Route { steps })
}

pub(super) fn deadlines(file: &Table<'_>, register: &str, scope: Option<&Scope<'_>>) -> Vec<Deadline> {
    let mut deadlines = Vec::new();
    for (id, item) in file.entries("deadlines") {
        let Some(table) = item.table() else { continue };
        check_style(table.report(), &id, Style::Underscores);
        for key in ["in", "tell", "after"] {
            table.need(key);
        }
        let states = table.names("in", &states_of(register));
        let after = expr(&table, "after", scope, Expect::or_empty(Type::Day));
        let tell = terms(&table, "tell", Some(register));
        let items = table.get("remind").map(|item| item.items()).unwrap_or_default();
        let remind = items.iter().filter_map(|item| u32::try_from(item.int()?).ok()).collect();
        let says = table.text("says").unwrap_or_else(|| both("期限を過ぎています", "Past its date"));
        table.finish();
        if let Some(after) = after {
            deadlines.push(Deadline { id: id.text, says, states, after, tell, remind, site: id.site });
        }
    }
    deadlines
}
