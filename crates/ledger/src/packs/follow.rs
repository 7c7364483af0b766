//! Everything recorded follows a changed policy, in the operation that takes it into force.

use super::renames::{Renames, RoleFate};
use crate::people::AFFILIATION;
use crate::permission::{Office, office};
use crate::store::Sql;
use crate::{Id, Operation, Result, decisions, records};

/// What following changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followed {
    /// Records that were written.
    pub records: u64,
    /// Posts that were renamed, taken over or ended.
    pub posts: u64,
}

/// Brings records, posts, decisions, reports and findings under the ids of the new version.
pub(super) async fn follow(op: &mut Operation, renames: &Renames<'_>, version: Id) -> Result<Followed> {
    let posts = posts(op, renames, version).await?;
    substitutes(op, renames, version).await?;
    let records = records::follow(op, renames, version).await?;
    decisions::follow(op, renames, version).await?;
    reports(op, renames, version).await?;
    findings(op, renames).await?;
    Ok(Followed { records, posts })
}

fn enter(op: &mut Operation, version: Id) -> Result<()> {
    op.enter(office(op, None, Office::Packs, "follow", "pack", version)?);
    Ok(())
}

/// A renamed role keeps its posts. Those of a retired role end today; where another takes over, its posts begin today.
async fn posts(op: &mut Operation, renames: &Renames<'_>, version: Id) -> Result<u64> {
    let today = op.today();
    let mut count = 0;
    let mut sql = Sql::default();
    sql.push("SELECT id, role, from_day, to_day FROM post WHERE role <> ").bind(AFFILIATION).push(" ORDER BY id");
    for row in op.rows(sql).await? {
        let (id, fate) = (row.id(0)?, renames.role(&row.text(1)?));
        let (from, to) = (row.day(2)?, row.opt_day(3)?);
        let over = to.is_some_and(|to| to <= today);
        let heir = match fate {
            RoleFate::Stays => continue,
            RoleFate::Renamed(heir) => {
                enter(op, version)?;
                let update = Sql::new("UPDATE post SET role = $2 WHERE id = $1", [id.into(), heir.into()]);
                op.write("post", [id.into()], update).await?;
                count += 1;
                continue;
            }
            RoleFate::TakenOver(_) | RoleFate::Ends if over => continue,
            RoleFate::TakenOver(heir) => Some(heir),
            RoleFate::Ends => None,
        };
        count += 1;
        enter(op, version)?;
        if let Some(heir) = heir {
            let new = op.new_id()?;
            let insert = "INSERT INTO post (id, person_id, role, unit_id, main, acting, from_day, to_day, salt) \
                          SELECT $1, person_id, $2, unit_id, main, acting, $3, to_day, $4 FROM post WHERE id = $5";
            let values = [new.into(), heir.into(), from.max(today).into(), op.new_salt()?.into(), id.into()];
            op.write("post", [new.into()], Sql::new(insert, values)).await?;
        }
        let end = if from >= today {
            Sql::new("DELETE FROM post WHERE id = $1", [id.into()])
        } else {
            Sql::new("UPDATE post SET to_day = $2 WHERE id = $1", [id.into(), today.into()])
        };
        op.write("post", [id.into()], end).await?;
    }
    Ok(count)
}

/// Substitute orders go with their roles; where the heir has an order of its own in the unit, that one counts.
async fn substitutes(op: &mut Operation, renames: &Renames<'_>, version: Id) -> Result<()> {
    let sql = Sql::new("SELECT unit_id, role, rank FROM substitute ORDER BY unit_id, role, rank", []);
    for row in op.rows(sql).await? {
        let (unit, role, rank) = (row.id(0)?, row.text(1)?, row.int(2)?);
        let heir = match renames.role(&role) {
            RoleFate::Stays => continue,
            RoleFate::Renamed(heir) | RoleFate::TakenOver(heir) => Some(heir),
            RoleFate::Ends => None,
        };
        enter(op, version)?;
        if let Some(heir) = heir {
            let insert = "INSERT INTO substitute (unit_id, role, rank, person_id, salt) \
                          SELECT unit_id, $1, rank, person_id, $2 FROM substitute WHERE unit_id = $3 AND role = $4 \
                          AND rank = $5 ON CONFLICT (unit_id, role, rank) DO NOTHING";
            let values = [(&heir).into(), op.new_salt()?.into(), unit.into(), (&role).into(), rank.into()];
            op.write("substitute", [unit.into(), heir.into(), rank.into()], Sql::new(insert, values)).await?;
        }
        let delete = "DELETE FROM substitute WHERE unit_id = $1 AND role = $2 AND rank = $3";
        let key = [unit.into(), (&role).into(), rank.into()];
        op.write("substitute", key.clone(), Sql::new(delete, key)).await?;
    }
    Ok(())
}

/// 実施報告 and planned starts.
async fn reports(op: &mut Operation, renames: &Renames<'_>, version: Id) -> Result<()> {
    let attested = op.rows(Sql::new("SELECT id, control, subject FROM attestation ORDER BY id", [])).await?;
    for row in attested {
        let (id, control, subject) = (row.id(0)?, row.text(1)?, row.text(2)?);
        let (heir, renamed) = (renames.control(&control), renames.subject(&subject));
        if (&heir, &renamed) == (&control, &subject) {
            continue;
        }
        enter(op, version)?;
        let update = "UPDATE attestation SET control = $2, subject = $3 WHERE id = $1";
        op.write("attestation", [id.into()], Sql::new(update, [id.into(), heir.into(), renamed.into()])).await?;
    }
    for row in op.rows(Sql::new("SELECT control FROM planned_start ORDER BY control", [])).await? {
        let control = row.text(0)?;
        let heir = renames.control(&control);
        if heir == control {
            continue;
        }
        enter(op, version)?;
        op.touch("planned_start", [(&control).into()])?;
        let update = "UPDATE planned_start SET control = $2 WHERE control = $1";
        op.write("planned_start", [(&heir).into()], Sql::new(update, [control.into(), (&heir).into()])).await?;
    }
    Ok(())
}

/// Findings, verdicts and counts: computed, so outside the journal; their history goes with the control.
async fn findings(op: &mut Operation, renames: &Renames<'_>) -> Result<()> {
    for control in &renames.new.controls {
        let Some(was) = control.was.as_ref().filter(|was| renames.old.control(was).is_some()) else { continue };
        for update in [
            "UPDATE finding SET control = $2 WHERE control = $1",
            "UPDATE verdict SET control = $2 WHERE control = $1",
            "UPDATE control_day SET control = $2 WHERE control = $1",
        ] {
            op.write_unjournaled(Sql::new(update, [was.into(), (&control.id).into()])).await?;
        }
    }
    for register in &renames.new.registers {
        let Some(was) = register.was.as_ref().filter(|was| renames.old.register(was).is_some()) else { continue };
        let (before, after) = (format!("record:{was}:"), format!("record:{}:", register.id));
        for table in ["finding", "verdict"] {
            // Lengths stand in the text: PostgreSQL's substr takes no 64-bit number.
            let mut sql = Sql::default();
            sql.push("UPDATE ").push(table).push(" SET subject = ").bind(&after).push(" || substr(subject, ");
            sql.push(&(before.len() + 1).to_string()).push(") WHERE substr(subject, 1, ");
            sql.push(&before.len().to_string()).push(") = ").bind(&before);
            op.write_unjournaled(sql).await?;
        }
    }
    for control in
        renames.old.controls.iter().filter(|control| renames.new.control(&renames.control(&control.id)).is_none())
    {
        let delete = Sql::new("DELETE FROM verdict WHERE control = $1", [(&control.id).into()]);
        op.write_unjournaled(delete).await?;
    }
    Ok(())
}
