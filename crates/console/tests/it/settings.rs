//! 設定: whose they are, and what they do.

use axum::http::StatusCode;

use crate::city::City;

#[tokio::test]
async fn settings_are_for_those_who_run_the_product() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    for path in ["/settings", "/settings/packs", "/settings/accounts", "/settings/retention", "/settings/sources"] {
        assert_eq!(head.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!head.get("/organisation").await.body.contains("/settings"));
    let refused = head.post("/settings/accounts", &[("act", "add"), ("code", "10001"), ("login", "x")]).await;
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
