//! Leave to create, edit and move records, by the register's own rules.

use pack::model::{AccessRule, Register, Term, TermScope, Transition, TransitionRole};

use super::Permit;
use crate::people::{Standing, units};
use crate::records::Record;
use crate::store::Sql;
use crate::visibility;
use crate::{Error, Id, Reading, Result};

/// Leave to create a record of a register in a unit.
pub async fn create(
    reading: &mut Reading,
    standing: Option<&Standing>,
    register: &Register,
    unit: Id,
) -> Result<Permit> {
    let mut allowed = standing.is_none() && reading.actor().person().is_none();
    if let Some(standing) = own(reading, standing) {
        // Most hold the role in the unit itself; the units above it are looked up for the others.
        allowed = creates(standing, register, unit, &[unit])
            || creates(standing, register, unit, &units::above(reading, unit, reading.today()).await?);
    }
    if allowed {
        return Ok(Permit::new("create", &register.id, ""));
    }
    Err(Error::forbidden(
        format!("この所属に「{}」を登録する役割がありません。", register.title.ja),
        format!("You hold no role that may create '{}' in this unit.", register.title.pick(true)),
    ))
}

/// Which of these registers the person may create records of in a unit. Only asked, to offer it; the write asks again.
pub async fn creatable<'a>(
    reading: &mut Reading,
    standing: &Standing,
    registers: impl IntoIterator<Item = &'a Register>,
    unit: Id,
) -> Result<Vec<&'a Register>> {
    if own(reading, Some(standing)).is_none() {
        return Ok(Vec::new());
    }
    let above = units::above(reading, unit, reading.today()).await?;
    Ok(registers.into_iter().filter(|register| creates(standing, register, unit, &above)).collect())
}

/// Whether an own post lets the person create records of a register in a unit below these.
fn creates(standing: &Standing, register: &Register, unit: Id, above: &[Id]) -> bool {
    register.access.create.iter().any(|rule| match &rule.who {
        Term::Role { role, scope: TermScope::All } => standing.holds_itself_in_body_of(role, unit),
        Term::Role { role, scope: TermScope::Unit } => {
            standing.held.iter().any(|h| h.role == *role && h.deputy_for.is_none() && above.contains(&h.unit))
        }
        Term::Applicant | Term::Person(_) | Term::Assigned => false,
    })
}

/// Leave to change a record's fields.
pub async fn edit(
    reading: &mut Reading,
    standing: Option<&Standing>,
    register: &Register,
    record: &Record,
) -> Result<Permit> {
    if allows(reading, standing, &register.access.edit, record.id).await? {
        return Ok(Permit::new("edit", &register.id, record.id));
    }
    let state = register.state(&record.state).map_or(record.state.as_str(), |state| state.label.ja.as_str());
    Err(Error::forbidden(
        format!("状態が「{state}」のこの記録を変更することはできません。"),
        format!("You may not change this record in its state '{}'.", record.state),
    ))
}

/// Leave to take an ordinary transition. Decisions go their own way, through routes.
pub async fn step(
    reading: &mut Reading,
    standing: Option<&Standing>,
    register: &Register,
    record: &Record,
    transition: &Transition,
) -> Result<Permit> {
    if transition.role != TransitionRole::Step {
        return Err(Error::refused(
            format!("「{}」は決裁の手続で行います。処理待ちから進めてください。", transition.label.ja),
            format!("'{}' is part of a decision; do it from the inbox.", transition.label.pick(true)),
        ));
    }
    let rules: Vec<AccessRule> =
        transition.by.iter().map(|who| AccessRule { who: who.clone(), states: Vec::new() }).collect();
    if allows(reading, standing, &rules, record.id).await? {
        return Ok(Permit::new("transition", &register.id, record.id));
    }
    Err(Error::forbidden(
        format!("「{}」を行う役割がありません。", transition.label.ja),
        format!("You hold no role that may do '{}'.", transition.label.pick(true)),
    ))
}

/// Leave to note that somebody read something sensitive; whoever can read it may be noted.
pub fn sensitive_read(register: &Register, record: Id) -> Permit {
    Permit::new("read", &register.id, record)
}

/// Leave to note that somebody took a file away; whoever can have it may be noted.
pub fn download(file: Id) -> Permit {
    Permit::new("download", "file", file)
}

/// Leave to note that a table of a register came in or went out, or was looked at; what it may hold is checked record by record.
pub fn passage(register: &Register, act: &str) -> Permit {
    Permit::new(act, &register.id, "")
}

/// Whether one of the rules counts for the actor on a record as it is stored. The same fragment of SQL as in lists.
pub async fn allows(
    reading: &mut Reading,
    standing: Option<&Standing>,
    rules: &[AccessRule],
    record: Id,
) -> Result<bool> {
    let Some(standing) = own(reading, standing) else {
        return Ok(standing.is_none() && reading.actor().person().is_none());
    };
    let mut sql = Sql::default();
    sql.push("SELECT 1 FROM record r WHERE r.id = ").bind(record).push(" AND ");
    sql.append(&visibility::predicate(standing, rules));
    Ok(reading.row_if_any(sql).await?.is_some())
}

/// The standing, when it is the actor's own.
fn own<'a>(reading: &Reading, standing: Option<&'a Standing>) -> Option<&'a Standing> {
    standing.filter(|standing| reading.actor().person() == Some(standing.person))
}

/// Leave to bring a file, which belongs to its bringer until a record refers to it.
pub fn attach(reading: &Reading, standing: Option<&Standing>) -> Result<Permit> {
    let active = reading.actor().person().is_none() || own(reading, standing).is_some_and(|s| s.home.is_some());
    if active {
        Ok(Permit::new("attach", "file", ""))
    } else {
        Err(Error::forbidden("在職している職員だけが添付できます。", "Only persons in service may attach files."))
    }
}
