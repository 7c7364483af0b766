//! 遵守状況・改善: how each chapter stands, in counts and never as an average; the findings; one control with what it says of whom.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::findings::{self, By, Filter, Finding};
use ledger::people::units;
use ledger::{Day, Id, Reading};
use pack::Pack;
use pack::model::{Clause, Control, Document, DocumentKind, Nature, RoleLevel};

use crate::documents::severity_name;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date};
use crate::reports::{self, Done};
use crate::visit::Desk;

/// Findings of a page.
const ROWS: i64 = 50;
/// Verdicts of one control shown.
const VERDICTS: i64 = 200;

/// Counts in the order of the ledger: holds, broken, covered, unknown, not started, out of scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) counts: [i64; 6],
}

impl Tally {
    pub(crate) fn add(&mut self, other: [i64; 6]) {
        for (sum, more) in self.counts.iter_mut().zip(other) {
            *sum += more;
        }
    }

    /// Pieces of the bar: class, start and width in hundredths of a percent. What is there is seen, however small.
    pub(crate) fn bar(&self) -> Vec<(&'static str, i64, i64)> {
        let [holds, broken, covered, unknown, not_started, _] = self.counts;
        let parts = [("k", holds), ("b", broken), ("c", covered), ("u", unknown), ("s", not_started)];
        let total: i64 = parts.iter().map(|(_, count)| count).sum();
        let least = 150;
        let shown = i64::try_from(parts.iter().filter(|(_, count)| *count > 0).count()).unwrap_or(0);
        let room = 10_000 - least * shown;
        let mut at = 0;
        let mut pieces = Vec::new();
        for (class, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
            let width = least + room * count / total.max(1);
            pieces.push((class, at, width));
            at += width;
        }
        pieces
    }

    fn of(&self, index: usize) -> String {
        date::thousands(self.counts.get(index).copied().unwrap_or(0))
    }

    pub(crate) fn holds(&self) -> String {
        self.of(0)
    }

    pub(crate) fn broken(&self) -> String {
        self.of(1)
    }

    pub(crate) fn covered(&self) -> String {
        self.of(2)
    }

    pub(crate) fn unknown(&self) -> String {
        self.of(3)
    }

    pub(crate) fn not_started(&self) -> String {
        self.of(4)
    }

    pub(crate) fn any_broken(&self) -> bool {
        self.counts.get(1).is_some_and(|count| *count > 0)
    }
}

/// The units whose state a person sees in detail; none: of the whole city.
///
/// Roles of the whole city and auditors see all; others their own units and those below.
pub(crate) async fn reach(reading: &mut Reading, desk: &Desk) -> Result<Option<Vec<Id>>, Fault> {
    if desk.outside() {
        return Err(Fault::NotFound);
    }
    let pack = desk.pack();
    let wide = |role: &str| role == "auditor" || pack.role(role).is_some_and(|r| r.level == RoleLevel::Municipality);
    if desk.standing.held.iter().any(|held| wide(&held.role)) {
        return Ok(None);
    }
    let day = reading.today();
    let mut reached: Vec<Id> = desk.standing.held.iter().map(|held| held.unit).collect();
    let all = units::on(reading, day).await?;
    loop {
        let below = all.iter().filter(|u| u.parent.is_some_and(|p| reached.contains(&p)) && !reached.contains(&u.id));
        let below: Vec<Id> = below.map(|unit| unit.id).collect();
        if below.is_empty() {
            return Ok(Some(reached));
        }
        reached.extend(below);
    }
}

/// The last counts by control, within reach.
pub(crate) async fn tallies(
    reading: &mut Reading,
    reach: Option<&[Id]>,
) -> Result<Option<(Day, BTreeMap<String, Tally>)>, Fault> {
    let today = reading.today();
    tallies_on(reading, reach, today).await
}

/// The counts by control of the last evaluation up to a day, within reach.
pub(crate) async fn tallies_on(
    reading: &mut Reading,
    reach: Option<&[Id]>,
    on: Day,
) -> Result<Option<(Day, BTreeMap<String, Tally>)>, Fault> {
    let Some(day) = findings::last_day(reading, on).await? else { return Ok(None) };
    let sums = findings::sums(reading, day, By::Control, reach).await?;
    let all = sums.into_iter().map(|(control, counts)| (control, Tally { counts })).collect();
    Ok(Some((day, all)))
}

/// A chapter in the table.
struct Chapter {
    to: String,
    title: String,
    tally: Tally,
    controls: usize,
}

/// A finding in a list.
pub(crate) struct FindingRow {
    pub(crate) control: String,
    pub(crate) control_to: String,
    pub(crate) says: String,
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) severity: &'static str,
    pub(crate) grave: bool,
    pub(crate) since: String,
    pub(crate) due: String,
    pub(crate) late: bool,
}

#[derive(Template)]
#[template(path = "compliance/summary.html")]
struct Summary {
    page: Page,
    as_of: Option<String>,
    total: Tally,
    late: String,
    groups: Vec<(String, Vec<Chapter>)>,
    folded: Vec<(String, Vec<Chapter>)>,
    worst: Vec<FindingRow>,
    narrow: bool,
    /// The past day whose state this is: for addresses, and in words.
    on: Option<(String, String)>,
}

/// The past day that an address asks for (`on=`); none for today.
fn past(desk: &Desk) -> Result<Option<Day>, Fault> {
    let asked = desk.query().get("on").map(|text| date::past(desk.lang(), text, desk.today()));
    asked.transpose().map_err(Fault::invalid)
}

/// `GET /compliance?on=`
pub(crate) async fn summary(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    let reach = reach(&mut reading, &desk).await?;
    let past = past(&desk)?;
    let counted = tallies_on(&mut reading, reach.as_deref(), past.unwrap_or(desk.today())).await?;
    let as_of = counted.as_ref().map(|(day, _)| date::long(lang, *day));
    let tallies = counted.map(|(_, tallies)| tallies).unwrap_or_default();
    let mut total = Tally::default();
    tallies.values().for_each(|tally| total.add(tally.counts));
    // The 対策基準 first, as the committee reads it; procedures and plans are folded.
    let of = |kinds: &[DocumentKind]| -> Vec<(String, Vec<Chapter>)> {
        let documents = pack.documents.iter().filter(|document| kinds.contains(&document.kind));
        let groups = documents.map(|d| (lang.of(&d.title).to_owned(), chapters(&pack, d, &tallies)));
        groups.filter(|(_, chapters)| !chapters.is_empty()).collect()
    };
    let mut groups = of(&[DocumentKind::Standard]);
    groups.extend(of(&[DocumentKind::Policy]));
    let folded = of(&[DocumentKind::Procedure, DocumentKind::EmergencyPlan, DocumentKind::ContinuityPlan]);
    let filter = Filter { units: reach.clone(), open_on: past, ..Filter::default() };
    let worst = findings::list(&mut reading, &filter, 0, 8).await?;
    let worst = finding_rows(&mut reading, &pack, lang, worst, past).await?;
    let late = Filter { due_before: Some(past.unwrap_or(reading.today())), ..filter };
    let late = date::thousands(findings::count(&mut reading, &late).await?);
    let title = lang.t("私たちは規程を守れているか", "Do we keep our policy?");
    let page = desk.page("compliance", title);
    let on = past.map(|day| (day.to_string(), date::long_with_weekday(lang, day)));
    answer(&Summary { page, as_of, total, late, groups, folded, worst, narrow: reach.is_some(), on })
}

/// The highest headings of a document that controls serve, themselves or below, each control once.
fn chapters(pack: &Pack, document: &Document, tallies: &BTreeMap<String, Tally>) -> Vec<Chapter> {
    let top = document.clauses.iter().map(|clause| clause.depth).filter(|depth| *depth > 1).min().unwrap_or(1);
    let mut all = Vec::new();
    for (at, clause) in document.clauses.iter().enumerate().filter(|(_, clause)| clause.depth == top) {
        let rest = document.clauses.iter().skip(at + 1).take_while(|below| below.depth > top);
        let under: Vec<&Clause> = std::iter::once(clause).chain(rest).collect();
        let serving = pack.controls.iter().filter(|c| under.iter().any(|clause| c.clauses.contains(&clause.id)));
        let serving: Vec<&Control> = serving.collect();
        if serving.is_empty() {
            continue;
        }
        let mut tally = Tally::default();
        for control in &serving {
            tally.add(tallies.get(&control.id).copied().unwrap_or_default().counts);
        }
        let to = format!("/documents/{}/{}", document.id, clause.id.slug);
        all.push(Chapter { to, title: clause.heading.clone(), tally, controls: serving.len() });
    }
    all
}

/// Findings in words, as of a past day or of today.
pub(crate) async fn finding_rows(
    reading: &mut Reading,
    pack: &Pack,
    lang: Lang,
    found: Vec<Finding>,
    on: Option<Day>,
) -> Result<Vec<FindingRow>, Fault> {
    let units = units::names(reading, found.iter().filter_map(|finding| finding.verdict.unit)).await?;
    let today = reading.today();
    let row = |finding: Finding| {
        let control = pack.control(&finding.verdict.control);
        let unit = finding.verdict.unit.and_then(|id| units.get(&id));
        FindingRow {
            control: control.map_or_else(|| finding.verdict.control.clone(), |c| lang.of(&c.title).to_owned()),
            control_to: format!("/compliance/controls/{}", finding.verdict.control),
            says: lang.t(&finding.verdict.reason_ja, &finding.verdict.reason_en).to_owned(),
            label: finding.verdict.label,
            unit: unit.cloned().unwrap_or_else(|| lang.t("全庁", "whole city").to_owned()),
            severity: match finding.severity {
                3 => lang.t("重大", "Critical"),
                2 => lang.t("重要", "Major"),
                _ => lang.t("軽微", "Minor"),
            },
            grave: finding.severity == 3,
            since: date::short(lang, finding.since, today),
            due: date::short(lang, finding.due, today),
            late: finding.due < on.unwrap_or(today),
        }
    };
    Ok(found.into_iter().map(row).collect())
}

#[derive(Template)]
#[template(path = "compliance/findings.html")]
struct Findings {
    page: Page,
    rows: Vec<FindingRow>,
    /// Whether anything had been evaluated by then: none found says nothing otherwise.
    evaluated: bool,
    total: String,
    late_only: bool,
    /// The one unit that is shown: its id and name.
    unit: Option<(String, String)>,
    /// The past day whose state this is: for addresses, and in words.
    on: Option<(String, String)>,
    next: Option<String>,
}

/// The one unit that an address names, and what it is called; a unit that is out of reach is not found.
async fn one_unit(
    reading: &mut Reading,
    asked: Option<&str>,
    reach: Option<&[Id]>,
) -> Result<Option<(Id, String)>, Fault> {
    let Some(asked) = asked else { return Ok(None) };
    let id = asked.parse::<Id>().map_err(|_| Fault::NotFound)?;
    let within = reach.is_none_or(|units| units.contains(&id));
    let named = units::names(reading, within.then_some(id)).await?.pop_first();
    named.map(Some).ok_or(Fault::NotFound)
}

/// `GET /compliance/findings`
pub(crate) async fn findings(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang, url) = (desk.pack(), desk.lang(), desk.query());
    let mut reading = desk.reading().await?;
    let reach = reach(&mut reading, &desk).await?;
    let unit = one_unit(&mut reading, url.get("unit"), reach.as_deref()).await?;
    let units = unit.as_ref().map(|(id, _)| vec![*id]).or(reach);
    let late_only = url.get("late").is_some();
    let past = past(&desk)?;
    let due_before = late_only.then(|| past.unwrap_or(reading.today()));
    let filter = Filter { units, due_before, open_on: past, ..Filter::default() };
    let skip = url.get("page").and_then(|page| page.parse::<i64>().ok()).unwrap_or(0).clamp(0, 1_000_000);
    let total = findings::count(&mut reading, &filter).await?;
    let found = findings::list(&mut reading, &filter, skip, ROWS).await?;
    let more = skip + ROWS;
    let next = (more < total).then(|| url.with(&[("page", &more.to_string())]));
    let rows = finding_rows(&mut reading, &pack, lang, found, past).await?;
    let evaluated = findings::last_day(&mut reading, past.unwrap_or(desk.today())).await?.is_some();
    let page = desk.page("compliance", lang.t("要改善事項", "Findings"));
    answer(&Findings {
        page,
        rows,
        evaluated,
        total: date::thousands(total),
        late_only,
        unit: unit.map(|(id, name)| (id.to_string(), name)),
        on: past.map(|day| (day.to_string(), date::long_with_weekday(lang, day))),
        next,
    })
}

/// One thing that a control says something of.
struct VerdictRow {
    label: String,
    state: (&'static str, &'static str),
    reason: String,
}

#[derive(Template)]
#[template(path = "compliance/control.html")]
struct ControlPage {
    page: Page,
    id: String,
    how: String,
    severity: &'static str,
    mend: String,
    serves: Vec<String>,
    clauses: Vec<(String, String)>,
    tally: Tally,
    rows: Vec<VerdictRow>,
    as_of: Option<String>,
    /// Reports so far, for an attested control.
    reports: Vec<Done>,
    attested: bool,
}

/// `GET /compliance/controls/{id}`
pub(crate) async fn control(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let control = pack.control(&id).ok_or(Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let reach = reach(&mut reading, &desk).await?;
    let counted = tallies(&mut reading, reach.as_deref()).await?;
    let as_of = counted.as_ref().map(|(day, _)| date::long(lang, *day));
    let tally = counted.and_then(|(_, all)| all.get(&id).copied()).unwrap_or_default();
    let seen = |unit: Option<Id>| reach.as_ref().is_none_or(|units| unit.is_some_and(|unit| units.contains(&unit)));
    let verdicts = findings::verdicts(&mut reading, &id, VERDICTS).await?.into_iter().filter(|v| seen(v.unit));
    let rows = verdicts.map(|verdict| VerdictRow {
        state: state(&verdict.state, lang),
        reason: lang.t(&verdict.reason_ja, &verdict.reason_en).to_owned(),
        label: verdict.label,
    });
    let rows = rows.collect();
    let clauses = control.clauses.iter().filter_map(|id| pack.clause(id));
    let clauses = clauses.map(|c| (format!("/documents/{}/{}", c.id.document, c.id.slug), c.heading.clone())).collect();
    let serves = pack.obligations.iter().filter(|o| control.serves.contains(&o.id));
    let serves = serves.map(|o| format!("{} {}", o.id, lang.of(&o.duty))).collect();
    let how = match &control.nature {
        Nature::Machine { .. } => lang.t("自動判定", "Decided by the machine").to_owned(),
        Nature::Attested(attestation) => {
            format!("{}（{}）", lang.t("実施報告", "Reported by a person"), attestation.every)
        }
    };
    let attested = matches!(control.nature, Nature::Attested(_));
    let reports = if attested { reports::done(&mut reading, &id, None, lang).await? } else { Vec::new() };
    let page = desk.page("compliance", lang.of(&control.title));
    answer(&ControlPage {
        page,
        id,
        how,
        severity: severity_name(control.severity, lang),
        mend: control.mend.as_ref().map(|mend| lang.of(mend).to_owned()).unwrap_or_default(),
        serves,
        clauses,
        tally,
        rows,
        as_of,
        reports,
        attested,
    })
}

/// A state's word and colour.
pub(crate) fn state(id: &str, lang: Lang) -> (&'static str, &'static str) {
    match id {
        "holds" => (lang.t("✓ 遵守", "✓ holds"), "ok"),
        "broken" => (lang.t("✕ 未遵守", "✕ broken"), "bad"),
        "covered" => (lang.t("例外措置中", "exception"), "cov"),
        "not_started" => (lang.t("着手前", "not started"), "none"),
        "out_of_scope" => (lang.t("対象外", "out of scope"), ""),
        _ => (lang.t("？ 未確認", "? unknown"), ""),
    }
}
