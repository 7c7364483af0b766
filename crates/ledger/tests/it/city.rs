//! A small city that tests work in.

use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::permission::{Office, office};
use ledger::{Actor, Day, Id, Ledger, Moment, Operation};
use pack::model::{
    Access, AccessRule, Axis, Body, BodyKind, Calendar, Choice, Class, Classes, Field, FieldType, Keep, Lifecycle,
    Municipality, NetworkModel, Pack, Period, Register, Retired, Role, RoleLevel, Site, StaffCategory, State, Term,
    TermScope, Text, Transition, TransitionRole,
};

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
        holders: Vec::new(),
        was: None,
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
        excluded_networks: Vec::new(),
        businesses: Vec::new(),
        sanitising: Vec::new(),
        people_back: Vec::new(),
        units_back: Vec::new(),
        questionnaires: Vec::new(),
        retired: Retired::default(),
    }
}

/// An operation of the command line at noon.
pub(crate) async fn operator(ledger: &Ledger) -> Operation {
    ledger.operation(Actor::Operator("root".to_owned()), NOON).await.unwrap()
}

pub(crate) async fn add_unit(op: &mut Operation, name: &str, parent: Option<Id>, from: &str) -> Id {
    add_unit_of(op, "mayor", name, parent, from).await
}

pub(crate) async fn add_unit_of(op: &mut Operation, body: &str, name: &str, parent: Option<Id>, from: &str) -> Id {
    let permit = office(op, None, Office::People, "add", "unit", "").unwrap();
    let unit = units::NewUnit {
        code: name.to_owned(),
        name: name.to_owned(),
        body: body.to_owned(),
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

fn field(id: &str, ty: FieldType, optional: bool) -> Field {
    Field {
        id: id.to_owned(),
        label: text(id),
        ty,
        optional,
        help: None,
        max: None,
        least: None,
        most: None,
        default: None,
        when: None,
        was: None,
        retired: false,
        site: Site::default(),
    }
}

fn choice(id: &str) -> Choice {
    Choice { id: id.to_owned(), label: text(id), was: None, retired: false, site: Site::default() }
}

pub(crate) fn rule(who: Term, states: &[&str]) -> AccessRule {
    AccessRule { who, states: states.iter().map(|s| (*s).to_owned()).collect() }
}

pub(crate) fn at_unit(role: &str) -> Term {
    Term::Role { role: role.to_owned(), scope: TermScope::Unit }
}

pub(crate) fn anywhere(role: &str) -> Term {
    Term::Role { role: role.to_owned(), scope: TermScope::All }
}

fn transition(id: &str, from: &str, to: &str, by: Vec<Term>) -> Transition {
    Transition {
        id: id.to_owned(),
        label: text(id),
        from: vec![from.to_owned()],
        to: to.to_owned(),
        by,
        when: None,
        role: TransitionRole::Step,
        need: Vec::new(),
        route: None,
        fills: Vec::new(),
        reason: false,
        site: Site::default(),
    }
}

fn register(id: &str, number: &str, fields: Vec<Field>) -> Register {
    let state =
        |id: &str, is_final| State { id: id.to_owned(), label: text(id), is_final, was: None, site: Site::default() };
    let mut back = transition("give_back", "out", "returned", vec![Term::Applicant]);
    back.fills = vec!["returned_on".to_owned()];
    back.reason = true;
    Register {
        id: id.to_owned(),
        title: text(id),
        menu: None,
        order: None,
        number: number.to_owned(),
        keep: Keep::For(Period::Years(5)),
        kind: None,
        in_force: Vec::new(),
        contract_clauses: Vec::new(),
        name: vec!["name".to_owned()],
        fields,
        columns: vec!["name".to_owned()],
        unique: Vec::new(),
        back: Vec::new(),
        access: Access {
            view: vec![
                rule(Term::Applicant, &[]),
                rule(at_unit("section_manager"), &["asked", "out"]),
                rule(anywhere("auditor"), &[]),
            ],
            create: vec![rule(at_unit("staff"), &[])],
            edit: vec![rule(Term::Applicant, &["draft"])],
        },
        lifecycle: Lifecycle {
            states: vec![state("draft", false), state("asked", false), state("out", false), state("returned", true)],
            initial: "draft".to_owned(),
            retired: Vec::new(),
            transitions: vec![
                transition("submit", "draft", "asked", vec![Term::Applicant]),
                transition("hand_out", "asked", "out", vec![at_unit("section_manager")]),
                back,
            ],
        },
        deadlines: Vec::new(),
        sections: Vec::new(),
        print: None,
        help: text("help"),
        was: None,
        site: Site::default(),
    }
}

/// A body beside the municipality (企業団).
pub(crate) fn joint_body(id: &str) -> Body {
    Body {
        id: id.to_owned(),
        name: text(id),
        kind: BodyKind::Joint,
        in_scope: true,
        adopts: true,
        adopted_by: None,
        site: Site::default(),
    }
}

/// A policy with two registers: `assets`, with a field of every type, and `takeouts`, which refer to them.
pub(crate) fn pack() -> Pack {
    let mut pack = bare_pack();
    let class =
        |id: &str| Class { id: id.to_owned(), name: text(id), meaning: text(id), was: None, site: Site::default() };
    pack.classes.confidentiality = ["3A", "3B", "2", "1"].map(class).into();
    let mut assets = register(
        "assets",
        "資産第{seq}号",
        vec![
            field("name", FieldType::Text, false),
            field("note", FieldType::Long, true),
            field("count", FieldType::Int, true),
            field("price", FieldType::Money, true),
            field("reviewed_on", FieldType::Date, true),
            field("sealed", FieldType::Bool, true),
            field("kind", FieldType::Choice(vec![choice("paper"), choice("disk"), choice("usb")]), true),
            field("class", FieldType::Class(Axis::Confidentiality), true),
            field("handler", FieldType::Person, true),
            field("place", FieldType::Unit, true),
            field("readers", FieldType::List(Box::new(FieldType::Person)), true),
            field("scan", FieldType::File, true),
            field("serial", FieldType::Text, true),
        ],
    );
    assets.unique = vec![vec!["serial".to_owned()]];
    assets.access.view = vec![
        rule(at_unit("staff"), &[]),
        rule(Term::Person("readers".to_owned()), &[]),
        rule(anywhere("auditor"), &[]),
        rule(Term::Assigned, &[]),
    ];
    assets.access.edit = vec![rule(at_unit("section_manager"), &[]), rule(Term::Applicant, &[])];
    let mut takeouts = register(
        "takeouts",
        "{wareki}年度持出第{seq}号",
        vec![
            field("name", FieldType::Text, false),
            field("asset", FieldType::Ref("assets".to_owned()), false),
            field("returned_on", FieldType::Date, true),
        ],
    );
    takeouts.keep = Keep::For(Period::Years(5));
    pack.registers = vec![assets, takeouts];
    pack
}

/// Fields from a JSON object.
pub(crate) fn fields(json: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    json.as_object().unwrap().clone()
}
