//! Second factors of one's own: a device that shows codes, and the printed list of one-time words.

use std::fmt::Write;

use askama::Template;
use axum::response::{Redirect, Response};
use ledger::people::accounts::{self, Credential};
use ledger::{Actor, permission};

use super::passkey::Offer;
use super::session::{self, Live, Stage};
use super::{Factors, asked_of, factors, secret};
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, link};
use crate::visit::{Desk, Visit};

#[derive(Template)]
#[template(path = "signin/enrol.html")]
struct EnrolPage {
    page: Page,
    base32: String,
    qr: String,
    wrong: Option<String>,
    offer: Offer,
    /// Whether the person is fully signed in and came from the own settings.
    full: bool,
}

/// Who may set up a device: whoever has just given the password and has no second factor yet, or is fully signed in.
pub(super) async fn enrolling(visit: &Visit) -> Result<Live, Fault> {
    let live = session::at_second(visit).await?;
    let has = factors(visit, live.account).await?;
    if live.stage == Stage::Second && !has.none() { Err(Fault::SignIn) } else { Ok(live) }
}

/// `GET /signin/enrol`
pub(crate) async fn enrol_form(visit: Visit) -> Result<Response, Fault> {
    let live = enrolling(&visit).await?;
    let op = visit.state.operation(Actor::Machine("sign-in")).await?;
    let fresh = op.random(20)?;
    page(&visit, &live, &fresh, None).await
}

async fn page(visit: &Visit, live: &Live, fresh: &[u8], wrong: Option<String>) -> Result<Response, Fault> {
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    let account = accounts::get(&mut reading, live.account).await?;
    let base32 = secret::totp_base32(fresh);
    let city = visit.state.pack().municipality.name.ja.clone();
    let label = link::encode(&format!("{city}関守:{}", account.login));
    let uri = format!("otpauth://totp/{label}?secret={base32}&issuer={}", link::encode(&format!("{city}関守")));
    let page = visit.plain_page(visit.lang.t("本人確認の方法を登録", "Set up your second factor"));
    let (offer, full) = (Offer::of(&visit.state, visit.lang), live.stage == Stage::Full);
    answer(&EnrolPage { page, base32, qr: qr_svg(&uri)?, wrong, offer, full })
}

/// A QR code as the path of an SVG whose viewBox is 0 0 n n; the first line of the answer is n.
fn qr_svg(text: &str) -> Result<String, Fault> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).map_err(Fault::internal)?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            write!(path, "M{},{}h1v1h-1z", x + 4, y + 4).map_err(Fault::internal)?;
        }
    }
    let edge = size + 8;
    Ok(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {edge} {edge}\" width=\"220\" height=\"220\" role=\"img\" aria-label=\"QR\"><path fill=\"#fff\" d=\"M0,0h{edge}v{edge}h-{edge}z\"/><path d=\"{path}\"/></svg>"
    ))
}

/// `POST /signin/enrol`
pub(crate) async fn enrol(visit: Visit, posted: Posted) -> Result<Response, Fault> {
    let live = enrolling(&visit).await?;
    let fresh = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, posted.text("secret")).unwrap_or_default();
    if fresh.len() != 20 {
        return Err(Fault::Elsewhere);
    }
    let mut op = visit.state.operation(Actor::Person(live.person)).await?;
    let Some(step) = secret::totp_step(&fresh, posted.text("code"), op.at()) else {
        drop(op);
        let wrong = visit.lang.t(
            "コードが合いません。機器の時計が合っているか確かめ、表示中の6桁を入力してください。",
            "The code does not fit. Check the device's clock and enter the six digits it shows now.",
        );
        return page(&visit, &live, &fresh, Some(wrong.to_owned())).await;
    };
    let permit = permission::own(&op, live.person, "add-device", "account", live.account)?;
    let id = accounts::add_credential(&mut op, permit, live.account, "totp", "", fresh).await?;
    accounts::mark_used(&mut op, id, step).await?;
    op.commit().await?;
    let says = visit.lang.t("機器を登録しました。", "The device is registered.");
    let to = if live.stage == Stage::Second { live.back.as_str() } else { "/me" };
    let mut response = Flash::done(says).at(to);
    session::begin(&visit, live.account, Stage::Full, "/", &mut response).await?;
    Ok(response)
}

#[derive(Template)]
#[template(path = "signin/list.html")]
struct ListPage {
    page: Page,
    login: String,
    words: Vec<String>,
    made: String,
}

/// `POST /me/list`: makes a new printed list in place of the old one and shows it this once.
pub(crate) async fn list_make(desk: Desk, _posted: Posted) -> Result<Response, Fault> {
    let mut op = desk.operation().await?;
    let account = accounts::get(&mut op, desk.account).await?;
    drop_where(&desk, &mut op, |credential| credential.kind == "list").await?;
    let words = secret::one_time_words(&op.random(secret::WORDS * 8)?);
    for word in &words {
        let permit = permission::own(&op, desk.person, "add-list", "account", desk.account)?;
        accounts::add_credential(&mut op, permit, desk.account, "list", "", secret::word_hash(word)).await?;
    }
    op.commit().await?;
    let page = desk.page("", desk.lang().t("一回限りのコード一覧", "One-time codes"));
    answer(&ListPage { made: page.today.clone(), page, login: account.login, words })
}

/// `GET /me/list` comes from a reload after the list was shown; the words are not kept.
pub(crate) async fn list_page() -> Redirect {
    Redirect::to("/me")
}

/// `POST /me/list/remove`
pub(crate) async fn list_remove(desk: Desk, _posted: Posted) -> Result<Response, Fault> {
    remove_where(desk, |credential| credential.kind == "list").await
}

/// `POST /me/totp/remove`
pub(crate) async fn totp_remove(desk: Desk, _posted: Posted) -> Result<Response, Fault> {
    remove_where(desk, |credential| credential.kind == "totp").await
}

/// Removes these of the person's own second factors, unless a role asks for one and none would be left.
pub(super) async fn remove_where(desk: Desk, these: impl Fn(&Credential) -> bool) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut op = desk.operation().await?;
    drop_where(&desk, &mut op, these).await?;
    let left = Factors::of(&accounts::credentials(&mut op, desk.account).await?);
    if left.none() && asked_of(&desk.pack(), &desk.standing) {
        drop(op);
        let says = lang.t(
            "あなたの役割では本人確認の方法が一つは必要です。先にほかの方法を登録してから、削除してください。",
            "Your role needs one way to confirm it is you. Set up another before you remove this one.",
        );
        return Ok(Flash::failed(says).at("/me"));
    }
    op.commit().await?;
    Ok(Flash::done(lang.t("削除しました。", "Removed.")).at("/me"))
}

async fn drop_where(desk: &Desk, op: &mut ledger::Operation, these: impl Fn(&Credential) -> bool) -> Result<(), Fault> {
    for old in accounts::credentials(op, desk.account).await?.into_iter().filter(these) {
        let permit = permission::own(op, desk.person, "remove-credential", "account", desk.account)?;
        accounts::remove_credential(op, permit, old.id).await?;
    }
    Ok(())
}
