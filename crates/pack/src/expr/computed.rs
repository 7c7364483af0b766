//! Computed fields: compiled before everything else, each after those that it reads.

use super::check::{self, Failure};
use super::error::{Complaint, both};
use super::schema::Schema;
use super::{Expect, ExprError, RegisterShape, ShapeType};
use crate::model::{Site, Subjects};

/// Most computed fields within one another. Each may be read several times by the next, so that the work can grow by a
/// factor at every level.
pub(super) const MAX_DEPTH: usize = 4;

/// A computed field that is not compiled yet.
struct Pending<'a> {
    register: &'a str,
    field: &'a str,
    text: &'a str,
    site: &'a Site,
    /// The computed field that its expression came to before that was compiled.
    waits_for: Option<(String, String)>,
}

impl Pending<'_> {
    fn is(&self, (register, field): &(String, String)) -> bool {
        self.register == register && self.field == field
    }
}

/// Compiles all computed fields into the schema. What is left waiting when nothing moves any more waits for itself, or for
/// a field with a mistake, which has been reported.
pub(super) fn compile_all(schema: &mut Schema, registers: &[RegisterShape]) -> Vec<ExprError> {
    let mut errors = Vec::new();
    let mut pending: Vec<Pending<'_>> = registers.iter().flat_map(pending_of).collect();
    loop {
        let before = pending.len();
        let mut waiting = Vec::new();
        for mut field in pending {
            let Some(scope) = schema.scope(&Subjects::Register(field.register.to_owned())) else { continue };
            match check::compile(field.text, field.site, &scope, &Expect::anything()) {
                Ok(expr) if expr.compiled.depth >= MAX_DEPTH => errors.push(too_deep(&field)),
                Ok(expr) => schema.set_computed(field.register, field.field, expr),
                Err(Failure::Mistakes(mistakes)) => errors.extend(mistakes),
                Err(Failure::Waits(register, name)) => {
                    field.waits_for = Some((register, name));
                    waiting.push(field);
                }
            }
        }
        pending = waiting;
        if pending.is_empty() || pending.len() == before {
            break;
        }
    }
    errors.extend(pending.iter().filter_map(|field| cycle(field, &pending)));
    errors
}

fn pending_of(register: &RegisterShape) -> impl Iterator<Item = Pending<'_>> {
    register.fields.iter().filter_map(|field| match &field.ty {
        ShapeType::Computed(text, site) => {
            Some(Pending { register: &register.id, field: &field.id, text, site, waits_for: None })
        }
        ShapeType::Stored(_) => None,
    })
}

fn too_deep(field: &Pending<'_>) -> ExprError {
    let message = both(
        format!("計算項目「{}」の入れ子が深すぎます: 上限は{MAX_DEPTH}段です", field.field),
        format!("the computed field '{}' is nested too deeply: at most {MAX_DEPTH} levels", field.field),
    );
    Complaint::new("expr-too-deep", 0..field.text.len(), message).names([field.field]).at(field.site, field.text)
}

/// The complaint about a field that waits for itself.
fn cycle(field: &Pending<'_>, pending: &[Pending<'_>]) -> Option<ExprError> {
    let mut way = vec![field.field.to_owned()];
    let mut next = field.waits_for.as_ref()?;
    while !field.is(next) {
        let step = pending.iter().find(|other| other.is(next))?;
        if way.len() > pending.len() {
            return None;
        }
        way.push(step.field.to_owned());
        next = step.waits_for.as_ref()?;
    }
    way.push(field.field.to_owned());
    let message = both(
        format!("計算項目「{}」が自分自身から計算されています: {}", field.field, way.join(" → ")),
        format!("the computed field '{}' is computed from itself: {}", field.field, way.join(" → ")),
    );
    way.dedup();
    Some(Complaint::new("expr-cycle", 0..field.text.len(), message).names(way).at(field.site, field.text))
}
