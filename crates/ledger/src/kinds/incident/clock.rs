//! The legal clocks of a leak: 速報 and 確報 to 個人情報保護委員会, under 個人情報保護法 68条 and 番号法 29条の4.
//!
//! How days are counted, by the commission's guidance for both laws:
//!
//! - the day on which any section of the city came to know of it is the first day;
//! - 速報 is due promptly, which the guidance puts at about the third to the fifth day; days off count, and nothing is put off;
//! - 確報 is due by the 30th day, or by the 60th where a wrongful purpose is possible; days off count, but when the last day
//!   is one (土日, 祝日, 12月29日から1月3日), the next working day is the last day.
//!
//! A year whose holidays the calendar does not have puts nothing off: the earlier day is shown, and why.

use pack::expr::{Unknown, Workdays};

use super::facts::{Case, Law};
use crate::Day;
use crate::records::Record;

/// The day of 速報 that one aims at, counted from the first.
const PRELIMINARY_AIM: i64 = 3;
/// The last day of 速報.
const PRELIMINARY_LAST: i64 = 5;
/// The last day of 確報.
const FINAL_LAST: i64 = 30;
/// The last day of 確報 where a wrongful purpose is possible.
const FINAL_LAST_WRONGFUL: i64 = 60;

/// What is to be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// 速報
    Preliminary,
    /// 確報
    Final,
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Under which law.
    pub law: Law,
    /// What is due.
    pub report: Report,
    /// The day that counts as the first.
    pub first: Day,
    /// The day that one aims at, before the last.
    pub aim: Option<Day>,
    /// The last day.
    pub last: Day,
    /// Why the last day was not put off although it may be a day off.
    pub not_put_off: Option<Unknown>,
    /// The day on which it was done.
    pub done: Option<Day>,
}

/// How a clock stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Done by the last day.
    Done,
    /// Done this many days late.
    DoneLate(i64),
    /// This many days are left; 0 on the last day.
    Days(i64),
    /// Past by this many days.
    Over(i64),
}

impl Clock {
    /// How it stands on a day.
    pub fn left(&self, today: Day) -> Left {
        let over = days_between(self.last, self.done.unwrap_or(today));
        match (self.done, over) {
            (Some(_), ..=0) => Left::Done,
            (Some(_), late) => Left::DoneLate(late),
            (None, ..=0) => Left::Days(-over),
            (None, late) => Left::Over(late),
        }
    }
}

/// The clocks of an incident under the laws whose cases it is.
pub fn clocks(record: &Record, cases: &[Case], workdays: &Workdays) -> Vec<Clock> {
    let met = |law: &Law| cases.iter().any(|case| case.law() == *law);
    let laws: Vec<Law> = [Law::PersonalInformation, Law::MyNumber].into_iter().filter(met).collect();
    of_laws(record, &laws, workdays)
}

/// The clocks under these laws.
pub(super) fn of_laws(record: &Record, laws: &[Law], workdays: &Workdays) -> Vec<Clock> {
    let Some(first) = first_day(record) else { return Vec::new() };
    let wrongful = record.text("wrongful") == Some("yes");
    let both = |law: &Law| {
        [
            preliminary(*law, first, record.day("preliminary_on")),
            last_report(*law, first, wrongful, workdays, record.day("final_on")),
        ]
    };
    laws.iter().flat_map(both).collect()
}

/// The day that counts as the first: when the city knew, or as long as that is not written, when it was noticed.
pub fn first_day(record: &Record) -> Option<Day> {
    record.day("known_on").or_else(|| record.day("found_on"))
}

fn preliminary(law: Law, first: Day, done: Option<Day>) -> Clock {
    let aim = nth_day(first, PRELIMINARY_AIM);
    let last = nth_day(first, PRELIMINARY_LAST);
    Clock { law, report: Report::Preliminary, first, aim: Some(aim), last, not_put_off: None, done }
}

fn last_report(law: Law, first: Day, wrongful: bool, workdays: &Workdays, done: Option<Day>) -> Clock {
    let last = nth_day(first, if wrongful { FINAL_LAST_WRONGFUL } else { FINAL_LAST });
    let (last, not_put_off) = put_off(last, workdays);
    Clock { law, report: Report::Final, first, aim: None, last, not_put_off, done }
}

/// The day that is the n-th when the first counts as one.
fn nth_day(first: Day, n: i64) -> Day {
    first.plus_days(n - 1).unwrap_or(Day::LAST)
}

/// The day, or the next working day when it is one off.
fn put_off(day: Day, workdays: &Workdays) -> (Day, Option<Unknown>) {
    let mut at = day;
    loop {
        match workdays.is_workday(at) {
            Ok(true) => return (at, None),
            Ok(false) => match at.plus_days(1) {
                Some(next) => at = next,
                None => return (day, None),
            },
            Err(unknown) => return (day, Some(unknown)),
        }
    }
}

fn days_between(from: Day, to: Day) -> i64 {
    i64::from(to.number()) - i64::from(from.number())
}
