//! Any bytes as the body of a new record over the API: no panic and no failure of ours; what is refused names each field at fault,
//! which the register has or which was sent, and says what is allowed.

#![no_main]

#[path = "console/mod.rs"]
mod console_of;

use std::cell::RefCell;

use axum::http::StatusCode;
use console_of::City;
use libfuzzer_sys::fuzz_target;
use pack::model::Register;
use serde_json::{Map, Value as Json};

thread_local! {
    static CITY: RefCell<City> = RefCell::new(City::new());
}

/// A body whose lines are values of fields: the first byte names the field, the rest is JSON or else text.
fn lines(register: &Register, bytes: &[u8]) -> Vec<u8> {
    let mut fields = Map::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let field = &register.fields[usize::from(*which) % register.fields.len()];
        let value = serde_json::from_slice(value).unwrap_or_else(|_| String::from_utf8_lossy(value).into());
        fields.insert(field.id.clone(), value);
    }
    Json::Object(Map::from_iter([("fields".to_owned(), Json::Object(fields))])).to_string().into_bytes()
}

fn check(register: &Register, sent: &[u8], status: StatusCode, answer: &str) {
    match status {
        StatusCode::CREATED => {
            let made: Json = serde_json::from_str(answer).expect("JSON");
            let fields = made["fields"].as_object().expect("fields");
            assert!(fields.keys().all(|id| register.field(id).is_some()), "{answer}");
        }
        StatusCode::UNPROCESSABLE_ENTITY => {
            let problem: Json = serde_json::from_str(answer).expect("problem+json");
            assert!(problem["detail"].as_str().is_some_and(|says| !says.is_empty()), "{answer}");
            for error in problem["errors"].as_array().into_iter().flatten() {
                let named = error["field"].as_str().expect("a field");
                let field = named.split('[').next().unwrap_or_default();
                let beside = ["unit", "reason"].iter().chain(&ledger::records::PAPER_FIELDS).any(|name| *name == field);
                let known = register.field(field).is_some() || beside;
                assert!(known || keys(sent).iter().any(|key| key == named), "{answer}");
                assert!(error["detail"].as_str().is_some_and(|says| says.chars().count() > 5), "{answer}");
            }
        }
        other => assert!(matches!(other, StatusCode::FORBIDDEN | StatusCode::CONFLICT | StatusCode::NOT_FOUND), "{other} {answer}"),
    }
}

/// The names that a body gave to fields.
fn keys(sent: &[u8]) -> Vec<String> {
    let Ok(Json::Object(body)) = serde_json::from_slice(sent) else { return Vec::new() };
    let fields = body.get("fields").and_then(Json::as_object).unwrap_or(&body);
    fields.keys().cloned().collect()
}

fuzz_target!(|bytes: &[u8]| {
    let [which, how, rest @ ..] = bytes else { return };
    CITY.with_borrow_mut(|city| {
        if city.is_full() {
            *city = City::new();
        }
        let register = city.register(*which).clone();
        let body = if how % 2 == 0 { rest.to_vec() } else { lines(&register, rest) };
        let path = format!("/api/v1/registers/{}/records", register.id);
        let (status, answer) = city.call("POST", &path, body.clone());
        check(&register, &body, status, &answer);
    });
});
