//! Types of expressions.

use std::sync::Arc;

use crate::model::{Axis, Subjects, Text};

/// What an expression yields.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A whole number or yen.
    Int,
    /// Text.
    Text,
    /// A day.
    Day,
    /// A number of days: `days(30)`, or the difference of two days.
    Days,
    /// A number of calendar months: `months(6)`.
    Months,
    /// A class of this axis.
    Class(Axis),
    /// One of a set of ids: a choice, a state, a zone, a role, a 職員区分.
    Choice(Arc<Choices>),
    /// An attached file; only its presence can be asked for.
    File,
    /// A record of this register.
    Record(Arc<str>),
    /// A row of this data source.
    Fact(Arc<str>),
    /// A person.
    Person,
    /// A unit.
    Unit,
    /// A post.
    Post,
    /// The municipality.
    City,
    /// A list.
    List(Box<Type>),
}

/// A set of ids that a value is one of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Choices {
    /// Whose they are, for messages: `takeouts.purpose`, `takeouts.state`, `zones`, `roles`, `staff-categories`.
    pub of: Arc<str>,
    /// Ids with their labels, in the pack's order.
    pub ids: Vec<(Arc<str>, Text)>,
}

impl Choices {
    /// The id as the set holds it.
    pub fn get(&self, id: &str) -> Option<&Arc<str>> {
        self.ids.iter().map(|(known, _)| known).find(|known| ***known == *id)
    }

    /// The label of an id.
    pub fn label(&self, id: &str) -> Option<&Text> {
        self.ids.iter().find(|(known, _)| **known == *id).map(|(_, label)| label)
    }
}

impl Type {
    /// Whose fields a value of this type has.
    pub fn subjects(&self) -> Option<Subjects> {
        Some(match self {
            Self::Record(register) => Subjects::Register(register.to_string()),
            Self::Fact(source) => Subjects::Source(source.to_string()),
            Self::Person => Subjects::People,
            Self::Unit => Subjects::Units,
            Self::Post => Subjects::Posts,
            Self::City => Subjects::Municipality,
            _ => return None,
        })
    }

    /// The type of one of these.
    pub(super) fn of_subjects(of: &Subjects) -> Self {
        match of {
            Subjects::Register(register) => Self::Record(register.as_str().into()),
            Subjects::Source(source) => Self::Fact(source.as_str().into()),
            Subjects::People => Self::Person,
            Subjects::Units => Self::Unit,
            Subjects::Posts => Self::Post,
            Subjects::Municipality => Self::City,
        }
    }

    /// Whether values of both types can be the same. Two choices can when they have the same ids.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Choice(left), Self::Choice(right)) => {
                left.of == right.of || left.ids.iter().map(|(id, _)| id).eq(right.ids.iter().map(|(id, _)| id))
            }
            (Self::List(left), Self::List(right)) => left.agrees_with(right),
            _ => self == other,
        }
    }

    /// What it is called in messages.
    pub fn name(&self) -> Text {
        let named = |ja: &str, en: &str| Text { ja: ja.to_owned(), en: Some(en.to_owned()) };
        match self {
            Self::Bool => named("真偽", "yes or no"),
            Self::Int => named("整数", "a whole number"),
            Self::Text => named("文字列", "text"),
            Self::Day => named("日付", "a day"),
            Self::Days => named("日数", "a number of days"),
            Self::Months => named("月数", "a number of months"),
            Self::Class(axis) => {
                let ja = match axis {
                    Axis::Confidentiality => "機密性",
                    Axis::Integrity => "完全性",
                    Axis::Availability => "可用性",
                };
                named(&format!("{ja}の区分"), &format!("a class of {}", axis.id()))
            }
            Self::Choice(choices) => named(&format!("「{}」の選択肢", choices.of), &format!("one of '{}'", choices.of)),
            Self::File => named("ファイル", "a file"),
            Self::Record(register) => named(&format!("台帳「{register}」の記録"), &format!("a record of '{register}'")),
            Self::Fact(source) => named(&format!("データ源「{source}」の行"), &format!("a row of '{source}'")),
            Self::Person => named("職員", "a person"),
            Self::Unit => named("所属", "a unit"),
            Self::Post => named("役職", "a post"),
            Self::City => named("団体", "the municipality"),
            Self::List(of) => {
                let of = of.name();
                named(&format!("{}の一覧", of.ja), &format!("a list (each element: {})", of.pick(true)))
            }
        }
    }
}

/// The type that a place asks of its expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// The type; any, when absent.
    pub ty: Option<Type>,
    /// Whether the result may be empty, as of an unguarded optional field.
    pub optional: bool,
}

impl Expect {
    /// This type, and never empty.
    pub fn exactly(ty: Type) -> Self {
        Self { ty: Some(ty), optional: false }
    }

    /// This type, or empty: `after = "record.return_by"` of a field that is optional is no deadline while it is empty.
    pub fn or_empty(ty: Type) -> Self {
        Self { ty: Some(ty), optional: true }
    }

    /// Any type, or empty: a computed field takes the type of its expression.
    pub fn anything() -> Self {
        Self { ty: None, optional: true }
    }
}

impl From<Type> for Expect {
    fn from(ty: Type) -> Self {
        Self::exactly(ty)
    }
}
