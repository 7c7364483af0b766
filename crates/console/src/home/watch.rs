//! What a role watches over, on its first page: findings of the own units, reports that are owed, stopped data sources, and for
//! those who answer for the whole city how the policy stands.

use std::collections::BTreeMap;

use ledger::findings::{self, By, Filter};
use ledger::people::units::{self, Unit};
use ledger::people::{persons, posts};
use ledger::permission::{ADMINISTRATOR, Office, SECRETARIAT};
use ledger::records::{self, Query};
use ledger::{Id, Reading, facts};
use pack::model::{DataSource, Field, FieldType, Period, RoleLevel, Term};

use super::order::Card;

use crate::compliance::{FindingRow, Tally, finding_rows, reach, tallies};
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::{date, link};
use crate::registers::address;
use crate::reports;
use crate::visit::Desk;

/// Findings shown.
const WORST: i64 = 4;
/// Controls, units and days shown.
const SHOWN: usize = 8;
/// How many days ahead what is planned is shown.
const AHEAD: i64 = 31;
/// Places of the menu whose registers hold what is planned.
const PLANS: [&str; 4] = ["plan", "training", "audits", "continuity"];

/// What stands on the page beside one's own work; none for those without a role.
pub(super) struct Watch {
    pub(super) open: String,
    pub(super) late: String,
    pub(super) any_late: bool,
    pub(super) worst: Vec<FindingRow>,
    /// Reports that the reader owes.
    pub(super) owed: usize,
    /// The whole city, for those who answer for it.
    pub(super) city: Option<Tally>,
    /// Data sources that have stopped or never delivered, for those who keep them: title and address.
    pub(super) silent: Vec<(String, String)>,
    /// The sections of a bureau, for whoever answers for it.
    pub(super) sections: Vec<Section>,
    /// Controls that fail most within reach: title, address, how often.
    pub(super) causes: Vec<(String, String, i64)>,
    /// The units with most findings past their due day, and who answers there.
    pub(super) overdue: Vec<Owing>,
    /// What is planned in the coming month.
    pub(super) days: Vec<Planned>,
}

/// A unit that is late.
pub(super) struct Owing {
    pub(super) name: String,
    /// Its head.
    pub(super) head: String,
    pub(super) to: String,
    pub(super) open: i64,
    pub(super) late: i64,
}

/// A day of a record that is still to come.
pub(super) struct Planned {
    pub(super) day: String,
    pub(super) what: String,
    pub(super) name: String,
    pub(super) to: String,
}

/// How a section stands.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) to: String,
    pub(super) tally: Tally,
    pub(super) open: i64,
    pub(super) late: i64,
}

/// Gathers it.
pub(super) async fn watch(reading: &mut Reading, desk: &Desk) -> Result<Option<Watch>, Fault> {
    let pack = desk.pack();
    let leads = |role: &str| pack.role(role).is_some_and(|role| !role.implied);
    if desk.outside() || !desk.standing.held.iter().any(|held| leads(&held.role)) {
        return Ok(None);
    }
    // Whoever answers for a bureau and sits on the committee too watches over the bureau first.
    let bureaus = bureaus(desk);
    let reach = match bureaus.is_empty() {
        true => reach(reading, desk).await?,
        false => Some(units::below(reading, &bureaus, reading.today()).await?.into_iter().collect()),
    };
    let filter = Filter { units: reach.clone(), ..Filter::default() };
    let today = reading.today();
    let (open, late) = findings::count_late(reading, &filter, today).await?;
    let worst = findings::list(reading, &filter, 0, WORST).await?;
    let worst = finding_rows(reading, &pack, desk.lang(), worst, None).await?;
    let owed = reports::owed(reading, desk).await?.len();
    let city = match reach {
        Some(_) => None,
        None => tallies(reading, None).await?.map(|(_, all)| {
            let mut total = Tally::default();
            all.values().for_each(|tally| total.add(tally.counts));
            total
        }),
    };
    let sections = sections(reading, desk).await?;
    let receives = Office::Facts.roles().iter().any(|role| desk.standing.holds_office(role));
    let silent = if receives { silent(reading, desk).await? } else { Vec::new() };
    let cards = super::order::cards(&desk.standing);
    let causes = if cards.contains(&Card::Causes) { causes(reading, desk, &filter).await? } else { Vec::new() };
    let overdue = if cards.contains(&Card::Overdue) { overdue(reading, desk).await? } else { Vec::new() };
    let days = if cards.contains(&Card::Days) { days(reading, desk).await? } else { Vec::new() };
    Ok(Some(Watch {
        causes,
        overdue,
        days,
        open: date::thousands(open),
        late: date::thousands(late),
        any_late: late > 0,
        worst,
        owed,
        city,
        silent,
        sections,
    }))
}

/// The controls that fail most among these findings.
async fn causes(reading: &mut Reading, desk: &Desk, filter: &Filter) -> Result<Vec<(String, String, i64)>, Fault> {
    let pack = desk.pack();
    let counts = findings::by_control(reading, filter).await?;
    let row = |(id, count): (String, i64)| {
        let title = pack.control(&id).map_or_else(|| id.clone(), |control| desk.lang().of(&control.title).to_owned());
        (title, format!("/compliance/controls/{}", link::encode(&id)), count)
    };
    Ok(counts.into_iter().take(SHOWN).map(row).collect())
}

/// 期限超過, whose: the units with most findings past their due day.
async fn overdue(reading: &mut Reading, desk: &Desk) -> Result<Vec<Owing>, Fault> {
    let (pack, today) = (desk.pack(), reading.today());
    let all = units::on(reading, today).await?;
    let ids: Vec<Id> = all.iter().map(|unit| unit.id).collect();
    let mut late: Vec<(Id, (i64, i64))> =
        findings::by_unit(reading, &ids, today).await?.into_iter().filter(|(_, (_, late))| *late > 0).collect();
    late.sort_by_key(|(_, (_, late))| std::cmp::Reverse(*late));
    late.truncate(SHOWN);
    let mut rows = Vec::new();
    for (id, (open, late)) in late {
        let held = posts::of_unit(reading, id, today).await?;
        let rank = |role: &str| pack.role(role).filter(|role| !role.implied).map(|role| role.rank);
        let head = held.iter().filter_map(|post| Some((rank(&post.role)?, post.person))).max();
        let head = match head {
            Some((_, person)) => shown_name(&persons::get(reading, person).await?),
            None => String::new(),
        };
        let name = all.iter().find(|unit| unit.id == id).map(|unit| unit.name.clone()).unwrap_or_default();
        rows.push(Owing { name, head, to: format!("/compliance/findings?unit={id}&late=1"), open, late });
    }
    Ok(rows)
}

/// What is planned in the coming month: days in the columns of registers of plans that may lie in the future.
async fn days(reading: &mut Reading, desk: &Desk) -> Result<Vec<Planned>, Fault> {
    let (pack, lang, today) = (desk.pack(), desk.lang(), reading.today());
    let last = today.plus_days(AHEAD).unwrap_or(today);
    let mut found = Vec::new();
    for register in pack.registers.iter().filter(|r| r.menu.as_deref().is_some_and(|menu| PLANS.contains(&menu))) {
        let dates = register.columns.iter().filter_map(|id| register.field(id));
        let planned = |field: &&Field| matches!(field.ty, FieldType::Date) && field.most.is_none();
        for field in dates.filter(planned) {
            let open = register.lifecycle.states.iter().filter(|state| !state.is_final);
            let filters = vec![
                records::Filter::Is("state".to_owned(), open.map(|state| state.id.clone()).collect()),
                records::Filter::From(field.id.clone(), today.to_string()),
                records::Filter::To(field.id.clone(), last.to_string()),
            ];
            let query = Query { filters, limit: SHOWN, ..Query::default() };
            for record in records::list(reading, &pack, Some(&desk.standing), register, &query).await?.items {
                let Some(day) = record.day(&field.id) else { continue };
                let planned = Planned {
                    day: date::short(lang, day, today),
                    what: format!("{}　{}", lang.of(&register.title), lang.of(&field.label)),
                    name: format!("{} {}", record.number, record.name).trim().to_owned(),
                    to: address(&register.id, record.id),
                };
                found.push((day, planned));
            }
        }
    }
    found.sort_by_key(|(day, _)| *day);
    Ok(found.into_iter().take(SHOWN).map(|(_, planned)| planned).collect())
}

/// The bureaus that the reader answers for, unless a role of the whole city comes first.
fn bureaus(desk: &Desk) -> Vec<Id> {
    let pack = desk.pack();
    if !super::order::cards(&desk.standing).starts_with(&[Card::Sections]) {
        return Vec::new();
    }
    let answers = |role: &str| pack.role(role).is_some_and(|role| role.level == RoleLevel::Bureau && !role.implied);
    desk.standing.held.iter().filter(|held| answers(&held.role)).map(|held| held.unit).collect()
}

/// 部内の課別状況: the sections of the bureaus that the reader answers for, as they stand.
async fn sections(reading: &mut Reading, desk: &Desk) -> Result<Vec<Section>, Fault> {
    let (bureaus, today) = (bureaus(desk), reading.today());
    if bureaus.is_empty() {
        return Ok(Vec::new());
    }
    let below = units::below(reading, &bureaus, today).await?;
    let all = units::on(reading, today).await?;
    let sections: Vec<_> = all.iter().filter(|unit| below.contains(&unit.id) && unit.level == "section").collect();
    let ids: Vec<Id> = sections.iter().map(|unit| unit.id).collect();
    let open = findings::by_unit(reading, &ids, today).await?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    if let Some(day) = findings::last_day(reading, today).await? {
        let sums = findings::sums(reading, day, By::Unit, Some(&ids)).await?;
        tallies.extend(sums.into_iter().map(|(unit, counts)| (unit, Tally { counts })));
    }
    let section = |unit: &&Unit| {
        let (open, late) = open.get(&unit.id).copied().unwrap_or_default();
        Section {
            name: unit.name.clone(),
            to: format!("/compliance/findings?unit={}", unit.id),
            tally: tallies.get(&unit.id.to_string()).copied().unwrap_or_default(),
            open,
            late,
        }
    };
    Ok(sections.iter().map(section).collect())
}

/// Whether a person keeps a data source: by the role that owns it; the secretariat and the product's administrator keep all.
fn keeps(desk: &Desk, source: &DataSource) -> bool {
    let owns = matches!(&source.owner, Term::Role { role, .. } if desk.standing.holds_in_city(role));
    owns || [SECRETARIAT, ADMINISTRATOR].iter().any(|role| desk.standing.holds_office(role))
}

/// Sources of the reader whose last file is older than it may be, or that never sent one.
async fn silent(reading: &mut Reading, desk: &Desk) -> Result<Vec<(String, String)>, Fault> {
    let today = reading.today();
    let mut all = Vec::new();
    let latest = facts::latest(reading).await?;
    for source in desk.pack().sources.iter().filter(|source| keeps(desk, source)) {
        let last = latest.iter().find(|import| import.source == source.id);
        let due = last.and_then(|last| match source.expect {
            Period::Years(years) => last.as_of.plus_months(i64::from(years) * 12),
            Period::Months(months) => last.as_of.plus_months(i64::from(months)),
            Period::Days(days) => last.as_of.plus_days(i64::from(days)),
        });
        if due.is_none_or(|due| due < today) {
            all.push((desk.lang().of(&source.title).to_owned(), format!("/settings/sources/{}", source.id)));
        }
    }
    Ok(all)
}
