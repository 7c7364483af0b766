//! What a contract has to hold, by what it gives away, and what it holds.

use pack::Pack;
use pack::expr::Outcome;
use pack::model::Register;

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

/// Every clause of the register's list, in its order.
pub async fn clauses(reading: &mut Reading, pack: &Pack, register: &Register, record: &Record) -> Result<Vec<Held>> {
    let all = &register.contract_clauses;
    let needed = world::evaluate(reading, pack, register, record, |env| {
        let needed = all.iter().map(|clause| clause.when.as_ref().is_none_or(|when| when.test(env) != Outcome::False));
        needed.collect::<Vec<bool>>()
    });
    let needed = needed.await?;
    let present = record.texts("clauses");
    let held = all.iter().zip(needed).map(|(clause, needed)| Held {
        id: clause.id.clone(),
        needed,
        present: present.contains(&clause.id.as_str()),
    });
    Ok(held.collect())
}
