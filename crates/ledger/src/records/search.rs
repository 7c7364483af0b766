//! Search by Japanese bigrams inside what the reader may see: a record whose number or name is exactly what was asked first.

use std::collections::BTreeMap;

use pack::Pack;

use super::fold::{grams_of_word, words};
use super::keys::{NAME, text_key};
use super::{COLUMNS, Record, TABLES, read};
use crate::people::Standing;
use crate::store::{Engine, Sql};
use crate::visibility;
use crate::{Reading, Result};

/// Most grams of a question; the rest of a longer one is only compared with the text.
const GRAMS_MAX: usize = 60;
/// Most words of a question.
const WORDS_MAX: usize = 10;

/// A record that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The record.
    pub record: Record,
    /// Its number or name is exactly what was asked.
    pub exact: bool,
}

/// Adds the condition that a record's text has all words of a question; nothing for a blank one. False when no text can
/// match.
pub(super) fn add_words(sql: &mut Sql, engine: Engine, question: &str) -> bool {
    let mut words = words(question);
    words.truncate(WORDS_MAX);
    if words.is_empty() {
        return true;
    }
    if words.iter().any(|word| word.contains('\0')) {
        return false;
    }
    let mut grams: Vec<String> = words.iter().flat_map(|word| grams_of_word(word)).collect();
    grams.sort_unstable();
    grams.dedup();
    grams.truncate(GRAMS_MAX);
    sql.push(" AND ").append(&engine.matches(&words, &grams));
    true
}

/// The records of all registers that the reader may see and that have all words of the question.
pub async fn search(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    question: &str,
    limit: usize,
) -> Result<Vec<Found>> {
    let mut condition = visible(pack, standing);
    let blank = condition.is_empty() || words(question).is_empty();
    if blank || !add_words(&mut condition, reading.engine(), question) {
        return Ok(Vec::new());
    }
    let limit = limit.clamp(1, 200);
    let mut found = Vec::new();
    for exact in [true, false] {
        if found.len() >= limit {
            break;
        }
        let mut sql = Sql::default();
        sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE ").append(&condition);
        sql.push(if exact { " AND " } else { " AND NOT " }).append(&is_exactly(question));
        sql.push(" ORDER BY r.id DESC LIMIT ").bind(i64::try_from(limit - found.len()).unwrap_or(1));
        for row in reading.rows(sql).await? {
            found.push(Found { record: read(&row)?, exact });
        }
    }
    Ok(found)
}

/// Every register that the reader sees anything of, registers with equal rules together.
fn visible(pack: &Pack, standing: Option<&Standing>) -> Sql {
    let mut groups: BTreeMap<String, (Sql, Vec<&str>)> = BTreeMap::new();
    for register in &pack.registers {
        let predicate = visibility::of_register(standing, register);
        let group = groups.entry(format!("{predicate:?}")).or_insert_with(|| (predicate, Vec::new()));
        group.1.push(&register.id);
    }
    let mut all = Sql::default();
    for (predicate, registers) in groups.values() {
        all.push(if all.is_empty() { "((" } else { " OR (" });
        all.push("r.register IN ").bind_all(registers.iter().copied()).push(" AND ").append(predicate).push(")");
    }
    if !all.is_empty() {
        all.push(")");
    }
    all
}

fn is_exactly(question: &str) -> Sql {
    let mut sql = Sql::default();
    sql.push("(r.number = ").bind(question.trim());
    sql.push(" OR EXISTS (SELECT 1 FROM record_key n WHERE n.register = r.register AND n.field = ").bind(NAME);
    sql.push(" AND n.key = ").bind(text_key(question)).push(" AND n.record_id = r.id))");
    sql
}
