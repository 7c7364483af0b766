//! What the engine promises, told through its public door.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a panic is a failed test")]

mod archives;
mod build;
mod engine;
mod images;
mod names;
mod nasty;
mod nasty_office;
mod nasty_zip;
mod pdf;
mod policy;
mod random;
mod text;
mod tidy;
