//! 設定: whose they are, and what they do.

use axum::http::StatusCode;

use crate::city::City;

#[tokio::test]
async fn settings_are_for_those_who_run_the_product() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    for path in [
        "/settings",
        "/settings/packs",
        "/settings/accounts",
        "/settings/people",
        "/settings/retention",
        "/settings/sources",
    ] {
        assert_eq!(head.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!head.get("/organisation").await.body.contains("/settings"));
    let refused = head.post("/settings/accounts", &[("act", "add"), ("code", "10001"), ("login", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = head.post("/settings/people", &[("act", "unit"), ("unit_code", "99"), ("name", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // The CISO decides on policies and disposals, and gives nobody an account.
    let mut ciso = city.signed_in("ciso").await;
    assert_eq!(ciso.get("/settings").await.location, "/settings/packs");
    assert_eq!(ciso.get("/settings/retention").await.status, StatusCode::OK);
    assert_eq!(ciso.get("/settings/accounts").await.status, StatusCode::NOT_FOUND);
    let propose = ciso.post("/settings/retention", &[("act", "propose"), ("record", ""), ("reason", "x")]).await;
    assert_eq!(propose.status, StatusCode::FORBIDDEN);
    let nobody = city.browser().get("/settings/packs").await;
    assert_eq!(nobody.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_person_comes_with_a_day_and_a_post_ends_with_one() {
    let city = City::new().await;
    let mut admin = city.signed_in("admin").await;
    let page = admin.get("/settings/people").await;
    assert_eq!(page.status, StatusCode::OK);
    let (before, _) = page.body.split_once("\">21 市民課</option>").expect("the unit is offered");
    let unit = before.rsplit('"').next().unwrap().to_owned();
    let person =
        [("act", "person"), ("code", "20001"), ("name", "髙橋 花"), ("category", "full_time"), ("unit", &unit)];
    let person = [&person[..], &[("kana", ""), ("mail", ""), ("from", "2026-11-01"), ("to", "")]].concat();
    assert_eq!(admin.post("/settings/people", &person).await.location, "/settings/people?code=20001");
    let give = [("act", "give"), ("code", "20001"), ("role", "section_deputy"), ("unit", &unit)];
    let give = [&give[..], &[("from", "2026-11-01"), ("to", "")]].concat();
    admin.post("/settings/people", &give).await;
    let page = admin.get("/settings/people?code=20001").await.body;
    assert!(page.contains("髙橋 花") && page.contains("代決者</td><td>市民課"), "{page}");
    let (_, after) = page.split_once("代決者</td><td>市民課").unwrap();
    let id = after.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let end = [("act", "end"), ("code", "20001"), ("id", &id), ("to", "2026-11-30")];
    admin.post("/settings/people", &end).await;
    let page = admin.get("/settings/people?code=20001").await.body;
    assert!(page.contains("令和8年11月30日"), "{page}");
    // A wrong day is said, and nothing is recorded.
    let wrong = [&give[..4], &[("from", "きのう")]].concat();
    admin.post("/settings/people", &wrong).await;
    assert!(admin.get("/settings/people?code=20001").await.body.contains("2027-04-01"));
}
