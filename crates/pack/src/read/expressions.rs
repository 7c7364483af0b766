//! Expressions of the pack's files, compiled where they stand.

use super::table::{Table, Word};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::{Expect, Expr, ExprError, Scope, Template, Type};
use crate::model::{Site, Text};
use crate::report::Report;

/// The expression under a key.
pub(super) fn expr(table: &Table<'_>, key: &'static str, scope: Option<&Scope<'_>>, expect: Expect) -> Option<Expr> {
    let word = table.get(key)?.expression()?;
    compile(table.report(), &word, scope?, expect)
}

/// A condition under a key: yes or no.
pub(super) fn condition(table: &Table<'_>, key: &'static str, scope: Option<&Scope<'_>>) -> Option<Expr> {
    expr(table, key, scope, Expect::exactly(Type::Bool))
}

pub(super) fn compile(report: &Report, word: &Word, scope: &Scope<'_>, expect: Expect) -> Option<Expr> {
    match Expr::compile(&word.text, &word.site, scope, expect) {
        Ok(expr) => Some(expr),
        Err(errors) => {
            errors.into_iter().for_each(|error| add(report, error));
            None
        }
    }
}

/// A sentence with places for values.
pub(super) fn template(report: &Report, text: &Text, site: &Site, scope: Option<&Scope<'_>>) -> Template {
    let Some(scope) = scope else { return Template::default() };
    Template::compile(text, site, scope).unwrap_or_else(|errors| {
        errors.into_iter().for_each(|error| add(report, error));
        Template::default()
    })
}

/// Reports a mistake in an expression.
pub(super) fn add(report: &Report, error: ExprError) {
    let ExprError { code, site, message, expected, help, names, .. } = error;
    report.add(Diagnostic { severity: Severity::Error, code, site, message, expected, help, names });
}
