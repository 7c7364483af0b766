//! Reports of duties as done (実施報告), and what follows from them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use assurance::Evaluator;
use axum::http::StatusCode;
use ledger::Moment;

use crate::city::City;

#[tokio::test]
async fn a_duty_is_reported_by_whom_the_policy_names_and_then_holds() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    assert!(head.get("/reports").await.body.contains("報告するものはありません"), "nothing was evaluated yet");
    let now = Moment(city.now.load(Ordering::SeqCst));
    let mut evaluator = Evaluator::start(&city.ledger, Arc::clone(&city.pack), now).await.unwrap();

    let list = head.get("/reports").await.body;
    let to = list.split("href=\"/reports/leavers-returned?").nth(1).expect("the section's report").split('"').next();
    let to = format!("/reports/leavers-returned?{}", to.unwrap());
    assert!(list.contains("市民課") && !list.contains("課税課"), "only what the head answers for");
    assert!(!list.contains("市民部"), "a bureau is not asked for a section's report");
    let form = head.get(&to).await.body;
    let subject = form.split("name=\"subject\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();

    let fields = [("subject", subject.as_str()), ("on", "2026-11-20"), ("note", "全員の返却を確かめた")];
    let without = head.post("/reports/leavers-returned", &fields).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("証跡のファイルを添付してください") && without.body.contains("全員の返却を確かめた"));
    let odd = head.post("/reports/leavers-returned", &[("subject", &subject), ("on", "きのう"), ("note", "x")]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("日付を入力してください"));

    let mut staff = city.signed_in("staff").await;
    assert_eq!(staff.post("/reports/leavers-returned", &fields).await.status, StatusCode::FORBIDDEN);
    assert!(!list.contains("subject=city"), "nothing for the whole city is asked of a section: {list}");
    let other = [("subject", "unit:nowhere"), ("on", "2026-11-20"), ("note", "x")];
    assert_eq!(head.post("/reports/leavers-returned", &other).await.status, StatusCode::CONFLICT);

    let sent = head.post_file("/reports/leavers-returned", &fields, ("file", "返却.txt", b"evidence")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    evaluator.catch_up(&city.ledger, Arc::clone(&city.pack), now).await.unwrap();
    assert!(!head.get("/reports").await.body.contains("leavers-returned"), "it holds now");

    let mut auditor = city.signed_in("auditor").await;
    let control = auditor.get("/compliance/controls/leavers-returned").await.body;
    assert!(control.contains("全員の返却を確かめた") && control.contains("佐藤 恵"), "{control}");
    let file = control.split("href=\"/files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(auditor.get(&format!("/files/{file}")).await.body, "evidence");
    assert_eq!(staff.get(&format!("/files/{file}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_first_page_shows_each_role_what_it_watches_over() {
    let city = City::new().await;
    let now = Moment(city.now.load(Ordering::SeqCst));
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), now).await.unwrap();
    let mut head = city.signed_in("head").await;
    let page = head.get("/").await.body;
    assert!(page.contains("あなたの実施報告") && page.contains("要改善事項"), "{page}");
    assert!(!page.contains("届いていないデータ源"), "a section keeps no data source");
    let mut admin = city.signed_in("admin").await;
    let page = admin.get("/").await.body;
    assert!(page.contains("届いていないデータ源") && page.contains("/settings/sources/antimalware"), "{page}");
    assert!(page.contains("class=\"bar\""), "the secretariat sees the whole city");
    // Every data source belongs to whoever manages the network, not to each who manages a system.
    let mut system = city.signed_in("system").await;
    assert!(!system.get("/").await.body.contains("届いていないデータ源"));
    let mut staff = city.signed_in("staff").await;
    let page = staff.get("/").await.body;
    assert!(!page.contains("要改善事項") && page.contains("申請の状況"), "{page}");
}
