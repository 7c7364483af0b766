//! A real, small ledger in which every party of every register's rules exists, so that the ledger itself can be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::people::persons::PersonData;
use ledger::people::posts::NewPost;
use ledger::people::units::NewUnit;
use ledger::people::{AFFILIATION, Standing, persons, posts, units};
use ledger::permission::{self, Office};
use ledger::records::Record;
use ledger::{Actor, Day, Id, Ledger, Location, Moment, Operation, Reading, SeededEntropy, Sql};
use pack::Pack;
use pack::model::{FieldType, Register};

/// 2026-11-22 12:00 in Tokyo.
const NOON: Moment = Moment(1_795_316_400_000);

/// Someone to ask for.
pub(super) struct Party {
    pub(super) id: Id,
    pub(super) standing: Standing,
}

/// Holders of one role: in the unit of the records, and elsewhere.
pub(super) struct Holders {
    pub(super) role: String,
    pub(super) near: Party,
    pub(super) far: Party,
}

pub(super) struct Bench {
    pub(super) ledger: Ledger,
    pub(super) pack: Pack,
    pub(super) unit: Id,
    pub(super) holders: Vec<Holders>,
    /// Who created every record.
    pub(super) applicant: Party,
    /// For whom a task is open on every record.
    pub(super) assigned: Party,
    /// Those who stand in the first, second, … person field of a record.
    pub(super) named: Vec<Party>,
    /// The records of each register, one in every state.
    pub(super) records: BTreeMap<String, Vec<Record>>,
    _folder: tempfile::TempDir,
}

async fn unit(op: &mut Operation, name: &str, parent: Option<Id>) -> Id {
    let permit = permission::office(op, None, Office::People, "add", "unit", "").unwrap();
    let unit = NewUnit {
        code: name.to_owned(),
        name: name.to_owned(),
        body: "mayor".to_owned(),
        level: "section".to_owned(),
        parent,
        position: 0,
        from: Day::from_date(2020, 4, 1).unwrap(),
    };
    units::add(op, permit, unit).await.unwrap()
}

/// A person with one post and, unless the role comes with belonging somewhere, nothing beside it.
async fn person(op: &mut Operation, pack: &Pack, name: &str, unit: Id, role: Option<&str>) -> Id {
    let implied = role.is_some_and(|role| pack.role(role).unwrap().implied);
    let category = pack.staff_categories.iter().find(|category| category.external != implied).unwrap();
    let from = Day::from_date(2020, 4, 1).unwrap();
    let data = PersonData {
        code: name.to_owned(),
        name: name.to_owned(),
        name_shown: None,
        kana: name.to_owned(),
        mail: String::new(),
        category: category.id.clone(),
        from,
        to: None,
    };
    let permit = permission::office(op, None, Office::People, "add", "person", "").unwrap();
    let id = persons::add(op, permit, data).await.unwrap();
    for role in std::iter::once(AFFILIATION).chain(role.filter(|_| !implied)) {
        let permit = permission::office(op, None, Office::People, "give", "post", "").unwrap();
        let post = NewPost { person: id, role: role.to_owned(), unit, main: true, acting: false, from, to: None };
        posts::give(op, permit, post).await.unwrap();
    }
    id
}

/// The person fields of a register, in their order.
pub(super) fn person_fields(register: &Register) -> Vec<&str> {
    let is_person = |ty: &FieldType| match ty {
        FieldType::Person => true,
        FieldType::List(inner) => matches!(**inner, FieldType::Person),
        _ => false,
    };
    register.fields.iter().filter(|field| is_person(&field.ty)).map(|field| field.id.as_str()).collect()
}

/// Puts a record there as it is, whatever its fields would have to be.
async fn place(
    op: &mut Operation,
    register: &Register,
    state: &str,
    unit: Id,
    (applicant, assigned, named): (Id, Id, &[Id]),
) -> Record {
    let id = op.new_id().unwrap();
    let number = format!("{}-{state}", register.id);
    let sql = "INSERT INTO record (id, register, number, year, seq, name, unit_id, state, applicant, version, pack, created_at, \
               changed_at, entered_day, salt) VALUES ($1, $2, $3, 2026, 1, '', $4, $5, $6, 1, '', 0, 0, '2026-04-01', x'') RETURNING id";
    let values = [id.into(), (&register.id).into(), (&number).into(), unit.into(), state.into(), applicant.into()];
    op.rows(Sql::new(sql, values)).await.unwrap();
    for (field, person) in person_fields(register).into_iter().zip(named) {
        let sql = "INSERT INTO record_link (record_id, field, position, kind, target) VALUES ($1, $2, 0, 'person', $3) RETURNING field";
        op.rows(Sql::new(sql, [id.into(), field.into(), (*person).into()])).await.unwrap();
    }
    let task = op.new_id().unwrap();
    let sql = "INSERT INTO task (id, record_id, kind, step, seat, state, person_id, opened_at, salt) \
               VALUES ($1, $2, 'circulate', 0, 0, 'open', $3, 0, x'') RETURNING id";
    op.rows(Sql::new(sql, [task.into(), id.into(), assigned.into()])).await.unwrap();
    Record {
        id,
        register: register.id.clone(),
        number,
        name: String::new(),
        unit,
        state: state.to_owned(),
        applicant: Some(applicant),
        entered_for: None,
        version: 1,
        pack: String::new(),
        created: NOON,
        changed: NOON,
        entered: NOON.day(),
        ended: None,
        disposed: None,
        fields: serde_json::Map::new(),
    }
}

impl Bench {
    pub(super) async fn new(pack: Pack) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("city.db"));
        let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(1))).await.unwrap();
        let mut op = ledger.operation(Actor::Operator("test".to_owned()), NOON).await.unwrap();
        let city = unit(&mut op, "市", None).await;
        let (here, there) = (unit(&mut op, "課", Some(city)).await, unit(&mut op, "別の課", Some(city)).await);
        let mut roles = Vec::new();
        for role in &pack.roles {
            let near = person(&mut op, &pack, &format!("{} 1", role.id), here, Some(&role.id)).await;
            let far = person(&mut op, &pack, &format!("{} 2", role.id), there, Some(&role.id)).await;
            roles.push((role.id.clone(), near, far));
        }
        let most = pack.registers.iter().map(|register| person_fields(register).len()).max().unwrap_or(0);
        let applicant = person(&mut op, &pack, "作成者", there, None).await;
        let assigned = person(&mut op, &pack, "担当", there, None).await;
        let mut named = Vec::new();
        for i in 0..most {
            named.push(person(&mut op, &pack, &format!("項目{i}"), there, None).await);
        }
        let mut records = BTreeMap::new();
        for register in &pack.registers {
            let mut all = Vec::new();
            for state in &register.lifecycle.states {
                let people = (applicant, assigned, named.as_slice());
                all.push(place(&mut op, register, &state.id, here, people).await);
            }
            records.insert(register.id.clone(), all);
        }
        op.commit().await.unwrap();
        let mut reading = ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let mut holders = Vec::new();
        for (role, near, far) in roles {
            let (near, far) = (Party::of(&mut reading, &pack, near).await, Party::of(&mut reading, &pack, far).await);
            holders.push(Holders { role, near, far });
        }
        let applicant = Party::of(&mut reading, &pack, applicant).await;
        let assigned = Party::of(&mut reading, &pack, assigned).await;
        let mut people = Vec::new();
        for id in named {
            people.push(Party::of(&mut reading, &pack, id).await);
        }
        reading.end().await.unwrap();
        Self { ledger, pack, unit: here, holders, applicant, assigned, named: people, records, _folder: folder }
    }

    /// A snapshot as this party sees it.
    pub(super) async fn reading(&self, party: &Party) -> Reading {
        self.ledger.reading(Actor::Person(party.id), NOON).await.unwrap()
    }
}

impl Party {
    async fn of(reading: &mut Reading, pack: &Pack, id: Id) -> Self {
        Self { id, standing: Standing::of(reading, pack, id).await.unwrap() }
    }
}
