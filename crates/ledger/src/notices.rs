//! お知らせ: whom the deadlines of the registers and waiting decisions remind, once a day, in the console and by mail.
//!
//! A notice names a record and why; what it says is made from the pack when it is shown, to whoever may see the record then.

use std::collections::{BTreeMap, BTreeSet};

use pack::Pack;
use pack::expr::Value;
use pack::model::{Deadline, Register, Term, TermScope, Text};
use serde_json::Value as Json;

use crate::people::{absences, joint_units, persons, posts, units};
use crate::records::{self, Record};
use crate::store::{Row, Sql};
use crate::{Day, Error, Id, Moment, Operation, Reading, Result, world};

/// The reason of a reminder that a decision waits.
pub const DECISION: &str = "#decision";

/// Days after a deadline on which it is said again, beside every seventh.
const FIRST_LATE: i64 = 1;
/// A reminder is repeated after this many days.
const AGAIN: i64 = 7;
/// Notices of a page.
pub const PAGE_MAX: i64 = 200;

/// A reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: Id,
    /// Who is told.
    pub person: Id,
    /// On which day.
    pub day: Day,
    /// Of what register.
    pub register: String,
    /// Of what record.
    pub record: Id,
    /// The deadline's id in the register, or [`DECISION`].
    pub reason: String,
    /// The last day in time; none for a waiting decision.
    pub due: Option<Day>,
    /// Whether the person has read it.
    pub read: bool,
}

const COLUMNS: &str = "id, person_id, day, register, record_id, reason, due, read_at";

fn read(row: &Row) -> Result<Notice> {
    Ok(Notice {
        id: row.id(0)?,
        person: row.id(1)?,
        day: row.day(2)?,
        register: row.text(3)?,
        record: row.id(4)?,
        reason: row.text(5)?,
        due: row.opt_day(6)?,
        read: row.opt_moment(7)?.is_some(),
    })
}

/// What a round did, and which deadlines could not be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Notices made.
    pub made: usize,
    /// Record and deadline whose day could not be found, with the reason.
    pub unknown: Vec<(String, Text)>,
}

/// Whether the reminders of today are still to be made.
pub async fn is_due(reading: &mut Reading) -> Result<bool> {
    let last = reading.row_if_any(Sql::new("SELECT day FROM notice_round WHERE id = 1", [])).await?;
    let today = reading.today();
    Ok(match last {
        Some(row) => row.day(0)? < today,
        None => true,
    })
}

/// Makes the reminders of today. Made twice on a day, it adds only what is new.
pub async fn round(op: &mut Operation, pack: &Pack) -> Result<Round> {
    let mut done = Round::default();
    let mut told = Told::default();
    for register in pack.registers.iter().filter(|register| !register.deadlines.is_empty()) {
        for record in running(op, register).await? {
            for deadline in register.deadlines.iter().filter(|deadline| deadline.states.contains(&record.state)) {
                let due = match due(op, pack, register, &record, deadline).await? {
                    Ok(Some(due)) => due,
                    Ok(None) => continue,
                    Err(reason) => {
                        done.unknown.push((format!("{} {}", record.number, deadline.id), reason));
                        continue;
                    }
                };
                if !speaks(deadline, due, op.today()) {
                    continue;
                }
                for person in told.by(op, pack, &deadline.tell, &record).await? {
                    done.made += add(op, person, &record, &deadline.id, Some(due)).await?;
                }
            }
        }
    }
    done.made += waiting(op, pack, &mut told).await?;
    op.write_unjournaled(Sql::new("DELETE FROM notice_round", [])).await?;
    let insert = Sql::new("INSERT INTO notice_round (id, day) VALUES (1, $1)", [op.today().into()]);
    op.write_unjournaled(insert).await?;
    Ok(done)
}

/// Tells those whom the deadlines of a record's state name at once, without waiting for the day of the reminder.
pub(crate) async fn at_once(op: &mut Operation, pack: &Pack, register: &Register, record: &Record) -> Result<()> {
    let mut told = Told::default();
    for deadline in register.deadlines.iter().filter(|deadline| deadline.states.contains(&record.state)) {
        let due = due(op, pack, register, record, deadline).await?.ok().flatten();
        for person in told.by(op, pack, &deadline.tell, record).await? {
            add(op, person, record, &deadline.id, due).await?;
        }
    }
    Ok(())
}

/// Lets reminders rest whose deadlines count no more in the record's state: they are neither shown as new nor mailed.
pub(crate) async fn settle(op: &mut Operation, register: &Register, record: &Record) -> Result<()> {
    let over = register.deadlines.iter().filter(|deadline| !deadline.states.contains(&record.state));
    for deadline in over {
        let sql = "UPDATE notice SET read_at = COALESCE(read_at, $3), mailed_at = COALESCE(mailed_at, $3) \
                   WHERE record_id = $1 AND reason = $2";
        let values = [record.id.into(), (&deadline.id).into(), op.at().into()];
        op.write_unjournaled(Sql::new(sql, values)).await?;
    }
    Ok(())
}

/// Records in a state that has a deadline.
async fn running(reading: &mut Reading, register: &Register) -> Result<Vec<Record>> {
    let states: BTreeSet<&str> =
        register.deadlines.iter().flat_map(|deadline| &deadline.states).map(String::as_str).collect();
    let mut sql = Sql::default();
    sql.push("SELECT ").push(records::COLUMNS).push(" FROM ").push(records::TABLES).push(" WHERE r.register = ");
    sql.bind(&register.id).push(" AND r.disposed_at IS NULL AND r.state IN ").bind_all(states);
    reading.rows(sql).await?.iter().map(records::read).collect()
}

/// The last day in time; none when the expression gives none; or why it cannot be told.
async fn due(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
    deadline: &Deadline,
) -> Result<std::result::Result<Option<Day>, Text>> {
    let value = world::evaluate(reading, pack, register, record, |env| deadline.after.eval(env)).await?;
    Ok(match value {
        Ok(Value::Day(day)) => Ok(Some(day)),
        Ok(_) => Ok(None),
        Err(unknown) => Err(unknown.reason().clone()),
    })
}

/// The nearest day by which the applicant of a record has to do something; none when no deadline of its state tells the applicant,
/// or it cannot be told.
pub async fn of_applicant(
    reading: &mut Reading,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<Option<Day>> {
    let mut nearest = None;
    let mine = register.deadlines.iter().filter(|deadline| deadline.tell.contains(&Term::Applicant));
    for deadline in mine.filter(|deadline| deadline.states.contains(&record.state)) {
        if let Ok(Some(day)) = due(reading, pack, register, record, deadline).await? {
            nearest = nearest.into_iter().chain([day]).min();
        }
    }
    Ok(nearest)
}

/// Whether a deadline is spoken of on a day: on the days that the pack names before it, on its day, the day after, and every
/// seventh day from then on.
fn speaks(deadline: &Deadline, due: Day, today: Day) -> bool {
    let left = i64::from(due.number()) - i64::from(today.number());
    match left {
        0 => true,
        left if left > 0 => deadline.remind.iter().any(|days| i64::from(*days) == left),
        late => (-late - FIRST_LATE) % AGAIN == 0,
    }
}

/// Reminds of decisions that have waited a day, and every seventh day from then on.
async fn waiting(op: &mut Operation, pack: &Pack, told: &mut Told) -> Result<usize> {
    let sql = "SELECT t.record_id, t.person_id, t.role, t.scope, t.unit_id, t.opened_at FROM task t WHERE t.state = 'open' \
               ORDER BY t.opened_at, t.id";
    let mut made = 0;
    for row in op.rows(Sql::new(sql, [])).await? {
        let opened = row.moment(5)?.day();
        let days = i64::from(op.today().number()) - i64::from(opened.number());
        if days < FIRST_LATE || (days - FIRST_LATE) % AGAIN != 0 {
            continue;
        }
        let Some(record) = records::stored(op, row.id(0)?).await? else { continue };
        let people = match (row.opt_id(1)?, row.opt_text(2)?) {
            (Some(person), _) => vec![person],
            (None, Some(role)) => {
                let scope = if row.opt_text(3)?.as_deref() == Some("all") { TermScope::All } else { TermScope::Unit };
                told.holders(op, pack, &role, scope, row.opt_id(4)?.unwrap_or(record.unit)).await?
            }
            (None, None) => Vec::new(),
        };
        let own = [record.applicant, record.entered_for];
        for person in people.into_iter().filter(|person| !own.contains(&Some(*person))) {
            made += add(op, person, &record, DECISION, None).await?;
        }
    }
    Ok(made)
}

async fn add(op: &mut Operation, person: Id, record: &Record, reason: &str, due: Option<Day>) -> Result<usize> {
    let insert = "INSERT INTO notice (id, person_id, day, register, record_id, reason, due, read_at, mailed_at) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL) ON CONFLICT DO NOTHING";
    let values = [
        op.new_id()?.into(),
        person.into(),
        op.today().into(),
        (&record.register).into(),
        record.id.into(),
        reason.into(),
        due.map(|day| day.to_string()).into(),
    ];
    let rows = op.write_unjournaled(Sql::new(insert, values)).await?;
    Ok(usize::try_from(rows).unwrap_or(0))
}

/// Whom terms name, remembered for a round: the posts do not change while it runs.
#[derive(Debug, Default)]
struct Told {
    holders: BTreeMap<(String, bool, Id), Vec<Id>>,
    /// Every unit of a joint body, with that body; read when it is first asked for.
    joint: Option<BTreeMap<Id, String>>,
}

impl Told {
    async fn by(&mut self, reading: &mut Reading, pack: &Pack, tell: &[Term], record: &Record) -> Result<BTreeSet<Id>> {
        let mut people = BTreeSet::new();
        for term in tell {
            match term {
                Term::Applicant => people.extend(record.applicant.into_iter().chain(record.entered_for)),
                Term::Person(field) => people.extend(persons_in(record.fields.get(field))),
                Term::Role { role, scope } => {
                    people.extend(self.holders(reading, pack, role, *scope, record.unit).await?);
                }
                Term::Assigned => {}
            }
        }
        let today = reading.today();
        let mut active = BTreeSet::new();
        for person in people {
            if persons::get(reading, person).await?.active(today) {
                active.insert(person);
            }
        }
        Ok(active)
    }

    /// Holders of a role in a unit or above it, or anywhere in its body; for those who are away also who acts for them.
    async fn holders(
        &mut self,
        reading: &mut Reading,
        pack: &Pack,
        role: &str,
        scope: TermScope,
        unit: Id,
    ) -> Result<Vec<Id>> {
        let key = (role.to_owned(), scope == TermScope::All, unit);
        if let Some(known) = self.holders.get(&key) {
            return Ok(known.clone());
        }
        let (today, now) = (reading.today(), reading.at());
        let above = units::above(reading, unit, today).await?;
        let joint = match self.joint.take() {
            Some(joint) => joint,
            None => joint_units(reading, pack).await?,
        };
        let mut found = Vec::new();
        for post in posts::holders_anywhere(reading, role, today).await? {
            let told = match scope {
                TermScope::Unit => above.contains(&post.unit),
                TermScope::All => joint.get(&post.unit) == joint.get(&unit),
            };
            if !told {
                continue;
            }
            found.push(post.person);
            if absences::is_absent(reading, post.person, now).await? {
                found.extend(absences::deputies(reading, pack, post.unit, role, post.person).await?);
            }
        }
        found.sort_unstable();
        found.dedup();
        self.joint = Some(joint);
        self.holders.insert(key, found.clone());
        Ok(found)
    }
}

fn persons_in(value: Option<&Json>) -> Vec<Id> {
    let one = |value: &Json| value.as_str().and_then(|text| text.parse().ok());
    match value {
        Some(Json::Array(values)) => values.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A person's notices, unread and latest first.
pub async fn of_person(reading: &mut Reading, person: Id, limit: i64) -> Result<Vec<Notice>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM notice WHERE person_id = ").bind(person);
    sql.push(" ORDER BY CASE WHEN read_at IS NULL THEN 0 ELSE 1 END, day DESC, id DESC");
    sql.limit(limit.clamp(1, PAGE_MAX));
    reading.rows(sql).await?.iter().map(read).collect()
}

/// How many notices a person has not read.
pub async fn unread(reading: &mut Reading, person: Id) -> Result<i64> {
    let sql = Sql::new("SELECT count(*) FROM notice WHERE person_id = $1 AND read_at IS NULL", [person.into()]);
    reading.row(sql).await?.int(0)
}

/// Marks the actor's own notices as read.
pub async fn mark_read(op: &mut Operation) -> Result<()> {
    let person = op.actor().person().ok_or_else(|| Error::broken("notices read by nobody"))?;
    let mut sql = Sql::default();
    sql.push("UPDATE notice SET read_at = ").bind(op.at()).push(" WHERE read_at IS NULL AND person_id = ").bind(person);
    op.write_unjournaled(sql).await.map(drop)
}

/// Notices that no mail has carried, by person.
pub async fn unmailed(reading: &mut Reading) -> Result<Vec<(Id, Vec<Notice>)>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM notice WHERE mailed_at IS NULL ORDER BY person_id, due, id");
    let mut all: Vec<(Id, Vec<Notice>)> = Vec::new();
    for row in reading.rows(sql).await? {
        let notice = read(&row)?;
        match all.last_mut() {
            Some((person, notices)) if *person == notice.person => notices.push(notice),
            _ => all.push((notice.person, vec![notice])),
        }
    }
    Ok(all)
}

/// Notes that a mail has carried these.
pub async fn mark_mailed(op: &mut Operation, notices: &[Notice]) -> Result<()> {
    let at: Moment = op.at();
    for notice in notices {
        let update = Sql::new("UPDATE notice SET mailed_at = $2 WHERE id = $1", [notice.id.into(), at.into()]);
        op.write_unjournaled(update).await?;
    }
    Ok(())
}

/// What a notice says in the pack's words: Japanese and English.
pub fn says(pack: &Pack, notice: &Notice) -> (String, String) {
    if notice.reason == DECISION {
        return ("あなたの決裁を待っています".to_owned(), "waits for your decision".to_owned());
    }
    let register = pack.register(&notice.register);
    let deadline = register.and_then(|register| register.deadlines.iter().find(|d| d.id == notice.reason));
    match deadline {
        Some(deadline) => (deadline.says.pick(false).to_owned(), deadline.says.pick(true).to_owned()),
        None => ("期限です".to_owned(), "is due".to_owned()),
    }
}
