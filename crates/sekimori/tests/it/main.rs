//! Integration tests of the binary, and of the repository as a whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod browser;
mod command_line;
mod database_tls;
mod demo;
mod evidence;
mod generated;
mod in_and_out;
mod ledger;
mod pack;
mod sanitize;
mod sanitize_memory;
mod sanitize_sandbox;
mod separation;
mod separation_bad_input;
mod sodegaura;
mod story;
mod tidy;
