//! Writing records: create, edit, and the move from state to state. Each writes one version and one journal entry.

use pack::Pack;
use pack::expr::Outcome;
use pack::model::{Register, Transition};
use serde_json::{Map, Value as Json};

use super::check::{Checking, fill_defaults, name_of};
use super::keys::Index;
use super::value::{Link, LinkKind};
use super::{Paper, Record, number, paper, stored};
use crate::people::{Standing, units};
use crate::permission::{self, Permit};
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Kind, Operation, Reading, Result, decisions, kinds, world};

/// A record to be created.
#[derive(Debug, Clone, Default)]
pub struct NewRecord {
    /// The unit that it belongs to; the actor's own when none is given.
    pub unit: Option<Id>,
    /// The paper that it is entered from for another person (代理入力).
    pub paper: Option<Paper>,
    /// Its fields.
    pub fields: Map<String, Json>,
}

/// A change of a record.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The version that was seen; none takes whatever there is.
    pub version: Option<i64>,
    /// Fields to set; `Null` clears one.
    pub fields: Map<String, Json>,
    /// The reason, where one is demanded or given.
    pub reason: Option<String>,
}

/// Creates a record in its register's initial state.
pub async fn create(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    new: NewRecord,
) -> Result<Record> {
    let unit = match (new.unit, standing) {
        (Some(unit), _) => unit,
        (None, Some(Standing { home: Some(home), .. })) => *home,
        (None, _) => return Err(Error::invalid_field("unit", "所属を選んでください。", "Choose a unit.")),
    };
    if !units::get(op, unit).await?.open(op.today()) {
        return Err(Error::invalid_field("unit", "いまある所属を選んでください。", "Choose a unit that exists."));
    }
    let permit = permission::create(op, standing, register, unit).await?;
    let entered_for = new.paper.map(|paper| paper.person);
    let mut record = Record { entered_for, ..blank(op, pack, register, op.new_id()?, unit) };
    let mut checking = Checking { pack, register, standing, errors: Vec::new() };
    if let Some(paper) = &new.paper {
        checking.errors.extend(paper::check(op, standing, paper).await?);
    }
    record.fields = checking.merge(&Map::new(), &new.fields);
    fill_defaults(op, pack, register, &mut record, &new.fields).await?;
    checking.rules(op, &record, &Map::new(), &[]).await?;
    checking.references(op, &record, &[]).await?;
    checking.unique(op, &record).await?;
    checking.finish()?;
    record.name = name_of(op, register, &record.fields).await?;
    op.enter(permit);
    op.subject(record.id);
    let (year, seq, number) = number::next(op, register).await?;
    record.number = number;
    insert(op, &record, year, seq).await?;
    write_version(op, &record, "create", None).await?;
    if let Some(paper) = &new.paper {
        paper::write(op, record.id, paper).await?;
    }
    Index::of(pack, register, &record.number, &record.name, &record.fields)
        .write(op, &register.id, record.id, true)
        .await?;
    decisions::open_for(op, pack, register, &record).await?;
    Ok(record)
}

/// A record of a register as it begins, with no fields yet.
fn blank(reading: &Reading, pack: &Pack, register: &Register, id: Id, unit: Id) -> Record {
    let today = reading.today();
    Record {
        id,
        register: register.id.clone(),
        number: String::new(),
        name: String::new(),
        unit,
        state: register.lifecycle.initial.clone(),
        applicant: reading.actor().person(),
        entered_for: None,
        version: 1,
        pack: pack.version.clone(),
        created: reading.at(),
        changed: reading.at(),
        entered: today,
        ended: final_day(register, &register.lifecycle.initial, today),
        disposed: None,
        fields: Map::new(),
    }
}

/// What a new record of a unit starts with beside what is given: the fields that have a default, as a form shows them.
pub async fn defaults(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    unit: Id,
    given: &Map<String, Json>,
) -> Result<Map<String, Json>> {
    // No record has this id; expressions look for it in vain.
    let mut record = blank(reading, pack, register, Id::from_number(0), unit);
    fill_defaults(reading, pack, register, &mut record, given).await?;
    Ok(record.fields)
}

/// Changes a record's fields.
pub async fn edit(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    id: Id,
    change: Change,
) -> Result<Record> {
    let old = locked(op, standing, register, id).await?;
    let permit = permission::edit(op, standing, register, &old).await?;
    expect_version(&old, change.version)?;
    apply(op, pack, standing, register, old, Written { permit, act: "edit", to: None, demanded: &[] }, change).await
}

/// Takes an ordinary transition.
pub async fn step(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    id: Id,
    transition: &Transition,
    change: Change,
) -> Result<Record> {
    let old = locked(op, standing, register, id).await?;
    let permit = permission::step(op, standing, register, &old, transition).await?;
    expect_version(&old, change.version)?;
    let record = move_state(op, pack, standing, register, old, transition, permit, change).await?;
    decisions::open_for(op, pack, register, &record).await?;
    kinds::stepped(op, pack, register, &record).await?;
    Ok(record)
}

/// Moves a record along a transition for which the caller has leave: from-state, condition, reason and asked-for fields are
/// checked here. Other fields than those of `fills` are refused.
#[expect(clippy::too_many_arguments, reason = "one operation's whole context, used by steps and decisions alike")]
pub async fn move_state(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    record: Record,
    transition: &Transition,
    permit: Permit,
    change: Change,
) -> Result<Record> {
    if !transition.from.contains(&record.state) {
        let label = register.state(&record.state).map_or(record.state.as_str(), |s| s.label.ja.as_str());
        return Err(Error::refused(
            format!("状態が「{label}」なので「{}」はできません。画面を開き直してください。", transition.label.ja),
            format!("'{}' is not possible in the state '{}'. Open the page again.", transition.id, record.state),
        ));
    }
    if let Some(when) = &transition.when
        && world::evaluate(op, pack, register, &record, |env| when.test(env)).await? != Outcome::True
    {
        return Err(Error::refused(
            format!("「{}」をするための条件がそろっていません。", transition.label.ja),
            format!("The conditions for '{}' are not met.", transition.id),
        ));
    }
    let reason = change.reason.as_deref().map_or("", str::trim);
    if transition.reason && reason.is_empty() {
        return Err(Error::invalid_field("reason", "理由を入力してください。", "Give a reason."));
    }
    if let Some(field) = change.fields.keys().find(|field| !transition.fills.contains(field)) {
        return Err(Error::invalid_field(
            field,
            format!("「{}」では入力できない項目です。", transition.label.ja),
            format!("'{}' does not ask for this field.", transition.id),
        ));
    }
    let written = Written { permit, act: &transition.id, to: Some(&transition.to), demanded: &transition.fills };
    apply(op, pack, standing, register, record, written, change).await
}

/// What is written: by which leave, as which act, into which state, with which fields demanded.
struct Written<'a> {
    permit: Permit,
    act: &'a str,
    to: Option<&'a str>,
    demanded: &'a [String],
}

async fn apply(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    old: Record,
    written: Written<'_>,
    change: Change,
) -> Result<Record> {
    if let Some(reason) = &change.reason {
        check_reason(reason)?;
    }
    let mut fields = change.fields;
    if let Some(to) = written.to {
        fields.extend(kinds::fill(op, pack, register, &old, to).await?);
    }
    let mut checking = Checking { pack, register, standing, errors: Vec::new() };
    let mut record = old.clone();
    record.fields = checking.merge(&old.fields, &fields);
    if written.to.is_none() || !written.demanded.is_empty() {
        checking.rules(op, &record, &old.fields, written.demanded).await?;
        let links = stored_links(op, old.id).await?;
        checking.references(op, &record, &links).await?;
        checking.unique(op, &record).await?;
    }
    checking.finish()?;
    kinds::refuse(op, pack, register, &old, &record, written.to).await?;
    op.enter(written.permit);
    if let Some(to) = written.to {
        op.note("transition", written.act);
        op.note("from", old.state.as_str());
        op.note("to", to);
        // A step that leads back to the same state (a yearly check) does not begin it anew.
        if to != old.state {
            record.state = to.to_owned();
            record.entered = op.today();
            record.ended = final_day(register, to, op.today());
        }
    }
    record.version += 1;
    record.changed = op.at();
    record.pack.clone_from(&pack.version);
    record.name = name_of(op, register, &record.fields).await?;
    update(op, &record).await?;
    write_version(op, &record, written.act, change.reason.as_deref()).await?;
    if record.fields != old.fields || record.name != old.name {
        let index = Index::of(pack, register, &record.number, &record.name, &record.fields);
        index.write(op, &register.id, record.id, false).await?;
    }
    Ok(record)
}

/// Computes anew what the records of a register are found by: after a pack changed the order of choices, or the fields.
/// How many records there were.
pub async fn reindex(op: &mut Operation, permit: Permit, pack: &Pack, register: &Register) -> Result<u64> {
    op.enter(permit);
    let mut count = 0;
    for record in super::all_stored(op, &register.id).await?.into_iter().filter(|r| r.disposed.is_none()) {
        op.touch("record", [record.id.into()])?;
        let index = Index::of(pack, register, &record.number, &record.name, &record.fields);
        index.write(op, &register.id, record.id, false).await?;
        count += 1;
    }
    Ok(count)
}

/// The record for a change: its row is locked, and the actor has to be allowed to see it.
pub(crate) async fn locked(
    op: &mut Operation,
    standing: Option<&Standing>,
    register: &Register,
    id: Id,
) -> Result<Record> {
    let mut lock = Sql::default();
    lock.push("SELECT id FROM record WHERE id = ").bind(id).push(op.engine().for_update());
    op.row_if_any(lock).await?;
    let record = super::get(op, standing, register, id).await?;
    if record.disposed.is_some() {
        return Err(Error::refused(
            "保存期間が終わり廃棄された記録です。",
            "The record's content was destroyed at the end of its retention.",
        ));
    }
    Ok(record)
}

pub(crate) fn expect_version(record: &Record, seen: Option<i64>) -> Result<()> {
    if seen.is_none_or(|seen| seen == record.version) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "開いている間にほかの人が変更しました。最新の内容を開いて、もう一度入力してください。",
        "Somebody changed it while you had it open. Open the latest version and enter your change again.",
    ))
}

fn check_reason(reason: &str) -> Result<()> {
    if reason.chars().count() > 2000 || reason.chars().any(crate::text::is_refused_in_lines) {
        return Err(Error::invalid_field(
            "reason",
            "理由は制御文字を含まない2000文字以内にしてください。",
            "Give a reason of at most 2000 characters without control characters.",
        ));
    }
    Ok(())
}

pub(super) fn final_day(register: &Register, state: &str, day: Day) -> Option<Day> {
    register.state(state).filter(|state| state.is_final).map(|_| day)
}

async fn stored_links(op: &mut Operation, id: Id) -> Result<Vec<Link>> {
    let sql = Sql::new("SELECT field, position, target FROM record_link WHERE record_id = $1", [id.into()]);
    let link = |row: &Row| -> Result<Link> {
        Ok(Link { field: row.text(0)?, position: row.int(1)?, kind: LinkKind::Person, target: row.id(2)? })
    };
    op.rows(sql).await?.iter().map(link).collect()
}

pub(super) async fn insert(op: &mut Operation, record: &Record, year: i64, seq: i64) -> Result<()> {
    let sql = "INSERT INTO record (id, register, number, year, seq, name, unit_id, state, applicant, entered_for, version, \
               pack, created_at, changed_at, entered_day, final_day, disposed_at, salt) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL, $17)";
    let values = [
        record.id.into(),
        (&record.register).into(),
        (&record.number).into(),
        year.into(),
        seq.into(),
        (&record.name).into(),
        record.unit.into(),
        (&record.state).into(),
        record.applicant.into(),
        record.entered_for.into(),
        record.version.into(),
        (&record.pack).into(),
        record.created.into(),
        record.changed.into(),
        record.entered.into(),
        record.ended.into(),
        op.new_salt()?.into(),
    ];
    op.write("record", [record.id.into()], Sql::new(sql, values)).await?;
    Ok(())
}

async fn update(op: &mut Operation, record: &Record) -> Result<()> {
    let sql = "UPDATE record SET name = $2, unit_id = $3, state = $4, version = $5, pack = $6, changed_at = $7, \
               entered_day = $8, final_day = $9 WHERE id = $1 AND version = $5 - 1";
    let values = [
        record.id.into(),
        (&record.name).into(),
        record.unit.into(),
        (&record.state).into(),
        record.version.into(),
        (&record.pack).into(),
        record.changed.into(),
        record.entered.into(),
        record.ended.into(),
    ];
    if op.write("record", [record.id.into()], Sql::new(sql, values)).await? == 0 {
        return expect_version(record, Some(0));
    }
    Ok(())
}

/// Writes the version row of a record as it stands.
pub(super) async fn write_version(op: &mut Operation, record: &Record, act: &str, reason: Option<&str>) -> Result<()> {
    let sql = "INSERT INTO record_version (record_id, version, at, actor, act, reason, state, unit_id, fields, salt) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let fields = Json::Object(record.fields.clone()).to_string();
    let values = [
        record.id.into(),
        record.version.into(),
        op.at().into(),
        op.actor().to_string().into(),
        act.into(),
        reason.into(),
        (&record.state).into(),
        record.unit.into(),
        fields.into(),
        op.new_salt()?.into(),
    ];
    op.write("record_version", [record.id.into(), record.version.into()], Sql::new(sql, values)).await?;
    Ok(())
}

/// Moves records to another unit (after a reorganisation that split theirs), each with a version of its own.
pub async fn move_unit(op: &mut Operation, permit: Permit, id: Id, unit: Id) -> Result<Record> {
    let mut record = stored(op, id).await?.ok_or_else(|| Error::not_found("記録", "record"))?;
    units::get(op, unit).await?;
    op.enter(permit);
    record.unit = unit;
    record.version += 1;
    record.changed = op.at();
    update(op, &record).await?;
    write_version(op, &record, "move", None).await?;
    Ok(record)
}
