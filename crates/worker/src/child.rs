//! The child: shut in, read, run, answer.

use std::io::Read;
use std::process::ExitCode;

use crate::frame::{self, Tag};
use crate::sandbox::{self, Limits};
use crate::template;

/// What a kind does with the request's bytes. The second argument tells the broker what is looked at next: after a crash
/// the last mark says where.
pub type Run = fn(&[u8], &mut dyn FnMut(&[u8])) -> Vec<u8>;

/// One thing that a child can do.
///
/// To add one, give the binary's list a line: `Kind::new("config", parse_config)`, where `parse_config` takes the request's
/// bytes and gives the answer's. It runs without files, network, clock and threads.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name on the command line (`sekimori worker KIND`).
    pub name: &'static str,
    /// What it may use.
    pub limits: Limits,
    /// What it does.
    pub run: Run,
}

impl Kind {
    /// A kind with the usual limits.
    pub const fn new(name: &'static str, run: Run) -> Self {
        Self { name, limits: Limits { memory: 256 << 20, cpu_seconds: 60 }, run }
    }
}

/// Runs as `PROGRAM worker KIND`: waits for requests of the broker, and answers each in a child of its own, which shuts itself in,
/// reads the request from standard input to its end and writes the answer to standard output. A child ends with success only when
/// the whole answer is written.
///
/// To be called while this process has one thread.
pub fn serve(name: &str, kinds: &[Kind]) -> ExitCode {
    match kinds.iter().find(|kind| kind.name == name) {
        Some(kind) => template::serve(kind),
        None => ExitCode::from(2),
    }
}

/// In the child.
pub(crate) fn run(kind: &Kind) -> ExitCode {
    // Touched before the walls stand: the standard streams are made on first use.
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    if sandbox::enter(kind.limits).is_err() {
        return ExitCode::from(SANDBOX_FAILED);
    }
    end_by_an_abort_without_memory();
    let Some(request) = read_all(&mut input) else { return ExitCode::FAILURE };
    let mut mark = |bytes: &[u8]| {
        // A broker that no longer listens kills this child anyway.
        let _ = frame::write(&mut output, Tag::Mark, bytes);
    };
    let answer = (kind.run)(&request, &mut mark);
    match frame::write(&mut output, Tag::Answer, &answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// More than any library allocates for itself at a time and panics about when it gets nothing (a compressor takes 400 KiB).
const ROOM: usize = 1 << 20;

/// Where Rust itself gets no memory, it aborts, and the broker reads that as a lack of memory. A library that asks for memory by its
/// own means panics instead: a panic while there is none ends the same way.
fn end_by_an_abort_without_memory() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Looked at before anything is given back by unwinding.
        if std::hint::black_box(Vec::<u8>::new()).try_reserve_exact(ROOM).is_err() {
            std::process::abort();
        }
        before(panic);
    }));
}

/// Exit code of a child whose sandbox could not be set up.
pub(crate) const SANDBOX_FAILED: u8 = 3;

/// Reads to the end with `read` alone: `Read::read_to_end` would ask for the file's size first, which seccomp forbids.
fn read_all(input: &mut impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0_u8; 1 << 16];
    loop {
        match input.read(&mut chunk) {
            Ok(0) => return Some(bytes),
            Ok(count) => bytes.extend_from_slice(chunk.get(..count)?),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
