//! What a role watches over, on its first page: findings of the own units, reports that are owed, stopped data sources, and for
//! those who answer for the whole city how the policy stands.

use ledger::findings::{self, Filter};
use ledger::permission::Office;
use ledger::{Reading, facts};
use pack::model::Period;

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
}

/// Gathers it.
pub(super) async fn watch(reading: &mut Reading, desk: &Desk) -> Result<Option<Watch>, Fault> {
    let pack = desk.pack();
    let leads = |role: &str| pack.role(role).is_some_and(|role| !role.implied);
    if desk.outside() || !desk.standing.held.iter().any(|held| leads(&held.role)) {
        return Ok(None);
    }
    let reach = reach(reading, desk).await?;
    let filter = Filter { units: reach.clone().unwrap_or_default(), ..Filter::default() };
    let late = Filter { due_before: Some(reading.today()), ..filter.clone() };
    let (open, late) = (findings::count(reading, &filter).await?, findings::count(reading, &late).await?);
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
    let keeps = Office::Facts.roles().iter().any(|role| desk.standing.holds_office(role));
    let silent = if keeps { silent(reading, desk).await? } else { Vec::new() };
    Ok(Some(Watch {
        open: date::thousands(open),
        late: date::thousands(late),
        any_late: late > 0,
        worst,
        owed,
        city,
        silent,
    }))
}

/// Sources whose last file is older than it may be, or that never sent one.
async fn silent(reading: &mut Reading, desk: &Desk) -> Result<Vec<(String, String)>, Fault> {
    let today = reading.today();
    let mut all = Vec::new();
    let latest = facts::latest(reading).await?;
    for source in &desk.pack().sources {
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
