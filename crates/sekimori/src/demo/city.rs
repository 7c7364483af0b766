//! Building 関守市（架空） in the ledger: the same operations that people use, at moments of the past.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::decisions::{self, Answer};
use ledger::people::{AFFILIATION, Standing, persons, posts, units};
use ledger::permission::{Office, attach, office};
use ledger::records::{self, Change, NewRecord, Record};
use ledger::{Actor, Day, Id, Ledger, Moment, Operation, Result};
use pack::Pack;
use serde_json::{Map, Value as Json};

use super::april::{self, Moves};
use super::people::{self, Person};
use super::units::{self as places, Level};

/// Whoever enters the first data, as the journal names them.
pub(crate) const ENTERED_BY: &str = "初期登録";

/// The city as it is being built.
pub(crate) struct City {
    pub(crate) ledger: Ledger,
    pub(crate) pack: Arc<Pack>,
    /// The day on which the demo stands.
    pub(crate) today: Day,
    /// Units by code.
    pub(crate) units: HashMap<&'static str, Id>,
    /// Everyone, with their ids.
    pub(crate) people: Vec<(Person, Id)>,
    standings: HashMap<(Id, bool), Standing>,
}

impl City {
    /// A city without anyone.
    pub(crate) fn new(ledger: Ledger, pack: Arc<Pack>, today: Day) -> Self {
        Self { ledger, pack, today, units: HashMap::new(), people: Vec::new(), standings: HashMap::new() }
    }

    /// A day before today.
    pub(crate) fn ago(&self, days: i64) -> Day {
        self.today.plus_days(-days).unwrap_or(Day::FIRST)
    }

    /// Ten o'clock of the day that many days ago, and some minutes.
    pub(crate) fn at(&self, days_ago: i64, minutes: i64) -> Moment {
        let day = i64::from(self.ago(days_ago).number());
        // Ten in Tokyo is one o'clock UTC.
        Moment(day * 86_400_000 + 3_600_000 + minutes * 60_000)
    }

    /// An operation by whoever enters the first data.
    pub(crate) async fn setup(&self, at: Moment) -> Result<Operation> {
        self.ledger.operation(Actor::Operator(ENTERED_BY.to_owned()), at).await
    }

    /// The person at a place of a unit: 0 is its head.
    pub(crate) fn person(&self, unit: &str, place: usize) -> Option<Id> {
        self.people.iter().find(|(person, _)| person.unit == unit && person.place == place).map(|(_, id)| *id)
    }

    /// The person at a place of a unit, or its last one: a small city has fewer places.
    pub(crate) fn somebody(&self, unit: &str, place: usize) -> Option<Id> {
        let there = self.people.iter().filter(|(person, _)| person.unit == unit && person.place <= place);
        there.max_by_key(|(person, _)| person.place).map(|(_, id)| *id)
    }

    /// A 会計年度任用職員 at the residents' counter, in マイナンバー利用事務系.
    pub(crate) fn counter(&self) -> Option<Id> {
        let there = |person: &Person| person.unit == "0301" && person.category == "fiscal_year";
        self.people.iter().find(|(person, _)| there(person)).map(|(_, id)| *id)
    }

    /// Units, persons, where they belong, and where they moved to in April.
    pub(crate) async fn settle(&mut self, size: Option<usize>) -> Result<()> {
        let start = self.fiscal_start(2);
        let at = self.at(self.days_since(start), 0);
        let mut op = self.setup(at).await?;
        for (position, unit) in (0_i64..).zip(places::all()) {
            let permit = office(&op, None, Office::People, "add", "unit", unit.code)?;
            let new = units::NewUnit {
                code: unit.code.to_owned(),
                name: unit.name.to_owned(),
                body: unit.body.to_owned(),
                level: match unit.level {
                    Level::Body => "body",
                    Level::Bureau => "bureau",
                    Level::Section => "section",
                }
                .to_owned(),
                parent: unit.parent.and_then(|code| self.units.get(code).copied()),
                position,
                from: start,
            };
            let id = units::add(&mut op, permit, new).await?;
            self.units.insert(unit.code, id);
        }
        let everyone = people::all(size);
        let moves = Moves::choose(&everyone);
        for person in everyone {
            let before = moves.before(&person.number).unwrap_or(person.unit);
            let id = self.add_person(&mut op, &Person { unit: before, ..person.clone() }, start).await?;
            self.people.push((person, id));
        }
        op.commit().await?;
        april::moves(self, &moves).await
    }

    /// Whether a unit belongs to the joint body, which has its own officers.
    pub(crate) fn is_joint(&self, unit: Id) -> bool {
        self.units.iter().any(|(code, id)| *id == unit && places::is_joint(code))
    }

    /// 1 April, that many fiscal years before this one's.
    pub(crate) fn fiscal_start(&self, years_before: i32) -> Day {
        Day::fiscal_year_start(self.today.fiscal_year() - years_before).unwrap_or(self.today)
    }

    pub(crate) fn days_since(&self, day: Day) -> i64 {
        i64::from(self.today.number()) - i64::from(day.number())
    }

    /// Adds somebody.
    pub(crate) async fn add_person(&self, op: &mut Operation, person: &Person, from: Day) -> Result<Id> {
        let permit = office(op, None, Office::People, "add", "person", &person.number)?;
        let data = persons::PersonData {
            code: person.number.clone(),
            name: person.name.clone(),
            name_shown: person.substitute.clone(),
            kana: person.kana.clone(),
            mail: format!("{}@sekimori.invalid", person.login),
            category: person.category.to_owned(),
            from,
            // 再任用 lasts until the end of the fiscal year.
            to: person
                .note
                .filter(|note| note.contains("再任用"))
                .and_then(|_| Day::fiscal_year_start(self.today.fiscal_year() + 1)),
        };
        let id = persons::add(op, permit, data).await?;
        self.give(op, id, AFFILIATION, person.unit, from).await?;
        Ok(id)
    }

    /// Gives a role in a unit.
    pub(crate) async fn give(&self, op: &mut Operation, person: Id, role: &str, unit: &str, from: Day) -> Result<()> {
        let Some(unit) = self.units.get(unit).copied() else { return Ok(()) };
        let permit = office(op, None, Office::People, "give", "post", role)?;
        let post = posts::NewPost {
            person,
            role: role.to_owned(),
            unit,
            main: role == AFFILIATION,
            acting: false,
            from,
            to: None,
        };
        posts::give(op, permit, post).await.map(|_| ())
    }

    /// An operation by a person, and what that person is. Standings are remembered: the city's posts change on 1 April
    /// and otherwise not while it is built.
    pub(crate) async fn by(&mut self, person: Id, at: Moment) -> Result<(Operation, Standing)> {
        let mut op = self.ledger.operation(Actor::Person(person), at).await?;
        let key = (person, at.day() >= self.fiscal_start(0));
        let standing = match self.standings.get(&key) {
            Some(known) => {
                let mut standing = known.clone();
                standing.day = at.day();
                standing
            }
            None => {
                let standing = Standing::of(&mut op, &self.pack, person).await?;
                self.standings.insert(key, standing.clone());
                standing
            }
        };
        Ok((op, standing))
    }

    /// Creates a record in the person's own unit.
    pub(crate) async fn create(
        &self,
        op: &mut Operation,
        standing: &Standing,
        register: &str,
        fields: Json,
    ) -> Result<Record> {
        self.create_in(op, standing, None, register, fields).await
    }

    /// Creates a record in a unit; in the person's own when none is given.
    pub(crate) async fn create_in(
        &self,
        op: &mut Operation,
        standing: &Standing,
        unit: Option<Id>,
        register: &str,
        fields: Json,
    ) -> Result<Record> {
        let register = records::register(&self.pack, register)?;
        let Json::Object(fields) = fields else {
            return Err(ledger::Error::broken(format!("a record of {} is no object", register.id)));
        };
        let new = NewRecord { unit, paper: None, fields };
        records::create(op, &self.pack, Some(standing), register, new).await
    }

    /// Creates a record and takes its first step, as the person in an operation of its own.
    pub(crate) async fn enter(
        &mut self,
        person: Id,
        days_ago: i64,
        register: &str,
        transition: &str,
        fields: Json,
    ) -> Result<Record> {
        let (mut op, standing) = self.by(person, self.at(days_ago, 0)).await?;
        let record = self.create(&mut op, &standing, register, fields).await?;
        let record = self.step(&mut op, &standing, &record, transition, Json::Null, None).await?;
        op.commit().await?;
        Ok(record)
    }

    /// Enters an application and lets it be decided on the same day.
    pub(crate) async fn apply(&mut self, person: Id, days_ago: i64, register: &str, fields: Json) -> Result<Record> {
        let record = self.enter(person, days_ago, register, "submit", fields).await?;
        self.decide(&record, days_ago).await?;
        Ok(record)
    }

    /// Changes a record's fields.
    pub(crate) async fn edit(
        &self,
        op: &mut Operation,
        standing: &Standing,
        record: &Record,
        fields: Json,
    ) -> Result<Record> {
        let register = records::register(&self.pack, &record.register)?;
        let Json::Object(fields) = fields else {
            return Err(ledger::Error::broken("an edit of the demo is no object"));
        };
        let change = Change { version: None, fields, reason: None };
        records::edit(op, &self.pack, Some(standing), register, record.id, change).await
    }

    /// Takes a step with a record, as the person in an operation of its own.
    pub(crate) async fn act(
        &mut self,
        person: Id,
        days_ago: i64,
        record: &Record,
        transition: &str,
        fields: Json,
    ) -> Result<Record> {
        let (mut op, standing) = self.by(person, self.at(days_ago, 300)).await?;
        let record = self.step(&mut op, &standing, record, transition, fields, None).await?;
        op.commit().await?;
        Ok(record)
    }

    /// Stores a text as a file that the person brings.
    pub(crate) async fn paper(
        &self,
        op: &mut Operation,
        standing: &Standing,
        name: &str,
        text: &str,
    ) -> Result<String> {
        let permit = attach(op, Some(standing))?;
        let text = format!("{text}\n\n架空のデータ：関守市は実在しません\n");
        let file = ledger::files::add(op, permit, name, "text/plain", text.as_bytes()).await?;
        Ok(file.id.to_string())
    }

    /// Takes a step with a record.
    pub(crate) async fn step(
        &self,
        op: &mut Operation,
        standing: &Standing,
        record: &Record,
        transition: &str,
        fields: Json,
        reason: Option<&str>,
    ) -> Result<Record> {
        let register = records::register(&self.pack, &record.register)?;
        let transition = register
            .transition(transition)
            .ok_or_else(|| ledger::Error::broken(format!("{} has no transition {transition}", register.id)))?;
        let fields = if let Json::Object(fields) = fields { fields } else { Map::new() };
        let change = Change { version: None, fields, reason: reason.map(str::to_owned) };
        records::step(op, &self.pack, Some(standing), register, record.id, transition, change).await
    }

    /// Lets everyone on the record's route agree, one after the other, until it is decided. `minutes` pass between them.
    pub(crate) async fn decide(&mut self, record: &Record, days_ago: i64) -> Result<()> {
        for minutes in (60..).step_by(45).take(8) {
            let at = self.at(days_ago, minutes);
            let mut reading = self.ledger.reading(Actor::Machine("demo"), at).await?;
            let routes = decisions::routes(&mut reading, record.id).await?;
            reading.end().await?;
            let open = routes.into_iter().find(|route| route.state == decisions::RouteState::Open);
            let Some((route, step)) = open.and_then(|route| route.course.current().map(|step| (route, step))) else {
                return Ok(());
            };
            let seat = route.course.steps.get(step).and_then(|step| step.seats.iter().find(|seat| seat.said.is_none()));
            let asked = seat.map(|seat| seat.who.clone()).unwrap_or_default();
            let mut who = None;
            for term in &asked {
                who = who.or(self.holder(term, record, at).await?);
            }
            let Some(who) = who else {
                return Err(ledger::Error::broken(format!(
                    "nobody in the demo decides on {} ({asked:?})",
                    record.number
                )));
            };
            let (mut op, standing) = self.by(who, at).await?;
            let pack = Arc::clone(&self.pack);
            let register = records::register(&pack, &record.register)?;
            decisions::agree(&mut op, &pack, &standing, register, record.id, Answer::default()).await?;
            op.commit().await?;
        }
        Ok(())
    }

    /// Somebody whom a term of a route names, other than the applicant.
    async fn holder(&self, term: &str, record: &Record, at: Moment) -> Result<Option<Id>> {
        if let Some(field) = term.strip_prefix("person:") {
            return Ok(record.fields.get(field).and_then(|id| id.as_str()?.parse().ok()));
        }
        let Some((role, scope)) = term.split_once('@') else { return Ok(None) };
        let mut reading = self.ledger.reading(Actor::Machine("demo"), at).await?;
        let above = units::above(&mut reading, record.unit, at.day()).await?;
        let held = posts::holders_anywhere(&mut reading, role, at.day()).await?;
        reading.end().await?;
        let mut fitting = held.iter().filter(|post| match scope {
            "all" => self.is_joint(post.unit) == self.is_joint(record.unit),
            _ => above.contains(&post.unit),
        });
        Ok(fitting.find(|post| Some(post.person) != record.applicant).map(|post| post.person))
    }
}
