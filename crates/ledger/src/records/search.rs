//! Search by Japanese bigrams inside what the reader may see: a record whose number or name is exactly what was asked first.

use pack::Pack;
use pack::model::Register;

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

/// The words that a text has to have.
#[derive(Debug)]
pub(super) struct Question {
    words: Vec<String>,
    /// What the search index knows of them.
    grams: Vec<String>,
}

/// Where the records that have the words of a question are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// In the search index, and then among the records.
    Index,
    /// Among the records, text after text: cheaper for words that stand nearly everywhere.
    Text,
}

/// What a question finds in a register.
pub(super) struct Hits {
    /// How many, counted up to a limit.
    pub(super) total: i64,
    /// Records of the store, at most.
    store: i64,
}

impl Question {
    /// The words of a question; none for a blank one.
    pub(super) fn of(question: &str) -> Option<Self> {
        let mut words = words(question);
        words.truncate(WORDS_MAX);
        let mut grams: Vec<String> = words.iter().flat_map(|word| grams_of_word(word)).collect();
        grams.sort_unstable();
        grams.dedup();
        grams.truncate(GRAMS_MAX);
        (!words.is_empty()).then_some(Self { words, grams })
    }

    /// Whether a text can have these words at all.
    pub(super) fn can_match(&self) -> bool {
        !self.words.iter().any(|word| word.contains('\0'))
    }

    /// Counts the records of a register that meet a condition on `r` and have the words, up to `most`.
    pub(super) async fn hits(
        &self,
        reading: &mut Reading,
        register: &Register,
        condition: &Sql,
        most: i64,
    ) -> Result<Hits> {
        let engine = reading.engine();
        let mut sql = Sql::default();
        sql.push(
            "SELECT count(*), (SELECT coalesce(max(id), 0) FROM record_text) FROM (SELECT 1 FROM record_gram g WHERE ",
        );
        sql.append(&engine.has(&self.grams)).limit(most).push(") AS hit");
        let row = reading.row(sql).await?;
        let (hits, store) = (row.int(0)?, row.int(1)?);
        if hits == 0 {
            return Ok(Hits { total: 0, store });
        }
        // Hits are of all registers. Where they are more than the register has records, each of those is looked at.
        let mut sql = Sql::default();
        sql.push("SELECT count(*) FROM (SELECT 1 FROM record WHERE register = ").bind(&register.id);
        sql.push(" LIMIT ").bind(hits + 1).push(") AS counted");
        let few = reading.row(sql).await?.int(0)? <= hits;
        let mut sql = Sql::default();
        sql.push("SELECT count(*) FROM (SELECT 1 FROM ");
        if few {
            sql.push("record r WHERE ").append(&self.condition(engine, Way::Text));
        } else {
            let found = engine.found(&self.words, &self.grams);
            sql.push(found.from)
                .push(found.join)
                .push("record r ON r.id = s.record_id WHERE ")
                .append(&found.condition);
        }
        sql.push(" AND r.register = ").bind(&register.id).push(" AND ").append(condition);
        sql.limit(most).push(") AS counted");
        Ok(Hits { total: reading.row(sql).await?.int(0)?, store })
    }

    /// The condition that a record `r` has the words, for the first `wanted` of these hits in an order that an index has. Looking
    /// in that order costs `wanted` × records ÷ hits; finding all of them first costs the hits.
    pub(super) fn among(&self, engine: Engine, hits: &Hits, wanted: usize) -> Sql {
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let in_order = wanted.saturating_mul(hits.store) < hits.total.saturating_mul(hits.total);
        self.condition(engine, if in_order { Way::Text } else { Way::Index })
    }

    fn condition(&self, engine: Engine, way: Way) -> Sql {
        let mut sql = Sql::default();
        match way {
            Way::Index => {
                let found = engine.found(&self.words, &self.grams);
                sql.push("r.id IN (SELECT s.record_id FROM ").push(found.from);
                sql.push(" WHERE ").append(&found.condition).push(")");
            }
            Way::Text => {
                sql.push("EXISTS (SELECT 1 FROM record_text s WHERE s.record_id = r.id AND ");
                sql.append(&engine.holds(&self.words)).push(")");
            }
        }
        sql
    }
}

/// The records of all registers that the reader may see and that have all words of the question.
pub async fn search(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    question: &str,
    limit: usize,
) -> Result<Vec<Found>> {
    let Some(asked) = Question::of(question).filter(Question::can_match) else { return Ok(Vec::new()) };
    let visible = visibility::of_registers(standing, &pack.registers);
    let mut condition = visible.clone();
    condition.push(" AND ").append(&asked.condition(reading.engine(), Way::Index));
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
