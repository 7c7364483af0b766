//! Any row or byte changed, deleted, swapped or inserted behind sekimori's back is named: every column of every table that the
//! journal vouches for, one after the other, on both engines.

use std::collections::BTreeMap;

use ledger::decisions::{self, Answer};
use ledger::facts::{self, Delivery};
use ledger::journal::{self, Problem, TABLES};
use ledger::people::{absences, accounts, tokens, units};
use ledger::permission::{self, Office, office};
use ledger::records::{self, Change, Paper};
use ledger::retention::{self, HoldReason};
use ledger::{Actor, Engine, Ledger, Moment, Permit, attestations, files, packs};
use pack::model::{Attestation, Nature, Period, Subjects};
use serde_json::json;

use crate::city::{NOON, add_unit, at_unit, fields, operator, text};
use crate::engines::{Fresh, behind, fresh};
use crate::packs::base;
use crate::records::Section;

/// A column as `schema.sql` declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    required: bool,
}

/// The columns of every table, and its primary key.
fn schema() -> BTreeMap<String, (Vec<Column>, Vec<String>)> {
    let text = include_str!("../../src/store/schema.sql");
    let text: String = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join(" ");
    let mut tables = BTreeMap::new();
    for table in text.split("CREATE TABLE ").skip(1) {
        let (name, rest) = table.split_once(" (").unwrap();
        let body = rest.split(" STRICT").next().unwrap().trim().strip_suffix(')').unwrap();
        let (body, keys) = body.split_once("PRIMARY KEY (").map_or((body, ""), |(body, key)| (body, key));
        let mut key: Vec<String> =
            keys.split([',', ')']).map(str::trim).filter(|k| !k.is_empty()).map(str::to_owned).collect();
        let mut columns = Vec::new();
        for column in body.split(',').map(str::trim).filter(|column| !column.is_empty()) {
            let words: Vec<&str> = column.split_whitespace().collect();
            let required = column.contains("NOT NULL") || column.contains("PRIMARY KEY");
            if column.ends_with("PRIMARY KEY") || words[1] == "AUTO" {
                key.push(words[0].to_owned());
            }
            columns.push(Column { name: words[0].to_owned(), kind: words[1].to_owned(), required });
        }
        tables.insert(name.to_owned(), (columns, key));
    }
    tables
}

/// The tables whose rows are part of what `verify` compares, each with the table that answers for its rows.
fn vouched() -> Vec<(&'static str, &'static str)> {
    let children = |table: &'static journal::Table| table.children.iter().map(move |child| (child.name, table.name));
    let rows = TABLES.iter().flat_map(|table| std::iter::once((table.name, table.name)).chain(children(table)));
    rows.chain([("file_part", "file"), ("unit_closure", "unit_closure")]).collect()
}

#[test]
fn every_column_of_a_vouched_table_is_hashed() {
    let schema = schema();
    assert!(schema.len() > 30, "the schema was not understood");
    for table in TABLES {
        let mut hashed: Vec<&str> = table.key.iter().chain(table.columns).copied().chain(["salt"]).collect();
        let mut stored: Vec<&str> = schema[table.name].0.iter().map(|column| column.name.as_str()).collect();
        hashed.sort_unstable();
        stored.sort_unstable();
        assert_eq!(hashed, stored, "{}", table.name);
        for child in table.children {
            let mut hashed: Vec<&str> = child.columns.iter().copied().chain([child.parent]).collect();
            // A number of the store's own ties the search index to its text.
            let stored = schema[child.name].0.iter().filter(|column| column.kind != "AUTO");
            let mut stored: Vec<&str> = stored.map(|column| column.name.as_str()).collect();
            hashed.sort_unstable();
            stored.sort_unstable();
            assert_eq!(hashed, stored, "{}", child.name);
        }
    }
}

/// A duty that the section's manager reports.
fn control() -> pack::model::Control {
    let mut control = ::pack::compile(&base()).pack.unwrap().controls[0].clone();
    control.nature = Nature::Attested(Attestation {
        by: at_unit("section_manager"),
        per: Subjects::Units,
        every: Period::Years(1),
        evidence: false,
        asks: text("何を確かめたか"),
    });
    control
}

/// A city in which every vouched table has a row, and most have two.
async fn whole(fresh: &Fresh) -> Section {
    let city = Section::new(fresh).await.with_security_staff().await;
    let leave =
        |op: &ledger::Operation, office_: Office| -> Permit { office(op, None, office_, "fill", "city", "").unwrap() };
    let (mut op, standing) = city.by(city.clerk).await;
    let mut scans = Vec::new();
    for name in ["図面.pdf", "写し.pdf"] {
        let permit = permission::attach(&op, Some(&standing)).unwrap();
        scans.push(files::add(&mut op, permit, name, "application/pdf", &vec![7_u8; 300_000][..]).await.unwrap().id);
    }
    op.commit().await.unwrap();
    for day in ["2026-11-19", "2026-11-20"] {
        let scan = city.scanned(city.clerk).await;
        city.enters(city.clerk, Paper { person: city.manager, dated: day.parse().unwrap(), scan }).await.unwrap();
    }
    let mut outs = Vec::new();
    for (i, scan) in scans.iter().enumerate() {
        let asset = json!({"name": format!("台帳{i}"), "scan": scan.to_string(), "serial": format!("S{i}"), "readers": [city.stranger.to_string()]});
        let asset = city.create(city.clerk, "assets", asset).await.unwrap();
        city.edit(city.manager, asset.id, 1, json!({"count": 5})).await.unwrap();
        outs.push(
            city.create(city.clerk, "takeouts", json!({"name": "会場", "asset": asset.id.to_string()})).await.unwrap(),
        );
    }
    let mut op = operator(&fresh.ledger).await;
    let closed: [ledger::Id; 2] = [
        add_unit(&mut op, "旧課", Some(city.unit), "2020-04-01").await,
        add_unit(&mut op, "旧室", Some(city.unit), "2020-04-01").await,
    ];
    for unit in closed {
        let permit = leave(&op, Office::People);
        units::close(&mut op, permit, unit, "2026-04-01".parse().unwrap(), &[city.other]).await.unwrap();
    }
    for (person, login) in [(city.clerk, "clerk"), (city.manager, "manager")] {
        let permit = leave(&op, Office::People);
        absences::set(&mut op, permit, person, NOON, Some(NOON.plus_ms(1000))).await.unwrap();
        let permit = leave(&op, Office::Accounts);
        let account = accounts::add(&mut op, permit, person, login).await.unwrap();
        let permit = leave(&op, Office::Accounts);
        accounts::add_credential(&mut op, permit, account, "password", "", vec![1, 2, 3]).await.unwrap();
        let permit = leave(&op, Office::Accounts);
        tokens::create(&mut op, permit, account, "script", &["read".to_owned()], Some(NOON.plus_ms(1))).await.unwrap();
    }
    let permit = leave(&op, Office::People);
    absences::set_substitutes(&mut op, permit, city.unit, "section_manager", &[city.clerk, city.stranger])
        .await
        .unwrap();
    for day in ["2027-04-01", "2027-05-01"] {
        let permit = leave(&op, Office::Facts);
        attestations::plan(&mut op, permit, &format!("control-{day}"), Some(day.parse().unwrap()), "委員会")
            .await
            .unwrap();
    }
    for reason in [HoldReason::Audit, HoldReason::Dispute] {
        let permit = leave(&op, Office::Retention);
        retention::hold(&mut op, permit, outs[0].id, reason, "監査中").await.unwrap();
    }
    op.commit().await.unwrap();
    decided(&city, &outs).await;
    policy_and_facts(&city).await;
    disposals(&city).await;
    city
}

/// A route of each take-out, one of which is decided; two reports.
async fn decided(city: &Section, outs: &[records::Record]) {
    let pack = crate::decisions::with_route(city.pack.clone());
    let register = pack.register("takeouts").unwrap();
    for out in outs {
        let (mut op, standing) = city.by(city.clerk).await;
        let submit = register.transition("submit").unwrap();
        records::step(&mut op, &pack, Some(&standing), register, out.id, submit, Change::default()).await.unwrap();
        op.commit().await.unwrap();
    }
    let (mut op, standing) = city.by(city.manager).await;
    decisions::agree(&mut op, &pack, &standing, register, outs[0].id, Answer::default()).await.unwrap();
    let control = control();
    for day in ["2026-11-01", "2026-11-02"] {
        let permit = permission::attest(&mut op, &standing, &control, Some(city.unit)).await.unwrap();
        let subject = format!("unit:{}", city.unit);
        let report = attestations::Report {
            control: &control,
            subject,
            on: day.parse().unwrap(),
            note: "確かめた".to_owned(),
            file: None,
        };
        attestations::attest(&mut op, permit, report).await.unwrap();
    }
    op.commit().await.unwrap();
}

/// Two versions of a policy, and two deliveries of a source.
async fn policy_and_facts(city: &Section) {
    let source = base();
    let compiled = ::pack::compile(&source).pack.unwrap();
    for version in ["1", "2"] {
        let mut op = city.ledger.operation(Actor::Operator("起案".to_owned()), NOON).await.unwrap();
        let files: Vec<(String, Vec<u8>)> = source
            .files()
            .map(|(path, bytes)| {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                (
                    path.to_owned(),
                    text.replace(
                        "id = \"small\"\nversion = \"1\"",
                        &format!("id = \"small\"\nversion = \"{version}\""),
                    )
                    .into_bytes(),
                )
            })
            .collect();
        let bytes = packs::to_bytes(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
        let permit = office(&op, None, Office::Packs, "propose", "pack", "").unwrap();
        let proposal =
            packs::Proposal { source: bytes, note: "改正".to_owned(), effective: "2027-04-01".parse().unwrap() };
        packs::propose(&mut op, permit, proposal).await.unwrap();
        op.commit().await.unwrap();
    }
    let data = &compiled.sources[0];
    for (i, name) in ["一回目.csv", "二回目.csv"].into_iter().enumerate() {
        let mut op = operator(&city.ledger).await;
        let permit = office(&op, None, Office::Facts, "import", "source", &data.id).unwrap();
        let delivery =
            Delivery { file_name: name.to_owned(), sha256: vec![u8::try_from(i).unwrap(); 32], as_of: NOON.day() };
        let row = |key: &str| fields(json!({ data.key.as_str(): key }));
        facts::replace(&mut op, permit, data, delivery, &[row("a"), row("b")]).await.unwrap();
        op.commit().await.unwrap();
    }
}

/// Two proposals of disposal, years later.
async fn disposals(city: &Section) {
    let mut pack = city.pack.clone();
    let register = pack.registers.iter_mut().find(|register| register.id == "assets").unwrap();
    register.lifecycle.states.iter_mut().for_each(|state| state.is_final = true);
    let later = Moment(NOON.0 + 20 * 366 * 86_400_000);
    for name in ["古い1", "古い2"] {
        let (mut op, standing) = city.by(city.clerk).await;
        let new = records::NewRecord { fields: fields(json!({ "name": name })), ..records::NewRecord::default() };
        let record = records::create(&mut op, &pack, Some(&standing), &pack.registers[0], new).await.unwrap();
        op.commit().await.unwrap();
        let mut op = city.ledger.operation(Actor::Operator("係".to_owned()), later).await.unwrap();
        let permit = office(&op, None, Office::Retention, "propose", "disposal", "").unwrap();
        retention::propose(&mut op, permit, &pack, &[record.id], "満了").await.unwrap();
        op.commit().await.unwrap();
    }
}

fn bytes(engine: Engine, hex: &str) -> String {
    match engine {
        Engine::Sqlite => format!("x'{hex}'"),
        Engine::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

/// The same value changed a little.
fn other(engine: Engine, column: &Column) -> String {
    let name = &column.name;
    match column.kind.as_str() {
        "TEXT" => format!("coalesce({name}, '') || 'x'"),
        "INTEGER" | "AUTO" => format!("coalesce({name}, 0) + 1000"),
        _ => bytes(engine, "0badf00d"),
    }
}

/// The columns of a table that unique indexes are over.
fn unique(table: &str) -> Vec<String> {
    let text = include_str!("../../src/store/schema.sql");
    let here = text.split("CREATE UNIQUE INDEX ").skip(1).filter_map(|index| {
        let (on, rest) = index.split_once(" ON ")?.1.split_once(" (")?;
        (on == table).then(|| rest.split(')').next().unwrap_or_default())
    });
    here.flat_map(|columns| columns.split(", ")).map(str::to_owned).collect()
}

/// The row at a place in the order of the key.
fn row(table: &str, key: &[String], place: u64) -> String {
    let list = key.join(", ");
    let left = if key.len() == 1 { list.clone() } else { format!("({list})") };
    format!("{left} = (SELECT {list} FROM {table} ORDER BY {list} LIMIT 1 OFFSET {place})")
}

/// Everything that is tried on a table with so many rows.
fn tamperings(
    engine: Engine,
    table: &str,
    columns: &[Column],
    key: &[String],
    rows: u64,
    random: &mut u64,
) -> Vec<String> {
    let mut place = || {
        // A linear congruential step (Knuth, MMIX).
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*random >> 33) % rows
    };
    let mut all = Vec::new();
    let mut add = |sql: String| all.push(sql);
    for column in columns.iter().filter(|column| column.kind != "AUTO") {
        let (name, one) = (&column.name, row(table, key, place()));
        add(format!("UPDATE {table} SET {name} = {} WHERE {one}", other(engine, column)));
        if !column.required {
            add(format!("UPDATE {table} SET {name} = NULL WHERE {name} IS NOT NULL AND {one}"));
        }
        // Two values of a unique column cannot be exchanged in one statement; that either is changed is tried above.
        if rows > 1 && !key.contains(name) && !unique(table).contains(name) {
            let (a, b) = (place(), place());
            let pick =
                |place: u64| format!("(SELECT {name} FROM {table} ORDER BY {} LIMIT 1 OFFSET {place})", key.join(", "));
            add(format!(
                "UPDATE {table} SET {name} = CASE WHEN {} THEN {} ELSE {} END WHERE {} OR {}",
                row(table, key, a),
                pick(b),
                pick(a),
                row(table, key, a),
                row(table, key, b)
            ));
        }
    }
    add(format!("DELETE FROM {table} WHERE {}", row(table, key, place())));
    add(format!("DELETE FROM {table}"));
    let names: Vec<&str> = columns.iter().filter(|c| c.kind != "AUTO").map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns
        .iter()
        .filter(|column| column.kind != "AUTO")
        .map(|column| match column.kind.as_str() {
            // Another row in everything that has to be different somewhere.
            "TEXT" => other(engine, column),
            "INTEGER" if key.contains(&column.name) => other(engine, column),
            "BYTES" if column.name == "hash" => other(engine, column),
            _ => column.name.clone(),
        })
        .collect();
    add(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {}",
        names.join(", "),
        values.join(", "),
        row(table, key, place())
    ));
    all
}

async fn count(ledger: &Ledger, table: &str) -> u64 {
    let mut reading = ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
    let mut sql = ledger::Sql::default();
    sql.push("SELECT count(*) FROM ").push(table);
    u64::try_from(reading.row(sql).await.unwrap().int(0).unwrap()).unwrap()
}

async fn problems(ledger: &Ledger) -> Vec<Problem> {
    let mut reading = ledger.reading(Actor::Operator("audit".to_owned()), NOON).await.unwrap();
    journal::verify(&mut reading, None).await.unwrap().problems
}

/// Whether a table is not what was saved of it: a tampering may have changed nothing.
async fn differs(ledger: &Ledger, table: &str) -> bool {
    let only = |here: &str, there: &str| {
        format!("(SELECT count(*) FROM (SELECT * FROM {here} EXCEPT SELECT * FROM {there}) AS d)")
    };
    let saved = format!("saved_{table}");
    let mut sql = ledger::Sql::default();
    sql.push("SELECT ").push(&only(table, &saved)).push(" + ").push(&only(&saved, table));
    let mut reading = ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
    reading.row(sql).await.unwrap().int(0).unwrap() > 0
}

/// Puts a table back as it was saved.
async fn put_back(fresh: &Fresh, table: &str) {
    behind(&fresh.location, &format!("DELETE FROM {table}")).await;
    behind(&fresh.location, &format!("INSERT INTO {table} SELECT * FROM saved_{table}")).await;
}

async fn tampered(engine: Engine) {
    let fresh = fresh(engine).await;
    let city = whole(&fresh).await;
    assert_eq!(problems(&city.ledger).await, []);
    let schema = schema();
    let mut random =
        std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122_u64);
    let mut tables = vouched();
    tables.extend([("journal", "journal"), ("journal_head", "journal")]);
    let mut tried = 0;
    for (table, answers) in tables {
        let (columns, key) = &schema[table];
        let rows = count(&city.ledger, table).await;
        assert!(rows > 0, "the test's city has no row in {table}");
        behind(&fresh.location, &format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}")).await;
        for tampering in tamperings(engine, table, columns, key, rows, &mut random) {
            behind(&fresh.location, &tampering).await;
            let changed = differs(&city.ledger, table).await;
            let found = problems(&city.ledger).await;
            let named = found.iter().any(|problem| match &problem.row {
                Some((named, _)) => named == answers || named == table,
                None => answers == "journal",
            });
            assert_eq!(named, changed, "{tampering}: {found:?}");
            tried += usize::from(changed);
            put_back(&fresh, table).await;
        }
        behind(&fresh.location, &format!("DROP TABLE saved_{table}")).await;
        assert_eq!(problems(&city.ledger).await, [], "after {table}");
    }
    assert!(tried > 300, "only {tried} changes were tried");
}

fn run(engine: Engine) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(tampered(engine));
}

#[test]
fn every_column_row_and_byte_is_named_on_sqlite() {
    run(Engine::Sqlite);
}

#[test]
fn every_column_row_and_byte_is_named_on_postgresql() {
    run(Engine::Postgres);
}
