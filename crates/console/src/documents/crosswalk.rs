//! From another text to ours: the ministry guideline, or the policy that the city publishes, section by section, each with the
//! clauses that answer it, how they stand today, and the screens where they are kept.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use pack::Pack;
use pack::model::{Control, Guideline, GuidelineSection, Nature, Subjects};

use crate::compliance::{Tally, reach, tallies};
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link};
use crate::visit::Desk;

/// A section of the other text.
struct Row {
    number: String,
    title: String,
    /// Only the heading of sections below.
    heading: bool,
    /// Titles of the headings above, by which it is found too.
    above: String,
    /// Address, heading and document of each clause.
    clauses: Vec<(String, String, String)>,
    /// Why none of ours answers it.
    not_ours: Option<String>,
    tally: Tally,
    controls: usize,
    /// Address and name of the screens.
    screens: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "documents/crosswalk.html")]
struct Crosswalk {
    page: Page,
    id: String,
    others: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    asked: String,
    as_of: Option<String>,
}

/// The editions that a pack maps, as links: id and name.
pub(super) fn editions(pack: &Pack, lang: Lang) -> Vec<(String, String)> {
    pack.guideline.iter().map(|edition| (edition.id.clone(), lang.of(&edition.name).to_owned())).collect()
}

/// `GET /crosswalk/{edition}`
pub(crate) async fn show(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let edition = pack.guideline.iter().find(|edition| edition.id == id).ok_or(Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let reach = reach(&mut reading, &desk).await?;
    let counted = tallies(&mut reading, reach.as_deref()).await?;
    let as_of = counted.as_ref().map(|(day, _)| date::long(lang, *day));
    let tallies = counted.map(|(_, tallies)| tallies).unwrap_or_default();
    let asked = desk.query().get("q").unwrap_or_default().to_owned();
    let rows = edition.sections.iter().map(|section| row(&pack, edition, section, &tallies, lang));
    let rows = rows.filter(|row| fits(row, &asked));
    let rows = rows.collect();
    let others = editions(&pack, lang).into_iter().map(|(other, name)| (other == id, other, name));
    let others = others.map(|(here, other, name)| (format!("/crosswalk/{}", link::encode(&other)), name, here));
    let others = others.collect();
    let page = desk.page("documents", lang.t("出典・ガイドラインから探す", "Find by source or guideline"));
    answer(&Crosswalk { page, id, others, rows, asked, as_of })
}

fn row(
    pack: &Pack,
    edition: &Guideline,
    section: &GuidelineSection,
    tallies: &BTreeMap<String, Tally>,
    lang: Lang,
) -> Row {
    let controls = pack.controls.iter();
    let controls: Vec<&Control> =
        controls.filter(|c| c.clauses.iter().any(|id| section.clauses.contains(id))).collect();
    let mut tally = Tally::default();
    for control in &controls {
        tally.add(tallies.get(&control.id).copied().unwrap_or_default().counts);
    }
    let mut screens: Vec<(String, String)> = controls.iter().map(|control| screen(pack, control, lang)).collect();
    screens.sort();
    screens.dedup();
    let clauses = section.clauses.iter().filter_map(|id| {
        let (document, clause) = (pack.document(&id.document)?, pack.clause(id)?);
        let to = format!("/documents/{}/{}", link::encode(&id.document), link::encode(&id.slug));
        Some((to, clause.heading.clone(), lang.of(&document.title).to_owned()))
    });
    let stands_above = |upper: &GuidelineSection, lower: &GuidelineSection| {
        let rest = lower.number.strip_prefix(upper.number.as_str());
        rest.is_some_and(|rest| rest.starts_with(|next: char| !next.is_ascii_digit()))
    };
    let above = edition.sections.iter().filter(|other| stands_above(other, section));
    Row {
        number: section.number.clone(),
        title: lang.of(&section.title).to_owned(),
        heading: section.clauses.is_empty() && edition.sections.iter().any(|other| stands_above(section, other)),
        above: above.map(|other| lang.of(&other.title)).collect::<Vec<_>>().join(" "),
        clauses: clauses.collect(),
        not_ours: section.not_ours.as_ref().map(|why| lang.of(why).to_owned()),
        tally,
        controls: controls.len(),
        screens,
    }
}

/// Whether every word that was asked for stands in the number, the title, a title above it or a clause's heading.
fn fits(row: &Row, asked: &str) -> bool {
    asked.split_whitespace().all(|word| {
        let holds = |text: &str| text.contains(word);
        holds(&row.number)
            || holds(&row.title)
            || holds(&row.above)
            || row.clauses.iter().any(|(_, heading, _)| holds(heading))
    })
}

/// Where what a control looks at is kept.
pub(super) fn screen(pack: &Pack, control: &Control, lang: Lang) -> (String, String) {
    let subjects = match &control.nature {
        Nature::Machine { subjects, .. } => subjects,
        Nature::Attested(_) => {
            let to = format!("/compliance/controls/{}", link::encode(&control.id));
            return (to, format!("{}：{}", lang.t("実施報告", "Report"), lang.of(&control.title)));
        }
    };
    let organisation = |name: &str| ("/organisation".to_owned(), name.to_owned());
    match subjects {
        Subjects::Register(id) => {
            let name = pack.register(id).map_or(id.as_str(), |register| lang.of(&register.title));
            (format!("/registers/{}", link::encode(id)), name.to_owned())
        }
        Subjects::Source(id) => {
            let name = pack.source(id).map_or(id.as_str(), |source| lang.of(&source.title));
            let to = format!("/compliance/controls/{}", link::encode(&control.id));
            (to, format!("{}：{name}", lang.t("データ", "Data")))
        }
        Subjects::People => organisation(lang.t("組織・役割（職員）", "Organisation (persons)")),
        Subjects::Units => organisation(lang.t("組織・役割（所属）", "Organisation (units)")),
        Subjects::Posts => organisation(lang.t("組織・役割（発令）", "Organisation (posts)")),
        Subjects::Municipality => {
            let to = format!("/compliance/controls/{}", link::encode(&control.id));
            (to, lang.of(&control.title).to_owned())
        }
    }
}
