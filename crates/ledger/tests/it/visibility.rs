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

use crate::city::{NOON, add_person, add_unit, anywhere, at_unit, fields, give, operator, pack, rule};
use crate::engines::{Fresh, behind, empty_bytes, fresh};

/// A random city, as numbers that are indexes into what exists so far.
#[derive(Debug, Clone)]
struct City {
    /// The parent of each unit after the first.
    parents: Vec<usize>,
    /// Units closed this year, and the unit that succeeds each.
    closed: Vec<(usize, usize)>,
    /// The home of each person.
    homes: Vec<usize>,
    /// Posts: person, role, unit, and whether it is past, present or to come.
    posts: Vec<(usize, usize, usize, u8)>,
    /// Who is away.
    away: Vec<usize>,
    /// Records: applicant, unit, state, readers.
    records: Vec<(usize, usize, usize, Vec<usize>)>,
    /// Rules: term and states.
    rules: Vec<(usize, Vec<usize>)>,
    /// Open tasks: record, and a person or a role in a unit.
    tasks: Vec<(usize, bool, usize, usize, usize)>,
}

const ROLES: [&str; 4] = ["section_manager", "deputy_manager", "ciso", "auditor"];
const STATES: [&str; 4] = ["draft", "asked", "out", "returned"];

fn city() -> impl Strategy<Value = City> {
    use proptest::collection::vec;
    let any = 0..1000_usize;
    (
        vec(any.clone(), 2..6),
        vec((any.clone(), any.clone()), 0..2),
        vec(any.clone(), 3..6),
        vec((any.clone(), any.clone(), any.clone(), 0..4_u8), 0..8),
        vec(any.clone(), 0..2),
        vec((any.clone(), any.clone(), any.clone(), vec(any.clone(), 0..3)), 1..8),
        vec((any.clone(), vec(0..4_usize, 0..3)), 0..4),
        vec((any.clone(), proptest::bool::ANY, any.clone(), any.clone(), any), 0..3),
    )
        .prop_map(|(parents, closed, homes, posts, away, records, rules, tasks)| City {
            parents,
            closed,
            homes,
            posts,
            away,
            records,
            rules,
            tasks,
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

/// An open task: on a record, for a person, or for a role in a unit.
type Task = (Id, Option<Id>, Option<(String, Id)>);

/// Everything the model knows, in plain lists.
struct Model {
    units: Vec<units::Unit>,
    successors: Vec<(Id, Id)>,
    posts: Vec<posts::Post>,
    away: Vec<Id>,
    tasks: Vec<Task>,
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

    fn held_now(&self) -> impl Iterator<Item = &posts::Post> {
        self.posts.iter().filter(|post| post.from <= self.today && post.to.is_none_or(|to| self.today < to))
    }

    /// Units where a person has a role today, also for somebody who is away.
    fn units_of(&self, person: Id, role: &str) -> Vec<Id> {
        let role_kept = if role == "staff" { AFFILIATION } else { role };
        let mut units: Vec<Id> =
            self.held_now().filter(|p| p.person == person && p.role == role_kept).map(|p| p.unit).collect();
        if role == "section_manager" && !self.away.contains(&person) {
            // The deputy manager of the same unit stands in for a section manager who is away, unless the deputy is the holder.
            for absent in
                self.held_now().filter(|p| p.role == role && self.away.contains(&p.person) && p.person != person)
            {
                let stands_in =
                    self.held_now().any(|p| p.person == person && p.role == "deputy_manager" && p.unit == absent.unit);
                if stands_in {
                    units.push(absent.unit);
                }
            }
        }
        units
    }

    fn meets(&self, person: Id, term: &Term, record: &records::Record) -> bool {
        match term {
            Term::Applicant => record.applicant == Some(person),
            Term::Person(field) => {
                record.fields.get(field).is_some_and(|v| v.to_string().contains(&person.to_string()))
            }
            Term::Role { role, scope: TermScope::All } => !self.units_of(person, role).is_empty(),
            Term::Role { role, scope: TermScope::Unit } => {
                self.units_of(person, role).into_iter().any(|unit| self.above(unit, record.unit, 0))
            }
            Term::Assigned => self.tasks.iter().filter(|task| task.0 == record.id).any(|(_, who, role)| {
                let by_role = role.as_ref().is_some_and(|(role, unit)| {
                    self.units_of(person, role).into_iter().any(|held| self.above(held, *unit, 0))
                });
                *who == Some(person) || by_role
            }),
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
}

async fn build(engine: Engine, city: &City) -> Built {
    let fresh = fresh(engine).await;
    let mut op = operator(&fresh.ledger).await;
    let mut units = vec![add_unit(&mut op, "市", None, "2020-04-01").await];
    for (i, parent) in city.parents.iter().enumerate() {
        let parent = units[parent % units.len()];
        units.push(add_unit(&mut op, &format!("課{i}"), Some(parent), "2020-04-01").await);
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
    let mut away = Vec::new();
    for person in &city.away {
        let person = people[person % people.len()];
        let permit = office(&op, None, Office::People, "absence", "person", person).unwrap();
        absences::set(&mut op, permit, person, NOON, None).await.unwrap();
        away.push(person);
    }
    op.commit().await.unwrap();
    let mut pack = pack();
    pack.registers[0].access.create = vec![rule(anywhere("staff"), &[])];
    let terms = terms();
    let states = |states: &[usize]| states.iter().map(|s| STATES[*s]).collect::<Vec<_>>();
    let rules = city.rules.iter().map(|(term, of)| rule(terms[term % terms.len()].clone(), &states(of)));
    pack.registers[0].access.view = rules.collect();
    Built { fresh, pack, units, people, away }
}

impl Built {
    async fn add_records(&self, city: &City) -> Vec<records::Record> {
        let mut all = Vec::new();
        for (i, (applicant, unit, state, readers)) in city.records.iter().enumerate() {
            let applicant = self.people[applicant % self.people.len()];
            let mut op = self.fresh.ledger.operation(Actor::Person(applicant), NOON).await.unwrap();
            let standing = Standing::of(&mut op, &self.pack, applicant).await.unwrap();
            let mut register = self.pack.registers[0].clone();
            STATES[state % STATES.len()].clone_into(&mut register.lifecycle.initial);
            let readers: BTreeSet<String> =
                readers.iter().map(|r| self.people[r % self.people.len()].to_string()).collect();
            let values = fields(json!({"name": format!("記録{i}"), "readers": readers}));
            let unit = Some(self.units[unit % self.units.len()]);
            let new = NewRecord { unit, fields: values, ..NewRecord::default() };
            all.push(records::create(&mut op, &self.pack, Some(&standing), &register, new).await.unwrap());
            op.commit().await.unwrap();
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
        for (i, (record, by_person, person, role, unit)) in city.tasks.iter().enumerate() {
            let record = all[record % all.len()].id;
            let person = Some(self.people[person % self.people.len()]).filter(|_| *by_person);
            let role = (ROLES[role % ROLES.len()].to_owned(), self.units[unit % self.units.len()]);
            let role = Some(role).filter(|_| !by_person);
            let (name, unit) = role.as_ref().map_or(("", String::new()), |(r, u)| (r.as_str(), u.to_string()));
            let who = person.map_or(String::new(), |id| id.to_string());
            let sql = format!(
                "INSERT INTO task (id, record_id, kind, step, seat, state, person_id, role, scope, unit_id, opened_at, salt) \
                 VALUES ('{i}', '{record}', 'approve', 0, 0, 'open', '{who}', '{name}', 'unit', '{unit}', 0, {})",
                empty_bytes(self.fresh.ledger.engine())
            );
            behind(&self.fresh.location, &sql).await;
            tasks.push((record, person, role));
        }
        tasks
    }
}

async fn check(engine: Engine, city: &City) {
    let built = build(engine, city).await;
    let all = built.add_records(city).await;
    let successors = built.close_units(city).await;
    let tasks = built.add_tasks(city, &all).await;
    let mut reading = built.fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
    let model = Model {
        units: units::all(&mut reading).await.unwrap(),
        successors,
        posts: posts::on(&mut reading, NOON.day()).await.unwrap(),
        away: built.away.clone(),
        tasks,
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
