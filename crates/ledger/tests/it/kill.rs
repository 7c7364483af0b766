//! Kill -9 during writes: the store opens, the journal verifies, and no acknowledged write is lost.
//!
//! The writer is this test binary again, as a child that runs [`writes_until_it_is_killed`] with the store in its environment.
//! `SEKIMORI_KILL_ROUNDS` says how often; `./test --all` asks for a hundred.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ledger::people::Standing;
use ledger::records::{self, NewRecord};
use ledger::{Actor, Engine, Id, Ledger, Location, SystemEntropy, journal};
use serde_json::json;

use crate::city::{NOON, fields, pack};
use crate::engines::{Fresh, fresh};
use crate::records::Section;

const STORE: &str = "SEKIMORI_KILL_STORE";
const CLERK: &str = "SEKIMORI_KILL_CLERK";
const ROUNDS: &str = "SEKIMORI_KILL_ROUNDS";

/// The child's part: writes records and says each one's number once it is committed. Without a store, nobody asked it to.
#[test]
fn writes_until_it_is_killed() {
    let (Ok(store), Ok(clerk)) = (std::env::var(STORE), std::env::var(CLERK)) else { return };
    let location = if store.starts_with("postgres:") { Location::Server(store) } else { Location::File(store.into()) };
    let clerk: Id = clerk.parse().unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let ledger = Ledger::open(&location, Arc::new(SystemEntropy)).await.unwrap();
        let pack = pack();
        let register = pack.register("assets").unwrap();
        let mut out = std::io::stdout();
        loop {
            let mut op = ledger.operation(Actor::Person(clerk), NOON).await.unwrap();
            let standing = Standing::of(&mut op, &pack, clerk).await.unwrap();
            let new = NewRecord {
                fields: fields(json!({"name": "資産", "note": "x".repeat(3000)})),
                ..NewRecord::default()
            };
            let record = records::create(&mut op, &pack, Some(&standing), register, new).await.unwrap();
            op.commit().await.unwrap();
            writeln!(out, "\nwritten {}", record.number).unwrap();
            out.flush().unwrap();
        }
    });
}

fn place(fresh: &Fresh) -> String {
    match &fresh.location {
        Location::File(file) => file.display().to_string(),
        Location::Server(url) => url.clone(),
    }
}

/// Starts the child, kills it after a while, and gives the numbers that it acknowledged.
fn write_and_kill(store: &str, clerk: Id, after: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture"])
        .env(STORE, store)
        .env(CLERK, clerk.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let numbers = lines.map_while(Result::ok).filter_map(|l| l.strip_prefix("written ").map(str::to_owned));
        numbers.collect::<Vec<_>>()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

async fn rounds(engine: Engine) {
    let fresh = fresh(engine).await;
    let city = Section::new(&fresh).await;
    let store = place(&fresh);
    let rounds: u64 = std::env::var(ROUNDS).ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let (mut acknowledged, mut total) = (Vec::new(), 0);
    for round in 0..rounds {
        // Moments spread over the life of the child, from before its first write on.
        let after = Duration::from_millis(150 + round * 97 % 350);
        acknowledged.extend(write_and_kill(&store, city.clerk, after));
        let ledger = Ledger::open(&fresh.location, Arc::new(SystemEntropy)).await.unwrap();
        let mut reading = ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let verdict = journal::verify(&mut reading, None).await.unwrap();
        assert_eq!(verdict.problems, [], "round {round}");
        let register = city.pack.register("assets").unwrap();
        for number in &acknowledged {
            let kept = records::by_number(&mut reading, None, register, number).await.unwrap();
            assert!(kept.is_some(), "round {round}: {number} was acknowledged and is lost");
        }
        let all = records::all_stored(&mut reading, "assets").await.unwrap();
        assert!(all.len() >= acknowledged.len());
        // Numbers have no gap, whenever the writer died.
        let mut numbers: Vec<usize> =
            all.iter().map(|r| r.number.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=all.len()).collect::<Vec<_>>());
        total = all.len();
        reading.end().await.unwrap();
        ledger.close().await;
    }
    assert!(total > 0, "no round wrote anything");
}

#[test]
fn no_acknowledged_write_is_lost_on_sqlite() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(rounds(Engine::Sqlite));
}

#[test]
fn no_acknowledged_write_is_lost_on_postgresql() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(rounds(Engine::Postgres));
}
