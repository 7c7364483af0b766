//! Backup of a running store, and restore into an empty one of either engine.
//!
//! A backup is one snapshot: a first line, then for each table its name and rows, then the SHA-256 of everything before. A
//! restored store is verified against its journal before it counts. Sessions are left out; the search index is made anew.

use std::io::{Read, Write};

use sha2::{Digest, Sha256};

use crate::journal::{self, Checkpoint, Verdict};
use crate::permission::Permit;
use crate::store::dump::{Layout, Type, layouts};
use crate::store::{Row, Sql, Value};
use crate::{Error, Kind, Moment, Operation, Reading, Result, records};

/// The first bytes of a backup.
const HEADER: &[u8] = b"sekimori backup 1\n";

/// Tables that are left out: sessions end with a restore.
const LEFT_OUT: &[&str] = &["session"];

/// Largest value, in bytes.
const VALUE_MAX: u64 = 128 * 1024 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Rows of all tables.
    pub rows: u64,
    /// SHA-256 of the file up to its own hash.
    pub sha256: [u8; 32],
}

/// Writes and hashes.
struct Hashing<'a, W> {
    out: &'a mut W,
    digest: Sha256,
}

impl<W: Write> Hashing<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.digest.update(bytes);
        self.out.write_all(bytes).map_err(|error| {
            Error::refused(format!("書き込めませんでした：{error}"), format!("It could not be written: {error}."))
        })
    }

    fn part(&mut self, tag: u8, bytes: &[u8]) -> Result<()> {
        self.put(&[tag])?;
        self.put(&(bytes.len() as u64).to_be_bytes())?;
        self.put(bytes)
    }

    fn value(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Int(None) | Value::Text(None) | Value::Bytes(None) => self.put(b"0"),
            Value::Int(Some(value)) => self.part(b'i', &value.to_be_bytes()),
            Value::Text(Some(value)) => self.part(b't', value.as_bytes()),
            Value::Bytes(Some(value)) => self.part(b'b', value),
        }
    }
}

/// Writes a backup from one snapshot, beside whatever else runs.
pub async fn write(reading: &mut Reading, out: &mut impl Write) -> Result<Backup> {
    let mut to = Hashing { out, digest: Sha256::new() };
    let mut rows = 0;
    to.put(HEADER)?;
    for layout in layouts().iter().filter(|layout| !LEFT_OUT.contains(&layout.table.as_str())) {
        to.part(b'T', layout.table.as_bytes())?;
        let row = |row: Row| {
            rows += 1;
            to.put(b"R")?;
            row.0.iter().try_for_each(|value| to.value(value))
        };
        reading.conn().each_row(layout, row).await?;
    }
    to.put(b"E")?;
    let sha256: [u8; 32] = to.digest.clone().finalize().into();
    to.put(&sha256)?;
    to.out.flush().map_err(|error| {
        Error::refused(format!("書き込めませんでした：{error}"), format!("It could not be written: {error}."))
    })?;
    Ok(Backup { rows, sha256 })
}

impl Backup {
    /// Notes in the journal that everything was copied: how many rows, and the copy's hash.
    pub fn note(&self, op: &mut Operation, permit: Permit) {
        op.enter(permit);
        op.note("rows", self.rows);
        op.note("sha256", journal::entry::hex(&self.sha256));
    }
}

fn unreadable(log: &str) -> Error {
    Error::new(
        Kind::Invalid,
        "バックアップファイルが壊れているか、途中で切れています。別のバックアップを使ってください。",
        "The backup is damaged or cut off. Use another backup.",
    )
    .logged(log)
}

/// Reads and hashes.
struct Checked<R> {
    input: R,
    digest: Sha256,
}

impl<R: Read> Checked<R> {
    fn take(&mut self, length: u64) -> Result<Vec<u8>> {
        if length > VALUE_MAX {
            return Err(unreadable("a value is too long"));
        }
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(length).read_to_end(&mut bytes);
        if read.map_err(|error| unreadable(&error.to_string()))? as u64 != length {
            return Err(unreadable("it ends too early"));
        }
        self.digest.update(&bytes);
        Ok(bytes)
    }

    fn tag(&mut self) -> Result<u8> {
        self.take(1)?.first().copied().ok_or_else(|| unreadable("it ends too early"))
    }

    fn part(&mut self) -> Result<Vec<u8>> {
        let length = self.take(8)?.try_into().map(u64::from_be_bytes).map_err(|_| unreadable("a length"))?;
        self.take(length)
    }

    fn value(&mut self, ty: Type) -> Result<Value> {
        Ok(match (self.tag()?, ty) {
            (b'0', ty) => ty.null(),
            (b'i', Type::Int) => {
                let bytes = self.part()?.try_into().map_err(|_| unreadable("a number"))?;
                i64::from_be_bytes(bytes).into()
            }
            (b't', Type::Text) => String::from_utf8(self.part()?).map_err(|_| unreadable("a text"))?.into(),
            (b'b', Type::Bytes) => self.part()?.into(),
            _ => return Err(unreadable("a value of another type")),
        })
    }
}

/// Reads a backup into the empty store of an operation, and verifies it; only then should the operation be committed.
/// Problems that the verification names are in the answer, and the caller decides not to commit.
pub async fn restore(op: &mut Operation, input: impl Read, checkpoint: Option<Checkpoint>) -> Result<Verdict> {
    if op.row(Sql::new("SELECT count(*) FROM journal", [])).await?.int(0)? > 0 {
        return Err(Error::refused(
            "復元先にはすでにデータがあります。空の場所を指定してください。",
            "There is data already where you want to restore. Choose an empty place.",
        ));
    }
    for table in ["meta", "journal_head"] {
        let mut sql = Sql::default();
        sql.push("DELETE FROM ").push(table);
        op.write_unjournaled(sql).await?;
    }
    let mut from = Checked { input, digest: Sha256::new() };
    if from.take(HEADER.len() as u64)? != HEADER {
        return Err(unreadable("wrong first line"));
    }
    let layouts = layouts();
    let mut open: Option<&Layout> = None;
    let mut batch: Vec<Vec<Value>> = Vec::new();
    loop {
        let tag = from.tag()?;
        if batch.len() >= 50 || (tag != b'R' && !batch.is_empty()) {
            insert(op, open, std::mem::take(&mut batch)).await?;
        }
        match tag {
            b'T' => {
                let name = from.part()?;
                open = layouts.iter().find(|layout| layout.table.as_bytes() == name);
                open.ok_or_else(|| unreadable("a table that is not known"))?;
            }
            b'R' => {
                let layout = open.ok_or_else(|| unreadable("a row without a table"))?;
                batch.push(layout.columns.iter().map(|(_, ty)| from.value(*ty)).collect::<Result<_>>()?);
            }
            b'E' => break,
            _ => return Err(unreadable("a mark that is not known")),
        }
    }
    let expected: [u8; 32] = from.digest.clone().finalize().into();
    if from.take(32)? != expected {
        return Err(unreadable("the hash does not agree"));
    }
    op.conn().continue_numbers().await?;
    records::rebuild_search(op).await?;
    journal::verify(op, checkpoint).await
}

async fn insert(op: &mut Operation, layout: Option<&Layout>, rows: Vec<Vec<Value>>) -> Result<()> {
    let Some(layout) = layout else { return Ok(()) };
    let mut sql = Sql::default();
    sql.push("INSERT INTO ").push(&layout.into()).push(" VALUES ");
    for (i, row) in rows.into_iter().enumerate() {
        sql.push(if i == 0 { "" } else { ", " }).bind_all(row);
    }
    op.write_unjournaled(sql).await?;
    Ok(())
}

/// The name that a backup of this moment gets.
pub fn file_name(at: Moment) -> String {
    let (hour, minute, second) = at.time_of_day();
    format!("sekimori-{}-{hour:02}{minute:02}{second:02}.backup", at.day())
}
