//! Small values that everything else is made of.

use std::fmt;

/// A label or sentence in Japanese, and in English where the pack has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// Japanese; never empty in a checked pack.
    pub ja: String,
    /// English; its absence is a warning.
    pub en: Option<String>,
}

impl Text {
    /// The English text where there is one and it is asked for, else the Japanese.
    pub fn pick(&self, english: bool) -> &str {
        match &self.en {
            Some(en) if english => en,
            _ => &self.ja,
        }
    }
}

/// Where something stands in the pack's files: byte range in one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// Path under the pack's folder, with `/`.
    pub file: std::sync::Arc<str>,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A length of calendar time as the pack writes it: `5年`, `6月`, `30日`, `2週`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Calendar years.
    Years(u32),
    /// Calendar months.
    Months(u32),
    /// Days.
    Days(u32),
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Years(n) => write!(f, "{n}年"),
            Self::Months(n) => write!(f, "{n}月"),
            Self::Days(n) => write!(f, "{n}日"),
        }
    }
}
