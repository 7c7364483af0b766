//! Suggestions for text boxes that name a person or a record, as options of a datalist.

use askama::Template;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use ledger::people::{AFFILIATION, persons, posts, units};
use ledger::records::{self, Query, fold};

use super::register;
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::visit::Desk;

/// Suggestions at most.
const MOST: usize = 12;

#[derive(Template)]
#[template(
    source = "{% for (value, label) in options %}<option value=\"{{ value }}\">{{ label }}</option>{% endfor %}",
    ext = "html"
)]
struct Options {
    options: Vec<(String, String)>,
}

fn answer(options: Vec<(String, String)>) -> Result<Response, Fault> {
    Ok(Html(Options { options }.render().map_err(Fault::internal)?).into_response())
}

/// What stands in the box: the only value of the query, whatever its name.
fn words(desk: &Desk) -> String {
    desk.query().0.first().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// `GET /pick/people?box=words`
pub(crate) async fn people(desk: Desk) -> Result<Response, Fault> {
    if desk.outside() {
        return Err(Fault::NotFound);
    }
    let wanted = fold(&words(&desk)).replace([' ', '　'], "");
    let mut reading = desk.reading().await?;
    let today = reading.today();
    let mut all = persons::on(&mut reading, today).await?;
    all.retain(|p| {
        let name = fold(&p.name).replace([' ', '　'], "");
        name.contains(&wanted)
            || fold(&p.kana).replace([' ', '　'], "").contains(&wanted)
            || p.code.starts_with(&wanted)
    });
    all.truncate(MOST);
    let held = posts::on(&mut reading, today).await?;
    let open = units::on(&mut reading, today).await?;
    let options = all.iter().map(|person| {
        let home = held.iter().find(|post| post.person == person.id && post.role == AFFILIATION && post.main);
        let unit = home.and_then(|post| open.iter().find(|unit| unit.id == post.unit)).map(|unit| unit.name.clone());
        (format!("{}（{}）", shown_name(person), person.code), unit.unwrap_or_default())
    });
    answer(options.collect())
}

/// `GET /pick/records/{register}?box=words`
pub(crate) async fn records(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register(&pack, &id)?;
    let query = Query { search: words(&desk), limit: MOST, ..Query::default() };
    let mut reading = desk.reading().await?;
    let found = records::list(&mut reading, &pack, Some(&desk.standing), register, &query).await?;
    let lines: Vec<_> = found.items.iter().map(|record| (register, record)).collect();
    desk.note_lists(&mut reading, &lines).await?;
    answer(
        found
            .items
            .into_iter()
            .map(|r| (format!("{} {}", r.number, r.name).trim().to_owned(), String::new()))
            .collect(),
    )
}
