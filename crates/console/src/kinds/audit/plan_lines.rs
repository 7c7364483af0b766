//! A plan's lines: the table in which one chooses when each unit and system is audited, and the themes that are added.

use std::collections::BTreeMap;

use askama::Template;
use ledger::kinds::audit::{
    Around, Gap, Line, Plan, Row, Subject, Target, What, When, YEARS, covering, grid, in_force, subjects,
};
use ledger::records::{self, Record};
use ledger::{Day, Operation, Reading, permission};
use serde_json::Map;

use super::plan_page;
use super::{Panel, Post, post_to, words};
use crate::kinds::button::{Done, Marked, change};
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::visit::Desk;

/// Rows for new themes in the form.
const NEW_THEMES: usize = 3;

/// What can be chosen: value, label, chosen.
type Choice = (String, String, bool);

/// A thing in the table of a plan.
struct Entry {
    /// Its place in the form.
    at: usize,
    what: &'static str,
    key: String,
    label: String,
    last: String,
    /// What can be chosen: value, label, chosen.
    choices: Vec<Choice>,
    note: String,
    /// What is chosen, in words.
    chosen: String,
    /// Neither planned nor left out.
    open: bool,
}

#[derive(Template)]
#[template(path = "kinds/audit/plan_lines.html")]
struct Lines {
    lang: Lang,
    groups: Vec<(&'static str, Vec<Entry>)>,
    unread: Vec<String>,
    open: usize,
    post: Option<Post>,
    yearly: bool,
    new_themes: Vec<(usize, Vec<Choice>)>,
    page: String,
}

/// Everything that a plan's table rests on.
struct Table {
    plan: Plan,
    yearly: bool,
    subjects: Vec<Subject>,
    rows: Vec<Row>,
    /// Days of audits, by their index.
    audits: Vec<(Day, String)>,
    /// For a 年度計画: what the 中期計画 has for its year.
    meant: Vec<Line>,
}

async fn table(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    record: &Record,
) -> Result<Table, ledger::Error> {
    let pack = desk.pack();
    let plan = Plan::of(record);
    let yearly = record.text("span") == Some("year");
    let mid = in_force(reading, &pack, around, Some(record.unit), ("mid", plan.first_year)).await?;
    let mid = mid.map(|mid| Plan::of(&mid)).unwrap_or_default();
    let meant = |line: &Line| line.when == When::Year(plan.first_year);
    let meant: Vec<Line> = if yearly { mid.lines.into_iter().filter(meant).collect() } else { Vec::new() };
    let named: Vec<Line> = plan.lines.iter().chain(&meant).cloned().collect();
    let subjects = subjects(reading, &pack, around, Some(record.unit), &named).await?;
    let audits = covering(reading, &pack, around).await?;
    let rows = grid(&subjects, &plan.lines, &audits, plan.first_year, reading.today());
    let audits = audits.into_iter().map(|audit| (audit.starts_on, audit.number)).collect();
    Ok(Table { plan, yearly, subjects, rows, audits, meant })
}

/// Years that can be chosen in a plan.
fn years(table: &Table) -> std::ops::Range<i32> {
    let length = if table.yearly { 1 } else { YEARS };
    table.plan.first_year..table.plan.first_year.saturating_add(length)
}

fn choices(table: &Table, when: Option<When>, lang: Lang) -> Vec<Choice> {
    let none = (String::new(), lang.t("未定", "open").to_owned(), when.is_none());
    let of_year = |year: i32| (year.to_string(), words::year(year, lang), when == Some(When::Year(year)));
    let out =
        ("out".to_owned(), lang.t("この計画では行わない", "not in this plan").to_owned(), when == Some(When::LeftOut));
    std::iter::once(none).chain(years(table).map(of_year)).chain([out]).collect()
}

/// The panel of a plan's page.
pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    record: &Record,
) -> Result<Panel, Fault> {
    let lang = desk.lang();
    let table = table(reading, desk, around, record).await?;
    let may = permission::edit(reading, Some(&desk.standing), around.plans, record).await.is_ok();
    let entry = |(at, (subject, row)): (usize, (&Subject, &Row))| {
        let line = table.plan.lines.iter().find(|line| line.target == subject.target);
        let meant = table.meant.iter().any(|line| line.target == subject.target);
        // A year's plan is about what is meant for the year; the rest stays out of the table unless it is written down.
        if table.yearly && line.is_none() && !meant {
            return None;
        }
        let when = line.map(|line| line.when);
        let chosen = match when {
            Some(When::Year(year)) => words::year(year, lang),
            Some(When::LeftOut) => lang.t("行わない", "left out").to_owned(),
            None => lang.t("未定", "open").to_owned(),
        };
        let last = row.last.and_then(|last| table.audits.get(last));
        Some(Entry {
            at,
            what: subject.target.what.word(),
            key: subject.target.key.clone(),
            label: subject.label.clone(),
            last: last.map(|(day, _)| date::long(lang, *day)).unwrap_or_default(),
            choices: choices(&table, when, lang),
            note: line.map(|line| line.note.clone()).unwrap_or_default(),
            chosen,
            open: when.is_none(),
        })
    };
    let mut groups: BTreeMap<What, Vec<Entry>> = BTreeMap::new();
    for (at, pair) in table.subjects.iter().zip(&table.rows).enumerate() {
        if let Some(entry) = entry((at, pair)) {
            groups.entry(pair.0.target.what).or_default().push(entry);
        }
    }
    let first_new = table.subjects.len();
    let new_themes = (first_new..first_new + NEW_THEMES).map(|at| (at, choices(&table, None, lang)));
    Panel::of(&Lines {
        lang,
        open: groups.values().flatten().filter(|entry| entry.open).count(),
        groups: groups.into_iter().map(|(what, entries)| (words::what(what, lang), entries)).collect(),
        unread: table.plan.unread.clone(),
        post: may.then(|| post_to(desk, around.plans, record)),
        yearly: table.yearly,
        new_themes: new_themes.collect(),
        page: plan_page::address(around),
    })
}

/// Writes the lines that were chosen: an ordinary edit of the plan.
pub(super) async fn write(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    record: &Record,
    posted: &Posted,
) -> Marked {
    let lang = desk.lang();
    let table = table(op, desk, around, record).await?;
    let mut lines: Vec<Line> = Vec::new();
    for at in 0..table.subjects.len() + NEW_THEMES {
        let when = match posted.text(&format!("when{at}")) {
            "" => None,
            "out" => Some(When::LeftOut),
            year => year.parse().ok().filter(|year| years(&table).contains(year)).map(When::Year),
        };
        let what = What::ALL.into_iter().find(|what| what.word() == posted.text(&format!("what{at}")));
        let (Some(what), key) = (what, posted.text(&format!("key{at}"))) else { continue };
        let (Some(when), false) = (when, key.is_empty()) else { continue };
        let target = Target::new(what, key);
        let label = table.subjects.iter().find(|subject| subject.target == target).map(|subject| subject.label.clone());
        // Only themes are new words; units and systems are there already.
        let (Some(label), false) =
            (label.or((what == What::Theme).then(|| key.to_owned())), lines.iter().any(|l| l.target == target))
        else {
            continue;
        };
        let note = posted.text(&format!("note{at}")).to_owned();
        if when == When::LeftOut && note.is_empty() {
            return Ok(Err(match lang {
                Lang::Ja => format!("「{label}」をこの計画で行わない理由を書いてください。"),
                Lang::En => format!("Say why '{label}' is left out of this plan."),
            }));
        }
        lines.push(Line { when, target, label, note });
    }
    save(op, desk, around, record, posted, lines).await
}

/// Suggests a year for everything that is still open: for a 中期計画 what was audited longest ago, or never, comes first; for a 年度計画
/// all that the 中期計画 means for the year.
pub(super) async fn suggest(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    record: &Record,
    posted: &Posted,
) -> Marked {
    let table = table(op, desk, around, record).await?;
    let mut lines = table.plan.lines.clone();
    if table.yearly {
        let missing =
            table.meant.iter().filter(|line| !table.plan.lines.iter().any(|known| known.target == line.target));
        lines.extend(missing.cloned());
        return save(op, desk, around, record, posted, lines).await;
    }
    let last = |row: &Row| row.last.and_then(|last| table.audits.get(last)).map(|(day, _)| *day);
    let mut open: Vec<(&Subject, &Row)> =
        table.subjects.iter().zip(&table.rows).filter(|(_, row)| row.gap == Some(Gap::Unplanned)).collect();
    open.sort_by_key(|(subject, row)| (last(row), subject.target.clone()));
    let each = open.len().div_ceil(usize::try_from(YEARS).unwrap_or(1)).max(1);
    for (chunk, year) in open.chunks(each).zip(years(&table)) {
        lines.extend(chunk.iter().map(|(subject, _)| Line {
            when: When::Year(year),
            target: subject.target.clone(),
            label: subject.label.clone(),
            note: String::new(),
        }));
    }
    save(op, desk, around, record, posted, lines).await
}

async fn save(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    record: &Record,
    posted: &Posted,
    mut lines: Vec<Line>,
) -> Marked {
    lines.sort_by(|a, b| a.target.cmp(&b.target));
    let texts: Vec<String> = lines.iter().map(ToString::to_string).chain(Plan::of(record).unread).collect();
    let count = lines.len();
    let fields = Map::from_iter([("lines".to_owned(), texts.into())]);
    let change = change(posted, fields);
    records::edit(op, &desk.pack(), Some(&desk.standing), around.plans, record.id, change).await?;
    Ok(Ok(Done::here(match desk.lang() {
        Lang::Ja => format!("計画に{count}件を書き込みました。"),
        Lang::En => format!("{count} lines are written."),
    })))
}
