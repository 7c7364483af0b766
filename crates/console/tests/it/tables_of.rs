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
async fn what_a_source_delivered_is_told_in_days_and_names_of_people() {
    let city = City::new().await;
    let mut admin = city.signed_in("admin").await;
    let source = city.pack.sources.iter().find(|source| source.id == "antimalware").unwrap();
    let columns = source.columns.join(",");
    let sent = STANDARD.encode(format!("{columns}\r\n"));
    let here = "/settings/sources/antimalware";
    let answer = admin.post(here, &[("act", "apply"), ("carried", &sent), ("as_of", "2026-11-20")]).await;
    let page = if answer.location.is_empty() { answer.body } else { admin.get(here).await.body };
    assert!(page.contains("令和8年11月20日") && page.contains("小川 真") && page.contains("11月22日 10:"), "{page}");
    assert!(!page.contains("person:") && !page.contains("2026-11-22 10"), "{page}");
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
