//! Registers as their users meet them.

use axum::http::StatusCode;

use crate::city::City;

#[tokio::test]
async fn a_record_is_written_found_changed_and_told() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let form = head.get("/registers/assets/new").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    let empty = head.post("/registers/assets/new", &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("か所を直してください"));
}
