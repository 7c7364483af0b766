//! Content streams, read operator by operator against an allow-list and written again.

use super::copy::Copier;
use super::lex::{Lexer, Token};
use super::object::{Dict, Value};
use super::write::write_value;
use super::{image, name_of};
use crate::words::What;
use crate::work::Stop;

/// Operands of one operator; more are cut (DeviceN has at most 32 components, a dash array is one operand).
const OPERANDS: usize = 64;

/// The operators of ISO 32000-1, annex A, but for the inline image and compatibility ones.
const OPERATORS: &[&[u8]] = &[
    b"b", b"B", b"b*", b"B*", b"BDC", b"BMC", b"BT", b"c", b"cm", b"CS", b"cs", b"d", b"d0", b"d1", b"Do", b"DP",
    b"EMC", b"ET", b"f", b"F", b"f*", b"G", b"g", b"gs", b"h", b"i", b"J", b"j", b"K", b"k", b"l", b"M", b"m", b"MP",
    b"n", b"q", b"Q", b"re", b"RG", b"rg", b"ri", b"s", b"S", b"SC", b"sc", b"SCN", b"scn", b"sh", b"T*", b"Tc", b"Td",
    b"TD", b"Tf", b"Tj", b"TJ", b"TL", b"Tm", b"Tr", b"Ts", b"Tw", b"Tz", b"v", b"w", b"W", b"W*", b"y", b"'", b"\"",
];

/// A rewritten content stream.
#[derive(Debug)]
pub(super) struct Content {
    /// The operators.
    pub(super) bytes: Vec<u8>,
    /// Pictures that stood inline and are objects now, by the names under which they are drawn.
    pub(super) pictures: Vec<(Vec<u8>, Value)>,
}

/// Rewrites a content stream.
pub(super) fn rewrite(
    bytes: &[u8],
    resources: Option<&lopdf::Dictionary>,
    copier: &mut Copier<'_, '_, '_>,
) -> Result<Content, Stop> {
    let mut lexer = Lexer::new(bytes);
    let mut content = Content { bytes: Vec::with_capacity(bytes.len()), pictures: Vec::new() };
    let mut operands: Vec<Value> = Vec::new();
    // Saved graphics states: one too many restored is dropped, one not restored is.
    let mut saved = 0usize;
    while let Some(token) = lexer.next() {
        copier.work.budget.step(1)?;
        match token {
            Token::Value(value) => {
                if operands.len() < OPERANDS {
                    operands.push(value);
                }
            }
            Token::Brace(_) => {}
            Token::Word(word) if word == b"BI" => {
                operands.clear();
                inline(&mut lexer, resources, copier, &mut content)?;
            }
            Token::Word(word) => {
                let known = OPERATORS.contains(&word.as_slice());
                let balanced = match word.as_slice() {
                    b"q" => {
                        saved += 1;
                        true
                    }
                    b"Q" => {
                        let some = saved > 0;
                        saved = saved.saturating_sub(1);
                        some
                    }
                    _ => true,
                };
                if known && balanced && keep(&word, &mut operands) {
                    for operand in &operands {
                        write_value(&mut content.bytes, operand);
                    }
                    if !operands.is_empty() {
                        content.bytes.push(b' ');
                    }
                    content.bytes.extend(&word);
                    content.bytes.push(b'\n');
                } else if !known && word != b"BX" && word != b"EX" {
                    copier.draft.findings.noted(What::UnknownElement, "content");
                }
                operands.clear();
            }
        }
    }
    for _ in 0..saved {
        content.bytes.extend(b"Q\n");
    }
    Ok(content)
}

/// Cleans the property lists of marked content; whether the operator stays.
fn keep(word: &[u8], operands: &mut [Value]) -> bool {
    match word {
        b"BDC" | b"DP" => {
            let [Value::Name(_), properties] = operands else { return word == b"BDC" && plain(operands) };
            if let Value::Dict(dict) = properties {
                dict.0.retain(|(key, value)| {
                    let known: &[&[u8]] =
                        &[b"MCID", b"ActualText", b"Alt", b"E", b"Lang", b"Type", b"Subtype", b"BBox", b"Attached"];
                    known.contains(&key.as_slice()) && simple(value)
                });
            }
            true
        }
        _ => plain(operands),
    }
}

fn simple(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(simple),
        Value::Dict(_) | Value::Ref(_) | Value::Null => false,
        _ => true,
    }
}

fn plain(operands: &[Value]) -> bool {
    operands.iter().all(simple)
}

/// An inline image: read, decoded, and written again in hexadecimal, or as an object when it is large or a JPEG.
fn inline(
    lexer: &mut Lexer<'_>,
    resources: Option<&lopdf::Dictionary>,
    copier: &mut Copier<'_, '_, '_>,
    content: &mut Content,
) -> Result<(), Stop> {
    let mut source = lopdf::Dictionary::new();
    let mut key: Option<Vec<u8>> = None;
    loop {
        match lexer.next() {
            None => return Ok(()),
            Some(Token::Word(word)) if word == b"ID" => break,
            Some(Token::Value(value)) => match (key.take(), value) {
                (None, Value::Name(name)) => key = Some(long_key(&name)),
                (Some(key), value) => {
                    if let Some(object) = to_lopdf(&key, &value) {
                        source.set(key, object);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    lexer.at += 1;
    resolve_color(&mut source, resources, copier);
    let data = lexer.rest();
    let raw = image::raw_size(&source, copier).filter(|_| !source.has(b"Filter"));
    let mut end = raw.unwrap_or(0);
    for _ in 0..64 {
        let Some((stop, after)) = find_end(data, end) else { break };
        let stream = lopdf::Stream::new(source.clone(), data.get(..stop).unwrap_or_default().to_vec());
        end = after;
        if let Some(picture) = image::inline(&stream, copier)? {
            lexer.at += after;
            match picture {
                image::Inline::Here(bytes) => content.bytes.extend(bytes),
                image::Inline::Object(value) => {
                    let name = format!("SekimoriInline{}", content.pictures.len()).into_bytes();
                    write_value(&mut content.bytes, &Value::Name(name.clone()));
                    content.bytes.extend(b" Do\n");
                    content.pictures.push((name, value));
                }
            }
            return Ok(());
        }
    }
    lexer.at += end.max(1).min(data.len());
    copier.draft.findings.lost(What::Picture, "inline");
    Ok(())
}

/// The data's end and the place after `EI`, searched from `from` on.
fn find_end(data: &[u8], from: usize) -> Option<(usize, usize)> {
    let space = |at: usize| data.get(at).is_none_or(|b| matches!(b, 0 | 9 | 10 | 12 | 13 | 32));
    let mut at = from;
    while at + 2 <= data.len() {
        if data.get(at..at + 2) == Some(b"EI")
            && space(at + 2)
            && (at == 0 || space(at - 1) || data.get(at - 1) == Some(&b'>'))
        {
            let stop = if at > 0 && space(at - 1) && at > from { at - 1 } else { at };
            return Some((stop, at + 2));
        }
        at += 1;
    }
    None
}

/// Abbreviated keys and values of inline images (table 93 and 94).
fn long_key(name: &[u8]) -> Vec<u8> {
    let long: &[u8] = match name {
        b"BPC" => b"BitsPerComponent",
        b"CS" => b"ColorSpace",
        b"D" => b"Decode",
        b"DP" => b"DecodeParms",
        b"F" => b"Filter",
        b"H" => b"Height",
        b"IM" => b"ImageMask",
        b"I" => b"Interpolate",
        b"W" => b"Width",
        other => other,
    };
    long.to_vec()
}

fn long_value(name: &[u8]) -> Vec<u8> {
    let long: &[u8] = match name {
        b"G" => b"DeviceGray",
        b"RGB" => b"DeviceRGB",
        b"CMYK" => b"DeviceCMYK",
        b"I" => b"Indexed",
        b"AHx" => b"ASCIIHexDecode",
        b"A85" => b"ASCII85Decode",
        b"LZW" => b"LZWDecode",
        b"Fl" => b"FlateDecode",
        b"RL" => b"RunLengthDecode",
        b"CCF" => b"CCITTFaxDecode",
        b"DCT" => b"DCTDecode",
        other => other,
    };
    long.to_vec()
}

fn to_lopdf(key: &[u8], value: &Value) -> Option<lopdf::Object> {
    use lopdf::Object;
    Some(match value {
        Value::Bool(b) => Object::Boolean(*b),
        Value::Number(text) => match text.parse::<i64>() {
            Ok(n) => Object::Integer(n),
            Err(_) => Object::Real(text.parse().ok()?),
        },
        Value::Name(name) if matches!(key, b"ColorSpace" | b"Filter") => Object::Name(long_value(name)),
        Value::Name(name) => Object::Name(name.clone()),
        Value::Text(text) => Object::String(text.clone(), lopdf::StringFormat::Literal),
        Value::Array(items) => Object::Array(items.iter().filter_map(|item| to_lopdf(key, item)).collect()),
        Value::Dict(dict) => {
            let mut out = lopdf::Dictionary::new();
            for (k, v) in &dict.0 {
                out.set(k.clone(), to_lopdf(b"", v)?);
            }
            Object::Dictionary(out)
        }
        Value::Ref(_) | Value::Null => return None,
    })
}

/// A colour space that is named is looked up in the resources.
fn resolve_color(source: &mut lopdf::Dictionary, resources: Option<&lopdf::Dictionary>, copier: &Copier<'_, '_, '_>) {
    let Some(name) = source.get(b"ColorSpace").ok().and_then(name_of) else { return };
    let spaces = resources.and_then(|r| copier.dict(r, b"ColorSpace"));
    if let Some(space) = spaces.and_then(|spaces| spaces.get(name).ok()) {
        let space = copier.resolve(space).clone();
        source.set("ColorSpace", space);
    }
}

/// The dictionary of an inline image, in front of its data.
pub(super) fn write_inline(dict: &Dict, data: &[u8]) -> Vec<u8> {
    let mut out = b"BI".to_vec();
    for (key, value) in &dict.0 {
        write_value(&mut out, &Value::Name(key.clone()));
        write_value(&mut out, value);
    }
    out.extend(b"/Filter/ASCIIHexDecode\nID ");
    for byte in data {
        out.extend(format!("{byte:02x}").into_bytes());
    }
    out.extend(b">\nEI\n");
    out
}
