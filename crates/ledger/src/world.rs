//! The recorded world as expressions see it, loaded step by step: an evaluation says what it came to and did not find; that
//! is loaded; it is evaluated again. Paths are two hops long at most, so a few rounds suffice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pack::Pack;
use pack::expr::{Env, Subject, Unknown, Value, Workdays, World, kind_fields};
use pack::model::{BackReference, FieldType, Register};
use serde_json::{Map, Value as Json};

use crate::people::{persons, posts, units};
use crate::records::{self, Record, for_expressions};
use crate::store::Sql;
use crate::{Day, Error, Id, Reading, Result, kinds};

/// Rounds of evaluate and load after which an expression is given up as unknown.
const ROUNDS: usize = 12;

/// What has been loaded so far.
struct Loaded<'a> {
    values: HashMap<(Subject, String), Value>,
    missing: Mutex<Vec<(Subject, String)>>,
    holidays: &'a [Day],
    /// Made when an expression first asks, as few do.
    workdays: OnceLock<Workdays>,
}

impl World for Loaded<'_> {
    fn field(&self, of: &Subject, field: &str) -> Result<Value, Unknown> {
        let key = (of.clone(), field.to_owned());
        if let Some(value) = self.values.get(&key) {
            return Ok(value.clone());
        }
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).push(key);
        Err(Unknown::new("まだ読み込まれていません。", "Not loaded yet."))
    }

    fn workdays(&self) -> &Workdays {
        self.workdays.get_or_init(|| Workdays::new(self.holidays.iter().copied()))
    }
}

/// The subject of a record.
pub fn subject(register: &str, id: Id) -> Subject {
    Subject::Record { register: Arc::from(register), id: id.number() }
}

/// Evaluates something over a record as it would stand (`record` may differ from what is stored), loading what it asks for.
pub async fn evaluate<T>(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
    what: impl Fn(&Env<'_>) -> T,
) -> Result<T> {
    let mut world = Loaded {
        values: HashMap::new(),
        missing: Mutex::new(Vec::new()),
        holidays: &pack.calendar.holidays,
        workdays: OnceLock::new(),
    };
    let subject = subject(&register.id, record.id);
    world.add_record(pack, register, record);
    for _ in 0..ROUNDS {
        let answer = what(&Env { today: reading.today(), subject: &subject, world: &world });
        let missing = std::mem::take(&mut *world.missing.lock().unwrap_or_else(PoisonError::into_inner));
        if missing.is_empty() {
            return Ok(answer);
        }
        for (of, field) in missing {
            if world.values.contains_key(&(of.clone(), field.clone())) {
                continue;
            }
            if of == subject && kind_fields(register.kind).contains(&field.as_str()) {
                let people = dependent(reading, pack, register, record).await?;
                world.set(&of, &field, people);
            } else {
                world.load(reading, pack, &of, &field).await?;
            }
        }
    }
    Err(Error::broken(format!("an expression of register '{}' does not come to an end", register.id)))
}

/// The auditors of an audit who are not independent, as expressions see them.
pub async fn dependent(reading: &mut Reading, pack: &Pack, audits: &Register, audit: &Record) -> Result<Value> {
    let people = kinds::audit::dependent(reading, pack, audits, audit).await?;
    Ok(Value::list(people.into_iter().map(|id| Value::Subject(Subject::Person(id.number()))).collect::<Vec<_>>()))
}

impl Loaded<'_> {
    fn set(&mut self, of: &Subject, field: &str, value: Value) {
        self.values.entry((of.clone(), field.to_owned())).or_insert(value);
    }

    fn add_record(&mut self, pack: &Pack, register: &Register, record: &Record) {
        let of = subject(&register.id, record.id);
        for field in &register.fields {
            if !matches!(field.ty, FieldType::Computed(_)) {
                self.set(&of, &field.id, for_expressions(pack, &field.ty, record.fields.get(&field.id)));
            }
        }
        let person = |id: Option<Id>| id.map_or(Value::Absent, |id| Value::Subject(Subject::Person(id.number())));
        self.set(&of, "unit", Value::Subject(Subject::Unit(record.unit.number())));
        // What is entered from paper is the application of whoever wrote the paper.
        self.set(&of, "applicant", person(record.entered_for.or(record.applicant)));
        self.set(&of, "state", Value::choice(record.state.as_str()));
        self.set(&of, "number", Value::text(record.number.as_str()));
        self.set(&of, "name", Value::text(record.name.as_str()));
        self.set(&of, "created_on", Value::Day(record.created.day()));
        self.set(&of, "entered_on", Value::Day(record.entered));
    }

    async fn load(&mut self, reading: &mut Reading, pack: &Pack, of: &Subject, field: &str) -> Result<()> {
        match of {
            Subject::Record { register, id } => self.load_record(reading, pack, register, *id, of, field).await?,
            Subject::Person(id) => {
                let id = Id::from_number(*id);
                if !self.load_back(reading, &pack.people_back, id, of, field).await? {
                    self.load_person(reading, id, of, field).await?;
                }
            }
            Subject::Unit(id) => {
                let id = Id::from_number(*id);
                if !self.load_back(reading, &pack.units_back, id, of, field).await? {
                    self.load_unit(reading, id, of, field).await?;
                }
            }
            Subject::Post(_) | Subject::Fact { .. } | Subject::Municipality => {}
        }
        self.set(of, field, Value::Absent);
        Ok(())
    }

    async fn load_record(
        &mut self,
        reading: &mut Reading,
        pack: &Pack,
        register: &str,
        id: u128,
        of: &Subject,
        field: &str,
    ) -> Result<()> {
        let Some(register) = pack.register(register) else { return Ok(()) };
        if self.load_back(reading, &register.back, Id::from_number(id), of, field).await? {
            return Ok(());
        }
        if let Some(record) = records::stored(reading, Id::from_number(id)).await? {
            self.add_record(pack, register, &record);
            if kind_fields(register.kind).contains(&field) {
                let people = dependent(reading, pack, register, &record).await?;
                self.set(of, field, people);
            }
        }
        Ok(())
    }

    /// Loads the records that refer to something under a name of their own; false when there is no such name.
    async fn load_back(
        &mut self,
        reading: &mut Reading,
        back: &[BackReference],
        id: Id,
        of: &Subject,
        field: &str,
    ) -> Result<bool> {
        let Some(back) = back.iter().find(|back| back.name == field) else { return Ok(false) };
        let sql = Sql::new(
            "SELECT DISTINCT r.id FROM record_link l JOIN record r ON r.id = l.record_id \
             WHERE l.target = $1 AND l.field = $2 AND r.register = $3 ORDER BY r.id",
            [id.into(), (&back.field).into(), (&back.register).into()],
        );
        let mut list = Vec::new();
        for row in reading.rows(sql).await? {
            list.push(Value::Subject(subject(&back.register, row.id(0)?)));
        }
        self.set(of, field, Value::list(list));
        Ok(true)
    }

    async fn load_person(&mut self, reading: &mut Reading, id: Id, of: &Subject, field: &str) -> Result<()> {
        let today = reading.today();
        match field {
            "posts" => {
                let held = posts::of_person(reading, id).await?;
                let held = held.into_iter().filter(|p| {
                    p.role != crate::people::AFFILIATION && p.from <= today && p.to.is_none_or(|to| today < to)
                });
                let list: Vec<Value> = held.map(|post| self.add_post(&post)).collect();
                self.set(of, field, Value::list(list));
            }
            "unit" => {
                let home = posts::home(reading, id, today).await?;
                self.set(of, field, home.map_or(Value::Absent, |unit| Value::Subject(Subject::Unit(unit.number()))));
            }
            _ => {
                let person = persons::get(reading, id).await?;
                self.set(of, "name", Value::text(person.name.as_str()));
                self.set(of, "category", Value::choice(person.category.as_str()));
                self.set(of, "active", Value::Bool(person.active(today)));
            }
        }
        Ok(())
    }

    fn add_post(&mut self, post: &posts::Post) -> Value {
        let of = Subject::Post(post.id.number());
        self.set(&of, "role", Value::choice(post.role.as_str()));
        self.set(&of, "unit", Value::Subject(Subject::Unit(post.unit.number())));
        self.set(&of, "person", Value::Subject(Subject::Person(post.person.number())));
        self.set(&of, "from", Value::Day(post.from));
        self.set(&of, "to", post.to.map_or(Value::Absent, Value::Day));
        Value::Subject(of)
    }

    async fn load_unit(&mut self, reading: &mut Reading, id: Id, of: &Subject, field: &str) -> Result<()> {
        if field == "posts" || field == "staff" {
            let held = posts::of_unit(reading, id, reading.today()).await?;
            let staff = held.iter().filter(|p| p.role == crate::people::AFFILIATION);
            let staff: Vec<Value> = staff.map(|p| Value::Subject(Subject::Person(p.person.number()))).collect();
            let list: Vec<Value> =
                held.iter().filter(|p| p.role != crate::people::AFFILIATION).map(|post| self.add_post(post)).collect();
            self.set(of, "posts", Value::list(list));
            self.set(of, "staff", Value::list(staff));
            return Ok(());
        }
        let unit = units::get(reading, id).await?;
        self.set(of, "name", Value::text(unit.name.as_str()));
        let parent = unit.parent.map_or(Value::Absent, |unit| Value::Subject(Subject::Unit(unit.number())));
        self.set(of, "parent", parent);
        Ok(())
    }
}

/// The fields of a record with their computed ones, for whoever shows it.
pub async fn with_computed(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<Map<String, Json>> {
    let computed: Vec<_> = register
        .fields
        .iter()
        .filter_map(|field| match &field.ty {
            FieldType::Computed(expr) => Some((field.id.clone(), expr)),
            _ => None,
        })
        .collect();
    let mut fields = record.fields.clone();
    for (id, expr) in computed {
        if let Ok(value) = evaluate(reading, pack, register, record, |env| expr.eval(env)).await? {
            fields.insert(id, records::from_expression(pack, &value));
        }
    }
    Ok(fields)
}
