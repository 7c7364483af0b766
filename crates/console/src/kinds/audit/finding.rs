//! A finding: from 指摘 over 改善指示 and 改善 to 確認, with who and when; and the same weakness elsewhere, each place to be asked
//! to check or to get a finding of its own.

use std::collections::BTreeSet;

use askama::Template;
use ledger::kinds::audit::{Around, Place, controls_of, elsewhere};
use ledger::people::units;
use ledger::records::{self, Change, Record, VersionOf};
use ledger::{Day, Id, Operation, Reading, permission};
use pack::model::Register;
use serde_json::{Map, json};

use super::{Panel, Post, Rule, actor_name, make, post_to, rule, step_of};
use crate::kinds::button::{Done, Marked};
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// Days in which another section answers whether it has the same weakness.
const CHECK_DAYS: i64 = 30;
/// Most units that are asked at once.
const AT_ONCE: usize = 200;

/// A stage of a finding.
struct Stage {
    class: &'static str,
    label: &'static str,
    day: String,
    who: String,
    due: Option<(String, bool)>,
}

#[derive(Template)]
#[template(path = "kinds/audit/stages.html")]
struct Stages {
    lang: Lang,
    stages: Vec<Stage>,
    clause: Option<Rule>,
    controls: Vec<(String, String)>,
    origin: Option<(String, String)>,
}

/// A unit where the same weakness may be.
struct Row {
    unit: String,
    to: String,
    name: String,
    failing: i64,
    unknown: i64,
    applies: i64,
    examples: String,
    seen: Vec<(String, String, (String, &'static str))>,
    /// Asked to check, or found, because of this finding.
    asked: bool,
}

#[derive(Template)]
#[template(path = "kinds/audit/elsewhere.html")]
struct Elsewhere {
    lang: Lang,
    /// Units where something is bad or not known, or auditors saw the same.
    rows: Vec<Row>,
    /// The others for which the clause applies.
    quiet: Vec<Row>,
    post: Option<Post>,
    /// Whether the reader may ask.
    asks: bool,
    waiting: usize,
}

/// Panels of a finding's page.
pub(super) async fn panels(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    finding: &Record,
) -> Result<Vec<Panel>, Fault> {
    let mut all = vec![stages(reading, desk, around.findings, finding).await?];
    let watches = ["auditor", "audit_chief", "audit_deputy", "ciso", "chief_security_officer"];
    let watches = watches.iter().any(|role| desk.standing.holds(role));
    if watches && finding.text("origin").is_none() && finding.state != "draft" {
        all.push(others(reading, desk, around, finding).await?);
    }
    Ok(all)
}

/// The stages of a finding: the state, and the field of its day.
const STAGES: [(&str, Option<&str>); 4] =
    [("raised", None), ("ordered", Some("ordered_on")), ("fixed", Some("fixed_on")), ("closed", Some("confirmed_on"))];

async fn stages(reading: &mut Reading, desk: &Desk, findings: &Register, finding: &Record) -> Result<Panel, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let labels = [
        lang.t("指摘", "Raised"),
        lang.t("改善の指示", "Ordered"),
        lang.t("改善", "Fixed"),
        lang.t("改善の確認", "Confirmed"),
    ];
    let versions = records::versions(reading, finding).await?;
    let now = STAGES.iter().position(|(state, _)| *state == finding.state);
    let due = finding.day("due_on");
    let mut stages = Vec::new();
    for (at, ((state, field), label)) in STAGES.iter().zip(labels).enumerate() {
        // A finding that came back (改善が足りない) has its later stages before it again.
        let done = now.is_some_and(|now| at <= now);
        let entry = entered(&versions, state).filter(|_| done);
        let who = match entry {
            Some(version) => actor_name(reading, &version.actor, lang).await?,
            None => String::new(),
        };
        let day = field.and_then(|field| finding.day(field)).filter(|_| done);
        let day = day.or_else(|| entry.map(|version| version.at.day()));
        // The order says by when it has to be fixed.
        let due = due.filter(|_| *state == "fixed" && now.is_some_and(|now| now >= 1));
        stages.push(Stage {
            class: if done {
                "done"
            } else if now.map(|now| now + 1) == Some(at) {
                "now"
            } else {
                ""
            },
            label,
            day: day.map(|day| date::long(lang, day)).unwrap_or_default(),
            who,
            due: due.map(|due| (date::long(lang, due), !done && due < today)),
        });
    }
    let origin = match finding.text("origin").and_then(|id| id.parse().ok()) {
        Some(id) => records::seen(reading, Some(&desk.standing), findings, id).await?,
        None => None,
    };
    let controls = controls_of(&pack, finding);
    Panel::of(&Stages {
        lang,
        stages,
        clause: finding.text("clause").map(|text| rule(&pack, text, lang)),
        controls: controls
            .into_iter()
            .map(|c| (format!("/compliance/controls/{}", c.id), lang.of(&c.title).to_owned()))
            .collect(),
        origin: origin.map(|origin| (address(&findings.id, origin.id), format!("{} {}", origin.number, origin.name))),
    })
}

/// The version by which a record last came into a state; versions are latest first.
fn entered<'a>(versions: &'a [VersionOf], state: &str) -> Option<&'a VersionOf> {
    let here = versions.iter().enumerate().filter(|(_, version)| version.state == state);
    let came = |(at, _): &(usize, &VersionOf)| versions.get(at + 1).is_none_or(|before| before.state != state);
    here.into_iter().find(came).map(|(_, version)| version)
}

async fn others(reading: &mut Reading, desk: &Desk, around: &Around<'_>, finding: &Record) -> Result<Panel, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let places = elsewhere(reading, &pack, around, finding).await?;
    let named = units::all(reading).await?;
    let today = reading.today();
    let mut rows: Vec<Row> = places
        .into_iter()
        .filter_map(|(id, place)| {
            let unit = named.iter().find(|unit| unit.id == id && unit.open(today))?;
            Some(row(around, finding, id, &unit.name, place, lang))
        })
        .collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.failing), row.seen.is_empty(), row.unknown == 0));
    let may = step_of(around.findings, "draft", "checking").is_some()
        && permission::create(reading, Some(&desk.standing), around.findings, finding.unit).await.is_ok();
    let waiting = rows.iter().filter(|row| !row.asked).count();
    let (rows, quiet): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| row.failing > 0 || row.unknown > 0 || !row.seen.is_empty());
    Panel::of(&Elsewhere {
        lang,
        waiting,
        rows,
        quiet,
        asks: may,
        post: may.then(|| post_to(desk, around.findings, finding)),
    })
}

fn row(around: &Around<'_>, finding: &Record, id: Id, name: &str, place: Place, lang: Lang) -> Row {
    let of_this = |other: &Record| other.text("origin") == Some(finding.id.to_string().as_str());
    let shown = |register: &Register, record: &Record| {
        let label = format!("{} {}", record.number, record.name);
        (address(&register.id, record.id), label, state_tag(register, &record.state, lang))
    };
    let mut seen: Vec<_> = place.findings.iter().map(|other| shown(around.findings, other)).collect();
    seen.extend(place.items.iter().map(|item| shown(around.items, item)));
    Row {
        unit: id.to_string(),
        to: format!("/organisation/units/{id}"),
        name: name.to_owned(),
        failing: place.failing,
        unknown: place.unknown,
        applies: place.applies,
        examples: place.examples.join(lang.t("、", ", ")),
        seen,
        asked: place.findings.iter().any(of_this),
    }
}

/// Asks a unit, or all that were not asked yet, to check; or makes a finding for a unit.
pub(super) async fn spread(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    finding: &Record,
    posted: &Posted,
) -> Marked {
    let (pack, lang) = (desk.pack(), desk.lang());
    let places = elsewhere(op, &pack, around, finding).await?;
    let origin = finding.id.to_string();
    let asked = |place: &Place| place.findings.iter().any(|other| other.text("origin") == Some(&origin));
    let today = op.today();
    let open: BTreeSet<Id> = units::on(op, today).await?.into_iter().map(|unit| unit.id).collect();
    let free = places.iter().filter(|(unit, place)| open.contains(unit) && !asked(place)).map(|(unit, _)| *unit);
    let (verb, chosen): (&str, Vec<Id>) = match posted.text("do") {
        "check_all" => ("check", free.take(AT_ONCE).collect()),
        other => {
            let Some((verb, unit)) = other.split_once(' ') else {
                return Ok(Err(lang.t("所属を選んでください。", "Choose a unit.").to_owned()));
            };
            let unit = unit.parse::<Id>().ok();
            (verb, free.filter(|known| Some(*known) == unit).collect())
        }
    };
    if chosen.is_empty() {
        return Ok(Err(lang
            .t(
                "その所属には、もう確認を頼んだか、指摘を作っています。",
                "That unit was asked or has a finding already.",
            )
            .to_owned()));
    }
    let Some(step) = step_of(around.findings, "draft", "checking") else {
        return Ok(Err(lang.t("いまの規程にこの手続はありません。", "The policy has no such step.").to_owned()));
    };
    let due = today.plus_days(CHECK_DAYS).unwrap_or(Day::LAST);
    let mut last = None;
    for unit in &chosen {
        let content = if verb == "check" {
            format!("{}「{}」と同じ弱点がないか確かめてください。", finding.number, finding.name)
        } else {
            format!("{}「{}」と同じ弱点が見られる。", finding.number, finding.name)
        };
        let fields = json!({
            "title": finding.name, "audit": finding.text("audit"), "grade": finding.text("grade"), "clause": finding.text("clause"),
            "control": finding.text("control"), "content": content, "origin": origin,
        });
        let made = make(op, desk, around.findings, *unit, fields).await?;
        if verb == "check" {
            let fields = Map::from_iter([("due_on".to_owned(), due.to_string().into())]);
            let change = Change { version: Some(made.version), fields, reason: None };
            records::step(op, &pack, Some(&desk.standing), around.findings, made.id, step, change).await?;
        }
        last = Some(made);
    }
    if verb == "check" {
        return Ok(Ok(Done::here(match lang {
            Lang::Ja => format!("{}の所属に、{}までに確かめるよう頼みました。", chosen.len(), date::long(lang, due)),
            Lang::En => format!("{} units are asked to check by {}.", chosen.len(), date::long(lang, due)),
        })));
    }
    let to = last.map(|made| address(&around.findings.id, made.id));
    Ok(Ok(Done {
        says: lang.t("指摘の下書きを作りました。", "A draft of a finding is made.").to_owned(), to
    }))
}

/// Makes the draft of a finding from an item that was judged bad.
pub(super) async fn from_item(op: &mut Operation, desk: &Desk, around: &Around<'_>, item: &Record) -> Marked {
    let lang = desk.lang();
    let notes = ["design_note", "operation_note", "evidence"].iter().filter_map(|field| item.text(field));
    let content = notes.collect::<Vec<_>>().join("\n");
    let clause = item.text("clause").or_else(|| item.text("control")).unwrap_or_default();
    let lacking = ["design", "operation"].iter().any(|field| item.text(field) == Some("lacking"));
    let fields = json!({
        "title": item.name.chars().take(200).collect::<String>(), "audit": item.text("audit"), "item": item.id.to_string(),
        "grade": if lacking { "major" } else { "minor" }, "clause": clause, "control": item.text("control"),
        "content": if content.is_empty() { item.name.clone() } else { content },
    });
    let made = make(op, desk, around.findings, item.unit, fields).await?;
    let to = format!("{}/edit", address(&around.findings.id, made.id));
    let says = match lang {
        Lang::Ja => format!("{}の下書きを作りました。内容を整えて保存してください。", made.number),
        Lang::En => format!("{} is drafted. Complete it and save.", made.number),
    };
    Ok(Ok(Done { says, to: Some(to) }))
}
