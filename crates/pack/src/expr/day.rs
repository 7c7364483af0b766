//! Days of the Gregorian calendar as a count, and the fiscal year of Japanese municipalities.

use std::fmt;
use std::str::FromStr;

/// A day: days since 1970-01-01, in the municipality's own time (Asia/Tokyo). Years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// The month in which the fiscal year (年度) starts.
const FISCAL_MONTH: u32 = 4;

impl Day {
    /// 0001-01-01.
    pub const FIRST: Self = Self(-719_162);
    /// 9999-12-31.
    pub const LAST: Self = Self(2_932_896);

    /// The day this many days after 1970-01-01, when it is within years 1 to 9999.
    pub fn new(days: i32) -> Option<Self> {
        (Self::FIRST.0..=Self::LAST.0).contains(&days).then_some(Self(days))
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The day of this date, when there is such a date.
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        // Years counted from March, so that the leap day comes last (Howard Hinnant, "chrono-compatible low-level date
        // algorithms", days_from_civil).
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (month.cast_signed() + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day.cast_signed() - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self::new(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month (1 to 12) and day of the month (1 to 31).
    pub fn date(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month.unsigned_abs(), day.unsigned_abs())
    }

    /// This many days later (or earlier, when negative).
    pub fn plus_days(self, days: i64) -> Option<Self> {
        let sum = i64::from(self.0).checked_add(days)?;
        Self::new(i32::try_from(sum).ok()?)
    }

    /// This many calendar months later (or earlier), on the same day of the month; where that month is too short, on its
    /// last day (民法143条2項: 応当日がないときはその月の末日).
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let (year, month, day) = self.date();
        let count = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
        let year = i32::try_from(count.div_euclid(12)).ok()?;
        let month = u32::try_from(count.rem_euclid(12)).ok()? + 1;
        Self::from_date(year, month, day.min(days_in_month(year, month)))
    }

    /// The fiscal year (年度) that the day is in, named by the year in which it starts on 1 April.
    pub fn fiscal_year(self) -> i32 {
        let (year, month, _) = self.date();
        if month < FISCAL_MONTH { year - 1 } else { year }
    }

    /// 1 April of this fiscal year.
    pub fn fiscal_year_start(fiscal_year: i32) -> Option<Self> {
        Self::from_date(fiscal_year, FISCAL_MONTH, 1)
    }

    /// Day of the week, 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7).unsigned_abs()
    }

    /// The date with its Japanese era, such as 令和8年4月1日; before 1868-10-23 (明治元年) in the western calendar.
    pub fn wareki(self) -> String {
        let (year, month, day) = self.date();
        // First days of the eras (元号法; 明治 from its day in the Gregorian calendar).
        let eras = [
            (2019, 5, 1, "令和"),
            (1989, 1, 8, "平成"),
            (1926, 12, 25, "昭和"),
            (1912, 7, 30, "大正"),
            (1868, 10, 23, "明治"),
        ];
        match eras.into_iter().find(|&(y, m, d, _)| (year, month, day) >= (y, m, d)) {
            Some((first, _, _, era)) if first == year => format!("{era}元年{month}月{day}日"),
            Some((first, _, _, era)) => format!("{era}{}年{month}月{day}日", year - first + 1),
            None => format!("{year}年{month}月{day}日"),
        }
    }
}

/// Days in a month of a year; 0 when there is no such month.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Day {
    /// ISO 8601: `2026-04-01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The text is not a date written `2026-04-01`, or there is no such day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADay;

impl fmt::Display for NotADay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date such as 2026-04-01")
    }
}

impl std::error::Error for NotADay {}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !shaped {
            return Err(NotADay);
        }
        let mut parts = text.split('-').map(|part| part.parse::<u32>().ok());
        match (parts.next().flatten(), parts.next().flatten(), parts.next().flatten()) {
            (Some(year), Some(month), Some(day)) => Self::from_date(year.cast_signed(), month, day).ok_or(NotADay),
            _ => Err(NotADay),
        }
    }
}
