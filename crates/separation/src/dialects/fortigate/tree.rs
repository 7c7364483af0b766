//! The shape of a FortiOS configuration: `config …` tables of `edit …` entries with `set …` lines.

use crate::reading::Reading;
use crate::source::{At, Fate, Message};

/// Deepest nesting of `config` and `edit`.
const MAX_DEPTH: usize = 24;

/// A line of an entry: `set key values…`.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) at: At,
    pub(super) verb: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// A `config` table (its name is the words behind) or an `edit` entry (its name is what is edited).
#[derive(Debug)]
pub(super) struct Block {
    pub(super) at: At,
    /// Line of the `end` or `next`.
    pub(super) last: u32,
    pub(super) name: String,
    is_entry: bool,
    pub(super) sets: Vec<Set>,
    pub(super) tables: Vec<Block>,
    pub(super) entries: Vec<Block>,
}

impl Block {
    /// The values of the last `set` of a key; `None` when it is not set, or unset again.
    pub(super) fn values(&self, key: &str) -> Option<&[String]> {
        let last = self.sets.iter().rev().find(|set| set.key == key)?;
        (last.verb == "set").then_some(last.values.as_slice())
    }

    /// The first value of a key.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.values(key)?.first().map(String::as_str)
    }

    /// Whether a key is `enable`.
    pub(super) fn enabled(&self, key: &str) -> bool {
        self.value(key) == Some("enable")
    }

    /// Settles every line of the block; lines that are unread stay so.
    pub(super) fn settle(&self, reading: &mut Reading, fate: Fate) {
        for line in self.at.line..=self.last {
            reading.settle(At { line, ..self.at }, fate);
        }
    }

    /// Makes every line of the block unread for the whole device.
    pub(super) fn unread(&self, reading: &mut Reading, why: &Message) {
        reading.unread(self.at, Some(why.clone()));
        for line in self.at.line + 1..=self.last {
            reading.settle(At { line, ..self.at }, Fate::Unread);
        }
    }

    /// The lines that are none of the known keys, nor irrelevant, nor known tables: their places. Irrelevant lines are settled.
    pub(super) fn strange(
        &self,
        reading: &mut Reading,
        known: &[&str],
        irrelevant: impl Fn(&str) -> bool,
        tables: &[&str],
    ) -> Vec<At> {
        let mut out = Vec::new();
        for set in &self.sets {
            let plain = matches!(set.verb.as_str(), "set" | "unset");
            if plain && irrelevant(&set.key) {
                reading.settle(set.at, Fate::Irrelevant);
            } else if !plain || !known.contains(&set.key.as_str()) {
                out.push(set.at);
            }
        }
        for table in &self.tables {
            if tables.contains(&table.name.as_str()) {
                continue;
            }
            out.push(table.at);
            for line in table.at.line..=table.last {
                reading.settle(At { line, ..table.at }, Fate::Unread);
            }
        }
        for &at in &out {
            reading.settle(at, Fate::Unread);
        }
        out
    }
}

/// Reads a file into its tables. What does not fit is unread.
pub(super) fn read(reading: &mut Reading, file: u32, lines: &[String]) -> Vec<Block> {
    let mut builder = Builder { file, open: Vec::new(), done: Vec::new() };
    let mut at = 0usize;
    while at < lines.len() {
        let place = At { file, line: number(at + 1), column: 1 };
        let text = lines.get(at).map_or("", String::as_str);
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            reading.settle(place, Fate::Blank);
            at += 1;
            continue;
        }
        let Some((words, column, used)) = logical(lines.get(at..).unwrap_or_default()) else {
            let message = Message::new("引用符が閉じられていません", "a quotation mark is not closed");
            reading.problem(place, message.clone());
            reading.unread(place, Some(message));
            break;
        };
        builder.line(reading, At { column, ..place }, number(at + used), words);
        at += used;
    }
    builder.finish(reading, number(lines.len()))
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

struct Builder {
    file: u32,
    open: Vec<Block>,
    done: Vec<Block>,
}

impl Builder {
    fn line(&mut self, reading: &mut Reading, at: At, last: u32, words: Vec<String>) {
        let mut words = words.into_iter();
        let verb = words.next().unwrap_or_default();
        let rest: Vec<String> = words.collect();
        let in_table = self.open.last().is_some_and(|block| !block.is_entry);
        match verb.as_str() {
            "config" if self.open.len() < MAX_DEPTH && !rest.is_empty() => self.push(at, rest.join(" "), false),
            "edit" if in_table && self.open.len() < MAX_DEPTH && !rest.is_empty() => {
                self.push(at, rest.join(" "), true);
            }
            "next" if !in_table && !self.open.is_empty() => self.pop(last),
            "end" if !self.open.is_empty() => {
                // `end` also closes an entry that no `next` has closed.
                if !in_table {
                    self.pop(last);
                }
                self.pop(last);
            }
            "set" | "unset" | "append" | "select" | "unselect" if !self.open.is_empty() && !rest.is_empty() => {
                let mut rest = rest.into_iter();
                let key = rest.next().unwrap_or_default();
                for line in at.line + 1..=last {
                    reading.settle(At { line, ..at }, Fate::Irrelevant);
                }
                if let Some(block) = self.open.last_mut() {
                    block.sets.push(Set { at, verb, key, values: rest.collect() });
                }
            }
            _ => reading.unread(at, None),
        }
    }

    fn push(&mut self, at: At, name: String, is_entry: bool) {
        let (sets, tables, entries) = (Vec::new(), Vec::new(), Vec::new());
        self.open.push(Block { at, last: at.line, name, is_entry, sets, tables, entries });
    }

    fn pop(&mut self, last: u32) {
        let Some(mut block) = self.open.pop() else { return };
        block.last = last;
        match self.open.last_mut() {
            Some(parent) if block.is_entry => parent.entries.push(block),
            Some(parent) => parent.tables.push(block),
            None => self.done.push(block),
        }
    }

    fn finish(mut self, reading: &mut Reading, last: u32) -> Vec<Block> {
        if let Some(block) = self.open.last() {
            let message = Message::new(
                format!("「{}」が閉じられていません。ファイルが途中で切れています", block.name),
                format!("\"{}\" is not closed: the file is cut off", block.name),
            );
            let at = At { file: self.file, line: last, column: 1 };
            reading.problem(at, message.clone());
            reading.unread(at, Some(message));
        }
        while !self.open.is_empty() {
            self.pop(last);
        }
        self.done
    }
}

/// The words of the line that begins here, which quotes may carry over several; the column of the first word; lines used.
fn logical(lines: &[String]) -> Option<(Vec<String>, u32, usize)> {
    let mut words = Vec::new();
    let mut current: Option<String> = None;
    let mut quoted = false;
    let first = lines.first()?;
    let column = number(first.chars().take_while(|c| c.is_whitespace()).count() + 1);
    for (used, line) in (1usize..).zip(lines) {
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    quoted = !quoted;
                    current.get_or_insert_default();
                }
                '\\' => {
                    if let Some(escaped) = chars.next() {
                        current.get_or_insert_default().push(escaped);
                    }
                }
                c if c.is_whitespace() && !quoted => words.extend(current.take()),
                c => current.get_or_insert_default().push(c),
            }
        }
        if quoted {
            current.get_or_insert_default().push('\n');
        } else {
            words.extend(current.take());
            return Some((words, column, used));
        }
    }
    None
}
