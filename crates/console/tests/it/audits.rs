//! The kind of audits: the plan against three years, independence on the page and in the decision, items judged twice, a sample
//! that is drawn once and found again, and a finding from its order to the other sections.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use assurance::Evaluator;
use axum::http::StatusCode;
use ledger::kinds::audit::{draw, hash};
use ledger::people::posts;
use ledger::people::posts::NewPost;
use ledger::permission::{self, Office};
use ledger::{Actor, Id, Moment};

use crate::city::{Browser, City, NOW, number, version};

const DAY: i64 = 86_400_000;

/// Presses a button of a panel; the page where one comes out.
async fn mark(browser: &mut Browser<'_>, at: &str, fields: &[(&str, &str)]) -> (String, String) {
    let seen = version(&browser.get(at).await.body);
    let answer = browser.post(&format!("{at}/audit"), &[&[("version", seen.as_str())], fields].concat()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = browser.get(&answer.location).await.body;
    (answer.location, page)
}

async fn act(browser: &mut Browser<'_>, at: &str, step: &str, fields: &[(&str, &str)]) -> StatusCode {
    let seen = version(&browser.get(at).await.body);
    let answer = browser.post(&format!("{at}/do/{step}"), &[&[("version", seen.as_str())], fields].concat()).await;
    answer.status
}

/// Gives somebody a post from a day to a day.
pub(crate) async fn post(city: &City, code: &str, role: &str, unit: Id, from: &str, to: Option<&str>) {
    let mut op = city.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
    let person = ledger::people::persons::by_code(&mut op, code).await.unwrap().unwrap().id;
    let permit = permission::office(&op, None, Office::People, "give", "post", role).unwrap();
    let (from, to) = (from.parse().unwrap(), to.map(|day| day.parse().unwrap()));
    let new = NewPost { person, role: role.to_owned(), unit, main: false, acting: false, from, to };
    posts::give(&mut op, permit, new).await.unwrap();
    op.commit().await.unwrap();
}

/// An audit of 市民課 that its head of audit has written.
pub(crate) async fn audit(browser: &mut Browser<'_>, desk: Id, more: &[(&str, &str)]) -> String {
    let desk = desk.to_string();
    let fields = [
        ("unit", desk.as_str()),
        ("theme", "窓口の情報の取扱い"),
        ("kind", "internal"),
        ("auditors", "10006"),
        ("skills", "情報セキュリティ監査の研修を受けた"),
        ("scope", "書類の確認、標本の照合"),
        ("starts_on", "2026-11-20"),
        ("ends_on", "2026-12-11"),
        ("period_from", "2025-04-01"),
        ("period_to", "2026-03-31"),
    ];
    browser.makes("audits", &[&fields, more].concat()).await
}

/// Decided by the committee and the CISO, and begun.
async fn begun(city: &City, at: &str) {
    let mut kansa = city.signed_in("kansa").await;
    assert_eq!(act(&mut kansa, at, "submit", &[]).await, StatusCode::SEE_OTHER);
    for login in ["member", "ciso"] {
        let mut decider = city.signed_in(login).await;
        assert_eq!(act(&mut decider, at, "approve", &[]).await, StatusCode::SEE_OTHER, "{login}");
    }
    assert_eq!(act(&mut kansa, at, "start", &[]).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_auditor_of_the_audited_line_is_named_and_cannot_be_decided_on() {
    let city = City::new().await;
    let desk = city.unit("市民課").await;
    // Until 31 March the auditor managed the bureau above.
    let bureau = city.unit("市民部").await;
    post(&city, "10006", "bureau_security_officer", bureau, "2024-04-01", Some("2026-04-01")).await;
    let mut kansa = city.signed_in("kansa").await;
    let at = audit(&mut kansa, desk, &[]).await;
    let page = kansa.get(&at).await.body;
    for wanted in [
        "✕ 独立でない",
        "辻 誠",
        "情報セキュリティ責任者",
        "市民部",
        "監査を受ける所属の上の所属",
        "令和6年4月1日から令和8年3月31日まで",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert_eq!(act(&mut kansa, &at, "submit", &[]).await, StatusCode::SEE_OTHER);
    let mut member = city.signed_in("member").await;
    let seen = member.get(&at).await.body;
    assert!(seen.contains("✕ 独立でない"), "who is asked sees it: {seen}");
    assert_eq!(act(&mut member, &at, "approve", &[]).await, StatusCode::SEE_OTHER);
    let mut ciso = city.signed_in("ciso").await;
    let seen = version(&ciso.get(&at).await.body);
    let refused = ciso.post(&format!("{at}/do/approve"), &[("version", &seen)]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(refused.body.contains("辻 誠さんは、監査を受ける所属などに属しているか"), "{}", refused.body);

    // The control says the same.
    let evaluator = Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
    let verdicts = &evaluator.assessment().verdicts["auditors-independent"];
    assert_eq!(verdicts.values().map(|verdict| verdict.state.id()).collect::<Vec<_>>(), ["broken"]);

    // Sent back and excused in writing it goes on; the finding stays.
    assert_eq!(act(&mut ciso, &at, "send_back", &[("reason", "独立でない")]).await, StatusCode::SEE_OTHER);
    let form = kansa.get(&format!("{at}/edit")).await.body;
    let fields = [
        ("version", version(&form)),
        ("theme", "窓口の情報の取扱い".to_owned()),
        ("kind", "internal".to_owned()),
        ("auditors", "10006".to_owned()),
        ("skills", "研修".to_owned()),
        ("scope", "書類".to_owned()),
        ("starts_on", "2026-11-20".to_owned()),
        ("ends_on", "2026-12-11".to_owned()),
        ("period_from", "2025-04-01".to_owned()),
        ("period_to", "2026-03-31".to_owned()),
        ("independence_note", "ほかに監査できる者がいない。外部の者が調書を確かめる".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let edited = kansa.post(&format!("{at}/edit"), &fields).await;
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.body);
    begun(&city, &at).await;
    let page = kansa.get(&at).await.body;
    assert!(page.contains("実施中") && page.contains("外部の者が調書を確かめる"), "{page}");
}

#[tokio::test]
async fn changing_the_auditor_while_the_audit_runs_is_judged_again() {
    let city = City::new().await;
    let desk = city.unit("市民課").await;
    let mut kansa = city.signed_in("kansa").await;
    let at = audit(&mut kansa, desk, &[]).await;
    let page = kansa.get(&at).await.body;
    assert!(page.contains("✓ 問題なし") && page.contains("監査人1人とも"), "{page}");
    begun(&city, &at).await;
    let form = kansa.get(&format!("{at}/edit")).await.body;
    let seen = version(&form);
    let change = |auditor: &'static str| {
        vec![
            ("version", seen.clone()),
            ("theme", "窓口".to_owned()),
            ("kind", "internal".to_owned()),
            ("auditors", auditor.to_owned()),
            ("skills", "研修".to_owned()),
            ("scope", "書類".to_owned()),
            ("starts_on", "2026-11-20".to_owned()),
            ("ends_on", "2026-12-11".to_owned()),
            ("period_from", "2025-04-01".to_owned()),
            ("period_to", "2026-03-31".to_owned()),
        ]
    };
    let fields = change("10004");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = kansa.post(&format!("{at}/edit"), &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "a clerk of 市民課: {}", refused.body);
    let fields = change("10006");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(kansa.post(&format!("{at}/edit"), &fields).await.status, StatusCode::SEE_OTHER);
    let other = kansa.get("/registers/assets/audit-plan").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "assets are no audits");
}

#[tokio::test]
async fn a_plan_is_filled_in_a_table_approved_and_shown_against_three_years() {
    let city = City::new().await;
    let mut kansa = city.signed_in("kansa").await;
    let page = kansa.get("/registers/audits/audit-plan").await.body;
    assert!(page.contains("承認された計画がありません") && page.contains("三年の計画に入っていません"), "{page}");
    assert!(page.contains("市民課") && page.contains("課税課") && page.contains("情報政策課"), "every section: {page}");
    assert!(kansa.get("/registers/audits").await.body.contains("/registers/audits/audit-plan"));
    let plan =
        kansa.makes("audit-plans", &[("title", "監査の中期計画"), ("span", "mid"), ("first_year", "2026")]).await;
    let (_, page) = mark(&mut kansa, &plan, &[("what", "suggest")]).await;
    assert!(page.contains("計画に3件を書き込みました") && page.contains("漏れなし"), "{page}");

    // Out without a reason is refused; a theme is added.
    let lines = |when: &'static str, note: &'static str| {
        vec![
            ("what", "lines"),
            ("what0", "所属"),
            ("key0", "11"),
            ("when0", "2026"),
            ("note0", "10月"),
            ("what1", "所属"),
            ("key1", "21"),
            ("when1", when),
            ("note1", note),
            ("what2", "所属"),
            ("key2", "22"),
            ("when2", "2028"),
            ("what3", "テーマ"),
            ("key3", "外部　委託"),
            ("when3", "2026"),
        ]
    };
    let (_, page) = mark(&mut kansa, &plan, &lines("out", "")).await;
    assert!(page.contains("「市民課」をこの計画で行わない理由を書いてください"), "{page}");
    let (_, page) = mark(&mut kansa, &plan, &lines("out", "来年度に廃止")).await;
    assert!(page.contains("計画に4件を書き込みました") && page.contains("外部 委託"), "{page}");
    let (_, page) =
        mark(&mut kansa, &plan, &[("what", "lines"), ("what0", "所属"), ("key0", "999"), ("when0", "2026")]).await;
    assert!(page.contains("計画に0件を書き込みました"), "a unit that is none is not taken: {page}");
    mark(&mut kansa, &plan, &lines("out", "来年度に廃止")).await;

    assert_eq!(act(&mut kansa, &plan, "submit", &[]).await, StatusCode::SEE_OTHER);
    let refused = kansa.post(&format!("{plan}/audit"), &[("version", "9"), ("what", "suggest")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "asked for, it rests: {}", refused.body);
    for login in ["member", "ciso"] {
        let mut decider = city.signed_in(login).await;
        assert_eq!(act(&mut decider, &plan, "approve", &[]).await, StatusCode::SEE_OTHER, "{login}");
    }
    let page = kansa.get("/registers/audits/audit-plan").await.body;
    for wanted in [
        "監査の中期計画",
        "令和8年度",
        "令和10年度",
        "この計画では行わない：来年度に廃止",
        "外部 委託",
        "今年度の予定ですが、監査の記録がまだありません",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(!page.contains("三年の計画に入っていません"), "nothing is left: {page}");
    let to = page
        .split("href=\"/registers/audits/new?")
        .nth(1)
        .expect("a way to write the audit")
        .split('"')
        .next()
        .unwrap();
    let form = kansa.get(&format!("/registers/audits/new?{}", to.replace("&amp;", "&").replace("&#38;", "&"))).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("selected>情報政策課"), "the unit is chosen: {}", form.body);

    missed_from_the_first_of_april(&city).await;
}

/// On 1 April what was not done is missed.
async fn missed_from_the_first_of_april(city: &City) {
    city.now.store(NOW + 129 * DAY, Ordering::SeqCst);
    let mut kansa = city.signed_in("kansa").await;
    let page = kansa.get("/registers/audits/audit-plan?year=2026").await.body;
    assert!(!page.contains("令和8年度の予定でしたが"), "2027-03-31: {page}");
    city.now.store(NOW + 130 * DAY, Ordering::SeqCst);
    let mut kansa = city.signed_in("kansa").await;
    let page = kansa.get("/registers/audits/audit-plan?year=2026").await.body;
    assert!(page.contains("令和8年度の予定でしたが、監査していません"), "2027-04-01: {page}");
    let staff = city.signed_in("staff").await.get("/registers/audits/audit-plan").await;
    assert_eq!(staff.status, StatusCode::NOT_FOUND, "plans are not for everybody");
}

/// Chooses items for an audit; the page of the audit.
async fn with_items(browser: &mut Browser<'_>, at: &str) -> String {
    let page = browser.get(&format!("{at}/items")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("standard#asset-inventory assets-reviewed-yearly") || page.body.contains("assets-"),
        "{}",
        page.body
    );
    let chosen = page.body.split("value=\"").filter_map(|part| part.split('"').next());
    let chosen: Vec<&str> =
        chosen.filter(|value| value.ends_with(" audited-each-year") || value.contains(" leavers-")).collect();
    assert!(chosen.len() >= 2, "{}", page.body);
    let chosen: Vec<String> = chosen.iter().map(|value| value.replace("&#35;", "#")).collect();
    let mut fields = vec![("what", "items")];
    fields.extend(chosen.iter().map(|value| ("item", value.as_str())));
    let answer = browser.post(&format!("{at}/audit"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(at).await.body
}

#[tokio::test]
async fn each_item_is_judged_for_its_design_and_for_its_operation() {
    let city = City::new().await;
    let desk = city.unit("市民課").await;
    let mut kansa = city.signed_in("kansa").await;
    let at = audit(&mut kansa, desk, &[]).await;
    begun(&city, &at).await;
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
    let mut auditor = city.signed_in("auditor").await;
    let page = with_items(&mut auditor, &at).await;
    assert!(page.contains("監査項目を") && page.contains("未判定") && page.contains("今の自動判定"), "{page}");
    let (_, rest) = page.split_once("/registers/audit-items/").unwrap();
    let item = format!("/registers/audit-items/{}", rest.split(['"', '/']).next().unwrap());
    let (_, page) = mark(&mut auditor, &item, &[("what", "judge")]).await;
    assert!(page.contains("整備状況か運用状況を選んでください"), "{page}");
    let judged = [
        ("what", "judge"),
        ("design", "adequate"),
        ("operation", "lacking"),
        ("operation_note", "三件で行われていない"),
        ("evidence", "令和8年度標本第1号"),
        ("from", "audit"),
    ];
    let (to, page) = mark(&mut auditor, &item, &judged).await;
    assert_eq!(to, at, "one comes back to the audit");
    for wanted in ["整備されている", "行われていない", "三件で行われていない", "証拠：令和8年度標本第1号", "判定 1／"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let (finding, page) = mark(&mut auditor, &item, &[("what", "finding")]).await;
    assert!(finding.starts_with("/registers/audit-findings/") && page.contains("三件で行われていない"), "{page}");
    let home = auditor.get("/").await.body;
    assert!(home.contains("監査の計画・調書・改善期限") && home.contains("1／"), "{home}");
    let mut head = city.signed_in("head").await;
    assert_eq!(head.get(&item).await.status, StatusCode::NOT_FOUND, "working papers are the auditors'");
    let again = auditor.get(&format!("{at}/items")).await.body;
    assert!(again.contains("追加済み"), "{again}");

    // What a revision of the policy retired is still named.
    let page = auditor.get(&at).await.body;
    let audit = number(&page);
    let old = [("title", "昔の定め"), ("audit", &audit), ("clause", "standard#gone"), ("control", "gone-too")];
    let old = auditor.makes("audit-items", &old).await;
    let page = auditor.get(&old).await.body;
    assert!(page.contains("standard#gone（いまの規程にない条項です）"), "{page}");
    assert!(page.contains("gone-too（いまの規程にない遵守項目です）"), "{page}");
}

#[tokio::test]
async fn a_sample_is_frozen_drawn_and_found_again_by_anybody() {
    let city = City::new().await;
    let desk = city.unit("市民課").await;
    // Twelve assets of the days before, and one of today.
    let mut head = city.signed_in("head").await;
    let asset = [
        ("name", "異動届一覧"),
        ("kind", "paper"),
        ("confidentiality", "2"),
        ("integrity", "2"),
        ("availability", "1"),
        ("personal", "none"),
        ("origin", "made"),
        ("place", "書庫"),
        ("reviewed_on", "2026-11-01"),
        ("then", "register"),
    ];
    for _ in 0..12 {
        head.makes("assets", &asset).await;
    }
    city.now.fetch_add(DAY, Ordering::SeqCst);
    let mut head = city.signed_in("head").await;
    head.makes("assets", &asset).await;
    let mut kansa = city.signed_in("kansa").await;
    let at = audit(&mut kansa, desk, &[]).await;
    begun(&city, &at).await;
    let mut auditor = city.signed_in("auditor").await;
    let form = [
        ("what", "sample"),
        ("population", "assets"),
        ("reach", "audited"),
        ("from_day", "2026-11-01"),
        ("until_day", "2026-11-30"),
        ("size", "5"),
        ("seed", "くじ 第1012回 07-12-31"),
    ];
    let missing = auditor.post(&format!("{at}/audit"), &[("what", "sample")]).await;
    assert_eq!(missing.status, StatusCode::SEE_OTHER);
    assert!(auditor.get(&at).await.body.contains("母集団の台帳を選んでください"));
    let (sample, page) = mark(&mut auditor, &at, &form).await;
    assert!(sample.starts_with("/registers/audit-samples/") && page.contains("次に、母集団と種を固定します"), "{page}");
    assert!(!page.contains("標本と結果</h2>"), "nothing is drawn yet: {page}");
    assert_eq!(act(&mut auditor, &sample, "freeze", &[]).await, StatusCode::SEE_OTHER);
    let page = auditor.get(&sample).await.body;
    assert!(
        page.contains("12件") && page.contains("くじ 第1012回 07-12-31") && page.contains("入力したもの"),
        "{page}"
    );

    let list = auditor.get(&format!("{sample}/population")).await;
    let numbers: Vec<&str> = list.body.lines().collect();
    assert_eq!(numbers.len(), 12, "{}", list.body);
    assert!(page.contains(&hash(numbers.iter().copied())), "the hash of the list: {page}");
    assert_eq!(act(&mut auditor, &sample, "draw", &[]).await, StatusCode::SEE_OTHER);
    let page = auditor.get(&sample).await.body;
    let drawn = draw("くじ 第1012回 07-12-31", numbers.iter().copied(), 5);
    for number in &drawn {
        assert!(page.contains(&format!("\">{number}</a>")), "{number} is drawn and leads to its record: {page}");
    }
    assert!(page.contains("✓ 母集団は固定したときと同じ") && page.contains("✓ 引き直しても同じ標本"), "{page}");
    assert!(!page.contains("/do/note"), "the table has its own form: {page}");

    checked(&city, &mut auditor, (&at, &sample), drawn[0]).await;
}

/// Each drawn record is checked, and then the sample is over.
async fn checked(city: &City, auditor: &mut Browser<'_>, (at, sample): (&str, &str), first: &str) {
    let (_, page) = mark(auditor, sample, &[("what", "results"), ("s0", "見た")]).await;
    assert!(page.contains(&format!("{}の結果（適合、不適合など）を選んでください", first)), "{page}");
    let results =
        [("what", "results"), ("v0", "fits"), ("v1", "fails"), ("s1", "棚にない"), ("v2", "fits"), ("v3", "fits")];
    let (_, page) = mark(auditor, sample, &results).await;
    assert!(
        page.contains("4件の結果を記録しました") && page.contains("不適合 1") && page.contains("棚にない"),
        "{page}"
    );
    assert_eq!(act(auditor, sample, "finish", &[]).await, StatusCode::CONFLICT, "one is not checked");
    let (_, page) = mark(auditor, sample, &[&results[..], &[("v4", "unclear")]].concat()).await;
    assert!(page.contains("判断できない 1"), "{page}");
    assert_eq!(act(auditor, sample, "finish", &[]).await, StatusCode::SEE_OTHER);
    let page = auditor.get(at).await.body;
    assert!(page.contains("5／5") && page.contains("情報資産台帳の標本"), "{page}");

    let mut secretariat = city.signed_in("admin").await;
    let journal = secretariat.get("/journal").await.body;
    assert!(journal.contains("標本"), "each step is in the journal: {journal}");
    let staff = city.signed_in("staff").await.get(&format!("{sample}/population")).await;
    assert_eq!(staff.status, StatusCode::NOT_FOUND);
    let other = auditor.get(&format!("{at}/population")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "an audit has no population");
}

#[tokio::test]
async fn a_finding_goes_from_order_to_confirmation_and_to_the_other_sections() {
    let city = City::new().await;
    let desk = city.unit("市民課").await;
    let mut kansa = city.signed_in("kansa").await;
    let at = audit(&mut kansa, desk, &[]).await;
    begun(&city, &at).await;
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
    let number = number(&kansa.get(&at).await.body);
    let unit_id = desk.to_string();
    let finding = [
        ("unit", unit_id.as_str()),
        ("title", "返却の確認がない"),
        ("audit", number.as_str()),
        ("grade", "minor"),
        ("clause", "standard#leaving"),
        ("control", "leavers-returned"),
        ("content", "二件で返却の確認がなかった"),
    ];
    let mut auditor = city.signed_in("auditor").await;
    let at = auditor.makes("audit-findings", &finding).await;
    assert_eq!(act(&mut kansa, &at, "raise", &[]).await, StatusCode::SEE_OTHER);
    let page = kansa.get(&at).await.body;
    assert!(page.contains("ほかの所属に同じ弱点はないか") && page.contains("/documents/standard/leaving"), "{page}");
    let taxes = city.unit("課税課").await.to_string();
    assert!(
        page.contains(&format!("check {taxes}")) && !page.contains(&format!("check {unit_id}")),
        "not the section itself"
    );
    let (_, page) = mark(&mut kansa, &at, &[("what", "elsewhere"), ("do", &format!("check {taxes}"))]).await;
    assert!(page.contains("1の所属に") && page.contains("依頼・指摘済み"), "{page}");
    let (_, page) = mark(&mut kansa, &at, &[("what", "elsewhere"), ("do", &format!("check {taxes}"))]).await;
    assert!(page.contains("もう確認を頼んだか、指摘を作っています"), "once: {page}");
    let (made, page) = {
        let policy = city.unit("情報政策課").await.to_string();
        mark(&mut kansa, &at, &[("what", "elsewhere"), ("do", &format!("finding {policy}"))]).await
    };
    assert!(made.starts_with("/registers/audit-findings/") && page.contains("もとになった指摘"), "{page}");
    let (_, page) = mark(&mut kansa, &at, &[("what", "elsewhere"), ("do", "check_all")]).await;
    assert!(page.contains("までに確かめるよう頼みました") || page.contains("もう確認を頼んだか"), "{page}");

    // The section answers; the other one orders, fixes, confirms.
    let mut ciso = city.signed_in("ciso").await;
    let order = [("order", "改めること"), ("ordered_on", "2026-11-22"), ("due_on", "2026-12-20")];
    assert_eq!(act(&mut ciso, &at, "order", &order).await, StatusCode::SEE_OTHER);
    let home = ciso.get("/").await.body;
    assert!(
        home.contains("改善中1件、<span>期限超過0件") && home.contains("佐藤 恵") && home.contains("12月20日"),
        "{home}"
    );
    let page = ciso.get("/place/audits").await.body;
    assert!(page.contains("改善の指示（期限の順）") && page.contains("監査計画と実績"), "{page}");
    let list = page.split("?state=ordered").next().unwrap().rsplit('"').next().unwrap().to_owned();
    let list = format!("{list}?state=ordered&sort=due_on");
    let page = ciso.get(&list).await.body;
    assert!(page.contains("返却の確認がない") && page.contains("市民課") && !page.contains("期限超過"), "{page}");
    city.now.fetch_add(40 * 86_400_000, Ordering::SeqCst);
    let mut ciso = city.signed_in("ciso").await;
    assert!(ciso.get(&list).await.body.contains("期限超過"));
    assert!(ciso.get("/").await.body.contains("期限超過1件"));
    city.now.fetch_sub(40 * 86_400_000, Ordering::SeqCst);
    let mut kansa = city.signed_in("kansa").await;
    let mut head = city.signed_in("head").await;
    let page = head.get(&at).await.body;
    assert!(page.contains("山本 隆") && page.contains("期限：令和8年12月20日"), "who ordered, and by when: {page}");
    assert!(!page.contains("ほかの所属に同じ弱点"), "the section sees its own matter only: {page}");
    assert_eq!(
        act(&mut head, &at, "fix", &[("plan", "月末に確かめる"), ("fixed_on", "2026-11-22")]).await,
        StatusCode::SEE_OTHER
    );
    let confirmed = [("confirmed_on", "2026-11-22"), ("others", "asked")];
    assert_eq!(act(&mut kansa, &at, "close", &confirmed).await, StatusCode::SEE_OTHER);
    let page = kansa.get(&at).await.body;
    assert!(page.contains("佐藤 恵") && page.contains("監督 章"), "who fixed, who confirmed: {page}");
}
