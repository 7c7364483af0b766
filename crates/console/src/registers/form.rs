//! The form of a record: one widget for each field, sections, and what people typed turned into values.
//!
//! Widgets work without script. A person or a record is named in one text box (with suggestions where script runs): its
//! number, its name, or what a suggestion put there.

use ledger::FieldError;
use pack::Pack;
use pack::model::{Field, FieldType, Register};
use serde_json::{Map, Value as Json};

use super::value::Names;
use crate::page::lang::Lang;
use crate::page::posted::Posted;

/// Empty boxes at the end of a list of persons, records or lines.
const SPARE: usize = 2;
/// Choices up to this many are radio buttons.
const RADIO: usize = 6;

/// What a widget is, for the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// One line; the type of the input and its width.
    Line { input: &'static str, short: bool, mode: &'static str },
    /// Several lines.
    Area,
    /// One of these, as radio buttons.
    Radio(Vec<Choice>),
    /// One of these, in a select.
    Select(Vec<Choice>),
    /// Any of these, as check boxes.
    Check(Vec<Choice>),
    /// Text boxes that name persons or records, with the address that suggests.
    Pick { from: String },
    /// A file, or several.
    File { several: bool },
}

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) chosen: bool,
}

/// A widget.
#[derive(Debug, Clone)]
pub(crate) struct Widget {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) required: bool,
    pub(crate) kind: Input,
    /// What stands in its boxes.
    pub(crate) values: Vec<String>,
    /// Files that are attached already: id and name.
    pub(crate) attached: Vec<(String, String)>,
    pub(crate) errors: Vec<String>,
    pub(crate) max: u64,
}

/// A section of the form.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) help: String,
    pub(crate) widgets: Vec<Widget>,
}

/// What a form is made from.
pub(crate) struct Form<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) register: &'a Register,
    pub(crate) lang: Lang,
    /// Stored values.
    pub(crate) values: &'a Map<String, Json>,
    /// What was typed and could not be taken, which then stands in the boxes instead.
    pub(crate) typed: Option<&'a Posted>,
    pub(crate) names: &'a Names,
    /// Units that may be chosen: id and name.
    pub(crate) units: &'a [(String, String)],
    pub(crate) errors: &'a [FieldError],
}

impl Form<'_> {
    /// All sections; fields in none come in a last one.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let asked = asked(self.register);
        let open = |field: &&Field| asked.iter().any(|other| other.id == field.id);
        let mut sections: Vec<Section> = Vec::new();
        for section in &self.register.sections {
            let fields = section.fields.iter().filter_map(|id| self.register.field(id)).filter(open);
            sections.push(Section {
                title: self.lang.of(&section.title).to_owned(),
                help: section.help.as_ref().map(|help| self.lang.of(help).to_owned()).unwrap_or_default(),
                widgets: fields.map(|field| self.widget(field)).collect(),
            });
        }
        let placed = |id: &String| self.register.sections.iter().any(|section| section.fields.contains(id));
        let rest: Vec<Widget> = self
            .register
            .fields
            .iter()
            .filter(open)
            .filter(|f| !placed(&f.id))
            .map(|field| self.widget(field))
            .collect();
        if !rest.is_empty() {
            let title = if sections.is_empty() { "" } else { self.lang.t("そのほか", "More") };
            sections.push(Section { title: title.to_owned(), help: String::new(), widgets: rest });
        }
        sections.retain(|section| !section.widgets.is_empty());
        sections
    }

    /// The widgets of these fields alone, for a dialogue.
    pub(crate) fn only(&self, ids: &[String]) -> Vec<Widget> {
        ids.iter().filter_map(|id| self.register.field(id)).map(|field| self.widget(field)).collect()
    }

    /// The widget of a field.
    pub(crate) fn widget(&self, field: &Field) -> Widget {
        let typed: Option<Vec<String>> = self.typed.map(|posted| posted.all(&field.id).map(str::to_owned).collect());
        let stored = stored(self.values.get(&field.id));
        let current = typed.clone().unwrap_or(stored.clone());
        let (inner, several) = match &field.ty {
            FieldType::List(inner) => (inner.as_ref(), true),
            ty => (ty, false),
        };
        let kind = self.kind(inner, several, &current);
        let mut values = match (&kind, &typed) {
            (Input::Pick { .. }, None) => stored.iter().map(|id| self.picked(inner, id)).collect(),
            (Input::Area, None) if several => vec![stored.join("\n")],
            _ => current,
        };
        if several && matches!(kind, Input::Pick { .. }) {
            values.retain(|value| !value.is_empty());
            values.extend(std::iter::repeat_n(String::new(), SPARE));
        }
        if values.is_empty() {
            values.push(String::new());
        }
        let errors = self.errors.iter().filter(|error| {
            error.field == field.id || error.field.strip_prefix(&field.id).is_some_and(|rest| rest.starts_with('['))
        });
        let attached = if matches!(kind, Input::File { .. }) {
            stored.iter().map(|id| (id.clone(), self.file_name(id))).collect()
        } else {
            Vec::new()
        };
        Widget {
            id: field.id.clone(),
            label: self.lang.of(&field.label).to_owned(),
            help: field.help.as_ref().map(|help| self.lang.of(help).to_owned()).unwrap_or_default(),
            required: !field.optional,
            kind,
            values,
            attached,
            errors: errors.map(|error| self.lang.of(&error.message).to_owned()).collect(),
            max: field.max.unwrap_or(if matches!(inner, FieldType::Long) { 20_000 } else { 500 }),
        }
    }

    fn kind(&self, ty: &FieldType, several: bool, current: &[String]) -> Input {
        let line = |input, short, mode| Input::Line { input, short, mode };
        let choices = match self.choices(ty, current) {
            Some(choices) if several => return Input::Check(choices),
            Some(choices) if choices.len() <= RADIO && !matches!(ty, FieldType::Unit) => return Input::Radio(choices),
            Some(choices) => return Input::Select(choices),
            None => ty,
        };
        match choices {
            FieldType::Long => Input::Area,
            FieldType::Int | FieldType::Money => line("text", true, "numeric"),
            FieldType::Date => line("date", true, ""),
            FieldType::Person => Input::Pick { from: "/pick/people".to_owned() },
            FieldType::Ref(to) => Input::Pick { from: format!("/pick/records/{}", crate::page::link::encode(to)) },
            FieldType::File => Input::File { several },
            _ if several => Input::Area,
            _ => line("text", false, ""),
        }
    }

    /// The values that a type offers.
    fn choices(&self, ty: &FieldType, current: &[String]) -> Option<Vec<Choice>> {
        let lang = self.lang;
        let choice = |id: &str, label: &str, help: &str| Choice {
            id: id.to_owned(),
            label: label.to_owned(),
            help: help.to_owned(),
            chosen: current.iter().any(|value| value == id),
        };
        Some(match ty {
            FieldType::Choice(all) => all
                .iter()
                .filter(|one| !one.retired || current.contains(&one.id))
                .map(|one| choice(&one.id, lang.of(&one.label), ""))
                .collect(),
            FieldType::Class(axis) => {
                let all = self.pack.classes.of(*axis).iter();
                all.map(|class| choice(&class.id, lang.of(&class.name), lang.of(&class.meaning))).collect()
            }
            FieldType::Zone => self.pack.zones.iter().map(|zone| choice(&zone.id, lang.of(&zone.name), "")).collect(),
            FieldType::Bool => {
                vec![choice("true", lang.t("はい", "Yes"), ""), choice("false", lang.t("いいえ", "No"), "")]
            }
            FieldType::Unit => self.units.iter().map(|(id, name)| choice(id, name, "")).collect(),
            _ => return None,
        })
    }

    /// What stands in the box of a person or record that is stored.
    fn picked(&self, ty: &FieldType, id: &str) -> String {
        let parsed = id.parse::<ledger::Id>().ok();
        match ty {
            FieldType::Ref(_) => {
                let record = parsed.and_then(|id| self.names.records.get(&id));
                record.map_or_else(
                    || id.to_owned(),
                    |record| format!("{} {}", record.number, record.name).trim().to_owned(),
                )
            }
            _ => parsed.and_then(|id| self.names.people.get(&id)).cloned().unwrap_or_else(|| id.to_owned()),
        }
    }

    fn file_name(&self, id: &str) -> String {
        let name = id.parse::<ledger::Id>().ok().and_then(|id| self.names.files.get(&id));
        name.map_or_else(|| id.to_owned(), |(name, _)| name.clone())
    }
}

/// The fields that the form asks for: not what is computed, not what a later step of the lifecycle fills.
pub(crate) fn asked(register: &Register) -> Vec<&Field> {
    let later = |field: &Field| {
        field.optional && register.lifecycle.transitions.iter().any(|transition| transition.fills.contains(&field.id))
    };
    let fields = register.fields.iter();
    fields.filter(|field| !field.retired && !matches!(field.ty, FieldType::Computed(_)) && !later(field)).collect()
}

/// A stored value as it stands in boxes.
fn stored(value: Option<&Json>) -> Vec<String> {
    match value {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(values)) => values.iter().flat_map(|value| stored(Some(value))).collect(),
        Some(Json::String(text)) => vec![text.clone()],
        Some(other) => vec![other.to_string()],
    }
}

/// What a person typed for a field, as the value that the ledger checks. Persons, records and files are resolved before.
pub(crate) fn typed(field: &Field, given: &[String]) -> Json {
    match &field.ty {
        FieldType::List(inner) => {
            let lines = given.iter().flat_map(|text| match inner.as_ref() {
                FieldType::Text | FieldType::Int | FieldType::Money | FieldType::Date => text.lines().collect(),
                _ => vec![text.as_str()],
            });
            Json::Array(lines.map(str::trim).filter(|text| !text.is_empty()).map(|text| scalar(inner, text)).collect())
        }
        ty => given.iter().find(|text| !text.trim().is_empty()).map_or(Json::Null, |text| scalar(ty, text)),
    }
}

fn scalar(ty: &FieldType, text: &str) -> Json {
    match ty {
        FieldType::Int | FieldType::Money => {
            let digits = half_width(text).replace([',', '，', '、'], "");
            let digits = digits.trim().trim_end_matches(['円', '人', '件', '台', '個']);
            digits.parse::<i64>().map_or_else(|_| text.into(), Json::from)
        }
        FieldType::Bool => match text {
            "true" => true.into(),
            "false" => false.into(),
            other => other.into(),
        },
        FieldType::Date => date(text).into(),
        FieldType::Long => text.trim_end().replace("\r\n", "\n").into(),
        _ => text.trim().into(),
    }
}

/// A day however it was typed: `2026-04-01`, `2026/4/1`, `令和8年4月1日`, `R8.4.1`. Anything else stays as it is, for the message.
fn date(text: &str) -> String {
    let half = half_width(text.trim());
    let eras = [
        ("令和", 2018),
        ("R", 2018),
        ("r", 2018),
        ("平成", 1988),
        ("H", 1988),
        ("h", 1988),
        ("昭和", 1925),
        ("S", 1925),
    ];
    let (offset, rest) = eras
        .iter()
        .find_map(|(name, offset)| half.strip_prefix(name).map(|rest| (*offset, rest)))
        .unwrap_or((0, half.as_str()));
    let rest = rest.replace('元', "1");
    let numbers: Vec<i32> = rest
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse().ok())
        .collect();
    let separated = rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '年' | '月' | '日' | ' '));
    match numbers.as_slice() {
        [year, month, day] if separated && (offset > 0 || *year > 999) => {
            let (month, day) = (month.unsigned_abs(), day.unsigned_abs());
            let found = pack::expr::Day::from_date(year.saturating_add(offset), month, day);
            found.map_or_else(|| text.to_owned(), |day| day.to_string())
        }
        _ => text.to_owned(),
    }
}

/// Full-width digits, letters and signs as half-width.
pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '　' => ' ',
            '−' | 'ー' => '-',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for given in ["2026-04-01", "2026/4/1", "令和8年4月1日", "Ｒ８．４．１", "R8.4.1", "令和８年４月１日"]
        {
            assert_eq!(date(given), "2026-04-01", "{given}");
        }
        assert_eq!(date("令和元年5月1日"), "2019-05-01");
        for wrong in ["令和8年2月30日", "来週", "8.4.1", "2026-04-01 12:00"] {
            assert_eq!(date(wrong), wrong);
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for given in ["1284", "１，２８４", "1,284人", " 1284 "] {
            assert_eq!(scalar(&FieldType::Int, given), Json::from(1284), "{given}");
        }
        assert_eq!(scalar(&FieldType::Int, "たくさん"), Json::from("たくさん"));
    }
}
