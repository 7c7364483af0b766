//! One value of a field: what is taken in, and what expressions see of it.

use std::sync::Arc;

use pack::Pack;
use pack::expr::Value;
use pack::model::{Axis, Field, FieldType, Text};
use serde_json::Value as Json;

use crate::error::text;
use crate::text::{is_refused_in_line, is_refused_in_lines};
use crate::{Day, Id};

/// Longest one-line text, in characters, where the field sets no other.
const TEXT_MAX: u64 = 500;
/// Longest text of several lines.
const LONG_MAX: u64 = 20_000;
/// Most values of a list.
const LIST_MAX: usize = 1000;
/// Numbers of a whole number that JSON readers everywhere keep exact (2^53 − 1).
const INT_MAX: i64 = 9_007_199_254_740_991;

/// Something that a value refers to, to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) field: String,
    pub(crate) position: i64,
    pub(crate) kind: LinkKind,
    pub(crate) target: Id,
}

/// To what a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LinkKind {
    Person,
    Unit,
    File,
    Record(String),
}

impl LinkKind {
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Unit => "unit",
            Self::File => "file",
            Self::Record(_) => "record",
        }
    }
}

/// Checks a value of a field and gives its canonical form; `Null` is an empty field. `old` is the stored value: what is
/// retired may stay.
pub(super) fn check(pack: &Pack, field: &Field, value: &Json, old: Option<&Json>) -> Result<Json, Vec<(String, Text)>> {
    let one = |message: Text| vec![(field.id.clone(), message)];
    if let FieldType::List(inner) = &field.ty {
        let Json::Array(values) = value else {
            return Err(one(text("値の並び（[ ] で囲んだもの）にしてください。", "Give a list of values, in [ ].")));
        };
        if values.len() > LIST_MAX {
            return Err(one(text(
                format!("{LIST_MAX}件以内にしてください。"),
                format!("Give at most {LIST_MAX} values."),
            )));
        }
        let kept: &[Json] = old.and_then(Json::as_array).map_or(&[], Vec::as_slice);
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (i, value) in values.iter().enumerate() {
            let old = kept.iter().find(|old| *old == value);
            match scalar(pack, field, inner, value, old) {
                Ok(value) if good.contains(&value) => {
                    bad.push((
                        format!("{}[{i}]", field.id),
                        text("同じ値が重なっています。", "This value is given twice."),
                    ));
                }
                Ok(value) => good.push(value),
                Err(message) => bad.push((format!("{}[{i}]", field.id), message)),
            }
        }
        return if bad.is_empty() { Ok(Json::Array(good)) } else { Err(bad) };
    }
    scalar(pack, field, &field.ty, value, old).map_err(one)
}

fn scalar(pack: &Pack, field: &Field, ty: &FieldType, value: &Json, old: Option<&Json>) -> Result<Json, Text> {
    let kept = old == Some(value);
    match ty {
        FieldType::Text => line(value, field.max.unwrap_or(TEXT_MAX), false),
        FieldType::Long => line(value, field.max.unwrap_or(LONG_MAX), true),
        FieldType::Int | FieldType::Money => match value.as_i64() {
            Some(n) if (-INT_MAX..=INT_MAX).contains(&n) => Ok(n.into()),
            _ => Err(text(
                format!("整数を「12」の形で入力してください（-{INT_MAX}から{INT_MAX}まで）。"),
                format!("Give a whole number such as 12 (from -{INT_MAX} to {INT_MAX})."),
            )),
        },
        FieldType::Date => match value.as_str().map(str::parse::<Day>) {
            Some(Ok(day)) => Ok(day.to_string().into()),
            _ => Err(text("日付を「2026-04-01」の形で入力してください。", "Give a date such as 2026-04-01.")),
        },
        FieldType::Bool => match value {
            Json::Bool(_) => Ok(value.clone()),
            _ => Err(text("「はい」か「いいえ」を選んでください。", "Choose yes or no.")),
        },
        FieldType::Choice(choices) => {
            let chosen = choices.iter().find(|choice| value.as_str() == Some(&choice.id));
            if chosen.is_some_and(|choice| !choice.retired || kept) {
                return Ok(value.clone());
            }
            let offered = choices.iter().filter(|choice| !choice.retired);
            let (ja, en): (Vec<&str>, Vec<&str>) = offered.map(|c| (c.label.ja.as_str(), c.id.as_str())).unzip();
            Err(text(
                format!("次の中から選んでください：{}", ja.join("、")),
                format!("Choose one of: {}.", en.join(", ")),
            ))
        }
        FieldType::Zone => {
            let known = pack.zones.iter().any(|zone| value.as_str() == Some(&zone.id));
            if known {
                Ok(value.clone())
            } else {
                let (ja, en): (Vec<&str>, Vec<&str>) =
                    pack.zones.iter().map(|zone| (zone.name.ja.as_str(), zone.id.as_str())).unzip();
                Err(text(
                    format!("次の中から選んでください：{}", ja.join("、")),
                    format!("Choose one of: {}.", en.join(", ")),
                ))
            }
        }
        FieldType::Class(axis) => class(pack, *axis, value),
        FieldType::Person | FieldType::Unit | FieldType::File | FieldType::Ref(_) => {
            match value.as_str().and_then(|id| id.parse::<Id>().ok()) {
                Some(id) => Ok(id.to_string().into()),
                None => Err(text("一覧から選んでください。", "Choose one from the list.")),
            }
        }
        FieldType::List(_) => Err(text("並びの中に並びは入れられません。", "A list cannot hold a list.")),
        FieldType::Computed(_) => {
            Err(text("この項目は自動で計算されます。入力しないでください。", "This field is computed; leave it out."))
        }
    }
}

fn line(value: &Json, max: u64, several: bool) -> Result<Json, Text> {
    let Json::String(given) = value else { return Err(text("文字を入力してください。", "Give text.")) };
    let line = if several { given.replace("\r\n", "\n") } else { given.clone() };
    let length = line.chars().count() as u64;
    if length > max {
        return Err(text(
            format!("{max}文字以内で入力してください（いま{length}文字）。"),
            format!("Use at most {max} characters (now {length})."),
        ));
    }
    let refused = if several { is_refused_in_lines } else { is_refused_in_line };
    if let Some(c) = line.chars().find(|c| refused(*c)) {
        return Err(text(
            format!(
                "使えない文字（U+{:04X}）が含まれています。画面に見えない制御用の文字を取り除いてください。",
                u32::from(c)
            ),
            format!(
                "It contains a character that is not allowed (U+{:04X}). Remove invisible control characters.",
                u32::from(c)
            ),
        ));
    }
    Ok(line.into())
}

fn class(pack: &Pack, axis: Axis, value: &Json) -> Result<Json, Text> {
    let classes = pack.classes.of(axis);
    if classes.iter().any(|class| value.as_str() == Some(&class.id)) {
        return Ok(value.clone());
    }
    let ids: Vec<&str> = classes.iter().map(|class| class.id.as_str()).collect();
    Err(text(format!("次の中から選んでください：{}", ids.join("、")), format!("Choose one of: {}.", ids.join(", "))))
}

/// Whether a value counts as empty: nothing, blank text, no values.
pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(values) => values.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

/// The links that a checked value makes.
pub(super) fn links(field: &Field, value: &Json) -> Vec<Link> {
    let (ty, values) = match (&field.ty, value) {
        (FieldType::List(inner), Json::Array(values)) => (inner.as_ref(), values.as_slice()),
        (ty, value) => (ty, std::slice::from_ref(value)),
    };
    let kind = match ty {
        FieldType::Person => LinkKind::Person,
        FieldType::Unit => LinkKind::Unit,
        FieldType::File => LinkKind::File,
        FieldType::Ref(register) => LinkKind::Record(register.clone()),
        _ => return Vec::new(),
    };
    let ids = values.iter().filter_map(|value| value.as_str()?.parse::<Id>().ok());
    (0..)
        .zip(ids)
        .map(|(position, target)| Link { field: field.id.clone(), position, kind: kind.clone(), target })
        .collect()
}

/// A stored value as expressions see it.
pub fn for_expressions(pack: &Pack, ty: &FieldType, value: Option<&Json>) -> Value {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Value::Absent };
    let id = || value.as_str().and_then(|id| id.parse::<Id>().ok()).map(Id::number);
    let seen = match ty {
        FieldType::Text | FieldType::Long | FieldType::File => value.as_str().map(Value::text),
        FieldType::Int | FieldType::Money => value.as_i64().map(Value::Int),
        FieldType::Date => value.as_str().and_then(|day| day.parse().ok()).map(Value::Day),
        FieldType::Bool => value.as_bool().map(Value::Bool),
        FieldType::Choice(_) | FieldType::Zone => value.as_str().map(Value::choice),
        FieldType::Class(axis) => {
            value.as_str().and_then(|id| pack.classes.height(*axis, id)).map(|height| Value::Class(*axis, height))
        }
        FieldType::Person => id().map(|id| Value::Subject(pack::expr::Subject::Person(id))),
        FieldType::Unit => id().map(|id| Value::Subject(pack::expr::Subject::Unit(id))),
        FieldType::Ref(register) => {
            id().map(|id| Value::Subject(pack::expr::Subject::Record { register: Arc::from(register.as_str()), id }))
        }
        FieldType::List(inner) => value.as_array().map(|values| {
            Value::list(values.iter().map(|value| for_expressions(pack, inner, Some(value))).collect::<Vec<_>>())
        }),
        FieldType::Computed(_) => None,
    };
    seen.unwrap_or(Value::Absent)
}

/// A value that an expression gave, as it is stored (for defaults).
pub(crate) fn from_expression(pack: &Pack, value: &Value) -> Json {
    match value {
        Value::Absent => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Text(value) | Value::Choice(value) => value.as_ref().into(),
        Value::Day(day) => day.to_string().into(),
        Value::Class(axis, height) => {
            let class = pack.classes.of(*axis).iter().rev().nth(*height);
            class.map_or(Json::Null, |class| class.id.clone().into())
        }
        Value::List(values) => values.iter().map(|value| from_expression(pack, value)).collect(),
        Value::Subject(subject) => match subject {
            pack::expr::Subject::Record { id, .. }
            | pack::expr::Subject::Person(id)
            | pack::expr::Subject::Unit(id)
            | pack::expr::Subject::Post(id) => Id::from_number(*id).to_string().into(),
            pack::expr::Subject::Fact { .. } | pack::expr::Subject::Municipality => Json::Null,
        },
    }
}

/// Reads what a person typed into a form or a cell. What cannot be read stays text, for [`check`] to refuse at its place.
pub fn from_typed(ty: &FieldType, typed: &str) -> Json {
    use unicode_normalization::UnicodeNormalization as _;
    if typed.trim().is_empty() {
        return Json::Null;
    }
    let plain: String = typed.trim().nfkc().collect();
    match ty {
        FieldType::Int | FieldType::Money => {
            let digits: String = plain.chars().filter(|c| !matches!(c, ',' | '円' | '¥')).collect();
            digits.parse::<i64>().map_or_else(|_| typed.into(), Into::into)
        }
        FieldType::Date => {
            let mut parts = plain.split(['-', '/', '.']).map(|part| part.parse::<u32>().ok());
            let day = match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) => {
                    i32::try_from(year).ok().and_then(|year| Day::from_date(year, month, day))
                }
                _ => None,
            };
            day.map_or_else(|| typed.into(), |day| day.to_string().into())
        }
        FieldType::Bool => match plain.to_lowercase().as_str() {
            "true" | "on" | "yes" | "1" | "はい" | "○" => true.into(),
            "false" | "off" | "no" | "0" | "いいえ" | "×" => false.into(),
            _ => typed.into(),
        },
        FieldType::Text | FieldType::Long => typed.into(),
        _ => plain.into(),
    }
}
