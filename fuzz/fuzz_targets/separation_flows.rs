//! Any bytes as logs: no panic, and every line is understood, counted as unread, or blank.

#![no_main]

#[path = "separation/mod.rs"]
mod held;

use libfuzzer_sys::fuzz_target;
use separation::flows::judge_logs;

fuzz_target!(|text: &str| {
    let claims = held::claims();
    let report = judge_logs(&claims, [("log", text)], held::ON.on);
    let told = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).count();
    assert_eq!(report.understood + report.unread, told as u64);
    assert_eq!(report.seen_flows.len() + report.never_seen.len(), claims.flows.len());
});
