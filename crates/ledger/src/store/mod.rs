//! The store: one way to ask both engines.

pub(crate) mod dump;
mod engine;
mod row;
mod sql;
mod sqlite;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Postgres};

pub use engine::{Engine, Location};
pub use row::Row;
pub use sql::{Sql, Value};
use sqlite::Safety;

use crate::{Error, Kind, Result};

/// The layout of the store that this program writes.
const LAYOUT: i64 = 3;

/// What brings a store of each earlier layout to the next. None may change what the journal has hashed.
const UPGRADES: [(i64, &str); 1] = [(2, include_str!("from_2.sql"))];

/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(30);

/// Connections to a PostgreSQL server for snapshots, and for operations. They do not share: an operation may begin while a snapshot
/// is open, and must not wait for the snapshots of others who wait for an operation.
const POSTGRES_READERS: u32 = 16;
const POSTGRES_WRITERS: u32 = 8;

/// An open store. SQLite has one writer; everyone else waits for it in a queue, not in the file's lock.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    Sqlite(Arc<sqlite::File>),
    Postgres { writers: PgPool, readers: PgPool },
}

impl Store {
    /// Opens the store, making its tables when it is empty and `create` allows it.
    pub(crate) async fn open(location: &Location, create: bool) -> Result<Self> {
        let store = match location {
            Location::File(file) => {
                if !create && !file.exists() {
                    return Err(missing(&file.display().to_string()));
                }
                return Self::open_file(file, create, Safety::Full).await;
            }
            Location::Server(url) => {
                let options = PgConnectOptions::from_str(url)?.statement_cache_capacity(200);
                let pool = |most| PgPoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE);
                let writers = pool(POSTGRES_WRITERS).connect_with(options.clone()).await;
                let writers = writers.map_err(|error| unreachable(&error))?;
                Self::Postgres { writers, readers: pool(POSTGRES_READERS).connect_lazy_with(options) }
            }
        };
        store.prepare(create, "PostgreSQL").await?;
        Ok(store)
    }

    /// Opens a file that is filled in one go: nothing of it is safe before it is closed.
    pub(crate) async fn building(file: &Path) -> Result<Self> {
        Self::open_file(file, true, Safety::None).await
    }

    async fn open_file(file: &Path, create: bool, safety: Safety) -> Result<Self> {
        let store = Self::Sqlite(Arc::new(sqlite::File::open(file.to_owned(), create, safety)?));
        store.prepare(create, &file.display().to_string()).await?;
        Ok(store)
    }

    async fn prepare(&self, create: bool, place: &str) -> Result<()> {
        let mut conn = self.begin_write().await?;
        let made = conn.row(Sql::new(self.engine().made(), [])).await?.int(0)? > 0;
        if !made {
            if !create {
                return Err(missing(place));
            }
            conn.script(self.engine().schema()).await?;
            conn.script(self.engine().search_schema().to_owned()).await?;
            let head = "INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, $1)";
            conn.execute(Sql::new(head, [Vec::new().into()])).await?;
            conn.execute(Sql::new("INSERT INTO meta (name, value) VALUES ('layout', $1)", [LAYOUT.to_string().into()]))
                .await?;
            return conn.commit().await;
        }
        let mut sql = Sql::new("SELECT value FROM meta WHERE name = 'layout'", []);
        sql.push(self.engine().for_update());
        let mut layout = conn.row(sql).await?.text(0)?;
        if layout == LAYOUT.to_string() {
            return conn.rollback().await;
        }
        for (from, statements) in UPGRADES {
            if layout == from.to_string() {
                conn.script(self.engine().dialect(statements)).await?;
                layout = (from + 1).to_string();
            }
        }
        if layout != LAYOUT.to_string() {
            return Err(Error::refused(
                format!(
                    "データの形式（{layout}）がこのプログラムの形式（{LAYOUT}）と異なります。対応する版の sekimori で開いてください。"
                ),
                format!(
                    "The data has layout {layout} and this program reads layout {LAYOUT}. Open it with the matching version of sekimori."
                ),
            ));
        }
        conn.execute(Sql::new("UPDATE meta SET value = $1 WHERE name = 'layout'", [layout.into()])).await?;
        conn.commit().await
    }

    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres { .. } => Engine::Postgres,
        }
    }

    pub(crate) async fn begin_write(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite(file) => Conn::Sqlite(file.begin_write().await?),
            Self::Postgres { writers, .. } => {
                Conn::Postgres(writers.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?)
            }
        })
    }

    /// Begins a transaction that only reads, all of it from one snapshot.
    pub(crate) async fn begin_read(&self) -> Result<Conn> {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(match self {
            Self::Sqlite(file) => Conn::Sqlite(file.begin_read().await?),
            Self::Postgres { readers, .. } => Conn::Postgres(readers.begin_with(BEGIN).await?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(file) => file.close().await,
            Self::Postgres { writers, readers } => {
                readers.close().await;
                writers.close().await;
            }
        }
    }
}

fn missing(place: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("「{place}」に sekimori のデータがありません。場所を確かめるか、demo か serve で作成してください。"),
        format!("'{place}' holds no sekimori data. Check the place, or make it with demo or serve."),
    )
}

/// A server that cannot be reached, or is not the one that was meant.
fn unreachable(error: &sqlx::Error) -> Error {
    Error::new(
        Kind::Refused,
        format!(
            "PostgreSQLに接続できません：{error}。データベースのアドレス、sslmode と sslrootcert（認証局の証明書）を確かめてください。"
        ),
        format!(
            "PostgreSQL cannot be reached: {error}. Check the database's address, sslmode and sslrootcert (the authority's certificate)."
        ),
    )
}

fn busy() -> Error {
    Error::new(
        Kind::Busy,
        "混み合っています。少し待ってからもう一度お試しください。",
        "The store is busy. Please try again in a moment.",
    )
}

/// A value that has to be the only one of its kind is there already.
fn taken() -> Error {
    Error::new(Kind::Conflict, "同じ値がすでに登録されています。", "The same value is already recorded.")
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => taken().logged(db.message()),
            // serialization_failure, deadlock_detected.
            sqlx::Error::Database(db) if matches!(db.code().as_deref(), Some("40001" | "40P01")) => {
                busy().logged(db.message())
            }
            sqlx::Error::PoolTimedOut => busy().logged("no connection became free in time"),
            _ => Self::broken(error.to_string()),
        }
    }
}

/// A transaction on either engine. Dropped without [`commit`](Conn::commit), it changes nothing.
pub(crate) enum Conn {
    Sqlite(sqlite::Transaction),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// A query with its values in their places.
fn bound(sql: Sql) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
    sql.values.into_iter().fold(sqlx::query(AssertSqlSafe(sql.text)), |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

impl Conn {
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether the store is filled in one go, and its search index made at the end.
    pub(crate) fn is_building(&self) -> bool {
        matches!(self, Self::Sqlite(tx) if tx.is_building())
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: Sql) -> Result<u64> {
        match self {
            Self::Sqlite(tx) => {
                tokio::task::consume_budget().await;
                tx.execute(&sql)
            }
            Self::Postgres(tx) => Ok(bound(sql).execute(&mut **tx).await?.rows_affected()),
        }
    }

    /// Gives every row of an answer to a function, without holding them all in memory.
    pub(crate) async fn each(&mut self, sql: Sql, mut to: impl FnMut(Row) -> Result<()>) -> Result<()> {
        match self {
            Self::Sqlite(tx) => {
                tokio::task::consume_budget().await;
                tx.each(&sql, to)
            }
            Self::Postgres(tx) => {
                let mut rows = bound(sql).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    to(Row::from_postgres(&row)?)?;
                }
                Ok(())
            }
        }
    }

    /// All rows of an answer.
    pub(crate) async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>> {
        let mut all = Vec::new();
        self.each(sql, |row| {
            all.push(row);
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// The only row, or none.
    pub(crate) async fn row_if_any(&mut self, sql: Sql) -> Result<Option<Row>> {
        Ok(self.rows(sql).await?.into_iter().next())
    }

    /// The only row, which has to be there.
    pub(crate) async fn row(&mut self, sql: Sql) -> Result<Row> {
        self.row_if_any(sql).await?.ok_or_else(|| Error::broken("a row that has to be there is missing"))
    }

    /// Several statements of the program, without values.
    pub(crate) async fn script(&mut self, text: String) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.script(&text),
            // The simple protocol takes several statements at once.
            Self::Postgres(tx) => Ok(sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **tx).await.map(|_| ())?),
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit(),
            Self::Postgres(tx) => Ok(tx.commit().await?),
        }
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => {
                drop(tx);
                Ok(())
            }
            Self::Postgres(tx) => Ok(tx.rollback().await?),
        }
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Conn({:?})", self.engine())
    }
}
