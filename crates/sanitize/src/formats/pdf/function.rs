//! Functions (ISO 32000-1, 7.10); those of type 4 are read word by word and written again.

use super::copy::{Copier, Made};
use super::lex::{Lexer, Token};
use super::object::{Dict, Object, Value, packed};
use super::schema;
use super::write::write_value;
use crate::work::Stop;

/// The operators of table 42.
const WORDS: &[&[u8]] = &[
    b"abs",
    b"add",
    b"and",
    b"atan",
    b"bitshift",
    b"ceiling",
    b"copy",
    b"cos",
    b"cvi",
    b"cvr",
    b"div",
    b"dup",
    b"eq",
    b"exch",
    b"exp",
    b"floor",
    b"ge",
    b"gt",
    b"idiv",
    b"if",
    b"ifelse",
    b"index",
    b"le",
    b"ln",
    b"log",
    b"lt",
    b"mod",
    b"mul",
    b"ne",
    b"neg",
    b"not",
    b"or",
    b"pop",
    b"roll",
    b"round",
    b"sin",
    b"sqrt",
    b"sub",
    b"truncate",
    b"xor",
];

/// Copies a function; nothing when it is none that is known.
pub(super) fn copy(object: &lopdf::Object, copier: &mut Copier<'_, '_, '_>) -> Result<Made, Stop> {
    match object {
        lopdf::Object::Dictionary(dict) => {
            let dict = copier.keys(dict, schema::FUNCTION)?;
            let known = matches!(kind(&dict), Some(2 | 3));
            Ok(known.then_some(Object::Value(Value::Dict(dict))))
        }
        lopdf::Object::Stream(stream) => {
            let dict = copier.keys(&stream.dict, schema::FUNCTION)?;
            let Some(data) = copier.decode(stream)? else { return Ok(None) };
            match kind(&dict) {
                Some(0) => Ok(Some(packed(dict, &data))),
                Some(4) => Ok(program(&data, copier)?.map(|program| packed(dict, &program))),
                _ => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn kind(dict: &Dict) -> Option<u8> {
    match dict.get("FunctionType")? {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn program(data: &[u8], copier: &mut Copier<'_, '_, '_>) -> Result<Option<Vec<u8>>, Stop> {
    let mut lexer = Lexer::new(data);
    let mut out = Vec::new();
    let mut open = 0usize;
    while let Some(token) = lexer.next() {
        copier.work.budget.step(1)?;
        match token {
            Token::Brace(true) => {
                open += 1;
                copier.work.budget.nesting(open)?;
                out.extend(b"{ ");
            }
            Token::Brace(false) => {
                out.extend(b"} ");
                match open.checked_sub(1) {
                    Some(0) => return Ok(Some(out)),
                    Some(left) => open = left,
                    None => return Ok(None),
                }
            }
            Token::Value(value @ (Value::Number(_) | Value::Bool(_))) if open > 0 => {
                write_value(&mut out, &value);
                out.push(b' ');
            }
            Token::Word(word) if open > 0 && WORDS.contains(&word.as_slice()) => {
                out.extend(word);
                out.push(b' ');
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}
