//! The sheet of publication (地方自治法第244条の6) and the public counts, from what was recorded: who adopted, when, where it was
//! published. Days, addresses and numbers go out; nothing else of any record does.

use std::collections::BTreeSet;

use ledger::journal::entry::hex;
use ledger::people::persons;
use ledger::records::{self, Record};
use ledger::{Day, Id, Reading, Result};
use pack::model::{FieldType, Register, Text};
use pack::{Adoption, Pack, Publication};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::report::text;

const ADOPTIONS: &str = "policy-adoptions";
const PUBLICATIONS: &str = "policy-publications";

/// SHA-256 of the public text, in hexadecimal.
pub fn text_hash(pack: &Pack) -> String {
    let mut digest = Sha256::new();
    for page in pack::texts(pack) {
        digest.update(page.html.as_bytes());
    }
    hex(&digest.finalize())
}

/// What the pack alone says: nothing was recorded.
pub fn of_pack(pack: &Pack) -> Publication {
    Publication { hash: text_hash(pack), ..Publication::default() }
}

/// What was recorded by today.
pub async fn publication(reading: &mut Reading, pack: &Pack) -> Result<Publication> {
    let today = reading.today();
    Ok(Publication {
        as_of: today.wareki(),
        hash: text_hash(pack),
        adoptions: adoptions(reading, pack).await?,
        counts: counts(reading, pack, today).await?,
    })
}

async fn adoptions(reading: &mut Reading, pack: &Pack) -> Result<Vec<Adoption>> {
    let (Some(register), Some(published)) = (pack.register(ADOPTIONS), pack.register(PUBLICATIONS)) else {
        return Ok(Vec::new());
    };
    let publications = in_force(published, records::all_stored(reading, PUBLICATIONS).await?);
    let adopted = records::all_stored(reading, ADOPTIONS).await?.into_iter();
    // A draft is not yet adopted, and what was superseded no longer counts.
    let adopted = adopted.filter(|record| {
        record.state != register.lifecycle.initial && register.state(&record.state).is_some_and(|state| !state.is_final)
    });
    let one = |record: Record| {
        let id = record.id.to_string();
        let mine = publications.iter().filter(|other| field(other, "adoption") == id);
        Adoption {
            body: field(&record, "body"),
            how: label(register, &record, "joint"),
            edition: field(&record, "edition"),
            adopted_on: day(&record, "adopted_on"),
            published: mine.map(|p| (day(p, "published_on"), field(p, "address"), field(p, "hash"))).collect(),
        }
    };
    Ok(adopted.filter(|record| record.disposed.is_none()).map(one).collect())
}

/// Records that are past their first state.
fn in_force(register: &Register, all: Vec<Record>) -> Vec<Record> {
    all.into_iter().filter(|record| record.disposed.is_none() && record.state != register.lifecycle.initial).collect()
}

fn field(record: &Record, id: &str) -> String {
    record.fields.get(id).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn day(record: &Record, id: &str) -> String {
    field(record, id).parse::<Day>().map(|day| day.wareki()).unwrap_or_default()
}

/// The label of a choice.
fn label(register: &Register, record: &Record, id: &str) -> String {
    let value = field(record, id);
    match register.field(id).map(|field| &field.ty) {
        Some(FieldType::Choice(choices)) => {
            choices.iter().find(|choice| choice.id == value).map(|choice| choice.label.ja.clone()).unwrap_or_default()
        }
        _ => value,
    }
}

/// Rates and counts of the fiscal year; a line whose register the pack does not have is left out.
async fn counts(reading: &mut Reading, pack: &Pack, today: Day) -> Result<Vec<(Text, String)>> {
    let year = today.fiscal_year();
    let categories = || pack.staff_categories.iter().filter(|category| category.in_scope && !category.external);
    let everybody = persons::on(reading, today).await?.into_iter();
    let everybody: BTreeSet<Id> = everybody
        .filter(|person| categories().any(|category| category.id == person.category))
        .map(|person| person.id)
        .collect();
    let mut lines = Vec::new();
    let rates = [
        ("training-records", "taken_on", text("研修を受けた職員", "Staff trained")),
        ("self-check-answers", "answered_on", text("自己点検を行った職員", "Staff who checked themselves")),
    ];
    for (id, on, what) in rates {
        let Some(register) = pack.register(id) else { continue };
        let done = in_force(register, records::all_stored(reading, id).await?);
        let done = done.iter().filter(|record| of_year(record, on, year));
        let done: BTreeSet<Id> = done.filter_map(|record| field(record, "person").parse().ok()).collect();
        lines.push((what, share(done.intersection(&everybody).count(), everybody.len(), "人")));
    }
    if let Some(register) = pack.register("incidents") {
        let known = in_force(register, records::all_stored(reading, "incidents").await?);
        let known = known.iter().filter(|record| of_year(record, "found_on", year));
        let known = known.filter(|record| record.state != "not_incident" && field(record, "kind") != "near_miss");
        let what = text("情報セキュリティ事故（ヒヤリハットを除く）", "Incidents, without near misses");
        lines.push((what, format!("{}件", known.count())));
    }
    if let Some(register) = pack.register("audit-findings") {
        let found = in_force(register, records::all_stored(reading, "audit-findings").await?);
        let closed = found.iter().filter(|r| register.state(&r.state).is_some_and(|state| state.is_final)).count();
        let what = text("監査の指摘のうち、改善を確かめたもの", "Audit findings whose mending was confirmed");
        lines.push((what, share(closed, found.len(), "件")));
    }
    Ok(lines)
}

fn of_year(record: &Record, id: &str, year: i32) -> bool {
    field(record, id).parse::<Day>().is_ok_and(|day| day.fiscal_year() == year)
}

/// `996人（1,030人のうち）　96.7％`; no rate of nothing.
fn share(part: usize, whole: usize, unit: &str) -> String {
    if whole == 0 {
        return format!("0{unit}");
    }
    let permille = part * 1000 / whole;
    format!("{part}{unit}（{whole}{unit}のうち、{}.{}％）", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_rate_is_cut_and_never_rounded_up_to_all() {
        assert_eq!(share(1029, 1030, "人"), "1029人（1030人のうち、99.9％）");
        assert_eq!(share(1030, 1030, "人"), "1030人（1030人のうち、100.0％）");
        assert_eq!(share(0, 0, "件"), "0件");
    }
}
