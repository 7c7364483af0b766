//! What belongs to a register of kind `contract`: the clauses that its contracts have to hold, and the registers beside it.

use super::{ClauseId, FieldType, Pack, Register, Site, Text};
use crate::expr::Expr;

/// A clause that a contract has to hold (`clauses.toml`).
#[derive(Debug, Clone)]
pub struct ContractClause {
    /// A choice of the register's field `clauses`, whose label is the clause's short name.
    pub id: String,
    /// Which contracts have to hold it, over the record; none: every one.
    pub when: Option<Expr>,
    /// The clauses of the policy that ask for it.
    pub asks: Vec<ClauseId>,
    /// Model wording, in the city's own words.
    pub wording: Text,
    /// Where it stands.
    pub site: Site,
}

/// The registers whose records belong to contracts, found by the fields with which they refer. Each may be missing: a small
/// town keeps fewer registers.
#[derive(Debug, Clone, Default)]
pub struct Beside<'a> {
    /// Sub-contracts: `contract` refers to the contract, `above` to the sub-contract above.
    pub subcontracts: Option<&'a Register>,
    /// Checks of contractors: `contract` refers to the contract, and there is a `result`.
    pub checks: Option<&'a Register>,
    /// Measures after a check: `check` refers to the check.
    pub measures: Option<&'a Register>,
    /// What is given out, in units with certificates: `contract` refers to the contract, and there are `units`.
    pub given: Vec<&'a Register>,
}

impl Pack {
    /// The registers beside a register of kind `contract`.
    pub fn beside_contracts(&self, contracts: &Register) -> Beside<'_> {
        let mut beside = Beside::default();
        for register in self.registers.iter().filter(|register| refers(register, "contract", &contracts.id)) {
            if refers(register, "above", &register.id) {
                beside.subcontracts = beside.subcontracts.or(Some(register));
            } else if register.field("units").is_some() {
                beside.given.push(register);
            } else if register.field("result").is_some() {
                beside.checks = beside.checks.or(Some(register));
            }
        }
        let of_checks =
            |register: &&Register| beside.checks.is_some_and(|checks| refers(register, "check", &checks.id));
        beside.measures = self.registers.iter().find(of_checks);
        beside
    }
}

fn refers(register: &Register, field: &str, to: &str) -> bool {
    register.field(field).is_some_and(|field| matches!(&field.ty, FieldType::Ref(target) if target == to))
}
