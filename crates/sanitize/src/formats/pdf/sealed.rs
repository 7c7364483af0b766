//! Values written small in memory: a manual of thousands of pages has a hundred thousand links, each a tree of many pieces.

use super::object::{Dict, Value};

/// A value as bytes of our own; nobody else reads them.
#[derive(Debug, Clone)]
pub(super) struct Sealed(Box<[u8]>);

impl Sealed {
    /// Writes a value down.
    pub(super) fn new(value: &Value) -> Self {
        let mut out = Vec::new();
        write(value, &mut out);
        Self(out.into_boxed_slice())
    }

    /// The value.
    pub(super) fn open(&self) -> Value {
        read(&mut &*self.0).unwrap_or(Value::Null)
    }
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'0'),
        Value::Bool(false) => out.push(b'f'),
        Value::Bool(true) => out.push(b't'),
        Value::Number(number) => bytes(b'n', number.as_bytes(), out),
        Value::Name(name) => bytes(b'/', name, out),
        Value::Text(text) => bytes(b'(', text, out),
        Value::Ref(number) => length(b'R', *number, out),
        Value::Array(items) => {
            length(b'[', items.len(), out);
            items.iter().for_each(|item| write(item, out));
        }
        Value::Dict(Dict(pairs)) => {
            length(b'<', pairs.len(), out);
            for (key, value) in pairs {
                bytes(b'/', key, out);
                write(value, out);
            }
        }
    }
}

fn length(tag: u8, mut number: usize, out: &mut Vec<u8>) {
    out.push(tag);
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7F).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

fn bytes(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    length(tag, bytes.len(), out);
    out.extend(bytes);
}

fn read(from: &mut &[u8]) -> Option<Value> {
    let (tag, rest) = from.split_first()?;
    *from = rest;
    Some(match tag {
        b'0' => Value::Null,
        b'f' => Value::Bool(false),
        b't' => Value::Bool(true),
        b'n' => Value::Number(String::from_utf8(take(from)?).ok()?),
        b'/' => Value::Name(take(from)?),
        b'(' => Value::Text(take(from)?),
        b'R' => Value::Ref(number(from)?),
        b'[' => Value::Array((0..number(from)?).map(|_| read(from)).collect::<Option<_>>()?),
        b'<' => Value::Dict(Dict((0..number(from)?).map(|_| pair(from)).collect::<Option<_>>()?)),
        _ => return None,
    })
}

fn pair(from: &mut &[u8]) -> Option<(Vec<u8>, Value)> {
    let Some(Value::Name(key)) = read(from) else { return None };
    Some((key, read(from)?))
}

fn number(from: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

fn take(from: &mut &[u8]) -> Option<Vec<u8>> {
    let length = number(from)?;
    let (taken, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(taken.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let mut dict = Dict::default();
        dict.set("Rect", Value::Array(vec![Value::int(0), Value::Number("-1.5".to_owned()), Value::Null]));
        dict.set("URI", Value::Text(vec![b'x'; 300]));
        dict.set("P", Value::Ref(70_000));
        dict.set("Open", Value::Bool(true));
        dict.set("A", Value::Dict(Dict(vec![(b"S".to_vec(), Value::name("URI")), (Vec::new(), Value::Bool(false))])));
        let value = Value::Dict(dict);
        assert_eq!(Sealed::new(&value).open(), value);
    }
}
