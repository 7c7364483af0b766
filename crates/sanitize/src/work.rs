//! The contract between the engine and its formats: a source goes in, a draft or a stop comes out, children go through
//! [`Work::child`].

use crate::budget::{Budget, Limits};
use crate::format::{Format, Handling};
use crate::names;
use crate::policy::{Bidi, Policy};
use crate::report::{self, Ending, Findings, Reason, Report};
use crate::words::{ReasonCode, What};
use crate::{Outcome, Rebuilt, detect, formats};

/// A password to try on protected files. Never written anywhere, never in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password as it was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text, for a decrypter.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a reader stops. There is no way to stop that passes bytes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// For a person or a password.
    Held(ReasonCode),
    /// Never passed on.
    Refused(ReasonCode),
}

impl Stop {
    /// Refused with this reason.
    pub fn refused(code: ReasonCode) -> Self {
        Self::Refused(code)
    }

    /// Held with this reason.
    pub fn held(code: ReasonCode) -> Self {
        Self::Held(code)
    }

    /// The reason.
    pub fn code(&self) -> ReasonCode {
        match self {
            Self::Held(code) | Self::Refused(code) => *code,
        }
    }
}

/// One file to rebuild.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name as it came (decoded).
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its type by content.
    pub format: Format,
}

/// What a format's writer gives back.
#[derive(Debug, Default)]
pub struct Draft {
    /// The new file. Empty is a defect and is refused.
    pub bytes: Vec<u8>,
    /// Its type, when it is not the type that came in (docm → docx, 7z → zip).
    pub format: Option<Format>,
    /// What is said about it.
    pub findings: Findings,
    /// Reports on the files inside, in order.
    pub parts: Vec<Report>,
}

/// What came of a child: always a name and bytes that may stand in its place.
#[derive(Debug)]
pub struct Child {
    /// Safe name: of the rebuilt file, or of the note in its place.
    pub name: String,
    /// The rebuilt file, or the note.
    pub bytes: Vec<u8>,
    /// The type of `bytes`; `Txt` for a note.
    pub format: Format,
    /// False when `bytes` is a note.
    pub delivered: bool,
}

/// What a reader works with: the policy, the passwords and the one budget of the call.
pub struct Work<'a> {
    /// The policy of the call.
    pub policy: &'a Policy,
    /// Passwords to try: those given, and while a mail is read those found in its text.
    pub passwords: Vec<Password>,
    /// What may still be spent.
    pub budget: Budget,
    /// SHA-256 of parts that made an earlier worker fail, with how: they are refused unread.
    pub(crate) failed: &'a [(String, ReasonCode)],
    /// Told the SHA-256 of each part before it is read.
    pub(crate) before: &'a mut dyn FnMut(&str),
}

impl Work<'_> {
    /// Rebuilds a file inside a container, and writes into the container's draft what is to be said: the child's report
    /// into `parts`, its removed and lost things into the container's, `part_held` or `part_refused` into `lost`.
    ///
    /// Stops only when a limit that all parts share is used up.
    pub fn child(&mut self, name: &str, bytes: &[u8], draft: &mut Draft) -> Result<Child, Stop> {
        let (format, outcome) = self.nested(name, bytes);
        if let Some(code) = ends_the_call(&outcome) {
            return Err(Stop::refused(code));
        }
        Ok(self.take(name, bytes, format, outcome, draft))
    }

    /// Keeps back a part that its container knows to be of a kind that does not pass; a note stands in its place.
    pub(crate) fn withheld(&mut self, name: &str, bytes: &[u8], stop: &Stop, draft: &mut Draft) -> Child {
        let format = detect::detect(name, bytes);
        self.take(name, bytes, format, stop.clone().into(), draft)
    }

    fn take(&mut self, name: &str, bytes: &[u8], format: Format, outcome: Outcome, draft: &mut Draft) -> Child {
        draft.parts.push(report(name, bytes, format, &outcome, self.policy));
        match outcome {
            Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt) => {
                draft.findings.take_over(name, &rebuilt.findings);
                Child { name: rebuilt.name, bytes: rebuilt.bytes, format: rebuilt.format, delivered: true }
            }
            Outcome::Held { reason } => {
                draft.findings.lost(What::PartHeld, name);
                note(name, &reason, true, self.policy)
            }
            Outcome::Refused { reason } => {
                draft.findings.lost(What::PartRefused, name);
                note(name, &reason, false, self.policy)
            }
        }
    }

    /// Rebuilds a file inside a document where only some types may stand (an embedded workbook, a picture): `None`, and
    /// nothing said, when it is not of these types or cannot be rebuilt; the caller then puts its placeholder and says so.
    pub fn embedded(
        &mut self,
        name: &str,
        bytes: &[u8],
        allowed: &[Format],
        draft: &mut Draft,
    ) -> Result<Option<Child>, Stop> {
        if !allowed.contains(&detect::detect(name, bytes)) {
            return Ok(None);
        }
        let (format, outcome) = self.nested(name, bytes);
        if let Some(code) = ends_the_call(&outcome) {
            return Err(Stop::refused(code));
        }
        if let Some(rebuilt) = outcome.rebuilt().filter(|rebuilt| rebuilt.findings != Findings::default()) {
            draft.parts.push(report(name, bytes, format, &outcome, self.policy));
            draft.findings.take_over(name, &rebuilt.findings);
        }
        Ok(match outcome {
            Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt) => {
                Some(Child { name: rebuilt.name, bytes: rebuilt.bytes, format: rebuilt.format, delivered: true })
            }
            Outcome::Held { .. } | Outcome::Refused { .. } => None,
        })
    }

    fn nested(&mut self, name: &str, bytes: &[u8]) -> (Format, Outcome) {
        let sha256 = report::sha256(bytes);
        if let Some((_, code)) = self.failed.iter().find(|(failed, _)| *failed == sha256) {
            return (Format::Unknown, Stop::refused(*code).into());
        }
        (self.before)(&sha256);
        if let Err(stop) = self.budget.enter() {
            let format = detect::detect(name, bytes);
            // A plain text holds nothing; a note that stands here must pass a second time.
            return if format == Format::Txt { self.rebuild(name, bytes) } else { (format, stop.into()) };
        }
        let result = self.rebuild(name, bytes);
        self.budget.leave();
        result
    }

    /// Detects, decides by policy, rebuilds, cleans the name.
    pub(crate) fn rebuild(&mut self, name: &str, bytes: &[u8]) -> (Format, Outcome) {
        let format = detect::detect(name, bytes);
        let outcome = match self.try_rebuild(Source { name, bytes, format }) {
            Ok(rebuilt) if rebuilt.findings.is_loss() => Outcome::RebuiltWithLoss(rebuilt),
            Ok(rebuilt) => Outcome::Rebuilt(rebuilt),
            Err(stop) => stop.into(),
        };
        (format, outcome)
    }

    fn try_rebuild(&mut self, source: Source<'_>) -> Result<Rebuilt, Stop> {
        if source.bytes.len() as u64 > self.policy.limits.input_bytes {
            return Err(Stop::refused(ReasonCode::LimitInput));
        }
        if self.policy.names.bidi == Bidi::Refuse && source.name.chars().any(names::is_bidi) {
            return Err(Stop::refused(ReasonCode::BlockedName));
        }
        self.budget.step(1 + source.bytes.len() as u64 / 64)?;
        let reader = match self.policy.handling(source.format) {
            Handling::Hold(code) => return Err(Stop::held(code)),
            Handling::Refuse(code) => return Err(Stop::refused(code)),
            Handling::Rebuild => formats::reader(source.format).ok_or(Stop::Held(ReasonCode::NotYetSupported))?,
        };
        let draft = reader(source, self)?;
        if draft.bytes.is_empty() {
            return Err(Stop::refused(ReasonCode::NothingLeft));
        }
        let format = draft.format.unwrap_or(source.format);
        let clean = names::clean(source.name, format, &self.policy.limits);
        let mut findings = draft.findings;
        for change in clean.changes {
            findings.noted(change, "");
        }
        Ok(Rebuilt { name: clean.name, format, bytes: draft.bytes, findings, parts: draft.parts })
    }
}

fn ends_the_call(outcome: &Outcome) -> Option<ReasonCode> {
    match outcome {
        Outcome::Refused { reason } if reason.code.ends_the_call() => Some(reason.code),
        _ => None,
    }
}

/// The text that stands in the place of a held or refused part. Its own second pass changes nothing.
fn note(name: &str, reason: &Reason, held: bool, policy: &Policy) -> Child {
    let (ja, en) = if held { ("保留", "held") } else { ("通過不可", "refused") };
    let mark = format!("（{ja}）");
    // Room is left for the mark: a second pass would otherwise cut it off.
    let room = policy.limits.name_bytes.saturating_sub(mark.len());
    let shown = names::clean(name, Format::Txt, &Limits { name_bytes: room, ..policy.limits }).name;
    let shown = shown.strip_suffix(".txt").unwrap_or(&shown);
    let given: String = name.chars().filter(|c| !c.is_control() && !names::is_deceiving(*c)).take(200).collect();
    let text = format!(
        "このファイルは無害化処理で「{ja}」になりました。\r\nファイル名: {given}\r\n理由: {}\r\n\r\nThis file was {en} by the sanitiser.\r\nName: {given}\r\nReason: {}\r\n",
        reason.ja, reason.en
    );
    Child { name: format!("{shown}{mark}.txt"), bytes: text.into_bytes(), format: Format::Txt, delivered: false }
}

/// The report on one file.
pub(crate) fn report(name: &str, bytes: &[u8], format: Format, outcome: &Outcome, policy: &Policy) -> Report {
    let sha256 = report::sha256;
    let mut report = Report {
        input: name.to_owned(),
        sha256: sha256(bytes),
        bytes: bytes.len() as u64,
        format,
        outcome: Ending::Refused,
        output: None,
        output_sha256: None,
        output_bytes: None,
        output_type: None,
        findings: Findings::default(),
        reason: None,
        policy: policy.label(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        ms: 0,
        parts: Vec::new(),
    };
    match outcome {
        Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt) => {
            report.outcome = outcome.ending();
            report.output = Some(rebuilt.name.clone());
            report.output_sha256 = Some(sha256(&rebuilt.bytes));
            report.output_bytes = Some(rebuilt.bytes.len() as u64);
            report.output_type = Some(rebuilt.format);
            report.findings = rebuilt.findings.clone();
            report.parts.clone_from(&rebuilt.parts);
        }
        Outcome::Held { reason } | Outcome::Refused { reason } => {
            report.outcome = outcome.ending();
            report.reason = Some(reason.clone());
        }
    }
    report
}
