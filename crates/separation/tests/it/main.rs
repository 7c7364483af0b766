//! Behaviour of the separation verifier.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod city;
mod dialects;
mod iptables;
mod rectangles;
mod verdicts;
