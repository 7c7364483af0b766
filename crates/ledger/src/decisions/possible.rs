//! What a person may do with a record now: the buttons of its page.

use pack::Pack;
use pack::expr::Outcome;
use pack::model::{Register, TransitionRole};

use super::course::{Kind, Step};
use super::route::{deciding, open_route_of, tasks_of};
use crate::people::Standing;
use crate::records::Record;
use crate::store::Sql;
use crate::{Id, Moment, Reading, Result, permission, world};

/// By which door a transition is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `records::step`
    Step,
    /// [`super::agree`]
    Agree,
    /// [`super::refuse`]
    Refuse,
    /// [`super::send_back`]
    SendBack,
    /// [`super::withdraw`]
    Withdraw,
}

/// A transition that may be taken now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possible {
    /// The transition's id.
    pub transition: String,
    /// By which door.
    pub way: Way,
}

/// What may be done now, in the register's order.
pub async fn possible(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    record: &Record,
) -> Result<Vec<Possible>> {
    let mut found = Vec::new();
    let answers = may_answer(reading, pack, standing, register, record).await?;
    for transition in register.lifecycle.transitions.iter().filter(|t| t.from.contains(&record.state)) {
        let way = match transition.role {
            TransitionRole::Step => {
                let allowed = permission::step(reading, Some(standing), register, record, transition).await.is_ok();
                allowed.then_some(Way::Step)
            }
            TransitionRole::Decides => answers.then_some(Way::Agree),
            TransitionRole::Refuses => answers.then_some(Way::Refuse),
            TransitionRole::Returns => answers.then_some(Way::SendBack),
            TransitionRole::Withdraws => {
                let route = open_route_of(reading, record.id).await?;
                (route.is_some() && permission::decisions::withdraw(reading, record).is_ok()).then_some(Way::Withdraw)
            }
        };
        let Some(way) = way else { continue };
        let holds = match &transition.when {
            Some(when) => {
                world::evaluate(reading, pack, register, record, |env| when.test(env)).await? == Outcome::True
            }
            None => true,
        };
        if holds {
            found.push(Possible { transition: transition.id.clone(), way });
        }
    }
    Ok(found)
}

/// The steps to which the open decision of a record can be sent back (差戻し): those before the current one, each with its
/// number.
pub async fn earlier_steps(reading: &mut Reading, record: Id) -> Result<Vec<(usize, Step)>> {
    let Some(route) = open_route_of(reading, record).await? else { return Ok(Vec::new()) };
    let current = route.course.current().unwrap_or(0);
    let before = route.course.steps.into_iter().enumerate().take(current);
    Ok(before.filter(|(_, step)| step.kind != Kind::Circulate).collect())
}

/// A 後閲 that is due, or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countersign {
    /// The route in which a substitute answered.
    pub route: Id,
    /// At which step and seat.
    pub seat: (usize, usize),
    /// For whom: who reads it afterwards.
    pub holder: Id,
    /// When that was done; none while it waits.
    pub done: Option<Moment>,
}

/// Every 後閲 of a record.
pub async fn countersigns(reading: &mut Reading, record: Id) -> Result<Vec<Countersign>> {
    let sql = "SELECT route_id, step, seat, person_id, done_at FROM task WHERE record_id = $1 AND kind = 'countersign' \
               AND route_id IS NOT NULL AND person_id IS NOT NULL AND state IN ('open', 'done') ORDER BY id";
    let place = |number: i64| usize::try_from(number).unwrap_or_default();
    let rows = reading.rows(Sql::new(sql, [record.into()])).await?;
    rows.iter()
        .map(|row| {
            let seat = (place(row.int(1)?), place(row.int(2)?));
            Ok(Countersign { route: row.id(0)?, seat, holder: row.id(3)?, done: row.opt_moment(4)? })
        })
        .collect()
}

/// Whether the current step of an open route waits for this person.
async fn may_answer(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    record: &Record,
) -> Result<bool> {
    if deciding(register, &record.state).is_none() {
        return Ok(false);
    }
    let Some(route) = open_route_of(reading, record.id).await? else { return Ok(false) };
    let tasks = tasks_of(reading, route.id).await?;
    let leave = permission::decisions::answer(reading, pack, standing, record, &route.course, &tasks, "agree").await;
    Ok(leave.is_ok())
}
