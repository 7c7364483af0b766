//! Terms: who, relative to a record.

use super::table::{Table, Word};
use crate::diagnostic::Diagnostic;
use crate::model::{Term, TermScope};
use crate::report::{Kind, Report};

/// Reads a term. `register` is where `person:FIELD` looks; without one, such a term means nothing.
pub(super) fn term(report: &Report, word: &Word, register: Option<&str>) -> Option<Term> {
    let text = word.text.as_str();
    if let ("applicant", Some(_)) = (text, register) {
        return Some(Term::Applicant);
    }
    if let ("assigned", Some(_)) = (text, register) {
        return Some(Term::Assigned);
    }
    if let (Some(field), Some(register)) = (text.strip_prefix("person:"), register) {
        report.refer(Kind::Field { register: register.to_owned() }, field, word.site.clone());
        return Some(Term::Person(field.to_owned()));
    }
    if let Some((role, place)) = text.split_once('@') {
        let scope = match place {
            "unit" => Some(TermScope::Unit),
            "all" => Some(TermScope::All),
            _ => None,
        };
        if let Some(scope) = scope {
            report.refer(Kind::Role, role, word.site.clone());
            return Some(Term::Role { role: role.to_owned(), scope });
        }
    }
    let (ja, en) = if register.is_some() {
        (
            "applicant, person:項目, ROLE@unit, ROLE@all, assigned",
            "applicant, person:FIELD, ROLE@unit, ROLE@all, assigned",
        )
    } else {
        ("ROLE@unit, ROLE@all", "ROLE@unit, ROLE@all")
    };
    report.add(
        Diagnostic::error(
            "term-invalid",
            word.site.clone(),
            format!("「{text}」では誰のことか決まりません"),
            format!("'{text}' does not say who"),
        )
        .expected(ja, en)
        .help("上のいずれかの形で書いてください", "write it in one of these forms")
        .names([text]),
    );
    None
}

/// Terms under a key; a single one counts as a list of one.
pub(super) fn terms(table: &Table<'_>, key: &'static str, register: Option<&str>) -> Vec<Term> {
    table.words(key).iter().filter_map(|word| term(table.report(), word, register)).collect()
}
