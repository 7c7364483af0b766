//! Search by Japanese bigrams inside what the reader may see: a record whose number or name is exactly what was asked first.

use pack::Pack;

use super::fold::{fold, grams_of_word, words};
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
    let visible = visibility::of_registers(standing, &pack.registers);
    let mut condition = visible.clone();
    if words(question).is_empty() || !add_words(&mut condition, reading.engine(), question) {
        return Ok(Vec::new());
    }
    let limit = limit.clamp(1, 200);
    // Exact numbers and names stand in indexes of their own, and are asked of them alone.
    let mut exact = whole(reading, &exactly(pack, question, &visible), limit).await?;
    // A key ends after some length; the name may go on.
    exact.retain(|record| record.number == question.trim() || fold(&record.name) == fold(question));
    let mut found: Vec<Found> = exact.into_iter().map(|record| Found { record, exact: true }).collect();
    if found.len() < limit {
        if !found.is_empty() {
            condition.push(" AND r.id NOT IN ").bind_all(found.iter().map(|found| found.record.id));
        }
        let mut others = Sql::default();
        others.push("SELECT r.id FROM record r WHERE ").append(&condition);
        let others = whole(reading, &others, limit - found.len()).await?;
        found.extend(others.into_iter().map(|record| Found { record, exact: false }));
    }
    Ok(found)
}

/// The newest of these records. Their ids are sorted alone; only those that are shown are read with their fields.
async fn whole(reading: &mut Reading, ids: &Sql, limit: usize) -> Result<Vec<Record>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE r.id IN (").append(ids);
    sql.push(" ORDER BY r.id DESC").limit(i64::try_from(limit).unwrap_or(1)).push(") ORDER BY r.id DESC");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The ids of records that the reader may see and whose number or name is exactly what was asked.
fn exactly(pack: &Pack, question: &str, visible: &Sql) -> Sql {
    let registers = || pack.registers.iter().map(|register| register.id.as_str());
    let mut sql = Sql::default();
    sql.push("SELECT r.id FROM record r WHERE r.id IN (SELECT n.id FROM record n WHERE n.register IN ");
    sql.bind_all(registers()).push(" AND n.number = ").bind(question.trim());
    sql.push(" UNION SELECT k.record_id FROM record_key k WHERE k.register IN ").bind_all(registers());
    sql.push(" AND k.field = ").bind(NAME).push(" AND k.key = ").bind(text_key(question)).push(") AND ");
    sql.append(visible);
    sql
}
