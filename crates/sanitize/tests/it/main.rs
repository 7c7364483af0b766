//! What the engine promises, told through its public door.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

mod engine;
mod names;
mod policy;
mod tidy;
