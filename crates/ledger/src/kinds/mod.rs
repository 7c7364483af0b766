//! What kinds of register judge: pure functions over a record's fields and the day, and the reads that they need.
//!
//! One file or folder for each kind with judgement of its own; how a kind is added stands at the list of kinds
//! (`pack::model::RegisterKind`). The pack's check holds registers to the fields that the code here reads, so an absent field
//! is one that nobody has filled. A kind decides nothing: what it suggests, a person confirms by an ordinary edit or step.

pub mod audit;
pub mod contract;
pub mod incident;
pub mod risk;

use pack::Pack;
use pack::model::{Register, RegisterKind};

use serde_json::{Map, Value as Json};

use crate::records::Record;
use crate::{Operation, Reading, Result, notices};

/// What a kind does in the operation of a step, after the record has moved. An incident is told at once to those whom the
/// deadline of its new state names, and what they were told of the state before rests.
pub(crate) async fn stepped(op: &mut Operation, pack: &Pack, register: &Register, record: &Record) -> Result<()> {
    if register.kind == Some(RegisterKind::Incident) {
        notices::settle(op, register, record).await?;
        if record.state == "reported" {
            notices::at_once(op, pack, register, record).await?;
        }
    }
    Ok(())
}

/// What a kind has against a change, or a step into a state: an audit by somebody who is not independent.
pub(crate) async fn refuse(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    old: &Record,
    new: &Record,
    to: Option<&str>,
) -> Result<()> {
    match register.kind {
        Some(RegisterKind::Audit) => audit::refuse(reading, pack, register, old, new, to).await,
        _ => Ok(()),
    }
}

/// What a kind fills in when a person takes a step: a sample's population and draw.
pub(crate) async fn fill(
    op: &mut Operation,
    pack: &Pack,
    register: &Register,
    record: &Record,
    to: &str,
) -> Result<Map<String, Json>> {
    audit::fill(op, pack, register, record, to).await
}

/// The registers of a kind.
pub fn registers(pack: &Pack, kind: RegisterKind) -> impl Iterator<Item = &Register> {
    pack.registers.iter().filter(move |register| register.kind == Some(kind))
}
