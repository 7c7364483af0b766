//! Reads that are entries of the journal: of the highest class by anybody, and of any record by those who look in from
//! outside its line. A record that is opened is an entry with its id; a list is one entry with the register and how many such
//! lines it showed.

use pack::Pack;
use pack::model::{Axis, Field, FieldType, Register};
use serde_json::Value as Json;

use super::{Record, keys, stored};
use crate::people::Standing;
use crate::permission::{self, ADMINISTRATOR};
use crate::store::Sql;
use crate::{Operation, Reading, Result};

/// Roles whose every read of a record is noted: auditors, who see the whole city, and whoever administers the product.
const LOOKING_IN: [&str; 3] = ["auditor", "audit_commissioner", ADMINISTRATOR];

/// Whether the record, or one that it refers to, is of the highest class of 機密性.
pub(crate) async fn is_top_secret(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<bool> {
    let Some(top) = pack.classes.of(Axis::Confidentiality).first() else { return Ok(false) };
    let has_top = |register: &Register, record: &Record| has_class(register, record, &top.id);
    if has_top(register, record) {
        return Ok(true);
    }
    let links = Sql::new(
        "SELECT DISTINCT target FROM record_link WHERE record_id = $1 AND kind = 'record'",
        [record.id.into()],
    );
    for row in reading.rows(links).await? {
        let Some(other) = stored(reading, row.id(0)?).await? else { continue };
        if pack.register(&other.register).is_some_and(|register| has_top(register, &other)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_confidentiality(field: &Field) -> bool {
    matches!(field.ty, FieldType::Class(Axis::Confidentiality))
}

fn has_class(register: &Register, record: &Record, class: &str) -> bool {
    let mut fields = register.fields.iter().filter(|field| is_confidentiality(field));
    fields.any(|field| record.fields.get(&field.id).and_then(Json::as_str) == Some(class))
}

/// How many of these records of a register, shown to a person as lines of a list, have to be noted.
pub async fn count_noted(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    shown: &[Record],
) -> Result<usize> {
    if LOOKING_IN.iter().any(|role| standing.holds(role)) {
        return Ok(shown.len());
    }
    let Some(top) = pack.classes.of(Axis::Confidentiality).first() else { return Ok(0) };
    let (own, others): (Vec<&Record>, Vec<&Record>) =
        shown.iter().partition(|record| has_class(register, record, &top.id));
    let refers = |field: &Field| match &field.ty {
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Ref(_)),
        ty => matches!(ty, FieldType::Ref(_)),
    };
    if others.is_empty() || !register.fields.iter().any(refers) {
        return Ok(own.len());
    }
    let classed = pack.registers.iter().flat_map(|register| &register.fields).filter(|field| is_confidentiality(field));
    let mut fields: Vec<(&str, &Field)> = classed.map(|field| (field.id.as_str(), field)).collect();
    fields.sort_unstable_by_key(|(id, _)| *id);
    fields.dedup_by_key(|(id, _)| *id);
    let key = fields.first().and_then(|(_, field)| keys::key(pack, &field.ty, &Json::from(top.id.as_str())));
    let mut sql = Sql::default();
    sql.push("SELECT count(DISTINCT l.record_id) FROM record_link l JOIN record_key k ON k.record_id = l.target ");
    sql.push("WHERE l.kind = 'record' AND l.record_id IN ").bind_all(others.iter().map(|record| record.id));
    sql.push(" AND k.field IN ").bind_all(fields.iter().map(|(id, _)| *id)).push(" AND k.key = ").bind(key);
    let linked = reading.row(sql).await?.int(0)?;
    Ok(own.len() + usize::try_from(linked).unwrap_or_default())
}

/// Notes that the actor was shown lines of a register, so many of which have to be noted.
pub fn note_list(op: &mut Operation, register: &Register, count: usize) {
    op.enter(permission::passage(register, "list"));
    op.note("count", count);
}

/// Whether it has to be noted that this person is shown the record's contents.
pub async fn is_noted(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    record: &Record,
) -> Result<bool> {
    if LOOKING_IN.iter().any(|role| standing.holds(role)) {
        return Ok(true);
    }
    is_top_secret(reading, pack, register, record).await
}

/// Notes that the actor was shown the contents of a record.
pub fn note_read(op: &mut Operation, register: &Register, record: &Record) {
    op.enter(permission::sensitive_read(register, record.id));
    op.note("version", record.version);
}
