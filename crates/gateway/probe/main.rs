//! The kinds `sanitise` and `verify`, but with a reader that fails: it panics when it comes to a part whose SHA-256 begins
//! with the letters that stand in the file's name after `crash-`, and runs out of memory for `memory-`.

use std::process::ExitCode;

use sanitize::door;
use worker::{Kind, Limits, serve};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(command), Some(kind)) = (args.next(), args.next()) else { return ExitCode::from(2) };
    if command == "worker" { serve(&kind, KINDS) } else { ExitCode::from(2) }
}

/// A quarter of what the product's workers have, so that files of a test's size show what a large one needs.
const LIMITS: Limits = Limits { memory: 64 << 20, cpu_seconds: 60 };

const KINDS: &[Kind] = &[
    Kind { limits: LIMITS, ..Kind::new("sanitise", failing) },
    Kind { limits: LIMITS, ..Kind::new("verify", door::verify) },
];

fn failing(request: &[u8], mark: &mut dyn FnMut(&[u8])) -> Vec<u8> {
    let name = door::decode::<door::Job>(request).map(|(job, _)| job.name).unwrap_or_default();
    let wanted = |prefix: &str| name.split(prefix).nth(1).and_then(|rest| rest.get(..8)).map(str::to_owned);
    let (crash, memory) = (wanted("crash-"), wanted("memory-"));
    let begins = |part: &[u8], wanted: &Option<String>| wanted.as_ref().is_some_and(|w| part.starts_with(w.as_bytes()));
    door::sanitise(request, &mut |part| {
        mark(part);
        if begins(part, &memory) {
            std::hint::black_box(vec![1_u8; 1 << 31]);
        }
        #[expect(clippy::panic, reason = "this is what the probe is for")]
        if begins(part, &crash) {
            panic!("as told");
        }
    })
}
