//! Files in the binary: stylesheet, script, icon. Their address carries a piece of their hash, so they may be kept for a year.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::journal::entry::hex;
use sha2::{Digest, Sha256};

use super::fault::Fault;

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static [u8],
}

const ASSETS: &[Asset] = &[
    Asset {
        name: "tokens.css",
        kind: "text/css; charset=utf-8",
        body: include_bytes!("../../assets/design-tokens/tokens.css"),
    },
    Asset { name: "console.css", kind: "text/css; charset=utf-8", body: include_bytes!("../../assets/console.css") },
    Asset {
        name: "console.js",
        kind: "text/javascript; charset=utf-8",
        body: include_bytes!("../../assets/console.js"),
    },
    Asset {
        name: "passkey.js",
        kind: "text/javascript; charset=utf-8",
        body: include_bytes!("../../assets/passkey.js"),
    },
    Asset {
        name: "htmx.js",
        kind: "text/javascript; charset=utf-8",
        body: include_bytes!("../../assets/htmx/htmx.min.js"),
    },
    Asset { name: "icon.svg", kind: "image/svg+xml", body: include_bytes!("../../assets/icon.svg") },
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in ASSETS {
        hash.update(asset.body);
    }
    let mut version = hex(&hash.finalize());
    version.truncate(12);
    version
});

/// The path segment that changes when any embedded file does.
pub(crate) fn version() -> &'static str {
    &VERSION
}

/// `GET /assets/{version}/{name}`; any version is answered with today's file.
pub(crate) async fn serve(Path((_, name)): Path<(String, String)>) -> Result<Response, Fault> {
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or(Fault::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, asset.body).into_response())
}
