//! `nft -j list ruleset`: every object is turned into the words of the text form, at the place where the object begins.

use serde_json::Value;

use super::lex::{Token, tokens};
use super::structure::{Base, ChainText, Ruleset};
use crate::ir::Default;
use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Reads a file; one that is no such JSON is unread as a whole.
pub(super) fn read(reading: &mut Reading, ruleset: &mut Ruleset, file: u32, lines: &[String]) {
    let text = lines.join("\n");
    let start = At { file, line: 1, column: 1 };
    let parsed: Result<Value, _> = serde_json::from_str(&text);
    let places = places(file, &text);
    let Some(list) = parsed.as_ref().ok().and_then(|value| value.get("nftables")).and_then(Value::as_array) else {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        let place = |error: &serde_json::Error| At { file, line: number(error.line()), column: number(error.column()) };
        let start = parsed.as_ref().err().map_or(start, place);
        let why = parsed.err().map_or_else(|| "\"nftables\"".to_owned(), |error| error.to_string());
        let message =
            Message::new(format!("nftのJSONとして読めません: {why}"), format!("this is no JSON of nft: {why}"));
        reading.fatal(start, message);
        return;
    };
    for (index, item) in list.iter().enumerate() {
        let at = places.get(index).copied().unwrap_or(start);
        let understood = item.as_object().is_some_and(|object| {
            object.len() == 1 && object.iter().all(|(kind, body)| object_of(reading, ruleset, at, kind, body))
        });
        if !understood {
            reading.unread(at, Some(Message::new("この要素を解釈できません", "this object is not understood")));
        }
    }
    for (line, text) in (1u32..).zip(lines) {
        let at = At { file, line, column: 1 };
        let blank = text.trim().is_empty();
        // The places of unread objects stay unread.
        reading.settle(at, if blank { Fate::Blank } else { Fate::Understood });
    }
}

/// Where each element of the top-level list begins.
fn places(file: u32, text: &str) -> Vec<At> {
    let mut out = Vec::new();
    let (mut depth, mut quoted, mut escaped) = (0u32, false, false);
    let (mut line, mut column) = (1u32, 0u32);
    for c in text.chars() {
        column = column.saturating_add(1);
        match c {
            '\n' => (line, column) = (line.saturating_add(1), 0),
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => {
                // The file's object, then its list, then the elements.
                if depth == 2 && c == '{' {
                    out.push(At { file, line, column });
                }
                depth = depth.saturating_add(1);
            }
            '}' | ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    out
}

fn text<'a>(body: &'a Value, key: &str) -> Option<&'a str> {
    body.get(key)?.as_str()
}

fn object_of(reading: &mut Reading, ruleset: &mut Ruleset, at: At, kind: &str, body: &Value) -> bool {
    match kind {
        "metainfo" | "counter" | "quota" | "limit" | "flowtable" | "synproxy" | "secmark" => true,
        "table" => named(body).map(|(family, _)| ruleset.open(family, text(body, "name").unwrap_or(""))).is_some(),
        "chain" => chain(reading, ruleset, at, body).is_some(),
        "set" | "map" => set(reading, ruleset, at, body).is_some(),
        "rule" => rule(reading, ruleset, at, body).is_some(),
        _ => false,
    }
}

fn named(body: &Value) -> Option<(&str, &str)> {
    Some((text(body, "family")?, text(body, "table").or_else(|| text(body, "name"))?))
}

fn chain(reading: &mut Reading, ruleset: &mut Ruleset, at: At, body: &Value) -> Option<()> {
    let ((family, table), name) = (named(body)?, text(body, "name")?.to_owned());
    let base = match (text(body, "type"), text(body, "hook")) {
        (Some(kind), Some(hook)) => Some(Base {
            kind: kind.to_owned(),
            hook: hook.to_owned(),
            priority: body.get("prio").and_then(Value::as_i64).and_then(|prio| i32::try_from(prio).ok()),
            policy: match text(body, "policy") {
                Some("accept") | None => Default::Accept,
                Some("drop") => Default::Drop,
                Some(_) => Default::Unread,
            },
            at,
        }),
        (None, None) => None,
        _ => return None,
    };
    let id = reading.chain(format!("{family} {table} {name}"), at);
    let table = ruleset.open(family, table);
    table.order.push(name.clone());
    table.chains.insert(name, ChainText { id, statements: Vec::new(), base, at });
    Some(())
}

fn set(reading: &mut Reading, ruleset: &mut Ruleset, at: At, body: &Value) -> Option<()> {
    let ((family, table), name) = (named(body)?, text(body, "name")?.to_owned());
    let mut words = String::from("{ ");
    if let Some(flags) = body.get("flags") {
        words.push_str("flags ");
        words.push_str(&list(flags, ",")?);
        words.push_str(" ; ");
    }
    if body.get("timeout").is_some() {
        words.push_str("timeout 1s ; ");
    }
    if let Some(elements) = body.get("elem") {
        words.push_str("elements = { ");
        words.push_str(&set_elements(elements)?);
        words.push_str(" } ");
    }
    words.push('}');
    let words = lexed(reading, at, &words);
    let named = super::set::Named::read(reading, &words, at);
    ruleset.open(family, table).sets.insert(name, named);
    Some(())
}

fn list(value: &Value, separator: &str) -> Option<String> {
    match value {
        Value::Array(items) => Some(items.iter().map(expression).collect::<Option<Vec<_>>>()?.join(separator)),
        other => expression(other),
    }
}

/// Elements; of a map as `[key, value]`.
fn set_elements(value: &Value) -> Option<String> {
    let Value::Array(items) = value else { return expression(value) };
    let mut out = Vec::new();
    for item in items {
        out.push(match item {
            Value::Array(pair) => match pair.as_slice() {
                [key, data] => format!("{} : {}", expression(key)?, verdict(data).or_else(|| expression(data))?),
                _ => return None,
            },
            other => expression(other)?,
        });
    }
    Some(out.join(" , "))
}

fn rule(reading: &mut Reading, ruleset: &mut Ruleset, at: At, body: &Value) -> Option<()> {
    let ((family, table), chain) = (named(body)?, text(body, "chain")?);
    let statements = body.get("expr")?.as_array()?;
    let mut words = Vec::new();
    for item in statements {
        // A word that no rule has makes the rule unread where it stands.
        words.push(statement(item).unwrap_or_else(|| "not-understood".to_owned()));
    }
    if words.is_empty() {
        return Some(());
    }
    let words = lexed(reading, at, &words.join(" "));
    ruleset.open(family, table).chains.get_mut(chain)?.statements.push(words);
    Some(())
}

fn lexed(reading: &mut Reading, at: At, words: &str) -> Vec<Token> {
    let list = tokens(reading, u32::MAX, &[words.to_owned()]);
    list.into_iter().filter(|token| !token.is("\n")).map(|token| Token { at, ..token }).collect()
}

fn verdict(value: &Value) -> Option<String> {
    let (name, body) = value.as_object()?.iter().next()?;
    match name.as_str() {
        "accept" | "drop" | "continue" | "return" => Some(name.clone()),
        "jump" | "goto" => Some(format!("{name} {}", text(body, "target")?)),
        _ => None,
    }
}

fn statement(value: &Value) -> Option<String> {
    let (name, body) = value.as_object()?.iter().next()?;
    Some(match name.as_str() {
        "match" => {
            let left = body.get("left")?;
            let right = body.get("right")?;
            let operator = text(body, "op")?;
            match (left.get("&"), operator) {
                (Some(parts), "==" | "!=") => {
                    let [key, mask] = parts.as_array()?.as_slice() else { return None };
                    format!("{} & ({}) {operator} {}", expression(key)?, list(mask, " | ")?, list(right, " | ")?)
                }
                (None, "in") => format!("{} {}", expression(left)?, list(right, " , ")?),
                (None, operator) => format!("{} {operator} {}", expression(left)?, list(right, " , ")?),
                _ => return None,
            }
        }
        "vmap" => format!("{} vmap {}", expression(body.get("key")?)?, expression(body.get("data")?)?),
        "counter" => "counter".to_owned(),
        "log" => "log".to_owned(),
        "limit" => "limit rate 1/second".to_owned(),
        "reject" => "reject".to_owned(),
        "notrack" => "notrack".to_owned(),
        "comment" => return Some(String::new()),
        "masquerade" | "redirect" | "snat" | "dnat" => translation(name, body)?,
        "mangle" => {
            let key = expression(body.get("key")?)?;
            if matches!(key.as_str(), "meta mark" | "ct mark" | "meta priority" | "meta nftrace") {
                format!("{key} set 0")
            } else {
                return None;
            }
        }
        "ct helper" => "ct helper set x".to_owned(),
        "flow" => "flow add x".to_owned(),
        "quota" => "quota 1".to_owned(),
        _ => verdict(value)?,
    })
}

fn translation(name: &str, body: &Value) -> Option<String> {
    let port = match body.get("port") {
        None => String::new(),
        Some(port) => format!(":{}", expression(port)?),
    };
    let address = match body.get("addr") {
        None => String::new(),
        Some(address) => expression(address)?,
    };
    if address.is_empty() && port.is_empty() {
        return Some(name.to_owned());
    }
    let address = if address.contains(':') && !port.is_empty() { format!("[{address}]") } else { address };
    Some(format!("{name} to {address}{port}"))
}

/// An expression as the text form writes it.
fn expression(value: &Value) -> Option<String> {
    match value {
        // Quotes keep a name from being taken for a word of the language.
        Value::String(text) if text.contains(['"', ' ', '\n']) => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => {
            let (name, body) = object.iter().next().filter(|_| object.len() == 1)?;
            match name.as_str() {
                "prefix" => Some(format!("{}/{}", text(body, "addr")?, body.get("len")?.as_u64()?)),
                "range" => {
                    let [low, high] = body.as_array()?.as_slice() else { return None };
                    Some(format!("{}-{}", expression(low)?, expression(high)?))
                }
                "set" => Some(format!("{{ {} }}", set_elements(body)?)),
                "concat" => list(body, " . "),
                "|" => list(body, " | "),
                "elem" => {
                    let plain =
                        body.as_object()?.keys().all(|key| matches!(key.as_str(), "val" | "comment" | "counter"));
                    if plain { expression(body.get("val")?) } else { None }
                }
                "payload" => Some(format!("{} {}", text(body, "protocol")?, text(body, "field")?)),
                "meta" => Some(format!("meta {}", text(body, "key")?)),
                "ct" if body.get("dir").is_none() => Some(format!("ct {}", text(body, "key")?)),
                _ => None,
            }
        }
        _ => None,
    }
}
