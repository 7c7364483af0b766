//! Configuration files as they came in: names, lines, and what became of every line.

use serde::{Deserialize, Serialize};

/// Greatest size of one configuration file; a longer one is refused.
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// A text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Message {
    /// Both texts.
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }
}

/// A place in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct At {
    /// Index into [`Configuration::sources`](crate::ir::Configuration::sources).
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file: its name as the person gave it, and its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The name as given.
    pub name: String,
    /// Lines without their ends.
    pub lines: Vec<String>,
    /// Which dialect read it.
    pub dialect: String,
    /// SHA-256 of the bytes in hex; filled by the caller, empty until then.
    #[serde(default)]
    pub sha256: String,
    /// What became of each line.
    pub fates: Vec<Fate>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Nobody has looked at it: counted as unread when the reading ends, so a reader cannot forget a line.
    Pending,
    /// Blank or a comment.
    Blank,
    /// Understood, and part of what is judged.
    Understood,
    /// Known, and without influence on which packets pass.
    Irrelevant,
    /// Not understood.
    Unread,
}

impl Source {
    /// Splits bytes into lines (LF or CRLF). Bytes that are no UTF-8 become U+FFFD, which no dialect understands in a
    /// meaningful place.
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let fates = vec![Fate::Pending; lines.len()];
        Self { name: name.to_owned(), lines, dialect: String::new(), sha256: String::new(), fates }
    }

    /// The text of a line (from 1), trimmed; empty when there is no such line.
    pub fn text(&self, line: u32) -> &str {
        usize::try_from(line).ok().and_then(|line| self.lines.get(line.checked_sub(1)?)).map_or("", |text| text.trim())
    }
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where.
    pub at: At,
    /// What, for a person.
    pub message: Message,
    /// Whether the configuration cannot be judged at all because of it.
    pub fatal: bool,
}
