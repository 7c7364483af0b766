//! Names and paths.

use std::ops::Range;

use super::super::MAX_HOPS;
use super::super::syntax::Ast;
use super::super::tree::{FieldKind, Node};
use super::super::{Type, Value};
use super::{Checker, Missing, Presence, Typed, complaints, variable};

impl Checker<'_> {
    /// A name that stands alone.
    pub(super) fn name(&mut self, name: &str, span: &Range<usize>) -> Option<Typed> {
        if let Some(slot) = self.elements.iter().rposition(|element| element.name == name) {
            let element = self.elements.get(slot)?;
            let mut typed = Typed::new(Node::Var(slot + 1), element.ty.clone(), span);
            typed.hops = element.hops;
            return Some(typed);
        }
        if name == "today" {
            return Some(Typed::new(Node::Today, Type::Day, span));
        }
        if name == variable(&self.scope.subjects) {
            return Some(Typed::new(Node::Var(0), Type::of_subjects(&self.scope.subjects), span));
        }
        let is_field = self.scope.schema.table(&self.scope.subjects).is_some_and(|table| table.contains_key(name));
        let mut known = vec![variable(&self.scope.subjects), "today"];
        known.extend(self.elements.iter().map(|element| element.name.as_str()));
        let complaint = complaints::unknown_name(name, &known, is_field, span);
        self.complain(complaint)
    }

    /// A field of something.
    pub(super) fn field(&mut self, whole: &Ast, of: &Ast, name: &str, name_span: &Range<usize>) -> Option<Typed> {
        let of = self.check(of, None)?;
        let of = self.needed(of)?;
        let Some(subjects) = of.ty.subjects() else {
            return self.complain(complaints::no_fields(&of.ty, name, name_span));
        };
        if of.hops > MAX_HOPS {
            return self.complain(complaints::too_many_hops(&whole.span));
        }
        let table = self.scope.schema.table(&subjects)?;
        let Some(info) = table.get(name) else {
            let complaint = complaints::unknown_field(&of.ty, name, table.keys().map(|key| &**key), name_span);
            return self.complain(complaint);
        };
        if matches!(info.kind, FieldKind::Uncompiled) {
            if let crate::model::Subjects::Register(register) = subjects {
                self.waits_for.get_or_insert((register, name.to_owned()));
            }
            return None;
        }
        let node = Node::Field(Box::new(of.node), info.clone());
        let mut typed = Typed::new(node, info.ty.clone(), &whole.span);
        typed.missing = of.missing;
        if info.optional && !self.present.contains(&typed.node) {
            typed.missing = Some(Missing { node: typed.node.clone(), span: whole.span.clone() });
        }
        let refers = match &info.ty {
            Type::List(element) => element.subjects().is_some(),
            ty => ty.subjects().is_some(),
        };
        typed.hops = of.hops + usize::from(refers);
        Some(typed)
    }

    /// `has(path)`.
    pub(super) fn has(&mut self, args: &[Ast], whole: &Ast) -> Option<Typed> {
        let [path] = args else {
            return self.complain(complaints::arguments("has", args.len(), 1, &whole.span));
        };
        let outside = std::mem::replace(&mut self.presence, Presence::Free);
        let typed = self.check(path, None);
        self.presence = outside;
        let typed = typed?;
        if !matches!(typed.node, Node::Field(..) | Node::Loop(..)) {
            return self.complain(complaints::has_of_no_field(&typed.span));
        }
        let facts = super::Facts::of_has(&typed.node);
        let mut has = Typed::new(Node::Has(Box::new(typed.node)), Type::Bool, &whole.span);
        has.facts = facts;
        Some(has)
    }

    /// A quoted value, which means what its surroundings ask for.
    pub(super) fn quoted(&mut self, text: &str, hint: Option<&Type>, span: &Range<usize>) -> Option<Typed> {
        let constant = |value: Value, ty: &Type| Some(Typed::new(Node::Const(value), ty.clone(), span));
        match hint {
            Some(ty @ Type::Choice(choices)) => match choices.get(text) {
                Some(id) => constant(Value::Choice(id.clone()), ty),
                None => self.complain(complaints::unknown_choice(choices, text, span)),
            },
            Some(ty @ Type::Class(axis)) => {
                let classes = self.scope.schema.classes(*axis);
                match classes.iter().position(|(id, _)| id == text) {
                    Some(height) => constant(Value::Class(*axis, height), ty),
                    None => {
                        let ids = classes.iter().rev().map(|(id, _)| id.as_str());
                        let complaint = complaints::unknown_class(ty, text, ids, span);
                        self.complain(complaint)
                    }
                }
            }
            Some(Type::Day) => match text.parse() {
                Ok(day) => constant(Value::Day(day), &Type::Day),
                Err(_) => self.complain(complaints::not_a_day(text, span)),
            },
            _ => constant(Value::text(text), &Type::Text),
        }
    }
}
