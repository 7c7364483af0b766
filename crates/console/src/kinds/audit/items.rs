//! 監査項目: for each clause or control chosen for an audit, 整備状況 and 運用状況 as the auditor judges them, beside what the machine
//! says of the control today.

use askama::Template;
use ledger::findings::{self, DayCount};
use ledger::kinds::audit::{Around, audited};
use ledger::records::{self, Record};
use ledger::{Operation, Reading, permission};
use serde_json::{Map, Value as Json};

use super::{Panel, Post, Rule, around_it, audited_units, post_to, rule, words};
use crate::compliance::Tally;
use crate::kinds::button::{Done, Marked, change};
use crate::kinds::choice;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::registers::address;
use crate::visit::Desk;

/// A choice in a form: id, label, chosen.
type Choice = (String, String, bool);

/// What the machine says today of a control in the audited units.
struct Machine {
    title: String,
    to: String,
    tally: Tally,
    /// Decided by the machine; none of it says anything where people report.
    counted: bool,
    /// What it says has no unit: it is of the whole city.
    citywide: bool,
    /// Whether some are in these states, which are shown only then.
    covered: bool,
    unknown: bool,
    not_started: bool,
}

/// An item as it is read.
struct Row {
    to: String,
    title: String,
    unit: String,
    clause: Option<Rule>,
    machine: Option<Machine>,
    /// The control that the item names, when the policy does not have it any more.
    gone: Option<String>,
    /// 整備状況 and 運用状況: label, colour, notes.
    design: (String, &'static str, String),
    operation: (String, &'static str, String),
    evidence: String,
    form: Option<Form>,
}

/// The form of an item that is open.
struct Form {
    id: String,
    post: Post,
    design: Vec<Choice>,
    operation: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "kinds/audit/items.html")]
struct Items {
    lang: Lang,
    rows: Vec<Row>,
    judged: usize,
    as_of: Option<String>,
    /// Where items are chosen.
    choose: Option<String>,
    /// Where the audit's evidence is taken.
    evidence: Option<String>,
    /// Whether the units stand beside the items.
    several: bool,
}

#[derive(Template)]
#[template(path = "kinds/audit/item.html")]
struct One {
    lang: Lang,
    row: Row,
    as_of: Option<String>,
    audit: Option<(String, String)>,
    post: Option<Post>,
}

/// The counts of the last evaluated day, in some units.
async fn counts(reading: &mut Reading, audit: &Record) -> Result<(Option<ledger::Day>, Vec<DayCount>), Fault> {
    let today = reading.today();
    let Some(day) = findings::last_day(reading, today).await? else { return Ok((None, Vec::new())) };
    let units = audited(audit);
    let all = findings::counts(reading, day).await?;
    Ok((Some(day), all.into_iter().filter(|count| count.unit.is_none_or(|unit| units.contains(&unit))).collect()))
}

/// The panel of an audit.
pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    audit: &Record,
) -> Result<Panel, Fault> {
    let lang = desk.lang();
    let found = around_it(reading, desk, around.items, "audit", audit).await?;
    let (day, counts) = counts(reading, audit).await?;
    let units = audited_units(reading, audit).await?;
    let mut rows = Vec::new();
    for item in found.iter().filter(|item| item.state != "void") {
        rows.push(row(reading, desk, around, item, &units, &counts).await?);
    }
    let open = matches!(audit.state.as_str(), "planned" | "running");
    let may = permission::create(reading, Some(&desk.standing), around.items, audit.unit).await.is_ok();
    let judged = found.iter().filter(|item| item.text("design").is_some() && item.text("operation").is_some());
    Panel::of(&Items {
        lang,
        judged: judged.count(),
        as_of: day.map(|day| date::long(lang, day)),
        choose: (open && may).then(|| format!("{}/items", address(&around.audits.id, audit.id))),
        evidence: crate::evidence::open_to(desk).then(|| format!("/evidence?audit={}", audit.id)),
        several: units.len() > 1,
        rows,
    })
}

/// The panel of an item's own page.
pub(super) async fn one(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    item: &Record,
) -> Result<Panel, Fault> {
    let lang = desk.lang();
    let audit = ledger::kinds::audit::audit_of(reading, item).await?;
    let (day, counts) = match &audit {
        Some(audit) => counts(reading, audit).await?,
        None => (None, Vec::new()),
    };
    let units = match &audit {
        Some(audit) => audited_units(reading, audit).await?,
        None => Vec::new(),
    };
    let row = row(reading, desk, around, item, &units, &counts).await?;
    let bad = |field: &str| matches!(item.text(field), Some("partial" | "lacking"));
    let may = permission::create(reading, Some(&desk.standing), around.findings, item.unit).await.is_ok();
    Panel::of(&One {
        lang,
        row,
        as_of: day.map(|day| date::long(lang, day)),
        audit: audit.map(|audit| (address(&around.audits.id, audit.id), format!("{} {}", audit.number, audit.name))),
        post: (may && (bad("design") || bad("operation"))).then(|| post_to(desk, around.items, item)),
    })
}

async fn row(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    item: &Record,
    units: &[(ledger::Id, String)],
    counts: &[DayCount],
) -> Result<Row, Fault> {
    let (pack, lang, items) = (desk.pack(), desk.lang(), around.items);
    let control = item.text("control").and_then(|id| pack.control(id));
    let machine = control.map(|control| {
        let mut tally = Tally::default();
        let here = |count: &&DayCount| count.control == control.id && count.unit.is_none_or(|unit| unit == item.unit);
        counts.iter().filter(here).for_each(|count| tally.add(count.counts));
        let [_, _, covered, unknown, not_started, _] = tally.counts;
        Machine {
            title: lang.of(&control.title).to_owned(),
            to: format!("/compliance/controls/{}", control.id),
            covered: covered > 0,
            unknown: unknown > 0,
            not_started: not_started > 0,
            citywide: counts.iter().filter(here).any(|count| count.unit.is_none()),
            counted: tally.counts.iter().any(|count| *count > 0),
            tally,
        }
    });
    let judged = |field: &str, note: &str| {
        let id = item.text(field);
        (
            choice(items, field, id, lang).to_owned(),
            words::judged_colour(id),
            item.text(note).unwrap_or_default().to_owned(),
        )
    };
    let may = permission::edit(reading, Some(&desk.standing), items, item).await.is_ok();
    Ok(Row {
        to: address(&items.id, item.id),
        title: item.name.clone(),
        unit: units.iter().find(|(id, _)| *id == item.unit).map(|(_, name)| name.clone()).unwrap_or_default(),
        clause: item.text("clause").map(|text| rule(&pack, text, lang)),
        gone: item.text("control").filter(|_| machine.is_none()).map(str::to_owned),
        machine,
        design: judged("design", "design_note"),
        operation: judged("operation", "operation_note"),
        evidence: item.text("evidence").unwrap_or_default().to_owned(),
        form: may.then(|| Form {
            id: item.id.to_string(),
            post: post_to(desk, items, item),
            design: words::choices(items, "design", item.text("design"), lang),
            operation: words::choices(items, "operation", item.text("operation"), lang),
        }),
    })
}

/// Writes 整備状況 and 運用状況 of an item: an ordinary edit.
pub(super) async fn judge(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    item: &Record,
    posted: &Posted,
) -> Marked {
    let lang = desk.lang();
    let or_empty = |text: &str| if text.is_empty() { Json::Null } else { Json::from(text) };
    let mut fields = Map::new();
    for field in ["design", "design_note", "operation", "operation_note", "evidence"] {
        fields.insert(field.to_owned(), or_empty(posted.text(field)));
    }
    if posted.text("design").is_empty() && posted.text("operation").is_empty() {
        return Ok(Err(lang
            .t("整備状況か運用状況を選んでください。", "Choose at least one of design and operation.")
            .to_owned()));
    }
    fields.insert("judged_on".to_owned(), op.today().to_string().into());
    let change = change(posted, fields);
    let written = records::edit(op, &desk.pack(), Some(&desk.standing), around.items, item.id, change).await?;
    let says = match lang {
        Lang::Ja => format!("{}の判定を記録しました。", written.number),
        Lang::En => format!("Judged: {}.", written.number),
    };
    let audit = written.text("audit").and_then(|id| id.parse().ok());
    let to = audit.filter(|_| posted.text("from") == "audit").map(|id| address(&around.audits.id, id));
    Ok(Ok(Done { says, to }))
}
