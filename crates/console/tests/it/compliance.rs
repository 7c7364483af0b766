//! What the console shows of how the policy is kept.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use assurance::Evaluator;
use axum::http::StatusCode;
use ledger::people::posts::{self, NewPost};
use ledger::people::{accounts, units};
use ledger::permission::{self, Office};
use ledger::{Actor, Moment};

use crate::city::{City, NOW};

/// How many the page says are broken.
fn broken(page: &str) -> i64 {
    let (before, _) = page.split_once("<small>件が未遵守").expect("a number of what is broken");
    before.rsplit('>').next().unwrap().replace(',', "").parse().unwrap()
}

#[tokio::test]
async fn an_asset_that_nobody_reviewed_is_a_finding_until_it_is() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    assert!(head.get("/compliance").await.body.contains("まだ判定していません"), "nothing is kept by silence");
    assert!(
        head.get("/compliance/findings").await.body.contains("判定がまだないため、示せません"),
        "nor found by silence"
    );
    let fields = [
        ("name", "古い台帳"),
        ("kind", "paper"),
        ("confidentiality", "2"),
        ("integrity", "2"),
        ("availability", "1"),
        ("personal", "none"),
        ("origin", "made"),
        ("place", "書庫"),
        ("reviewed_on", "2024-04-01"),
        ("then", "register"),
    ];
    let at = head.post("/registers/assets/new", &fields).await.location;
    let now = Moment(city.now.load(Ordering::SeqCst));
    let mut evaluator = Evaluator::start(&city.ledger, Arc::clone(&city.pack), now).await.unwrap();
    let before = broken(&head.get("/compliance").await.body);
    assert!(head.get("/compliance/findings").await.body.contains("古い台帳"));
    let reviewed = head.post(&format!("{at}/do/review"), &[("version", "2"), ("reviewed_on", "2026-11-20")]).await;
    assert_eq!(reviewed.status, StatusCode::SEE_OTHER, "{}", reviewed.body);
    evaluator.catch_up(&city.ledger, Arc::clone(&city.pack), now).await.unwrap();
    let after = broken(&head.get("/compliance").await.body);
    assert!(after < before, "{after} is not less than {before}");
}

#[tokio::test]
async fn a_section_sees_its_own_findings_and_the_whole_city_is_for_those_who_answer_for_it() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let fields = [
        ("name", "市民課の古い台帳"),
        ("kind", "paper"),
        ("confidentiality", "2"),
        ("integrity", "2"),
        ("availability", "1"),
        ("personal", "none"),
        ("origin", "made"),
        ("place", "書庫"),
        ("reviewed_on", "2024-04-01"),
        ("then", "register"),
    ];
    head.post("/registers/assets/new", &fields).await;
    let now = Moment(city.now.load(Ordering::SeqCst));
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), now).await.unwrap();
    for (login, sees) in [("head", true), ("admin", true), ("taxer", false)] {
        let mut browser = city.signed_in(login).await;
        let page = browser.get("/compliance/findings").await.body;
        assert_eq!(page.contains("市民課の古い台帳"), sees, "{login}");
    }
    assert_eq!(city.signed_in("vendor").await.get("/compliance").await.status, StatusCode::NOT_FOUND);
    let token = city.token("admin", &[]).await;
    let (status, _, summary) = city.api("GET", "/api/v1/assurance/summary", &token, None, None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(summary["counts"]["broken"].as_i64().unwrap() > 0);
    let (_, _, findings) = city.api("GET", "/api/v1/findings?limit=1", &token, None, None).await;
    assert_eq!(findings["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_answers_for_a_bureau_sees_its_sections_and_each_of_them_alone() {
    let city = City::new().await;
    let mut op = city.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
    let all = units::all(&mut op).await.unwrap();
    let unit = |name: &str| all.iter().find(|unit| unit.name == name).unwrap().id;
    let person = accounts::by_login(&mut op, "shomu").await.unwrap().unwrap().person;
    let leave = permission::office(&op, None, Office::People, "give", "post", "bureau").unwrap();
    let (role, from) = ("bureau_security_officer".to_owned(), Moment(NOW).day());
    let post = NewPost { person, role, unit: unit("市民部"), main: false, acting: false, from, to: None };
    posts::give(&mut op, leave, post).await.unwrap();
    op.commit().await.unwrap();
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();

    let mut bureau = city.signed_in("shomu").await;
    let page = bureau.get("/").await.body;
    let (_, table) = page.split_once("部内の課別状況").expect("the sections of the bureau");
    let table = table.split("</table>").next().unwrap();
    assert!(table.contains("市民課") && table.contains("課税課") && !table.contains("情報政策課"), "{table}");
    let of = |name: &str| format!("/compliance/findings?unit={}", unit(name));
    assert!(table.contains(&of("課税課")), "{table}");
    assert!(bureau.get(&of("課税課")).await.body.contains("<p class=\"lead\">課税課　"));

    let mut head = city.signed_in("head").await;
    assert!(!head.get("/").await.body.contains("部内の課別状況"));
    let other = head.get(&of("課税課")).await;
    assert!(other.status == 404 && !other.body.contains("課税課"), "another section is out of reach");
    assert_eq!(bureau.get("/compliance/findings?unit=nobody").await.status, 404);
}

#[tokio::test]
async fn numbers_of_an_earlier_run_say_so_until_the_start_has_evaluated() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let token = city.token("admin", &[]).await;
    let follows = async || city.api("GET", "/api/v1/assurance/summary", &token, None, None).await.2["follows"].clone();
    assert_eq!(follows().await, true);
    city.state.evaluating(Moment(NOW - 86_400_000));
    for page in ["/", "/compliance", "/compliance/findings"] {
        let page = head.get(page).await.body;
        assert!(page.contains("起動後の判定中です") && page.contains("時点のものです"), "{page}");
    }
    assert_eq!(follows().await, false);
    city.state.evaluated(true);
    assert!(!head.get("/compliance").await.body.contains("判定中"));
    assert_eq!(follows().await, true);
    city.state.evaluating(Moment(NOW));
    city.state.evaluated(false);
    assert!(head.get("/compliance").await.body.contains("判定に失敗"), "a start that fails says that it fails");
}

#[tokio::test]
async fn numbers_that_stand_still_say_so() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    assert!(!head.get("/compliance").await.body.contains("判定に失敗"));
    city.state.evaluated(false);
    city.now.fetch_add(300_000, Ordering::SeqCst);
    city.state.evaluated(false);
    let page = head.get("/compliance").await.body;
    assert!(page.contains("10:00から判定に失敗しているため"), "since the first failure: {page}");
    city.state.evaluated(true);
    assert!(!head.get("/compliance").await.body.contains("判定に失敗"));
}
