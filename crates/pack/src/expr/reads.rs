//! What an expression reads.

use super::tree::{FieldInfo, FieldKind, Node};
use crate::model::Subjects;

/// Something that an expression reads, and the way to it. When it changes on some record, the expression has to be
/// evaluated again for the subjects from which the hops lead to that record, as they stood before and stand after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Read {
    /// Whose: records of a register, rows of a source, persons, units, posts.
    pub of: Subjects,
    /// The field as it is stored; none where only it matters which of them there are (`size(city.assets)`). The list
    /// `takeouts` of an asset reads the field `asset` of `takeouts`, by way of [`Hop::Back`].
    pub field: Option<String>,
    /// How to come from the subject to it; empty for the subject's own fields.
    pub via: Vec<Hop>,
}

/// One step from one thing to others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Hop {
    /// Along a reference, or a list of them, stored in this field.
    To {
        /// Whose field.
        of: Subjects,
        /// The field.
        field: String,
    },
    /// To those whose field refers back here.
    Back {
        /// Whose field.
        of: Subjects,
        /// The field.
        field: String,
    },
    /// To all of this kind.
    All(Subjects),
}

/// Ways to a thing; several where `?:` or a written list chooses.
type Ways = Vec<Vec<Hop>>;

/// Everything that a tree reads, each once.
pub(super) fn of(node: &Node) -> Vec<Read> {
    let mut collector = Collector { reads: Vec::new(), elements: Vec::new(), subject: vec![Vec::new()] };
    collector.read(node);
    collector.reads
}

/// Everything that is read when the value of a tree is printed: what leads to it and, when it leads to things of a kind, their
/// names.
pub(super) fn printed(node: &Node, kind: Option<Subjects>) -> Vec<Read> {
    let mut collector = Collector { reads: Vec::new(), elements: Vec::new(), subject: vec![Vec::new()] };
    let ways = collector.read(node);
    let names = kind.into_iter().flat_map(|of| {
        ways.iter().map(move |via| Read { of: of.clone(), field: Some("name".to_owned()), via: via.clone() })
    });
    let names: Vec<Read> = names.collect();
    collector.reads.into_iter().chain(names).collect()
}

struct Collector {
    reads: Vec<Read>,
    /// Ways to the elements of the lists being gone through, outermost first.
    elements: Vec<Ways>,
    /// Ways to the subject: none to go, except within a computed field.
    subject: Ways,
}

impl Collector {
    /// Notes what a node reads, and says how to come to the things that are its value.
    fn read(&mut self, node: &Node) -> Ways {
        match node {
            Node::Var(0) => self.subject.clone(),
            Node::Var(slot) => self.elements.get(slot - 1).cloned().unwrap_or_default(),
            Node::Field(of, info) => {
                let ways = self.read(of);
                self.field(&ways, info)
            }
            Node::If(parts) => {
                let [condition, yes, no] = &**parts;
                self.read(condition);
                let mut ways = self.read(yes);
                ways.extend(self.read(no));
                ways
            }
            Node::List(parts) => parts.iter().flat_map(|part| self.read(part)).collect(),
            Node::Loop(_, parts) => {
                let [list, body] = &**parts;
                let ways = self.read(list);
                self.elements.push(ways.clone());
                self.read(body);
                self.elements.pop();
                ways
            }
            _ => {
                for part in node.parts() {
                    self.read(part);
                }
                Vec::new()
            }
        }
    }

    fn field(&mut self, ways: &Ways, info: &FieldInfo) -> Ways {
        let stored = |field: &str| Some(field.to_owned());
        let (of, field, hop) = match &info.kind {
            FieldKind::Stored => {
                let field = info.name.to_string();
                (info.of.clone(), stored(&info.name), Hop::To { of: info.of.clone(), field })
            }
            FieldKind::Back(of, field) => {
                (of.clone(), stored(field), Hop::Back { of: of.clone(), field: field.to_string() })
            }
            FieldKind::All(of) => (of.clone(), None, Hop::All(of.clone())),
            FieldKind::Computed(inner) => {
                let subject = std::mem::replace(&mut self.subject, ways.clone());
                let elements = std::mem::take(&mut self.elements);
                let found = self.read(&inner.node);
                (self.subject, self.elements) = (subject, elements);
                return found;
            }
            FieldKind::Uncompiled => return Vec::new(),
        };
        let further = |way: &Vec<Hop>| way.iter().cloned().chain([hop.clone()]).collect::<Vec<Hop>>();
        let back = !matches!(info.kind, FieldKind::Stored);
        for way in ways {
            let via = if back { further(way) } else { way.clone() };
            let read = Read { of: of.clone(), field: field.clone(), via };
            if !self.reads.contains(&read) {
                self.reads.push(read);
            }
        }
        ways.iter().map(further).collect()
    }
}
