//! Open decisions follow a changed policy.

use pack::Pack;

use super::course::Course;
use super::route::{Route, RouteState, close_tasks, deciding, every_open, open_for, save, tasks_of};
use crate::packs::renames::{Renames, RoleFate};
use crate::permission::{Office, office};
use crate::records;
use crate::store::Sql;
use crate::{Id, Operation, Result};

/// After the records: a decision that still is due goes on with its roles under their new ids; one that is not due any more,
/// or that asks for a role which has ended, begins anew under the new version. Records that now wait for a decision get one.
pub(crate) async fn follow(op: &mut Operation, renames: &Renames<'_>, version: Id) -> Result<()> {
    for route in every_open(op).await? {
        let Some(record) = records::stored(op, route.record).await? else { continue };
        let Some(register) = renames.new.register(&record.register) else { continue };
        let due = deciding(register, &record.state).is_some_and(|decides| decides.id == route.transition);
        let course = if due { renamed(renames, register, &route.course) } else { None };
        match course {
            Some(course) if course == route.course => {}
            Some(course) => {
                op.enter(office(op, None, Office::Packs, "follow", "pack", version)?);
                go_on(op, renames, Route { course, ..route }).await?;
            }
            None => {
                op.enter(office(op, None, Office::Packs, "follow", "pack", version)?);
                close_tasks(op, route.id, None, "withdrawn").await?;
                save(op, &Route { state: RouteState::Withdrawn, ..route }).await?;
            }
        }
    }
    for id in waiting(op, renames.new).await? {
        let Some(record) = records::stored(op, id).await? else { continue };
        let register = records::register(renames.new, &record.register)?;
        open_for(op, renames.new, register, &record).await?;
    }
    Ok(())
}

/// The course with its terms and roles under the new ids; none when one of its open seats asks for nobody any more.
fn renamed(renames: &Renames<'_>, register: &pack::model::Register, course: &Course) -> Option<Course> {
    let mut course = course.clone();
    for seat in course.steps.iter_mut().flat_map(|step| &mut step.seats) {
        let who: Vec<String> = seat.who.iter().filter_map(|term| renames.term(register, term)).collect();
        if who.is_empty() && seat.said.is_none() {
            return None;
        }
        if !who.is_empty() {
            seat.who = who;
        }
        if let Some(said) = &mut seat.said
            && let Some(role) = &said.role
            && let RoleFate::Renamed(heir) | RoleFate::TakenOver(heir) = renames.role(role)
        {
            said.role = Some(heir);
        }
    }
    Some(course)
}

async fn go_on(op: &mut Operation, renames: &Renames<'_>, route: Route) -> Result<()> {
    save(op, &route).await?;
    for task in tasks_of(op, route.id).await? {
        let Some(role) = &task.role else { continue };
        let heir = match renames.role(role) {
            RoleFate::Renamed(heir) | RoleFate::TakenOver(heir) => heir,
            RoleFate::Stays | RoleFate::Ends => continue,
        };
        let update = Sql::new("UPDATE task SET role = $2 WHERE id = $1", [task.id.into(), heir.into()]);
        op.write("task", [task.id.into()], update).await?;
    }
    Ok(())
}

/// Records in a state from which a decision leads, without an open route.
async fn waiting(op: &mut Operation, pack: &Pack) -> Result<Vec<Id>> {
    let mut all = Vec::new();
    for register in &pack.registers {
        let states = register.lifecycle.states.iter().filter(|state| deciding(register, &state.id).is_some());
        let states: Vec<&str> = states.map(|state| state.id.as_str()).collect();
        if states.is_empty() {
            continue;
        }
        let mut sql = Sql::default();
        sql.push("SELECT r.id FROM record r WHERE r.register = ").bind(&register.id).push(" AND r.disposed_at IS NULL");
        sql.push(" AND r.state IN ").bind_all(states);
        sql.push(" AND NOT EXISTS (SELECT 1 FROM route o WHERE o.record_id = r.id AND o.state = 'open') ORDER BY r.id");
        for row in op.rows(sql).await? {
            all.push(row.id(0)?);
        }
    }
    Ok(all)
}
