//! 公開版: the sheet of publication as it stands today, and every page of the public edition to carry to the city's website.

use askama::Template;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use exchange::publication::publication;
use pack::{Publication, SHEET};

use crate::page::fault::Fault;
use crate::page::{Page, answer, date, link};
use crate::visit::Desk;

/// A body that adopts, and one of its adoptions.
struct Row {
    body: String,
    covers: String,
    how: String,
    edition: String,
    adopted_on: String,
    /// Day, place, value of the text.
    published: Vec<(String, String, String)>,
    recorded: bool,
}

#[derive(Template)]
#[template(path = "documents/publication.html")]
struct Sheet {
    page: Page,
    as_of: String,
    hash: String,
    rows: Vec<Row>,
    counts: Vec<(String, String)>,
    /// Files of the edition: address and what it is.
    files: Vec<(String, String)>,
}

/// `GET /publication`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let (today, sheet) = today(&desk).await?;
    let mut rows = Vec::new();
    for body in pack.bodies.iter().filter(|body| body.adopts) {
        let covers = pack.bodies.iter().filter(|other| other.adopted_by.as_deref() == Some(&body.id));
        let covers: Vec<&str> = covers.map(|other| lang.of(&other.name)).collect();
        let row = Row {
            body: lang.of(&body.name).to_owned(),
            covers: covers.join(lang.t("、", ", ")),
            how: String::new(),
            edition: String::new(),
            adopted_on: String::new(),
            published: Vec::new(),
            recorded: false,
        };
        let recorded: Vec<_> = sheet.adoptions.iter().filter(|adoption| adoption.body == body.id).cloned().collect();
        if recorded.is_empty() {
            rows.push(row);
            continue;
        }
        rows.extend(recorded.into_iter().map(|adoption| Row {
            body: row.body.clone(),
            covers: row.covers.clone(),
            how: adoption.how,
            edition: adoption.edition,
            adopted_on: adoption.adopted_on,
            published: adoption.published,
            recorded: true,
        }));
    }
    let counts = sheet.counts.iter().map(|(what, count)| (lang.of(what).to_owned(), count.clone())).collect();
    let mut files = vec![("index.html".to_owned(), lang.t("目次", "Index").to_owned())];
    files.extend(pack.documents.iter().map(|d| (format!("{}.html", d.id), lang.of(&d.title).to_owned())));
    files.push((SHEET.to_owned(), lang.t("策定と公表の記録", "Sheet of publication").to_owned()));
    let files = files.into_iter().map(|(file, what)| (format!("/publication/{}", link::encode(&file)), what)).collect();
    let page = desk.page("documents", lang.t("公開版と、策定・公表の記録", "Public edition and its publication"));
    answer(&Sheet { page, as_of: date::long(lang, today), hash: sheet.hash, rows, counts, files })
}

async fn today(desk: &Desk) -> Result<(pack::expr::Day, Publication), Fault> {
    let mut reading = desk.reading().await?;
    let sheet = publication(&mut reading, &desk.pack()).await?;
    Ok((reading.today(), sheet))
}

/// `GET /publication/{file}`: a page of the public edition, to be saved; it holds what is public, and nothing else.
pub(crate) async fn download(desk: Desk, Path(file): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    let (_, sheet) = today(&desk).await?;
    let page = pack::publish(&pack, &sheet).into_iter().find(|page| page.path == file).ok_or(Fault::NotFound)?;
    let name = format!("attachment; filename*=UTF-8''{}", link::encode(&page.path));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Fault::internal)?),
    ];
    Ok((headers, Body::from(page.html)).into_response())
}
