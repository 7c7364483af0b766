//! Reminders: who is told, on which days, once; shown to whoever may see the record.

use std::sync::atomic::Ordering;

use ledger::{Actor, Moment, notices};

use crate::city::City;
use crate::questionnaires::send;

const DAY: i64 = 86_400_000;

async fn round(city: &City, start: i64, days: i64) -> usize {
    let mut op = city.ledger.operation(Actor::Machine("deadlines"), Moment(start + days * DAY)).await.unwrap();
    let done = notices::round(&mut op, &city.pack).await.unwrap();
    op.commit().await.unwrap();
    assert!(done.unknown.is_empty(), "{:?}", done.unknown);
    done.made
}

#[tokio::test]
async fn a_deadline_reminds_whom_the_policy_names_and_once_a_day() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    // A self-check with a "no" is to be mended within 90 days; the policy asks for a reminder 14 days before.
    send(&mut staff, "/questionnaires/self-check", &[("lock_screen", "no")]).await;
    let start = city.now.load(Ordering::SeqCst);
    for (days, made) in [(1, 0), (75, 0), (76, 2), (77, 0), (90, 2), (91, 2), (92, 0), (98, 2)] {
        assert_eq!(round(&city, start, days).await, made, "after {days} days");
    }
    assert_eq!(round(&city, start, 98).await, 0, "once a day");

    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(start)).await.unwrap();
    let unmailed = notices::unmailed(&mut reading).await.unwrap();
    assert_eq!(unmailed.iter().map(|(_, told)| told.len()).collect::<Vec<_>>(), [4, 4], "staff and head");
    reading.end().await.unwrap();

    let mut staff = city.signed_in("staff").await;
    let home = staff.get("/").await.body;
    assert!(home.contains("「いいえ」の項目を改めてください") && home.contains("お知らせ（4）"), "{home}");
    assert!(staff.get("/notices").await.body.contains("未読"));
    staff.post("/notices/read", &[]).await;
    let page = staff.get("/notices").await.body;
    assert!(!page.contains("未読") && page.contains("改めてください"), "{page}");
    let mut head = city.signed_in("head").await;
    assert!(head.get("/").await.body.contains("お知らせ（4）"), "everyone reads for himself");
    let mut taxer = city.signed_in("taxer").await;
    assert!(taxer.get("/notices").await.body.contains("お知らせはありません"));
}
