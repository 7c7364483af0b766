//! Mistakes in expressions.

use std::ops::Range;

use crate::model::{Site, Text};

/// A mistake, with everything a diagnostic needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// The kind of mistake, such as `expr-unknown-field`; stable.
    pub code: &'static str,
    /// Where it stands in the pack's file.
    pub site: Site,
    /// Where it stands in the expression's text, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: Text,
    /// What may stand there.
    pub expected: Option<Text>,
    /// How to mend it.
    pub help: Option<Text>,
    /// The ids concerned.
    pub names: Vec<String>,
}

/// A text in both languages.
pub(super) fn both(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: Some(en.into()) }
}

/// Ways in which a value stands quoted in TOML: what the reader's span may hold around the text.
const QUOTES: [usize; 3] = [0, 1, 3];

/// The place in the file of a part of an expression. `site` is where the expression's text stands, with or without its
/// quotes; when escapes or a dropped first newline make text and file differ in length, the whole of it.
pub(super) fn locate(site: &Site, text: &str, span: &Range<usize>) -> Site {
    let length = site.end.saturating_sub(site.start);
    match QUOTES.iter().find(|&&quote| length == text.len() + 2 * quote) {
        Some(quote) => {
            let start = site.start + quote;
            Site { file: site.file.clone(), start: start + span.start, end: start + span.end }
        }
        None => site.clone(),
    }
}
