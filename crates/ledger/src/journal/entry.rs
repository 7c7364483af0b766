//! One entry and its canonical bytes.
//!
//! The bytes are JSON in the form of RFC 8785 (keys sorted, no white space), restricted to strings, whole numbers, null,
//! arrays and objects with ASCII keys, for which `serde_json` writes exactly that form.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::Hash;
use crate::store::Value;
use crate::{Error, Moment, Result};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: i64,
    /// The hash of the entry before; empty for the first.
    pub prev: Vec<u8>,
    /// When.
    pub at: Moment,
    /// Who: `person:ID`, `operator:NAME` (command line) or `machine:PART`.
    pub actor: String,
    /// What act, such as `create`, `edit`, `transition`, `read`.
    pub act: String,
    /// What kind of thing: a register's id, or a table's name.
    pub kind: String,
    /// Which thing: its id, or nothing.
    pub subject: String,
    /// Ids that tell more, such as the transition; never contents.
    pub note: Map<String, Json>,
    /// The rows that changed.
    pub rows: Vec<RowHash>,
}

/// A row that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowHash {
    /// Its table.
    pub table: String,
    /// Its key, values joined by `/`.
    pub key: String,
    /// Its salted hash from then on; none when it was deleted.
    pub hash: Option<Hash>,
}

/// A row's key as the journal writes it.
pub(crate) fn key_text(key: &[Value]) -> String {
    let parts: Vec<String> = key
        .iter()
        .map(|value| match value {
            Value::Int(Some(value)) => value.to_string(),
            Value::Text(Some(value)) => value.clone(),
            Value::Bytes(Some(value)) => hex(value),
            Value::Int(None) | Value::Text(None) | Value::Bytes(None) => String::new(),
        })
        .collect();
    parts.join("/")
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(halves.filter_map(|half| char::from_digit(u32::from(half), 16)));
    text
}

/// Reads hexadecimal; none for anything else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| text.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

/// The hash of an entry's bytes: a leaf hash of RFC 6962, section 2.1, so that chain and tree share it.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0_u8]).chain_update(bytes).finalize().into()
}

impl Entry {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let rows: Vec<Json> =
            self.rows.iter().map(|row| json!([row.table, row.key, row.hash.map(|hash| hex(&hash))])).collect();
        let mut object = json!({
            "act": self.act,
            "actor": self.actor,
            "at": self.at.0,
            "kind": self.kind,
            "prev": hex(&self.prev),
            "rows": rows,
            "seq": self.seq,
            "subject": self.subject,
        });
        if !self.note.is_empty()
            && let Some(object) = object.as_object_mut()
        {
            object.insert("note".to_owned(), Json::Object(self.note.clone()));
        }
        object.to_string().into_bytes()
    }

    /// Reads the bytes back. Bytes that are not exactly what [`to_bytes`](Self::to_bytes) writes are an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let wrong = || Error::broken("an entry's bytes are not an entry");
        let json: Json = serde_json::from_slice(bytes).map_err(|_| wrong())?;
        let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned).ok_or_else(wrong);
        let int = |key: &str| json.get(key).and_then(Json::as_i64).ok_or_else(wrong);
        let mut rows = Vec::new();
        for row in json.get("rows").and_then(Json::as_array).ok_or_else(wrong)? {
            let (Some(table), Some(key), Some(hash)) = (row.get(0), row.get(1), row.get(2)) else {
                return Err(wrong());
            };
            let hash = match hash {
                Json::Null => None,
                Json::String(hash) => Some(unhex(hash).and_then(|h| h.try_into().ok()).ok_or_else(wrong)?),
                _ => return Err(wrong()),
            };
            rows.push(RowHash {
                table: table.as_str().ok_or_else(wrong)?.to_owned(),
                key: key.as_str().ok_or_else(wrong)?.to_owned(),
                hash,
            });
        }
        let entry = Self {
            seq: int("seq")?,
            prev: unhex(&text("prev")?).ok_or_else(wrong)?,
            at: Moment(int("at")?),
            actor: text("actor")?,
            act: text("act")?,
            kind: text("kind")?,
            subject: text("subject")?,
            note: json.get("note").and_then(Json::as_object).cloned().unwrap_or_default(),
            rows,
        };
        if entry.to_bytes() == bytes { Ok(entry) } else { Err(wrong()) }
    }
}
