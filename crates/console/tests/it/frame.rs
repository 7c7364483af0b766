//! What holds for every page.

use axum::http::StatusCode;

use crate::city::City;

/// Pages that every member of staff may open.
const PAGES: &[&str] = &[
    "/",
    "/documents",
    "/documents/policy",
    "/me",
    "/organisation",
    "/place/assets",
    "/registers/assets",
    "/registers/assets/new",
    "/inbox",
    "/compliance",
    "/compliance/findings",
];

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let city = City::new().await;
    for page in PAGES {
        let answer = city.browser().get(page).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert!(answer.location.starts_with("/signin"), "{page} leads to {}", answer.location);
    }
}

#[tokio::test]
async fn every_page_has_a_strict_policy_the_notice_and_the_incident_phone() {
    let city = City::new().await;
    let mut browser = city.signed_in("staff").await;
    for page in PAGES {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(answer.body.contains("架空のデータ"), "{page} does not say that its data is made up");
        assert!(answer.body.contains("内線 2119"), "{page} lacks the incident phone");
        assert!(!answer.body.contains(" style=") && !answer.body.contains("onclick="), "{page} has something inline");
        assert_eq!(answer.body.matches("<h1").count(), 1, "{page} needs one first heading");
    }
}

/// Requests that hold a snapshot must not wait for those of others: a dozen people who open pages at the same moment all get them.
#[tokio::test]
async fn pages_opened_at_the_same_moment_do_not_wait_for_each_other() {
    let city = City::new().await;
    let browser = city.signed_in("staff").await;
    std::thread::scope(|scope| {
        for reader in 0..12 {
            let mut browser = browser.clone();
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                for page in PAGES.iter().cycle().skip(reader).take(2 * PAGES.len()) {
                    let answer = runtime.block_on(browser.get(page));
                    assert_eq!(answer.status, StatusCode::OK, "{page}: {}", answer.body);
                }
            });
        }
    });
}

#[tokio::test]
async fn what_is_not_there_says_so_and_what_to_do() {
    let city = City::new().await;
    let mut browser = city.signed_in("staff").await;
    for page in ["/nowhere", "/registers/nothing", "/registers/assets/x", "/documents/none", "/organisation/people/1"] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        assert!(answer.body.contains("ページが見つかりません"), "{page}");
    }
}

#[tokio::test]
async fn the_language_is_switched_and_leads_back() {
    let city = City::new().await;
    let mut browser = city.signed_in("staff").await;
    let answer = browser.get("/language?to=en&back=%2Fdocuments").await;
    assert_eq!(answer.location, "/documents");
    assert!(browser.get("/documents").await.body.contains("Rules, procedures, forms"));
    assert_eq!(browser.get("/language?to=ja&back=%2F%2Fevil.example").await.location, "/");
}

#[tokio::test]
async fn a_form_without_its_proof_or_from_elsewhere_is_refused() {
    let city = City::new().await;
    let mut browser = city.signed_in("staff").await;
    let answer = browser.post_with("/signout", "0123", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a_contractor_sees_neither_the_chart_nor_the_procedures() {
    let city = City::new().await;
    let mut browser = city.signed_in("vendor").await;
    assert_eq!(browser.get("/organisation").await.status, StatusCode::NOT_FOUND);
    let procedure =
        city.pack.documents.iter().find(|d| d.audience == pack::model::Audience::Staff).expect("a staff document");
    let body = browser.get(&format!("/documents/{}", procedure.id)).await.body;
    let words: Vec<&str> = procedure.clauses.iter().map(|c| c.body.trim()).filter(|b| b.len() > 60).collect();
    assert!(!words.is_empty());
    for text in words {
        let start: String = text.chars().take(20).collect();
        assert!(!body.contains(&start), "closed text is out: {start}");
    }
    assert!(body.contains("非公開"));
}

#[tokio::test]
async fn a_place_shows_what_concerns_its_reader_in_the_order_of_the_policy() {
    let city = City::new().await;
    let cards = |page: &str| -> Vec<String> {
        let cards = page.split("<a class=\"big\" href=\"/registers/").skip(1);
        cards.map(|card| card.split('"').next().unwrap().to_owned()).collect()
    };
    let mut staff = city.signed_in("staff").await;
    let page = staff.get("/place/requests").await.body;
    assert_eq!(cards(&page).first().map(String::as_str), Some("takeouts"), "{page}");
    assert!(staff.get("/").await.body.contains("<ul class=\"links\"><li><a href=\"/registers/takeouts/new\">"));
    // Nothing there concerns them; the registers can still be opened.
    let page = staff.get("/place/audits").await.body;
    assert!(cards(&page).is_empty() && page.contains("ほかの台帳") && !page.contains("自分が出したもの"), "{page}");
    assert!(
        page.contains("いま、あなたが見るものや申請するものはここにありません") && page.contains("/registers/audits")
    );
    // Who looks after them sees them before there is anything in them.
    let page = city.signed_in("kansa").await.get("/place/audits").await.body;
    let first = ["audit-plans", "audits", "audit-items", "audit-samples", "audit-findings"];
    assert_eq!(cards(&page).get(..5), Some(&first.map(str::to_owned)[..]), "{page}");
}

/// A page that a list leads to opens for whoever is led there.
#[tokio::test]
async fn the_plan_is_offered_to_those_who_may_open_it() {
    let city = City::new().await;
    for (login, may) in [("kansa", true), ("ciso", true), ("staff", false), ("head", false)] {
        let mut browser = city.signed_in(login).await;
        let plan = "/registers/audits/audit-plan";
        assert_eq!(browser.get(plan).await.status == StatusCode::OK, may, "{login}");
        for list in ["/registers/audits", "/registers/audit-plans", "/place/audits"] {
            assert_eq!(browser.get(list).await.body.contains(plan), may, "{login} {list}");
        }
    }
}
