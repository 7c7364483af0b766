//! 事故・ヒヤリハット: stages, what the facts suggest, the legal clocks, who has to be told.

mod clock;
mod facts;
mod stage;
mod told;

use pack::Pack;
use pack::expr::Workdays;

pub use clock::{Clock, Left, Report, clocks, first_day};
pub use facts::{Case, Duty, Law, Level, Suggestion, Why, duty, is_attack, reached, suggest};
pub use stage::{Stage, Standing, stages};
pub use told::{Because, FIELDS as TOLD_FIELDS, Notice, notices};

use crate::records::Record;

/// All that is judged of an incident.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What the facts suggest.
    pub suggestion: Suggestion,
    /// 重さ: as confirmed, or as suggested.
    pub level: Level,
    /// Whether a person has confirmed it.
    pub confirmed: bool,
    /// The duty to report to 個人情報保護委員会.
    pub duty: Duty,
    /// Its clocks; provisional as long as nobody has decided that a report is needed.
    pub clocks: Vec<Clock>,
    /// Whether a person has decided that a report is needed.
    pub reportable: bool,
    /// Who has to be told.
    pub notices: Vec<Notice>,
}

/// Judges an incident. Where a person has decided against a report there are no clocks; where one has decided for it, they run
/// under the laws whose cases are met, or under 個人情報保護法 where the facts show none.
pub fn judge(pack: &Pack, record: &Record) -> Judged {
    let suggestion = suggest(pack, record);
    let confirmed = record.text("severity").and_then(Level::from_id);
    let level = confirmed.unwrap_or(suggestion.level);
    let duty = duty(record);
    let workdays = Workdays::new(pack.calendar.holidays.iter().copied());
    let decided = record.text("reportable");
    let clocks = match decided {
        Some("no") => Vec::new(),
        Some("yes") if duty.cases.is_empty() => clock::of_laws(record, &[Law::PersonalInformation], &workdays),
        _ => clocks(record, &duty.cases, &workdays),
    };
    let notices = notices(pack, record, level, &clocks);
    let reportable = decided == Some("yes");
    Judged { suggestion, level, confirmed: confirmed.is_some(), duty, clocks, reportable, notices }
}
