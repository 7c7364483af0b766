//! What goes out comes in again: every register of the shipped pack, in every form, into another store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod city;
mod imports;
mod registers;
mod sources;
