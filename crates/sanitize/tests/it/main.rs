//! What the engine promises, told through its public door.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a panic is a failed test")]

mod engine;
mod images;
mod names;
mod policy;
mod tidy;
