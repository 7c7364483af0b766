//! The store of nodes: an arena, a table that makes equal nodes one, and the caches of operations.

use rustc_hash::FxHashMap;

use super::{Level, MAX_EDGES};
use crate::intervals::Intervals;

/// A set of packets in a [`Diagrams`] store. Equal sets have equal nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub(super) u32);

impl Node {
    /// No packet.
    pub const EMPTY: Self = Self(0);
    /// Every packet.
    pub const FULL: Self = Self(1);

    /// Whether no packet is in it.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
}

/// Level number of the two terminals: below every level.
pub(super) const TERMINAL: u8 = u8::MAX;

#[derive(Debug, Clone, Copy)]
struct Head {
    level: u8,
    start: u32,
    length: u32,
}

/// What a cached operation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    And,
    Or,
    Minus,
}

/// A store of packet sets.
#[derive(Debug)]
pub struct Diagrams {
    heads: Vec<Head>,
    highs: Vec<u128>,
    children: Vec<Node>,
    /// Open addressing: indices into `heads`, 0 for a free place.
    table: Vec<u32>,
    pub(super) cache: FxHashMap<(Operation, Node, Node), Node>,
    /// Edges under construction, of all nodes being built above one another.
    pub(super) building: Vec<(u128, Node)>,
    overflowed: bool,
    limit: usize,
}

impl Default for Diagrams {
    fn default() -> Self {
        Self::new()
    }
}

impl Diagrams {
    /// An empty store with the usual bound.
    pub fn new() -> Self {
        Self::with_limit(MAX_EDGES)
    }

    /// An empty store of at most so many edges.
    pub fn with_limit(limit: usize) -> Self {
        let terminal = Head { level: TERMINAL, start: 0, length: 0 };
        Self {
            heads: vec![terminal, terminal],
            highs: Vec::new(),
            children: Vec::new(),
            table: vec![0; 1 << 12],
            cache: FxHashMap::default(),
            building: Vec::new(),
            overflowed: false,
            limit,
        }
    }

    /// Whether the bound was reached: every answer since then may be wrong.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Edges in the store.
    pub fn edges(&self) -> usize {
        self.highs.len()
    }

    fn head(&self, node: Node) -> Head {
        self.heads.get(node.0 as usize).copied().unwrap_or(Head { level: TERMINAL, start: 0, length: 0 })
    }

    pub(super) fn level(&self, node: Node) -> u8 {
        self.head(node).level
    }

    pub(super) fn width(&self, node: Node) -> usize {
        self.head(node).length as usize
    }

    /// The upper bounds and children of a node.
    pub(super) fn edges_of(&self, node: Node) -> (&[u128], &[Node]) {
        let head = self.head(node);
        let range = head.start as usize..head.start as usize + head.length as usize;
        (self.highs.get(range.clone()).unwrap_or_default(), self.children.get(range).unwrap_or_default())
    }

    /// One edge; past the end the last bound and the empty set.
    pub(super) fn edge(&self, node: Node, index: usize) -> (u128, Node) {
        let at = self.head(node).start as usize + index;
        (self.highs.get(at).copied().unwrap_or(u128::MAX), self.children.get(at).copied().unwrap_or(Node::EMPTY))
    }

    /// Adds an edge to the node whose edges begin at `start`; neighbours with one child become one edge.
    pub(super) fn push(&mut self, start: usize, high: u128, child: Node) {
        let own = self.building.len() > start;
        match self.building.last_mut() {
            Some(last) if own && last.1 == child => last.0 = high,
            _ => self.building.push((high, child)),
        }
    }

    /// Ends the node whose edges begin at `start`.
    pub(super) fn close(&mut self, level: u8, start: usize) -> Node {
        let node = match self.building.get(start..) {
            None | Some([]) => Node::EMPTY,
            Some([(_, child)]) => *child,
            Some(_) => self.intern(level, start),
        };
        self.building.truncate(start);
        node
    }

    fn intern(&mut self, level: u8, start: usize) -> Node {
        let edges = self.building.get(start..).unwrap_or_default();
        let mut mask = self.table.len() - 1;
        let hash = hash(level, edges);
        let mut place = hash & mask;
        loop {
            match self.table.get(place).copied() {
                None | Some(0) => break,
                Some(index) => {
                    if self.equals(Node(index), level, start) {
                        return Node(index);
                    }
                }
            }
            place = (place + 1) & mask;
        }
        let length = self.building.len() - start;
        let (Ok(index), Ok(first), Ok(count)) =
            (u32::try_from(self.heads.len()), u32::try_from(self.highs.len()), u32::try_from(length))
        else {
            self.overflowed = true;
            return Node::EMPTY;
        };
        if self.highs.len() + length > self.limit {
            self.overflowed = true;
            return Node::EMPTY;
        }
        if self.heads.len() * 2 > self.table.len() {
            self.grow();
            mask = self.table.len() - 1;
            place = hash & mask;
            while self.table.get(place).is_some_and(|&index| index != 0) {
                place = (place + 1) & mask;
            }
        }
        let edges = self.building.get(start..).unwrap_or_default();
        self.highs.extend(edges.iter().map(|edge| edge.0));
        self.children.extend(edges.iter().map(|edge| edge.1));
        self.heads.push(Head { level, start: first, length: count });
        if let Some(slot) = self.table.get_mut(place) {
            *slot = index;
        }
        Node(index)
    }

    fn equals(&self, node: Node, level: u8, start: usize) -> bool {
        let edges = self.building.get(start..).unwrap_or_default();
        let (highs, children) = self.edges_of(node);
        self.level(node) == level
            && highs.len() == edges.len()
            && edges
                .iter()
                .zip(highs.iter().zip(children))
                .all(|(edge, (high, child))| edge.0 == *high && edge.1 == *child)
    }

    fn grow(&mut self) {
        let size = self.table.len() * 4;
        let mut table = vec![0u32; size];
        for (index, head) in (0u32..).zip(&self.heads).skip(2) {
            let range = head.start as usize..head.start as usize + head.length as usize;
            let highs = self.highs.get(range.clone()).unwrap_or_default();
            let children = self.children.get(range).unwrap_or_default();
            let edges = highs.iter().copied().zip(children.iter().copied());
            let mut place = hash_edges(head.level, edges) & (size - 1);
            while table.get(place).is_some_and(|&taken| taken != 0) {
                place = (place + 1) & (size - 1);
            }
            if let Some(slot) = table.get_mut(place) {
                *slot = index;
            }
        }
        self.table = table;
    }

    /// The packets whose number on `level` is in `set` and that are in `child` (which looks at lower levels only).
    pub fn split(&mut self, level: Level, set: &Intervals, child: Node) -> Node {
        let start = self.building.len();
        let mut next = Some(0u128);
        for &(low, high) in set.ranges() {
            let Some(from) = next else { break };
            if low > level.max() {
                break;
            }
            if low > from {
                self.push(start, low - 1, Node::EMPTY);
            }
            let high = high.min(level.max());
            self.push(start, high, child);
            next = if high >= level.max() { None } else { Some(high + 1) };
        }
        if next.is_some() {
            self.push(start, level.max(), Node::EMPTY);
        }
        self.close(level as u8, start)
    }

    /// The packets that are in every one of these sets of numbers; each level at most once, in the order of levels.
    pub fn product<'a>(&mut self, parts: impl DoubleEndedIterator<Item = (Level, &'a Intervals)>) -> Node {
        let mut node = Node::FULL;
        for (level, set) in parts.rev() {
            node = self.split(level, set, node);
        }
        node
    }
}

fn hash(level: u8, edges: &[(u128, Node)]) -> usize {
    hash_edges(level, edges.iter().copied())
}

/// Fx-like mixing; the top bits are the good ones and are moved down.
#[expect(clippy::cast_possible_truncation, reason = "a hash keeps some bits and drops others")]
fn hash_edges(level: u8, edges: impl Iterator<Item = (u128, Node)>) -> usize {
    const K: u64 = 0xf135_7aea_2e62_a9c5;
    let mut hash = u64::from(level);
    for (high, child) in edges {
        for part in [high as u64, (high >> 64) as u64 ^ (u64::from(child.0) << 17)] {
            hash = (hash.rotate_left(23) ^ part).wrapping_mul(K);
        }
    }
    (hash ^ (hash >> 29)).wrapping_mul(K) as usize >> 20
}
