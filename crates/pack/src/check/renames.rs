//! `was` and `retired`: an old id is gone, and taken over once.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::{Axis, FieldType, Pack, Site};
use crate::report::Report;

/// An id, the id it had before, and where it stands.
type Named<'a> = (&'a str, Option<&'a str>, &'a Site);

pub(super) fn check(pack: &Pack, report: &Report) {
    let retired = &pack.retired;
    let registers: Vec<Named<'_>> = pack.registers.iter().map(|r| (r.id.as_str(), r.was.as_deref(), &r.site)).collect();
    set(report, &registers, &words(&retired.registers));
    let roles: Vec<Named<'_>> = pack.roles.iter().map(|r| (r.id.as_str(), r.was.as_deref(), &r.site)).collect();
    let gone: Vec<_> = retired.roles.iter().map(|(id, _)| id.as_str()).collect();
    set(report, &roles, &gone);
    let controls: Vec<Named<'_>> = pack.controls.iter().map(|c| (c.id.as_str(), c.was.as_deref(), &c.site)).collect();
    set(report, &controls, &words(&retired.controls));
    for axis in [Axis::Confidentiality, Axis::Integrity, Axis::Availability] {
        let classes: Vec<Named<'_>> =
            pack.classes.of(axis).iter().map(|c| (c.id.as_str(), c.was.as_deref(), &c.site)).collect();
        let gone: Vec<_> =
            retired.classes.iter().filter(|(of, ..)| *of == axis).map(|(_, id, _)| id.as_str()).collect();
        set(report, &classes, &gone);
    }
    for document in &pack.documents {
        let clauses: Vec<Named<'_>> =
            document.clauses.iter().map(|c| (c.id.slug.as_str(), c.was.as_deref(), &c.site)).collect();
        let gone: Vec<_> =
            retired.clauses.iter().filter(|id| id.document == document.id).map(|id| id.slug.as_str()).collect();
        set(report, &clauses, &gone);
    }
    for register in &pack.registers {
        let fields: Vec<Named<'_>> =
            register.fields.iter().map(|f| (f.id.as_str(), f.was.as_deref(), &f.site)).collect();
        set(report, &fields, &[]);
        let states: Vec<Named<'_>> =
            register.lifecycle.states.iter().map(|s| (s.id.as_str(), s.was.as_deref(), &s.site)).collect();
        let gone: Vec<_> = register.lifecycle.retired.iter().map(|(id, _)| id.as_str()).collect();
        set(report, &states, &gone);
        for field in &register.fields {
            if let FieldType::Choice(choices) = &field.ty {
                let choices: Vec<Named<'_>> =
                    choices.iter().map(|c| (c.id.as_str(), c.was.as_deref(), &c.site)).collect();
                set(report, &choices, &[]);
            }
        }
    }
}

fn words(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn set(report: &Report, named: &[Named<'_>], retired: &[&str]) {
    let ids: BTreeSet<&str> = named.iter().map(|(id, ..)| *id).collect();
    let mut old: BTreeSet<&str> = BTreeSet::new();
    for (id, was, site) in named {
        if retired.contains(id) {
            add(
                report,
                site,
                "retired-still-there",
                (
                    format!("「{id}」は廃止とされていますが、まだあります"),
                    format!("'{id}' is listed as gone, and is there"),
                ),
                [id, id],
            );
        }
        let Some(was) = was else { continue };
        if ids.contains(was) {
            add(
                report,
                site,
                "was-still-there",
                (
                    format!("「{id}」の元の名「{was}」がまだ使われています"),
                    format!("'{was}', which '{id}' was, is still there"),
                ),
                [id, was],
            );
        } else if retired.contains(was) || !old.insert(was) {
            add(
                report,
                site,
                "was-twice",
                (
                    format!("「{was}」を引き継ぐものが二つあります（「{id}」）"),
                    format!("'{was}' is taken over twice ('{id}')"),
                ),
                [id, was],
            );
        }
    }
}

fn add(report: &Report, site: &Site, code: &'static str, says: (String, String), names: [&str; 2]) {
    report.add(
        Diagnostic::error(code, site.clone(), says.0, says.1)
            .help("was か retired のどちらかを改めてください", "change `was` or `retired`")
            .names(BTreeSet::from(names)),
    );
}
