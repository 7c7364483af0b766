//! Taking records over from a table: with the number and the state that they had elsewhere, and the entries that say that a
//! table came in or went out.

use pack::Pack;
use pack::model::Register;
use serde_json::{Map, Value as Json};

use super::check::{Checking, name_of};
use super::keys::Index;
use super::write::{final_day, insert, write_version};
use super::{Record, number};
use crate::journal::entry::hex;
use crate::people::{persons, units};
use crate::permission::Permit;
use crate::{Error, Id, Operation, Result, decisions, permission};

/// A record as it was kept elsewhere.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// Its number there; a new one when none is given.
    pub number: Option<String>,
    /// The unit that it belongs to.
    pub unit: Id,
    /// Its state; the register's first when none is given.
    pub state: Option<String>,
    /// Who asked for it.
    pub applicant: Option<Id>,
    /// Its fields, with ids that exist.
    pub fields: Map<String, Json>,
}

/// Takes over a record. Only for administration on the server: states are not walked through, and limits that bound on the
/// day of writing (a day not yet past) are not asked again. Types, required fields and unique rules are.
pub async fn adopt(op: &mut Operation, pack: &Pack, register: &Register, adopted: Adopted) -> Result<Record> {
    let permit = permission::create(op, None, register, adopted.unit).await?;
    units::get(op, adopted.unit).await?;
    if let Some(person) = adopted.applicant {
        persons::get(op, person).await?;
    }
    let state = adopted.state.unwrap_or_else(|| register.lifecycle.initial.clone());
    if register.state(&state).is_none() {
        return Err(Error::broken(format!("{} has no state {state}", register.id)));
    }
    let today = op.today();
    let mut record = Record {
        id: op.new_id()?,
        register: register.id.clone(),
        number: String::new(),
        name: String::new(),
        unit: adopted.unit,
        ended: final_day(register, &state, today),
        state,
        applicant: adopted.applicant,
        entered_for: None,
        version: 1,
        pack: pack.version.clone(),
        created: op.at(),
        changed: op.at(),
        entered: today,
        disposed: None,
        fields: Map::new(),
    };
    let mut checking = Checking { pack, register, standing: None, errors: Vec::new() };
    record.fields = checking.merge(&Map::new(), &adopted.fields);
    // The fields count as unchanged, so that limits rest; what has to be there still has to.
    let as_it_was = record.fields.clone();
    checking.rules(op, &record, &as_it_was, &[]).await?;
    checking.unique(op, &record).await?;
    checking.finish()?;
    record.name = name_of(op, register, &record.fields).await?;
    op.enter(permit);
    op.subject(record.id);
    op.note("adopted", true);
    let (year, seq) = match adopted.number {
        Some(number) => {
            crate::people::check_line("number", &number, true)?;
            let counted = number::take_over(op, register, &number).await?;
            record.number = number;
            counted
        }
        None => {
            let (year, seq, number) = number::next(op, register).await?;
            record.number = number;
            (year, seq)
        }
    };
    insert(op, &record, year, seq).await?;
    write_version(op, &record, "adopt", None).await?;
    let index = Index::of(pack, register, &record.number, &record.name, &record.fields);
    index.write(op, &register.id, record.id, true).await?;
    decisions::open_for(op, pack, register, &record).await?;
    Ok(record)
}

/// A table that came in or went out, as the journal notes it. Never its contents.
#[derive(Debug, Clone)]
pub struct Passage {
    /// `import` or `export`.
    pub act: &'static str,
    /// SHA-256 of the file.
    pub sha256: Vec<u8>,
    /// Rows, without headings.
    pub rows: usize,
}

/// Notes in the journal that a table of a register came in or went out.
pub fn note_passage(op: &mut Operation, register: &Register, passage: &Passage) {
    let permit: Permit = permission::passage(register, passage.act);
    op.enter(permit);
    op.note("sha256", hex(&passage.sha256));
    op.note("rows", passage.rows);
}
