//! The one-time set-up link: a new account chooses its password with it.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use ledger::journal::entry::hex;
use ledger::people::accounts;
use ledger::permission::{self, Office};
use ledger::{Actor, Id, Operation, Reading};
use sha2::{Digest, Sha256};

use super::session::{self, Stage};
use super::{needs_second, secret};
use crate::page::fault::Fault;
use crate::page::posted::Posted;
use crate::page::{Page, answer};
use crate::visit::Visit;

/// A link is valid this long.
const VALID_MS: i64 = 7 * 86_400_000;
/// The fewest characters of a password.
pub(crate) const PASSWORD_LEAST: usize = 12;

/// A set-up link to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The path, such as `/setup/…`; the host is the caller's to put before it.
    pub path: String,
}

/// Makes a set-up link for an account, in an operation of someone whose office accounts are (a command on the server, or
/// the administrator). An earlier link of the account stays valid until its own time.
pub async fn invite(
    op: &mut Operation,
    standing: Option<&ledger::people::Standing>,
    account: Id,
) -> ledger::Result<Invitation> {
    let token = hex(&op.random(24)?);
    let permit = permission::office(op, standing, Office::Accounts, "invite", "account", account)?;
    accounts::add_credential(op, permit, account, "setup", "", Sha256::digest(token.as_bytes()).to_vec()).await?;
    Ok(Invitation { path: format!("/setup/{account}/{token}") })
}

#[derive(Template)]
#[template(path = "signin/setup.html")]
struct SetupPage {
    page: Page,
    login: String,
    action: String,
    wrong: Option<String>,
    least: usize,
}

async fn invited(reading: &mut Reading, account: &str, token: &str) -> Result<(accounts::Account, Id), Fault> {
    let id = account.parse::<Id>().map_err(|_| Fault::NotFound)?;
    let account = accounts::get(reading, id).await?;
    let hash = Sha256::digest(token.as_bytes()).to_vec();
    let now = reading.at().0;
    let credentials = accounts::credentials(reading, id).await?;
    let fits = credentials.iter().find(|c| c.kind == "setup" && c.secret == hash && now - c.created.0 < VALID_MS);
    fits.filter(|_| account.open).map(|credential| (account.clone(), credential.id)).ok_or(Fault::NotFound)
}

/// `GET /setup/{account}/{token}`
pub(crate) async fn setup_form(
    visit: Visit,
    Path((account, token)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    let (found, _) = invited(&mut reading, &account, &token).await?;
    let page = visit.plain_page(visit.lang.t("はじめての設定", "Set up your account"));
    let action = format!("/setup/{account}/{token}");
    visit.with_secret(answer(&SetupPage { page, login: found.login, action, wrong: None, least: PASSWORD_LEAST })?)
}

/// `POST /setup/{account}/{token}`
pub(crate) async fn setup(
    visit: Visit,
    Path((account, token)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    visit.state.slow_down(visit.address)?;
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    let (found, invitation) = invited(&mut reading, &account, &token).await?;
    reading.end().await?;
    let (first, again) = (posted.get("password").unwrap_or_default(), posted.get("again").unwrap_or_default());
    if let Some(wrong) = password_fault(&visit, &found.login, first, again) {
        let page = visit.plain_page(visit.lang.t("はじめての設定", "Set up your account"));
        let action = format!("/setup/{account}/{token}");
        return answer(&SetupPage { page, login: found.login, action, wrong: Some(wrong), least: PASSWORD_LEAST });
    }
    set_password(&visit, &found, first, Some(invitation)).await?;
    let stage = if needs_second(&visit, found.person, found.id).await? { Stage::Second } else { Stage::Full };
    let mut response = Redirect::to(if stage == Stage::Full { "/" } else { "/signin/second" }).into_response();
    session::begin(&visit, found.id, stage, "/", &mut response).await?;
    Ok(response)
}

pub(super) fn password_fault(visit: &Visit, login: &str, first: &str, again: &str) -> Option<String> {
    let lang = visit.lang;
    let says = if first.chars().count() < PASSWORD_LEAST {
        lang.t(
            "パスワードは12文字以上にしてください。いくつかの言葉をつなげると覚えやすくなります。",
            "Use at least 12 characters; several words together are easy to remember.",
        )
    } else if first.contains(login) {
        lang.t("ログイン名を含まないパスワードにしてください。", "The password must not contain the login.")
    } else if first != again {
        lang.t("2つの欄に同じパスワードを入力してください。", "Enter the same password in both fields.")
    } else {
        return None;
    };
    Some(says.to_owned())
}

/// Sets an account's password, in place of an earlier one, and uses up an invitation.
pub(super) async fn set_password(
    visit: &Visit,
    account: &accounts::Account,
    password: &str,
    invitation: Option<Id>,
) -> Result<(), Fault> {
    let mut op = visit.state.operation(Actor::Person(account.person)).await?;
    let salt = <[u8; 16]>::try_from(op.random(16)?).map_err(|_| Fault::internal("short of random bytes"))?;
    let password = password.to_owned();
    let stored = tokio::task::spawn_blocking(move || secret::hash_password(&password, salt)).await;
    let stored = stored.map_err(Fault::internal)?.map_err(Fault::internal)?;
    let permit = |op: &Operation, act: &str| permission::own(op, account.person, act, "account", account.id);
    let old =
        accounts::credentials(&mut op, account.id).await?.into_iter().find(|credential| credential.kind == "password");
    let leave = permit(&op, "set-password")?;
    match old {
        Some(old) => accounts::change_secret(&mut op, leave, old.id, stored).await?,
        None => accounts::add_credential(&mut op, leave, account.id, "password", "", stored).await.map(|_| ())?,
    }
    if let Some(invitation) = invitation {
        let leave = permit(&op, "use-invitation")?;
        accounts::remove_credential(&mut op, leave, invitation).await?;
    }
    op.commit().await?;
    Ok(())
}
