//! Behaviour of the separation verifier.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it shares"
)]

mod aerleon;
mod behaviour;
mod city;
mod commands;
mod compiled;
mod dialects;
mod firewalls;
mod flows;
mod forms;
mod garbage;
mod iptables;
mod kernel;
mod networks;
mod pages;
mod planted;
mod properties;
mod rectangles;
mod samples;
mod verdicts;
