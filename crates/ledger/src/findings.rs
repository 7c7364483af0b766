//! Findings (要改善事項), open verdicts and daily counts: computed from what is recorded, kept for their history.

use std::collections::BTreeMap;

use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Moment, Operation, Reading, Result};

/// Most findings that one page shows.
pub const PAGE_MAX: i64 = 500;

/// A verdict that is neither kept nor out of scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenVerdict {
    /// The control.
    pub control: String,
    /// The subject, as in attestations.
    pub subject: String,
    /// What it is called.
    pub label: String,
    /// The unit that answers for it.
    pub unit: Option<Id>,
    /// `broken`, `covered`, `unknown`, `not_started`.
    pub state: String,
    /// Why, in Japanese.
    pub reason_ja: String,
    /// Why, in English.
    pub reason_en: String,
}

/// A control that fails for a subject, from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its id.
    pub id: Id,
    /// What is wrong.
    pub verdict: OpenVerdict,
    /// 1 minor, 2 major, 3 critical.
    pub severity: i64,
    /// First day on which it failed.
    pub since: Day,
    /// The day by which it has to be mended.
    pub due: Day,
    /// The day on which it held again; none while it is open.
    pub until: Option<Day>,
}

/// Counts of a day, control and unit: holds, broken, covered, unknown, not started, out of scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: Day,
    /// The control.
    pub control: String,
    /// The unit that answers.
    pub unit: Option<Id>,
    /// In the order above.
    pub counts: [i64; 6],
}

const COLUMNS: &str = "id, control, subject, label, unit_id, severity, state, reason_ja, reason_en, since, due, until";

fn read(row: &Row) -> Result<Finding> {
    Ok(Finding {
        id: row.id(0)?,
        verdict: OpenVerdict {
            control: row.text(1)?,
            subject: row.text(2)?,
            label: row.text(3)?,
            unit: row.opt_id(4)?,
            state: row.text(6)?,
            reason_ja: row.text(7)?,
            reason_en: row.text(8)?,
        },
        severity: row.int(5)?,
        since: row.day(9)?,
        due: row.day(10)?,
        until: row.opt_day(11)?,
    })
}

/// Which findings are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this control.
    pub control: Option<String>,
    /// Only of these units, of none when there is none; without it of all, also those for which no unit answers.
    pub units: Option<Vec<Id>>,
    /// Only of this subject.
    pub subject: Option<String>,
    /// Closed ones too.
    pub closed: bool,
    /// Those that were open at the end of this day, whatever they are now.
    pub open_on: Option<Day>,
    /// Only those due before this day.
    pub due_before: Option<Day>,
}

/// Findings, worst and longest due first.
pub async fn list(reading: &mut Reading, filter: &Filter, offset: i64, limit: i64) -> Result<Vec<Finding>> {
    let mut sql = Sql::default();
    // Their ids are sorted alone; only those that are shown are read with their sentences.
    sql.push("SELECT ").push(COLUMNS).push(" FROM finding WHERE id IN (SELECT id FROM finding WHERE ");
    conditions(&mut sql, filter);
    sql.push(" ORDER BY severity DESC, due, id")
        .limit(limit.clamp(1, PAGE_MAX))
        .push(" OFFSET ")
        .bind(offset.max(0))
        .push(") ORDER BY severity DESC, due, id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// How many there are, and how many of them are due before a day.
pub async fn count_late(reading: &mut Reading, filter: &Filter, day: Day) -> Result<(i64, i64)> {
    let mut sql = Sql::default();
    sql.push("SELECT count(*), count(CASE WHEN due < ").bind(day).push(" THEN 1 END) FROM finding WHERE ");
    conditions(&mut sql, filter);
    let row = reading.row(sql).await?;
    Ok((row.int(0)?, row.int(1)?))
}

/// How many open ones each of these units has, and how many of them are due before a day.
pub async fn by_unit(reading: &mut Reading, units: &[Id], day: Day) -> Result<BTreeMap<Id, (i64, i64)>> {
    let mut sql = Sql::default();
    sql.push("SELECT unit_id, count(*), count(CASE WHEN due < ").bind(day);
    sql.push(" THEN 1 END) FROM finding WHERE until IS NULL AND unit_id IN ").bind_all(units.iter().copied());
    sql.push(" GROUP BY unit_id");
    reading.rows(sql).await?.iter().map(|row| Ok((row.id(0)?, (row.int(1)?, row.int(2)?)))).collect()
}

/// How many each control has: the gravest control first, then the one with most.
pub async fn by_control(reading: &mut Reading, filter: &Filter) -> Result<Vec<(String, i64)>> {
    let mut sql = Sql::default();
    sql.push("SELECT control, count(*) FROM finding WHERE ");
    conditions(&mut sql, filter);
    sql.push(" GROUP BY control ORDER BY max(severity) DESC, count(*) DESC, control");
    reading.rows(sql).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// How many there are.
pub async fn count(reading: &mut Reading, filter: &Filter) -> Result<i64> {
    let mut sql = Sql::default();
    sql.push("SELECT count(*) FROM finding WHERE ");
    conditions(&mut sql, filter);
    reading.row(sql).await?.int(0)
}

fn conditions(sql: &mut Sql, filter: &Filter) {
    match filter.open_on {
        Some(day) => {
            sql.push("since <= ").bind(day).push(" AND (until IS NULL OR until > ").bind(day).push(")");
        }
        None => {
            sql.push(if filter.closed { "1 = 1" } else { "until IS NULL" });
        }
    }
    if let Some(control) = &filter.control {
        sql.push(" AND control = ").bind(control);
    }
    if let Some(subject) = &filter.subject {
        sql.push(" AND subject = ").bind(subject);
    }
    if let Some(day) = filter.due_before {
        sql.push(" AND due < ").bind(day);
    }
    if let Some(units) = &filter.units {
        sql.push(" AND unit_id IN ").bind_all(units.iter().copied());
    }
}

/// The open findings of a control.
pub async fn open(reading: &mut Reading, control: &str) -> Result<Vec<Finding>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM finding WHERE until IS NULL AND control = ").bind(control);
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The controls that have open findings.
pub async fn controls_open(reading: &mut Reading) -> Result<Vec<String>> {
    let sql = Sql::new("SELECT DISTINCT control FROM finding WHERE until IS NULL ORDER BY control", []);
    reading.rows(sql).await?.iter().map(|row| row.text(0)).collect()
}

/// Opens a finding.
pub async fn add(op: &mut Operation, verdict: &OpenVerdict, severity: i64, since: Day, due: Day) -> Result<Id> {
    let id = op.new_id()?;
    let insert = "INSERT INTO finding (id, control, subject, label, unit_id, severity, state, reason_ja, reason_en, since, due, until) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)";
    let values = [
        id.into(),
        verdict.control.as_str().into(),
        verdict.subject.as_str().into(),
        verdict.label.as_str().into(),
        verdict.unit.map(|unit| unit.to_string()).into(),
        severity.into(),
        verdict.state.as_str().into(),
        verdict.reason_ja.as_str().into(),
        verdict.reason_en.as_str().into(),
        since.into(),
        due.into(),
    ];
    op.write_unjournaled(Sql::new(insert, values)).await?;
    Ok(id)
}

/// Brings an open finding in step with its verdict.
pub async fn refresh(op: &mut Operation, id: Id, verdict: &OpenVerdict) -> Result<()> {
    let update =
        "UPDATE finding SET label = $2, unit_id = $3, state = $4, reason_ja = $5, reason_en = $6 WHERE id = $1";
    let values = [
        id.into(),
        verdict.label.as_str().into(),
        verdict.unit.map(|unit| unit.to_string()).into(),
        verdict.state.as_str().into(),
        verdict.reason_ja.as_str().into(),
        verdict.reason_en.as_str().into(),
    ];
    op.write_unjournaled(Sql::new(update, values)).await?;
    Ok(())
}

/// Closes a finding on the day on which its control held again.
pub async fn close(op: &mut Operation, id: Id, until: Day) -> Result<()> {
    let update = "UPDATE finding SET until = $2 WHERE id = $1 AND until IS NULL";
    op.write_unjournaled(Sql::new(update, [id.into(), until.into()])).await?;
    Ok(())
}

/// Closes every open finding of a control.
pub async fn close_all(op: &mut Operation, control: &str, until: Day) -> Result<()> {
    let update = "UPDATE finding SET until = $2 WHERE control = $1 AND until IS NULL";
    op.write_unjournaled(Sql::new(update, [control.into(), until.into()])).await?;
    Ok(())
}

/// Replaces the open verdicts of a control.
pub async fn replace_verdicts(op: &mut Operation, control: &str, verdicts: &[OpenVerdict]) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM verdict WHERE control = $1", [control.into()])).await?;
    let rows = verdicts.iter().map(|verdict| {
        [
            verdict.control.as_str().into(),
            verdict.subject.as_str().into(),
            verdict.label.as_str().into(),
            verdict.unit.map(|unit| unit.to_string()).into(),
            verdict.state.as_str().into(),
            verdict.reason_ja.as_str().into(),
            verdict.reason_en.as_str().into(),
        ]
    });
    let into = "verdict (control, subject, label, unit_id, state, reason_ja, reason_en)";
    for sql in Sql::insert_many(into, rows) {
        op.write_unjournaled(sql).await?;
    }
    Ok(())
}

/// Open verdicts of a control, worst first.
pub async fn verdicts(reading: &mut Reading, control: &str, limit: i64) -> Result<Vec<OpenVerdict>> {
    verdicts_of(reading, &[control], limit.clamp(1, PAGE_MAX)).await
}

/// Open verdicts of these controls, one control after the other, each worst first.
pub async fn verdicts_of(reading: &mut Reading, controls: &[&str], limit: i64) -> Result<Vec<OpenVerdict>> {
    let mut sql = Sql::default();
    sql.push("SELECT control, subject, label, unit_id, state, reason_ja, reason_en FROM verdict WHERE control IN ");
    sql.bind_all(controls.iter().copied()).push(" ORDER BY control, state, label, subject");
    sql.limit(limit);
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        all.push(OpenVerdict {
            control: row.text(0)?,
            subject: row.text(1)?,
            label: row.text(2)?,
            unit: row.opt_id(3)?,
            state: row.text(4)?,
            reason_ja: row.text(5)?,
            reason_en: row.text(6)?,
        });
    }
    Ok(all)
}

/// The open verdict of a control for one subject.
pub async fn verdict(reading: &mut Reading, control: &str, subject: &str) -> Result<Option<OpenVerdict>> {
    Ok(verdicts(reading, control, PAGE_MAX).await?.into_iter().find(|verdict| verdict.subject == subject))
}

/// Replaces the counts of a day for a control.
pub async fn replace_counts(op: &mut Operation, day: Day, control: &str, counts: &[DayCount]) -> Result<()> {
    let delete = "DELETE FROM control_day WHERE day = $1 AND control = $2";
    op.write_unjournaled(Sql::new(delete, [day.into(), control.into()])).await?;
    let rows = counts.iter().map(|count| {
        let [holds, broken, covered, unknown, not_started, out_of_scope] = count.counts;
        [
            count.day.into(),
            count.control.as_str().into(),
            count.unit.map(|unit| unit.to_string()).unwrap_or_default().into(),
            holds.into(),
            broken.into(),
            covered.into(),
            unknown.into(),
            not_started.into(),
            out_of_scope.into(),
        ]
    });
    let into = "control_day (day, control, unit_id, holds, broken, covered, unknown, not_started, out_of_scope)";
    for sql in Sql::insert_many(into, rows) {
        op.write_unjournaled(sql).await?;
    }
    Ok(())
}

/// The counts of a day.
pub async fn counts(reading: &mut Reading, day: Day) -> Result<Vec<DayCount>> {
    let sql = Sql::new(
        "SELECT day, control, unit_id, holds, broken, covered, unknown, not_started, out_of_scope FROM control_day \
         WHERE day = $1 ORDER BY control, unit_id",
        [day.into()],
    );
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        let unit = row.text(2)?;
        let unit = if unit.is_empty() { None } else { Some(unit.parse().map_err(|_| Error::broken("a unit's id"))?) };
        let mut counts = [0; 6];
        for (i, place) in counts.iter_mut().enumerate() {
            *place = row.int(3 + i)?;
        }
        all.push(DayCount { day: row.day(0)?, control: row.text(1)?, unit, counts });
    }
    Ok(all)
}

/// By what counts are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// One sum for each control, by its id.
    Control,
    /// One sum for each unit, by its id as text; empty: no unit answers.
    Unit,
}

/// The counts of a day, over all units or over these alone: sums in the order of [`DayCount::counts`].
pub async fn sums(reading: &mut Reading, day: Day, by: By, units: Option<&[Id]>) -> Result<Vec<(String, [i64; 6])>> {
    let column = match by {
        By::Control => "control",
        By::Unit => "unit_id",
    };
    let mut sql = Sql::default();
    sql.push("SELECT ").push(column);
    for state in ["holds", "broken", "covered", "unknown", "not_started", "out_of_scope"] {
        // PostgreSQL's sum of 64-bit numbers is no 64-bit number.
        sql.push(", CAST(sum(").push(state).push(") AS BIGINT)");
    }
    sql.push(" FROM control_day WHERE day = ").bind(day);
    if let Some(units) = units {
        sql.push(" AND unit_id IN ").bind_all(units.iter().copied());
    }
    sql.push(" GROUP BY ").push(column).push(" ORDER BY ").push(column);
    let sums = |row: &Row| -> Result<(String, [i64; 6])> {
        let mut sums = [0; 6];
        for (i, place) in sums.iter_mut().enumerate() {
            *place = row.int(1 + i)?;
        }
        Ok((row.text(0)?, sums))
    };
    reading.rows(sql).await?.iter().map(sums).collect()
}

/// The last day up to `day` that has counts.
pub async fn last_day(reading: &mut Reading, day: Day) -> Result<Option<Day>> {
    let sql = Sql::new("SELECT max(day) FROM control_day WHERE day <= $1", [day.into()]);
    reading.row(sql).await?.opt_day(0)
}

/// Up to where the journal was read, and for which day, at the last run.
pub async fn position(reading: &mut Reading) -> Result<Option<(Day, i64)>> {
    let row = reading.row_if_any(Sql::new("SELECT day, seq FROM assurance_run WHERE id = 1", [])).await?;
    row.map(|row| Ok((row.day(0)?, row.int(1)?))).transpose()
}

/// As of when the findings, verdicts and counts are: the last entry of the journal that they follow. None before the first run.
pub async fn as_of(reading: &mut Reading) -> Result<Option<Moment>> {
    let sql = "SELECT j.at FROM assurance_run a JOIN journal j ON j.seq = a.seq WHERE a.id = 1";
    reading.row_if_any(Sql::new(sql, [])).await?.map(|row| row.moment(0)).transpose()
}

/// Remembers the position.
pub async fn set_position(op: &mut Operation, day: Day, seq: i64) -> Result<()> {
    op.write_unjournaled(Sql::new("DELETE FROM assurance_run", [])).await?;
    let insert = "INSERT INTO assurance_run (id, day, seq) VALUES (1, $1, $2)";
    op.write_unjournaled(Sql::new(insert, [day.into(), seq.into()])).await?;
    Ok(())
}
