//! What a record was, and what refers to what.

use pack::Pack;
use pack::model::Register;
use serde_json::{Map, Value as Json};

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

/// The records that a record refers to and the reader may see.
pub async fn references_from(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    record: &Record,
) -> Result<Vec<Reference>> {
    references(reading, pack, standing, "l.target = r.id AND l.record_id = ", record.id, None).await
}

/// The records of a register that refer to a record and that the reader may see, latest first, at most 200.
pub async fn references_to(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    record: &Record,
    register: &Register,
) -> Result<Vec<Reference>> {
    references(reading, pack, standing, "l.record_id = r.id AND l.target = ", record.id, Some(register)).await
}

async fn references(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    join: &str,
    id: Id,
    only: Option<&Register>,
) -> Result<Vec<Reference>> {
    let mut all = Vec::new();
    for register in pack.registers.iter().filter(|register| only.is_none_or(|only| only.id == register.id)) {
        let mut sql = Sql::default();
        sql.push("SELECT ").push(COLUMNS).push(", l.field FROM record_link l JOIN record r ON ").push(join).bind(id);
        sql.push(" JOIN record_version v ON v.record_id = r.id AND v.version = r.version");
        sql.push(" WHERE l.kind = 'record' AND r.register = ").bind(&register.id).push(" AND ");
        sql.append(&visibility::of_register(standing, register)).push(" ORDER BY r.id DESC LIMIT 200");
        for row in reading.rows(sql).await? {
            all.push(Reference { field: row.text(16)?, record: read(&row)? });
        }
    }
    Ok(all)
}
