//! Lists.

use std::ops::Range;

use super::super::Type;
use super::super::syntax::{Ast, Kind};
use super::super::tree::{Loop, Node};
use super::calls::FUNCTIONS;
use super::{Checker, Element, Missing, Presence, Typed, complaints, variable};

/// Most lists gone through within one another.
pub(super) const MAX_LOOPS: usize = 3;

impl Checker<'_> {
    /// `[a, b]`: parts of one type.
    pub(super) fn list(&mut self, items: &[Ast], hint: Option<&Type>, span: &Range<usize>) -> Option<Typed> {
        let hint = match hint {
            Some(Type::List(element)) => Some(&**element),
            _ => None,
        };
        let checked: Vec<Option<Typed>> = items
            .iter()
            .map(|item| {
                let typed = self.check(item, hint)?;
                self.needed(typed)
            })
            .collect();
        let parts: Vec<Typed> = checked.into_iter().collect::<Option<_>>()?;
        let Some(first) = parts.first() else { return self.complain(complaints::empty_list(span)) };
        let (ty, hops) = (first.ty.clone(), parts.iter().map(|part| part.hops).fold(0, usize::max));
        if let Some(other) = parts.iter().find(|part| !part.ty.agrees_with(&ty)) {
            let complaint = complaints::wrong_type(&other.ty, &ty, &other.span);
            return self.complain(complaint);
        }
        let node = Node::List(parts.into_iter().map(|part| part.node).collect());
        let mut typed = Typed::new(node, Type::List(Box::new(ty)), span);
        typed.hops = hops;
        Some(typed)
    }

    /// `value in list`.
    pub(super) fn is_in(&mut self, sides: &[Ast; 2], span: &Range<usize>) -> Option<Typed> {
        let [element, list] = sides;
        let (element, list) = if matches!(element.kind, Kind::Text(_)) {
            let list = self.check(list, None)?;
            let hint = match &list.ty {
                Type::List(of) => Some((**of).clone()),
                _ => None,
            };
            (self.check(element, hint.as_ref())?, list)
        } else {
            let element = self.check(element, None)?;
            let hint = Type::List(Box::new(element.ty.clone()));
            (element, self.check(list, Some(&hint))?)
        };
        let element = self.needed(element)?;
        match &list.ty {
            Type::List(of) if of.agrees_with(&element.ty) => {
                let parts = Box::new([element.node, list.node]);
                Some(Typed::new(Node::In(parts), Type::Bool, span))
            }
            found => {
                let complaint = complaints::wrong_type(found, &Type::List(Box::new(element.ty)), &list.span);
                self.complain(complaint)
            }
        }
    }

    pub(super) fn size(&mut self, list: &Ast, whole: &Ast) -> Option<Typed> {
        let list = self.check(list, None)?;
        let list = self.needed(list)?;
        if !matches!(list.ty, Type::List(_) | Type::Text) {
            return self.complain(complaints::no_list("size", &list.ty, &list.span));
        }
        Some(Typed::new(Node::Size(Box::new(list.node)), Type::Int, &whole.span))
    }

    /// `list.exists(x, …)` and the others.
    pub(super) fn through(&mut self, through: Loop, list: &Ast, args: &[Ast], whole: &Ast) -> Option<Typed> {
        let name = match through {
            Loop::Exists => "exists",
            Loop::All => "all",
            Loop::Filter => "filter",
            Loop::Latest => "latest",
        };
        let list = self.check(list, None)?;
        let Type::List(element) = list.ty.clone() else {
            return self.complain(complaints::no_list(name, &list.ty, &list.span));
        };
        let [variable, body] = args else {
            return self.complain(complaints::arguments(name, args.len(), 2, &whole.span));
        };
        let variable = self.element_name(variable)?;
        if self.elements.len() >= MAX_LOOPS {
            return self.complain(complaints::too_many_loops(&whole.span));
        }
        self.elements.push(Element { name: variable, ty: (*element).clone(), hops: list.hops });
        let outside = std::mem::replace(&mut self.presence, Presence::Guarded);
        let body = match through {
            Loop::Latest => self.check(body, Some(&Type::Day)).and_then(|key| self.day_key(key)),
            _ => self.of_type(body, &Type::Bool),
        };
        self.presence = outside;
        self.elements.pop();
        let body = body?;
        let ty = match through {
            Loop::Exists | Loop::All => Type::Bool,
            Loop::Filter => list.ty,
            Loop::Latest => *element,
        };
        let mut typed = Typed::new(Node::Loop(through, Box::new([list.node, body.node])), ty, &whole.span);
        typed.hops = list.hops;
        if through == Loop::Latest && !self.present.contains(&typed.node) {
            typed.missing = Some(Missing { node: typed.node.clone(), span: whole.span.clone() });
        }
        Some(typed)
    }

    /// The day by which the latest is chosen; it may be absent, and such elements are passed over.
    fn day_key(&mut self, key: Typed) -> Option<Typed> {
        if key.ty == Type::Day {
            Some(key)
        } else {
            self.complain(complaints::wrong_type(&key.ty, &Type::Day, &key.span))
        }
    }

    /// The name for an element, which may not hide another.
    fn element_name(&mut self, ast: &Ast) -> Option<String> {
        let Kind::Name(name) = &ast.kind else {
            return self.complain(complaints::no_element_name(&ast.span));
        };
        let taken = name == "today"
            || name == variable(&self.scope.subjects)
            || FUNCTIONS.iter().any(|function| function.name == name)
            || self.elements.iter().any(|element| element.name == *name);
        if taken {
            return self.complain(complaints::taken_name(name, &ast.span));
        }
        Some(name.clone())
    }
}
