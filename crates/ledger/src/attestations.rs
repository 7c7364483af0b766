//! 実施報告: duties that a person reports as done, with evidence; and the planned start of duties not yet begun (着手前).

use crate::store::Sql;
use crate::{Day, Error, Id, Moment, Operation, Permit, Reading, Result};

/// Longest note, in characters.
const NOTE_MAX: usize = 4000;

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Its id.
    pub id: Id,
    /// The control.
    pub control: String,
    /// For what: `city`, `unit:ID`, `record:REGISTER:ID` …
    pub subject: String,
    /// The day on which the duty was done.
    pub on: Day,
    /// Who reports.
    pub by: Id,
    /// When.
    pub at: Moment,
    /// What was done and found.
    pub note: String,
    /// Evidence.
    pub file: Option<Id>,
}

/// What is reported.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The control.
    pub control: &'a pack::model::Control,
    /// For what.
    pub subject: String,
    /// The day on which the duty was done; not in the future.
    pub on: Day,
    /// What was done and found.
    pub note: String,
    /// Evidence, an id of a file in the ledger.
    pub file: Option<Id>,
}

/// Records a report.
pub async fn attest(op: &mut Operation, permit: Permit, report: Report<'_>) -> Result<Id> {
    let by = op.actor().person().ok_or_else(|| Error::broken("an attestation by nobody"))?;
    check(op.today(), &report)?;
    let id = op.new_id()?;
    op.enter(permit);
    op.note("subject", report.subject.as_str());
    let insert = "INSERT INTO attestation (id, control, subject, on_day, by_person, at, note, file_id, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        id.into(),
        report.control.id.as_str().into(),
        report.subject.into(),
        report.on.into(),
        by.into(),
        op.at().into(),
        report.note.into(),
        report.file.map(|file| file.to_string()).into(),
        op.new_salt()?.into(),
    ];
    op.write("attestation", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

fn check(today: Day, report: &Report<'_>) -> Result<()> {
    let pack::model::Nature::Attested(asked) = &report.control.nature else {
        return Err(Error::broken("an attestation of a machine control"));
    };
    if report.on > today {
        return Err(Error::invalid_field("on", "今日までの日を入力してください。", "Use a day up to today."));
    }
    if report.note.trim().is_empty() || report.note.chars().count() > NOTE_MAX {
        return Err(Error::invalid_field(
            "note",
            format!("実施した内容を1文字以上{NOTE_MAX}文字以内で入力してください。"),
            format!("Say what was done, in 1 to {NOTE_MAX} characters."),
        ));
    }
    if report.note.chars().any(crate::text::is_refused_in_lines) {
        return Err(Error::invalid_field(
            "note",
            "使えない制御文字が含まれています。",
            "It contains control characters.",
        ));
    }
    if asked.evidence && report.file.is_none() {
        return Err(Error::invalid_field(
            "file",
            "証跡のファイルを添付してください。",
            "Attach the evidence as a file.",
        ));
    }
    Ok(())
}

/// The day of the last report of each control and subject.
pub async fn latest(reading: &mut Reading) -> Result<Vec<(String, String, Day)>> {
    let sql = Sql::new("SELECT control, subject, max(on_day) FROM attestation GROUP BY control, subject", []);
    reading.rows(sql).await?.iter().map(|row| Ok((row.text(0)?, row.text(1)?, row.day(2)?))).collect()
}

/// Reports on a control, latest first, at most `most`.
pub async fn of_control(reading: &mut Reading, control: &str, most: i64) -> Result<Vec<Attestation>> {
    let mut sql = Sql::new(
        "SELECT id, control, subject, on_day, by_person, at, note, file_id FROM attestation WHERE control = $1 \
         ORDER BY on_day DESC, id DESC",
        [control.into()],
    );
    sql.limit(most);
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        all.push(Attestation {
            id: row.id(0)?,
            control: row.text(1)?,
            subject: row.text(2)?,
            on: row.day(3)?,
            by: row.id(4)?,
            at: row.moment(5)?,
            note: row.text(6)?,
            file: row.opt_id(7)?,
        });
    }
    Ok(all)
}

/// Sets or moves the planned start of a control; none: it counts from now on.
pub async fn plan(op: &mut Operation, permit: Permit, control: &str, start: Option<Day>, note: &str) -> Result<()> {
    op.enter(permit);
    let delete = Sql::new("DELETE FROM planned_start WHERE control = $1", [control.into()]);
    op.write("planned_start", [control.into()], delete).await?;
    if let Some(start) = start {
        let insert = "INSERT INTO planned_start (control, start_day, note, at, salt) VALUES ($1, $2, $3, $4, $5)";
        let values = [control.into(), start.into(), note.into(), op.at().into(), op.new_salt()?.into()];
        op.write("planned_start", [control.into()], Sql::new(insert, values)).await?;
    }
    Ok(())
}

/// Planned starts by control.
pub async fn planned(reading: &mut Reading) -> Result<Vec<(String, Day)>> {
    let sql = Sql::new("SELECT control, start_day FROM planned_start", []);
    reading.rows(sql).await?.iter().map(|row| Ok((row.text(0)?, row.day(1)?))).collect()
}
