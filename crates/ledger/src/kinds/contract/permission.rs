//! The city's permission of sub-contracts, at every level: who works without it, who began before it, and where it is missing
//! above. 番号法10条: who gives My Number work on needs the leave of the first principal, the city, at every level.

use std::collections::BTreeMap;

use pack::Pack;
use pack::model::{Axis, Register};

use super::phase::is_refused;
use super::tree::{Hangs, Link, Tree, tree};
use crate::records::Record;
use crate::{Day, Id};

/// How the city's permission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Nobody has asked for it.
    NotAsked,
    /// Asked for.
    Asked,
    /// Given, on this day as far as it is known.
    Given(Option<Day>),
    /// Refused.
    Refused,
}

/// What is missing of the leave that 番号法 asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLeave {
    /// The city has not given it.
    Here,
    /// The city's document is not named.
    NoNumber,
    /// The city has not given it to this one, which stands above.
    Above(Id),
}

/// What is wrong with a sub-contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// At work since this day without permission.
    AtWork(Day),
    /// Found out on this day to be at work without permission; since when is not known.
    FoundOut(Day),
    /// Began before it was permitted.
    Early {
        /// The day on which work began.
        began: Day,
        /// The day of the permission.
        permitted: Day,
    },
    /// Work is under way and this one, which stands above, is not permitted.
    NotPermittedAbove(Id),
    /// My Number work is under way without the city's leave at every level.
    MyNumber(NoLeave),
    /// Information of a higher class, or more personal data, goes here than to the one above.
    MoreThanAbove,
    /// The one above is not of this contract, or cannot be seen.
    AboveElsewhere,
    /// It stands in a ring.
    InRing,
    /// The chain above it ends in a ring.
    OnRing,
    /// It is entered as this level, and stands on that one.
    Level {
        /// As entered.
        entered: i64,
        /// As it is.
        real: usize,
    },
}

impl Trouble {
    /// Whether somebody works without the permission that is needed; the rest is to be put right in the record.
    pub fn is_grave(self) -> bool {
        matches!(
            self,
            Self::AtWork(_)
                | Self::FoundOut(_)
                | Self::Early { .. }
                | Self::NotPermittedAbove(_)
                | Self::MyNumber(_)
                | Self::InRing
        )
    }
}

/// A sub-contract in the tree, judged.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its record.
    pub record: Record,
    /// 1 for 再委託, 2 for 再々委託 …
    pub depth: usize,
    /// How it hangs on the contract.
    pub hangs: Hangs,
    /// The city's permission.
    pub permission: Permission,
    /// Whether it works for the city, or has: permitted, begun, or found out.
    pub at_work: bool,
    /// What is wrong.
    pub troubles: Vec<Trouble>,
}

/// How the city's permission of a sub-contract stands. `first` is the day on which it was first in force by the record itself;
/// a day of permission in writing that is entered goes before it.
pub fn permission(register: &Register, record: &Record, first: Option<Day>) -> Permission {
    if register.in_force.contains(&record.state) {
        Permission::Given(record.day("permitted_on").or(first))
    } else if is_refused(register, &record.state) {
        Permission::Refused
    } else if record.state == register.lifecycle.initial {
        Permission::NotAsked
    } else {
        Permission::Asked
    }
}

/// Judges all sub-contracts of a contract, in the order of the tree; the rings besides.
pub fn judge(
    pack: &Pack,
    register: &Register,
    contract: &Record,
    records: Vec<Record>,
    first: &BTreeMap<Id, Day>,
    today: Day,
) -> (Vec<Node>, Vec<Vec<Id>>) {
    let links: Vec<Link> = records.iter().map(link).collect();
    let Tree { places, rings } = tree(&links);
    let mut by_id: BTreeMap<Id, Record> = records.into_iter().map(|record| (record.id, record)).collect();
    let mut nodes = Vec::new();
    for place in places {
        let Some(record) = by_id.remove(&place.id) else { continue };
        let permission = permission(register, &record, first.get(&record.id).copied());
        let at_work = at_work(&record, permission, today);
        nodes.push(Node { record, depth: place.depth, hangs: place.hangs, permission, at_work, troubles: Vec::new() });
    }
    let at: BTreeMap<Id, usize> = nodes.iter().enumerate().map(|(at, node)| (node.record.id, at)).collect();
    // What stands above comes first in the order, so what is missing there is known; in a ring it is its own trouble.
    let mut lacks: Vec<Option<Id>> = Vec::new();
    for here in 0..nodes.len() {
        let Some(node) = nodes.get(here) else { continue };
        let above = link(&node.record).above.and_then(|up| at.get(&up).copied());
        let up = above.filter(|up| *up < here).and_then(|up| nodes.get(up).map(|node| (up, node)));
        let lack = up.and_then(|(at, up)| match up.permission {
            Permission::Given(_) => lacks.get(at).copied().flatten(),
            _ => Some(up.record.id),
        });
        let troubles = troubles(pack, contract, node, up.map(|(_, up)| &up.record), lack, today);
        lacks.push(lack);
        if let Some(node) = nodes.get_mut(here) {
            node.troubles = troubles;
        }
    }
    (nodes, rings)
}

fn link(record: &Record) -> Link {
    // A reference that cannot be read leads nowhere: to a record that is not of this contract.
    Link { id: record.id, above: record.text("above").map(|id| id.parse().unwrap_or(Id::from_number(0))) }
}

/// Work is under way or was: permitted, begun, or found out.
fn at_work(record: &Record, permission: Permission, today: Day) -> bool {
    match permission {
        Permission::Given(_) => true,
        Permission::Refused => begun(record, today) && record.day("returned_on").is_none(),
        Permission::NotAsked | Permission::Asked => begun(record, today) || record.text("found") == Some("discovered"),
    }
}

fn begun(record: &Record, today: Day) -> bool {
    record.day("began_on").is_some_and(|began| began <= today)
}

fn troubles(
    pack: &Pack,
    contract: &Record,
    node: &Node,
    up: Option<&Record>,
    lack: Option<Id>,
    today: Day,
) -> Vec<Trouble> {
    let record = &node.record;
    let began = record.day("began_on").filter(|began| *began <= today);
    let mut all = Vec::new();
    match (node.permission, began) {
        (Permission::Given(Some(permitted)), Some(began)) if began < permitted => {
            all.push(Trouble::Early { began, permitted });
        }
        (Permission::Given(_), _) => {}
        (_, Some(began)) if node.at_work => all.push(Trouble::AtWork(began)),
        _ if node.at_work => all.push(Trouble::FoundOut(record.created.day())),
        _ => {}
    }
    if let (true, Some(above)) = (node.at_work, lack) {
        all.push(Trouble::NotPermittedAbove(above));
    }
    all.extend(no_leave(node, lack).map(Trouble::MyNumber));
    if exceeds(pack, record, up.unwrap_or(contract)) {
        all.push(Trouble::MoreThanAbove);
    }
    match node.hangs {
        Hangs::OnContract => {
            if let Some(entered) = record.int("level").filter(|level| usize::try_from(*level) != Ok(node.depth)) {
                all.push(Trouble::Level { entered, real: node.depth });
            }
        }
        Hangs::Elsewhere if node.depth == 1 => all.push(Trouble::AboveElsewhere),
        Hangs::Elsewhere => {}
        Hangs::InRing => all.push(Trouble::InRing),
        Hangs::OnRing => all.push(Trouble::OnRing),
    }
    all
}

/// What is missing of the leave for My Number work.
fn no_leave(node: &Node, lack: Option<Id>) -> Option<NoLeave> {
    if !node.at_work || node.record.text("personal") != Some("my_number") {
        return None;
    }
    match (node.permission, lack) {
        (Permission::Given(_), Some(above)) => Some(NoLeave::Above(above)),
        (Permission::Given(_), None) => node.record.text("permission_number").is_none().then_some(NoLeave::NoNumber),
        _ => Some(NoLeave::Here),
    }
}

/// Whether more goes to the one than to the other.
fn exceeds(pack: &Pack, record: &Record, up: &Record) -> bool {
    // Classes stand highest first.
    let class = |record: &Record| {
        let class = record.text("confidentiality")?;
        pack.classes.of(Axis::Confidentiality).iter().position(|known| known.id == class)
    };
    let personal = |record: &Record| match record.text("personal") {
        Some("my_number") => 2,
        Some("personal") => 1,
        _ => 0,
    };
    matches!((class(record), class(up)), (Some(here), Some(above)) if here < above) || personal(record) > personal(up)
}
