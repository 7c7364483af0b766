//! What a new version would lose beside the registers: merged ids, kinds of people, bodies.

use super::{Recorded, gone, top};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{Pack, Site};

pub(super) fn check(old: &Pack, new: &Pack, recorded: &Recorded, found: &mut Vec<Diagnostic>) {
    for register in &new.registers {
        let both = |was: &String| uses(recorded, was) > 0 && uses(recorded, &register.id) > 0;
        if let Some(was) = register.was.as_ref().filter(|was| both(was)) {
            found.push(merged(&register.site, ("台帳", "register"), was, &register.id));
        }
        let before = old.register(register.was.as_deref().unwrap_or(&register.id));
        let recorded = before.and_then(|before| recorded.registers.get(&before.id));
        for field in &register.fields {
            let filled = |id: &String| recorded.and_then(|r| r.fields.get(id)).is_some_and(|field| field.filled > 0);
            if let Some(was) = field.was.as_ref().filter(|was| filled(was) && filled(&field.id)) {
                found.push(merged(&field.site, ("項目", "field"), was, &field.id));
            }
        }
    }
    for control in &new.controls {
        let both = |was: &String| old.control(was).is_some() && old.control(&control.id).is_some();
        if let Some(was) = control.was.as_ref().filter(|was| both(was)) {
            found.push(merged(&control.site, ("遵守項目", "control"), was, &control.id));
        }
    }
    for (id, count) in recorded.categories.iter().filter(|(_, count)| **count > 0) {
        if !new.staff_categories.iter().any(|category| category.id == *id) {
            found.push(unnamed(
                "against-category-gone",
                ("職員区分", "staff category"),
                id,
                *count,
                "organisation.toml",
            ));
        }
    }
    for (id, count) in recorded.bodies.iter().filter(|(_, count)| **count > 0) {
        if !new.bodies.iter().any(|body| body.id == *id) {
            found.push(unnamed("against-body-gone", ("執行機関等", "body"), id, *count, "pack.toml"));
        }
    }
}

fn uses(recorded: &Recorded, register: &str) -> usize {
    recorded.registers.get(register).map_or(0, |uses| uses.records)
}

/// Two ids with a history of their own become one: nothing could tell them apart again.
fn merged(site: &Site, what: (&str, &str), was: &str, id: &str) -> Diagnostic {
    Diagnostic::error(
        "against-merged",
        site.clone(),
        format!("{}「{was}」と「{id}」は、どちらにも記録があるため一つにまとめられません", what.0),
        format!("the {}s '{was}' and '{id}' both have a history and cannot become one", what.1),
    )
    .expected("まだ使われていない id", "an id that is not in use")
    .help("新しい id を付けるか、どちらかを廃止してください", "choose a new id, or retire one of them")
    .names([was, id])
}

/// A kind of people or a body is gone while the store still names it. A warning: nothing recorded becomes unreadable, but
/// those people and units are under no rule of the new version.
fn unnamed(code: &'static str, what: (&str, &str), id: &str, count: usize, file: &str) -> Diagnostic {
    let mut said =
        gone(code, top(), what, id, count, &format!("{file} に残した「{id}」"), &format!("'{id}' kept in {file}"));
    said.severity = Severity::Warning;
    said
}
