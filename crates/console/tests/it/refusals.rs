//! A refusal names the field and what is allowed there: in every register over the API, and in forms.

use axum::http::StatusCode;
use pack::Pack;
use pack::model::{Field, FieldType, Register};
use serde_json::{Map, Value as Json, json};

use crate::city::City;

/// An id of nothing.
const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

/// A value that no field of this type takes, and what the refusal has to say.
fn wrong_type(pack: &Pack, ty: &FieldType) -> (Json, Vec<String>) {
    let says = |text: &str| vec![text.to_owned()];
    let one_of = |names: Vec<String>| [says("次の中から選んでください"), names].concat();
    match ty {
        FieldType::Text | FieldType::Long => (json!(3), says("文字を入力")),
        FieldType::Int | FieldType::Money => (json!("三"), says("整数を「12」の形で")),
        FieldType::Date => (json!("来週"), says("2026-04-01")),
        FieldType::Bool => (json!("たぶん"), says("「はい」か「いいえ」")),
        FieldType::Choice(choices) => {
            let offered = choices.iter().filter(|choice| !choice.retired);
            (json!("nope"), one_of(offered.map(|choice| choice.label.ja.clone()).collect()))
        }
        FieldType::Class(axis) => {
            (json!("9Z"), one_of(pack.classes.of(*axis).iter().map(|class| class.id.clone()).collect()))
        }
        FieldType::Zone => (json!("moon"), one_of(pack.zones.iter().map(|zone| zone.name.ja.clone()).collect())),
        FieldType::Person | FieldType::Unit | FieldType::File | FieldType::Ref(_) => {
            (json!("誰か"), says("一覧から選んでください"))
        }
        FieldType::List(_) => (json!("x"), says("値の並び")),
        FieldType::Computed(_) => (json!("x"), says("自動で計算されます")),
    }
}

/// A value of the right type that is refused for what it holds; none where only the type can be wrong.
fn wrong_content(ty: &FieldType, kind: &str) -> Option<(Json, Vec<String>)> {
    let says = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let text = matches!(ty, FieldType::Text | FieldType::Long);
    match (kind, ty) {
        ("too long", _) if text => Some((json!("長".repeat(30_000)), says(&["文字以内で入力", "いま30000文字"]))),
        ("bidi", _) if text => Some((json!("a\u{202e}b"), says(&["U+202E", "取り除いて"]))),
        ("nul", _) if text => Some((json!("a\u{0}b"), says(&["U+0000", "取り除いて"]))),
        ("control", _) if text => Some((json!("a\u{1b}[31m"), says(&["U+001B", "取り除いて"]))),
        ("huge", FieldType::Int | FieldType::Money) => {
            Some((json!(9_007_199_254_740_992_i64), says(&["から9007199254740991まで"])))
        }
        ("unknown", FieldType::Person) => Some((json!(NOTHING), says(&["在職している職員を選んで"]))),
        ("unknown", FieldType::Unit) => Some((json!(NOTHING), says(&["いまある所属を選んで"]))),
        ("unknown", FieldType::File) => Some((json!(NOTHING), says(&["ファイルを添付し直して"]))),
        ("unknown", FieldType::Ref(_)) => Some((json!(NOTHING), says(&["一覧から選んで"]))),
        _ => None,
    }
}

/// What is wrong with each field of a register in one body.
type Wrong<'a> = Vec<(&'a Field, (Json, Vec<String>))>;

/// Sends everything that is wrong at once, and wants each field named with what is allowed.
async fn refused(city: &City, token: &str, register: &Register, wrong: &Wrong<'_>, missing: &mut Vec<String>) {
    if wrong.is_empty() {
        return;
    }
    let fields: Map<String, Json> = wrong.iter().map(|(field, (value, _))| (field.id.clone(), value.clone())).collect();
    let path = format!("/api/v1/registers/{}/records", register.id);
    let (status, _, problem) = city.api("POST", &path, token, None, Some(json!({ "fields": fields }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{}: {problem}", register.id);
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    for (field, (value, says)) in wrong {
        let said = errors.iter().filter(|error| error["field"] == *field.id);
        let said: String = said.filter_map(|error| error["detail"].as_str()).collect();
        if !says.iter().all(|text| said.contains(text)) {
            let value: String = value.to_string().chars().take(30).collect();
            missing.push(format!("{} {} {value}: said {said:?}, wanted {says:?}", register.id, field.id));
        }
    }
}

#[tokio::test]
async fn every_field_of_every_register_says_what_it_takes() {
    let city = City::new().await;
    let mut tokens = Vec::new();
    for login in
        ["head", "admin", "system", "csirt", "kansa", "auditor", "personnel", "ciso", "shomu", "chief", "staff"]
    {
        tokens.push(city.token(login, &[]).await);
    }
    let (mut missing, mut tried) = (Vec::new(), 0);
    for register in &city.pack.registers {
        let path = format!("/api/v1/registers/{}/records", register.id);
        let mut allowed = None;
        for token in &tokens {
            let body = json!({ "fields": { "no-such-field": "x" } });
            let (status, _, problem) = city.api("POST", &path, token, None, Some(body)).await;
            if status == StatusCode::UNPROCESSABLE_ENTITY {
                let known = register.fields.iter().all(|field| problem.to_string().contains(&field.id));
                assert!(known, "an unknown field is answered with those that there are: {problem}");
                allowed = Some(token);
                break;
            }
        }
        let Some(token) = allowed else { continue };
        tried += 1;
        let fields = || register.fields.iter().filter(|field| !field.retired);
        let wrong: Wrong<'_> = fields().map(|field| (field, wrong_type(&city.pack, &field.ty))).collect();
        refused(&city, token, register, &wrong, &mut missing).await;
        for kind in ["too long", "bidi", "nul", "control", "huge", "unknown"] {
            let wrong = fields().filter_map(|field| Some((field, wrong_content(&field.ty, kind)?)));
            refused(&city, token, register, &wrong.collect(), &mut missing).await;
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(tried * 10 >= city.pack.registers.len() * 8, "only {tried} registers were tried");
}

#[tokio::test]
async fn a_form_says_at_each_field_what_it_takes_and_keeps_good_characters() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let long = "長".repeat(600);
    for (field, value, says) in [
        ("name", long.as_str(), "100文字以内で入力してください（いま600文字）"),
        ("name", "a\u{202e}b", "使えない文字（U+202E）"),
        ("name", "a\u{0}b", "使えない文字（U+0000）"),
        ("kind", "nope", "次の中から選んでください："),
        ("confidentiality", "9Z", "次の中から選んでください：3A、3B"),
        ("reviewed_on", "来週", "2026-04-01"),
    ] {
        let label = city.pack.register("assets").and_then(|r| r.field(field)).unwrap().label.ja.clone();
        let answer = head.post("/registers/assets/new", &[(field, value)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let (_, list) = answer.body.split_once("か所を直してください").unwrap();
        let line = list.split("</li>").find(|line| line.contains(&format!("#f-{field}\""))).unwrap_or_default();
        assert!(line.contains(&label) && line.contains(says), "{field} {value:.20}: {line}");
    }
    assert!(head.get("/registers/assets").await.body.contains("0件"), "nothing is written");

    // A private-use character and a variation selector are names; HTML is text.
    let name = "渡\u{e000}邉\u{e0100}<script>alert(1)</script>";
    let token = city.token("head", &[]).await;
    let fields = json!({
        "name": name, "kind": "paper", "confidentiality": "2", "integrity": "2", "availability": "1", "personal": "none",
        "origin": "made", "place": "書庫",
    });
    let path = "/api/v1/registers/assets/records";
    let (status, _, made) = city.api("POST", path, &token, None, Some(json!({ "fields": fields }))).await;
    assert_eq!((status, made["fields"]["name"].as_str()), (StatusCode::CREATED, Some(name)));
    let page = head.get(&format!("/registers/assets/{}", made["id"].as_str().unwrap())).await.body;
    assert!(page.contains("渡\u{e000}邉\u{e0100}&lt;script&gt;") && !page.contains("<script>alert"), "shown as text");
}

#[tokio::test]
async fn a_stale_version_and_another_units_record_are_refused_with_what_to_do() {
    let city = City::new().await;
    let (head, taxer) = (city.token("head", &[]).await, city.token("taxer", &[]).await);
    let fields = json!({
        "name": "住民異動届", "kind": "paper", "confidentiality": "2", "integrity": "2", "availability": "1",
        "personal": "none", "origin": "made", "place": "書庫",
    });
    let path = "/api/v1/registers/assets/records";
    let (_, _, made) = city.api("POST", path, &head, None, Some(json!({ "fields": fields }))).await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let change = json!({ "fields": { "place": "地下書庫" } });
    let (status, _, problem) = city.api("PATCH", &one, &head, Some("\"9\""), Some(change.clone())).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert!(problem["detail"].as_str().unwrap().contains("新しい内容を確かめてから"), "{problem}");
    let (status, _, problem) = city.api("PATCH", &one, &head, None, Some(change.clone())).await;
    assert_eq!(status, StatusCode::PRECONDITION_REQUIRED, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("If-Match"), "{problem}");
    // Another section's record is not there, by its address and as a reference.
    let (status, _, problem) = city.api("PATCH", &one, &taxer, Some("\"1\""), Some(change)).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{problem}");
    let takeout = json!({ "fields": { "asset": made["id"] } });
    let (status, _, problem) =
        city.api("POST", "/api/v1/registers/takeouts/records", &taxer, None, Some(takeout)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = problem["errors"].as_array().unwrap();
    let said = errors.iter().find(|error| error["field"] == "asset").unwrap()["detail"].as_str().unwrap().to_owned();
    assert!(said.contains("見る権限がありません") && said.contains("一覧から選んで"), "{said}");
}
