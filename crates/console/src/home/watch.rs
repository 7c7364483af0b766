//! What a role watches over, on its first page: findings of the own units, reports that are owed, stopped data sources, and for
//! those who answer for the whole city how the policy stands.

use std::collections::BTreeMap;

use ledger::findings::{self, By, Filter};
use ledger::people::units::{self, Unit};
use ledger::permission::{ADMINISTRATOR, Office, SECRETARIAT};
use ledger::{Id, Reading, facts};
use pack::model::{DataSource, Period, RoleLevel, Term};

use crate::compliance::{FindingRow, Tally, finding_rows, reach, tallies};
use crate::page::date;
use crate::page::fault::Fault;
use crate::reports;
use crate::visit::Desk;

/// Findings shown.
const WORST: i64 = 4;

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
    let reach = reach(reading, desk).await?;
    let filter = Filter { units: reach.clone(), ..Filter::default() };
    let today = reading.today();
    let (open, late) = findings::count_late(reading, &filter, today).await?;
    let worst = findings::list(reading, &filter, 0, WORST).await?;
    let worst = finding_rows(reading, &pack, desk.lang(), worst).await?;
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
    Ok(Some(Watch {
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

/// 部内の課別状況: the sections of the bureaus that the reader answers for, as they stand.
async fn sections(reading: &mut Reading, desk: &Desk) -> Result<Vec<Section>, Fault> {
    let (pack, today) = (desk.pack(), reading.today());
    let answers = |role: &str| pack.role(role).is_some_and(|role| role.level == RoleLevel::Bureau && !role.implied);
    let held = desk.standing.held.iter().filter(|held| answers(&held.role));
    let bureaus: Vec<Id> = held.map(|held| held.unit).collect();
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
