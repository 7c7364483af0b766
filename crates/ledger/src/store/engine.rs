//! Everything in which SQLite and PostgreSQL differ: this file, and the words of `schema.sql` that it replaces.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// Where a store is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A SQLite file, made when it is not there.
    File(PathBuf),
    /// A PostgreSQL connection string; `?options=-c%20search_path%3DNAME` chooses the schema.
    Server(String),
}

/// The engine of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite 3, write-ahead log.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

/// How long a writer waits for another process's writer.
const BUSY: Duration = Duration::from_secs(20);

impl Engine {
    /// The statements that make an empty store.
    pub(super) fn schema(self) -> String {
        let common = include_str!("schema.sql");
        match self {
            Self::Sqlite => common.replace("BYTES", "BLOB"),
            Self::Postgres => common
                .replace(" STRICT, WITHOUT ROWID", "")
                .replace(" STRICT", "")
                .replace("INTEGER", "BIGINT")
                .replace("TEXT", "TEXT COLLATE \"C\"")
                .replace("BYTES", "BYTEA"),
        }
    }

    /// What the search index is made of: SQLite's own full-text index without a copy of the text, or an array under GIN.
    pub(super) fn search_schema(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "CREATE VIRTUAL TABLE record_gram USING fts5(grams, content='', contentless_delete=1, detail=none, \
                 tokenize='ascii')"
            }
            Self::Postgres => {
                "CREATE TABLE record_gram (record_id TEXT COLLATE \"C\" PRIMARY KEY, grams TEXT[] NOT NULL); \
                 CREATE INDEX record_gram_by_gram ON record_gram USING GIN (grams)"
            }
        }
    }

    /// Whether the store has been made: one row with a number above zero.
    pub(super) fn made(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = 'meta'",
            Self::Postgres => {
                "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'"
            }
        }
    }

    /// Begins a transaction that writes. SQLite takes the write lock at once: a deferred transaction that reads first fails
    /// under load when it comes to write.
    pub(super) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    /// Begins a transaction that only reads, all of it from one snapshot.
    pub(super) fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Ends a `SELECT` whose rows this transaction will change. SQLite has one writer at a time anyway.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Ends a `SELECT` of jobs that several processes take from: locked ones are passed over.
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// How a SQLite file is opened.
pub(super) fn sqlite_options(file: &Path, create: bool, read_only: bool) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(200)
        .pragma("cache_size", "-8000");
    if read_only { options.pragma("query_only", "ON") } else { options }
}
