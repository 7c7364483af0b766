//! A place of the menu: its registers, with what the reader may do in each.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use ledger::people::Standing;
use ledger::permission;
use ledger::records::{self, Query};
use pack::Pack;
use pack::model::{Register, Term};

use crate::kinds;
use crate::page::fault::Fault;
use crate::page::{Page, answer, date, link, menu};
use crate::questionnaires;
use crate::visit::Desk;

/// A register in a place.
struct Row {
    title: String,
    help: String,
    to: String,
    total: String,
    may_create: bool,
    /// Pages of the register's kind.
    links: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "registers/place.html")]
struct Place {
    page: Page,
    rows: Vec<Row>,
    /// Registers of which the reader has nothing to see and in which nothing to do: address and title.
    others: Vec<(String, String)>,
    /// How many question sheets wait for the reader; none where they do not belong.
    sheets: Option<usize>,
    /// Whether evidence is taken from here.
    evidence: bool,
}

/// Whether a role that the reader was given looks after a register, though nothing may be there yet.
fn concerns(pack: &Pack, standing: &Standing, register: &Register) -> bool {
    let given = |role: &str| standing.holds(role) && pack.role(role).is_some_and(|role| !role.implied);
    register.access.view.iter().any(|rule| matches!(&rule.who, Term::Role { role, .. } if given(role)))
}

/// `GET /place/{id}`
pub(crate) async fn place(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let name = menu::name(&id, lang).ok_or(Fault::NotFound)?;
    let registers = menu::registers(&pack, &id);
    if let [only] = registers.as_slice() {
        return Ok(Redirect::to(&format!("/registers/{}", link::encode(&only.id))).into_response());
    }
    let mut reading = desk.reading().await?;
    let (mut rows, mut others) = (Vec::new(), Vec::new());
    for register in registers {
        let query = Query { limit: 1, count: true, ..Query::default() };
        let listing = records::list(&mut reading, &pack, Some(&desk.standing), register, &query).await?;
        let may_create = match desk.standing.home {
            Some(home) => permission::create(&mut reading, Some(&desk.standing), register, home).await.is_ok(),
            None => false,
        };
        let links = kinds::links(&mut reading, &desk, register).await?;
        if listing.total == 0 && !may_create && !concerns(&pack, &desk.standing, register) {
            let to = format!("/registers/{}", link::encode(&register.id));
            others.push((to, lang.of(&register.title).to_owned()));
            continue;
        }
        let more = if listing.total_capped { "+" } else { "" };
        rows.push(Row {
            title: lang.of(&register.title).to_owned(),
            help: lang.of(&register.help).lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned(),
            to: format!("/registers/{}", link::encode(&register.id)),
            total: format!("{}{more}", date::thousands(listing.total)),
            may_create,
            links,
        });
    }
    let sheets = if id == "training" {
        let waiting = questionnaires::rows(&mut reading, &desk).await?;
        Some(waiting.iter().filter(|row| row.to.is_some()).count())
    } else {
        None
    };
    let page = desk.page(&id, name);
    answer(&Place { page, rows, others, sheets, evidence: id == "audits" })
}
