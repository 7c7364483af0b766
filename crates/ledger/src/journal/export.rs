//! The journal as a file: a head line, then for each entry its hash and its canonical bytes on one line. The file verifies
//! without the store.

use std::io::{BufRead, Read as _, Write};

use sha2::{Digest, Sha256};

use super::checkpoint::Checkpoint;
use super::entry::{hex, unhex};
use super::verify::{Verdict, Walk};
use crate::permission::Permit;
use crate::store::Sql;
use crate::{Error, Kind, Operation, Reading, Result};

/// The first line of an export.
const HEADER: &str = "sekimori journal 1";

/// The first line of a part of the journal, in which entries may be hashes alone.
pub(super) const EXTRACT: &str = "sekimori journal extract 1";

/// Longest line that is read, in bytes.
const LINE_MAX: u64 = 16 * 1024 * 1024;

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// How many entries, from the first on.
    pub entries: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

fn written(error: &std::io::Error) -> Error {
    Error::new(Kind::Refused, format!("書き込めませんでした：{error}"), format!("It could not be written: {error}."))
}

impl Export {
    /// Writes all entries.
    pub async fn write(reading: &mut Reading, out: &mut impl Write) -> Result<Self> {
        let mut entries = 0;
        let mut digest = Sha256::new();
        let mut put = |line: &[u8]| {
            digest.update(line);
            out.write_all(line).map_err(|error| written(&error))
        };
        put(format!("{HEADER}\n").as_bytes())?;
        let mut after = 0_i64;
        loop {
            let sql = "SELECT seq, hash, bytes FROM journal WHERE seq > $1 ORDER BY seq LIMIT 1000";
            let rows = reading.rows(Sql::new(sql, [after.into()])).await?;
            let Some(last) = rows.last() else { break };
            after = last.int(0)?;
            for row in &rows {
                let mut line = hex(&row.bytes(1)?).into_bytes();
                line.push(b' ');
                line.extend(row.bytes(2)?);
                line.push(b'\n');
                put(&line)?;
                entries += 1;
            }
        }
        out.flush().map_err(|error| written(&error))?;
        Ok(Self { entries, sha256: digest.finalize().into() })
    }

    /// Notes in the journal that its entries were written out: to which number, and the file's hash.
    pub fn note(&self, op: &mut Operation, permit: Permit) {
        op.enter(permit);
        op.note("entries", self.entries);
        op.note("sha256", hex(&self.sha256));
    }
}

/// Verifies an export, or the entries of an extract, without its store: every entry's bytes, the chain, and the checkpoint when
/// there is one.
pub fn verify_export(input: impl BufRead, checkpoint: Option<Checkpoint>) -> Result<Verdict> {
    verify_lines(input, checkpoint).map(|walk| walk.verdict)
}

fn unreadable(log: String) -> Error {
    Error::new(
        Kind::Invalid,
        "操作記録の書出しファイルではありません。journal export が書いたファイルを指定してください。",
        "This is not an export of the journal. Give a file that journal export wrote.",
    )
    .logged(log)
}

pub(super) fn verify_lines(mut input: impl BufRead, checkpoint: Option<Checkpoint>) -> Result<Walk> {
    let mut walk = Walk::new(checkpoint);
    let mut line = Vec::new();
    let (mut number, mut partial) = (0_i64, false);
    loop {
        line.clear();
        let read = input.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        if read.map_err(|error| unreadable(error.to_string()))? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if number == 0 {
            partial = text == EXTRACT.as_bytes();
            if !partial && text != HEADER.as_bytes() {
                return Err(unreadable("wrong first line".to_owned()));
            }
        } else {
            let hash = text.get(..64).and_then(|hash| std::str::from_utf8(hash).ok()).and_then(unhex);
            match (hash, text.get(64..65), text.get(65..)) {
                (Some(hash), Some(b" "), Some(bytes)) => {
                    walk.take(number, bytes, &hash);
                }
                (Some(hash), None, None) if partial => walk.withhold(number, hash),
                _ => walk.wrong(number),
            }
        }
        number += 1;
    }
    if number == 0 {
        return Err(unreadable("empty file".to_owned()));
    }
    walk.end();
    Ok(walk)
}
