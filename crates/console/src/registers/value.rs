//! A stored value as people read it: labels in place of ids, names in place of references.

use std::collections::{BTreeMap, BTreeSet};

use ledger::people::{persons, units};
use ledger::{Id, Reading};
use pack::Pack;
use pack::expr::Day;
use pack::model::{Axis, Field, FieldType};
use serde_json::{Map, Value as Json};

use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{date, link};

/// One value to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) to: Option<String>,
    /// The colour of a tag, when it is one.
    pub(crate) tag: Option<&'static str>,
    /// Whether it stands on one line, as a date does.
    pub(crate) whole: bool,
}

impl Shown {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A record that is referred to.
#[derive(Debug, Clone)]
pub(crate) struct RecordName {
    pub(crate) register: String,
    pub(crate) number: String,
    pub(crate) name: String,
}

/// Names of what values refer to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) people: BTreeMap<Id, String>,
    pub(crate) units: BTreeMap<Id, String>,
    pub(crate) records: BTreeMap<Id, RecordName>,
    pub(crate) files: BTreeMap<Id, (String, i64)>,
}

/// Ids that values of these fields refer to, by kind.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) people: BTreeSet<Id>,
    pub(crate) units: BTreeSet<Id>,
    pub(crate) records: BTreeSet<Id>,
    pub(crate) files: BTreeSet<Id>,
}

impl Wanted {
    /// Adds what the values of a record refer to.
    pub(crate) fn add(&mut self, fields: &[Field], values: &Map<String, Json>) {
        for field in fields {
            if let Some(value) = values.get(&field.id) {
                self.add_value(&field.ty, value);
            }
        }
    }

    fn add_value(&mut self, ty: &FieldType, value: &Json) {
        if let (FieldType::List(inner), Json::Array(values)) = (ty, value) {
            values.iter().for_each(|value| self.add_value(inner, value));
            return;
        }
        let set = match ty {
            FieldType::Person => &mut self.people,
            FieldType::Unit => &mut self.units,
            FieldType::Ref(_) => &mut self.records,
            FieldType::File => &mut self.files,
            _ => return,
        };
        set.extend(value.as_str().and_then(|text| text.parse::<Id>().ok()));
    }

    /// Looks up persons and units.
    pub(crate) async fn people_and_units(&self, reading: &mut Reading) -> Result<Names, Fault> {
        let mut names = Names::default();
        let ids: Vec<Id> = self.people.iter().copied().collect();
        if !ids.is_empty() {
            names.people = persons::of_ids(reading, &ids).await?.iter().map(|p| (p.id, shown_name(p))).collect();
        }
        names.units = units::names(reading, self.units.iter().copied()).await?;
        Ok(names)
    }
}

/// A field's value as it is read; empty for an empty field.
pub(crate) fn show(pack: &Pack, field: &Field, value: Option<&Json>, names: &Names, lang: Lang) -> Vec<Shown> {
    match (value, &field.ty) {
        (None | Some(Json::Null), _) => Vec::new(),
        (Some(Json::Array(values)), FieldType::List(inner)) => {
            values.iter().map(|value| one(pack, inner, value, names, lang)).collect()
        }
        (Some(value), ty) => vec![one(pack, ty, value, names, lang)],
    }
}

fn one(pack: &Pack, ty: &FieldType, value: &Json, names: &Names, lang: Lang) -> Shown {
    let text = value.as_str().unwrap_or_default();
    let id = || text.parse::<Id>().ok();
    match ty {
        // Four digits stand as they are: many are years.
        FieldType::Int => Shown::plain(match value.as_i64() {
            Some(number) if number.abs() < 10_000 => number.to_string(),
            number => number.map(date::thousands).unwrap_or_default(),
        }),
        FieldType::Money => {
            let yen = value.as_i64().map(date::thousands).unwrap_or_default();
            Shown::plain(format!("{yen}{}", lang.t("円", " yen")))
        }
        FieldType::Date => {
            let day = text.parse::<Day>().map_or_else(|_| text.to_owned(), |day| date::long(lang, day));
            Shown { whole: true, ..Shown::plain(day) }
        }
        FieldType::Bool => {
            Shown::plain(if value == &Json::Bool(true) { lang.t("はい", "Yes") } else { lang.t("いいえ", "No") })
        }
        FieldType::Choice(choices) => {
            let label = choices.iter().find(|choice| choice.id == text).map(|choice| lang.of(&choice.label));
            Shown::plain(label.unwrap_or(text))
        }
        FieldType::Zone => {
            let zone = pack.zones.iter().find(|zone| zone.id == text);
            Shown::plain(zone.map_or(text, |zone| lang.of(&zone.name)))
        }
        FieldType::Class(axis) => class(pack, *axis, text, lang),
        FieldType::Person => {
            let name = id().and_then(|id| names.people.get(&id));
            let to = name.map(|_| format!("/organisation/people/{text}"));
            Shown { text: name.cloned().unwrap_or_else(|| unknown(lang)), to, ..Shown::default() }
        }
        FieldType::Unit => {
            let name = id().and_then(|id| names.units.get(&id));
            let to = name.map(|_| format!("/organisation/units/{text}"));
            Shown { text: name.cloned().unwrap_or_else(|| unknown(lang)), to, ..Shown::default() }
        }
        FieldType::Ref(_) => match id().and_then(|id| names.records.get(&id)) {
            Some(record) => {
                let to = format!("/registers/{}/{text}", link::encode(&record.register));
                Shown {
                    text: format!("{} {}", record.number, record.name).trim().to_owned(),
                    to: Some(to),
                    ..Shown::default()
                }
            }
            None => Shown::plain(lang.t("（閲覧できない記録）", "(a record you may not see)")),
        },
        FieldType::File => match id().and_then(|id| names.files.get(&id)) {
            Some((name, bytes)) => Shown {
                text: format!("{name}（{}）", size(*bytes)),
                to: Some(format!("/files/{text}")),
                ..Shown::default()
            },
            None => Shown::plain(lang.t("（ファイル）", "(file)")),
        },
        FieldType::Text | FieldType::Long | FieldType::List(_) | FieldType::Computed(_) => match value {
            Json::String(text) => Shown::plain(text),
            other => Shown::plain(other.to_string()),
        },
    }
}

fn unknown(lang: Lang) -> String {
    lang.t("（不明）", "(unknown)").to_owned()
}

/// A class, coloured by its height: the highest of several as a warning.
fn class(pack: &Pack, axis: Axis, id: &str, lang: Lang) -> Shown {
    let name = pack.classes.of(axis).iter().find(|class| class.id == id).map_or(id, |class| lang.of(&class.name));
    let height = pack.classes.height(axis, id).unwrap_or(0);
    let highest = pack.classes.of(axis).len().saturating_sub(1);
    let tag = match height {
        0 => "",
        n if n == highest && highest > 1 => "bad",
        n if n + 2 >= highest && highest > 2 => "warn",
        _ => "key",
    };
    Shown { text: name.to_owned(), tag: Some(tag), ..Shown::default() }
}

/// 1.2 MB.
pub(crate) fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
