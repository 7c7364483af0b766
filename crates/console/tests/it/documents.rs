//! The documents, and the way from the texts behind them.

use axum::http::StatusCode;

use crate::city::City;

#[tokio::test]
async fn from_a_sentence_of_the_source_to_clause_state_and_screen() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let list = head.get("/documents").await.body;
    assert!(list.contains(r#"href="/crosswalk/source-policy""#), "the list of documents leads there");
    let page = head.get("/crosswalk/source-policy?q=%E6%8C%81%E3%81%A1%E5%87%BA%E3%81%97").await.body;
    for part in ["2.3イ[1]", r#"href="/documents/standard/take-out""#, r#"href="/registers/takeouts""#] {
        assert!(page.contains(part), "{part} is missing");
    }
    assert!(!page.contains("2.6(3)イ[1]"), "the filter leaves out what does not fit");
    // By the words of a heading (脅威, 三段階) everything below it is found.
    let page = head.get("/crosswalk/source-policy?q=%E8%84%85%E5%A8%81").await.body;
    assert!(page.contains("対象とする脅威") && page.contains("部外者の侵入"), "{page}");
    let page = head.get("/crosswalk/source-policy?q=%E4%B8%89%E6%AE%B5%E9%9A%8E").await.body;
    assert!(page.contains("インターネット接続系との通信経路の分割") && !page.contains("部外者の侵入"), "{page}");
    assert!(head.get("/crosswalk/source-policy?q=zzz").await.body.contains("当てはまる項目はありません"));
    assert_eq!(head.get("/crosswalk/nothing").await.status, StatusCode::NOT_FOUND);
    assert!(head.get("/documents/standard/take-out").await.body.contains(r#"href="/registers/takeouts""#));
}

#[tokio::test]
async fn a_contractor_finds_no_way_to_states() {
    let city = City::new().await;
    let mut vendor = city.signed_in("vendor").await;
    assert!(!vendor.get("/documents").await.body.contains("/crosswalk/"));
    assert_eq!(vendor.get("/crosswalk/source-policy").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_public_edition_and_who_has_not_adopted_it() {
    let city = City::new().await;
    let mut staff = city.signed_in("staff").await;
    assert!(staff.get("/documents").await.body.contains(r#"href="/publication""#));
    let page = staff.get("/publication").await.body;
    assert!(page.contains("農業委員会") && page.contains("策定の記録がありません"), "{page}");
    assert!(page.contains("会計室"), "a body that another's adoption covers");
    let sheet = staff.get("/publication/publication.html").await;
    let disposition = sheet.headers.get("content-disposition").unwrap().to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert!(sheet.body.contains("第244条の6") && sheet.body.contains("研修を受けた職員"), "{}", sheet.body);
    let closed = staff.get("/publication/procedure-accounts.html").await.body;
    assert!(closed.contains("（非公開）") && closed.len() < 4000, "a procedure is its title and the reason");
    assert_eq!(staff.get("/publication/../demo.json").await.status, StatusCode::NOT_FOUND);
    assert_eq!(staff.get("/publication/nothing.html").await.status, StatusCode::NOT_FOUND);
}

/// Puts two versions in force, the second with one clause of the policy changed, and one closed clause of a plan.
async fn two_versions(city: &City) -> Vec<(String, pack::Pack)> {
    let now = ledger::Moment(crate::city::NOW);
    let mut all = Vec::new();
    for (version, day) in [("2025.1", "2026-11-22"), ("2026.1", "2026-11-22")] {
        let mut source = crate::city::policy_source();
        let change = |path: &str, from: &str, to: &str, source: &mut pack::Source| {
            let text = String::from_utf8(source.get(path).unwrap().to_vec()).unwrap();
            assert!(text.contains(from), "{path} lacks {from}");
            source.insert(path, text.replacen(from, to, 1).into_bytes());
        };
        change("pack.toml", "version = \"2026.1\"", &format!("version = \"{version}\""), &mut source);
        if version == "2025.1" {
            change("documents/policy.md", "情報セキュリティ", "旧情報セキュリティ", &mut source);
            change("documents/emergency-plan.md", "。", "。旧連絡網は0439。", &mut source);
        }
        let op = |who: &str| city.ledger.operation(ledger::Actor::Operator(who.to_owned()), now);
        let office =
            |op: &ledger::Operation, office| ledger::permission::office(op, None, office, "test", "pack", "").unwrap();
        use ledger::permission::Office;
        let mut first = op("起案").await.unwrap();
        let permit = office(&first, Office::Packs);
        let source_bytes = ledger::packs::to_bytes(source.files());
        let proposal =
            ledger::packs::Proposal {
                source: source_bytes, note: "改正".to_owned(), effective: day.parse().unwrap()
            };
        let id = ledger::packs::propose(&mut first, permit, proposal).await.unwrap();
        first.commit().await.unwrap();
        let mut second = op("決裁").await.unwrap();
        let permit = office(&second, Office::Approval);
        ledger::packs::decide(&mut second, permit, id, true).await.unwrap();
        second.commit().await.unwrap();
        // The first version of a store is in force at once.
        if !all.is_empty() {
            let mut third = op("施行").await.unwrap();
            let permit = office(&third, Office::Packs);
            ledger::packs::take_force(&mut third, permit, id).await.unwrap();
            third.commit().await.unwrap();
        }
        all.push((id.to_string(), pack::compile(&source).pack.unwrap()));
    }
    all
}

#[tokio::test]
async fn two_versions_stand_side_by_side_and_closed_text_is_for_its_readers() {
    let city = City::new().await;
    assert!(city.signed_in("staff").await.get("/documents/compare").await.body.contains("比べる版がまだありません"));
    let versions = two_versions(&city).await;
    let mut staff = city.signed_in("staff").await;
    let list = staff.get("/documents").await.body;
    assert!(list.contains("改正経過") && list.contains("/documents/compare?new="), "{list}");
    let page = staff.get("/documents/compare").await.body;
    assert!(page.contains("改正後") && page.contains("<u>旧</u>"), "{page}");
    let (old, new) = (&versions[0].0, &versions[1].0);
    let other = staff.get(&format!("/documents/compare?new={old}&old={new}")).await;
    assert_eq!(other.status, StatusCode::OK, "any way round");
    let nothing = staff.get(&format!("/documents/compare?new={new}&old={new}")).await.body;
    assert!(nothing.contains("違いはありません"));
    assert_eq!(staff.get("/documents/compare?new=x").await.status, StatusCode::NOT_FOUND);
    // The plan is open to some roles only: who may not read it sees that it changed, not what it says.
    let plan = versions[0].1.document("emergency-plan").unwrap();
    let closed = plan.clauses.iter().find(|clause| clause.body.contains("旧連絡網")).unwrap();
    let page = city.signed_in("vendor").await.get("/documents/compare").await.body;
    let pack::model::Audience::Public = closed.audience else {
        assert!(!page.contains("旧連絡網"), "closed text is shown to an outsider");
        return assert!(page.contains("非公開"), "{page}");
    };
    panic!("the plan is open to everyone; the test needs a closed clause");
}
