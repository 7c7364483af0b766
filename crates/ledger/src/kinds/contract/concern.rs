//! What of a contract asks for somebody's attention, shortly: for lists, the first page and the decider.

use super::{Judged, NEAR, Phase, Shortfall};
use crate::Day;
use crate::records::Record;

/// Something that asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Sub-contractors at work without the permission that is needed.
    Unpermitted(usize),
    /// A serious shortfall that the chief or the CISO has not been told of.
    Untold(usize),
    /// Measures or corrections past their last day.
    LateMeasures(usize),
    /// The yearly check is past its last day by this many days.
    Unchecked(i64),
    /// The contract is still in force this many days after its end.
    Overrun(i64),
    /// After the end, contractors whose certificate of return or erasure is missing.
    NotBack(usize),
    /// Units for which a certificate is missing.
    WithoutCertificate(i64),
    /// Clauses that are needed and not there.
    MissingClauses(usize),
    /// Shortfalls that are not corrected.
    Shortfalls(usize),
    /// The yearly check is due in this many days.
    CheckNear(i64),
    /// The contract ends in this many days.
    Ends(i64),
    /// Sub-contracts whose record is to be put right.
    OutOfOrder(usize),
}

impl Concern {
    /// Whether something is wrong now; the rest is near, or to be put right.
    pub fn is_grave(self) -> bool {
        !matches!(self, Self::Shortfalls(_) | Self::CheckNear(_) | Self::Ends(_) | Self::OutOfOrder(_))
    }
}

/// The concerns of a contract, the gravest first.
pub fn concerns(contract: &Record, judged: &Judged, today: Day) -> Vec<Concern> {
    if judged.phase == Phase::Refused {
        return Vec::new();
    }
    let some = |count: usize, concern: fn(usize) -> Concern| (count > 0).then(|| concern(count));
    let left = |day: Day| i64::from(day.number()) - i64::from(today.number());
    let last = contract.day("ends_on").map(left);
    let due = judged.yearly.map(|yearly| yearly.left(today));
    let running = judged.phase == Phase::Running;
    let short = |holds: &dyn Fn(&Shortfall) -> bool| judged.shortfalls.iter().filter(|one| holds(one)).count();
    let without: i64 = judged.account.short().map(|(_, item)| item.without()).sum();
    let missing = if judged.phase == Phase::Ended { 0 } else { judged.missing().count() };
    // A check that is due after the end is never made.
    let near = due.filter(|left| running && (0..=NEAR).contains(left) && last.is_none_or(|last| *left <= last));
    let to_mend = judged.nodes.iter().filter(|node| node.troubles.iter().any(|trouble| !trouble.is_grave())).count();
    let all = [
        some(judged.unpermitted().count(), Concern::Unpermitted),
        some(short(&|one| !one.untold.is_empty()), Concern::Untold),
        some(short(&|one| one.is_late(today)), Concern::LateMeasures),
        due.filter(|left| *left < 0).map(|left| Concern::Unchecked(-left)),
        last.filter(|_| judged.phase == Phase::Overrun).map(|left| Concern::Overrun(-left)),
        some(judged.account.unsettled().count(), Concern::NotBack),
        (without > 0).then_some(Concern::WithoutCertificate(without)),
        some(missing, Concern::MissingClauses),
        some(short(&Shortfall::is_open), Concern::Shortfalls),
        near.map(Concern::CheckNear),
        last.filter(|left| running && *left <= NEAR).map(Concern::Ends),
        some(to_mend, Concern::OutOfOrder),
    ];
    all.into_iter().flatten().collect()
}
