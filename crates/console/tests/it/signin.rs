//! Signing in and out.

use axum::http::StatusCode;

use crate::city::{City, PASSWORD, TOTP};

#[tokio::test]
async fn staff_sign_in_with_a_password_and_out_again() {
    let city = City::new().await;
    let mut browser = city.signed_in("staff").await;
    let home = browser.get("/").await;
    assert!(home.body.contains("髙橋 直"));
    assert_eq!(browser.post("/signout", &[]).await.location, "/signin");
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_read_the_same() {
    let city = City::new().await;
    let mut browser = city.browser();
    browser.get("/signin").await;
    let wrong = browser.post("/signin", &[("login", "staff"), ("password", "wrong")]).await.body;
    let unknown = browser.post("/signin", &[("login", "stuff"), ("password", "wrong")]).await.body;
    assert!(wrong.contains("ログイン名かパスワードが違います"));
    assert_eq!(wrong.replace("value=\"staff\"", ""), unknown.replace("value=\"stuff\"", ""));
}

#[tokio::test]
async fn too_many_failures_lock_the_login_for_a_while() {
    let city = City::new().await;
    let mut browser = city.browser();
    browser.get("/signin").await;
    for _ in 0..5 {
        browser.post("/signin", &[("login", "staff"), ("password", "wrong")]).await;
    }
    let locked = browser.post("/signin", &[("login", "staff"), ("password", PASSWORD)]).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn above_staff_a_password_alone_opens_nothing() {
    let city = City::new().await;
    let mut browser = city.browser();
    browser.get("/signin").await;
    let answer = browser.post("/signin", &[("login", "head"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location, "/signin/second");
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        browser.get("/signin/enrol").await.status,
        StatusCode::SEE_OTHER,
        "a device is not added past the present one"
    );
    let wrong = browser.post("/signin/second", &[("code", "000000")]).await;
    assert!(wrong.body.contains("コードが違う"));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let city = City::new().await;
    let code = console::totp_code(TOTP, crate::city::NOW).unwrap();
    for (nth, expected) in [(0, StatusCode::SEE_OTHER), (1, StatusCode::OK)] {
        let mut browser = city.browser();
        browser.get("/signin").await;
        browser.post("/signin", &[("login", "head"), ("password", PASSWORD)]).await;
        let answer = browser.post("/signin/second", &[("code", &code)]).await;
        assert_eq!(answer.status, expected, "use {nth}");
    }
}

#[tokio::test]
async fn a_word_of_the_printed_list_signs_in_once() {
    let city = City::new().await;
    let mut browser = city.signed_in("head").await;
    let list = browser.post("/me/list", &[]).await.body;
    let words: Vec<&str> = list.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(words.len(), 20);
    for expected in [StatusCode::SEE_OTHER, StatusCode::OK] {
        let mut other = city.browser();
        other.get("/signin").await;
        other.post("/signin", &[("login", "head"), ("password", PASSWORD)]).await;
        assert_eq!(other.post("/signin/second", &[("code", &words[3].to_uppercase())]).await.status, expected);
    }
}
