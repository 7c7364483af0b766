//! organisation.toml: roles, forbidden pairs, categories of staff.

use super::ids::{Seen, Style};
use super::table::Table;
use crate::diagnostic::Diagnostic;
use crate::model::{ForbiddenPair, Role, RoleLevel, StaffCategory};
use crate::report::Kind;

const LEVELS: &[(&str, RoleLevel)] = &[
    ("municipality", RoleLevel::Municipality),
    ("bureau", RoleLevel::Bureau),
    ("section", RoleLevel::Section),
    ("system", RoleLevel::System),
    ("person", RoleLevel::Person),
];

pub(super) struct Organisation {
    pub(super) roles: Vec<Role>,
    pub(super) pairs: Vec<ForbiddenPair>,
    pub(super) categories: Vec<StaffCategory>,
}

pub(super) fn read(file: &Table<'_>) -> Organisation {
    let mut seen = Seen::default();
    let categories: Vec<_> =
        file.tables("staff_category").iter().filter_map(|table| category(table, &mut seen)).collect();
    let usual: Vec<_> = categories.iter().filter(|c| c.in_scope && !c.external).map(|c| c.id.clone()).collect();
    let mut seen = Seen::default();
    let roles = file.tables("role").iter().filter_map(|table| role(table, &mut seen, &usual)).collect();
    let pairs = file.tables("forbidden_pair").iter().filter_map(pair).collect();
    file.finish();
    Organisation { roles, pairs, categories }
}

fn role(table: &Table<'_>, seen: &mut Seen, usual: &[String]) -> Option<Role> {
    let id = seen.id(table, Style::Underscores);
    let implied = table.flag("implied", false);
    let has_holders = table.get("holders").is_some();
    let holders = table.names("holders", &Kind::Category);
    let role = Role {
        name: table.need_text("name"),
        short: table.text("short"),
        level: table.need_one_of("level", LEVELS).unwrap_or(RoleLevel::Person),
        most: table.count("most"),
        second_factor: table.flag("second_factor", !implied),
        rank: table.count("rank").unwrap_or(0),
        substitutes: table.names("substitutes", &Kind::Role),
        implied,
        holders: if has_holders { holders } else { usual.to_vec() },
        was: table.string("was"),
        site: id.as_ref().map_or_else(|| table.site.clone(), |id| id.site.clone()),
        id: id.as_ref().map(|id| id.text.clone()).unwrap_or_default(),
    };
    table.finish();
    id.map(|_| role)
}

fn pair(table: &Table<'_>) -> Option<ForbiddenPair> {
    let words = table.need_words("roles");
    let why = table.need_text("why");
    table.finish();
    for word in &words {
        table.report().refer(Kind::Role, word.text.clone(), word.site.clone());
    }
    let [first, second] = words.as_slice() else {
        table.report().add(
            Diagnostic::error(
                "value-invalid",
                table.site.clone(),
                "兼務の禁止は二つの役割の組です",
                "a forbidden pair is two roles",
            )
            .expected("roles = [\"…\", \"…\"]", "roles = [\"…\", \"…\"]")
            .help("役割を二つ書いてください", "write two roles"),
        );
        return None;
    };
    Some(ForbiddenPair { roles: [first.text.clone(), second.text.clone()], why, site: first.site.clone() })
}

fn category(table: &Table<'_>, seen: &mut Seen) -> Option<StaffCategory> {
    let id = seen.id(table, Style::Underscores);
    let name = table.need_text("name");
    let in_scope = table.flag("in_scope", true);
    let external = table.flag("external", false);
    table.finish();
    let id = id?;
    Some(StaffCategory { id: id.text, name, in_scope, external, site: id.site })
}
