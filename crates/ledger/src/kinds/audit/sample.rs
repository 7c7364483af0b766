//! Random samples that anybody can draw again.
//!
//! The **population** is the records of one register that were made from a day to a day, as they stood at the end of the day
//! before it was frozen (`population_on`): not in their initial state (a draft) by then, and, when only the audited units are
//! meant, in one of them or below. Register, day of making and state of a past day never change, so the population can be found
//! again later. Its **hash** is SHA-256 over the records' numbers in the order of their bytes, each followed by a line feed.
//!
//! The **draw**: for each number the SHA-256 of the seed, a line feed and the number is written as hexadecimal digits; the sample
//! are the records with the smallest, in that order. It depends on nothing else; whoever has the list and the seed draws the
//! same with `sha256sum` and `sort`. The seed is fixed together with the population, before anything is drawn.

use std::collections::BTreeSet;

use pack::Pack;
use pack::model::Register;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{Around, Part, audit_of, audited};
use crate::journal::entry::hex;
use crate::records::Record;
use crate::store::Sql;
use crate::{Day, Error, Id, Moment, Operation, Reading, Result, visibility};

/// Most records of a population: more than any register of a city has in a few years, and quick to hash.
const POPULATION_MAX: usize = 1_000_000;

/// A record of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its number.
    pub number: String,
    /// The record.
    pub id: Id,
}

/// What a sample is drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// The register.
    pub register: String,
    /// Made on this day or later.
    pub from: Day,
    /// Made on this day or earlier.
    pub until: Day,
    /// Only in these units and below; empty: anywhere.
    pub units: Vec<Id>,
    /// As of the end of this day.
    pub on: Day,
}

/// The hash of a population.
pub fn hash<'a>(numbers: impl IntoIterator<Item = &'a str>) -> String {
    let mut sorted: Vec<&str> = numbers.into_iter().collect();
    sorted.sort_unstable();
    let mut hash = Sha256::new();
    for number in sorted {
        hash.update(number.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

/// Draws `size` of the numbers by a seed; all of them when there are fewer. A number that is given twice is drawn once.
pub fn draw<'a>(seed: &str, numbers: impl IntoIterator<Item = &'a str>, size: usize) -> Vec<&'a str> {
    let key = |number: &str| hex(&Sha256::digest(format!("{seed}\n{number}")));
    let keyed: BTreeSet<(String, &str)> = numbers.into_iter().map(|number| (key(number), number)).collect();
    keyed.into_iter().map(|(_, number)| number).take(size).collect()
}

/// The query that a sample's record writes down, as it is frozen on a day.
pub fn query(sample: &Record, audit: &Record, on: Day) -> Option<Population> {
    let all = sample.text("reach") == Some("all");
    Some(Population {
        register: sample.text("population")?.to_owned(),
        from: sample.day("from_day")?,
        until: sample.day("until_day")?,
        units: if all { Vec::new() } else { audited(audit).into_iter().collect() },
        on,
    })
}

/// The records of a population, in the order of the bytes of their numbers, whoever asks.
pub async fn population(reading: &mut Reading, register: &Register, query: &Population) -> Result<Vec<Member>> {
    let Some(after) = query.on.plus_days(1) else { return Ok(Vec::new()) };
    let until = query.until.min(query.on).plus_days(1).unwrap_or(after);
    let end = Moment::start_of(after);
    let mut sql = Sql::default();
    sql.push("SELECT r.number, r.id FROM record r JOIN record_version v ON v.record_id = r.id WHERE r.register = ");
    sql.bind(&register.id).push(" AND r.created_at >= ").bind(Moment::start_of(query.from));
    sql.push(" AND r.created_at < ").bind(Moment::start_of(until));
    sql.push(" AND v.version = (SELECT max(w.version) FROM record_version w WHERE w.record_id = r.id AND w.at < ");
    sql.bind(end).push(") AND v.state NOT IN ").bind_all(drafts(register));
    if !query.units.is_empty() {
        sql.push(" AND v.unit_id IN ").append(&visibility::below(&query.units, query.on));
    }
    sql.push(" ORDER BY r.id").limit(i64::try_from(POPULATION_MAX + 1).unwrap_or(i64::MAX));
    let mut all = Vec::new();
    for row in reading.rows(sql).await? {
        all.push(Member { number: row.text(0)?, id: row.id(1)? });
    }
    if all.len() > POPULATION_MAX {
        return Err(Error::refused(
            "母集団が大きすぎます。期間を短くしてください。",
            "The population is too large. Choose a shorter period.",
        ));
    }
    all.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(all)
}

/// The initial state, also by an earlier id.
fn drafts(register: &Register) -> Vec<String> {
    let initial = &register.lifecycle.initial;
    let was = register.state(initial).and_then(|state| state.was.clone());
    std::iter::once(initial.clone()).chain(was).collect()
}

/// Fills in what a step of a sample asks the machine for: the population and the seed when it is frozen, the sample when it is
/// drawn. Nothing else can set them: the step overwrites what may have been typed.
pub(crate) async fn fill(
    op: &mut Operation,
    pack: &Pack,
    register: &Register,
    sample: &Record,
    to: &str,
) -> Result<Map<String, Json>> {
    let mut fields = Map::new();
    if sample.state == to || !matches!(to, "frozen" | "drawn") {
        return Ok(fields);
    }
    if Around::part(pack, register).is_none_or(|(_, part)| part != Part::Sample) {
        return Ok(fields);
    }
    let on = match to {
        "frozen" => op.today().plus_days(-1),
        _ => sample.day("population_on"),
    };
    let audit = audit_of(op, sample).await?;
    let asked = audit.as_ref().zip(on).and_then(|(audit, on)| query(sample, audit, on));
    let of = asked.as_ref().and_then(|query| pack.register(&query.register));
    let (Some(query), Some(of)) = (asked, of) else {
        return Err(Error::invalid_field(
            "population",
            "その台帳はありません。監査の画面の一覧から選んでください。",
            "There is no such register. Choose one on the audit's page.",
        ));
    };
    let members = population(op, of, &query).await?;
    let numbers = || members.iter().map(|member| member.number.as_str());
    if to == "frozen" {
        freeze(op, sample, &query, numbers(), &mut fields)?;
    } else {
        if sample.text("population_hash") != Some(hash(numbers()).as_str()) {
            return Err(Error::refused(
                "固定した母集団と、いまの記録から求めた母集団が合いません。取りやめて、作り直してください。",
                "The population found now is not the one that was frozen. Drop this sample and make a new one.",
            ));
        }
        let size = sample.int("size").and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
        let drawn = draw(sample.text("seed").unwrap_or_default(), numbers(), size);
        fields.insert("drawn".to_owned(), drawn.into());
        fields.insert("results".to_owned(), Json::Null);
    }
    Ok(fields)
}

fn freeze<'a>(
    op: &Operation,
    sample: &Record,
    query: &Population,
    numbers: impl Iterator<Item = &'a str> + Clone,
    fields: &mut Map<String, Json>,
) -> Result<()> {
    let count = numbers.clone().count();
    if count == 0 {
        return Err(Error::refused(
            "この条件に合う記録が一件もありません。台帳、所属、期間を確かめてください。",
            "No record fits. Look at the register, the units and the period again.",
        ));
    }
    let typed = sample.text("seed").map(str::trim).filter(|seed| !seed.is_empty());
    let origin = if typed.is_some() { "typed" } else { "chance" };
    if typed.is_none() {
        fields.insert("seed".to_owned(), hex(&op.random(12)?).into());
    }
    fields.insert("seed_origin".to_owned(), origin.into());
    fields.insert("population_on".to_owned(), query.on.to_string().into());
    fields.insert("population_count".to_owned(), i64::try_from(count).unwrap_or(i64::MAX).into());
    fields.insert("population_hash".to_owned(), hash(numbers).into());
    fields.insert("drawn".to_owned(), Json::Null);
    Ok(())
}

/// What was seen of a drawn record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 適合.
    Fits,
    /// 不適合.
    Fails,
    /// 判断できない.
    Unclear,
}

impl Verdict {
    /// All.
    pub const ALL: [Self; 3] = [Self::Fits, Self::Fails, Self::Unclear];

    /// As a line of results writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fits => "適合",
            Self::Fails => "不適合",
            Self::Unclear => "判断できない",
        }
    }

    /// The id in a form.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Fails => "fails",
            Self::Unclear => "unclear",
        }
    }
}

/// A line of results.
pub fn as_result(number: &str, verdict: Verdict, says: &str) -> String {
    let says = says.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{number}　{}　{says}", verdict.word()).trim_end().to_owned()
}

/// Reads a line of results: the number, what was seen, the words.
pub fn parse_result(line: &str) -> Option<(&str, Verdict, &str)> {
    let mut parts = line.splitn(3, '　');
    let number = parts.next()?;
    let word = parts.next()?;
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word)?;
    Some((number, verdict, parts.next().unwrap_or_default()))
}
