//! What the checker knows of a pack: every path's type.

use super::{Expr, ExprError, Type};
use crate::model::{Classes, DataSource, FieldType, Site, State, Subjects, Text};

/// Built-in fields of every record. A register's own field `name` takes the place of the built-in one; the others may not be
/// declared.
pub const RECORD_FIELDS: &[&str] = &["unit", "applicant", "state", "number", "name", "created_on", "entered_on"];
/// Fields of a person, beside reverse lists of `person` fields.
pub const PERSON_FIELDS: &[&str] = &["name", "unit", "category", "active", "posts", "manager"];
/// Fields of a unit, beside reverse lists of `unit` fields.
pub const UNIT_FIELDS: &[&str] = &["name", "parent", "posts", "staff"];
/// Fields of a post.
pub const POST_FIELDS: &[&str] = &["role", "unit", "person", "from", "to"];
/// Lists of the municipality, beside one for every register (its id with underscores).
pub const CITY_FIELDS: &[&str] = &["people", "units", "posts"];

/// A field as the reader has it before expressions are compiled.
#[derive(Debug, Clone)]
pub struct FieldShape {
    /// Id.
    pub id: String,
    /// Label, for reasons and printed values.
    pub label: Text,
    /// Its type.
    pub ty: ShapeType,
    /// Whether it may be empty.
    pub optional: bool,
    /// The name of the reverse list that it gives to what it refers to.
    pub back: Option<String>,
}

/// The type of a field before expressions are compiled.
#[derive(Debug, Clone)]
pub enum ShapeType {
    /// Stored; not [`FieldType::Computed`].
    Stored(FieldType),
    /// Computed by this expression, which stands at this place.
    Computed(String, Site),
}

/// A register before its expressions are compiled.
#[derive(Debug, Clone)]
pub struct RegisterShape {
    /// Id.
    pub id: String,
    /// Fields.
    pub fields: Vec<FieldShape>,
    /// States.
    pub states: Vec<State>,
}

/// A set of named things: zones, roles, 職員区分.
#[derive(Debug, Clone)]
pub struct Named {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
}

/// Everything that expressions may speak of.
#[derive(Debug, Clone, Copy)]
pub struct SchemaParts<'a> {
    /// Registers.
    pub registers: &'a [RegisterShape],
    /// Data sources.
    pub sources: &'a [DataSource],
    /// Roles.
    pub roles: &'a [Named],
    /// 職員区分.
    pub categories: &'a [Named],
    /// Zones.
    pub zones: &'a [Named],
    /// Classes.
    pub classes: &'a Classes,
}

/// The types of all paths.
#[derive(Debug, Clone, Default)]
pub struct Schema {}

impl Schema {
    /// A schema, and the mistakes in computed fields. A path to a computed field with a mistake fails to compile without
    /// another report.
    pub fn new(_parts: &SchemaParts<'_>) -> (Self, Vec<ExprError>) {
        (Self {}, Vec::new())
    }

    /// The compiled expression of a computed field.
    pub fn computed(&self, _register: &str, _field: &str) -> Option<&Expr> {
        None
    }

    /// The type that expressions give to a stored field.
    pub fn field_type(&self, _of: &Subjects, _field: &str) -> Option<&Type> {
        None
    }

    /// What an expression over these subjects may speak of; none when there is no such register or source.
    pub fn scope<'a>(&'a self, subjects: &Subjects) -> Option<Scope<'a>> {
        Some(Scope { schema: self, subjects: subjects.clone() })
    }
}

/// What one expression may speak of: `today`, and the variable of its subjects.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The subjects.
    pub subjects: Subjects,
}

impl Scope<'_> {
    /// The scope of an expression that is evaluated only where `condition` holds: what that guards with `has()` needs no
    /// second guard. `holds` of a control is compiled in the scope given its `applies`.
    pub fn given(self, _condition: &Expr) -> Self {
        self
    }
}
