//! What the engine promises, told through its public door.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a panic is a failed test")]

mod archives;
mod build;
mod encrypted;
mod engine;
mod images;
mod names;
mod nasty;
mod nasty_odf;
mod nasty_office;
mod nasty_zip;
mod odf;
mod pdf;
mod policy;
mod random;
mod rtf;
mod text;
mod tidy;
