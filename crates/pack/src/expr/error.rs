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

/// A mistake whose place in the file is not known yet.
#[derive(Debug, Clone)]
pub(super) struct Complaint {
    code: &'static str,
    span: Range<usize>,
    message: Text,
    expected: Option<Text>,
    help: Option<Text>,
    names: Vec<String>,
}

impl Complaint {
    /// A mistake of this kind, here in the expression.
    pub(super) fn new(code: &'static str, span: Range<usize>, message: Text) -> Self {
        Self { code, span, message, expected: None, help: None, names: Vec::new() }
    }

    /// Says what may stand there.
    pub(super) fn expected(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.expected = Some(both(ja, en));
        self
    }

    /// Says that one of these may stand there, and which of them may have been meant.
    pub(super) fn one_of<'a>(mut self, written: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        if let Some(meant) = nearest(written, &known) {
            self.help = Some(both(format!("「{meant}」ではありませんか"), format!("did you mean '{meant}'?")));
        }
        self.expected = match known.len() {
            0 => None,
            count => {
                let shown = known.get(..count.min(MOST_NAMED)).unwrap_or_default();
                let (more_ja, more_en) = match count - shown.len() {
                    0 => (String::new(), String::new()),
                    rest => (format!(" ほか{rest}"), format!(" and {rest} more")),
                };
                Some(both(format!("{}{more_ja}", shown.join("、")), format!("{}{more_en}", shown.join(", "))))
            }
        };
        self
    }

    /// Says how to mend it.
    pub(super) fn help(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.help = Some(both(ja, en));
        self
    }

    /// Names the ids concerned.
    pub(super) fn names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// The mistake at its place in the file.
    pub(super) fn at(self, site: &Site, text: &str) -> ExprError {
        let Self { code, span, message, expected, help, names } = self;
        ExprError { code, site: locate(site, text, &span), span, message, expected, help, names }
    }

    /// The mistake in a text of which the expression is a part.
    pub(super) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        self
    }
}

/// Most names that a message lists.
const MOST_NAMED: usize = 12;

/// Ways in which a value stands quoted in TOML: what the reader's span may hold around the text.
const QUOTES: [usize; 3] = [0, 1, 3];

/// The place in the file of a part of an expression. `site` is where the expression's text stands, with or without its
/// quotes; when escapes or a dropped first newline make text and file differ in length, the whole of it.
fn locate(site: &Site, text: &str, span: &Range<usize>) -> Site {
    let length = site.end.saturating_sub(site.start);
    match QUOTES.iter().find(|&&quote| length == text.len() + 2 * quote) {
        Some(quote) => {
            let start = site.start + quote;
            Site { file: site.file.clone(), start: start + span.start, end: start + span.end }
        }
        None => site.clone(),
    }
}

/// The known name that was probably meant: the nearest by typing errors, or the only one of which it is a part or that is a
/// part of it.
fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let length = |name: &str| written.chars().count().max(name.chars().count());
    let near = known
        .iter()
        .map(|name| (strsim::osa_distance(written, name), *name))
        .filter(|&(distance, name)| distance <= length(name).div_ceil(3) && distance < length(name))
        .min();
    if let Some((_, name)) = near {
        return Some(name);
    }
    let mut parts = known.iter().filter(|name| {
        written.len().min(name.len()) >= SHORTEST_PART && (name.contains(written) || written.contains(**name))
    });
    parts.next().copied().filter(|_| parts.next().is_none())
}

/// Shortest name, in bytes, that is recognised within another.
const SHORTEST_PART: usize = 4;
