//! What kinds of register judge: pure functions over a record's fields and the day, and the reads that they need.
//!
//! One file or folder for each kind with judgement of its own; how a kind is added stands at the list of kinds
//! (`pack::model::RegisterKind`). The pack's check holds registers to the fields that the code here reads, so an absent field
//! is one that nobody has filled. A kind decides nothing: what it suggests, a person confirms by an ordinary edit or step.

pub mod incident;

use pack::Pack;
use pack::model::{Register, RegisterKind};

/// The registers of a kind.
pub fn registers(pack: &Pack, kind: RegisterKind) -> impl Iterator<Item = &Register> {
    pack.registers.iter().filter(move |register| register.kind == Some(kind))
}
