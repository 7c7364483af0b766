//! 代理入力: a record that somebody enters from paper for another person. It says whose paper it was, of which day, and holds its
//! scan (共通実施手順（代理入力と紙の様式）). None of it changes afterwards.

use std::collections::BTreeMap;

use super::Record;
use crate::people::{Standing, persons};
use crate::store::{Row, Sql};
use crate::{Day, Error, FieldError, Id, Kind, Operation, Reading, Result, permission};

/// The paper that a record is entered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Whose it is: for whom the record is entered.
    pub person: Id,
    /// The day that stands on it.
    pub dated: Day,
    /// The file that shows it.
    pub scan: Id,
}

/// What a form, the API and messages call the person, the day and the scan.
pub const PAPER_FIELDS: [&str; 3] = ["entered_for", "entered_for_dated", "entered_for_scan"];

/// Checks that the actor may enter for this person, and that the paper is what it should be.
pub(super) async fn check(op: &mut Operation, standing: Option<&Standing>, paper: &Paper) -> Result<Vec<FieldError>> {
    let [person, dated, scan] = PAPER_FIELDS;
    let mut wrong = Vec::new();
    match persons::of_ids(op, &[paper.person]).await?.first() {
        Some(found) if found.active(op.today()) => match permission::enter_for(op, standing, paper.person).await {
            Err(error) if error.kind() == Kind::Invalid => wrong.push(error),
            leave => leave?,
        },
        _ => wrong.push(Error::invalid_field(
            person,
            "在職している職員を選んでください。",
            "Choose a person in service.",
        )),
    }
    if paper.dated > op.today() {
        let ja = "紙の日付は、今日までの日にしてください。";
        wrong.push(Error::invalid_field(dated, ja, "The paper cannot be dated after today."));
    }
    let mut sql = Sql::default();
    sql.push("SELECT 1 FROM file f WHERE f.destroyed_at IS NULL AND f.id = ").bind(paper.scan);
    sql.push(" AND f.owner = ").bind(op.actor().to_string());
    sql.push(" AND NOT EXISTS (SELECT 1 FROM record_link l WHERE l.target = f.id)");
    sql.push(" AND NOT EXISTS (SELECT 1 FROM paper p WHERE p.scan = f.id)");
    if op.row_if_any(sql).await?.is_none() {
        let ja = "紙の写し（ファイル）を添付してください。";
        wrong.push(Error::invalid_field(scan, ja, "Attach a scan of the paper."));
    }
    Ok(wrong.iter().flat_map(Error::fields).cloned().collect())
}

/// Writes it beside its record, in the same entry of the journal.
pub(super) async fn write(op: &mut Operation, record: Id, paper: &Paper) -> Result<()> {
    let sql = "INSERT INTO paper (record_id, dated, scan, salt) VALUES ($1, $2, $3, $4)";
    let values = [record.into(), paper.dated.into(), paper.scan.into(), op.new_salt()?.into()];
    op.write("paper", [record.into()], Sql::new(sql, values)).await?;
    Ok(())
}

/// The papers of these records, which the reader has been shown. Records entered before their papers were kept have none.
pub async fn papers(reading: &mut Reading, records: &[Record]) -> Result<BTreeMap<Id, Paper>> {
    let entered: BTreeMap<Id, Id> =
        records.iter().filter_map(|record| Some((record.id, record.entered_for?))).collect();
    let mut found = BTreeMap::new();
    let ids: Vec<Id> = entered.keys().copied().collect();
    for some in ids.chunks(AT_ONCE) {
        let mut sql = Sql::default();
        sql.push("SELECT record_id, dated, scan FROM paper WHERE record_id IN ").bind_all(some.iter().copied());
        for row in reading.rows(sql).await? {
            let (record, dated, scan) = read(&row)?;
            found.extend(entered.get(&record).map(|person| (record, Paper { person: *person, dated, scan })));
        }
    }
    Ok(found)
}

/// Records asked about in one query.
const AT_ONCE: usize = 500;

fn read(row: &Row) -> Result<(Id, Day, Id)> {
    Ok((row.id(0)?, row.day(1)?, row.id(2)?))
}
