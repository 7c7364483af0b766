//! What SQL shows is what a slow, obvious reading of the access rules allows, on random cities.

use std::collections::BTreeSet;

use ledger::people::{AFFILIATION, Standing, absences, posts, units};
use ledger::permission::{Office, office};
use ledger::records::{self, NewRecord, Query};
use ledger::{Actor, Day, Engine, Id};
use pack::model::{AccessRule, Pack, Term, TermScope};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::city::{
    NOON, add_person, add_unit, add_unit_of, anywhere, at_unit, fields, give, joint_body, operator, pack, rule,
};
use crate::engines::{Fresh, behind, empty_bytes, fresh};

/// A random city, as numbers that are indexes into what exists so far.
#[derive(Debug, Clone)]
struct City {
    /// The parent of each unit after the first.
    parents: Vec<usize>,
    /// Units closed this year, and the unit that succeeds each.
    closed: Vec<(usize, usize)>,
    /// Units of a joint body.
    joint: Vec<usize>,
    /// The home of each person.
    homes: Vec<usize>,
    /// Posts: person, role, unit, and whether it is past, present or to come.
    posts: Vec<(usize, usize, usize, u8)>,
    /// Who is, was or will be away.
    away: Vec<(usize, u8)>,
    /// Substitute orders that were set: unit, role, persons.
    orders: Vec<(usize, usize, Vec<usize>)>,
    records: Vec<Made>,
    /// Rules: term and states.
    rules: Vec<(usize, Vec<usize>)>,
    /// Open tasks: record, a person or a role, where, and how.
    tasks: Vec<(usize, bool, usize, usize, usize, How)>,
    /// Who answered something, and whether lately.
    answered: Vec<(usize, bool)>,
}

/// A record: applicant, for whom it was entered, unit, state, readers.
type Made = (usize, Option<usize>, usize, usize, Vec<usize>);

/// How a task stands: anywhere, waiting for long, a decision.
type How = (bool, bool, bool);

const ROLES: [&str; 4] = ["section_manager", "deputy_manager", "ciso", "auditor"];
/// A joint body beside the municipality.
const WATER: &str = "water";
const STATES: [&str; 4] = ["draft", "asked", "out", "returned"];

fn city() -> impl Strategy<Value = City> {
    use proptest::collection::vec;
    let any = 0..1000_usize;
    let flag = proptest::bool::ANY;
    (
        vec(any.clone(), 2..6),
        (vec((any.clone(), any.clone()), 0..2), vec(any.clone(), 0..3)),
        vec(any.clone(), 3..6),
        vec((any.clone(), any.clone(), any.clone(), 0..4_u8), 0..8),
        (vec((any.clone(), 0..3_u8), 0..3), vec((any.clone(), any.clone(), vec(any.clone(), 1..3)), 0..2)),
        vec((any.clone(), proptest::option::of(any.clone()), any.clone(), any.clone(), vec(any.clone(), 0..3)), 1..8),
        vec((any.clone(), vec(0..4_usize, 0..3)), 0..4),
        (
            vec((any.clone(), flag, any.clone(), any.clone(), any.clone(), (flag, flag, flag)), 0..4),
            vec((any, flag), 0..3),
        ),
    )
        .prop_map(|(parents, (closed, joint), homes, posts, (away, orders), records, rules, (tasks, answered))| {
            City { parents, closed, joint, homes, posts, away, orders, records, rules, tasks, answered }
        })
}

fn terms() -> Vec<Term> {
    vec![
        Term::Applicant,
        Term::Person("readers".to_owned()),
        at_unit("staff"),
        at_unit("section_manager"),
        at_unit("deputy_manager"),
        anywhere("ciso"),
        anywhere("auditor"),
        Term::Assigned,
    ]
}

/// An open task.
#[derive(Debug)]
struct Task {
    record: Id,
    person: Option<Id>,
    /// Role and unit.
    role: Option<(String, Id)>,
    how: How,
}

/// Everything the model knows, in plain lists.
struct Model {
    units: Vec<units::Unit>,
    successors: Vec<(Id, Id)>,
    posts: Vec<posts::Post>,
    /// Who is away now.
    away: Vec<Id>,
    orders: Vec<(Id, String, Vec<Id>)>,
    tasks: Vec<Task>,
    /// Who answered something since the last working day began.
    busy: Vec<Id>,
    today: Day,
}

impl Model {
    /// Whether one unit stands above another today, step by step.
    fn above(&self, above: Id, below: Id, depth: usize) -> bool {
        if above == below {
            return true;
        }
        let unit = self.units.iter().find(|unit| unit.id == below).unwrap();
        let closed = unit.to.is_some_and(|to| to <= self.today);
        let successors: Vec<Id> =
            self.successors.iter().filter(|(old, _)| *old == below).map(|(_, new)| *new).collect();
        let up = if closed && !successors.is_empty() { successors } else { unit.parent.into_iter().collect() };
        depth < 20 && up.into_iter().any(|next| self.above(above, next, depth + 1))
    }

    /// Whether two units belong both to the municipality, or both to the same joint body.
    fn one_body(&self, one: Id, other: Id) -> bool {
        let body = |id: Id| {
            let unit = self.units.iter().find(|unit| unit.id == id).unwrap();
            if unit.body == WATER { WATER } else { "" }
        };
        body(one) == body(other)
    }

    fn held_now(&self) -> impl Iterator<Item = &posts::Post> {
        self.posts.iter().filter(|post| post.from <= self.today && post.to.is_none_or(|to| self.today < to))
    }

    /// Units where a person has a role today, also for somebody who is away.
    fn units_of(&self, person: Id, role: &str) -> Vec<Id> {
        let role_kept = if role == "staff" { AFFILIATION } else { role };
        let mut units: Vec<Id> =
            self.held_now().filter(|p| p.person == person && p.role == role_kept).map(|p| p.unit).collect();
        let absent = self.held_now().filter(|p| p.role == role && self.away.contains(&p.person));
        units.extend(absent.filter(|p| self.stands_in(person, p)).map(|p| p.unit));
        units
    }

    /// Whether a person acts for the holder of a post when that one is away or lets things lie: the first free one of the
    /// order that was set, or else every free deputy manager of a section manager's own unit.
    fn stands_in(&self, person: Id, post: &posts::Post) -> bool {
        let free = |who: &Id| *who != post.person && !self.away.contains(who);
        let order = self.orders.iter().rfind(|(unit, role, _)| *unit == post.unit && *role == post.role);
        match order {
            Some((_, _, people)) => people.iter().find(|who| free(who)) == Some(&person),
            None => {
                let deputy = |p: &posts::Post| p.person == person && p.role == "deputy_manager" && p.unit == post.unit;
                post.role == "section_manager" && free(&person) && self.held_now().any(deputy)
            }
        }
    }

    /// Whether a task is a person's: by name, by a role held, or because its holder has let it lie.
    fn waits_for(&self, person: Id, task: &Task) -> bool {
        let (anywhere, long, decision) = task.how;
        let Some((role, unit)) = &task.role else { return task.person == Some(person) };
        let reaches = |held: Id| if anywhere { self.one_body(held, *unit) } else { self.above(held, *unit, 0) };
        let lying = |p: &&posts::Post| p.role == *role && reaches(p.unit) && !self.busy.contains(&p.person);
        self.units_of(person, role).into_iter().any(reaches)
            || long && decision && self.held_now().filter(lying).any(|p| self.stands_in(person, p))
    }

    fn meets(&self, person: Id, term: &Term, record: &records::Record) -> bool {
        match term {
            Term::Applicant => record.applicant == Some(person) || record.entered_for == Some(person),
            Term::Person(field) => {
                record.fields.get(field).is_some_and(|v| v.to_string().contains(&person.to_string()))
            }
            Term::Role { role, scope: TermScope::All } => {
                self.units_of(person, role).into_iter().any(|unit| self.one_body(unit, record.unit))
            }
            Term::Role { role, scope: TermScope::Unit } => {
                self.units_of(person, role).into_iter().any(|unit| self.above(unit, record.unit, 0))
            }
            Term::Assigned => self.tasks.iter().any(|task| task.record == record.id && self.waits_for(person, task)),
        }
    }

    fn sees(&self, person: Id, rules: &[AccessRule], record: &records::Record) -> bool {
        rules
            .iter()
            .any(|r| (r.states.is_empty() || r.states.contains(&record.state)) && self.meets(person, &r.who, record))
    }
}

/// The city as it stands in a store.
struct Built {
    fresh: Fresh,
    pack: Pack,
    units: Vec<Id>,
    people: Vec<Id>,
    away: Vec<Id>,
    orders: Vec<(Id, String, Vec<Id>)>,
}

async fn build(engine: Engine, city: &City) -> Built {
    let fresh = fresh(engine).await;
    let mut op = operator(&fresh.ledger).await;
    let mut units = vec![add_unit(&mut op, "市", None, "2020-04-01").await];
    for (i, parent) in city.parents.iter().enumerate() {
        let parent = units[parent % units.len()];
        let joint = city.joint.iter().any(|unit| unit % (city.parents.len() + 1) == i + 1);
        let body = if joint { WATER } else { "mayor" };
        units.push(add_unit_of(&mut op, body, &format!("課{i}"), Some(parent), "2020-04-01").await);
    }
    let mut people = Vec::new();
    for (i, home) in city.homes.iter().enumerate() {
        people.push(add_person(&mut op, &format!("職員{i}"), "full_time", units[home % units.len()]).await);
    }
    let spans = [
        ("2021-04-01", Some("2026-11-22")),
        ("2026-11-23", None),
        ("2021-04-01", None),
        ("2026-11-22", Some("2026-11-23")),
    ];
    for (person, role, unit, when) in &city.posts {
        let (from, to) = spans[usize::from(*when)];
        let (person, unit) = (people[person % people.len()], units[unit % units.len()]);
        give(&mut op, person, ROLES[role % ROLES.len()], unit, from, to).await;
    }
    let (away, orders) = absences_of(&mut op, city, &people, &units).await;
    op.commit().await.unwrap();
    let mut pack = pack();
    pack.bodies.push(joint_body(WATER));
    pack.registers[0].access.create = vec![rule(anywhere("staff"), &[])];
    let terms = terms();
    let states = |states: &[usize]| states.iter().map(|s| STATES[*s]).collect::<Vec<_>>();
    let rules = city.rules.iter().map(|(term, of)| rule(terms[term % terms.len()].clone(), &states(of)));
    pack.registers[0].access.view = rules.collect();
    Built { fresh, pack, units, people, away, orders }
}

/// Sets who is away, who was and who will be, and the substitute orders; who is away now, and the orders.
async fn absences_of(
    op: &mut ledger::Operation,
    city: &City,
    people: &[Id],
    units: &[Id],
) -> (Vec<Id>, Vec<(Id, String, Vec<Id>)>) {
    let (mut away, mut orders) = (Vec::new(), Vec::new());
    let hour = 3_600_000;
    let spans = [(NOON, None), (NOON.plus_ms(-2 * hour), Some(NOON)), (NOON.plus_ms(hour), None)];
    for (person, when) in &city.away {
        let person = people[person % people.len()];
        let (from, to) = spans[usize::from(*when)];
        let permit = office(op, None, Office::People, "absence", "person", person).unwrap();
        absences::set(op, permit, person, from, to).await.unwrap();
        if *when == 0 {
            away.push(person);
        }
    }
    for (unit, role, order) in &city.orders {
        let (unit, role) = (units[unit % units.len()], ROLES[role % ROLES.len()]);
        let order: Vec<Id> = order.iter().map(|person| people[person % people.len()]).collect();
        let permit = office(op, None, Office::People, "order", "unit", unit).unwrap();
        absences::set_substitutes(op, permit, unit, role, &order).await.unwrap();
        orders.push((unit, role.to_owned(), order));
    }
    (away, orders)
}

impl Built {
    async fn add_records(&self, city: &City) -> Vec<records::Record> {
        let mut all = Vec::new();
        for (i, (applicant, other, unit, state, readers)) in city.records.iter().enumerate() {
            let applicant = self.people[applicant % self.people.len()];
            let mut op = self.fresh.ledger.operation(Actor::Person(applicant), NOON).await.unwrap();
            // As if there were one body: who may create is not asked here.
            let mut whole = self.pack.clone();
            whole.bodies.clear();
            let standing = Standing::of(&mut op, &whole, applicant).await.unwrap();
            let mut register = self.pack.registers[0].clone();
            STATES[state % STATES.len()].clone_into(&mut register.lifecycle.initial);
            let readers: BTreeSet<String> =
                readers.iter().map(|r| self.people[r % self.people.len()].to_string()).collect();
            let values = fields(json!({"name": format!("記録{i}"), "readers": readers}));
            let unit = Some(self.units[unit % self.units.len()]);
            let new = NewRecord { unit, fields: values, ..NewRecord::default() };
            let mut record = records::create(&mut op, &self.pack, Some(&standing), &register, new).await.unwrap();
            op.commit().await.unwrap();
            // Who may enter for whom is not asked either.
            record.entered_for =
                other.map(|other| self.people[other % self.people.len()]).filter(|other| *other != applicant);
            if let Some(other) = record.entered_for {
                let sql = format!("UPDATE record SET entered_for = '{other}' WHERE id = '{}'", record.id);
                behind(&self.fresh.location, &sql).await;
            }
            all.push(record);
        }
        all
    }

    async fn close_units(&self, city: &City) -> Vec<(Id, Id)> {
        let mut op = operator(&self.fresh.ledger).await;
        let mut successors = Vec::new();
        for (old, new) in &city.closed {
            let old = self.units[1 + old % (self.units.len() - 1)];
            let new = self.units[new % self.units.len()];
            if old != new && !successors.iter().any(|(o, n): &(Id, Id)| *o == old || *n == old) {
                let permit = office(&op, None, Office::People, "close", "unit", old).unwrap();
                units::close(&mut op, permit, old, "2026-04-01".parse().unwrap(), &[new]).await.unwrap();
                successors.push((old, new));
            }
        }
        op.commit().await.unwrap();
        successors
    }

    async fn add_tasks(&self, city: &City, all: &[records::Record]) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (i, (record, by_person, person, role, unit, how)) in city.tasks.iter().enumerate() {
            let record = all[record % all.len()].id;
            let person = Some(self.people[person % self.people.len()]).filter(|_| *by_person);
            let role = (ROLES[role % ROLES.len()].to_owned(), self.units[unit % self.units.len()]);
            let role = Some(role).filter(|_| !by_person);
            let (name, unit) = role.as_ref().map_or(("", String::new()), |(r, u)| (r.as_str(), u.to_string()));
            let who = person.map_or(String::new(), |id| id.to_string());
            let (scope, kind) = (if how.0 { "all" } else { "unit" }, if how.2 { "approve" } else { "circulate" });
            // Before the last working day began, or since.
            let opened = if how.1 { NOON.0 - 3 * 86_400_000 } else { NOON.0 };
            let sql = format!(
                "INSERT INTO task (id, record_id, kind, step, seat, state, person_id, role, scope, unit_id, opened_at, salt) \
                 VALUES ('{i}', '{record}', '{kind}', 0, 0, 'open', '{who}', '{name}', '{scope}', '{unit}', {opened}, {})",
                empty_bytes(self.fresh.ledger.engine())
            );
            behind(&self.fresh.location, &sql).await;
            tasks.push(Task { record, person, role, how: *how });
        }
        tasks
    }

    /// Puts answered tasks there; who answered lately.
    async fn add_answers(&self, city: &City, all: &[records::Record]) -> Vec<Id> {
        let mut busy = Vec::new();
        for (i, (person, lately)) in city.answered.iter().enumerate() {
            let person = self.people[person % self.people.len()];
            // Friday, the last working day, or the day before it.
            let done = if *lately { NOON.0 - 2 * 86_400_000 } else { NOON.0 - 3 * 86_400_000 };
            let sql = format!(
                "INSERT INTO task (id, record_id, kind, step, seat, state, opened_at, done_at, done_by, salt) \
                 VALUES ('done{i}', '{}', 'approve', 0, 0, 'done', 0, {done}, '{person}', {})",
                all[0].id,
                empty_bytes(self.fresh.ledger.engine())
            );
            behind(&self.fresh.location, &sql).await;
            busy.extend(lately.then_some(person));
        }
        busy
    }
}

async fn check(engine: Engine, city: &City) {
    let built = build(engine, city).await;
    let all = built.add_records(city).await;
    let successors = built.close_units(city).await;
    let tasks = built.add_tasks(city, &all).await;
    let busy = built.add_answers(city, &all).await;
    let mut reading = built.fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
    let model = Model {
        units: units::all(&mut reading).await.unwrap(),
        successors,
        posts: posts::on(&mut reading, NOON.day()).await.unwrap(),
        away: built.away.clone(),
        orders: built.orders.clone(),
        tasks,
        busy,
        today: NOON.day(),
    };
    drop(reading);
    let register = &built.pack.registers[0];
    for person in &built.people {
        let mut reading = built.fresh.ledger.reading(Actor::Person(*person), NOON).await.unwrap();
        let standing = Standing::of(&mut reading, &built.pack, *person).await.unwrap();
        let query = Query { limit: 100, ..Query::default() };
        let listing = records::list(&mut reading, &built.pack, Some(&standing), register, &query).await.unwrap();
        let shown: BTreeSet<Id> = listing.items.iter().map(|record| record.id).collect();
        let allowed = all.iter().filter(|record| model.sees(*person, &register.access.view, record));
        let allowed: BTreeSet<Id> = allowed.map(|record| record.id).collect();
        assert_eq!(shown, allowed, "{person} {standing:?}");
        let found = records::search(&mut reading, &built.pack, Some(&standing), "記録", 100).await.unwrap();
        assert_eq!(
            found.iter().map(|found| found.record.id).collect::<BTreeSet<_>>(),
            allowed,
            "{person} {standing:?}"
        );
        for record in &all {
            let got = records::get(&mut reading, Some(&standing), register, record.id).await;
            assert_eq!(got.is_ok(), allowed.contains(&record.id));
        }
    }
}

fn run(engine: Engine, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&city(), |city| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(check(engine, &city));
            Ok(())
        })
        .unwrap();
}

#[test]
fn sql_shows_what_the_rules_allow_on_sqlite() {
    run(Engine::Sqlite, 60);
}

#[test]
fn sql_shows_what_the_rules_allow_on_postgresql() {
    run(Engine::Postgres, 12);
}
