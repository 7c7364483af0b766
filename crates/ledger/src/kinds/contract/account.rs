//! What was given out under a contract against the certificates of its return or erasure, for everybody in the tree.

use std::collections::BTreeMap;

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
    /// What it is called; none for a sub-contract that the reader does not see, or that is not of this contract.
    pub partner: Option<String>,
    /// The day on which return or erasure was confirmed.
    pub confirmed: Option<Day>,
    /// Whether its certificate is there.
    pub certificate: bool,
    /// What was given to it, of which there are records.
    pub items: Vec<Item>,
}

impl Holder {
    /// Neither unconfirmed nor without a certificate.
    pub fn is_settled(&self) -> bool {
        self.confirmed.is_some() && self.certificate
    }

    fn of(record: &Record, subcontract: Option<Id>, depth: usize) -> Self {
        Self {
            subcontract,
            depth,
            partner: Some(record.text("partner").unwrap_or_default().to_owned()),
            confirmed: record.day("returned_on"),
            certificate: record.text("certificate").is_some(),
            items: Vec::new(),
        }
    }

    /// Of whom nothing is known but that it holds something.
    fn unknown(subcontract: Id) -> Self {
        Self {
            subcontract: Some(subcontract),
            depth: 1,
            partner: None,
            confirmed: None,
            certificate: false,
            items: Vec::new(),
        }
    }
}

/// The account of a contract.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The contractor, then everybody below it who works or worked, or holds something all the same, in the order of the tree;
    /// last those of whom nothing is known.
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

    /// Holders whose certificate is missing after the end; of those of whom nothing is known it cannot be said.
    pub fn unsettled(&self) -> impl Iterator<Item = &Holder> {
        self.holders.iter().filter(|holder| self.ended && holder.partner.is_some() && !holder.is_settled())
    }
}

/// Makes the account. `given` are the records of registers of what is given out, each with its register. Whatever names a
/// sub-contract as its holder is counted there, whether or not that one may work, and never with the contractor.
pub fn account(contract: &Record, ended: bool, nodes: &[Node], given: &[(&Register, &Record)]) -> Account {
    let mut held: BTreeMap<Option<Id>, Vec<Item>> = BTreeMap::new();
    for (register, record) in given.iter().filter(|(register, record)| register.in_force.contains(&record.state)) {
        let holder = record.text("holder").map(|id| id.parse::<Id>().unwrap_or(Id::from_number(0)));
        held.entry(holder).or_default().push(item(register, record));
    }
    let below = nodes.iter().filter(|node| node.at_work || held.contains_key(&Some(node.record.id)));
    let below = below.map(|node| Holder::of(&node.record, Some(node.record.id), node.depth));
    let mut holders: Vec<Holder> = std::iter::once(Holder::of(contract, None, 0)).chain(below).collect();
    for holder in &mut holders {
        holder.items = held.remove(&holder.subcontract).unwrap_or_default();
    }
    let unknown = held.into_iter().filter_map(|(id, items)| Some(Holder { items, ..Holder::unknown(id?) }));
    holders.extend(unknown);
    Account { holders, ended }
}

fn item(register: &Register, record: &Record) -> Item {
    Item {
        record: record.clone(),
        units: record.int("units").unwrap_or(1),
        certificates: record.int("certificates").unwrap_or(0),
        over: register.state(&record.state).is_some_and(|state| state.is_final),
    }
}
