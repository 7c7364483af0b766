//! What the console shows of how the policy is kept.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use assurance::Evaluator;
use axum::http::StatusCode;
use ledger::Moment;

use crate::city::City;

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
