//! `[fields]`: types, bounds, choices.

use super::expressions;
use super::ids::{Seen, Style, check_style};
use super::item::Item;
use super::table::{Table, Word};
use super::words::TAKEN_FIELDS;
use crate::diagnostic::Diagnostic;
use crate::expr::{Expect, FieldShape, Schema, Scope, ShapeType};
use crate::model::{Axis, Choice, Field, FieldType, Site, Subjects};
use crate::report::{Kind, Report};
use crate::suggest;

const AXES: &[(&str, Axis)] =
    &[("confidentiality", Axis::Confidentiality), ("integrity", Axis::Integrity), ("availability", Axis::Availability)];
/// All types, as the pack writes them.
const TYPES: &[&str] = &[
    "text", "long", "int", "money", "date", "bool", "choice", "person", "unit", "zone", "class", "file", "ref",
    "computed",
];
/// Types of the fields of a data source.
const SOURCE_TYPES: &[&str] = &["text", "int", "money", "date", "bool", "choice"];

/// Whose fields are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Register,
    Source,
}

/// A field's entry, as far as it is read without knowing the types of other fields.
pub(super) struct Head<'a> {
    pub(super) shape: FieldShape,
    pub(super) site: Site,
    pub(super) table: Table<'a>,
}

/// The heads of all fields, in the order of the file.
pub(super) fn heads<'a>(entries: Vec<(Word, Item<'a>)>, owner: Owner, name_is_field: bool) -> Vec<Head<'a>> {
    entries.into_iter().filter_map(|(id, item)| head(&id, &item, owner, name_is_field)).collect()
}

fn head<'a>(id: &Word, item: &Item<'a>, owner: Owner, name_is_field: bool) -> Option<Head<'a>> {
    let table = item.table()?;
    let report = table.report();
    check_style(report, id, Style::Underscores);
    if owner == Owner::Register && (TAKEN_FIELDS.contains(&id.text.as_str()) || (id.text == "name" && !name_is_field)) {
        taken(report, id);
    }
    let label = table.need_text("label");
    let word = table.need_word("type");
    let (ty, optional) = match &word {
        Some(word) => typ(&table, word, owner),
        None => (ShapeType::Stored(FieldType::Text), false),
    };
    let back = (owner == Owner::Register).then(|| table.word("back")).flatten();
    if let Some(back) = &back {
        check_style(report, back, Style::Underscores);
        if !refers(&ty) {
            not_for(&table, "back", "ref, person, unit", back);
        }
    }
    let shape = FieldShape { id: id.text.clone(), label, ty, optional, back: back.map(|word| word.text) };
    Some(Head { shape, site: id.site.clone(), table })
}

fn taken(report: &Report, id: &Word) {
    report.add(
        Diagnostic::error(
            "field-taken",
            id.site.clone(),
            format!("「{}」はどの記録にも初めからある項目の名です", id.text),
            format!("every record has '{}' already", id.text),
        )
        .help(
            "別の id にしてください（name は、台帳の name = \"name\" のときだけ使えます）",
            "choose another id (`name` is allowed where the register says name = \"name\")",
        )
        .names([id.text.as_str()]),
    );
}

fn refers(ty: &ShapeType) -> bool {
    fn inner(ty: &FieldType) -> bool {
        match ty {
            FieldType::Ref(_) | FieldType::Person | FieldType::Unit => true,
            FieldType::List(of) => inner(of),
            _ => false,
        }
    }
    matches!(ty, ShapeType::Stored(ty) if inner(ty))
}

fn not_for(table: &Table<'_>, key: &str, types: &str, word: &Word) {
    table.report().add(
        Diagnostic::error(
            "key-not-for-type",
            word.site.clone(),
            format!("「{key}」はこの型の項目には書けません"),
            format!("'{key}' cannot stand in a field of this type"),
        )
        .expected(format!("{types} の項目"), format!("a field of type {types}"))
        .help("この行を消すか、型を改めてください", "take it out, or change the type")
        .names([key]),
    );
}

/// The type that a `type = "…"` names, and whether it is optional.
fn typ(table: &Table<'_>, word: &Word, owner: Owner) -> (ShapeType, bool) {
    let (text, optional) = match word.text.strip_suffix('?') {
        Some(text) => (text, true),
        None => (word.text.as_str(), false),
    };
    let (name, list) = match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(name) => (name, true),
        None => (text, false),
    };
    let allowed = if owner == Owner::Source { SOURCE_TYPES } else { TYPES };
    if !allowed.contains(&name) || (list && (name == "computed" || owner == Owner::Source)) {
        unknown_type(table.report(), word, name, allowed);
        return (ShapeType::Stored(FieldType::Text), optional);
    }
    let ty = match name {
        "long" => FieldType::Long,
        "int" => FieldType::Int,
        "money" => FieldType::Money,
        "date" => FieldType::Date,
        "bool" => FieldType::Bool,
        "choice" => FieldType::Choice(choices(table)),
        "person" => FieldType::Person,
        "unit" => FieldType::Unit,
        "zone" => FieldType::Zone,
        "class" => FieldType::Class(table.one_of("axis", AXES).unwrap_or(Axis::Confidentiality)),
        "file" => FieldType::File,
        "ref" => FieldType::Ref(table.need_name("to", &Kind::Register).unwrap_or_default()),
        "computed" => {
            let value = table.need("value").and_then(|item| item.expression());
            let word = value.unwrap_or_else(|| Word { text: String::new(), site: table.site.clone() });
            return (ShapeType::Computed(word.text, word.site), optional);
        }
        _ => FieldType::Text,
    };
    (ShapeType::Stored(if list { FieldType::List(Box::new(ty)) } else { ty }), optional)
}

fn unknown_type(report: &Report, word: &Word, name: &str, allowed: &[&str]) {
    let list = suggest::line(allowed.iter().copied());
    let diagnostic = Diagnostic::error(
        "type-unknown",
        word.site.clone(),
        format!("「{}」という型はありません", word.text),
        format!("there is no type '{}'", word.text),
    )
    .expected(format!("{list}（? で省略可、[型] で並び）"), format!("{list} (`?` makes it optional, `[type]` a list)"))
    .names([word.text.as_str()]);
    report.add(match suggest::nearest(name, allowed.iter().copied()) {
        Some(near) => diagnostic.help(format!("「{near}」ではありませんか"), format!("did you mean '{near}'?")),
        None => diagnostic.help("上のいずれかを書いてください", "write one of these"),
    });
}

fn choices(table: &Table<'_>) -> Vec<Choice> {
    let mut seen = Seen::default();
    let items = table.need("choices").map(|item| item.array()).unwrap_or_default();
    let mut choices = Vec::new();
    for entry in items.iter().filter_map(Item::table) {
        let id = seen.id(&entry, Style::Underscores);
        let label = entry.need_text("label");
        let was = entry.string("was");
        let retired = entry.flag("retired", false);
        entry.finish();
        if let Some(id) = id {
            choices.push(Choice { id: id.text, label, was, retired, site: id.site });
        }
    }
    if choices.iter().all(|choice| choice.retired) {
        table.report().add(
            Diagnostic::error(
                "choices-empty",
                table.site.clone(),
                "選べるものがありません",
                "there is nothing to choose from",
            )
            .expected("一つ以上の選択肢", "at least one choice that is not retired")
            .help("選択肢を書き足してください", "add a choice"),
        );
    }
    choices
}

/// The whole field. `of` is whose it is, for the types of its bounds.
pub(super) fn field(head: &Head<'_>, of: &Subjects, schema: &Schema, scope: Option<&Scope<'_>>) -> Option<Field> {
    let table = &head.table;
    let id = &head.shape.id;
    let ty = match &head.shape.ty {
        ShapeType::Stored(ty) => ty.clone(),
        ShapeType::Computed(..) => match of {
            Subjects::Register(register) => FieldType::Computed(schema.computed(register, id)?.clone()),
            _ => return None,
        },
    };
    let stored = schema.field_type(of, id);
    let bound = || stored.cloned().map_or_else(Expect::anything, Expect::or_empty);
    let ordered = matches!(ty, FieldType::Int | FieldType::Money | FieldType::Date);
    for key in ["least", "most"] {
        if let Some(word) = table.get(key).and_then(|item| item.expression())
            && !ordered
        {
            not_for(table, key, "int, money, date", &word);
        }
    }
    let register = matches!(of, Subjects::Register(_));
    let field = Field {
        id: id.clone(),
        label: head.shape.label.clone(),
        optional: head.shape.optional,
        help: table.text("help"),
        max: max(table, &ty),
        least: ordered.then(|| expressions::expr(table, "least", scope, bound())).flatten(),
        most: ordered.then(|| expressions::expr(table, "most", scope, bound())).flatten(),
        default: if register { expressions::expr(table, "default", scope, bound()) } else { None },
        when: if register { expressions::condition(table, "when", scope) } else { None },
        was: table.string("was"),
        retired: table.flag("retired", false),
        ty,
        site: head.site.clone(),
    };
    table.finish();
    Some(field)
}

fn max(table: &Table<'_>, ty: &FieldType) -> Option<u64> {
    let item = table.get("max")?;
    let number = item.int()?;
    let inner = if let FieldType::List(of) = ty { of } else { ty };
    if !matches!(inner, FieldType::Text | FieldType::Long | FieldType::File) {
        not_for(table, "max", "text, long, file", &Word { text: number.to_string(), site: item.site() });
        return None;
    }
    match u64::try_from(number) {
        Ok(max) if max > 0 => Some(max),
        _ => {
            item.invalid("value-invalid", "1 以上の整数", "a whole number from 1");
            None
        }
    }
}
