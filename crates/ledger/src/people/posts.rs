//! Posts (役割): a role held in a unit from a day to a day. Belonging to a unit is the role [`AFFILIATION`](super::AFFILIATION).

use super::AFFILIATION;
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Operation, Permit, Reading, Result};

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: Id,
    /// Who holds it.
    pub person: Id,
    /// The role, by the pack's id.
    pub role: String,
    /// Where.
    pub unit: Id,
    /// For an affiliation: the main one (本務), not a 併任.
    pub main: bool,
    /// 職務代理: held in place of a vacant post's holder.
    pub acting: bool,
    /// First day.
    pub from: Day,
    /// The day after the last; none while it has no end.
    pub to: Option<Day>,
}

/// A post to be given.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// To whom.
    pub person: Id,
    /// The role.
    pub role: String,
    /// Where.
    pub unit: Id,
    /// For an affiliation: the main one.
    pub main: bool,
    /// 職務代理.
    pub acting: bool,
    /// First day.
    pub from: Day,
    /// The day after the last.
    pub to: Option<Day>,
}

const COLUMNS: &str = "id, person_id, role, unit_id, main, acting, from_day, to_day";

fn read(row: &Row) -> Result<Post> {
    Ok(Post {
        id: row.id(0)?,
        person: row.id(1)?,
        role: row.text(2)?,
        unit: row.id(3)?,
        main: row.flag(4)?,
        acting: row.flag(5)?,
        from: row.day(6)?,
        to: row.opt_day(7)?,
    })
}

/// Gives a post.
pub async fn give(op: &mut Operation, permit: Permit, post: NewPost) -> Result<Id> {
    if post.to.is_some_and(|to| to <= post.from) {
        return Err(Error::invalid_field(
            "to",
            "終了日は開始日より後の日にしてください。",
            "The end has to be after the start.",
        ));
    }
    super::persons::get(op, post.person).await?;
    super::units::get(op, post.unit).await?;
    let id = op.new_id()?;
    op.enter(permit);
    op.note("post", id.to_string());
    let insert = "INSERT INTO post (id, person_id, role, unit_id, main, acting, from_day, to_day, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        id.into(),
        post.person.into(),
        post.role.into(),
        post.unit.into(),
        post.main.into(),
        post.acting.into(),
        post.from.into(),
        post.to.into(),
        op.new_salt()?.into(),
    ];
    op.write("post", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

/// Ends a post: `to` is the day after its last. A post that has not begun by then never was held and is deleted.
pub async fn end(op: &mut Operation, permit: Permit, id: Id, to: Day) -> Result<()> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM post WHERE id = ").bind(id).push(op.engine().for_update());
    let post = read(&op.row_if_any(sql).await?.ok_or_else(|| Error::not_found("役割", "post"))?)?;
    op.enter(permit);
    let sql = if to <= post.from {
        Sql::new("DELETE FROM post WHERE id = $1", [id.into()])
    } else {
        Sql::new("UPDATE post SET to_day = $2 WHERE id = $1", [id.into(), to.into()])
    };
    op.write("post", [id.into()], sql).await?;
    Ok(())
}

/// All posts that a person ever held, latest first.
pub async fn of_person(reading: &mut Reading, person: Id) -> Result<Vec<Post>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM post WHERE person_id = ").bind(person);
    sql.push(" ORDER BY from_day DESC, role, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// All posts held on a day.
pub async fn on(reading: &mut Reading, day: Day) -> Result<Vec<Post>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM post WHERE ");
    held_on(&mut sql, day).push(" ORDER BY unit_id, role, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// Who holds a role in exactly this unit on a day.
pub async fn holders(reading: &mut Reading, role: &str, unit: Id, day: Day) -> Result<Vec<Post>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM post WHERE role = ").bind(role).push(" AND unit_id = ").bind(unit);
    sql.push(" AND ");
    held_on(&mut sql, day).push(" ORDER BY acting, from_day, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// All posts held in exactly this unit on a day.
pub async fn of_unit(reading: &mut Reading, unit: Id, day: Day) -> Result<Vec<Post>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM post WHERE unit_id = ").bind(unit).push(" AND ");
    held_on(&mut sql, day).push(" ORDER BY role, person_id, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// Who holds a role anywhere on a day.
pub async fn holders_anywhere(reading: &mut Reading, role: &str, day: Day) -> Result<Vec<Post>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM post WHERE role = ").bind(role).push(" AND ");
    held_on(&mut sql, day).push(" ORDER BY unit_id, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The unit that a person mainly belongs to on a day.
pub async fn home(reading: &mut Reading, person: Id, day: Day) -> Result<Option<Id>> {
    let mut sql = Sql::default();
    sql.push("SELECT unit_id FROM post WHERE person_id = ").bind(person).push(" AND role = ").bind(AFFILIATION);
    sql.push(" AND ");
    held_on(&mut sql, day).push(" ORDER BY main DESC, from_day, id LIMIT 1");
    reading.row_if_any(sql).await?.map(|row| row.id(0)).transpose()
}

/// The units that a person belongs to on a day (所属, 併任).
pub(crate) async fn units_of(reading: &mut Reading, person: Id, day: Day) -> Result<Vec<Id>> {
    let mut sql = Sql::default();
    sql.push("SELECT unit_id FROM post WHERE person_id = ").bind(person).push(" AND role = ").bind(AFFILIATION);
    sql.push(" AND ");
    held_on(&mut sql, day).push(" ORDER BY main DESC, from_day, id");
    reading.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

/// The condition that a row of `post` is held on a day.
pub(crate) fn held_on(sql: &mut Sql, day: Day) -> &mut Sql {
    sql.push("from_day <= ").bind(day).push(" AND (to_day IS NULL OR to_day > ").bind(day).push(")")
}
