//! `sekimori worker KIND`: the sandboxed child. Not for people.

use std::ffi::OsString;
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

/// The arguments when they are those that a broker gives. Children start twice for every file, so they do without the tree of
/// commands and its help.
pub(crate) fn from_broker(arguments: impl Iterator<Item = OsString>) -> Option<Args> {
    match arguments.skip(1).map(|argument| argument.into_string().ok()).collect::<Vec<_>>().as_slice() {
        [Some(command), Some(kind)] if command == "worker" && !kind.starts_with('-') => {
            Some(Args { kind: kind.clone() })
        }
        _ => None,
    }
}

/// Becomes the child.
pub(crate) fn run(args: &Args) -> ExitCode {
    worker::serve(&args.kind, KINDS)
}
