//! Routes and tasks in the store.

use pack::Pack;
use pack::expr::Outcome;
use pack::model::{Register, Term, TermScope, Transition, TransitionRole};

use super::course::Course;
use crate::records::{self, Record};
use crate::store::{Row, Sql};
use crate::{Error, Id, Moment, Operation, Reading, Result, permission, world};

/// How a route stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteState {
    /// It waits for somebody.
    Open,
    /// Decided (決裁済み).
    Decided,
    /// 不承認.
    Refused,
    /// 差戻し to the applicant.
    Returned,
    /// 引戻し.
    Withdrawn,
}

impl RouteState {
    /// As the store has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Refused => "refused",
            Self::Returned => "returned",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn from_id(id: &str) -> Result<Self> {
        [Self::Open, Self::Decided, Self::Refused, Self::Returned, Self::Withdrawn]
            .into_iter()
            .find(|state| state.id() == id)
            .ok_or_else(|| Error::broken(format!("a route in the state '{id}'")))
    }
}

/// A route of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its id.
    pub id: Id,
    /// The record.
    pub record: Id,
    /// The transition that it decides.
    pub transition: String,
    /// How it stands.
    pub state: RouteState,
    /// Its steps.
    pub course: Course,
    /// When it was opened.
    pub opened: Moment,
    /// When it ended.
    pub closed: Option<Moment>,
}

/// A task that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTask {
    /// Its id.
    pub id: Id,
    /// The record.
    pub record: Id,
    /// The route; none for work outside of one.
    pub route: Option<Id>,
    /// `approve`, `consult`, `decide`, `circulate`, `countersign`.
    pub kind: String,
    /// Step and seat of the route.
    pub step: usize,
    /// The seat.
    pub seat: usize,
    /// For this person …
    pub person: Option<Id>,
    /// … or for whoever holds this role …
    pub role: Option<String>,
    /// … anywhere, rather than in the record's unit or above it.
    pub anywhere: bool,
    /// When it was opened.
    pub opened: Moment,
}

const TASK: &str = "id, record_id, route_id, kind, step, seat, person_id, role, scope, opened_at";

pub(super) fn read_task(row: &Row) -> Result<OpenTask> {
    let place = |i: usize| Ok::<usize, Error>(usize::try_from(row.int(i)?).unwrap_or_default());
    Ok(OpenTask {
        id: row.id(0)?,
        record: row.id(1)?,
        route: row.opt_id(2)?,
        kind: row.text(3)?,
        step: place(4)?,
        seat: place(5)?,
        person: row.opt_id(6)?,
        role: row.opt_text(7)?,
        anywhere: row.opt_text(8)?.as_deref() == Some("all"),
        opened: row.moment(9)?,
    })
}

/// The transition that decides from a state.
pub(super) fn deciding<'a>(register: &'a Register, state: &str) -> Option<&'a Transition> {
    register.lifecycle.transitions.iter().find(|transition| {
        transition.role == TransitionRole::Decides && transition.from.iter().any(|from| from == state)
    })
}

/// Opens the route of a record that has come into a state where a decision is due; none when none is.
pub(crate) async fn open_for(
    op: &mut Operation,
    pack: &Pack,
    register: &Register,
    record: &Record,
) -> Result<Option<Id>> {
    let Some(transition) = deciding(register, &record.state) else { return Ok(None) };
    // No substitute decides on the highest class, nor on what was in dispute before.
    let grave = records::is_top_secret(op, pack, register, record).await? || disputed(op, record.id).await?;
    let course = world::evaluate(op, pack, register, record, |env| {
        Course::plan(transition, grave, |when| when.test(env) != Outcome::False)
    })
    .await?;
    if course.steps.is_empty() {
        return Err(Error::refused(
            format!("「{}」の決裁者が決まりません。規程データの決裁ルートを確かめてください。", transition.label.ja),
            format!("No step of the route of '{}' applies. Check the pack.", transition.id),
        ));
    }
    let id = op.new_id()?;
    op.enter(permission::decisions::open(record));
    op.note("route", id.to_string());
    let insert = "INSERT INTO route (id, record_id, transition, state, steps, opened_at, closed_at, salt) \
                  VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)";
    let values = [
        id.into(),
        record.id.into(),
        transition.id.as_str().into(),
        RouteState::Open.id().into(),
        steps_text(&course)?.into(),
        op.at().into(),
        op.new_salt()?.into(),
    ];
    op.write("route", [id.into()], Sql::new(insert, values)).await?;
    let route = Route {
        id,
        record: record.id,
        transition: transition.id.clone(),
        state: RouteState::Open,
        course,
        opened: op.at(),
        closed: None,
    };
    open_tasks(op, &route, record).await?;
    Ok(Some(id))
}

/// Whether an earlier decision on the record ended in 不承認 or 差戻し.
async fn disputed(reading: &mut Reading, record: Id) -> Result<bool> {
    let ended = [RouteState::Refused.id(), RouteState::Returned.id()];
    let sql = "SELECT 1 FROM route WHERE record_id = $1 AND state IN ($2, $3)";
    let sql = Sql::new(sql, [record.into(), ended[0].into(), ended[1].into()]);
    Ok(reading.row_if_any(sql).await?.is_some())
}

fn steps_text(course: &Course) -> Result<String> {
    serde_json::to_string(course).map_err(|error| Error::broken(format!("a route's steps: {error}")))
}

/// Opens a task for every seat that waits now and has none yet.
pub(super) async fn open_tasks(op: &mut Operation, route: &Route, record: &Record) -> Result<()> {
    let open = tasks_of(op, route.id).await?;
    for (step, seat) in route.course.open_seats() {
        if open.iter().any(|task| (task.step, task.seat) == (step, seat)) {
            continue;
        }
        let Some(place) = route.course.steps.get(step) else { continue };
        let Some(terms) = place.seats.get(seat).map(|seat| seat.who.clone()) else { continue };
        for term in terms {
            for (person, role, scope) in addressees(op, record, &term).await? {
                let address = Address { person, role, scope };
                add_task(op, record, Some(route.id), place.kind.id(), (step, seat), address).await?;
            }
        }
    }
    Ok(())
}

/// To whom a task goes.
pub(super) struct Address {
    /// A person …
    pub(super) person: Option<Id>,
    /// … or a role …
    pub(super) role: Option<String>,
    /// … `unit` or `all`.
    pub(super) scope: Option<&'static str>,
}

type Addressee = (Option<Id>, Option<String>, Option<&'static str>);

/// Whom a term of a route names for a record.
async fn addressees(reading: &mut Reading, record: &Record, term: &str) -> Result<Vec<Addressee>> {
    let role = |scope: TermScope| match scope {
        TermScope::Unit => "unit",
        TermScope::All => "all",
    };
    Ok(match parse(term) {
        Some(Term::Role { role: name, scope }) => vec![(None, Some(name), Some(role(scope)))],
        Some(Term::Applicant) => record.applicant.map(|person| (Some(person), None, None)).into_iter().collect(),
        Some(Term::Person(field)) => {
            let sql = Sql::new(
                "SELECT target FROM record_link WHERE record_id = $1 AND kind = 'person' AND field = $2 ORDER BY position",
                [record.id.into(), field.into()],
            );
            let mut people = Vec::new();
            for row in reading.rows(sql).await? {
                people.push((Some(row.id(0)?), None, None));
            }
            people
        }
        Some(Term::Assigned) | None => Vec::new(),
    })
}

/// The inverse of how a course writes its terms.
fn parse(term: &str) -> Option<Term> {
    match term.split_once('@') {
        Some((role, "unit")) => Some(Term::Role { role: role.to_owned(), scope: TermScope::Unit }),
        Some((role, "all")) => Some(Term::Role { role: role.to_owned(), scope: TermScope::All }),
        _ if term == "applicant" => Some(Term::Applicant),
        _ => term.strip_prefix("person:").map(|field| Term::Person(field.to_owned())),
    }
}

pub(super) async fn add_task(
    op: &mut Operation,
    record: &Record,
    route: Option<Id>,
    kind: &str,
    (step, seat): (usize, usize),
    to: Address,
) -> Result<Id> {
    let id = op.new_id()?;
    let insert = "INSERT INTO task (id, record_id, route_id, kind, step, seat, state, person_id, role, scope, unit_id, \
                  opened_at, done_at, done_by, salt) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10, $11, NULL, NULL, $12)";
    let number = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
    let values = [
        id.into(),
        record.id.into(),
        route.into(),
        kind.into(),
        number(step).into(),
        number(seat).into(),
        to.person.into(),
        to.role.into(),
        to.scope.map(str::to_owned).into(),
        record.unit.into(),
        op.at().into(),
        op.new_salt()?.into(),
    ];
    op.write("task", [id.into()], Sql::new(insert, values)).await?;
    Ok(id)
}

/// Ends open tasks of a route: those of one seat, or all.
pub(super) async fn close_tasks(
    op: &mut Operation,
    route: Id,
    seat: Option<(usize, usize)>,
    state: &str,
) -> Result<()> {
    let by = op.actor().person();
    for task in tasks_of(op, route).await? {
        if seat.is_none_or(|seat| seat == (task.step, task.seat)) {
            close_task(op, task.id, by, state).await?;
        }
    }
    Ok(())
}

pub(super) async fn close_task(op: &mut Operation, id: Id, by: Option<Id>, state: &str) -> Result<()> {
    let update = "UPDATE task SET state = $2, done_at = $3, done_by = $4 WHERE id = $1 AND state = 'open'";
    let values = [id.into(), state.into(), op.at().into(), by.into()];
    op.write("task", [id.into()], Sql::new(update, values)).await?;
    Ok(())
}

/// Open tasks of a route.
pub(super) async fn tasks_of(reading: &mut Reading, route: Id) -> Result<Vec<OpenTask>> {
    let mut sql = Sql::default();
    sql.push("SELECT ")
        .push(TASK)
        .push(" FROM task WHERE route_id = ")
        .bind(route)
        .push(" AND state = 'open' ORDER BY id");
    reading.rows(sql).await?.iter().map(read_task).collect()
}

/// One open task.
pub(super) async fn task(reading: &mut Reading, id: Id) -> Result<OpenTask> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(TASK).push(" FROM task WHERE id = ").bind(id).push(" AND state = 'open'");
    read_task(&reading.row_if_any(sql).await?.ok_or_else(|| Error::not_found("処理待ち", "open task"))?)
}

fn read_route(row: &Row) -> Result<Route> {
    let course =
        serde_json::from_str(&row.text(4)?).map_err(|error| Error::broken(format!("a route's steps: {error}")))?;
    Ok(Route {
        id: row.id(0)?,
        record: row.id(1)?,
        transition: row.text(2)?,
        state: RouteState::from_id(&row.text(3)?)?,
        course,
        opened: row.moment(5)?,
        closed: row.opt_moment(6)?,
    })
}

const ROUTE: &str =
    "SELECT id, record_id, transition, state, steps, opened_at, closed_at FROM route WHERE record_id = ";

/// All routes of a record, latest first.
pub async fn routes(reading: &mut Reading, record: Id) -> Result<Vec<Route>> {
    let mut sql = Sql::default();
    sql.push(ROUTE).bind(record).push(" ORDER BY id DESC");
    reading.rows(sql).await?.iter().map(read_route).collect()
}

/// Every open route, oldest first.
pub(super) async fn every_open(reading: &mut Reading) -> Result<Vec<Route>> {
    let mut sql = Sql::default();
    sql.push("SELECT id, record_id, transition, state, steps, opened_at, closed_at FROM route WHERE state = 'open'");
    sql.push(" ORDER BY id");
    reading.rows(sql).await?.iter().map(read_route).collect()
}

/// The open route of a record, locked for a change.
pub(super) async fn open_route(op: &mut Operation, record: Id) -> Result<Route> {
    let mut sql = Sql::default();
    sql.push(ROUTE).bind(record).push(" AND state = 'open' ORDER BY id DESC").push(op.engine().for_update());
    let row = op.row_if_any(sql).await?.ok_or_else(|| {
        Error::refused("決裁は終わっています。画面を開き直してください。", "Its decision is over. Open the page again.")
    })?;
    read_route(&row)
}

/// The open route of a record, for a look.
pub(super) async fn open_route_of(reading: &mut Reading, record: Id) -> Result<Option<Route>> {
    Ok(routes(reading, record).await?.into_iter().find(|route| route.state == RouteState::Open))
}

/// Writes the course of a route, and its end when it has one.
pub(super) async fn save(op: &mut Operation, route: &Route) -> Result<()> {
    let update = "UPDATE route SET state = $2, steps = $3, closed_at = $4 WHERE id = $1";
    let closed = (route.state != RouteState::Open).then_some(op.at());
    let values = [route.id.into(), route.state.id().into(), steps_text(&route.course)?.into(), closed.into()];
    op.write("route", [route.id.into()], Sql::new(update, values)).await?;
    Ok(())
}
