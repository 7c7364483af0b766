//! Evaluation of compiled expressions.

use std::borrow::Cow;
use std::sync::Arc;

use super::tree::{FieldInfo, FieldKind, Loop, Node, Order};
use super::{Day, Env, Type, Unknown, Value};
use crate::model::Text;

/// Most elements of lists that one evaluation goes through; beyond it the result is unknown.
pub(super) const MAX_STEPS: u32 = 1_000_000;

/// One evaluation.
pub(super) struct Evaluation<'a> {
    env: Env<'a>,
    /// Elements of the lists being gone through, outermost first.
    elements: Vec<Value>,
    steps: u32,
}

/// Shorthand: a value, or why there is none.
type Known<T> = Result<T, Unknown>;

impl<'a> Evaluation<'a> {
    /// An evaluation about this.
    pub(super) fn new(env: &Env<'a>) -> Self {
        Self { env: *env, elements: Vec::new(), steps: 0 }
    }

    /// The value of a node; [`Value::Absent`] where a field on the way is empty.
    pub(super) fn value(&mut self, node: &Node) -> Known<Value> {
        Ok(match node {
            Node::Const(value) => value.clone(),
            Node::Today => Value::Day(self.env.today),
            Node::Var(0) => Value::Subject(self.env.subject.clone()),
            Node::Var(slot) => self.elements.get(slot - 1).cloned().unwrap_or(Value::Absent),
            Node::Field(of, info) => self.field(of, info)?,
            Node::If(parts) => {
                let [condition, yes, no] = &**parts;
                if self.truth(condition)? { self.value(yes)? } else { self.value(no)? }
            }
            Node::Arithmetic(operator, sides) => {
                let [left, right] = &**sides;
                let (left, right) = (self.number(left)?, self.number(right)?);
                Value::Int(operator.apply(left, right).ok_or_else(out_of_range)?)
            }
            Node::Negate(part) => Value::Int(self.number(part)?.checked_neg().ok_or_else(out_of_range)?),
            Node::Shift(shift, parts) => {
                let [day, by] = &**parts;
                match (self.value(day)?, self.value(by)?) {
                    (Value::Day(day), Value::Int(by)) => Value::Day(shift.apply(day, by).ok_or_else(out_of_range)?),
                    (Value::Absent, _) | (_, Value::Absent) => Value::Absent,
                    _ => return Err(wrong_type()),
                }
            }
            Node::DaysBetween(sides) => {
                let [to, from] = &**sides;
                Value::Int(i64::from(self.day(to)?.number()) - i64::from(self.day(from)?.number()))
            }
            Node::WorkdaysBetween(sides) => {
                let [from, to] = &**sides;
                let (from, to) = (self.day(from)?, self.day(to)?);
                Value::Int(self.env.world.workdays().between(from, to)?)
            }
            Node::FiscalYear(part) => Value::Int(self.day(part)?.fiscal_year().into()),
            Node::FiscalYearStart(part) => self.fiscal_year_start(part)?,
            Node::Size(part) => self.size(part)?,
            Node::List(parts) => {
                let values: Known<Vec<Value>> = parts.iter().map(|part| self.present(part)).collect();
                Value::List(values?.into())
            }
            Node::Loop(Loop::Filter, parts) => self.filter(parts)?,
            Node::Loop(Loop::Latest, parts) => self.latest(parts)?,
            _ => Value::Bool(self.truth(node)?),
        })
    }

    /// Whether a node holds. What is unknown on one side of `&&` and `||` does not matter when the other decides.
    pub(super) fn truth(&mut self, node: &Node) -> Known<bool> {
        match node {
            Node::And(sides) => {
                let [left, right] = &**sides;
                match self.truth(left) {
                    Ok(true) => self.truth(right),
                    Ok(false) => Ok(false),
                    Err(unknown) => {
                        if self.truth(right) == Ok(false) {
                            Ok(false)
                        } else {
                            Err(unknown)
                        }
                    }
                }
            }
            Node::Or(sides) => {
                let [left, right] = &**sides;
                match self.truth(left) {
                    Ok(false) => self.truth(right),
                    Ok(true) => Ok(true),
                    Err(unknown) => {
                        if self.truth(right) == Ok(true) {
                            Ok(true)
                        } else {
                            Err(unknown)
                        }
                    }
                }
            }
            Node::Not(part) => self.truth(part).map(|truth| !truth),
            Node::Has(part) => Ok(match self.value(part)? {
                Value::Absent => false,
                Value::List(values) => !values.is_empty(),
                _ => true,
            }),
            Node::Equal(sides) => {
                let [left, right] = &**sides;
                let left = self.present(left)?;
                equal(&left, &self.present(right)?)
            }
            Node::Order(order, sides) => {
                let [left, right] = &**sides;
                let left = self.present(left)?;
                ordered(*order, &left, &self.present(right)?)
            }
            Node::AtLeast(sides) => {
                let [class, least] = &**sides;
                match (self.present(class)?, self.present(least)?) {
                    (Value::Class(axis, height), Value::Class(of, least)) if axis == of => Ok(height >= least),
                    _ => Err(wrong_type()),
                }
            }
            Node::In(sides) => self.is_in(sides),
            Node::Loop(Loop::Exists, parts) => self.any(parts, true),
            Node::Loop(Loop::All, parts) => self.any(parts, false).map(|found| !found),
            _ => match self.present(node)? {
                Value::Bool(truth) => Ok(truth),
                _ => Err(wrong_type()),
            },
        }
    }

    /// The value of a node, which has to be there.
    fn present(&mut self, node: &Node) -> Known<Value> {
        match self.value(node)? {
            Value::Absent => Err(empty(node)),
            value => Ok(value),
        }
    }

    fn number(&mut self, node: &Node) -> Known<i64> {
        match self.present(node)? {
            Value::Int(number) => Ok(number),
            _ => Err(wrong_type()),
        }
    }

    fn day(&mut self, node: &Node) -> Known<Day> {
        match self.present(node)? {
            Value::Day(day) => Ok(day),
            _ => Err(wrong_type()),
        }
    }

    /// The elements of a list; a list that is not there has none.
    fn list(&mut self, node: &Node) -> Known<Arc<[Value]>> {
        match self.value(node)? {
            Value::List(values) => Ok(values),
            Value::Absent => Ok(Arc::new([])),
            _ => Err(wrong_type()),
        }
    }

    fn field(&mut self, of: &Node, info: &FieldInfo) -> Known<Value> {
        let subject = match of {
            Node::Var(0) => Cow::Borrowed(self.env.subject),
            _ => match self.value(of)? {
                Value::Subject(subject) => Cow::Owned(subject),
                Value::Absent => return Ok(Value::Absent),
                _ => return Err(wrong_type()),
            },
        };
        let FieldKind::Computed(inner) = &info.kind else {
            return self.env.world.field(&subject, &info.name);
        };
        self.step()?;
        let mut within =
            Evaluation { env: Env { subject: &subject, ..self.env }, elements: Vec::new(), steps: self.steps };
        let value = within.value(&inner.node);
        self.steps = within.steps;
        value
    }

    /// Counts work, so that lists within lists cannot hold the whole run up.
    fn step(&mut self) -> Known<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Unknown::new(
                format!("一覧の要素が多すぎます（上限{MAX_STEPS}件）"),
                format!("the lists have too many elements (at most {MAX_STEPS})"),
            ));
        }
        Ok(())
    }

    /// Runs `body` for an element.
    fn with_element<T>(&mut self, element: &Value, body: impl FnOnce(&mut Self) -> Known<T>) -> Known<T> {
        self.step()?;
        self.elements.push(element.clone());
        let result = body(self);
        self.elements.pop();
        result
    }

    /// Whether the body is `wanted` for some element; known as soon as one is found.
    fn any(&mut self, parts: &[Node; 2], wanted: bool) -> Known<bool> {
        let [list, body] = parts;
        let mut unknown = None;
        for element in self.list(list)?.iter() {
            match self.with_element(element, |within| within.truth(body)) {
                Ok(truth) if truth == wanted => return Ok(true),
                Ok(_) => {}
                Err(reason) => {
                    unknown.get_or_insert(reason);
                    if self.steps > MAX_STEPS {
                        break;
                    }
                }
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    fn filter(&mut self, parts: &[Node; 2]) -> Known<Value> {
        let [list, body] = parts;
        let mut kept = Vec::new();
        for element in self.list(list)?.iter() {
            if self.with_element(element, |within| within.truth(body))? {
                kept.push(element.clone());
            }
        }
        Ok(Value::List(kept.into()))
    }

    fn latest(&mut self, parts: &[Node; 2]) -> Known<Value> {
        let [list, key] = parts;
        let mut latest: Option<(Day, Value)> = None;
        for element in self.list(list)?.iter() {
            match self.with_element(element, |within| within.value(key))? {
                Value::Day(day) if latest.as_ref().is_none_or(|(known, _)| day > *known) => {
                    latest = Some((day, element.clone()));
                }
                Value::Day(_) | Value::Absent => {}
                _ => return Err(wrong_type()),
            }
        }
        Ok(latest.map_or(Value::Absent, |(_, element)| element))
    }

    fn is_in(&mut self, sides: &[Node; 2]) -> Known<bool> {
        let [element, list] = sides;
        let element = self.present(element)?;
        // Written lists are compared part by part, so that an unknown part does not hide one that is equal.
        let values: Vec<Known<Value>> = match list {
            Node::List(parts) => parts.iter().map(|part| self.present(part)).collect(),
            _ => self.list(list)?.iter().cloned().map(Ok).collect(),
        };
        let mut unknown = None;
        for value in values {
            match value.and_then(|value| equal(&element, &value)) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(reason) => {
                    unknown.get_or_insert(reason);
                }
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    fn fiscal_year_start(&mut self, part: &Node) -> Known<Value> {
        let year = match self.present(part)? {
            Value::Day(day) => Some(day.fiscal_year()),
            Value::Int(year) => i32::try_from(year).ok(),
            _ => return Err(wrong_type()),
        };
        year.and_then(Day::fiscal_year_start).map(Value::Day).ok_or_else(out_of_range)
    }

    fn size(&mut self, part: &Node) -> Known<Value> {
        let size = match self.value(part)? {
            Value::Text(text) => text.chars().count(),
            Value::List(values) => values.len(),
            Value::Absent => match part {
                Node::Field(_, info) if !matches!(info.ty, Type::List(_)) => return Err(empty(part)),
                _ => 0,
            },
            _ => return Err(wrong_type()),
        };
        Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
    }
}

/// Whether two values of one type are equal.
fn equal(left: &Value, right: &Value) -> Known<bool> {
    if std::mem::discriminant(left) == std::mem::discriminant(right) { Ok(left == right) } else { Err(wrong_type()) }
}

fn ordered(order: Order, left: &Value, right: &Value) -> Known<bool> {
    let found = match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Day(left), Value::Day(right)) => left.cmp(right),
        _ => return Err(wrong_type()),
    };
    Ok(match order {
        Order::Less => found.is_lt(),
        Order::LessOrEqual => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterOrEqual => found.is_ge(),
    })
}

fn out_of_range() -> Unknown {
    Unknown::new("計算の結果が扱える範囲を超えます", "the result of a calculation is out of range")
}

fn wrong_type() -> Unknown {
    Unknown::new("記録の値が項目の型に合いません", "a recorded value does not fit the type of its field")
}

/// What to say of a value that is not there.
pub(super) fn empty(node: &Node) -> Unknown {
    match label(node) {
        Some(label) => {
            Unknown::new(format!("「{}」が未入力です", label.ja), format!("'{}' is empty", label.pick(true)))
        }
        None => Unknown::new("該当する値がありません", "there is no such value"),
    }
}

/// The label of the field that a value is made from; none where a list is gone through.
fn label(node: &Node) -> Option<&Text> {
    match node {
        Node::Field(_, info) => Some(&info.label),
        Node::Loop(..) => None,
        _ => node.parts().iter().find_map(label),
    }
}
