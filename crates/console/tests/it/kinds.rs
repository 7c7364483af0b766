//! Pages of kinds of register: an incident from the desk to the checklist, the matrix of risks.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;

use crate::city::{Browser, City, version};

const REPORT: &[(&str, &str)] = &[
    ("kind", "wrong_sending"),
    ("summary", "講座の案内を送るとき、宛先を見えるまま128人に送った"),
    ("day", "2026-11-20"),
];

/// Reports at the desk, without signing in; the receipt number.
async fn reported(city: &City, more: &[(&str, &str)]) -> String {
    let mut visitor = city.browser();
    let mut fields = REPORT.to_vec();
    fields.extend(more);
    let answer = visitor.post("/report", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let (_, rest) = answer.body.split_once("class=\"num\">").expect("a receipt number");
    rest.split('<').next().unwrap().to_owned()
}

/// Opens the record of a number.
async fn open(browser: &mut Browser<'_>, number: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    browser.get(&format!("/search?q={encoded}")).await.location
}

#[tokio::test]
async fn anybody_reports_without_signing_in_and_is_told_nothing_but_a_number() {
    let city = City::new().await;
    let mut visitor = city.browser();
    let page = visitor.get("/report").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("内線 2119") && page.body.contains("責めることはありません"), "{}", page.body);
    assert!(!page.body.contains("市民課") && !page.body.contains("令和8年度事案"), "it reveals nothing");
    let number = reported(&city, &[("section", "市民課"), ("contact", "内線 1234")]).await;
    assert!(number.starts_with("令和8年度事案第"), "{number}");

    let mut csirt = city.signed_in("csirt").await;
    let home = csirt.get("/").await.body;
    assert!(home.contains(&number) && home.contains("対応中の事案と残り時間"), "the CSIRT sees it first: {home}");
    assert!(csirt.get("/notices").await.body.contains("報告を受け付けてください"), "it is told at once");
    let at = open(&mut csirt, &number).await;
    let record = csirt.get(&at).await.body;
    assert!(
        record.contains("報告済み") && record.contains("128人に送った") && record.contains("内線 1234"),
        "{record}"
    );
    let mut head = city.signed_in("head").await;
    assert_eq!(head.get(&at).await.status, StatusCode::OK, "the head of the section that was named sees it");
    let mut taxer = city.signed_in("taxer").await;
    assert_eq!(taxer.get(&at).await.status, StatusCode::NOT_FOUND, "another section does not");
}

#[tokio::test]
async fn a_report_says_what_is_missing_and_keeps_what_was_typed() {
    let city = City::new().await;
    let mut visitor = city.browser();
    let answer = visitor.post("/report", &[("summary", "<b>画面</b>が変だ"), ("day", "2026-11-20")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("近いものを一つ選んでください") && answer.body.contains("&lt;b&gt;画面"),
        "{}",
        answer.body
    );
    let answer = visitor.post("/report", &[("day", "いつか")]).await;
    let all = ["近いものを一つ選んで", "何があったかを書いて", "気付いた日を入力して"];
    assert!(all.iter().all(|says| answer.body.contains(says)), "all that is wrong is told at once: {}", answer.body);
    let answer = visitor.post("/report", &[("kind", "malware"), ("summary", "変だ"), ("day", "2026-11-23")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody noticed it tomorrow");
    let answer = visitor.post("/report", &[("kind", "malware"), ("day", "2026-11-20")]).await;
    assert!(answer.body.contains("分かることだけで構いません"), "{}", answer.body);
    let answer = visitor.post_with("/report", "0123", REPORT).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a form of another site");
}

#[tokio::test]
async fn reports_are_slowed_down_and_flow_again_later() {
    let city = City::new().await;
    let mut visitor = city.browser();
    let mut refused = None;
    for n in 0..90 {
        // Nothing typed: refused for what is missing, and counted all the same.
        if visitor.post("/report", &[]).await.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(n);
            break;
        }
    }
    assert_eq!(refused, Some(60), "sixty in ten minutes from one address");
    city.now.fetch_add(10 * 60_000, Ordering::SeqCst);
    reported(&city, &[]).await;
}

async fn mark(browser: &mut Browser<'_>, at: &str, fields: &[(&str, &str)]) -> String {
    let version = version(&browser.get(at).await.body);
    let mut all = vec![("version", version.as_str())];
    all.extend(fields);
    let answer = browser.post(&format!("{at}/incident"), &all).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(at).await.body
}

#[tokio::test]
async fn the_csirt_confirms_what_the_facts_suggest_and_marks_who_was_told() {
    let city = City::new().await;
    let number = reported(&city, &[]).await;
    let mut csirt = city.signed_in("csirt").await;
    let at = open(&mut csirt, &number).await;
    let page = csirt.get(&at).await.body;
    assert!(page.contains("対応の段階") && page.contains("まだ決めていません"), "{page}");

    // Facts: the suggestion follows, the clocks are provisional.
    let version = version(&page);
    let facts = [
        ("version", version.as_str()),
        ("title", "メールの宛先欄の誤り"),
        ("kind", "wrong_sending"),
        ("found_on", "2026-11-20"),
        ("finder", "担当職員"),
        ("from_outside", "inside"),
        ("summary", "講座の案内を128人に送った"),
        ("outage", "none"),
        ("personal", "personal"),
        ("persons", "128"),
        ("wrongful", "no"),
        ("property", "no"),
        ("protected", "no"),
        ("reportable", "unknown"),
    ];
    let answer = csirt.post(&format!("{at}/edit"), &facts).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = csirt.get(&at).await.body;
    assert!(page.contains("Ｌ４") && page.contains("本人が百人を超える"), "{page}");
    // Known on Friday the 20th: 速報 by the 24th, 確報 by 2026-12-19, a Saturday, so by Monday the 21st.
    assert!(page.contains("令和8年11月24日（火）まで") && page.contains("令和8年12月21日（月）まで"), "{page}");
    assert!(page.contains("見込みです"), "{page}");

    let page = mark(&mut csirt, &at, &[("what", "severity"), ("level", "l4")]).await;
    assert!(page.contains("<b>Ｌ４　百人超、特定個人情報、不正の目的</b> <span class=\"tag ok\">確定"), "{page}");
    assert!(page.contains("重さをＬ４とした"), "it stands in the timeline: {page}");
    let page = mark(&mut csirt, &at, &[("what", "reportable"), ("day", "2026-11-20")]).await;
    assert!(page.contains("個人情報保護委員会への報告が必要と判断した"), "it stands in the timeline: {page}");
    let told = [
        ("what", "told"),
        ("field", "preliminary_on"),
        ("day", "2026-11-21"),
        ("time", "16:30"),
        ("receipt", "R-12345"),
        ("says", "事務局から委員会の画面で"),
    ];
    let page = mark(&mut csirt, &at, &told).await;
    assert!(page.contains("期限までに済み") && page.contains("R-12345"), "{page}");
    assert!(page.contains("2026-11-21 16:30") && page.contains("事務局から委員会の画面で"), "{page}");
    assert!(page.contains("記録：見張 進"), "who wrote it down: {page}");

    let page = mark(&mut csirt, &at, &[("what", "told"), ("field", "title"), ("day", "2026-11-21")]).await;
    assert!(page.contains("知らせた相手を選んでください"), "only whom the list names: {page}");
    let page =
        mark(&mut csirt, &at, &[("what", "timeline"), ("day", "2026-11-21"), ("time", "25:00"), ("says", "x")]).await;
    assert!(page.contains("時刻を「14:05」の形で"), "{page}");
    let page = mark(&mut csirt, &at, &[("what", "not_reportable")]).await;
    assert!(page.contains("報告が要らない理由を書いてください"), "{page}");

    let home = city.signed_in("ciso").await.get("/").await.body;
    assert!(
        home.contains(&number) && home.contains("確報") && home.contains("あと29日"),
        "the CISO sees what is left: {home}"
    );
    let staff = city.signed_in("staff").await.get("/").await.body;
    assert!(!staff.contains("対応中の事案と残り時間"), "not for everybody");
}

#[tokio::test]
async fn a_head_of_section_sees_the_panels_and_may_not_decide() {
    let city = City::new().await;
    let number = reported(&city, &[("section", "市民課")]).await;
    let mut csirt = city.signed_in("csirt").await;
    let at = open(&mut csirt, &number).await;
    let version = version(&csirt.get(&at).await.body);
    let today = ("told_chief_on", "2026-11-22");
    let accepted = [("version", version.as_str()), ("severity", "l3"), today];
    let answer = csirt.post(&format!("{at}/do/accept"), &accepted).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mut head = city.signed_in("head").await;
    assert!(!head.get("/").await.body.contains("報告を受け付けてください"), "accepted, so the reminder rests");
    let page = head.get(&at).await.body;
    assert!(page.contains("知らせる相手") && !page.contains("重さを決める"), "{page}");
    let answer = head.post(&format!("{at}/incident"), &[("version", "3"), ("what", "severity"), ("level", "l0")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
}

#[tokio::test]
async fn an_attack_has_the_common_form_and_other_incidents_have_none() {
    let city = City::new().await;
    let leak = reported(&city, &[]).await;
    let mut csirt = city.signed_in("csirt").await;
    let at = open(&mut csirt, &leak).await;
    assert_eq!(csirt.get(&format!("{at}/common-form")).await.status, StatusCode::NOT_FOUND, "a wrong sending has none");
    let mut visitor = city.browser();
    let answer = visitor
        .post("/report", &[("kind", "ransomware"), ("summary", "ファイルが開けない"), ("day", "2026-11-22")])
        .await;
    let (_, rest) = answer.body.split_once("class=\"num\">").expect("a receipt number");
    let number = rest.split('<').next().unwrap();
    let at = open(&mut csirt, number).await;
    assert!(csirt.get(&at).await.body.contains("common-form"));
    let form = csirt.get(&format!("{at}/common-form")).await;
    assert_eq!(form.status, StatusCode::OK);
    for wanted in ["ランサムウェア事案", "脅迫文の要点", "ファイルが開けない", "関守市", number]
    {
        assert!(form.body.contains(wanted), "{wanted}: {}", form.body);
    }
    assert!(!form.body.contains("通信の量"), "that is asked of DDoS attacks");
}

const RISK: &[(&str, &str)] = &[
    ("title", "案内のメールで宛先が見える"),
    ("threat", "wrong_sending"),
    ("loss_confidentiality", "4"),
    ("loss_integrity", "1"),
    ("loss_availability", "2"),
    ("likelihood", "1"),
    ("weakness", "3"),
    ("treatment", "reduce"),
    ("due_on", "2027-03-31"),
    ("assessed_on", "2026-11-22"),
];

#[tokio::test]
async fn a_risk_takes_its_likelihood_from_own_incidents_and_stands_in_the_matrix() {
    let city = City::new().await;
    reported(&city, &[]).await;
    reported(&city, &[]).await;
    let mut admin = city.signed_in("admin").await;
    let made = admin.post("/registers/risk-assessments/new", RISK).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let at = made.location;
    let page = admin.get(&at).await.body;
    assert!(page.contains("年度内に対応"), "4 × 1 × 3 = 12: {page}");
    assert!(page.contains("この一年に2件") && page.contains("案のとおりに入れる"), "{page}");
    let seen = version(&page);
    let answer = admin.post(&format!("{at}/risk"), &[("version", &seen), ("what", "suggested")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = admin.get(&at).await.body;
    assert!(page.contains("すぐに対応"), "4 × 3 × 3 = 36: {page}");

    let seen = version(&page);
    let clause = [("version", seen.as_str()), ("what", "clause"), ("clause", "standard#nothing"), ("change", "x")];
    admin.post(&format!("{at}/risk"), &clause).await;
    assert!(admin.get(&at).await.body.contains("その定めはありません"));
    let clause = [
        ("version", seen.as_str()),
        ("what", "clause"),
        ("clause", "standard#incident-report"),
        ("change", "宛先を二人で見る"),
    ];
    admin.post(&format!("{at}/risk"), &clause).await;
    let page = admin.get(&at).await.body;
    assert!(page.contains("/documents/standard/incident-report") && page.contains("宛先を二人で見る"), "{page}");

    let asked = admin.post(&format!("{at}/do/submit"), &[("version", &version(&page))]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let matrix = admin.get("/registers/risk-assessments/matrix").await;
    assert_eq!(matrix.status, StatusCode::OK);
    assert!(
        matrix.body.contains("案内のメールで宛先が見える") && matrix.body.contains("宛先を二人で見る"),
        "{}",
        matrix.body
    );
    assert!(matrix.body.contains("/registers/policy-revisions/new"), "the secretariat begins a revision there");
    assert!(admin.get("/registers/risk-assessments").await.body.contains("/registers/risk-assessments/matrix"));

    // Decided: its fields rest, and the secretariat still names the clause, by a step of its own.
    let mut chief = city.signed_in("chief").await;
    let seen = version(&chief.get(&at).await.body);
    let decided = chief.post(&format!("{at}/do/approve"), &[("version", &seen)]).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    let page = admin.get(&at).await.body;
    assert!(page.contains("対応中") && !page.contains("案のとおりに入れる"), "{page}");
    let seen = version(&page);
    let clause = [
        ("version", seen.as_str()),
        ("what", "clause"),
        ("clause", "standard#incident-report"),
        ("change", "BCCを標準にする"),
    ];
    admin.post(&format!("{at}/risk"), &clause).await;
    assert!(admin.get(&at).await.body.contains("BCCを標準にする"));
    let mut auditor = city.signed_in("auditor").await;
    let page = auditor.get(&at).await.body;
    assert!(page.contains("リスクの大きさ") && !page.contains("定めを選ぶ"), "an auditor looks: {page}");
    let refused = auditor.post(&format!("{at}/risk"), &clause).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let other = admin.get("/registers/assets/matrix").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "assets are no risks");
}
