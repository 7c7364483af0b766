//! Leave to answer in a route: by the post itself, for a holder who is away or has let it lie (代決), or from a higher rank (引上げ).

use pack::Pack;
use pack::model::RoleLevel;

use super::Permit;
use crate::decisions::{Capacity, Course, Kind, OpenTask};
use crate::people::{Held, Standing, units};
use crate::records::Record;
use crate::{Error, Id, Reading, Result};

/// Leave to answer, and in which capacity.
#[derive(Debug)]
pub struct Leave {
    /// For the write.
    pub permit: Permit,
    /// Which seat is taken: step and place.
    pub seat: (usize, usize),
    /// In which capacity.
    pub capacity: Capacity,
    /// The role exercised; none for a task of the person as such.
    pub role: Option<String>,
    /// For whom, when by 代決.
    pub deputy_for: Option<Id>,
}

/// Leave to answer on the current step of a route.
pub async fn answer(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    record: &Record,
    course: &Course,
    tasks: &[OpenTask],
    act: &str,
) -> Result<Leave> {
    let not_mine = || {
        Error::forbidden(
            "この案件は、いまあなたの処理を待っていません。処理待ちを開き直してください。",
            "This does not wait for you now. Open your inbox again.",
        )
    };
    if reading.actor().person() != Some(standing.person) {
        return Err(not_mine());
    }
    let current = course.current();
    let decides = tasks.iter().any(|task| task.kind != Kind::Circulate.id());
    if decides && (record.applicant == Some(standing.person) || record.entered_for == Some(standing.person)) {
        return Err(Error::forbidden(
            "自分の申請を自分で承認・決裁することはできません（兼務の禁止）。",
            "Nobody decides on their own application.",
        ));
    }
    let above = units::above(reading, record.unit, standing.day).await?;
    let mut refused = None;
    for task in tasks {
        let Some((role, deputy_for)) = held_for(standing, task, record.unit, &above) else { continue };
        if deputy_for.is_some() && !course.steps.get(task.step).is_some_and(|step| step.deputy) {
            refused = Some(Error::forbidden(
                "この案件は代決できません（機密性の最も高い情報、差戻しや不承認のあった案件、又は代決を認めない決裁です）。本人か上位の役割の決裁を受けてください。",
                "This may not be decided by a substitute. It needs the holder or a higher rank.",
            ));
            continue;
        }
        let capacity = if deputy_for.is_some() { Capacity::Deputy } else { Capacity::Own };
        return leave(pack, standing, record, course, task, (capacity, role, deputy_for), act);
    }
    if let (None, Some(step)) = (&refused, current) {
        for task in tasks.iter().filter(|task| task.step == step) {
            if let Some(held) = higher(pack, standing, task, record.unit, &above) {
                let role = Some(held.role.clone());
                return leave(pack, standing, record, course, task, (Capacity::Escalated, role, None), act);
            }
        }
    }
    Err(refused.unwrap_or_else(not_mine))
}

/// Whether a role held somewhere reaches a task on a record of a unit: in the whole body, or in the unit and above it.
fn reaches(standing: &Standing, held: &Held, task: &OpenTask, unit: Id, above: &[Id]) -> bool {
    if task.anywhere { standing.same_body(held.unit, unit) } else { above.contains(&held.unit) }
}

/// The role by which a task is the person's, and for whom.
fn held_for(standing: &Standing, task: &OpenTask, unit: Id, above: &[Id]) -> Option<(Option<String>, Option<Id>)> {
    if task.person == Some(standing.person) {
        return Some((None, None));
    }
    let role = task.role.as_deref()?;
    let mut held = standing.held.iter().filter(|held| held.role == role && reaches(standing, held, task, unit, above));
    // An own post before one exercised for somebody else.
    let own = held.clone().find(|held| held.deputy_for.is_none());
    let held = own.or_else(|| held.next()).or_else(|| untouched(standing, task, role, unit, above));
    held.map(|held| (Some(role.to_owned()), held.deputy_for))
}

/// The post of a holder who has let this task lie for a whole working day (不在とみなす).
fn untouched<'a>(standing: &'a Standing, task: &OpenTask, role: &str, unit: Id, above: &[Id]) -> Option<&'a Held> {
    let decides = [Kind::Approve, Kind::Consult, Kind::Decide].iter().any(|kind| kind.id() == task.kind);
    let waited = decides && task.opened < standing.untouched_before;
    let mut held = standing.untouched.iter().filter(|_| waited);
    held.find(|held| held.role == role && reaches(standing, held, task, unit, above))
}

/// Roles of the whole city that stand above every bureau in the line (統括 and CISO). Others of the city's level — auditors,
/// committee members, whoever keeps the network — have a rank, but command nobody.
const ABOVE_ALL: [&str; 2] = [super::CHIEF, super::CISO];

/// An own post of a higher rank in the same line, for 引上げ. Who only stands in for somebody acts by 代決.
fn higher<'a>(pack: &Pack, standing: &'a Standing, task: &OpenTask, unit: Id, above: &[Id]) -> Option<&'a Held> {
    let rank = pack.role(task.role.as_deref()?)?.rank;
    standing.held.iter().find(|held| {
        let role = pack.role(&held.role).filter(|role| !role.implied && role.rank > rank);
        let in_line = role.is_some_and(|role| match role.level {
            RoleLevel::Bureau | RoleLevel::Section => {
                above.contains(&held.unit) && !pack.roles.iter().any(|other| other.substitutes.contains(&role.id))
            }
            RoleLevel::Municipality => ABOVE_ALL.contains(&role.id.as_str()) && standing.same_body(held.unit, unit),
            RoleLevel::System | RoleLevel::Person => false,
        });
        in_line && held.deputy_for.is_none()
    })
}

/// Makes the leave, unless the person acted in this route in a role that does not go together with this one.
fn leave(
    pack: &Pack,
    standing: &Standing,
    record: &Record,
    course: &Course,
    task: &OpenTask,
    (capacity, role, deputy_for): (Capacity, Option<String>, Option<Id>),
    act: &str,
) -> Result<Leave> {
    let me = standing.person.to_string();
    let before = course.steps.iter().flat_map(|step| &step.seats).filter_map(|seat| seat.said.as_ref());
    for earlier in before.filter(|said| said.by == me).filter_map(|said| said.role.as_deref()) {
        let pair = pack.forbidden_pairs.iter().find(|pair| {
            let [a, b] = &pair.roles;
            role.as_deref().is_some_and(|role| (a == role && b == earlier) || (b == role && a == earlier))
        });
        if let Some(pair) = pair {
            return Err(Error::forbidden(pair.why.ja.clone(), pair.why.pick(true)));
        }
    }
    let mut permit = Permit::new(act, &record.register, record.id);
    permit.note.insert("step".to_owned(), task.step.into());
    if let Some(holder) = deputy_for {
        permit.note.insert("deputy_for".to_owned(), holder.to_string().into());
    }
    if capacity == Capacity::Escalated {
        permit.note.insert("escalated".to_owned(), true.into());
    }
    Ok(Leave { permit, seat: (task.step, task.seat), capacity, role, deputy_for })
}

/// Leave to take one's own application back (引戻し).
pub fn withdraw(reading: &Reading, record: &Record) -> Result<Permit> {
    let mine =
        reading.actor().person().is_some_and(|me| record.applicant == Some(me) || record.entered_for == Some(me));
    if mine {
        return Ok(Permit::new("withdraw", &record.register, record.id));
    }
    Err(Error::forbidden("引き戻せるのは申請した本人だけです。", "Only the applicant may take it back."))
}

/// Leave to note a 後閲 that waits for this person.
pub fn countersign(reading: &Reading, task: &OpenTask, register: &str) -> Result<Permit> {
    if task.person.is_some() && reading.actor().person() == task.person {
        return Ok(Permit::new("countersign", register, task.record));
    }
    Err(Error::not_found("後閲", "countersignature"))
}

/// Leave of the machine to open a route for a record that came into a state where a decision is due.
pub(crate) fn open(record: &Record) -> Permit {
    Permit::new("open_route", &record.register, record.id)
}

/// Leave to move a record whose route has come to its end; the answer that ended it was permitted by [`answer`].
pub(crate) fn decided(record: &Record) -> Permit {
    Permit::new("transition", &record.register, record.id)
}
