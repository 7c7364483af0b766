//! The same test on SQLite and on PostgreSQL.
//!
//! PostgreSQL is a throw-away cluster, shared by the processes of a test run and started by the first of them. It ends by
//! itself when no test has used it for two minutes. Every test has its own schema.

use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ledger::{Engine, Ledger, Location, SeededEntropy};
use tempfile::TempDir;

/// A new, empty store.
pub(crate) struct Fresh {
    pub(crate) ledger: Ledger,
    pub(crate) location: Location,
    _folder: TempDir,
}

/// Declares `mod NAME { fn sqlite; fn postgresql }` from one body that is given a [`Fresh`] store.
macro_rules! on_both_engines {
    ($(#[doc = $doc:literal])* async fn $name:ident($fresh:ident: Fresh) $body:block) => {
        $(#[doc = $doc])*
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from around it")]
            use super::*;
            async fn body($fresh: crate::engines::Fresh) $body
            #[test]
            fn sqlite() {
                crate::engines::run(ledger::Engine::Sqlite, body);
            }
            #[test]
            fn postgresql() {
                crate::engines::run(ledger::Engine::Postgres, body);
            }
        }
    };
}
pub(crate) use on_both_engines;

/// Runs a body on a fresh store of an engine.
pub(crate) fn run<F: Future<Output = ()>>(engine: Engine, body: impl FnOnce(Fresh) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let fresh = fresh(engine).await;
        body(fresh).await;
    });
}

/// A fresh store of an engine.
pub(crate) async fn fresh(engine: Engine) -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let location = match engine {
        Engine::Sqlite => Location::File(folder.path().join("ledger.db")),
        Engine::Postgres => Location::Server(schema(&cluster())),
    };
    let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(7))).await.unwrap();
    Fresh { ledger, location, _folder: folder }
}

/// A store that is filled in one go.
pub(crate) async fn building() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = Ledger::build(&file, Arc::new(SeededEntropy::new(7))).await.unwrap();
    Fresh { ledger, location: Location::File(file), _folder: folder }
}

/// Runs a statement behind sekimori's back; how many rows it changed.
pub(crate) async fn behind(location: &Location, sql: &str) -> u64 {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    match location {
        Location::File(file) => {
            let conn = rusqlite::Connection::open(file).unwrap();
            conn.execute_batch(sql).unwrap();
            conn.changes()
        }
        Location::Server(url) => {
            let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
            let done = conn.execute(AssertSqlSafe(sql.to_owned())).await.unwrap().rows_affected();
            conn.close().await.unwrap();
            done
        }
    }
}

/// How an engine writes no bytes.
pub(crate) fn empty_bytes(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "x''",
        Engine::Postgres => "''::bytea",
    }
}

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// The running cluster's folder, which also holds its socket.
fn cluster() -> PathBuf {
    let here = env!("CARGO_TARGET_TMPDIR").bytes().fold(5381_u32, |hash, b| hash.wrapping_mul(33) ^ u32::from(b));
    let root = std::env::temp_dir().join(format!("sekimori-tests-{here:08x}"));
    fs::create_dir_all(&root).unwrap();
    let lock = File::create(root.join("lock")).unwrap();
    lock.lock().unwrap();
    fs::write(root.join("used"), "").unwrap();
    let folder = root.join("cluster");
    if !answers(&folder) {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        start(&root, &folder);
    }
    folder
}

/// A command as a user who is not root, whom PostgreSQL refuses.
fn as_user(program: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        command
    } else {
        Command::new(program)
    }
}

fn answers(folder: &Path) -> bool {
    let probe = Command::new(format!("{BIN}/pg_isready")).arg("-q").arg("-h").arg(folder).status();
    probe.is_ok_and(|status| status.success())
}

fn start(root: &Path, folder: &Path) {
    let owned = Command::new("chown").arg("postgres").arg(folder).stderr(Stdio::null()).status();
    assert!(owned.is_ok(), "chown is missing");
    let data = folder.join("data");
    let made = as_user(&format!("{BIN}/initdb"))
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "-D"])
        .arg(&data)
        .current_dir("/")
        .output()
        .unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    // The server, and a watch that stops it two minutes after the last use.
    let script = r#"
        "$1/postgres" -D "$2" -k "$3" -c listen_addresses= -c fsync=off -c max_connections=200 &
        server=$!
        while kill -0 $server 2>/dev/null; do
            sleep 10
            [ -n "$(find "$4" -mmin -2 2>/dev/null)" ] || kill -INT $server
        done
    "#;
    let watch = as_user("setsid")
        .args(["sh", "-c", script, "sh", BIN])
        .arg(&data)
        .arg(folder)
        .arg(root.join("used"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It outlives this process on purpose.
    drop(watch);
    for _ in 0..300 {
        if answers(folder) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("PostgreSQL did not start in {}", folder.display());
}

/// Makes a schema of this test's own; its connection string.
fn schema(folder: &Path) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let made = Command::new(format!("{BIN}/psql"))
        .args(["-U", "postgres", "-q", "-c", &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")])
        .arg("-h")
        .arg(folder)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "CREATE SCHEMA failed");
    format!("postgres://postgres@localhost/postgres?host={}&options[search_path]={name}", folder.display())
}
