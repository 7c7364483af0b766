//! The behaviour of the pack crate.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, also in what it shares"
)]

mod against;
mod base;
mod check;
mod codes;
mod deletions;
mod expr;
mod publish;
mod versions;
