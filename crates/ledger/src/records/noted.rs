//! Reads that are entries of the journal: of the highest class by anybody, and of any record by those who look in from
//! outside its line.

use pack::Pack;
use pack::model::{Axis, FieldType, Register};
use serde_json::Value as Json;

use super::{Record, stored};
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
    let has_top = |register: &Register, record: &Record| {
        register.fields.iter().any(|field| {
            matches!(field.ty, FieldType::Class(Axis::Confidentiality))
                && record.fields.get(&field.id).and_then(Json::as_str) == Some(top.id.as_str())
        })
    };
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
