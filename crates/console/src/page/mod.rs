//! What every page has: its frame, its language, its errors, its headers, its files.

pub(crate) mod assets;
pub(crate) mod cookies;
pub(crate) mod date;
pub(crate) mod escape;
pub(crate) mod fault;
pub(crate) mod flash;
pub(crate) mod headers;
pub(crate) mod lang;
pub(crate) mod link;
pub(crate) mod markdown;
pub(crate) mod menu;
pub(crate) mod posted;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use fault::Fault;
use flash::Flash;
use lang::Lang;

/// Who reads, as the frame shows it.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    /// The person's name.
    pub(crate) name: String,
    /// Unit and role, such as 市民課長.
    pub(crate) place: String,
    /// Entries of the person's own menu: label and path.
    pub(crate) links: Vec<(String, String)>,
}

/// The frame around a page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Its language.
    pub(crate) lang: Lang,
    /// Its title, the heading's text.
    pub(crate) title: String,
    /// The municipality.
    pub(crate) city: String,
    /// 「架空のデータ」 where the data is made up.
    pub(crate) notice: Option<String>,
    /// The incident telephone.
    pub(crate) contact: Option<String>,
    /// Where an incident is reported without signing in.
    pub(crate) desk: Option<&'static str>,
    /// The reader, when signed in.
    pub(crate) who: Option<Who>,
    /// The menu.
    pub(crate) menu: Vec<menu::Group>,
    /// Whether the reader may open the journal.
    pub(crate) journal: bool,
    /// Whether the reader may take evidence.
    pub(crate) evidence: bool,
    /// Whether the reader sets absences of others.
    pub(crate) absences: bool,
    /// Whether any page of the settings is the reader's.
    pub(crate) settings: bool,
    /// Since when the numbers on the pages stand still, because the evaluation fails.
    pub(crate) still: Option<String>,
    /// As of when the numbers on the pages are, while the evaluation of this start is under way.
    pub(crate) awaited: Option<String>,
    /// What waited to be said.
    pub(crate) flash: Option<Flash>,
    /// What goes into every form (see [`posted`]).
    pub(crate) proof: String,
    /// What stands in the search box.
    pub(crate) asked: String,
    /// The page's own address, encoded for a query.
    pub(crate) here_encoded: String,
    /// Today in words.
    pub(crate) today: String,
    /// Version of the embedded files.
    pub(crate) assets: &'static str,
    /// Version of the product.
    pub(crate) version: &'static str,
}

/// Answers with a page.
pub(crate) fn answer(template: &impl Template) -> Result<Response, Fault> {
    let html = template.render().map_err(Fault::internal)?;
    let mut response = Html(html).into_response();
    response.headers_mut().append(axum::http::header::SET_COOKIE, Flash::clear());
    Ok(response)
}
