//! Who sees which records, as a condition in SQL: each access term is one fragment over the closure of units and the posts
//! that the reader holds today, own and deputised. Never a list of records, never a filter after paging.

use std::collections::{BTreeMap, BTreeSet};

use pack::model::{AccessRule, Register, Term, TermScope};

use crate::people::Standing;
use crate::store::Sql;
use crate::{Day, Id};

/// The condition under which a reader sees a row `r` of `record` by these rules. Rules for the same states are one condition,
/// in which what is decided on the row alone stands first: few rows come to the rest.
pub(crate) fn predicate(standing: &Standing, rules: &[AccessRule]) -> Sql {
    let mut by_states: BTreeMap<&[String], Vec<&Term>> = BTreeMap::new();
    for rule in rules {
        by_states.entry(&rule.states).or_default().push(&rule.who);
    }
    let mut all = Sql::default();
    for (states, terms) in by_states {
        let Some(condition) = any_of(standing, &terms) else { continue };
        all.push(if all.is_empty() { "(" } else { " OR " });
        if states.is_empty() {
            all.append(&condition);
        } else {
            all.push("(r.state IN ").bind_all(states.iter()).push(" AND ").append(&condition).push(")");
        }
    }
    if all.is_empty() {
        all.push("1 = 0");
    } else {
        all.push(")");
    }
    all
}

/// The condition that one of these terms holds; none when no record can meet any. Roles that reach as far are one term.
fn any_of(standing: &Standing, terms: &[&Term]) -> Option<Sql> {
    let (mut bodies, mut units, mut rest) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for term in terms {
        match term {
            Term::Role { role, scope: TermScope::All } => bodies.extend(standing.units_of(role)),
            Term::Role { role, scope: TermScope::Unit } => units.extend(standing.units_of(role)),
            Term::Applicant | Term::Person(_) | Term::Assigned => rest.extend(self::term(standing, term)),
        }
    }
    let bodies: Vec<Id> = bodies.into_iter().collect();
    let units: Vec<Id> = units.into_iter().collect();
    let mut parts = Vec::new();
    if !bodies.is_empty() {
        parts.push(standing.in_bodies_of("r.unit_id", &bodies));
    }
    if !units.is_empty() {
        let mut sql = Sql::default();
        sql.push("r.unit_id IN ").append(&below(&units, standing.day));
        parts.push(sql);
    }
    parts.extend(rest);
    let mut all = Sql::default();
    for part in &parts {
        all.push(if all.is_empty() { "(" } else { " OR " }).append(part);
    }
    (!all.is_empty()).then(|| {
        all.push(")");
        all
    })
}

/// The condition of one rule; none when no record can meet it.
fn by_rule(standing: &Standing, rule: &AccessRule) -> Option<Sql> {
    let term = term(standing, &rule.who)?;
    if rule.states.is_empty() {
        return Some(term);
    }
    let mut sql = Sql::default();
    sql.push("(r.state IN ").bind_all(rule.states.iter()).push(" AND ").append(&term).push(")");
    Some(sql)
}

/// The condition under which the reader sees a record of any of these registers. Each rule stands there once, for all the
/// registers that have it: registers are many, and their rules few.
pub(crate) fn of_registers<'a>(standing: Option<&Standing>, registers: impl IntoIterator<Item = &'a Register>) -> Sql {
    let Some(standing) = standing else {
        let mut sql = Sql::default();
        sql.push("r.register IN ").bind_all(registers.into_iter().map(|register| &register.id));
        return sql;
    };
    let mut rules: BTreeMap<&AccessRule, Vec<&str>> = BTreeMap::new();
    for register in registers {
        register.access.view.iter().for_each(|rule| rules.entry(rule).or_default().push(&register.id));
    }
    let mut all = Sql::default();
    for (rule, registers) in rules {
        let Some(condition) = by_rule(standing, rule) else { continue };
        all.push(if all.is_empty() { "((" } else { " OR (" });
        all.push("r.register IN ").bind_all(registers).push(" AND ").append(&condition).push(")");
    }
    all.push(if all.is_empty() { "1 = 0" } else { ")" });
    all
}

/// The condition under which the reader sees a record of a register; without a standing (commands, parts of the machine)
/// every record is seen.
pub(crate) fn of_register(standing: Option<&Standing>, register: &Register) -> Sql {
    match standing {
        Some(standing) => predicate(standing, &register.access.view),
        None => everything(),
    }
}

fn everything() -> Sql {
    let mut sql = Sql::default();
    sql.push("1 = 1");
    sql
}

/// The condition of one term; none when no record can meet it.
fn term(standing: &Standing, term: &Term) -> Option<Sql> {
    let mut sql = Sql::default();
    match term {
        Term::Applicant => {
            sql.push("(r.applicant = ")
                .bind(standing.person)
                .push(" OR r.entered_for = ")
                .bind(standing.person)
                .push(")");
        }
        Term::Person(field) => {
            sql.push(
                "EXISTS (SELECT 1 FROM record_link v WHERE v.record_id = r.id AND v.kind = 'person' AND v.field = ",
            );
            sql.bind(field).push(" AND v.target = ").bind(standing.person).push(")");
        }
        Term::Role { role, scope: TermScope::All } => {
            let units = standing.units_of(role);
            if units.is_empty() {
                return None;
            }
            sql = standing.in_bodies_of("r.unit_id", &units);
        }
        Term::Role { role, scope: TermScope::Unit } => {
            let units = standing.units_of(role);
            if units.is_empty() {
                return None;
            }
            sql.push("r.unit_id IN ").append(&below(&units, standing.day));
        }
        Term::Assigned => sql = assigned(standing),
    }
    Some(sql)
}

/// `(SELECT …)` of the units below these on a day, themselves among them.
pub(crate) fn below(units: &[Id], day: Day) -> Sql {
    let mut sql = Sql::default();
    sql.push("(SELECT u.below FROM unit_closure u WHERE u.above IN ").bind_all(units.iter().copied());
    sql.push(" AND u.from_day <= ").bind(day).push(" AND (u.to_day IS NULL OR u.to_day > ").bind(day).push("))");
    sql
}

/// ` OR …`: tasks `t` that have waited for a holder who let them lie, and for whom the person may act. Nothing when there is
/// no such holder.
pub(crate) fn untouched(standing: &Standing) -> Sql {
    let mut sql = Sql::default();
    for held in &standing.untouched {
        sql.push(" OR (t.role = ").bind(&held.role).push(" AND t.opened_at < ").bind(standing.untouched_before);
        sql.push(" AND t.kind IN ('approve', 'consult', 'decide') AND ")
            .append(&reach(standing, &[held.unit]))
            .push(")");
    }
    sql
}

/// The condition that a task `t` for a role is within reach of these units, where that role is held.
pub(crate) fn reach(standing: &Standing, units: &[Id]) -> Sql {
    let mut sql = Sql::default();
    sql.push("CASE t.scope WHEN 'all' THEN ").append(&standing.in_bodies_of("t.unit_id", units));
    sql.push(" ELSE t.unit_id IN ").append(&below(units, standing.day)).push(" END");
    sql
}

/// An open task on the record: for the person, or for a role that the person holds in the task's unit, above it, or anywhere
/// in the task's body.
fn assigned(standing: &Standing) -> Sql {
    let mut sql = Sql::default();
    sql.push("EXISTS (SELECT 1 FROM task t WHERE t.record_id = r.id AND t.state = 'open' AND (t.person_id = ");
    sql.bind(standing.person);
    let mut roles: Vec<&str> = standing.held.iter().map(|held| held.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        sql.push(" OR (t.role = ").bind(role).push(" AND ");
        sql.append(&reach(standing, &standing.units_of(role))).push(")");
    }
    sql.append(&untouched(standing)).push("))");
    sql
}
