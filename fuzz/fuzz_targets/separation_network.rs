//! Any bytes as `network.toml`: no panic; what is wrong has a place in the text; what is right can be judged.

#![no_main]

#[path = "separation/mod.rs"]
mod held;

use libfuzzer_sys::fuzz_target;
use separation::dialects::{Options, read_configurations};
use separation::judge::judge;
use separation::network::{Network, Placed, read};

const OPEN: &[u8] = b"table inet fw {\n chain forward {\n  type filter hook forward priority 0; policy accept;\n }\n}\n";

fuzz_target!(|text: &str| {
    let claims = held::claims();
    let (entries, problems) = read(text, &claims);
    let lines = u32::try_from(text.lines().count().max(1)).expect("a small text") + 1;
    for problem in &problems {
        assert!((1..=lines).contains(&problem.at.line) && problem.at.column >= 1, "{problem:?}");
    }
    if !problems.is_empty() || entries.len() > 8 {
        return;
    }
    let devices = entries.into_iter().map(|entry| {
        let configuration = read_configurations(&entry.name, vec![("fw".to_owned(), OPEN.to_vec())], &Options::default());
        Placed { configuration, interfaces: entry.interfaces, at: entry.at }
    });
    judge(&Network { devices: devices.collect(), connected: true }, &claims, held::ON);
});
