//! Outside bytes are parsed here: in a child process that has no network, no files, and bounded memory and time.
//!
//! The *broker* ([`Broker`]) has a child made for each request, hands it the bytes, keeps the wall clock, and maps how the child
//! ended to an answer or a [`Failure`]; it parses nothing. The *template* ([`serve`]) is the binary, started and waiting; each
//! request makes a copy of it. The copy is the *child*: it shuts itself in (rlimits → Landlock → seccomp, in this order) before it
//! reads the first byte, runs one [`Kind`], writes one answer, and ends.
//!
//! This crate knows nothing of what is parsed: the binary hands in the kinds, a line each.

mod broker;
mod child;
mod frame;
mod pool;
mod sandbox;
mod template;

pub use broker::{Broker, Crash, Failure};
pub use child::{Kind, Run, serve};
pub use sandbox::Limits;
