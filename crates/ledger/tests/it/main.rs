//! What the ledger does, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod audits;
mod building;
mod city;
mod concurrency;
mod contract_account;
mod contracts;
mod decisions;
mod engines;
mod incidents;
mod journal;
mod kill;
mod packs;
mod paper;
mod people;
mod records;
mod reorganisation;
mod retention;
mod tampering;
mod visibility;
