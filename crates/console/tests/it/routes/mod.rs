//! Every route, called as every kind of visitor and as nobody.
//!
//! The list of routes is read from the router's own source, so that none is forgotten: one without an example in
//! [`examples`] fails. What was answered is docs/generated/routes.md, which is reviewed like code; what has to hold whatever
//! stands there is asserted beside it.

mod examples;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use axum::http::StatusCode;
use ledger::{Actor, Moment};

use crate::city::{Browser, City, NOW};
use examples::{Example, Places, examples};

/// Who calls: what the page says, and whose account it is.
const VISITORS: &[(&str, Option<&str>)] = &[
    ("未サインイン", None),
    ("委託事業者", Some("vendor")),
    ("職員", Some("staff")),
    ("別の課の職員", Some("taxer")),
    ("課長", Some("head")),
    ("システム管理者", Some("system")),
    ("人事", Some("personnel")),
    ("事務局", Some("admin")),
    ("統括", Some("chief")),
    ("ＣＩＳＯ", Some("ciso")),
    ("監査人", Some("auditor")),
    ("製品管理者", Some("sysadmin")),
];

/// What nobody in particular may open: signing in, being set up, whether the product lives, the look of its pages, the shape
/// of its API, and to report an incident. Everything else leads to the sign-in.
const OPEN: &[&str] = &[
    "GET /signin",
    "POST /signin",
    "GET /setup/{account}/{token}",
    "POST /setup/{account}/{token}",
    "GET /report",
    "POST /report",
    "GET /language",
    "GET /assets/{version}/{name}",
    "GET /healthz",
    "GET /metrics",
    "GET /api/openapi.json",
    // Leads to a page that asks for the sign-in.
    "GET /me/list",
];

/// The routes of a router's source, as `METHOD path`.
fn routes(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a path");
        let rest = route.split_once("\",").expect("its handlers").1;
        let rest = rest.split("\n        .").next().unwrap_or_default();
        let before = found.len();
        for method in ["get", "post", "patch", "put", "delete"] {
            let call = format!("{method}(");
            for (at, _) in rest.match_indices(&call) {
                let letter = rest[..at].chars().next_back();
                if letter.is_none_or(|c| !c.is_alphanumeric() && c != '_') {
                    found.insert(format!("{} {path}", method.to_uppercase()));
                }
            }
        }
        assert!(found.len() > before, "no handler of {path} was understood");
    }
    found
}

/// The routes of every file of the console that names some.
fn all_routes() -> BTreeSet<String> {
    fn add(dir: &Path, all: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, all);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                all.extend(routes(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut all = BTreeSet::new();
    add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    all
}

/// What was answered, in a word.
fn word(status: StatusCode, location: &str) -> String {
    match status.as_u16() {
        200 | 201 | 204 => "○".to_owned(),
        300..=399 if location.starts_with("/signin?") || location == "/signin" => "サインインへ".to_owned(),
        300..=399 => "○→".to_owned(),
        401 => "要認証".to_owned(),
        403 => "不可".to_owned(),
        404 => "なし".to_owned(),
        409 | 412 => "今は不可".to_owned(),
        422 => "入力".to_owned(),
        other => other.to_string(),
    }
}

async fn journal(city: &City) -> i64 {
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    ledger::journal::last(&mut reading).await.unwrap()
}

/// Calls one example; status, where it leads, and the page.
async fn call(city: &City, browser: &mut Browser<'_>, token: &str, example: &Example) -> (StatusCode, String, String) {
    let fields: Vec<(&str, &str)> = example.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if example.path.starts_with("/api/") {
        let (status, _, body) =
            city.api(example.method, &example.path, token, example.version, example.json.clone()).await;
        return (status, String::new(), body.to_string());
    }
    let answer = match example.method {
        "GET" => browser.get(&example.path).await,
        _ => browser.post(&example.path, &fields).await,
    };
    (answer.status, answer.location, answer.body)
}

/// Everything that one visitor is answered, by the example.
async fn visit(login: Option<&str>) -> Vec<(String, String)> {
    let city = City::new().await;
    let places = Places::prepare(&city).await;
    let mut browser = match login {
        Some(login) => city.signed_in(login).await,
        None => city.browser(),
    };
    let token = match login {
        Some(login) => city.token(login, &[]).await,
        None => String::new(),
    };
    let mut answers = Vec::new();
    for example in examples(&places) {
        let route = example.route();
        let before = journal(&city).await;
        if example.method != "GET" {
            unproved(&mut browser, &city, &example).await;
            assert_eq!(journal(&city).await, before, "{route} without its proof left a trace");
        }
        let (status, location, body) = call(&city, &mut browser, &token, &example).await;
        assert!(!status.is_server_error(), "{login:?} {route}: {status} {body}");
        let refused = status.is_client_error() || location.starts_with("/signin");
        if refused && !example.path.starts_with("/sign") {
            assert_eq!(journal(&city).await, before, "{login:?} {route}: a refused request left an entry");
        }
        if login.is_none() {
            let answer = word(status, &location);
            let kept_out = matches!(answer.as_str(), "サインインへ" | "要認証");
            assert_eq!(!kept_out, OPEN.contains(&route.as_str()), "{route} answers nobody with {answer}");
        }
        answers.push((example.name(), word(status, &location)));
    }
    answers
}

/// A form without the proof, and a call of the API with a session in place of a token, change nothing.
async fn unproved(browser: &mut Browser<'_>, city: &City, example: &Example) {
    if example.path.starts_with("/api/") {
        let (status, _, _) = city.api(example.method, &example.path, "", example.version, example.json.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{} without a token", example.route());
        return;
    }
    let fields: Vec<(&str, &str)> = example.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for proof in ["", "0123456789abcdef0123456789abcdef"] {
        let answer = browser.post_with(&example.path, proof, &fields).await;
        let kept_out = answer.status == StatusCode::FORBIDDEN || answer.location.starts_with("/signin");
        assert!(kept_out, "{} without its proof: {} {}", example.route(), answer.status, answer.location);
    }
}

/// Holds the page to what was answered; with `SEKIMORI_RENEW=1` it is written instead.
fn keep(text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/generated/routes.md");
    if std::env::var_os("SEKIMORI_RENEW").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs: Vec<(&str, &str)> =
        written.lines().zip(text.lines()).filter(|(old, new)| old != new).take(3).collect();
    assert!(
        written == text,
        "docs/generated/routes.md is not what the console answers {differs:#?}; look at the difference, and when it is \
         meant renew it with\n  SEKIMORI_RENEW=1 cargo test -p console --test it routes"
    );
}

#[tokio::test]
async fn every_route_answers_every_visitor_as_written_down() {
    let mut table: BTreeMap<usize, (String, Vec<String>)> = BTreeMap::new();
    for (_, login) in VISITORS {
        for (at, (name, answer)) in visit(*login).await.into_iter().enumerate() {
            table.entry(at).or_insert_with(|| (name, Vec::new())).1.push(answer);
        }
    }
    let names: Vec<&str> = VISITORS.iter().map(|(name, _)| *name).collect();
    let mut text = format!(
        "# 画面とAPIの番地 × だれが\n\n\
         Made by a test, which calls every route of the router as every visitor; never edited by hand. The list of routes is read \
         from the router's source, and a route without an example fails the test.\n\n\
         ○ 見られる・できる　○→ できて次の画面へ　不可 権限がないと答える　なし あること自体を知らせない　入力 できる人だが入力に誤りがある　\
         今は不可 できる人だが状態が合わない　サインインへ・要認証 だれか分からないので通さない。\n\n\
         フォームの証明（proof）のない送信は、だれからでも断り、何も残さない。断った操作は操作記録を増やさない（サインインの失敗を除く）。\n\n\
         | 番地 | {} |\n|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len()),
    );
    for (name, answers) in table.values() {
        writeln!(text, "| {name} | {} |", answers.join(" | ")).unwrap();
    }
    keep(&text);
}

#[tokio::test]
async fn every_route_of_the_router_has_an_example() {
    let city = City::new().await;
    let given: BTreeSet<String> = examples(&Places::prepare(&city).await).iter().map(Example::route).collect();
    let routes = all_routes();
    assert!(routes.len() > 60, "the router's source was not understood: {routes:?}");
    let without: Vec<_> = routes.difference(&given).collect();
    let stale: Vec<_> = given.difference(&routes).collect();
    assert!(
        without.is_empty() && stale.is_empty(),
        "routes without an example in tests/it/routes/examples.rs: {without:?}; examples of no route: {stale:?}"
    );
}
