//! Ids: how they are written, and that each occurs once.

use std::collections::BTreeMap;

use super::table::{Table, Word};
use crate::diagnostic::Diagnostic;
use crate::model::Site;
use crate::report::Report;

/// Longest id.
const MAX_ID: usize = 64;

/// How an id is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `screen-transfers`
    Hyphens,
    /// `section_manager`
    Underscores,
    /// `3A`
    Class,
    /// `O017`
    Obligation,
}

impl Style {
    fn fits(self, id: &str) -> bool {
        let words = |separator: char| {
            id.starts_with(|c: char| c.is_ascii_lowercase())
                && !id.ends_with(separator)
                && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == separator)
        };
        id.len() <= MAX_ID
            && match self {
                Self::Hyphens => words('-'),
                Self::Underscores => words('_'),
                Self::Class => !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()),
                Self::Obligation => {
                    id.len() == 4 && id.starts_with('O') && id.chars().skip(1).all(|c| c.is_ascii_digit())
                }
            }
    }

    fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::Hyphens => ("英小文字と数字を - でつないだもの", "lower-case letters and digits joined by -"),
            Self::Underscores => ("英小文字と数字を _ でつないだもの", "lower-case letters and digits joined by _"),
            Self::Class => ("3A や 2 のような英数字", "letters and digits such as 3A or 2"),
            Self::Obligation => ("O と三桁の数字", "O and three digits"),
        }
    }
}

/// Says when an id is not written as its kind asks.
pub(super) fn check_style(report: &Report, word: &Word, style: Style) -> bool {
    let fits = style.fits(&word.text);
    if !fits {
        let (ja, en) = style.says();
        report.add(
            Diagnostic::error(
                "id-invalid",
                word.site.clone(),
                format!("「{}」は id に使えません", word.text),
                format!("'{}' cannot be an id", word.text),
            )
            .expected(format!("{ja}（{MAX_ID}文字まで）"), format!("{en}, at most {MAX_ID} characters"))
            .help("id を書き直してください", "write the id anew")
            .names([word.text.as_str()]),
        );
    }
    fits
}

/// Ids of one kind seen so far, and where.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<String, Site>);

impl Seen {
    /// The `id` of a table; a duplicate is reported and read on.
    pub(super) fn id(&mut self, table: &Table<'_>, style: Style) -> Option<Word> {
        let word = table.need_word("id")?;
        check_style(table.report(), &word, style);
        self.once(table.report(), &word);
        Some(word)
    }

    /// Reports an id that was there before.
    pub(super) fn once(&mut self, report: &Report, word: &Word) -> bool {
        let Some(first) = self.0.get(&word.text) else {
            self.0.insert(word.text.clone(), word.site.clone());
            return true;
        };
        report.add(
            Diagnostic::error(
                "id-duplicate",
                word.site.clone(),
                format!("「{}」は二度使われています（最初は {}）", word.text, first.file),
                format!("'{}' occurs twice (first in {})", word.text, first.file),
            )
            .help("どちらかの id を変えるか、消してください", "change one of the two, or take it out")
            .names([word.text.as_str()]),
        );
        false
    }
}
