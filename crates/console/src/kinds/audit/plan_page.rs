//! 監査計画と実績: every unit, system and theme that must be audited against three fiscal years, when each was last audited, what is
//! missing; then the plan of one year with its audits. One page, which is also the print.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::kinds::audit::{
    Around, Covering, Gap, Line, Part, Plan, Row, Subject, What, When, YEARS, covering, grid, in_force, subjects,
};
use ledger::records::Record;
use ledger::{Reading, permission, records};

use super::words;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link, menu};
use crate::registers;
use crate::visit::Desk;

/// The address of the page.
pub(super) fn address(around: &Around<'_>) -> String {
    format!("/registers/{}/audit-plan", link::encode(&around.audits.id))
}

/// An audit in a cell: where it leads, number, how far it has come.
type Mark = (Option<String>, String, (&'static str, &'static str));

struct Cell {
    planned: bool,
    note: String,
    audits: Vec<Mark>,
}

struct Entry {
    label: String,
    key: String,
    to: Option<String>,
    last: String,
    cells: Vec<Cell>,
    left_out: Option<String>,
    gap: Option<String>,
}

/// A line of the year's plan.
struct Month {
    label: String,
    what: &'static str,
    note: String,
    audits: Vec<Mark>,
    /// Where the audit is written, for whoever may.
    new: Option<String>,
}

/// A plan that is in force, or why there is none.
struct Basis {
    title: String,
    to: Option<String>,
    decided: String,
}

#[derive(Template)]
#[template(path = "kinds/audit/plan_page.html")]
struct PlanPage {
    page: Page,
    crumbs: Vec<(String, String)>,
    here: String,
    plans: String,
    years: Vec<String>,
    mid: Option<Basis>,
    yearly: Option<Basis>,
    groups: Vec<(&'static str, Vec<Entry>)>,
    gaps: Vec<(String, Vec<String>)>,
    total: usize,
    year: String,
    months: Vec<Month>,
    before: (i32, String),
    after: (i32, String),
    new_plan: bool,
    day: String,
}

/// `GET /registers/{register}/audit-plan?year=2026`
pub(super) async fn show(desk: Desk, Path(register_id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), desk.today());
    let register = pack.register(&register_id).ok_or(Fault::NotFound)?;
    let Some((around, Part::Audit)) = Around::part(&pack, register) else { return Err(Fault::NotFound) };
    let mut reading = desk.reading().await?;
    if !may_see(&mut reading, &desk, &around).await? {
        return Err(Fault::NotFound);
    }
    let this_year = today.fiscal_year();
    let asked = desk.query().get("year").and_then(|year| year.parse::<i32>().ok());
    let year = asked.filter(|year| (2000..=2100).contains(year)).unwrap_or(this_year);
    // The plans are those of the reader's own body; a joint body makes its own.
    let home = desk.standing.home;
    let mid = in_force(&mut reading, &pack, &around, home, ("mid", year)).await?;
    let yearly = in_force(&mut reading, &pack, &around, home, ("year", year)).await?;
    let plan = mid.as_ref().map(Plan::of).unwrap_or(Plan { first_year: year, ..Plan::default() });
    let of_year = yearly.as_ref().map(Plan::of).unwrap_or_default();
    let named: Vec<Line> = plan.lines.iter().chain(&of_year.lines).cloned().collect();
    let subjects = subjects(&mut reading, &pack, &around, home, &named).await?;
    let audits = covering(&mut reading, &pack, &around).await?;
    let rows = grid(&subjects, &plan.lines, &audits, plan.first_year, today);
    let seen = visible(&mut reading, &desk, &around, &audits).await?;
    let may_audit = match home {
        Some(home) => permission::create(&mut reading, Some(&desk.standing), around.audits, home).await.is_ok(),
        None => false,
    };
    let new_plan = match home {
        Some(home) => permission::create(&mut reading, Some(&desk.standing), around.plans, home).await.is_ok(),
        None => false,
    };
    let view = View { desk: &desk, around: &around, subjects: &subjects, audits: &audits, seen: &seen, may_audit };
    let place = register.menu.as_deref().unwrap_or("requests");
    let mut crumbs: Vec<(String, String)> =
        menu::name(place, lang).map(|name| (format!("/place/{place}"), name.to_owned())).into_iter().collect();
    crumbs.push((format!("/registers/{}", link::encode(&register.id)), lang.of(&register.title).to_owned()));
    let page = desk.page(place, lang.t("監査計画と実績", "Audit plan and what was done"));
    answer(&PlanPage {
        page,
        crumbs,
        here: address(&around),
        plans: format!("/registers/{}", link::encode(&around.plans.id)),
        years: (plan.first_year..plan.first_year.saturating_add(YEARS)).map(|year| words::year(year, lang)).collect(),
        mid: basis(&mut reading, &desk, &around, mid.as_ref()).await?,
        yearly: basis(&mut reading, &desk, &around, yearly.as_ref()).await?,
        groups: view.groups(&rows),
        gaps: view.gaps(&rows),
        total: subjects.len(),
        year: words::year(year, lang),
        months: view.months(&plan, &of_year, year, this_year),
        before: (year - 1, words::year(year - 1, lang)),
        after: (year + 1, words::year(year + 1, lang)),
        new_plan,
        day: date::long(lang, today),
    })
}

/// Whether the reader may open the page: it is for whoever sees plans by a role: the audit's side, the committee, CISO, the secretariat.
pub(super) async fn may_see(reading: &mut Reading, desk: &Desk, around: &Around<'_>) -> Result<bool, Fault> {
    let pack = desk.pack();
    let query = records::Query { limit: 1, ..records::Query::default() };
    let plans = records::list(reading, &pack, Some(&desk.standing), around.plans, &query).await?;
    let by_role = around.plans.access.view.iter().any(|rule| match &rule.who {
        pack::model::Term::Role { role, .. } => desk.standing.holds(role),
        _ => false,
    });
    Ok(by_role || !plans.items.is_empty())
}

/// Which audits the reader may open, by their index.
async fn visible(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    audits: &[Covering],
) -> Result<Vec<bool>, Fault> {
    let mut seen = Vec::with_capacity(audits.len());
    for audit in audits {
        seen.push(records::seen(reading, Some(&desk.standing), around.audits, audit.audit).await?.is_some());
    }
    Ok(seen)
}

async fn basis(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    plan: Option<&Record>,
) -> Result<Option<Basis>, Fault> {
    let Some(plan) = plan else { return Ok(None) };
    let may = records::seen(reading, Some(&desk.standing), around.plans, plan.id).await?.is_some();
    Ok(Some(Basis {
        title: format!("{} {}", plan.number, plan.name),
        to: may.then(|| registers::address(&around.plans.id, plan.id)),
        decided: date::long(desk.lang(), plan.entered),
    }))
}

/// What the tables are made from.
struct View<'a> {
    desk: &'a Desk,
    around: &'a Around<'a>,
    subjects: &'a [Subject],
    audits: &'a [Covering],
    seen: &'a [bool],
    may_audit: bool,
}

impl View<'_> {
    fn lang(&self) -> Lang {
        self.desk.lang()
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        let audit = self.audits.get(at)?;
        let may = self.seen.get(at).copied().unwrap_or_default();
        let to = may.then(|| registers::address(&self.around.audits.id, audit.audit));
        Some((to, audit.number.clone(), words::standing(audit.standing, self.lang())))
    }

    fn entry(&self, row: &Row) -> Option<(What, Entry)> {
        let (lang, subject) = (self.lang(), self.subjects.get(row.subject)?);
        let last = row.last.and_then(|last| self.audits.get(last)).map(|audit| date::long(lang, audit.starts_on));
        let cell = |cell: &ledger::kinds::audit::Cell| Cell {
            planned: cell.planned.is_some(),
            note: cell.planned.clone().unwrap_or_default(),
            audits: cell.audits.iter().filter_map(|at| self.mark(*at)).collect(),
        };
        let to = subject.id.filter(|_| subject.target.what == What::Unit);
        let entry = Entry {
            label: subject.label.clone(),
            key: if subject.target.what == What::System { subject.target.key.clone() } else { String::new() },
            to: to.map(|id| format!("/organisation/units/{id}")),
            last: last.unwrap_or_default(),
            cells: row.cells.iter().map(cell).collect(),
            left_out: row.left_out.clone(),
            gap: row.gap.map(|gap| words::gap(gap, lang)),
        };
        Some((subject.target.what, entry))
    }

    fn groups(&self, rows: &[Row]) -> Vec<(&'static str, Vec<Entry>)> {
        let of = |what: What| {
            let entries = rows.iter().filter_map(|row| self.entry(row)).filter(|(of, _)| *of == what);
            (words::what(what, self.lang()), entries.map(|(_, entry)| entry).collect::<Vec<_>>())
        };
        What::ALL.into_iter().map(of).filter(|(_, entries)| !entries.is_empty()).collect()
    }

    /// What is missing, by what it is, with names.
    fn gaps(&self, rows: &[Row]) -> Vec<(String, Vec<String>)> {
        let mut all: Vec<(Gap, Vec<String>)> = Vec::new();
        for row in rows {
            let (Some(gap), Some(subject)) = (row.gap, self.subjects.get(row.subject)) else { continue };
            match all.iter_mut().find(|(known, _)| *known == gap) {
                Some((_, names)) => names.push(subject.label.clone()),
                None => all.push((gap, vec![subject.label.clone()])),
            }
        }
        all.into_iter().map(|(gap, names)| (words::gap(gap, self.lang()), names)).collect()
    }

    /// The plan of a year: what the 年度計画 and the 中期計画 mean for it, and audits of the year that cover nothing of that.
    fn months(&self, mid: &Plan, yearly: &Plan, year: i32, this_year: i32) -> Vec<Month> {
        let of_year = |line: &&Line| line.when == When::Year(year);
        let mut lines: Vec<&Line> = yearly.lines.iter().filter(of_year).collect();
        let further = mid.lines.iter().filter(of_year);
        let further: Vec<&Line> =
            further.filter(|line| !lines.iter().any(|known| known.target == line.target)).collect();
        lines.extend(further);
        let here = |audit: &Covering| audit.starts_on.fiscal_year() == year;
        let month = |line: &Line| {
            let covers = |(_, audit): &(usize, &Covering)| here(audit) && audit.targets.contains(&line.target);
            let audits: Vec<Mark> =
                self.audits.iter().enumerate().filter(covers).filter_map(|(at, _)| self.mark(at)).collect();
            let write = self.may_audit && audits.is_empty() && year >= this_year;
            let subject = self.subjects.iter().find(|subject| subject.target == line.target);
            Month {
                label: subject.map_or_else(|| line.label.clone(), |subject| subject.label.clone()),
                what: words::what(line.target.what, self.lang()),
                note: line.note.clone(),
                audits,
                new: write.then(|| self.new_audit(line)),
            }
        };
        let mut months: Vec<Month> = lines.iter().map(|line| month(line)).collect();
        for (at, audit) in self.audits.iter().enumerate().filter(|(_, audit)| here(audit)) {
            if !lines.iter().any(|line| audit.targets.contains(&line.target)) {
                months.push(Month {
                    label: String::new(),
                    what: "",
                    note: self.lang().t("計画にない監査", "not in the plan").to_owned(),
                    audits: self.mark(at).into_iter().collect(),
                    new: None,
                });
            }
        }
        months
    }

    /// The form of a new audit that covers a line.
    fn new_audit(&self, line: &Line) -> String {
        let subject = self.subjects.iter().find(|subject| subject.target == line.target);
        let given = match (line.target.what, subject.and_then(|subject| subject.id)) {
            (What::System, Some(_)) => format!("&systems={}", link::encode(&line.target.key)),
            (What::Theme, _) => format!("&topics={}", link::encode(&line.target.key)),
            (What::Unit, Some(id)) => format!("&unit={id}"),
            _ => String::new(),
        };
        let theme = link::encode(&line.label);
        format!("/registers/{}/new?theme={theme}{given}", link::encode(&self.around.audits.id))
    }
}
