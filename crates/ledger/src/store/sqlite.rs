//! SQLite, asked in the thread that needs the answer: no thread of its own, no channel to it and back.
//!
//! A statement holds its thread until it is answered, which is what the answer costs anyway; between statements other tasks get
//! their turn. Whoever waits for the one writer waits without a thread.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::ToSqlOutput;
use rusqlite::{CachedStatement, Connection, OpenFlags, Rows, ToSql, ffi};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ACQUIRE, Row, Sql, Value, busy};
use crate::{Error, Result};

/// Snapshots of a file that are open at the same time: more than requests can be between two statements, so that nobody who holds
/// one waits for another.
const READERS: usize = 64;
/// Connections that stay open when nobody uses them.
const KEPT: usize = 4;

/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(20);
/// How long a writer sleeps before it asks again for another process's lock.
const ASK_AGAIN: Duration = Duration::from_millis(10);

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 200;

/// Page cache of the writer and of each reader, in KiB. What does not fit is in the system's own cache, which all share.
const WRITER_CACHE: u32 = 8000;
const READER_CACHE: u32 = 4000;
/// Page cache of a file that is filled in one go, in KiB: what was written is looked up again for what comes after it.
const BUILDING_CACHE: u32 = 64_000;

/// An open file: one connection that writes, and those that read.
#[derive(Debug)]
pub(crate) struct File {
    writer: Arc<Connections>,
    readers: Arc<Connections>,
}

/// How safe a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// It is on the disk when it returns.
    Full,
    /// Nothing is safe before the file is closed and synchronised: for one that is filled in one go, and thrown away when that
    /// breaks off.
    None,
}

/// How connections of a kind are opened.
#[derive(Debug)]
struct Opening {
    file: PathBuf,
    create: bool,
    read_only: bool,
    safety: Safety,
}

/// Connections of a kind: those that are free, and leave for one more.
#[derive(Debug)]
struct Connections {
    opening: Opening,
    free: Mutex<Vec<Connection>>,
    leave: Arc<Semaphore>,
    most: usize,
}

impl File {
    /// Opens a file, making it when `create` allows it.
    pub(crate) fn open(file: PathBuf, create: bool, safety: Safety) -> Result<Self> {
        let kind = |opening: Opening, most: usize| {
            let free = Mutex::new(Vec::new());
            Arc::new(Connections { opening, free, leave: Arc::new(Semaphore::new(most)), most })
        };
        let writer = kind(Opening { file: file.clone(), create, read_only: false, safety }, 1);
        // The first connection makes the file, so that readers find it.
        writer.put_back(writer.opening.connect()?);
        let readers = match safety {
            Safety::Full => kind(Opening { file, create: false, read_only: true, safety }, READERS),
            // One connection for everything: what it has in its cache need not be read again.
            Safety::None => Arc::clone(&writer),
        };
        Ok(Self { writer, readers })
    }

    /// Begins the one transaction that writes. The lock is taken at once: a deferred transaction that reads first fails under
    /// load when it comes to write.
    pub(crate) async fn begin_write(&self) -> Result<Transaction> {
        let mut transaction = self.writer.take().await?;
        let began = Instant::now();
        loop {
            match transaction.begin("BEGIN IMMEDIATE", Duration::ZERO) {
                Ok(()) => return Ok(transaction),
                Err(error) if is_busy(&error) && began.elapsed() < BUSY => tokio::time::sleep(ASK_AGAIN).await,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Begins a transaction that only reads, all of it from one snapshot.
    pub(crate) async fn begin_read(&self) -> Result<Transaction> {
        let mut transaction = self.readers.take().await?;
        transaction.begin("BEGIN", BUSY)?;
        Ok(transaction)
    }

    /// Waits for the transactions under way and closes the file; its log is then folded into it.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl Opening {
    fn connect(&self) -> rusqlite::Result<Connection> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags.set(OpenFlags::SQLITE_OPEN_CREATE, self.create);
        let conn = Connection::open_with_flags(&self.file, flags)?;
        conn.busy_timeout(BUSY)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        // The plan of a statement does not depend on its values: otherwise SQLite plans many a statement anew each time that
        // values are bound to it, which costs more than the answer.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let pragmas = match (self.safety, self.read_only) {
            (Safety::Full, true) => format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{READER_CACHE}; PRAGMA query_only = ON"
            ),
            (Safety::Full, false) => {
                format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{WRITER_CACHE}")
            }
            (Safety::None, _) => format!(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; \
                 PRAGMA cache_size = -{BUILDING_CACHE}"
            ),
        };
        conn.execute_batch(&pragmas)?;
        conn.execute_batch("PRAGMA foreign_keys = ON")?;
        Ok(conn)
    }
}

impl Connections {
    async fn take(self: &Arc<Self>) -> Result<Transaction> {
        let leave = tokio::time::timeout(ACQUIRE, Arc::clone(&self.leave).acquire_owned()).await;
        let leave = leave.map_err(|_| busy().logged("no connection became free in time"))?;
        let leave = leave.map_err(|_| Error::broken("the store is closed"))?;
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match free {
            Some(conn) => conn,
            None => self.opening.connect()?,
        };
        Ok(Transaction { conn: Some(conn), home: Arc::clone(self), _leave: leave })
    }

    fn put_back(&self, conn: Connection) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < KEPT {
            free.push(conn);
        }
    }

    async fn close(&self) {
        let all = self.leave.acquire_many(u32::try_from(self.most).unwrap_or(u32::MAX)).await;
        self.leave.close();
        drop(all);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A transaction. Dropped without [`commit`](Self::commit), it changes nothing.
#[derive(Debug)]
pub(crate) struct Transaction {
    conn: Option<Connection>,
    home: Arc<Connections>,
    _leave: OwnedSemaphorePermit,
}

impl Transaction {
    fn conn(&self) -> Result<&Connection> {
        self.conn.as_ref().ok_or_else(|| Error::broken("a transaction that has ended"))
    }

    /// Whether the file is filled in one go.
    pub(crate) fn is_building(&self) -> bool {
        self.home.opening.safety == Safety::None
    }

    fn begin(&mut self, statement: &str, wait: Duration) -> rusqlite::Result<()> {
        let Some(conn) = &self.conn else { return Ok(()) };
        if wait != BUSY {
            conn.busy_timeout(wait)?;
        }
        let begun = conn.prepare_cached(statement).and_then(|mut statement| statement.execute([]));
        if wait != BUSY {
            conn.busy_timeout(BUSY)?;
        }
        begun.map(drop)
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &Sql) -> Result<u64> {
        let mut statement = bound(self.conn()?, sql)?;
        Ok(statement.raw_execute()? as u64)
    }

    /// Gives every row of an answer to a function.
    pub(crate) fn each(&mut self, sql: &Sql, mut to: impl FnMut(Row) -> Result<()>) -> Result<()> {
        let mut statement = bound(self.conn()?, sql)?;
        let columns = statement.column_count();
        let mut rows: Rows<'_> = statement.raw_query();
        while let Some(row) = rows.next()? {
            to(Row::from_sqlite(row, columns)?)?;
        }
        Ok(())
    }

    /// Several statements of the program, without values.
    pub(crate) fn script(&mut self, text: &str) -> Result<()> {
        Ok(self.conn()?.execute_batch(text)?)
    }

    pub(crate) fn commit(self) -> Result<()> {
        self.conn()?.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }
}

impl Drop for Transaction {
    /// Ends what was not committed and puts the connection back. One that cannot end is closed, which ends it.
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let ended = conn.is_autocommit()
            || conn.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([])).is_ok();
        if ended && !self.home.leave.is_closed() {
            self.home.put_back(conn);
        }
    }
}

/// A statement with its values in their places: `$3` takes the third, wherever it stands and however often.
fn bound<'a>(conn: &'a Connection, sql: &Sql) -> Result<CachedStatement<'a>> {
    // SQLite takes `$3` for a name, to be looked for among all names, and `?3` for a number.
    let mut statement = conn.prepare_cached(&sql.text.replace('$', "?"))?;
    for place in 1..=statement.parameter_count() {
        let value = sql.values.get(place - 1);
        let value = value.ok_or_else(|| Error::broken(format!("a place without a value in: {}", sql.text)))?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(statement)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Int(value) => value.to_sql(),
            Self::Text(value) => value.to_sql(),
            Self::Bytes(value) => value.to_sql(),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ffi::ErrorCode::DatabaseBusy)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let unique = [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
        match error.sqlite_error() {
            Some(failure) if unique.contains(&failure.extended_code) => super::taken().logged(error.to_string()),
            Some(_) if is_busy(&error) => busy().logged(error.to_string()),
            _ => Self::broken(error.to_string()),
        }
    }
}
