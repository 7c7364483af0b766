//! What auditors look at first: what was done beside the ordinary course, and with the keys of the house. All of it stands in
//! the journal already; here it is found again.

use pack::Pack;
use pack::model::{RegisterKind, TransitionRole};

use crate::journal::Entry;
use crate::permission::ADMINISTRATOR;
use crate::records::{self, Paper};
use crate::store::Sql;
use crate::{Day, Id, Moment, Reading, Result};

/// In which way something was beside the ordinary course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// 特例承認: a 例外措置 was granted.
    Override,
    /// 代決: a substitute answered for an absent holder.
    Deputy,
    /// 引上げ: a higher rank answered in place of the one that was asked.
    Escalated,
    /// 代理入力: entered from paper for somebody else.
    EnteredFor,
    /// By the product's administrator, or by a command on the server.
    Administrator,
}

impl Way {
    /// All of them, in the order in which they are read.
    pub const ALL: [Self; 5] = [Self::Override, Self::Deputy, Self::Escalated, Self::EnteredFor, Self::Administrator];

    /// As addresses name it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Deputy => "deputy",
            Self::Escalated => "escalated",
            Self::EnteredFor => "entered-for",
            Self::Administrator => "administrator",
        }
    }
}

/// Acts by which somebody answers in a decision.
const ANSWERS: [&str; 4] = ["agree", "refuse", "send_back", "read_circulated"];

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The entry of the journal that says so.
    pub entry: Entry,
    /// For whom, by 代決 or 代理入力.
    pub holder: Option<Id>,
    /// Of 代理入力: the paper, where it was kept.
    pub paper: Option<Paper>,
    /// Of 代決 that agreed: when its 後閲 was done, none while it waits. A refusal leaves none.
    pub countersigned: Option<Option<Moment>>,
}

/// How often each way was taken from a day to a day, in the order of [`Way::ALL`].
pub async fn counts(reading: &mut Reading, pack: &Pack, from: Day, to: Day) -> Result<[i64; 5]> {
    let administered = administered(reading).await?;
    let mut sql = Sql::default();
    for (at, way) in Way::ALL.into_iter().enumerate() {
        sql.push(if at == 0 { "SELECT " } else { ", " }).push("count(CASE WHEN ");
        condition(reading, &mut sql, pack, way, &administered);
        sql.push(" THEN 1 END)");
    }
    sql.push(" FROM journal j WHERE ");
    within(&mut sql, from, to);
    let row = reading.row(sql).await?;
    let mut all = [0; 5];
    for (at, count) in all.iter_mut().enumerate() {
        *count = row.int(at)?;
    }
    Ok(all)
}

/// What was done in one way from a day to a day, latest first.
pub async fn list(
    reading: &mut Reading,
    pack: &Pack,
    way: Way,
    (from, to): (Day, Day),
    offset: i64,
    limit: i64,
) -> Result<Vec<Done>> {
    let administered = administered(reading).await?;
    let mut sql = Sql::default();
    sql.push("SELECT j.bytes FROM journal j WHERE ");
    within(&mut sql, from, to);
    sql.push(" AND ");
    condition(reading, &mut sql, pack, way, &administered);
    sql.push(" ORDER BY j.seq DESC").limit(limit).push(" OFFSET ").bind(offset.max(0));
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        let entry = Entry::from_bytes(&row.bytes(0)?)?;
        let mut done = Done { entry, holder: None, paper: None, countersigned: None };
        match way {
            Way::Deputy => (done.holder, done.countersigned) = deputised(reading, &done.entry).await?,
            Way::EnteredFor => (done.holder, done.paper) = entered_for(reading, &done.entry).await?,
            Way::Override | Way::Escalated | Way::Administrator => {}
        }
        all.push(done);
    }
    Ok(all)
}

fn within(sql: &mut Sql, from: Day, to: Day) {
    let end = to.plus_days(1).unwrap_or(to);
    sql.push("j.at >= ").bind(Moment::start_of(from)).push(" AND j.at < ").bind(Moment::start_of(end));
}

/// The posts of administrators: who, from when, to when.
type Administered = Vec<(String, Moment, Option<Moment>)>;

async fn administered(reading: &mut Reading) -> Result<Administered> {
    let sql = "SELECT person_id, from_day, to_day FROM post WHERE role = $1 ORDER BY id";
    let rows = reading.rows(Sql::new(sql, [ADMINISTRATOR.into()])).await?;
    rows.iter()
        .map(|row| {
            let to = row.opt_day(2)?.map(Moment::start_of);
            Ok((format!("person:{}", row.id(0)?), Moment::start_of(row.day(1)?), to))
        })
        .collect()
}

/// The condition that an entry `j` was in this way.
fn condition(reading: &Reading, sql: &mut Sql, pack: &Pack, way: Way, administered: &Administered) {
    let contains = |sql: &mut Sql, text: &str| {
        sql.push("(j.act IN ").bind_all(ANSWERS).push(" AND ");
        sql.append(&reading.engine().bytes_hold("j.bytes", text)).push(")");
    };
    match way {
        // Notes are written without white space, and a quotation mark within a text has a backslash before it.
        Way::Deputy => contains(sql, "\"deputy_for\":\""),
        Way::Escalated => contains(sql, "\"escalated\":true"),
        Way::Override => {
            let exceptions = pack.registers.iter().filter(|register| register.kind == Some(RegisterKind::Exception));
            sql.push("(j.act = 'transition' AND (1 = 0");
            for register in exceptions {
                let granting = register.lifecycle.transitions.iter().filter(|t| t.role == TransitionRole::Decides);
                for transition in granting {
                    let noted = format!("\"transition\":{}", serde_json::Value::from(transition.id.as_str()));
                    sql.push(" OR (j.kind = ").bind(&register.id).push(" AND ");
                    sql.append(&reading.engine().bytes_hold("j.bytes", &noted)).push(")");
                }
            }
            sql.push("))");
        }
        Way::EnteredFor => {
            sql.push("(j.act = 'create' AND j.subject IN (SELECT id FROM record WHERE entered_for IS NOT NULL))");
        }
        Way::Administrator => {
            sql.push("(j.actor LIKE 'operator:%'");
            for (actor, from, to) in administered {
                sql.push(" OR (j.actor = ").bind(actor).push(" AND j.at >= ").bind(*from);
                if let Some(to) = to {
                    sql.push(" AND j.at < ").bind(*to);
                }
                sql.push(")");
            }
            sql.push(")");
        }
    }
}

/// For whom a substitute answered, and what became of the 後閲.
async fn deputised(reading: &mut Reading, entry: &Entry) -> Result<(Option<Id>, Option<Option<Moment>>)> {
    let holder = entry.note.get("deputy_for").and_then(|id| id.as_str()?.parse::<Id>().ok());
    let (Some(holder), Ok(record)) = (holder, entry.subject.parse::<Id>()) else { return Ok((holder, None)) };
    let sql = "SELECT done_at FROM task WHERE record_id = $1 AND kind = 'countersign' AND person_id = $2 \
               AND opened_at = $3 ORDER BY id LIMIT 1";
    let values = [record.into(), holder.into(), entry.at.into()];
    let done = reading.row_if_any(Sql::new(sql, values)).await?.map(|row| row.opt_moment(0)).transpose()?;
    Ok((Some(holder), done))
}

/// For whom a record was entered, and from which paper.
async fn entered_for(reading: &mut Reading, entry: &Entry) -> Result<(Option<Id>, Option<Paper>)> {
    let Ok(id) = entry.subject.parse::<Id>() else { return Ok((None, None)) };
    let Some(record) = records::stored(reading, id).await? else { return Ok((None, None)) };
    let papers = records::papers(reading, std::slice::from_ref(&record)).await?;
    Ok((record.entered_for, papers.get(&id).copied()))
}
