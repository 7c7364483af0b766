//! Writes the model: header, object streams of what is not a stream, streams, one cross-reference stream; one revision.

use super::object::{Dict, Object, Objects, Value, deflate};

/// Objects in one object stream.
const IN_STREAM: usize = 200;

/// Writes the file. `trailer` holds `Root` and perhaps `Info`.
pub(super) fn write(objects: &Objects, trailer: &Dict) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    // For each object: 1 and its offset, or 2 and its object stream and place.
    let mut places: Vec<(u8, usize, usize)> = Vec::new();
    let mut values: Vec<(usize, Option<&Object>)> = Vec::new();
    for (at, object) in objects.all().enumerate() {
        places.push((0, 0, 0));
        match object {
            Some(Object::Stream(dict, data)) => {
                if let Some(place) = places.last_mut() {
                    *place = (1, out.len(), 0);
                }
                stream(&mut out, at + 1, dict, data);
            }
            value => values.push((at, value)),
        }
    }
    for group in values.chunks(IN_STREAM) {
        let number = places.len() + 1;
        let mut head = Vec::new();
        let mut body = Vec::new();
        for (place, (at, value)) in group.iter().enumerate() {
            head.extend(format!("{} {} ", at + 1, body.len()).into_bytes());
            write_object(&mut body, *value);
            body.push(b'\n');
            if let Some(entry) = places.get_mut(*at) {
                *entry = (2, number, place);
            }
        }
        let mut dict = Dict::default();
        dict.set("Type", Value::name("ObjStm"));
        dict.set("N", Value::int(group.len()));
        dict.set("First", Value::int(head.len()));
        dict.set("Filter", Value::name("FlateDecode"));
        head.extend(body);
        places.push((1, out.len(), 0));
        stream(&mut out, number, &dict, &deflate(&head));
    }
    cross_references(&mut out, places, trailer);
    out
}

fn cross_references(out: &mut Vec<u8>, mut places: Vec<(u8, usize, usize)>, trailer: &Dict) {
    let start = out.len();
    let number = places.len() + 1;
    places.push((1, start, 0));
    let mut table = vec![0, 0, 0, 0, 0, 0xFF, 0xFF];
    for (kind, first, second) in &places {
        table.push(*kind);
        table.extend(u32::try_from(*first).unwrap_or(0).to_be_bytes());
        table.extend(u16::try_from(*second).unwrap_or(0).to_be_bytes());
    }
    let mut dict = Dict::default();
    dict.set("Type", Value::name("XRef"));
    dict.set("Size", Value::int(places.len() + 1));
    dict.set("W", Value::Array(vec![Value::int(1), Value::int(4), Value::int(2)]));
    for (key, value) in &trailer.0 {
        dict.set_bytes(key, value.clone());
    }
    dict.set("Filter", Value::name("FlateDecode"));
    stream(out, number, &dict, &deflate(&table));
    out.extend(format!("startxref\n{start}\n%%EOF\n").into_bytes());
}

fn stream(out: &mut Vec<u8>, number: usize, dict: &Dict, data: &[u8]) {
    let mut dict = dict.clone();
    dict.set("Length", Value::int(data.len()));
    let mut head = format!("{number} 0 obj\n").into_bytes();
    write_value(&mut head, &Value::Dict(dict));
    head.extend(b"\nstream\n");
    let tail = b"\nendstream\nendobj\n";
    let more = head.len() + data.len() + tail.len();
    if out.capacity() - out.len() < more {
        // By an eighth: a list that doubles takes twice the memory of the file at the end.
        out.reserve_exact(more.max(out.len() / 8));
    }
    out.extend(head);
    out.extend(data);
    out.extend(tail);
}

/// Writes an object that is no stream; one that never came is `null`.
fn write_object(out: &mut Vec<u8>, object: Option<&Object>) {
    match object {
        Some(Object::Value(value)) => write_value(out, value),
        Some(Object::Sealed(sealed)) => write_value(out, &sealed.open()),
        Some(Object::Stream(..)) | None => out.extend(b"null"),
    }
}

/// Writes a value in its one canonical form.
pub(super) fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => word(out, b"null"),
        Value::Bool(true) => word(out, b"true"),
        Value::Bool(false) => word(out, b"false"),
        Value::Number(number) => word(out, number.as_bytes()),
        Value::Ref(number) => word(out, format!("{number} 0 R").as_bytes()),
        Value::Name(name) => write_name(out, name),
        Value::Text(text) => write_text(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write_value(out, item);
            }
            out.push(b']');
        }
        Value::Dict(dict) => {
            out.extend(b"<<");
            for (key, value) in &dict.0 {
                write_name(out, key);
                write_value(out, value);
            }
            out.extend(b">>");
        }
    }
}

/// A token that needs a space before it unless a delimiter is there.
fn word(out: &mut Vec<u8>, word: &[u8]) {
    if !matches!(out.last(), None | Some(b'[' | b']' | b'<' | b'>' | b'(' | b')' | b' ' | b'\n')) {
        out.push(b' ');
    }
    out.extend(word);
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for &byte in name {
        if byte.is_ascii_graphic() && !b"()<>[]{}/%#".contains(&byte) {
            out.push(byte);
        } else {
            out.extend(format!("#{byte:02x}").into_bytes());
        }
    }
}

/// As a literal, or in hexadecimal when that is shorter.
fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    let escaped = text.iter().filter(|b| matches!(b, b'(' | b')' | b'\\' | b'\r' | b'\n')).count();
    if escaped > text.len() {
        out.push(b'<');
        for byte in text {
            out.extend(format!("{byte:02x}").into_bytes());
        }
        out.push(b'>');
        return;
    }
    out.push(b'(');
    for &byte in text {
        match byte {
            b'(' | b')' | b'\\' => out.extend([b'\\', byte]),
            b'\r' => out.extend(b"\\r"),
            b'\n' => out.extend(b"\\n"),
            _ => out.push(byte),
        }
    }
    out.push(b')');
}
