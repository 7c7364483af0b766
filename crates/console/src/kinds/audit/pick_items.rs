//! Choosing items for an audit: the clauses of the policy with their controls, to be ticked.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::kinds::audit::{Around, Part};
use ledger::records::{self, Record};
use ledger::{Operation, Reading, permission};
use pack::Pack;
use pack::model::{Clause, Control, DocumentKind};
use serde_json::json;

use super::{around_it, audited_units, clause, make, unit_of};
use crate::documents::may_read;
use crate::kinds::button::{Done, Marked};
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::page::{Page, answer, menu};
use crate::registers::address;
use crate::visit::Desk;

/// Most items that are added at once.
const AT_ONCE: usize = 200;

/// Something to tick: its value, its words, whether the audit has it already.
struct Tick {
    value: String,
    label: String,
    taken: bool,
}

/// A clause with its controls.
struct Group {
    heading: String,
    to: String,
    ticks: Vec<Tick>,
}

/// A chapter: heading, its clauses, how many ticks it has.
struct Chapter {
    heading: String,
    groups: Vec<Group>,
    count: usize,
}

#[derive(Template)]
#[template(path = "kinds/audit/pick_items.html")]
struct Pick {
    page: Page,
    crumbs: Vec<(String, String)>,
    audit: String,
    to: String,
    back: String,
    units: Vec<(String, String)>,
    chapters: Vec<Chapter>,
}

/// `GET /registers/{register}/{id}/items`
pub(super) async fn show(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = pack.register(&register_id).ok_or(Fault::NotFound)?;
    let Some((around, Part::Audit)) = Around::part(&pack, register) else { return Err(Fault::NotFound) };
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let audit = records::get(&mut reading, Some(&desk.standing), register, id).await?;
    // Only asked, to tell before someone ticks in vain; the write asks again.
    permission::create(&mut reading, Some(&desk.standing), around.items, audit.unit).await.map(drop)?;
    let taken = taken(&mut reading, &desk, &around, &audit).await?;
    let units = audited_units(&mut reading, &audit).await?;
    let place = register.menu.as_deref().unwrap_or("requests");
    let mut crumbs: Vec<(String, String)> =
        menu::name(place, lang).map(|name| (format!("/place/{place}"), name.to_owned())).into_iter().collect();
    let back = address(&register.id, audit.id);
    crumbs.push((format!("/registers/{}", register.id), lang.of(&register.title).to_owned()));
    crumbs.push((back.clone(), audit.number.clone()));
    let page = desk.page(place, lang.t("監査項目を選ぶ", "Choose the items"));
    answer(&Pick {
        page,
        crumbs,
        audit: format!("{} {}", audit.number, audit.name),
        to: format!("{back}/audit"),
        back,
        units: units.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        chapters: chapters(&pack, &desk, &taken),
    })
}

/// What the audit has already: values of ticks.
async fn taken(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    audit: &Record,
) -> Result<BTreeSet<String>, Fault> {
    let items = around_it(reading, desk, around.items, "audit", audit).await?;
    let value =
        |item: &Record| value(item.text("clause").unwrap_or_default(), item.text("control").unwrap_or_default());
    Ok(items.iter().filter(|item| item.state != "void").map(value).collect())
}

fn value(clause: &str, control: &str) -> String {
    format!("{clause} {control}")
}

/// The 対策基準 and the 基本方針, chapter by chapter, with what serves each clause.
fn chapters(pack: &Pack, desk: &Desk, taken: &BTreeSet<String>) -> Vec<Chapter> {
    let (lang, reader) = (desk.lang(), desk.reader());
    let mut all = Vec::new();
    for kind in [DocumentKind::Standard, DocumentKind::Policy] {
        for document in pack.documents.iter().filter(|document| document.kind == kind) {
            let top = document.clauses.iter().map(|clause| clause.depth).filter(|depth| *depth > 1).min().unwrap_or(1);
            for clause in &document.clauses {
                if clause.depth <= top {
                    all.push(Chapter { heading: clause.heading.clone(), groups: Vec::new(), count: 0 });
                }
                if !may_read(&clause.audience, &reader) {
                    continue;
                }
                let group = group(pack, clause, taken, lang);
                if let Some(chapter) = all.last_mut().filter(|_| !group.ticks.is_empty()) {
                    chapter.count += group.ticks.len();
                    chapter.groups.push(group);
                }
            }
        }
    }
    all.retain(|chapter| chapter.count > 0);
    all
}

/// The controls of a clause; a clause that has to be kept and has none can be ticked itself.
fn group(pack: &Pack, clause: &Clause, taken: &BTreeSet<String>, lang: Lang) -> Group {
    let id = clause.id.to_string();
    let controls: Vec<&Control> = pack.controls.iter().filter(|c| c.clauses.contains(&clause.id)).collect();
    let tick = |control: &str, label: &str| {
        let value = value(&id, control);
        Tick { taken: taken.contains(&value), value, label: label.to_owned() }
    };
    let mut ticks: Vec<Tick> = controls.iter().map(|control| tick(&control.id, lang.of(&control.title))).collect();
    if ticks.is_empty() && clause.must {
        ticks.push(tick("", lang.t("この定めそのもの", "The clause itself")));
    }
    let to = format!("/documents/{}/{}", clause.id.document, clause.id.slug);
    Group { heading: clause.heading.clone(), to, ticks }
}

/// Adds what was ticked, each as a record of its own.
pub(super) async fn add(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    audit: &Record,
    posted: &Posted,
) -> Marked {
    let (pack, lang) = (desk.pack(), desk.lang());
    let unit = unit_of(audit, posted.text("unit"));
    let ticked: BTreeSet<&str> = posted.all("item").collect();
    if ticked.is_empty() {
        return Ok(Err(lang.t("加える項目に印を付けてください。", "Tick the items to add.").to_owned()));
    }
    if ticked.len() > AT_ONCE {
        return Ok(Err(match lang {
            Lang::Ja => format!("一度に加えられるのは{AT_ONCE}件までです。"),
            Lang::En => format!("At most {AT_ONCE} at once."),
        }));
    }
    let mut added = 0;
    for value in ticked {
        let (clause_id, control_id) = value.split_once(' ').unwrap_or((value, ""));
        let control = pack.control(control_id);
        let Some((heading, _)) = clause(&pack, clause_id).filter(|_| control.is_some() || control_id.is_empty()) else {
            return Ok(Err(lang
                .t("その定めや遵守項目はありません。", "There is no such clause or control.")
                .to_owned()));
        };
        let title = control.map_or(heading, |control| control.title.ja.clone());
        let fields = json!({
            "title": title, "audit": audit.id.to_string(), "clause": clause_id, "control": control.map(|c| c.id.clone()),
        });
        make(op, desk, around.items, unit, fields).await?;
        added += 1;
    }
    Ok(Ok(Done::here(match lang {
        Lang::Ja => format!("監査項目を{added}件加えました。"),
        Lang::En => format!("{added} items added."),
    })))
}
