//! Sentences with places for values: `{record.name}の棚卸しが1年以上行われていません`.

use std::sync::Arc;

use super::check::{self, Presence, Trouble};
use super::error::{Complaint, both};
use super::eval::Evaluation;
use super::schema::Scope;
use super::tree::{Compiled, Node};
use super::{Env, Expect, ExprError, Read, Type, Unknown, Value, reads};
use crate::model::{Site, Text};

/// Most elements of a list that a sentence names.
const MOST_NAMED: usize = 5;
/// Longest sentence, in bytes.
const MAX_BYTES: usize = 4096;

/// A checked sentence with places for values. `{{` and `}}` stand for braces.
#[derive(Debug, Clone, Default)]
pub struct Template {
    source: Text,
    ja: Vec<Piece>,
    en: Option<Vec<Piece>>,
}

#[derive(Debug, Clone)]
enum Piece {
    Said(String),
    /// A path; and, when it leads to a class, the names of its axis from the lowest.
    Place(Arc<Compiled>, Vec<Text>),
}

impl Template {
    /// Checks a sentence. Between braces stands a path as in expressions; an optional field needs no `has()` here.
    ///
    /// `site` is where the Japanese sentence stands; a mistake in the English one, which has no site of its own, names
    /// the whole.
    pub fn compile(text: &Text, site: &Site, scope: &Scope<'_>) -> Result<Self, Vec<ExprError>> {
        let mut errors = Vec::new();
        let mut pieces = |text: &str| {
            pieces(text, scope).unwrap_or_else(|found| {
                errors.extend(found.into_iter().map(|complaint| complaint.at(site, text)));
                Vec::new()
            })
        };
        let ja = pieces(&text.ja);
        let en = text.en.as_deref().map(pieces);
        if errors.is_empty() { Ok(Self { source: text.clone(), ja, en }) } else { Err(errors) }
    }

    /// The sentence as the pack writes it.
    pub fn source(&self) -> &Text {
        &self.source
    }

    /// Everything that the sentence names, in either language.
    pub fn reads(&self) -> Vec<Read> {
        let pieces = self.ja.iter().chain(self.en.iter().flatten());
        let reads = pieces.flat_map(|piece| match piece {
            Piece::Said(_) => Vec::new(),
            Piece::Place(compiled, _) => {
                let kind = match &compiled.ty {
                    Type::List(element) => element.subjects(),
                    ty => ty.subjects(),
                };
                reads::printed(&compiled.node, kind)
            }
        });
        reads.collect()
    }

    /// The sentence with its values, in English where it is asked for and there is an English sentence. An empty field
    /// reads （未記入）, one that cannot be known （不明）.
    pub fn render(&self, env: &Env<'_>, english: bool) -> String {
        let (pieces, english) = match &self.en {
            Some(en) if english => (en, true),
            _ => (&self.ja, false),
        };
        let mut said = String::new();
        for piece in pieces {
            match piece {
                Piece::Said(text) => said.push_str(text),
                Piece::Place(compiled, classes) => {
                    let printer = Printer { env, english, classes };
                    let value = Evaluation::new(env).value(&compiled.node);
                    match value.and_then(|value| printer.value(&value, &compiled.ty)) {
                        Ok(text) => said.push_str(&text),
                        Err(_) => said.push_str(if english { "(unknown)" } else { "（不明）" }),
                    }
                }
            }
        }
        said
    }
}

/// Splits a sentence at its braces and checks what stands between them.
fn pieces(text: &str, scope: &Scope<'_>) -> Result<Vec<Piece>, Vec<Complaint>> {
    if text.len() > MAX_BYTES {
        let message = both(
            format!("文が長すぎます: 上限は{MAX_BYTES}バイトです"),
            format!("the sentence is too long: at most {MAX_BYTES} bytes are allowed"),
        );
        return Err(vec![Complaint::new("expr-too-large", 0..text.len(), message)]);
    }
    let (mut pieces, mut complaints, mut said) = (Vec::new(), Vec::new(), String::new());
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(brace);
        said.push_str(before);
        let start = text.len() - from.len();
        if let Some(after) = from.strip_prefix("{{") {
            said.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            said.push('}');
            rest = after;
        } else if let Some((inside, after)) = from.strip_prefix('{').and_then(|from| from.split_once('}')) {
            if !said.is_empty() {
                pieces.push(Piece::Said(std::mem::take(&mut said)));
            }
            match place(inside, scope) {
                Ok(piece) => pieces.push(piece),
                Err(found) => complaints.extend(found.into_iter().map(|complaint| complaint.shifted(start + 1))),
            }
            rest = after;
        } else {
            let message = both("波括弧が閉じていません", "a brace has no partner");
            complaints.push(
                Complaint::new("expr-template", start..start + 1, message)
                    .help("文字としての波括弧は「{{」「}}」と書きます", "write '{{' or '}}' for a brace itself"),
            );
            break;
        }
    }
    said.push_str(rest);
    if !said.is_empty() {
        pieces.push(Piece::Said(said));
    }
    if complaints.is_empty() { Ok(pieces) } else { Err(complaints) }
}

/// Checks one place. Broken computed fields have their own message, so that nothing is said here.
fn place(inside: &str, scope: &Scope<'_>) -> Result<Piece, Vec<Complaint>> {
    let compiled = match check::compile_part(inside, scope, &Expect::anything(), Presence::Free) {
        Ok(compiled) => compiled,
        Err(Trouble::Complaints(complaints)) => return Err(complaints),
        Err(Trouble::Waits(..)) => return Ok(Piece::Said(String::new())),
    };
    let element = match &compiled.ty {
        Type::List(element) => element,
        ty => ty,
    };
    let whole = 0..inside.len();
    if !matches!(compiled.node, Node::Field(..) | Node::Today) {
        let message = both("文の中には項目だけを書けます", "only a field can stand in a sentence");
        return Err(vec![Complaint::new("expr-template", whole, message).expected("{record.name}", "{record.name}")]);
    }
    if matches!(element, Type::File | Type::Post | Type::Fact(_) | Type::City | Type::List(_)) {
        let name = compiled.ty.name();
        let message =
            both(format!("{}は文の中に書けません", name.ja), format!("{} cannot be printed", name.pick(true)));
        return Err(vec![Complaint::new("expr-template", whole, message).expected("名称などの項目", "a field of it")]);
    }
    let classes = match element {
        Type::Class(axis) => scope.schema.classes(*axis).iter().map(|(_, name)| name.clone()).collect(),
        _ => Vec::new(),
    };
    Ok(Piece::Place(Arc::new(compiled), classes))
}

/// Prints values for people.
struct Printer<'a> {
    env: &'a Env<'a>,
    english: bool,
    classes: &'a [Text],
}

impl Printer<'_> {
    fn value(&self, value: &Value, ty: &Type) -> Result<String, Unknown> {
        let pick = |ja: &str, en: &str| (if self.english { en } else { ja }).to_owned();
        Ok(match (value, ty) {
            (Value::Absent, Type::List(element)) => self.list(&[], element)?,
            (Value::Absent, _) => pick("（未記入）", "(empty)"),
            (Value::Bool(true), _) => pick("はい", "yes"),
            (Value::Bool(false), _) => pick("いいえ", "no"),
            (Value::Int(number), _) => number.to_string(),
            (Value::Text(text), _) => text.to_string(),
            (Value::Day(day), _) if self.english => day.to_string(),
            (Value::Day(day), _) => day.wareki(),
            (Value::Class(_, height), _) => {
                self.classes.get(*height).map_or_else(|| height.to_string(), |name| name.pick(self.english).to_owned())
            }
            (Value::Choice(id), Type::Choice(choices)) => {
                choices.label(id).map_or_else(|| id.to_string(), |label| label.pick(self.english).to_owned())
            }
            (Value::Choice(id), _) => id.to_string(),
            (Value::List(values), Type::List(element)) => self.list(values, element)?,
            (Value::List(values), _) => self.list(values, ty)?,
            (Value::Subject(subject), _) => match self.env.world.field(subject, "name")? {
                // A name is text; anything else would print itself for ever.
                Value::Text(name) => name.to_string(),
                _ => pick("（名称なし）", "(no name)"),
            },
        })
    }

    fn list(&self, values: &[Value], element: &Type) -> Result<String, Unknown> {
        if values.is_empty() {
            return Ok((if self.english { "none" } else { "なし" }).to_owned());
        }
        let shown: Result<Vec<String>, Unknown> =
            values.iter().take(MOST_NAMED).map(|value| self.value(value, element)).collect();
        let shown = shown?.join(if self.english { ", " } else { "、" });
        Ok(match values.len().saturating_sub(MOST_NAMED) {
            0 => shown,
            rest if self.english => format!("{shown} and {rest} more"),
            rest => format!("{shown} ほか{rest}件"),
        })
    }
}
