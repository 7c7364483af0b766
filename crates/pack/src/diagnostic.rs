//! What the check says of a pack.

use crate::model::{Site, Text};

/// Whether the pack can be taken into force in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can.
    Warning,
}

impl Severity {
    /// The word in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong, or could be better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Which rule; stable from version to version.
    pub code: &'static str,
    /// Where.
    pub site: Site,
    /// What is wrong: one sentence.
    pub message: Text,
    /// What could stand there.
    pub expected: Option<Text>,
    /// How to mend it.
    pub help: Option<Text>,
    /// Ids concerned: registers, clauses, roles …
    pub names: Vec<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, site: Site, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            site,
            message: both(ja, en),
            expected: None,
            help: None,
            names: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, site: Site, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, site, ja, en) }
    }

    /// Adds what could stand there.
    pub fn expected(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.expected = Some(both(ja, en));
        self
    }

    /// Adds how to mend it.
    pub fn help(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.help = Some(both(ja, en));
        self
    }

    /// Adds the ids concerned.
    pub fn names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.names.extend(names.into_iter().map(Into::into));
        self
    }
}

/// A text in both languages.
pub(crate) fn both(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: Some(en.into()) }
}
