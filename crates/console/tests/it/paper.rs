//! 代理入力: the section's security staff enters from paper for a colleague; record, print, list of auditors and API say so.

use axum::http::StatusCode;
use ledger::people::{Standing, accounts};
use ledger::{Actor, Id, Moment, files, permission};
use serde_json::json;

use crate::audits;
use crate::city::{ASSET, City, NOW, number};

/// The city, in which 庶務 花 is 情報セキュリティ担当 of the residents' section, and an asset of that section.
async fn city() -> (City, String) {
    let city = City::new().await;
    audits::post(&city, "10012", "section_security_staff", city.unit("市民課").await, "2026-04-01", None).await;
    let mut head = city.signed_in("head").await;
    let asset = head.makes("assets", &[ASSET, &[("then", "register")]].concat()).await;
    let asset = number(&head.get(&asset).await.body);
    (city, asset)
}

fn takeout<'a>(asset: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("asset", asset),
        ("how", "paper"),
        ("purpose", "東支所の窓口で照合するため"),
        ("destination", "東支所"),
        ("transport", "official_car"),
        ("carriers", "佐藤恵"),
        ("out_on", "2026-11-24"),
        ("return_by", "2026-11-27"),
    ];
    [fields.as_slice(), more].concat()
}

const SCAN: (&str, &str, &[u8]) = ("entered_for_scan", "持出しの様式.pdf", b"%PDF-1.7");

#[tokio::test]
async fn a_form_on_paper_is_entered_for_its_writer_and_every_page_says_so() {
    let (city, asset) = city().await;
    let mut clerk = city.signed_in("shomu").await;
    assert!(clerk.get("/registers/takeouts/new").await.body.contains("代理入力（紙の様式から）"));
    let paper = [("entered_for", "佐藤 恵（10003）"), ("entered_for_dated", "令和8年11月20日"), ("then", "submit")];
    let made = clerk.post_file("/registers/takeouts/new", &takeout(&asset, &paper), SCAN).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let at = made.location;

    let page = clerk.get(&at).await.body;
    for said in ["庶務 花", "代理入力（本人）", "佐藤 恵", "令和8年11月20日", "持出しの様式.pdf"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    // The application is the head's: it goes to the head's superior and not to the head.
    assert!(
        page.contains("決裁 責任者")
            && page.contains("<span>佐藤</span>")
            && page.contains("class=\"after\">代理入力<"),
        "{page}"
    );
    let print = clerk.get(&format!("{at}/print")).await.body;
    assert!(print.contains("佐藤 恵<br>（代理入力　庶務 花　紙の日付　令和8年11月20日）"), "{print}");

    let mut head = city.signed_in("head").await;
    assert!(head.get("/").await.body.contains("令和8年度持出第1号"), "the writer follows the application");
    let scan = page.split("/files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(head.get(&format!("/files/{scan}")).await.bytes, SCAN.2);
    assert_eq!(city.signed_in("taxer").await.get(&format!("/files/{scan}")).await.status, StatusCode::NOT_FOUND);

    let mut auditor = city.signed_in("auditor").await;
    let list = auditor.get("/oversight?way=entered-for").await.body;
    assert!(list.contains("令和8年11月20日") && list.contains(&format!("/files/{scan}")), "{list}");
    let file = auditor.get("/oversight?way=entered-for&form=csv").await.body;
    assert!(file.contains("紙の日付") && file.contains("2026-11-20"), "{file}");

    let token = city.token("head", &[]).await;
    let (_, _, found) = city.api("GET", "/api/v1/registers/takeouts/records", &token, None, None).await;
    let item = &found["items"][0];
    assert_eq!((&item["entered_for_dated"], &item["entered_for_scan"]), (&json!("2026-11-20"), &json!(scan)), "{item}");
}

#[tokio::test]
async fn what_is_missing_of_a_paper_is_said_and_nobody_enters_for_oneself_or_without_the_post() {
    let (city, asset) = city().await;
    let mut clerk = city.signed_in("shomu").await;
    let half = takeout(&asset, &[("entered_for_dated", "来週")]);
    let answer = clerk.post("/registers/takeouts/new", &half).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("<details class=\"ask\" open>") && answer.body.contains("value=\"来週\""));
    for said in [
        "だれの申請かを選んでください",
        "紙の日付を入力してください",
        "紙の写し（ファイル）を添付してください",
        "3か所",
    ] {
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
    for (who, says) in [
        ("庶務 花（10012）", "自分の申請を自分で代理入力することはできません"),
        ("渡邉󠄂 葵（10005）", "情報セキュリティ担当をしている所属"),
    ] {
        let paper = [("entered_for", who), ("entered_for_dated", "2026-11-20")];
        let answer = clerk.post_file("/registers/takeouts/new", &takeout(&asset, &paper), SCAN).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{who}");
        assert!(answer.body.contains(says), "{who}: {}", answer.body);
    }
    let mut head = city.signed_in("head").await;
    assert!(!head.get("/registers/takeouts/new").await.body.contains("代理入力"));
    let paper = [("entered_for", "髙橋直"), ("entered_for_dated", "2026-11-20")];
    let answer = head.post_file("/registers/takeouts/new", &takeout(&asset, &paper), SCAN).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(clerk.get("/registers/takeouts").await.body.contains("0件"), "nothing is written");
}

/// A file that this person has brought.
async fn brought(city: &City, login: &str) -> Id {
    let mut op = city.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
    let person = accounts::by_login(&mut op, login).await.unwrap().unwrap().person;
    drop(op);
    let mut op = city.ledger.operation(Actor::Person(person), Moment(NOW)).await.unwrap();
    let standing = Standing::of(&mut op, &city.pack, person).await.unwrap();
    let permit = permission::attach(&op, Some(&standing)).unwrap();
    let file = files::add(&mut op, permit, "様式.pdf", "application/pdf", &b"%PDF"[..]).await.unwrap();
    op.commit().await.unwrap();
    file.id
}

#[tokio::test]
async fn the_api_takes_a_paper_whole_or_not_at_all() {
    let (city, _) = city().await;
    let token = city.token("shomu", &[]).await;
    let (people, scan) = (
        {
            let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
            ledger::people::persons::by_code(&mut reading, "10004").await.unwrap().unwrap().id.to_string()
        },
        brought(&city, "shomu").await.to_string(),
    );
    let at = "/api/v1/registers/acknowledgements/records";
    let body = |paper: serde_json::Value| {
        let mut body = json!({ "person": people, "edition": "1", "confirmed_on": "2026-11-20" });
        body.as_object_mut().unwrap().extend(paper.as_object().unwrap().clone());
        Some(body)
    };
    let (status, _, answer) = city.api("POST", at, &token, None, body(json!({ "entered_for": people }))).await;
    assert_eq!((status, &answer["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("entered_for_dated")), "{answer}");
    let paper = json!({ "entered_for": people, "entered_for_dated": "2026-11-20", "entered_for_scan": scan });
    let (status, _, made) = city.api("POST", at, &token, None, body(paper.clone())).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    for (name, value) in paper.as_object().unwrap() {
        assert_eq!(&made[name], value, "{made}");
    }
    let (status, _, answer) = city.api("POST", at, &token, None, body(paper)).await;
    assert_eq!((status, &answer["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("entered_for_scan")));
    // What a call does not take is said, and not passed over.
    let one = format!("{at}/{}", made["id"].as_str().unwrap());
    let fields = json!({ "edition": "2" });
    for (method, at, seen, more) in [
        ("POST", at, None, json!({ "unit": 5 })),
        ("POST", at, None, json!({ "colour": "red", "fields": fields })),
        ("PATCH", one.as_str(), Some("\"1\""), json!({ "entered_for": people, "fields": fields })),
        ("PATCH", one.as_str(), Some("\"1\""), json!({ "unit": people })),
    ] {
        let wanted = more.as_object().unwrap().keys().find(|name| *name != "fields").unwrap().clone();
        let (status, _, answer) = city.api(method, at, &token, seen, Some(more)).await;
        assert_eq!((status, &answer["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(wanted)), "{method} {answer}");
    }
    let (_, _, about) = city.api("GET", "/api/openapi.json", "", None, None).await;
    for schema in ["Record", "Change"] {
        assert!(about["components"]["schemas"][schema]["properties"]["entered_for_scan"].is_object(), "{schema}");
    }
}
