//! The journal (操作記録): who did what, when, to which record, with the salted hash of each row that changed.
//!
//! Entries are exact bytes ([`entry`]), chained by their hashes, numbered without gaps. Values are never in the journal: they
//! live in the tables, whose rows the entries vouch for ([`tables`]), so that lawful destruction leaves the chain whole.

mod checkpoint;
pub mod entry;
mod export;
mod extract;
mod read;
pub(crate) mod tables;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, SignerKey, VerifierKey};
pub use entry::Entry;
pub use export::{Export, verify_export};
pub use extract::{Extract, RowOf, extract, note_evidence, verify_extract};
pub use read::{About, entries, last, root};
pub use tables::{Child, Hash, TABLES, Table};
pub use tree::Tree;
pub use verify::{Fault, Problem, Verdict, verify};

use std::collections::HashMap;

use crate::operation::{Pending, Reading};
use crate::store::Sql;
use crate::{Moment, Result};

/// Appends the entries of an operation. The head row is locked here, last of all locks, and gives the numbers.
pub(crate) async fn append(reading: &mut Reading, pending: Vec<Pending>) -> Result<(i64, i64)> {
    let mut hashed = Vec::with_capacity(pending.len());
    // Nothing is written any more: a row that several entries touched has one hash.
    let mut known: HashMap<(&str, String), Option<Hash>> = HashMap::new();
    for entry in pending {
        let mut rows = Vec::with_capacity(entry.touched.len());
        for (table, key) in &entry.touched {
            let row = (table.name, entry::key_text(key));
            let hash = match known.get(&row) {
                Some(hash) => *hash,
                None => {
                    let hash = table.hash_of(reading, key).await?;
                    known.insert(row.clone(), hash);
                    hash
                }
            };
            rows.push(entry::RowHash { table: table.name.to_owned(), key: row.1, hash });
        }
        hashed.push((entry, rows));
    }
    let (actor, at) = (reading.actor().to_string(), reading.at());
    let mut head = Sql::new("SELECT seq, hash FROM journal_head WHERE id = 1", []);
    head.push(reading.engine().for_update());
    let head = reading.row(head).await?;
    let (mut seq, mut prev) = (head.int(0)?, head.bytes(1)?);
    let first = seq + 1;
    for (pending, rows) in hashed {
        seq += 1;
        let entry = Entry {
            seq,
            prev: prev.clone(),
            at: Moment(at.0),
            actor: actor.clone(),
            act: pending.act,
            kind: pending.kind,
            subject: pending.subject,
            note: pending.note,
            rows,
        };
        let bytes = entry.to_bytes();
        prev = entry::leaf_hash(&bytes).to_vec();
        let insert = "INSERT INTO journal (seq, at, actor, act, kind, subject, bytes, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = [
            seq.into(),
            at.into(),
            entry.actor.into(),
            entry.act.into(),
            entry.kind.into(),
            entry.subject.into(),
            bytes.into(),
            prev.clone().into(),
        ];
        reading.execute(Sql::new(insert, values)).await?;
    }
    let update = "UPDATE journal_head SET seq = $1, hash = $2 WHERE id = 1";
    reading.execute(Sql::new(update, [seq.into(), prev.into()])).await?;
    Ok((first, seq))
}
