//! For those who run it: whether it answers, and counts of what it answered.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State as Of};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ledger::Actor;

use crate::State;
use crate::page::fault::Fault;

/// Answers by the hundreds of their status.
#[derive(Default)]
pub(crate) struct Counts {
    by_class: [AtomicU64; 6],
    micros: AtomicU64,
}

/// Counts an answer and the time it took.
pub(crate) async fn count(Of(state): Of<State>, request: Request, next: Next) -> Response {
    let start = std::time::Instant::now();
    let response = next.run(request).await;
    let counts = state.counts();
    if let Some(class) = counts.by_class.get(usize::from(response.status().as_u16() / 100)) {
        class.fetch_add(1, Ordering::Relaxed);
    }
    counts.micros.fetch_add(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    response
}

/// `GET /healthz`: whether the store answers.
pub(crate) async fn healthz(Of(state): Of<State>) -> Result<&'static str, Fault> {
    state.reading(Actor::Machine("health")).await?.end().await?;
    Ok("ok\n")
}

/// `GET /metrics`, in the text format of Prometheus. Counts only: nothing about contents or persons.
pub(crate) async fn metrics(Of(state): Of<State>) -> Response {
    let counts = state.counts();
    let mut text =
        "# HELP sekimori_http_answers_total Answers by class of status.\n# TYPE sekimori_http_answers_total counter\n"
            .to_owned();
    let mut total = 0;
    for (class, count) in counts.by_class.iter().enumerate().skip(1) {
        let count = count.load(Ordering::Relaxed);
        total += count;
        text.push_str(&format!("sekimori_http_answers_total{{class=\"{class}xx\"}} {count}\n"));
    }
    let micros = counts.micros.load(Ordering::Relaxed);
    text.push_str("# HELP sekimori_http_seconds Time spent on answers.\n# TYPE sekimori_http_seconds summary\n");
    text.push_str(&format!(
        "sekimori_http_seconds_sum {}.{:06}\nsekimori_http_seconds_count {total}\n",
        micros / 1_000_000,
        micros % 1_000_000
    ));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
