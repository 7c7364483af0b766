//! The panels on a risk's page: its size by element, what own incidents and classes suggest, the clause that should change.

use askama::Template;
use ledger::Reading;
use ledger::kinds::risk::{self, ELEMENTS, Likelihood, Size};
use ledger::records::Record;
use pack::Pack;
use pack::model::Register;

use super::{Way, clause_of, way, words};
use crate::kinds::Panel;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::registers::address;
use crate::visit::Desk;

/// A clause to choose: its id, its heading, whether it is chosen.
type ClauseChoice = (String, String, bool);

/// What a form on the page carries.
struct Post {
    to: String,
    proof: String,
    version: i64,
}

struct Row {
    element: &'static str,
    loss: i64,
    chance: i64,
    size: i64,
    grade: (&'static str, &'static str),
    /// What the class suggests, where it differs.
    suggested: Option<i64>,
}

#[derive(Template)]
#[template(path = "kinds/risk/sizes.html")]
struct Sizes {
    lang: Lang,
    post: Option<Post>,
    rows: Vec<Row>,
    entered: i64,
    likelihood: Option<Likelihood>,
    /// Whether a suggestion differs from what is entered.
    differs: bool,
    matrix: String,
}

#[derive(Template)]
#[template(path = "kinds/risk/clause.html")]
struct ClausePanel {
    lang: Lang,
    post: Option<Post>,
    /// The clause's id, and its heading and address.
    clause: Option<(String, Option<(String, String)>)>,
    change: String,
    /// Clauses to choose from, under the titles of their documents.
    documents: Vec<(String, Vec<ClauseChoice>)>,
}

/// Panels of a record.
pub(in crate::kinds) async fn panels(
    reading: &mut Reading,
    desk: &Desk,
    register: &Register,
    record: &Record,
) -> Result<Vec<Panel>, Fault> {
    if record.disposed.is_some() {
        return Ok(Vec::new());
    }
    let (pack, lang) = (desk.pack(), desk.lang());
    let way = way(reading, desk, register, record).await?;
    let post = || Post {
        to: format!("{}/risk", address(&register.id, record.id)),
        proof: desk.proof(),
        version: record.version,
    };
    let to_edit = matches!(way, Some(Way::Edit)).then(post);
    let to_name = way.is_some().then(post);
    let likelihood = risk::likelihood(reading, &pack, record).await?;
    let losses = risk::losses(reading, &pack, record).await?;
    let row = |size: Size| Row {
        element: words::axis(size.axis, lang),
        loss: size.loss,
        chance: size.chance,
        size: size.value(),
        grade: (words::colour(size.grade()), words::grade(size.grade(), lang)),
        suggested: losses.iter().find(|(axis, loss)| *axis == size.axis && *loss != size.loss).map(|(_, loss)| *loss),
    };
    let rows: Vec<Row> = risk::sizes(record).into_iter().map(row).collect();
    let entered = record.int("likelihood").unwrap_or_default();
    let differs = rows.iter().any(|row| row.suggested.is_some()) || likelihood.is_some_and(|l| l.level != entered);
    let sizes = Sizes {
        lang,
        post: to_edit,
        rows,
        entered,
        likelihood,
        differs,
        matrix: super::links(register, lang).into_iter().next().map(|(to, _)| to).unwrap_or_default(),
    };
    let clause = clause_of(&pack, record);
    let panel = ClausePanel {
        lang,
        documents: if to_name.is_some() { clauses(&pack, desk, record, lang) } else { Vec::new() },
        post: to_name,
        clause,
        change: record.text("clause_change").unwrap_or_default().to_owned(),
    };
    Ok(vec![Panel::of(&sizes)?, Panel::of(&panel)?])
}

/// Clauses that the reader may name, by document.
fn clauses(pack: &Pack, desk: &Desk, record: &Record, lang: Lang) -> Vec<(String, Vec<ClauseChoice>)> {
    let reader = desk.reader();
    let chosen = record.text("clause");
    let of = |document: &pack::model::Document| {
        let open = document.clauses.iter().filter(|clause| crate::documents::may_read(&clause.audience, &reader));
        let open = open.map(|clause| {
            let id = clause.id.to_string();
            let is = chosen == Some(id.as_str());
            (id, clause.heading.clone(), is)
        });
        (lang.of(&document.title).to_owned(), open.collect::<Vec<_>>())
    };
    pack.documents.iter().map(of).filter(|(_, clauses)| !clauses.is_empty()).collect()
}

/// The losses and the likelihood that are suggested, as fields to set.
pub(super) async fn suggested(
    reading: &mut Reading,
    pack: &Pack,
    record: &Record,
) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    let mut fields = serde_json::Map::new();
    if let Some(likelihood) = risk::likelihood(reading, pack, record).await? {
        fields.insert("likelihood".to_owned(), likelihood.level.into());
    }
    for (axis, loss) in risk::losses(reading, pack, record).await? {
        let field = ELEMENTS.into_iter().find(|(of, _)| *of == axis).map(|(_, field)| field);
        fields.extend(field.map(|field| (field.to_owned(), loss.into())));
    }
    Ok(fields)
}
