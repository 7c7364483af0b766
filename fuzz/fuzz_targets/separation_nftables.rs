//! Any bytes as a configuration of the dialect `nftables`.

#![no_main]

#[path = "separation/mod.rs"]
mod held;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| held::configuration("nftables", bytes));
