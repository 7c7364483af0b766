//! classes.toml: the three axes, acts, and the handling matrix.

use super::ids::{Seen, Style};
use super::table::Table;
use crate::diagnostic::Diagnostic;
use crate::model::{Act, Axis, Class, Classes, HandlingRule, Permission};
use crate::report::Kind;

pub(super) fn read(file: &Table<'_>) -> Classes {
    let acts = acts(file);
    let classes = Classes {
        confidentiality: axis(file, Axis::Confidentiality),
        integrity: axis(file, Axis::Integrity),
        availability: axis(file, Axis::Availability),
        acts,
        handling: file.tables("handling").iter().flat_map(handling).collect(),
    };
    file.finish();
    classes
}

fn axis(file: &Table<'_>, axis: Axis) -> Vec<Class> {
    let mut seen = Seen::default();
    let tables = file.tables(axis.id());
    if tables.is_empty() {
        file.need(axis.id());
    }
    let mut classes = Vec::new();
    for table in &tables {
        let id = seen.id(table, Style::Class);
        let name = table.need_text("name");
        let meaning = table.need_text("meaning");
        let was = table.string("was");
        table.finish();
        if let Some(id) = id {
            classes.push(Class { id: id.text, name, meaning, was, site: id.site });
        }
    }
    classes
}

fn acts(file: &Table<'_>) -> Vec<Act> {
    let mut seen = Seen::default();
    let mut acts = Vec::new();
    for table in &file.tables("act") {
        let id = seen.id(table, Style::Underscores);
        let name = table.need_text("name");
        table.finish();
        if let Some(id) = id {
            acts.push(Act { id: id.text, name, site: id.site });
        }
    }
    acts
}

fn handling(table: &Table<'_>) -> Vec<HandlingRule> {
    let act = table.need_name("act", &Kind::Act).unwrap_or_default();
    let classes = table.need_words("class");
    let permission = permission(table).unwrap_or(Permission::Never);
    let says = table.need_text("says");
    table.finish();
    let mut rules = Vec::new();
    for class in classes {
        table.report().refer(Kind::Class, class.text.clone(), class.site.clone());
        rules.push(HandlingRule {
            act: act.clone(),
            class: class.text,
            permission: permission.clone(),
            says: says.clone(),
            site: class.site,
        });
    }
    rules
}

fn permission(table: &Table<'_>) -> Option<Permission> {
    let word = table.need_word("permission")?;
    Some(match word.text.as_str() {
        "free" => Permission::Free,
        "record" => Permission::Record,
        "never" => Permission::Never,
        other => {
            let Some(role) = other.strip_prefix("by:") else {
                table.report().add(
                    Diagnostic::error(
                        "value-invalid",
                        word.site,
                        format!("「permission」に「{other}」とは書けません"),
                        format!("'{other}' cannot stand under 'permission'"),
                    )
                    .expected("free, record, by:ROLE, never", "free, record, by:ROLE, never")
                    .help("役割の許可なら by:ROLE と書いてください", "for leave of a role write by:ROLE"),
                );
                return None;
            };
            table.report().refer(Kind::Role, role, word.site);
            Permission::By(role.to_owned())
        }
    })
}
