//! Moments and days. The municipal day is that of Asia/Tokyo, which has kept UTC+9 without summer time since 1951.

use std::fmt;

pub use pack::expr::Day;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

const DAY_MS: i64 = 86_400_000;
const TOKYO_MS: i64 = 9 * 3_600_000;

impl Moment {
    /// The municipal day that the moment falls on.
    pub fn day(self) -> Day {
        i32::try_from(self.0.saturating_add(TOKYO_MS).div_euclid(DAY_MS)).ok().and_then(Day::new).unwrap_or(Day::LAST)
    }

    /// The moment at which a municipal day begins.
    pub fn start_of(day: Day) -> Self {
        Self(i64::from(day.number()) * DAY_MS - TOKYO_MS)
    }

    /// Hour, minute and second of the municipal day.
    pub fn time_of_day(self) -> (u32, u32, u32) {
        let seconds = u32::try_from(self.0.saturating_add(TOKYO_MS).rem_euclid(DAY_MS) / 1000).unwrap_or(0);
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// This many milliseconds later.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in municipal time, such as `2026-11-22T22:22:30+09:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.time_of_day();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}+09:00", self.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_municipal_day_begins_at_fifteen_hours_utc() {
        let before = Moment(1_774_969_199_999); // 2026-03-31T14:59:59.999Z
        assert_eq!(before.day().to_string(), "2026-03-31");
        assert_eq!(before.plus_ms(1).to_string(), "2026-04-01T00:00:00+09:00");
        assert_eq!(Moment::start_of(before.plus_ms(1).day()), before.plus_ms(1));
        assert_eq!((before.day().fiscal_year(), before.plus_ms(1).day().fiscal_year()), (2025, 2026));
    }
}
