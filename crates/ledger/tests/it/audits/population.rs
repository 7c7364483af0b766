//! Populations, steps and ties, on both engines.

use std::collections::BTreeSet;
use std::path::Path;

use ledger::kinds::audit::{self, Around, Because, Verdict, as_result, draw, hash};
use ledger::people::AFFILIATION;
use ledger::records::{self, Adopted, Change, NewRecord, Record};
use ledger::{Actor, Id, Ledger, Moment};
use pack::Pack;
use serde_json::{Value as Json, json};

use crate::city::{self, NOON, add_person, add_unit, add_unit_of, give, joint_body};
use crate::engines::on_both_engines;

fn read_folder(root: &Path, at: &Path, source: &mut pack::Source) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, source);
        } else {
            source.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
        }
    }
}

/// The files of the shipped policy.
pub(super) fn files() -> pack::Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura");
    let mut source = pack::Source::new();
    read_folder(&root, &root, &mut source);
    source
}

fn shipped() -> Pack {
    pack::compile(&files()).pack.expect("the shipped policy compiles")
}

/// A city with two sections, and somebody who audits.
pub(super) struct Case {
    pub(super) ledger: Ledger,
    pub(super) pack: Pack,
    pub(super) desk: Id,
    tax: Id,
    pub(super) auditor: Id,
}

const DAY: i64 = 86_400_000;

fn at(days: i64) -> Moment {
    Moment(NOON.0 + days * DAY)
}

impl Case {
    pub(super) async fn new(ledger: Ledger) -> Self {
        let mut op = city::operator(&ledger).await;
        let desk = add_unit(&mut op, "市民課", None, "2020-04-01").await;
        let tax = add_unit(&mut op, "課税課", None, "2020-04-01").await;
        let side = add_unit(&mut op, "監査係", None, "2020-04-01").await;
        let auditor = add_person(&mut op, "監査 花子", "full_time", side).await;
        op.commit().await.unwrap();
        Self { ledger, pack: shipped(), desk, tax, auditor }
    }

    /// Makes a record as a part of the machine, and takes it through steps.
    pub(super) async fn made(&self, when: Moment, register: &str, unit: Id, fields: Json, steps: &[&str]) -> Record {
        let mut op = self.ledger.operation(Actor::Machine("test"), when).await.unwrap();
        let register = self.pack.register(register).unwrap();
        let new = NewRecord { unit: Some(unit), paper: None, fields: city::fields(fields) };
        let mut record = records::create(&mut op, &self.pack, None, register, new).await.unwrap();
        for step in steps {
            let step = register.transition(step).unwrap();
            record =
                records::step(&mut op, &self.pack, None, register, record.id, step, Change::default()).await.unwrap();
        }
        op.commit().await.unwrap();
        record
    }

    async fn step(&self, when: Moment, record: &Record, step: &str, fields: Json) -> ledger::Result<Record> {
        let mut op = self.ledger.operation(Actor::Machine("test"), when).await.unwrap();
        let register = self.pack.register(&record.register).unwrap();
        let change = Change { version: None, fields: city::fields(fields), reason: Some("試験".to_owned()) };
        let transition = register.transition(step).unwrap();
        let done = records::step(&mut op, &self.pack, None, register, record.id, transition, change).await?;
        op.commit().await?;
        Ok(done)
    }

    async fn asset(&self, days: i64, unit: Id, registered: bool) -> Record {
        let fields = json!({
            "name": "住民異動届", "kind": "paper", "confidentiality": "2", "integrity": "2", "availability": "1", "personal": "none",
            "origin": "made", "place": "書庫", "reviewed_on": "2026-04-01",
        });
        self.made(at(days), "assets", unit, fields, if registered { &["register"] } else { &[] }).await
    }

    pub(super) async fn audit(&self, auditors: &[Id]) -> Record {
        let auditors: Vec<String> = auditors.iter().map(ToString::to_string).collect();
        let fields = json!({
            "theme": "窓口", "kind": "internal", "auditors": auditors, "skills": "研修を受けた", "scope": "書類", "starts_on": "2026-11-20",
            "ends_on": "2026-12-20", "period_from": "2025-04-01", "period_to": "2026-03-31",
        });
        self.made(at(0), "audits", self.desk, fields, &[]).await
    }

    async fn sample(&self, audit: &Record, size: i64, reach: &str, seed: &str) -> Record {
        let fields = json!({
            "title": "棚卸し", "audit": audit.id.to_string(), "population": "assets", "reach": reach, "from_day": "2026-11-01",
            "until_day": "2026-11-30", "size": size, "seed": seed,
        });
        self.made(at(0), "audit-samples", self.desk, fields, &[]).await
    }
}

on_both_engines! {
    /// A population is what had been made by the end of the day before, and stays what it was.
    async fn a_population_stays_what_it_was(fresh: Fresh) {
        let case = Case::new(fresh.ledger).await;
        let mut wanted = BTreeSet::new();
        for days in [-9, -5, -1] {
            wanted.insert(case.asset(days, case.desk, true).await.number);
        }
        let moved = case.asset(-8, case.desk, true).await;
        wanted.insert(moved.number.clone());
        case.asset(-7, case.desk, false).await;
        case.asset(-6, case.tax, true).await;
        case.asset(-60, case.desk, true).await;
        case.asset(0, case.desk, true).await;
        let audit = case.audit(&[case.auditor]).await;
        let sample = case.sample(&audit, 3, "audited", "くじ 12 07").await;

        let forged = json!({ "population_hash": "0" });
        assert!(case.step(at(0), &sample, "freeze", forged).await.is_err(), "a step asks for nothing that it fills in");
        let frozen = case.step(at(0), &sample, "freeze", json!({})).await.unwrap();
        assert_eq!(frozen.int("population_count"), Some(4), "of the section, no draft, of the period, before today");
        assert_eq!(frozen.text("population_hash"), Some(hash(wanted.iter().map(String::as_str)).as_str()));
        assert_eq!((frozen.text("population_on"), frozen.text("seed_origin")), (Some("2026-11-21"), Some("typed")));
        assert!(frozen.texts("drawn").is_empty(), "the seed is written before anything is drawn");

        // What happens later changes nothing: new records, a move to another section, a step.
        case.asset(0, case.desk, true).await;
        let mut op = case.ledger.operation(Actor::Operator("root".to_owned()), at(1)).await.unwrap();
        let permit = ledger::permission::office(&op, None, ledger::permission::Office::People, "move", "record", "").unwrap();
        records::move_unit(&mut op, permit, moved.id, case.tax).await.unwrap();
        op.commit().await.unwrap();
        let drawn = case.step(at(2), &frozen, "draw", json!({})).await.unwrap();
        let sorted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        assert_eq!(drawn.texts("drawn"), draw("くじ 12 07", sorted, 3));
        assert!(case.step(at(2), &drawn, "draw", json!({})).await.is_err(), "it is drawn once");

        let results: Vec<String> = drawn.texts("drawn").iter().map(|n| as_result(n, Verdict::Fits, "現物を見た")).collect();
        let noted = case.step(at(3), &drawn, "note", json!({ "results": results[..2] })).await.unwrap();
        assert!(case.step(at(3), &noted, "finish", json!({})).await.is_err(), "one is not checked yet");
        let noted = case.step(at(3), &noted, "note", json!({ "results": results })).await.unwrap();
        assert_eq!(case.step(at(3), &noted, "finish", json!({})).await.unwrap().state, "closed");

        // Without a seed of their own: chance, and another each time.
        let whole = case.sample(&audit, 2, "all", "").await;
        let whole = case.step(at(0), &whole, "freeze", json!({})).await.unwrap();
        assert_eq!(whole.int("population_count"), Some(5), "of all sections");
        assert_eq!((whole.text("seed_origin"), whole.text("seed").map(str::len)), (Some("chance"), Some(24)));

        // No such register; nothing in it.
        let fields = json!({
            "title": "x", "audit": audit.id.to_string(), "population": "nothing", "from_day": "2026-11-01", "until_day": "2026-11-30",
            "size": 1,
        });
        let lost = case.made(at(0), "audit-samples", case.desk, fields, &[]).await;
        assert_eq!(case.step(at(0), &lost, "freeze", json!({})).await.unwrap_err().kind(), ledger::Kind::Invalid);
        let fields = json!({
            "title": "x", "audit": audit.id.to_string(), "population": "media", "from_day": "2026-11-01", "until_day": "2026-11-30",
            "size": 1,
        });
        let empty = case.made(at(0), "audit-samples", case.desk, fields, &[]).await;
        assert_eq!(case.step(at(0), &empty, "freeze", json!({})).await.unwrap_err().kind(), ledger::Kind::Refused);
    }
}

on_both_engines! {
    /// Who belongs to the audited section, or did in the period, or answers for an audited system, is not independent.
    async fn an_auditor_is_judged_by_posts_and_systems(fresh: Fresh) {
        let case = Case::new(fresh.ledger).await;
        let mut op = city::operator(&case.ledger).await;
        let moved = add_person(&mut op, "異動 太郎", "full_time", case.tax).await;
        give(&mut op, moved, AFFILIATION, case.desk, "2020-04-01", Some("2026-04-01")).await;
        let secret = add_person(&mut op, "内示 次郎", "full_time", case.tax).await;
        give(&mut op, secret, AFFILIATION, case.desk, "2027-04-01", None).await;
        op.commit().await.unwrap();
        let system = json!({
            "name": "住民記録システム", "business": "my_number", "zone": "mynumber", "confidentiality": "3B", "integrity": "2",
            "availability": "2", "hosting": "own", "manager": case.auditor.to_string(), "operators": [case.auditor.to_string()],
            "redundant": "active", "public_facing": "no",
        });
        let system = case.made(at(-1), "systems", case.tax, system, &["register"]).await;
        let around = Around::of(&case.pack, case.pack.register("audits").unwrap()).unwrap();
        let mut audit = case.audit(&[case.auditor, moved, secret]).await;
        let mut reading = case.ledger.reading(Actor::Machine("test"), at(0)).await.unwrap();
        let found = audit::violations(&mut reading, &case.pack, around.audits, &audit).await.unwrap();
        let who: Vec<(Id, bool)> = found.iter().map(|violation| (violation.person, violation.now)).collect();
        assert_eq!(who, [(moved, false)], "in the period; what is to come is not looked at");

        audit.fields.insert("systems".to_owned(), json!([system.id.to_string()]));
        let found = audit::violations(&mut reading, &case.pack, around.audits, &audit).await.unwrap();
        let fields: Vec<&str> = found
            .iter()
            .filter_map(|violation| match &violation.because {
                Because::System { field, .. } => Some(field.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(fields, ["manager", "operators"], "the record of the system names the auditor");
        reading.end().await.unwrap();
    }
}

on_both_engines! {
    /// A joint body (企業団) makes its own plans: an approved one of theirs is not the city's, and theirs is not found for the city.
    async fn a_plan_in_force_is_of_its_body(fresh: Fresh) {
        let mut case = Case::new(fresh.ledger).await;
        case.pack.bodies.push(joint_body("water"));
        let mut op = city::operator(&case.ledger).await;
        let water = add_unit_of(&mut op, "water", "広域水道企業団", None, "2020-04-01").await;
        let register = case.pack.register("audit-plans").unwrap();
        let mut numbers = Vec::new();
        for (unit, title) in [(case.desk, "市の中期計画"), (water, "企業団の中期計画")] {
            let plan = Adopted {
                number: None,
                unit,
                state: Some("live".to_owned()),
                applicant: None,
                fields: city::fields(json!({ "title": title, "span": "mid", "first_year": 2026 })),
            };
            numbers.push(records::adopt(&mut op, &case.pack, register, plan).await.unwrap().number);
        }
        let around = Around::of(&case.pack, case.pack.register("audits").unwrap()).unwrap();
        let mut found = Vec::new();
        for of in [Some(case.tax), None, Some(water)] {
            let plan = audit::in_force(&mut op, &case.pack, &around, of, ("mid", 2027)).await.unwrap();
            found.push(plan.map(|plan| plan.number));
        }
        assert_eq!(found, [0, 0, 1].map(|at| numbers.get(at).cloned()));
    }
}
