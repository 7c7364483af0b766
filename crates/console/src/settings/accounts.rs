//! アカウント: who can sign in and how; new accounts, set-up links, lost second factors, closed accounts, tokens.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{IntoResponse, Response};
use ledger::people::{accounts, persons, tokens};
use ledger::permission::{self, Office};
use ledger::{Id, Operation};

use super::Tab;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::signin;
use crate::visit::Desk;

/// Second factors that a reset removes.
const SECOND: [&str; 3] = ["totp", "list", "webauthn"];

struct Row {
    id: String,
    login: String,
    person: (String, String),
    open: bool,
    factors: String,
    used: String,
}

struct TokenRow {
    id: String,
    login: String,
    label: String,
    scopes: String,
    created: String,
}

#[derive(Template)]
#[template(path = "settings/accounts.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    tokens: Vec<TokenRow>,
    /// A set-up link that was just made: the login and the path.
    link: Option<(String, String)>,
    wrong: Option<String>,
}

/// `GET /settings/accounts`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    list(&desk, None, None).await
}

async fn list(desk: &Desk, link: Option<(String, String)>, wrong: Option<String>) -> Result<Response, Fault> {
    let lang = desk.lang();
    let (page, tabs) = super::page(desk, "/settings/accounts").await?;
    let mut reading = desk.reading().await?;
    let today = reading.today();
    let people: BTreeMap<Id, String> =
        persons::all(&mut reading).await?.iter().map(|person| (person.id, shown_name(person))).collect();
    let all = accounts::all(&mut reading).await?;
    let mut rows = Vec::new();
    for account in &all {
        let credentials = accounts::credentials(&mut reading, account.id).await?;
        let mut kinds: Vec<&str> = credentials.iter().map(|credential| factor(lang, &credential.kind)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let used = credentials.iter().filter_map(|credential| credential.used).max();
        let name = people.get(&account.person).cloned().unwrap_or_default();
        rows.push(Row {
            id: account.id.to_string(),
            login: account.login.clone(),
            person: (account.person.to_string(), name),
            open: account.open,
            factors: kinds.join(lang.t("、", ", ")),
            used: used.map(|at| date::moment(lang, at, today)).unwrap_or_default(),
        });
    }
    let login = |id: Id| all.iter().find(|account| account.id == id).map(|a| a.login.clone()).unwrap_or_default();
    let tokens = tokens::valid(&mut reading).await?.into_iter().map(|token| TokenRow {
        id: token.id.to_string(),
        login: login(token.account),
        label: token.label,
        scopes: token.scopes.join(" "),
        created: date::long(lang, token.created.day()),
    });
    let tokens = tokens.collect();
    answer(&List { page, tabs, rows, tokens, link, wrong })
}

fn factor(lang: crate::page::lang::Lang, kind: &str) -> &'static str {
    match kind {
        "password" => lang.t("パスワード", "password"),
        "totp" => lang.t("コードの機器", "code device"),
        "list" => lang.t("コード一覧", "code list"),
        "webauthn" => lang.t("パスキー", "passkey"),
        "setup" => lang.t("設定待ち", "set-up link"),
        _ => lang.t("その他", "other"),
    }
}

/// `POST /settings/accounts`: `add`, `invite`, `reset`, `close`, `open`, `revoke`.
pub(crate) async fn act(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut op = desk.operation().await?;
    if posted.text("act") == "add" {
        return add(&desk, op, &posted).await;
    }
    let id: Id = posted.text("id").parse().map_err(|_| Fault::NotFound)?;
    let permit = |op: &Operation, act: &str, kind: &str| {
        permission::office(op, Some(&desk.standing), Office::Accounts, act, kind, id)
    };
    if posted.text("act") == "revoke" {
        let leave = permit(&op, "revoke", "token")?;
        tokens::revoke(&mut op, leave, id).await?;
        op.commit().await?;
        return Ok(Flash::done(lang.t("トークンを無効にしました。", "The token is revoked.")).at("/settings/accounts"));
    }
    let account = accounts::get(&mut op, id).await?;
    let says = match posted.text("act") {
        "invite" => {
            let invitation = signin::invite(&mut op, Some(&desk.standing), id).await?;
            op.commit().await?;
            return list(&desk, Some((account.login, invitation.path)), None).await;
        }
        "reset" => {
            permit(&op, "reset", "account").map(drop)?;
            for credential in accounts::credentials(&mut op, id).await? {
                if SECOND.contains(&credential.kind.as_str()) {
                    let leave = permit(&op, "remove-credential", "account")?;
                    accounts::remove_credential(&mut op, leave, credential.id).await?;
                }
            }
            accounts::end_sessions(&mut op, id).await?;
            lang.t(
                "二つ目の認証手段を消しました。本人が次のサインインで登録し直します。",
                "The second factors are removed. The person registers anew at the next sign-in.",
            )
        }
        "close" if account.person == desk.person => {
            drop(op);
            let says = lang.t("自分のアカウントは停止できません。", "You cannot close your own account.");
            return list(&desk, None, Some(says.to_owned())).await;
        }
        act @ ("close" | "open") => {
            let leave = permit(&op, act, "account")?;
            accounts::set_open(&mut op, leave, id, act == "open").await?;
            lang.t("変更しました。", "Changed.")
        }
        _ => return Err(Fault::NotFound),
    };
    op.commit().await?;
    Ok(Flash::done(says).at("/settings/accounts").into_response())
}

/// Adds an account for a person and makes its set-up link.
async fn add(desk: &Desk, mut op: Operation, posted: &Posted) -> Result<Response, Fault> {
    let lang = desk.lang();
    let login = posted.text("login").to_owned();
    let leave = permission::office(&op, Some(&desk.standing), Office::Accounts, "create", "account", "")?;
    let Some(person) = persons::by_code(&mut op, posted.text("code")).await? else {
        drop(op);
        let says = lang.t("その職員番号の職員はいません。", "Nobody has this number.");
        return list(desk, None, Some(says.to_owned())).await;
    };
    let account = match accounts::add(&mut op, leave, person.id, &login).await {
        Ok(account) => account,
        Err(error) => {
            drop(op);
            let says = error.fields().first().map_or_else(|| error.message().clone(), |field| field.message.clone());
            return list(desk, None, Some(lang.of(&says).to_owned())).await;
        }
    };
    let invitation = signin::invite(&mut op, Some(&desk.standing), account).await?;
    op.commit().await?;
    list(desk, Some((login, invitation.path)), None).await
}
