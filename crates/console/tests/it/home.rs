//! The first page: what each role is answerable for stands first.

use std::sync::Arc;

use assurance::Evaluator;
use ledger::Moment;

use crate::audits;
use crate::city::{City, NOW};

/// The headings of the main column, in order.
fn headings(page: &str) -> Vec<String> {
    let main = page.split_once("class=\"stack\"").expect("the main column").1;
    let main = main.split("<div class=\"stack\">").next().unwrap_or(main);
    let text = |html: &str| {
        let mut inside = false;
        let plain = html.chars().filter(|c| {
            inside = (inside || *c == '<') && *c != '>';
            !inside && *c != '>'
        });
        plain.collect::<String>().trim().to_owned()
    };
    let headings = main.split("<h2").skip(1).filter_map(|part| part.split_once('>')?.1.split("</h2>").next());
    // What stands before the link to all of it.
    headings
        .map(|heading| text(heading.split("<a href=\"/").next().filter(|t| !t.is_empty()).unwrap_or(heading)))
        .collect()
}

#[tokio::test]
async fn what_a_role_answers_for_stands_first() {
    let city = City::new().await;
    let bureau = city.unit("市民部").await;
    audits::post(&city, "10012", "bureau_security_officer", bureau, "2026-04-01", None).await;
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
    for (login, first) in [
        ("shomu", ["部内の課別状況", "処理待ち"]),
        ("head", ["処理待ち", "遵守状況"]),
        ("system", ["担当するシステムの未遵守", "処理待ち"]),
        ("admin", ["期限を過ぎた要改善事項（誰の）", "今月の行事"]),
        ("chief", ["対応中の事案と残り時間", "遵守状況"]),
        ("ciso", ["対応中の事案と残り時間", "遵守状況"]),
        ("csirt", ["対応中の事案と残り時間", "処理待ち"]),
        ("auditor", ["監査の計画・調書・改善期限", "処理待ち"]),
        ("kansa", ["監査の計画・調書・改善期限", "処理待ち"]),
        ("staff", ["研修・自己点検", "申請の状況"]),
    ] {
        let page = city.signed_in(login).await.get("/").await.body;
        let found = headings(&page);
        assert!(page.contains("の今日</h1>"), "{login}");
        assert_eq!(found.get(..2), Some(&first.map(str::to_owned)[..]), "{login}: {found:?}");
    }
}

#[tokio::test]
async fn an_outsider_is_asked_to_answer_and_nothing_else() {
    let city = City::new().await;
    let page = city.signed_in("vendor").await.get("/").await.body;
    for absent in ["申請の状況", "処理待ち", "遵守状況", "不在設定", "/place/incidents"] {
        assert!(!page.contains(absent), "{absent}: {page}");
    }
    assert!(page.contains("設問票が") || page.contains("いま答えるものはありません"), "{page}");
}
