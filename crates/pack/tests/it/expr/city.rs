//! A small city to speak about: a schema of three registers and a data source, and a world held in memory.

use std::collections::BTreeMap;

use pack::expr::{
    Day, Env, Expect, Expr, ExprError, FieldShape, Named, Outcome, RegisterShape, Schema, SchemaParts, ShapeType,
    Subject, Unknown, Value, Workdays, World,
};
use pack::model::{
    Axis, Choice, Class, Classes, DataSource, Field, FieldType, Period, Site, State, Subjects, Term, Text,
};

pub(super) fn text(ja: &str) -> Text {
    Text { ja: ja.to_owned(), en: Some(format!("en:{ja}")) }
}

pub(super) fn day(iso: &str) -> Day {
    iso.parse().unwrap_or_else(|_| panic!("{iso}"))
}

fn named(ids: &[&str]) -> Vec<Named> {
    ids.iter().map(|id| Named { id: (*id).to_owned(), name: text(id) }).collect()
}

fn choice(ids: &[&str]) -> FieldType {
    let choice = |id: &&str| Choice {
        id: (*id).to_owned(),
        label: text(&format!("{id}の表示")),
        was: None,
        retired: false,
        site: Site::default(),
    };
    FieldType::Choice(ids.iter().map(choice).collect())
}

fn reference(to: &str) -> FieldType {
    FieldType::Ref(to.to_owned())
}

/// A field; `?` after the id makes it optional.
fn field(id: &str, label: &str, ty: FieldType) -> FieldShape {
    let optional = id.ends_with('?');
    let id = id.trim_end_matches('?').to_owned();
    FieldShape { id, label: text(label), ty: ShapeType::Stored(ty), optional, back: None }
}

fn back(mut field: FieldShape, name: &str) -> FieldShape {
    field.back = Some(name.to_owned());
    field
}

pub(super) fn computed(id: &str, source: &str) -> FieldShape {
    let ty = ShapeType::Computed(source.to_owned(), Site { file: "computed.toml".into(), start: 0, end: source.len() });
    FieldShape { id: id.to_owned(), label: text(id), ty, optional: false, back: None }
}

fn states(ids: &[&str]) -> Vec<State> {
    let state =
        |id: &&str| State { id: (*id).to_owned(), label: text(id), is_final: false, was: None, site: Site::default() };
    ids.iter().map(state).collect()
}

pub(super) fn registers() -> Vec<RegisterShape> {
    let list = |of| FieldType::List(Box::new(of));
    let assets = vec![
        field("name", "情報資産名", FieldType::Text),
        field("confidentiality", "機密性", FieldType::Class(Axis::Confidentiality)),
        field("availability?", "可用性", FieldType::Class(Axis::Availability)),
        field("reviewed_on?", "棚卸日", FieldType::Date),
        field("kind", "種別", choice(&["paper", "electronic"])),
        field("shared", "共用", FieldType::Bool),
        field("copies", "部数", FieldType::Int),
        field("price?", "価格", FieldType::Money),
        field("place?", "保管場所", FieldType::Text),
        field("zone", "領域", FieldType::Zone),
        field("scan?", "写し", FieldType::File),
        field("tags", "札", list(choice(&["personal", "tax", "open"]))),
        back(field("keeper?", "管理者", FieldType::Person), "kept"),
        back(field("readers", "閲覧者", list(FieldType::Person)), "readable"),
        field("backups", "複製", list(reference("media"))),
        back(field("medium?", "媒体", reference("media")), "contents"),
        computed("due", "has(record.reviewed_on) ? record.reviewed_on + months(12) : record.created_on"),
        computed("late", "record.due < today"),
        computed("label", "has(record.medium) ? record.medium.serial : null"),
    ];
    let takeouts = vec![
        back(field("asset", "情報資産", reference("assets")), "takeouts"),
        back(field("medium?", "媒体", reference("media")), "takeouts"),
        field("return_by", "返却予定日", FieldType::Date),
        field("returned_on?", "返却日", FieldType::Date),
        field("purpose", "目的", choice(&["work", "meeting", "repair"])),
    ];
    let media = vec![
        field("serial", "番号", FieldType::Text),
        field("kind", "種類", choice(&["usb", "dvd"])),
        field("locked", "施錠", FieldType::Bool),
        field("checked_on?", "点検日", FieldType::Date),
        back(field("home?", "置き場所", FieldType::Unit), "media"),
    ];
    vec![
        RegisterShape { id: "assets".into(), fields: assets, states: states(&["draft", "live", "gone"]), kind: None },
        RegisterShape {
            id: "takeouts".into(),
            fields: takeouts,
            states: states(&["asked", "out", "returned"]),
            kind: None,
        },
        RegisterShape { id: "media".into(), fields: media, states: states(&["used", "destroyed"]), kind: None },
    ]
}

fn terminals() -> DataSource {
    let plain = |id: &str, ty| Field {
        id: id.trim_end_matches('?').to_owned(),
        label: text(id),
        ty,
        optional: id.ends_with('?'),
        help: None,
        max: None,
        least: None,
        most: None,
        default: None,
        when: None,
        was: None,
        retired: false,
        site: Site::default(),
    };
    DataSource {
        id: "terminals".into(),
        title: text("端末"),
        fields: vec![
            plain("host", FieldType::Text),
            plain("user?", FieldType::Person),
            plain("patched_on?", FieldType::Date),
        ],
        columns: Vec::new(),
        key: "host".into(),
        expect: Period::Days(1),
        owner: Term::Applicant,
        site: Site::default(),
    }
}

fn classes() -> Classes {
    let of = |ids: &[&str]| -> Vec<Class> {
        let class = |id: &&str| Class {
            id: (*id).to_owned(),
            name: text(&format!("区分{id}")),
            meaning: Text::default(),
            was: None,
            site: Site::default(),
        };
        ids.iter().map(class).collect()
    };
    Classes {
        confidentiality: of(&["3A", "3B", "3C", "2", "1"]),
        integrity: of(&["2", "1"]),
        availability: of(&["2", "1"]),
        ..Classes::default()
    }
}

pub(super) fn schema_of(registers: &[RegisterShape]) -> (Schema, Vec<ExprError>) {
    Schema::new(&SchemaParts {
        registers,
        sources: &[terminals()],
        roles: &named(&["ciso", "section_manager", "staff"]),
        categories: &named(&["full_time", "fiscal_year"]),
        zones: &named(&["mynumber", "lgwan", "internet"]),
        classes: &classes(),
    })
}

pub(super) fn schema() -> Schema {
    let (schema, errors) = schema_of(&registers());
    assert_eq!(errors, [], "the city's own computed fields");
    schema
}

/// The subjects of a test: a register's id, `facts`, `people`, `units`, `posts` or `city`.
pub(super) fn subjects(of: &str) -> Subjects {
    match of {
        "facts" => Subjects::Source("terminals".into()),
        "people" => Subjects::People,
        "units" => Subjects::Units,
        "posts" => Subjects::Posts,
        "city" => Subjects::Municipality,
        register => Subjects::Register(register.to_owned()),
    }
}

pub(super) fn site(source: &str) -> Site {
    Site { file: "controls.toml".into(), start: 100, end: 100 + source.len() }
}

pub(super) fn compile(of: &str, source: &str, expected: Expect) -> Result<Expr, Vec<ExprError>> {
    let schema = schema();
    let scope = schema.scope(&subjects(of)).expect("a scope");
    Expr::compile(source, &site(source), &scope, expected)
}

/// What was recorded. Stored fields only: reverse lists and lists of all are found by looking.
#[derive(Debug, Clone, Default)]
pub(super) struct Records {
    pub(super) fields: BTreeMap<(Subject, String), Value>,
    pub(super) workdays: Workdays,
}

pub(super) fn record(register: &str, id: u128) -> Subject {
    Subject::Record { register: register.into(), id }
}

impl Records {
    pub(super) fn set(&mut self, of: &Subject, field: &str, value: Value) {
        self.fields.insert((of.clone(), field.to_owned()), value);
    }

    /// Everyone that has any field.
    pub(super) fn all(&self) -> Vec<Subject> {
        let mut all: Vec<Subject> = self.fields.keys().map(|(subject, _)| subject.clone()).collect();
        all.dedup();
        all
    }

    fn that(&self, wanted: impl Fn(&Subject) -> bool) -> Value {
        let found: Vec<Value> = self.all().into_iter().filter(|one| wanted(one)).map(Value::Subject).collect();
        Value::list(found)
    }

    fn referring(&self, to: &Subject, kind: fn(&Subject) -> bool, field: &str) -> Value {
        self.that(|from| {
            kind(from)
                && match self.fields.get(&(from.clone(), field.to_owned())) {
                    Some(Value::Subject(referred)) => referred == to,
                    Some(Value::List(referred)) => referred.contains(&Value::Subject(to.clone())),
                    _ => false,
                }
        })
    }
}

fn is_of(register: &'static str) -> fn(&Subject) -> bool {
    match register {
        "assets" => |one| matches!(one, Subject::Record { register, .. } if &**register == "assets"),
        "takeouts" => |one| matches!(one, Subject::Record { register, .. } if &**register == "takeouts"),
        "media" => |one| matches!(one, Subject::Record { register, .. } if &**register == "media"),
        "posts" => |one| matches!(one, Subject::Post(_)),
        "units" => |one| matches!(one, Subject::Unit(_)),
        _ => |one| matches!(one, Subject::Person(_)),
    }
}

impl World for Records {
    fn field(&self, of: &Subject, field: &str) -> Result<Value, Unknown> {
        if let Subject::Fact { row: 404, .. } = of {
            return Err(Unknown::new("端末の一覧が古いです", "the list of terminals is stale"));
        }
        let found = match (of, field) {
            (Subject::Municipality, "assets") => self.that(is_of("assets")),
            (Subject::Municipality, "takeouts") => self.that(is_of("takeouts")),
            (Subject::Municipality, "media") => self.that(is_of("media")),
            (Subject::Municipality, "people") => self.that(is_of("people")),
            (Subject::Municipality, "units") => self.that(is_of("units")),
            (Subject::Municipality, "posts") => self.that(is_of("posts")),
            (Subject::Person(_), "posts") => self.referring(of, is_of("posts"), "person"),
            (Subject::Unit(_), "posts") => self.referring(of, is_of("posts"), "unit"),
            (Subject::Unit(_), "staff") => self.referring(of, is_of("people"), "unit"),
            (Subject::Unit(_), "media") => self.referring(of, is_of("media"), "home"),
            (Subject::Person(_), "kept") => self.referring(of, is_of("assets"), "keeper"),
            (Subject::Person(_), "readable") => self.referring(of, is_of("assets"), "readers"),
            (Subject::Record { register, .. }, "takeouts") if &**register == "assets" => {
                self.referring(of, is_of("takeouts"), "asset")
            }
            (Subject::Record { register, .. }, "takeouts") if &**register == "media" => {
                self.referring(of, is_of("takeouts"), "medium")
            }
            (Subject::Record { register, .. }, "contents") if &**register == "media" => {
                self.referring(of, is_of("assets"), "medium")
            }
            _ => self.fields.get(&(of.clone(), field.to_owned())).cloned().unwrap_or(Value::Absent),
        };
        Ok(found)
    }

    fn workdays(&self) -> &Workdays {
        &self.workdays
    }
}

pub(super) const TODAY: &str = "2026-11-22";

/// Evaluates an expression about a subject, which has to compile.
pub(super) fn value(of: &str, source: &str, records: &Records, subject: &Subject) -> Result<Value, Unknown> {
    let expr = compile(of, source, Expect::anything()).unwrap_or_else(|errors| panic!("{source}: {errors:#?}"));
    expr.eval(&Env { today: day(TODAY), subject, world: records })
}

/// Whether something holds of a subject.
pub(super) fn test(of: &str, source: &str, records: &Records, subject: &Subject) -> Outcome {
    let expr = compile(of, source, Expect::anything()).unwrap_or_else(|errors| panic!("{source}: {errors:#?}"));
    expr.test(&Env { today: day(TODAY), subject, world: records })
}

/// One asset with its takeouts, medium, people and units.
pub(super) fn sample() -> (Records, Subject) {
    let mut records = Records::default();
    let (asset, medium) = (record("assets", 1), record("media", 1));
    let (unit, above) = (Subject::Unit(1), Subject::Unit(2));
    let (staff, head) = (Subject::Person(1), Subject::Person(2));
    let subject = |of: &Subject| Value::Subject(of.clone());
    for (of, field, value) in [
        (&asset, "name", Value::text("住民基本台帳")),
        (&asset, "unit", subject(&unit)),
        (&asset, "applicant", subject(&staff)),
        (&asset, "state", Value::choice("live")),
        (&asset, "created_on", Value::Day(day("2025-04-01"))),
        (&asset, "confidentiality", Value::Class(Axis::Confidentiality, 4)),
        (&asset, "reviewed_on", Value::Day(day("2025-11-30"))),
        (&asset, "kind", Value::choice("electronic")),
        (&asset, "shared", Value::Bool(true)),
        (&asset, "copies", Value::Int(3)),
        (&asset, "zone", Value::choice("mynumber")),
        (&asset, "tags", Value::list([Value::choice("personal"), Value::choice("tax")])),
        (&asset, "keeper", subject(&head)),
        (&asset, "readers", Value::list([subject(&staff), subject(&head)])),
        (&asset, "medium", subject(&medium)),
        (&medium, "serial", Value::text("USB-001")),
        (&medium, "kind", Value::choice("usb")),
        (&medium, "locked", Value::Bool(true)),
        (&medium, "home", subject(&unit)),
        (&unit, "name", Value::text("市民課")),
        (&unit, "parent", subject(&above)),
        (&above, "name", Value::text("市民部")),
        (&staff, "name", Value::text("関守 花子")),
        (&staff, "unit", subject(&unit)),
        (&head, "name", Value::text("関守 太郎")),
        (&head, "unit", subject(&above)),
        (&Subject::Post(1), "role", Value::choice("section_manager")),
        (&Subject::Post(1), "person", subject(&head)),
        (&Subject::Post(1), "unit", subject(&unit)),
        (&Subject::Post(1), "from", Value::Day(day("2026-04-01"))),
    ] {
        records.set(of, field, value);
    }
    for (id, state, returned) in
        [(1, "returned", Some("2026-05-08")), (2, "returned", Some("2026-09-30")), (3, "out", None)]
    {
        let takeout = record("takeouts", id);
        records.set(&takeout, "asset", subject(&asset));
        records.set(&takeout, "state", Value::choice(state));
        records.set(&takeout, "purpose", Value::choice("work"));
        records.set(&takeout, "return_by", Value::Day(day("2026-10-01")));
        if let Some(returned) = returned {
            records.set(&takeout, "returned_on", Value::Day(day(returned)));
        }
    }
    (records, asset)
}
