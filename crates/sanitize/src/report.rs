//! What a call says about a file: removed, lost, noted, and the report in the JSON form of the specification.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::format::Format;
use crate::words::{ReasonCode, What};

/// At most this many different findings are kept in each list; later ones count into the last.
const FINDINGS: usize = 1_000;

/// One thing removed, lost or noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which kind of thing.
    pub what: What,
    /// Where in the file: a part's path, a page, a cell, a link's target; empty for the file itself.
    #[serde(rename = "where")]
    pub place: String,
    /// How many.
    pub count: u32,
    /// SHA-256 of the removed bytes (hexadecimal), when it was one thing with bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// The three lists of a report. `removed`: dangerous things taken out. `lost`: content that a reader would miss.
/// `noted`: anything else worth saying (metadata, links, things made visible).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Dangerous things taken out.
    pub removed: Vec<Finding>,
    /// Content that a reader would miss.
    pub lost: Vec<Finding>,
    /// Anything else worth saying.
    pub noted: Vec<Finding>,
}

impl Findings {
    /// Something dangerous was taken out.
    pub fn removed(&mut self, what: What, place: impl Into<String>) {
        add(&mut self.removed, what, place.into(), None);
    }

    /// Something dangerous was taken out, and these were its bytes.
    pub fn removed_bytes(&mut self, what: What, place: impl Into<String>, bytes: &[u8]) {
        add(&mut self.removed, what, place.into(), Some(sha256(bytes)));
    }

    /// Content that a reader would miss is not in the output.
    pub fn lost(&mut self, what: What, place: impl Into<String>) {
        add(&mut self.lost, what, place.into(), None);
    }

    /// Worth saying, but nothing is missing.
    pub fn noted(&mut self, what: What, place: impl Into<String>) {
        add(&mut self.noted, what, place.into(), None);
    }

    /// Something was removed or lost.
    pub fn is_loss(&self) -> bool {
        !self.removed.is_empty() || !self.lost.is_empty()
    }

    /// Takes over what a child says, its places below `place`.
    pub(crate) fn take_over(&mut self, place: &str, child: &Self) {
        for (into, from) in [(&mut self.removed, &child.removed), (&mut self.lost, &child.lost)] {
            for finding in from {
                let below =
                    if finding.place.is_empty() { place.to_owned() } else { format!("{place}/{}", finding.place) };
                if into.len() < FINDINGS {
                    into.push(Finding { place: below, ..finding.clone() });
                } else if let Some(last) = into.last_mut() {
                    last.count = last.count.saturating_add(finding.count);
                }
            }
        }
    }
}

fn add(list: &mut Vec<Finding>, what: What, place: String, sha256: Option<String>) {
    if let Some(same) = list.iter_mut().find(|f| f.what == what && f.place == place && f.sha256 == sha256) {
        same.count = same.count.saturating_add(1);
    } else if list.len() < FINDINGS {
        list.push(Finding { what, place, count: 1, sha256 });
    } else if let Some(last) = list.last_mut() {
        last.count = last.count.saturating_add(1);
    }
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// How a call ended, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Rebuilt, and nothing that a reader would miss is gone.
    Rebuilt,
    /// Rebuilt, and `removed` or `lost` say what is gone.
    RebuiltWithLoss,
    /// Kept back for a person or a password.
    Held,
    /// Never passed on.
    Refused,
}

/// Why a file was held or refused, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The word of the closed list.
    pub code: ReasonCode,
    /// 日本語
    pub ja: String,
    /// English.
    pub en: String,
}

impl From<ReasonCode> for Reason {
    fn from(code: ReasonCode) -> Self {
        Self { code, ja: code.ja().to_owned(), en: code.en().to_owned() }
    }
}

/// The report on one file, in the JSON form of the specification; `parts` nests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The name as it was given.
    pub input: String,
    /// SHA-256 of the input.
    pub sha256: String,
    /// Bytes of the input.
    pub bytes: u64,
    /// The input's type, by content.
    #[serde(rename = "type")]
    pub format: Format,
    /// How it ended.
    pub outcome: Ending,
    /// Name of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// SHA-256 of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_sha256: Option<String>,
    /// Bytes of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<u64>,
    /// The output's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_type: Option<Format>,
    /// Removed, lost, noted.
    #[serde(flatten)]
    pub findings: Findings,
    /// Why, when held or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// `name@version` of the policy.
    pub policy: String,
    /// Version of the engine.
    pub engine: String,
    /// Milliseconds; the caller keeps the clock, so it is 0 until the caller fills it in, and always 0 in `parts`.
    pub ms: u64,
    /// The reports on the files inside.
    pub parts: Vec<Report>,
}
