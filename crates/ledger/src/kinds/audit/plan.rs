//! 中期計画 and 年度計画: what must be audited, against three fiscal years, with what was done and what is missing.
//!
//! A plan keeps its lines as text, one for each thing that it says something of, so that a table, a print and the history read
//! as a clerk would have written them. A thing is known by its key: a unit's code, a system's number, a theme's words.

use std::collections::BTreeMap;
use std::fmt;

use pack::Pack;
use pack::model::{FieldType, Register};

use super::{Around, audited};
use crate::people::joint_units;
use crate::people::units::{self, Unit};
use crate::records::{self, Record};
use crate::{Day, Id, Reading, Result};

/// Fiscal years of a 中期計画.
pub const YEARS: i32 = 3;

/// What parts a line.
const SPACE: char = '　';
/// Years that can be planned for.
const POSSIBLE_YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;

/// A kind of thing that is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// 所属.
    Unit,
    /// 電子情報システム.
    System,
    /// A theme across units, such as 外部委託.
    Theme,
}

impl What {
    /// All, in the order of the table.
    pub const ALL: [Self; 3] = [Self::Unit, Self::System, Self::Theme];

    /// As a line writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unit => "所属",
            Self::System => "システム",
            Self::Theme => "テーマ",
        }
    }
}

/// A thing that is audited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// What it is.
    pub what: What,
    /// The unit's code, the system's number, the theme's words.
    pub key: String,
}

impl Target {
    /// A thing; spaces in its key are single and narrow, because a wide one parts the line.
    pub fn new(what: What, key: &str) -> Self {
        Self { what, key: one_line(key) }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// When a plan means a thing to be audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In this fiscal year.
    Year(i32),
    /// Not in this plan; the note says why.
    LeftOut,
}

/// A line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub when: When,
    /// What.
    pub target: Target,
    /// What it was called when the line was written.
    pub label: String,
    /// The month, or why it is left out.
    pub note: String,
}

impl Line {
    /// Reads a line; none for one that is not written as lines are.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, SPACE).map(str::trim);
        let when = match parts.next()? {
            "除外" => When::LeftOut,
            year => {
                let year = year.strip_suffix("年度")?.parse().ok()?;
                POSSIBLE_YEARS.contains(&year).then_some(When::Year(year))?
            }
        };
        let word = parts.next()?;
        let what = What::ALL.into_iter().find(|what| what.word() == word)?;
        let key = parts.next().filter(|key| !key.is_empty())?;
        let target = Target::new(what, key);
        let label = parts.next().unwrap_or_default().to_owned();
        Some(Self { when, target, label, note: parts.next().unwrap_or_default().to_owned() })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Year(year) => write!(f, "{year}年度")?,
            When::LeftOut => write!(f, "除外")?,
        }
        let (label, note) = (one_line(&self.label), one_line(&self.note));
        write!(f, "{SPACE}{}{SPACE}{}{SPACE}{label}", self.target.what.word(), self.target.key)?;
        if note.is_empty() { Ok(()) } else { write!(f, "{SPACE}{note}") }
    }
}

/// A plan that was read.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Its first fiscal year.
    pub first_year: i32,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Lines that are not written as lines are, as they stand.
    pub unread: Vec<String>,
}

impl Plan {
    /// Reads the lines of a plan's record.
    pub fn of(record: &Record) -> Self {
        let year = record.int("first_year").and_then(|year| i32::try_from(year).ok());
        let mut plan = Self { first_year: year.unwrap_or_default(), ..Self::default() };
        for text in record.texts("lines") {
            match Line::parse(text) {
                Some(line) => plan.lines.push(line),
                None => plan.unread.push(text.to_owned()),
            }
        }
        plan
    }
}

/// The approved plan of this span (`mid`, `year`) that covers a fiscal year, of the body of a unit (none: the municipality's
/// own): of several, the one that begins last, and of those the one that was written last.
pub async fn in_force(
    reading: &mut Reading,
    pack: &Pack,
    around: &Around<'_>,
    of: Option<Id>,
    (span, year): (&str, i32),
) -> Result<Option<Record>> {
    let years = if span == "mid" { YEARS } else { 1 };
    let joint = joint_units(reading, pack).await?;
    let body = of.and_then(|of| joint.get(&of));
    let covers = |record: &Record| {
        let first = record.int("first_year").and_then(|year| i32::try_from(year).ok());
        record.state == "live"
            && joint.get(&record.unit) == body
            && record.text("span") == Some(span)
            && first.is_some_and(|first| (first..first.saturating_add(years)).contains(&year))
    };
    let all = records::all_stored(reading, &around.plans.id).await?;
    Ok(all.into_iter().filter(covers).max_by_key(|record| (record.int("first_year"), record.id)))
}

/// Something that must be audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub target: Target,
    /// What it is called today.
    pub label: String,
    /// Its unit or its record.
    pub id: Option<Id>,
}

/// All that must be audited in the body of a unit (none: the municipality's own): every unit without another below it, every system
/// in use, and the themes of the plan's lines. What a line names and is not there any more comes last.
pub async fn subjects(
    reading: &mut Reading,
    pack: &Pack,
    around: &Around<'_>,
    of: Option<Id>,
    lines: &[Line],
) -> Result<Vec<Subject>> {
    let today = reading.today();
    let open = units::on(reading, today).await?;
    let leaves = leaves(reading).await?;
    let joint = joint_units(reading, pack).await?;
    let body = of.and_then(|of| joint.get(&of));
    let mut all: Vec<Subject> = open
        .iter()
        .filter(|unit| leaves.contains(&unit.id) && joint.get(&unit.id) == body)
        .map(|unit| Subject {
            target: Target::new(What::Unit, &unit.code),
            label: unit.name.clone(),
            id: Some(unit.id),
        })
        .collect();
    if let Some(systems) = systems_of(pack, around) {
        for system in records::all_stored(reading, &systems.id).await? {
            let state = systems.state(&system.state);
            let in_use = system.state != systems.lifecycle.initial && state.is_some_and(|state| !state.is_final);
            if in_use && joint.get(&system.unit) == body {
                let target = Target::new(What::System, &system.number);
                all.push(Subject { target, label: system.name, id: Some(system.id) });
            }
        }
    }
    for line in lines {
        if !all.iter().any(|subject| subject.target == line.target) {
            all.push(Subject { target: line.target.clone(), label: line.label.clone(), id: None });
        }
    }
    all.sort_by_key(|subject| (subject.target.what, subject.id.is_none()));
    Ok(all)
}

/// The units of today without another below them.
pub(super) async fn leaves(reading: &mut Reading) -> Result<Vec<Id>> {
    let today = reading.today();
    let open = units::on(reading, today).await?;
    let leaf = |unit: &&Unit| !open.iter().any(|below| below.parent == Some(unit.id));
    Ok(open.iter().filter(leaf).map(|unit| unit.id).collect())
}

/// The register that the audits' field `systems` refers to.
pub(super) fn systems_of<'a>(pack: &'a Pack, around: &Around<'_>) -> Option<&'a Register> {
    match &around.audits.field("systems")?.ty {
        FieldType::Ref(to) => pack.register(to),
        FieldType::List(inner) => match inner.as_ref() {
            FieldType::Ref(to) => pack.register(to),
            _ => None,
        },
        _ => None,
    }
}

/// How far an audit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Written or asked for.
    Proposed,
    /// Its plan is decided.
    Planned,
    /// Under way.
    Running,
    /// Reported: it was done.
    Done,
}

/// An audit, with what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The audit.
    pub audit: Id,
    /// Its number.
    pub number: String,
    /// Its first day.
    pub starts_on: Day,
    /// How far it has come.
    pub standing: Standing,
    /// What it covers.
    pub targets: Vec<Target>,
}

/// All audits with what each covers; those that were cancelled cover nothing. A unit that came out of others (a merger, a new
/// name) was covered when they were.
pub async fn covering(reading: &mut Reading, pack: &Pack, around: &Around<'_>) -> Result<Vec<Covering>> {
    let all_units = units::all(reading).await?;
    let successions = units::successions(reading).await?;
    let mut systems = BTreeMap::new();
    if let Some(register) = systems_of(pack, around) {
        systems.extend(records::all_stored(reading, &register.id).await?.into_iter().map(|r| (r.id, r.number)));
    }
    let mut all = Vec::new();
    for audit in records::all_stored(reading, &around.audits.id).await? {
        let standing = match audit.state.as_str() {
            "cancelled" => continue,
            "planned" => Standing::Planned,
            "running" => Standing::Running,
            "reported" => Standing::Done,
            _ => Standing::Proposed,
        };
        let Some(starts_on) = audit.day("starts_on") else { continue };
        let covered = with_successors(&audited(&audit).into_iter().collect::<Vec<_>>(), &successions);
        let units = all_units.iter().filter(|unit| covered.contains(&unit.id));
        let mut targets: Vec<Target> = units.map(|unit| Target::new(What::Unit, &unit.code)).collect();
        let ids = audit.texts("systems").into_iter().filter_map(|id| id.parse::<Id>().ok());
        targets.extend(ids.filter_map(|id| systems.get(&id)).map(|number| Target::new(What::System, number)));
        targets.extend(audit.texts("topics").into_iter().map(|topic| Target::new(What::Theme, topic)));
        all.push(Covering { audit: audit.id, number: audit.number, starts_on, standing, targets });
    }
    Ok(all)
}

fn with_successors(units: &[Id], successions: &[(Id, Id)]) -> Vec<Id> {
    let mut all = units.to_vec();
    let mut at = 0;
    while let Some(unit) = all.get(at).copied() {
        for (_, new) in successions.iter().filter(|(old, _)| *old == unit) {
            if !all.contains(new) {
                all.push(*new);
            }
        }
        at += 1;
    }
    all
}

/// What is missing for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// No line of the plan names it, nor leaves it out, and no audit covers it in these years.
    Unplanned,
    /// It was planned for this year, which is over, and has not been audited since its first day.
    Missed(i32),
    /// It is planned for this fiscal year, and no audit that covers it has been written yet.
    Unprepared(i32),
}

/// A thing in one fiscal year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Planned, with the note of the line.
    pub planned: Option<String>,
    /// Audits of this year that cover it, by their index.
    pub audits: Vec<usize>,
}

/// A thing against the years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The thing, by its index.
    pub subject: usize,
    /// The latest audit that was done or is under way, by its index.
    pub last: Option<usize>,
    /// One for each year.
    pub cells: Vec<Cell>,
    /// Why the plan leaves it out.
    pub left_out: Option<String>,
    /// What is missing.
    pub gap: Option<Gap>,
}

/// Lays the things against the fiscal years from `first_year` on. Which year an audit is of says its first day; which years are
/// over says today: the fiscal year begins on 1 April.
pub fn grid(subjects: &[Subject], lines: &[Line], audits: &[Covering], first_year: i32, today: Day) -> Vec<Row> {
    let row = |(at, subject): (usize, &Subject)| {
        let of_it = lines.iter().filter(|line| line.target == subject.target);
        let covers = |audit: &&(usize, &Covering)| audit.1.targets.contains(&subject.target);
        let covering: Vec<(usize, &Covering)> = audits.iter().enumerate().filter(|audit| covers(&audit)).collect();
        let cell = |year: i32| Cell {
            planned: of_it.clone().find(|line| line.when == When::Year(year)).map(|line| line.note.clone()),
            audits: covering.iter().filter(|(_, a)| a.starts_on.fiscal_year() == year).map(|(at, _)| *at).collect(),
        };
        let left_out = of_it.clone().find(|line| line.when == When::LeftOut).map(|line| line.note.clone());
        let audited = covering.iter().filter(|(_, audit)| audit.standing >= Standing::Running);
        Row {
            subject: at,
            last: audited.max_by_key(|(_, audit)| audit.starts_on).map(|(at, _)| *at),
            cells: (first_year..first_year.saturating_add(YEARS)).map(cell).collect(),
            gap: gap(of_it.clone(), &covering, left_out.is_some(), first_year, today),
            left_out,
        }
    };
    subjects.iter().enumerate().map(row).collect()
}

fn gap<'a>(
    lines: impl Iterator<Item = &'a Line>,
    covering: &[(usize, &Covering)],
    left_out: bool,
    first_year: i32,
    today: Day,
) -> Option<Gap> {
    let this_year = today.fiscal_year();
    let last_year = first_year.saturating_add(YEARS - 1);
    let years = lines.filter_map(|line| match line.when {
        When::Year(year) if (first_year..=last_year).contains(&year) => Some(year),
        _ => None,
    });
    let mut years: Vec<i32> = years.collect();
    years.sort_unstable();
    if years.is_empty() {
        let meant = covering.iter().any(|(_, a)| (first_year..=last_year).contains(&a.starts_on.fiscal_year()));
        return (!left_out && !meant).then_some(Gap::Unplanned);
    }
    let since = |year: i32, least: Standing| {
        covering.iter().any(|(_, audit)| audit.standing >= least && audit.starts_on.fiscal_year() >= year)
    };
    let missed = years.iter().copied().find(|year| *year < this_year && !since(*year, Standing::Running));
    let unprepared = years.iter().copied().find(|year| *year == this_year && !since(*year, Standing::Proposed));
    missed.map(Gap::Missed).or(unprepared.map(Gap::Unprepared))
}
