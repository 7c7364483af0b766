//! Records follow a changed policy: their register, state, fields and what they are found by, under the new ids.

use super::keys::Index;
use super::write::{final_day, write_version};
use super::{Record, stored_page};
use crate::packs::renames::Renames;
use crate::permission::{Office, office};
use crate::store::Sql;
use crate::{Id, Operation, Result};
use pack::model::Register;

/// Records of one journal entry.
const ENTRY: usize = 500;

/// Brings every record in step with the new version. A record whose register, state or fields change gets a version of its
/// own; of the others only what they are found by is made anew where it differs. Records of retired registers stay as they
/// are. How many were written.
pub(crate) async fn follow(op: &mut Operation, renames: &Renames<'_>, version: Id) -> Result<u64> {
    let mut written = 0;
    for old in &renames.old.registers {
        let Some(new) = renames.register(&old.id) else { continue };
        if old.id != new.id {
            let counter = "UPDATE number_counter SET register = $2 WHERE register = $1";
            op.write_unjournaled(Sql::new(counter, [(&old.id).into(), (&new.id).into()])).await?;
        }
        // Records that were moved leave the old register, so that pages of it always go on after the last id.
        let (mut after, mut in_entry) = (None, ENTRY);
        loop {
            let page = stored_page(op, &old.id, after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for record in page {
                let Some(step) = Step::of(renames, old, new, record) else { continue };
                if in_entry == ENTRY {
                    op.enter(office(op, None, Office::Packs, "follow", "pack", version)?);
                    op.note("register", old.id.as_str());
                    in_entry = 0;
                }
                in_entry += 1;
                written += 1;
                step.write(op, new).await?;
            }
        }
    }
    Ok(written)
}

/// What becomes of one record.
struct Step {
    record: Record,
    /// Whether it gets a version of its own.
    changed: bool,
    index: Index,
}

impl Step {
    /// None when nothing changes.
    fn of(renames: &Renames<'_>, old: &Register, new: &Register, before: Record) -> Option<Self> {
        let index = |pack: &pack::Pack, register: &Register, record: &Record| {
            Index::of(pack, register, &record.number, &record.name, &record.fields)
        };
        let mut record = before.clone();
        record.register.clone_from(&new.id);
        let (state, other) = renames.state(new, &before.state);
        record.state = state;
        record.fields = renames.fields(new, &before.fields);
        let after = index(renames.new, new, &record);
        let changed =
            (&record.register, &record.state, &record.fields) != (&before.register, &before.state, &before.fields);
        if !changed && (before.disposed.is_some() || after == index(renames.old, old, &before)) {
            return None;
        }
        if other {
            record.ended = None;
        }
        record.pack.clone_from(&renames.new.version);
        Some(Self { record, changed, index: after })
    }

    async fn write(mut self, op: &mut Operation, register: &Register) -> Result<()> {
        let record = &mut self.record;
        let ends = final_day(register, &record.state, op.today());
        if record.ended.is_some() != ends.is_some() {
            record.ended = ends;
            record.entered = op.today();
        }
        let destroyed = record.disposed.is_some();
        if self.changed && !destroyed {
            record.version += 1;
            record.changed = op.at();
        }
        let sql = "UPDATE record SET register = $2, state = $3, version = $4, pack = $5, changed_at = $6, \
                   entered_day = $7, final_day = $8 WHERE id = $1";
        let values = [
            record.id.into(),
            (&record.register).into(),
            (&record.state).into(),
            record.version.into(),
            (&record.pack).into(),
            record.changed.into(),
            record.entered.into(),
            record.ended.into(),
        ];
        if self.changed {
            op.write("record", [record.id.into()], Sql::new(sql, values)).await?;
        } else {
            op.touch("record", [record.id.into()])?;
        }
        if destroyed {
            return super::clear_index(op, &record.register, record.id, &record.number).await;
        }
        if self.changed {
            write_version(op, record, "follow", None).await?;
        }
        self.index.write(op, &record.register, record.id, false).await
    }
}
