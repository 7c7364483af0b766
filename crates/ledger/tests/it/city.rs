//! A small city that tests work in.

use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::permission::{Office, office};
use ledger::{Actor, Day, Id, Ledger, Moment, Operation};
use pack::model::{Calendar, Classes, Municipality, NetworkModel, Pack, Role, RoleLevel, Site, StaffCategory, Text};

/// 2026-11-22 12:00 in Tokyo.
pub(crate) const NOON: Moment = Moment(1_795_316_400_000);

/// A day that was long ago.
pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn text(ja: &str) -> Text {
    Text { ja: ja.to_owned(), en: None }
}

fn role(id: &str, level: RoleLevel, substitutes: &[&str]) -> Role {
    Role {
        id: id.to_owned(),
        name: text(id),
        short: None,
        level,
        most: None,
        second_factor: id != "staff",
        rank: 1,
        substitutes: substitutes.iter().map(|s| (*s).to_owned()).collect(),
        implied: id == "staff",
        site: Site::default(),
    }
}

/// A policy without registers.
pub(crate) fn bare_pack() -> Pack {
    let category = |id: &str, external| StaffCategory {
        id: id.to_owned(),
        name: text(id),
        in_scope: true,
        external,
        site: Site::default(),
    };
    Pack {
        id: "test".to_owned(),
        version: "1".to_owned(),
        municipality: Municipality { name: text("関守市"), code: None, notice: None, contact: None },
        calendar: Calendar::default(),
        bodies: Vec::new(),
        roles: vec![
            role("ciso", RoleLevel::Municipality, &[]),
            role("auditor", RoleLevel::Municipality, &[]),
            role("secretariat", RoleLevel::Municipality, &[]),
            role("section_manager", RoleLevel::Section, &["deputy_manager"]),
            role("deputy_manager", RoleLevel::Section, &[]),
            role("staff", RoleLevel::Person, &[]),
        ],
        forbidden_pairs: Vec::new(),
        staff_categories: vec![category("full_time", false), category("vendor", true)],
        classes: Classes::default(),
        network_model: NetworkModel::Alpha,
        zones: Vec::new(),
        crossings: Vec::new(),
        threat_groups: Vec::new(),
        documents: Vec::new(),
        registers: Vec::new(),
        controls: Vec::new(),
        sources: Vec::new(),
        obligations: Vec::new(),
        unserved: Vec::new(),
        guideline: Vec::new(),
    }
}

/// An operation of the command line at noon.
pub(crate) async fn operator(ledger: &Ledger) -> Operation {
    ledger.operation(Actor::Operator("root".to_owned()), NOON).await.unwrap()
}

pub(crate) async fn add_unit(op: &mut Operation, name: &str, parent: Option<Id>, from: &str) -> Id {
    let permit = office(op, None, Office::People, "add", "unit", "").unwrap();
    let unit = units::NewUnit {
        code: name.to_owned(),
        name: name.to_owned(),
        body: "mayor".to_owned(),
        level: "section".to_owned(),
        parent,
        position: 0,
        from: day(from),
    };
    units::add(op, permit, unit).await.unwrap()
}

pub(crate) async fn add_person(op: &mut Operation, name: &str, category: &str, home: Id) -> Id {
    let permit = office(op, None, Office::People, "add", "person", "").unwrap();
    let data = persons::PersonData {
        code: name.to_owned(),
        name: name.to_owned(),
        name_shown: None,
        kana: name.to_owned(),
        mail: String::new(),
        category: category.to_owned(),
        from: day("2020-04-01"),
        to: None,
    };
    let id = persons::add(op, permit, data).await.unwrap();
    give(op, id, AFFILIATION, home, "2020-04-01", None).await;
    id
}

pub(crate) async fn give(op: &mut Operation, person: Id, role: &str, unit: Id, from: &str, to: Option<&str>) -> Id {
    let permit = office(op, None, Office::People, "give", "post", "").unwrap();
    let post = posts::NewPost {
        person,
        role: role.to_owned(),
        unit,
        main: true,
        acting: false,
        from: day(from),
        to: to.map(day),
    };
    posts::give(op, permit, post).await.unwrap()
}
