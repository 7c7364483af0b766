//! The engine behind a pipe: requests and answers as bytes, for a worker that has nothing but a pipe.
//!
//! A message is one line of JSON and then raw bytes. The functions [`sanitise`] and [`verify`] are the worker's kinds;
//! the rest is for whoever asks. Nothing here does I/O.

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::format::Format;
use crate::policy::Policy;
use crate::report::Report;
use crate::words::ReasonCode;
use crate::work::Password;

/// What is asked of the kind `sanitise`, beside the file's bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Job {
    /// The file's name as it came.
    pub name: String,
    /// The policy in its TOML form; empty for the default.
    pub policy: String,
    /// Passwords to try, as typed.
    pub passwords: Vec<String>,
    /// Parts that made an earlier worker fail.
    pub failed: Vec<(String, ReasonCode)>,
}

/// What the kind `sanitise` answers, beside the new file's bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// The report.
    pub report: Report,
}

/// What is asked of the kind `verify`, beside the new file's bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claim {
    /// The type that it is said to be.
    pub format: Format,
    /// The policy in its TOML form; empty for the default.
    pub policy: String,
}

/// What the kind `verify` answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the file is in the grammar of its type.
    pub accepted: bool,
    /// What is not, for the log.
    pub violation: Option<String>,
}

/// A message: one line of JSON, then bytes.
///
/// # Errors
/// When the head cannot be written as JSON.
pub fn encode(head: &impl Serialize, bytes: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut message = serde_json::to_vec(head)?;
    message.reserve(bytes.len() + 1);
    message.push(b'\n');
    message.extend_from_slice(bytes);
    Ok(message)
}

/// Takes a message apart; `None` when it is not one.
pub fn decode<'a, T: Deserialize<'a>>(message: &'a [u8]) -> Option<(T, &'a [u8])> {
    let end = message.iter().position(|byte| *byte == b'\n')?;
    let (head, rest) = message.split_at_checked(end)?;
    Some((serde_json::from_slice(head).ok()?, rest.get(1..)?))
}

/// The worker's kind `sanitise`: a [`Job`] in, an [`Answer`] out. `mark` is told the SHA-256 of each part before it is read.
/// An answer of no bytes says that the request was not one.
pub fn sanitise(request: &[u8], mark: &mut dyn FnMut(&[u8])) -> Vec<u8> {
    let Some((job, bytes)) = decode::<Job>(request) else { return Vec::new() };
    let Ok(policy) = Policy::from_toml(&job.policy) else { return Vec::new() };
    let passwords: Vec<_> = job.passwords.iter().map(Password::new).collect();
    let budget = Budget::new(policy.limits);
    let mut before = |part: &str| mark(part.as_bytes());
    let done = crate::rebuild_around(&job.name, bytes, &policy, &passwords, budget, &job.failed, &mut before);
    let rebuilt = done.outcome.rebuilt().map_or(&[][..], |rebuilt| rebuilt.bytes.as_slice());
    encode(&Answer { report: done.report }, rebuilt).unwrap_or_default()
}

/// The worker's kind `verify`: a [`Claim`] in, a [`Verdict`] out.
pub fn verify(request: &[u8], _mark: &mut dyn FnMut(&[u8])) -> Vec<u8> {
    let Some((claim, bytes)) = decode::<Claim>(request) else { return Vec::new() };
    let Ok(policy) = Policy::from_toml(&claim.policy) else { return Vec::new() };
    let violation = crate::verify(bytes, claim.format, &policy).err().map(|violation| violation.to_string());
    let verdict = Verdict { accepted: violation.is_none(), violation };
    serde_json::to_vec(&verdict).unwrap_or_default()
}
