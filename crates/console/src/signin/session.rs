//! Sessions: a random secret in a cookie, its hash in the ledger.

use axum::http::header;
use axum::response::Response;
use ledger::people::accounts::SignIn;
use ledger::people::{accounts, sessions};
use ledger::{Actor, Id, Reading};
use serde::{Deserialize, Serialize};

use crate::page::cookies;
use crate::page::fault::Fault;
use crate::visit::Visit;

/// A session ends after this long without a request.
const IDLE_MS: i64 = 60 * 60_000;
/// And at the latest after this long.
const LONGEST_MS: i64 = 10 * 60 * 60_000;
/// The time seen is written at most this often.
const TOUCH_MS: i64 = 5 * 60_000;

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// The password was right; the second factor is missing.
    Second,
    /// Signed in.
    Full,
}

#[derive(Serialize, Deserialize)]
struct Data {
    stage: Stage,
    account: String,
    back: String,
}

/// A session that is valid now.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) stage: Stage,
    pub(crate) account: Id,
    pub(crate) person: Id,
    pub(crate) back: String,
    /// Whether its time has to be written.
    pub(crate) stale: bool,
}

/// The session of this secret, if it is valid and its account open.
pub(crate) async fn live(reading: &mut Reading, name: &str) -> Result<Option<Live>, Fault> {
    let Some(session) = sessions::load(reading, name.as_bytes()).await? else { return Ok(None) };
    let Ok(data) = serde_json::from_str::<Data>(&session.data) else { return Ok(None) };
    let Ok(id) = data.account.parse::<Id>() else { return Ok(None) };
    let account = accounts::get(reading, id).await?;
    let now = reading.at().0;
    if !account.open || now - session.created.0 > LONGEST_MS {
        return Ok(None);
    }
    let stale = now - session.seen.0 > TOUCH_MS;
    Ok(Some(Live { stage: data.stage, account: id, person: account.person, back: data.back, stale }))
}

/// The session of a visitor whose password was right.
pub(super) async fn at_second(visit: &Visit) -> Result<Live, Fault> {
    let name = visit.session_name().ok_or(Fault::SignIn)?;
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    live(&mut reading, name).await?.ok_or(Fault::SignIn)
}

/// Begins a session under a new secret and ends the visitor's present one. A full one, which is signed in, is noted in the
/// journal unless the visitor was signed in already.
pub(super) async fn begin(
    visit: &Visit,
    account: Id,
    stage: Stage,
    back: &str,
    response: &mut Response,
) -> Result<(), Fault> {
    let mut reading = visit.state.reading(Actor::Machine("sign-in")).await?;
    let person = accounts::get(&mut reading, account).await?.person;
    let before = match visit.session_name() {
        Some(name) => live(&mut reading, name).await?.filter(|live| live.account == account),
        None => None,
    };
    reading.end().await?;
    let mut op = visit.state.operation(Actor::Person(person)).await?;
    if stage == Stage::Full && before.is_none_or(|before| before.stage != Stage::Full) {
        accounts::note_sign_in(&mut op, SignIn::Done, Some(account), visit.address);
    }
    if let Some(old) = visit.session_name() {
        sessions::end(&mut op, old.as_bytes()).await?;
    }
    let name = hex(&op.random(32)?);
    let data = Data { stage, account: account.to_string(), back: back.to_owned() };
    let text = serde_json::to_string(&data).map_err(Fault::internal)?;
    let expires = op.at().plus_ms(IDLE_MS);
    sessions::save(&mut op, name.as_bytes(), Some(account), &text, expires).await?;
    op.commit().await?;
    let state = &visit.state;
    let cookie = cookies::write(state.session_cookie(), &name, None, state.settings().secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

/// Writes that a session was seen.
pub(crate) async fn touch(visit: &Visit, live: &Live) -> Result<(), Fault> {
    let Some(name) = visit.session_name() else { return Ok(()) };
    let mut op = visit.state.operation(Actor::Machine("sign-in")).await?;
    let data = Data { stage: live.stage, account: live.account.to_string(), back: live.back.clone() };
    let text = serde_json::to_string(&data).map_err(Fault::internal)?;
    let expires = op.at().plus_ms(IDLE_MS);
    sessions::save(&mut op, name.as_bytes(), Some(live.account), &text, expires).await?;
    op.commit().await?;
    Ok(())
}

/// Takes the cookie away.
pub(super) fn forget(visit: &Visit, response: &mut Response) {
    let cookie = cookies::write(visit.state.session_cookie(), "", Some(0), visit.state.settings().secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
