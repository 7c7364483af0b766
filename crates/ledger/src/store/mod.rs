//! The store: one way to ask both engines.

pub(crate) mod dump;
mod engine;
mod row;
mod sql;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Executor as _, Postgres, Sqlite, Transaction};

pub use engine::{Engine, Location};
pub use row::Row;
pub use sql::{Sql, Value};

use crate::{Error, Kind, Result};

/// The layout of the store that this program writes.
pub(crate) const LAYOUT: i64 = 2;

/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(30);

/// Connections that read a SQLite file at the same time.
const SQLITE_READERS: u32 = 4;

/// Connections to a PostgreSQL server.
const POSTGRES_CONNECTIONS: u32 = 16;

/// The open pools. SQLite has one writer; everyone else waits for it in the pool's queue, not in the file's lock.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl Store {
    /// Opens the store, making its tables when it is empty and `create` allows it.
    pub(crate) async fn open(location: &Location, create: bool) -> Result<Self> {
        let store = match location {
            Location::File(file) => {
                if !create && !file.exists() {
                    return Err(missing(&file.display().to_string()));
                }
                return Self::open_file(file, engine::sqlite_options(file, create, false), create).await;
            }
            Location::Server(url) => {
                let options = PgConnectOptions::from_str(url)?.statement_cache_capacity(200);
                let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE);
                Self::Postgres(pool.connect_with(options).await.map_err(|error| unreachable(&error))?)
            }
        };
        store.prepare(create, "PostgreSQL").await?;
        Ok(store)
    }

    /// Opens a file that is filled in one go: nothing of it is safe before it is closed.
    pub(crate) async fn building(file: &Path) -> Result<Self> {
        Self::open_file(file, engine::sqlite_building(file), true).await
    }

    async fn open_file(file: &Path, options: SqliteConnectOptions, create: bool) -> Result<Self> {
        let pool = |n| SqlitePoolOptions::new().max_connections(n).acquire_timeout(ACQUIRE).idle_timeout(None);
        let writer = pool(1).connect_with(options).await?;
        let readers = pool(SQLITE_READERS).connect_lazy_with(engine::sqlite_options(file, false, true));
        let store = Self::Sqlite { writer, readers };
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
        let layout = conn.row(Sql::new("SELECT value FROM meta WHERE name = 'layout'", [])).await?.text(0)?;
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
        conn.rollback().await
    }

    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) async fn begin_write(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Conn::Sqlite(writer.begin_with(Engine::Sqlite.begin_write()).await?),
            Self::Postgres(pool) => Conn::Postgres(pool.begin_with(Engine::Postgres.begin_write()).await?),
        })
    }

    pub(crate) async fn begin_read(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Conn::Sqlite(readers.begin_with(Engine::Sqlite.begin_read()).await?),
            Self::Postgres(pool) => Conn::Postgres(pool.begin_with(Engine::Postgres.begin_read()).await?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
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

/// A transaction on either engine. Dropped without [`commit`](Conn::commit), it changes nothing.
pub(crate) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Gives a query its values; the two engines' queries are different types.
macro_rules! bound {
    ($engine:ty, $sql:expr) => {{
        let mut query = sqlx::query::<$engine>(AssertSqlSafe($sql.text));
        for value in $sql.values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Conn {
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: Sql) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(tx) => bound!(Sqlite, sql).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => bound!(Postgres, sql).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// All rows of an answer.
    pub(crate) async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(tx) => bound!(Sqlite, sql).fetch_all(&mut **tx).await?.iter().map(Row::from_sqlite).collect(),
            Self::Postgres(tx) => {
                bound!(Postgres, sql).fetch_all(&mut **tx).await?.iter().map(Row::from_postgres).collect()
            }
        }
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
            Self::Sqlite(tx) => (**tx).execute(AssertSqlSafe(text)).await.map(|_| ())?,
            Self::Postgres(tx) => {
                // The simple protocol takes several statements at once.
                sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **tx).await.map(|_| ())?;
            }
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Conn({:?})", self.engine())
    }
}
