//! Sign-in, sign-out, second factors, and the set-up link of a new account.
//!
//! A password opens a session of stage [`Stage::Second`] where the person holds a role above staff or has a second factor;
//! only a code, a word of the printed list, a passkey or the enrolment of a device makes it a full one. The cookie's secret changes at
//! every step.

mod enrol;
pub(crate) mod passkey;
mod secret;
mod session;
mod settle;
mod setup;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use ledger::people::accounts::SignIn;
use ledger::people::{Standing, accounts, persons, sessions};
use ledger::{Actor, Id, Moment};
use pack::Pack;

pub(crate) use enrol::{enrol, enrol_form, list_make, list_page, list_remove, totp_remove};
pub use secret::{hash_password, one_time_words, totp_base32, totp_code};
pub(crate) use session::{Stage, live, touch};
pub use setup::{Invitation, invite};
pub(crate) use setup::{setup, setup_form};

use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, link};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "signin/password.html")]
struct PasswordPage {
    page: Page,
    login: String,
    wrong: Option<String>,
    back: String,
}

#[derive(Template)]
#[template(path = "signin/second.html")]
struct SecondPage {
    page: Page,
    has: Factors,
    offer: passkey::Offer,
    wrong: Option<String>,
}

/// `GET /signin`
pub(crate) async fn form(visit: Visit) -> Result<Response, Fault> {
    let back = back(visit.query.get("back"));
    let mut page = visit.plain_page(visit.lang.t("サインイン", "Sign in"));
    if page.flash.is_none() && over(&visit).await? {
        page.flash = Some(Flash::failed(visit.lang.t(
            "しばらく操作がなかったため、サインアウトしました。もう一度サインインしてください。",
            "You were signed out after a while without use. Please sign in again.",
        )));
    }
    visit.with_secret(answer(&PasswordPage { page, login: String::new(), wrong: None, back })?)
}

/// Where to go after sign-in: never back into the sign-in itself.
fn back(asked: Option<&str>) -> String {
    let to = link::back(asked);
    if to.starts_with("/signin") { "/".to_owned() } else { to }
}

/// Whether the visitor has a session whose time is over.
async fn over(visit: &Visit) -> Result<bool, Fault> {
    let Some(name) = visit.session_name() else { return Ok(false) };
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    Ok(session::live(&mut reading, name).await?.is_none())
}

/// `POST /signin`
pub(crate) async fn password(visit: Visit, posted: Posted) -> Result<Response, Fault> {
    visit.state.slow_down(visit.address)?;
    let (login, given, lang) =
        (posted.text("login").to_owned(), posted.get("password").unwrap_or_default(), visit.lang);
    let back = back(posted.get("back"));
    let Some(account) = verified_account(&visit, &login, given).await? else {
        let wrong = lang.t(
            "ログイン名かパスワードが違います。大文字と小文字、全角と半角を確かめてください。",
            "The login or the password is wrong. Check upper and lower case.",
        );
        let page = visit.plain_page(lang.t("サインイン", "Sign in"));
        return answer(&PasswordPage { page, login, wrong: Some(wrong.to_owned()), back });
    };
    let stage = if needs_second(&visit, account.person, account.id).await? { Stage::Second } else { Stage::Full };
    let mut response = Redirect::to(if stage == Stage::Full { &back } else { "/signin/second" }).into_response();
    session::begin(&visit, account.id, stage, &back, &mut response).await?;
    Ok(response)
}

/// The open account whose password this is. Takes as long for a login that does not exist.
async fn verified_account(visit: &Visit, login: &str, given: &str) -> Result<Option<accounts::Account>, Fault> {
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    if let Some(until) = accounts::locked_until(&mut reading, login).await? {
        return Err(Fault::wait(until, reading.at()));
    }
    let account = accounts::by_login(&mut reading, login).await?.filter(|account| account.open);
    let mut stored = None;
    if let Some(account) = &account {
        let person = persons::get(&mut reading, account.person).await?;
        let credentials = accounts::credentials(&mut reading, account.id).await?;
        let password = credentials.into_iter().find(|credential| credential.kind == "password");
        stored = password.filter(|_| person.active(reading.today())).map(|credential| credential.secret);
    }
    reading.end().await?;
    let right = secret::verify_password(given.to_owned(), stored).await?;
    let mut op = visit.state.operation(Actor::Machine("sign-in")).await?;
    if right {
        accounts::clear_failures(&mut op, login).await?;
    } else {
        let locked = accounts::count_failure(&mut op, login).await?;
        failed(visit, &mut op, account.as_ref().map(|account| account.id), locked);
    }
    op.commit().await?;
    Ok(account.filter(|_| right))
}

/// Notes a failure at the door.
fn failed(visit: &Visit, op: &mut ledger::Operation, account: Option<Id>, locked: bool) {
    let what = if locked { SignIn::Locked } else { SignIn::Failed };
    accounts::note_sign_in(op, what, account, visit.address);
}

/// Whether the person holds a role above staff, or has set up a second factor.
async fn needs_second(visit: &Visit, person: Id, account: Id) -> Result<bool, Fault> {
    let pack = visit.state.pack();
    let mut reading = visit.state.reading(Actor::Person(person)).await?;
    let standing = Standing::of(&mut reading, &pack, person).await?;
    let has = Factors::of(&accounts::credentials(&mut reading, account).await?);
    Ok(asked_of(&pack, &standing) || has.totp || has.passkeys > 0)
}

/// Whether a role that the person holds asks for a second factor.
pub(crate) fn asked_of(pack: &Pack, standing: &Standing) -> bool {
    standing.held.iter().filter_map(|held| pack.role(&held.role)).any(|role| role.second_factor)
}

/// The second factors that an account can use now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Factors {
    pub(crate) totp: bool,
    pub(crate) words: usize,
    pub(crate) passkeys: usize,
}

impl Factors {
    pub(crate) fn of(credentials: &[accounts::Credential]) -> Self {
        let count = |kind: &str| credentials.iter().filter(|c| c.kind == kind).count();
        let words = credentials.iter().filter(|c| c.kind == "list" && c.used.is_none()).count();
        Self { totp: count("totp") > 0, words, passkeys: count(passkey::KIND) }
    }

    pub(crate) fn none(self) -> bool {
        !self.totp && self.words == 0 && self.passkeys == 0
    }
}

async fn factors(visit: &Visit, account: Id) -> Result<Factors, Fault> {
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    Ok(Factors::of(&accounts::credentials(&mut reading, account).await?))
}

/// `GET /signin/second`
pub(crate) async fn second_form(visit: Visit) -> Result<Response, Fault> {
    let live = session::at_second(&visit).await?;
    second_page(&visit, live.account, None).await
}

async fn second_page(visit: &Visit, account: Id, wrong: Option<String>) -> Result<Response, Fault> {
    let has = factors(visit, account).await?;
    if has.none() {
        return Ok(Redirect::to("/signin/enrol").into_response());
    }
    let page = visit.plain_page(visit.lang.t("本人確認", "Confirm it is you"));
    answer(&SecondPage { page, has, offer: passkey::Offer::of(&visit.state, visit.lang), wrong })
}

/// `POST /signin/second`
pub(crate) async fn second(visit: Visit, posted: Posted) -> Result<Response, Fault> {
    visit.state.slow_down(visit.address)?;
    let live = session::at_second(&visit).await?;
    if !code_fits(&visit, live.account, posted.text("code")).await? {
        let wrong = visit.lang.t(
            "コードが違うか、すでに使われています。表示されている新しいコードを入力してください。",
            "The code is wrong or was used already. Enter the new one.",
        );
        return second_page(&visit, live.account, Some(wrong.to_owned())).await;
    }
    let mut response = Redirect::to(&live.back).into_response();
    session::begin(&visit, live.account, Stage::Full, "/", &mut response).await?;
    Ok(response)
}

/// Whether a code is the device's of this moment or an unused word of the list, and marks it used.
async fn code_fits(visit: &Visit, account: Id, code: &str) -> Result<bool, Fault> {
    let mut op = settle::open(visit, account).await?;
    let at: Moment = op.at();
    let mut fits = false;
    for credential in accounts::credentials(&mut op, account).await? {
        let counter = match credential.kind.as_str() {
            "totp" => secret::totp_step(&credential.secret, code, at),
            "list" if credential.used.is_none() => secret::is_word(&credential.secret, code).then_some(1),
            _ => None,
        };
        if let Some(counter) = counter {
            fits = accounts::mark_used(&mut op, credential.id, counter).await?;
            break;
        }
    }
    settle::count(visit, op, account, fits).await?;
    Ok(fits)
}

/// `POST /signout`
pub(crate) async fn out(visit: Visit, _posted: Posted) -> Result<Response, Fault> {
    if let Some(name) = visit.session_name() {
        let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
        let live = live(&mut reading, name).await?.filter(|live| live.stage == Stage::Full);
        reading.end().await?;
        let actor = live.as_ref().map_or(Actor::Machine("sign-in"), |live| Actor::Person(live.person));
        let mut op = visit.state.operation(actor).await?;
        if let Some(live) = live {
            accounts::note_sign_in(&mut op, SignIn::Out, Some(live.account), visit.address);
        }
        sessions::end(&mut op, name.as_bytes()).await?;
        op.commit().await?;
    }
    let done = Flash::done(visit.lang.t("サインアウトしました。", "You are signed out."));
    let mut response = done.at("/signin");
    session::forget(&visit, &mut response);
    Ok(response)
}
