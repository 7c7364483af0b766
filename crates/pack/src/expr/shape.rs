//! What the reader tells the checker, before any expression is compiled.

use crate::model::{Classes, DataSource, FieldType, RegisterKind, Site, State, Text};

/// Built-in fields of every record. A register's own field `name` takes the place of the built-in one; the others may not be
/// declared.
pub const RECORD_FIELDS: &[&str] = &["unit", "applicant", "state", "number", "name", "created_on", "entered_on"];
/// What records of a kind have beside [`RECORD_FIELDS`]: `dependent` is the list of an audit's auditors who are not independent.
pub fn kind_fields(kind: Option<RegisterKind>) -> &'static [&'static str] {
    if kind == Some(RegisterKind::Audit) { &["dependent"] } else { &[] }
}
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
    /// Its kind.
    pub kind: Option<RegisterKind>,
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
