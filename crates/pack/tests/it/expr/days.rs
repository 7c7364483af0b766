//! Days and working days against slow, obvious models.

use pack::expr::{Day, Outcome, Workdays};
use proptest::prelude::*;

use super::city::{day, sample, test};

fn is_leap(year: i32) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[test]
fn every_day_follows_the_day_before() {
    let (mut year, mut month, mut of_month, mut weekday) = (1, 1, 1, 0);
    for number in Day::FIRST.number()..=Day::LAST.number() {
        let found = Day::new(number).expect("a day in range");
        assert_eq!(found.date(), (year, month, of_month), "{number}");
        assert_eq!(Day::from_date(year, month, of_month), Some(found), "{number}");
        assert_eq!(found.weekday(), weekday, "{found}");
        assert_eq!(found.fiscal_year(), if month >= 4 { year } else { year - 1 }, "{found}");
        weekday = (weekday + 1) % 7;
        of_month += 1;
        if of_month > days_in(year, month) {
            (month, of_month) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    assert_eq!((year, month, of_month), (10_000, 1, 1));
    assert_eq!(Day::new(Day::LAST.number() + 1), None);
    assert_eq!(Day::new(Day::FIRST.number() - 1), None);
    assert_eq!(day("1970-01-01").number(), 0);
    assert_eq!(day("2026-11-22").weekday(), 6, "a Sunday");
}

#[test]
fn only_dates_that_exist_are_read() {
    for bad in [
        "",
        "2026-4-1",
        "2026-02-29",
        "2100-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "0000-01-01",
        "2026/04/01",
        "２０２６-04-01",
        "+026-04-01",
        " 2026-04-01",
    ] {
        assert!(bad.parse::<Day>().is_err(), "{bad}");
    }
    assert_eq!(day("2024-02-29").to_string(), "2024-02-29");
    assert_eq!(day("0001-01-01"), Day::FIRST);
    assert_eq!(day("9999-12-31"), Day::LAST);
}

#[test]
fn months_end_where_they_end() {
    let moved = |from: &str, months: i64| day(from).plus_months(months).expect("a day").to_string();
    assert_eq!(moved("2026-01-31", 1), "2026-02-28");
    assert_eq!(moved("2024-01-31", 1), "2024-02-29");
    assert_eq!(moved("2024-02-29", 12), "2025-02-28");
    assert_eq!(moved("2024-02-29", 48), "2028-02-29");
    assert_eq!(moved("2026-03-31", -1), "2026-02-28");
    assert_eq!(moved("2026-03-31", 6), "2026-09-30");
    assert_eq!(moved("2026-01-15", -1), "2025-12-15");
    assert_eq!(Day::LAST.plus_months(1), None);
    assert_eq!(Day::FIRST.plus_days(-1), None);
    assert_eq!(Day::LAST.plus_days(i64::MAX), None);
    assert_eq!(Day::FIRST.plus_months(i64::MIN), None);
}

#[test]
fn the_fiscal_year_turns_on_the_first_of_april() {
    let (records, asset) = sample();
    for (date, year) in [("2026-03-31", 2025), ("2026-04-01", 2026), ("2025-12-31", 2025), ("2024-02-29", 2023)] {
        let source = format!(
            "fiscal_year('{date}') == {year} && fiscal_year_start('{date}') == '{year}-04-01' \
             && fiscal_year_start({year}) == fiscal_year_start('{date}')"
        );
        assert_eq!(test("assets", &source, &records, &asset), Outcome::True, "{source}");
    }
}

#[test]
fn days_are_printed_with_their_era() {
    let printed = |iso: &str| day(iso).wareki();
    assert_eq!(printed("2026-04-01"), "令和8年4月1日");
    assert_eq!(printed("2019-05-01"), "令和元年5月1日");
    assert_eq!(printed("2019-04-30"), "平成31年4月30日");
    assert_eq!(printed("1989-01-07"), "昭和64年1月7日");
    assert_eq!(printed("1926-12-25"), "昭和元年12月25日");
    assert_eq!(printed("1912-07-29"), "明治45年7月29日");
    assert_eq!(printed("1600-10-21"), "1600年10月21日");
}

#[test]
fn a_year_without_holidays_in_the_calendar_is_not_a_year_without_holidays() {
    let calendar = Workdays::new([day("2026-01-01"), day("2026-12-31")]);
    assert_eq!(calendar.is_workday(day("2026-01-01")), Ok(false));
    assert_eq!(calendar.is_workday(day("2026-01-02")), Ok(true));
    assert_eq!(calendar.is_workday(day("2026-01-03")), Ok(false), "a Saturday");
    assert!(calendar.is_workday(day("2027-01-04")).is_err());
    assert!(calendar.between(day("2025-12-30"), day("2026-01-05")).is_err());
    assert!(Workdays::default().is_workday(day("2026-01-05")).is_err());
}

fn some_day() -> impl Strategy<Value = Day> {
    (day("2024-01-01").number()..day("2028-12-31").number()).prop_map(|number| Day::new(number).expect("a day"))
}

proptest! {
    #[test]
    fn adding_months_is_counting_months_and_stepping_back_to_a_day(from in some_day(), months in -500_i64..500) {
        let (mut year, mut month, of_month) = from.date();
        for _ in 0..months.abs() {
            (year, month) = match (months > 0, month) {
                (true, 12) => (year + 1, 1),
                (true, _) => (year, month + 1),
                (false, 1) => (year - 1, 12),
                (false, _) => (year, month - 1),
            };
        }
        let slow = (1..=of_month).rev().find_map(|of_month| Day::from_date(year, month, of_month));
        prop_assert_eq!(from.plus_months(months), slow);
    }

    #[test]
    fn working_days_are_counted_one_by_one(
        from in some_day(),
        to in some_day(),
        mut holidays in proptest::collection::vec(some_day(), 0..80),
    ) {
        // The first and last year of the calendar, so that every year between is known.
        holidays.extend([day("2024-01-01"), day("2028-01-01")]);
        let calendar = Workdays::new(holidays.clone());
        let (first, last) = (from.min(to), from.max(to));
        let mut slow = 0;
        let mut at = first;
        while at < last {
            at = at.plus_days(1).expect("the next day");
            let open = at.weekday() < 5 && !holidays.contains(&at);
            prop_assert_eq!(calendar.is_workday(at), Ok(open));
            slow += i64::from(open);
        }
        prop_assert_eq!(calendar.between(from, to), Ok(if from <= to { slow } else { -slow }));
    }
}
