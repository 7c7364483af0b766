//! What checked expressions compile to.

use std::sync::Arc;

use super::{Day, Read, Type, Value};
use crate::model::{Subjects, Text};

/// A checked and compiled expression.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The tree.
    pub(super) node: Node,
    /// The type of its value.
    pub(super) ty: Type,
    /// Whether its value may be absent.
    pub(super) optional: bool,
    /// Paths that are present wherever it is true.
    pub(super) when_true: Vec<Node>,
    /// What it reads.
    pub(super) reads: Vec<Read>,
    /// Whether it reads the day.
    pub(super) reads_today: bool,
    /// Computed fields within computed fields within it.
    pub(super) depth: usize,
}

/// A field, with everything that evaluation and messages need.
#[derive(Debug)]
pub(super) struct FieldInfo {
    /// Whose it is.
    pub(super) of: Subjects,
    /// Its id.
    pub(super) name: Arc<str>,
    /// Its label.
    pub(super) label: Text,
    /// Its type.
    pub(super) ty: Type,
    /// Whether it may be empty. Lists never are: one that is not there has no elements.
    pub(super) optional: bool,
    /// Where its value comes from.
    pub(super) kind: FieldKind,
}

impl PartialEq for FieldInfo {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.of == other.of
    }
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub(super) enum FieldKind {
    /// It is recorded.
    Stored,
    /// The list of those whose field refers here.
    Back(Subjects, Arc<str>),
    /// The list of all of a kind.
    All(Subjects),
    /// It is computed.
    Computed(Arc<Compiled>),
    /// It is computed, and its expression is not compiled yet or has a mistake.
    Uncompiled,
}

/// A part of the tree. Types were checked; a value of another type or an empty one can still come from the world, and then
/// the result is unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Const(Value),
    Today,
    /// 0: the subject; from 1 on: the elements of the lists being gone through, outermost first.
    Var(usize),
    Field(Box<Node>, Arc<FieldInfo>),
    Has(Box<Node>),
    Not(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Equal(Box<[Node; 2]>),
    Order(Order, Box<[Node; 2]>),
    AtLeast(Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    Negate(Box<Node>),
    /// A day and a number of days or months.
    Shift(Shift, Box<[Node; 2]>),
    /// Days from the second to the first.
    DaysBetween(Box<[Node; 2]>),
    WorkdaysBetween(Box<[Node; 2]>),
    FiscalYear(Box<Node>),
    /// Of a day or of a fiscal year's number.
    FiscalYearStart(Box<Node>),
    Size(Box<Node>),
    List(Vec<Node>),
    Loop(Loop, Box<[Node; 2]>),
}

/// Comparisons of numbers and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Operators on whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Divide,
    Remainder,
}

impl Arithmetic {
    /// The result, where there is one in 64 bits.
    pub(super) fn apply(self, left: i64, right: i64) -> Option<i64> {
        match self {
            Self::Plus => left.checked_add(right),
            Self::Minus => left.checked_sub(right),
            Self::Times => left.checked_mul(right),
            Self::Divide => left.checked_div(right),
            Self::Remainder => left.checked_rem(right),
        }
    }
}

/// Ways to move a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    DaysLater,
    DaysEarlier,
    MonthsLater,
    MonthsEarlier,
}

impl Shift {
    /// The day moved, where it stays in the calendar.
    pub(super) fn apply(self, day: Day, by: i64) -> Option<Day> {
        match self {
            Self::DaysLater => day.plus_days(by),
            Self::DaysEarlier => day.plus_days(by.checked_neg()?),
            Self::MonthsLater => day.plus_months(by),
            Self::MonthsEarlier => day.plus_months(by.checked_neg()?),
        }
    }
}

/// Ways to go through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    Exists,
    All,
    Filter,
    Latest,
}

impl Node {
    /// The parts of a node.
    pub(super) fn parts(&self) -> &[Self] {
        match self {
            Self::Const(_) | Self::Today | Self::Var(_) => &[],
            Self::Field(part, _)
            | Self::Has(part)
            | Self::Not(part)
            | Self::Negate(part)
            | Self::FiscalYear(part)
            | Self::FiscalYearStart(part)
            | Self::Size(part) => std::slice::from_ref(part),
            Self::And(parts)
            | Self::Or(parts)
            | Self::Equal(parts)
            | Self::Order(_, parts)
            | Self::AtLeast(parts)
            | Self::In(parts)
            | Self::Arithmetic(_, parts)
            | Self::Shift(_, parts)
            | Self::DaysBetween(parts)
            | Self::WorkdaysBetween(parts)
            | Self::Loop(_, parts) => &**parts,
            Self::If(parts) => &**parts,
            Self::List(parts) => parts,
        }
    }

    /// Whether the day can change the value.
    pub(super) fn reads_today(&self) -> bool {
        let own = match self {
            Self::Today => true,
            Self::Field(_, info) => matches!(&info.kind, FieldKind::Computed(inner) if inner.reads_today),
            _ => false,
        };
        own || self.parts().iter().any(Self::reads_today)
    }

    /// How many computed fields stand within one another.
    pub(super) fn computed_depth(&self) -> usize {
        let own = match self {
            Self::Field(_, info) => match &info.kind {
                FieldKind::Computed(inner) => inner.depth + 1,
                _ => 0,
            },
            _ => 0,
        };
        self.parts().iter().map(Self::computed_depth).fold(own, usize::max)
    }
}
