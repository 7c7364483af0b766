//! 新旧対照表: any two versions of the policy that were ever in force, side by side, what changed underlined. Closed text is
//! shown to its readers only, in each version by that version's own rules.

use askama::Template;
use axum::response::Response;
use ledger::packs::{self, Version};
use ledger::{Id, Reading};
use pack::model::{Clause, ClauseId, Document};
use pack::{Change, Pack, PartKind, Run};

use super::reading::{self, Reader, may_read};
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date};
use crate::visit::Desk;

/// Differences of one page; `sekimori pack diff` shows all.
const MOST: usize = 400;

/// One side of a difference.
pub(crate) enum Side {
    /// The part is not in this version.
    None,
    /// What it says, with what the other version lacks marked.
    Text(Vec<Run>),
    /// It says something that the reader may not read: heading and reason.
    Closed(String, String),
}

/// One difference as it is shown.
pub(crate) struct Row {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// 改正後 and 改正前, each with what stands for a part that is not there.
    pub(crate) both: [(Side, &'static str); 2],
}

/// What differs between two versions, as far as the reader may read it; how many differences more there are.
pub(crate) fn rows(old: &Pack, new: &Pack, reader: &Reader, all: bool, lang: Lang) -> (Vec<Row>, usize) {
    // Outside companies read documents, not how the city checks itself.
    let changes = pack::diff(old, new).into_iter();
    let changes: Vec<Change> =
        changes.filter(|change| change.kind == PartKind::Clause || (all && !reader.outside)).collect();
    let more = changes.len().saturating_sub(MOST);
    let rows = changes.into_iter().take(MOST).map(|change| row(old, new, change, reader, lang));
    (rows.collect(), more)
}

fn row(old: &Pack, new: &Pack, change: Change, reader: &Reader, lang: Lang) -> Row {
    let (ja, en) = change.kind.name();
    let clause = change.kind == PartKind::Clause;
    let closed_new = clause.then(|| closed(new, &change.id, reader, lang)).flatten();
    // A clause that was renamed stands under its earlier slug in the old version.
    let was =
        found(new, &change.id).and_then(|(document, clause)| Some(format!("{}#{}", document.id, clause.was.as_ref()?)));
    let closed_old =
        clause.then(|| closed(old, &change.id, reader, lang).or_else(|| closed(old, was.as_deref()?, reader, lang)));
    let closed_old = closed_old.flatten();
    // Beside a side that is closed no mark may tell what that side says.
    let hidden = closed_new.is_some() || closed_old.is_some();
    let side = |runs: Option<Vec<Run>>, closed: Option<(String, String)>| match (runs, closed) {
        (None, _) => Side::None,
        (Some(_), Some((heading, why))) => Side::Closed(heading, why),
        (Some(runs), None) if hidden => {
            let text = runs.into_iter().map(|run| run.text).collect();
            Side::Text(vec![Run { text, changed: false }])
        }
        (Some(runs), None) => Side::Text(runs),
    };
    let after = (side(change.new, closed_new), lang.t("（削る）", "(taken out)"));
    let before = (side(change.old, closed_old), lang.t("（新設）", "(new)"));
    Row { kind: lang.t(ja, en), id: change.id, both: [after, before] }
}

fn found<'a>(pack: &'a Pack, id: &str) -> Option<(&'a Document, &'a Clause)> {
    let (document, slug) = id.split_once('#')?;
    let id = ClauseId { document: document.to_owned(), slug: slug.to_owned() };
    Some((pack.document(document)?, pack.clause(&id)?))
}

/// Heading and reason of a clause that the reader may not read; none for one that he may, or that is not there.
fn closed(pack: &Pack, id: &str, reader: &Reader, lang: Lang) -> Option<(String, String)> {
    let (document, clause) = found(pack, id)?;
    let open = may_read(&clause.audience, reader);
    (!open).then(|| (clause.heading.clone(), reading::closed_note(clause, document, lang)))
}

/// A version in a list to choose from.
struct Choice {
    id: String,
    label: String,
    old: bool,
    new: bool,
}

#[derive(Template)]
#[template(path = "documents/compare.html")]
struct Compare {
    page: Page,
    choices: Vec<Choice>,
    sides: Vec<Row>,
    more: usize,
    all: bool,
    inside: bool,
    after: String,
    before: String,
}

/// The versions that were ever in force, latest first.
pub(crate) async fn in_force(reading: &mut Reading) -> Result<Vec<Version>, Fault> {
    let mut all = packs::versions(reading).await?;
    all.retain(|version| version.state == "in_force");
    all.sort_by_key(|version| std::cmp::Reverse((version.effective, version.decided_at, version.id)));
    Ok(all)
}

pub(super) fn label(version: &Version, lang: Lang) -> String {
    let day = date::long(lang, version.effective);
    match lang {
        Lang::Ja => format!("{}（{day}施行）", version.version),
        Lang::En => format!("{} (in force from {day})", version.version),
    }
}

/// `GET /documents/compare?old=&new=`: without a choice, the version in force against the one before it.
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let lang = desk.lang();
    let mut reading = desk.reading().await?;
    let versions = in_force(&mut reading).await?;
    let asked = |name: &str, or: usize| match desk.query().get(name).filter(|id| !id.is_empty()) {
        Some(id) => {
            let id: Id = id.parse().map_err(|_| Fault::NotFound)?;
            versions.iter().find(|version| version.id == id).map(Some).ok_or(Fault::NotFound)
        }
        None => Ok(versions.get(or)),
    };
    let (new, old) = (asked("new", 0)?, asked("old", 1)?);
    let (reader, all) = (desk.reader(), desk.query().get("all").is_some());
    let (mut sides, mut more, mut after, mut before) = (Vec::new(), 0, String::new(), String::new());
    if let (Some(new), Some(old)) = (new, old) {
        let sources = (packs::source(&mut reading, old.id).await?, packs::source(&mut reading, new.id).await?);
        let read = tokio::task::spawn_blocking(move || {
            let (old, new) = (packs::compile(&sources.0)?, packs::compile(&sources.1)?);
            Ok::<_, ledger::Error>(rows(&old, &new, &reader, all, lang))
        });
        (sides, more) = read.await.map_err(Fault::internal)??;
        (after, before) = (label(new, lang), label(old, lang));
    }
    reading.end().await?;
    let choices = versions.iter().map(|version| Choice {
        id: version.id.to_string(),
        label: label(version, lang),
        old: old.is_some_and(|old| old.id == version.id),
        new: new.is_some_and(|new| new.id == version.id),
    });
    let choices = choices.collect();
    let page = desk.page("documents", lang.t("新旧対照表", "Differences between versions"));
    answer(&Compare { page, choices, sides, more, all, inside: !desk.outside(), after, before })
}

#[cfg(test)]
mod tests {
    use pack::model::Audience;

    use super::*;

    fn pack(audience: Audience, body: &str) -> Pack {
        let mut pack = small();
        let document = &mut pack.documents[0];
        document.clauses.truncate(1);
        document.clauses[0].audience = audience;
        document.clauses[0].body = body.to_owned();
        pack
    }

    fn small() -> Pack {
        fn add(dir: &std::path::Path, prefix: &str, source: &mut pack::Source) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    add(&entry.path(), &format!("{name}/"), source);
                } else {
                    source.insert(&name, std::fs::read(entry.path()).unwrap());
                }
            }
        }
        let mut source = pack::Source::new();
        add(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../pack/tests/it/base"), "", &mut source);
        pack::compile(&source).pack.unwrap()
    }

    #[test]
    fn each_side_is_shown_by_the_rules_of_its_own_version() {
        let csirt = || Audience::Restricted(vec!["csirt".to_owned()]);
        let staff = Reader { roles: vec!["staff".to_owned()], outside: false };
        let inside = Reader { roles: vec!["csirt".to_owned()], outside: false };
        let (closed, open) = (pack(csirt(), "扉の番号は4711"), pack(Audience::Staff, "扉の番号は別に定める"));
        let texts = |side: &Side| match side {
            Side::Text(runs) => runs.iter().map(|run| (run.text.clone(), run.changed)).collect::<Vec<_>>(),
            Side::Closed(..) | Side::None => Vec::new(),
        };
        for (old, new) in [(&closed, &open), (&open, &closed)] {
            let (rows, more) = super::rows(old, new, &staff, false, Lang::Ja);
            assert_eq!((rows.len(), more), (1, 0));
            let shown = [texts(&rows[0].both[0].0), texts(&rows[0].both[1].0)].concat();
            assert!(shown.iter().all(|(text, changed)| !text.contains("4711") && !changed), "{shown:?}");
            assert_eq!(shown.len(), 1, "one side is closed, with its heading and reason");
            let (rows, _) = super::rows(old, new, &inside, false, Lang::Ja);
            let both = [texts(&rows[0].both[0].0), texts(&rows[0].both[1].0)].concat();
            assert!(both.iter().any(|(text, changed)| *changed && text.contains("4711")), "{both:?}");
        }
        let (rows, _) = rows(&closed, &pack(csirt(), "扉の番号は4712"), &staff, true, Lang::Ja);
        assert!(matches!((&rows[0].both[0].0, &rows[0].both[1].0), (Side::Closed(..), Side::Closed(..))));
    }
}
