//! The checker: from syntax to a typed tree, with every mistake on the way.
//!
//! A part that has a mistake yields nothing, and what stands around it keeps quiet about it, so that one mistake is one
//! message and the other parts are still looked at.

mod calls;
mod complaints;
mod lists;
mod operators;
mod path;
mod presence;

use std::ops::Range;
use std::sync::Arc;

use super::error::Complaint;
use super::schema::Scope;
use super::syntax::{self, Ast, Kind};
use super::tree::{Compiled, Node};
use super::{Expect, Expr, ExprError, Type, Value, reads};
use crate::model::{Site, Subjects};
use presence::Facts;

/// Why an expression did not compile.
pub(super) enum Failure {
    /// It has mistakes.
    Mistakes(Vec<ExprError>),
    /// It reads this computed field (register, field), which is not compiled.
    Waits(String, String),
}

/// Checks and compiles a text that stands at a site.
pub(super) fn compile(text: &str, site: &Site, scope: &Scope<'_>, expected: &Expect) -> Result<Expr, Failure> {
    match compile_part(text, scope, expected, Presence::Guarded) {
        Ok(compiled) => Ok(Expr { source: text.to_owned(), site: site.clone(), compiled: Arc::new(compiled) }),
        Err(Trouble::Complaints(all)) => {
            Err(Failure::Mistakes(all.into_iter().map(|complaint| complaint.at(site, text)).collect()))
        }
        Err(Trouble::Waits(register, field)) => Err(Failure::Waits(register, field)),
    }
}

/// [`Failure`] before the place in the file is known.
pub(super) enum Trouble {
    Complaints(Vec<Complaint>),
    Waits(String, String),
}

/// Whether optional fields need a guard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// They do.
    Guarded,
    /// Anything may be absent: in `has()` and in the places of a sentence.
    Free,
}

/// Checks and compiles a text that may be a part of a longer one.
pub(super) fn compile_part(
    text: &str,
    scope: &Scope<'_>,
    expected: &Expect,
    presence: Presence,
) -> Result<Compiled, Trouble> {
    let ast = syntax::parse(text).map_err(|complaint| Trouble::Complaints(vec![*complaint]))?;
    let mut checker = Checker::new(text, scope, presence);
    let typed = checker.check(&ast, expected.ty.as_ref());
    let typed = typed.and_then(|typed| checker.as_expected(typed, expected));
    if let Some((register, field)) = checker.waits_for {
        return Err(Trouble::Waits(register, field));
    }
    let typed = typed.filter(|_| checker.complaints.is_empty()).ok_or(Trouble::Complaints(checker.complaints))?;
    let reads = reads::of(&typed.node);
    Ok(Compiled {
        reads,
        reads_today: typed.node.reads_today(),
        depth: typed.node.computed_depth(),
        when_true: typed.facts.when_true,
        node: typed.node,
        ty: typed.ty,
        optional: typed.missing.is_some(),
    })
}

/// The name of the variable that stands for a subject.
pub(super) fn variable(subjects: &Subjects) -> &'static str {
    match subjects {
        Subjects::Register(_) => "record",
        Subjects::Source(_) => "fact",
        Subjects::People => "person",
        Subjects::Units => "unit",
        Subjects::Posts => "post",
        Subjects::Municipality => "city",
    }
}

/// A checked part.
pub(super) struct Typed {
    node: Node,
    ty: Type,
    /// What in it may be absent here.
    missing: Option<Missing>,
    /// References followed to come to what it is (or, of a list, to its elements).
    hops: usize,
    facts: Facts,
    span: Range<usize>,
}

impl Typed {
    fn new(node: Node, ty: Type, span: &Range<usize>) -> Self {
        Self { node, ty, missing: None, hops: 0, facts: Facts::default(), span: span.clone() }
    }
}

/// Something that may be absent, and where it is written.
struct Missing {
    node: Node,
    span: Range<usize>,
}

/// The name of a list's element within the body of `exists`, `all`, `filter`, `latest`.
struct Element {
    name: String,
    ty: Type,
    hops: usize,
}

struct Checker<'a> {
    text: &'a str,
    scope: &'a Scope<'a>,
    complaints: Vec<Complaint>,
    waits_for: Option<(String, String)>,
    elements: Vec<Element>,
    /// Paths known to be present here.
    present: Vec<Node>,
    presence: Presence,
}

impl<'a> Checker<'a> {
    fn new(text: &'a str, scope: &'a Scope<'a>, presence: Presence) -> Self {
        Self {
            text,
            scope,
            complaints: Vec::new(),
            waits_for: None,
            elements: Vec::new(),
            present: scope.given.clone(),
            presence,
        }
    }

    /// Notes a mistake.
    fn complain<T>(&mut self, complaint: Complaint) -> Option<T> {
        self.complaints.push(complaint);
        None
    }

    /// Checks a part. `hint` is what its surroundings ask for; it gives quoted values their meaning and nothing else.
    fn check(&mut self, ast: &Ast, hint: Option<&Type>) -> Option<Typed> {
        let span = &ast.span;
        match &ast.kind {
            Kind::Bool(value) => Some(Typed::new(Node::Const(Value::Bool(*value)), Type::Bool, span)),
            Kind::Int(value) => Some(Typed::new(Node::Const(Value::Int(*value)), Type::Int, span)),
            Kind::Text(text) => self.quoted(text, hint, span),
            Kind::Null => self.complain(complaints::null(span)),
            Kind::Name(name) => self.name(name, span),
            Kind::Field { of, name, name_span } => self.field(ast, of, name, name_span),
            Kind::Call { target, name, name_span, args } => self.call(ast, target.as_deref(), name, name_span, args),
            Kind::Not(part) => self.not(part, span),
            Kind::Negate(part) => self.negate(part, span),
            Kind::Binary(operator, sides) => self.binary(*operator, sides, hint, span),
            Kind::If(parts) => self.conditional(parts, hint, span),
            Kind::List(items) => self.list(items, hint, span),
            Kind::Foreign(ja, en) => self.complain(complaints::foreign(ja, en, span)),
        }
    }

    /// The whole expression against what its place asks for.
    fn as_expected(&mut self, typed: Typed, expected: &Expect) -> Option<Typed> {
        match &expected.ty {
            Some(ty) if !typed.ty.agrees_with(ty) => self.complain(complaints::wrong_type(&typed.ty, ty, &typed.span)),
            _ if expected.optional => Some(typed),
            _ => self.needed(typed),
        }
    }

    /// A part that has to be there.
    fn needed(&mut self, typed: Typed) -> Option<Typed> {
        if let Some(missing) = typed.missing.as_ref().filter(|_| self.presence == Presence::Guarded) {
            let written = self.text.get(missing.span.clone()).unwrap_or_default();
            let complaint = complaints::unguarded(missing, written);
            return self.complain(complaint);
        }
        Some(typed)
    }

    /// A part that has to be there and of this type.
    fn of_type(&mut self, ast: &Ast, ty: &Type) -> Option<Typed> {
        let typed = self.check(ast, Some(ty))?;
        if !typed.ty.agrees_with(ty) {
            return self.complain(complaints::wrong_type(&typed.ty, ty, &typed.span));
        }
        self.needed(typed)
    }
}
