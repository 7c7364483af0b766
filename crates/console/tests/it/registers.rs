//! Registers as their users meet them: from a new asset to a take-out that is decided.

use axum::http::StatusCode;

use crate::city::{ASSET, Browser, City};

/// Makes an asset in the head's section; its address.
async fn asset(head: &mut Browser<'_>) -> String {
    let mut fields = ASSET.to_vec();
    fields.push(("then", "register"));
    let made = head.post("/registers/assets/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    made.location
}

fn heading(body: &str) -> String {
    let (_, rest) = body.split_once("<h1>").unwrap();
    rest.split('<').next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn what_is_missing_is_said_at_its_field_and_what_was_typed_stays() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let answer = head.post("/registers/assets/new", &[("place", "<b>書庫</b>"), ("reviewed_on", "来週")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("か所を直してください"));
    assert!(answer.body.contains("href=\"#f-name\""), "the summary leads to the field");
    assert!(answer.body.contains("&lt;b&gt;書庫&lt;/b&gt;") && !answer.body.contains("<b>書庫"), "kept, as text");
    assert!(answer.body.contains("value=\"来週\""));
    assert!(head.get("/registers/assets").await.body.contains("0件"), "nothing is written");
}

#[tokio::test]
async fn a_record_is_written_found_changed_and_printed() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let at = asset(&mut head).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("住民異動届一覧") && page.contains("令和8年11月1日"), "{page}");
    let number = heading(&page);
    assert_eq!(head.get(&format!("/search?q={number}")).await.location, at, "an exact number leads to its record");
    assert!(
        head.get("/search?q=%E7%95%B0%E5%8B%95%E5%B1%8A").await.body.contains(&number),
        "異動届 is found in its name"
    );
    let mut fields: Vec<(&str, &str)> = ASSET.to_vec();
    fields[0] = ("name", "住民異動届の一覧");
    fields.push(("version", "1"));
    let stale = head.post(&format!("{at}/edit"), &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "the record has moved on since version 1");
    fields.pop();
    fields.push(("version", "2"));
    assert_eq!(head.post(&format!("{at}/edit"), &fields).await.location, at);
    let page = head.get(&at).await.body;
    assert!(page.contains("<del>住民異動届一覧</del>") && page.contains("<ins>住民異動届の一覧</ins>"));
    assert!(head.get(&format!("{at}/print")).await.body.contains("住民異動届の一覧"));
}

#[tokio::test]
async fn another_section_neither_sees_nor_learns_of_a_record() {
    let city = City::new().await;
    let at = asset(&mut city.signed_in("head").await).await;
    let mut taxer = city.signed_in("taxer").await;
    let id = at.rsplit('/').next().unwrap();
    for path in
        [at.clone(), format!("{at}/edit"), format!("{at}/print"), format!("/api/v1/registers/assets/records/{id}")]
    {
        assert_eq!(taxer.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(taxer.post(&format!("{at}/do/dispose"), &[("reason", "x")]).await.status, StatusCode::NOT_FOUND);
    assert!(!taxer.get("/registers/assets").await.body.contains("住民異動届"));
    assert!(!taxer.get("/pick/records/assets?asset=%E4%BD%8F").await.body.contains("住民異動届"));
}

#[tokio::test]
async fn a_new_form_shows_what_a_field_starts_with_and_what_is_emptied_stays_empty() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let day = |body: &str| {
        let (_, rest) = body.split_once("id=\"i-reviewed_on\"").expect("the field");
        rest.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    };
    assert_eq!(day(&head.get("/registers/assets/new").await.body), "2026-11-22", "見直した日 starts with today");
    assert_eq!(day(&head.get("/registers/assets/new?reviewed_on=2026-11-01").await.body), "2026-11-01");
    let mut emptied = ASSET.to_vec();
    emptied.retain(|(name, _)| *name != "reviewed_on");
    emptied.push(("reviewed_on", ""));
    let answer = head.post("/registers/assets/new", &emptied).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a required day that was emptied is asked for");
    assert!(answer.body.contains("href=\"#f-reviewed_on\""), "{}", answer.body);
    // The step that records a review starts with today, not with the last review.
    let at = asset(&mut head).await;
    assert_eq!(day(&head.get(&at).await.body), "2026-11-22");
}

/// Asks for a take-out as staff; its address.
async fn takeout(city: &City, asset: &str) -> String {
    let mut staff = city.signed_in("staff").await;
    let number = heading(&staff.get(asset).await.body);
    let fields = [
        ("asset", number.as_str()),
        ("how", "paper"),
        ("purpose", "東支所の窓口で照合するため"),
        ("destination", "東支所"),
        ("transport", "official_car"),
        ("carriers", "髙橋直"),
        ("out_on", "2026-11-24"),
        ("return_by", "2026-11-27"),
        ("then", "submit"),
    ];
    let asked = staff.post("/registers/takeouts/new", &fields).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    asked.location
}

#[tokio::test]
async fn a_take_out_is_asked_for_decided_and_carried_out() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let asset = asset(&mut head).await;
    let at = takeout(&city, &asset).await;
    assert!(head.get(&asset).await.body.contains(&at), "the asset shows what refers to it");
    assert!(head.get("/").await.body.contains("令和8年度持出第1号"), "it waits on the head's first page");
    let list = head.get("/registers/takeouts").await.body;
    assert!(list.contains("申請者") && list.contains("髙橋 直"), "whose it is stands in the list: {list}");
    let list = head.get("/registers/assets").await.body;
    assert!(
        list.contains("<th scope=\"col\">所属</th>") && list.contains("<span class=\"nowrap\">市民課</span>"),
        "and whose an asset is: {list}"
    );
    let mut staff = city.signed_in("staff").await;
    assert!(!staff.get("/inbox").await.body.contains("持出第1号"), "nobody decides on an own application");
    let page = head.get("/inbox").await.body;
    let (_, rest) = page.split_once("name=\"task\" value=\"").expect("a task to tick");
    let task = rest.split('"').next().unwrap().to_owned();
    assert!(head.post("/inbox", &[]).await.location == "/inbox");
    assert!(head.get("/inbox").await.body.contains("承認するものを選んでください"));
    head.post("/inbox", &[("task", &task)]).await;
    assert!(head.get("/inbox").await.body.contains("1件を承認しました"));
    let page = staff.get(&at).await.body;
    assert!(page.contains("許可済み") && page.contains("佐藤"), "the 押印欄 shows who decided");
    assert_eq!(staff.post(&format!("{at}/do/take"), &[("version", "3")]).await.location, at);
    assert!(staff.get(&at).await.body.contains("持出し中"));
    assert!(staff.get("/").await.body.contains("<td class=\"nowrap\">11月27日"), "until when it has to come back");
}

#[tokio::test]
async fn a_refusal_needs_its_reason() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let asset = asset(&mut head).await;
    let at = takeout(&city, &asset).await;
    let silent = head.post(&format!("{at}/do/refuse"), &[("version", "2")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("理由を入力してください"));
    head.post(&format!("{at}/do/refuse"), &[("version", "2"), ("reason", "鍵付きの鞄で運んでください")]).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("不承認") && page.contains("鍵付きの鞄で運んでください"), "{page}");
}

#[tokio::test]
async fn a_general_affairs_clerk_sets_and_takes_back_an_absence_in_the_own_section_only() {
    let city = City::new().await;
    let here = "/organisation/absences";
    assert_eq!(city.signed_in("staff").await.get(here).await.status, StatusCode::NOT_FOUND);
    let mut clerk = city.signed_in("shomu").await;
    assert!(clerk.get("/inbox").await.body.contains(here), "the way to the page stands under one's own absence");
    assert!(clerk.get(here).await.body.contains("不在の職員はいません"));
    for (person, from, to, wrong) in [
        ("99999", "2026-11-22", "", "見つかりません"),
        ("10003", "2026-11-21", "", "きょう以後"),
        ("10003", "2026-11-25", "2026-11-24", "始まりの日以後"),
        ("10003", "2026-11-25", "来週", "始まりの日以後"),
    ] {
        let answer = clerk.post(here, &[("person", person), ("from", from), ("to", to)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.body.contains(wrong) && answer.body.contains(&format!("value=\"{person}\"")), "{}", answer.body);
    }
    let other = clerk.post(here, &[("person", "10005"), ("from", "2026-11-22"), ("to", "")]).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN, "課税課 is not this clerk's");
    // 佐藤 恵 by name, from today on; and once more for a day to come.
    let set = clerk.post(here, &[("person", "佐藤 恵"), ("from", "2026-11-22"), ("to", "2026-11-30")]).await;
    assert_eq!(set.location, here, "{}", set.body);
    assert!(city.signed_in("head").await.get("/inbox").await.body.contains("いま不在にしています"));
    clerk.post(here, &[("person", "10004"), ("from", "2026-12-01"), ("to", "2026-12-02")]).await;
    let page = clerk.get(here).await.body;
    assert!(
        page.contains("佐藤 恵（10003）") && page.contains("髙橋 直（10004）") && page.contains("取り消す"),
        "{page}"
    );
    assert!(
        city.signed_in("personnel").await.get(here).await.body.contains("佐藤 恵"),
        "人事担当 looks after everybody"
    );
    for _ in 0..2 {
        let page = clerk.get(here).await.body;
        let id = page.split_once("name=\"absence\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        assert_eq!(clerk.post(&format!("{here}/end"), &[("absence", &id)]).await.location, here);
        assert_eq!(clerk.post(&format!("{here}/end"), &[("absence", &id)]).await.status, StatusCode::NOT_FOUND);
    }
    assert!(clerk.get(here).await.body.contains("不在の職員はいません"));
    assert!(!city.signed_in("head").await.get("/inbox").await.body.contains("いま不在にしています"));
    let journal = city.signed_in("auditor").await.get("/journal").await.body;
    assert!(
        journal.contains("不在の設定") && journal.contains("不在の終了") && journal.contains("庶務 花"),
        "{journal}"
    );
}

#[tokio::test]
async fn absence_is_set_and_ended() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    head.post("/absence", &[("to", "2026-11-30")]).await;
    let page = head.get("/inbox").await.body;
    assert!(page.contains("いま不在にしています"));
    let (_, rest) = page.split_once("name=\"absence\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    head.post("/absence/end", &[("absence", &id)]).await;
    assert!(!head.get("/inbox").await.body.contains("いま不在にしています"));
}

/// What the help tells people to press is there to be pressed.
#[test]
fn the_help_names_buttons_that_exist() {
    let pack = crate::city::policy();
    // Buttons of every list, and of no register of its own.
    let everywhere = ["新しく作る", "表から取り込む"];
    let (mut missing, mut named) = (Vec::new(), 0);
    for register in &pack.registers {
        let known: Vec<&str> = register.lifecycle.transitions.iter().map(|step| step.label.ja.as_str()).collect();
        let mut rest = register.help.ja.as_str();
        while let Some((_, after)) = rest.split_once('「') {
            let Some((words, after)) = after.split_once('」') else { break };
            rest = after;
            if !after.starts_with("を押") {
                continue;
            }
            named += 1;
            if !known.contains(&words) && !everywhere.contains(&words) {
                missing.push(format!("{}: {words}", register.id));
            }
        }
    }
    assert!(missing.is_empty() && named > 30, "{named} named, missing {missing:#?}");
}

#[tokio::test]
async fn a_decision_is_sent_back_to_an_earlier_step_from_the_page() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    // Personal data: after the head, 統括 decides.
    let mut fields = ASSET.to_vec();
    fields[2] = ("confidentiality", "3C");
    let asset = head.post("/registers/assets/new", &fields).await.location;
    let number = heading(&head.get(&asset).await.body);
    let mut staff = city.signed_in("staff").await;
    let takeout = [
        ("asset", number.as_str()),
        ("how", "terminal"),
        ("purpose", "申告会場で使う"),
        ("destination", "市民会館"),
        ("transport", "official_car"),
        ("carriers", "10004"),
        ("out_on", "2026-11-24"),
        ("return_by", "2026-11-25"),
        ("then", "submit"),
    ];
    let at = staff.post("/registers/takeouts/new", &takeout).await.location;
    let page = head.get(&at).await.body;
    assert!(page.contains("差し戻す") && !page.contains("name=\"to_step\""), "nothing came before the first step");
    let done = head.post(&format!("{at}/do/approve"), &[("version", "2")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let mut chief = city.signed_in("chief").await;
    let page = chief.get(&at).await.body;
    assert!(page.contains("name=\"to_step\"") && page.contains("承認 管理者（佐藤 恵）</option>"), "{page}");
    let back = format!("{at}/do/send_back");
    let without = chief.post(&back, &[("version", "2"), ("to_step", "0"), ("reason", "")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("<option value=\"0\" selected>"), "what was chosen stays: {}", without.body);
    let wrong = chief.post(&back, &[("version", "2"), ("to_step", "7"), ("reason", "根拠")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    let sent = chief.post(&back, &[("version", "2"), ("to_step", "0"), ("reason", "根拠を足す")]).await;
    assert_eq!(sent.location, at, "{}", sent.body);
    assert!(head.get("/inbox").await.body.contains("申告会場で使う"), "it is asked again of the head");
    assert!(!chief.get("/inbox").await.body.contains("申告会場で使う"));
    let page = head.get(&at).await.body;
    assert!(page.contains("申請中"), "the record has not moved");
    // Over the API the same, by the step's number.
    let done = head.post(&format!("{at}/do/approve"), &[("version", "2")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let token = city.token("chief", &[]).await;
    let id = at.rsplit('/').next().unwrap();
    let api = format!("/api/v1/registers/takeouts/records/{id}/transitions/send_back");
    let odd = serde_json::json!({ "to_step": "first", "reason": "x" });
    assert_eq!(city.api("POST", &api, &token, None, Some(odd)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let body = serde_json::json!({ "to_step": 0, "reason": "もう一度" });
    let (status, _, answer) = city.api("POST", &api, &token, None, Some(body)).await;
    assert_eq!((status, answer["state"].as_str()), (StatusCode::OK, Some("asked")), "{answer}");
}
