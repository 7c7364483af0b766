//! What a contract has to hold, by what it gives away, and what it holds.

use pack::Pack;
use pack::expr::Outcome;
use pack::model::{ContractClause, Register};

use crate::records::Record;
use crate::{Reading, Result, world};

/// A clause, as it stands with a contract.
#[derive(Debug, Clone)]
pub struct Held {
    /// The clause: its id, the clauses of the policy that ask for it, its wording.
    pub clause: ContractClause,
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
    let present = record.texts("clauses");
    let mut all = Vec::new();
    for clause in &register.contract_clauses {
        let needed = match &clause.when {
            Some(when) => {
                world::evaluate(reading, pack, register, record, |env| when.test(env)).await? != Outcome::False
            }
            None => true,
        };
        all.push(Held { clause: clause.clone(), needed, present: present.contains(&clause.id.as_str()) });
    }
    Ok(all)
}
