//! Typed expressions: CEL syntax, checked against the pack, compiled to a small tree of our own.

use crate::model::Site;

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// As the pack writes it.
    pub source: String,
    /// Where it stands.
    pub site: Site,
}
