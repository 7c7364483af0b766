//! 不在, and who acts meanwhile: the substitute order (代決順) of a role in a unit.

use crate::store::Sql;
use crate::{Error, Id, Moment, Operation, Permit, Reading, Result};

/// An absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its id.
    pub id: Id,
    /// Who is away.
    pub person: Id,
    /// From this moment.
    pub from: Moment,
    /// To this moment; none while the end is not known.
    pub to: Option<Moment>,
    /// Who set it, as the journal writes actors.
    pub set_by: String,
}

/// Sets an absence.
pub async fn set(op: &mut Operation, permit: Permit, person: Id, from: Moment, to: Option<Moment>) -> Result<Id> {
    if to.is_some_and(|to| to <= from) {
        return Err(Error::invalid_field(
            "to",
            "終わりは始まりより後にしてください。",
            "The end has to be after the start.",
        ));
    }
    super::persons::get(op, person).await?;
    let id = op.new_id()?;
    op.enter(permit);
    let insert = "INSERT INTO absence (id, person_id, from_at, to_at, set_by, salt) VALUES ($1, $2, $3, $4, $5, $6)";
    let values =
        [id.into(), person.into(), from.into(), to.into(), op.actor().to_string().into(), op.new_salt()?.into()];
    op.write("absence", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

/// Ends an absence at a moment. One that would only begin later then never was.
pub async fn end(op: &mut Operation, permit: Permit, id: Id, to: Moment) -> Result<()> {
    op.enter(permit);
    let update = "UPDATE absence SET to_at = CASE WHEN from_at > $2 THEN from_at ELSE $2 END \
                  WHERE id = $1 AND (to_at IS NULL OR to_at > $2 AND to_at > from_at)";
    let changed = op.write("absence", [id.into()], Sql::new(update, [id.into(), to.into()])).await?;
    if changed == 0 { Err(Error::not_found("続いている不在", "absence that still lasts")) } else { Ok(()) }
}

/// The absences of a person that have not ended at a moment, also those to come.
pub async fn of_person(reading: &mut Reading, person: Id, at: Moment) -> Result<Vec<Absence>> {
    Ok(lasting(reading, at).await?.into_iter().filter(|absence| absence.person == person).collect())
}

/// Everybody's absences that have not ended at a moment, also those to come.
pub async fn lasting(reading: &mut Reading, at: Moment) -> Result<Vec<Absence>> {
    let sql = Sql::new(
        "SELECT id, person_id, from_at, to_at, set_by FROM absence \
         WHERE to_at IS NULL OR to_at > $1 AND to_at > from_at ORDER BY from_at, id",
        [at.into()],
    );
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        all.push(Absence {
            id: row.id(0)?,
            person: row.id(1)?,
            from: row.moment(2)?,
            to: row.opt_moment(3)?,
            set_by: row.text(4)?,
        });
    }
    Ok(all)
}

/// Sets the substitute order of a role in a unit, replacing the one before; empty: the pack's order holds again.
pub async fn set_substitutes(op: &mut Operation, permit: Permit, unit: Id, role: &str, order: &[Id]) -> Result<()> {
    let old = substitutes(op, unit, role).await?;
    op.enter(permit);
    for rank in 0..i64::try_from(old.len().max(order.len())).unwrap_or(0) {
        let key = [unit.into(), role.into(), rank.into()];
        let delete = "DELETE FROM substitute WHERE unit_id = $1 AND role = $2 AND rank = $3";
        op.write("substitute", key.clone(), Sql::new(delete, key)).await?;
    }
    for (rank, person) in (0_i64..).zip(order) {
        let key = [unit.into(), role.into(), rank.into()];
        let insert = "INSERT INTO substitute (unit_id, role, rank, person_id, salt) VALUES ($1, $2, $3, $4, $5)";
        let values = [unit.into(), role.into(), rank.into(), (*person).into(), op.new_salt()?.into()];
        op.write("substitute", key, Sql::new(insert, values)).await?;
    }
    Ok(())
}

/// The substitute order that was set for a role in a unit.
pub async fn substitutes(reading: &mut Reading, unit: Id, role: &str) -> Result<Vec<Id>> {
    let sql = Sql::new(
        "SELECT person_id FROM substitute WHERE unit_id = $1 AND role = $2 ORDER BY rank",
        [unit.into(), role.into()],
    );
    reading.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

/// Whether a person is away at a moment.
pub async fn is_absent(reading: &mut Reading, person: Id, at: Moment) -> Result<bool> {
    let sql = Sql::new(
        "SELECT count(*) FROM absence WHERE person_id = $1 AND from_at <= $2 AND (to_at IS NULL OR to_at > $2)",
        [person.into(), at.into()],
    );
    Ok(reading.row(sql).await?.int(0)? > 0)
}

/// Who acts today for an absent holder of a role in a unit: the first of the set order, else of the holders of the role's
/// substitutes in the same unit, who is in service, not away, and not the holder.
pub async fn deputies(reading: &mut Reading, pack: &pack::Pack, unit: Id, role: &str, holder: Id) -> Result<Vec<Id>> {
    let (day, at) = (reading.today(), reading.at());
    let set = substitutes(reading, unit, role).await?;
    if !set.is_empty() {
        for person in set {
            let free = person != holder
                && super::persons::get(reading, person).await?.active(day)
                && !is_absent(reading, person, at).await?;
            if free {
                return Ok(vec![person]);
            }
        }
        return Ok(Vec::new());
    }
    for substitute in pack.role(role).map_or(&[][..], |role| role.substitutes.as_slice()) {
        let mut free = Vec::new();
        for post in super::posts::holders(reading, substitute, unit, day).await? {
            let able = post.person != holder
                && !free.contains(&post.person)
                && super::persons::get(reading, post.person).await?.active(day)
                && !is_absent(reading, post.person, at).await?;
            if able {
                free.push(post.person);
            }
        }
        if !free.is_empty() {
            return Ok(free);
        }
    }
    Ok(Vec::new())
}
