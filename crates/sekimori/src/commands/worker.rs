//! `sekimori worker KIND`: the sandboxed child. Not for people.

use std::process::ExitCode;

use worker::Kind;

/// Flags of `worker`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the child does.
    kind: String,
}

/// What a child can do. To add one: a line here, with a function from the request's bytes to the answer's.
const KINDS: &[Kind] = &[
    Kind::new("sanitise", ::sanitize::door::sanitise),
    Kind::new("verify", ::sanitize::door::verify),
    super::separation::KIND,
    crate::unpack::KIND,
    Kind { limits: worker::Limits { memory: 1 << 30, cpu_seconds: 60 }, ..Kind::new("table", ::tables::door::read) },
];

/// Becomes the child.
pub(crate) fn run(args: &Args) -> ExitCode {
    worker::serve(&args.kind, KINDS)
}
