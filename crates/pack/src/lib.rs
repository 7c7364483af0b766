//! Reads and checks a policy pack: text in, a [`Pack`] or diagnostics out. Pure.
//!
//! A pack is a municipality's policy as data: documents, roles, classes, zones, registers with lifecycles, controls. The
//! [`model`] is what everyone else works with; a value of it exists only when the pack was read and checked without error.

pub mod expr;
pub mod model;

pub use model::Pack;
