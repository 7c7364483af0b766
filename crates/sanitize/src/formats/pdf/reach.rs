//! Only what the trailer reaches is written, numbered in the order in which it is reached, keys in the order of their bytes:
//! so two documents of the same content are the same bytes.

use std::collections::{HashMap, VecDeque};

use super::object::{Dict, Object, Objects, Value};

/// The objects that are reached, and the trailer, with their new numbers.
pub(super) fn keep(objects: &Objects, trailer: &Dict) -> (Objects, Dict) {
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut kept = Objects::default();
    let mut meet = |value: &Value, queue: &mut VecDeque<usize>, kept: &mut Objects| -> Value {
        renumber(value, &mut |old| {
            objects.get(old)?;
            Some(*numbers.entry(old).or_insert_with(|| {
                queue.push_back(old);
                kept.reserve()
            }))
        })
    };
    let trailer = meet(&Value::Dict(trailer.clone()), &mut queue, &mut kept);
    let mut number = 0;
    while let Some(old) = queue.pop_front() {
        number += 1;
        let object = match objects.get(old) {
            Some(Object::Value(value)) => Object::Value(meet(value, &mut queue, &mut kept)),
            Some(Object::Stream(dict, data)) => match meet(&Value::Dict(dict.clone()), &mut queue, &mut kept) {
                Value::Dict(dict) => Object::Stream(dict, data.clone()),
                _ => continue,
            },
            None => continue,
        };
        kept.put(number, object);
    }
    let trailer = if let Value::Dict(dict) = trailer { dict } else { Dict::default() };
    (kept, trailer)
}

/// A value with other references; what leads nowhere is left out of dictionaries and `null` in arrays.
fn renumber(value: &Value, number: &mut impl FnMut(usize) -> Option<usize>) -> Value {
    match value {
        Value::Ref(old) => number(*old).map_or(Value::Null, Value::Ref),
        Value::Array(items) => Value::Array(items.iter().map(|item| renumber(item, number)).collect()),
        Value::Dict(dict) => {
            let mut sorted: Vec<_> = dict.0.iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
            let pairs = sorted.into_iter().map(|(key, value)| (key.clone(), renumber(value, number)));
            Value::Dict(Dict(pairs.filter(|(_, value)| *value != Value::Null).collect()))
        }
        other => other.clone(),
    }
}
