//! What expressions say of recorded things.

use pack::expr::{Expect, Outcome, Subject, Type, Value};

use super::city::{TODAY, compile, day, record, sample, test, value};

fn holds(source: &str) {
    let (records, asset) = sample();
    assert_eq!(test("assets", source, &records, &asset), Outcome::True, "{source}");
}

fn fails(source: &str) {
    let (records, asset) = sample();
    assert_eq!(test("assets", source, &records, &asset), Outcome::False, "{source}");
}

fn is(source: &str, expected: Value) {
    let (records, asset) = sample();
    assert_eq!(value("assets", source, &records, &asset), Ok(expected), "{source}");
}

#[test]
fn the_examples_of_the_design_hold() {
    holds("record.state == 'live' && at_least(record.confidentiality, '2')");
    holds("has(record.reviewed_on) && record.reviewed_on > today - days(365)");
    holds("at_least(record.confidentiality, '3A')");
}

#[test]
fn values_of_every_type_compare() {
    holds("record.kind == 'electronic' && record.kind != 'paper'");
    holds("record.state in ['live', 'gone'] && !(record.state in ['draft'])");
    holds("'tax' in record.tags && !('open' in record.tags)");
    holds("record.zone == 'mynumber'");
    holds("record.applicant in record.readers");
    holds("has(record.keeper) && record.keeper != record.applicant");
    holds("record.shared && record.copies >= 3 && record.copies * 2 - 1 == 5 && record.copies % 2 == 1");
    holds("record.created_on == '2025-04-01' && '2025-03-31' < record.created_on");
    holds("record.name == '住民基本台帳' && size(record.name) == 6");
    fails("record.confidentiality == '3B'");
    holds("record.confidentiality == (record.shared ? '3A' : '1')");
}

#[test]
fn days_are_counted_and_moved() {
    is("today", Value::Day(day(TODAY)));
    is("today - record.created_on", Value::Int(600));
    holds("today - record.created_on > days(599) && today - record.created_on <= days(300) + days(300)");
    is("record.created_on + months(12)", Value::Day(day("2026-04-01")));
    is("'2026-01-31' == today ? today : today - months(9)", Value::Day(day("2026-02-22")));
    is("fiscal_year(today)", Value::Int(2026));
    is("fiscal_year_start(today)", Value::Day(day("2026-04-01")));
    is("fiscal_year_start(fiscal_year(today) - 1)", Value::Day(day("2025-04-01")));
    is("record.due", Value::Day(day("2026-11-30")));
    fails("record.late");
}

#[test]
fn lists_are_gone_through() {
    holds("record.takeouts.exists(t, t.state == 'out')");
    fails("record.takeouts.all(t, has(t.returned_on) && t.returned_on <= t.return_by)");
    is("size(record.takeouts)", Value::Int(3));
    is("record.takeouts.filter(t, t.state == 'returned').size()", Value::Int(2));
    is("record.takeouts.latest(t, t.returned_on)", Value::Subject(record("takeouts", 2)));
    holds(
        "has(record.takeouts.latest(t, t.returned_on)) && \
         record.takeouts.latest(x, x.returned_on).return_by > '2026-09-30'",
    );
    holds("record.unit.posts.exists(p, p.role == 'section_manager' && p.from <= today)");
    holds("record.unit.media.all(m, m.locked)");
    holds("record.takeouts.exists(t, record.takeouts.exists(u, u != t && u.state == t.state))");
    fails("has(record.backups)");
    holds("has(record.tags)");
}

#[test]
fn an_empty_list_has_no_latest_element() {
    let (records, _) = sample();
    let other = record("assets", 9);
    let source = "has(record.takeouts.latest(t, t.return_by))";
    assert_eq!(test("assets", source, &records, &other), Outcome::False);
    assert_eq!(test("assets", "record.takeouts.all(t, t.state == 'out')", &records, &other), Outcome::True);
}

#[test]
fn paths_follow_references() {
    is("record.unit.name", Value::text("市民課"));
    holds("has(record.medium) && record.medium.kind == 'usb'");
    holds("has(record.medium.home) && record.medium.home.name == '市民課'");
    is("record.label", Value::text("USB-001"));
    let (records, _) = sample();
    let takeout = record("takeouts", 3);
    let overdue = "record.asset.due < today || record.return_by < today";
    assert_eq!(test("takeouts", overdue, &records, &takeout), Outcome::True);
    assert_eq!(
        test("units", "unit.staff.exists(p, p.name == '関守 花子')", &records, &Subject::Unit(1)),
        Outcome::True
    );
    assert_eq!(test("people", "size(person.readable) == 1", &records, &Subject::Person(1)), Outcome::True);
    assert_eq!(
        test("people", "person.posts.exists(p, p.role == 'ciso')", &records, &Subject::Person(2)),
        Outcome::False
    );
    assert_eq!(test("city", "city.assets.all(a, a.unit.name != '')", &records, &Subject::Municipality), Outcome::True);
}

#[test]
fn a_guard_counts_where_it_leads() {
    for source in [
        "!has(record.reviewed_on) || record.reviewed_on < today",
        "has(record.reviewed_on) ? record.reviewed_on < today : record.shared",
        "!has(record.reviewed_on) ? record.shared : record.reviewed_on < today",
        "!(!has(record.reviewed_on) || record.copies > 1) && record.reviewed_on < today",
        "(has(record.reviewed_on) && record.shared || has(record.reviewed_on) && record.copies > 1) && record.reviewed_on < today",
        "has(record.reviewed_on) && (record.shared || record.reviewed_on < today) && record.reviewed_on < today",
        "has(record.medium.home) && record.medium.locked",
        "record.takeouts.all(t, !has(t.returned_on) || t.returned_on <= today)",
        "!has(record.keeper) || record.takeouts.all(t, t.applicant != record.keeper)",
    ] {
        assert!(compile("assets", source, Type::Bool.into()).is_ok(), "{source}");
    }
    for source in [
        "record.reviewed_on < today",
        "has(record.reviewed_on) || record.reviewed_on < today",
        "record.reviewed_on < today && has(record.reviewed_on)",
        "!has(record.reviewed_on) && record.reviewed_on < today",
        "(has(record.reviewed_on) || record.shared) && record.reviewed_on < today",
        "!(has(record.reviewed_on) && record.shared) || !has(record.medium) || record.medium.checked_on < today",
        "has(record.reviewed_on) ? record.shared : record.reviewed_on < today",
        "record.takeouts.exists(t, has(t.returned_on)) && record.takeouts.exists(t, t.returned_on < today)",
        "has(record.medium) && record.medium.checked_on < today",
        "has(record.takeouts.filter(t, t.returned_on < today))",
        "record.availability == '1'",
        "size(record.place) > 1",
        "record.reviewed_on + days(365) < today",
        "has(record.medium) && record.medium.checked_on + months(1) < today",
        "today - record.reviewed_on > days(3)",
    ] {
        let errors = compile("assets", source, Type::Bool.into()).expect_err(source);
        assert!(errors.iter().all(|error| error.code == "expr-unguarded"), "{source}: {errors:?}");
    }
}

#[test]
fn what_holds_in_the_condition_needs_no_second_guard() {
    let schema = super::city::schema();
    let scope = schema.scope(&super::city::subjects("assets")).expect("a scope");
    let applies = "has(record.reviewed_on) && record.shared";
    let applies = pack::expr::Expr::compile(applies, &super::city::site(applies), &scope, Type::Bool).expect("applies");
    let holds = "record.reviewed_on < today";
    let site = super::city::site(holds);
    assert!(pack::expr::Expr::compile(holds, &site, &scope, Type::Bool).is_err());
    assert!(pack::expr::Expr::compile(holds, &site, &scope.given(&applies), Type::Bool).is_ok());
}

#[test]
fn an_optional_result_is_allowed_where_it_is_asked_for() {
    let optional = |source: &str| compile("assets", source, Expect::or_empty(Type::Day)).map(|expr| expr.is_optional());
    assert_eq!(optional("record.reviewed_on"), Ok(true));
    assert_eq!(optional("record.created_on"), Ok(false));
    assert!(compile("assets", "record.reviewed_on", Expect::exactly(Type::Day)).is_err());
    assert_eq!(optional("record.reviewed_on + days(365)"), Ok(true));
    assert_eq!(optional("months(1) + record.reviewed_on"), Ok(true));
    assert!(optional("record.shared ? today - (today - record.reviewed_on) : today").is_err());
    assert_eq!(optional("record.shared ? record.created_on : null"), Ok(true));
}

#[test]
fn what_cannot_be_known_is_said_with_its_reason() {
    let (mut records, asset) = sample();
    records.fields.remove(&(asset.clone(), "copies".to_owned()));
    let reason = |source: &str| match test("assets", source, &records, &asset) {
        Outcome::Unknown(unknown) => unknown.reason().ja.clone(),
        known => format!("{known:?}"),
    };
    // The field is required, but the record is older than the requirement.
    assert_eq!(reason("record.copies > 1"), "「部数」が未入力です");
    assert_eq!(reason("record.copies > 1 && record.shared"), "「部数」が未入力です");
    assert_eq!(reason("record.copies > 1 && !record.shared"), "False");
    assert_eq!(reason("record.copies > 1 || record.shared"), "True");
    assert_eq!(reason("record.entered_on + days(3) > today"), "「現在の状態になった日」が未入力です");
    assert_eq!(reason("1 / (3 - 3) == 1"), "計算の結果が扱える範囲を超えます");
    assert_eq!(reason("today + days(9000000000) > today"), "計算の結果が扱える範囲を超えます");
    assert_eq!(reason("workdays_between(record.created_on, today) > 3"), "2025年の休日が暦に登録されていません");
    let stale = Subject::Fact { source: "terminals".into(), row: 404 };
    let Outcome::Unknown(unknown) = test("facts", "has(fact.user)", &records, &stale) else { panic!("known") };
    assert_eq!(unknown.reason().pick(true), "the list of terminals is stale");
}

#[test]
fn a_value_of_another_type_than_its_field_makes_the_result_unknown() {
    let (mut records, asset) = sample();
    records.set(&asset, "copies", Value::text("三部"));
    records.set(&asset, "kind", Value::Int(1));
    records.set(&asset, "tags", Value::Bool(true));
    for source in ["record.copies > 1", "record.kind == 'paper'", "'tax' in record.tags", "record.copies + 1 == 2"] {
        assert!(matches!(test("assets", source, &records, &asset), Outcome::Unknown(_)), "{source}");
    }
}

#[test]
fn going_through_too_many_elements_ends() {
    let (mut records, asset) = sample();
    records.set(&asset, "tags", Value::list(vec![Value::choice("tax"); 1100]));
    let source = "record.tags.all(a, record.tags.all(b, a == b))";
    let outcome = test("assets", source, &records, &asset);
    let Outcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
    assert!(unknown.reason().ja.contains("多すぎます"), "{unknown:?}");
}
