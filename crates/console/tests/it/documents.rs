//! The documents, and the way from the texts behind them.

use axum::http::StatusCode;

use crate::city::City;

#[tokio::test]
async fn from_a_sentence_of_the_source_to_clause_state_and_screen() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let list = head.get("/documents").await.body;
    assert!(list.contains(r#"href="/crosswalk/source-policy""#), "the list of documents leads there");
    let page = head.get("/crosswalk/source-policy?q=%E6%8C%81%E3%81%A1%E5%87%BA%E3%81%97").await.body;
    for part in ["2.3イ[1]", r#"href="/documents/standard/take-out""#, r#"href="/registers/takeouts""#] {
        assert!(page.contains(part), "{part} is missing");
    }
    assert!(!page.contains("2.6(3)イ[1]"), "the filter leaves out what does not fit");
    assert!(head.get("/crosswalk/source-policy?q=zzz").await.body.contains("当てはまる項目はありません"));
    assert_eq!(head.get("/crosswalk/nothing").await.status, StatusCode::NOT_FOUND);
    assert!(head.get("/documents/standard/take-out").await.body.contains(r#"href="/registers/takeouts""#));
}

#[tokio::test]
async fn a_contractor_finds_no_way_to_states() {
    let city = City::new().await;
    let mut vendor = city.signed_in("vendor").await;
    assert!(!vendor.get("/documents").await.body.contains("/crosswalk/"));
    assert_eq!(vendor.get("/crosswalk/source-policy").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_public_edition_and_who_has_not_adopted_it() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    assert!(staff.get("/documents").await.body.contains(r#"href="/publication""#));
    let page = staff.get("/publication").await.body;
    assert!(page.contains("農業委員会") && page.contains("策定の記録がありません"), "{page}");
    assert!(page.contains("会計室"), "a body that another's adoption covers");
    let sheet = staff.get("/publication/publication.html").await;
    let disposition = sheet.headers.get("content-disposition").unwrap().to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert!(sheet.body.contains("第244条の6") && sheet.body.contains("研修を受けた職員"), "{}", sheet.body);
    let closed = staff.get("/publication/procedure-accounts.html").await.body;
    assert!(closed.contains("（非公開）") && closed.len() < 4000, "a procedure is its title and the reason");
    assert_eq!(staff.get("/publication/../demo.json").await.status, StatusCode::NOT_FOUND);
    assert_eq!(staff.get("/publication/nothing.html").await.status, StatusCode::NOT_FOUND);
}
