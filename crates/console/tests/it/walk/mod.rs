//! Every register of the shipped policy is walked from its data alone: each transition is taken by somebody who may, each
//! deadline speaks to whom it names, each record prints, and each is destroyed at the end of its retention with the chain whole.

mod people;
mod values;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::StatusCode;
use ledger::decisions::{self, Answer, Back, Way};
use ledger::journal::verify;
use ledger::permission::{self, Office, office};
use ledger::records::{self, Change, NewRecord, Record};
use ledger::{Actor, Id, Moment, Operation, Reading, Sql, notices, retention};
use pack::model::{Register, State, Term, Transition, TransitionRole};
use serde_json::Map;

use crate::city::{City, NOW};
use people::People;

const DAY: i64 = 86_400_000;
/// Answers that a route of decisions may need.
const STEPS: usize = 12;

struct Walk<'a> {
    city: &'a City,
    people: People,
    /// A record of each register, for others to refer to.
    known: BTreeMap<String, Id>,
    /// Records by the register and the state in which they rest.
    resting: BTreeMap<(String, String), Vec<Id>>,
    serial: u32,
    /// References that whoever fills the form cannot make.
    hidden: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    async fn new(city: &'a City) -> Self {
        let people = People::appoint(city).await;
        Self { city, people, known: BTreeMap::new(), resting: BTreeMap::new(), serial: 0, hidden: BTreeSet::new() }
    }

    async fn reading(&self, person: Id) -> Reading {
        self.city.ledger.reading(Actor::Person(person), Moment(NOW)).await.unwrap()
    }

    async fn operation(&self, person: Id) -> Operation {
        self.city.ledger.operation(Actor::Person(person), Moment(NOW)).await.unwrap()
    }

    /// Creates a record with every field filled, by somebody who may. `aim` is the transition that it is made for.
    async fn create(&mut self, register: &Register, aim: &str) -> Record {
        let unit = self.people.unit;
        let mut refused = String::new();
        for rule in &register.access.create {
            for person in self.people.of(&rule.who, None) {
                let standing = self.people.standing(person).clone();
                let mut op = self.operation(person).await;
                if permission::create(&mut op, Some(&standing), register, unit).await.is_err() {
                    continue;
                }
                let mut fields = self.fill(&mut op, &standing, register, aim).await;
                // What the person may not see cannot be referred to: every one of these is a gap in the policy's access.
                for _ in 0..4 {
                    let new = NewRecord { unit: Some(unit), paper: None, fields: fields.clone() };
                    match records::create(&mut op, &self.city.pack, Some(&standing), register, new).await {
                        Ok(record) => {
                            op.commit().await.unwrap();
                            return record;
                        }
                        Err(error) => {
                            let unseen =
                                error.fields().iter().filter(|e| e.message.ja.contains("見る権限がありません"));
                            let unseen: Vec<String> = unseen.map(|error| error.field.clone()).collect();
                            unseen.iter().for_each(|field| {
                                fields.remove(field);
                                self.hidden.insert(format!("{}.{field}", register.id));
                            });
                            refused = format!("{error:?}");
                        }
                    }
                }
            }
        }
        panic!("nobody could create {} (for {aim}): {refused}", register.id)
    }

    /// Takes a transition by somebody who may; a decision until its route has come to its end.
    async fn take(&mut self, register: &Register, mut record: Record, transition: &Transition) -> Record {
        let pack = self.city.pack.clone();
        for _ in 0..STEPS {
            let mut taken = None;
            for person in self.candidates(register, &record, transition).await {
                let standing = self.people.standing(person).clone();
                let mut reading = self.reading(person).await;
                let possible = decisions::possible(&mut reading, &pack, &standing, register, &record).await.unwrap();
                reading.end().await.unwrap();
                if let Some(way) = possible.iter().find(|it| it.transition == transition.id).map(|it| it.way) {
                    taken = Some((person, way));
                    break;
                }
            }
            let Some((person, way)) = taken else {
                panic!("nobody can take {} of {} in {}", transition.id, register.id, record.state)
            };
            record = self.go(register, &record, transition, (person, way)).await;
            if way != Way::Agree || record.state == transition.to {
                assert_eq!(record.state, transition.to, "{} {}", register.id, transition.id);
                return record;
            }
        }
        panic!("{} of {} is never decided", transition.id, register.id)
    }

    async fn go(
        &mut self,
        register: &Register,
        record: &Record,
        transition: &Transition,
        (person, way): (Id, Way),
    ) -> Record {
        let pack = self.city.pack.clone();
        let standing = self.people.standing(person).clone();
        let mut op = self.operation(person).await;
        let mut fields = Map::new();
        for field in register.fields.iter().filter(|field| transition.fills.contains(&field.id)) {
            let value = self.value(&mut op, &standing, register, field, &transition.id).await;
            fields.extend(value.map(|value| (field.id.clone(), value)));
        }
        let reason = Some("試験の理由".to_owned());
        let answer = Answer { version: None, remark: reason.clone(), fields: fields.clone() };
        let (op_, who, id) = (&mut op, Some(&standing), record.id);
        let done = match way {
            Way::Step => {
                let change = Change { version: None, fields, reason };
                records::step(op_, &pack, who, register, id, transition, change).await
            }
            Way::Agree => decisions::agree(op_, &pack, &standing, register, id, answer).await,
            Way::Refuse => decisions::refuse(op_, &pack, &standing, register, id, answer).await,
            Way::SendBack => decisions::send_back(op_, &pack, &standing, register, id, Back::Applicant, answer).await,
            Way::Withdraw => decisions::withdraw(op_, &pack, &standing, register, id, answer).await,
        };
        let done =
            done.unwrap_or_else(|error| panic!("{} of {}: {error:?} {:?}", transition.id, register.id, error.fields()));
        op.commit().await.unwrap();
        done
    }

    /// Who might take a transition: whom its terms name, or whom the current step of the route asks.
    async fn candidates(&self, register: &Register, record: &Record, transition: &Transition) -> Vec<Id> {
        match transition.role {
            TransitionRole::Step => transition.by.iter().flat_map(|term| self.people.of(term, Some(record))).collect(),
            TransitionRole::Withdraws => record.applicant.into_iter().collect(),
            TransitionRole::Decides | TransitionRole::Refuses | TransitionRole::Returns => {
                let mut reading = self.city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
                let routes = decisions::routes(&mut reading, record.id).await.unwrap();
                reading.end().await.unwrap();
                let open = routes.into_iter().find(|route| route.state == decisions::RouteState::Open);
                let course = open.unwrap_or_else(|| panic!("{} has no route", register.id)).course;
                let step = &course.steps[course.current().expect("a current step")];
                let asked = step.seats.iter().filter(|seat| seat.said.is_none()).flat_map(|seat| &seat.who);
                asked.flat_map(|term| self.people.named(term, record)).collect()
            }
        }
    }

    /// The shortest way to a state, over transitions without a condition where there is one.
    fn way<'r>(register: &'r Register, to: &str) -> Vec<&'r Transition> {
        let mut queue: VecDeque<(&str, Vec<&Transition>)> =
            VecDeque::from([(register.lifecycle.initial.as_str(), vec![])]);
        let mut seen = BTreeSet::from([register.lifecycle.initial.as_str()]);
        while let Some((state, path)) = queue.pop_front() {
            if state == to {
                return path;
            }
            let mut onward: Vec<&Transition> =
                register.lifecycle.transitions.iter().filter(|t| t.from.iter().any(|from| from == state)).collect();
            onward.sort_by_key(|t| t.when.is_some());
            for transition in onward {
                if seen.insert(&transition.to) {
                    queue.push_back((&transition.to, [path.clone(), vec![transition]].concat()));
                }
            }
        }
        panic!("{} never comes to {to}", register.id)
    }

    fn rest(&mut self, record: &Record) {
        self.resting.entry((record.register.clone(), record.state.clone())).or_default().push(record.id);
    }

    /// What was there the day before, for a sample to be drawn from.
    async fn the_day_before(&mut self) {
        let (pack, unit) = (self.city.pack.clone(), self.people.unit);
        let register = pack.register("assets").expect("assets");
        let person = self.people.plain[0];
        let standing = self.people.standing(person).clone();
        let at = Moment(NOW - DAY);
        let mut op = self.city.ledger.operation(Actor::Machine("test"), at).await.unwrap();
        let fields = self.fill(&mut op, &standing, register, "").await;
        let new = NewRecord { unit: Some(unit), paper: None, fields };
        let record = records::create(&mut op, &pack, None, register, new).await.unwrap();
        let step = register.transition("register").expect("a step");
        records::step(&mut op, &pack, None, register, record.id, step, Change::default()).await.unwrap();
        op.commit().await.unwrap();
    }

    /// One record that stays where it begins, and one for each transition, taken from each state that it leads from.
    async fn walk(&mut self, register: &Register) {
        let first = self.create(register, "").await;
        self.rest(&first);
        for transition in &register.lifecycle.transitions {
            for from in &transition.from {
                let mut record = self.create(register, &transition.id).await;
                for step in Self::way(register, from) {
                    record = self.take(register, record, step).await;
                }
                // A condition may ask for what is written down meanwhile, by a step that stays in the state.
                let stays = |t: &&Transition| t.to == *from && t.from.contains(from) && t.when.is_none();
                let meanwhile = register.lifecycle.transitions.iter().filter(stays);
                for step in meanwhile.filter(|_| transition.when.is_some()) {
                    record = self.take(register, record, step).await;
                }
                let record = self.take(register, record, transition).await;
                self.rest(&record);
            }
        }
    }

    /// Every deadline speaks to whom it names, once its day has come, on one of seven days in a row.
    async fn deadlines_speak(&self) {
        let pack = &self.city.pack;
        for day in 0..7 {
            let at = Moment(NOW + (3 * 365 + day) * DAY);
            let mut op = self.city.ledger.operation(Actor::Machine("test"), at).await.unwrap();
            let round = notices::round(&mut op, pack).await.unwrap();
            assert_eq!(round.unknown, [], "every deadline has its day");
            op.commit().await.unwrap();
        }
        let mut silent = Vec::new();
        for register in &pack.registers {
            for deadline in &register.deadlines {
                for state in &deadline.states {
                    let records = self.resting.get(&(register.id.clone(), state.clone()));
                    let id =
                        records.and_then(|ids| ids.first()).unwrap_or_else(|| panic!("no {} in {state}", register.id));
                    let told = self.told(*id, &deadline.id).await;
                    let record = self.stored(*id).await;
                    let meant = deadline.tell.iter().filter(|term| **term != Term::Assigned);
                    let meant: BTreeSet<Id> = meant.flat_map(|term| self.people.of(term, Some(&record))).collect();
                    if !meant.is_subset(&told) {
                        silent.push(format!("{} {} in {state}", register.id, deadline.id));
                    }
                }
            }
        }
        assert!(silent.is_empty(), "{silent:#?}");
    }

    async fn told(&self, record: Id, reason: &str) -> BTreeSet<Id> {
        let mut reading = self.city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
        let sql = "SELECT person_id FROM notice WHERE record_id = $1 AND reason = $2";
        let rows = reading.rows(Sql::new(sql, [record.into(), reason.into()])).await.unwrap();
        rows.iter().map(|row| row.id(0).unwrap()).collect()
    }

    async fn stored(&self, id: Id) -> Record {
        let mut reading = self.city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
        records::stored(&mut reading, id).await.unwrap().unwrap()
    }

    /// Each register has a sheet that prints with its number, its form's title and every label that is always asked.
    async fn prints(&self) {
        let mut readers = Vec::new();
        for login in ["auditor", "chief", "admin"] {
            readers.push(self.city.signed_in(login).await);
        }
        for register in &self.city.pack.registers {
            let ids = self.resting.iter().filter(|((of, _), _)| *of == register.id).flat_map(|(_, ids)| ids);
            let record = self.stored(*ids.last().unwrap()).await;
            let path = format!("/registers/{}/{}/print", register.id, record.id);
            let mut sheet = None;
            for reader in &mut readers {
                let answer = reader.get(&path).await;
                if answer.status == StatusCode::OK {
                    sheet = Some(answer.body);
                    break;
                }
            }
            let sheet = sheet.unwrap_or_else(|| panic!("{path} prints for nobody"));
            assert!(sheet.contains(&record.number), "{}: {}", register.id, record.number);
            assert!(register.print.as_ref().is_none_or(|print| sheet.contains(&print.title.ja)), "{}", register.id);
            for field in register.fields.iter().filter(|field| field.when.is_none() && !field.retired) {
                assert!(sheet.contains(&field.label.ja), "{} prints no {}", register.id, field.id);
            }
        }
    }

    /// What has ended is due on its day and not before, and goes by two people; what is kept for ever is never due.
    async fn retention_ends(&self) {
        let pack = &self.city.pack;
        let far = Moment(NOW + 200 * 365 * DAY);
        for register in &pack.registers {
            let ends = |state: &&State| state.is_final;
            let finals = register.lifecycle.states.iter().filter(ends).map(|s| (register.id.clone(), s.id.clone()));
            let ids: Vec<Id> = finals.filter_map(|key| self.resting.get(&key)).flatten().copied().collect();
            let first = *ids.first().unwrap_or_else(|| panic!("no {} has ended", register.id));
            let ended = self.stored(first).await.ended.expect("the day of its end");
            let Some(day) = retention::due_on(register, ended) else {
                assert!(self.due(register, far).await.is_empty(), "{} is kept for ever", register.id);
                continue;
            };
            let at = Moment(i64::from(day.number()) * DAY);
            assert!(self.due(register, Moment(at.0 - DAY)).await.is_empty(), "{} is due too early", register.id);
            assert_eq!(self.due(register, at).await, ids.iter().copied().collect(), "{}", register.id);
            self.destroy(at, &ids).await;
            for id in ids {
                let gone = self.stored(id).await;
                assert!(gone.disposed.is_some() && gone.fields.is_empty() && gone.name.is_empty(), "{}", register.id);
                assert!(!gone.number.is_empty());
            }
        }
        let mut reading = self.city.ledger.reading(Actor::Machine("test"), far).await.unwrap();
        assert_eq!(verify(&mut reading, None).await.unwrap().problems, [], "the chain is whole after all of it");
    }

    async fn due(&self, register: &Register, at: Moment) -> BTreeSet<Id> {
        let mut reading = self.city.ledger.reading(Actor::Machine("test"), at).await.unwrap();
        retention::due(&mut reading, register).await.unwrap().into_iter().map(|record| record.id).collect()
    }

    async fn destroy(&self, at: Moment, ids: &[Id]) {
        let mut op = self.city.ledger.operation(Actor::Operator("起案".to_owned()), at).await.unwrap();
        let permit = office(&op, None, Office::Retention, "propose", "disposal", "").unwrap();
        let disposal = retention::propose(&mut op, permit, &self.city.pack, ids, "満了").await.unwrap();
        op.commit().await.unwrap();
        let mut op = self.city.ledger.operation(Actor::Operator("決裁".to_owned()), at).await.unwrap();
        let permit = office(&op, None, Office::Approval, "approve", "disposal", disposal).unwrap();
        retention::decide(&mut op, permit, &self.city.pack, disposal, true).await.unwrap();
        op.commit().await.unwrap();
    }
}

/// Registers so that what has to be referred to comes first.
fn ordered(pack: &pack::Pack) -> Vec<&Register> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut order = Vec::new();
    while order.len() < pack.registers.len() {
        let ready = |register: &&Register| {
            let needed = register.fields.iter().filter(|field| !field.optional);
            !done.contains(register.id.as_str()) && needed.filter_map(values::refers).all(|to| done.contains(to))
        };
        let next = pack.registers.iter().find(ready).expect("required references make no ring");
        done.insert(&next.id);
        order.push(next);
    }
    order
}

#[tokio::test]
async fn every_register_is_walked_from_its_first_state_to_its_destruction() {
    let city = City::new().await;
    let mut walk = Walk::new(&city).await;
    let pack = city.pack.clone();
    walk.the_day_before().await;
    // One of each first, so that every reference has something to lead to.
    for register in ordered(&pack) {
        let record = walk.create(register, "").await;
        walk.known.insert(register.id.clone(), record.id);
    }
    for register in &pack.registers {
        walk.walk(register).await;
    }
    assert!(walk.hidden.is_empty(), "whoever fills the form cannot see what it refers to: {:#?}", walk.hidden);
    walk.prints().await;
    walk.deadlines_speak().await;
    walk.retention_ends().await;
}
