//! How the console behaves towards those who use it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod api;
mod audits;
mod city;
mod compliance;
mod contract_rules;
mod contracts;
mod documents;
mod evidence;
mod frame;
mod home;
mod journal;
mod kinds;
mod notices;
mod oversight;
mod paper;
mod passkey;
mod questionnaires;
mod refusals;
mod registers;
mod reports;
mod routes;
mod settings;
mod signin;
mod tables_of;
mod walk;
