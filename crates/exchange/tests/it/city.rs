//! A city of four people with the shipped policy.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::permission::{Office, office};
use ledger::{Actor, Day, Id, Ledger, Location, Moment, Operation, SeededEntropy};
use pack::Pack;

/// 2026-11-23 12:00 in Tokyo.
pub(crate) const NOON: Moment = Moment(1_795_402_800_000);

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(folder: &Path, base: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, base, files);
        } else if path.file_name().is_some_and(|name| name != "README.md") {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read(&path).unwrap()));
        }
    }
}

/// The shipped pack.
pub(crate) fn sodegaura() -> Pack {
    let base = root().join("packs/sodegaura");
    let mut files = Vec::new();
    read(&base, &base, &mut files);
    let source: pack::Source = files.into_iter().collect();
    pack::compile(&source).pack.expect("the shipped pack passes its check")
}

pub(crate) struct City {
    pub(crate) ledger: Ledger,
    pub(crate) unit: Id,
    pub(crate) people: Vec<Id>,
    _folder: tempfile::TempDir,
}

/// Two units and four people, the first of whom heads the first unit.
pub(crate) async fn city(seed: u64) -> City {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("ledger.db"));
    let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(seed))).await.unwrap();
    let mut op = operator(&ledger).await;
    let from: Day = "2020-04-01".parse().unwrap();
    let mut made = Vec::new();
    for (code, name) in [("0105", "情報政策課"), ("0301", "市民課")] {
        let permit = office(&op, None, Office::People, "add", "unit", code).unwrap();
        let unit = units::NewUnit {
            code: code.to_owned(),
            name: name.to_owned(),
            body: "mayor".to_owned(),
            level: "section".to_owned(),
            parent: None,
            position: 0,
            from,
        };
        made.push(units::add(&mut op, permit, unit).await.unwrap());
    }
    let mut people = Vec::new();
    for (code, name) in [("10001", "髙橋 一郎"), ("10002", "山田 花子"), ("10003", "山田 花子"), ("10004", "渡邉　進")]
    {
        let permit = office(&op, None, Office::People, "add", "person", code).unwrap();
        let data = persons::PersonData {
            code: code.to_owned(),
            name: name.to_owned(),
            name_shown: None,
            kana: String::new(),
            mail: String::new(),
            category: "full_time".to_owned(),
            from,
            to: None,
        };
        let id = persons::add(&mut op, permit, data).await.unwrap();
        let mut roles = vec![AFFILIATION];
        if people.is_empty() {
            roles.push("section_manager");
        }
        for role in roles {
            let permit = office(&op, None, Office::People, "give", "post", role).unwrap();
            let (role, unit) = (role.to_owned(), made[0]);
            let post = posts::NewPost { person: id, role, unit, main: true, acting: false, from, to: None };
            posts::give(&mut op, permit, post).await.unwrap();
        }
        people.push(id);
    }
    op.commit().await.unwrap();
    City { ledger, unit: made[0], people, _folder: folder }
}

pub(crate) async fn operator(ledger: &Ledger) -> Operation {
    ledger.operation(Actor::Operator("root".to_owned()), NOON).await.unwrap()
}
