//! Units (所属): a tree whose places have a first and a last day and, after a reorganisation, successors.

use std::collections::{BTreeMap, BTreeSet};

use super::check_line;
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Operation, Permit, Reading, Result};

/// A unit as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: Id,
    /// The city's code for it.
    pub code: String,
    /// Name, such as 総務課.
    pub name: String,
    /// The body it belongs to, by the pack's id.
    pub body: String,
    /// `body`, `bureau` or `section`: which roles are held here.
    pub level: String,
    /// The unit above; none at the root.
    pub parent: Option<Id>,
    /// Place among its siblings.
    pub position: i64,
    /// First day.
    pub from: Day,
    /// The day after its last; none while it is open.
    pub to: Option<Day>,
}

impl Unit {
    /// Whether it exists on a day.
    pub fn open(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// A unit to be added.
#[derive(Debug, Clone)]
pub struct NewUnit {
    /// The city's code for it.
    pub code: String,
    /// Name.
    pub name: String,
    /// The body it belongs to.
    pub body: String,
    /// `body`, `bureau` or `section`.
    pub level: String,
    /// The unit above.
    pub parent: Option<Id>,
    /// Place among its siblings.
    pub position: i64,
    /// First day.
    pub from: Day,
}

/// Most units above a unit; also ends a walk through a tree that somebody made into a ring.
const DEPTH_MAX: usize = 12;

const COLUMNS: &str = "id, code, name, body, level, parent_id, position, from_day, to_day";

fn read(row: &Row) -> Result<Unit> {
    Ok(Unit {
        id: row.id(0)?,
        code: row.text(1)?,
        name: row.text(2)?,
        body: row.text(3)?,
        level: row.text(4)?,
        parent: row.opt_id(5)?,
        position: row.int(6)?,
        from: row.day(7)?,
        to: row.opt_day(8)?,
    })
}

/// Adds a unit.
pub async fn add(op: &mut Operation, permit: Permit, unit: NewUnit) -> Result<Id> {
    check_line("code", &unit.code, true)?;
    check_line("name", &unit.name, true)?;
    if let Some(parent) = unit.parent {
        get(op, parent).await?;
    }
    let id = op.new_id()?;
    op.enter(permit);
    op.note("unit", id.to_string());
    let insert = "INSERT INTO unit (id, code, name, body, level, parent_id, position, from_day, to_day, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        id.into(),
        unit.code.into(),
        unit.name.into(),
        unit.body.into(),
        unit.level.into(),
        unit.parent.into(),
        unit.position.into(),
        unit.from.into(),
        None::<Day>.into(),
        op.new_salt()?.into(),
    ];
    op.write("unit", [id.into()], Sql::new(insert, values)).await?;
    rebuild_closure(op).await?;
    Ok(id)
}

/// Closes a unit: `to` is the day after its last. Its successors stand above it from then on, so that their posts see its
/// records; without successors the units above it keep it.
pub async fn close(op: &mut Operation, permit: Permit, id: Id, to: Day, successors: &[Id]) -> Result<()> {
    let unit = get(op, id).await?;
    if to <= unit.from {
        return Err(Error::invalid_field(
            "to",
            format!("廃止日は設置日（{}）より後の日にしてください。", unit.from),
            format!("The closing day has to be after the day it was set up ({}).", unit.from),
        ));
    }
    if successors.contains(&id) {
        return Err(Error::invalid_field(
            "successors",
            "自分自身を承継先にはできません。",
            "A unit cannot succeed itself.",
        ));
    }
    for successor in successors {
        get(op, *successor).await?;
    }
    op.enter(permit);
    op.write("unit", [id.into()], Sql::new("UPDATE unit SET to_day = $2 WHERE id = $1", [id.into(), to.into()]))
        .await?;
    for successor in successors {
        let key = [id.into(), (*successor).into()];
        let insert = "INSERT INTO unit_successor (unit_id, successor_id, salt) VALUES ($1, $2, $3)";
        let values = [id.into(), (*successor).into(), op.new_salt()?.into()];
        op.write("unit_successor", key, Sql::new(insert, values)).await?;
    }
    rebuild_closure(op).await
}

/// Corrects a unit's code, name or place; a reorganisation closes the old unit and names its successor instead.
pub async fn correct(op: &mut Operation, permit: Permit, id: Id, code: &str, name: &str, position: i64) -> Result<()> {
    check_line("code", code, true)?;
    check_line("name", name, true)?;
    get(op, id).await?;
    op.enter(permit);
    let update = "UPDATE unit SET code = $2, name = $3, position = $4 WHERE id = $1";
    op.write("unit", [id.into()], Sql::new(update, [id.into(), code.into(), name.into(), position.into()])).await?;
    Ok(())
}

/// The unit of this id.
pub async fn get(reading: &mut Reading, id: Id) -> Result<Unit> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM unit WHERE id = ").bind(id);
    let row = reading.row_if_any(sql).await?;
    read(&row.ok_or_else(|| Error::not_found("所属", "unit"))?)
}

/// All units open on a day, in tree order is the caller's: here by position and code.
pub async fn on(reading: &mut Reading, day: Day) -> Result<Vec<Unit>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM unit WHERE from_day <= ").bind(day);
    sql.push(" AND (to_day IS NULL OR to_day > ").bind(day).push(") ORDER BY position, code, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// All units that ever were.
pub async fn all(reading: &mut Reading) -> Result<Vec<Unit>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM unit ORDER BY position, code, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The unit with this code that is open on a day.
pub async fn by_code(reading: &mut Reading, code: &str, day: Day) -> Result<Option<Unit>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM unit WHERE code = ").bind(code);
    sql.push(" AND from_day <= ").bind(day).push(" AND (to_day IS NULL OR to_day > ").bind(day).push(") ORDER BY id");
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// What these units are called; unknown ids are left out.
pub async fn names(reading: &mut Reading, ids: impl IntoIterator<Item = Id>) -> Result<BTreeMap<Id, String>> {
    let ids: BTreeSet<Id> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut sql = Sql::default();
    sql.push("SELECT id, name FROM unit WHERE id IN ").bind_all(ids);
    reading.rows(sql).await?.iter().map(|row| Ok((row.id(0)?, row.text(1)?))).collect()
}

/// The units that succeeded this one.
pub async fn successors(reading: &mut Reading, id: Id) -> Result<Vec<Id>> {
    let sql = Sql::new("SELECT successor_id FROM unit_successor WHERE unit_id = $1 ORDER BY successor_id", [id.into()]);
    reading.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

/// Every succession: a unit that was closed, and one that came out of it.
pub async fn successions(reading: &mut Reading) -> Result<Vec<(Id, Id)>> {
    let sql = Sql::new("SELECT unit_id, successor_id FROM unit_successor ORDER BY unit_id, successor_id", []);
    reading.rows(sql).await?.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
}

/// The units above this one on a day, itself among them.
pub async fn above(reading: &mut Reading, id: Id, day: Day) -> Result<Vec<Id>> {
    let mut sql = Sql::default();
    sql.push("SELECT DISTINCT above FROM unit_closure WHERE below = ").bind(id);
    sql.push(" AND from_day <= ").bind(day).push(" AND (to_day IS NULL OR to_day > ").bind(day).push(")");
    reading.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

/// The units below these on a day, themselves among them.
pub async fn below(reading: &mut Reading, ids: &[Id], day: Day) -> Result<BTreeSet<Id>> {
    let mut sql = Sql::default();
    sql.push("SELECT id FROM unit WHERE id IN ").append(&crate::visibility::below(ids, day));
    reading.rows(sql).await?.iter().map(|row| row.id(0)).collect()
}

/// From a day to a day: an interval in which one unit stands above another.
type Span = (Day, Option<Day>);

/// Before anything.
const BEGINNING: Day = Day::FIRST;

fn meet(a: Span, b: Span) -> Option<Span> {
    let to = match (a.1, b.1) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    };
    let from = a.0.max(b.0);
    to.is_none_or(|to| from < to).then_some((from, to))
}

/// Computes which units stand above which. An edge of the tree holds until the lower unit is succeeded; from then on its
/// successors stand above it.
pub(crate) fn closure(units: &[Unit], successions: &[(Id, Id)]) -> BTreeSet<(Id, Id, Day, Option<Day>)> {
    let succeeded: BTreeMap<Id, Vec<Id>> = successions.iter().fold(BTreeMap::new(), |mut map, (old, new)| {
        map.entry(*old).or_insert_with(Vec::new).push(*new);
        map
    });
    let mut edges: BTreeMap<Id, Vec<(Id, Span)>> = BTreeMap::new();
    for unit in units {
        let successors = succeeded.get(&unit.id).map_or(&[][..], Vec::as_slice);
        let up = edges.entry(unit.id).or_default();
        if let Some(parent) = unit.parent {
            let end = if successors.is_empty() { None } else { unit.to };
            up.push((parent, (BEGINNING, end)));
        }
        up.extend(successors.iter().filter_map(|new| Some((*new, (unit.to?, None)))));
    }
    let mut all = BTreeSet::new();
    for unit in units {
        all.insert((unit.id, unit.id, BEGINNING, None));
        let mut open = vec![(unit.id, (BEGINNING, None), 0)];
        while let Some((at, span, depth)) = open.pop() {
            for (above, edge) in edges.get(&at).into_iter().flatten() {
                let Some(span) = meet(span, *edge) else { continue };
                if depth < DEPTH_MAX * 2 && all.insert((*above, unit.id, span.0, span.1)) {
                    open.push((*above, span, depth + 1));
                }
            }
        }
    }
    all
}

/// Which unit stands above which from a day on, and the day from which it does no longer.
type Closure = BTreeMap<(Id, Id, Day), Option<Day>>;

/// The closure as the units and their successors make it.
async fn computed_closure(reading: &mut Reading) -> Result<Closure> {
    let units = all(reading).await?;
    let successions = successions(reading).await?;
    // One row for each beginning: of several spans from the same day the longest covers the others.
    let mut rows = Closure::new();
    for (above, below, from, to) in closure(&units, &successions) {
        let longest = rows.entry((above, below, from)).or_insert(to);
        *longest = longest.zip(to).map(|(a, b)| a.max(b));
    }
    Ok(rows)
}

/// Rows of the stored closure that are not what the units make of it, as their keys: it decides who sees what.
pub(crate) async fn closure_faults(reading: &mut Reading) -> Result<Vec<String>> {
    let right = computed_closure(reading).await?;
    let mut stored = Closure::new();
    let sql = Sql::new("SELECT above, below, from_day, to_day FROM unit_closure", []);
    for row in reading.rows(sql).await? {
        stored.insert((row.id(0)?, row.id(1)?, row.day(2)?), row.opt_day(3)?);
    }
    let keys = right.keys().chain(stored.keys()).filter(|key| right.get(key) != stored.get(key));
    let keys: BTreeSet<String> = keys.map(|(above, below, from)| format!("{above}/{below}/{from}")).collect();
    Ok(keys.into_iter().collect())
}

/// Makes the closure anew from the units and their successors.
async fn rebuild_closure(op: &mut Operation) -> Result<()> {
    let rows = computed_closure(op).await?;
    op.write_unjournaled(Sql::new("DELETE FROM unit_closure", [])).await?;
    let rows = rows.into_iter().map(|((above, below, from), to)| [above.into(), below.into(), from.into(), to.into()]);
    for sql in Sql::insert_many("unit_closure (above, below, from_day, to_day)", rows) {
        op.write_unjournaled(sql).await?;
    }
    Ok(())
}
