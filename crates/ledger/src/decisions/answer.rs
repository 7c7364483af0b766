//! Answers: agree, refuse, send back, withdraw, read, countersign.

use pack::Pack;
use pack::model::{Register, Transition, TransitionRole};
use serde_json::{Map, Value as Json};

use super::course::{Capacity, Said};
use super::route::{
    Address, Route, RouteState, add_task, close_task, close_tasks, open_for, open_route, open_tasks, save, task,
    tasks_of,
};
use crate::people::Standing;
use crate::permission::{self, Permit, decisions::Leave};
use crate::records::{self, Change, Record};
use crate::{Error, Id, Operation, Result};

/// Longest remark, in characters.
const REMARK_MAX: usize = 2000;

/// What somebody answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The version of the record that was seen; none takes whatever there is.
    pub version: Option<i64>,
    /// A remark, or the reason where one is demanded.
    pub remark: Option<String>,
    /// Fields that the deciding transition asks for.
    pub fields: Map<String, Json>,
}

/// Where something is sent back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// To the applicant.
    Applicant,
    /// To an earlier step of the route.
    Step(usize),
}

/// Everything that an answer starts from.
struct Case {
    record: Record,
    route: Route,
    leave: Leave,
}

async fn case(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    id: Id,
    answer: &Answer,
    act: &str,
) -> Result<Case> {
    let record = records::locked(op, Some(standing), register, id).await?;
    records::expect_version(&record, answer.version)?;
    let remark = answer.remark.as_deref().unwrap_or_default();
    if remark.chars().count() > REMARK_MAX || remark.chars().any(crate::text::is_refused_in_lines) {
        return Err(Error::invalid_field(
            "reason",
            format!("制御文字を含まない{REMARK_MAX}文字以内にしてください。"),
            format!("Use at most {REMARK_MAX} characters and no control characters."),
        ));
    }
    let route = open_route(op, id).await?;
    let tasks = tasks_of(op, route.id).await?;
    let leave = permission::decisions::answer(op, pack, standing, &record, &route.course, &tasks, act).await?;
    Ok(Case { record, route, leave })
}

/// Agrees (承認, 合議, 決裁) on the current step; with the last one the deciding transition happens.
pub async fn agree(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    id: Id,
    answer: Answer,
) -> Result<Record> {
    let Case { record, mut route, leave } = case(op, pack, standing, register, id, &answer, "agree").await?;
    let (step, seat) = leave.seat;
    let said = Said {
        by: standing.person.to_string(),
        at: op.at().0,
        capacity: leave.capacity,
        role: leave.role.clone(),
        remark: answer.remark.clone().filter(|remark| !remark.trim().is_empty()),
    };
    route.course.agree(step, seat, said).map_err(|_| {
        Error::refused(
            "ほかの人が先に処理しました。画面を開き直してください。",
            "Somebody answered first. Open the page again.",
        )
    })?;
    op.enter(leave.permit);
    close_tasks(op, route.id, Some((step, seat)), "done").await?;
    if let (Capacity::Deputy, Some(holder)) = (leave.capacity, leave.deputy_for) {
        let to = Address { person: Some(holder), role: None, scope: None };
        add_task(op, &record, Some(route.id), "countersign", (step, seat), to).await?;
    }
    let decided = route.course.is_decided();
    if decided {
        route.state = RouteState::Decided;
    }
    save(op, &route).await?;
    open_tasks(op, &route, &record).await?;
    if !decided {
        return Ok(record);
    }
    let transition = transition(register, &route.transition)?;
    let permit = permission::decisions::decided(&record);
    let reason = answer.remark.filter(|remark| !remark.trim().is_empty());
    let change = Change { version: None, fields: answer.fields, reason };
    moved(op, pack, standing, register, record, transition, permit, change).await
}

/// Moves the record and opens the route of its new state.
#[expect(clippy::too_many_arguments, reason = "one operation's whole context, as for `records::move_state`")]
async fn moved(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    record: Record,
    transition: &Transition,
    permit: Permit,
    change: Change,
) -> Result<Record> {
    let record = records::move_state(op, pack, Some(standing), register, record, transition, permit, change).await?;
    open_for(op, pack, register, &record).await?;
    Ok(record)
}

fn transition<'a>(register: &'a Register, id: &str) -> Result<&'a Transition> {
    register.transition(id).ok_or_else(|| {
        Error::refused(
            "この決裁の手続は、いまの規程にはありません。申請者に引き戻してもらい、申請し直してください。",
            "The present policy has no such decision. Ask the applicant to take it back and to ask again.",
        )
    })
}

/// The transition of a role that leads from a state.
fn leading<'a>(register: &'a Register, state: &str, role: TransitionRole) -> Result<&'a Transition> {
    let found =
        register.lifecycle.transitions.iter().find(|t| t.role == role && t.from.iter().any(|from| from == state));
    found
        .ok_or_else(|| Error::refused("この状態では行えない手続です。", "The register has no such step in this state."))
}

/// Ends the route and moves the record away.
#[expect(clippy::too_many_arguments, reason = "one operation's whole context, as for `records::move_state`")]
async fn ended(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    (record, mut route): (Record, Route),
    state: RouteState,
    transition: &Transition,
    permit: Permit,
    answer: Answer,
) -> Result<Record> {
    route.state = state;
    op.enter(permit);
    close_tasks(op, route.id, None, "void").await?;
    save(op, &route).await?;
    let permit = permission::decisions::decided(&record);
    let change = Change { version: None, fields: answer.fields, reason: answer.remark };
    moved(op, pack, standing, register, record, transition, permit, change).await
}

fn need_reason(answer: &Answer) -> Result<()> {
    if answer.remark.as_deref().is_some_and(|remark| !remark.trim().is_empty()) {
        return Ok(());
    }
    Err(Error::invalid_field("reason", "理由を入力してください。", "Give a reason."))
}

/// 不承認, with a reason.
pub async fn refuse(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    id: Id,
    answer: Answer,
) -> Result<Record> {
    need_reason(&answer)?;
    let Case { record, route, leave } = case(op, pack, standing, register, id, &answer, "refuse").await?;
    let transition = leading(register, &record.state, TransitionRole::Refuses)?;
    ended(op, pack, standing, register, (record, route), RouteState::Refused, transition, leave.permit, answer).await
}

/// 差戻し, with a reason: to the applicant, or to an earlier step.
pub async fn send_back(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    id: Id,
    to: Back,
    answer: Answer,
) -> Result<Record> {
    need_reason(&answer)?;
    let Case { record, mut route, leave } = case(op, pack, standing, register, id, &answer, "send_back").await?;
    match to {
        Back::Applicant => {
            let transition = leading(register, &record.state, TransitionRole::Returns)?;
            ended(op, pack, standing, register, (record, route), RouteState::Returned, transition, leave.permit, answer)
                .await
        }
        Back::Step(step) => {
            route
                .course
                .send_back(step)
                .map_err(|_| Error::invalid_field("to", "前の段階を選んでください。", "Choose an earlier step."))?;
            op.enter(leave.permit);
            op.note("to_step", step);
            close_tasks(op, route.id, None, "void").await?;
            save(op, &route).await?;
            open_tasks(op, &route, &record).await?;
            Ok(record)
        }
    }
}

/// 引戻し by the applicant, while it is not decided.
pub async fn withdraw(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    id: Id,
    answer: Answer,
) -> Result<Record> {
    let record = records::locked(op, Some(standing), register, id).await?;
    records::expect_version(&record, answer.version)?;
    let permit = permission::decisions::withdraw(op, &record)?;
    let route = open_route(op, id).await?;
    let transition = leading(register, &record.state, TransitionRole::Withdraws)?;
    ended(op, pack, standing, register, (record, route), RouteState::Withdrawn, transition, permit, answer).await
}

/// 供覧: notes that it was read.
pub async fn read_circulated(op: &mut Operation, pack: &Pack, standing: &Standing, id: Id) -> Result<()> {
    let task = task(op, id).await?;
    let route = task.route.ok_or_else(|| Error::not_found("供覧", "circulation"))?;
    let record = records::stored(op, task.record).await?.ok_or_else(|| Error::not_found("記録", "record"))?;
    let all = super::routes(op, task.record).await?;
    let mut route =
        all.into_iter().find(|other| other.id == route).ok_or_else(|| Error::not_found("供覧", "circulation"))?;
    let mine = [task];
    let leave =
        permission::decisions::answer(op, pack, standing, &record, &route.course, &mine, "read_circulated").await?;
    let said = Said {
        by: standing.person.to_string(),
        at: op.at().0,
        capacity: leave.capacity,
        role: leave.role,
        remark: None,
    };
    let (step, seat) = leave.seat;
    route.course.agree(step, seat, said).map_err(|_| Error::not_found("供覧", "circulation"))?;
    op.enter(leave.permit);
    close_tasks(op, route.id, Some((step, seat)), "done").await?;
    save(op, &route).await
}

/// 後閲: the holder has read what was decided for them.
pub async fn countersign(op: &mut Operation, id: Id) -> Result<()> {
    let task = task(op, id).await?;
    let record = records::stored(op, task.record).await?.ok_or_else(|| Error::not_found("記録", "record"))?;
    let permit = permission::decisions::countersign(op, &task, &record.register)?;
    op.enter(permit);
    let by = op.actor().person();
    close_task(op, id, by, "done").await
}
