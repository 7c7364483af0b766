//! One operation: who, when, one transaction, and the journal entries that leave it together with the rows.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::journal::{self, Table};
use crate::permission::Permit;
use crate::store::{Conn, Engine, Row, Sql, Value};
use crate::{Day, Entropy, Error, Id, Moment, Result};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person who signed in, or whose token it is.
    Person(Id),
    /// Whoever runs a command on the server, by the name of the login there.
    Operator(String),
    /// A part of sekimori that acts by itself, such as `deadlines`.
    Machine(&'static str),
}

impl Actor {
    /// The person, when it is one.
    pub fn person(&self) -> Option<Id> {
        match self {
            Self::Person(id) => Some(*id),
            Self::Operator(_) | Self::Machine(_) => None,
        }
    }
}

impl fmt::Display for Actor {
    /// As the journal writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Operator(name) => write!(f, "operator:{name}"),
            Self::Machine(part) => write!(f, "machine:{part}"),
        }
    }
}

/// A snapshot of the store with its asker and its moment.
#[derive(Debug)]
pub struct Reading {
    conn: Conn,
    actor: Actor,
    at: Moment,
}

impl Reading {
    pub(crate) fn new(conn: Conn, actor: Actor, at: Moment) -> Self {
        Self { conn, actor, at }
    }

    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// When.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// On which municipal day.
    pub fn today(&self) -> Day {
        self.at.day()
    }

    /// On which engine.
    pub fn engine(&self) -> Engine {
        self.conn.engine()
    }

    /// All rows of an answer.
    pub async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>> {
        self.conn.rows(sql).await
    }

    /// The first row, or none.
    pub async fn row_if_any(&mut self, sql: Sql) -> Result<Option<Row>> {
        self.conn.row_if_any(sql).await
    }

    /// The only row, which has to be there.
    pub async fn row(&mut self, sql: Sql) -> Result<Row> {
        self.conn.row(sql).await
    }

    pub(crate) async fn execute(&mut self, sql: Sql) -> Result<u64> {
        self.conn.execute(sql).await
    }

    pub(crate) fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Ends the snapshot. Dropping it does the same.
    pub async fn end(self) -> Result<()> {
        self.conn.rollback().await
    }
}

/// An entry that the operation will append.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) act: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) note: Map<String, Json>,
    pub(crate) touched: Vec<(&'static Table, Vec<Value>)>,
}

/// A transaction that writes. Nothing of it happens unless [`commit`](Self::commit) returns.
#[derive(Debug)]
pub struct Operation {
    reading: Reading,
    entropy: Arc<dyn Entropy>,
    entries: Vec<Pending>,
}

/// What an operation left in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its first entry's number.
    pub first: i64,
    /// Its last entry's number; below `first` when it wrote no entry.
    pub last: i64,
}

impl Operation {
    pub(crate) fn new(conn: Conn, actor: Actor, at: Moment, entropy: Arc<dyn Entropy>) -> Self {
        Self { reading: Reading::new(conn, actor, at), entropy, entries: Vec::new() }
    }

    /// A new id of this moment.
    pub fn new_id(&self) -> Result<Id> {
        Id::new(self.at, self.entropy.as_ref())
    }

    /// A new salt for a journaled row.
    pub(crate) fn new_salt(&self) -> Result<Vec<u8>> {
        self.random(16)
    }

    /// Random bytes, such as a session's name.
    pub fn random(&self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Uses up a permit: opens the journal entry that the writes which follow belong to.
    pub(crate) fn enter(&mut self, permit: Permit) {
        let Permit { act, kind, subject, note } = permit;
        self.entries.push(Pending { act, kind, subject, note, touched: Vec::new() });
    }

    /// Adds an id to the open entry's note. Never contents.
    pub(crate) fn note(&mut self, key: &str, value: impl Into<Json>) {
        if let Some(entry) = self.entries.last_mut() {
            entry.note.insert(key.to_owned(), value.into());
        }
    }

    /// Says what the open entry is about, when its id did not exist yet as leave was given.
    pub(crate) fn subject(&mut self, id: Id) {
        if let Some(entry) = self.entries.last_mut() {
            entry.subject = id.to_string();
        }
    }

    /// Runs a statement that changes the row of a journaled table, and adds that row to the open entry. How many rows changed.
    pub(crate) async fn write<const N: usize>(&mut self, table: &str, key: [Value; N], sql: Sql) -> Result<u64> {
        self.touch(table, key)?;
        self.reading.conn.execute(sql).await
    }

    /// Adds a row to the open entry; its hash is taken from the store at commit.
    pub(crate) fn touch<const N: usize>(&mut self, table: &str, key: [Value; N]) -> Result<()> {
        let table = journal::tables::named(table)?;
        let entry = self.entries.last_mut().ok_or_else(|| Error::broken("a write without a permit"))?;
        let row = (table, key.to_vec());
        if !entry.touched.iter().any(|(t, k)| t.name == table.name && *k == row.1) {
            entry.touched.push(row);
        }
        Ok(())
    }

    /// Runs a statement on what the journal does not vouch for: computed tables, sessions, counters, and children of a row
    /// that was touched.
    pub(crate) async fn write_unjournaled(&mut self, sql: Sql) -> Result<u64> {
        self.reading.conn.execute(sql).await
    }

    /// Appends the journal entries and commits everything at once.
    pub async fn commit(mut self) -> Result<Receipt> {
        let mut receipt = Receipt { first: 1, last: 0 };
        if !self.entries.is_empty() {
            let (first, last) = journal::append(&mut self.reading, std::mem::take(&mut self.entries)).await?;
            receipt = Receipt { first, last };
        }
        self.reading.conn.commit().await?;
        Ok(receipt)
    }
}

impl Deref for Operation {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

impl DerefMut for Operation {
    fn deref_mut(&mut self) -> &mut Reading {
        &mut self.reading
    }
}
