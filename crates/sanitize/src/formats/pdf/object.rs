//! The model of a new PDF: values that are known, objects in the order in which they were met.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::sealed::Sealed;

/// A value. There is no way to hold one that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// `true`, `false`
    Bool(bool),
    /// A number in its canonical text.
    Number(String),
    /// A name without its slash, unescaped.
    Name(Vec<u8>),
    /// A string.
    Text(Vec<u8>),
    /// An array.
    Array(Vec<Value>),
    /// A dictionary.
    Dict(Dict),
    /// Another object of the new file.
    Ref(usize),
    /// `null`: only inside arrays (destinations), where a place must be kept.
    Null,
}

impl Value {
    /// A name.
    pub(super) fn name(name: &str) -> Self {
        Self::Name(name.as_bytes().to_vec())
    }

    /// A whole number.
    pub(super) fn int(value: usize) -> Self {
        Self::Number(value.to_string())
    }

    /// The number, when it is one.
    pub(super) fn as_f64(&self) -> Option<f64> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }
}

/// A dictionary in the order of its keys' first appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dict(pub(super) Vec<(Vec<u8>, Value)>);

impl Dict {
    /// Sets a key, replacing what it had.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.set_bytes(key.as_bytes(), value);
    }

    /// Sets a key given as bytes.
    pub(super) fn set_bytes(&mut self, key: &[u8], value: Value) {
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_vec(), value)),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key.as_bytes()).map(|(_, value)| value)
    }
}

/// An object of the new file.
#[derive(Debug, Clone)]
pub(super) enum Object {
    /// A value.
    Value(Value),
    /// A stream, already encoded as its dictionary says.
    Stream(Dict, Vec<u8>),
    /// A value that nothing looks into before it is written.
    Sealed(Sealed),
}

/// The objects of the new file; the number of an object is its place plus one.
#[derive(Debug, Default)]
pub(super) struct Objects {
    list: Vec<Option<Object>>,
}

impl Objects {
    /// A number for an object that comes later.
    pub(super) fn reserve(&mut self) -> usize {
        self.list.push(None);
        self.list.len()
    }

    /// Gives a reserved number its object.
    pub(super) fn put(&mut self, number: usize, object: Object) {
        if let Some(slot) = number.checked_sub(1).and_then(|at| self.list.get_mut(at)) {
            *slot = Some(object);
        }
    }

    /// A new object.
    pub(super) fn add(&mut self, object: Object) -> Value {
        let number = self.reserve();
        self.put(number, object);
        Value::Ref(number)
    }

    /// A new stream, compressed when that makes it smaller.
    pub(super) fn add_packed(&mut self, dict: Dict, data: &[u8]) -> Value {
        let object = packed(dict, data);
        self.add(object)
    }

    /// Sets a key of an object that is a dictionary.
    pub(super) fn set(&mut self, number: usize, key: &str, value: Value) {
        let slot = number.checked_sub(1).and_then(|at| self.list.get_mut(at));
        if let Some(Some(Object::Value(Value::Dict(dict)))) = slot {
            dict.set(key, value);
        }
    }

    /// Takes a key from an object that is a dictionary.
    pub(super) fn unset(&mut self, number: usize, key: &str) {
        let slot = number.checked_sub(1).and_then(|at| self.list.get_mut(at));
        if let Some(Some(Object::Value(Value::Dict(dict)))) = slot {
            dict.0.retain(|(k, _)| k != key.as_bytes());
        }
    }

    /// The object behind a reference.
    pub(super) fn get(&self, number: usize) -> Option<&Object> {
        self.list.get(number.checked_sub(1)?)?.as_ref()
    }

    /// Takes the object behind a reference out of the list.
    pub(super) fn take(&mut self, number: usize) -> Option<Object> {
        self.list.get_mut(number.checked_sub(1)?)?.take()
    }

    /// All objects; a number that never got one is `null`.
    pub(super) fn all(&self) -> impl Iterator<Item = Option<&Object>> {
        self.list.iter().map(Option::as_ref)
    }
}

/// A stream with its data deflated, when that makes it smaller.
pub(super) fn packed(mut dict: Dict, data: &[u8]) -> Object {
    let small = deflate(data);
    if small.len() < data.len() {
        dict.set("Filter", Value::name("FlateDecode"));
        Object::Stream(dict, small)
    } else {
        Object::Stream(dict, data.to_vec())
    }
}

thread_local! {
    /// One compressor for all streams of a document. Each takes a quarter of a megabyte at an address of its own alignment, and with
    /// a new one for every page the heap grew by that much a page.
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(6), true));
}

/// zlib, level 6.
pub(super) fn deflate(data: &[u8]) -> Vec<u8> {
    DEFLATER.with_borrow_mut(|deflater| {
        deflater.reset();
        let mut out = Vec::new();
        loop {
            let done = usize::try_from(deflater.total_in()).unwrap_or(usize::MAX);
            let rest = data.get(done..).unwrap_or_default();
            out.reserve(rest.len() / 2 + 64);
            // Compressing into memory cannot fail, it only asks for more room; a stream that broke off would not pass the verifier,
            // which inflates each to its end.
            match deflater.compress_vec(rest, &mut out, FlushCompress::Finish) {
                Ok(Status::Ok | Status::BufError) => {}
                Ok(Status::StreamEnd) | Err(_) => break,
            }
        }
        out.shrink_to_fit();
        out
    })
}
