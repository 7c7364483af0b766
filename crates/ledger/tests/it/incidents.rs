//! What is judged of incidents: legal clocks on dates around weekends, holidays and year ends, the duty to report, 重さ, who
//! has to be told.

use ledger::kinds::incident::{
    Because, Case, Clock, Law, Left, Level, Report, Standing, clocks, duty, judge, notices, stages, suggest,
};
use ledger::records::Record;
use ledger::{Day, Id, Moment};
use pack::expr::Workdays;
use pack::model::{Site, Text, Zone, ZoneKind};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::city;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn incident(fields: Json) -> Record {
    let Json::Object(mut all) = fields else { panic!("fields") };
    let known = json!({ "found_on": "2026-11-02", "kind": "wrong_sending", "personal": "personal", "summary": "…" });
    for (id, value) in known.as_object().unwrap() {
        all.entry(id.clone()).or_insert(value.clone());
    }
    record("containing", all)
}

fn record(state: &str, fields: Map<String, Json>) -> Record {
    let id: Id = "0198a7c0-0000-7000-8000-000000000000".parse().unwrap();
    Record {
        id,
        register: "incidents".to_owned(),
        number: "令和8年度事案第1号".to_owned(),
        name: "件名".to_owned(),
        unit: id,
        state: state.to_owned(),
        applicant: None,
        entered_for: None,
        version: 1,
        pack: "1".to_owned(),
        created: Moment(0),
        changed: Moment(0),
        entered: day("2026-11-02"),
        ended: None,
        disposed: None,
        fields,
    }
}

/// Days off of the turn of the years 2025 to 2027, and the holidays that the cases below meet.
const DAYS_OFF: &[&str] = &[
    "2025-12-29",
    "2025-12-30",
    "2025-12-31",
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-05-03",
    "2026-05-04",
    "2026-05-05",
    "2026-05-06",
    "2026-11-03",
    "2026-11-23",
    "2026-12-29",
    "2026-12-30",
    "2026-12-31",
    "2027-01-01",
    "2027-01-02",
    "2027-01-03",
    "2027-01-11",
    "2027-02-11",
    "2027-02-23",
];

fn calendar() -> Workdays {
    Workdays::new(DAYS_OFF.iter().map(|text| day(text)))
}

/// A policy with these days off, and the three networks of a city.
fn policy() -> pack::Pack {
    let mut pack = city::pack();
    pack.calendar.holidays = DAYS_OFF.iter().map(|text| day(text)).collect();
    let zone = |id: &str, handles: &str| Zone {
        id: id.to_owned(),
        name: Text { ja: id.to_owned(), en: None },
        kind: ZoneKind::Inner,
        networks: Vec::new(),
        rest: false,
        handles: vec![handles.to_owned()],
        site: Site::default(),
    };
    pack.zones = vec![zone("mynumber", "my_number"), zone("lgwan", "lgwan"), zone("internet", "internet")];
    pack
}

/// The last day of 確報 for a day of knowing.
fn last(known: &str, wrongful: &str, days_off: &Workdays) -> Day {
    let record = incident(json!({ "known_on": known, "wrongful": wrongful }));
    let clocks = clocks(&record, &[Case::Many], days_off);
    clocks.iter().find(|clock| clock.report == Report::Final).unwrap().last
}

#[test]
fn the_final_report_is_due_on_the_thirtieth_day_or_the_next_working_day() {
    let days_off = calendar();
    for (known, wrongful, due) in [
        // The 30th day with the first counted: a Tuesday.
        ("2026-11-02", "no", "2026-12-01"),
        // It is a Saturday, a Sunday: Monday.
        ("2026-11-06", "no", "2026-12-07"),
        ("2026-11-07", "no", "2026-12-07"),
        // It is a Monday itself.
        ("2026-11-08", "no", "2026-12-07"),
        // 2026-12-31, and 2027-01-01 to 03 are days off (a Thursday to a Sunday): Monday the 4th.
        ("2026-12-02", "no", "2027-01-04"),
        // 2026-12-29 begins the days off at the year's end.
        ("2026-11-30", "no", "2027-01-04"),
        ("2026-11-29", "no", "2026-12-28"),
        // 2027-01-11 is 成人の日, a Monday: Tuesday.
        ("2026-12-13", "no", "2027-01-12"),
        // 2026-05-02 is a Saturday before the holidays from the 3rd to the 6th: Thursday the 7th.
        ("2026-04-03", "no", "2026-05-07"),
        // 60 days where a wrongful purpose is possible: 2026-12-31, so 2027-01-04.
        ("2026-11-02", "yes", "2027-01-04"),
        ("2026-11-06", "yes", "2027-01-04"),
        ("2026-11-07", "yes", "2027-01-05"),
        // Over the end of February in a leap year's neighbour: 2027-03-01, a Monday.
        ("2027-01-31", "no", "2027-03-01"),
        // Not decided yet counts as the shorter one.
        ("2026-11-02", "unknown", "2026-12-01"),
    ] {
        assert_eq!(last(known, wrongful, &days_off), day(due), "known on {known}, wrongful purpose: {wrongful}");
    }
}

#[test]
fn the_preliminary_report_counts_days_off_and_is_never_put_off() {
    let days_off = calendar();
    for (known, aim, last) in [
        ("2026-11-02", "2026-11-04", "2026-11-06"),
        // Friday: the fifth day is a Tuesday, the third a Sunday.
        ("2026-11-06", "2026-11-08", "2026-11-10"),
        // It ends on 2 January and stays there.
        ("2026-12-29", "2026-12-31", "2027-01-02"),
    ] {
        let record = incident(json!({ "known_on": known }));
        let clocks = clocks(&record, &[Case::Many], &days_off);
        let clock = &clocks[0];
        assert_eq!((clock.report, clock.aim, clock.last), (Report::Preliminary, Some(day(aim)), day(last)), "{known}");
    }
}

#[test]
fn a_year_without_a_calendar_puts_nothing_off_and_says_so() {
    let record = incident(json!({ "known_on": "2040-01-05" }));
    let clocks = clocks(&record, &[Case::Many], &calendar());
    let last = &clocks[1];
    assert_eq!(last.last, day("2040-02-03"));
    let why = last.not_put_off.as_ref().unwrap().reason();
    assert!(why.ja.contains("2040年の休日"), "{}", why.ja);
}

#[test]
fn both_laws_have_clocks_of_their_own_and_the_clock_starts_when_it_was_noticed() {
    let record = incident(json!({ "personal": "my_number", "persons": 128 }));
    let judged = judge(&policy(), &record);
    assert_eq!(judged.duty.cases, [Case::Many, Case::NumberMany]);
    let seen: Vec<_> = judged.clocks.iter().map(|clock| (clock.law, clock.report, clock.first)).collect();
    let first = day("2026-11-02");
    assert_eq!(
        seen,
        [
            (Law::PersonalInformation, Report::Preliminary, first),
            (Law::PersonalInformation, Report::Final, first),
            (Law::MyNumber, Report::Preliminary, first),
            (Law::MyNumber, Report::Final, first),
        ]
    );
    assert!(!judged.reportable, "a person decides");
}

#[test]
fn time_left_is_said_by_day() {
    let clock = |done: Option<&str>| Clock {
        law: Law::PersonalInformation,
        report: Report::Final,
        first: day("2026-11-02"),
        aim: None,
        last: day("2026-12-01"),
        not_put_off: None,
        done: done.map(day),
    };
    assert_eq!(clock(None).left(day("2026-11-22")), Left::Days(9));
    assert_eq!(clock(None).left(day("2026-12-01")), Left::Days(0));
    assert_eq!(clock(None).left(day("2026-12-03")), Left::Over(2));
    assert_eq!(clock(Some("2026-12-01")).left(day("2027-01-01")), Left::Done);
    assert_eq!(clock(Some("2026-12-02")).left(day("2027-01-01")), Left::DoneLate(1));
}

/// The slow model: walks day by day and counts.
fn walked(first: Day, wrongful: bool, off: &[Day]) -> Day {
    let mut today = first;
    let mut counted = 1;
    while counted < if wrongful { 60 } else { 30 } {
        today = today.plus_days(1).unwrap();
        counted += 1;
    }
    loop {
        let weekend = ["土", "日"].contains(&["月", "火", "水", "木", "金", "土", "日"][today.weekday() as usize]);
        if !weekend && !off.contains(&today) {
            return today;
        }
        today = today.plus_days(1).unwrap();
    }
}

proptest! {
    #[test]
    fn the_clock_agrees_with_counting_day_by_day(
        start in 0i64..700,
        wrongful: bool,
        off in proptest::collection::vec(0i64..1000, 0..120),
    ) {
        // The calendar knows 2025 to 2028.
        let zero = day("2025-01-01");
        let mut off: Vec<Day> = off.into_iter().map(|n| zero.plus_days(n).unwrap()).collect();
        off.extend([day("2025-01-01"), day("2028-12-31")]);
        let first = zero.plus_days(start).unwrap();
        let known = if wrongful { "yes" } else { "no" };
        let got = last(&first.to_string(), known, &Workdays::new(off.clone()));
        prop_assert_eq!(got, walked(first, wrongful, &off));
    }
}

#[test]
fn the_duty_to_report_follows_the_cases_of_the_laws() {
    for (fields, cases) in [
        (json!({ "persons": 100 }), vec![]),
        (json!({ "persons": 101 }), vec![Case::Many]),
        (json!({ "personal": "sensitive", "persons": 1 }), vec![Case::Sensitive]),
        (json!({ "property": "yes" }), vec![Case::Property]),
        (json!({ "wrongful": "yes" }), vec![Case::Wrongful]),
        (json!({ "personal": "my_number", "persons": 1 }), vec![]),
        (json!({ "personal": "my_number", "wrongful": "yes" }), vec![Case::Wrongful, Case::NumberWrongful]),
        (json!({ "personal": "my_number", "seen_by_many": "yes" }), vec![Case::NumberOpen]),
        (json!({ "personal": "my_number", "number_system": "yes" }), vec![Case::NumberSystem]),
        // Strongly encrypted, or back before anybody saw it: no leak.
        (json!({ "persons": 500, "protected": "encrypted" }), vec![]),
        (json!({ "persons": 500, "protected": "recovered" }), vec![]),
        // Not personal data, or not known to be.
        (json!({ "personal": "none", "persons": 500 }), vec![]),
        (json!({ "personal": "unknown", "persons": 500 }), vec![]),
    ] {
        assert_eq!(duty(&incident(fields.clone())).cases, cases, "{fields}");
    }
    let unknown = incident(json!({ "personal": "unknown", "wrongful": "unknown", "property": "no" }));
    assert_eq!(duty(&unknown).open, ["personal", "wrongful", "persons"]);
}

#[test]
fn severity_is_suggested_from_the_facts() {
    let pack = policy();
    for (fields, level) in [
        (json!({ "kind": "near_miss", "persons": 500 }), Level::L0),
        (json!({ "personal": "none" }), Level::L0),
        (json!({ "kind": "malware", "personal": "none" }), Level::L1),
        (json!({ "personal": "none", "confidentiality": "2" }), Level::L2),
        (json!({ "persons": 3, "protected": "encrypted" }), Level::L2),
        (json!({ "personal": "none", "outage": "degraded" }), Level::L2),
        (json!({ "persons": 100 }), Level::L3),
        (json!({ "personal": "none", "outage": "one" }), Level::L3),
        (json!({ "persons": 101 }), Level::L4),
        (json!({ "personal": "my_number", "persons": 1 }), Level::L4),
        (json!({ "personal": "none", "wrongful": "yes" }), Level::L4),
        (json!({ "personal": "none", "outage": "several" }), Level::L4),
        (json!({ "kind": "ransomware", "personal": "none" }), Level::L5),
        (json!({ "personal": "none", "outage": "citywide" }), Level::L5),
        (json!({ "kind": "access", "personal": "none", "zones": ["lgwan"] }), Level::L5),
        (json!({ "kind": "outage", "personal": "none", "zones": ["lgwan"], "outage": "one" }), Level::L3),
    ] {
        assert_eq!(suggest(&pack, &incident(fields.clone())).level, level, "{fields}");
    }
}

/// Fields and reasons of those who have to be told.
fn told(fields: Json, level: Level) -> Vec<(&'static str, Because)> {
    let record = incident(fields);
    let clocks = judge(&policy(), &record).clocks;
    notices(&policy(), &record, level, &clocks).into_iter().map(|notice| (notice.field, notice.because)).collect()
}

#[test]
fn who_has_to_be_told_follows_from_the_facts() {
    let small = told(json!({ "persons": 1 }), Level::L2);
    assert_eq!(small, [("told_manager_on", Because::Always), ("told_chief_on", Because::Always)]);

    let leak = told(json!({ "persons": 128 }), Level::L4);
    let fields: Vec<_> = leak.iter().map(|(field, _)| *field).collect();
    assert_eq!(
        fields,
        [
            "told_manager_on",
            "told_chief_on",
            "told_ciso_on",
            "told_prefecture_on",
            "told_ministry_on",
            "preliminary_on",
            "final_on",
            "told_persons_on",
            "told_assembly_on",
            "published_on",
        ]
    );

    let attack =
        told(json!({ "kind": "ransomware", "personal": "none", "zones": ["lgwan"], "lgwan_cut": "yes" }), Level::L5);
    for wanted in [
        ("told_jlis_on", Because::Lgwan),
        ("bodies_told_of_cut_on", Because::Cut),
        ("told_jpcert_on", Because::Attack),
        ("told_police_on", Because::Attack),
    ] {
        assert!(attack.contains(&wanted), "{wanted:?} in {attack:?}");
    }
    assert!(
        !attack.iter().any(|(field, _)| *field == "told_cloud_on"),
        "the internet side was not reached: {attack:?}"
    );
    let somewhere = told(json!({ "kind": "ddos", "personal": "none" }), Level::L2);
    assert!(somewhere.contains(&("told_cloud_on", Because::Internet)), "{somewhere:?}");
}

#[test]
fn a_decision_against_a_report_stops_the_clocks_and_one_for_it_starts_them() {
    let pack = policy();
    assert!(judge(&pack, &incident(json!({ "persons": 500, "reportable": "no" }))).clocks.is_empty());
    let decided = judge(&pack, &incident(json!({ "persons": 1, "reportable": "yes" })));
    assert_eq!(decided.clocks.len(), 2);
    assert!(decided.reportable);
}

#[test]
fn stages_follow_the_state_and_go_back_with_it() {
    let all = json!({ "contained_on": "2026-11-03", "recovered_on": "2026-11-04" });
    let standing = |state: &str| {
        let record = record(state, all.as_object().unwrap().clone());
        stages(&record).map(|stage| (stage.standing, stage.finished.is_some()))
    };
    use Standing::{Ahead, Done, Now};
    assert_eq!(standing("reported"), [(Ahead, false), (Ahead, false), (Ahead, false)]);
    assert_eq!(standing("preventing"), [(Done, true), (Done, true), (Now, false)]);
    assert_eq!(standing("containing"), [(Now, false), (Ahead, false), (Ahead, false)]);
    assert_eq!(standing("closed"), [(Done, true), (Done, true), (Done, false)]);
}
