//! Whether auditors are independent: nobody audits the unit that they belong to, one above or below it in its line, or a system
//! that they answer for; not now, and not when they did in the period that is audited.
//!
//! - Belonging is a post of any kind, also 本務 and 併任, but for the roles of the audit's side.
//! - The line of a unit is the units above it and those below it. A body as a whole (市) has no line below it: whoever audits
//!   all of it names the sections.
//! - A unit that an audited one came out of (改組) is that unit in the period before.
//! - The judgement looks at posts that have begun: what is to come on 1 April is nobody's business before its day.

use std::collections::{BTreeMap, BTreeSet};

use pack::Pack;
use pack::model::{FieldType, Register};

use super::plan::systems_of;
use super::{Around, audited};
use crate::people::units::{self, Unit};
use crate::people::{AFFILIATION, persons, posts};
use crate::records::{self, Record};
use crate::store::Sql;
use crate::{Day, Error, Id, Reading, Result};

/// Why somebody is not independent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// A post in the audited unit itself.
    Same,
    /// In a unit above it.
    Above,
    /// In a unit below it.
    Below,
    /// Named by a field of an audited system's record: its number, and the field.
    System {
        /// The system's record.
        system: Id,
        /// Its number and name.
        label: String,
        /// The field that names the person.
        field: String,
    },
}

/// A post or another tie that makes somebody not independent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Who.
    pub person: Id,
    /// Why.
    pub because: Because,
    /// The role, by the pack's id; [`AFFILIATION`] for belonging. Empty for a system.
    pub role: String,
    /// Where; none for a system.
    pub unit: Option<Id>,
    /// From when on.
    pub from: Day,
    /// The day after the last; none while it lasts.
    pub to: Option<Day>,
    /// Whether it lasts now (at the time of the audit), or was in the audited period only.
    pub now: bool,
}

/// When a tie counts. Days are both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The audited period.
    pub period: Option<(Day, Day)>,
    /// From the audit's first day, or today when it has not begun, until today, or until its end.
    pub now: (Day, Day),
}

impl Window {
    /// The window of an audit as it stands on a day.
    pub fn of(audit: &Record, today: Day) -> Self {
        let period = audit.day("period_from").zip(audit.day("period_to"));
        let last = audit.ended.unwrap_or(today);
        let first = audit.day("starts_on").map_or(last, |day| day.min(last));
        Self { period, now: (first, last) }
    }
}

/// A post as far as the judgement asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Who.
    pub person: Id,
    /// The role.
    pub role: String,
    /// Where.
    pub unit: Id,
    /// First day.
    pub from: Day,
    /// The day after the last.
    pub to: Option<Day>,
}

/// What the judgement rests on, beside the posts.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// The audited units.
    pub audited: BTreeSet<Id>,
    /// Every unit that ever was: the unit above it, and whether it is a body.
    pub units: BTreeMap<Id, (Option<Id>, bool)>,
    /// Which unit came out of which: old, new.
    pub successions: Vec<(Id, Id)>,
    /// Roles of the audit's side, which are no tie.
    pub audit_roles: BTreeSet<String>,
}

/// Most units above a unit.
const DEPTH: usize = 16;

impl Judgement {
    /// The audited units with those that they came out of.
    fn all_audited(&self) -> BTreeSet<Id> {
        let mut all = self.audited.clone();
        loop {
            let older = self.successions.iter().filter(|(old, new)| all.contains(new) && !all.contains(old));
            let older: Vec<Id> = older.map(|(old, _)| *old).collect();
            if older.is_empty() {
                return all;
            }
            all.extend(older);
        }
    }

    fn above(&self, unit: Id) -> Vec<Id> {
        let step = |unit: &Id| self.units.get(unit).and_then(|(parent, _)| *parent);
        std::iter::successors(step(&unit), step).take(DEPTH).collect()
    }

    fn is_body(&self, unit: Id) -> bool {
        self.units.get(&unit).is_some_and(|(_, body)| *body)
    }

    /// How a unit stands to the audited ones.
    fn tie(&self, unit: Id, audited: &BTreeSet<Id>) -> Option<Because> {
        if audited.contains(&unit) {
            return Some(Because::Same);
        }
        if audited.iter().any(|audited| self.above(*audited).contains(&unit)) {
            return Some(Because::Above);
        }
        let below = self.above(unit).into_iter().any(|above| audited.contains(&above) && !self.is_body(above));
        below.then_some(Because::Below)
    }
}

/// Whether a tie from a day to before a day counts, and whether it does now.
fn counts(from: Day, to: Option<Day>, window: Window) -> Option<bool> {
    let meets = |(first, last): (Day, Day)| from <= last && to.is_none_or(|to| to > first) && first <= last;
    if meets(window.now) {
        return Some(true);
    }
    window.period.is_some_and(meets).then_some(false)
}

/// The posts that make auditors not independent.
pub fn judge(judgement: &Judgement, posts: &[Post], window: Window) -> Vec<Violation> {
    let audited = judgement.all_audited();
    let violation = |post: &Post| {
        if judgement.audit_roles.contains(&post.role) {
            return None;
        }
        let now = counts(post.from, post.to, window)?;
        Some(Violation {
            person: post.person,
            because: judgement.tie(post.unit, &audited)?,
            role: post.role.clone(),
            unit: Some(post.unit),
            from: post.from,
            to: post.to,
            now,
        })
    };
    posts.iter().filter_map(violation).collect()
}

/// Everything that makes the auditors of an audit not independent, as things stand.
pub async fn violations(
    reading: &mut Reading,
    pack: &Pack,
    audits: &Register,
    audit: &Record,
) -> Result<Vec<Violation>> {
    let auditors: Vec<Id> = audit.texts("auditors").into_iter().filter_map(|id| id.parse().ok()).collect();
    if auditors.is_empty() {
        return Ok(Vec::new());
    }
    let today = reading.today();
    let window = Window::of(audit, today);
    let mut held = Vec::new();
    for person in &auditors {
        let begun = posts::of_person(reading, *person).await?.into_iter().filter(|post| post.from <= today);
        held.extend(begun.map(|p| Post { person: p.person, role: p.role, unit: p.unit, from: p.from, to: p.to }));
    }
    let judgement = judgement(reading, pack, audit).await?;
    let mut all = judge(&judgement, &held, window);
    if let Some(around) = Around::of(pack, audits) {
        all.extend(of_systems(reading, pack, &around, audit, &auditors, window).await?);
    }
    all.sort();
    Ok(all)
}

async fn judgement(reading: &mut Reading, pack: &Pack, audit: &Record) -> Result<Judgement> {
    let units = units::all(reading).await?;
    let chiefs = ["auditor", "audit_chief"];
    let substitutes = pack.roles.iter().filter(|role| chiefs.contains(&role.id.as_str())).flat_map(|r| &r.substitutes);
    Ok(Judgement {
        audited: audited(audit),
        units: units.iter().map(|unit: &Unit| (unit.id, (unit.parent, unit.level == "body"))).collect(),
        successions: units::successions(reading).await?,
        audit_roles: chiefs.map(str::to_owned).into_iter().chain(substitutes.cloned()).collect(),
    })
}

/// Auditors whom the record of an audited system names, now or in the audited period.
async fn of_systems(
    reading: &mut Reading,
    pack: &Pack,
    around: &Around<'_>,
    audit: &Record,
    auditors: &[Id],
    window: Window,
) -> Result<Vec<Violation>> {
    let Some(systems) = systems_of(pack, around) else { return Ok(Vec::new()) };
    let is_person = |ty: &FieldType| match ty {
        FieldType::Person => true,
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Person),
        _ => false,
    };
    let fields: Vec<&str> = systems.fields.iter().filter(|f| is_person(&f.ty)).map(|f| f.id.as_str()).collect();
    let mut all = Vec::new();
    for id in audit.texts("systems").into_iter().filter_map(|id| id.parse::<Id>().ok()) {
        let Some(system) = records::stored(reading, id).await? else { continue };
        let mut until = None;
        // Latest first: a version lasts until the next one was written.
        for version in records::versions(reading, &system).await? {
            let from = version.at.day();
            let empty = serde_json::Map::new();
            let values = version.fields.as_ref().unwrap_or(&empty);
            for field in &fields {
                let named = names(values.get(*field));
                for person in auditors.iter().filter(|person| named.contains(person)) {
                    let Some(now) = counts(from, until, window) else { continue };
                    let because = Because::System {
                        system: id,
                        label: format!("{} {}", system.number, system.name),
                        field: (*field).to_owned(),
                    };
                    add(
                        &mut all,
                        Violation { person: *person, because, role: String::new(), unit: None, from, to: until, now },
                    );
                }
            }
            until = Some(from);
        }
    }
    Ok(all)
}

fn names(value: Option<&serde_json::Value>) -> Vec<Id> {
    let one = |value: &serde_json::Value| value.as_str().and_then(|id| id.parse().ok());
    match value {
        Some(serde_json::Value::Array(values)) => values.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Joins a tie to the one that begins where it ends: a record is written more often than its people change.
fn add(all: &mut Vec<Violation>, earlier: Violation) {
    let same = |later: &&mut Violation| {
        later.person == earlier.person && later.because == earlier.because && earlier.to == Some(later.from)
    };
    match all.iter_mut().find(same) {
        Some(later) => {
            later.from = earlier.from;
            later.now |= earlier.now;
        }
        None => all.push(earlier),
    }
}

/// The auditors who are not independent, each once.
pub async fn dependent(reading: &mut Reading, pack: &Pack, audits: &Register, audit: &Record) -> Result<Vec<Id>> {
    let people: BTreeSet<Id> = violations(reading, pack, audits, audit).await?.into_iter().map(|v| v.person).collect();
    Ok(people.into_iter().collect())
}

/// Fields on which the judgement rests.
const RESTS_ON: [&str; 5] = ["auditors", "audited_units", "systems", "period_from", "period_to"];

/// Refuses that an audit is decided on, is begun, or is given other auditors or units meanwhile, when somebody is not independent;
/// unless the record says why it cannot be helped and what check stands in its place.
pub(crate) async fn refuse(
    reading: &mut Reading,
    pack: &Pack,
    audits: &Register,
    old: &Record,
    audit: &Record,
    to: Option<&str>,
) -> Result<()> {
    let changed = RESTS_ON.iter().any(|field| old.fields.get(*field) != audit.fields.get(*field));
    let state = to.unwrap_or(&old.state);
    let asked = matches!(state, "planned" | "running") && (state != old.state || changed);
    let excused = audit.text("independence_note").is_some_and(|note| !note.trim().is_empty());
    if !asked || excused {
        return Ok(());
    }
    let people = dependent(reading, pack, audits, audit).await?;
    if people.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = persons::of_ids(reading, &people).await?.into_iter().map(|person| person.name).collect();
    Err(Error::refused(
        format!(
            "監査人の{}さんは、監査を受ける所属などに属しているか、対象の期間に属していました。監査人を替えるか、やむを得ないときは理由と代わりの確認を書いてください。",
            names.join("さん、")
        ),
        format!(
            "{} belongs to the audited line, or did in the audited period. Replace the auditor, or say why it cannot be helped and what check stands in its place.",
            names.join(", ")
        ),
    ))
}

impl Violation {
    /// Whether it is belonging (所属), which has no name of its own, and not a role.
    pub fn is_belonging(&self) -> bool {
        self.role == AFFILIATION
    }
}

/// The audits that look at a system: what its record says of people, their independence rests on.
pub async fn audits_of_system(reading: &mut Reading, pack: &Pack, register: &str, id: Id) -> Result<Vec<(String, Id)>> {
    let mut all = Vec::new();
    for audits in super::registers(pack, pack::model::RegisterKind::Audit) {
        let Some(around) = Around::of(pack, audits) else { continue };
        if systems_of(pack, &around).is_none_or(|systems| systems.id != register) {
            continue;
        }
        let sql = Sql::new(
            "SELECT DISTINCT r.id FROM record_link l JOIN record r ON r.id = l.record_id \
             WHERE l.target = $1 AND l.field = 'systems' AND r.register = $2 ORDER BY r.id",
            [id.into(), (&audits.id).into()],
        );
        for row in reading.rows(sql).await? {
            all.push((audits.id.clone(), row.id(0)?));
        }
    }
    Ok(all)
}
