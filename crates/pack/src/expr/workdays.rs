//! Working days (開庁日): not Saturday or Sunday, not a holiday of the calendar.

use super::{Day, Unknown};

/// A calendar of holidays, ready to count with. It knows the years from its first to its last holiday and no others: a year
/// without a holiday list would otherwise pass for one without holidays.
#[derive(Debug, Clone, Default)]
pub struct Workdays {
    /// Holidays on Monday to Friday, sorted, each once.
    weekday_holidays: Vec<i32>,
    /// First and last known year.
    years: Option<(i32, i32)>,
}

impl Workdays {
    /// A calendar with these holidays, in any order; holidays at weekends change nothing.
    pub fn new(holidays: impl IntoIterator<Item = Day>) -> Self {
        let mut all: Vec<Day> = holidays.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        let years = all.first().zip(all.last()).map(|(first, last)| (first.date().0, last.date().0));
        let weekday_holidays = all.into_iter().filter(|day| day.weekday() < 5).map(Day::number).collect();
        Self { weekday_holidays, years }
    }

    /// Whether the city's offices are open on the day.
    pub fn is_workday(&self, day: Day) -> Result<bool, Unknown> {
        self.known(day)?;
        Ok(day.weekday() < 5 && self.weekday_holidays.binary_search(&day.number()).is_err())
    }

    /// Working days after `from` up to and including `to` (初日不算入); negative when `to` is before `from`.
    pub fn between(&self, from: Day, to: Day) -> Result<i64, Unknown> {
        if to < from {
            return self.between(to, from).map(|count| -count);
        }
        self.known(from)?;
        self.known(to)?;
        let weekdays = weekdays_up_to(to) - weekdays_up_to(from);
        let up_to = |day: Day| self.weekday_holidays.partition_point(|&holiday| holiday <= day.number());
        let holidays = i64::try_from(up_to(to) - up_to(from)).unwrap_or(i64::MAX);
        Ok(weekdays - holidays)
    }

    fn known(&self, day: Day) -> Result<(), Unknown> {
        let year = day.date().0;
        match self.years {
            Some((first, last)) if (first..=last).contains(&year) => Ok(()),
            _ => Err(Unknown::new(
                format!("{year}年の休日が暦に登録されていません"),
                format!("the calendar has no holidays for {year}"),
            )),
        }
    }
}

/// Mondays to Fridays from some fixed Monday up to and including the day; differences of it count weekdays.
fn weekdays_up_to(day: Day) -> i64 {
    // 1969-12-29 was a Monday.
    let since_monday = i64::from(day.number()) + 3;
    since_monday.div_euclid(7) * 5 + (since_monday.rem_euclid(7) + 1).min(5)
}
