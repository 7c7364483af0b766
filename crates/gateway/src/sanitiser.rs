//! One file through two workers: one rebuilds it, another verifies the result. No path gives back the bytes that came in.

use sanitize::door::{self, Answer, Claim, Job, Verdict};
use sanitize::{Ending, Policy, PolicyError, ReasonCode, Report};
use worker::{Broker, Crash, Failure};

/// How often a file is tried again around a part that made its worker fail.
const TRIES_AROUND_PARTS: usize = 4;

/// Sanitises files under one policy, each in workers of its own.
#[derive(Debug, Clone)]
pub struct Sanitiser {
    broker: Broker,
    policy_text: String,
    policy: Policy,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// The report, `ms` left at 0.
    pub report: Report,
    /// The verified new file; there exactly when the report's outcome is `rebuilt` or `rebuilt_with_loss`.
    pub bytes: Option<Vec<u8>>,
    /// What the verifier did not accept, for the log.
    pub violation: Option<String>,
}

impl Sanitiser {
    /// A sanitiser with a policy in its TOML form (empty: the default policy).
    ///
    /// # Errors
    /// When the policy cannot be read.
    pub fn new(broker: Broker, policy_toml: &str) -> Result<Self, PolicyError> {
        Ok(Self { broker, policy: Policy::from_toml(policy_toml)?, policy_text: policy_toml.to_owned() })
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Rebuilds and verifies one file. Whatever goes wrong ends as a refusal in the report.
    pub fn pass(&self, name: &str, bytes: &[u8], passwords: &[String]) -> Passed {
        if bytes.len() as u64 > self.policy.limits.input_bytes {
            return self.refused(name, bytes, ReasonCode::LimitInput, None);
        }
        match self.rebuild(name, bytes, passwords) {
            Ok((report, Some(rebuilt))) => self.verify(name, bytes, report, rebuilt),
            Ok((report, None)) => Passed { report, bytes: None, violation: None },
            Err(code) => self.refused(name, bytes, code, None),
        }
    }

    fn refused(&self, name: &str, bytes: &[u8], code: ReasonCode, violation: Option<String>) -> Passed {
        Passed { report: sanitize::report_on_failure(name, bytes, code, &self.policy), bytes: None, violation }
    }

    /// Asks a worker; when it fails while it looks at a part, asks another to go around that part.
    fn rebuild(&self, name: &str, bytes: &[u8], passwords: &[String]) -> Result<(Report, Option<Vec<u8>>), ReasonCode> {
        let mut job = Job {
            name: name.to_owned(),
            policy: self.policy_text.clone(),
            passwords: passwords.to_vec(),
            failed: Vec::new(),
        };
        loop {
            let request = door::encode(&job, bytes).map_err(|_| ReasonCode::WorkerUnavailable)?;
            match self.broker.call_marked("sanitise", &request) {
                Ok(answer) => return read_answer(&answer).ok_or(ReasonCode::WorkerCrashed),
                Err(Crash { failure, mark }) => {
                    let code = reason(failure);
                    let part = mark.and_then(|mark| String::from_utf8(mark).ok());
                    let again = part.filter(|part| job.failed.iter().all(|(failed, _)| failed != part));
                    match again {
                        Some(part) if job.failed.len() < TRIES_AROUND_PARTS => job.failed.push((part, code)),
                        _ => return Err(code),
                    }
                }
            }
        }
    }

    fn verify(&self, name: &str, bytes: &[u8], report: Report, rebuilt: Vec<u8>) -> Passed {
        let Some(format) = report.output_type else {
            return self.refused(name, bytes, ReasonCode::WorkerCrashed, None);
        };
        let claim = Claim { format, policy: self.policy_text.clone() };
        let verdict = door::encode(&claim, &rebuilt)
            .map_err(|_| Failure::Unavailable)
            .and_then(|request| self.broker.call("verify", &request))
            .map(|answer| serde_json::from_slice::<Verdict>(&answer));
        match verdict {
            Ok(Ok(verdict)) if verdict.accepted => Passed { report, bytes: Some(rebuilt), violation: None },
            Ok(Ok(verdict)) => self.refused(name, bytes, ReasonCode::VerifierRejected, verdict.violation),
            Ok(Err(_)) => self.refused(name, bytes, ReasonCode::WorkerCrashed, None),
            Err(failure) => self.refused(name, bytes, reason(failure), None),
        }
    }
}

/// The report and the new file of an answer that holds together: bytes exactly when it says that there are some, and
/// exactly those.
fn read_answer(answer: &[u8]) -> Option<(Report, Option<Vec<u8>>)> {
    let (Answer { report }, bytes) = door::decode::<Answer>(answer)?;
    match report.outcome {
        Ending::Rebuilt | Ending::RebuiltWithLoss => {
            let whole = !bytes.is_empty() && report.output_sha256.as_deref() == Some(&sanitize::report::sha256(bytes));
            whole.then(|| (report, Some(bytes.to_vec())))
        }
        Ending::Held | Ending::Refused => bytes.is_empty().then_some((report, None)),
    }
}

fn reason(failure: Failure) -> ReasonCode {
    match failure {
        Failure::Crashed => ReasonCode::WorkerCrashed,
        Failure::Timeout => ReasonCode::WorkerTimeout,
        Failure::Memory => ReasonCode::WorkerMemory,
        Failure::Forbidden => ReasonCode::WorkerForbidden,
        Failure::Unavailable => ReasonCode::WorkerUnavailable,
    }
}
