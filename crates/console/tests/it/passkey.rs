//! Passkeys: what a key says is believed once, from its own session, at its own address.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ledger::{Actor, Moment, journal};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::city::{Answer, Browser, City, NOW, PASSWORD};

const ADDRESS: &str = "http://localhost:8080";

/// A key as an authenticator keeps it, with its counter.
struct Key {
    id: [u8; 16],
    secret: SigningKey,
    counter: u32,
    /// The page that the browser says it stands on.
    origin: String,
}

impl Key {
    fn new(number: u8) -> Self {
        let secret = SigningKey::from_bytes(&[number; 32].into()).unwrap();
        Self { id: [number; 16], secret, counter: 0, origin: ADDRESS.to_owned() }
    }

    fn client_data(&self, kind: &str, asked: &Json) -> Vec<u8> {
        let challenge = asked["publicKey"]["challenge"].as_str().unwrap();
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string().into()
    }

    /// Relying party, flags (person present and verified, and whatever is added) and counter.
    fn head(&self, more: u8) -> Vec<u8> {
        let mut data = Sha256::digest(b"localhost").to_vec();
        data.push(0x05 | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The answer to a question for a new key, without attestation.
    fn made(&self, asked: &Json) -> String {
        let mut data = self.head(0x40);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.id);
        // COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        let point = self.secret.verifying_key().to_sec1_point(false);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().unwrap());
        // {"fmt": "none", "attStmt": {}, "authData": data}.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let id = BASE64.encode(self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "attestationObject": BASE64.encode(object),
                "clientDataJSON": BASE64.encode(self.client_data("webauthn.create", asked)),
            },
        })
        .to_string()
    }

    /// The answer to a question for a signature.
    fn signed(&self, asked: &Json) -> String {
        let (head, client) = (self.head(0), self.client_data("webauthn.get", asked));
        let mut text = head.clone();
        text.extend(Sha256::digest(&client));
        let signature: Signature = self.secret.sign(&text);
        let id = BASE64.encode(self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "authenticatorData": BASE64.encode(head), "clientDataJSON": BASE64.encode(client),
                "signature": BASE64.encode(signature.to_der().as_bytes()), "userHandle": null,
            },
        })
        .to_string()
    }
}

async fn city() -> City {
    let city = City::new().await;
    city.state.reached_at(ADDRESS);
    city
}

async fn asked(browser: &mut Browser<'_>, path: &str) -> Json {
    let answer = browser.post(path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn enrol(browser: &mut Browser<'_>, key: &Key, label: &str) -> Answer {
    let asked = asked(browser, "/signin/enrol/passkey/ask").await;
    browser.post("/signin/enrol/passkey", &[("answer", &key.made(&asked)), ("label", label)]).await
}

/// A browser in which the password was right and the second factor is missing.
async fn at_second<'a>(city: &'a City, login: &str) -> Browser<'a> {
    let mut browser = city.browser();
    browser.get("/signin").await;
    let answer = browser.post("/signin", &[("login", login), ("password", PASSWORD)]).await;
    assert_eq!(answer.location, "/signin/second");
    browser
}

#[tokio::test]
async fn a_key_is_registered_signs_in_and_is_removed_and_the_journal_says_so() {
    let city = city().await;
    let mut head = city.signed_in("head").await;
    let mut key = Key::new(1);
    assert_eq!(enrol(&mut head, &key, "三番の机").await.location, "/me");
    let page = head.get("/me").await.body;
    assert!(page.contains("三番の机") && page.contains("登録しました"), "{page}");
    for _ in 0..2 {
        key.counter += 1;
        let mut other = at_second(&city, "head").await;
        assert!(other.get("/signin/second").await.body.contains("パスキーで確認"));
        let question = asked(&mut other, "/signin/passkey/ask").await;
        assert_eq!(other.post("/signin/passkey", &[("answer", &key.signed(&question))]).await.location, "/");
        assert!(other.get("/").await.body.contains("佐藤 恵"));
    }
    let page = head.get("/me").await.body;
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    head.post("/me/passkeys/remove", &[("id", &id)]).await;
    assert!(!head.get("/me").await.body.contains("三番の机"));
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    let entries = journal::entries(&mut reading, journal::About::Everything, 0, 1000).await.unwrap();
    for act in ["add-passkey", "remove-credential"] {
        assert!(entries.iter().any(|entry| entry.act == act), "{act} is not in the journal");
    }
}

#[tokio::test]
async fn a_question_is_good_once_for_a_while_and_for_its_own_session() {
    let city = city().await;
    let mut key = Key::new(2);
    assert_eq!(enrol(&mut city.signed_in("head").await, &key, "").await.location, "/me");
    key.counter = 1;
    let (mut mine, mut other) = (at_second(&city, "head").await, at_second(&city, "head").await);
    let question = asked(&mut mine, "/signin/passkey/ask").await;
    let answer = key.signed(&question);
    let refused = other.post("/signin/passkey", &[("answer", &answer)]).await;
    assert!(refused.body.contains("パスキーで確認できませんでした"), "another session was not asked: {refused:?}");
    let spoilt = mine.post("/signin/passkey", &[("answer", "{}")]).await;
    assert!(spoilt.body.contains("パスキーで確認できませんでした"));
    let late = mine.post("/signin/passkey", &[("answer", &answer)]).await;
    assert!(late.body.contains("パスキーで確認できませんでした"), "the wrong answer used the question up");
    let question = asked(&mut mine, "/signin/passkey/ask").await;
    city.now.fetch_add(5 * 60_000 + 1, std::sync::atomic::Ordering::SeqCst);
    let late = mine.post("/signin/passkey", &[("answer", &key.signed(&question))]).await;
    assert!(late.body.contains("パスキーで確認できませんでした"), "five minutes are over");
    let question = asked(&mut mine, "/signin/passkey/ask").await;
    let answer = key.signed(&question);
    assert_eq!(mine.post("/signin/passkey", &[("answer", &answer)]).await.location, "/");
    let again = mine.post("/signin/passkey", &[("answer", &answer)]).await;
    assert!(again.body.contains("パスキーで確認できませんでした"), "an answer is good once");
}

#[tokio::test]
async fn a_copied_key_a_false_page_and_anothers_key_are_refused() {
    let city = city().await;
    let mut key = Key::new(3);
    enrol(&mut city.signed_in("head").await, &key, "").await;
    let sign_in = async |key: &Key, login: &str| {
        let mut browser = at_second(&city, login).await;
        let question = asked(&mut browser, "/signin/passkey/ask").await;
        browser.post("/signin/passkey", &[("answer", &key.signed(&question))]).await.location == "/"
    };
    key.counter = 7;
    assert!(sign_in(&key, "head").await);
    assert!(!sign_in(&key, "head").await, "the counter stays: the key may have been copied");
    key.counter = 6;
    assert!(!sign_in(&key, "head").await, "the counter goes back");
    key.counter = 8;
    key.origin = "http://sekimori.invalid".to_owned();
    assert!(!sign_in(&key, "head").await, "the browser stood on another page");
    key.origin = ADDRESS.to_owned();
    assert!(sign_in(&key, "head").await);
    let again = enrol(&mut city.signed_in("ciso").await, &key, "").await;
    assert_eq!(again.location, "/me");
    let refused = city.signed_in("ciso").await.get("/me").await.body;
    assert!(!refused.contains("/me/passkeys/remove"), "a key is one account's");
    let other = Key::new(4);
    enrol(&mut city.signed_in("ciso").await, &other, "").await;
    assert!(!sign_in(&other, "head").await, "another's key");
}

#[tokio::test]
async fn failures_with_a_key_are_limited_like_those_with_a_code() {
    let city = city().await;
    let key = Key::new(5);
    enrol(&mut city.signed_in("head").await, &key, "").await;
    let mut browser = at_second(&city, "head").await;
    for _ in 0..5 {
        browser.post("/signin/passkey", &[("answer", "{}")]).await;
    }
    let locked = browser.post("/signin/second", &[("code", "000000")]).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.body.contains("分ほど待って"), "{}", locked.body);
}

#[tokio::test]
async fn without_a_name_in_its_address_the_console_says_why_there_are_no_passkeys() {
    let city = City::new().await;
    city.state.reached_at("https://192.0.2.1");
    let mut head = city.signed_in("head").await;
    let page = head.get("/me").await.body;
    assert!(page.contains("IPアドレスのため") && !page.contains("data-ask"), "{page}");
    let refused = head.post("/signin/enrol/passkey/ask", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn above_staff_the_last_second_factor_stays() {
    let city = city().await;
    let mut head = city.signed_in("head").await;
    head.post("/me/totp/remove", &[]).await;
    let page = head.get("/me").await.body;
    assert!(page.contains("本人確認の方法が一つは必要です") && page.contains("機器をすべて削除"), "{page}");
    enrol(&mut head, &Key::new(6), "").await;
    head.post("/me/totp/remove", &[]).await;
    assert!(!head.get("/me").await.body.contains("機器をすべて削除"));
}

#[tokio::test]
async fn a_sign_in_without_its_second_factor_ends_after_ten_minutes() {
    let city = city().await;
    let mut browser = at_second(&city, "head").await;
    assert_eq!(browser.get("/signin/second").await.status, StatusCode::OK);
    city.now.fetch_add(10 * 60_000, std::sync::atomic::Ordering::SeqCst);
    let ended = browser.get("/signin/second").await;
    assert!(ended.location.starts_with("/signin?"), "{}", ended.location);
    let page = browser.get(&ended.location).await.body;
    assert!(page.contains("サインアウトしました") && page.contains("name=\"back\" value=\"/\""), "{page}");
}
