//! What the checker knows of a pack: every path's type.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::builtin;
use super::check;
use super::computed;
use super::tree::{FieldInfo, FieldKind, Node};
use super::{Choices, Expr, ExprError, Named, SchemaParts, ShapeType, Type};
use crate::model::{Axis, FieldType, Subjects, Text};

/// The fields of one kind of thing.
pub(super) type Table = BTreeMap<Arc<str>, Arc<FieldInfo>>;

/// The types of all paths.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    registers: BTreeMap<String, Table>,
    sources: BTreeMap<String, Table>,
    pub(super) people: Table,
    pub(super) units: Table,
    pub(super) posts: Table,
    pub(super) city: Table,
    /// Ids and names of the classes of each axis, lowest first.
    classes: Vec<(Axis, Vec<(String, Text)>)>,
    zones: Arc<Choices>,
    pub(super) roles: Arc<Choices>,
    pub(super) categories: Arc<Choices>,
    computed: BTreeMap<(String, String), Expr>,
}

impl Schema {
    /// A schema, and the mistakes in computed fields. A path to a computed field with a mistake fails to compile without
    /// another report.
    pub fn new(parts: &SchemaParts<'_>) -> (Self, Vec<ExprError>) {
        let mut schema = Self {
            classes: [Axis::Confidentiality, Axis::Integrity, Axis::Availability]
                .map(|axis| {
                    let lowest_first = parts.classes.of(axis).iter().rev();
                    (axis, lowest_first.map(|class| (class.id.clone(), class.name.clone())).collect())
                })
                .into(),
            zones: named("zones", parts.zones),
            roles: named("roles", parts.roles),
            categories: named("staff-categories", parts.categories),
            ..Self::default()
        };
        builtin::add_fixed(&mut schema);
        for register in parts.registers {
            builtin::add_record_fields(&mut schema, register);
        }
        for register in parts.registers {
            let of = Subjects::Register(register.id.clone());
            for field in &register.fields {
                let (ty, kind) = match &field.ty {
                    ShapeType::Stored(ty) => (schema.stored_type(&register.id, &field.id, ty), FieldKind::Stored),
                    // A type has to stand there until the expression is compiled; nothing reads it before.
                    ShapeType::Computed(..) => (Type::Bool, FieldKind::Uncompiled),
                };
                schema.add_back(&of, &field.id, field.back.as_deref(), &ty, &field.label);
                schema.add(&of, &field.id, &field.label, ty, field.optional, kind);
            }
        }
        for source in parts.sources {
            let of = Subjects::Source(source.id.clone());
            schema.table_mut(&of);
            for field in &source.fields {
                let ty = schema.stored_type(&source.id, &field.id, &field.ty);
                schema.add(&of, &field.id, &field.label, ty, field.optional, FieldKind::Stored);
            }
        }
        let errors = computed::compile_all(&mut schema, parts.registers);
        (schema, errors)
    }

    /// The compiled expression of a computed field.
    pub fn computed(&self, register: &str, field: &str) -> Option<&Expr> {
        self.computed.get(&(register.to_owned(), field.to_owned()))
    }

    /// The type that expressions give to a field; none for a computed one with a mistake.
    pub fn field_type(&self, of: &Subjects, field: &str) -> Option<&Type> {
        let info = self.table(of)?.get(field)?;
        (!matches!(info.kind, FieldKind::Uncompiled)).then_some(&info.ty)
    }

    /// What an expression over these subjects may speak of; none when there is no such register or source.
    pub fn scope(&self, subjects: &Subjects) -> Option<Scope<'_>> {
        self.table(subjects)?;
        Some(Scope { schema: self, subjects: subjects.clone(), given: Vec::new() })
    }

    /// The fields of a kind of thing.
    pub(super) fn table(&self, of: &Subjects) -> Option<&Table> {
        match of {
            Subjects::Register(id) => self.registers.get(id),
            Subjects::Source(id) => self.sources.get(id),
            Subjects::People => Some(&self.people),
            Subjects::Units => Some(&self.units),
            Subjects::Posts => Some(&self.posts),
            Subjects::Municipality => Some(&self.city),
        }
    }

    fn table_mut(&mut self, of: &Subjects) -> &mut Table {
        match of {
            Subjects::Register(id) => self.registers.entry(id.clone()).or_default(),
            Subjects::Source(id) => self.sources.entry(id.clone()).or_default(),
            Subjects::People => &mut self.people,
            Subjects::Units => &mut self.units,
            Subjects::Posts => &mut self.posts,
            Subjects::Municipality => &mut self.city,
        }
    }

    /// Adds a field, or puts it in the place of one of the same id.
    pub(super) fn add(&mut self, of: &Subjects, name: &str, label: &Text, ty: Type, optional: bool, kind: FieldKind) {
        let name: Arc<str> = name.into();
        let optional = optional && !matches!(ty, Type::List(_));
        let info = FieldInfo { of: of.clone(), name: name.clone(), label: label.clone(), ty, optional, kind };
        self.table_mut(of).insert(name, Arc::new(info));
    }

    /// Adds the reverse list of a reference, where it has one.
    fn add_back(&mut self, of: &Subjects, field: &str, back: Option<&str>, ty: &Type, label: &Text) {
        let referred = match ty {
            Type::List(element) => element.subjects(),
            _ => ty.subjects(),
        };
        if let (Some(back), Some(referred)) = (back, referred)
            && self.table(&referred).is_some()
        {
            let kind = FieldKind::Back(of.clone(), field.into());
            self.add(&referred, back, label, Type::List(Box::new(Type::of_subjects(of))), false, kind);
        }
    }

    /// Puts in a computed field what its expression turned out to be.
    pub(super) fn set_computed(&mut self, register: &str, field: &str, expr: Expr) {
        let of = Subjects::Register(register.to_owned());
        let label =
            self.table(&of).and_then(|table| table.get(field)).map(|info| info.label.clone()).unwrap_or_default();
        let kind = FieldKind::Computed(expr.compiled.clone());
        self.add(&of, field, &label, expr.ty().clone(), expr.is_optional(), kind);
        self.computed.insert((register.to_owned(), field.to_owned()), expr);
    }

    /// The type of a stored field.
    fn stored_type(&self, of: &str, field: &str, ty: &FieldType) -> Type {
        match ty {
            FieldType::Text | FieldType::Long => Type::Text,
            FieldType::Int | FieldType::Money => Type::Int,
            FieldType::Date => Type::Day,
            FieldType::Bool => Type::Bool,
            FieldType::Choice(choices) => Type::Choice(Arc::new(Choices {
                of: format!("{of}.{field}").into(),
                ids: choices.iter().map(|choice| (choice.id.as_str().into(), choice.label.clone())).collect(),
            })),
            FieldType::Person => Type::Person,
            FieldType::Unit => Type::Unit,
            FieldType::Zone => Type::Choice(self.zones.clone()),
            FieldType::Class(axis) => Type::Class(*axis),
            FieldType::File => Type::File,
            FieldType::Ref(register) => Type::Record(register.as_str().into()),
            FieldType::List(element) => Type::List(Box::new(self.stored_type(of, field, element))),
            FieldType::Computed(expr) => expr.ty().clone(),
        }
    }

    /// Ids and names of the classes of an axis, lowest first.
    pub(super) fn classes(&self, axis: Axis) -> &[(String, Text)] {
        self.classes.iter().find(|(known, _)| *known == axis).map_or(&[], |(_, classes)| classes)
    }
}

/// Named things as a set of ids.
fn named(of: &str, things: &[Named]) -> Arc<Choices> {
    let ids = things.iter().map(|thing| (thing.id.as_str().into(), thing.name.clone())).collect();
    Arc::new(Choices { of: of.into(), ids })
}

/// What one expression may speak of: `today`, and the variable of its subjects.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    pub(super) schema: &'a Schema,
    pub(super) subjects: Subjects,
    /// Paths that are known to be present.
    pub(super) given: Vec<Node>,
}

impl Scope<'_> {
    /// The scope of an expression that is evaluated only where `condition` holds: what that guards with `has()` needs no
    /// second guard. `holds` of a control is compiled in the scope given its `applies`.
    #[must_use]
    pub fn given(mut self, condition: &Expr) -> Self {
        self.given.extend(condition.compiled.when_true.iter().cloned());
        self
    }

    /// What the expression's variable stands for.
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// The name of the variable: `record`, `fact`, `person`, `unit`, `post` or `city`.
    pub fn variable(&self) -> &'static str {
        check::variable(&self.subjects)
    }
}
