//! Only what the trailer reaches is written, numbered in the order in which it is reached, keys in the order of their bytes:
//! so two documents of the same content are the same bytes.

use std::collections::{HashMap, VecDeque};

use super::object::{Dict, Object, Objects, Value};
use super::sealed::Sealed;

/// The objects that are reached, and the trailer, with their new numbers. Objects are moved, not copied: a manual of
/// thousands of pages has hundreds of thousands of them.
pub(super) fn keep(mut objects: Objects, trailer: Dict) -> (Objects, Dict) {
    let there: Vec<bool> = objects.all().map(|object| object.is_some()).collect();
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut kept = Objects::default();
    let mut meet = |value: Value, queue: &mut VecDeque<usize>, kept: &mut Objects| -> Value {
        renumber(value, &mut |old| {
            there.get(old.checked_sub(1)?).filter(|there| **there)?;
            Some(*numbers.entry(old).or_insert_with(|| {
                queue.push_back(old);
                kept.reserve()
            }))
        })
    };
    let trailer = meet(Value::Dict(trailer), &mut queue, &mut kept);
    let mut number = 0;
    while let Some(old) = queue.pop_front() {
        number += 1;
        let object = match objects.take(old) {
            Some(Object::Value(value)) => Object::Value(meet(value, &mut queue, &mut kept)),
            Some(Object::Sealed(sealed)) => Object::Sealed(Sealed::new(&meet(sealed.open(), &mut queue, &mut kept))),
            Some(Object::Stream(dict, data)) => match meet(Value::Dict(dict), &mut queue, &mut kept) {
                Value::Dict(dict) => Object::Stream(dict, data),
                _ => continue,
            },
            None => continue,
        };
        kept.put(number, object);
    }
    let trailer = if let Value::Dict(dict) = trailer { dict } else { Dict::default() };
    (kept, trailer)
}

/// Forgets every object that is not reached; the others keep their numbers.
pub(super) fn forget_others(objects: &mut Objects, trailer: &Dict) {
    let mut reached = vec![false; objects.all().count()];
    let mut open = Vec::new();
    trailer.0.iter().for_each(|(_, value)| references(value, &mut open));
    while let Some(number) = open.pop() {
        let Some(mark) = number.checked_sub(1).and_then(|at| reached.get_mut(at)) else { continue };
        if std::mem::replace(mark, true) {
            continue;
        }
        match objects.get(number) {
            Some(Object::Value(value)) => references(value, &mut open),
            Some(Object::Sealed(sealed)) => references(&sealed.open(), &mut open),
            Some(Object::Stream(dict, _)) => dict.0.iter().for_each(|(_, value)| references(value, &mut open)),
            None => {}
        }
    }
    for at in (0..reached.len()).filter(|at| reached.get(*at) == Some(&false)) {
        objects.take(at + 1);
    }
}

/// Adds the objects that a value refers to.
fn references(value: &Value, into: &mut Vec<usize>) {
    match value {
        Value::Ref(number) => into.push(*number),
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        Value::Dict(dict) => dict.0.iter().for_each(|(_, value)| references(value, into)),
        _ => {}
    }
}

/// A value with other references; what leads nowhere is left out of dictionaries and `null` in arrays.
fn renumber(value: Value, number: &mut impl FnMut(usize) -> Option<usize>) -> Value {
    match value {
        Value::Ref(old) => number(old).map_or(Value::Null, Value::Ref),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| renumber(item, number)).collect()),
        Value::Dict(Dict(mut pairs)) => {
            pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
            let pairs = pairs.into_iter().map(|(key, value)| (key, renumber(value, number)));
            Value::Dict(Dict(pairs.filter(|(_, value)| *value != Value::Null).collect()))
        }
        other => other,
    }
}
