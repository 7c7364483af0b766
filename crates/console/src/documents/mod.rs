//! 規程・手順・様式: the documents of the policy, each a tree of clauses, with the controls that make sure of them.

pub(crate) mod compare;
mod crosswalk;
mod publication;
mod reading;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use pack::Pack;
use pack::model::{Clause, Control, Document, DocumentKind, Nature, Severity};

pub(crate) use compare::show as compare;
pub(crate) use crosswalk::show as crosswalk;
pub(crate) use publication::{download as public_page, show as publication};
pub(crate) use reading::{Reader, may_read};

use crate::compliance::{Tally, reach, tallies};
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link, markdown};
use crate::visit::Desk;

/// A document in the list.
struct Row {
    id: String,
    title: String,
    kind: &'static str,
    clauses: usize,
    closed: bool,
    open_to: String,
}

/// A blank form of a register.
struct FormRow {
    title: String,
    form: String,
    to: String,
}

#[derive(Template)]
#[template(path = "documents/list.html")]
struct List {
    page: Page,
    groups: Vec<(&'static str, Vec<Row>)>,
    forms: Vec<FormRow>,
    /// Texts behind the policy: id and name.
    editions: Vec<(String, String)>,
    version: String,
    /// 改正経過: the versions that were ever in force, latest first, each with the way to its differences from the one before.
    history: Vec<(String, Option<String>)>,
}

/// `GET /documents`
pub(crate) async fn list(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang, reader) = (desk.pack(), desk.lang(), desk.reader());
    let kinds = [
        (
            lang.t("情報セキュリティポリシー", "Security policy"),
            [DocumentKind::Policy, DocumentKind::Standard].as_slice(),
        ),
        (lang.t("実施手順", "Procedures"), &[DocumentKind::Procedure]),
        (lang.t("計画", "Plans"), &[DocumentKind::EmergencyPlan, DocumentKind::ContinuityPlan]),
    ];
    let row = |document: &Document| Row {
        id: document.id.clone(),
        title: lang.of(&document.title).to_owned(),
        kind: kind_name(document.kind, lang),
        clauses: document.clauses.len(),
        closed: !document.clauses.iter().any(|clause| may_read(&clause.audience, &reader)),
        open_to: reading::audience_name(&document.audience, &pack, lang),
    };
    let groups = kinds
        .into_iter()
        .map(|(title, kinds)| {
            (title, pack.documents.iter().filter(|d| kinds.contains(&d.kind)).map(row).collect::<Vec<_>>())
        })
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let forms = pack.registers.iter().filter_map(|register| {
        let print = register.print.as_ref()?;
        Some(FormRow {
            title: lang.of(&register.title).to_owned(),
            form: lang.of(&print.title).to_owned(),
            to: format!("/registers/{}", link::encode(&register.id)),
        })
    });
    let forms = if reader.outside { Vec::new() } else { forms.collect() };
    let page = desk.page("documents", lang.t("規程・手順・様式", "Rules, procedures, forms"));
    let editions = if reader.outside { Vec::new() } else { crosswalk::editions(&pack, lang) };
    let history = history(&desk).await?;
    answer(&List { page, groups, forms, editions, version: pack.version.clone(), history })
}

/// The versions that were ever in force, each with the address of its differences from the one before.
async fn history(desk: &Desk) -> Result<Vec<(String, Option<String>)>, Fault> {
    let mut reading = desk.reading().await?;
    let versions = compare::in_force(&mut reading).await?;
    let row = |(at, version): (usize, &ledger::packs::Version)| {
        let before = versions.get(at + 1);
        let to = before.map(|before| format!("/documents/compare?new={}&old={}", version.id, before.id));
        (compare::label(version, desk.lang()), to)
    };
    Ok(versions.iter().enumerate().map(row).collect())
}

/// A clause as it is read.
struct Part {
    slug: String,
    heading: String,
    depth: u8,
    /// The heading's level on the page: the document's title is the first.
    level: u8,
    body: String,
    closed: Option<String>,
    controls: usize,
}

#[derive(Template)]
#[template(path = "documents/document.html")]
struct Show {
    page: Page,
    id: String,
    kind: &'static str,
    open_to: String,
    parts: Vec<Part>,
    version: String,
}

/// `GET /documents/{document}`
pub(crate) async fn document(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let (pack, lang, reader) = (desk.pack(), desk.lang(), desk.reader());
    let document = pack.document(&id).ok_or(Fault::NotFound)?;
    let part = |clause: &Clause| {
        let open = may_read(&clause.audience, &reader);
        Part {
            slug: clause.id.slug.clone(),
            heading: clause.heading.clone(),
            depth: clause.depth.clamp(2, 6),
            level: clause.depth.clamp(2, 6),
            body: if open { markdown::html(&clause.body, Some(&document.id)) } else { String::new() },
            closed: (!open).then(|| reading::closed_note(clause, document, lang)),
            controls: pack.controls.iter().filter(|control| control.clauses.contains(&clause.id)).count(),
        }
    };
    let parts = document.clauses.iter().map(part).collect();
    let page = desk.page("documents", lang.of(&document.title));
    answer(&Show {
        page,
        id: document.id.clone(),
        kind: kind_name(document.kind, lang),
        open_to: reading::audience_name(&document.audience, &pack, lang),
        parts,
        version: pack.version.clone(),
    })
}

/// A control under a clause.
struct ControlRow {
    id: String,
    title: String,
    how: &'static str,
    severity: &'static str,
    every: String,
    tally: Tally,
    /// Address and name of the screen where what it looks at is kept.
    screen: (String, String),
}

#[derive(Template)]
#[template(path = "documents/clause.html")]
struct ClausePage {
    page: Page,
    inside: bool,
    document: String,
    document_title: String,
    slug: String,
    id: String,
    must: bool,
    above: Vec<(String, String)>,
    below: Vec<(String, String)>,
    body: String,
    closed: Option<String>,
    controls: Vec<ControlRow>,
    as_of: Option<String>,
    threats: Vec<String>,
    guideline: Vec<(String, String)>,
}

/// `GET /documents/{document}/{clause}`
pub(crate) async fn clause(desk: Desk, Path((document, slug)): Path<(String, String)>) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let document = pack.document(&document).ok_or(Fault::NotFound)?;
    let clause = document.clauses.iter().find(|clause| clause.id.slug == slug).ok_or(Fault::NotFound)?;
    let open = may_read(&clause.audience, &desk.reader());
    let threats = pack.threat_groups.iter().flat_map(|group| &group.threats);
    let threats = threats.filter(|t| clause.threats.contains(&t.id)).map(|t| lang.of(&t.name).to_owned()).collect();
    let guideline = pack.guideline.iter().flat_map(|edition| {
        let hits = edition.sections.iter().filter(|section| section.clauses.contains(&clause.id));
        hits.map(|section| {
            (lang.of(&edition.name).to_owned(), format!("{} {}", section.number, lang.of(&section.title)))
        })
    });
    let guideline = guideline.collect();
    let (as_of, tallies) = today(&desk).await?;
    let controls = pack.controls.iter().filter(|control| control.clauses.contains(&clause.id));
    let controls = controls.map(|control| control_row(&pack, control, &tallies, lang)).collect();
    let page = desk.page("documents", &clause.heading);
    answer(&ClausePage {
        page,
        inside: !desk.outside(),
        document: document.id.clone(),
        document_title: lang.of(&document.title).to_owned(),
        slug: slug.clone(),
        id: clause.id.to_string(),
        must: clause.must,
        above: above(document, clause),
        below: below(document, clause),
        body: if open { markdown::html(&clause.body, Some(&document.id)) } else { String::new() },
        closed: (!open).then(|| reading::closed_note(clause, document, lang)),
        controls,
        as_of,
        threats,
        guideline,
    })
}

/// How the controls stand today, within what the reader answers for; a contractor sees none of it.
async fn today(desk: &Desk) -> Result<(Option<String>, BTreeMap<String, Tally>), Fault> {
    if desk.outside() {
        return Ok((None, BTreeMap::new()));
    }
    let mut reading = desk.reading().await?;
    let reach = reach(&mut reading, desk).await?;
    let counted = tallies(&mut reading, reach.as_deref()).await?;
    Ok(counted.map_or((None, BTreeMap::new()), |(day, all)| (Some(date::long(desk.lang(), day)), all)))
}

/// Headings above a clause, from the top: slug and heading.
fn above(document: &Document, clause: &Clause) -> Vec<(String, String)> {
    let mut chain = Vec::new();
    let mut next = clause.parent.as_deref();
    while let Some(parent) = next.and_then(|slug| document.clauses.iter().find(|c| c.id.slug == slug)) {
        chain.push((parent.id.slug.clone(), parent.heading.clone()));
        if chain.len() > 6 {
            break;
        }
        next = parent.parent.as_deref();
    }
    chain.reverse();
    chain
}

/// Clauses right below a clause: slug and heading.
fn below(document: &Document, clause: &Clause) -> Vec<(String, String)> {
    let children = document.clauses.iter().filter(|other| other.parent.as_ref() == Some(&clause.id.slug));
    children.map(|child| (child.id.slug.clone(), child.heading.clone())).collect()
}

fn control_row(pack: &Pack, control: &Control, tallies: &BTreeMap<String, Tally>, lang: Lang) -> ControlRow {
    let (how, every) = match &control.nature {
        Nature::Machine { .. } => (lang.t("自動判定", "Decided by the machine"), String::new()),
        Nature::Attested(attestation) => (lang.t("実施報告", "Reported by a person"), attestation.every.to_string()),
    };
    ControlRow {
        id: control.id.clone(),
        title: lang.of(&control.title).to_owned(),
        how,
        severity: severity_name(control.severity, lang),
        every,
        tally: tallies.get(&control.id).copied().unwrap_or_default(),
        screen: crosswalk::screen(pack, control, lang),
    }
}

/// 重大, 重要, 軽微.
pub(crate) fn severity_name(severity: Severity, lang: Lang) -> &'static str {
    match severity {
        Severity::Critical => lang.t("重大", "Critical"),
        Severity::Major => lang.t("重要", "Major"),
        Severity::Minor => lang.t("軽微", "Minor"),
    }
}

fn kind_name(kind: DocumentKind, lang: Lang) -> &'static str {
    match kind {
        DocumentKind::Policy => lang.t("基本方針", "Policy"),
        DocumentKind::Standard => lang.t("対策基準", "Standard"),
        DocumentKind::Procedure => lang.t("共通実施手順", "Procedure"),
        DocumentKind::EmergencyPlan => lang.t("緊急時対応計画", "Emergency plan"),
        DocumentKind::ContinuityPlan => lang.t("ICT-BCP", "ICT continuity plan"),
    }
}
