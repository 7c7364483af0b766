//! 処理待ち: what waits for a person.

use super::route::{OpenTask, read_task};
use crate::people::Standing;
use crate::store::Sql;
use crate::visibility::{reach, untouched};
use crate::{Day, Id, Reading, Result};

/// A task with what its row in the inbox shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The task.
    pub task: OpenTask,
    /// The record's register.
    pub register: String,
    /// The record's number.
    pub number: String,
    /// The record's name.
    pub name: String,
    /// The record's unit.
    pub unit: Id,
    /// The record's state.
    pub state: String,
    /// Who asks; of what was entered from paper, who wrote it.
    pub applicant: Option<Id>,
    /// The record's version, for a bulk answer.
    pub version: i64,
    /// The day it came into its state.
    pub entered: Day,
    /// Whether it is the person's own post's, not one exercised for somebody absent.
    pub own: bool,
}

/// Open tasks of a person, oldest first; own applications are left out, since nobody decides on those.
pub async fn inbox(reading: &mut Reading, standing: &Standing, offset: i64, limit: i64) -> Result<Vec<Waiting>> {
    let mut sql = Sql::default();
    sql.push(
        "SELECT t.id, t.record_id, t.route_id, t.kind, t.step, t.seat, t.person_id, t.role, t.scope, t.opened_at, \
         r.register, r.number, r.name, r.unit_id, r.state, coalesce(r.entered_for, r.applicant), r.version, r.entered_day, ",
    );
    sql.push("CASE WHEN ").append(&mine(standing, true)).push(" THEN 1 ELSE 0 END");
    sql.push(" FROM task t JOIN record r ON r.id = t.record_id WHERE ").append(&waiting(standing));
    sql.push(" ORDER BY t.opened_at, t.id").limit(limit.clamp(1, 500)).push(" OFFSET ").bind(offset.max(0));
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        all.push(Waiting {
            task: read_task(&row)?,
            register: row.text(10)?,
            number: row.text(11)?,
            name: row.text(12)?,
            unit: row.id(13)?,
            state: row.text(14)?,
            applicant: row.opt_id(15)?,
            version: row.int(16)?,
            entered: row.day(17)?,
            own: row.flag(18)?,
        });
    }
    // Several terms of one seat may name the same person.
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|waiting| {
        seen.insert((waiting.task.route, waiting.task.step, waiting.task.seat, waiting.task.kind.clone()))
    });
    Ok(all)
}

/// How many seats wait for a person.
pub async fn count(reading: &mut Reading, standing: &Standing) -> Result<i64> {
    let mut sql = Sql::default();
    sql.push("SELECT count(*) FROM (SELECT DISTINCT t.record_id, t.route_id, t.step, t.seat, t.kind FROM task t ");
    sql.push("JOIN record r ON r.id = t.record_id WHERE ").append(&waiting(standing)).push(") AS seats");
    reading.row(sql).await?.int(0)
}

fn waiting(standing: &Standing) -> Sql {
    let mut sql = Sql::default();
    sql.push("t.state = 'open' AND ").append(&mine(standing, false));
    sql.push(" AND (t.kind IN ('countersign', 'circulate') OR ((r.applicant IS NULL OR r.applicant <> ");
    sql.bind(standing.person)
        .push(") AND (r.entered_for IS NULL OR r.entered_for <> ")
        .bind(standing.person)
        .push(")))");
    sql
}

/// The condition that a task `t` is this person's: by name, or by a role held in its unit, above it, or anywhere in its body.
fn mine(standing: &Standing, own_only: bool) -> Sql {
    let mut sql = Sql::default();
    sql.push("(t.person_id = ").bind(standing.person);
    let held = standing.held.iter().filter(|held| !own_only || held.deputy_for.is_none());
    let mut roles: Vec<&str> = held.clone().map(|held| held.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        let units: Vec<Id> = held.clone().filter(|held| held.role == role).map(|held| held.unit).collect();
        sql.push(" OR (t.role = ").bind(role).push(" AND ").append(&reach(standing, &units)).push(")");
    }
    if !own_only {
        sql.append(&untouched(standing));
    }
    sql.push(")");
    sql
}
