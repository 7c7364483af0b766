//! A message about what was just done, shown once on the next page.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::cookies;

const COOKIE: &str = "flash";

/// A message, and the way back where there is one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// Whether it went well.
    pub(crate) good: bool,
    /// What was done.
    pub(crate) says: String,
    /// What can be done with it now: label and path of ours.
    pub(crate) link: Option<(String, String)>,
}

impl Flash {
    /// Something was done.
    pub(crate) fn done(says: impl Into<String>) -> Self {
        Self { good: true, says: says.into(), link: None }
    }

    /// Something could not be done.
    pub(crate) fn failed(says: impl Into<String>) -> Self {
        Self { good: false, says: says.into(), link: None }
    }

    /// Goes to a page of ours and says it there.
    pub(crate) fn at(self, to: &str) -> Response {
        let mut response = Redirect::to(to).into_response();
        let text = serde_json::to_string(&self).unwrap_or_default();
        response.headers_mut().append(axum::http::header::SET_COOKIE, cookies::write(COOKIE, &text, Some(60), false));
        response
    }

    /// The message that waits for this visitor.
    pub(crate) fn waiting(headers: &HeaderMap) -> Option<Self> {
        let flash: Self = serde_json::from_str(&cookies::read(headers, COOKIE)?).ok()?;
        let safe = flash.link.as_ref().is_none_or(|(_, to)| super::link::back(Some(to)) == *to);
        safe.then_some(flash)
    }

    /// The `Set-Cookie` that takes it away.
    pub(crate) fn clear() -> axum::http::HeaderValue {
        cookies::write(COOKIE, "", Some(0), false)
    }
}
