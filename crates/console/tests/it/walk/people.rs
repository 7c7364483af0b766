//! Two holders of every role, so that nobody has to decide on what they asked for.

use std::collections::BTreeMap;

use ledger::people::persons::PersonData;
use ledger::people::posts::NewPost;
use ledger::people::{AFFILIATION, Standing, persons, posts, units};
use ledger::permission::{Office, office};
use ledger::records::Record;
use ledger::{Actor, Id, Moment};
use pack::expr::Day;
use pack::model::Term;
use serde_json::Value as Json;

use crate::city::{City, NOW};

/// How many people without a role there are.
const PLAIN: usize = 25;

pub(super) struct People {
    /// The section in which everybody works.
    pub(super) unit: Id,
    /// Those whom records name, and who ask for nothing.
    pub(super) plain: Vec<Id>,
    holders: BTreeMap<String, Vec<Id>>,
    standings: BTreeMap<Id, Standing>,
}

impl People {
    pub(super) async fn appoint(city: &City) -> Self {
        let mut op = city.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
        let all = units::on(&mut op, Moment(NOW).day()).await.unwrap();
        let unit = |code: &str| all.iter().find(|unit| unit.code == code).unwrap().id;
        let (root, section) = (unit("1"), unit("21"));
        let from = Day::from_date(2020, 4, 1).unwrap();
        let mut wanted: Vec<Option<&str>> = vec![None; PLAIN];
        for role in &city.pack.roles {
            wanted.extend([Some(role.id.as_str()), Some(role.id.as_str())]);
        }
        let (mut holders, mut everybody): (BTreeMap<String, Vec<Id>>, Vec<Id>) = (BTreeMap::new(), Vec::new());
        for (number, role) in wanted.into_iter().enumerate() {
            let code = format!("W{number:03}");
            let permit = office(&op, None, Office::People, "add", "person", &code).unwrap();
            let data = PersonData {
                name: format!("歩行 {number}"),
                code,
                name_shown: None,
                kana: String::new(),
                mail: String::new(),
                category: "full_time".to_owned(),
                from,
                to: None,
            };
            let person = persons::add(&mut op, permit, data).await.unwrap();
            everybody.push(person);
            let implied = |role: &&str| city.pack.role(role).is_some_and(|role| role.implied);
            let post = role.filter(|role| !implied(role)).map(|role| (role, root));
            for (role, unit) in std::iter::once((AFFILIATION, section)).chain(post) {
                let permit = office(&op, None, Office::People, "give", "post", role).unwrap();
                let role = role.to_owned();
                let post = NewPost { person, role, unit, main: true, acting: false, from, to: None };
                posts::give(&mut op, permit, post).await.unwrap();
            }
            if let Some(role) = role {
                holders.entry(role.to_owned()).or_default().push(person);
            }
        }
        let mut standings = BTreeMap::new();
        for person in &everybody {
            standings.insert(*person, Standing::of(&mut op, &city.pack, *person).await.unwrap());
        }
        op.commit().await.unwrap();
        Self { unit: section, plain: everybody[..PLAIN].to_vec(), holders, standings }
    }

    pub(super) fn standing(&self, person: Id) -> &Standing {
        &self.standings[&person]
    }

    /// Whom a term names, of those appointed here.
    pub(super) fn of(&self, term: &Term, record: Option<&Record>) -> Vec<Id> {
        match term {
            Term::Applicant => record.and_then(|record| record.applicant).into_iter().collect(),
            Term::Person(field) => record.map(|record| persons_in(record.fields.get(field))).unwrap_or_default(),
            Term::Role { role, .. } => self.holders.get(role).cloned().unwrap_or_default(),
            Term::Assigned => Vec::new(),
        }
    }

    /// Whom a route's step asks, as it writes its terms.
    pub(super) fn named(&self, term: &str, record: &Record) -> Vec<Id> {
        match term.strip_prefix("person:") {
            Some(field) => persons_in(record.fields.get(field)),
            None => {
                let role = term.split('@').next().unwrap_or_default();
                self.holders.get(role).cloned().unwrap_or_default()
            }
        }
    }
}

fn persons_in(value: Option<&Json>) -> Vec<Id> {
    let one = |value: &Json| value.as_str().and_then(|text| text.parse().ok());
    match value {
        Some(Json::Array(values)) => values.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}
