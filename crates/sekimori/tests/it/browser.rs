//! A browser on a running demo: keeps cookies, signs in as one of the printed accounts.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value as Json;

/// What is on the demo's card: accounts, and how far its clock is from the system's.
pub(crate) struct Card(Json);

impl Card {
    pub(crate) fn read(dir: &Path) -> Self {
        Self(serde_json::from_slice(&std::fs::read(dir.join("demo.json")).unwrap()).unwrap())
    }

    fn account(&self, login: &str) -> &Json {
        let all = self.0["accounts"].as_array().unwrap();
        all.iter().find(|account| account["login"] == login).unwrap_or_else(|| panic!("no account '{login}'"))
    }

    /// The code that the account's device shows now; none for an account without one.
    #[expect(clippy::disallowed_methods, reason = "a device shows the code of this moment")]
    fn code(&self, login: &str) -> Option<String> {
        let secret = self.account(login)["totp"].as_str()?;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let now = i64::try_from(now).unwrap() + self.0["shift_ms"].as_i64().unwrap();
        console::totp_code(&base32(secret), now)
    }
}

/// RFC 4648, without padding.
fn base32(text: &str) -> Vec<u8> {
    let (mut held, mut bits, mut out) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| letter.is_ascii_alphanumeric()) {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter.to_ascii_uppercase() - b'A' };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    out
}

pub(crate) struct Browser {
    address: String,
    cookies: Vec<(String, String)>,
}

/// Status, where it leads, and the page.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
    /// The same as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Browser {
    /// A browser in which this person has signed in.
    pub(crate) fn signed_in(address: &str, card: &Card, login: &str) -> Self {
        let mut browser = Self { address: address.to_owned(), cookies: Vec::new() };
        let form = browser.get("/signin").body;
        let password = card.account(login)["password"].as_str().unwrap();
        let answer = browser.post("/signin", &form, &[("login", login), ("password", password)]);
        assert_eq!(answer.status, 303, "{login}: {}", answer.body);
        if answer.location == "/signin/second" {
            let form = browser.get("/signin/second").body;
            let code = card.code(login).unwrap_or_else(|| panic!("{login} has no device"));
            let answer = browser.post("/signin/second", &form, &[("code", &code)]);
            assert_eq!(answer.status, 303, "{login}: {}", answer.body);
        }
        browser
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    /// Posts a form, with the proof of the page that it stands on.
    pub(crate) fn post(&mut self, path: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
        let (_, rest) = page.split_once("name=\"proof\" value=\"").expect("a form");
        let proof = rest.split('"').next().unwrap();
        let pairs = fields.iter().copied().chain([("proof", proof)]);
        let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.send("POST", path, &body.join("&"))
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len(),
        )
        .unwrap();
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw).unwrap();
        let text = String::from_utf8_lossy(&raw).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let mut location = String::new();
        for line in head.lines().skip(1) {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if name.eq_ignore_ascii_case("location") {
                value.clone_into(&mut location);
            }
            if name.eq_ignore_ascii_case("set-cookie") {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let at = raw.windows(4).position(|window| window == b"\r\n\r\n").map_or(raw.len(), |at| at + 4);
        Answer { status, location, body: body.to_owned(), bytes: raw.split_off(at) }
    }
}

/// A value as a form carries it.
fn encode(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes().map(|byte| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
