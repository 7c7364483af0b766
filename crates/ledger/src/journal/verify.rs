//! Walks the chain and compares the rows that exist with their last hashes. Every disagreement is named by an entry's `seq`.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::checkpoint::Checkpoint;
use super::entry::{Entry, key_text, leaf_hash};
use super::tables::{Hash, RowDigest, TABLES, Table};
use super::tree::Tree;
use crate::store::{Row, Sql, Value};
use crate::{Reading, Result};

/// Entries and rows read at a time.
const PAGE: i64 = 500;

/// Problems after which the walk stops listing; there are more.
const PROBLEMS_MAX: usize = 200;

/// What does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The entry: the one that is wrong or missing, or the last that vouches for a row; 0 for a row that none vouches for.
    pub seq: i64,
    /// The row concerned, as table and key; none for the entry itself.
    pub row: Option<(String, String)>,
    /// What is wrong.
    pub fault: Fault,
}

/// Kinds of disagreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The entry's bytes are not those that were hashed.
    EntryAltered,
    /// The entry does not follow the one before it: something was deleted, inserted or swapped here.
    ChainBroken,
    /// There is no entry with this number.
    EntryMissing,
    /// The columns beside the entry's bytes say something else.
    ColumnsAltered,
    /// The head does not point to the last entry: the tail was cut or forged.
    HeadWrong,
    /// The row is not what it was when the entry was written.
    RowAltered,
    /// The row that the entry vouches for is gone.
    RowDeleted,
    /// A row that no entry vouches for, or one that was deleted and is back.
    RowInserted,
    /// The stored bytes of a file are not those of its hash.
    FileAltered,
    /// The entries up to here are not those that the checkpoint signed.
    CheckpointDisagrees,
    /// The checkpoint covers more entries than there are.
    TailMissing,
}

impl Fault {
    /// One sentence in Japanese and English.
    pub fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::EntryAltered => ("操作記録の内容が書き換えられています", "the entry's bytes were altered"),
            Self::ChainBroken => (
                "前の操作記録とつながりません（削除・挿入・入替え）",
                "the entry does not follow the one before it (deleted, inserted or swapped)",
            ),
            Self::EntryMissing => ("操作記録が欠けています", "the entry is missing"),
            Self::ColumnsAltered => ("操作記録の検索用の列が書き換えられています", "the entry's columns were altered"),
            Self::HeadWrong => (
                "末尾の記録と一致しません（末尾の削除・追加）",
                "the head does not match the last entry (tail cut or forged)",
            ),
            Self::RowAltered => ("行が書き換えられています", "the row was altered"),
            Self::RowDeleted => ("行が削除されています", "the row was deleted"),
            Self::RowInserted => ("操作記録のない行があります", "there is a row that no entry vouches for"),
            Self::FileAltered => ("ファイルの内容が書き換えられています", "the file's bytes were altered"),
            Self::CheckpointDisagrees => {
                ("確認印の時点の記録と異なります", "the entries are not those that the checkpoint signed")
            }
            Self::TailMissing => {
                ("確認印の時点より記録が少なくなっています", "there are fewer entries than the checkpoint signed")
            }
        }
    }
}

/// What a verification found.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Entries walked.
    pub entries: u64,
    /// Entries of which an extract has the hash alone.
    pub withheld: u64,
    /// Rows compared.
    pub rows: u64,
    /// Entries that no checkpoint covers; all of them without a checkpoint.
    pub uncovered: u64,
    /// The root of all entries, as RFC 6962 has it.
    pub root: Hash,
    /// What does not agree; empty when everything does.
    pub problems: Vec<Problem>,
}

impl Verdict {
    fn add(&mut self, seq: i64, row: Option<(&str, String)>, fault: Fault) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { seq, row: row.map(|(table, key)| (table.to_owned(), key)), fault });
        }
    }
}

/// The last hash of every row, by a short digest of table and key.
type Vouched = HashMap<[u8; 16], (i64, Option<Hash>)>;

/// One walk along the entries, wherever they come from.
pub(super) struct Walk {
    tree: Tree,
    prev: Vec<u8>,
    next: i64,
    vouched: Vouched,
    names: HashMap<[u8; 16], (String, String)>,
    checkpoint: Option<Checkpoint>,
    pub(super) verdict: Verdict,
}

fn row_name(table: &str, key: &str) -> [u8; 16] {
    let hash: Hash = Sha256::new().chain_update(table).chain_update("\0").chain_update(key).finalize().into();
    let mut short = [0; 16];
    short.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    short
}

impl Walk {
    pub(super) fn new(checkpoint: Option<Checkpoint>) -> Self {
        Self {
            tree: Tree::default(),
            prev: Vec::new(),
            next: 1,
            vouched: HashMap::new(),
            names: HashMap::new(),
            checkpoint,
            verdict: Verdict::default(),
        }
    }

    /// Takes the next entry by its stored number, bytes and hash; the entry when its bytes are readable.
    pub(super) fn take(&mut self, seq: i64, bytes: &[u8], hash: &[u8]) -> Option<Entry> {
        while self.next < seq {
            self.verdict.add(self.next, None, Fault::EntryMissing);
            self.next += 1;
            if self.verdict.problems.len() >= PROBLEMS_MAX {
                self.next = seq;
            }
        }
        self.next = seq + 1;
        self.verdict.entries += 1;
        let computed = leaf_hash(bytes);
        self.tree.push(computed);
        let entry = Entry::from_bytes(bytes).ok();
        match &entry {
            _ if computed != *hash => self.verdict.add(seq, None, Fault::EntryAltered),
            None => self.verdict.add(seq, None, Fault::EntryAltered),
            Some(entry) if entry.seq != seq || entry.prev != self.prev => {
                self.verdict.add(seq, None, Fault::ChainBroken);
            }
            Some(_) => {}
        }
        self.prev = hash.to_vec();
        for row in entry.iter().flat_map(|entry| &entry.rows) {
            let name = row_name(&row.table, &row.key);
            if row.hash.is_some() {
                self.names.insert(name, (row.table.clone(), row.key.clone()));
            } else {
                self.names.remove(&name);
            }
            self.vouched.insert(name, (seq, row.hash));
        }
        self.held_to_checkpoint(seq);
        entry
    }

    /// Takes the next entry of an extract by its hash alone.
    pub(super) fn withhold(&mut self, seq: i64, hash: Vec<u8>) {
        let Ok(leaf) = hash.as_slice().try_into() else { return self.wrong(seq) };
        self.next = seq + 1;
        self.verdict.withheld += 1;
        self.tree.push(leaf);
        self.prev = hash;
        self.held_to_checkpoint(seq);
    }

    /// Notes a line that is no entry.
    pub(super) fn wrong(&mut self, seq: i64) {
        self.verdict.add(seq, None, Fault::EntryAltered);
    }

    fn held_to_checkpoint(&mut self, seq: i64) {
        let signed = self.checkpoint.as_ref().filter(|checkpoint| checkpoint.size == self.tree.size());
        if signed.is_some_and(|checkpoint| checkpoint.root != self.tree.root()) {
            self.verdict.add(seq, None, Fault::CheckpointDisagrees);
        }
    }

    /// After the last entry: the checkpoint has to be covered.
    pub(super) fn end(&mut self) {
        let size = self.tree.size();
        self.verdict.root = self.tree.root();
        self.verdict.uncovered = size;
        if let Some(checkpoint) = &self.checkpoint {
            if checkpoint.size > size {
                self.verdict.add(self.next, None, Fault::TailMissing);
            } else {
                self.verdict.uncovered = size - checkpoint.size;
            }
        }
    }

    pub(super) fn compare(&mut self, table: &Table, key: String, hash: Hash) {
        self.verdict.rows += 1;
        let name = row_name(table.name, &key);
        self.names.remove(&name);
        match self.vouched.get(&name) {
            Some((_, Some(vouched))) if *vouched == hash => {}
            Some((seq, Some(_))) => self.verdict.add(*seq, Some((table.name, key)), Fault::RowAltered),
            Some((seq, None)) => self.verdict.add(*seq, Some((table.name, key)), Fault::RowInserted),
            None => self.verdict.add(0, Some((table.name, key)), Fault::RowInserted),
        }
    }

    /// Rows that entries vouch for and nobody came across.
    fn missing(&mut self) {
        let mut gone: BTreeMap<i64, Vec<(String, String)>> = BTreeMap::new();
        for (name, row) in std::mem::take(&mut self.names) {
            if let Some((seq, _)) = self.vouched.get(&name) {
                gone.entry(*seq).or_default().push(row);
            }
        }
        for (seq, rows) in gone {
            for (table, key) in rows {
                self.verdict.add(seq, Some((&table, key)), Fault::RowDeleted);
            }
        }
    }
}

/// Verifies the journal of a store and every row it vouches for, from one snapshot.
pub async fn verify(reading: &mut Reading, checkpoint: Option<Checkpoint>) -> Result<Verdict> {
    let mut walk = Walk::new(checkpoint);
    let mut after = i64::MIN;
    loop {
        let mut sql = Sql::new(
            "SELECT seq, bytes, hash, at, actor, act, kind, subject FROM journal WHERE seq > $1 ORDER BY seq",
            [after.into()],
        );
        sql.limit(PAGE);
        let rows = reading.rows(sql).await?;
        let Some(last) = rows.last() else { break };
        after = last.int(0)?;
        for row in &rows {
            let seq = row.int(0)?;
            if let Some(entry) = walk.take(seq, &row.bytes(1)?, &row.bytes(2)?) {
                let same = entry.at.0 == row.int(3)?
                    && entry.actor == row.text(4)?
                    && entry.act == row.text(5)?
                    && entry.kind == row.text(6)?
                    && entry.subject == row.text(7)?;
                if !same {
                    walk.verdict.add(seq, None, Fault::ColumnsAltered);
                }
            }
        }
    }
    let head = reading.row_if_any(Sql::new("SELECT seq, hash FROM journal_head WHERE id = 1", [])).await?;
    let heads = reading.row(Sql::new("SELECT count(*) FROM journal_head", [])).await?.int(0)?;
    let right = match &head {
        Some(head) => heads == 1 && head.int(0)? == walk.next - 1 && head.bytes(1)? == walk.prev,
        None => false,
    };
    if !right {
        let seq = head.map_or(Ok(walk.next), |head| head.int(0))?;
        walk.verdict.add(seq.min(walk.next).max(1), None, Fault::HeadWrong);
    }
    walk.end();
    for table in TABLES {
        compare_rows(reading, &mut walk, table).await?;
    }
    walk.missing();
    compare_files(reading, &mut walk).await?;
    // No entry vouches for the closure of units, which is computed from them.
    match crate::people::units::closure_faults(reading).await {
        Ok(keys) => {
            keys.into_iter().for_each(|key| walk.verdict.add(0, Some(("unit_closure", key)), Fault::RowAltered));
        }
        // Unreadable because of a row that is named already.
        Err(_) if !walk.verdict.problems.is_empty() => {}
        Err(_) => walk.verdict.add(0, Some(("unit_closure", String::new())), Fault::RowAltered),
    }
    Ok(walk.verdict)
}

/// Compares all rows of a table, page by page along its key, children beside them.
async fn compare_rows(reading: &mut Reading, walk: &mut Walk, table: &Table) -> Result<()> {
    let key = table.key.join(", ");
    let mut last: Option<Vec<Value>> = None;
    loop {
        let mut sql = Sql::default();
        sql.push(&table.select());
        if let Some(last) = &last {
            sql.push(" WHERE (").push(&key).push(") > ").bind_all(last.iter().cloned());
        }
        sql.push(" ORDER BY ").push(&key).limit(PAGE);
        let rows = reading.rows(sql).await?;
        let full = rows.len() >= usize::try_from(PAGE).unwrap_or(0);
        let next = rows.last().map(|row| row.0.iter().take(table.key.len()).cloned().collect::<Vec<_>>());
        let children = children_between(reading, table, last.as_ref(), next.as_ref().filter(|_| full)).await?;
        let mut digests = BTreeMap::new();
        for row in &rows {
            let key = key_text(row.0.get(..table.key.len()).unwrap_or(&[]));
            digests.insert(key, RowDigest::new(table, row)?);
        }
        for (child, row) in &children {
            let Some((parent, values)) = row.0.split_first() else { continue };
            let parent = key_text(std::slice::from_ref(parent));
            match digests.get_mut(&parent) {
                Some(digest) => digest.child(child, values),
                None => walk.verdict.add(0, Some((child.name, parent)), Fault::RowInserted),
            }
        }
        for (key, digest) in digests {
            walk.compare(table, key, digest.finish());
        }
        if !full {
            return Ok(());
        }
        last = next;
    }
}

/// The child rows whose parent is after one key and up to another, in the order in which they are hashed.
async fn children_between<'a>(
    reading: &mut Reading,
    table: &'a Table,
    after: Option<&Vec<Value>>,
    up_to: Option<&Vec<Value>>,
) -> Result<Vec<(&'a super::Child, Row)>> {
    let mut all = Vec::new();
    for child in table.children {
        let mut sql = Sql::default();
        let columns = child.columns.join(", ");
        sql.push("SELECT ").push(child.parent).push(", ").push(&columns).push(" FROM ").push(child.name);
        for (i, (compare, bound)) in [(" > ", after), (" <= ", up_to)].into_iter().enumerate() {
            let Some(bound) = bound.and_then(|key| key.first()) else { continue };
            sql.push(if i == 0 || after.is_none() { " WHERE " } else { " AND " });
            sql.push(child.parent).push(compare).bind(bound.clone());
        }
        sql.push(" ORDER BY ").push(child.parent).push(", ").push(&columns);
        all.extend(reading.rows(sql).await?.into_iter().map(|row| (child, row)));
    }
    Ok(all)
}

/// Compares the stored bytes of every file with the hash in its row.
async fn compare_files(reading: &mut Reading, walk: &mut Walk) -> Result<()> {
    let files =
        reading.rows(Sql::new("SELECT id, sha256, size FROM file WHERE destroyed_at IS NULL ORDER BY id", [])).await?;
    for file in files {
        let id = file.text(0)?;
        let (mut digest, mut size, mut part) = (Sha256::new(), 0_i64, 0_i64);
        while let Some(bytes) = crate::files::part(reading, &id, part).await? {
            digest.update(&bytes);
            size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            part += 1;
        }
        let hash: Hash = digest.finalize().into();
        let stored = Sql::new("SELECT count(*) FROM file_part WHERE file_id = $1", [(&id).into()]);
        let more = reading.row(stored).await?.int(0)? != part;
        if more || hash.as_slice() != file.bytes(1)? || size != file.int(2)? {
            let seq = walk.vouched.get(&row_name("file", &id)).map_or(0, |(seq, _)| *seq);
            walk.verdict.add(seq, Some(("file", id)), Fault::FileAltered);
        }
    }
    // Parts of no file, and parts that came back after their file was destroyed.
    let strays = "SELECT DISTINCT p.file_id FROM file_part p LEFT JOIN file f ON f.id = p.file_id \
                  WHERE f.id IS NULL OR f.destroyed_at IS NOT NULL ORDER BY p.file_id";
    for row in reading.rows(Sql::new(strays, [])).await? {
        let id = row.text(0)?;
        let seq = walk.vouched.get(&row_name("file", &id)).map_or(0, |(seq, _)| *seq);
        walk.verdict.add(seq, Some(("file_part", id)), Fault::RowInserted);
    }
    Ok(())
}
