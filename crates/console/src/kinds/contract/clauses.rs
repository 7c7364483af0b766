//! The clauses that a contract has to hold: what is there, what is missing with the wording, and ticking what was put in.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::Operation;
use ledger::kinds::contract::{Held, Judged};
use ledger::records::{self, Record};
use pack::Pack;
use pack::model::{ClauseId, Register, RegisterKind};
use serde_json::{Map, Value as Json};

use super::Post;
use crate::kinds::button::{Done, Marked, answer, change};
use crate::kinds::{Panel, choice, register_of};
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::link;
use crate::page::posted::Posted;
use crate::registers::address;
use crate::visit::Desk;

/// A clause of the policy that asks for something.
pub(super) struct Ask {
    pub(super) to: String,
    pub(super) heading: String,
    /// The document in which it stands, for paper.
    pub(super) document: String,
}

/// A clause in words.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) asks: Vec<Ask>,
    pub(super) wording: String,
    pub(super) present: bool,
}

#[derive(Template)]
#[template(path = "kinds/contract/clauses.html")]
struct Clauses {
    lang: Lang,
    post: Option<Post>,
    sheet: String,
    missing: Vec<Row>,
    present: Vec<Row>,
    /// Labels of clauses that this contract need not hold; those that it holds all the same are marked.
    others: Vec<(String, bool)>,
}

/// The panel.
pub(super) fn panel(
    desk: &Desk,
    register: &Register,
    record: &Record,
    judged: &Judged,
    post: Option<Post>,
) -> Result<Panel, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let row = |held: &Held| row(&pack, register, held, lang);
    let others = judged.clauses.iter().filter(|held| !held.needed);
    Panel::of(&Clauses {
        lang,
        post,
        sheet: format!("{}/clauses", address(&register.id, record.id)),
        missing: judged.missing().map(row).collect(),
        present: judged.clauses.iter().filter(|held| held.needed && held.present).map(row).collect(),
        others: others.map(|held| (label(register, held, lang), held.present)).collect(),
    })
}

fn label(register: &Register, held: &Held, lang: Lang) -> String {
    choice(register, "clauses", Some(&held.id), lang).to_owned()
}

/// A clause in words.
pub(super) fn row(pack: &Pack, register: &Register, held: &Held, lang: Lang) -> Row {
    let asks = |id: &ClauseId| {
        let clause = pack.clause(id)?;
        let document = pack.documents.iter().find(|document| document.id == id.document);
        Some(Ask {
            to: format!("/documents/{}/{}", link::encode(&id.document), link::encode(&id.slug)),
            heading: clause.heading.clone(),
            document: document.map(|document| lang.of(&document.title).to_owned()).unwrap_or_default(),
        })
    };
    let clause = register.contract_clauses.iter().find(|clause| clause.id == held.id);
    Row {
        id: held.id.clone(),
        label: label(register, held, lang),
        asks: clause.iter().flat_map(|clause| &clause.asks).filter_map(asks).collect(),
        wording: clause.map(|clause| lang.of(&clause.wording).to_owned()).unwrap_or_default(),
        present: held.present,
    }
}

/// `POST /registers/{register}/{id}/contract`: what was put into the contract, an ordinary edit of the record.
pub(super) async fn mark(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register_of(&pack, &register_id, RegisterKind::Contract)?;
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let record = records::get(&mut op, Some(&desk.standing), register, id).await?;
    let marked = tick(&mut op, &desk, register, &record, &posted).await;
    answer(op, marked, &[register], &address(&register.id, id), lang).await
}

async fn tick(op: &mut Operation, desk: &Desk, register: &Register, record: &Record, posted: &Posted) -> Marked {
    let lang = desk.lang();
    let ticked: Vec<&str> = posted.all("clause").collect();
    if ticked.is_empty() {
        let says = lang.t("契約書に書いた事項に印を付けてください。", "Tick what was put into the contract.");
        return Ok(Err(says.to_owned()));
    }
    let mut now = record.texts("clauses");
    now.extend(ticked.iter().filter(|id| !record.texts("clauses").contains(*id)));
    let mut fields = Map::new();
    fields.insert("clauses".to_owned(), now.into_iter().map(Json::from).collect());
    let change = change(posted, fields);
    let record = records::edit(op, &desk.pack(), Some(&desk.standing), register, record.id, change).await?;
    Ok(Ok(Done::here(match lang {
        Lang::Ja => format!("{}に、契約に書いた事項を記録しました。", record.number),
        Lang::En => format!("Written to {}.", record.number),
    })))
}
