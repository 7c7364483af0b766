//! From the ledger into memory: what controls read, and what is known beside it.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::{Id, Reading, Result, Row, Sql, attestations, records, world};
use pack::Pack;
use pack::expr::{Day, Subject, Value, Workdays, World};
use pack::model::{FieldType, Register, RegisterKind, RoleLevel};
use serde_json::{Map, Value as Json};

use crate::{Circumstances, Exception, Snapshot, names};

/// The role whose nearest holder is a person's superior (情報セキュリティ管理者, the head of the section).
const SUPERIOR: &str = "section_manager";

/// Rows of records that are in memory at one time.
const AT_ONCE: i64 = 5000;

/// Levels of unit that stand above sections.
const ABOVE_SECTIONS: [&str; 2] = ["body", "bureau"];

/// Loads everything.
pub async fn everything(reading: &mut Reading, pack: &Pack) -> Result<(Snapshot, Circumstances)> {
    let mut world = Snapshot::new(pack, Workdays::new(pack.calendar.holidays.iter().copied()));
    let mut known = Circumstances::default();
    let of_section = pack.roles.iter().filter(|role| role.level == RoleLevel::Section);
    known.section_roles = of_section.map(|role| role.id.clone()).collect();
    load_people(reading, &mut world, &mut known).await?;
    for register in &pack.registers {
        load_records(reading, pack, register, None, &mut world).await?;
    }
    load_facts(reading, pack, &mut world, &mut known).await?;
    circumstances(reading, pack, &world, &mut known).await?;
    Ok((world, known))
}

/// Loads what is known beside the records anew.
pub async fn circumstances(
    reading: &mut Reading,
    pack: &Pack,
    world: &Snapshot,
    known: &mut Circumstances,
) -> Result<()> {
    known.attested = HashMap::new();
    for (control, subject, day) in attestations::latest(reading).await? {
        if let Some(subject) = names::subject(&subject, world) {
            known.attested.insert((control, subject), day);
        }
    }
    known.planned = attestations::planned(reading).await?.into_iter().collect();
    known.exceptions = exceptions(pack, world);
    let first = Sql::new("SELECT min(effective_day) FROM pack_version WHERE state = 'adopted'", []);
    known.in_force = reading.row(first).await?.opt_day(0)?;
    Ok(())
}

fn subject_of(register: &str, id: Id) -> Subject {
    Subject::Record { register: Arc::from(register), id: id.number() }
}

/// Loads the records of a register, or only one of them; one that is gone is taken out.
pub async fn load_records(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    only: Option<Id>,
    world: &mut Snapshot,
) -> Result<()> {
    if let Some(id) = only {
        world.take(&subject_of(&register.id, id));
    }
    let mut after = String::new();
    loop {
        let mut sql = Sql::default();
        sql.push(
            "SELECT r.id, r.number, r.name, r.unit_id, r.state, r.applicant, r.created_at, r.entered_day, v.fields, r.entered_for \
             FROM record r JOIN record_version v ON v.record_id = r.id AND v.version = r.version \
             WHERE r.disposed_at IS NULL AND r.register = ",
        );
        sql.bind(&register.id);
        match only {
            Some(id) => sql.push(" AND r.id = ").bind(id),
            None => sql.push(" AND r.id > ").bind(&after).push(" ORDER BY r.id").limit(AT_ONCE),
        };
        let rows = reading.rows(sql).await?;
        for row in &rows {
            let built_in = of_kind(reading, pack, register, row.id(0)?).await?;
            put_record(pack, register, row, built_in, world)?;
        }
        match rows.last() {
            Some(last) if only.is_none() => after = last.text(0)?,
            _ => return Ok(()),
        }
        tokio::task::yield_now().await;
    }
}

/// What records of the register's kind have beside their fields.
async fn of_kind(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    id: Id,
) -> Result<Option<(&'static str, Value)>> {
    if register.kind != Some(RegisterKind::Audit) {
        return Ok(None);
    }
    let Some(audit) = records::stored(reading, id).await? else { return Ok(None) };
    Ok(Some(("dependent", world::dependent(reading, pack, register, &audit).await?)))
}

fn put_record(
    pack: &Pack,
    register: &Register,
    row: &Row,
    built_in: Option<(&'static str, Value)>,
    world: &mut Snapshot,
) -> Result<()> {
    let subject = subject_of(&register.id, row.id(0)?);
    let stored: Map<String, Json> = match row.opt_text(8)? {
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| ledger::Error::broken(format!("fields of a record: {error}")))?,
        None => Map::new(),
    };
    // What is entered from paper is the application of whoever wrote the paper, as in the ledger.
    let applicant =
        row.opt_id(9)?.or(row.opt_id(5)?).map_or(Value::Absent, |id| Value::Subject(Subject::Person(id.number())));
    let mut fields = vec![
        ("number", Value::text(row.text(1)?)),
        ("name", Value::text(row.text(2)?)),
        ("unit", Value::Subject(Subject::Unit(row.id(3)?.number()))),
        ("state", Value::choice(row.text(4)?)),
        ("applicant", applicant),
        ("created_on", Value::Day(row.moment(6)?.day())),
        ("entered_on", Value::Day(row.day(7)?)),
    ];
    fields.extend(built_in);
    let own = register.fields.iter().filter(|field| !matches!(field.ty, FieldType::Computed(_)));
    let own = own.filter(|field| world.keeps(&subject, &field.id));
    fields
        .extend(own.map(|field| (field.id.as_str(), records::for_expressions(pack, &field.ty, stored.get(&field.id)))));
    world.put(&subject, fields);
    Ok(())
}

async fn load_people(reading: &mut Reading, world: &mut Snapshot, known: &mut Circumstances) -> Result<()> {
    let today = reading.today();
    let units = units::on(reading, today).await?;
    let posts = posts::on(reading, today).await?;
    // Who has left too: what still names them is to be seen, and `person.active` says so.
    let persons = persons::all(reading).await?;
    let parents: HashMap<Id, Option<Id>> = units.iter().map(|unit| (unit.id, unit.parent)).collect();
    let above = |unit: Id| {
        let steps = std::iter::successors(Some(unit), |unit| parents.get(unit).copied().flatten());
        steps.take(units.len()).collect::<Vec<Id>>()
    };
    let mut staff: HashMap<Id, Vec<Value>> = HashMap::new();
    let mut home: HashMap<Id, Id> = HashMap::new();
    for post in posts.iter().filter(|post| post.role == AFFILIATION) {
        staff.entry(post.unit).or_default().push(Value::Subject(Subject::Person(post.person.number())));
        if post.main {
            home.insert(post.person, post.unit);
        }
    }
    let held = |wanted: &dyn Fn(&posts::Post) -> bool| {
        let posts = posts.iter().filter(|post| post.role != AFFILIATION && wanted(post));
        Value::list(posts.map(|post| Value::Subject(Subject::Post(post.id.number()))).collect::<Vec<_>>())
    };
    let superior = |person: Id, unit: Id| {
        let holders = above(unit).into_iter().filter_map(|unit| {
            posts.iter().find(|post| post.unit == unit && post.role == SUPERIOR && post.person != person)
        });
        holders.map(|post| Value::Subject(Subject::Person(post.person.number()))).next()
    };
    for unit in &units {
        if !ABOVE_SECTIONS.contains(&unit.level.as_str()) {
            known.sections.insert(unit.id.number());
        }
        known.above.insert(unit.id.number(), above(unit.id).into_iter().map(Id::number).collect());
        let parent = unit.parent.map_or(Value::Absent, |parent| Value::Subject(Subject::Unit(parent.number())));
        let fields = [
            ("name", Value::text(unit.name.as_str())),
            ("parent", parent),
            ("posts", held(&|post| post.unit == unit.id)),
            ("staff", Value::list(staff.remove(&unit.id).unwrap_or_default())),
        ];
        world.put(&Subject::Unit(unit.id.number()), fields);
    }
    for person in &persons {
        let unit = home.get(&person.id).copied();
        let fields = [
            ("name", Value::text(person.name.as_str())),
            ("unit", unit.map_or(Value::Absent, |unit| Value::Subject(Subject::Unit(unit.number())))),
            ("category", Value::choice(person.category.as_str())),
            ("active", Value::Bool(person.active(today))),
            ("posts", held(&|post| post.person == person.id)),
            ("manager", unit.and_then(|unit| superior(person.id, unit)).unwrap_or(Value::Absent)),
        ];
        world.put(&Subject::Person(person.id.number()), fields);
    }
    for post in posts.iter().filter(|post| post.role != AFFILIATION) {
        let fields = [
            ("role", Value::choice(post.role.as_str())),
            ("unit", Value::Subject(Subject::Unit(post.unit.number()))),
            ("person", Value::Subject(Subject::Person(post.person.number()))),
            ("from", Value::Day(post.from)),
            ("to", post.to.map_or(Value::Absent, Value::Day)),
        ];
        world.put(&Subject::Post(post.id.number()), fields);
    }
    Ok(())
}

/// Loads the rows of every source's last import.
async fn load_facts(reading: &mut Reading, pack: &Pack, world: &mut Snapshot, known: &mut Circumstances) -> Result<()> {
    for source in &pack.sources {
        let import =
            Sql::new("SELECT id, as_of FROM fact_import WHERE source = $1 AND current = 1", [(&source.id).into()]);
        let Some(import) = reading.row_if_any(import).await? else { continue };
        known.delivered.insert(source.id.clone(), import.day(1)?);
        let rows = "SELECT position, fields FROM fact WHERE import_id = $1 ORDER BY position";
        for row in reading.rows(Sql::new(rows, [import.id(0)?.into()])).await? {
            let text = row.text(1)?;
            let stored: Map<String, Json> = serde_json::from_str(&text)
                .map_err(|error| ledger::Error::broken(format!("fields of a fact: {error}")))?;
            let position = u64::try_from(row.int(0)?).unwrap_or_default();
            let subject = Subject::Fact { source: source.id.as_str().into(), row: position };
            let fields = source.fields.iter().filter(|field| world.keeps(&subject, &field.id)).collect::<Vec<_>>();
            let fields = fields
                .into_iter()
                .map(|field| (field.id.as_str(), records::for_expressions(pack, &field.ty, stored.get(&field.id))));
            world.put(&subject, fields);
        }
    }
    Ok(())
}

/// Exceptions that count, from the registers of that kind.
fn exceptions(pack: &Pack, world: &Snapshot) -> Vec<Exception> {
    let mut found = Vec::new();
    for register in pack.registers.iter().filter(|register| register.kind == Some(RegisterKind::Exception)) {
        for subject in world.subjects(&pack::model::Subjects::Register(register.id.clone())) {
            found.extend(exception(register, &subject, world));
        }
    }
    found
}

fn exception(register: &Register, subject: &Subject, world: &Snapshot) -> Option<Exception> {
    let text = |field: &str| match world.field(subject, field) {
        Ok(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let day = |field: &str| -> Option<Day> {
        match world.field(subject, field) {
            Ok(Value::Day(day)) => Some(day),
            _ => None,
        }
    };
    let Ok(Value::Choice(state)) = world.field(subject, "state") else { return None };
    if !register.in_force.iter().any(|in_force| **in_force == *state) {
        return None;
    }
    Some(Exception {
        number: text("number")?,
        control: text("control")?,
        subject: text("subject"),
        unit: world.unit(subject)?,
        from: day("starts_on")?,
        to: day("ends_on")?,
    })
}
