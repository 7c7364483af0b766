//! Measures the verifier: `cargo run --release -p separation --example separation_speed`. The table in docs/separation.md is
//! its output.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::fmt::Write as _;
use std::time::Instant;

use separation::claims::Claims;
use separation::dialects::{Options, read_configurations};
use separation::judge::{Settings, Verdict, judge, judge_claim};
use separation::network::Network;

const CLAIMS: &str = include_str!("../tests/samples/claims.toml");
const ON: Settings = Settings { on: (2026, 11, 22) };

/// A small generator, so that every run measures the same rules.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Rules inside zones and between external zones, with one leak in the middle that an earlier drop shadows in part.
fn realistic(count: u64) -> String {
    let mut numbers = Numbers(7);
    let mut out = String::from(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n",
    );
    for number in 0..count {
        let zone = 1 + numbers.below(3);
        let (a, b, c) = (numbers.below(256), numbers.below(256), numbers.below(256));
        let port = 1 + numbers.below(9_000);
        if number == count / 2 - 10 {
            out += "-A FORWARD -s 10.1.0.0/16 -d 10.3.7.0/25 -p tcp -m tcp --dport 1024:1050 -j DROP\n";
        } else if number == count / 2 {
            out += "-A FORWARD -s 10.1.5.0/24 -d 10.3.7.0/24 -p tcp -m tcp --dport 1024:1100 -j ACCEPT\n";
        } else if numbers.below(4) == 0 {
            let other = 1 + zone % 3;
            writeln!(
                out,
                "-A FORWARD -s 10.{zone}.{a}.{b}/32 -d 10.{other}.{c}.0/24 -p tcp -m tcp --dport {port} -j DROP"
            )
            .unwrap();
        } else {
            writeln!(
                out,
                "-A FORWARD -s 10.{zone}.{a}.0/24 -d 10.{zone}.{c}.{b}/32 -p tcp -m tcp --dport {port} -j ACCEPT"
            )
            .unwrap();
        }
    }
    out + "COMMIT\n"
}

/// Overlapping ranges everywhere, permits and drops mixed.
fn adversarial(count: u64) -> String {
    let mut numbers = Numbers(11);
    let mut out =
        String::from("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n");
    for _ in 0..count {
        let (a, b) = (numbers.below(1 << 16), numbers.below(1 << 12));
        let (c, d) = (numbers.below(1 << 16), numbers.below(1 << 12));
        let port = numbers.below(60_000);
        let target = if numbers.below(2) == 0 { "ACCEPT" } else { "DROP" };
        let (e, f) = ((a + b).min(65_535), (c + d).min(65_535));
        writeln!(
            out,
            "-A FORWARD -p tcp -m iprange --src-range 10.1.{}.{}-10.1.{}.{} --dst-range 10.3.{}.{}-10.3.{}.{} -m tcp --dport {port}:{} -j {target}",
            a >> 8, a & 255, e >> 8, e & 255, c >> 8, c & 255, f >> 8, f & 255, (port + 500).min(65_535)
        )
        .unwrap();
    }
    out + "COMMIT\n"
}

fn network(text: &str) -> Network {
    Network::single(read_configurations(
        "fw",
        vec![("fw.rules".to_owned(), text.as_bytes().to_vec())],
        &Options::default(),
    ))
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    result
}

fn main() {
    let (claims, problems) = Claims::read(CLAIMS);
    assert!(problems.is_empty(), "{problems:?}");
    for count in [10_000u64, 100_000] {
        let text = realistic(count);
        let network = timed(&format!("{count} realistic rules: read"), || network(&text));
        let claim = timed(&format!("{count} realistic rules: one zone question, by lines"), || {
            judge_claim(&network, &claims, ON, ("mynumber", "internet"))
        });
        let found: Vec<_> =
            claim.iter().flat_map(|claim| &claim.violations).map(|found| (found.line, found.packets.clone())).collect();
        println!("  found {found:?}");
        let all = timed(&format!("{count} realistic rules: whole judgement"), || judge(&network, &claims, ON));
        println!(
            "  {} claims, {} broken, {} shadowed",
            all.claims.len(),
            all.claims.iter().filter(|claim| claim.verdict == Verdict::Broken).count(),
            all.shadowed.len()
        );
    }
    for count in [1_000u64, 3_000, 10_000] {
        let text = adversarial(count);
        let network = network(&text);
        let claim = timed(&format!("{count} adversarial rules: one zone question, by lines"), || {
            judge_claim(&network, &claims, ON, ("mynumber", "internet"))
        });
        let claim = claim.unwrap();
        println!("  {:?}, {} lines, {:?}", claim.verdict, claim.violations.len(), claim.why.map(|why| why.en));
    }
}
