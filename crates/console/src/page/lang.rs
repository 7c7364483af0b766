//! The two languages of the pages.
//!
//! Words stand in both languages where they are used, `lang.t("処理待ち", "To decide")`: what is on a page is found by looking
//! for it, and a translation cannot be missing.

use std::fmt;

/// The language of a page. Japanese unless the reader has switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The language of this tag, `ja` or `en`.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        match tag {
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Whether it is English.
    pub(crate) fn english(self) -> bool {
        self == Self::En
    }

    /// One of the two wordings.
    pub(crate) fn t<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// A text of the pack.
    pub(crate) fn of(self, text: &pack::model::Text) -> &str {
        text.pick(self.english())
    }
}

impl fmt::Display for Lang {
    /// The tag for `lang=`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.t("ja", "en"))
    }
}
