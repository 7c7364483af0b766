//! Outside bytes are parsed here: in a child process that has no network, no files, and bounded memory and time.
//!
//! Two sides of one pipe. The *broker* ([`Broker`]) starts a child for each request, hands it the bytes, keeps the wall
//! clock, and maps how the child ended to an answer or a [`Failure`]; it parses nothing. The *child* ([`serve`]) shuts
//! itself in (rlimits → Landlock → seccomp, in this order) before it reads the first byte, runs one [`Kind`], and writes
//! one answer.
//!
//! This crate knows nothing of what is parsed: the binary hands in the kinds, a line each.

mod broker;
mod child;
mod frame;
mod sandbox;

pub use broker::{Broker, Crash, Failure};
pub use child::{Kind, Run, serve};
pub use sandbox::Limits;
