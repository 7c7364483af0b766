//! The panels on an incident's page: stages, what the facts say, who has to be told, what happened when.

use std::collections::BTreeMap;

use askama::Template;
use ledger::kinds::incident::{Because, Judged, Level, Notice, Stage, Standing, first_day, judge, stages};
use ledger::people::persons;
use ledger::records::{self, Record};
use ledger::{Id, Reading, permission};
use pack::model::Register;

use super::{has_common_form, words};
use crate::kinds::Panel;
use crate::organisation::shown_name;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::address;
use crate::visit::Desk;

/// A stage in words: class, label, what stands under it.
struct Step {
    class: &'static str,
    label: String,
    says: String,
}

#[derive(Template)]
#[template(path = "kinds/incident/stages.html")]
struct Stages {
    lang: Lang,
    steps: Vec<Step>,
    /// The common form of the state, where there is one for this attack.
    form: Option<String>,
}

/// What a form on the page carries.
#[derive(Clone)]
struct Post {
    to: String,
    proof: String,
    version: i64,
    today: String,
}

struct ClockRow {
    law: &'static str,
    report: &'static str,
    until: String,
    aim: Option<String>,
    note: Option<String>,
    left: (&'static str, String),
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "kinds/incident/facts.html")]
struct Facts {
    lang: Lang,
    post: Option<Post>,
    level: String,
    confirmed: bool,
    /// The suggestion, where it differs from what was confirmed.
    suggested: String,
    differs: bool,
    why: Vec<&'static str>,
    /// Levels to choose from: id, label, chosen.
    levels: Vec<(&'static str, String, bool)>,
    cases: Vec<&'static str>,
    open: Vec<String>,
    /// `yes`, `no` or `unknown`.
    decided: String,
    first: String,
    clocks: Vec<ClockRow>,
}

struct NoticeRow {
    field: &'static str,
    label: String,
    because: String,
    due: Option<String>,
    late: bool,
    told: Option<String>,
    by: Option<String>,
    /// Whether it can be marked here; a report by law only after it was decided that one is needed.
    open: bool,
    receipt: bool,
}

#[derive(Template)]
#[template(path = "kinds/incident/told.html")]
struct Told {
    lang: Lang,
    post: Option<Post>,
    rows: Vec<NoticeRow>,
    left: usize,
    /// Those who need not be told as the facts stand.
    others: Vec<String>,
}

#[derive(Template)]
#[template(path = "kinds/incident/timeline.html")]
struct Timeline {
    lang: Lang,
    post: Option<Post>,
    /// Day and time, and what happened.
    lines: Vec<(String, String)>,
}

/// Panels of a record; none before it is reported, and the stage line no more when it is no incident.
pub(in crate::kinds) async fn panels(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Vec<Panel>, Fault> {
    if register.lifecycle.initial == record.state || record.state == "not_incident" || record.disposed.is_some() {
        return Ok(Vec::new());
    }
    let lang = desk.lang();
    let pack = desk.pack();
    let judged = judge(&pack, record);
    let may = permission::edit(reading, Some(&desk.standing), register, record).await.is_ok();
    let post = may.then(|| Post {
        to: format!("{}/incident", address(&register.id, record.id)),
        proof: desk.proof(),
        version: record.version,
        today: desk.today().to_string(),
    });
    let recorded = recorded_by(reading, record).await?;
    let form = has_common_form(record).then(|| format!("{}/common-form", address(&register.id, record.id)));
    let steps = stages(record).into_iter().map(|stage| step(register, record, stage, lang)).collect();
    Ok(vec![
        Panel::of(&Stages { lang, steps, form })?,
        Panel::of(&facts(desk, register, record, &judged, post.clone()))?,
        Panel::of(&told(desk, register, &judged, post.clone(), &recorded))?,
        Panel::of(&Timeline { lang, post, lines: lines(record) })?,
    ])
}

fn step(register: &Register, record: &Record, stage: Stage, lang: Lang) -> Step {
    let label = register.state(stage.state).map(|state| lang.of(&state.label).to_owned()).unwrap_or_default();
    let (class, says) = match (stage.standing, stage.finished) {
        (Standing::Done, Some(day)) => ("done", format!("{}　{}", lang.t("済み", "Done"), date::long(lang, day))),
        (Standing::Done, None) => ("done", lang.t("済み（日は未記入）", "Done (day not written)").to_owned()),
        (Standing::Now, _) => {
            let since = date::long(lang, record.entered);
            (
                "now",
                if lang == Lang::En {
                    format!("Under way since {since}")
                } else {
                    format!("対応中　{since}から")
                },
            )
        }
        (Standing::Ahead, _) => ("ahead", lang.t("これから", "Ahead").to_owned()),
    };
    Step { class, label, says }
}

fn facts(desk: &Desk, register: &Register, record: &Record, judged: &Judged, post: Option<Post>) -> Facts {
    let (lang, today) = (desk.lang(), desk.today());
    let clock = |clock: &ledger::kinds::incident::Clock| ClockRow {
        law: words::law(clock.law, lang),
        report: words::report(clock.report, lang),
        until: words::until(clock.last, lang),
        aim: clock.aim.map(|aim| date::long_with_weekday(lang, aim)),
        note: clock.not_put_off.as_ref().map(|unknown| lang.of(unknown.reason()).to_owned()),
        left: words::left(clock, today, lang),
        done: clock.done.map(|day| date::long(lang, day)),
    };
    let levels = Level::ALL.into_iter().map(|level| {
        let chosen = level == judged.suggestion.level;
        (level.id(), words::level_label(register, level, lang), chosen)
    });
    Facts {
        lang,
        post,
        level: words::level_label(register, judged.level, lang),
        confirmed: judged.confirmed,
        suggested: words::level_label(register, judged.suggestion.level, lang),
        differs: judged.confirmed && judged.level != judged.suggestion.level,
        why: judged.suggestion.why.iter().map(|why| words::why(*why, lang)).collect(),
        levels: levels.collect(),
        cases: judged.duty.cases.iter().map(|case| words::case(*case, lang)).collect(),
        open: judged.duty.open.iter().map(|field| words::field(register, field, lang).to_owned()).collect(),
        decided: record.text("reportable").unwrap_or("unknown").to_owned(),
        first: first_day(record).unwrap_or(today).to_string(),
        clocks: judged.clocks.iter().map(clock).collect(),
    }
}

fn told(
    desk: &Desk,
    register: &Register,
    judged: &Judged,
    post: Option<Post>,
    recorded: &BTreeMap<String, String>,
) -> Told {
    let (lang, today) = (desk.lang(), desk.today());
    let row = |notice: &Notice| NoticeRow {
        field: notice.field,
        label: words::item(register, notice.field, lang).to_owned(),
        because: words::because(notice.because, register, lang),
        due: notice.due.map(|day| words::until(day, lang)),
        late: notice.told.is_none() && notice.due.is_some_and(|due| due < today),
        told: notice.told.map(|day| date::long(lang, day)),
        by: recorded.get(notice.field).cloned(),
        open: notice.told.is_none() && (notice.because != Because::Law || judged.reportable),
        receipt: matches!(notice.field, "preliminary_on" | "final_on"),
    };
    let rows: Vec<NoticeRow> = judged.notices.iter().map(row).collect();
    let listed = |field: &&str| judged.notices.iter().any(|notice| notice.field == *field);
    let others = ledger::kinds::incident::TOLD_FIELDS.into_iter().filter(|field| !listed(field));
    Told {
        lang,
        post,
        left: rows.iter().filter(|row| row.told.is_none()).count(),
        rows,
        others: others.map(|field| words::item(register, field, lang).to_owned()).collect(),
    }
}

/// Who wrote down each day on which somebody was told: the author of the version in which it last changed.
async fn recorded_by(reading: &mut Reading, record: &Record) -> Result<BTreeMap<String, String>, Fault> {
    let versions = records::versions(reading, record).await?;
    let mut by: BTreeMap<String, Id> = BTreeMap::new();
    for field in ledger::kinds::incident::TOLD_FIELDS {
        let value = record.fields.get(field);
        if value.is_none() {
            continue;
        }
        // Newest first: the last of those that have the value is the one that wrote it.
        let has = |version: &&records::VersionOf| version.fields.as_ref().and_then(|fields| fields.get(field)) == value;
        let wrote = versions.iter().take_while(has).last();
        if let Some(person) = wrote.and_then(|version| version.actor.strip_prefix("person:")?.parse().ok()) {
            by.insert(field.to_owned(), person);
        }
    }
    let ids: Vec<Id> = by.values().copied().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let people = persons::of_ids(reading, &ids).await?;
    let name = |id: Id| people.iter().find(|person| person.id == id).map(shown_name);
    Ok(by.into_iter().filter_map(|(field, id)| Some((field, name(id)?))).collect())
}

/// The lines of the timeline in the order of what they tell: each begins with its day, and perhaps its time.
fn lines(record: &Record) -> Vec<(String, String)> {
    let mut lines = record.texts("timeline");
    lines.sort_unstable();
    let split = |line: &str| match line.split_once('　') {
        Some((when, what)) => (when.to_owned(), what.to_owned()),
        None => (String::new(), line.to_owned()),
    };
    lines.into_iter().map(split).collect()
}
