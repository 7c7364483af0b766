//! What a person is on a day: the roles held, where, and for whom as a deputy.

use std::collections::{BTreeMap, BTreeSet};

use pack::Pack;
use pack::expr::Workdays;
use pack::model::BodyKind;

use super::persons::Person;
use super::posts::held_on;
use super::{AFFILIATION, absences};
use crate::store::Sql;
use crate::{Day, Id, Moment, Reading, Result};

/// Up to so many units are named one by one in a condition.
const FEW_UNITS: usize = 4;

/// A role held today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The role, by the pack's id.
    pub role: String,
    /// Where.
    pub unit: Id,
    /// The absent holder for whom it is exercised (代決); none for an own post.
    pub deputy_for: Option<Id>,
}

/// A person's standing on a day, as far as permission and visibility ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub person: Id,
    /// On which day.
    pub day: Day,
    /// Own and deputised roles; empty for a person not in service.
    pub held: Vec<Held>,
    /// Roles exercised for holders who have let their inbox lie (不在とみなす), only for what has waited since before
    /// [`Standing::untouched_before`].
    pub untouched: Vec<Held>,
    /// The beginning of the last working day before today.
    pub untouched_before: Moment,
    /// The unit that the person mainly belongs to.
    pub home: Option<Id>,
    /// Units of bodies that stand beside the municipality (一部事務組合, 企業団), each with its body. A role held there counts for
    /// that body, and one held elsewhere does not.
    joint: BTreeMap<Id, String>,
}

impl Standing {
    /// The standing of a person at the moment of the reading.
    pub async fn of(reading: &mut Reading, pack: &Pack, person: Id) -> Result<Self> {
        let data = super::persons::get(reading, person).await?;
        Self::of_known(reading, pack, &data).await
    }

    /// The standing of a person who has been looked up already.
    pub async fn of_known(reading: &mut Reading, pack: &Pack, data: &Person) -> Result<Self> {
        let (person, day) = (data.id, reading.today());
        let untouched_before = Moment::start_of(last_workday(pack, day));
        let joint = joint_units(reading, pack).await?;
        let mut standing =
            Self { person, day, held: Vec::new(), untouched: Vec::new(), untouched_before, home: None, joint };
        if !data.active(day) {
            return Ok(standing);
        }
        let implied = implied_roles(pack, &data.category);
        let mut sql = Sql::default();
        sql.push("SELECT role, unit_id FROM post WHERE person_id = ").bind(person).push(" AND ");
        held_on(&mut sql, day).push(" ORDER BY main DESC, from_day, id");
        for row in reading.rows(sql).await? {
            let (role, unit) = (row.text(0)?, row.id(1)?);
            if role == AFFILIATION {
                standing.home = standing.home.or(Some(unit));
                implied.iter().for_each(|role| standing.add(role, unit, None));
            } else {
                standing.add(&role, unit, None);
            }
        }
        // Whoever is away acts for nobody.
        if !absences::is_absent(reading, person, reading.at()).await? {
            standing.add_deputised(reading, pack).await?;
        }
        Ok(standing)
    }

    fn add(&mut self, role: &str, unit: Id, deputy_for: Option<Id>) {
        let held = Held { role: role.to_owned(), unit, deputy_for };
        if !self.held.contains(&held) {
            self.held.push(held);
        }
    }

    /// Adds the posts of holders for whom this person acts: of those who are away now, and of those on whom decisions have waited
    /// for a whole working day and who answered nothing meanwhile.
    async fn add_deputised(&mut self, reading: &mut Reading, pack: &Pack) -> Result<()> {
        let before = self.untouched_before;
        for row in reading.rows(self.stood_in_for(reading.at())).await? {
            let (role, unit, holder) = (row.text(0)?, row.id(1)?, row.id(2)?);
            if !absences::deputies(reading, pack, unit, &role, holder).await?.contains(&self.person) {
                continue;
            }
            if row.flag(3)? {
                self.add(&role, unit, Some(holder));
                continue;
            }
            let answered = "SELECT 1 FROM task WHERE done_by = $1 AND done_at >= $2 LIMIT 1";
            if reading.row_if_any(Sql::new(answered, [holder.into(), before.into()])).await?.is_none() {
                self.untouched.push(Held { role, unit, deputy_for: Some(holder) });
            }
        }
        Ok(())
    }

    /// Posts of others for whom this person may have to act, with role, unit, holder and whether the holder is away: those in
    /// units where the person holds a post, and those in whose substitute order the person stands.
    fn stood_in_for(&self, at: Moment) -> Sql {
        let mut sql = Sql::default();
        let near = |sql: &mut Sql| {
            sql.push(" p.role <> ").bind(AFFILIATION).push(" AND p.person_id <> ").bind(self.person).push(" AND ");
            held_on(sql, self.day);
        };
        sql.push(
            "SELECT role, unit_id, person_id, away FROM (SELECT p.role, p.unit_id, p.person_id, CASE WHEN EXISTS (",
        );
        sql.push("SELECT 1 FROM absence a WHERE a.person_id = p.person_id AND a.from_at <= ").bind(at);
        sql.push(" AND (a.to_at IS NULL OR a.to_at > ").bind(at).push(")) THEN 1 ELSE 0 END AS away FROM (");
        sql.push("SELECT p.role, p.unit_id, p.person_id FROM post p WHERE p.unit_id IN ");
        sql.bind_all(self.held.iter().map(|held| held.unit).collect::<BTreeSet<Id>>()).push(" AND");
        near(&mut sql);
        sql.push(
            " UNION SELECT p.role, p.unit_id, p.person_id FROM substitute s JOIN post p ON p.unit_id = s.unit_id ",
        );
        sql.push("AND p.role = s.role WHERE s.person_id = ").bind(self.person).push(" AND");
        near(&mut sql);
        sql.push(") p) n WHERE n.away = 1 OR EXISTS (SELECT 1 FROM task t WHERE t.role = n.role AND t.state = 'open' ");
        sql.push("AND t.kind IN ('approve', 'consult', 'decide') AND t.opened_at < ").bind(self.untouched_before);
        sql.push(") ORDER BY n.role, n.unit_id, n.person_id");
        sql
    }

    /// Units in which a role is held, own or deputised.
    pub fn units_of(&self, role: &str) -> Vec<Id> {
        let mut units: Vec<Id> = self.held.iter().filter(|held| held.role == role).map(|held| held.unit).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    /// Whether a role is held anywhere, own or deputised.
    pub fn holds(&self, role: &str) -> bool {
        self.held.iter().any(|held| held.role == role)
    }

    /// Whether a role is held anywhere by an own post.
    pub fn holds_itself(&self, role: &str) -> bool {
        self.held.iter().any(|held| held.role == role && held.deputy_for.is_none())
    }

    /// Whether a role of the municipality itself is held by an own post: none that counts for a joint body.
    pub fn holds_office(&self, role: &str) -> bool {
        self.held.iter().any(|held| held.role == role && held.deputy_for.is_none() && self.body_of(held.unit).is_none())
    }

    /// Whether a role of the municipality itself is held, own or deputised.
    pub fn holds_in_city(&self, role: &str) -> bool {
        self.held.iter().any(|held| held.role == role && self.body_of(held.unit).is_none())
    }

    /// The roles of the municipality itself that are held, own or deputised.
    pub fn roles_in_city(&self) -> Vec<String> {
        let held = self.held.iter().filter(|held| self.body_of(held.unit).is_none());
        held.map(|held| held.role.clone()).collect()
    }

    /// Whether a role held in one unit counts for the whole body of another (`ROLE@all`).
    pub fn same_body(&self, held: Id, unit: Id) -> bool {
        self.body_of(held) == self.body_of(unit)
    }

    /// Whether a role is held anywhere in the body of a unit, own or deputised.
    pub fn holds_in_body_of(&self, role: &str, unit: Id) -> bool {
        self.held.iter().any(|held| held.role == role && self.same_body(held.unit, unit))
    }

    /// Whether a role is held anywhere in the body of a unit by an own post.
    pub fn holds_itself_in_body_of(&self, role: &str, unit: Id) -> bool {
        let mut own = self.held.iter().filter(|held| held.role == role && held.deputy_for.is_none());
        own.any(|held| self.same_body(held.unit, unit))
    }

    /// The joint body that a unit belongs to; none for the municipality's own.
    fn body_of(&self, unit: Id) -> Option<&str> {
        self.joint.get(&unit).map(String::as_str)
    }

    /// The condition that the unit in this column is in the body of one of these.
    pub(crate) fn in_bodies_of(&self, column: &str, units: &[Id]) -> Sql {
        let bodies: BTreeSet<Option<&str>> = units.iter().map(|unit| self.body_of(*unit)).collect();
        let city = bodies.contains(&None);
        // With the municipality: all but the bodies where the role is not held. Without it: those where it is held.
        let named = self.joint.iter().filter(|(_, body)| bodies.contains(&Some(body.as_str())) != city);
        let named: Vec<Id> = named.map(|(unit, _)| *unit).collect();
        let mut sql = Sql::default();
        if !city {
            sql.push(column).push(" IN ").bind_all(named);
        } else if named.is_empty() {
            sql.push("1 = 1");
        } else if named.len() <= FEW_UNITS {
            // Against a short list SQLite checks each row for NULL in a way that reads the texts as numbers.
            for (i, unit) in named.into_iter().enumerate() {
                sql.push(if i == 0 { "(" } else { " AND " }).push(column).push(" <> ").bind(unit);
            }
            sql.push(")");
        } else {
            sql.push(column).push(" NOT IN ").bind_all(named);
        }
        sql
    }
}

/// Every unit of a joint body, with that body.
pub(crate) async fn joint_units(reading: &mut Reading, pack: &Pack) -> Result<BTreeMap<Id, String>> {
    let bodies: Vec<&str> =
        pack.bodies.iter().filter(|body| body.kind == BodyKind::Joint).map(|body| body.id.as_str()).collect();
    let mut units = BTreeMap::new();
    if !bodies.is_empty() {
        let mut sql = Sql::default();
        sql.push("SELECT id, body FROM unit WHERE body IN ").bind_all(bodies.iter().copied());
        for row in reading.rows(sql).await? {
            units.insert(row.id(0)?, row.text(1)?);
        }
    }
    Ok(units)
}

/// The last working day before a day: Monday to Friday and no holiday of the pack's calendar, as far as it goes.
fn last_workday(pack: &Pack, day: Day) -> Day {
    let calendar = Workdays::new(pack.calendar.holidays.iter().copied());
    let mut before = day.plus_days(-1).unwrap_or(day);
    // Longer than any run of days off.
    for _ in 0..30 {
        if calendar.is_workday(before).unwrap_or(before.weekday() < 5) {
            break;
        }
        before = before.plus_days(-1).unwrap_or(before);
    }
    before
}

/// The roles that a person of this 職員区分 has by belonging to a unit.
pub(crate) fn implied_roles(pack: &Pack, category: &str) -> Vec<String> {
    let staff = pack.staff_categories.iter().any(|c| c.id == category && c.in_scope && !c.external);
    if !staff {
        return Vec::new();
    }
    pack.roles.iter().filter(|role| role.implied).map(|role| role.id.clone()).collect()
}
