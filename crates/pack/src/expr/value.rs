//! Values that expressions work with, and where they come from.

use std::sync::Arc;

use super::{Day, Workdays};
use crate::model::{Axis, Text};

/// A value of a field or of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An empty optional field.
    Absent,
    /// Yes or no.
    Bool(bool),
    /// A whole number, yen, or a number of days.
    Int(i64),
    /// Text of one or several lines; for a file, anything that is not empty when there is one.
    Text(Arc<str>),
    /// A day.
    Day(Day),
    /// A class by its height on its axis ([`crate::model::Classes::height`]): 0 is the lowest.
    Class(Axis, usize),
    /// The id of a choice, a state, a zone, a role or a 職員区分.
    Choice(Arc<str>),
    /// Several values; a reverse list is a list of subjects.
    List(Arc<[Value]>),
    /// A record, person, unit and so on.
    Subject(Subject),
}

impl Value {
    /// Text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The id of a choice, state, zone, role or category.
    pub fn choice(id: impl Into<Arc<str>>) -> Self {
        Self::Choice(id.into())
    }

    /// A list.
    pub fn list(values: impl Into<Arc<[Value]>>) -> Self {
        Self::List(values.into())
    }
}

/// Something that has fields: what a control is evaluated over, and what references lead to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A record of a register.
    Record {
        /// The register's id.
        register: Arc<str>,
        /// The record's id (UUIDv7).
        id: u128,
    },
    /// A person.
    Person(u128),
    /// A unit (所属).
    Unit(u128),
    /// A post: a role held by a person in a unit for a time.
    Post(u128),
    /// A row of a data source.
    Fact {
        /// The source's id.
        source: Arc<str>,
        /// The row.
        row: u64,
    },
    /// The municipality as one.
    Municipality,
}

/// Why a value cannot be known: no source, a stale source, an empty field, a year without a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(Box<Text>);

impl Unknown {
    /// A reason, as one sentence in Japanese and in English.
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Box::new(Text { ja: ja.into(), en: Some(en.into()) }))
    }

    /// The reason.
    pub fn reason(&self) -> &Text {
        &self.0
    }
}

/// Whether something holds (Kleene's three values).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It cannot be said, and why.
    Unknown(Unknown),
}

impl From<bool> for Outcome {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

/// What was recorded, asked field by field, so that nothing is loaded that an expression does not come to.
pub trait World {
    /// The value of a field.
    ///
    /// Fields are those of the register or data source and the built-in ones ([`super::RECORD_FIELDS`] and its
    /// neighbours); an empty field is [`Value::Absent`]. Reverse lists are fields too and answer a list of
    /// subjects: `takeouts` of an asset, `posts` of a person, `assets` (all records of the register) of the municipality.
    /// A computed field is never asked for: the expression evaluates it.
    fn field(&self, of: &Subject, field: &str) -> Result<Value, Unknown>;

    /// The calendar of working days.
    fn workdays(&self) -> &Workdays;
}

/// What one evaluation is about.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The day for which it is asked.
    pub today: Day,
    /// What `record`, `fact`, `person`, `unit`, `post` or `city` stands for.
    pub subject: &'a Subject,
    /// Where fields come from.
    pub world: &'a dyn World,
}
