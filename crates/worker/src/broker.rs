//! The broker: has a child made for a request, passes bytes, keeps the wall clock, maps how the child ended.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::child::SANDBOX_FAILED;
use crate::frame;
use crate::pool::{Pool, Waiting};

/// How long a child may take to end after its answer, and after it closed its output without one.
const ENDING: Duration = Duration::from_millis(2_500);
const BREAKING_OFF: Duration = Duration::from_secs(1);

/// Why there is no answer. Every failure is a refusal for whoever asked; none is a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It panicked, was killed by a signal, or ended without a whole answer.
    #[error("the worker ended abnormally")]
    Crashed,
    /// The wall clock or its processor time ran out.
    #[error("the worker took too long")]
    Timeout,
    /// An allocation failed, or the stack overflowed.
    #[error("the worker needed more memory than allowed")]
    Memory,
    /// It made a system call that it may not make.
    #[error("the worker tried something that it may not do")]
    Forbidden,
    /// It could not be started, or could not shut itself in.
    #[error("the worker could not be started")]
    Unavailable,
}

impl Failure {
    /// The same for a person, in Japanese and English, without a full stop: what to do about it is for who asked to say.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Timeout => ("読取りに時間がかかりすぎるため中止しました", "Reading took too long and was stopped"),
            Self::Memory => ("読取りに必要なメモリーが上限を超えました", "Reading needed more memory than allowed"),
            Self::Crashed | Self::Forbidden => {
                ("ファイルが壊れているため読めません", "The file is damaged and cannot be read")
            }
            Self::Unavailable => {
                ("読取りのための隔離環境を始められません", "The sandbox for reading could not be started")
            }
        }
    }
}

/// A failure, with what the child said it was going to look at last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// How it ended.
    pub failure: Failure,
    /// The last mark.
    pub mark: Option<Vec<u8>>,
}

/// Has children made.
#[derive(Debug, Clone)]
pub struct Broker {
    pool: Arc<Pool>,
    wall_clock: Duration,
    answer_bytes: usize,
}

impl Broker {
    /// Children of this program, started as `PROGRAM worker KIND`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { pool: Pool::new(program.into()), wall_clock: Duration::from_secs(60), answer_bytes: 1 << 30 }
    }

    /// Children of the running binary.
    ///
    /// # Errors
    /// When the operating system does not say where the binary is.
    pub fn of_this_binary() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?))
    }

    /// How long a child may take, from the request to its end.
    #[must_use]
    pub fn wall_clock(mut self, limit: Duration) -> Self {
        self.wall_clock = limit;
        self
    }

    /// How many bytes an answer may have.
    #[must_use]
    pub fn answer_bytes(mut self, limit: usize) -> Self {
        self.answer_bytes = limit;
        self
    }

    /// Hands the request to a child of this kind and gives its answer.
    ///
    /// # Errors
    /// Whatever keeps the child from giving a whole answer in time.
    pub fn call(&self, kind: &str, request: &[u8]) -> Result<Vec<u8>, Failure> {
        self.call_marked(kind, request).map_err(|crash| crash.failure)
    }

    /// Like [`Broker::call`], and says after a failure what the child was looking at.
    ///
    /// # Errors
    /// Whatever keeps the child from giving a whole answer in time.
    pub fn call_marked(&self, kind: &str, request: &[u8]) -> Result<Vec<u8>, Crash> {
        let crash = |failure| Crash { failure, mark: None };
        let mut template = self.pool.take(kind).map_err(|_| crash(Failure::Unavailable))?;
        let answer = self.ask(&mut template, request);
        if answer.is_ok() {
            self.pool.put_back(template);
        }
        answer
    }

    fn ask(&self, template: &mut Waiting, request: &[u8]) -> Result<Vec<u8>, Crash> {
        let unavailable = |_| Crash { failure: Failure::Unavailable, mark: None };
        let (theirs, mut to_child) = std::io::pipe().map_err(unavailable)?;
        let (mut from_child, ours) = std::io::pipe().map_err(unavailable)?;
        template.make_child(&theirs.into(), &ours.into()).map_err(unavailable)?;
        thread::scope(|scope| {
            scope.spawn(move || {
                // A child that ends early closes the pipe: how it ended is read from its status.
                let _ = to_child.write_all(request);
            });
            let (sender, receiver) = mpsc::channel();
            let limit = self.answer_bytes;
            scope.spawn(move || {
                let _ = sender.send(frame::read_answer(&mut from_child, limit));
            });
            let Ok((answer, mark)) = receiver.recv_timeout(self.wall_clock) else {
                template.end();
                let mark = receiver.recv().ok().and_then(|(_, mark)| mark);
                return Err(Crash { failure: Failure::Timeout, mark });
            };
            // Its output is at its end, or no longer wanted.
            let failure = match template.end_of_child(if answer.is_some() { ENDING } else { BREAKING_OFF }) {
                Some(status) => failure(status),
                None if template.end() => Some(Failure::Unavailable),
                None => Some(Failure::Crashed),
            };
            match (failure, answer) {
                (None, Some(answer)) => Ok(answer),
                (None, None) => Err(Crash { failure: Failure::Crashed, mark }),
                (Some(failure), _) => Err(Crash { failure, mark }),
            }
        })
    }
}

/// What an exit status means; `None` for success.
fn failure(status: ExitStatus) -> Option<Failure> {
    match (status.code(), status.signal()) {
        (Some(0), _) => None,
        (Some(code), _) if code == i32::from(SANDBOX_FAILED) => Some(Failure::Unavailable),
        (_, Some(libc::SIGSYS)) => Some(Failure::Forbidden),
        (_, Some(libc::SIGXCPU | libc::SIGKILL)) => Some(Failure::Timeout),
        // Rust aborts when an allocation fails and when the stack overflows; a panic ends with a code instead.
        (_, Some(libc::SIGABRT)) => Some(Failure::Memory),
        _ => Some(Failure::Crashed),
    }
}
