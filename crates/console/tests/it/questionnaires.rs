//! Question sheets: asked, answered once, shown, summed up.

use axum::http::StatusCode;

use crate::city::{Browser, City};

/// The questions on a sheet.
fn questions(page: &str) -> Vec<String> {
    let names = page.split(r#"name="q-"#).skip(1).filter_map(|rest| rest.split('"').next());
    let mut all: Vec<String> = names.map(str::to_owned).collect();
    all.dedup();
    all
}

/// Sends a sheet with "yes" everywhere but for these.
pub(crate) async fn send(browser: &mut Browser<'_>, to: &str, but: &[(&str, &str)]) -> crate::city::Answer {
    let page = browser.get(to).await.body;
    let given: Vec<(String, String)> = questions(&page)
        .into_iter()
        .map(|id| {
            let answer = but.iter().find(|(other, _)| *other == id).map_or("yes", |(_, answer)| answer);
            (format!("q-{id}"), answer.to_owned())
        })
        .collect();
    let pairs: Vec<(&str, &str)> = given.iter().map(|(id, answer)| (id.as_str(), answer.as_str())).collect();
    browser.post(to, &pairs).await
}

#[tokio::test]
async fn the_self_check_is_answered_once_and_each_no_is_seen() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    assert!(staff.get("/place/training").await.body.contains("あなたが答える設問票"));
    let list = staff.get("/questionnaires").await.body;
    assert!(list.contains(r#"href="/questionnaires/self-check""#), "{list}");
    assert!(!list.contains("情報システム管理者の自己点検"), "system managers are asked that");
    assert_eq!(questions(&staff.get("/questionnaires/self-check").await.body).len(), 27, "three are for managers");

    let sent = send(&mut staff, "/questionnaires/self-check", &[("lock_screen", "no")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let record = staff.get(&sent.location).await.body;
    assert!(record.contains("席を離れるとき") && record.contains("回答済み"), "{record}");
    assert!(record.contains(r#"<span class="tag warn">いいえ</span>"#), "the no stands out");

    let again = staff.get("/questionnaires/self-check").await;
    assert_eq!(again.location, sent.location, "it leads to what was answered");
    let twice = staff.post("/questionnaires/self-check", &[("q-lock_screen", "yes")]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{}", twice.body);
    assert!(twice.body.contains("もう答えています"));

    let mut head = city.signed_in("head").await;
    let results = head.get("/questionnaires/self-check/results").await.body;
    assert!(results.contains("席を離れるとき"));
    assert!(results.contains("1<small>件の「いいえ」</small>"), "{results}");
    assert_eq!(staff.get("/questionnaires/self-check/results").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_sheet_without_a_no_is_closed_at_once() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    let sent = send(&mut staff, "/questionnaires/self-check", &[]).await;
    assert!(staff.get(&sent.location).await.body.contains("問題なし"));
}

#[tokio::test]
async fn what_is_not_answered_is_said_at_its_question_and_the_rest_stays() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    let to = "/questionnaires/acknowledgement";
    let first = questions(&staff.get(to).await.body).remove(0);
    let sent = staff.post(to, &[(&format!("q-{first}"), "yes")]).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sent.body.contains("答えを一つ選んでください"));
    assert!(sent.body.contains(&format!(r#"name="q-{first}" value="yes" required checked"#)), "{}", sent.body);
    let odd = staff.post(to, &[(&format!("q-{first}"), "perhaps")]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "a choice that is not offered is no answer");
    assert!(staff.get("/registers/acknowledgements").await.body.contains("まだ"), "nothing was written");
}

#[tokio::test]
async fn the_policy_is_confirmed_with_the_hash_of_its_text() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    let sent = send(&mut staff, "/questionnaires/acknowledgement", &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let record = staff.get(&sent.location).await.body;
    assert!(record.contains(&ledger::questionnaires::text_hash(&city.pack)));
    assert!(record.contains(&city.pack.version));
}

#[tokio::test]
async fn a_quiz_is_open_while_its_course_runs_and_counts_the_score() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    assert_eq!(staff.get("/questionnaires/training-basics").await.status, StatusCode::NOT_FOUND);
    let mut admin = city.signed_in("admin").await;
    let fields = [
        ("title", "令和８年度 全職員研修"),
        ("year", "2026"),
        ("audience", "all"),
        ("method", "online"),
        ("held_on", "2026-11-01"),
        ("until", "2027-02-28"),
        ("content", "事例に学ぶ"),
        ("quiz", "training-basics"),
        ("then", "submit"),
    ];
    let course = admin.post("/registers/training-courses/new", &fields).await;
    assert_eq!(course.status, StatusCode::SEE_OTHER, "{}", course.body);
    for decider in ["chief", "ciso"] {
        let mut browser = city.signed_in(decider).await;
        let done = browser.post(&format!("{}/do/approve", course.location), &[("version", "2")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{decider}: {}", done.body);
    }
    let sent = send(&mut staff, "/questionnaires/training-basics", &[("no_private_usb", "no")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let record = staff.get(&sent.location).await.body;
    assert!(record.contains("× 不正解") && record.contains("○ 正解"), "{record}");
}
