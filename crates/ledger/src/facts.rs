//! Facts: the rows of the last file that a data source delivered, with the file's hash and the day it speaks of.

use pack::model::DataSource;
use serde_json::{Map, Value as Json};

use crate::permission::Permit;
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Moment, Operation, Reading, Result};

/// Most rows of one file.
pub const ROWS_MAX: usize = 200_000;

/// One delivery of a data source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: Id,
    /// The source.
    pub source: String,
    /// When it was read in.
    pub at: Moment,
    /// By whom.
    pub actor: String,
    /// The file's name.
    pub file_name: String,
    /// The file's SHA-256.
    pub sha256: Vec<u8>,
    /// The day that its rows speak of.
    pub as_of: Day,
    /// How many rows it had.
    pub count: i64,
    /// Whether its rows are the facts of today.
    pub current: bool,
}

/// What is known of a delivered file beside its rows.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The file's name.
    pub file_name: String,
    /// The file's SHA-256.
    pub sha256: Vec<u8>,
    /// The day that its rows speak of.
    pub as_of: Day,
}

/// Replaces the facts of a source by the rows of a file, already mapped to fields. The rows of the delivery before are
/// deleted; that it was, when, and its hash stay.
pub async fn replace(
    op: &mut Operation,
    permit: Permit,
    source: &DataSource,
    delivery: Delivery,
    rows: &[Map<String, Json>],
) -> Result<Id> {
    if rows.len() > ROWS_MAX {
        return Err(Error::invalid_field("file", "行が多すぎます（20万行まで）。", "Too many rows (at most 200,000)."));
    }
    let id = op.new_id()?;
    op.enter(permit);
    op.note("import", id.to_string());
    let before = Sql::new("SELECT id FROM fact_import WHERE source = $1 AND current = 1", [(&source.id).into()]);
    for row in op.rows(before).await? {
        let old = row.id(0)?;
        op.write_unjournaled(Sql::new("DELETE FROM fact WHERE import_id = $1", [old.into()])).await?;
        let retire = Sql::new("UPDATE fact_import SET current = 0 WHERE id = $1", [old.into()]);
        op.write("fact_import", [old.into()], retire).await?;
    }
    let count = i64::try_from(rows.len()).unwrap_or(0);
    let sql = "INSERT INTO fact_import (id, source, at, actor, file_name, sha256, as_of, count, current, salt) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)";
    let values = [
        id.into(),
        (&source.id).into(),
        op.at().into(),
        op.actor().to_string().into(),
        delivery.file_name.into(),
        delivery.sha256.into(),
        delivery.as_of.into(),
        count.into(),
        op.new_salt()?.into(),
    ];
    op.write("fact_import", [id.into()], Sql::new(sql, values)).await?;
    let facts = (0_i64..).zip(rows).map(|(position, fields)| {
        let key = match fields.get(&source.key) {
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        [id.into(), position.into(), key.into(), Json::Object(fields.clone()).to_string().into()]
    });
    for sql in Sql::insert_many("fact (import_id, position, key, fields)", facts) {
        op.write_unjournaled(sql).await?;
    }
    Ok(id)
}

fn read(row: &Row) -> Result<Import> {
    Ok(Import {
        id: row.id(0)?,
        source: row.text(1)?,
        at: row.moment(2)?,
        actor: row.text(3)?,
        file_name: row.text(4)?,
        sha256: row.bytes(5)?,
        as_of: row.day(6)?,
        count: row.int(7)?,
        current: row.flag(8)?,
    })
}

/// The deliveries of a source, latest first.
pub async fn imports(reading: &mut Reading, source: &str) -> Result<Vec<Import>> {
    let sql = Sql::new(
        "SELECT id, source, at, actor, file_name, sha256, as_of, count, current FROM fact_import WHERE source = $1 \
         ORDER BY at DESC, id DESC LIMIT 400",
        [source.into()],
    );
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The last delivery of every source that has sent one.
pub async fn latest(reading: &mut Reading) -> Result<Vec<Import>> {
    let sql = Sql::new(
        "SELECT id, source, at, actor, file_name, sha256, as_of, count, current FROM fact_import WHERE current = 1 \
         ORDER BY source",
        [],
    );
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The facts of a source: its last delivery and the rows, by position. None when there never was one.
pub async fn current(reading: &mut Reading, source: &str) -> Result<Option<(Import, Vec<Map<String, Json>>)>> {
    let Some(import) = imports(reading, source).await?.into_iter().find(|import| import.current) else {
        return Ok(None);
    };
    let sql = Sql::new("SELECT fields FROM fact WHERE import_id = $1 ORDER BY position", [import.id.into()]);
    let mut rows = Vec::new();
    for row in reading.rows(sql).await? {
        let fields = serde_json::from_str(&row.text(0)?);
        rows.push(fields.map_err(|error| Error::broken(format!("a fact's fields: {error}")))?);
    }
    Ok(Some((import, rows)))
}
