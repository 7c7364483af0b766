//! The yearly check of a contractor, and shortfalls with their measures.

use std::collections::BTreeMap;

use askama::Template;
use ledger::kinds::contract::{Judged, Measure, NEAR, Phase, Shortfall, Yearly};
use ledger::people::persons;
use ledger::records::Record;
use ledger::{Id, Reading};
use pack::expr::Day;
use pack::model::{Beside, Register};

use super::new_with;
use crate::kinds::{Panel, choice};
use crate::organisation::shown_name;
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::address;
use crate::visit::Desk;

struct MeasureRow {
    to: String,
    step: String,
    owner: String,
    due: String,
    done: Option<String>,
    late: bool,
    result: String,
}

struct ShortfallRow {
    to: String,
    number: String,
    name: String,
    serious: bool,
    findings: String,
    fixed: Option<String>,
    due: Option<String>,
    late: bool,
    untold: Vec<String>,
    measures: Vec<MeasureRow>,
    /// What is suggested next: words, and where it is entered.
    next: Option<(String, Option<String>)>,
}

#[derive(Template)]
#[template(path = "kinds/contract/checks.html")]
struct Checks {
    lang: Lang,
    /// The last check, and the next: colour, time left, last day.
    last: Option<(String, Option<String>)>,
    next: Option<(&'static str, String, String)>,
    /// Why no next one is due, where none is.
    none: &'static str,
    /// Whether the contract ends before the next check is due.
    after_end: bool,
    /// Checks: address, number, day, colour and result.
    checks: Vec<(String, String, String, &'static str, String)>,
    shortfalls: Vec<ShortfallRow>,
    new: Option<String>,
}

/// The panel.
pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    beside: &Beside<'_>,
    contract: &Record,
    judged: &Judged,
) -> Result<Panel, Fault> {
    let (lang, today) = (desk.lang(), desk.today());
    let Some(register) = beside.checks else { return Err(Fault::NotFound) };
    let owners = owners(reading, judged).await?;
    let mut shortfalls = Vec::new();
    for shortfall in &judged.shortfalls {
        shortfalls.push(row(reading, desk, beside, register, shortfall, &owners).await?);
    }
    let check = |check: &Record| {
        let result = check.text("result");
        let colour = match result {
            Some("good") => "ok",
            Some("serious") => "bad",
            _ => "warn",
        };
        let day = check.day("checked_on").map(|day| date::long(lang, day)).unwrap_or_default();
        let words = choice(register, "result", result, lang).to_owned();
        (address(&register.id, check.id), check.number.clone(), day, colour, words)
    };
    let last = |yearly: &Yearly| {
        let day = date::long(lang, yearly.last?);
        Some((day, yearly.by.map(|id| address(&register.id, id))))
    };
    let ends = contract.day("ends_on");
    Panel::of(&Checks {
        lang,
        last: judged.yearly.as_ref().and_then(last),
        next: judged.yearly.map(|yearly| next(&yearly, today, lang)),
        none: none(contract, judged.phase, lang),
        after_end: judged.yearly.is_some_and(|yearly| ends.is_some_and(|ends| ends < yearly.due)),
        checks: judged.checks.iter().map(check).collect(),
        shortfalls,
        new: new_with(reading, desk, register, &[("contract", &contract.number)]).await?,
    })
}

/// Why no yearly check is due.
fn none(contract: &Record, phase: Phase, lang: Lang) -> &'static str {
    match phase {
        Phase::Before => lang.t(
            "契約が始まると、年一回の点検の期限をここに示します。",
            "The yearly check is due from the contract's start on.",
        ),
        Phase::Ended => lang.t("契約は終わりました。次の点検はありません。", "The contract is over: no check is due."),
        Phase::Refused => lang.t("承認されなかった契約です。", "The contract was refused."),
        Phase::Running | Phase::Overrun if contract.day("starts_on").is_none() => lang.t(
            "はじめの日が空欄なので、点検の期限が分かりません。",
            "The first day is empty: it cannot be told when the check is due.",
        ),
        Phase::Running | Phase::Overrun => lang.t(
            "渡す情報の機密性が最も低い区分だけなので、年一回の点検は要りません。",
            "Only information of the lowest class is given away: no yearly check is needed.",
        ),
    }
}

fn next(yearly: &Yearly, today: Day, lang: Lang) -> (&'static str, String, String) {
    let left = yearly.left(today);
    let colour = if left < 0 {
        "bad"
    } else if left <= NEAR {
        "warn"
    } else {
        "key"
    };
    let words = match (lang, left) {
        (Lang::Ja, ..0) => format!("{}日過ぎています", -left),
        (Lang::En, ..0) => format!("{} days over", -left),
        (Lang::Ja, _) => format!("あと{left}日"),
        (Lang::En, _) => format!("{left} days left"),
    };
    (colour, words, date::long(lang, yearly.due))
}

async fn row(
    reading: &mut Reading,
    desk: &Desk,
    beside: &Beside<'_>,
    register: &Register,
    shortfall: &Shortfall,
    owners: &BTreeMap<Id, String>,
) -> Result<ShortfallRow, Fault> {
    let (lang, today) = (desk.lang(), desk.today());
    let check = &shortfall.check;
    let day = |day: Day| date::long(lang, day);
    let measure = |measure: &Measure| MeasureRow {
        to: address(&measure.record.register, measure.record.id),
        step: step_name(beside, measure.record.text("step"), lang),
        owner: owner_of(&measure.record).and_then(|id| owners.get(&id).cloned()).unwrap_or_default(),
        due: measure.record.day("due_on").map(day).unwrap_or_default(),
        done: measure.done.map(day),
        late: measure.is_late(today),
        result: measure.record.text("result").unwrap_or_default().to_owned(),
    };
    let next = match (&shortfall.next, beside.measures) {
        (Some(next), Some(measures)) => {
            let step = step_name(beside, Some(next.step.id()), lang);
            let words = match lang {
                Lang::Ja => format!("{step}（{}まで）", day(next.due)),
                Lang::En => format!("{step}, by {}", day(next.due)),
            };
            let (title, due) = (format!("{step}：{}", check.name), next.due.to_string());
            let fields = [
                ("check", check.number.as_str()),
                ("step", next.step.id()),
                ("due_on", due.as_str()),
                ("title", title.as_str()),
            ];
            Some((words, new_with(reading, desk, measures, &fields).await?))
        }
        _ => None,
    };
    let untold = shortfall.untold.iter().filter_map(|field| register.field(field));
    Ok(ShortfallRow {
        to: address(&register.id, check.id),
        number: check.number.clone(),
        name: check.name.clone(),
        serious: shortfall.serious,
        findings: check.text("findings").unwrap_or_default().to_owned(),
        fixed: shortfall.fixed.map(day),
        due: check.day("due_on").map(day),
        late: shortfall.is_open() && check.day("due_on").is_some_and(|due| due < today),
        untold: untold.map(|field| lang.of(&field.label).to_owned()).collect(),
        measures: shortfall.measures.iter().map(measure).collect(),
        next,
    })
}

fn step_name(beside: &Beside<'_>, step: Option<&str>, lang: Lang) -> String {
    beside.measures.map(|measures| choice(measures, "step", step, lang).to_owned()).unwrap_or_default()
}

fn owner_of(measure: &Record) -> Option<Id> {
    measure.text("owner")?.parse().ok()
}

/// Names of those who own measures.
async fn owners(reading: &mut Reading, judged: &Judged) -> Result<BTreeMap<Id, String>, Fault> {
    let measures = judged.shortfalls.iter().flat_map(|shortfall| &shortfall.measures);
    let ids: Vec<Id> = measures.filter_map(|measure| owner_of(&measure.record)).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let people = persons::of_ids(reading, &ids).await?;
    Ok(people.iter().map(|person| (person.id, shown_name(person))).collect())
}
