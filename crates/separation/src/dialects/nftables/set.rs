//! Named and anonymous sets and verdict maps.

use super::key::{Key, Value};
use super::lex::Token;
use crate::ir::Condition;
use crate::reading::Reading;
use crate::source::{At, Message};

/// One element: its words (concatenations hold `.`), and for maps what stands behind the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) key: Vec<Token>,
    pub(super) data: Vec<Token>,
}

/// A set or map by name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) elements: Vec<Element>,
    /// Its elements come and go while packets pass, or it could not be read.
    pub(super) uncertain: bool,
}

impl Named {
    /// Reads the statement `{ type …; flags …; elements = { … } }`.
    pub(super) fn read(reading: &mut Reading, statement: &[Token], at: At) -> Self {
        let mut named = Self { elements: Vec::new(), uncertain: false };
        let inner = match statement {
            [open, inner @ .., close] if open.is("{") && close.is("}") => inner,
            _ => {
                named.uncertain = true;
                reading.unread(at, None);
                return named;
            }
        };
        let mut rest = inner;
        while let Some((first, behind)) = rest.split_first() {
            let end = behind.iter().position(|token| token.is(";") || starts_clause(token)).unwrap_or(behind.len());
            match first.text.as_str() {
                ";" => {
                    rest = behind;
                    continue;
                }
                "elements" => {
                    let (elements, used) = elements(behind);
                    match elements {
                        Some(elements) => named.elements = elements,
                        None => named.uncertain = true,
                    }
                    rest = behind.get(used..).unwrap_or_default();
                    continue;
                }
                "flags" => {
                    let clause = behind.get(..end).unwrap_or_default();
                    named.uncertain |= clause.iter().any(|token| token.is("dynamic") || token.is("timeout"));
                }
                "timeout" | "gc-interval" => named.uncertain = true,
                "type" | "typeof" | "size" | "policy" | "comment" | "auto-merge" | "counter" => {}
                _ => {
                    named.uncertain = true;
                    let message = Message::new(
                        format!("セットの中の「{}」を解釈できません", first.text),
                        format!("\"{}\" in a set is not understood", first.text),
                    );
                    reading.problem(first.at, message);
                }
            }
            rest = behind.get(end..).unwrap_or_default();
        }
        named
    }
}

/// Line ends are gone inside braces, so that clauses without `;` end where the next begins.
fn starts_clause(token: &Token) -> bool {
    !token.quoted
        && matches!(
            token.text.as_str(),
            "elements"
                | "flags"
                | "type"
                | "typeof"
                | "size"
                | "policy"
                | "gc-interval"
                | "auto-merge"
                | "comment"
                | "timeout"
        )
}

/// Reads `= { … }` or `{ … }`; gives the elements and how many tokens they took.
pub(super) fn elements(tokens: &[Token]) -> (Option<Vec<Element>>, usize) {
    let start = usize::from(tokens.first().is_some_and(|token| token.is("=")));
    if !tokens.get(start).is_some_and(|token| token.is("{")) {
        return (None, start);
    }
    let mut out = Vec::new();
    let mut element = Element { key: Vec::new(), data: Vec::new() };
    let mut understood = true;
    let (mut in_data, mut in_options) = (false, false);
    for (index, token) in tokens.iter().enumerate().skip(start + 1) {
        match token.text.as_str() {
            "}" if !token.quoted => {
                if !element.key.is_empty() {
                    out.push(element);
                }
                return (understood.then_some(out), index + 1);
            }
            "{" if !token.quoted => understood = false,
            "," if !token.quoted => {
                if !element.key.is_empty() {
                    out.push(std::mem::replace(&mut element, Element { key: Vec::new(), data: Vec::new() }));
                }
                (in_data, in_options) = (false, false);
            }
            ":" if !token.quoted => (in_data, in_options) = (true, false),
            "timeout" | "expires" if !token.quoted => understood = false,
            "counter" | "comment" | "packets" | "bytes" if !token.quoted && !element.key.is_empty() => {
                in_options = true
            }
            _ if in_options => {}
            _ if in_data => element.data.push(token.clone()),
            _ => element.key.push(token.clone()),
        }
    }
    (None, tokens.len())
}

/// The conditions of one element for these keys; `None` when it is not understood.
pub(super) fn element_conditions(keys: &[Key], element: &[Token]) -> Option<Vec<Condition>> {
    let parts: Vec<&[Token]> = element.split(|token| token.is(".")).collect();
    if parts.len() != keys.len() {
        return None;
    }
    keys.iter().zip(parts).map(|(key, part)| Some(key.condition(vec![value(*key, part)?], false))).collect()
}

/// One value of one or more words (`syn | ack` is one value of flags; `10.0.0.1 - 10.0.0.9` one of addresses).
pub(super) fn value(key: Key, words: &[Token]) -> Option<Value> {
    match words {
        [one] => key.value(one),
        [low, dash, high] if dash.is("-") => {
            let text = format!("{}-{}", low.text, high.text);
            key.value(&Token { text, quoted: false, at: low.at })
        }
        many if key == Key::Flags => {
            let mut byte = 0;
            for word in many.iter().filter(|word| !word.is("|")) {
                byte |= super::key::flag(&word.text)?;
            }
            Some(Value::Numbers(crate::intervals::Intervals::one(byte.into())))
        }
        _ => None,
    }
}

/// The condition that keys are (not) in a list of elements.
pub(super) fn membership(keys: &[Key], elements: &[Element], negated: bool) -> Option<Condition> {
    if let [key] = keys {
        let values = elements.iter().map(|element| value(*key, &element.key)).collect::<Option<Vec<_>>>()?;
        return Some(key.condition(values, negated));
    }
    let any = elements.iter().map(|element| element_conditions(keys, &element.key)).collect::<Option<Vec<_>>>()?;
    Some(if negated { Condition::NoneOf(any) } else { Condition::OneOf(any) })
}
