//! What was given out under a contract against the certificates of its return or erasure, for everybody in the tree.

use pack::model::Register;

use super::permission::Node;
use crate::records::Record;
use crate::{Day, Id};

/// Something that was given out, or that a contractor is to destroy.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its record.
    pub record: Record,
    /// How many.
    pub units: i64,
    /// For how many there is a certificate.
    pub certificates: i64,
    /// Whether it is over with: every one of them has to have its certificate, whether or not the contract has ended.
    pub over: bool,
}

impl Item {
    /// How many have no certificate.
    pub fn without(&self) -> i64 {
        (self.units - self.certificates).max(0)
    }
}

/// Somebody who has, or had, information of the city.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The sub-contract; none for the contractor itself.
    pub subcontract: Option<Id>,
    /// 0 for the contractor.
    pub depth: usize,
    /// What it is called.
    pub partner: String,
    /// The day on which return or erasure was confirmed.
    pub confirmed: Option<Day>,
    /// Whether its certificate is there.
    pub certificate: bool,
    /// What was given to it, of which there are records.
    pub items: Vec<Item>,
}

impl Holder {
    /// Neither confirmed nor without a certificate.
    pub fn is_settled(&self) -> bool {
        self.confirmed.is_some() && self.certificate
    }
}

/// The account of a contract.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The contractor, then everybody below it who works or worked, in the order of the tree.
    pub holders: Vec<Holder>,
    /// Whether the contract has ended, so that everything has to be back.
    pub ended: bool,
}

impl Account {
    /// Units and certificates of all records.
    pub fn counts(&self) -> (i64, i64) {
        let items = || self.holders.iter().flat_map(|holder| &holder.items);
        (items().map(|item| item.units).sum(), items().map(|item| item.certificates).sum())
    }

    /// Records that lack certificates now, with the holder of each.
    pub fn short(&self) -> impl Iterator<Item = (&Holder, &Item)> {
        let items = self.holders.iter().flat_map(|holder| holder.items.iter().map(move |item| (holder, item)));
        items.filter(|(_, item)| item.without() > 0 && (item.over || self.ended))
    }

    /// Holders whose certificate is missing after the end.
    pub fn unsettled(&self) -> impl Iterator<Item = &Holder> {
        self.holders.iter().filter(|holder| self.ended && !holder.is_settled())
    }
}

/// Makes the account. `given` are the records of registers of what is given out, each with its register.
pub fn account(contract: &Record, ended: bool, nodes: &[Node], given: &[(&Register, &Record)]) -> Account {
    let holder = |record: &Record, subcontract: Option<Id>, depth: usize| Holder {
        subcontract,
        depth,
        partner: record.text("partner").unwrap_or_default().to_owned(),
        confirmed: record.day("returned_on"),
        certificate: record.text("certificate").is_some(),
        items: Vec::new(),
    };
    let mut holders = vec![holder(contract, None, 0)];
    holders.extend(
        nodes.iter().filter(|node| node.at_work).map(|node| holder(&node.record, Some(node.record.id), node.depth)),
    );
    for (register, record) in given {
        if !register.in_force.contains(&record.state) {
            continue;
        }
        let held_by = record.text("holder").and_then(|id| id.parse::<Id>().ok());
        let at = holders.iter().position(|holder| held_by.is_some() && holder.subcontract == held_by).unwrap_or(0);
        let item = Item {
            record: (*record).clone(),
            units: record.int("units").unwrap_or(1),
            certificates: record.int("certificates").unwrap_or(0),
            over: register.state(&record.state).is_some_and(|state| state.is_final),
        };
        if let Some(holder) = holders.get_mut(at) {
            holder.items.push(item);
        }
    }
    Account { holders, ended }
}
