//! What a contract has to hold, by what it gives away, and what it holds.

use std::collections::BTreeMap;

use pack::Pack;
use pack::expr::Outcome;
use pack::model::{FieldType, Register};
use serde_json::Value as Json;

use crate::records::Record;
use crate::{Reading, Result, world};

/// A clause, as it stands with a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The clause's id in the register's list (`Register::contract_clauses`).
    pub id: String,
    /// Whether this contract has to hold it. What cannot be told counts as needed.
    pub needed: bool,
    /// Whether it holds it.
    pub present: bool,
}

impl Held {
    /// Needed and not there.
    pub fn missing(&self) -> bool {
        self.needed && !self.present
    }
}

/// What contracts of a register have to hold. Most contracts are alike in what decides on that, so each combination of those
/// fields is judged once.
pub(super) struct Needs<'a> {
    register: &'a Register,
    /// The fields that decide; none when something beyond the contract's own fields does.
    deciding: Option<Vec<&'a str>>,
    known: BTreeMap<String, Vec<bool>>,
}

impl<'a> Needs<'a> {
    pub(super) fn of(register: &'a Register) -> Self {
        let reads = register.contract_clauses.iter().flat_map(|clause| &clause.when).flat_map(|when| when.reads());
        let own = reads.map(|read| {
            let field = read.field.as_deref().filter(|_| read.via.is_empty())?;
            let field = register.field(field).filter(|field| !matches!(field.ty, FieldType::Computed(_)))?;
            Some(field.id.as_str())
        });
        Self { register, deciding: own.collect(), known: BTreeMap::new() }
    }

    /// Every clause of the register's list, in its order, as it stands with a contract.
    pub(super) async fn clauses(&mut self, reading: &mut Reading, pack: &Pack, record: &Record) -> Result<Vec<Held>> {
        let all = &self.register.contract_clauses;
        let values = self.deciding.as_ref().map(|fields| {
            let values = fields.iter().map(|field| record.fields.get(*field).cloned().unwrap_or_default());
            Json::Array(values.collect()).to_string()
        });
        let needed = match values.as_ref().and_then(|values| self.known.get(values)) {
            Some(known) => known.clone(),
            None => {
                let judged = world::evaluate(reading, pack, self.register, record, |env| {
                    let tests = all.iter().map(|clause| clause.when.as_ref().map(|when| when.test(env)));
                    tests.map(|test| test.is_none_or(|test| test != Outcome::False)).collect::<Vec<bool>>()
                });
                judged.await?
            }
        };
        if let Some(values) = values {
            self.known.insert(values, needed.clone());
        }
        let present = record.texts("clauses");
        let held = all.iter().zip(needed).map(|(clause, needed)| Held {
            id: clause.id.clone(),
            needed,
            present: present.contains(&clause.id.as_str()),
        });
        Ok(held.collect())
    }
}

/// Every clause of the register's list, in its order, as it stands with one contract.
pub async fn clauses(reading: &mut Reading, pack: &Pack, register: &Register, record: &Record) -> Result<Vec<Held>> {
    Needs::of(register).clauses(reading, pack, record).await
}
