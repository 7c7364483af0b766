//! リスク評価: size by element, and what the register of incidents and the classes suggest. Suggestions; a person enters.
//!
//! A risk is a threat to an asset or a system. Its size is loss × likelihood × weakness, for 機密性, 完全性 and 可用性 each by
//! itself: the three are never added up or averaged.

use pack::Pack;
use pack::model::{Axis, RegisterKind};

use super::registers;
use crate::records::{self, Record};
use crate::{Day, Id, Reading, Result};

/// The elements, each with the field of its loss.
pub const ELEMENTS: [(Axis, &str); 3] = [
    (Axis::Confidentiality, "loss_confidentiality"),
    (Axis::Integrity, "loss_integrity"),
    (Axis::Availability, "loss_availability"),
];

/// The most that a loss is.
pub const LOSS_MOST: i64 = 4;

/// Threats that incidents tell of, each with the kinds of incident that count for it.
const THREATS: &[(&str, &[&str])] = &[
    ("malware", &["malware", "ransomware"]),
    ("access", &["access"]),
    ("ddos", &["ddos"]),
    ("wrong_sending", &["wrong_sending"]),
    ("loss", &["loss"]),
    ("disclosure", &["disclosure"]),
    ("outage", &["outage"]),
    ("impersonation", &["impersonation"]),
    ("misuse", &["misuse"]),
];

/// Months of incidents that are looked at.
const MONTHS: i64 = 36;
/// Months that count as recent.
const RECENT_MONTHS: i64 = 12;
/// Recent incidents from which on one may happen at any time.
const OFTEN: usize = 2;

/// What is to be done about a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// 1–4: may be accepted.
    Accept,
    /// 6–9: watched.
    Watch,
    /// 12–18: treated within the fiscal year.
    Year,
    /// 24–36: treated now.
    Now,
}

impl Grade {
    /// All, from the gravest.
    pub const ALL: [Self; 4] = [Self::Now, Self::Year, Self::Watch, Self::Accept];

    /// The grade of a size.
    pub fn of(size: i64) -> Self {
        match size {
            ..=5 => Self::Accept,
            6..=11 => Self::Watch,
            12..=23 => Self::Year,
            _ => Self::Now,
        }
    }
}

/// The size of a risk in one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The element.
    pub axis: Axis,
    /// 1–4.
    pub loss: i64,
    /// Likelihood × weakness: 1, 2, 3, 4, 6 or 9.
    pub chance: i64,
}

impl Size {
    /// Loss × likelihood × weakness.
    pub fn value(self) -> i64 {
        self.loss * self.chance
    }

    /// What is to be done about it.
    pub fn grade(self) -> Grade {
        Grade::of(self.value())
    }
}

/// The sizes of a risk, by element; none for an element whose numbers are not entered.
pub fn sizes(record: &Record) -> Vec<Size> {
    let (Some(likelihood), Some(weakness)) = (record.int("likelihood"), record.int("weakness")) else {
        return Vec::new();
    };
    let chance = likelihood * weakness;
    ELEMENTS.into_iter().filter_map(|(axis, field)| Some(Size { axis, loss: record.int(field)?, chance })).collect()
}

/// The gravest grade of a risk.
pub fn grade(record: &Record) -> Option<Grade> {
    sizes(record).into_iter().map(Size::grade).max()
}

/// What the city's own incidents say of a threat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likelihood {
    /// 1: not known to happen; 2: it happened; 3: several times lately, or lately to the very system.
    pub level: i64,
    /// Incidents of the threat in the last three years.
    pub in_three_years: usize,
    /// Of them, in the last year.
    pub in_a_year: usize,
    /// Of those of the last year, on the same system.
    pub same_system: usize,
}

/// Suggests the likelihood from the incidents of the last three years; none for a threat that incidents do not tell of.
/// Whoever may see the risk is told the counts, and nothing else of the incidents.
pub async fn likelihood(reading: &mut Reading, pack: &Pack, risk: &Record) -> Result<Option<Likelihood>> {
    let Some((_, kinds)) = THREATS.iter().find(|(threat, _)| risk.text("threat") == Some(threat)) else {
        return Ok(None);
    };
    let today = reading.today();
    let (mut in_three_years, mut in_a_year, mut same_system) = (0, 0, 0);
    for register in registers(pack, RegisterKind::Incident) {
        for incident in records::all_stored(reading, &register.id).await? {
            let counts = incident.state != register.lifecycle.initial
                && incident.state != "not_incident"
                && incident.text("kind").is_some_and(|kind| kinds.contains(&kind));
            if !counts || !within(&incident, today, MONTHS) {
                continue;
            }
            in_three_years += 1;
            if within(&incident, today, RECENT_MONTHS) {
                in_a_year += 1;
                same_system +=
                    usize::from(risk.text("system").is_some() && incident.text("system") == risk.text("system"));
            }
        }
    }
    let level = if in_a_year >= OFTEN || same_system > 0 {
        3
    } else if in_three_years > 0 {
        2
    } else {
        1
    };
    Ok(Some(Likelihood { level, in_three_years, in_a_year, same_system }))
}

fn within(incident: &Record, today: Day, months: i64) -> bool {
    let from = today.plus_months(-months);
    incident.day("found_on").is_some_and(|found| found <= today && from.is_some_and(|from| found > from))
}

/// The losses that the classes of the asset and the system suggest, by element: the higher counts.
pub async fn losses(reading: &mut Reading, pack: &Pack, risk: &Record) -> Result<Vec<(Axis, i64)>> {
    let mut subjects = Vec::new();
    for field in ["asset", "system"] {
        if let Some(id) = risk.text(field).and_then(|id| id.parse::<Id>().ok()) {
            subjects.extend(records::stored(reading, id).await?);
        }
    }
    let loss = |axis: Axis| subjects.iter().filter_map(|subject| loss_of(pack, axis, subject.text(axis.id())?)).max();
    Ok(ELEMENTS.into_iter().filter_map(|(axis, _)| Some((axis, loss(axis)?))).collect())
}

/// 1 for the lowest class of the axis, one more for each above it, up to [`LOSS_MOST`].
fn loss_of(pack: &Pack, axis: Axis, class: &str) -> Option<i64> {
    let above = pack.classes.of(axis).iter().rev().position(|known| known.id == class)?;
    Some(i64::try_from(above).ok()?.saturating_add(1).min(LOSS_MOST))
}
