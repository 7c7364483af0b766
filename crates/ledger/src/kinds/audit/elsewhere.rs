//! The same weakness elsewhere: from a finding, the other units for which its control fails, for which its clause applies, or where
//! auditors saw the same.

use std::collections::{BTreeMap, BTreeSet};

use pack::Pack;
use pack::model::Control;

use super::Around;
use super::plan::leaves;
use crate::findings;
use crate::people::joint_units;
use crate::records::{self, Record};
use crate::{Id, Reading, Result};

/// Most examples of one unit.
const EXAMPLES: usize = 3;

/// A unit that may have the same weakness.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// Things there to which the controls apply.
    pub applies: i64,
    /// Things there for which they fail.
    pub failing: i64,
    /// Things there of which nothing is known.
    pub unknown: i64,
    /// What fails, by name.
    pub examples: Vec<String>,
    /// Items of audits that were judged bad there.
    pub items: Vec<Record>,
    /// Findings of audits there, also those that were made from this one.
    pub findings: Vec<Record>,
}

/// The controls that a finding speaks of: the one that it names, and all that serve its clause.
pub fn controls_of<'a>(pack: &'a Pack, finding: &Record) -> Vec<&'a Control> {
    let (control, clause) = (finding.text("control"), finding.text("clause").unwrap_or_default());
    let serves = |control: &Control| control.clauses.iter().any(|id| id.to_string() == clause);
    let speaks = |known: &&Control| control == Some(known.id.as_str()) || serves(known);
    pack.controls.iter().filter(speaks).collect()
}

/// Other units of its body for which the controls of a finding apply, or where the same was found, by unit. Where the controls say nothing by
/// unit, every section is one.
pub async fn elsewhere(
    reading: &mut Reading,
    pack: &Pack,
    around: &Around<'_>,
    finding: &Record,
) -> Result<BTreeMap<Id, Place>> {
    let controls: BTreeSet<&str> = controls_of(pack, finding).into_iter().map(|control| control.id.as_str()).collect();
    let mut places: BTreeMap<Id, Place> = BTreeMap::new();
    let today = reading.today();
    if let Some(day) = findings::last_day(reading, today).await? {
        for count in findings::counts(reading, day).await? {
            let Some(unit) = count.unit.filter(|_| controls.contains(count.control.as_str())) else { continue };
            let [holds, broken, covered, unknown, not_started, _] = count.counts;
            let applies = holds + broken + covered + unknown + not_started;
            if applies > 0 {
                let place = places.entry(unit).or_default();
                place.applies += applies;
                place.failing += broken;
                place.unknown += unknown;
            }
        }
    }
    if places.is_empty() {
        // Nothing is judged by unit: the rule binds every section.
        places.extend(leaves(reading).await?.into_iter().map(|unit| (unit, Place::default())));
    }
    for control in &controls {
        for verdict in findings::verdicts(reading, control, findings::PAGE_MAX).await? {
            let Some(place) = verdict.unit.and_then(|unit| places.get_mut(&unit)) else { continue };
            if verdict.state == "broken" && place.examples.len() < EXAMPLES {
                place.examples.push(verdict.label);
            }
        }
    }
    let same = |record: &Record| {
        let clause = record.text("clause").filter(|clause| clause.contains('#'));
        record.text("control").is_some_and(|control| controls.contains(control))
            || clause.is_some_and(|clause| finding.text("clause") == Some(clause))
    };
    for item in records::all_stored(reading, &around.items.id).await? {
        let bad = ["design", "operation"].iter().any(|f| matches!(item.text(f), Some("partial" | "lacking")));
        if bad && item.state != "void" && same(&item) {
            places.entry(item.unit).or_default().items.push(item);
        }
    }
    let origin = finding.text("origin").map_or_else(|| finding.id.to_string(), str::to_owned);
    for other in records::all_stored(reading, &around.findings.id).await? {
        let family = other.text("origin") == Some(origin.as_str()) || other.id.to_string() == origin;
        if other.id != finding.id && (family || same(&other)) {
            places.entry(other.unit).or_default().findings.push(other);
        }
    }
    // A joint body audits itself.
    let joint = joint_units(reading, pack).await?;
    let body = joint.get(&finding.unit);
    places.retain(|unit, _| *unit != finding.unit && joint.get(unit) == body);
    Ok(places)
}
