//! CPU time of the ledger's main answers on a made-up register: `cargo run --example ledger_speed -p ledger -- 5000`, on PostgreSQL with
//! the address of an empty database after the number.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops where it fails")]

use std::sync::Arc;

use ledger::people::{AFFILIATION, Standing, persons, posts, units};
use ledger::permission::{Office, office};
use ledger::records::{self, NewRecord, Page, Query, Sort};
use ledger::{Actor, Id, Ledger, Location, Moment, SeededEntropy};
use pack::Pack;
use serde_json::json;

const NOON: Moment = Moment(1_795_316_400_000);

/// The pack that the repository comes with.
fn policy() -> Pack {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura");
    let mut source = pack::Source::default();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                source.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    pack::compile(&source).pack.unwrap()
}

/// Milliseconds of CPU of this process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let own: f64 = stat.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let all: f64 = tasks
        .filter_map(|t| std::fs::read_to_string(t.ok()?.path().join("schedstat")).ok())
        .filter_map(|s| s.split(' ').next()?.parse::<f64>().ok())
        .sum();
    all.max(own) / 1e6
}

fn main() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(measure());
}

async fn measure() {
    let count: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(5000);
    let folder = tempfile::tempdir().unwrap();
    let location = match std::env::args().nth(2) {
        Some(url) => Location::Server(url),
        None => Location::File(folder.path().join("ledger.db")),
    };
    let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(1))).await.unwrap();
    let pack = policy();
    let clerk = people(&ledger).await;
    let register = pack.register("assets").unwrap();
    let before = cpu();
    let mut made = Vec::new();
    for i in 0..count {
        let mut op = ledger.operation(Actor::Person(clerk), NOON).await.unwrap();
        let standing = Standing::of(&mut op, &pack, clerk).await.unwrap();
        let fields = json!({"name": format!("情報資産の台帳その{i}"), "kind": "paper", "confidentiality": "2", "integrity": "2",
            "availability": "2", "personal": "none", "origin": "made", "place": format!("書庫{}", i % 40)});
        let new = NewRecord { fields: fields.as_object().unwrap().clone(), ..NewRecord::default() };
        made.push(records::create(&mut op, &pack, Some(&standing), register, new).await.unwrap());
        op.commit().await.unwrap();
    }
    println!("create with journal: {:.2} ms", (cpu() - before) / count as f64);
    let mut reading = ledger.reading(Actor::Person(clerk), NOON).await.unwrap();
    let standing = Standing::of(&mut reading, &pack, clerk).await.unwrap();
    let deep = u32::try_from(count * 4 / 5).unwrap_or(0);
    let by_name = Some(Sort { field: "place".to_owned(), descending: false });
    let queries = [
        ("list of 25", Query { limit: 25, count: true, ..Query::default() }),
        ("by a field", Query { limit: 25, count: true, sort: by_name, ..Query::default() }),
        ("deep page", Query { limit: 25, count: true, page: Page::Offset(deep), ..Query::default() }),
        ("search in list", Query { limit: 25, count: true, search: "書庫39".to_owned(), ..Query::default() }),
    ];
    for (name, query) in queries {
        let before = cpu();
        for _ in 0..20 {
            records::list(&mut reading, &pack, Some(&standing), register, &query).await.unwrap();
        }
        println!("{name}: {:.2} ms", (cpu() - before) / 20.0);
    }
    let before = cpu();
    for i in 0..20 {
        records::search(&mut reading, &pack, Some(&standing), &format!("その{i}"), 20).await.unwrap();
    }
    println!("search everywhere: {:.2} ms", (cpu() - before) / 20.0);
    let before = cpu();
    for record in made.iter().take(20) {
        records::get(&mut reading, Some(&standing), register, record.id).await.unwrap();
    }
    println!("one record: {:.2} ms", (cpu() - before) / 20.0);
    let before = cpu();
    let verdict = ledger::journal::verify(&mut reading, None).await.unwrap();
    println!(
        "verify {} entries, {} rows: {:.0} ms, {} problems",
        verdict.entries,
        verdict.rows,
        cpu() - before,
        verdict.problems.len()
    );
}

/// Twenty units and a clerk in one of them.
async fn people(ledger: &Ledger) -> Id {
    let mut op = ledger.operation(Actor::Machine("speed"), NOON).await.unwrap();
    let day = "2020-04-01".parse().unwrap();
    let mut home = None;
    for i in 0..20 {
        let permit = office(&op, None, Office::People, "add", "unit", "").unwrap();
        let name = format!("課{i}");
        let unit = units::NewUnit {
            code: name.clone(),
            name,
            body: "mayor".to_owned(),
            level: "section".to_owned(),
            parent: home,
            position: i,
            from: day,
        };
        let id = units::add(&mut op, permit, unit).await.unwrap();
        home = home.or(Some(id));
    }
    let permit = office(&op, None, Office::People, "add", "person", "").unwrap();
    let data = persons::PersonData {
        code: "1".to_owned(),
        name: "髙橋".to_owned(),
        name_shown: None,
        kana: "タカハシ".to_owned(),
        mail: String::new(),
        category: "full_time".to_owned(),
        from: day,
        to: None,
    };
    let person = persons::add(&mut op, permit, data).await.unwrap();
    for role in [AFFILIATION, "section_security_staff", "secretariat"] {
        let permit = office(&op, None, Office::People, "give", "post", "").unwrap();
        let post = posts::NewPost {
            person,
            role: role.to_owned(),
            unit: home.unwrap(),
            main: true,
            acting: false,
            from: day,
            to: None,
        };
        posts::give(&mut op, permit, post).await.unwrap();
    }
    op.commit().await.unwrap();
    person
}
