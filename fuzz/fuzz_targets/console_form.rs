//! Any bytes as a posted form of a new record, as a browser encodes it or in parts: no panic and no failure of ours; what is refused
//! comes back as the form with each fault at its field.

#![no_main]

#[path = "console/mod.rs"]
mod console_of;

use std::cell::RefCell;

use axum::http::StatusCode;
use console_of::City;
use libfuzzer_sys::fuzz_target;
use pack::model::Register;

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=cut";

thread_local! {
    static CITY: RefCell<City> = RefCell::new(City::new());
}

/// The proof that our own page sent it, and whatever comes after.
fn raw(proof: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("proof={proof}&").as_bytes(), bytes].concat()
}

/// A form whose lines are values of fields: the first byte names the field.
fn lines(register: &Register, proof: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = form_urlencoded::Serializer::new(format!("proof={proof}"));
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let field = &register.fields[usize::from(*which) % register.fields.len()];
        body.append_pair(&field.id, &String::from_utf8_lossy(value));
    }
    body.finish().into_bytes()
}

/// Parts: the proof, then a part whose head and body are whatever was given.
fn parts(proof: &str, bytes: &[u8]) -> Vec<u8> {
    let first = format!("--cut\r\nContent-Disposition: form-data; name=\"proof\"\r\n\r\n{proof}\r\n--cut\r\n");
    [first.as_bytes(), bytes, b"\r\n--cut--\r\n"].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let [which, how, rest @ ..] = bytes else { return };
    CITY.with_borrow_mut(|city| {
        if city.is_full() {
            *city = City::new();
        }
        let register = city.register(*which).clone();
        let (kind, body) = match how % 3 {
            0 => (FORM, raw(&city.proof, rest)),
            1 => (FORM, lines(&register, &city.proof, rest)),
            _ => (PARTS, parts(&city.proof, rest)),
        };
        let (status, page) = city.post(&format!("/registers/{}/new", register.id), kind, body);
        let refused = status == StatusCode::UNPROCESSABLE_ENTITY;
        let other = matches!(
            status,
            StatusCode::SEE_OTHER | StatusCode::FORBIDDEN | StatusCode::CONFLICT | StatusCode::PAYLOAD_TOO_LARGE
        );
        assert!(refused || other, "{status} {page}");
        if refused && page.contains("か所を直してください") {
            assert!(page.contains("wrong-text") || page.contains("href=\"#f-"), "a fault without a field: {page}");
        }
    });
});
