//! register.toml, form.toml and help.md of a duty.

use super::clauses;
use super::documents::help_text;
use super::expressions;
use super::fields::{self, Head, Owner};
use super::files::Files;
use super::ids::{Style, check_style};
use super::lifecycle;
use super::table::{Table, Word};
use super::terms::term;
use super::words::MENU;
use crate::diagnostic::Diagnostic;
use crate::expr::{FieldShape, RECORD_FIELDS, RegisterShape, Schema};
use crate::model::{Access, AccessRule, FormSection, Keep, Print, Register, RegisterKind, Subjects};
use crate::report::{Kind, Report};

/// The shape of a register, for the types of paths. Mistakes are reported when the register itself is read.
pub(super) fn shape(id: &str, file: &Table<'_>) -> RegisterShape {
    let fields = fields::heads(file.entries("fields"), Owner::Register, true);
    RegisterShape {
        id: id.to_owned(),
        fields: fields.into_iter().map(|head| head.shape).collect(),
        states: lifecycle::states(file),
        kind: kind(file),
    }
}

/// A register, and the lists that its fields give to what they refer to: field, list name.
pub(super) struct Read {
    pub(super) register: Register,
    pub(super) heads: Vec<FieldShape>,
}

pub(super) fn read(id: &str, files: &Files<'_>, schema: &Schema, report: &Report) -> Option<Read> {
    let folder = format!("duties/{id}");
    let file = files.table(&format!("{folder}/register.toml"), report, true)?;
    let title_site = file.get("title").map_or_else(|| file.site.clone(), |item| item.site());
    check_style(report, &Word { text: id.to_owned(), site: title_site.clone() }, Style::Hyphens);
    let of = Subjects::Register(id.to_owned());
    let scope = schema.scope(&of);
    let name = file.words("name");
    let name_is_field = matches!(name.as_slice(), [only] if only.text == "name");
    let fields_of = Kind::Field { register: id.to_owned() };
    for word in &name {
        report.refer(fields_of.clone(), word.text.clone(), word.site.clone());
    }
    file.need("fields");
    let heads: Vec<Head<'_>> = fields::heads(file.entries("fields"), Owner::Register, name_is_field);
    let (sections, print) = form(files, &folder, id, report);
    let help = help_text(
        files.markdown(&format!("{folder}/help.md")),
        files.markdown(&format!("{folder}/help.en.md")),
        report,
    );
    let register = Register {
        id: id.to_owned(),
        title: file.need_text("title"),
        menu: menu(&file),
        order: file.count("order"),
        number: number(&file),
        keep: keep(&file),
        kind: kind(&file),
        in_force: file.names("in_force", &Kind::State { register: id.to_owned() }),
        contract_clauses: clauses::read(files, &folder, scope.as_ref(), report),
        name: name.into_iter().map(|word| word.text).collect(),
        fields: heads.iter().filter_map(|head| fields::field(head, &of, schema, scope.as_ref())).collect(),
        columns: columns(&file, &fields_of),
        unique: unique(&file, &fields_of),
        back: Vec::new(),
        access: access(&file, id),
        lifecycle: lifecycle::lifecycle(&file, id, scope.as_ref()),
        deadlines: lifecycle::deadlines(&file, id, scope.as_ref()),
        sections,
        print,
        help,
        was: file.string("was"),
        site: title_site,
    };
    file.need("name");
    file.finish();
    Some(Read { register, heads: heads.into_iter().map(|head| head.shape).collect() })
}

fn menu(file: &Table<'_>) -> Option<String> {
    let pairs: Vec<_> = MENU.iter().map(|word| (*word, *word)).collect();
    file.one_of("menu", &pairs).map(str::to_owned)
}

fn kind(file: &Table<'_>) -> Option<RegisterKind> {
    file.one_of("kind", &RegisterKind::ALL.map(|kind| (kind.id(), kind)))
}

/// The template of a record's number; without `{seq}` two records would share one.
fn number(file: &Table<'_>) -> String {
    let Some(word) = file.need_word("number") else { return String::new() };
    let mut rest = word.text.as_str();
    let (mut right, mut counted) = (true, false);
    while let Some(open) = rest.find(['{', '}']) {
        let tail = rest.get(open..).unwrap_or_default();
        match ["{wareki}", "{fiscal_year}", "{seq}"].into_iter().find(|place| tail.starts_with(place)) {
            Some(place) => {
                counted |= place == "{seq}";
                rest = tail.get(place.len()..).unwrap_or_default();
            }
            None => {
                right = false;
                break;
            }
        }
    }
    if !right || !counted {
        file.report().add(
            Diagnostic::error(
                "number-template",
                word.site,
                format!("「{}」は番号の形として使えません", word.text),
                format!("'{}' cannot be the form of a number", word.text),
            )
            .expected(
                "{wareki} {fiscal_year} {seq} と文字。{seq} は必ず",
                "{wareki}, {fiscal_year}, {seq} and text; {seq} is needed",
            )
            .help("例: {wareki}年度持出第{seq}号", "for instance {wareki}年度持出第{seq}号"),
        );
    }
    word.text
}

fn keep(file: &Table<'_>) -> Keep {
    let Some(item) = file.need("keep") else { return Keep::Always };
    match item.str() {
        Some("常用") => Keep::InUse,
        Some("永年") => Keep::Always,
        Some(_) => item.period().map_or(Keep::Always, Keep::For),
        None => Keep::Always,
    }
}

fn unique(file: &Table<'_>, fields_of: &Kind) -> Vec<Vec<String>> {
    let sets = file.get("unique").map(|item| item.array()).unwrap_or_default();
    let mut all = Vec::new();
    for set in sets {
        let words = set.words();
        for word in &words {
            file.report().refer(fields_of.clone(), word.text.clone(), word.site.clone());
        }
        all.push(words.into_iter().map(|word| word.text).collect());
    }
    all
}

/// Columns of the list: fields, and what every record has.
fn columns(file: &Table<'_>, fields_of: &Kind) -> Vec<String> {
    let mut columns = Vec::new();
    for word in file.words("columns") {
        if !RECORD_FIELDS.contains(&word.text.as_str()) {
            file.report().refer(fields_of.clone(), word.text.clone(), word.site);
        }
        columns.push(word.text);
    }
    columns
}

fn access(file: &Table<'_>, register: &str) -> Access {
    let Some(table) = file.need("access").and_then(|item| item.table()) else { return Access::default() };
    for key in ["view", "create"] {
        table.need(key);
    }
    let access = Access {
        view: rules(&table, "view", register),
        create: rules(&table, "create", register),
        edit: rules(&table, "edit", register),
    };
    table.finish();
    access
}

fn rules(table: &Table<'_>, key: &'static str, register: &str) -> Vec<AccessRule> {
    let items = table.get(key).map(|item| item.items()).unwrap_or_default();
    let mut rules = Vec::new();
    for item in items {
        let (word, states) = if item.is_string() {
            (item.word(), Vec::new())
        } else {
            let Some(rule) = item.table() else { continue };
            let word = rule.need_word("who");
            let states = rule.names("in", &Kind::State { register: register.to_owned() });
            rule.finish();
            (word, states)
        };
        if let Some(who) = word.and_then(|word| term(table.report(), &word, Some(register))) {
            rules.push(AccessRule { who, states });
        }
    }
    rules
}

fn form(files: &Files<'_>, folder: &str, register: &str, report: &Report) -> (Vec<FormSection>, Option<Print>) {
    let Some(file) = files.table(&format!("{folder}/form.toml"), report, true) else { return (Vec::new(), None) };
    let fields_of = Kind::Field { register: register.to_owned() };
    let mut sections = Vec::new();
    for table in file.tables("section") {
        table.need("fields");
        sections.push(FormSection {
            title: table.need_text("title"),
            help: table.text("help"),
            fields: table.names("fields", &fields_of),
        });
        table.finish();
    }
    let print = file.table("print").map(|table| {
        let seals = table.get("seals").map(|item| item.array()).unwrap_or_default();
        let print = Print {
            title: table.need_text("title"),
            to: table.text("to"),
            seals: seals.iter().filter_map(super::item::Item::text).collect(),
        };
        table.finish();
        print
    });
    file.finish();
    (sections, print)
}

/// A duty folder's controls and sources have a register beside them, or speak of something else.
pub(super) fn is_folder_of_something(files: &Files<'_>, id: &str, report: &Report) {
    let has = |name: &str| files.table(&format!("duties/{id}/{name}"), report, true).is_some();
    if !has("register.toml") && !has("controls.toml") && !report.any_file_unread() {
        let site = super::files::at_start(&format!("duties/{id}/register.toml"));
        report.add(
            Diagnostic::error(
                "duty-empty",
                site,
                format!("「duties/{id}」に register.toml も controls.toml もありません"),
                format!("'duties/{id}' has neither register.toml nor controls.toml"),
            )
            .help("どちらかを置くか、フォルダーを消してください", "add one of them, or take the folder away")
            .names([id]),
        );
    }
}

/// Reports mistakes in computed fields, found when the schema was made.
pub(super) fn computed_mistakes(report: &Report, errors: Vec<crate::expr::ExprError>) {
    errors.into_iter().for_each(|error| expressions::add(report, error));
}
