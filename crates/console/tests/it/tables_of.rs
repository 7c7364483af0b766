//! Lists as files, and files into registers and data sources.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::city::City;

const HEAD: &str = "name,kind,confidentiality,integrity,availability,personal,origin,place,reviewed_on";

#[tokio::test]
async fn a_table_is_checked_taken_in_and_written_again() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let page = head.get("/registers/assets/import").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let send = |rows: &str| STANDARD.encode(format!("{HEAD}\r\n{rows}"));

    let wrong = send("文書つづり,paper,9Z,2,1,none,made,書庫,令和8年11月1日\r\n");
    let answer = head.post("/registers/assets/import", &[("act", "apply"), ("carried", &wrong)]).await;
    assert!(answer.body.contains("<td class=\"nowrap\">C2</td>"), "{}", answer.body);
    assert!(head.get("/registers/assets").await.body.contains("0件"), "nothing is written");

    let good = send("文書つづり,paper,2,2,1,none,made,書庫,令和8年11月1日\r\n");
    let answer = head.post("/registers/assets/import", &[("act", "check"), ("carried", &good)]).await;
    assert!(answer.body.contains("name=\"carried\""), "{}", answer.body);
    assert!(head.get("/registers/assets").await.body.contains("0件"), "a check writes nothing");
    let answer = head.post("/registers/assets/import", &[("act", "apply"), ("carried", &good)]).await;
    assert_eq!(answer.location, "/registers/assets", "{}", answer.body);

    let file = head.get("/registers/assets/export?form=csv").await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("assets.csv"));
    assert!(file.body.contains("文書つづり") && file.body.contains("2026-11-01"), "{}", file.body);
    let none = head.get("/registers/assets/export?form=csv&q=%E3%81%AA%E3%81%84").await.body;
    assert!(!none.contains("文書つづり"), "the filter counts: {none}");
}

#[tokio::test]
async fn only_those_who_may_deliver_a_source_see_its_page() {
    let city = City::new().await;
    let source = city.pack.sources.first().unwrap().id.clone();
    let page = format!("/settings/sources/{source}");
    assert_eq!(city.signed_in("staff").await.get(&page).await.status, StatusCode::FORBIDDEN);
    let answer = city.browser().get(&page).await;
    assert!(answer.location.starts_with("/signin"));
}
