//! Sessions: a random secret in a cookie, its hash in the ledger.

use axum::http::header;
use axum::response::Response;
use ledger::journal::entry::hex;
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
/// A sign-in that waits for its second factor ends after this long.
const SECOND_MS: i64 = 10 * 60_000;
/// A question to a key waits this long for its answer.
const QUESTION_MS: i64 = 5 * 60_000;
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
    /// The question to a key that waits for its answer; at most one, and good once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<Asked>,
}

#[derive(Serialize, Deserialize)]
struct Asked {
    at_ms: i64,
    question: serde_json::Value,
}

impl Data {
    fn text(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(Fault::internal)
    }
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
    let data = Data { stage, account: account.to_string(), back: back.to_owned(), asked: None };
    let expires = op.at().plus_ms(if stage == Stage::Full { IDLE_MS } else { SECOND_MS });
    sessions::save(&mut op, name.as_bytes(), Some(account), &data.text()?, expires).await?;
    op.commit().await?;
    let state = &visit.state;
    let cookie = cookies::write(state.session_cookie(), &name, None, state.settings().secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

/// Writes that a session was seen.
pub(crate) async fn touch(visit: &Visit) -> Result<(), Fault> {
    let Some(name) = visit.session_name() else { return Ok(()) };
    let mut op = visit.state.operation(Actor::Machine("sign-in")).await?;
    let expires = op.at().plus_ms(IDLE_MS);
    sessions::touch(&mut op, name.as_bytes(), expires).await?;
    op.commit().await?;
    Ok(())
}

/// Binds a question to the visitor's session, in place of an earlier one.
pub(super) async fn ask(visit: &Visit, question: serde_json::Value) -> Result<(), Fault> {
    exchange(visit, Some(question)).await.map(drop)
}

/// Takes the question that this session was asked, if it is young enough. Nobody can take it again.
pub(super) async fn take_question(visit: &Visit) -> Result<Option<serde_json::Value>, Fault> {
    let asked = exchange(visit, None).await?;
    let now = visit.state.now().0;
    Ok(asked.filter(|asked| (0..=QUESTION_MS).contains(&(now - asked.at_ms))).map(|asked| asked.question))
}

/// Puts a question, or none, in place of the one that waits, which it gives back.
async fn exchange(visit: &Visit, question: Option<serde_json::Value>) -> Result<Option<Asked>, Fault> {
    let name = visit.session_name().ok_or(Fault::SignIn)?;
    let mut op = visit.state.operation(Actor::Machine("sign-in")).await?;
    let old = sessions::load(&mut op, name.as_bytes()).await?.ok_or(Fault::SignIn)?.data;
    let mut data: Data = serde_json::from_str(&old).map_err(Fault::internal)?;
    let at_ms = op.at().0;
    let before = std::mem::replace(&mut data.asked, question.map(|question| Asked { at_ms, question }));
    if !sessions::swap(&mut op, name.as_bytes(), &old, &data.text()?).await? {
        return Err(Fault::Stale);
    }
    op.commit().await?;
    Ok(before)
}

/// Takes the cookie away.
pub(super) fn forget(visit: &Visit, response: &mut Response) {
    let cookie = cookies::write(visit.state.session_cookie(), "", Some(0), visit.state.settings().secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
}
