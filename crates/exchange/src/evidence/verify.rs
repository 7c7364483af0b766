//! Verifying evidence without the city's store.

use std::collections::{BTreeMap, BTreeSet};

use ledger::journal::entry::hex;
use ledger::journal::{Checkpoint, Verdict, verify_extract};
use ledger::{Error, Kind, Result};
use serde_json::Value as Json;

use super::{CHECKPOINT, ENTRIES, FILES, ROWS, SUMS, checkpoint_text, zip};
use crate::sha256;

/// What a verification of evidence found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Files compared with their SHA-256.
    pub files: usize,
    /// Files that do not agree, each with what is wrong.
    pub problems: Vec<(String, Wrong)>,
    /// What the extract of the journal says.
    pub journal: Verdict,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Its bytes are not those of its SHA-256.
    Altered,
    /// The list names it and it is not there.
    Missing,
    /// It is there and the list does not name it.
    Unlisted,
    /// The zip around it was changed.
    Wrapping,
    /// The record of the attached file has another SHA-256.
    NotAsRecorded,
    /// It names other entries than those that are there.
    OtherRoot,
}

impl Wrong {
    /// One sentence in Japanese and English.
    pub fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::Altered => ("内容が書き換えられています", "its contents were altered"),
            Self::Missing => ("一覧にあるのに入っていません", "the list names it, and it is not there"),
            Self::Unlisted => ("一覧にないのに入っています", "it is there, and the list does not name it"),
            Self::Wrapping => ("ここからzipの形が書き換えられています", "the zip was altered from here on"),
            Self::NotAsRecorded => {
                ("添付した時の記録と内容が一致しません", "it is not what the record of the attached file says")
            }
            Self::OtherRoot => ("操作記録の抜粋と一致しません", "it does not agree with the extract of the journal"),
        }
    }
}

/// Whether these bytes begin as a zip does.
pub fn is_evidence(bytes: &[u8]) -> bool {
    bytes.starts_with(&zip::LOCAL)
}

/// Verifies the zip of evidence: each file with its SHA-256, attached files with their records, the extract of the journal in
/// itself and, when there is one, with a checkpoint that was signed before.
///
/// # Errors
/// When the zip holds no evidence of sekimori, or the checkpoint does not fit it.
pub fn verify(bytes: &[u8], checkpoint: Option<Checkpoint>) -> Result<Checked> {
    let (entries, broken) = zip::read(bytes);
    let mut problems: Vec<(String, Wrong)> = broken.into_iter().map(|name| (name, Wrong::Wrapping)).collect();
    let mut files: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for (name, bytes) in &entries {
        if files.insert(name, bytes).is_some() {
            problems.push((name.clone(), Wrong::Unlisted));
        }
    }
    let (Some(sums), Some(journal), Some(rows)) = (files.get(SUMS), files.get(ENTRIES), files.get(ROWS)) else {
        return Err(no_evidence());
    };
    let listed = listed(sums);
    for (name, sum) in &listed {
        match files.get(name.as_str()) {
            None => problems.push((name.clone(), Wrong::Missing)),
            Some(bytes) if hex(&sha256(bytes)) != *sum => problems.push((name.clone(), Wrong::Altered)),
            Some(_) => {}
        }
    }
    let unlisted = files.keys().filter(|name| **name != SUMS && !listed.contains_key(**name));
    problems.extend(unlisted.map(|name| ((*name).to_owned(), Wrong::Unlisted)));
    problems.extend(attached(&files, rows).into_iter().map(|name| (name, Wrong::NotAsRecorded)));
    let journal = match verify_extract(*journal, *rows, checkpoint) {
        Ok(journal) => journal,
        // What cannot be read any more was named above.
        Err(error) if problems.is_empty() || error.kind() == Kind::Refused => return Err(error),
        Err(_) => Verdict::default(),
    };
    let root = checkpoint_text(journal.entries + journal.withheld, &journal.root);
    if problems.is_empty() && files.get(CHECKPOINT).is_none_or(|text| *text != root.as_bytes()) {
        problems.push((CHECKPOINT.to_owned(), Wrong::OtherRoot));
    }
    problems.sort();
    problems.dedup_by(|a, b| a.0 == b.0);
    Ok(Checked { files: listed.len(), problems, journal })
}

fn no_evidence() -> Error {
    Error::new(
        Kind::Invalid,
        "証跡のzipではないか、途中で切れています。関守が書き出したzipを、展開し直さずにそのまま指定してください。",
        "This is no zip of evidence, or it is cut short. Give the zip as sekimori wrote it, not packed anew.",
    )
}

/// The list of SHA-256 by name, as `sha256sum` writes it.
fn listed(sums: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(sums);
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    lines.map(|(sum, name)| (name.to_owned(), sum.to_owned())).collect()
}

/// Attached files that are not what the rows of the extract say of them, or of which no row says anything.
fn attached(files: &BTreeMap<&str, &[u8]>, rows: &[u8]) -> BTreeSet<String> {
    let rows = String::from_utf8_lossy(rows);
    let rows = rows.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let recorded: BTreeMap<String, String> = rows
        .filter(|line| line["table"] == "file")
        .filter_map(|line| {
            Some((line["row"]["id"].as_str()?.to_owned(), line["row"]["sha256"]["hex"].as_str()?.to_owned()))
        })
        .collect();
    let attached = files.iter().filter_map(|(name, bytes)| {
        let id = name.strip_prefix(FILES)?.split('_').next()?;
        (recorded.get(id) != Some(&hex(&sha256(bytes)))).then(|| (*name).to_owned())
    });
    attached.collect()
}
