//! Whose rows the journal vouches for, and how a row is hashed.

use sha2::{Digest, Sha256};

use crate::operation::Reading;
use crate::store::{Row, Sql, Value};
use crate::{Error, Result};

/// A SHA-256.
pub type Hash = [u8; 32];

/// A table whose rows are hashed, with their salt, into the entry of every change.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its primary key.
    pub key: &'static [&'static str],
    /// Every other column except `salt`.
    pub columns: &'static [&'static str],
    /// Rows of other tables that belong to a row of this one and are hashed with it; the key has one column then.
    pub children: &'static [Child],
}

/// Rows that belong to a row.
#[derive(Debug)]
pub struct Child {
    /// The table's name.
    pub name: &'static str,
    /// The column that names the row they belong to.
    pub parent: &'static str,
    /// The other columns, which together tell the rows of a parent apart.
    pub columns: &'static [&'static str],
}

/// All journaled tables. Not journaled: sessions and sign-in counters, number counters, the search index, the closure of
/// units, findings and their counts, notices (all computed or volatile), and the parts of files (each file's row holds the hash of its bytes).
pub const TABLES: &[Table] = &[
    table("unit", &["id"], &["code", "name", "body", "level", "parent_id", "position", "from_day", "to_day"]),
    table("unit_successor", &["unit_id", "successor_id"], &[]),
    table("person", &["id"], &["code", "name", "name_shown", "kana", "mail", "category", "from_day", "to_day"]),
    table("post", &["id"], &["person_id", "role", "unit_id", "main", "acting", "from_day", "to_day"]),
    table("substitute", &["unit_id", "role", "rank"], &["person_id"]),
    table("absence", &["id"], &["person_id", "from_at", "to_at", "set_by"]),
    table("account", &["id"], &["person_id", "login", "state", "created_at"]),
    table("credential", &["id"], &["account_id", "kind", "label", "secret", "created_at"]),
    table("token", &["id"], &["account_id", "hash", "label", "scopes", "created_at", "expires_at", "revoked_at"]),
    Table {
        name: "record",
        key: &["id"],
        columns: &[
            "register",
            "number",
            "year",
            "seq",
            "name",
            "unit_id",
            "state",
            "applicant",
            "entered_for",
            "version",
            "pack",
            "created_at",
            "changed_at",
            "entered_day",
            "final_day",
            "disposed_at",
        ],
        children: &[
            Child { name: "record_key", parent: "record_id", columns: &["register", "field", "key"] },
            Child { name: "record_unique", parent: "record_id", columns: &["register", "rule", "key"] },
            Child { name: "record_link", parent: "record_id", columns: &["field", "position", "kind", "target"] },
            Child { name: "record_text", parent: "record_id", columns: &["text"] },
        ],
    },
    table("record_version", &["record_id", "version"], &["at", "actor", "act", "reason", "state", "unit_id", "fields"]),
    table("paper", &["record_id"], &["dated", "scan"]),
    table("route", &["id"], &["record_id", "transition", "state", "steps", "opened_at", "closed_at"]),
    table(
        "task",
        &["id"],
        &[
            "record_id",
            "route_id",
            "kind",
            "step",
            "seat",
            "state",
            "person_id",
            "role",
            "scope",
            "unit_id",
            "opened_at",
            "done_at",
            "done_by",
        ],
    ),
    table("file", &["id"], &["name", "media_type", "size", "sha256", "owner", "created_at", "destroyed_at"]),
    table(
        "pack_version",
        &["id"],
        &[
            "pack",
            "version",
            "hash",
            "source",
            "note",
            "state",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "effective_day",
        ],
    ),
    Table {
        name: "fact_import",
        key: &["id"],
        columns: &["source", "at", "actor", "file_name", "sha256", "as_of", "count", "current"],
        children: &[Child { name: "fact", parent: "import_id", columns: &["position", "key", "fields"] }],
    },
    table("attestation", &["id"], &["control", "subject", "on_day", "by_person", "at", "note", "file_id"]),
    table("planned_start", &["control"], &["start_day", "note", "at"]),
    table("hold", &["id"], &["record_id", "reason", "note", "from_at", "by_actor", "released_at", "released_by"]),
    Table {
        name: "disposal",
        key: &["id"],
        columns: &["state", "reason", "proposed_by", "proposed_at", "decided_by", "decided_at"],
        children: &[Child { name: "disposal_item", parent: "disposal_id", columns: &["record_id"] }],
    },
];

const fn table(name: &'static str, key: &'static [&'static str], columns: &'static [&'static str]) -> Table {
    Table { name, key, columns, children: &[] }
}

/// The journaled table of this name.
pub(crate) fn named(name: &str) -> Result<&'static Table> {
    TABLES.iter().find(|t| t.name == name).ok_or_else(|| Error::broken(format!("table '{name}' is not journaled")))
}

impl Table {
    /// `SELECT` of key, columns and salt, in that order.
    pub(super) fn select(&self) -> String {
        let columns: Vec<&str> = self.key.iter().chain(self.columns).copied().chain(["salt"]).collect();
        format!("SELECT {} FROM {}", columns.join(", "), self.name)
    }

    /// The hash of one row as it is now; none when it is not there.
    pub(crate) async fn hash_of(&self, reading: &mut Reading, key: &[Value]) -> Result<Option<Hash>> {
        let mut sql = Sql::default();
        sql.push(&self.select());
        for (i, (column, value)) in self.key.iter().zip(key).enumerate() {
            sql.push(if i == 0 { " WHERE " } else { " AND " }).push(column).push(" = ").bind(value.clone());
        }
        let Some(row) = reading.row_if_any(sql).await? else { return Ok(None) };
        let mut digest = RowDigest::new(self, &row)?;
        for child in self.children {
            let columns = child.columns.join(", ");
            let mut sql = Sql::default();
            sql.push("SELECT ").push(&columns).push(" FROM ").push(child.name).push(" WHERE ").push(child.parent);
            sql.push(" = ").bind(key.first().cloned().unwrap_or(Value::Text(None)));
            // In the order in which `verify` reads them; a few rows are put in order here sooner than by the engine.
            let mut rows = reading.rows(sql).await?;
            rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            rows.iter().for_each(|row| digest.child(child, &row.0));
        }
        Ok(Some(digest.finish()))
    }
}

/// A row's hash being made: salt, table, then every value with its type and length, so that no two rows share their bytes.
pub(super) struct RowDigest(Sha256);

impl RowDigest {
    /// Begins with a row of [`Table::select`].
    pub(super) fn new(table: &Table, row: &Row) -> Result<Self> {
        let Some((salt, values)) = row.0.split_last() else { return Err(Error::broken("a row without columns")) };
        let mut digest = Self(Sha256::new());
        digest.value(salt);
        digest.name(table.name);
        values.iter().for_each(|value| digest.value(value));
        Ok(digest)
    }

    /// Adds a row that belongs to it, its values in the order of [`Child::columns`].
    pub(super) fn child(&mut self, child: &Child, values: &[Value]) {
        self.name(child.name);
        values.iter().for_each(|value| self.value(value));
    }

    fn name(&mut self, name: &str) {
        self.part(b'T', name.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Int(None) | Value::Text(None) | Value::Bytes(None) => self.part(b'0', &[]),
            Value::Int(Some(value)) => self.part(b'i', &value.to_be_bytes()),
            Value::Text(Some(value)) => self.part(b't', value.as_bytes()),
            Value::Bytes(Some(value)) => self.part(b'b', value),
        }
    }

    fn part(&mut self, tag: u8, bytes: &[u8]) {
        self.0.update([tag]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    /// The hash.
    pub(super) fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}
