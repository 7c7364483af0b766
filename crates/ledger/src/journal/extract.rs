//! Part of the journal as files, for evidence that leaves the house: the hash of every entry, the bytes of those that vouch for
//! the rows concerned, and those rows with their salts. It verifies without the store: the chain of hashes, the root that a
//! checkpoint signs, and each row against the last entry that vouches for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::BufRead;

use serde_json::{Map, Value as Json, json};

use super::entry::{hex, key_text, unhex};
use super::export::{EXTRACT, verify_lines};
use super::tables::{Child, RowDigest, Table, named};
use super::verify::Verdict;
use super::{Checkpoint, Entry, Hash, Tree};
use crate::permission::Permit;
use crate::store::{Row, Sql, Value};
use crate::{Error, Id, Kind, Operation, Reading, Result};

/// Entries read at a time.
const PAGE: i64 = 1000;

/// A row that the journal vouches for, by its table and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOf {
    table: &'static str,
    key: Vec<Value>,
}

impl RowOf {
    /// A record as it is listed and found.
    pub fn record(id: Id) -> Self {
        Self { table: "record", key: vec![id.into()] }
    }

    /// A version of a record: what it said.
    pub fn version(id: Id, version: i64) -> Self {
        Self { table: "record_version", key: vec![id.into(), version.into()] }
    }

    /// The paper that a record was entered from for another person: its day and its scan.
    pub fn paper(record: Id) -> Self {
        Self { table: "paper", key: vec![record.into()] }
    }

    /// A route of a decision: who said what when.
    pub fn route(id: Id) -> Self {
        Self { table: "route", key: vec![id.into()] }
    }

    /// A file's name, size and SHA-256.
    pub fn file(id: Id) -> Self {
        Self { table: "file", key: vec![id.into()] }
    }

    /// A report of a duty done.
    pub fn attestation(id: Id) -> Self {
        Self { table: "attestation", key: vec![id.into()] }
    }

    fn name(&self) -> (String, String) {
        (self.table.to_owned(), key_text(&self.key))
    }
}

/// What was taken out of the journal.
#[derive(Debug, Clone)]
pub struct Extract {
    /// The file of entries: a head line, then for each entry its hash and, where it is concerned, its bytes.
    pub entries: String,
    /// The file of rows, a JSON object on each line, in the order in which they were asked for.
    pub rows: String,
    /// The entries whose bytes are in it.
    pub concerned: Vec<Entry>,
    /// How many entries the journal has.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

/// Takes out the rows asked for, those that are there, with every entry that ever vouched for them.
pub async fn extract(reading: &mut Reading, wanted: &[RowOf]) -> Result<Extract> {
    let mut rows = String::new();
    for row in wanted {
        if let Some(line) = line(reading, row).await? {
            rows.push_str(&line.to_string());
            rows.push('\n');
        }
    }
    let names: BTreeSet<(String, String)> = wanted.iter().map(RowOf::name).collect();
    let (mut entries, mut concerned, mut tree) = (format!("{EXTRACT}\n"), Vec::new(), Tree::default());
    let mut after = 0_i64;
    loop {
        let mut sql = Sql::new("SELECT seq, hash, bytes FROM journal WHERE seq > $1 ORDER BY seq", [after.into()]);
        sql.limit(PAGE);
        let page = reading.rows(sql).await?;
        let Some(last) = page.last() else { break };
        after = last.int(0)?;
        for row in &page {
            let (hash, bytes) = (row.bytes(1)?, row.bytes(2)?);
            let entry = Entry::from_bytes(&bytes)?;
            entries.push_str(&hex(&hash));
            if entry.rows.iter().any(|row| names.contains(&(row.table.clone(), row.key.clone()))) {
                let text = String::from_utf8(bytes).map_err(|_| Error::broken("an entry's bytes are not text"))?;
                let _ = write!(entries, " {text}");
                concerned.push(entry);
            }
            entries.push('\n');
            tree.push(hash.try_into().map_err(|_| Error::broken("an entry's hash is not a hash"))?);
        }
    }
    Ok(Extract { entries, rows, concerned, size: tree.size(), root: tree.root() })
}

/// Notes in the journal that evidence left: its hash, how many records it holds, and what it was asked for, in ids and days.
pub fn note_evidence(op: &mut Operation, permit: Permit, sha256: &[u8], records: usize, asked: &[(&str, &str)]) {
    op.enter(permit);
    op.note("sha256", hex(sha256));
    op.note("rows", records);
    asked.iter().for_each(|(name, id)| op.note(name, *id));
}

/// A row with its salt and its children, under the names of their columns.
async fn line(reading: &mut Reading, row: &RowOf) -> Result<Option<Json>> {
    let table = named(row.table)?;
    let mut sql = Sql::default();
    sql.push(&table.select());
    for (at, (column, value)) in table.key.iter().zip(&row.key).enumerate() {
        sql.push(if at == 0 { " WHERE " } else { " AND " }).push(column).push(" = ").bind(value.clone());
    }
    let Some(found) = reading.row_if_any(sql).await? else { return Ok(None) };
    let Some((salt, values)) = found.0.split_last() else { return Err(Error::broken("a row without columns")) };
    let names = table.key.iter().chain(table.columns).copied();
    let mut children = Map::new();
    for child in table.children {
        let columns = child.columns.join(", ");
        let mut sql = Sql::default();
        sql.push("SELECT ").push(&columns).push(" FROM ").push(child.name).push(" WHERE ").push(child.parent);
        sql.push(" = ").bind(row.key.first().cloned().unwrap_or(Value::Text(None))).push(" ORDER BY ").push(&columns);
        let all = reading.rows(sql).await?;
        let all = all.iter().map(|row| object(child.columns.iter().copied(), &row.0));
        children.insert(child.name.to_owned(), all.collect());
    }
    let mut line = json!({ "table": table.name, "row": object(names, values), "salt": written(salt) });
    if let (Some(line), false) = (line.as_object_mut(), children.is_empty()) {
        line.insert("children".to_owned(), Json::Object(children));
    }
    Ok(Some(line))
}

fn object<'a>(names: impl Iterator<Item = &'a str>, values: &[Value]) -> Json {
    names.map(str::to_owned).zip(values.iter().map(written)).collect::<Map<String, Json>>().into()
}

/// A value; bytes stand in an object, so that they are not taken for text.
fn written(value: &Value) -> Json {
    match value {
        Value::Int(Some(value)) => (*value).into(),
        Value::Text(Some(value)) => value.as_str().into(),
        Value::Bytes(Some(value)) => json!({ "hex": hex(value) }),
        Value::Int(None) | Value::Text(None) | Value::Bytes(None) => Json::Null,
    }
}

fn read_value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Text(None)),
        Json::Number(number) => Some(number.as_i64()?.into()),
        Json::String(text) => Some(text.as_str().into()),
        Json::Object(object) => Some(unhex(object.get("hex")?.as_str()?)?.into()),
        Json::Bool(_) | Json::Array(_) => None,
    }
}

/// Verifies an extract: its entries among themselves and with the checkpoint, and each row with the entries.
///
/// # Errors
/// When the files are not what [`extract`] writes, or the checkpoint was signed after they were written.
pub fn verify_extract(entries: impl BufRead, rows: impl BufRead, checkpoint: Option<Checkpoint>) -> Result<Verdict> {
    let signed = checkpoint.as_ref().map(|checkpoint| checkpoint.size);
    let mut walk = verify_lines(entries, checkpoint)?;
    if signed.is_some_and(|signed| signed > walk.verdict.entries + walk.verdict.withheld) {
        return Err(Error::new(
            Kind::Refused,
            "この確認印は、証跡を取り出した後に署名されています。取り出す前に署名されたものを指定するか、証跡をもう一度取り出してください。",
            "This checkpoint was signed after the evidence was taken. Give one that was signed before, or take the evidence again.",
        ));
    }
    for line in rows.lines() {
        let line = line.map_err(|error| unreadable(error.to_string()))?;
        let json: Json = serde_json::from_str(&line).map_err(|error| unreadable(error.to_string()))?;
        let (table, key, hash) = digest(&json).ok_or_else(|| unreadable("a line that is no row".to_owned()))?;
        walk.compare(table, key, hash);
    }
    Ok(walk.verdict)
}

fn unreadable(log: String) -> Error {
    Error::new(
        Kind::Invalid,
        "操作記録の抜粋を読めません。sekimori が書いたファイルをそのまま指定してください。",
        "The extract of the journal cannot be read. Give the files as sekimori wrote them.",
    )
    .logged(log)
}

/// The row of a line: its table, its key, and its hash as entries hold it.
fn digest(line: &Json) -> Option<(&'static Table, String, Hash)> {
    let table = named(line.get("table")?.as_str()?).ok()?;
    let salt = read_value(line.get("salt")?)?;
    let row = line.get("row")?;
    let columns = table.key.iter().chain(table.columns);
    let mut values: Vec<Value> = columns.map(|column| read_value(row.get(column)?)).collect::<Option<_>>()?;
    let key = key_text(values.get(..table.key.len())?);
    values.push(salt);
    let mut digest = RowDigest::new(table, &Row(values)).ok()?;
    for child in table.children {
        for row in line.get("children")?.get(child.name)?.as_array()? {
            digest.child(child, &child_values(child, row)?);
        }
    }
    Some((table, key, digest.finish()))
}

fn child_values(child: &Child, row: &Json) -> Option<Vec<Value>> {
    child.columns.iter().map(|column| read_value(row.get(column)?)).collect()
}
