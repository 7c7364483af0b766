//! Who works for whom: sub-contracts under a contract, to any depth.
//!
//! Each record names the one above it. Nothing keeps people from naming one of another contract, or from making a ring; what
//! hangs on no contract is still shown, and said to be wrong. No walk here is recursive: depth is bounded by the count alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::Id;

/// A sub-contract's place: itself, and the one that it names as standing above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The sub-contract.
    pub id: Id,
    /// The one above; none: directly under the contract.
    pub above: Option<Id>,
}

/// How a sub-contract hangs on the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hangs {
    /// By a chain that ends at the contract.
    OnContract,
    /// By a chain that ends at a record that is not among those of the contract.
    Elsewhere,
    /// It is one of a ring: each is named as above the next.
    InRing,
    /// By a chain that ends in a ring.
    OnRing,
}

/// A sub-contract in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The sub-contract.
    pub id: Id,
    /// 1 directly under the contract (再委託), 2 one below (再々委託). For what does not hang on the contract, counted from
    /// the first that is shown of it.
    pub depth: usize,
    /// How it hangs.
    pub hangs: Hangs,
}

/// All places, each before those below it; those under one are in the order in which they came. And the rings, each from its
/// first in that order, upwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// In the order in which they are shown.
    pub places: Vec<Place>,
    /// Each ring: every one of them is followed by the one above it.
    pub rings: Vec<Vec<Id>>,
}

/// Puts sub-contracts in their places. Every one given has exactly one place.
pub fn tree(links: &[Link]) -> Tree {
    let above: BTreeMap<Id, Option<Id>> = links.iter().map(|link| (link.id, link.above)).collect();
    let mut below: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for link in links {
        if let Some(up) = link.above.filter(|up| above.contains_key(up)) {
            below.entry(up).or_default().push(link.id);
        }
    }
    let mut tree = Tree::default();
    let mut seen: BTreeSet<Id> = BTreeSet::new();
    for link in links {
        let hangs = match link.above {
            None => Hangs::OnContract,
            Some(up) if !above.contains_key(&up) => Hangs::Elsewhere,
            Some(_) => continue,
        };
        place(&mut tree, &mut seen, &below, Place { id: link.id, depth: 1, hangs });
    }
    // What is left hangs on rings.
    for link in links {
        if seen.contains(&link.id) {
            continue;
        }
        let ring = ring_above(link.id, &above);
        let members: BTreeSet<Id> = ring.iter().copied().collect();
        let first = links.iter().map(|link| link.id).find(|id| members.contains(id)).unwrap_or(link.id);
        let turn = ring.iter().position(|id| *id == first).unwrap_or(0);
        let ring: Vec<Id> = ring.iter().cycle().skip(turn).take(ring.len()).copied().collect();
        seen.extend(&members);
        for id in &ring {
            tree.places.push(Place { id: *id, depth: 1, hangs: Hangs::InRing });
            for under in below.get(id).into_iter().flatten().filter(|under| !members.contains(under)) {
                place(&mut tree, &mut seen, &below, Place { id: *under, depth: 2, hangs: Hangs::OnRing });
            }
        }
        tree.rings.push(ring);
    }
    tree
}

/// Adds one and everything below it.
fn place(tree: &mut Tree, seen: &mut BTreeSet<Id>, below: &BTreeMap<Id, Vec<Id>>, from: Place) {
    let mut waiting = vec![from];
    while let Some(next) = waiting.pop() {
        if !seen.insert(next.id) {
            continue;
        }
        tree.places.push(next);
        let under = below.get(&next.id).into_iter().flatten().rev();
        waiting.extend(under.map(|id| Place { id: *id, depth: next.depth + 1, hangs: next.hangs }));
    }
}

/// The ring into which the chain above one ends. Every chain here has no end, so it comes to one.
fn ring_above(from: Id, above: &BTreeMap<Id, Option<Id>>) -> Vec<Id> {
    let mut way: Vec<Id> = Vec::new();
    let mut on_way: BTreeMap<Id, usize> = BTreeMap::new();
    let mut at = from;
    loop {
        if let Some(start) = on_way.get(&at) {
            return way.split_off(*start);
        }
        on_way.insert(at, way.len());
        way.push(at);
        match above.get(&at).copied().flatten() {
            Some(up) => at = up,
            None => return way,
        }
    }
}
