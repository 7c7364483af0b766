//! Who has to be told of an incident: a list made from its facts.

use pack::Pack;

use super::facts::{Level, is_attack, reached};
use super::{Clock, Report, first_day};
use crate::Day;
use crate::records::Record;

/// Why somebody has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Of every incident.
    Always,
    /// Of this level and above.
    Level(Level),
    /// Of an attack of some weight.
    Attack,
    /// An attack reached a network on the internet, or it is not known which.
    Internet,
    /// LGWAN was reached or cut off.
    Lgwan,
    /// It was cut off.
    Cut,
    /// A theft or a wrongful purpose is possible.
    Crime,
    /// The law asks for it.
    Law,
    /// It happened under a contract.
    Contract,
}

/// Somebody who has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The field of the day on which they were told; its label names them.
    pub field: &'static str,
    /// Why.
    pub because: Because,
    /// By when, where the policy or the law says it.
    pub due: Option<Day>,
    /// The day on which they were told.
    pub told: Option<Day>,
}

/// The fields of everybody who may have to be told, in the order in which one calls them.
pub const FIELDS: [&str; 16] = [
    "told_manager_on",
    "told_chief_on",
    "told_ciso_on",
    "told_prefecture_on",
    "told_ministry_on",
    "told_cloud_on",
    "told_jlis_on",
    "bodies_told_of_cut_on",
    "told_jpcert_on",
    "told_police_on",
    "told_contractor_on",
    "preliminary_on",
    "final_on",
    "told_persons_on",
    "told_assembly_on",
    "published_on",
];

/// Who has to be told, at the level that was confirmed or is suggested, and with the legal clocks that run.
pub fn notices(pack: &Pack, record: &Record, level: Level, clocks: &[Clock]) -> Vec<Notice> {
    FIELDS
        .into_iter()
        .filter_map(|field| {
            let (because, due) = reason(pack, record, level, clocks, field)?;
            Some(Notice { field, because, due, told: record.day(field) })
        })
        .collect()
}

/// Why this one has to be told of it, and by when.
fn reason(pack: &Pack, record: &Record, level: Level, clocks: &[Clock], field: &str) -> Option<(Because, Option<Day>)> {
    let is = |field: &str, value: &str| record.text(field) == Some(value);
    let found = record.day("found_on");
    let next_day = found.and_then(|day| day.plus_days(1));
    let soon = if level >= Level::L5 { found } else { next_day };
    let from = |least: Level| (level >= least).then_some((Because::Level(least), soon));
    let attack = is_attack(record) && level >= Level::L3;
    let cut = is("lgwan_cut", "yes");
    let clock = |report: Report| clocks.iter().filter(|clock| clock.report == report).map(|clock| clock.last).min();
    match field {
        "told_manager_on" => Some((Because::Always, found)),
        "told_chief_on" => Some((Because::Always, next_day)),
        "told_ciso_on" => from(Level::L3),
        "told_prefecture_on" | "told_ministry_on" => {
            if attack {
                Some((Because::Attack, soon))
            } else {
                from(Level::L4)
            }
        }
        "told_cloud_on" => {
            let open = record.texts("zones").is_empty() || reached(pack, record, "internet") || is("kind", "ddos");
            (is_attack(record) && open).then_some((Because::Internet, soon))
        }
        "told_jlis_on" => {
            ((is_attack(record) && reached(pack, record, "lgwan")) || cut).then_some((Because::Lgwan, soon))
        }
        "bodies_told_of_cut_on" => cut.then_some((Because::Cut, found)),
        "told_jpcert_on" => attack.then_some((Because::Attack, None)),
        "told_police_on" => {
            let crime = is("wrongful", "yes");
            if crime { Some((Because::Crime, None)) } else { attack.then_some((Because::Attack, None)) }
        }
        "told_contractor_on" => {
            (record.text("contract").is_some() || is("from_outside", "contractor")).then_some((Because::Contract, None))
        }
        "preliminary_on" => clock(Report::Preliminary).map(|last| (Because::Law, Some(last))),
        "final_on" => clock(Report::Final).map(|last| (Because::Law, Some(last))),
        "told_persons_on" => (!clocks.is_empty()).then_some((Because::Law, first_day(record)?.plus_days(PERSONS_TOLD))),
        "told_assembly_on" | "published_on" => (level >= Level::L4).then_some((Because::Level(Level::L4), None)),
        _ => None,
    }
}

/// Days after the city knew by which the persons are told; the law says 速やかに, the policy two weeks.
const PERSONS_TOLD: i64 = 14;
