//! What the journal says of those who come in and of those who look: never what they typed.

use axum::http::StatusCode;
use ledger::journal::{self, About, Entry};
use ledger::people::accounts;
use ledger::{Actor, Moment};

use crate::city::{ASSET, City, NOW, PASSWORD, number};

/// An asset of this class whose name searches find.
fn asset(class: &'static str) -> Vec<(&'static str, &'static str)> {
    [&[("name", "相談記録"), ("confidentiality", class)], ASSET].concat()
}

async fn entries(city: &City) -> Vec<Entry> {
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    let verdict = journal::verify(&mut reading, None).await.unwrap();
    assert_eq!(verdict.problems, []);
    let last = journal::last(&mut reading).await.unwrap();
    let mut all = Vec::new();
    while i64::try_from(all.len()).unwrap() < last {
        let after = i64::try_from(all.len()).unwrap();
        all.extend(journal::entries(&mut reading, About::Everything, after, 1000).await.unwrap());
    }
    all
}

/// The acts of this kind, with who did them and to what, from an entry on.
fn acts(entries: &[Entry], from: usize, kind: &str) -> Vec<(String, String, String)> {
    let of_kind = entries.iter().skip(from).filter(|entry| entry.kind == kind);
    of_kind.map(|entry| (entry.act.clone(), entry.actor.clone(), entry.subject.clone())).collect()
}

async fn account(city: &City, login: &str) -> accounts::Account {
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    accounts::by_login(&mut reading, login).await.unwrap().unwrap()
}

#[tokio::test]
async fn sign_ins_their_failures_locks_and_ends_are_entries_without_a_secret() {
    let city = City::new().await;
    let before = entries(&city).await.len();
    let (staff, head) = (account(&city, "staff").await, account(&city, "head").await);
    let mut browser = city.browser();
    browser.get("/signin").await;
    // A password typed into the wrong field is not to be found later.
    browser.post("/signin", &[("login", "my-secret-password-typed-here"), ("password", "x")]).await;
    for _ in 0..5 {
        browser.post("/signin", &[("login", "head"), ("password", "wrong-horse-battery")]).await;
    }
    let locked = browser.post("/signin", &[("login", "head"), ("password", PASSWORD)]).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    let mut staff_browser = city.signed_in("staff").await;
    staff_browser.post("/signout", &[]).await;
    let all = entries(&city).await;
    let machine = || "machine:sign-in".to_owned();
    let (failed, locked) = ("sign-in-failed".to_owned(), "sign-in-locked".to_owned());
    let (head, staff_id) = (head.id.to_string(), staff.id.to_string());
    let me = format!("person:{}", staff.person);
    let mut expected = vec![(failed.clone(), machine(), String::new())];
    expected.extend(std::iter::repeat_n((failed, machine(), head.clone()), 4));
    expected.push((locked, machine(), head));
    expected.push(("sign-in".to_owned(), me.clone(), staff_id.clone()));
    expected.push(("sign-out".to_owned(), me, staff_id));
    assert_eq!(acts(&all, before, "account"), expected);
    let text: String = all.iter().map(|entry| String::from_utf8(entry.to_bytes()).unwrap()).collect();
    for secret in ["my-secret-password-typed-here", "wrong-horse-battery", PASSWORD] {
        assert!(!text.contains(secret), "{secret} is in the journal");
    }
}

#[tokio::test]
async fn a_second_factor_that_fails_is_an_entry_and_a_full_sign_in_is_one() {
    let city = City::new().await;
    let before = entries(&city).await.len();
    let mut browser = city.browser();
    browser.get("/signin").await;
    browser.post("/signin", &[("login", "head"), ("password", PASSWORD)]).await;
    assert_eq!(entries(&city).await.len(), before, "a password alone signs nobody in");
    browser.post("/signin/second", &[("code", "000000")]).await;
    city.signed_in("head").await;
    let acts: Vec<String> = acts(&entries(&city).await, before, "account").into_iter().map(|(act, ..)| act).collect();
    assert_eq!(acts, ["sign-in-failed", "sign-in"]);
}

#[tokio::test]
async fn a_list_that_shows_names_of_the_highest_class_is_one_entry_with_its_count() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    head.post("/registers/assets/new", &asset("2")).await;
    let lists = |all: &[Entry], from: usize| -> Vec<(String, String)> {
        let lists = all.iter().skip(from).filter(|entry| entry.act == "list");
        lists.map(|entry| (entry.kind.clone(), entry.note["count"].to_string())).collect()
    };
    let from = entries(&city).await.len();
    head.get("/registers/assets").await;
    assert_eq!(lists(&entries(&city).await, from), [], "nothing of the highest class is shown");
    let secret = head.post("/registers/assets/new", &asset("3A")).await.location;
    let number = number(&head.get(&secret).await.body);
    let mut staff = city.signed_in("staff").await;
    let out = [("asset", number.as_str()), ("how", "paper"), ("purpose", "照合"), ("destination", "東支所")];
    let out = [&out[..], &[("transport", "official_car"), ("carriers", "髙橋直"), ("out_on", "2026-11-24")]].concat();
    let made = staff.post("/registers/takeouts/new", &[out, vec![("return_by", "2026-11-27")]].concat()).await;
    assert!(made.location.starts_with("/registers/takeouts/"), "{}", made.body);
    let from = entries(&city).await.len();
    head.get("/registers/assets").await;
    staff.get("/registers/takeouts").await;
    head.get("/search?q=%E7%9B%B8%E8%AB%87").await;
    head.get("/pick/records/assets?asset=%E7%9B%B8").await;
    let shown = lists(&entries(&city).await, from);
    let one = |kind: &str| (kind.to_owned(), "1".to_owned());
    assert_eq!(
        shown,
        [one("assets"), one("takeouts"), one("assets"), one("assets")],
        "list, what refers to it, search"
    );
    let mut auditor = city.signed_in("auditor").await;
    let from = entries(&city).await.len();
    auditor.get("/registers/assets").await;
    assert_eq!(lists(&entries(&city).await, from), [("assets".to_owned(), "2".to_owned())], "an auditor's every line");
    let journal = auditor.get("/journal").await.body;
    assert!(journal.contains("一覧の閲覧"));
    head.post(&format!("{secret}/do/register"), &[("version", "1")]).await;
    let journal = auditor.get("/journal").await.body;
    assert!(journal.contains("「下書き」から") && !journal.contains("draft"), "states have their names: {journal}");
}

#[tokio::test]
async fn reads_of_the_highest_class_and_reads_by_auditors_are_entries() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let plain = head.post("/registers/assets/new", &asset("2")).await.location;
    let secret = head.post("/registers/assets/new", &asset("3A")).await.location;
    assert!(secret.starts_with("/registers/assets/"), "{secret}");
    let person = format!("person:{}", account(&city, "head").await.person);
    let auditor = format!("person:{}", account(&city, "auditor").await.person);
    let id = |at: &str| at.rsplit('/').next().unwrap().to_owned();
    let reads = |all: &[Entry], from: usize| -> Vec<(String, String)> {
        acts(all, from, "assets")
            .into_iter()
            .filter(|(act, ..)| act == "read")
            .map(|(_, who, what)| (who, what))
            .collect()
    };
    let from = entries(&city).await.len();
    head.get(&plain).await;
    assert_eq!(reads(&entries(&city).await, from), [], "an ordinary read of one's own section");
    head.get(&secret).await;
    head.get(&format!("{secret}/print")).await;
    let token = city.token("head", &[]).await;
    let api = format!("/api/v1/registers/assets/records/{}", id(&secret));
    assert_eq!(city.api("GET", &api, &token, None, None).await.0, StatusCode::OK);
    assert_eq!(city.api("GET", "/api/v1/registers/assets/records", &token, None, None).await.0, StatusCode::OK);
    let mine = (person.clone(), id(&secret));
    assert_eq!(reads(&entries(&city).await, from), vec![mine; 4], "page, form, record and list of the API");
    // Whoever may not see it leaves no entry; an auditor leaves one for anything.
    let from = entries(&city).await.len();
    assert_eq!(city.signed_in("taxer").await.get(&secret).await.status, StatusCode::NOT_FOUND);
    assert_eq!(reads(&entries(&city).await, from), []);
    let mut browser = city.signed_in("auditor").await;
    browser.get(&plain).await;
    assert_eq!(reads(&entries(&city).await, from), [(auditor.clone(), id(&plain))]);
    browser.get("/registers/assets/export?form=csv").await;
    let all = entries(&city).await;
    let export = all.iter().rfind(|entry| entry.act == "export").unwrap();
    assert_eq!((export.actor.as_str(), export.kind.as_str()), (auditor.as_str(), "assets"));
    let page = browser.get("/journal").await.body;
    assert!(page.contains("書出し") && page.contains("閲覧") && page.contains("サインイン"), "{page}");
}
