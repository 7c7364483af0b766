//! Retention: what is due for disposal, the decision (廃棄決裁), the destruction of content, and holds against it.

use pack::Pack;
use pack::expr::Day;
use pack::model::{Keep, Period, Register};

use crate::permission::Permit;
use crate::records::{self, Record};
use crate::store::Sql;
use crate::{Error, Id, Moment, Operation, Reading, Result, files};

/// Most records of one disposal.
const ITEMS_MAX: usize = 1000;

/// The day from which a record that ended on a day may be disposed of: its retention runs from the end of that fiscal year.
/// None while it is in use, or for ever.
pub fn due_on(register: &Register, ended: Day) -> Option<Day> {
    let start = Day::fiscal_year_start(ended.fiscal_year() + 1)?;
    match register.keep {
        Keep::For(Period::Years(n)) => start.plus_months(i64::from(n) * 12),
        Keep::For(Period::Months(n)) => start.plus_months(i64::from(n)),
        Keep::For(Period::Days(n)) => start.plus_days(i64::from(n)),
        Keep::InUse | Keep::Always => None,
    }
}

/// The records of a register whose retention has ended, that are not held and in no open disposal, oldest first.
pub async fn due(reading: &mut Reading, register: &Register) -> Result<Vec<Record>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(records::COLUMNS).push(" FROM ").push(records::TABLES).push(" WHERE r.register = ");
    sql.bind(&register.id).push(" AND r.final_day IS NOT NULL AND r.disposed_at IS NULL");
    sql.push(" AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.record_id = r.id AND h.released_at IS NULL)");
    sql.push(" AND NOT EXISTS (SELECT 1 FROM disposal_item i JOIN disposal d ON d.id = i.disposal_id");
    sql.push(" WHERE i.record_id = r.id AND d.state = 'proposed') ORDER BY r.final_day, r.id");
    let today = reading.today();
    let mut due = Vec::new();
    for row in reading.rows(sql).await? {
        let record = records::read(&row)?;
        if record.ended.and_then(|ended| due_on(register, ended)).is_some_and(|day| day <= today) {
            due.push(record);
        }
    }
    Ok(due)
}

/// Proposes the disposal of records whose retention has ended.
pub async fn propose(op: &mut Operation, permit: Permit, pack: &Pack, ids: &[Id], reason: &str) -> Result<Id> {
    if ids.is_empty() || ids.len() > ITEMS_MAX {
        return Err(Error::invalid_field(
            "records",
            "1件から1000件までを選んでください。",
            "Choose 1 to 1000 records.",
        ));
    }
    for id in ids {
        disposable(op, pack, *id).await?;
    }
    let id = op.new_id()?;
    op.enter(permit);
    op.subject(id);
    let sql = "INSERT INTO disposal (id, state, reason, proposed_by, proposed_at, decided_by, decided_at, salt) \
               VALUES ($1, 'proposed', $2, $3, $4, NULL, NULL, $5)";
    let values = [id.into(), reason.into(), op.actor().to_string().into(), op.at().into(), op.new_salt()?.into()];
    op.write("disposal", [id.into()], Sql::new(sql, values)).await?;
    let items = ids.iter().map(|record| [id.into(), (*record).into()]);
    for sql in Sql::insert_many("disposal_item (disposal_id, record_id)", items) {
        op.write_unjournaled(sql).await?;
    }
    Ok(id)
}

/// A disposal that waits for its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposal {
    /// Its id.
    pub id: Id,
    /// Why.
    pub reason: String,
    /// Who proposed it, as the journal writes actors.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Moment,
    /// Numbers of the records.
    pub numbers: Vec<String>,
}

/// The disposals that wait for a decision, oldest first.
pub async fn proposed(reading: &mut Reading) -> Result<Vec<Disposal>> {
    let open =
        "SELECT id, reason, proposed_by, proposed_at FROM disposal WHERE state = 'proposed' ORDER BY proposed_at, id";
    let mut all = Vec::new();
    for row in reading.rows(Sql::new(open, [])).await? {
        let id = row.id(0)?;
        let items = "SELECT r.number FROM disposal_item i JOIN record r ON r.id = i.record_id \
                     WHERE i.disposal_id = $1 ORDER BY r.number";
        let numbers = reading.rows(Sql::new(items, [id.into()])).await?;
        let numbers = numbers.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
        all.push(Disposal {
            id,
            reason: row.text(1)?,
            proposed_by: row.text(2)?,
            proposed_at: row.moment(3)?,
            numbers,
        });
    }
    Ok(all)
}

/// A record that may be disposed of today.
async fn disposable(op: &mut Operation, pack: &Pack, id: Id) -> Result<Record> {
    let record = records::stored(op, id).await?.ok_or_else(|| Error::not_found("記録", "record"))?;
    let register = records::register(pack, &record.register)?;
    let held = Sql::new("SELECT 1 FROM hold WHERE record_id = $1 AND released_at IS NULL", [id.into()]);
    if op.row_if_any(held).await?.is_some() {
        return Err(Error::refused(
            format!("「{}」は廃棄が停止されています。停止を解いてから行ってください。", record.number),
            format!("'{}' is on hold. Release the hold first.", record.number),
        ));
    }
    let due = record.ended.and_then(|ended| due_on(register, ended)).is_some_and(|day| day <= op.today());
    if !due || record.disposed.is_some() {
        return Err(Error::refused(
            format!("「{}」の保存期間は終わっていないか、すでに廃棄されています。", record.number),
            format!("The retention of '{}' has not ended, or it has been disposed of already.", record.number),
        ));
    }
    Ok(record)
}

/// Decides on a disposal (廃棄決裁), by another person than the one who proposed it. When it is approved, the content of the
/// records and their files is destroyed; number, state, dates, hashes and the decision stay.
pub async fn decide(op: &mut Operation, permit: Permit, pack: &Pack, id: Id, approve: bool) -> Result<()> {
    let mut sql = Sql::default();
    sql.push("SELECT state, proposed_by FROM disposal WHERE id = ").bind(id).push(op.engine().for_update());
    let row = op.row_if_any(sql).await?.ok_or_else(|| Error::not_found("廃棄の起案", "disposal"))?;
    if row.text(0)? != "proposed" {
        return Err(Error::refused("すでに決裁が済んでいます。", "It has been decided already."));
    }
    if row.text(1)? == op.actor().to_string() {
        return Err(Error::forbidden(
            "起案した本人は決裁できません。別の人が決裁してください。",
            "Whoever proposed it may not decide on it. Another person has to.",
        ));
    }
    let items = Sql::new("SELECT record_id FROM disposal_item WHERE disposal_id = $1 ORDER BY record_id", [id.into()]);
    let mut doomed = Vec::new();
    for row in op.rows(items).await? {
        if approve {
            doomed.push(disposable(op, pack, row.id(0)?).await?);
        }
    }
    op.enter(permit);
    let state = if approve { "approved" } else { "refused" };
    let sql = "UPDATE disposal SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1";
    let values = [id.into(), state.into(), op.actor().to_string().into(), op.at().into()];
    op.write("disposal", [id.into()], Sql::new(sql, values)).await?;
    for record in doomed {
        destroy(op, &record).await?;
    }
    Ok(())
}

async fn destroy(op: &mut Operation, record: &Record) -> Result<()> {
    let linked = "SELECT target FROM record_link WHERE record_id = $1 AND kind = 'file' \
                  UNION ALL SELECT scan FROM paper WHERE record_id = $1";
    let linked = Sql::new(linked, [record.id.into()]);
    let mut doomed: Vec<Id> = op.rows(linked).await?.iter().map(|row| row.id(0)).collect::<Result<_>>()?;
    // Files of earlier versions go with it: those that only this record ever named.
    let versions = Sql::new("SELECT version, fields FROM record_version WHERE record_id = $1", [record.id.into()]);
    for row in op.rows(versions).await? {
        doomed.extend(files_in(op, row.opt_text(1)?.as_deref().unwrap_or("")).await?);
        let version = row.int(0)?;
        let sql =
            "UPDATE record_version SET fields = NULL, reason = NULL, salt = $3 WHERE record_id = $1 AND version = $2";
        let key = [record.id.into(), version.into()];
        op.write("record_version", key, Sql::new(sql, [record.id.into(), version.into(), Vec::new().into()])).await?;
    }
    doomed.sort_unstable();
    doomed.dedup();
    for file in doomed {
        files::destroy(op, file).await?;
    }
    // A new salt: with the old one the destroyed name could be guessed from the hash in the journal.
    let sql = "UPDATE record SET name = '', disposed_at = $2, salt = $3 WHERE id = $1";
    let values = [record.id.into(), op.at().into(), op.new_salt()?.into()];
    op.write("record", [record.id.into()], Sql::new(sql, values)).await?;
    records::clear_index(op, &record.register, record.id, &record.number).await
}

/// Ids in a version's fields that are files no other record refers to.
async fn files_in(op: &mut Operation, fields: &str) -> Result<Vec<Id>> {
    let ids: Vec<Id> = fields.split('"').filter_map(|part| part.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::default();
    sql.push("SELECT id FROM file WHERE destroyed_at IS NULL AND id IN ").bind_all(ids);
    op.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

/// Why a record is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    /// Under audit.
    Audit,
    /// 情報公開請求.
    Disclosure,
    /// A dispute or lawsuit.
    Dispute,
}

impl HoldReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Disclosure => "disclosure",
            Self::Dispute => "dispute",
        }
    }
}

/// Holds a record against disposal.
pub async fn hold(op: &mut Operation, permit: Permit, record: Id, reason: HoldReason, note: &str) -> Result<Id> {
    crate::people::check_line("note", note, false)?;
    records::stored(op, record).await?.ok_or_else(|| Error::not_found("記録", "record"))?;
    let id = op.new_id()?;
    op.enter(permit);
    let sql = "INSERT INTO hold (id, record_id, reason, note, from_at, by_actor, released_at, released_by, salt) \
               VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7)";
    let values = [
        id.into(),
        record.into(),
        reason.as_str().into(),
        note.into(),
        op.at().into(),
        op.actor().to_string().into(),
        op.new_salt()?.into(),
    ];
    op.write("hold", [id.into()], Sql::new(sql, values)).await?;
    Ok(id)
}

/// Releases a hold.
pub async fn release(op: &mut Operation, permit: Permit, hold: Id) -> Result<()> {
    op.enter(permit);
    let sql = "UPDATE hold SET released_at = $2, released_by = $3 WHERE id = $1 AND released_at IS NULL";
    let values = [hold.into(), op.at().into(), op.actor().to_string().into()];
    if op.write("hold", [hold.into()], Sql::new(sql, values)).await? == 0 {
        return Err(Error::not_found("続いている停止", "hold that still lasts"));
    }
    Ok(())
}
