//! What a record is found by: order-preserving keys, unique values, links, and the folded text. All of it is computed from
//! the record's fields and replaced whenever they change.

use pack::Pack;
use pack::model::{Field, FieldType, Register};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::fold::{fold, grams_of_text};
use super::value::{Link, is_empty, links};
use crate::journal::entry::hex;
use crate::store::Sql;
use crate::{Engine, Id, Operation, Result};

/// Longest key, in characters: what comes after does not matter to the order people see.
const KEY_MAX: usize = 100;

/// The pseudo-field whose key is the record's name.
pub(super) const NAME: &str = "#name";

/// The order-preserving key of a text.
pub(super) fn text_key(text: &str) -> String {
    fold(text).chars().take(KEY_MAX).collect()
}

/// The order-preserving key of a value of a field; none for fields that have no order of their own (references, files, long
/// text). Whole numbers become sixteen hexadecimal digits with the sign turned; a choice is its place in the pack and its id.
pub(super) fn key(pack: &Pack, ty: &FieldType, value: &Json) -> Option<String> {
    match ty {
        FieldType::Text => value.as_str().map(text_key),
        FieldType::Int | FieldType::Money => value.as_i64().map(|n| format!("{:016x}", n.cast_unsigned() ^ (1 << 63))),
        FieldType::Date => value.as_str().map(str::to_owned),
        FieldType::Bool => value.as_bool().map(|b| if b { "1" } else { "0" }.to_owned()),
        FieldType::Choice(choices) => {
            let id = value.as_str()?;
            let place = choices.iter().position(|choice| choice.id == id).unwrap_or(999);
            Some(format!("{place:03}{id}"))
        }
        FieldType::Class(axis) => {
            let id = value.as_str()?;
            Some(format!("{:03}{id}", pack.classes.height(*axis, id).unwrap_or(999)))
        }
        FieldType::Zone => {
            let id = value.as_str()?;
            let place = pack.zones.iter().position(|zone| zone.id == id).unwrap_or(999);
            Some(format!("{place:03}{id}"))
        }
        FieldType::List(_)
        | FieldType::Long
        | FieldType::Person
        | FieldType::Unit
        | FieldType::File
        | FieldType::Ref(_)
        | FieldType::Computed(_) => None,
    }
}

/// Whether a field has one key per record, so that lists can be sorted by it.
pub(super) fn is_sortable(field: &Field) -> bool {
    matches!(
        field.ty,
        FieldType::Text
            | FieldType::Int
            | FieldType::Money
            | FieldType::Date
            | FieldType::Bool
            | FieldType::Choice(_)
            | FieldType::Class(_)
            | FieldType::Zone
    )
}

/// The keys of a field's value: one for a sortable field (empty text for an empty field), any number for a list.
fn keys(pack: &Pack, field: &Field, value: Option<&Json>) -> Vec<String> {
    if let FieldType::List(inner) = &field.ty {
        let values = value.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        return values.iter().filter_map(|value| key(pack, inner, value)).collect();
    }
    if !is_sortable(field) {
        return Vec::new();
    }
    vec![value.and_then(|value| key(pack, &field.ty, value)).unwrap_or_default()]
}

/// A unique rule's name and the key of this record's values; none when one of them is empty.
pub(super) fn unique_keys(register: &Register, fields: &Map<String, Json>) -> Vec<(Vec<String>, String, String)> {
    let mut all = Vec::new();
    for rule in &register.unique {
        let values: Vec<&Json> = rule.iter().filter_map(|field| fields.get(field)).filter(|v| !is_empty(v)).collect();
        if values.len() == rule.len()
            && let Ok(bytes) = serde_json::to_vec(&values)
        {
            all.push((rule.clone(), rule.join("+"), hex(&Sha256::digest(bytes))));
        }
    }
    all
}

/// Everything that a record is found by.
#[derive(PartialEq)]
pub(super) struct Index {
    pub(super) keys: Vec<(String, String)>,
    pub(super) unique: Vec<(Vec<String>, String, String)>,
    pub(super) links: Vec<Link>,
    pub(super) text: String,
}

impl Index {
    /// Computes it.
    pub(super) fn of(pack: &Pack, register: &Register, number: &str, name: &str, fields: &Map<String, Json>) -> Self {
        let mut index = Self {
            keys: vec![(NAME.to_owned(), text_key(name))],
            unique: unique_keys(register, fields),
            links: Vec::new(),
            text: format!("{} {}", fold(number), fold(name)),
        };
        for field in &register.fields {
            let value = fields.get(&field.id);
            index.keys.extend(keys(pack, field, value).into_iter().map(|key| (field.id.clone(), key)));
            let Some(value) = value else { continue };
            index.links.extend(links(field, value));
            for text in texts(&field.ty, value) {
                index.text.push(' ');
                index.text.push_str(&fold(text));
            }
        }
        index
    }

    /// Writes it for a record whose earlier index, if any, is deleted. The record's row has to be touched by the caller.
    pub(super) async fn write(self, op: &mut Operation, register: &str, id: Id, new: bool) -> Result<()> {
        if !new {
            for delete in [
                "DELETE FROM record_key WHERE record_id = $1",
                "DELETE FROM record_unique WHERE record_id = $1",
                "DELETE FROM record_link WHERE record_id = $1",
            ] {
                op.write_unjournaled(Sql::new(delete, [id.into()])).await?;
            }
        }
        let keys = self.keys.into_iter().map(|(field, key)| [register.into(), field.into(), key.into(), id.into()]);
        let unique =
            self.unique.into_iter().map(|(_, rule, key)| [register.into(), rule.into(), key.into(), id.into()]);
        let links = self.links.into_iter().map(|link| {
            [id.into(), link.field.into(), link.position.into(), link.kind.as_str().into(), link.target.into()]
        });
        let mut all = Sql::insert_many("record_key (register, field, key, record_id)", keys);
        all.extend(Sql::insert_many("record_unique (register, rule, key, record_id)", unique));
        all.extend(Sql::insert_many("record_link (record_id, field, position, kind, target)", links));
        for sql in all {
            op.write_unjournaled(sql).await?;
        }
        write_text(op, id, &self.text, new).await
    }
}

fn texts<'a>(ty: &FieldType, value: &'a Json) -> Vec<&'a str> {
    match (ty, value) {
        (FieldType::Text | FieldType::Long, Json::String(text)) => vec![text],
        (FieldType::List(inner), Json::Array(values)) => values.iter().flat_map(|value| texts(inner, value)).collect(),
        _ => Vec::new(),
    }
}

/// Writes a record's text and its grams.
async fn write_text(op: &mut Operation, id: Id, text: &str, new: bool) -> Result<()> {
    let sql = "INSERT INTO record_text (record_id, text) VALUES ($1, $2) \
               ON CONFLICT (record_id) DO UPDATE SET text = excluded.text";
    op.write_unjournaled(Sql::new(sql, [id.into(), text.into()])).await?;
    if op.conn().is_building() { Ok(()) } else { write_grams(op, id, text, new).await }
}

async fn write_grams(op: &mut Operation, id: Id, text: &str, new: bool) -> Result<()> {
    let grams = grams_of_text(text).join(" ");
    match op.engine() {
        Engine::Sqlite => {
            let row = op.row(Sql::new("SELECT id FROM record_text WHERE record_id = $1", [id.into()])).await?.int(0)?;
            if !new {
                op.write_unjournaled(Sql::new("DELETE FROM record_gram WHERE rowid = $1", [row.into()])).await?;
            }
            let insert = "INSERT INTO record_gram (rowid, grams) VALUES ($1, $2)";
            op.write_unjournaled(Sql::new(insert, [row.into(), grams.into()])).await?;
        }
        Engine::Postgres => {
            let insert = "INSERT INTO record_gram (record_id, grams) VALUES ($1, string_to_array($2, ' ')) \
                          ON CONFLICT (record_id) DO UPDATE SET grams = excluded.grams";
            op.write_unjournaled(Sql::new(insert, [id.into(), grams.into()])).await?;
        }
    }
    Ok(())
}

/// Makes the search index anew from the texts of all records.
pub(crate) async fn rebuild_search(op: &mut Operation) -> Result<u64> {
    let empty = match op.engine() {
        Engine::Sqlite => "INSERT INTO record_gram (record_gram) VALUES ('delete-all')",
        Engine::Postgres => "DELETE FROM record_gram",
    };
    op.write_unjournaled(Sql::new(empty, [])).await?;
    let (mut count, mut after) = (0, String::new());
    loop {
        let sql = "SELECT record_id, text FROM record_text WHERE record_id > $1 ORDER BY record_id LIMIT 500";
        let rows = op.rows(Sql::new(sql, [(&after).into()])).await?;
        let Some(last) = rows.last() else { return Ok(count) };
        after = last.text(0)?;
        for row in &rows {
            write_grams(op, row.id(0)?, &row.text(1)?, true).await?;
            count += 1;
        }
    }
}

/// Removes what a record is found by (its content is destroyed), except its number.
pub(crate) async fn clear(op: &mut Operation, register: &str, id: Id, number: &str) -> Result<()> {
    let keys = vec![(NAME.to_owned(), String::new())];
    let index = Index { keys, unique: Vec::new(), links: Vec::new(), text: fold(number) };
    index.write(op, register, id, false).await
}
