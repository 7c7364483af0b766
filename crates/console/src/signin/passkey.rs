//! Passkeys (Web Authentication): a key that the person's own computer keeps and opens with face, finger or PIN, such as
//! Windows Hello. A second factor beside the password, so a key counts only where the password was right before.
//!
//! The verifier is webauthn-rs. What is ours: to which address keys belong, that a question is bound to the session and good
//! once, and that counters only rise.

use axum::Json;
use axum::response::{IntoResponse, Redirect, Response};
use ledger::people::{accounts, persons};
use ledger::{Actor, Id, permission};
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid,
    Webauthn, WebauthnBuilder,
};

use super::enrol::{enrolling, remove_where};
use super::session::{self, Live, Stage};
use super::settle;
use crate::State;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::visit::{Desk, Visit};

/// The kind of a credential that is a passkey.
pub(crate) const KIND: &str = "webauthn";
/// The most keys of an account.
const KEYS_MOST: usize = 20;

/// What waits in the session for the key's answer.
#[derive(Serialize, Deserialize)]
enum Question {
    Enrol(PasskeyRegistration),
    Confirm(PasskeyAuthentication),
}

/// Why keys cannot be used here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Nobody said at which address people reach the console.
    Unknown,
    /// The address is a number; keys belong to names.
    Number(String),
    /// The connection is not encrypted; browsers make an exception for localhost only.
    Open(String),
}

impl Unfit {
    /// In words, with what to do.
    pub(crate) fn says(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::Ja, Self::Unknown) => {
                "この画面のアドレスが設定されていないため、パスキーは使えません。製品の管理者に、設定ファイルの url にアドレスを書くよう伝えてください。".to_owned()
            }
            (Lang::En, Self::Unknown) => "Passkeys cannot be used, because the console does not know its own address. Ask the product's administrator to set 'url' in the configuration.".to_owned(),
            (Lang::Ja, Self::Number(at)) => format!(
                "この画面のアドレス（{at}）が名前ではなくIPアドレスのため、ブラウザーがパスキーを受け付けません。製品の管理者に、名前のアドレスを用意して設定ファイルの url に書くよう伝えてください。"
            ),
            (Lang::En, Self::Number(at)) => format!(
                "Browsers refuse passkeys here, because the address ({at}) is an IP address and not a name. Ask the product's administrator to set 'url' to an address with a name."
            ),
            (Lang::Ja, Self::Open(at)) => format!(
                "この画面のアドレス（{at}）は暗号化されていない接続（http）のため、ブラウザーがパスキーを受け付けません。製品の管理者に、https のアドレスにするよう伝えてください。"
            ),
            (Lang::En, Self::Open(at)) => format!(
                "Browsers refuse passkeys here, because the connection to {at} is not encrypted. Ask the product's administrator for an https address."
            ),
        }
    }
}

/// What a page that offers keys says: why it cannot, or the address at which it can.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) unfit: Option<String>,
    pub(crate) origin: String,
}

impl Offer {
    pub(crate) fn of(state: &State, lang: Lang) -> Self {
        match address(state.address()) {
            Ok(url) => Self { unfit: None, origin: url.origin().ascii_serialization() },
            Err(unfit) => Self { unfit: Some(unfit.says(lang)), origin: String::new() },
        }
    }
}

/// The address to which keys belong, if browsers accept keys for it.
fn address(stated: Option<&str>) -> Result<Url, Unfit> {
    let url = stated.and_then(|text| Url::parse(text).ok()).ok_or(Unfit::Unknown)?;
    let Some(name) = url.domain() else {
        return Err(url.host_str().map_or(Unfit::Unknown, |host| Unfit::Number(host.to_owned())));
    };
    let local = name == "localhost" || name.ends_with(".localhost");
    let fit = url.scheme() == "https" || (url.scheme() == "http" && local);
    if fit { Ok(url) } else { Err(Unfit::Open(url.origin().ascii_serialization())) }
}

/// The verifier for this console's address.
fn verifier(visit: &Visit) -> Result<Webauthn, Fault> {
    let lang = visit.lang;
    let url = address(visit.state.address()).map_err(|unfit| Fault::invalid(unfit.says(lang)))?;
    let city = visit.state.pack().municipality.name.ja.clone();
    let name = format!("{city} 関守");
    let domain = url.domain().unwrap_or_default();
    let builder = WebauthnBuilder::new(domain, &url).map_err(Fault::internal)?;
    builder.rp_name(&name).build().map_err(Fault::internal)
}

/// The keys of an account, with the credentials that hold them.
fn keys(credentials: &[accounts::Credential]) -> Result<Vec<(Id, Passkey)>, Fault> {
    let stored = credentials.iter().filter(|credential| credential.kind == KIND);
    stored.map(|c| Ok((c.id, serde_json::from_slice(&c.secret).map_err(Fault::internal)?))).collect()
}

/// `POST /signin/enrol/passkey/ask`: what the browser needs to make a key.
pub(crate) async fn enrol_ask(visit: Visit, _posted: Posted) -> Result<Response, Fault> {
    let live = enrolling(&visit).await?;
    let verifier = verifier(&visit)?;
    let mut reading = visit.state.reading(Actor::Person(live.person)).await?;
    let account = accounts::get(&mut reading, live.account).await?;
    let person = persons::get(&mut reading, live.person).await?;
    let known = keys(&accounts::credentials(&mut reading, live.account).await?)?;
    reading.end().await?;
    if known.len() >= KEYS_MOST {
        return Err(Fault::invalid(visit.lang.t(
            "登録できるパスキーの数を超えました。使わないものを削除してください。",
            "You have as many passkeys as an account may have. Remove one first.",
        )));
    }
    let known = known.into_iter().map(|(_, key)| key.cred_id().clone()).collect();
    let name = person.name_shown.unwrap_or(person.name);
    let handle = Uuid::from_u128(live.account.number());
    let (options, state) =
        verifier.start_passkey_registration(handle, &account.login, &name, Some(known)).map_err(Fault::internal)?;
    session::ask(&visit, question(&Question::Enrol(state))?).await?;
    Ok(Json(options).into_response())
}

fn question(question: &Question) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(question).map_err(Fault::internal)
}

/// `POST /signin/enrol/passkey`: the new key.
pub(crate) async fn enrol(visit: Visit, posted: Posted) -> Result<Response, Fault> {
    let live = enrolling(&visit).await?;
    let full = live.stage == Stage::Full;
    let verifier = verifier(&visit)?;
    let Some(key) = new_key(&visit, &verifier, posted.text("answer")).await? else {
        let says = visit.lang.t(
            "パスキーを登録できませんでした。何も登録していません。もう一度「登録する」を押してください。",
            "The passkey could not be registered; nothing was kept. Press Register once more.",
        );
        return Ok(Flash::failed(says).at(if full { "/me" } else { "/signin/enrol" }));
    };
    keep(&visit, &live, posted.text("label"), &key).await?;
    let says = visit.lang.t("パスキーを登録しました。", "The passkey is registered.");
    let mut response = Flash::done(says).at(if full { "/me" } else { live.back.as_str() });
    session::begin(&visit, live.account, Stage::Full, "/", &mut response).await?;
    Ok(response)
}

/// The key in the browser's answer, if it answers the question that this session was asked and is nobody's yet.
async fn new_key(visit: &Visit, verifier: &Webauthn, answer: &str) -> Result<Option<Passkey>, Fault> {
    let asked = session::take_question(visit).await?.and_then(|asked| serde_json::from_value(asked).ok());
    let (Some(Question::Enrol(state)), Ok(answer)) =
        (asked, serde_json::from_str::<RegisterPublicKeyCredential>(answer))
    else {
        return Ok(None);
    };
    let Ok(key) = verifier.finish_passkey_registration(&answer, &state) else { return Ok(None) };
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    for (_, secret) in accounts::all_of_kind(&mut reading, KIND).await? {
        if serde_json::from_slice::<Passkey>(&secret).is_ok_and(|other| other.cred_id() == key.cred_id()) {
            return Ok(None);
        }
    }
    Ok(Some(key))
}

async fn keep(visit: &Visit, live: &Live, label: &str, key: &Passkey) -> Result<(), Fault> {
    let secret = serde_json::to_vec(key).map_err(Fault::internal)?;
    let mut op = visit.state.operation(Actor::Person(live.person)).await?;
    let permit = permission::own(&op, live.person, "add-passkey", "account", live.account)?;
    accounts::add_credential(&mut op, permit, live.account, KIND, label, secret).await?;
    op.commit().await?;
    Ok(())
}

/// `POST /signin/passkey/ask`: what the browser needs to have a key sign.
pub(crate) async fn confirm_ask(visit: Visit, _posted: Posted) -> Result<Response, Fault> {
    visit.state.slow_down(visit.address)?;
    let live = session::at_second(&visit).await?;
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    let known = keys(&accounts::credentials(&mut reading, live.account).await?)?;
    reading.end().await?;
    if known.is_empty() {
        return Err(Fault::NotFound);
    }
    let known: Vec<Passkey> = known.into_iter().map(|(_, key)| key).collect();
    let (options, state) = verifier(&visit)?.start_passkey_authentication(&known).map_err(Fault::internal)?;
    session::ask(&visit, question(&Question::Confirm(state))?).await?;
    Ok(Json(options).into_response())
}

/// `POST /signin/passkey`: the key's signature.
pub(crate) async fn confirm(visit: Visit, posted: Posted) -> Result<Response, Fault> {
    visit.state.slow_down(visit.address)?;
    let live = session::at_second(&visit).await?;
    let verifier = verifier(&visit)?;
    let asked = session::take_question(&visit).await?.and_then(|asked| serde_json::from_value(asked).ok());
    let answer = serde_json::from_str::<PublicKeyCredential>(posted.text("answer"));
    let signed = match (asked, answer) {
        (Some(Question::Confirm(state)), Ok(answer)) => verifier.finish_passkey_authentication(&answer, &state).ok(),
        _ => None,
    };
    let mut op = settle::open(&visit, live.account).await?;
    let mut fits = false;
    if let Some(signed) = signed {
        let known = keys(&accounts::credentials(&mut op, live.account).await?)?;
        if let Some((id, _)) = known.iter().find(|(_, key)| key.cred_id() == signed.cred_id()) {
            fits = accounts::mark_signed(&mut op, *id, i64::from(signed.counter())).await?;
        }
    }
    settle::count(&visit, op, live.account, fits).await?;
    if !fits {
        let wrong = visit.lang.t(
            "パスキーで確認できませんでした。もう一度試すか、ほかの方法で確認してください。",
            "The passkey did not confirm it. Try again or use another way.",
        );
        return super::second_page(&visit, live.account, Some(wrong.to_owned())).await;
    }
    let mut response = Redirect::to(&live.back).into_response();
    session::begin(&visit, live.account, Stage::Full, "/", &mut response).await?;
    Ok(response)
}

/// `POST /me/passkeys/remove`
pub(crate) async fn remove(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let id: Id = posted.text("id").parse().map_err(|_| Fault::NotFound)?;
    remove_where(desk, |credential| credential.kind == KIND && credential.id == id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_belong_to_names_over_encrypted_connections() {
        for fit in ["https://sekimori.example.invalid", "http://localhost:8080", "https://a.invalid:8443/"] {
            assert!(address(Some(fit)).is_ok(), "{fit}");
        }
        assert_eq!(address(None), Err(Unfit::Unknown));
        assert_eq!(address(Some("sekimori")), Err(Unfit::Unknown));
        assert_eq!(address(Some("https://192.0.2.1")), Err(Unfit::Number("192.0.2.1".to_owned())));
        assert_eq!(address(Some("http://[::1]:8080")), Err(Unfit::Number("[::1]".to_owned())));
        assert_eq!(address(Some("http://city.invalid")), Err(Unfit::Open("http://city.invalid".to_owned())));
    }
}
