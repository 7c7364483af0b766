//! 無害化: a file goes in; a file rebuilt from its known good content, or a hold or a refusal, comes out, with a report.
//!
//! Pure: bytes in, bytes out; no I/O, clock, environment or randomness. Original bytes are never passed on: no
//! [`Outcome`] can hold them. [`rebuild`] decodes into a model and writes a new file; [`verify`] reads that file with
//! other code against an allow-list grammar; [`sanitize`] is both.
//!
//! ```
//! use sanitize::{Budget, Outcome, Policy, sanitize};
//! let done = sanitize("notes.exe", b"MZ\x90\0", &Policy::default(), &[], Budget::default());
//! assert!(matches!(done.outcome, Outcome::Refused { .. }));
//! assert_eq!(done.report.reason.map(|r| r.code.code()), Some("blocked_type"));
//! ```

pub mod budget;
pub mod detect;
pub mod door;
pub mod fonts;
pub mod format;
pub mod formats;
mod grammar;
pub mod names;
pub mod policy;
pub mod report;
pub mod verify;
pub mod words;
pub mod work;

pub use budget::{Budget, Limits};
pub use format::Format;
pub use formats::zip::zip_files;
pub use policy::{Policy, PolicyError};
pub use report::{Ending, Finding, Findings, Reason, Report};
pub use verify::{Check, Violation};
pub use words::{ReasonCode, What};
pub use work::Password;

use work::{Stop, Work};

/// A rebuilt file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Safe name, with the extension of its type.
    pub name: String,
    /// Its type.
    pub format: Format,
    /// Its bytes; never empty.
    pub bytes: Vec<u8>,
    /// What is said about it.
    pub findings: Findings,
    /// Reports on the files inside.
    pub parts: Vec<Report>,
}

/// How a call ends. No variant can hold the bytes that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Rebuilt, and nothing that a reader would miss is gone.
    Rebuilt(Rebuilt),
    /// Rebuilt; `removed` or `lost` say what is gone.
    RebuiltWithLoss(Rebuilt),
    /// For a person or a password.
    Held {
        /// Why.
        reason: Reason,
    },
    /// Never passed on.
    Refused {
        /// Why.
        reason: Reason,
    },
}

impl Outcome {
    /// How it ended, without the bytes.
    pub fn ending(&self) -> Ending {
        match self {
            Self::Rebuilt(_) => Ending::Rebuilt,
            Self::RebuiltWithLoss(_) => Ending::RebuiltWithLoss,
            Self::Held { .. } => Ending::Held,
            Self::Refused { .. } => Ending::Refused,
        }
    }

    /// The rebuilt file, if there is one.
    pub fn rebuilt(&self) -> Option<&Rebuilt> {
        match self {
            Self::Rebuilt(rebuilt) | Self::RebuiltWithLoss(rebuilt) => Some(rebuilt),
            Self::Held { .. } | Self::Refused { .. } => None,
        }
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Held(code) => Self::Held { reason: code.into() },
            Stop::Refused(code) => Self::Refused { reason: code.into() },
        }
    }
}

/// What a call gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanitized {
    /// The file, or why there is none.
    pub outcome: Outcome,
    /// The report on it, `ms` left at 0.
    pub report: Report,
    /// What the verifier did not accept, for the log; the outcome is then `verifier_rejected`.
    pub violation: Option<Violation>,
}

/// Rebuilds a file and verifies the result. `name` is the name as it came; only its last component matters.
pub fn sanitize(name: &str, bytes: &[u8], policy: &Policy, passwords: &[Password], budget: Budget) -> Sanitized {
    let done = rebuild(name, bytes, policy, passwords, budget);
    let Some(rebuilt) = done.outcome.rebuilt() else { return done };
    match verify(&rebuilt.bytes, rebuilt.format, policy) {
        Ok(()) => done,
        Err(violation) => {
            let outcome = Outcome::Refused { reason: ReasonCode::VerifierRejected.into() };
            let report = work::report(name, bytes, done.report.format, &outcome, policy);
            Sanitized { outcome, report, violation: Some(violation) }
        }
    }
}

/// Rebuilds a file. The result is not verified yet: pass it on only after [`verify`], best in another process.
pub fn rebuild(name: &str, bytes: &[u8], policy: &Policy, passwords: &[Password], budget: Budget) -> Sanitized {
    rebuild_around(name, bytes, policy, passwords, budget, &[], &mut |_| {})
}

/// Like [`rebuild`], for a second try after a worker failed: the parts in `failed` (by SHA-256) are refused unread with
/// the reason given, and `before` is told the SHA-256 of each part before it is read.
pub fn rebuild_around(
    name: &str,
    bytes: &[u8],
    policy: &Policy,
    passwords: &[Password],
    budget: Budget,
    failed: &[(String, ReasonCode)],
    before: &mut dyn FnMut(&str),
) -> Sanitized {
    let mut work = Work { policy, passwords: passwords.to_vec(), budget, failed, before };
    let (format, outcome) = work.rebuild(name, bytes);
    let report = work::report(name, bytes, format, &outcome, policy);
    Sanitized { outcome, report, violation: None }
}

/// The report on a file whose worker gave no answer.
pub fn report_on_failure(name: &str, bytes: &[u8], code: ReasonCode, policy: &Policy) -> Report {
    let outcome = Outcome::Refused { reason: code.into() };
    work::report(name, bytes, Format::Unknown, &outcome, policy)
}

/// Whether a rebuilt file is in the grammar of its type.
pub fn verify(bytes: &[u8], format: Format, policy: &Policy) -> Result<(), Violation> {
    Check::new(policy).verify(bytes, format)
}
