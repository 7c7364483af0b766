//! Typed expressions: CEL syntax, checked against the pack, compiled to a small tree of our own.
//!
//! 1. The reader builds a [`Schema`] from the registers, data sources, roles, classes and zones that it has read.
//! 2. [`Expr::compile`] parses a text, checks it in a [`Scope`] (which variable it may speak of) and compiles it. Unknown
//!    names, wrong types, classes compared with `<`, and optional fields without `has()` are errors, all of them reported.
//! 3. [`Expr::test`] and [`Expr::eval`] ask a [`World`] for the fields that they come to. What cannot be known makes the
//!    result unknown with a reason, unless the rest decides it (Kleene's three-valued logic).
//! 4. [`Expr::reads`] lists every field that can change the result, for incremental evaluation.
//!
//! # The language
//!
//! | | |
//! |---|---|
//! | variables | `record` (of a register), `fact`, `person`, `unit`, `post`, `city`; `today` |
//! | operators | `&& \|\| ! == != < <= > >= + - * / % ?: in` and lists `['a', 'b']` |
//! | days | `today - days(365)`, `record.made_on + months(6)`, `today - record.made_on > days(30)`, `'2026-04-01'` |
//! | fiscal year | `fiscal_year(day)` is a number, `fiscal_year_start(day)` or `fiscal_year_start(2026)` its 1 April |
//! | working days | `workdays_between(from, to)` counts the days after `from` up to and including `to` |
//! | classes | `at_least(record.confidentiality, '2')` |
//! | optional fields | `has(record.medium) && record.medium.kind == 'usb'` |
//! | lists | `list.exists(x, …)`, `list.all(x, …)`, `list.filter(x, …)`, `size(list)`, `list.latest(x, x.made_on)` |
//!
//! `list.latest(x, day)` is the element with the latest day (the first of equals; elements without that day are passed
//! over). It is empty for an empty list, and so needs `has()`.
//!
//! Paths follow at most [`MAX_HOPS`] references: `record.asset.unit.name` follows two.

mod builtin;
mod check;
mod computed;
mod day;
mod error;
mod eval;
mod reads;
mod schema;
mod shape;
mod syntax;
mod template;
mod tree;
mod ty;
mod value;
mod words;
mod workdays;

pub use day::{Day, NotADay};
pub use error::ExprError;
pub use reads::{Hop, Read};
pub use schema::{Schema, Scope};
pub use shape::{
    CITY_FIELDS, FieldShape, Named, PERSON_FIELDS, POST_FIELDS, RECORD_FIELDS, RegisterShape, SchemaParts, ShapeType,
    UNIT_FIELDS, kind_fields,
};
pub use template::Template;
pub use ty::{Choices, Expect, Type};
pub use value::{Env, Outcome, Subject, Unknown, Value, World};
pub use workdays::Workdays;

use std::sync::Arc;

use crate::model::Site;
use check::Failure;
use eval::Evaluation;
use tree::Compiled;

/// References that a path may follow.
pub const MAX_HOPS: usize = 2;

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// As the pack writes it.
    pub source: String,
    /// Where it stands.
    pub site: Site,
    compiled: Arc<Compiled>,
}

impl Expr {
    /// Checks and compiles an expression.
    ///
    /// `site` is where the text stands in its file, with or without its TOML quotes. All mistakes are reported. The list
    /// is empty when the only trouble is a computed field whose own mistake [`Schema::new`] has reported.
    pub fn compile(
        text: &str,
        site: &Site,
        scope: &Scope<'_>,
        expected: impl Into<Expect>,
    ) -> Result<Self, Vec<ExprError>> {
        check::compile(text, site, scope, &expected.into()).map_err(|failure| match failure {
            Failure::Mistakes(mistakes) => mistakes,
            Failure::Waits(..) => Vec::new(),
        })
    }

    /// The type of its value.
    pub fn ty(&self) -> &Type {
        &self.compiled.ty
    }

    /// Whether its value may be [`Value::Absent`].
    pub fn is_optional(&self) -> bool {
        self.compiled.optional
    }

    /// Whether it holds, for an expression of type [`Type::Bool`].
    pub fn test(&self, env: &Env<'_>) -> Outcome {
        match Evaluation::new(env).truth(&self.compiled.node) {
            Ok(truth) => truth.into(),
            Err(unknown) => Outcome::Unknown(unknown),
        }
    }

    /// Its value. [`Value::Absent`] only where [`Expr::is_optional`]; a number of days or months is a [`Value::Int`].
    pub fn eval(&self, env: &Env<'_>) -> Result<Value, Unknown> {
        match Evaluation::new(env).value(&self.compiled.node)? {
            Value::Absent if !self.compiled.optional => Err(eval::empty(&self.compiled.node)),
            value => Ok(value),
        }
    }

    /// Every field that can change the result, each once, with the way to it from the subject. Built-in fields that
    /// follow from others (`name` of a record) are named as they are.
    pub fn reads(&self) -> &[Read] {
        &self.compiled.reads
    }

    /// Whether the result can change with the day alone.
    pub fn reads_today(&self) -> bool {
        self.compiled.reads_today
    }
}
