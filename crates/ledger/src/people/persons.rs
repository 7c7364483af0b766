//! Persons: staff of every 職員区分, and those who work in the city's offices for others.

use super::check_line;
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Operation, Permit, Reading, Result};

/// A person as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: Id,
    /// 職員番号.
    pub code: String,
    /// Name as it is written, 外字 and IVS included.
    pub name: String,
    /// The name with 代替文字, where the name cannot be shown everywhere.
    pub name_shown: Option<String>,
    /// Reading of the name.
    pub kana: String,
    /// Mail address; may be empty.
    pub mail: String,
    /// 職員区分 by the pack's id.
    pub category: String,
    /// First day in the city's service.
    pub from: Day,
    /// The day after the last; none while in service.
    pub to: Option<Day>,
}

impl Person {
    /// Whether the person is in service on a day.
    pub fn active(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// What is recorded of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonData {
    /// 職員番号.
    pub code: String,
    /// Name as it is written.
    pub name: String,
    /// Name with 代替文字.
    pub name_shown: Option<String>,
    /// Reading of the name.
    pub kana: String,
    /// Mail address; may be empty.
    pub mail: String,
    /// 職員区分.
    pub category: String,
    /// First day.
    pub from: Day,
    /// The day after the last.
    pub to: Option<Day>,
}

const COLUMNS: &str = "id, code, name, name_shown, kana, mail, category, from_day, to_day";

fn read(row: &Row) -> Result<Person> {
    Ok(Person {
        id: row.id(0)?,
        code: row.text(1)?,
        name: row.text(2)?,
        name_shown: row.opt_text(3)?,
        kana: row.text(4)?,
        mail: row.text(5)?,
        category: row.text(6)?,
        from: row.day(7)?,
        to: row.opt_day(8)?,
    })
}

fn check(data: &PersonData) -> Result<()> {
    check_line("code", &data.code, true)?;
    check_line("name", &data.name, true)?;
    check_line("name_shown", data.name_shown.as_deref().unwrap_or(""), false)?;
    check_line("kana", &data.kana, false)?;
    check_line("mail", &data.mail, false)?;
    check_line("category", &data.category, true)?;
    if data.to.is_some_and(|to| to <= data.from) {
        return Err(Error::invalid_field(
            "to",
            "退職日は採用日より後の日にしてください。",
            "The last day has to be after the first.",
        ));
    }
    Ok(())
}

/// Adds a person.
pub async fn add(op: &mut Operation, permit: Permit, data: PersonData) -> Result<Id> {
    check(&data)?;
    let id = op.new_id()?;
    op.enter(permit);
    op.note("person", id.to_string());
    let insert = "INSERT INTO person (id, code, name, name_shown, kana, mail, category, from_day, to_day, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        id.into(),
        data.code.into(),
        data.name.into(),
        data.name_shown.into(),
        data.kana.into(),
        data.mail.into(),
        data.category.into(),
        data.from.into(),
        data.to.into(),
        op.new_salt()?.into(),
    ];
    op.write("person", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

/// Changes what is recorded of a person; an end of service is a change of `to`.
pub async fn change(op: &mut Operation, permit: Permit, id: Id, data: PersonData) -> Result<()> {
    check(&data)?;
    get(op, id).await?;
    op.enter(permit);
    let update = "UPDATE person SET code = $2, name = $3, name_shown = $4, kana = $5, mail = $6, category = $7, \
                  from_day = $8, to_day = $9 WHERE id = $1";
    let values = [
        id.into(),
        data.code.into(),
        data.name.into(),
        data.name_shown.into(),
        data.kana.into(),
        data.mail.into(),
        data.category.into(),
        data.from.into(),
        data.to.into(),
    ];
    op.write("person", [id.into()], Sql::new(update, values)).await?;
    Ok(())
}

/// The person of this id.
pub async fn get(reading: &mut Reading, id: Id) -> Result<Person> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM person WHERE id = ").bind(id);
    let row = reading.row_if_any(sql).await?;
    read(&row.ok_or_else(|| Error::not_found("職員", "person"))?)
}

/// The person with this 職員番号.
pub async fn by_code(reading: &mut Reading, code: &str) -> Result<Option<Person>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM person WHERE code = ").bind(code);
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// These persons, in no order; unknown ids are left out.
pub async fn of_ids(reading: &mut Reading, ids: &[Id]) -> Result<Vec<Person>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM person WHERE id IN ").bind_all(ids.iter().copied());
    reading.rows(sql).await?.iter().map(read).collect()
}

/// Everyone in service on a day, by reading of the name.
pub async fn on(reading: &mut Reading, day: Day) -> Result<Vec<Person>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM person WHERE from_day <= ").bind(day);
    sql.push(" AND (to_day IS NULL OR to_day > ").bind(day).push(") ORDER BY kana, code");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// Everyone who ever was in service, by reading of the name.
pub async fn all(reading: &mut Reading) -> Result<Vec<Person>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM person ORDER BY kana, code");
    reading.rows(sql).await?.iter().map(read).collect()
}
