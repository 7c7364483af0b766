//! The JSON API as scripts meet it.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use crate::city::City;

fn asset() -> Json {
    json!({ "fields": { "name": "住民票の控え", "kind": "paper", "confidentiality": "2", "integrity": "2", "availability": "1",
        "personal": "none", "origin": "made", "place": "書庫", "reviewed_on": "2026-11-01" } })
}

const RECORDS: &str = "/api/v1/registers/assets/records";

#[tokio::test]
async fn a_record_is_created_read_and_changed_with_its_version() {
    let city = City::new().await;
    let token = city.token("head", &[]).await;
    let (status, etag, made) = city.api("POST", RECORDS, &token, None, Some(asset())).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(etag, "\"1\"");
    let one = format!("{RECORDS}/{}", made["id"].as_str().unwrap());
    let change = json!({ "fields": { "place": "地下書庫" } });
    assert_eq!(city.api("PATCH", &one, &token, None, Some(change.clone())).await.0, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(
        city.api("PATCH", &one, &token, Some("\"7\""), Some(change.clone())).await.0,
        StatusCode::PRECONDITION_FAILED
    );
    let (status, etag, changed) = city.api("PATCH", &one, &token, Some("\"1\""), Some(change)).await;
    assert_eq!(
        (status, etag.as_str(), changed["fields"]["place"].as_str()),
        (StatusCode::OK, "\"2\"", Some("地下書庫"))
    );
    let (_, _, moved) = city.api("POST", &format!("{one}/transitions/register"), &token, None, None).await;
    assert_eq!(moved["state"], "live", "{moved}");
    let (_, _, list) = city.api("GET", &format!("{RECORDS}?limit=1&state=live"), &token, None, None).await;
    assert_eq!((list["total"].as_i64(), list["total_capped"].as_bool()), (Some(1), Some(false)));
    assert_eq!(list["items"][0]["id"], made["id"]);
}

#[tokio::test]
async fn what_is_wrong_is_a_problem_that_names_the_field() {
    let city = City::new().await;
    let token = city.token("head", &[]).await;
    for (body, field) in [
        (json!({ "fields": { "name": 3 } }), "name"),
        (json!({ "fields": { "confidentiality": "9Z" } }), "confidentiality"),
        (json!({ "fields": { "nothing": "x" } }), "nothing"),
        (json!({ "fields": { "name": "a\u{202e}b" } }), "name"),
        (json!({ "fields": { "name": "a\u{0}b" } }), "name"),
        (json!({ "fields": [1] }), "fields"),
    ] {
        let (status, _, problem) = city.api("POST", RECORDS, &token, None, Some(body.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body} {problem}");
        let named = problem["field"] == field
            || problem["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["field"] == field));
        assert!(named, "{body}: {problem}");
    }
    let (_, _, list) = city.api("GET", RECORDS, &token, None, None).await;
    assert_eq!(list["total"], 0, "nothing was written");
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    let city = City::new().await;
    let reader = city.token("head", &["read"]).await;
    assert_eq!(city.api("GET", RECORDS, &reader, None, None).await.0, StatusCode::OK);
    assert_eq!(city.api("POST", RECORDS, &reader, None, Some(asset())).await.0, StatusCode::FORBIDDEN);
    let narrow = city.token("head", &["write:media"]).await;
    assert_eq!(city.api("POST", RECORDS, &narrow, None, Some(asset())).await.0, StatusCode::FORBIDDEN);
    assert_eq!(city.api("GET", RECORDS, "sekimori_wrong", None, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(city.api("GET", "/api/v1/journal?after=0", &reader, None, None).await.0, StatusCode::FORBIDDEN);
    let auditor = city.token("auditor", &[]).await;
    let (status, _, journal) = city.api("GET", "/api/v1/journal?after=0", &auditor, None, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(journal["items"][0]["seq"], 1);
}

#[tokio::test]
async fn the_description_names_every_path() {
    let city = City::new().await;
    let (status, _, described) = city.api("GET", "/api/openapi.json", "", None, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(described["openapi"], "3.1.0");
    assert!(described["paths"]["/api/v1/registers/{register}/records"]["post"].is_object());
}
