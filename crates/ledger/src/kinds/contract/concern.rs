//! What of a contract asks for somebody's attention, shortly: for lists, the first page and the decider.

use super::{Judged, NEAR, Phase};
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
    let mut all = Vec::new();
    if judged.phase == Phase::Refused {
        return all;
    }
    let mut some = |count: usize, concern: fn(usize) -> Concern| {
        if count > 0 {
            all.push(concern(count));
        }
    };
    some(judged.unpermitted().count(), Concern::Unpermitted);
    some(judged.shortfalls.iter().filter(|s| !s.untold.is_empty()).count(), Concern::Untold);
    some(judged.shortfalls.iter().filter(|s| s.is_late(today)).count(), Concern::LateMeasures);
    let left = |day: Day| i64::from(day.number()) - i64::from(today.number());
    let due = judged.yearly.map(|yearly| yearly.left(today));
    all.extend(due.filter(|left| *left < 0).map(|left| Concern::Unchecked(-left)));
    let last = contract.day("ends_on").map(left);
    if judged.phase == Phase::Overrun {
        all.extend(last.map(|left| Concern::Overrun(-left)));
    }
    let mut some = |count: usize, concern: fn(usize) -> Concern| {
        if count > 0 {
            all.push(concern(count));
        }
    };
    some(judged.account.unsettled().count(), Concern::NotBack);
    let without: i64 = judged.account.short().map(|(_, item)| item.without()).sum();
    some(usize::try_from(without).unwrap_or(0), |count| {
        Concern::WithoutCertificate(i64::try_from(count).unwrap_or(i64::MAX))
    });
    if judged.phase != Phase::Ended {
        some(judged.missing().count(), Concern::MissingClauses);
    }
    some(judged.shortfalls.iter().filter(|s| s.is_open()).count(), Concern::Shortfalls);
    if judged.phase == Phase::Running {
        let ends = last.filter(|left| *left <= NEAR);
        // A check that is due after the end is never made.
        let near = due.filter(|left| (0..=NEAR).contains(left) && last.is_none_or(|last| *left <= last));
        all.extend(near.map(Concern::CheckNear));
        all.extend(ends.map(Concern::Ends));
    }
    let wrong = judged.nodes.iter().filter(|node| node.troubles.iter().any(|trouble| !trouble.is_grave())).count();
    if wrong > 0 {
        all.push(Concern::OutOfOrder(wrong));
    }
    all
}
