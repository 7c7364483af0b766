//! 委託契約: clauses that a contract has to hold, the tree of contractors and the city's permission of each, the yearly check,
//! shortfalls and what follows, and what has to come back at the end.

mod account;
mod clauses;
mod concern;
mod measures;
mod permission;
mod phase;
mod read;
mod tree;
mod yearly;

pub use account::{Account, Holder, Item, account};
pub use clauses::{Held, clauses};
pub use concern::{Concern, concerns};
pub use measures::{Measure, Next, Shortfall, Step, shortfall};
pub use permission::{NoLeave, Node, Permission, Trouble, judge as judge_subcontracts, permission};
pub use phase::{Phase, phase};
pub use read::{judge, judge_all};
pub use tree::{Hangs, Link, Place, Tree, tree};
pub use yearly::{NEAR, Yearly, yearly};

use crate::records::Record;
use crate::{Day, Id};

/// All that is judged of a contract.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Where it stands.
    pub phase: Phase,
    /// What it has to hold, and holds.
    pub clauses: Vec<Held>,
    /// Its sub-contracts, each before those below it.
    pub nodes: Vec<Node>,
    /// Sub-contracts that are named as above each other in a ring.
    pub rings: Vec<Vec<Id>>,
    /// The yearly check, while the contract runs.
    pub yearly: Option<Yearly>,
    /// Its checks, the latest first; drafts are left out.
    pub checks: Vec<Record>,
    /// What checks found missing, open ones first.
    pub shortfalls: Vec<Shortfall>,
    /// What has to come back.
    pub account: Account,
    /// Records of the registers beside that the reader may not see: they are not in this judgement.
    pub hidden: i64,
}

impl Judged {
    /// Clauses that are needed and not there.
    pub fn missing(&self) -> impl Iterator<Item = &Held> {
        self.clauses.iter().filter(|held| held.missing())
    }

    /// Sub-contracts with something grave.
    pub fn unpermitted(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.troubles.iter().any(|trouble| trouble.is_grave()))
    }

    /// Whether the yearly check is past its last day.
    pub fn is_unchecked(&self, today: Day) -> bool {
        self.yearly.is_some_and(|yearly| yearly.left(today) < 0)
    }
}
