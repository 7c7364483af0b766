//! Operators.

use std::ops::Range;

use super::super::syntax::{Ast, Binary, Kind};
use super::super::tree::{Arithmetic, Node, Order, Shift};
use super::super::{Type, Value};
use super::{Checker, Facts, Missing, Typed, complaints};

impl Checker<'_> {
    pub(super) fn not(&mut self, part: &Ast, span: &Range<usize>) -> Option<Typed> {
        let typed = self.of_type(part, &Type::Bool)?;
        let mut not = Typed::new(Node::Not(Box::new(typed.node)), Type::Bool, span);
        not.facts = typed.facts.negated();
        Some(not)
    }

    pub(super) fn negate(&mut self, part: &Ast, span: &Range<usize>) -> Option<Typed> {
        let typed = self.of_type(part, &Type::Int)?;
        Some(Typed::new(Node::Negate(Box::new(typed.node)), Type::Int, span))
    }

    pub(super) fn binary(
        &mut self,
        operator: Binary,
        sides: &[Ast; 2],
        hint: Option<&Type>,
        span: &Range<usize>,
    ) -> Option<Typed> {
        match operator {
            Binary::And | Binary::Or => self.logic(operator == Binary::And, sides, span),
            Binary::Equal | Binary::NotEqual => self.equality(operator, sides, span),
            Binary::Less => self.order(operator, Order::Less, sides, span),
            Binary::LessOrEqual => self.order(operator, Order::LessOrEqual, sides, span),
            Binary::Greater => self.order(operator, Order::Greater, sides, span),
            Binary::GreaterOrEqual => self.order(operator, Order::GreaterOrEqual, sides, span),
            Binary::In => self.is_in(sides, span),
            Binary::Plus => self.arithmetic(operator, Arithmetic::Plus, sides, hint, span),
            Binary::Minus => self.arithmetic(operator, Arithmetic::Minus, sides, hint, span),
            Binary::Times => self.arithmetic(operator, Arithmetic::Times, sides, hint, span),
            Binary::Divide => self.arithmetic(operator, Arithmetic::Divide, sides, hint, span),
            Binary::Remainder => self.arithmetic(operator, Arithmetic::Remainder, sides, hint, span),
        }
    }

    /// Checks a part where these paths are present besides.
    fn knowing<T>(&mut self, present: &[Node], check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.present.len();
        self.present.extend_from_slice(present);
        let result = check(self);
        self.present.truncate(before);
        result
    }

    fn logic(&mut self, is_and: bool, sides: &[Ast; 2], span: &Range<usize>) -> Option<Typed> {
        let [left, right] = sides;
        let left = self.of_type(left, &Type::Bool);
        let reached = left.as_ref().map(|left| if is_and { &left.facts.when_true } else { &left.facts.when_false });
        let reached = reached.cloned().unwrap_or_default();
        let right = self.knowing(&reached, |checker| checker.of_type(right, &Type::Bool));
        let (left, right) = (left?, right?);
        let parts = Box::new([left.node, right.node]);
        let (node, facts) = if is_and {
            (Node::And(parts), left.facts.and(right.facts))
        } else {
            (Node::Or(parts), left.facts.or(right.facts))
        };
        let mut typed = Typed::new(node, Type::Bool, span);
        typed.facts = facts;
        Some(typed)
    }

    /// `condition ? yes : no`; one of the two may be `null`, and then the whole may be empty.
    pub(super) fn conditional(&mut self, parts: &[Ast; 3], hint: Option<&Type>, span: &Range<usize>) -> Option<Typed> {
        let [condition, yes, no] = parts;
        let condition = self.of_type(condition, &Type::Bool);
        let facts = condition.as_ref().map(|condition| condition.facts.clone()).unwrap_or_default();
        // A quoted value takes its meaning from the other branch, so that comes first.
        let yes_later = is_literal(yes) && !is_literal(no);
        let (first, first_facts, second, second_facts) = if yes_later {
            (no, &facts.when_false, yes, &facts.when_true)
        } else {
            (yes, &facts.when_true, no, &facts.when_false)
        };
        let first = self.knowing(first_facts, |checker| checker.branch(first, hint))?;
        let known = first.as_ref().map(|typed| typed.ty.clone());
        let second = self.knowing(second_facts, |checker| checker.branch(second, hint.or(known.as_ref())))?;
        let (yes, no) = if yes_later { (second, first) } else { (first, second) };
        let condition = condition?;
        let absent = |ty: &Type, span: &Range<usize>| {
            let mut typed = Typed::new(Node::Const(Value::Absent), ty.clone(), span);
            typed.missing = Some(Missing { node: typed.node.clone(), span: span.clone() });
            typed
        };
        let (yes, no) = match (yes, no) {
            (Some(yes), Some(no)) => (yes, no),
            (Some(yes), None) => {
                let no = absent(&yes.ty, span);
                (yes, no)
            }
            (None, Some(no)) => (absent(&no.ty, span), no),
            (None, None) => return self.complain(complaints::null(span)),
        };
        if !no.ty.agrees_with(&yes.ty) {
            return self.complain(complaints::wrong_type(&no.ty, &yes.ty, &no.span));
        }
        Some(Typed {
            node: Node::If(Box::new([condition.node, yes.node, no.node])),
            ty: yes.ty,
            missing: yes.missing.or(no.missing),
            hops: yes.hops.max(no.hops),
            facts: Facts::conditional(&facts, &yes.facts, &no.facts),
            span: span.clone(),
        })
    }

    /// A branch of `?:`; the inner option is none for `null`.
    fn branch(&mut self, ast: &Ast, hint: Option<&Type>) -> Option<Option<Typed>> {
        if matches!(ast.kind, Kind::Null) { Some(None) } else { self.check(ast, hint).map(Some) }
    }

    fn equality(&mut self, operator: Binary, sides: &[Ast; 2], span: &Range<usize>) -> Option<Typed> {
        let (left, right) = self.both(sides)?;
        if !left.ty.agrees_with(&right.ty) {
            return self.complain(complaints::incomparable(&left.ty, &right.ty, operator, span));
        }
        if matches!(left.ty, Type::List(_) | Type::File | Type::City | Type::Months) {
            return self.complain(complaints::not_comparable(&left.ty, operator, span));
        }
        let equal = Node::Equal(Box::new([left.node, right.node]));
        let node = if operator == Binary::Equal { equal } else { Node::Not(Box::new(equal)) };
        Some(Typed::new(node, Type::Bool, span))
    }

    fn order(&mut self, operator: Binary, order: Order, sides: &[Ast; 2], span: &Range<usize>) -> Option<Typed> {
        let (left, right) = self.both(sides)?;
        if matches!(left.ty, Type::Class(_)) || matches!(right.ty, Type::Class(_)) {
            return self.complain(complaints::class_order(operator, span));
        }
        if !left.ty.agrees_with(&right.ty) {
            return self.complain(complaints::incomparable(&left.ty, &right.ty, operator, span));
        }
        if !matches!(left.ty, Type::Int | Type::Day | Type::Days) {
            return self.complain(complaints::not_comparable(&left.ty, operator, span));
        }
        Some(Typed::new(Node::Order(order, Box::new([left.node, right.node])), Type::Bool, span))
    }

    /// Both sides of a comparison; a quoted value takes its meaning from the other side.
    fn both(&mut self, sides: &[Ast; 2]) -> Option<(Typed, Typed)> {
        let [left, right] = sides;
        if let Some(null) = sides.iter().find(|side| matches!(side.kind, Kind::Null)) {
            return self.complain(complaints::null(&null.span));
        }
        let (left, right) = if is_literal(left) && !is_literal(right) {
            let right = self.present_part(right, None);
            let hint = right.as_ref().map(|right| right.ty.clone());
            // Without a type for the other side nothing can be said about a quoted value.
            let left = hint.and_then(|hint| self.present_part(left, Some(&hint)));
            (left, right)
        } else {
            let left = self.present_part(left, None);
            let hint = left.as_ref().map(|left| left.ty.clone());
            let skip = hint.is_none() && is_literal(right);
            let right = if skip { None } else { self.present_part(right, hint.as_ref()) };
            (left, right)
        };
        Some((left?, right?))
    }

    fn present_part(&mut self, ast: &Ast, hint: Option<&Type>) -> Option<Typed> {
        let typed = self.check(ast, hint)?;
        self.needed(typed)
    }

    fn arithmetic(
        &mut self,
        operator: Binary,
        arithmetic: Arithmetic,
        sides: &[Ast; 2],
        hint: Option<&Type>,
        span: &Range<usize>,
    ) -> Option<Typed> {
        let [left, right] = sides;
        // Only days can be meant by a quoted value here.
        let hint = hint.filter(|ty| **ty == Type::Day);
        let (left, right) = (self.check(left, hint), self.check(right, None));
        let (mut left, mut right) = (left?, right?);
        // A day that is not there stays not there when it is moved; whoever uses the result has to ask.
        let moved = operator == Binary::Plus || right.ty != Type::Day;
        let missing = if moved && (left.ty == Type::Day || right.ty == Type::Day) {
            left.missing.take().or(right.missing.take())
        } else {
            (left, right) = (self.needed(left)?, self.needed(right)?);
            None
        };
        let (left_type, right_type) = (left.ty.clone(), right.ty.clone());
        let parts = Box::new([left.node, right.node]);
        let flipped = |parts: Box<[Node; 2]>| {
            let [left, right] = *parts;
            Box::new([right, left])
        };
        let (node, ty) = match (operator, &left_type, &right_type) {
            (_, Type::Int, Type::Int) => (Node::Arithmetic(arithmetic, parts), Type::Int),
            (Binary::Plus | Binary::Minus, Type::Days, Type::Days) => (Node::Arithmetic(arithmetic, parts), Type::Days),
            (Binary::Plus, Type::Day, Type::Days) => (Node::Shift(Shift::DaysLater, parts), Type::Day),
            (Binary::Plus, Type::Days, Type::Day) => (Node::Shift(Shift::DaysLater, flipped(parts)), Type::Day),
            (Binary::Plus, Type::Day, Type::Months) => (Node::Shift(Shift::MonthsLater, parts), Type::Day),
            (Binary::Plus, Type::Months, Type::Day) => (Node::Shift(Shift::MonthsLater, flipped(parts)), Type::Day),
            (Binary::Minus, Type::Day, Type::Days) => (Node::Shift(Shift::DaysEarlier, parts), Type::Day),
            (Binary::Minus, Type::Day, Type::Months) => (Node::Shift(Shift::MonthsEarlier, parts), Type::Day),
            (Binary::Minus, Type::Day, Type::Day) => (Node::DaysBetween(parts), Type::Days),
            _ => return self.complain(complaints::no_arithmetic(operator, &left_type, &right_type, span)),
        };
        Some(Typed { missing, ..Typed::new(node, ty, span) })
    }
}

/// Whether a part is a quoted value or a list of them, which mean nothing by themselves.
fn is_literal(ast: &Ast) -> bool {
    match &ast.kind {
        Kind::Text(_) | Kind::Null => true,
        Kind::List(items) => items.iter().all(is_literal),
        _ => false,
    }
}
