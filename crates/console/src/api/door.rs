//! Who calls the API: a Bearer token with scopes, or the session of a signed-in person for reading.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use ledger::Actor;
use ledger::people::{accounts, tokens};
use serde_json::{Map, Value as Json};

use crate::State;
use crate::page::fault::Fault;
use crate::visit::{Desk, Visit};

/// The most that a body may carry.
const BODY_BYTES: usize = 2 << 20;

/// A caller.
pub(crate) struct Caller {
    pub(crate) desk: Desk,
    /// `None`: whatever the person may.
    scopes: Option<Vec<String>>,
}

impl Caller {
    /// Refuses a token that is not for this: `read` or `write`, or either for one register (`write:assets`).
    pub(crate) fn ask(&self, what: &str, register: &str) -> Result<(), Fault> {
        let Some(scopes) = &self.scopes else { return Ok(()) };
        let narrow = format!("{what}:{register}");
        if scopes.iter().any(|scope| scope == what || *scope == narrow) {
            return Ok(());
        }
        let says = match self.desk.lang() {
            crate::page::lang::Lang::Ja => format!("このトークンには「{narrow}」の権限がありません。"),
            crate::page::lang::Lang::En => format!("This token lacks the scope '{narrow}'."),
        };
        Err(Fault::Forbidden(says))
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Fault> {
        let Some(given) = parts.headers.get(header::AUTHORIZATION) else {
            // A browser's session reads; it does not write here, where forms carry no proof.
            if !matches!(parts.method, Method::GET | Method::HEAD) {
                return Err(Fault::SignIn);
            }
            let (desk, _) = Desk::of_session(parts, state).await?;
            return Ok(Self { desk, scopes: None });
        };
        let token = given.to_str().ok().and_then(|line| line.strip_prefix("Bearer "));
        let token = token.ok_or(Fault::SignIn)?.trim().to_owned();
        let visit = Visit::from_request_parts(parts, state).await?;
        let mut reading = state.reading(Actor::Machine("api")).await?;
        let token = tokens::find(&mut reading, &token).await?.ok_or(Fault::SignIn)?;
        let account = accounts::get(&mut reading, token.account).await?;
        let desk = Desk::seat(visit, &mut reading, account.person, account.id).await?;
        Ok(Self { desk, scopes: Some(token.scopes).filter(|scopes| !scopes.is_empty()) })
    }
}

/// The JSON object of a body.
pub(crate) struct Object(pub(crate) Map<String, Json>);

impl FromRequest<State> for Object {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &State) -> Result<Self, Fault> {
        let body = to_bytes(request.into_body(), BODY_BYTES).await.map_err(|_| Fault::TooLarge)?;
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(&body) {
            Ok(Json::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(Fault::invalid("JSONのオブジェクトを送ってください / Send a JSON object.")),
            Err(error) => Err(Fault::invalid(format!("JSONとして読めません / Not JSON: {error}"))),
        }
    }
}
