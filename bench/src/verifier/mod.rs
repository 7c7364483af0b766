//! What is measured.

mod network;
mod rules;

use separation::claims::Claims;
use separation::dialects::{Options, read_configurations};
use separation::judge::{ClaimVerdict, Settings, Verdict, judge, judge_claim};
use separation::network::Network;

use self::rules::Rule;

const CLAIMS: &str = include_str!("../../../crates/separation/tests/samples/claims.toml");
const ON: Settings = Settings { on: (2026, 11, 30) };
const PAIR: (&str, &str) = ("mynumber", "internet");
/// Seconds of CPU time that another program may take, reading included.
const PATIENCE: u32 = 60;

/// Least time that is measured at once: the kernel counts CPU time in ticks.
const LEAST: f64 = 0.5;

/// CPU time of this process so far, in seconds (`/proc/self/schedstat`, first field, nanoseconds).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|field| field.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

/// CPU time of one round of the work, which is repeated when it is short.
fn timed<T>(what: &str, aim: &str, mut work: impl FnMut() -> T) -> (T, f64) {
    let before = cpu();
    let mut done = work();
    let mut rounds = 1;
    while cpu() - before < LEAST && rounds < 1_000 {
        done = work();
        rounds += 1;
    }
    let took = (cpu() - before) / f64::from(rounds);
    println!("| {what} | {:.1} ms | {aim} |", took * 1e3);
    (done, took)
}

fn network(text: &str) -> Network {
    let files = vec![("fw.rules".to_owned(), text.as_bytes().to_vec())];
    let read = read_configurations("fw", files, &Options::default());
    assert!(read.problems.is_empty() && read.device.unread.is_empty(), "{:?}", read.problems);
    Network::single(read)
}

fn lines(claim: &ClaimVerdict) -> Vec<u32> {
    claim.violations.iter().map(|found| found.line).collect()
}

pub fn run() {
    let peers = std::env::args().skip_while(|word| word != "--peers").nth(1);
    let (claims, problems) = Claims::read(CLAIMS);
    assert!(problems.is_empty(), "{problems:?}");
    println!("| what | CPU | aim |\n|---|---|---|");
    let ours = realistic(&claims);
    adversarial(&claims);
    let (net, _) = timed("50 devices, 8,000 rules: read", "", || network::fifty(&claims));
    let (all, _) = timed("50 devices, 8,000 rules: whole judgement", "10 s", || judge(&net, &claims, ON));
    let broken: Vec<_> = all.claims.iter().filter(|claim| claim.verdict == Verdict::Broken).collect();
    assert!(broken.iter().any(|claim| (claim.from.as_str(), claim.to.as_str()) == PAIR), "the leak through three devices");
    println!("| peak memory of all this | {} MiB | 1 GB |", peak());
    if let Some(python) = peers {
        beside(&python, &ours);
    }
}

fn realistic(claims: &Claims) -> Vec<(u64, f64)> {
    let mut ours = Vec::new();
    for count in [1_000, 10_000, 100_000] {
        let text = rules::iptables(&rules::realistic(count));
        let (net, read) = timed(&format!("{count} realistic rules: read"), "", || network(&text));
        let aim = if count == 10_000 { "30 ms" } else { "" };
        let (claim, took) = timed(&format!("{count} realistic rules: one zone question, by lines"), aim, || {
            judge_claim(&net, claims, ON, PAIR).expect("a pair of zones")
        });
        let leak = u32::try_from(count / 2 + 6).expect("a line");
        assert_eq!((claim.verdict, lines(&claim)), (Verdict::Broken, vec![leak]));
        assert_eq!(claim.violations[0].packets, "272730423296");
        let (_, whole) = timed(&format!("{count} realistic rules: whole judgement"), "", || judge(&net, claims, ON));
        if count == 100_000 {
            println!("| 100000 realistic rules: read and judged | {:.1} ms | 5 s |", (read + whole) * 1e3);
        }
        ours.push((count, took));
    }
    ours
}

fn adversarial(claims: &Claims) {
    type Make = fn(u64) -> Vec<Rule>;
    let kinds: [(&str, Make); 2] = [("overlapping", rules::overlapping), ("nested", rules::nested)];
    for (name, make) in kinds {
        for count in [1_000, 3_000, 10_000] {
            let net = network(&rules::iptables(&make(count)));
            let aim = if count == 10_000 { "2 s" } else { "" };
            let (claim, _) = timed(&format!("{count} adversarial rules ({name}): every offending line, exactly"), aim, || {
                judge_claim(&net, claims, ON, PAIR).expect("a pair of zones")
            });
            println!("|   {:?}, {} offending lines | | |", claim.verdict, claim.violations.len());
        }
    }
}

/// Peak memory of this process in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak");
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).expect("kilobytes") >> 10
}

/// The same question to z3 and to aclcheck, in a process of theirs.
fn beside(python: &str, ours: &[(u64, f64)]) {
    println!("\n| rules | program | CPU after reading | times ours | answer |\n|---|---|---|---|---|");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/verifier/peers.py");
    for &(count, took) in ours.iter().filter(|(count, _)| *count <= 10_000) {
        println!("| {count} | sekimori | {:.1} ms | 1 | the line, all its packets |", took * 1e3);
        let file = std::env::temp_dir().join(format!("separation-rules-{}-{count}.json", std::process::id()));
        std::fs::write(&file, rules::json(&rules::realistic(count))).expect("a temporary file");
        for program in ["z3", "aclcheck"] {
            let said = std::process::Command::new(python)
                .args([script, program, file.to_str().expect("a name"), &PATIENCE.to_string()])
                .output()
                .expect("the interpreter of --peers");
            let text = String::from_utf8_lossy(&said.stdout).into_owned();
            match text.trim().split_once(' ').and_then(|(time, answer)| Some((time.parse::<f64>().ok()?, answer.to_owned()))) {
                Some((time, answer)) => {
                    println!("| {count} | {program} | {:.1} ms | {:.0} | {answer} |", time * 1e3, time / took)
                }
                None => println!("| {count} | {program} | – | – | {} {} |", text.trim(), String::from_utf8_lossy(&said.stderr).trim()),
            }
        }
        let _ = std::fs::remove_file(&file);
    }
}
