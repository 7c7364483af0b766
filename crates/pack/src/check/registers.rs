//! Registers: access, forms, reverse lists.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::expr::{PERSON_FIELDS, RECORD_FIELDS, UNIT_FIELDS};
use crate::model::{BackReference, Field, FieldType, Pack, Register, Site, Term};
use crate::report::Report;

pub(super) fn check(pack: &Pack, report: &Report) {
    for register in &pack.registers {
        access(register, report);
        form(register, report);
        let taken = register.fields.iter().map(|field| field.id.as_str()).chain(RECORD_FIELDS.iter().copied());
        lists(pack, &register.back, taken, report);
        persons(register, report);
    }
    lists(pack, &pack.people_back, PERSON_FIELDS.iter().copied(), report);
    lists(pack, &pack.units_back, UNIT_FIELDS.iter().copied(), report);
}

fn access(register: &Register, report: &Report) {
    for (what, rules) in [("view", &register.access.view), ("create", &register.access.create)] {
        if rules.is_empty() {
            report.add(
                Diagnostic::error(
                    "access-empty",
                    register.site.clone(),
                    format!("台帳「{}」の {what} に誰も書かれていません", register.id),
                    format!("nobody is named under `{what}` of '{}'", register.id),
                )
                .expected(format!("{what} = [\"staff@unit\"] など"), format!("{what} = [\"staff@unit\"] or the like"))
                .help("[access] に書き足してください", "add it under [access]")
                .names([register.id.as_str()]),
            );
        }
    }
    let meaningless = register.access.create.iter().any(|rule| !matches!(rule.who, Term::Role { .. }));
    if meaningless {
        report.add(
            Diagnostic::error(
                "access-create-term",
                register.site.clone(),
                format!("台帳「{}」の create は、まだ記録がないので役割でしか書けません", register.id),
                format!("`create` of '{}' takes roles only: there is no record yet", register.id),
            )
            .expected("ROLE@unit, ROLE@all", "ROLE@unit, ROLE@all")
            .help("役割に改めてください", "name a role")
            .names([register.id.as_str()]),
        );
    }
}

/// `person:FIELD` names a field that holds persons.
fn persons(register: &Register, report: &Report) {
    fn holds_person(field: &Field) -> bool {
        match &field.ty {
            FieldType::Person => true,
            FieldType::List(of) => matches!(**of, FieldType::Person),
            _ => false,
        }
    }
    let access = &register.access;
    let rules = access.view.iter().chain(&access.create).chain(&access.edit).map(|rule| &rule.who);
    let steps = |t: &crate::model::Transition| -> Vec<Term> {
        let route = t.route.iter().flat_map(|route| &route.steps).flat_map(|step| &step.by);
        t.by.iter().chain(t.need.iter().map(|need| &need.by)).chain(route).cloned().collect()
    };
    let transitions = register.lifecycle.transitions.iter().flat_map(steps);
    let told = register.deadlines.iter().flat_map(|deadline| &deadline.tell);
    let terms: Vec<Term> = rules.chain(told).cloned().chain(transitions).collect();
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for term in &terms {
        let Term::Person(id) = term else { continue };
        if let Some(field) = register.field(id)
            && !holds_person(field)
            && said.insert(id)
        {
            report.add(
                Diagnostic::error(
                    "field-not-person",
                    field.site.clone(),
                    format!("person:{id} と書かれていますが、「{}.{id}」は職員の項目ではありません", register.id),
                    format!("person:{id} is used, and '{}.{id}' holds no person", register.id),
                )
                .expected("type = \"person\" か \"[person]\"", "type = \"person\" or \"[person]\"")
                .help("項目の型を改めるか、別の項目を指してください", "change its type, or name another field")
                .names([register.id.as_str(), id]),
            );
        }
    }
}

fn form(register: &Register, report: &Report) {
    if register.help.ja.is_empty() {
        report.add(
            Diagnostic::warning(
                "help-missing",
                register.site.clone(),
                format!("台帳「{}」に help.md がありません", register.id),
                format!("the register '{}' has no help.md", register.id),
            )
            .help("職員向けの説明を書いてください", "write help for staff")
            .names([register.id.as_str()]),
        );
    }
    if register.sections.is_empty() {
        return;
    }
    for field in register.fields.iter().filter(|field| !field.retired && !matches!(field.ty, FieldType::Computed(_))) {
        let times = register.sections.iter().flat_map(|section| &section.fields).filter(|id| **id == field.id).count();
        let diagnostic = match times {
            1 => continue,
            0 => Diagnostic::warning(
                "field-in-no-section",
                field.site.clone(),
                format!("項目「{}.{}」は様式のどの欄にもありません", register.id, field.id),
                format!("the field '{}.{}' stands in no section of the form", register.id, field.id),
            )
            .help(
                "form.toml の欄に加えてください（最後にまとめて表示されます）",
                "add it to a section; it stands last for now",
            ),
            _ => Diagnostic::error(
                "field-in-two-sections",
                field.site.clone(),
                format!("項目「{}.{}」が様式に二度出てきます", register.id, field.id),
                format!("the field '{}.{}' stands in the form twice", register.id, field.id),
            )
            .help("一つの欄だけにしてください", "keep it in one section"),
        };
        report.add(diagnostic.names([register.id.as_str(), field.id.as_str()]));
    }
}

/// Reverse lists have names of their own.
fn lists<'a>(pack: &Pack, back: &'a [BackReference], taken: impl Iterator<Item = &'a str>, report: &Report) {
    let mut taken: BTreeSet<&str> = taken.collect();
    for list in back {
        if taken.insert(&list.name) {
            continue;
        }
        let field = pack.register(&list.register).and_then(|register| register.field(&list.field));
        let site = field.map_or_else(Site::default, |field| field.site.clone());
        report.add(
            Diagnostic::error(
                "back-taken",
                site,
                format!("「{}.{}」の back = \"{}\" は、もう使われている名です", list.register, list.field, list.name),
                format!("the name '{}' in `back` of '{}.{}' is taken", list.name, list.register, list.field),
            )
            .help("別の名にしてください", "choose another name")
            .names([list.register.as_str(), list.field.as_str(), list.name.as_str()]),
        );
    }
}
