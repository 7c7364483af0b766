//! The tree of contractors on a contract's page: state, permission, information passed, place of work, and what is wrong.

use askama::Template;
use ledger::Reading;
use ledger::kinds::contract::{Judged, Node};
use ledger::records::Record;
use pack::model::{Axis, Register};

use super::{hidden, new_with, words};
use crate::kinds::{Panel, choice};
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

/// Deepest indentation that is drawn; the level is said in words as well.
const INDENTED: usize = 6;

struct Row {
    to: String,
    partner: String,
    level: String,
    indent: usize,
    work: String,
    state: (String, &'static str),
    permission: (&'static str, String),
    began: Option<String>,
    class: String,
    personal: String,
    place: String,
    /// What is wrong: colour and words.
    troubles: Vec<(&'static str, String)>,
    /// Where one below it is entered.
    below: Option<String>,
}

#[derive(Template)]
#[template(path = "kinds/contract/tree.html")]
struct Tree {
    lang: Lang,
    partner: String,
    class: String,
    rows: Vec<Row>,
    rings: Vec<String>,
    new: Option<String>,
    wrong: usize,
    hidden: Option<i64>,
}

/// The panel. `register` is that of the sub-contracts.
pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    contract: &Record,
    judged: &Judged,
) -> Result<Panel, Fault> {
    let lang = desk.lang();
    let partners = words::partners(judged);
    let new = new_with(reading, desk, register, &[("contract", &contract.number), ("level", "1")]).await?;
    let mut rows = Vec::new();
    for node in &judged.nodes {
        let mut row = row(desk, register, node);
        row.troubles = node
            .troubles
            .iter()
            .map(|trouble| {
                let colour = if trouble.is_grave() { "bad" } else { "warn" };
                (colour, words::trouble(*trouble, &partners, lang))
            })
            .collect();
        if new.is_some() {
            let level = (node.depth + 1).to_string();
            let fields =
                [("contract", contract.number.as_str()), ("above", node.record.number.as_str()), ("level", &level)];
            row.below = new_with(reading, desk, register, &fields).await?;
        }
        rows.push(row);
    }
    let ring = |ring: &Vec<ledger::Id>| {
        let names = ring.iter().chain(ring.first()).map(|id| partners.get(id).map_or("", String::as_str));
        names.map(|name| format!("「{name}」")).collect::<Vec<_>>().join(" → ")
    };
    Panel::of(&Tree {
        lang,
        partner: contract.text("partner").unwrap_or_default().to_owned(),
        class: class(desk, contract),
        wrong: judged.unpermitted().count(),
        rows,
        rings: judged.rings.iter().map(ring).collect(),
        new,
        hidden: hidden(judged),
    })
}

fn class(desk: &Desk, record: &Record) -> String {
    let pack = desk.pack();
    let class = record.text("confidentiality");
    let known = pack.classes.of(Axis::Confidentiality).iter().find(|known| Some(known.id.as_str()) == class);
    known.map(|known| desk.lang().of(&known.name).to_owned()).unwrap_or_default()
}

fn row(desk: &Desk, register: &Register, node: &Node) -> Row {
    let (lang, record) = (desk.lang(), &node.record);
    let choice = |field: &str| choice(register, field, record.text(field), lang).to_owned();
    Row {
        to: address(&register.id, record.id),
        partner: record.text("partner").unwrap_or_default().to_owned(),
        level: words::level(node.depth, lang),
        indent: node.depth.min(INDENTED),
        work: record.text("work").unwrap_or_default().to_owned(),
        state: state_tag(register, &record.state, lang),
        permission: words::permission(node, lang),
        began: record.day("began_on").map(|day| date::long(lang, day)),
        class: class(desk, record),
        personal: if record.text("personal") == Some("none") { String::new() } else { choice("personal") },
        place: choice("place"),
        troubles: Vec::new(),
        below: None,
    }
}
