//! Reads that are entries of the journal: of the highest class by anybody, and of any record by those who look in from
//! outside its line. A record that is opened is an entry with its id; a list is one entry with the register and how many such
//! lines it showed.

use std::collections::BTreeSet;

use pack::Pack;
use pack::model::{Axis, Field, FieldType, Register};
use serde_json::Value as Json;

use super::{Record, keys};
use crate::people::Standing;
use crate::permission::{self, ADMINISTRATOR};
use crate::store::Sql;
use crate::{Id, Operation, Reading, Result};

/// Roles whose every read of a record is noted: auditors, who see the whole city, and whoever administers the product.
const LOOKING_IN: [&str; 3] = ["auditor", "audit_commissioner", ADMINISTRATOR];

/// Whether the record, or one that it refers to, is of the highest class of 機密性.
pub(crate) async fn is_top_secret(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<bool> {
    Ok(!top_secret(reading, pack, &[(register, record)]).await?.is_empty())
}

/// Which of these records, shown to a person, have to be noted.
pub async fn noted<'a>(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    shown: &[(&'a Register, &'a Record)],
) -> Result<Vec<(&'a Register, &'a Record)>> {
    if LOOKING_IN.iter().any(|role| standing.holds(role)) {
        return Ok(shown.to_vec());
    }
    top_secret(reading, pack, shown).await
}

/// Those of these records that are of the highest class of 機密性, or refer to one that is.
async fn top_secret<'a>(
    reading: &mut Reading,
    pack: &Pack,
    shown: &[(&'a Register, &'a Record)],
) -> Result<Vec<(&'a Register, &'a Record)>> {
    let Some(top) = pack.classes.of(Axis::Confidentiality).first() else { return Ok(Vec::new()) };
    let own = |register: &Register, record: &Record| has_class(register, record, &top.id);
    let others = shown.iter().filter(|(register, record)| register.fields.iter().any(refers) && !own(register, record));
    let others: Vec<Id> = others.map(|(_, record)| record.id).collect();
    let linked = if others.is_empty() { BTreeSet::new() } else { linked(reading, pack, &top.id, &others).await? };
    let found = shown.iter().filter(|(register, record)| own(register, record) || linked.contains(&record.id));
    Ok(found.copied().collect())
}

/// Those of these records that refer to a record of this class of 機密性.
async fn linked(reading: &mut Reading, pack: &Pack, class: &str, records: &[Id]) -> Result<BTreeSet<Id>> {
    let classed = pack.registers.iter().flat_map(|register| &register.fields).filter(|field| is_confidentiality(field));
    let mut fields: Vec<(&str, &Field)> = classed.map(|field| (field.id.as_str(), field)).collect();
    fields.sort_unstable_by_key(|(id, _)| *id);
    fields.dedup_by_key(|(id, _)| *id);
    let key = fields.first().and_then(|(_, field)| keys::key(pack, &field.ty, &Json::from(class)));
    let mut sql = Sql::default();
    sql.push("SELECT DISTINCT l.record_id FROM record_link l JOIN record_key k ON k.record_id = l.target ");
    sql.push("WHERE l.kind = 'record' AND l.record_id IN ").bind_all(records.iter().copied());
    sql.push(" AND k.field IN ").bind_all(fields.iter().map(|(id, _)| *id)).push(" AND k.key = ").bind(key);
    reading.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

fn refers(field: &Field) -> bool {
    match &field.ty {
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Ref(_)),
        ty => matches!(ty, FieldType::Ref(_)),
    }
}

fn is_confidentiality(field: &Field) -> bool {
    matches!(field.ty, FieldType::Class(Axis::Confidentiality))
}

fn has_class(register: &Register, record: &Record, class: &str) -> bool {
    let mut fields = register.fields.iter().filter(|field| is_confidentiality(field));
    fields.any(|field| record.fields.get(&field.id).and_then(Json::as_str) == Some(class))
}

/// Notes that the actor was shown lines of a register, so many of which have to be noted.
pub fn note_list(op: &mut Operation, register: &Register, count: usize) {
    op.enter(permission::passage(register, "list"));
    op.note("count", count);
}

/// Notes that the actor was shown the contents of a record.
pub fn note_read(op: &mut Operation, register: &Register, record: &Record) {
    op.enter(permission::sensitive_read(register, record.id));
    op.note("version", record.version);
}
