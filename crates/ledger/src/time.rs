//! Moments and days. The municipal day is that of Asia/Tokyo, which has kept UTC+9 without summer time since 1951.

use std::fmt;
use std::str::FromStr;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

const DAY_MS: i64 = 86_400_000;
const TOKYO_MS: i64 = 9 * 3_600_000;

impl Moment {
    /// The municipal day that the moment falls on.
    pub fn day(self) -> Day {
        Day(i32::try_from((self.0 + TOKYO_MS).div_euclid(DAY_MS)).unwrap_or(i32::MAX))
    }

    /// Hour, minute and second of the municipal day.
    pub fn time_of_day(self) -> (u32, u32, u32) {
        let seconds = u32::try_from((self.0 + TOKYO_MS).rem_euclid(DAY_MS) / 1000).unwrap_or(0);
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

/// A day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of this date of the proleptic Gregorian calendar; none when there is no such date or the year is not 1–9999.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Days from civil (Howard Hinnant): years begin in March, eras have 400 years.
        let (m, d) = (i64::from(month), i64::from(day));
        let y = i64::from(year) - i64::from(m <= 2);
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        i32::try_from(era * 146_097 + day_of_era - 719_468).ok().map(Self)
    }

    /// Year, month and day of the Gregorian calendar.
    pub fn ymd(self) -> (i32, u32, u32) {
        let z = i64::from(self.0) + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        (i32::try_from(year).unwrap_or(0), u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
    }

    /// The fiscal year, named by the year in which it begins on 1 April.
    pub fn fiscal_year(self) -> i32 {
        let (year, month, _) = self.ymd();
        if month >= 4 { year } else { year - 1 }
    }

    /// This many days later.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

/// Days in a month of the Gregorian calendar; `month` is 1–12.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Day {
    /// ISO 8601, such as `2026-11-22`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = ();

    /// Reads `2026-11-22` and nothing else.
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            return Err(());
        }
        let number = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<u32>().ok()).ok_or(());
        let year = i32::try_from(number(0, 4)?).map_err(|_| ())?;
        Self::from_ymd(year, number(5, 7)?, number(8, 10)?).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_over_four_centuries() {
        for day in -100_000..50_000 {
            let (y, m, d) = Day(day).ymd();
            assert_eq!(Day::from_ymd(y, m, d), Some(Day(day)));
            assert_eq!(Day(day).to_string().parse(), Ok(Day(day)));
        }
        assert_eq!("2026-02-29".parse::<Day>(), Err(()));
        assert_eq!("2026-2-9".parse::<Day>(), Err(()));
    }

    #[test]
    fn the_municipal_day_begins_at_fifteen_hours_utc() {
        let before = Moment(1_774_969_199_999); // 2026-03-31T14:59:59.999Z
        assert_eq!(before.day().to_string(), "2026-03-31");
        assert_eq!(before.plus_ms(1).to_string(), "2026-04-01T00:00:00+09:00");
        assert_eq!((before.day().fiscal_year(), before.plus_ms(1).day().fiscal_year()), (2025, 2026));
    }
}
