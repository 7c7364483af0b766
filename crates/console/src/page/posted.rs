//! What a person sent with a form: names and values in order, files, and the proof that our own page sent it.

use axum::RequestExt;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use ledger::journal::entry::hex;

use super::cookies;
use super::fault::Fault;
use crate::State;

/// The most that a form may carry without files.
const FORM_BYTES: usize = 2 << 20;
/// The most values of one form.
const FORM_VALUES: usize = 5_000;

/// A file sent with a form.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// The form field.
    pub(crate) field: String,
    /// The file's name as the browser gave it.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// A form. Every page that writes takes this extractor, so that none forgets the proof.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posted {
    values: Vec<(String, String)>,
    /// Files, in order.
    pub(crate) files: Vec<Upload>,
}

impl Posted {
    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of this name without space around it; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// All values of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a form carries to show that our page sent it: derived from the session's secret, so that nothing is stored for it.
pub(crate) fn proof(secret: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(b"sekimori form ");
    hash.update(secret.as_bytes());
    let mut proof = hex(&hash.finalize());
    proof.truncate(32);
    proof
}

impl FromRequest<State> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &State) -> Result<Self, Fault> {
        let names = [state.session_cookie(), state.visitor_cookie()];
        let proofs: Vec<String> = names
            .iter()
            .filter_map(|name| cookies::read(request.headers(), name))
            .map(|secret| proof(&secret))
            .collect();
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let posted = if kind.starts_with("multipart/form-data") {
            multipart(request).await?
        } else {
            urlencoded(request).await?
        };
        let sent = posted.get("proof").unwrap_or_default();
        if proofs.iter().any(|proof| proof == sent) { Ok(posted) } else { Err(Fault::Elsewhere) }
    }
}

async fn urlencoded(request: Request) -> Result<Posted, Fault> {
    let body = axum::body::to_bytes(request.into_limited_body(), FORM_BYTES).await.map_err(|_| Fault::TooLarge)?;
    let values: Vec<_> = form_urlencoded::parse(&body).into_owned().take(FORM_VALUES + 1).collect();
    if values.len() > FORM_VALUES {
        return Err(Fault::TooLarge);
    }
    Ok(Posted { values, files: Vec::new() })
}

async fn multipart(request: Request) -> Result<Posted, Fault> {
    let unreadable = || Fault::invalid("送信が途中で切れました。もう一度送ってください。");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut posted = Posted::default();
    while let Some(part) = parts.next_field().await.map_err(|error| read_fault(&error))? {
        if posted.values.len() + posted.files.len() >= FORM_VALUES {
            return Err(Fault::TooLarge);
        }
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            None => posted.values.push((field, part.text().await.map_err(|error| read_fault(&error))?)),
            Some(name) => {
                let bytes = part.bytes().await.map_err(|error| read_fault(&error))?.to_vec();
                if !name.is_empty() {
                    posted.files.push(Upload { field, name, bytes });
                }
            }
        }
    }
    Ok(posted)
}

fn read_fault(error: &axum::extract::multipart::MultipartError) -> Fault {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        Fault::TooLarge
    } else {
        Fault::invalid("送信が途中で切れました。もう一度送ってください。")
    }
}
