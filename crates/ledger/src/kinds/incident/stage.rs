//! The three stages of handling: 拡大防止, 復旧, 再発防止.

use crate::Day;
use crate::records::Record;

/// How far a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Finished.
    Done,
    /// Under way.
    Now,
    /// Not begun.
    Ahead,
}

/// A stage of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The state that the record is in during the stage.
    pub state: &'static str,
    /// How far it is.
    pub standing: Standing,
    /// The day on which it was finished, as far as it is written down.
    pub finished: Option<Day>,
}

/// The stages in order, each with the field of the day that ends it.
const STAGES: [(&str, &str); 3] =
    [("containing", "contained_on"), ("recovering", "recovered_on"), ("preventing", "prevention_confirmed_on")];

/// The stages of an incident. One that came back to an earlier stage (拡大防止に戻す) has its later ones before it again.
pub fn stages(record: &Record) -> [Stage; 3] {
    let now = STAGES.iter().position(|(state, _)| *state == record.state);
    let over = matches!(record.state.as_str(), "confirming" | "closed");
    let mut at = 0;
    STAGES.map(|(state, field)| {
        let standing = match now {
            _ if over => Standing::Done,
            Some(now) if at < now => Standing::Done,
            Some(now) if at == now => Standing::Now,
            _ => Standing::Ahead,
        };
        at += 1;
        let finished = record.day(field).filter(|_| standing == Standing::Done);
        Stage { state, standing, finished }
    })
}
