//! The behaviour of the pack crate.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in what it shares")]

mod against;
mod base;
mod check;
mod expr;
mod publish;
mod versions;
