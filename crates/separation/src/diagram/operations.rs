//! Set algebra on diagrams.

use rustc_hash::FxHashMap;

use super::Level;
use super::store::{Diagrams, Node, Operation};
use crate::intervals::Intervals;

/// Most remembered results; past it they are forgotten, which costs time and nothing else.
const MAX_CACHED: usize = 4 << 20;

impl Diagrams {
    /// What is in both.
    pub fn and(&mut self, left: Node, right: Node) -> Node {
        self.apply(Operation::And, left, right)
    }

    /// What is in either.
    pub fn or(&mut self, left: Node, right: Node) -> Node {
        self.apply(Operation::Or, left, right)
    }

    /// What is in `left` and not in `right`.
    pub fn minus(&mut self, left: Node, right: Node) -> Node {
        self.apply(Operation::Minus, left, right)
    }

    /// The union of many, joined in pairs so that no wide node is built again and again.
    pub fn union(&mut self, mut sets: Vec<Node>) -> Node {
        while sets.len() > 1 {
            let mut joined = Vec::with_capacity(sets.len().div_ceil(2));
            for pair in sets.chunks(2) {
                joined.push(match *pair {
                    [left, right] => self.or(left, right),
                    [only] => only,
                    _ => Node::EMPTY,
                });
            }
            sets = joined;
        }
        sets.pop().unwrap_or(Node::EMPTY)
    }

    fn apply(&mut self, operation: Operation, left: Node, right: Node) -> Node {
        use Operation::{And, Minus, Or};
        match (operation, left, right) {
            _ if self.overflowed() => return Node::EMPTY,
            (And, Node::EMPTY, _) | (And, _, Node::EMPTY) | (Minus, Node::EMPTY, _) | (Minus, _, Node::FULL) => {
                return Node::EMPTY;
            }
            (And, Node::FULL, other)
            | (And, other, Node::FULL)
            | (Or, Node::EMPTY, other)
            | (Or, other, Node::EMPTY)
            | (Minus, other, Node::EMPTY) => {
                return other;
            }
            (Or, Node::FULL, _) | (Or, _, Node::FULL) => return Node::FULL,
            (Minus, left, right) if left == right => return Node::EMPTY,
            (_, left, right) if left == right => return left,
            _ => {}
        }
        let key = if operation != Minus && right < left { (operation, right, left) } else { (operation, left, right) };
        if let Some(&known) = self.cache.get(&key) {
            return known;
        }
        let node = self.merge(operation, left, right);
        if self.cache.len() >= MAX_CACHED {
            self.cache.clear();
        }
        self.cache.insert(key, node);
        node
    }

    /// Walks the edges of both nodes side by side. Where one side's child settles the answer, the other side's edges under
    /// it are passed over (or copied) at once, so that a thin set costs little against a wide one.
    fn merge(&mut self, operation: Operation, left: Node, right: Node) -> Node {
        let (left_level, right_level) = (self.level(left), self.level(right));
        let level = left_level.min(right_level);
        let start = self.building.len();
        let (mut i, mut j) = (0usize, 0usize);
        let (left_width, right_width) = (self.width(left), self.width(right));
        loop {
            let (left_high, left_child) = if left_level == level { self.edge(left, i) } else { (u128::MAX, left) };
            let (right_high, right_child) = if right_level == level { self.edge(right, j) } else { (u128::MAX, right) };
            let left_alone = settles(operation, left_child, true);
            let right_alone = settles(operation, right_child, false);
            if let (Some(fill), true) = (left_alone, left_level == level && left_high >= right_high) {
                self.push(start, left_high, fill);
                i += 1;
                j = if right_level == level { self.after(right, j, left_high) } else { j };
            } else if let (Some(fill), true) = (right_alone, right_level == level && right_high >= left_high) {
                self.push(start, right_high, fill);
                j += 1;
                i = if left_level == level { self.after(left, i, right_high) } else { i };
            } else {
                let child = self.apply(operation, left_child, right_child);
                let high = left_high.min(right_high);
                self.push(start, high, child);
                i += usize::from(left_level == level && left_high == high);
                j += usize::from(right_level == level && right_high == high);
            }
            let left_done = left_level != level || i >= left_width;
            let right_done = right_level != level || j >= right_width;
            if left_done && right_done {
                break;
            }
        }
        self.close(level, start)
    }

    /// The first edge at or behind `from` that reaches past `high`.
    fn after(&self, node: Node, from: usize, high: u128) -> usize {
        let (highs, _) = self.edges_of(node);
        from + highs.get(from..).map_or(0, |rest| rest.partition_point(|&bound| bound <= high))
    }

    /// The packets that are in the set for some number on `level`.
    pub fn exists(&mut self, level: Level, node: Node) -> Node {
        let mut done = FxHashMap::default();
        self.exists_below(level as u8, node, &mut done)
    }

    fn exists_below(&mut self, level: u8, node: Node, done: &mut FxHashMap<Node, Node>) -> Node {
        if self.level(node) > level || self.overflowed() {
            return node;
        }
        if let Some(&known) = done.get(&node) {
            return known;
        }
        let result = if self.level(node) == level {
            let children = self.edges_of(node).1.to_vec();
            self.union(children)
        } else {
            self.rebuild(node, |diagrams, child| diagrams.exists_below(level, child, done))
        };
        done.insert(node, result);
        result
    }

    /// The same node with every child replaced.
    fn rebuild(&mut self, node: Node, mut change: impl FnMut(&mut Self, Node) -> Node) -> Node {
        let start = self.building.len();
        for index in 0..self.width(node) {
            let (high, child) = self.edge(node, index);
            let child = change(self, child);
            self.push(start, high, child);
        }
        self.close(self.level(node), start)
    }

    /// The set with the numbers `from..from+size` on `level` moved to `to..`; packets with other numbers are left out.
    pub fn shifted(&mut self, level: Level, node: Node, (from, to, size): (u128, u128, u128)) -> Node {
        let mut pieces = Vec::new();
        let block = Intervals::range(from, from.saturating_add(size.saturating_sub(1)));
        let inside = self.split(level, &block, Node::FULL);
        let inside = self.and(node, inside);
        for (low, high) in self.numbers(level, inside).ranges() {
            let here = self.split(level, &Intervals::range(*low, *high), Node::FULL);
            let here = self.and(inside, here);
            let rest = self.exists(level, here);
            let there =
                Intervals::range(low.wrapping_sub(from).wrapping_add(to), high.wrapping_sub(from).wrapping_add(to));
            let there = self.split(level, &there, Node::FULL);
            pieces.push(self.and(rest, there));
        }
        self.union(pieces)
    }

    /// The finest ranges of numbers on `level` that the set tells apart and that are in it at all.
    pub fn numbers(&self, level: Level, node: Node) -> NumberRanges {
        let mut bounds = std::collections::BTreeSet::new();
        let mut seen = rustc_hash::FxHashSet::default();
        self.gather(level as u8, node, &mut bounds, &mut seen);
        let mut low = Some(0);
        let mut out = Vec::new();
        bounds.insert(level.max());
        for high in bounds {
            if let Some(from) = low {
                out.push((from, high));
            }
            low = if high == level.max() { None } else { Some(high + 1) };
        }
        NumberRanges(out)
    }

    fn gather(
        &self,
        level: u8,
        node: Node,
        bounds: &mut std::collections::BTreeSet<u128>,
        seen: &mut rustc_hash::FxHashSet<Node>,
    ) {
        if self.level(node) > level || !seen.insert(node) {
            return;
        }
        let (highs, children) = self.edges_of(node);
        if self.level(node) == level {
            bounds.extend(highs);
        } else {
            for &child in children {
                self.gather(level, child, bounds, seen);
            }
        }
    }

    /// Some packet of the set, as numbers by level; `None` when it is empty. A free level gets its smallest number.
    pub fn pick(&self, node: Node) -> Option<[u128; 10]> {
        let mut numbers = [0u128; 10];
        let mut node = node;
        while node != Node::FULL {
            let (highs, children) = self.edges_of(node);
            let index = children.iter().position(|child| !child.is_empty())?;
            let low = index.checked_sub(1).and_then(|before| highs.get(before)).map_or(0, |high| high + 1);
            if let Some(slot) = numbers.get_mut(usize::from(self.level(node))) {
                *slot = low;
            }
            node = *children.get(index)?;
        }
        Some(numbers)
    }

    /// Whether the packet with these numbers is in the set.
    pub fn contains(&self, node: Node, numbers: &[u128; 10]) -> bool {
        let mut node = node;
        while node != Node::FULL && node != Node::EMPTY {
            let Some(&number) = numbers.get(usize::from(self.level(node))) else { return false };
            let (highs, children) = self.edges_of(node);
            node = children.get(highs.partition_point(|&high| high < number)).copied().unwrap_or(Node::EMPTY);
        }
        node == Node::FULL
    }
}

/// Ranges of numbers, sorted and without gaps, that may touch each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRanges(Vec<(u128, u128)>);

impl NumberRanges {
    /// The ranges.
    pub fn ranges(&self) -> &[(u128, u128)] {
        &self.0
    }
}

/// What the answer is under a child of one side whatever the other side has there, if that is so.
fn settles(operation: Operation, child: Node, left: bool) -> Option<Node> {
    match (operation, child, left) {
        (Operation::And, Node::EMPTY, _)
        | (Operation::Minus, Node::EMPTY, true)
        | (Operation::Minus, Node::FULL, false) => Some(Node::EMPTY),
        (Operation::Or, Node::FULL, _) => Some(Node::FULL),
        _ => None,
    }
}
