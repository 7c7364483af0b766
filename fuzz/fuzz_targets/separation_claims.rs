//! Any bytes as `claims.toml`: no panic; what is wrong has a place in the text; what is right can be judged and compiled.

#![no_main]

#[path = "separation/mod.rs"]
mod held;

use libfuzzer_sys::fuzz_target;
use separation::claims::Claims;
use separation::compile::nftables;
use separation::dialects::{Options, read_configurations};
use separation::judge::{Verdict, judge};
use separation::network::Network;

const SHUT: &[u8] = b"table inet fw {\n chain forward {\n  type filter hook forward priority 0; policy drop;\n }\n}\n";

fuzz_target!(|text: &str| {
    let (claims, problems) = Claims::read(text);
    let lines = u32::try_from(text.lines().count().max(1)).expect("a small text") + 1;
    for problem in &problems {
        assert!((1..=lines).contains(&problem.at.line) && problem.at.column >= 1, "{problem:?}");
    }
    // The number of pairs grows with the square of the zones.
    if !problems.is_empty() || claims.zones.len() > 12 || claims.flows.len() > 40 {
        return;
    }
    let shut = read_configurations("fw", vec![("fw".to_owned(), SHUT.to_vec())], &Options::default());
    let judgement = judge(&Network::single(shut), &claims, held::ON);
    assert!(judgement.claims.iter().all(|claim| claim.verdict == Verdict::Holds), "nothing passes a closed door");
    let rules = nftables(&claims, held::ON.on);
    let read = read_configurations("fw", vec![("fw.nft".to_owned(), rules.into_bytes())], &Options::default());
    assert!(read.device.unread.is_empty(), "{:?}", read.problems);
    let judgement = judge(&Network::single(read), &claims, held::ON);
    assert!(judgement.claims.iter().all(|claim| claim.verdict == Verdict::Holds), "what is compiled lets nothing else through");
});
