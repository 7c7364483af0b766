//! What an import did, or would do.

use pack::model::Text;
use tables::Address;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// A new record.
    New,
    /// A change of one that was there.
    Changed,
    /// Nothing: it says what is recorded.
    Unchanged,
    /// It has errors.
    Refused,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file.
    pub row: u32,
    /// The record's number, or what names the row.
    pub what: String,
    /// What became of it.
    pub became: Became,
}

/// An error at its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The cell.
    pub at: Address,
    /// The heading of its column.
    pub heading: String,
    /// What is wrong and what is allowed.
    pub message: Text,
}

/// What an import did, row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The rows, in order.
    pub lines: Vec<Line>,
    /// All errors, in order; nothing may be committed when there is one.
    pub refusals: Vec<Refusal>,
}

impl Report {
    /// How many rows became this.
    pub fn count(&self, became: Became) -> usize {
        self.lines.iter().filter(|line| line.became == became).count()
    }

    /// Whether everything may be committed.
    pub fn accepted(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// A text in both languages.
pub(crate) fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: Some(en.into()) }
}
