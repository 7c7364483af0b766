//! What a record was, and what refers to what.

use std::collections::BTreeMap;

use pack::Pack;
use pack::model::{FieldType, Register};
use serde_json::{Map, Value as Json};

use super::check::name_of;
use super::{COLUMNS, Record, read};
use crate::people::Standing;
use crate::store::Sql;
use crate::visibility;
use crate::{Error, Id, Moment, Reading, Result};

/// One version of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionOf {
    /// Its number, from 1.
    pub version: i64,
    /// When it was written.
    pub at: Moment,
    /// By whom, as the journal writes actors.
    pub actor: String,
    /// `create`, `edit`, `move`, `dispose` or the transition's id.
    pub act: String,
    /// The reason that was given.
    pub reason: Option<String>,
    /// The state from then on.
    pub state: String,
    /// The unit from then on.
    pub unit: Id,
    /// The fields; none when they were destroyed.
    pub fields: Option<Map<String, Json>>,
}

/// A record that refers, or is referred to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The field that refers.
    pub field: String,
    /// The other record.
    pub record: Record,
}

/// All versions of a record that the caller has got, latest first.
pub async fn versions(reading: &mut Reading, record: &Record) -> Result<Vec<VersionOf>> {
    let sql = Sql::new(
        "SELECT version, at, actor, act, reason, state, unit_id, fields FROM record_version WHERE record_id = $1 \
         ORDER BY version DESC",
        [record.id.into()],
    );
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        let fields = row.opt_text(7)?.map(|text| serde_json::from_str(&text)).transpose();
        all.push(VersionOf {
            version: row.int(0)?,
            at: row.moment(1)?,
            actor: row.text(2)?,
            act: row.text(3)?,
            reason: row.opt_text(4)?,
            state: row.text(5)?,
            unit: row.id(6)?,
            fields: fields.map_err(|error| Error::broken(format!("a version's fields: {error}")))?,
        });
    }
    Ok(all)
}

/// A record as it stood at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct AsOf {
    /// The record with state, unit, version and fields of then; no fields when they were destroyed since.
    pub record: Record,
    /// When it was written last before that moment.
    pub written: Moment,
    /// Whether it has changed since.
    pub changed_since: bool,
}

/// How many records of each of these registers there were before a moment, of those that the reader may see today.
pub async fn counts_as_of(
    reading: &mut Reading,
    standing: Option<&Standing>,
    registers: &[Register],
    before: Moment,
) -> Result<BTreeMap<String, i64>> {
    let mut sql = Sql::default();
    sql.push("SELECT r.register, count(*) FROM record r WHERE r.created_at < ").bind(before).push(" AND ");
    sql.append(&visibility::of_registers(standing, registers)).push(" GROUP BY r.register");
    reading.rows(sql).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// Records of a register as they stood before a moment, in the order of their numbers, of those that the reader may see today.
/// Who may see a record is decided by what it is now, as for its versions.
pub async fn as_of(
    reading: &mut Reading,
    standing: Option<&Standing>,
    register: &Register,
    before: Moment,
    (offset, limit): (i64, i64),
) -> Result<Vec<AsOf>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(", v.state, v.unit_id, v.version, v.at FROM record r");
    sql.push(
        " JOIN record_version v ON v.record_id = r.id AND v.version = (SELECT max(w.version) FROM record_version w",
    );
    sql.push(" WHERE w.record_id = r.id AND w.at < ").bind(before).push(") WHERE r.register = ").bind(&register.id);
    sql.push(" AND ").append(&visibility::of_register(standing, register));
    sql.push(" ORDER BY r.year, r.seq, r.id").limit(limit).push(" OFFSET ").bind(offset.max(0));
    let rows = reading.rows(sql).await?;
    let mut all = Vec::new();
    for row in &rows {
        let mut record = read(row)?;
        let newest = record.version;
        (record.state, record.unit, record.version) = (row.text(16)?, row.id(17)?, row.int(18)?);
        record.name = name_of(reading, register, &record.fields).await?;
        all.push(AsOf { changed_since: record.version < newest, written: row.moment(19)?, record });
    }
    Ok(all)
}

/// The records that these records of a register refer to and the reader may see, each once for every field that names it.
pub async fn references_from(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    records: &[Record],
) -> Result<Vec<Reference>> {
    let mut all = Vec::new();
    for other in pack.registers.iter().filter(|other| refers_to(register, &other.id)) {
        let mut of = Sql::default();
        of.push("l.record_id IN ").bind_all(records.iter().map(|record| record.id));
        all.extend(references(reading, standing, "l.target", &of, other, "").await?);
    }
    Ok(all)
}

/// The registers of which records refer to a record, whoever may see them.
pub async fn referring(reading: &mut Reading, record: &Record) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT r.register FROM record_link l JOIN record r ON r.id = l.record_id \
               WHERE l.target = $1 AND l.kind = 'record'";
    reading.rows(Sql::new(sql, [record.id.into()])).await?.iter().map(|row| row.text(0)).collect()
}

/// The records of a register that refer to a record and that the reader may see, latest first, at most 200.
pub async fn references_to(
    reading: &mut Reading,
    standing: Option<&Standing>,
    record: &Record,
    register: &Register,
) -> Result<Vec<Reference>> {
    let mut of = Sql::default();
    of.push("l.target = ").bind(record.id);
    references(reading, standing, "l.record_id", &of, register, " LIMIT 200").await
}

/// Whether a field of a register leads to another.
fn refers_to(register: &Register, other: &str) -> bool {
    register.fields.iter().any(|field| match &field.ty {
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Ref(to) if to == other),
        ty => matches!(ty, FieldType::Ref(to) if to == other),
    })
}

/// The records of a register at one end of the links that `of` describes. The links are few and come first: CROSS JOIN keeps
/// SQLite from beginning with the whole register.
async fn references(
    reading: &mut Reading,
    standing: Option<&Standing>,
    end: &str,
    of: &Sql,
    register: &Register,
    most: &str,
) -> Result<Vec<Reference>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(", l.field FROM record_link l CROSS JOIN record r");
    sql.push(" JOIN record_version v ON v.record_id = r.id AND v.version = r.version WHERE r.id = ").push(end);
    sql.push(" AND l.kind = 'record' AND ").append(of).push(" AND r.register = ").bind(&register.id).push(" AND ");
    sql.append(&visibility::of_register(standing, register)).push(" ORDER BY r.id DESC").push(most);
    let rows = reading.rows(sql).await?;
    rows.iter().map(|row| Ok(Reference { field: row.text(16)?, record: read(row)? })).collect()
}
