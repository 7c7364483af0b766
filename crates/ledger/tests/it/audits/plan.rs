//! The plan: what is missing turns with the fiscal year, on 1 April.

use ledger::Id;
use ledger::kinds::audit::{Covering, Gap, Line, Standing, Subject, Target, What, grid};

use crate::city::day;

fn id(number: u128) -> Id {
    Id::from_number(number)
}

fn covering(key: &str, starts_on: &str, standing: Standing) -> Covering {
    Covering {
        audit: id(1),
        number: "令和8年度監査第1号".to_owned(),
        starts_on: day(starts_on),
        standing,
        targets: vec![Target::new(What::Unit, key)],
    }
}

fn gap_of(lines: &[&str], audits: &[Covering], today: &str) -> Option<Gap> {
    let subject = Subject { target: Target::new(What::Unit, "0301"), label: "市民課".to_owned(), id: Some(id(9)) };
    let lines: Vec<Line> = lines.iter().map(|line| Line::parse(line).unwrap()).collect();
    grid(&[subject], &lines, audits, 2026, day(today))[0].gap
}

#[test]
fn what_is_missing_turns_with_the_fiscal_year() {
    let planned = "2026年度　所属　0301　市民課　10月";
    assert_eq!(gap_of(&[], &[], "2026-11-22"), Some(Gap::Unplanned));
    assert_eq!(gap_of(&["除外　所属　0301　市民課　廃止の予定"], &[], "2026-11-22"), None);
    assert_eq!(gap_of(&[planned], &[], "2026-04-01"), Some(Gap::Unprepared(2026)));
    assert_eq!(gap_of(&[planned], &[], "2027-03-31"), Some(Gap::Unprepared(2026)), "the last day of the year");
    assert_eq!(gap_of(&[planned], &[], "2027-04-01"), Some(Gap::Missed(2026)), "the year is over");
    assert_eq!(gap_of(&[planned], &[], "2026-03-31"), None, "the year has not begun");
    let audit = |day, standing| [covering("0301", day, standing)];
    assert_eq!(gap_of(&[planned], &audit("2027-03-31", Standing::Proposed), "2027-03-31"), None);
    assert_eq!(
        gap_of(&[planned], &audit("2027-03-31", Standing::Planned), "2027-04-01"),
        Some(Gap::Missed(2026)),
        "planned is not done"
    );
    assert_eq!(gap_of(&[planned], &audit("2027-03-31", Standing::Running), "2027-04-01"), None);
    assert_eq!(gap_of(&[planned], &audit("2026-03-31", Standing::Done), "2027-04-01"), Some(Gap::Missed(2026)));
    assert_eq!(gap_of(&[planned], &audit("2027-04-01", Standing::Done), "2027-05-01"), None, "late, and done");
    assert_eq!(gap_of(&[], &audit("2028-10-01", Standing::Planned), "2026-11-22"), None, "meant without a line");
    assert_eq!(gap_of(&[], &audit("2029-04-01", Standing::Planned), "2026-11-22"), Some(Gap::Unplanned));
    assert_eq!(gap_of(&["2029年度　所属　0301　市民課"], &[], "2026-11-22"), Some(Gap::Unplanned), "outside the plan");
}

#[test]
fn a_row_has_the_last_audit_and_each_year() {
    let subject = Subject { target: Target::new(What::Unit, "0301"), label: "市民課".to_owned(), id: None };
    let audits = [
        covering("0301", "2024-10-01", Standing::Done),
        covering("0301", "2027-03-31", Standing::Running),
        covering("0301", "2027-04-01", Standing::Planned),
        covering("0302", "2027-04-01", Standing::Done),
    ];
    let lines = [Line::parse("2027年度　所属　0301　市民課　春").unwrap()];
    let row = &grid(&[subject], &lines, &audits, 2026, day("2027-03-31"))[0];
    assert_eq!(row.last, Some(1), "under way counts, planned does not");
    let years: Vec<(Option<&str>, &[usize])> =
        row.cells.iter().map(|cell| (cell.planned.as_deref(), cell.audits.as_slice())).collect();
    assert_eq!(years, [(None, &[1][..]), (Some("春"), &[2][..]), (None, &[][..])]);
}
