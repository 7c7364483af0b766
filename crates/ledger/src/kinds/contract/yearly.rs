//! The yearly check of a contractor.

use pack::Pack;
use pack::model::Axis;

use crate::records::Record;
use crate::{Day, Id};

/// Months within which a contractor is checked again.
const MONTHS: i64 = 12;
/// Days before the last day from which on it is near.
pub const NEAR: i64 = 60;

/// When a contractor was checked, and until when it has to be checked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yearly {
    /// The day of the last check.
    pub last: Option<Day>,
    /// The record of that check; none when the day is entered on the contract alone, or the reader may not see the record.
    pub by: Option<Id>,
    /// The last day for the next one: twelve months after the last check, or after the start.
    pub due: Day,
}

impl Yearly {
    /// Days until the last day; below zero when it is past.
    pub fn left(&self, today: Day) -> i64 {
        i64::from(self.due.number()) - i64::from(today.number())
    }
}

/// The yearly check of a contract; none where only information of the lowest class is given away, or where it has no first
/// day. Checks that are still drafts do not count.
pub fn yearly(pack: &Pack, contract: &Record, checks: &[&Record]) -> Option<Yearly> {
    let lowest = pack.classes.of(Axis::Confidentiality).last();
    if contract.text("confidentiality") == lowest.map(|class| class.id.as_str()) {
        return None;
    }
    let recorded = checks.iter().filter_map(|check| Some((check.day("checked_on")?, Some(check.id))));
    let entered = contract.day("checked_on").map(|day| (day, None));
    let last = recorded.chain(entered).max_by_key(|(day, by)| (*day, by.is_some()));
    let from = last.map(|(day, _)| day).or_else(|| contract.day("starts_on"))?;
    let due = from.plus_months(MONTHS).unwrap_or(Day::LAST);
    Some(Yearly { last: last.map(|(day, _)| day), by: last.and_then(|(_, by)| by), due })
}
