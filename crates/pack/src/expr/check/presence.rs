//! What a condition says about optional fields: flow through `&&`, `||`, `!` and `?:`.

use super::super::tree::Node;

/// Paths that are present wherever a part is true, and wherever it is false.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) when_true: Vec<Node>,
    pub(super) when_false: Vec<Node>,
}

impl Facts {
    /// Of `has(path)`: when it is true, the path is there, and so is everything on the way.
    pub(super) fn of_has(path: &Node) -> Self {
        let mut when_true = Vec::new();
        let mut step = path;
        loop {
            when_true.push(step.clone());
            match step {
                Node::Field(of, _) => step = of,
                _ => break,
            }
        }
        Self { when_true, when_false: Vec::new() }
    }

    /// Of `!part`.
    pub(super) fn negated(self) -> Self {
        Self { when_true: self.when_false, when_false: self.when_true }
    }

    /// Of `left && right`, where `right` is reached only when `left` is true.
    pub(super) fn and(self, right: Self) -> Self {
        let false_on_the_right = joined(&self.when_true, &right.when_false);
        Self {
            when_false: common(&self.when_false, &false_on_the_right),
            when_true: joined(&self.when_true, &right.when_true),
        }
    }

    /// Of `left || right`.
    pub(super) fn or(self, right: Self) -> Self {
        self.negated().and(right.negated()).negated()
    }

    /// Of `condition ? yes : no`.
    pub(super) fn conditional(condition: &Self, yes: &Self, no: &Self) -> Self {
        let of =
            |yes: &[Node], no: &[Node]| common(&joined(&condition.when_true, yes), &joined(&condition.when_false, no));
        Self { when_true: of(&yes.when_true, &no.when_true), when_false: of(&yes.when_false, &no.when_false) }
    }
}

fn joined(left: &[Node], right: &[Node]) -> Vec<Node> {
    let new = right.iter().filter(|node| !left.contains(node));
    left.iter().chain(new).cloned().collect()
}

fn common(left: &[Node], right: &[Node]) -> Vec<Node> {
    left.iter().filter(|node| right.contains(node)).cloned().collect()
}
