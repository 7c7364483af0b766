//! The search box: records that the reader may see, and clauses of the policy.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use ledger::records::{self, fold};

use pack::Pack;
use pack::model::Document;

use crate::documents::may_read;
use crate::page::fault::Fault;
use crate::page::{Page, answer};
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// Hits shown of each kind.
const MOST: usize = 30;

/// A record that was found.
struct Hit {
    to: String,
    number: String,
    name: String,
    register: String,
    state: (String, &'static str),
}

/// A clause that was found: address, document, heading, and the words around.
struct ClauseHit {
    to: String,
    document: String,
    heading: String,
    around: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Found {
    page: Page,
    records: Vec<Hit>,
    clauses: Vec<ClauseHit>,
}

/// The policy's texts as search compares them, made once for a version: heading and body of each clause, by document.
pub(crate) struct Folded(Vec<Vec<(String, String)>>);

impl Folded {
    pub(crate) fn of(pack: &Pack) -> Self {
        let clauses = |document: &Document| {
            document.clauses.iter().map(|clause| (fold(&clause.heading), fold(&clause.body))).collect()
        };
        Self(pack.documents.iter().map(clauses).collect())
    }
}

/// `GET /search?q=`
pub(crate) async fn search(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let question = desk.query().get("q").unwrap_or_default().trim().to_owned();
    if question.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    let mut reading = desk.reading().await?;
    let found = records::search(&mut reading, &pack, Some(&desk.standing), &question, MOST).await?;
    // The exact number of one record leads to it at once.
    if let [only] = found.as_slice()
        && only.exact
    {
        return Ok(Redirect::to(&address(&only.record.register, only.record.id)).into_response());
    }
    let lines: Vec<_> =
        found.iter().filter_map(|hit| Some((pack.register(&hit.record.register)?, &hit.record))).collect();
    desk.note_lists(&mut reading, &lines).await?;
    let hits = found.into_iter().map(|hit| {
        let register = pack.register(&hit.record.register);
        Hit {
            to: address(&hit.record.register, hit.record.id),
            register: register.map(|register| lang.of(&register.title).to_owned()).unwrap_or_default(),
            state: register.map(|register| state_tag(register, &hit.record.state, lang)).unwrap_or_default(),
            number: hit.record.number,
            name: hit.record.name,
        }
    });
    let records = hits.collect();
    let clauses = clauses(&desk, &question);
    let page = desk.page("", lang.t("検索結果", "Search results"));
    answer(&Found { page, records, clauses })
}

fn clauses(desk: &Desk, question: &str) -> Vec<ClauseHit> {
    let (pack, reader) = (desk.pack(), desk.reader());
    let words: Vec<String> = question.split_whitespace().map(fold).collect();
    let folded = desk.state().folded();
    let mut hits = Vec::new();
    for (document, folded) in pack.documents.iter().zip(&folded.0) {
        for (clause, (heading, text)) in document.clauses.iter().zip(folded) {
            let found = |body: &str| words.iter().all(|word| heading.contains(word.as_str()) || body.contains(word));
            if !found(text) {
                continue;
            }
            let body = if may_read(&clause.audience, &reader) { clause.body.as_str() } else { "" };
            if !body.is_empty() || found("") {
                hits.push(ClauseHit {
                    to: format!("/documents/{}/{}", document.id, clause.id.slug),
                    document: desk.lang().of(&document.title).to_owned(),
                    heading: clause.heading.clone(),
                    around: body.chars().take(120).collect(),
                });
            }
            if hits.len() == MOST {
                return hits;
            }
        }
    }
    hits
}
