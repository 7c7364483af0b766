//! Names that have to exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::model::{Pack, Site};
use crate::report::{Kind, Report};
use crate::suggest;

/// Reports a name that does not exist. `what` is its kind in Japanese and English.
pub(crate) fn unknown<'a>(
    report: &Report,
    what: (&str, &str),
    code: &'static str,
    id: &str,
    site: &Site,
    known: impl Iterator<Item = &'a str>,
) {
    let known: BTreeSet<&str> = known.collect();
    let list = suggest::line(known.iter().copied());
    let diagnostic = Diagnostic::error(
        code,
        site.clone(),
        format!("{}「{id}」はありません", what.0),
        format!("there is no {} '{id}'", what.1),
    )
    .expected(list.clone(), list)
    .names([id]);
    report.add(match suggest::nearest(id, known) {
        Some(near) => diagnostic.help(format!("「{near}」ではありませんか"), format!("did you mean '{near}'?")),
        None => diagnostic
            .help("綴りを確かめるか、足りないものを書き足してください", "see its spelling, or add what is missing"),
    });
}

/// Words and code of a kind.
fn words(kind: &Kind) -> ((&'static str, &'static str), &'static str) {
    match kind {
        Kind::Act => (("取扱い", "act"), "act-unknown"),
        Kind::Body => (("機関", "body"), "body-unknown"),
        Kind::Category => (("職員区分", "category of staff"), "category-unknown"),
        Kind::Class => (("機密性の分類", "class of confidentiality"), "class-unknown"),
        Kind::Clause => (("条項", "clause"), "clause-unknown"),
        Kind::Field { .. } => (("項目", "field"), "field-unknown"),
        Kind::Obligation => (("義務", "obligation"), "obligation-unknown"),
        Kind::Register => (("台帳", "register"), "register-unknown"),
        Kind::Role => (("役割", "role"), "role-unknown"),
        Kind::Source => (("データ源", "data source"), "source-unknown"),
        Kind::State { .. } => (("状態", "state"), "state-unknown"),
        Kind::Threat => (("脅威", "threat"), "threat-unknown"),
        Kind::Zone => (("領域", "zone"), "zone-unknown"),
    }
}

fn known(pack: &Pack, kind: &Kind) -> BTreeSet<String> {
    fn ids<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
        ids.cloned().collect()
    }
    match kind {
        Kind::Act => ids(pack.classes.acts.iter().map(|act| &act.id)),
        Kind::Body => ids(pack.bodies.iter().map(|body| &body.id)),
        Kind::Category => ids(pack.staff_categories.iter().map(|category| &category.id)),
        Kind::Class => ids(pack.classes.confidentiality.iter().map(|class| &class.id)),
        Kind::Clause => pack.documents.iter().flat_map(|d| &d.clauses).map(|clause| clause.id.to_string()).collect(),
        Kind::Field { register } => match pack.register(register) {
            Some(register) => ids(register.fields.iter().map(|field| &field.id)),
            None => BTreeSet::new(),
        },
        Kind::Obligation => ids(pack.obligations.iter().map(|obligation| &obligation.id)),
        Kind::Register => ids(pack.registers.iter().map(|register| &register.id)),
        Kind::Role => ids(pack.roles.iter().map(|role| &role.id)),
        Kind::Source => ids(pack.sources.iter().map(|source| &source.id)),
        Kind::State { register } => match pack.register(register) {
            Some(register) => ids(register.lifecycle.states.iter().map(|state| &state.id)),
            None => BTreeSet::new(),
        },
        Kind::Threat => ids(pack.threat_groups.iter().flat_map(|group| &group.threats).map(|threat| &threat.id)),
        Kind::Zone => ids(pack.zones.iter().map(|zone| &zone.id)),
    }
}

/// Every name noted while reading exists.
pub(super) fn check(pack: &Pack, report: &Report) {
    let references = report.references();
    let mut sets: BTreeMap<&Kind, BTreeSet<String>> = BTreeMap::new();
    for reference in references.iter() {
        let set = sets.entry(&reference.kind).or_insert_with(|| known(pack, &reference.kind));
        if set.contains(&reference.id) {
            continue;
        }
        let (what, code) = words(&reference.kind);
        unknown(report, what, code, &reference.id, &reference.site, set.iter().map(String::as_str));
    }
}
