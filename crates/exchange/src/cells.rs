//! One value of a field as a cell, and back. Values of a list stand on lines of their own within the cell.

use std::collections::HashMap;

use ledger::records::from_typed;
use ledger::{Id, Reading, Result};
use pack::Pack;
use pack::model::{Choice, FieldType, Text};
use serde_json::Value as Json;
use tables::Cell;

use crate::days;
use crate::names::{self, Names, plain};
use crate::report::text;

/// What a table needs to know of things that values refer to.
#[derive(Debug, Default)]
pub(crate) struct Referred {
    numbers: HashMap<Id, String>,
    files: HashMap<Id, String>,
}

impl Referred {
    /// Looks up what the values of these types refer to.
    pub(crate) async fn load<'a>(
        reading: &mut Reading,
        values: impl Iterator<Item = (&'a FieldType, &'a Json)>,
    ) -> Result<Self> {
        let (mut records, mut files) = (Vec::new(), Vec::new());
        for (ty, value) in values {
            let (ty, values) = match (ty, value) {
                (FieldType::List(inner), Json::Array(values)) => (inner.as_ref(), values.as_slice()),
                (ty, value) => (ty, std::slice::from_ref(value)),
            };
            let ids = values.iter().filter_map(|value| value.as_str()?.parse::<Id>().ok());
            match ty {
                FieldType::Ref(_) => records.extend(ids),
                FieldType::File => files.extend(ids),
                _ => {}
            }
        }
        Ok(Self { numbers: names::numbers(reading, &records).await?, files: names::files(reading, &files).await? })
    }

    /// The file of this name among the values of a record.
    pub(crate) fn file_named(&self, name: &str) -> Option<Id> {
        self.files.iter().find(|(_, known)| known.as_str() == name).map(|(id, _)| *id)
    }
}

/// A stored value as a cell.
pub(crate) fn show(pack: &Pack, names: &Names, referred: &Referred, ty: &FieldType, value: &Json) -> Cell {
    match (ty, value) {
        (_, Json::Null) => Cell::Empty,
        (FieldType::List(inner), Json::Array(values)) => {
            let lines: Vec<String> = values
                .iter()
                .map(|value| match one(pack, names, referred, inner, value) {
                    Cell::Text(text) if matches!(**inner, FieldType::Long) => escaped(&text),
                    Cell::Text(text) => text,
                    Cell::Number(number) => number.to_string(),
                    _ => String::new(),
                })
                .collect();
            if lines.is_empty() { Cell::Empty } else { Cell::Text(lines.join("\n")) }
        }
        (FieldType::Date, Json::String(day)) => match day.parse::<ledger::Day>() {
            Ok(day) => Cell::Day(day.number()),
            Err(_) => Cell::Text(day.clone()),
        },
        _ => one(pack, names, referred, ty, value),
    }
}

fn one(pack: &Pack, names: &Names, referred: &Referred, ty: &FieldType, value: &Json) -> Cell {
    let id = || value.as_str().and_then(|id| id.parse::<Id>().ok());
    let stored = || value.as_str().unwrap_or_default().to_owned();
    let known = |found: Option<String>| Cell::Text(found.unwrap_or_else(stored));
    match ty {
        #[expect(clippy::cast_precision_loss, reason = "stored numbers stay below 2^53")]
        FieldType::Int | FieldType::Money => value.as_i64().map_or(Cell::Empty, |number| Cell::Number(number as f64)),
        FieldType::Bool => Cell::Text(if value == &Json::Bool(true) { "はい" } else { "いいえ" }.to_owned()),
        FieldType::Choice(choices) => {
            known(choices.iter().find(|choice| choice.id == stored()).map(|c| label(choices, c)))
        }
        FieldType::Zone => {
            let zone = pack.zones.iter().find(|zone| zone.id == stored());
            let only = |name: &str| pack.zones.iter().filter(|zone| zone.name.ja == name).count() == 1;
            known(zone.map(|zone| zone.name.ja.clone()).filter(|name| only(name)).map(|name| names::in_cp932(&name)))
        }
        FieldType::Person => known(id().and_then(|id| names.person(id))),
        FieldType::Unit => known(id().and_then(|id| names.unit(id))),
        FieldType::Ref(_) => known(id().and_then(|id| referred.numbers.get(&id).cloned())),
        FieldType::File => known(id().and_then(|id| referred.files.get(&id).cloned())),
        _ => Cell::Text(stored()),
    }
}

/// The label of a choice, or its id where a label says less.
fn label(choices: &[Choice], choice: &Choice) -> String {
    let wanted = plain(&choice.label.ja);
    let means_other = |other: &Choice| {
        other.id != choice.id
            && (plain(&other.label.ja) == wanted || other.id == wanted || other.label.en.as_deref() == Some(&wanted))
    };
    if choices.iter().any(means_other) { choice.id.clone() } else { names::in_cp932(&choice.label.ja) }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some(other)) => out.push(other),
            _ => out.push(c),
        }
    }
    out
}

/// What a cell says before anything is looked up.
pub(crate) fn typed(cell: &Cell, marked: bool) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) if marked => tables::csv::unmarked(text).to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Day(day) => ledger::Day::new(*day).map(|day| day.to_string()).unwrap_or_default(),
        Cell::Bool(value) => value.to_string(),
    }
}

/// Who and what a cell may name.
pub(crate) struct Reader<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) names: &'a Names,
}

impl Reader<'_> {
    /// Reads a cell of a field whose references are found by `find` (numbers of records, names of files). `Err` says what is
    /// wrong; what only the ledger can judge stays as it was typed.
    pub(crate) fn read(
        &self,
        ty: &FieldType,
        typed: &str,
        find: &mut dyn FnMut(&FieldType, &str) -> Option<Id>,
    ) -> Result<Json, Text> {
        if typed.trim().is_empty() {
            return Ok(Json::Null);
        }
        let FieldType::List(inner) = ty else { return self.scalar(ty, typed, find) };
        let words = matches!(**inner, FieldType::Choice(_) | FieldType::Class(_) | FieldType::Zone);
        let lines: Vec<&str> = match typed.contains('\n') {
            false if words => typed.split(['、', ';', '；']).collect(),
            _ => typed.split('\n').collect(),
        };
        let lines =
            lines.into_iter().map(|line| line.strip_suffix('\r').unwrap_or(line)).filter(|l| !l.trim().is_empty());
        let values: Result<Vec<Json>, Text> = lines
            .map(|line| match **inner {
                FieldType::Long => Ok(Json::from(unescaped(line))),
                _ => self.scalar(inner, line, find),
            })
            .collect();
        values.map(Json::Array)
    }

    fn scalar(
        &self,
        ty: &FieldType,
        typed: &str,
        find: &mut dyn FnMut(&FieldType, &str) -> Option<Id>,
    ) -> Result<Json, Text> {
        let word = plain(typed);
        let quoted: String = typed.trim().chars().take(60).collect();
        match ty {
            FieldType::Date => days::parse(&word).map(|day| day.to_string().into()).ok_or_else(|| {
                text(
                    format!(
                        "「{quoted}」は日付として読めません。「2026-04-01」か「令和8年4月1日」の形で入力してください。"
                    ),
                    format!("'{quoted}' is no date. Write it like 2026-04-01."),
                )
            }),
            FieldType::Choice(choices) => {
                let by = |same: &dyn Fn(&&Choice) -> bool| choices.iter().find(same).map(|choice| choice.id.clone());
                let found = by(&|c| c.id == word)
                    .or_else(|| by(&|c| plain(&c.label.ja) == word))
                    .or_else(|| by(&|c| c.label.en.as_deref().is_some_and(|en| en.eq_ignore_ascii_case(&word))));
                Ok(found.unwrap_or(word).into())
            }
            FieldType::Zone => {
                let zone = self.pack.zones.iter().find(|zone| {
                    zone.id == word || plain(&zone.name.ja) == word || zone.name.en.as_deref() == Some(&word)
                });
                Ok(zone.map_or(word, |zone| zone.id.clone()).into())
            }
            FieldType::Class(axis) => {
                let classes = self.pack.classes.of(*axis);
                let class = classes.iter().find(|class| class.id == word || plain(&class.name.ja) == word);
                Ok(class.map_or(word, |class| class.id.clone()).into())
            }
            FieldType::Person => found(self.names.find_person(typed), || {
                (
                    format!("「{quoted}」という職員はいません。職員番号を入力してください。"),
                    format!("There is no person '{quoted}'. Give the staff number."),
                )
            }),
            FieldType::Unit => found(self.names.find_unit(typed), || {
                (
                    format!("「{quoted}」という所属はありません。所属コードを入力してください。"),
                    format!("There is no unit '{quoted}'. Give its code."),
                )
            }),
            FieldType::Ref(_) => found(find(ty, typed), || {
                (
                    format!("「{quoted}」という番号の記録がないか、見る権限がありません。"),
                    format!("There is no record '{quoted}', or you may not see it."),
                )
            }),
            FieldType::File => found(find(ty, typed), || {
                (
                    format!("「{quoted}」というファイルはこの記録にありません。記録の画面から添付してください。"),
                    format!("This record has no file '{quoted}'. Attach it on the record's page."),
                )
            }),
            _ => Ok(from_typed(ty, typed)),
        }
    }
}

fn found(id: Option<Id>, missing: impl Fn() -> (String, String)) -> Result<Json, Text> {
    id.map(|id| Json::from(id.to_string())).ok_or_else(|| {
        let (ja, en) = missing();
        text(ja, en)
    })
}
