//! A city on an embedded store to which random things happen, under any policy.

use std::path::Path;
use std::sync::Arc;

use ledger::facts::{self, Delivery};
use ledger::people::persons::PersonData;
use ledger::people::posts::NewPost;
use ledger::people::units::NewUnit;
use ledger::people::{AFFILIATION, Standing, persons, posts, units};
use ledger::permission::{self, Office};
use ledger::records::{self, Adopted, Change};
use ledger::{Actor, Day, Id, Ledger, Location, Moment, Operation, Permit, SeededEntropy, attestations, files};
use pack::Pack;
use pack::model::{Field, FieldType, Nature, Register, Subjects};
use serde_json::{Map, Value as Json, json};

/// 2026-11-22 12:00 in Tokyo.
const NOON: Moment = Moment(1_795_316_400_000);

/// Controls that read other things than their subject, one and two steps away, forth and back.
const ACROSS: &str = r#"
[[control]]
id = "out-is-reviewed"
title = { ja = "棚卸し済みのものだけ", en = "Only what was reviewed" }
clauses = ["procedure#takeouts"]
subjects = "takeouts"
applies = "record.state == 'out'"
holds = "record.asset.state == 'live' && has(record.asset.reviewed_on)"
severity = "major"
owner = "section_manager@unit"
says = { ja = "{record.asset.name}は棚卸しされていません", en = "{record.asset.name} was not reviewed" }

[[control]]
id = "none-late"
title = { ja = "返却の遅れがない", en = "None is late" }
clauses = ["procedure#takeouts"]
subjects = "assets"
holds = "!record.takeouts.exists(t, t.state == 'out' && t.return_by < today)"
severity = "major"
owner = "section_manager@unit"
says = { ja = "{record.name}が返っていません", en = "{record.name} is not back" }

[[control]]
id = "nothing-disposed-is-out"
title = { ja = "廃棄したものが外にない", en = "Nothing disposed is out" }
clauses = ["procedure#takeouts"]
subjects = "municipality"
holds = "!city.takeouts.exists(t, t.state == 'out' && t.asset.state == 'disposed')"
severity = "major"
owner = "ciso@all"
says = { ja = "廃棄したものが持ち出されています", en = "Something disposed is out" }
"#;

/// The policy in a folder of the repository.
pub(crate) fn policy(folder: &str) -> Arc<Pack> {
    fn add(dir: &Path, prefix: &str, source: &mut pack::Source) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                add(&entry.path(), &format!("{name}/"), source);
            } else {
                source.insert(&name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut source = pack::Source::new();
    add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder), "", &mut source);
    if folder.ends_with("base") {
        let controls = source.remove("duties/takeouts/controls.toml").unwrap();
        source.insert("duties/takeouts/controls.toml", [controls.as_slice(), ACROSS.as_bytes()].concat());
    }
    Arc::new(pack::compile(&source).pack.expect("the policy has errors"))
}

/// Numbers from a seed: a linear congruential generator (Knuth, MMIX).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.below(all.len())) }
    }
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A record comes to be, in any state.
    Create,
    /// A field of a record changes.
    Edit,
    /// A record takes a step.
    Step,
    /// A record belongs to another unit.
    Move,
    /// A file of a data source comes.
    Deliver,
    /// A duty is reported as done.
    Attest,
    /// The start of a duty is planned, or its plan taken back.
    Plan,
    /// A post is given, or ended.
    Post,
    /// A person joins.
    Join,
    /// Days go by.
    Days,
}

pub(crate) struct City {
    pub(crate) ledger: Ledger,
    pub(crate) pack: Arc<Pack>,
    pub(crate) now: Moment,
    units: Vec<Id>,
    people: Vec<Id>,
    records: Vec<(String, Id)>,
    /// Registers and fields that controls of other things read.
    across: Vec<(String, String)>,
    file: Id,
    _folder: tempfile::TempDir,
}

fn leave(op: &Operation, office: Office) -> Permit {
    permission::office(op, None, office, "test", "test", "").unwrap()
}

fn from() -> Day {
    Day::from_date(2020, 4, 1).unwrap()
}

async fn join(op: &mut Operation, pack: &Pack, number: usize, unit: Id) -> Id {
    let category = pack.staff_categories[number % pack.staff_categories.len()].id.clone();
    let data = PersonData {
        code: format!("{number}"),
        name: format!("職員{number}"),
        name_shown: None,
        kana: format!("{number}"),
        mail: String::new(),
        category,
        from: from(),
        to: None,
    };
    let permit = leave(op, Office::People);
    let id = persons::add(op, permit, data).await.unwrap();
    give(op, id, AFFILIATION, unit).await;
    id
}

async fn give(op: &mut Operation, person: Id, role: &str, unit: Id) {
    let post = NewPost { person, role: role.to_owned(), unit, main: true, acting: false, from: from(), to: None };
    let permit = leave(op, Office::People);
    posts::give(op, permit, post).await.unwrap();
}

/// The fields of registers that are read by way of others, which an evaluator that looked only at what changed would miss.
fn across(pack: &Pack) -> Vec<(String, String)> {
    let reads = pack.controls.iter().flat_map(assurance::dirty::reads).filter(|read| !read.via.is_empty());
    let fields = reads.filter_map(|read| match &read.of {
        Subjects::Register(id) => Some((id.clone(), read.field.clone()?)),
        _ => None,
    });
    let mut all: Vec<_> = fields.collect();
    all.sort();
    all.dedup();
    all
}

impl City {
    /// A city, a bureau and two sections, with one holder of every role.
    pub(crate) async fn new(pack: Arc<Pack>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("city.db"));
        let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(3))).await.unwrap();
        let mut op = ledger.operation(Actor::Operator("test".to_owned()), NOON).await.unwrap();
        let mut units: Vec<Id> = Vec::new();
        for (name, level, parent) in
            [("市", "body", None), ("部", "bureau", Some(0)), ("課", "section", Some(1)), ("別課", "section", Some(1))]
        {
            let unit = NewUnit {
                code: name.to_owned(),
                name: name.to_owned(),
                body: pack.bodies.first().map_or_else(|| "mayor".to_owned(), |body| body.id.clone()),
                level: level.to_owned(),
                parent: parent.map(|at: usize| units[at]),
                position: 0,
                from: from(),
            };
            let permit = leave(&op, Office::People);
            units.push(units::add(&mut op, permit, unit).await.unwrap());
        }
        let mut people = Vec::new();
        for (number, role) in pack.roles.iter().enumerate() {
            let unit = units[number % units.len()];
            let id = join(&mut op, &pack, number, unit).await;
            if !role.implied {
                give(&mut op, id, &role.id, unit).await;
            }
            people.push(id);
        }
        let permit = permission::attach(&op, None).unwrap();
        let file = files::add(&mut op, permit, "証跡.txt", "text/plain", &b"x"[..]).await.unwrap().id;
        op.commit().await.unwrap();
        let across = across(&pack);
        Self { ledger, pack, now: NOON, units, people, records: Vec::new(), across, file, _folder: folder }
    }

    async fn operation(&self) -> Operation {
        self.ledger.operation(Actor::Operator("test".to_owned()), self.now).await.unwrap()
    }

    /// Makes an event happen; false when the ledger refused it, which changes nothing.
    pub(crate) async fn happen(&mut self, event: Event, chance: &mut Chance) -> bool {
        match event {
            Event::Create => self.create(chance).await.is_some(),
            Event::Edit => self.edit(chance).await.is_some(),
            Event::Step => self.step(chance).await.is_some(),
            Event::Move => self.relocate(chance).await.is_some(),
            Event::Deliver => self.deliver(chance).await.is_some(),
            Event::Attest => self.attest(chance).await.is_some(),
            Event::Plan => self.plan(chance).await.is_some(),
            Event::Post => self.post(chance).await.is_some(),
            Event::Join => {
                let mut op = self.operation().await;
                let unit = self.units[chance.below(self.units.len())];
                let id = join(&mut op, &self.pack, self.people.len(), unit).await;
                op.commit().await.unwrap();
                self.people.push(id);
                true
            }
            Event::Days => {
                let days = i64::try_from(1 + chance.below(200)).unwrap();
                self.now = self.now.plus_ms(days * 86_400_000);
                true
            }
        }
    }

    /// A value that a field of this type may have; none when there is nothing to name.
    fn value(&self, ty: &FieldType, chance: &mut Chance) -> Option<Json> {
        let day = |chance: &mut Chance| {
            let away = i64::try_from(chance.below(900)).unwrap() - 700;
            self.now.day().plus_days(away).unwrap().to_string()
        };
        Some(match ty {
            FieldType::Text => self.text(chance),
            FieldType::Long => json!("長い文"),
            FieldType::Int | FieldType::Money => json!(1 + chance.below(60)),
            FieldType::Date => json!(day(chance)),
            FieldType::Bool => json!(chance.below(2) == 0),
            FieldType::Choice(choices) => json!(chance.one_of(choices)?.id),
            FieldType::Person => json!(chance.one_of(&self.people)?.to_string()),
            FieldType::Unit => json!(chance.one_of(&self.units)?.to_string()),
            FieldType::Zone => json!(chance.one_of(&self.pack.zones)?.id),
            FieldType::Class(axis) => json!(chance.one_of(self.pack.classes.of(*axis))?.id),
            FieldType::File => json!(self.file.to_string()),
            FieldType::Ref(to) => {
                let there: Vec<&Id> =
                    self.records.iter().filter(|(register, _)| register == to).map(|(_, id)| id).collect();
                json!(chance.one_of(&there)?.to_string())
            }
            FieldType::List(inner) => {
                let mut all: Vec<Json> = (0..=chance.below(2)).filter_map(|_| self.value(inner, chance)).collect();
                all.dedup();
                json!(all)
            }
            FieldType::Computed(_) => return None,
        })
    }

    /// A line of text: often the id of a control, or a subject, which exceptions name in text.
    fn text(&self, chance: &mut Chance) -> Json {
        match chance.below(4) {
            0 => json!(chance.one_of(&self.pack.controls).map_or("", |control| control.id.as_str())),
            1 => match chance.one_of(&self.records) {
                Some((register, id)) => json!(format!("record:{register}:{id}")),
                None => json!("city"),
            },
            _ => json!(format!("語{}", chance.below(5))),
        }
    }

    fn given(&self, register: &Register, chance: &mut Chance) -> Map<String, Json> {
        let mut fields = Map::new();
        for field in &register.fields {
            if field.optional && chance.below(4) == 0 {
                continue;
            }
            if let Some(value) = self.value(&field.ty, chance) {
                fields.insert(field.id.clone(), value);
            }
        }
        fields
    }

    async fn create(&mut self, chance: &mut Chance) -> Option<()> {
        let pack = Arc::clone(&self.pack);
        let register = match self.across.get(chance.below(self.across.len() * 2)) {
            Some((register, _)) => pack.register(register)?,
            None => chance.one_of(&pack.registers)?,
        };
        let state = chance.one_of(&register.lifecycle.states)?.id.clone();
        let adopted = Adopted {
            number: None,
            unit: *chance.one_of(&self.units)?,
            state: Some(state),
            applicant: chance.one_of(&self.people).copied(),
            fields: self.given(register, chance),
        };
        let mut op = self.operation().await;
        let record = records::adopt(&mut op, &pack, register, adopted).await.ok()?;
        op.commit().await.unwrap();
        self.records.push((register.id.clone(), record.id));
        Some(())
    }

    async fn edit(&self, chance: &mut Chance) -> Option<()> {
        let (register, id, field) = self.to_edit(chance)?;
        let register = self.pack.register(&register)?;
        let field: &Field = register.field(&field)?;
        let value = self.value(&field.ty, chance)?;
        let value = if field.optional && chance.below(4) == 0 { Json::Null } else { value };
        let fields = Map::from_iter([(field.id.clone(), value)]);
        let mut op = self.operation().await;
        let change = Change { version: None, fields, reason: None };
        records::edit(&mut op, &self.pack, None, register, id, change).await.ok()?;
        op.commit().await.unwrap();
        Some(())
    }

    /// The records of a register.
    fn of(&self, register: &str) -> Vec<Id> {
        self.records.iter().filter(|(other, _)| other == register).map(|(_, id)| *id).collect()
    }

    /// A record and a field of it, more often one that the controls of other things read.
    fn to_edit(&self, chance: &mut Chance) -> Option<(String, Id, String)> {
        if chance.below(4) > 0 {
            let there: Vec<_> = self.across.iter().filter(|(register, _)| !self.of(register).is_empty()).collect();
            if let Some((register, field)) = chance.one_of(&there) {
                return Some((register.clone(), *chance.one_of(&self.of(register))?, field.clone()));
            }
        }
        let (register, id) = chance.one_of(&self.records)?;
        let field = chance.one_of(&self.pack.register(register)?.fields)?;
        Some((register.clone(), *id, field.id.clone()))
    }

    async fn step(&self, chance: &mut Chance) -> Option<()> {
        let (register, id) = chance.one_of(&self.records)?;
        let register = self.pack.register(register)?;
        let mut op = self.operation().await;
        let record = records::stored(&mut op, *id).await.unwrap()?;
        let ways: Vec<_> = register.lifecycle.transitions.iter().filter(|t| t.from.contains(&record.state)).collect();
        let way = *chance.one_of(&ways)?;
        let filled = way.fills.iter().filter_map(|field| register.field(field));
        let fields = filled.filter_map(|field| Some((field.id.clone(), self.value(&field.ty, chance)?))).collect();
        let change = Change { version: None, fields, reason: Some("理由".to_owned()) };
        records::step(&mut op, &self.pack, None, register, *id, way, change).await.ok()?;
        op.commit().await.unwrap();
        Some(())
    }

    async fn relocate(&self, chance: &mut Chance) -> Option<()> {
        let (register, id) = chance.one_of(&self.records)?;
        let unit = *chance.one_of(&self.units)?;
        let mut op = self.operation().await;
        let permit = permission::office(&op, None, Office::People, "move", register, id).unwrap();
        records::move_unit(&mut op, permit, *id, unit).await.ok()?;
        op.commit().await.unwrap();
        Some(())
    }

    async fn deliver(&self, chance: &mut Chance) -> Option<()> {
        let source = chance.one_of(&self.pack.sources)?;
        let mut rows = Vec::new();
        for number in 0..1 + chance.below(4) {
            let mut row = Map::new();
            for field in &source.fields {
                if field.id == source.key {
                    let day = self.now.day().plus_days(-i64::try_from(number).unwrap()).unwrap().to_string();
                    let key = if matches!(field.ty, FieldType::Date) { day } else { format!("鍵{number}") };
                    row.insert(field.id.clone(), json!(key));
                } else if let Some(value) = self.value(&field.ty, chance) {
                    row.insert(field.id.clone(), value);
                }
            }
            rows.push(row);
        }
        let mut op = self.operation().await;
        let permit = permission::office(&op, None, Office::Facts, "import", "source", &source.id).unwrap();
        let as_of = self.now.day().plus_days(-i64::try_from(chance.below(20)).unwrap()).unwrap();
        let delivery = Delivery { file_name: "x.csv".to_owned(), sha256: vec![0; 32], as_of };
        facts::replace(&mut op, permit, source, delivery, &rows).await.ok()?;
        op.commit().await.unwrap();
        Some(())
    }

    async fn attest(&self, chance: &mut Chance) -> Option<()> {
        let attested: Vec<_> =
            self.pack.controls.iter().filter(|control| matches!(control.nature, Nature::Attested(_))).collect();
        let control = *chance.one_of(&attested)?;
        let Nature::Attested(asked) = &control.nature else { return None };
        let unit = *chance.one_of(&self.units)?;
        let (subject, unit) = match &asked.per {
            Subjects::Municipality => ("city".to_owned(), None),
            Subjects::Units => (format!("unit:{unit}"), Some(unit)),
            _ => {
                let (register, id) = chance.one_of(&self.records)?;
                (format!("record:{register}:{id}"), Some(unit))
            }
        };
        let on = self.now.day().plus_days(-i64::try_from(chance.below(500)).unwrap()).unwrap();
        for person in &self.people {
            let mut op = self.ledger.operation(Actor::Person(*person), self.now).await.unwrap();
            let standing = Standing::of(&mut op, &self.pack, *person).await.unwrap();
            let Ok(permit) = permission::attest(&mut op, &standing, control, unit).await else { continue };
            let report =
                attestations::Report { control, subject, on, note: "確かめた".to_owned(), file: Some(self.file) };
            attestations::attest(&mut op, permit, report).await.ok()?;
            op.commit().await.unwrap();
            return Some(());
        }
        None
    }

    async fn plan(&self, chance: &mut Chance) -> Option<()> {
        let control = chance.one_of(&self.pack.controls)?;
        let day = self.now.day().plus_days(i64::try_from(chance.below(400)).unwrap() - 100).unwrap();
        let start = (chance.below(3) > 0).then_some(day);
        let mut op = self.operation().await;
        let permit = permission::office(&op, None, Office::Packs, "plan", "control", &control.id).unwrap();
        attestations::plan(&mut op, permit, &control.id, start, "委員会").await.unwrap();
        op.commit().await.unwrap();
        Some(())
    }

    async fn post(&self, chance: &mut Chance) -> Option<()> {
        let mut op = self.operation().await;
        let held = posts::on(&mut op, self.now.day()).await.unwrap();
        if chance.below(2) == 0 {
            let post = chance.one_of(&held)?;
            let permit = leave(&op, Office::People);
            posts::end(&mut op, permit, post.id, self.now.day()).await.ok()?;
        } else {
            let roles: Vec<_> = self.pack.roles.iter().filter(|role| !role.implied).collect();
            let (role, person) = (chance.one_of(&roles)?, chance.one_of(&self.people)?);
            give(&mut op, *person, &role.id, *chance.one_of(&self.units)?).await;
        }
        op.commit().await.unwrap();
        Some(())
    }
}
