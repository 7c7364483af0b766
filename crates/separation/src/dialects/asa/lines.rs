//! Lines and blocks of an ASA configuration.

use crate::dialects::words::{Word, words};
use crate::reading::Reading;
use crate::source::{At, Fate};

/// A line with its words.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) at: At,
    words: Vec<Word>,
}

impl Line {
    pub(super) fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }
}

/// A line that is not indented, and the indented lines under it.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) head: Line,
    pub(super) inner: Vec<Line>,
}

impl Block {
    /// Settles every line.
    pub(super) fn settle(&self, reading: &mut Reading, fate: Fate) {
        std::iter::once(&self.head).chain(&self.inner).for_each(|line| reading.settle(line.at, fate));
    }

    /// Makes every line unread for the whole device.
    pub(super) fn unread(&self, reading: &mut Reading) {
        std::iter::once(&self.head).chain(&self.inner).for_each(|line| reading.unread(line.at, None));
    }
}

/// Splits a file into blocks. Lines that begin with `!` or `:` are comments.
pub(super) fn blocks(reading: &mut Reading, file: u32, lines: &[String]) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    for (line, text) in (1u32..).zip(lines) {
        let at = At { file, line, column: 1 };
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with(['!', ':']) {
            reading.settle(at, Fate::Blank);
            continue;
        }
        let words = if trimmed.starts_with("banner ") { Vec::new() } else { words(text) };
        let Some(first) = words.first() else {
            reading.settle(at, if trimmed.starts_with("banner ") { Fate::Irrelevant } else { Fate::Unread });
            continue;
        };
        let at = At { column: first.column, ..at };
        let line = Line { at, words };
        match out.last_mut() {
            Some(block) if text.starts_with([' ', '\t']) => block.inner.push(line),
            _ => out.push(Block { head: line, inner: Vec::new() }),
        }
    }
    out
}
