//! What a person may do with a record now: the buttons of its page.

use pack::Pack;
use pack::expr::Outcome;
use pack::model::{Register, TransitionRole};

use super::route::{deciding, open_route_of, tasks_of};
use crate::people::Standing;
use crate::records::Record;
use crate::{Reading, Result, permission, world};

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
